"""Turn facts into ranked findings: pure, no clock, no network, no database."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain

from services.core.states import ACTIVE_RUNS, RunState, SlotState
from services.core.thresholds import Thresholds
from services.diagnosis.cause import Finding, Scope, Severity
from services.diagnosis.causes.at_provider import Working
from services.diagnosis.causes.ended_slots import EndedFailed, ParentFailed
from services.diagnosis.causes.healthy import Healthy
from services.diagnosis.facts.models import CaseFacts, RunCase, RunFacts, SlotFacts
from services.diagnosis.facts.system import SystemFacts
from services.diagnosis.registry import (
    BY_FAILURE,
    BY_ID,
    FOUND_AT_PROVIDER,
    FOUND_BESIDE,
    FOUND_HERE,
    FOUND_IN_GENERATION,
)
from services.diagnosis.shared_rules import clock

DEFAULT = Thresholds()
_SEVERITY_ORDER = {severity: place for place, severity in enumerate(Severity)}
_SCOPE_ORDER = {Scope.CREDITS: 0, Scope.RUN: 1, Scope.SLOT: 1, Scope.SYSTEM: 2}


def run_findings(system: SystemFacts, run: RunFacts, limits: Thresholds = DEFAULT) -> list[Finding]:
    """Find what holds for one open run, at least one finding; nothing for one that has ended."""
    if run.state not in ACTIVE_RUNS and run.state is not RunState.NEEDS_REVIEW:
        return []
    case = RunCase(system, run, limits)
    found = [
        *_first(it.find_here(case) for it in FOUND_HERE),
        *_first(it.find_at_provider(case) for it in FOUND_AT_PROVIDER),
        *chain.from_iterable(it.find_beside(case) for it in FOUND_BESIDE),
    ]
    return [_escalated(it, system.now) for it in found] or [Working().beginning(case)]


def findings_of(case: CaseFacts, limits: Thresholds = DEFAULT) -> tuple[Finding, ...]:
    """Find what holds for a generation, the verdict first; never empty."""
    found: list[Finding] = []
    for run in case.runs:
        found += run_findings(case.system, run, limits)
    found += _ended(case)
    for generation_cause in FOUND_IN_GENERATION:
        found += generation_cause.find_in_generation(case)
    escalated = (_escalated(it, case.system.now) for it in found)
    return tuple(ranked(escalated)) or (Healthy().of_generation(case),)


def _ended(case: CaseFacts) -> Iterator[Finding]:
    """Report ended slots: one finding for each reason, and one for all that depend on those."""
    skipped = case.skipped_slots
    groups: dict[tuple[str, str | None], list[SlotFacts]] = {}
    for slot in case.ended_slots:
        failure = "canceled" if slot.state is SlotState.CANCELED else slot.failure or ""
        if slot not in skipped:
            groups.setdefault((failure, slot.failure_detail), []).append(slot)
    for (failure, _), slots in groups.items():
        yield BY_FAILURE.get(failure, EndedFailed()).find_ended(case, slots)
    if skipped:
        yield ParentFailed().find_ended(case, skipped)


def _escalated(finding: Finding, now: datetime) -> Finding:
    """Name the cause in its offers; require action for what should have resumed by itself by now."""
    finding = replace(
        finding, remedies=tuple(replace(it, cause=finding.cause) for it in finding.remedies)
    )
    if finding.severity is not Severity.WAIT or finding.until is None or finding.until > now:
        return finding
    return replace(
        finding,
        severity=Severity.ACT,
        is_healing=False,
        sentence=f"{finding.sentence} It should have resumed by {clock(finding.until)} and did not.",
    )


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings: the most severe first, those of the run before those of the system."""
    return sorted(findings, key=_rank)


def merged(findings: Iterable[Finding]) -> Iterator[tuple[Finding, int]]:
    """Yield one finding per cause with the number of its runs or slots, in their order."""
    by_cause: dict[str, list[Finding]] = {}
    for finding in findings:
        by_cause.setdefault(finding.cause, []).append(finding)
    for duplicates in by_cause.values():
        yield duplicates[0], len(duplicates)


def _first(answers: Iterable[Iterable[Finding]]) -> list[Finding]:
    return next((found for found in map(list, answers) if found), [])


def _rank(finding: Finding) -> tuple[int, int, int, float]:
    cause = BY_ID[finding.cause]
    since = finding.since.timestamp() if finding.since else float("inf")
    return (_SEVERITY_ORDER[finding.severity], cause.rank, _SCOPE_ORDER[cause.scope], since)
