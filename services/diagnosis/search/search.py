"""The one box: from whatever a person pastes to the generations that it means.

Reads alone, at most six bounded statements; neither keeps nor logs what was pasted.
"""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.states import Role
from services.database.engine import Database
from services.database.models import Asset, Person, Reference
from services.diagnosis.runbooks import find_by_error
from services.diagnosis.search import summaries
from services.diagnosis.search.by_id import CUT_OFF, account_of_entry, begun_by, hits_of
from services.diagnosis.search.by_text import (
    Name,
    has_file_name,
    hits_of_span,
    hits_of_words,
    names_in,
)
from services.diagnosis.search.parse import SENTENCES, Reading, What, line_of, read
from services.diagnosis.search.results import AccountHit, Hit, Located, Match, ObjectHit
from services.diagnosis.search.times import AROUND, Span, names_time, spans

WHAT_TO_PASTE = (
    "Paste an id, a link to a prediction or a picture, a key of the storage, an account's or a"
    " person's name, an e-mail address, a file's name, words of a prompt, an error message, or a"
    ' time such as "yesterday at two".'
)
_NO_ACCOUNT = "There is no account with this id. "
_NO_GENERATION = "No batch is known under it. "
_HINTS = {
    What.NOTHING: WHAT_TO_PASTE,
    What.LINK: "Nothing here is known by this link. " + WHAT_TO_PASTE,
}


class Locator:
    """Answers the box of the Diagnose page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def locate(
        self, actor: Actor, text: str, *, time_zone: str | None = None, limit: int = 20
    ) -> Located:
        """Whatever this text means; never raises for a text. Times are read in `time_zone`, or UTC."""
        require(actor, Role.OPERATOR)
        reading = read(text)
        if reading.what in _HINTS:
            return Located(SENTENCES[reading.what], hint=_HINTS[reading.what])
        if reading.what is What.ERROR:
            return _error(reading.value)
        with self._database.transaction() as session:
            look = _Look(session, actor, limit)
            zone = time_zone or "UTC"
            if reading.what is What.WORDS:
                return look.up_words(reading.value, zone)
            found = look.up(reading)
            if found.is_empty and not reading.is_sure:
                words = look.up_words(line_of(text), zone)
                return found if words.is_empty else words
            return found


class _Look:
    """One look-up in one transaction."""

    def __init__(self, session: Session, actor: Actor, limit: int) -> None:
        self._session = session
        self._actor = actor
        self._limit = limit

    def up(self, reading: Reading) -> Located:
        """By an id; an account's or a key's answer holds more than generations."""
        if reading.what is What.EMAIL:
            return self._email(reading.value)
        if reading.what is What.ACCOUNT:
            return self._account(reading.value)
        is_cut_off = reading.what in CUT_OFF and not reading.is_sure
        hits = (begun_by if is_cut_off else hits_of)(self._session, reading.what, reading.value)
        found = self._matches(hits)
        # What may be words is not looked for any further here.
        account = self._account_of(reading) if reading.is_sure else None
        objects = self._objects(reading) if reading.is_sure and not found else ()
        hint = "" if found or objects or account else _NO_GENERATION + WHAT_TO_PASTE
        return Located(SENTENCES[reading.what], found, objects, account, hint=hint)

    def up_words(self, line: str, time_zone: str) -> Located:
        """By a time, else by names and words, and by the runbooks' error texts."""
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
        """Uploads with this file name that nothing was made from; else what can be pasted."""
        objects = summaries.objects(self._session, has_file_name(line))
        if objects:
            return Located("A file's name", objects=objects)
        return Located(SENTENCES[What.WORDS], hint=_NO_GENERATION + WHAT_TO_PASTE)

    def _matches(self, hits: Sequence[Hit], *, is_ordered: bool = False) -> tuple[Match, ...]:
        return summaries.matches(
            self._session, self._actor, hits, self._limit, is_ordered=is_ordered
        )

    def _account(self, account_id: str) -> Located:
        account = summaries.account_of(self._session, account_id)
        if account is None:
            return Located(SENTENCES[What.ACCOUNT], hint=_NO_ACCOUNT + WHAT_TO_PASTE)
        found = self._matches(hits_of(self._session, What.ACCOUNT, account_id))
        return Located(SENTENCES[What.ACCOUNT], found, account=account)

    def _account_of(self, reading: Reading) -> AccountHit | None:
        if reading.what is not What.ENTRY:
            return None
        account_id = account_of_entry(self._session, reading.value)
        return summaries.account_of(self._session, account_id) if account_id else None

    def _objects(self, reading: Reading) -> tuple[ObjectHit, ...]:
        if reading.what is What.KEY:
            return summaries.objects_of_key(self._session, reading.value)
        condition = {
            What.ASSET: Asset.id == reading.value,
            What.SHA256: Asset.sha256 == reading.value,
            What.REFERENCE: Reference.id == reading.value,
        }.get(reading.what)
        return () if condition is None else summaries.objects(self._session, condition)

    def _email(self, email: str) -> Located:
        person = self._session.scalar(select(Person).where(Person.email == email))
        if person is None:
            hint = "No person of this desk has it. Paste the account's name instead."
            return Located(SENTENCES[What.EMAIL], hint=hint)
        return self._named([Name("person", person.id, person.name, is_exact=True)])

    def _named(self, names: Sequence[Name]) -> Located:
        """The newest batches of the first one that was named; the hint names the others."""
        first, *others = sorted(names, key=lambda name: (not name.is_exact, name.what))
        what = {"account": What.ACCOUNT, "person": What.PERSON}.get(first.what, What.GENERATION)
        hits = hits_of(self._session, what, first.id)
        account = summaries.account_of(self._session, first.id) if what is What.ACCOUNT else None
        understood = {
            What.ACCOUNT: "An account's name",
            What.PERSON: "A person of this desk",
        }.get(what, "A trained model's trigger word")
        also = ", ".join(dict.fromkeys(name.name for name in others if name.id != first.id))
        hint = f"Also named so: {also}." if also else ""
        if not hits:
            hint = f"{first.name} has started nothing yet. {hint}".strip()
        return Located(understood, self._matches(hits), account=account, hint=hint)

    def _at(self, line: str, time_zone: str) -> Located:
        now = self._session.scalars(select(func.clock_timestamp())).one()
        moments = spans(line, now, time_zone)
        hits = [hit for span in moments for hit in hits_of_span(self._session, span, self._limit)]
        told = " or ".join(map(_moment, moments))
        told += "" if _is_long(moments[0]) else ", give or take half an hour"
        hint = "" if hits else "Nothing was started then. Is it another day, or another time zone?"
        return Located(f"A time: {told}", self._matches(hits, is_ordered=True), hint=hint)


def _is_long(span: Span) -> bool:
    return span.end - span.begin > 2 * AROUND


def _moment(span: Span) -> str:
    if _is_long(span):
        return f"{span.begin:%Y-%m-%d %H:%M} to {span.end:%Y-%m-%d %H:%M}"
    return f"{span.middle:%Y-%m-%d %H:%M}"


def _words_of(hits: Sequence[Hit]) -> str:
    reasons = dict.fromkeys(hit.why.partition(",")[0] for hit in hits)
    return " · ".join(reasons) or SENTENCES[What.WORDS]


def _error(reference: str) -> Located:
    told = f"The log of the desk has it: look for {reference} in logs/web.log of ATELIER_HOME."
    return Located(SENTENCES[What.ERROR], hint=told)
