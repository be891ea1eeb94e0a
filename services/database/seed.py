"""The rows that a new database starts with: one account, one local person, prices, poses, scenarios."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from services.core.states import EntryKind, Role, Tier
from services.database.models import (
    Account,
    Budget,
    Installation,
    LedgerEntry,
    Person,
    Pose,
    Price,
    ProviderPrice,
    Scenario,
    new_id,
)
from services.database.seed_poses import seed_poses

DEFAULT_ACCOUNT_ID = "acc_studio"
LOCAL_PERSON_ID = "per_local"

BUDGET_ID = "desk"
# The ids and strengths are the guide's (002); names and words are ours.
SCENARIOS = (
    (
        "projection-level-1",
        "Level 1",
        "a slightly fuller contour of hips and seat, close to how the person is now",
        0.35,
    ),
    (
        "projection-level-2",
        "Level 2",
        "a moderately fuller contour of hips and seat, in proportion with waist and legs",
        0.5,
    ),
    (
        "projection-level-3",
        "Level 3",
        "a clearly fuller contour of hips and seat, natural and in proportion with waist and legs",
        0.7,
    ),
)


def seed(
    connection: Connection,
    starting_credits: int,
    provider_prices: Iterable[Mapping[str, Any]],
    item_prices: Mapping[str, int],
) -> None:
    """Add the rows that are missing; the others stay as they are."""
    _add(connection, Installation, id=new_id("ins"))
    _add(connection, Account, id=DEFAULT_ACCOUNT_ID, name="Studio", tier=Tier.PRO)
    _add(connection, Person, id=LOCAL_PERSON_ID, name="Local operator", role=Role.ADMIN)
    for item, credits in item_prices.items():
        _add(connection, Price, item=item, credits=credits)
    for row in provider_prices:
        _add(connection, ProviderPrice, **row)
    _add(connection, Budget, id=BUDGET_ID)
    _add_poses(connection)
    _add_scenarios(connection)
    # Asked first: an insert that meets a conflict would still lock the account by its trigger.
    key = f"starting-credits:{DEFAULT_ACCOUNT_ID}"
    granted = select(LedgerEntry.id).where(LedgerEntry.idempotency_key == key)
    if connection.scalar(granted) is None:
        _add(
            connection,
            LedgerEntry,
            id=new_id("led"),
            account_id=DEFAULT_ACCOUNT_ID,
            kind=EntryKind.GRANT,
            amount=starting_credits,
            idempotency_key=key,
            actor="system",
            reason="Starting credits",
        )


def _add_poses(connection: Connection) -> None:
    """By id, so that a pose that was edited or archived stays so."""
    rows = [
        {
            "id": pose.id,
            "name": pose.name,
            "category": pose.category,
            "prompt": pose.prompt,
            "skeleton": pose.skeleton.as_json(),
            "position": pose.position,
        }
        for pose in seed_poses()
    ]
    connection.execute(insert(Pose).values(rows).on_conflict_do_nothing())


def _add_scenarios(connection: Connection) -> None:
    """By id as well: an edited or archived one stays so."""
    for position, (id_, name, description, strength) in enumerate(SCENARIOS, start=1):
        _add(
            connection,
            Scenario,
            id=id_,
            name=name,
            description=description,
            strength=strength,
            position=position,
        )


def _add(connection: Connection, table: type, **values: object) -> None:
    connection.execute(insert(table).values(**values).on_conflict_do_nothing())
