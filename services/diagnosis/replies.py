"""Texts to copy from a diagnosis: an answer for the customer, a report for the provider.

Pure functions. Neither text ever holds a token or a signed address; the report names no customer.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from services.core.redaction import MASK, redact
from services.core.states import ACTIVE_RUNS
from services.diagnosis.causes import Cause
from services.diagnosis.facts import AttemptFacts, Case, Money, RunFacts
from services.diagnosis.findings import Finding, Subject
from services.diagnosis.reply_templates import ANSWER_WORDS
from services.providers.registry import provider_label

MOST_LOG_LINES = 30
MOST_LOG_LINE_CHARACTERS = 300
MOST_RUNS = 10
_LEAST_NAME_CHARACTERS = 3
_GOES_ON = frozenset(
    {
        Cause.WORKING,
        Cause.WAITING_ITS_TURN,
        Cause.NEVER_ENQUEUED,
        Cause.REDIS_LOST_JOB,
        Cause.COLD_START,
    }
)
_ENDS_BY_DEADLINE = frozenset({Cause.SLOW_PROVIDER, Cause.COLD_START, Cause.TRAINING_AT_ZERO})
_SPACE = re.compile(r"\s+")
_PROMPT = re.compile(r"prompt|caption", re.IGNORECASE)


def customer_answer(subject: Subject, verdict: Finding, case: Case) -> str:
    """How it stands, what happens next, and where the credits are, in plain words."""
    words = ANSWER_WORDS[verdict.cause]
    title = _line(subject.title)
    parts = [
        f'About "{title}" ({subject.generation_id}):',
        words.told,
        _arrived(subject),
        words.then,
        _estimate(verdict.cause, case),
        *_credits(case.money),
    ]
    return redact(" ".join(part for part in parts if part))


def provider_report(
    subject: Subject, verdict: Finding, case: Case, *, with_prompt: str = ""
) -> str:
    """What the provider needs to look into it, in Markdown; `with_prompt` is quoted if given."""
    runs = [run for run in _runs_of(verdict, case) if run.attempt][:MOST_RUNS]
    names = [subject.title, subject.account_name, subject.person_name]
    parts = [
        "# A prediction to look into" if len(runs) == 1 else "# Predictions to look into",
        f"**What we see.** {verdict.title}.",
        f"**What we expected.** {ANSWER_WORDS[verdict.cause].expected}",
        f"**Asked at.** {_time(case.house.now)}",
    ]
    parts += [f"**Prompt.** {_line(with_prompt)}"] if with_prompt else []
    for run in runs:
        parts += _report_of(run, [] if with_prompt else names, is_prompt_told=bool(with_prompt))
    if not runs:
        parts.append("Nothing was sent to the provider.")
    return redact("\n\n".join(parts)) + "\n"


def _arrived(subject: Subject) -> str:
    if subject.total < 2 or subject.filled == subject.total:
        return ""
    return f"{subject.filled} of {subject.total} pictures are there."


def _credits(money: Money) -> Iterable[str]:
    if money.refunded:
        yield f"{_count(money.refunded, 'credit')} {_are(money.refunded)} back on your account."
    owed = len(money.unrefunded_slots)
    if owed:
        yield f"The credits for {_count(owed, 'picture')} are still to be given back to you."
    if money.held:
        yield (
            f"{_count(money.held, 'credit')} {_are(money.held)} set aside until it ends; you get back"
            " those of whatever does not arrive."
        )


def _estimate(cause: Cause, case: Case) -> str:
    now = case.house.now
    active = [run for run in case.runs if run.state in ACTIVE_RUNS]
    if cause in _GOES_ON:
        left = [_seconds_left(run, now) for run in active]
        known = [seconds for seconds in left if seconds]
        if known:
            return f"It should take about {_span(max(known))}."
    if cause in _ENDS_BY_DEADLINE:
        ends = [run.deadline_at for run in active if run.deadline_at and run.deadline_at > now]
        if ends:
            return f"It ends within {_span((max(ends) - now).total_seconds())} in any case."
    return ""


def _seconds_left(run: RunFacts, now: datetime) -> float | None:
    if run.usual_seconds is None:
        return None
    since = run.accepted_at or run.started_at or now
    left = run.usual_seconds - (now - since).total_seconds()
    return left if left > 0 else None


def _runs_of(verdict: Finding, case: Case) -> list[RunFacts]:
    """The run of the verdict, else what is not done, else all."""
    named = [run for run in case.runs if run.id == verdict.run_id]
    named = named or [run for run in case.runs if verdict.slot_id in run.slot_ids]
    return named or [run for run in case.runs if run.state in ACTIVE_RUNS] or list(case.runs)


def _report_of(run: RunFacts, names: list[str], *, is_prompt_told: bool) -> list[str]:
    attempt = run.attempt
    if attempt is None:
        return []
    rows = [f"| {name} | {value} |" for name, value in _facts(run, attempt, names) if value]
    label = provider_label(attempt.provider)
    parts = [f"## At {label}: {attempt.prediction_id or 'no id was told'}"]
    parts.append("\n".join(["| | |", "| --- | --- |", *rows]))
    log = _log(run.live.logs if run.live else "", names, is_prompt_told=is_prompt_told)
    if log:
        parts.append(f"The last lines of its log:\n\n```text\n{log}\n```")
    return parts


def _facts(run: RunFacts, attempt: AttemptFacts, names: list[str]) -> list[tuple[str, str]]:
    live = run.live
    model, _, version = redact(attempt.model).partition(":")
    error = (live.error if live else None) or attempt.failure_detail or run.failure_detail
    problem = live.problem if live else None
    return [
        ("Model", _cell(model)),
        ("Version", _cell(version or attempt.version or "")),
        ("Prediction", _cell(attempt.prediction_id or "")),
        ("Other candidates", _cell(", ".join(run.candidates))),
        ("Link", _cell((live.web_url if live else None) or attempt.web_url or "")),
        ("Seed", str(attempt.seed)),
        ("Status", _cell((live.status if live else None) or run.provider_status or "not told")),
        ("Asked for it", _cell(_without(problem or "", names))),
        ("Sent", _time(attempt.created_at)),
        ("Accepted", _time(attempt.accepted_at)),
        ("Started", _time((live.started_at if live else None) or attempt.started_at)),
        ("Ended", _time((live.completed_at if live else None) or attempt.finished_at)),
        ("Deadline", _time(run.deadline_at)),
        ("Outputs", str(live.output_count if live else attempt.output_count)),
        ("Error", _cell(_without(error or "", names))),
    ]


def _log(logs: str, names: list[str], *, is_prompt_told: bool) -> str:
    """The newest lines; those that repeat the prompt only when it is told anyway."""
    # Masked before it is cut: half a token would look like none.
    whole = redact(logs.replace("\r", "\n"))
    lines = [line.rstrip() for line in whole.splitlines() if line.strip()]
    kept = [line for line in lines if is_prompt_told or not _PROMPT.search(line)]
    shown = [_without(line, names)[:MOST_LOG_LINE_CHARACTERS] for line in kept[-MOST_LOG_LINES:]]
    return "\n".join(shown).replace("```", "'''")


def _without(text: str, names: list[str]) -> str:
    """Without the customer's words, which a log or an error may repeat."""
    for name in sorted(names, key=len, reverse=True):
        if len(name) >= _LEAST_NAME_CHARACTERS:
            text = re.sub(re.escape(name), MASK, text, flags=re.IGNORECASE)
    return text


def _time(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")


def _line(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _span(seconds: float) -> str:
    if seconds < 90:
        return "a minute" if seconds > 40 else "half a minute"
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 90 else f"{round(minutes / 60)} hours"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
