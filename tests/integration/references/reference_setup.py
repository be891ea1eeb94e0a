"""References with short names for what the tests do all the time."""

import secrets
from dataclasses import replace
from typing import Any

from PIL import Image
from sqlalchemy import func, select

from services.core.actors import Actor
from services.core.states import (
    AttemptState,
    EntryKind,
    GenerationState,
    Kind,
    Role,
    RunState,
    SlotRole,
    SlotState,
    Tier,
)
from services.database.engine import Database
from services.database.models import (
    Account,
    Asset,
    AssetParent,
    Attempt,
    Generation,
    LedgerEntry,
    Reference,
    Run,
    RunSlot,
    Slot,
    new_id,
)
from services.database.seed import DEFAULT_ACCOUNT_ID, LOCAL_PERSON_ID
from services.references.erase import ReferenceEraser
from services.references.library import References
from services.references.summaries import ReferenceQuery, ReferenceSummary, UploadVerdict
from services.references.upload import ReferenceUploads
from services.storage.base import Storage
from tests.unit.media.drawn import encoded, scene

OPERATOR = Actor(LOCAL_PERSON_ID, "Ada", Role.OPERATOR)
VIEWER = replace(OPERATOR, role=Role.VIEWER)


class ReferenceSetup:
    """The service, its database and its storage."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self.database = database
        self.storage = storage
        self.service = References(database)
        self.uploads = ReferenceUploads(database, storage)
        self.eraser = ReferenceEraser(database, storage)

    def verdict(
        self, picture: Image.Image, name: str = "a.png", account_id: str = DEFAULT_ACCOUNT_ID
    ) -> UploadVerdict:
        """What an upload of this picture leads to."""
        return self.uploads.upload(
            OPERATOR, account_id, name, encoded(picture, "PNG", compress_level=1)
        )

    def add(
        self, number: int = 1, name: str = "a.png", account_id: str = DEFAULT_ACCOUNT_ID
    ) -> ReferenceSummary:
        """An uploaded scene."""
        card = self.verdict(scene(number), name, account_id).reference
        assert card
        return card

    def names(self, **query: Any) -> list[str]:
        """The file names that a query finds, in its order."""
        requested = ReferenceQuery(**query)
        page = self.service.page(OPERATOR, DEFAULT_ACCOUNT_ID, query=requested)
        assert page.total == len(page.items)
        return [card.filename for card in page.items]

    def delete(self, *cards: ReferenceSummary) -> None:
        """Take them out of the lists."""
        self.service.delete_many(OPERATOR, [card.id for card in cards])

    def erase(self, *cards: ReferenceSummary) -> int:
        """Delete and erase them."""
        self.delete(*cards)
        return self.eraser.erase(OPERATOR, [card.id for card in cards], "a good reason")

    def row(self, card: ReferenceSummary) -> tuple[Reference, Asset]:
        """What the database holds of it."""
        with self.database.transaction() as session:
            return session.get_one(Reference, card.id), session.get_one(Asset, card.asset_id)

    def has_files(self, card: ReferenceSummary) -> bool:
        """Whether the storage holds the picture with its thumbnail; never one without the other."""
        found = {
            self.storage.head(key) is not None for key in (card.storage_key, card.thumbnail_key)
        }
        assert len(found) == 1
        return found.pop()

    def account(self) -> str:
        """Another account."""
        account = Account(id=new_id("acc"), name="Other", tier=Tier.FREE)
        with self.database.transaction() as session:
            session.add(account)
        return account.id

    def batch(self, card: ReferenceSummary, state: SlotState = SlotState.FAILED) -> str:
        """A mascot batch of one slot that began from the reference; returns its id."""
        generation, charge = _generation(), _charge()
        charge.generation_id = generation.id
        slot = _slot(generation, charge, [card.asset_id], state)
        with self.database.transaction() as session:
            for row in (generation, charge):
                session.add(row)
                session.flush()
            session.add(slot)
        return generation.id

    def fill(self, generation_id: str, parent: ReferenceSummary, child: ReferenceSummary) -> None:
        """The batch's picture, which is another upload's here, made from the reference."""
        with self.database.transaction() as session:
            slot = session.scalars(select(Slot).where(Slot.generation_id == generation_id)).one()
            slot.state, slot.asset_id = SlotState.FILLED, child.asset_id
            slot.filled_at = func.clock_timestamp()
            run = _run(generation_id)
            session.add(run)
            session.flush()
            session.add_all(
                [
                    RunSlot(run_id=run.id, slot_id=slot.id, output_index=0),
                    _attempt(run),
                    AssetParent(
                        child_id=child.asset_id, parent_id=parent.asset_id, relation="made_from"
                    ),
                ]
            )


def _generation() -> Generation:
    return Generation(
        id=new_id("gen"),
        kind=Kind.MASCOTS,
        account_id=DEFAULT_ACCOUNT_ID,
        person_id=LOCAL_PERSON_ID,
        title="Fennel",
        request={},
        fingerprint=secrets.token_hex(8),
        idempotency_key=secrets.token_hex(8),
        priority=10,
        state=GenerationState.RUNNING,
        price_credits=10,
        estimated_cost_usd=0.04,
    )


def _charge() -> LedgerEntry:
    return LedgerEntry(
        id=new_id("led"),
        account_id=DEFAULT_ACCOUNT_ID,
        kind=EntryKind.CHARGE,
        amount=-10,
        idempotency_key=secrets.token_hex(8),
        actor=LOCAL_PERSON_ID,
        reason="Started",
    )


def _slot(generation: Generation, charge: LedgerEntry, inputs: list[str], state: SlotState) -> Slot:
    return Slot(
        id=new_id("slot"),
        generation_id=generation.id,
        account_id=DEFAULT_ACCOUNT_ID,
        kind=Kind.MASCOTS,
        position=0,
        role=SlotRole.FULL_BODY,
        run_group=0,
        provider="gemini",
        model="a-model",
        prompt="Full body",
        seed=7,
        input_asset_ids=inputs,
        price_credits=10,
        charge_id=charge.id,
        state=state,
    )


def _run(generation_id: str) -> Run:
    return Run(
        id=new_id("run"),
        generation_id=generation_id,
        kind=Kind.MASCOTS,
        provider="gemini",
        model="a-model",
        priority=10,
        state=RunState.SUCCEEDED,
    )


def _attempt(run: Run) -> Attempt:
    return Attempt(
        id=new_id("att"),
        run_id=run.id,
        number=1,
        provider="gemini",
        model="a-model",
        payload={},
        payload_hash="",
        seed=7,
        state=AttemptState.SUCCEEDED,
        outputs=[],
        estimated_cost_usd=0.04,
    )
