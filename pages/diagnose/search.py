"""The one box of Diagnose: takes whatever a person has at hand, and shows what it leads to."""

import streamlit as st

from pages.diagnose import remedy_dialog
from pages.diagnose.texts import below_a_page
from pages.kit.backend import located, picture_url
from pages.kit.components import elements
from pages.kit.components.rows import Column, facts, table
from pages.kit.frame import action
from pages.kit.remedy_labels import MISSING_REMEDIES, NOTHING_FOUND
from pages.kit.widgets import badge, picture_href
from pages.kit.wording import GENERATION_BADGES, KIND_WORDS, escaped
from services.core.actors import Actor
from services.core.humanize import count_of, credits_of
from services.diagnosis.runbooks import RunbookHit, runbook
from services.diagnosis.search.results import AccountHit, Located, Match, ObjectHit
from services.remedies.base import RemedyOffer
from services.remedies.registry import REMEDIES

_BOX, _SEEN = "diagnose_box", "diagnose_seen"
PLACEHOLDER = (
    "Paste any id, link, storage key, name, file name, words of a prompt, error message or time"
)
GENERATION_PREFIX = "gen_"
COLUMNS = (
    Column(""),
    Column("Generation", is_wide=True),
    Column("Found by"),
    Column("Account"),
    Column("Started"),
)


def draw_box() -> None:
    """The box; Enter takes what stands in it to the address, which can be passed on."""
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
    # All at once: each change alone would be a step of its own on the way back.
    st.query_params.from_dict(others | ({"q": text} if text else {}))
    st.session_state[_SEEN] = text


def asked_for(actor: Actor) -> str | None:
    """The generation that the address names, or the only one that its words lead to."""
    named = st.query_params.get("id", "")
    if named.startswith(GENERATION_PREFIX):
        return named
    text = named or st.query_params.get("q")
    if not text:
        return None
    with action("locate"):
        found = located(actor, text, st.context.timezone)
        only = {match.generation_id for match in found.matches}
        if len(only) == 1 and not found.account:
            # The address stays as it was asked: a second entry would catch the way back.
            return found.matches[0].generation_id
        _draw(found)
    return None


def _draw(found: Located) -> None:
    if found.is_empty:
        _nothing(found)
        return
    told = [elements.text(found.understood_as, "strong")]
    told += [elements.text(count_of(len(found.matches), "generation"))] if found.matches else []
    facts([("", told)], key="understood")
    if found.account:
        _account(found.account)
    if found.matches:
        _matches(found)
    for stored in found.objects:
        _object(stored)
    for hit in found.runbooks:
        _runbook(hit)
    if found.hint:
        st.caption(escaped(found.hint))


def _object(stored: ObjectHit) -> None:
    line = [elements.chip(stored.storage_key, name="storage key"), elements.text(stored.sentence)]
    if stored.asset_id:
        line.append(elements.link("Open", picture_href(stored.asset_id)))
    if stored.is_orphan:
        line += [
            elements.button(
                REMEDIES[kind].label,
                remedy_dialog.name_of(RemedyOffer(kind, stored.storage_key)),
            )
            for kind in MISSING_REMEDIES["orphaned_file"]
        ]
    clicked = facts([("", line)], key=f"object_{stored.storage_key}")
    if clicked:
        remedy_dialog.ask(remedy_dialog.offer_of(clicked))


def _runbook(hit: RunbookHit) -> None:
    page = runbook(hit.slug)
    with st.expander(escaped(hit.title), icon=":material/menu_book:", key=f"book_{hit.slug}"):
        if hit.excerpt:
            st.code(hit.excerpt, language=None, wrap_lines=True)
        if page:
            st.markdown(below_a_page(page.body_markdown))


def _account(account: AccountHit) -> None:
    means = credits_of(account.balance)
    if account.quota_left is not None:
        means = f"{account.quota_left:,} left today"
    line = [
        elements.text(account.tier),
        elements.text(means),
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
        st.markdown("**Nothing here goes by that.**")
        st.caption(f"It was read as: {escaped(found.understood_as)}.")
        st.markdown("What can be pasted:\n" + "\n".join(f"- {one}" for one in NOTHING_FOUND))
