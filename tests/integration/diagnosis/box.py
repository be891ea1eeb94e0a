"""The search with its database, and rows for it to find."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from services.core.actors import Actor
from services.core.states import Kind, Role, SlotRole, SlotState, Tier
from services.database.engine import Database
from services.database.models import Account, Reference, Run, Slot, new_id
from services.database.seed import DEFAULT_ACCOUNT_ID, LOCAL_PERSON_ID
from services.diagnosis.search.results import Located
from services.diagnosis.search.search import Locator
from tests.integration.database.rows import Made, add_asset, add_generation, add_run

OPERATOR = Actor(LOCAL_PERSON_ID, "Olga", Role.OPERATOR)
MOST_STATEMENTS = 6


@dataclass
class Box:
    """The search with its database."""

    locator: Locator
    database: Database
    statements: list[str]

    def locate(self, pasted: str, **options: Any) -> Located:
        """What it answers, in a few statements."""
        self.statements.clear()
        located = self.locator.locate(OPERATOR, pasted, **options)
        assert len(self.statements) <= MOST_STATEMENTS, self.statements
        return located

    def ids(self, pasted: str) -> list[str]:
        """The generations that it finds."""
        return [match.generation_id for match in self.locate(pasted).matches]

    def add(
        self,
        kind: Kind = Kind.POSES,
        role: SlotRole = SlotRole.POSE,
        state: SlotState = SlotState.FILLED,
        **columns: Any,
    ) -> Made:
        """A generation of one slot with a run and an attempt."""
        with self.database.transaction() as session:
            made = add_generation(session, kind, [(role, state)])
            add_run(session, made.slots[0], is_started=True)
            for name, value in columns.items():
                setattr(made.generation, name, value)
        return made

    def change(self, model: Any, condition: Any, **values: Any) -> None:
        """Change rows as the pipeline would have left them."""
        with self.database.transaction() as session:
            session.execute(update(model).where(condition).values(**values))

    def save(self, *rows: Any) -> None:
        """Store rows, one after the other."""
        with self.database.transaction() as session:
            for row in rows:
                session.add(row)
                session.flush()

    def one(self, column: Any, condition: Any) -> Any:
        """One value."""
        with self.database.transaction() as session:
            return session.scalars(select(column).where(condition)).first()

    def run_id(self, made: Made) -> str:
        """The run of its slot."""
        return str(self.one(Run.id, Run.generation_id == made.generation.id))

    def reference(self, made: Made | None, filename: str) -> Reference:
        """An upload, which the generation began from."""
        with self.database.transaction() as session:
            asset = add_asset(session, f"{filename}-key")
        row = Reference(
            id=new_id("ref"),
            account_id=DEFAULT_ACCOUNT_ID,
            asset_id=asset.id,
            sha256=asset.sha256,
            filename=filename,
            source_format="PNG",
            source_bytes=1,
            uploaded_by=LOCAL_PERSON_ID,
            pixel_count=1,
        )
        self.save(row)
        if made:
            self.change(Slot, Slot.id == made.slots[0].id, input_asset_ids=[asset.id])
        return row

    def account(self, name: str, **columns: Any) -> str:
        """Another account."""
        row = Account(id=new_id("acc"), name=name, **({"tier": Tier.FREE} | columns))
        self.save(row)
        return row.id
