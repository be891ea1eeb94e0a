"""An audit trail of the made-up studio: one change of each kind that a row can show."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from services.audit.trail import AuditChoices, AuditFilters, AuditPage, AuditView, changes_of
from services.core.actors import Actor, require
from services.core.states import Role

NOW = datetime.now(UTC)
GENERATION = "gen_00000000000000000000000001"
WORDS = "<b>Ticket</b> *4711* [x](javascript:y)"


def change(number: int, action: str, subject_id: str, reason: str = "Why") -> AuditView:
    """One change, so many minutes ago."""
    return AuditView(
        id=1000 - number,
        at=NOW - timedelta(minutes=7 * number),
        by="You",
        action=action,
        subject_id=subject_id,
        reason=reason,
        changes=changes_of({"credits": 30, "is_archived": False}, {"credits": 25}),
    )


@dataclass
class FakeAudit:
    """`asked` keeps the filters of each page that was read."""

    items: list[AuditView] = field(
        default_factory=lambda: [
            change(1, "price.change", "pose", WORDS),
            change(2, "remedy.requeue", GENERATION),
            change(3, "something.new_here", "xyz_1"),
        ]
    )
    asked: list[AuditFilters] = field(default_factory=list)

    def page(
        self, actor: Actor, filters: AuditFilters, before: int | None = None, limit: int = 50
    ) -> AuditPage:
        require(actor, Role.ADMIN)
        self.asked.append(filters)
        found = [
            row
            for row in self.items
            if (before is None or row.id < before) and filters.action in ("", row.action)
        ]
        return AuditPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)

    def choices(self, actor: Actor) -> AuditChoices:
        require(actor, Role.ADMIN)
        people = (("per_local", "You"), ("per_1", "Olga"), ("per_2", "Olga"))
        return AuditChoices(people, tuple(row.action for row in self.items[:5]))

    def csv(self, actor: Actor, filters: AuditFilters) -> str:
        require(actor, Role.ADMIN)
        return "id\r\n"
