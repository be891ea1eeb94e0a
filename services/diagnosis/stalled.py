"""Everything that stands still, over all generations, grouped by cause.

Costs the open runs and what ended in the last days, not the history: nine statements at most, and one
where the usual times of models are not cached; three round trips to Redis, and two for each 500 jobs
that were rung.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.states import OPEN_SLOTS, EntryKind, Kind, SlotState
from services.core.thresholds import Thresholds
from services.database.clock import ago
from services.database.models import Account, Generation, LedgerEntry, Slot
from services.diagnosis.causes import Cause, Severity
from services.diagnosis.facts import House, RunFacts
from services.diagnosis.facts_gathering.gather import Sources, ask_queue, with_jobs
from services.diagnosis.facts_gathering.runs import RunReader, enqueued_job_ids
from services.diagnosis.facts_gathering.system import read_system_facts
from services.diagnosis.findings import Evidence, Finding
from services.diagnosis.rules import run_findings
from services.diagnosis.stalled_report import StalledGroup, StalledItem, StalledReport
from services.people.visibility import visible_generations
from services.remedies.base import RemedyOffer
from services.remedies.registry import REMEDIES

MOST_RUNS = 5000
ITEMS = 50
ACCOUNTS = 5
MONEY_DAYS = 7
PAYMENTS = (EntryKind.CHARGE, EntryKind.REFUND)
KEPT_SLOTS = (SlotState.FILLED, *OPEN_SLOTS)
QUIET = frozenset({Cause.WORKING, Cause.HEALTHY, Cause.WAITING_ITS_TURN})
"""What goes on as it should is not listed."""

Head = tuple[str, Kind, str, datetime]
"""Title, kind, account's name, and when it was started."""


class StalledReader:
    """Reads and groups; one for all sessions, its callers cache."""

    def __init__(self, sources: Sources, limits: Thresholds) -> None:
        self._ask = sources
        self._limits = limits
        self._runs = RunReader(sources.durations, sources.slow)

    def read(self, actor: Actor) -> StalledReport:
        """Raises DatabaseUnavailableError; a Redis that is away is told."""
        with self._ask.database.transaction() as session:
            found = self._runs.open_ones(session, MOST_RUNS)
            house = read_system_facts(session, None, self._ask.provider_states)
            uneven = _uneven(session)
            ids = {generation_id for generation_id, _ in found} | set(uneven)
            heads = _heads(session, actor, ids)
        runs = [run for _, run in found]
        queue, jobs = ask_queue(self._ask.queue, enqueued_job_ids(runs))
        if jobs:
            with self._ask.database.transaction() as session:
                runs = with_jobs(session, runs, jobs)
        house = replace(house, queue=queue)
        generation_of = {run.id: generation_id for generation_id, run in found}
        findings = [
            (generation_of[run.id], run, self._loudest(house, run))
            for run in runs
            if generation_of[run.id] in heads
        ]
        listed = [
            _item(heads[generation_id], generation_id, finding, run.created_at)
            for generation_id, run, finding in findings
            if finding.cause not in QUIET
        ]
        listed += [
            _item(heads[generation_id], generation_id, finding, house.now)
            for generation_id, finding in uneven.items()
            if generation_id in heads
        ]
        unasked = () if queue else ("Redis",)
        return StalledReport(_groups(listed), len(runs), house.now, unasked)

    def _loudest(self, house: House, run: RunFacts) -> Finding:
        found = run_findings(house, run, self._limits)
        return min(found, key=lambda it: (it.severity is not Severity.ACT, it.cause in QUIET))


Listed = tuple[Finding, StalledItem]


def _item(head: Head, generation_id: str, finding: Finding, begun: datetime) -> Listed:
    title, kind, account_name, _ = head
    return finding, StalledItem(
        generation_id=generation_id,
        run_id=finding.run_id,
        title=title,
        kind=kind,
        account_name=account_name,
        since=finding.since or begun,
        sentence=finding.sentence,
        offers=finding.remedies,
    )


def _groups(listed: Sequence[Listed]) -> tuple[StalledGroup, ...]:
    """What needs a person first, then the largest."""
    by_cause: dict[tuple[Severity, Cause], list[Listed]] = {}
    for finding, item in listed:
        by_cause.setdefault((finding.severity, finding.cause), []).append((finding, item))
    groups = [_group(*key, alike) for key, alike in by_cause.items()]
    return tuple(sorted(groups, key=lambda it: (it.severity is not Severity.ACT, -it.count)))


def _group(severity: Severity, cause: Cause, alike: Sequence[Listed]) -> StalledGroup:
    items = sorted((item for _, item in alike), key=lambda it: it.since)
    remedy = _common_remedy(items)
    accounts = Counter(item.account_name for item in items).most_common(ACCOUNTS)
    return StalledGroup(
        cause=cause,
        severity=severity,
        count=len(items),
        oldest_at=items[0].since,
        accounts=tuple(accounts),
        items=tuple(items[:ITEMS]),
        remedy=remedy,
        subjects=_subjects(items, remedy),
    )


def _common_remedy(items: Sequence[StalledItem]) -> str | None:
    """The safest that is offered to all of them and needs nothing beside its subject."""
    offered = [{offer.remedy_id for offer in item.offers if not offer.argument} for item in items]
    common = {name for name in set.intersection(*offered) if not REMEDIES[name].argument}
    return next((offer.remedy_id for offer in items[0].offers if offer.remedy_id in common), None)


def _subjects(items: Sequence[StalledItem], kind: str | None) -> tuple[str, ...]:
    """Whom the common remedy is ordered for, each once."""
    return tuple(
        dict.fromkeys(
            offer.subject_id for item in items for offer in item.offers if offer.remedy_id == kind
        )
    )


def _heads(session: Session, actor: Actor, ids: Iterable[str]) -> dict[str, Head]:
    """Of those that this person may see."""
    rows = session.execute(
        select(
            Generation.id, Generation.title, Generation.kind, Account.name, Generation.created_at
        )
        .join(Account, Account.id == Generation.account_id)
        .where(Generation.id.in_(list(ids)), *visible_generations(actor))
    )
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}


def _uneven(session: Session) -> dict[str, Finding]:
    """Generations that ended in the last days and whose credits do not add up."""
    # Looked up for each of them: joined, PostgreSQL would read every slot and the whole ledger.
    paid = (
        select(-func.sum(LedgerEntry.amount))
        .where(LedgerEntry.generation_id == Generation.id, LedgerEntry.kind.in_(PAYMENTS))
        .scalar_subquery()
    )
    kept = (
        select(func.coalesce(func.sum(Slot.price_credits), 0))
        .where(Slot.generation_id == Generation.id, Slot.state.in_(KEPT_SLOTS))
        .scalar_subquery()
    )
    surplus = kept - paid
    is_recent = Generation.finished_at > ago(timedelta(days=MONEY_DAYS))
    rows = session.execute(select(Generation.id, surplus).where(is_recent, surplus != 0))
    return {row[0]: _uneven_finding(str(row[0]), int(row[1])) for row in rows}


def _uneven_finding(generation_id: str, surplus: int) -> Finding:
    is_missing = surplus < 0
    told = "never given back" if is_missing else "given back more than was charged"
    return Finding(
        Cause.REFUND_MISSING if is_missing else Cause.REFUND_DOUBLED,
        Severity.ACT,
        f"{abs(surplus)} credits were {told}.",
        (Evidence("database", f"Its credits are {abs(surplus)} apart."),),
        (RemedyOffer("settle_refund", generation_id),),
    )
