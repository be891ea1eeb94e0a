"""People as actors, and the pictures they may see: simulations are not for viewers.

Each condition function returns conditions for a query, none for a person who sees everything.
"""

from typing import Any

from sqlalchemy import CTE, ColumnElement, exists, select

from services.core.actors import Actor, require
from services.core.errors import NotFoundError
from services.core.states import PRIVATE_KINDS, Kind, Role
from services.database.engine import Database
from services.database.models import Account, AssetParent, Generation, Person, Slot
from services.database.seed import LOCAL_PERSON_ID


class People:
    """Reads people and their roles; the caller has authenticated them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def local(self) -> Actor:
        """Return the person at this machine, where no identity provider is set."""
        with self._database.transaction() as session:
            person = session.get_one(Person, LOCAL_PERSON_ID)
            return Actor(person.id, person.name, person.role)

    def by_email(self, email: str) -> Actor | None:
        """Return the enabled person with this address, read anew each time, or None."""
        with self._database.transaction() as session:
            person = session.scalar(
                select(Person).where(Person.email == email.lower(), Person.disabled_at.is_(None))
            )
            return Actor(person.id, person.name, person.role) if person else None

    def last_account(self, actor: Actor) -> str | None:
        """Return the account that this person last worked for, None for the first visit."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            return session.scalar(select(Person.account_id).where(Person.id == actor.id))

    def remember_account(self, actor: Actor, account_id: str) -> None:
        """Store the account that this person works for, for the next visit."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            account = session.get(Account, account_id)
            if account is None:
                raise NotFoundError(what="account", id=account_id)
            session.get_one(Person, actor.id).account_id = account.id


Conditions = tuple[ColumnElement[bool], ...]


def sees_private(actor: Actor) -> bool:
    """Whether simulations are shown to this person."""
    return actor.role is not Role.VIEWER


def visible_kinds(actor: Actor) -> tuple[Kind, ...]:
    """List the kinds of work that this person sees."""
    return tuple(kind for kind in Kind if sees_private(actor) or kind not in PRIVATE_KINDS)


def visible_slots(actor: Actor) -> Conditions:
    """Match slots whose picture this person may see."""
    if sees_private(actor):
        return ()
    return Slot.kind.not_in(PRIVATE_KINDS), visible_pictures(actor, Slot.asset_id)[0]


def visible_generations(actor: Actor) -> Conditions:
    """Match generations of which this person may see every picture."""
    if sees_private(actor):
        return ()
    shows_one = exists().where(
        Slot.generation_id == Generation.id, Slot.asset_id.in_(select(_private().c.asset_id))
    )
    return Generation.kind.not_in(PRIVATE_KINDS), ~shows_one


def visible_pictures(actor: Actor, asset_id: Any) -> Conditions:
    """Match assets, named by this column, that this person may see; null is visible."""
    if sees_private(actor):
        return ()
    return (asset_id.is_(None) | asset_id.not_in(select(_private().c.asset_id)),)


def descendants(asset_ids: Any, name: str = "descendants") -> CTE:
    """Select these assets and all that were derived from them, at every depth."""
    found = select(asset_ids.subquery().c[0].label("asset_id")).cte(name, recursive=True)
    return found.union(
        select(AssetParent.child_id).join(found, AssetParent.parent_id == found.c.asset_id)
    )


def _private() -> CTE:
    made = select(Slot.asset_id).where(Slot.kind.in_(PRIVATE_KINDS), Slot.asset_id.is_not(None))
    return descendants(made, "private_pictures")
