"""From facts to findings: pure functions, no clock, no network, no database.

Each rule set answers one question about one run; the first that knows why it does not go on is
believed, and what holds for the provider's side is told beside it.
"""

from collections.abc import Iterable, Iterator

from services.core.states import ACTIVE_RUNS, GenerationState, RunState
from services.core.thresholds import Thresholds
from services.diagnosis.causes import CAUSES, Cause, Scope, Severity
from services.diagnosis.facts import Case, House, RunFacts
from services.diagnosis.findings import Evidence, Finding
from services.diagnosis.rule_sets.money_rules import money_findings
from services.diagnosis.rule_sets.output_rules import (
    saving_finding,
    storage_finding,
    unfetched_finding,
)
from services.diagnosis.rule_sets.provider_rules import unknown_finding, waiting_finding
from services.diagnosis.rule_sets.queue_rules import enqueued_finding, not_enqueued_finding
from services.diagnosis.rule_sets.slot_rules import slot_findings
from services.diagnosis.rule_sets.worker_rules import held_finding, shadow_finding

DEFAULT = Thresholds()
_LOUDNESS = {Severity.ACT: 0, Severity.WAIT: 1, Severity.TOLD: 2}
_CLOSENESS = {Scope.MONEY: 0, Scope.RUN: 1, Scope.SLOT: 1, Scope.HOUSE: 2}
_PLACE = {
    Cause.PARTLY_FILLED: -1,
    Cause.WORKING: 1,
    Cause.WAITING_ITS_TURN: 1,
    Cause.HEALTHY: 1,
}
"""Among findings that are equally loud: the sum of a batch comes first, the usual course last."""


def run_findings(house: House, run: RunFacts, limits: Thresholds = DEFAULT) -> list[Finding]:
    """Everything that holds for one run now; none for one that has ended."""
    if run.state is RunState.NEEDS_REVIEW:
        return _known(unknown_finding(house, run))
    if run.state not in ACTIVE_RUNS:
        return []
    stuck = (
        held_finding(house, run, limits)
        or enqueued_finding(house, run, limits)
        or not_enqueued_finding(house, run, limits)
    )
    there = (
        unknown_finding(house, run)
        or storage_finding(house, run, limits)
        or unfetched_finding(house, run, limits)
        or waiting_finding(house, run, limits)
        or saving_finding(house, run)
    )
    found = _known(stuck, there, shadow_finding(house, run))
    return found or [_beginning(run)]


def findings_of(case: Case, limits: Thresholds = DEFAULT) -> tuple[Finding, ...]:
    """All findings of a generation, the verdict first; never empty."""
    found: list[Finding] = []
    for run in case.runs:
        found += run_findings(case.house, run, limits)
    found += slot_findings(case)
    found += money_findings(case)
    return tuple(ranked(found)) or (_healthy(case),)


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """The loudest first; what is about this very run before what is about the whole house."""
    return sorted(findings, key=_rank)


def _rank(finding: Finding) -> tuple[int, int, int, float]:
    at = finding.since.timestamp() if finding.since else float("inf")
    return (
        _LOUDNESS[finding.severity],
        _PLACE.get(finding.cause, 0),
        _CLOSENESS[CAUSES[finding.cause].scope],
        at,
    )


def _known(*findings: Finding | None) -> list[Finding]:
    return [finding for finding in findings if finding is not None]


def merged(findings: Iterable[Finding]) -> Iterator[tuple[Finding, int]]:
    """One finding for each cause, with how many runs or slots it holds for, in their order."""
    by_cause: dict[Cause, list[Finding]] = {}
    for finding in findings:
        by_cause.setdefault(finding.cause, []).append(finding)
    for alike in by_cause.values():
        yield alike[0], len(alike)


def _beginning(run: RunFacts) -> Finding:
    doing = "It is about to be sent." if run.state is RunState.QUEUED else "A worker is at it."
    return Finding(
        Cause.WORKING,
        Severity.TOLD,
        doing,
        (Evidence("database", f"Its run is {run.state.value}, step {run.seq}."),),
        run_id=run.id,
        since=run.created_at,
    )


def _healthy(case: Case) -> Finding:
    filled = sum(slot.file is not None for slot in case.slots)
    told = {
        GenerationState.SUCCEEDED: f"All {len(case.slots)} are made and stored.",
    }.get(case.generation.state, f"{filled} of {len(case.slots)} are stored.")
    return Finding(
        Cause.HEALTHY,
        Severity.TOLD,
        told,
        (Evidence("database", f"Its state is {case.generation.state.value}."),),
        since=case.generation.finished_at,
    )
