"""Texts to copy from a diagnosis: a reply to the customer, a report for the provider.

Pure functions. Neither text contains a token or a signed address; the report names no customer.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from services.core.humanize import count_of
from services.core.redaction import MASK, redact
from services.core.states import ACTIVE_RUNS
from services.diagnosis.cause import Cause, Finding, Severity
from services.diagnosis.detail import Subject
from services.diagnosis.facts.models import AttemptFacts, CaseFacts, CreditFacts, RunFacts
from services.diagnosis.registry import BY_ID
from services.providers.registry import provider_label

LOOKED_INTO = "We are looking into it and will write to you again."
MAX_LOG_LINES = 30
MAX_LOG_LINE_CHARACTERS = 300
MAX_RUNS = 10
MIN_NAME_CHARACTERS = 3
_SPACE = re.compile(r"\s+")
_PROMPT = re.compile(r"prompt|caption", re.IGNORECASE)


def customer_answer(subject: Subject, verdict: Finding, case: CaseFacts) -> str:
    """Write the state, what happens next, and where the credits are, for the customer."""
    cause = BY_ID[verdict.cause]
    title = _line(subject.title)
    sections = [
        f'About "{title}" ({subject.generation_id}):',
        cause.reply,
        _arrived(subject),
        _next(cause, verdict),
        _estimate(cause, case),
        *_credits(case.credits),
    ]
    return redact(" ".join(filter(None, sections)))


def _next(cause: Cause, verdict: Finding) -> str:
    """Promise what happens next: not that it heals by itself when a person must act."""
    heals = Severity.WAIT in cause.severities
    return LOOKED_INTO if verdict.severity is Severity.ACT and heals else cause.reply_next


def provider_report(subject: Subject, verdict: Finding, case: CaseFacts) -> str:
    """Write what the provider needs to investigate, in Markdown; contains no prompt."""
    runs = [run for run in _runs_of(verdict, case) if run.attempt][:MAX_RUNS]
    names = [subject.title, subject.account_name, subject.person_name]
    sections = [
        "# A prediction to investigate" if len(runs) == 1 else "# Predictions to investigate",
        f"**What we see.** {verdict.title}.",
        f"**What we expected.** {BY_ID[verdict.cause].expected}",
        f"**Asked at.** {_time(case.system.now)}",
    ]
    for run in runs:
        sections += _report_of(run, names)
    if not runs:
        sections.append("Nothing was sent to the provider.")
    return redact("\n\n".join(sections)) + "\n"


def _arrived(subject: Subject) -> str:
    if subject.total < 2 or subject.filled == subject.total:
        return ""
    return f"{subject.filled} of {subject.total} pictures are there."


def _credits(money: CreditFacts) -> Iterable[str]:
    if money.returned:
        yield f"{count_of(money.returned, 'credit')} {_are(money.returned)} back on your account."
    owed = len(money.unrefunded_slots)
    if owed:
        yield f"The credits for {count_of(owed, 'picture')} are still to be refunded to you."
    if money.held:
        yield (
            f"{count_of(money.held, 'credit')} {_are(money.held)} set aside until it ends; you get back"
            " those of whatever does not arrive."
        )


def _estimate(cause: Cause, case: CaseFacts) -> str:
    now = case.system.now
    active = [run for run in case.runs if run.state in ACTIVE_RUNS]
    if cause.has_estimate:
        left = [_seconds_left(run, now) for run in active]
        known = [seconds for seconds in left if seconds]
        if known:
            return f"It should take about {_span(max(known))}."
    if cause.has_deadline:
        ends = [run.deadline_at for run in active if run.deadline_at and run.deadline_at > now]
        if ends:
            return f"It ends within {_span((max(ends) - now).total_seconds())} in any case."
    return ""


def _seconds_left(run: RunFacts, now: datetime) -> float | None:
    if run.median_seconds is None:
        return None
    since = run.accepted_at or run.started_at or now
    left = run.median_seconds - (now - since).total_seconds()
    return left if left > 0 else None


def _runs_of(verdict: Finding, case: CaseFacts) -> list[RunFacts]:
    """Select the run of the verdict, else the open ones, else all."""
    named = [run for run in case.runs if run.id == verdict.run_id]
    named = named or [run for run in case.runs if verdict.slot_id in run.slot_ids]
    return named or [run for run in case.runs if run.state in ACTIVE_RUNS] or list(case.runs)


def _report_of(run: RunFacts, names: list[str]) -> list[str]:
    attempt = run.attempt
    if attempt is None:
        return []
    rows = [f"| {name} | {value} |" for name, value in _facts(run, attempt, names) if value]
    label = provider_label(attempt.provider)
    sections = [f"## At {label}: {attempt.prediction_id or 'no id returned'}"]
    sections.append("\n".join(["| | |", "| --- | --- |", *rows]))
    log = _log((run.live and run.live.logs) or attempt.logs, names)
    if log:
        sections.append(f"The last lines of its log:\n\n```text\n{log}\n```")
    return sections


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
        ("Status", _cell((live.status if live else None) or run.provider_status or "unknown")),
        ("Poll", _cell(_without(problem or "", names))),
        ("Sent", _time(attempt.created_at)),
        ("Accepted", _time(attempt.accepted_at)),
        ("Started", _time((live.started_at if live else None) or attempt.started_at)),
        ("Ended", _time((live.completed_at if live else None) or attempt.finished_at)),
        ("Deadline", _time(run.deadline_at)),
        ("Outputs", str(live.output_count if live else attempt.output_count)),
        ("Error", _cell(_without(error or "", names))),
    ]


def _log(logs: str, names: list[str]) -> str:
    """Cut a log to its newest lines, without those that repeat the prompt."""
    # Masked before it is cut: half a token would look like none.
    masked = redact(logs.replace("\r", "\n"))
    lines = [line.rstrip() for line in masked.splitlines() if line.strip()]
    newest = [line for line in lines if not _PROMPT.search(line)][-MAX_LOG_LINES:]
    shown = [_without(line, names)[:MAX_LOG_LINE_CHARACTERS] for line in newest]
    return "\n".join(shown).replace("```", "'''")


def _without(text: str, names: list[str]) -> str:
    """Mask the customer's names, which a log or an error may repeat."""
    for name in sorted(names, key=len, reverse=True):
        if len(name) >= MIN_NAME_CHARACTERS:
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


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
