"""The audit trail: pages, filters, what changed in words, CSV, and that no filter reads it all."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from services.audit.changes import record_change
from services.audit.trail import AuditFilters, AuditTrail, filtered
from services.core.actors import SYSTEM, Actor
from services.core.errors import NotAllowedError
from services.core.states import Role
from services.database.engine import Database
from services.database.models import Audit
from services.database.seed import LOCAL_PERSON_ID

ADMIN = Actor(LOCAL_PERSON_ID, "Local operator", Role.ADMIN)
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
MANY = 20_000


@pytest.fixture
def trail(database: Database) -> AuditTrail:
    """Three changes of three days, by two actors."""
    rows = (
        ("per_local", "account.grant", "acc_1", "Ticket 4711: lost picture", None, {"amount": 60}),
        ("system", "provider.resume", "replicate", "=cmd()", {"reason": "401"}, None),
        ("per_gone", "price.change", "pose", "New price list", {"credits": 30}, {"credits": 25}),
    )
    names = ("actor", "action", "subject_id", "reason", "before", "after")
    with database.transaction() as session:
        for day, row in enumerate(rows):
            made = Audit(**dict(zip(names, row, strict=True)), at=BEGAN + timedelta(days=day))
            session.add(made)
            session.flush()
    return AuditTrail(database)


def actions(trail: AuditTrail, **filters: object) -> list[str]:
    """What is found, newest first."""
    requested = AuditFilters(**filters)  # type: ignore[arg-type]
    return [row.action for row in trail.page(ADMIN, requested).items]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_nobody_but_an_admin_reads_it(trail: AuditTrail, role: Role) -> None:
    for read in (trail.page, trail.choices, trail.csv):
        with pytest.raises(NotAllowedError):
            read(Actor("per_1", "Olga", role))


def test_pages_go_on_after_the_last_row_seen(trail: AuditTrail, database: Database) -> None:
    first = trail.page(ADMIN, limit=2)
    assert [row.action for row in first.items] == ["price.change", "provider.resume"]
    with database.transaction() as session:
        record_change(session, ADMIN, "account.change", "acc_1", "Meanwhile")
    second = trail.page(ADMIN, before=first.next_before, limit=2)
    assert [row.action for row in second.items] == ["account.grant"]
    assert second.next_before is None


def test_each_row_names_who_and_what_changed(trail: AuditTrail) -> None:
    price, resume, grant = trail.page(ADMIN).items
    assert (price.by, resume.by, grant.by) == ("per_gone", SYSTEM.name, "Local operator")
    assert [(c.name, c.before, c.after) for c in price.changes] == [("credits", "30", "25")]
    assert [(c.name, c.before, c.after) for c in resume.changes] == [("reason", "401", None)]
    assert [(c.name, c.before, c.after) for c in grant.changes] == [("amount", None, "60")]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"actor_id": "system"}, ["provider.resume"]),
        ({"action": "price.change"}, ["price.change"]),
        ({"subject_id": "acc_1"}, ["account.grant"]),
        ({"words": "ticket 4711"}, ["account.grant"]),
        ({"words": "PIC"}, ["account.grant"]),
        ({"words": "picture price"}, []),
        ({"words": "' & | :* !"}, []),
        ({"words": "tick\x00et", "subject_id": "acc_1\x00"}, ["account.grant"]),
        ({"since": BEGAN + timedelta(days=1)}, ["price.change", "provider.resume"]),
        ({"until": BEGAN + timedelta(days=1)}, ["account.grant"]),
        ({"since": BEGAN + timedelta(days=9)}, []),
        ({"until": BEGAN}, []),
        ({"since": BEGAN, "words": "new", "actor_id": "per_gone"}, ["price.change"]),
    ],
)
def test_filters_narrow_it(trail: AuditTrail, filters: dict[str, object], found: list[str]) -> None:
    assert actions(trail, **filters) == found


def test_filters_offer_what_is_there(trail: AuditTrail) -> None:
    offered = trail.choices(ADMIN)
    assert offered.actions == ("account.grant", "price.change", "provider.resume")
    assert offered.people == (
        ("system", "Atelier"), ("per_local", "Local operator"), ("per_gone", "per_gone"),
    )  # fmt: skip


def test_an_empty_trail_offers_nothing(database: Database) -> None:
    trail = AuditTrail(database)
    assert trail.page(ADMIN).items == () and trail.choices(ADMIN).people == ()


def test_csv_holds_the_same_rows_and_no_formula(trail: AuditTrail) -> None:
    rows = list(csv.DictReader(io.StringIO(trail.csv(ADMIN, AuditFilters(until=BEGAN.max)))))
    assert [row["action"] for row in rows] == ["price.change", "provider.resume", "account.grant"]
    assert rows[1]["reason"] == "'=cmd()"
    assert (rows[0]["before"], rows[0]["after"]) == ('{"credits": 30}', '{"credits": 25}')


@pytest.mark.parametrize(
    "filters",
    [
        AuditFilters(),
        AuditFilters(actor_id="per_local"),
        AuditFilters(action="account.grant"),
        AuditFilters(subject_id="acc_1"),
        AuditFilters(words="ticket 4711"),
        AuditFilters(since=BEGAN, until=BEGAN + timedelta(days=3)),
        AuditFilters(until=BEGAN + timedelta(days=3)),
    ],
)
def test_a_rare_row_below_many_is_found_through_an_index(
    trail: AuditTrail, database: Database, filters: AuditFilters
) -> None:
    with database.transaction() as session:
        session.execute(_MANY_ROWS, {"many": MANY})
        session.execute(text("ANALYZE app.audit"))
        read = "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables"
        counted = text(f"{read} WHERE relid = 'app.audit'::regclass")
        before = session.scalar(counted)
        session.execute(filtered(filters).limit(51)).all()
        after = session.scalar(counted)
    assert after - before < 3000


_MANY_ROWS = text(
    """
    INSERT INTO app.audit (actor, action, subject_id, reason, at)
    SELECT 'per_busy', 'run.make_again', 'run_' || n, 'Again, nr ' || n,
      '2026-04-01'::timestamptz + n * interval '1 minute'
    FROM generate_series(1, :many) AS n
    """
)
