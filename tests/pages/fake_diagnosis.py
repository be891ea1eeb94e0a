"""The services of Diagnose as a test needs them: they answer from `cases` and remember what was asked.

Nothing here is stored; a test changes the fakes as it likes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from services.audit.changes import reason_of
from services.core.actors import Actor, require
from services.core.errors import NotFoundError, RemedyRefusedError
from services.core.states import (
    GenerationState,
    Kind,
    OperationState,
    ReconciliationScope,
    Role,
)
from services.diagnosis.cause import Severity
from services.diagnosis.detail import Diagnosis
from services.diagnosis.missing import MissingReport
from services.diagnosis.missing_items import MissingPage
from services.diagnosis.search.results import AccountHit, Located, Match, ObjectHit
from services.diagnosis.stalled import StalledReport
from services.remedies.base import BulkDryRun, BulkItem, BulkRefusal, DryRun, Outcome, RemedyOffer
from services.remedies.bulk import OperationSummary
from tests.pages.cases import ago, case, missing_item, missing_report, stalled_report


@dataclass
class FakeDiagnoses:
    """Answers with `value` for every generation but `gen_none`."""

    value: Diagnosis = field(default_factory=case)
    report: StalledReport = field(default_factory=stalled_report)
    problem: Exception | None = None

    def diagnose(self, actor: Actor, generation_id: str, *, is_live: bool = True) -> Diagnosis:
        require(actor, Role.OPERATOR)
        if generation_id == "gen_none":
            raise NotFoundError(what="generation", id=generation_id)
        subject = replace(self.value.subject, generation_id=generation_id)
        return replace(self.value, subject=subject)

    def stalled(self, actor: Actor) -> StalledReport:
        require(actor, Role.OPERATOR)
        if self.problem:
            raise self.problem
        return self.report

    def counts(self, actor: Actor) -> tuple[int, int]:
        if self.problem:
            raise self.problem
        return sum(one.count for one in self.report.groups if one.severity is Severity.ACT), 9


@dataclass
class FakeLocator:
    """`one` leads to one generation, `several` to five, `orchid` to an account, else to nothing."""

    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def locate(self, actor: Actor, text: str, time_zone: str | None = None) -> Located:
        require(actor, Role.OPERATOR)
        self.asked.append((text, time_zone))
        matches = tuple(_match(n) for n in range(1, 6))
        account = AccountHit("acc_1", "Orchid Studio", "unlimited", 0, 0)
        answers = {
            "one": Located("A run's id", matches[:1]),
            "several": Located("Words", matches, (ObjectHit("originals/ab/x.webp", "A file."),)),
            "orchid": Located("An account's name", matches[:1], account=account),
        }
        return answers.get(text, Located("Words", hint="No prompt holds these words."))


def _match(number: int) -> Match:
    return Match(
        generation_id=f"gen_{number:026d}",
        title=("Pip the fox · waving", "Olga · Mascots", "<b>Bold</b> *Otto*")[number % 3],
        kind=(Kind.POSES, Kind.MASCOTS, Kind.STUDIO)[number % 3],
        state=tuple(GenerationState)[number % 7],
        account_id="acc_1",
        account_name="Orchid Studio",
        created_at=ago(number * 37),
        why="its prompt has these words",
        thumbnail_key=f"thumb-{number}.webp" if number % 4 else None,
    )


@dataclass
class FakeRemedies:
    """`applied` holds what was ordered; `problem` refuses the dry-run, `changed` the order."""

    applied: list[tuple[RemedyOffer, str, Mapping[str, Any]]] = field(default_factory=list)
    problem: str | None = None
    changed: str | None = None

    def dry_run(self, actor: Actor, offer: RemedyOffer) -> DryRun:
        require(actor, Role.OPERATOR)
        text = "The picture is fetched from Replicate and stored; nothing is charged."
        return DryRun(offer, text, {"seq": 4}, 30, 0.049, self.problem)

    def apply(
        self, actor: Actor, offer: RemedyOffer, reason: str, expected: Mapping[str, Any]
    ) -> Outcome:
        require(actor, Role.OPERATOR)
        if self.changed:
            raise RemedyRefusedError(problem=self.changed)
        self.applied.append((offer, reason_of(reason), expected))
        return Outcome("The picture is fetched within seconds.", {}, {})


@dataclass
class FakeBulk:
    """Every tenth subject cannot be done; an operation has done `settled`."""

    started: list[tuple[str, list[str], str]] = field(default_factory=list)
    settled: int = 12
    state: OperationState = OperationState.RUNNING

    def preview(self, actor: Actor, kind: str, subject_ids: Sequence[str]) -> BulkDryRun:
        require(actor, Role.OPERATOR)
        able = [one for n, one in enumerate(subject_ids) if n % 10]
        refused = tuple(one for one in subject_ids if one not in able)
        items = tuple(BulkItem(one, {"seq": 4}) for one in able)
        return BulkDryRun(kind, items, (BulkRefusal("It is working again.", refused),), 0, 0.0)

    def start(self, actor: Actor, kind: str, items: Sequence[BulkItem], reason: str) -> str:
        require(actor, Role.OPERATOR)
        self.started.append((kind, [item.subject_id for item in items], reason_of(reason)))
        return "bulk_01k9vq3m8zt4x7y2w6s5r1p0n6"

    def progress(self, actor: Actor, operation_id: str) -> OperationSummary:
        require(actor, Role.OPERATOR)
        return OperationSummary(
            operation_id,
            "requeue",
            "Mira",
            "ticket 4711",
            self.state,
            False,
            36 - self.settled,
            self.settled - 2,
            1,
            1,
            ago(2),
            (BulkRefusal("It is working again.", ("run_1",)),),
        )

    def stop(self, actor: Actor, operation_id: str) -> None:
        require(actor, Role.OPERATOR)
        self.state = OperationState.STOPPED


@dataclass
class FakeMissing:
    """`ordered` counts the comparisons that were asked for."""

    value: MissingReport = field(default_factory=missing_report)
    ordered: list[ReconciliationScope] = field(default_factory=list)

    def report(self, actor: Actor) -> MissingReport:
        require(actor, Role.OPERATOR)
        return self.value

    def items(
        self, actor: Actor, cause: str, before: str | None = None, limit: int = 50
    ) -> MissingPage:
        require(actor, Role.OPERATOR)
        return MissingPage(tuple(missing_item(n) for n in range(14)), None)

    def start_reconciliation(self, actor: Actor, scope: ReconciliationScope) -> bool:
        require(actor, Role.OPERATOR)
        self.ordered.append(scope)
        return True


@dataclass
class FakeNotes:
    """`added` holds the notes that were written."""

    added: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, actor: Actor, generation_id: str, text: str, link: str = "") -> None:
        require(actor, Role.OPERATOR)
        self.added.append((generation_id, text, link))
