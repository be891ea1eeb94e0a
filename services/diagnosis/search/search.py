"""Search generations by whatever a person pastes: ids, links, names, words, error texts, times.

Read-only, at most six bounded statements; the text is neither stored nor logged.
"""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.states import Role
from services.database.engine import Database
from services.database.models import Asset, Person, Reference
from services.diagnosis.runbooks import find_by_error
from services.diagnosis.search import results
from services.diagnosis.search.by_id import TRUNCATABLE, account_of_entry, hits_of, hits_of_prefix
from services.diagnosis.search.by_text import (
    Name,
    has_file_name,
    hits_of_span,
    hits_of_words,
    names_in,
)
from services.diagnosis.search.parse import InputKind, Reading, line_of, read
from services.diagnosis.search.results import AccountHit, Hit, Located, Match, ObjectHit
from services.diagnosis.search.times import AROUND, Span, names_time, spans

WHAT_TO_PASTE = (
    "Paste an id, a link to a prediction or a picture, a key of the storage, an account's or a"
    " person's name, an e-mail address, a file's name, words of a prompt, an error message, or a"
    ' time such as "yesterday at two".'
)
_NO_ACCOUNT = "There is no account with this id. "
_NO_GENERATION = "No batch is known under it. "
_NO_ERROR = (
    "No error is stored under {0}. Errors are stored for 30 days, and not while the database is away:"
    " search for it in the logs of web and workers."
)
_HINTS = {
    InputKind.NOTHING: WHAT_TO_PASTE,
    InputKind.LINK: "Nothing here is known by this link. " + WHAT_TO_PASTE,
}


class Locator:
    """Answers the search box of the Diagnose page."""

    def __init__(self, database: Database, logs: Path | None = None) -> None:
        """`logs`: the folder of this machine's logs, where they are files."""
        self._database = database
        self._logs = logs

    def locate(
        self, actor: Actor, text: str, *, time_zone: str | None = None, limit: int = 20
    ) -> Located:
        """Search by this text; never raises for a text. Times are parsed in `time_zone`, or UTC."""
        require(actor, Role.OPERATOR)
        reading = read(text)
        if reading.kind in _HINTS:
            return Located(reading.kind.value, hint=_HINTS[reading.kind])
        with self._database.transaction() as session:
            search = _Search(session, actor, limit)
            zone = time_zone or "UTC"
            if reading.kind is InputKind.ERROR:
                found = search.by_reference(reading.value, self._logs)
                if reading.is_certain or not found.is_empty:
                    return found
                return search.by_words(line_of(text), zone)
            if reading.kind is InputKind.WORDS:
                return search.by_words(reading.value, zone)
            found = search.by_id(reading)
            if found.is_empty and not reading.is_certain:
                words = search.by_words(line_of(text), zone)
                return found if words.is_empty else words
            return found


class _Search:
    """One search in one transaction."""

    def __init__(self, session: Session, actor: Actor, limit: int) -> None:
        self._session = session
        self._actor = actor
        self._limit = limit

    def by_id(self, reading: Reading) -> Located:
        """Search by an id; the answer for an account or a key has more than generations."""
        if reading.kind is InputKind.EMAIL:
            return self._email(reading.value)
        may_be_truncated = reading.kind in TRUNCATABLE and not reading.is_certain
        hits = (hits_of_prefix if may_be_truncated else hits_of)(
            self._session, reading.kind, reading.value
        )
        found = self._matches(hits)
        account = self._account_of(reading)
        # Text that may be words is searched as words next.
        objects = self._objects(reading) if reading.is_certain and not found else ()
        nothing = _NO_ACCOUNT if reading.kind is InputKind.ACCOUNT else _NO_GENERATION
        hint = "" if found or objects or account else nothing + WHAT_TO_PASTE
        return Located(reading.kind.value, found, objects, account, hint=hint)

    def by_reference(self, reference: str, logs: Path | None) -> Located:
        """Find an error by its reference, and the generation that met it."""
        error = results.error_of(self._session, reference, logs)
        hits = []
        if error and error.generation_id:
            hits = [Hit(error.generation_id, "Met this error", run_id=error.run_id)]
        hint = "" if error else _NO_ERROR.format(reference)
        return Located(InputKind.ERROR.value, self._matches(hits), error=error, hint=hint)

    def by_words(self, line: str, time_zone: str) -> Located:
        """Search by a time, else by names and words, and by the runbooks' error texts."""
        if names_time(line):
            return self._at(line, time_zone)
        names = names_in(self._session, line)
        exact = [name for name in names if name.is_exact]
        if exact:
            return self._named(exact)
        hits, runbooks = hits_of_words(self._session, line), find_by_error(line)
        if names and not (hits or runbooks):
            return self._named(names)
        if not (hits or runbooks):
            return self._uploads(line)
        understood = "An error message" if runbooks else _words_of(hits)
        return Located(understood, self._matches(hits), runbooks=runbooks)

    def _uploads(self, line: str) -> Located:
        """Search unused uploads with this file name; else explain what can be pasted."""
        objects = results.objects(self._session, has_file_name(line))
        if objects:
            return Located("A file's name", objects=objects)
        return Located(InputKind.WORDS.value, hint=_NO_GENERATION + WHAT_TO_PASTE)

    def _matches(self, hits: Sequence[Hit], *, is_ordered: bool = False) -> tuple[Match, ...]:
        return results.matches(self._session, self._actor, hits, self._limit, is_ordered=is_ordered)

    def _account_of(self, reading: Reading) -> AccountHit | None:
        account_id = reading.value if reading.kind is InputKind.ACCOUNT else None
        if reading.kind is InputKind.ENTRY and reading.is_certain:
            account_id = account_of_entry(self._session, reading.value)
        return results.account_of(self._session, account_id) if account_id else None

    def _objects(self, reading: Reading) -> tuple[ObjectHit, ...]:
        if reading.kind is InputKind.KEY:
            return results.objects_of_key(self._session, reading.value)
        condition = {
            InputKind.ASSET: Asset.id == reading.value,
            InputKind.SHA256: Asset.sha256 == reading.value,
            InputKind.REFERENCE: Reference.id == reading.value,
        }.get(reading.kind)
        return () if condition is None else results.objects(self._session, condition)

    def _email(self, email: str) -> Located:
        person = self._session.scalar(select(Person).where(Person.email == email))
        if person is None:
            hint = "No person here has it. Paste the account's name instead."
            return Located(InputKind.EMAIL.value, hint=hint)
        return self._named([Name("person", person.id, person.name, is_exact=True)])

    def _named(self, names: Sequence[Name]) -> Located:
        """Search the newest batches of the first match; the hint names the others."""
        first, *others = sorted(names, key=lambda name: (not name.is_exact, name.what))
        kind = {"account": InputKind.ACCOUNT, "person": InputKind.PERSON}.get(
            first.what, InputKind.GENERATION
        )
        hits = hits_of(self._session, kind, first.id)
        account = results.account_of(self._session, first.id) if kind is InputKind.ACCOUNT else None
        understood = {
            InputKind.ACCOUNT: "An account's name",
            InputKind.PERSON: "A person's name",
        }.get(kind, "A trained model's trigger word")
        also = ", ".join(dict.fromkeys(name.name for name in others if name.id != first.id))
        hint = f"Also named so: {also}." if also else ""
        if not hits:
            hint = f"{first.name} has started nothing yet. {hint}".strip()
        return Located(understood, self._matches(hits), account=account, hint=hint)

    def _at(self, line: str, time_zone: str) -> Located:
        now = self._session.scalars(select(func.clock_timestamp())).one()
        moments = spans(line, now, time_zone)
        hits = [hit for span in moments for hit in hits_of_span(self._session, span, self._limit)]
        label = " or ".join(map(_moment, moments))
        label += "" if _is_long(moments[0]) else ", give or take half an hour"
        hint = "" if hits else "Nothing was started then. Is it another day, or another time zone?"
        return Located(f"A time: {label}", self._matches(hits, is_ordered=True), hint=hint)


def _is_long(span: Span) -> bool:
    return span.end - span.begin > 2 * AROUND


def _moment(span: Span) -> str:
    if _is_long(span):
        return f"{span.begin:%Y-%m-%d %H:%M} to {span.end:%Y-%m-%d %H:%M}"
    return f"{span.middle:%Y-%m-%d %H:%M}"


def _words_of(hits: Sequence[Hit]) -> str:
    reasons = dict.fromkeys(hit.why.partition(",")[0] for hit in hits)
    return " · ".join(reasons) or InputKind.WORDS.value
