"""Diagnose: search for anything, one generation's case, and everything stuck or missing."""

import streamlit as st

from pages.diagnose.background import draw_background, draw_incidents
from pages.diagnose.case import draw_case, draw_texts, embedded_markdown
from pages.diagnose.stuck_and_missing import draw_missing, draw_stuck
from pages.kit import remedy_dialogs
from pages.kit.backend import diagnosis, located, picture_url
from pages.kit.batches import open_asked
from pages.kit.components import elements
from pages.kit.components.rows import Column, facts, table
from pages.kit.frame import action, require_role
from pages.kit.widgets import badge, empty_state, page_title, picture_href
from pages.kit.wording import (
    GENERATION_BADGES,
    KIND_WORDS,
    MISSING_REMEDIES,
    SEARCH_EXAMPLES,
    escaped,
)
from services.core.actors import Actor
from services.core.errors import NotFoundError
from services.core.humanize import count_of, credits_of
from services.core.states import Role
from services.diagnosis.runbooks import RunbookHit, runbook
from services.diagnosis.search.results import AccountHit, ErrorHit, Located, Match, ObjectHit
from services.remedies.base import RemedyOffer
from services.remedies.registry import REMEDIES

_BOX, _SEEN = "diagnose_box", "diagnose_seen"
PLACEHOLDER = "Any id, link, storage key, name, file name, prompt words, error message or time"
GENERATION_PREFIX = "gen_"
COLUMNS = (
    Column(""),
    Column("Generation", is_wide=True),
    Column("Found by"),
    Column("Account"),
    Column("Started"),
)


def draw(actor: Actor) -> None:
    """Draw the case in the address, if there is one, above the lists of all problems."""
    _draw_box()
    remedy_dialogs.draw_progress()
    generation_id = _requested_generation(actor)
    if generation_id:
        _draw_case(actor, generation_id)
        st.divider()
    draw_stuck()
    draw_incidents()
    draw_missing()


def _draw_case(actor: Actor, generation_id: str) -> None:
    with action("diagnose"):
        try:
            case = diagnosis(actor, generation_id)
        except NotFoundError:
            empty_state(
                "No such generation",
                "Paste something else: a prediction's id, a name, or words of the prompt.",
                icon="search_off",
            )
            return
        draw_case(generation_id, case)
        draw_background(case)
        draw_texts(case)


def _draw_box() -> None:
    """Draw the box; Enter copies its text to the address, which can be shared."""
    shown = st.query_params.get("q") or st.query_params.get("id") or ""
    if st.session_state.get(_SEEN) != shown or _BOX not in st.session_state:
        st.session_state[_SEEN] = st.session_state[_BOX] = shown
    st.text_input(
        "What do you have?",
        key=_BOX,
        icon=":material/search:",
        placeholder=PLACEHOLDER,
        max_chars=2000,
        label_visibility="collapsed",
        on_change=_ask,
    )


def _ask() -> None:
    text = str(st.session_state.get(_BOX) or "").strip()
    others = {name: value for name, value in st.query_params.items() if name not in ("id", "q")}
    # Set at once: each single change would be a step of the browser's history.
    st.query_params.from_dict(others | ({"q": text} if text else {}))
    st.session_state[_SEEN] = text


def _requested_generation(actor: Actor) -> str | None:
    """Return the generation in the address, or the only match of its words; else draw the matches."""
    named = st.query_params.get("id", "")
    if named.startswith(GENERATION_PREFIX):
        return named
    text = named or st.query_params.get("q")
    if not text:
        return None
    with action("locate"):
        found = located(actor, text, st.context.timezone)
        only = {match.generation_id for match in found.matches}
        if len(only) == 1 and not found.account and not found.error:
            # Leave the address: a second entry in the history would catch the back button.
            return found.matches[0].generation_id
        _draw_found(found)
    return None


def _draw_found(found: Located) -> None:
    if found.is_empty:
        _nothing(found)
        return
    line = [elements.text(found.understood_as, "strong")]
    line += [elements.text(count_of(len(found.matches), "generation"))] if found.matches else []
    facts([("", line)], key="understood")
    if found.account:
        _account(found.account)
    if found.error:
        _error(found.error)
    if found.matches:
        _matches(found)
    for stored in found.objects:
        _object(stored)
    for hit in found.runbooks:
        _runbook(hit)
    if found.hint:
        st.caption(escaped(found.hint))


def _error(error: ErrorHit) -> None:
    line = [elements.chip(error.reference, name="reference"), elements.text(error.place)]
    line += [elements.time(error.at)] if error.at else []
    line += [elements.chip(error.run_id, name="run id")] if error.run_id else []
    facts([("", [*line, elements.text(error.message, "line")])], title="Error", key="error_hit")
    for label, text in (("Traceback", error.traceback), ("Log", error.log)):
        if text:
            with st.expander(label, icon=":material/code:"):
                st.code(text, language=None, wrap_lines=True)


def _object(stored: ObjectHit) -> None:
    line = [elements.chip(stored.storage_key, name="storage key"), elements.text(stored.sentence)]
    if stored.asset_id:
        line.append(elements.link("Open", picture_href(stored.asset_id)))
    if stored.is_orphan:
        line += [
            elements.button(
                REMEDIES[kind].label,
                remedy_dialogs.offer_id(RemedyOffer(kind, stored.storage_key)),
            )
            for kind in MISSING_REMEDIES["orphaned_file"]
        ]
    clicked = facts([("", line)], key=f"object_{stored.storage_key}")
    if clicked:
        remedy_dialogs.ask(remedy_dialogs.offer_of(clicked))


def _runbook(hit: RunbookHit) -> None:
    page = runbook(hit.slug)
    with st.expander(escaped(hit.title), icon=":material/menu_book:", key=f"book_{hit.slug}"):
        if hit.excerpt:
            st.code(hit.excerpt, language=None, wrap_lines=True)
        if page:
            st.markdown(embedded_markdown(page.body_markdown))


def _account(account: AccountHit) -> None:
    funds = credits_of(account.balance)
    if account.quota_left is not None:
        funds = f"{account.quota_left:,} left today"
    line = [
        elements.text(account.tier),
        elements.text(funds),
        elements.chip(account.id, name="account id"),
    ]
    if account.is_quota_reached:
        line.append(elements.badge("Today's quota is used up", "amber", "block"))
    facts([("", line)], title=account.name, key="account_hit")


def _matches(found: Located) -> None:
    clicked = table(COLUMNS, [_row(match) for match in found.matches], key="matches")
    if clicked:
        st.query_params["id"] = clicked
        st.rerun()


def _row(match: Match) -> list[list[elements.Element]]:
    src = picture_url(match.thumbnail_key) if match.thumbnail_key else None
    return [
        [elements.thumb(src, match.thumbnail_key, match.title)],
        [
            elements.button(match.title, match.generation_id),
            badge(GENERATION_BADGES[match.state]),
            elements.text(KIND_WORDS[match.kind]),
        ],
        [elements.text(match.why)],
        [elements.text(match.account_name)],
        [elements.time(match.created_at)],
    ]


def _nothing(found: Located) -> None:
    with st.container(border=True, key="nothing_found"):
        st.markdown("**No results**")
        st.caption(escaped(found.understood_as))
        st.markdown("You can paste:\n" + "\n".join(f"- {one}" for one in SEARCH_EXAMPLES))


person = require_role(Role.OPERATOR)
page_title("Diagnose")
open_asked()
remedy_dialogs.open_requested()
draw(person)
