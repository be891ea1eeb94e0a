"""Consents to simulate from photographs of people; a withdrawn one erases its pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from services.audit.changes import reason_of, record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, NotFoundError, StorageError
from services.core.states import ACTIVE_GENERATIONS, GenerationState, Role
from services.database.engine import Database
from services.database.models import (
    Asset,
    Consent,
    Generation,
    Person,
    Reference,
    Scenario,
    Simulation,
    Slot,
)
from services.people.visibility import descendants
from services.references.erase import forget_picture, is_shared, lock_picture, remove_files
from services.storage.base import Storage

WORDING_VERSION = "2026-11"
"""Stored with every consent; a changed wording gets a new version."""
WORDING = (
    "The person in this photograph is an adult and has agreed that this studio makes simulations"
    " of their body from it. They know that they can withdraw this at any time, and that the"
    " simulations are then erased."
)
UNFINISHED = (*ACTIVE_GENERATIONS, GenerationState.NEEDS_REVIEW)
MAX_SHOWN = 200
ERASED_TITLE = "Consent withdrawn"


@dataclass(frozen=True)
class ConsentView:
    """One consent, the photograph it is for, and how many simulated pictures there are of it."""

    id: str
    asset_id: str
    filename: str
    wording_version: str
    given_by: str
    given_at: datetime
    withdrawn_at: datetime | None
    pictures: int


class Consents:
    """Lists consents and withdraws them."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    def of_account(self, actor: Actor, account_id: str) -> list[ConsentView]:
        """Return the account's newest consents, withdrawn ones too."""
        require(actor, Role.OPERATOR)
        pictures = (
            select(func.count())
            .select_from(Simulation)
            .join(Slot, Slot.generation_id == Simulation.generation_id)
            .join(Asset, Asset.id == Slot.asset_id)
            .where(Simulation.consent_id == Consent.id, Asset.deleted_at.is_(None))
            .scalar_subquery()
        )
        filename = (
            select(Reference.filename)
            .where(Reference.asset_id == Consent.asset_id)
            .limit(1)
            .scalar_subquery()
        )
        query = (
            select(Consent, Person.name, filename, pictures)
            .join(Person, Person.id == Consent.given_by)
            .where(Consent.account_id == account_id)
            .order_by(Consent.given_at.desc(), Consent.id.desc())
            .limit(MAX_SHOWN)
        )
        with self._database.transaction() as session:
            return [_view(*row) for row in session.execute(query)]

    def withdraw(self, actor: Actor, consent_id: str, reason: str) -> int:
        """Withdraw the consent to a photograph and erase what was made from it; returns how much.

        Every open consent to the same photograph of the account ends with it, in one transaction:
        the simulations and all that was made of them lose their files, thumbnails and titles; the
        photograph itself stays. Raises NotFoundError, InvalidRequestError without a reason, for
        one that is withdrawn already, while a simulation of it runs, and when the storage does
        not remove a file.
        """
        require(actor, Role.OPERATOR)
        why = reason_of(reason)
        with self._database.transaction() as session:
            consents = _open_consents(session, consent_id)
            ids = [consent.id for consent in consents]
            _refuse_running(session, ids)
            pictures = _derived(session, ids)
            removable = [
                asset
                for asset in pictures
                if not is_shared(session, asset, [other.id for other in pictures])
            ]
            for consent in consents:
                consent.withdrawn_at = func.clock_timestamp()
            for asset in pictures:
                forget_picture(asset)
            _forget_titles(session, ids)
            erased = [{"asset_id": asset.id, "sha256": asset.sha256} for asset in pictures]
            record_change(
                session,
                actor,
                "consent.withdraw",
                consent_id,
                why,
                before={"consents": ids, "pictures": erased},
                after={"is_withdrawn": True},
            )
            session.flush()
            self._remove(removable)
        return len(pictures)

    def _remove(self, assets: Sequence[Asset]) -> None:
        # Before the commit (see `remove_files`): a withdrawal that fails here can be repeated.
        try:
            for asset in assets:
                remove_files(self._storage, asset)
        except StorageError as failure:
            raise InvalidRequestError(
                problem=f"The storage did not remove a file ({failure.reason})."
                " The consent still stands: withdraw it again."
            ) from failure


def _view(consent: Consent, name: str, filename: str | None, pictures: int) -> ConsentView:
    return ConsentView(
        id=consent.id,
        asset_id=consent.asset_id,
        filename=filename or "Photograph",
        wording_version=consent.wording_version,
        given_by=name,
        given_at=consent.given_at,
        withdrawn_at=consent.withdrawn_at,
        pictures=pictures,
    )


def _open_consents(session: Session, consent_id: str) -> list[Consent]:
    """Lock every open consent to the same photograph, in one order."""
    named = session.get(Consent, consent_id)
    if named is None:
        raise NotFoundError(what="consent", id=consent_id)
    rows = session.scalars(
        select(Consent)
        .where(
            Consent.account_id == named.account_id,
            Consent.asset_id == named.asset_id,
            Consent.withdrawn_at.is_(None),
        )
        .order_by(Consent.id)
        .with_for_update()
    ).all()
    if consent_id not in {row.id for row in rows}:
        raise InvalidRequestError(problem="This consent was withdrawn already.")
    return list(rows)


def _refuse_running(session: Session, consent_ids: Sequence[str]) -> None:
    running = session.scalar(
        select(Generation.id)
        .join(Simulation, Simulation.generation_id == Generation.id)
        .where(Simulation.consent_id.in_(consent_ids), Generation.state.in_(UNFINISHED))
        .limit(1)
    )
    if running:
        raise InvalidRequestError(
            problem=f"The simulation {running} of this photograph still runs."
            " Withdraw the consent when it has ended."
        )


def _derived(session: Session, consent_ids: Sequence[str]) -> list[Asset]:
    """Lock the simulated pictures and all that was made from them, in the order of their hash."""
    made = (
        select(Slot.asset_id)
        .join(Simulation, Simulation.generation_id == Slot.generation_id)
        .where(Simulation.consent_id.in_(consent_ids), Slot.asset_id.is_not(None))
    )
    found = session.scalars(
        select(Asset)
        .where(Asset.id.in_(select(descendants(made).c.asset_id)))
        .order_by(Asset.sha256, Asset.id)
    ).all()
    for asset in found:
        lock_picture(session, asset.sha256)
    return list(found)


def _forget_titles(session: Session, consent_ids: Sequence[str]) -> None:
    """Replace titles, since a file's name may identify the person."""
    scenario = (
        select(Scenario.name)
        .join(Simulation, Simulation.scenario_id == Scenario.id)
        .where(Simulation.generation_id == Generation.id)
        .scalar_subquery()
    )
    of_these = select(Simulation.generation_id).where(Simulation.consent_id.in_(consent_ids))
    session.execute(
        update(Generation)
        .where(Generation.id.in_(of_these))
        .values(title=func.concat(ERASED_TITLE, " · ", scenario))
        .execution_options(synchronize_session=False)
    )
