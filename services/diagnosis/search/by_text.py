"""Find generations by words: names, titles, prompts, file names, failures.

Each search of words has two bounded halves: what the index finds first, and the newest rows, since a
full-text index has no order and a common word would need all of it.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    func,
    literal,
    or_,
    select,
    text,
    union,
    union_all,
)
from sqlalchemy.orm import Session

from services.database.models import Account, Generation, Person, Reference, Run, Slot, TrainedModel
from services.database.models.pictures import NAME_WORDS
from services.diagnosis.search.by_id import prediction, select_hits, uses_of_files
from services.diagnosis.search.results import Hit
from services.diagnosis.search.times import Span

MAX_FROM_INDEX = 3_000
MAX_NEWEST = 500
MAX_FOUND = 40
MAX_WORDS = 40
MAX_WORD_CHARACTERS = 100
MAX_NAME_CHARACTERS = 200
MAX_NAMES = 6
_SIMPLE = text("'simple'")


@dataclass(frozen=True)
class Name:
    """An account, a person, or a model's trigger word that a text names."""

    what: str
    """`account`, `person` or `model`."""
    id: str
    """A model's is that of the generation that trained it."""
    name: str
    is_exact: bool


def names_in(session: Session, line: str) -> list[Name]:
    """Find accounts and people whose name contains this, and models with such a trigger word.

    Accounts and people are few; their tables are scanned.
    """
    lowered = line.lower()[:MAX_NAME_CHARACTERS]
    trigger_words = sorted({*line.split()[:MAX_WORDS], *lowered.split()[:MAX_WORDS]})
    found = [
        _named("account", Account.id, Account.name, lowered),
        _named("person", Person.id, Person.name, lowered, Person.email),
        select(
            literal("model"), TrainedModel.generation_id, TrainedModel.trigger_word, literal(True)
        ).where(TrainedModel.trigger_word.in_(trigger_words)),
    ]
    selects = [select(query.limit(MAX_NAMES).subquery()) for query in found]
    return [Name(*row) for row in session.execute(union_all(*selects)).all()]


def hits_of_words(session: Session, line: str) -> list[Hit]:
    """Find batches whose title, prompt, failure or file name contains all of these words."""
    queries = [*_made(line), *_uploaded(line)]
    if " " not in line:
        # A server with a provider's API may give its predictions ids of any form.
        queries += prediction(line)
    selects = [select(query.limit(MAX_FOUND).subquery()) for query in queries]
    return [Hit(*row) for row in session.execute(union_all(*selects)).all()]


def hits_of_span(session: Session, span: Span, limit: int) -> list[Hit]:
    """Find what was started in this span, the nearest to its middle first."""
    away = func.abs(func.extract("epoch", Generation.created_at - span.middle))
    query = (
        select(Generation.id)
        .where(Generation.created_at.between(span.begin, span.end))
        .order_by(Generation.created_at.desc(), Generation.id.desc())
        .limit(1_000)
        .subquery()
    )
    nearest = select(Generation.id).join(query, query.c.id == Generation.id).order_by(away)
    return [Hit(row, "Started then") for row in session.scalars(nearest.limit(limit))]


def _named(what: str, row_id: Any, name: Any, lowered: str, email: Any = None) -> Select[Any]:
    is_exact = func.lower(name) == lowered
    if email is not None:
        is_exact = or_(is_exact, func.coalesce(email == lowered, False))
    holds = func.strpos(func.lower(name), lowered) > 0
    return (
        select(literal(what), row_id, name, is_exact)
        .where(or_(is_exact, holds))
        .order_by(is_exact.desc(), name)
    )


def _made(line: str) -> list[Select[Any]]:
    titles = _ids(Generation.id, Generation.title, line)
    prompts = _ids(Slot.id, Slot.prompt, line)
    failures = _ids(Run.id, Run.failure_detail, line, Run.failure_detail.is_not(None))
    of_prompts = select_hits(
        Slot.generation_id, "Words of a prompt", slot=Slot.id, asset=Slot.asset_id
    )
    of_failures = select_hits(Run.generation_id, "Words of a failure", run=Run.id)
    return [
        select_hits(titles.c.id, "Words of its title"),
        of_prompts.join(prompts, prompts.c.id == Slot.id),
        of_failures.join(failures, failures.c.id == Run.id),
    ]


def _uploaded(line: str) -> list[Select[Any]]:
    files = select(Reference.asset_id).where(has_file_name(line)).limit(50)
    return uses_of_files(files, "A file's name")


def has_file_name(line: str) -> ColumnElement[bool]:
    """Whether an upload's name has these words."""
    query = func.plainto_tsquery(_SIMPLE, func.translate(_bounded(line), "._-", "   "))
    named: ColumnElement[bool] = func.to_tsvector(_SIMPLE, text(NAME_WORDS)).op("@@")(query)
    return named


def _ids(row_id: Any, column: Any, line: str, *conditions: ColumnElement[bool]) -> Any:
    """Select the newest ids of the rows that contain the words."""
    query = func.plainto_tsquery(_SIMPLE, _bounded(line))
    vector = func.to_tsvector(_SIMPLE, column)
    from_index = select(row_id).where(vector.op("@@")(query), *conditions).limit(MAX_FROM_INDEX)
    newest = (
        select(row_id, column.label("words"))
        .where(*conditions)
        .order_by(row_id.desc())
        .limit(MAX_NEWEST)
        .subquery()
    )
    of_newest = select(newest.c[0]).where(func.to_tsvector(_SIMPLE, newest.c.words).op("@@")(query))
    both = union(select(from_index.subquery().c[0]), of_newest).subquery()
    found = both.c[0].label("id")
    return select(found).order_by(found.desc()).limit(MAX_FOUND).subquery()


def _bounded(line: str) -> str:
    """Bound a text: PostgreSQL refuses a word of kilobytes."""
    return " ".join([word for word in line.split() if len(word) <= MAX_WORD_CHARACTERS][:MAX_WORDS])
