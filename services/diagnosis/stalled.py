"""Find everything that is stalled, over all generations, grouped by cause.

Costs the open runs and what ended in the last days, not the history: at most twelve statements, one more
for durations that are not cached; three round trips to Redis, two more for each 500 enqueued jobs.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.states import OPEN_SLOTS, EntryKind, Kind, SlotState
from services.core.thresholds import Thresholds
from services.database.clock import ago
from services.database.models import Account, Generation, LedgerEntry, Slot
from services.diagnosis.cause import Finding, Severity
from services.diagnosis.causes.refunds import RefundDoubled, RefundMissing
from services.diagnosis.facts.gather import (
    Sources,
    ask_queue,
    given_up,
    read_system_facts,
    with_jobs,
)
from services.diagnosis.facts.models import RunFacts
from services.diagnosis.facts.runs import RunReader, enqueued_job_ids
from services.diagnosis.facts.system import SystemFacts
from services.diagnosis.registry import BY_ID
from services.diagnosis.verdict import run_findings
from services.people.visibility import visible_generations
from services.remedies.base import RemedyOffer
from services.remedies.registry import REMEDIES

MAX_RUNS = 5000
MAX_ITEMS = 50
MAX_ACCOUNTS = 5
UNBALANCED_DAYS = 7
PAYMENTS = (EntryKind.CHARGE, EntryKind.REFUND)
PAID_SLOTS = (SlotState.FILLED, *OPEN_SLOTS)


@dataclass(frozen=True)
class StalledItem:
    """One stalled run, or one generation whose credits do not add up."""

    generation_id: str
    run_id: str | None
    title: str
    kind: Kind
    account_name: str
    since: datetime
    sentence: str
    """What happened to this one."""
    offers: tuple[RemedyOffer, ...] = ()
    """The safest first."""


@dataclass(frozen=True)
class StalledGroup:
    """Everything that is stalled for one cause and severity."""

    cause: str
    severity: Severity
    count: int
    """`items` may have fewer."""
    oldest_at: datetime
    accounts: tuple[tuple[str, int], ...]
    """Names with their counts, the largest first."""
    items: tuple[StalledItem, ...]
    remedy: str | None = None
    """The one that can be applied to the group as a bulk fix."""
    subjects: tuple[str, ...] = ()
    """The subjects of that remedy, each once."""

    @property
    def title(self) -> str:
        """The cause's title."""
        return BY_ID[self.cause].title

    @property
    def is_overdue(self) -> bool:
        """Whether its runs take much longer than usual."""
        return BY_ID[self.cause].is_overdue


@dataclass(frozen=True)
class StalledReport:
    """All groups at one moment; those that require action first."""

    groups: tuple[StalledGroup, ...]
    total: int
    """Open runs that were checked, stalled or not."""
    at: datetime
    unanswered: tuple[str, ...] = ()
    """Sources that did not answer, so that their causes are unknown, such as `Redis`."""


Head = tuple[str, Kind, str]
"""Title, kind and account's name."""


class StalledReader:
    """Reads and groups stalled runs; its callers cache."""

    def __init__(self, sources: Sources, limits: Thresholds) -> None:
        self._sources = sources
        self._limits = limits
        self._runs = RunReader(sources.durations, sources.slow)

    def read(self, actor: Actor) -> StalledReport:
        """Read the report; raises DatabaseUnavailableError, and names a Redis that does not answer."""
        with self._sources.database.transaction() as session:
            runs = self._runs.open_ones(session, MAX_RUNS)
            system = read_system_facts(session, self._sources.provider_states)
            unbalanced = _unbalanced(session)
            heads = _heads(session, actor, {run.generation_id for run in runs} | set(unbalanced))
        queue, jobs, problem = ask_queue(self._sources.queue, enqueued_job_ids(runs))
        if jobs:
            with self._sources.database.transaction() as session:
                runs = with_jobs(session, runs, jobs)
        system = replace(
            system, queue=queue, queue_problem=problem, given_up=given_up(self._sources.logs)
        )
        found = [
            (run.generation_id, self._main_finding(system, run), run.created_at)
            for run in runs
            if run.generation_id in heads
        ]
        found += [(it, unbalanced[it], system.now) for it in unbalanced if it in heads]
        listed = [
            _item(heads[generation_id], generation_id, finding, begun_at)
            for generation_id, finding, begun_at in found
            if not BY_ID[finding.cause].is_quiet
        ]
        unanswered = () if queue else ("Redis",)
        return StalledReport(_groups(listed), len(runs), system.now, unanswered)

    def _main_finding(self, system: SystemFacts, run: RunFacts) -> Finding:
        found = run_findings(system, run, self._limits)
        return min(
            found, key=lambda it: (it.severity is not Severity.ACT, BY_ID[it.cause].is_quiet)
        )


Listed = tuple[Finding, StalledItem]


def _item(head: Head, generation_id: str, finding: Finding, begun_at: datetime) -> Listed:
    title, kind, account_name = head
    return finding, StalledItem(
        generation_id=generation_id,
        run_id=finding.run_id,
        title=title,
        kind=kind,
        account_name=account_name,
        since=finding.since or begun_at,
        sentence=finding.sentence,
        offers=finding.remedies,
    )


def _groups(listed: Sequence[Listed]) -> tuple[StalledGroup, ...]:
    """Group by cause and severity: what requires action first, then the largest."""
    by_cause: dict[tuple[Severity, str], list[Listed]] = {}
    for finding, item in listed:
        by_cause.setdefault((finding.severity, finding.cause), []).append((finding, item))
    groups = [_group(*key, listed) for key, listed in by_cause.items()]
    return tuple(sorted(groups, key=lambda it: (it.severity is not Severity.ACT, -it.count)))


def _group(severity: Severity, cause: str, listed: Sequence[Listed]) -> StalledGroup:
    items = sorted((item for _, item in listed), key=lambda it: it.since)
    remedy = _common_remedy(items)
    accounts = Counter(item.account_name for item in items).most_common(MAX_ACCOUNTS)
    return StalledGroup(
        cause=cause,
        severity=severity,
        count=len(items),
        oldest_at=items[0].since,
        accounts=tuple(accounts),
        items=tuple(items[:MAX_ITEMS]),
        remedy=remedy,
        subjects=_subjects(items, remedy),
    )


def _common_remedy(items: Sequence[StalledItem]) -> str | None:
    """Find the safest remedy that is offered for all of them and takes no argument."""
    offered = [{offer.remedy_id for offer in item.offers if not offer.argument} for item in items]
    common = {name for name in set.intersection(*offered) if not REMEDIES[name].argument}
    return next((offer.remedy_id for offer in items[0].offers if offer.remedy_id in common), None)


def _subjects(items: Sequence[StalledItem], remedy_id: str | None) -> tuple[str, ...]:
    """List the subjects of the common remedy, each once."""
    return tuple(
        dict.fromkeys(
            offer.subject_id
            for item in items
            for offer in item.offers
            if offer.remedy_id == remedy_id
        )
    )


def _heads(session: Session, actor: Actor, ids: Iterable[str]) -> dict[str, Head]:
    """Read the generations that this person may see."""
    rows = session.execute(
        select(Generation.id, Generation.title, Generation.kind, Account.name)
        .join(Account, Account.id == Generation.account_id)
        .where(Generation.id.in_(list(ids)), *visible_generations(actor))
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _unbalanced(session: Session) -> dict[str, Finding]:
    """Find generations that ended in the last days and whose credits do not add up."""
    # Looked up for each of them: joined, PostgreSQL would read every slot and the whole ledger.
    paid = (
        select(-func.sum(LedgerEntry.amount))
        .where(LedgerEntry.generation_id == Generation.id, LedgerEntry.kind.in_(PAYMENTS))
        .scalar_subquery()
    )
    owed = (
        select(func.coalesce(func.sum(Slot.price_credits), 0))
        .where(Slot.generation_id == Generation.id, Slot.state.in_(PAID_SLOTS))
        .scalar_subquery()
    )
    surplus = owed - paid
    is_recent = Generation.finished_at > ago(timedelta(days=UNBALANCED_DAYS))
    columns = (Generation.id, surplus, Generation.finished_at)
    rows = session.execute(select(*columns).where(is_recent, surplus != 0))
    return {
        generation_id: (RefundMissing() if credits < 0 else RefundDoubled()).of_listed(
            generation_id, abs(int(credits)), finished_at
        )
        for generation_id, credits, finished_at in rows
    }
