"""From the words that people say to generations: names, titles, prompts, file names, failures.

Each search of words has two bounded halves: what the index finds first, and the newest rows, since
an index of words knows no order and a common word would need all of it.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    func,
    literal,
    null,
    or_,
    select,
    text,
    union,
    union_all,
)
from sqlalchemy.orm import Session

from services.database.models import Account, Generation, Person, Reference, Run, Slot, TrainedModel
from services.database.models.pictures import NAME_WORDS
from services.diagnosis.search.by_id import prediction, uses_of_files
from services.diagnosis.search.results import Hit
from services.diagnosis.search.times import Span

MOST_FROM_INDEX = 3_000
MOST_NEWEST = 500
MOST_FOUND = 40
MOST_WORDS = 40
MOST_WORD_CHARACTERS = 100
MOST_NAME_CHARACTERS = 200
MOST_NAMES = 6
_SIMPLE = text("'simple'")


@dataclass(frozen=True)
class Name:
    """Somebody, or a trained model's trigger word, that a text names."""

    what: str
    """`account`, `person` or `model`."""
    id: str
    """A model's is that of the generation that trained it."""
    name: str
    is_exact: bool


def names_in(session: Session, line: str) -> list[Name]:
    """Accounts and people with this name, or a part of it, and models with such a trigger word.

    Accounts and people are few; their tables are read as they are.
    """
    lowered = line.lower()[:MOST_NAME_CHARACTERS]
    trigger_words = sorted({*line.split()[:MOST_WORDS], *lowered.split()[:MOST_WORDS]})
    found = [
        _named("account", Account.id, Account.name, lowered),
        _named("person", Person.id, Person.name, lowered, Person.email),
        select(
            literal("model"), TrainedModel.generation_id, TrainedModel.trigger_word, literal(True)
        ).where(TrainedModel.trigger_word.in_(trigger_words)),
    ]
    parts = [select(query.limit(MOST_NAMES).subquery()) for query in found]
    return [Name(*row) for row in session.execute(union_all(*parts)).all()]


def hits_of_words(session: Session, line: str) -> list[Hit]:
    """Batches by title, prompt, failure and file name that hold every one of these words."""
    queries = [*_made(line), *_uploaded(line)]
    if " " not in line:
        # A server with a provider's API may give its predictions ids of any form.
        queries += prediction(line)
    parts = [select(query.limit(MOST_FOUND).subquery()) for query in queries]
    return [Hit(*row) for row in session.execute(union_all(*parts)).all()]


def hits_of_span(session: Session, span: Span, limit: int) -> list[Hit]:
    """What was started in this stretch of time, the nearest to its middle first."""
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
    none = null()
    return [
        select(titles.c.id, literal("Words of its title"), none, none, none),
        select(Slot.generation_id, literal("Words of a prompt"), none, Slot.id, Slot.asset_id).join(
            prompts, prompts.c.id == Slot.id
        ),
        select(Run.generation_id, literal("Words of a failure"), Run.id, none, none).join(
            failures, failures.c.id == Run.id
        ),
    ]


def _uploaded(line: str) -> list[Select[Any]]:
    files = select(Reference.asset_id).where(has_file_name(line)).limit(50)
    return uses_of_files(files, "A file's name")


def has_file_name(line: str) -> ColumnElement[bool]:
    """Whether an upload's name has these words."""
    named: ColumnElement[bool] = func.to_tsvector(_SIMPLE, text(NAME_WORDS)).op("@@")(
        _query_of_name(line)
    )
    return named


def _ids(row_id: Any, column: Any, line: str, *conditions: ColumnElement[bool]) -> Any:
    """The newest ids of the rows that hold the words."""
    query = func.plainto_tsquery(_SIMPLE, _kept(line))
    vector = func.to_tsvector(_SIMPLE, column)
    from_index = select(row_id).where(vector.op("@@")(query), *conditions).limit(MOST_FROM_INDEX)
    newest = (
        select(row_id, column.label("words"))
        .where(*conditions)
        .order_by(row_id.desc())
        .limit(MOST_NEWEST)
        .subquery()
    )
    of_newest = select(newest.c[0]).where(func.to_tsvector(_SIMPLE, newest.c.words).op("@@")(query))
    both = union(select(from_index.subquery().c[0]), of_newest).subquery()
    found = both.c[0].label("id")
    return select(found).order_by(found.desc()).limit(MOST_FOUND).subquery()


def _query_of_name(line: str) -> Any:
    return func.plainto_tsquery(_SIMPLE, func.translate(_kept(line), "._-", "   "))


def _kept(line: str) -> str:
    """A bounded text: PostgreSQL refuses a word of kilobytes."""
    return " ".join(
        [word for word in line.split() if len(word) <= MOST_WORD_CHARACTERS][:MOST_WORDS]
    )
