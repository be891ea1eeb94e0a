"""Find generations by an id, a storage key or a prediction: one bounded, indexed statement each."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, func, literal, null, select, union_all
from sqlalchemy.orm import Session, aliased

from services.database.models import (
    Asset,
    AssetParent,
    Attempt,
    Consent,
    Generation,
    LedgerEntry,
    Mascot,
    OperationItem,
    Reference,
    Run,
    Simulation,
    Slot,
    TrainedModel,
    TrainingPicture,
)
from services.database.models.generations import FROM_UPLOADS
from services.diagnosis.search.parse import InputKind
from services.diagnosis.search.results import Hit
from services.providers.registry import DEFINITIONS
from services.storage.keys import parse_key

MAX_HITS = 200
MAX_NEWEST = 5_000
"""Without an index, only this many of the newest rows are searched."""
MIN_PREFIX_CHARACTERS = 8
_PAST_ANY_ID = "z" * 30

_PREFIX_COLUMNS = {
    InputKind.GENERATION: (Generation.id, Generation.id),
    InputKind.RUN: (Run.generation_id, Run.id),
    InputKind.SLOT: (Slot.generation_id, Slot.id),
}
TRUNCATABLE = frozenset(_PREFIX_COLUMNS)

Query = Select[Any]


def hits_of(session: Session, kind: InputKind, value: str) -> list[Hit]:
    """Find the generations that this id belongs to, in one statement."""
    queries = _queries(kind, value)
    if not queries:
        return []
    selects = [select(query.limit(MAX_HITS).subquery()) for query in queries]
    rows = session.execute(union_all(*selects)).all()
    return [Hit(*row) for row in rows]


def _queries(kind: InputKind, value: str) -> list[Query]:
    if kind in _BY_OWN_ID:
        query, column = _BY_OWN_ID[kind]
        return [query.where(column == value)]
    return _QUERIES[kind](value)


def hits_of_prefix(session: Session, kind: InputKind, value: str) -> list[Hit]:
    """Find generations by the beginning of an id: the pasted one may be truncated."""
    owner, column = _PREFIX_COLUMNS[kind]
    if len(value) < MIN_PREFIX_CHARACTERS:
        return []
    # Bounds serve an index in any collation; the prefix is compared apart from them.
    query = select_hits(owner, "Its id begins with it").where(
        column.between(value, value + _PAST_ANY_ID), func.starts_with(column, value)
    )
    rows: Iterable[Any] = session.execute(query.limit(5)).all()
    return [Hit(*row) for row in rows]


def account_of_entry(session: Session, entry_id: str) -> str | None:
    """Find the account of a ledger entry."""
    return session.scalar(select(LedgerEntry.account_id).where(LedgerEntry.id == entry_id))


def uses_of_files(asset_ids: Query, why: str) -> list[Query]:
    """Build queries for the generations that made these files or were made from them.

    `asset_ids` selects ids of assets, and must be bounded.
    """
    files = asset_ids.subquery()
    asset_id = files.c[0]
    uploaded = aliased(Reference)
    holds = Slot.input_asset_ids.contains(func.jsonb_build_array(asset_id))
    return [
        select_hits(Slot.generation_id, why, slot=Slot.id, asset=Slot.asset_id).join(
            files, Slot.asset_id == asset_id
        ),
        select_hits(Simulation.generation_id, f"{why}, its photograph").join(
            files, Simulation.original_asset_id == asset_id
        ),
        select_hits(TrainedModel.generation_id, f"{why}, its weights").join(
            files, TrainedModel.weights_asset_id == asset_id
        ),
        select_hits(TrainedModel.generation_id, f"{why}, trained with it")
        .join(TrainingPicture, TrainingPicture.trained_model_id == TrainedModel.id)
        .join(files, TrainingPicture.asset_id == asset_id),
        select_hits(Slot.generation_id, f"{why}, made from it", slot=Slot.id)
        .join(uploaded, Slot.account_id == uploaded.account_id)
        .join(files, uploaded.asset_id == asset_id)
        .where(FROM_UPLOADS, holds),
        select_hits(Slot.generation_id, f"{why}, made from it", slot=Slot.id, asset=Slot.asset_id)
        .join(AssetParent, AssetParent.child_id == Slot.asset_id)
        .join(files, AssetParent.parent_id == asset_id),
    ]


def _assets_of_hash(sha256: str) -> Query:
    """Select the assets with these bytes; the key of a thumbnail contains its picture's hash, too."""
    return select(Asset.id).where(Asset.sha256 == sha256).limit(50)


def select_hits(
    generation_id: Any,
    why: str,
    *,
    run: SQLColumnExpression[Any] | None = None,
    slot: SQLColumnExpression[Any] | None = None,
    asset: SQLColumnExpression[Any] | None = None,
) -> Query:
    """Select `Hit`'s columns, in its order."""
    return select(
        generation_id.label("generation_id"),
        literal(why).label("why"),
        (null() if run is None else run).label("run_id"),
        (null() if slot is None else slot).label("slot_id"),
        (null() if asset is None else asset).label("asset_id"),
    )


def prediction(value: str) -> list[Query]:
    """Build the query for the generation of a prediction."""
    # The index begins with the provider.
    known = Attempt.provider.in_(DEFINITIONS), Attempt.prediction_id == value
    return [_hits_of_attempts("Its prediction").where(*known)]


def _hits_of_attempts(why: str) -> Query:
    query = select_hits(Run.generation_id, why, run=Run.id)
    return query.join(Attempt, Attempt.run_id == Run.id)


def _newest(why: str) -> Query:
    query = select_hits(Generation.id, why)
    return query.order_by(Generation.created_at.desc(), Generation.id.desc())


def _consent(value: str) -> list[Query]:
    query = select_hits(Simulation.generation_id, "Made with this consent")
    query = query.join(Consent, Consent.asset_id == Simulation.original_asset_id)
    return [query.where(Consent.id == value, Simulation.consent_id == value)]


def _scenario(value: str) -> list[Query]:
    newest = select(Simulation.generation_id, Simulation.scenario_id)
    seen = newest.order_by(Simulation.number.desc()).limit(MAX_NEWEST).subquery()
    return [
        select_hits(seen.c.generation_id, "Shows this scenario").where(seen.c.scenario_id == value)
    ]


def _pose(value: str) -> list[Query]:
    newest = select(Slot.generation_id, Slot.id, Slot.asset_id, Slot.pose_id)
    seen = newest.order_by(Slot.id.desc()).limit(MAX_NEWEST).subquery().c
    query = select_hits(seen.generation_id, "Shows this pose", slot=seen.id, asset=seen.asset_id)
    return [query.where(seen.pose_id == value)]


def _operation(value: str) -> list[Query]:
    items = select(OperationItem.subject_id).where(OperationItem.operation_id == value)
    subjects = items.order_by(OperationItem.position).limit(MAX_HITS).subquery()
    subject_id, why = subjects.c[0], "Among its subjects"
    return [
        select_hits(Generation.id, why).join(subjects, Generation.id == subject_id),
        select_hits(Run.generation_id, why, run=Run.id).join(subjects, Run.id == subject_id),
        select_hits(Slot.generation_id, why, slot=Slot.id).join(subjects, Slot.id == subject_id),
    ]


def _number(value: str) -> list[Query]:
    if int(value) >= 2**31:
        return []
    numbered = select_hits(Simulation.generation_id, f"Simulation {int(value)}")
    return [numbered.where(Simulation.number == int(value))]


def _version(value: str) -> list[Query]:
    model, _, version_id = value.partition(":")
    if version_id:
        return [*_trained(version_id), *_newest_of_model(value)]
    return _newest_of_model(model)


def _newest_of_model(model: str) -> list[Query]:
    """Build one query per provider: each is read in the order of an index."""
    return [
        _hits_of_attempts("Made with this model")
        .where(Attempt.provider == provider, Attempt.model == model)
        .order_by(Attempt.finished_at.desc())
        for provider in DEFINITIONS
    ]


def _trained(version_id: str) -> list[Query]:
    of_version = func.split_part(TrainedModel.version, ":", 2) == version_id
    return [select_hits(TrainedModel.generation_id, "Trained this version").where(of_version)]


def _sha256(value: str) -> list[Query]:
    return [*uses_of_files(_assets_of_hash(value), "Its file"), *_trained(value)]


def _mascot(value: str) -> list[Query]:
    made = select_hits(Mascot.generation_id, "Made this mascot").where(Mascot.id == value)
    return [made, select_hits(Generation.id, "Made from it").where(Generation.mascot_id == value)]


_BY_OWN_ID: dict[InputKind, tuple[Query, SQLColumnExpression[Any]]] = {
    InputKind.GENERATION: (select_hits(Generation.id, "This batch"), Generation.id),
    InputKind.RUN: (select_hits(Run.generation_id, "Its run", run=Run.id), Run.id),
    InputKind.JOB: (select_hits(Run.generation_id, "Its run", run=Run.id), Run.id),
    InputKind.SLOT: (
        select_hits(Slot.generation_id, "Its slot", slot=Slot.id, asset=Slot.asset_id),
        Slot.id,
    ),
    InputKind.ATTEMPT: (_hits_of_attempts("Its attempt"), Attempt.id),
    InputKind.MODEL: (select_hits(TrainedModel.generation_id, "Trained it"), TrainedModel.id),
    InputKind.ACCOUNT: (_newest("Of this account"), Generation.account_id),
    InputKind.PERSON: (_newest("Started by this person"), Generation.person_id),
    InputKind.ENTRY: (
        select_hits(LedgerEntry.generation_id, "Its credits", slot=LedgerEntry.slot_id).where(
            LedgerEntry.generation_id.is_not(None)
        ),
        LedgerEntry.id,
    ),
}
"""What one comparison of a column finds: the query, and the column."""

_QUERIES: dict[InputKind, Callable[[str], list[Query]]] = {
    InputKind.ASSET: lambda it: uses_of_files(
        select(Asset.id).where(Asset.id == it), "Its picture"
    ),
    InputKind.MASCOT: _mascot,
    InputKind.REFERENCE: lambda it: uses_of_files(
        select(Reference.asset_id).where(Reference.id == it), "Its reference"
    ),
    InputKind.CONSENT: _consent,
    InputKind.SCENARIO: _scenario,
    InputKind.POSE: _pose,
    InputKind.OPERATION: _operation,
    InputKind.NUMBER: _number,
    InputKind.PREDICTION: prediction,
    InputKind.VERSION: _version,
    InputKind.KEY: lambda it: uses_of_files(_assets_of_hash(parse_key(it).sha256), "Its file"),
    InputKind.SHA256: _sha256,
}
