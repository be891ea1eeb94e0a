"""The texts to copy: plain words for the customer, everything useful for the provider, no secret."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.core.redaction import redact
from services.core.states import AttemptState, GenerationState, Kind, QueueName, RunState
from services.diagnosis.cause import Cause, Finding, Severity
from services.diagnosis.detail import Subject
from services.diagnosis.facts.models import (
    AttemptFacts,
    CaseFacts,
    CreditFacts,
    GenerationFacts,
    LivePrediction,
    RunFacts,
)
from services.diagnosis.facts.system import SystemFacts
from services.diagnosis.registry import BY_ID, CAUSES
from services.diagnosis.replies import customer_answer, provider_report

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
PREDICTION = "rrr4z55ocneqzikepnug6xezpe"
SECRETS = [
    "r8_abcdefghij0123456789",
    "hf_abcdefghij0123456789",
    "AIzaSyabcdefghij0123456789",
    "AKIAABCDEFGH01234567",
    "sk-abcdefghij0123456789",
    "eyJhbGciOiJIUzI1NiJ9.e30.abcdefghij",
    "s3cretvalue0123456789",
    "f00dfeedf00dfeedf00dfeed",
]
CARRIERS = [
    "{token}",
    "Bearer {token}",
    "Authorization: Bearer {token}",
    "api_key={token}",
    '"password": "{token}"',
    "https://b.s3.amazonaws.com/originals/a.png?X-Amz-Signature={token}&X-Amz-Expires=900",
    "redis://default:{token}@redis.internal:6379/0",
    "http://user:{token}@host/path",
    "data:image/png;base64,{token}",
    "X-Amz-Signature={token}",
]


def subject(**changes: Any) -> Subject:
    """A batch of three pictures, one of which is there."""
    return replace(
        Subject(
            generation_id="gen_1",
            kind="poses",
            title="Fennel waves",
            state="running",
            account_id="acc_lisboa",
            account_name="Café Lisboa",
            person_name="Ana Sousa",
            created_at=NOW - timedelta(minutes=5),
            finished_at=None,
            filled=1,
            total=3,
        ),
        **changes,
    )


def attempt(**changes: Any) -> AttemptFacts:
    """A create that was accepted."""
    return replace(
        AttemptFacts(
            id="att_1",
            provider="replicate",
            model="fofr/consistent-character",
            state=AttemptState.RUNNING,
            seed=4711,
            prediction_id=PREDICTION,
            web_url=f"https://replicate.com/p/{PREDICTION}",
            token_fingerprint="fp",
            created_at=NOW - timedelta(minutes=4),
            accepted_at=NOW - timedelta(minutes=4),
            started_at=None,
            finished_at=None,
            failure_detail=None,
            version="9c77a3c2f884",
        ),
        **changes,
    )


def run(**changes: Any) -> RunFacts:
    """A run that waits at its provider."""
    return replace(
        RunFacts(
            id="run_1",
            generation_id="gen_1",
            kind=Kind.POSES,
            provider="replicate",
            queue=QueueName.DEFAULT,
            state=RunState.WAITING,
            seq=3,
            due_at=NOW,
            enqueued_at=None,
            lease_until=None,
            worker="worker-7",
            step_failures=0,
            provider_status="processing",
            progress=None,
            stage=None,
            deadline_at=NOW + timedelta(minutes=25),
            failure_detail=None,
            created_at=NOW - timedelta(minutes=5),
            started_at=NOW - timedelta(minutes=4),
            accepted_at=NOW - timedelta(minutes=4),
            finished_at=None,
            slot_ids=("slot_1",),
            ahead=0,
            attempt=attempt(),
            median_seconds=540.0,
        ),
        **changes,
    )


def case(*runs: RunFacts, money: CreditFacts | None = None) -> CaseFacts:
    """These runs in a system without trouble."""
    generation = GenerationFacts(
        id="gen_1",
        kind=Kind.POSES,
        title="Fennel waves",
        state=GenerationState.RUNNING,
        account_id="acc_lisboa",
        account_name="Café Lisboa",
        person_name="Ana Sousa",
        created_at=NOW,
        finished_at=None,
    )
    system = SystemFacts(NOW, (), {}, None, {})
    return CaseFacts(system, generation, runs or (run(),), (), money or CreditFacts(90, 30, 30, 30))


def verdict(cause: str, **changes: Any) -> Finding:
    """A cause of the first run."""
    found = BY_ID[cause].finding("worker-7 holds run_1 for Café Lisboa.", run=run())
    return replace(found, **changes)


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)
def test_every_cause_has_a_reply_and_an_expectation(cause: Cause) -> None:
    assert all(it.endswith(".") for it in (cause.reply, cause.reply_next, cause.expected))


@pytest.mark.parametrize("cause", BY_ID)
def test_customer_reply_contains_no_internals(cause: str) -> None:
    reply = customer_answer(subject(), verdict(cause), case())
    assert reply.startswith('About "Fennel waves" (gen_1):')
    assert "1 of 3 pictures are there." in reply
    for inside in ("run_1", "slot_1", "att_1", "worker", "Redis", "Replicate", PREDICTION, "acc_"):
        assert inside not in reply


def test_customer_reply_names_where_the_credits_are() -> None:
    money = CreditFacts(90, 30, 1, 29, unrefunded_slots=("slot_1",))
    reply = customer_answer(subject(), verdict("refund_missing"), case(money=money))
    assert "1 credit is back on your account." in reply
    assert "The credits for 1 picture are still to be refunded" in reply
    assert "29 credits are set aside until it ends" in reply
    nothing = customer_answer(subject(), verdict("working"), case(money=CreditFacts()))
    assert "credit" not in nothing


def test_customer_gets_an_estimate_where_one_is_known() -> None:
    assert "about 5 minutes." in customer_answer(subject(), verdict("working"), case())
    slow = customer_answer(subject(), verdict("slow_provider"), case())
    assert "within 25 minutes in any case." in slow
    unknown = case(run(median_seconds=None, deadline_at=None))
    assert "about 5" not in customer_answer(subject(), verdict("working"), unknown)


def test_report_holds_what_a_provider_asks_for() -> None:
    live = LivePrediction(
        at=NOW, status="failed", error="CUDA error | oops", logs="step 1\nstep 2\n"
    )
    report = provider_report(subject(), verdict("ended_failed"), case(run(live=live)))
    for fact in (
        "| Model | fofr/consistent-character |",
        "| Version | 9c77a3c2f884 |",
        f"| Prediction | {PREDICTION} |",
        f"https://replicate.com/p/{PREDICTION}",
        "| Seed | 4711 |",
        "| Status | failed |",
        "| Error | CUDA error \\| oops |",
        "| Sent | 2026-11-28T11:56:00Z |",
        "```text\nstep 1\nstep 2\n```",
        "**What we expected.**",
    ):
        assert fact in report


def test_report_names_no_customer_and_contains_no_prompt() -> None:
    logs = "Prompt: a fox for Café Lisboa\nhello ana sousa\nFennel waves done"
    given = case(run(live=LivePrediction(at=NOW, status="processing", logs=logs)))
    report = provider_report(subject(), verdict("slow_provider"), given)
    for hidden in ("a fox", "Lisboa", "ana sousa", "Fennel", "gen_1", "run_1"):
        assert hidden not in report


def test_report_of_a_run_that_was_never_sent_states_that() -> None:
    report = provider_report(subject(), verdict("never_enqueued"), case(run(attempt=None)))
    assert "Nothing was sent to the provider." in report


def test_log_is_cut_to_its_newest_lines() -> None:
    logs = "\n".join(f"line-{number}-" for number in range(100)) + "\n```\n" + "x" * 5_000
    given = case(run(live=LivePrediction(at=NOW, status="processing", logs=logs)))
    report = provider_report(subject(), verdict("slow_provider"), given)
    assert "line-99-" in report and "line-71-" not in report
    assert report.count("```") == 2 and "x" * 301 not in report


@pytest.mark.parametrize(
    ("carrier", "token"),
    # Alone, the last two are like any word.
    [(c, t) for c in CARRIERS for t in (SECRETS[:-2] if c == "{token}" else SECRETS)],
)
def test_no_secret_is_left_in_a_text(carrier: str, token: str) -> None:
    assert token not in redact(f"before {carrier.format(token=token)} after")


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(SECRETS[:-2]),
    st.sampled_from(CARRIERS),
    st.text(max_size=20),
    st.sampled_from(sorted(BY_ID)),
)
def test_neither_text_ever_holds_a_secret(
    token: str, carrier: str, around: str, cause: str
) -> None:
    secret = f"{around} {carrier.format(token=token)} {around}"
    live = LivePrediction(
        at=NOW, status=secret, error=secret, logs=f"{secret}\n{secret}", web_url=secret
    )
    sent = attempt(model=secret, failure_detail=secret, web_url=secret, prediction_id=secret)
    given_case = case(run(live=live, attempt=sent, provider_status=secret, candidates=(secret,)))
    of_batch = subject(title=secret)
    answer = customer_answer(of_batch, verdict(cause), given_case)
    report = provider_report(of_batch, verdict(cause), given_case)
    assert token not in answer + report


def test_ordinary_words_are_not_masked() -> None:
    words = f"See https://replicate.com/p/{PREDICTION} at half_day: 12.5 s, token count 77"
    assert redact(words) == words


@pytest.mark.parametrize("cause", [it for it in CAUSES if Severity.WAIT in it.severities])
def test_what_requires_action_is_not_promised_to_heal_by_itself(cause: Cause) -> None:
    finding = Finding(cause.id, cause.title, Severity.ACT, "It stands still.")
    said = customer_answer(subject(), finding, case())
    assert "by itself" not in said and "We are looking into it" in said
    waits = customer_answer(subject(), replace(finding, severity=Severity.WAIT), case())
    assert cause.reply_next in waits
