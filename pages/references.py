"""References: drop pictures in, read what became of each file, see and delete what is kept."""

from typing import Any

import streamlit as st

from pages.components import parts
from pages.components.facts import facts
from pages.components.tile_grid import Choice, Section, Tile, tile_grid
from pages.shared.frame import action, flash, require_role
from pages.shared.runtime import picture_url, services
from pages.shared.sidebar import current_account
from pages.shared.widgets import empty_state, open_picture, page_title, picture_href
from pages.shared.wording import Look, count_of, file_size, size
from services.actors import Actor
from services.references import ReferenceCard, UploadVerdict
from services.statuses import Role

TYPES = ["jpg", "jpeg", "png", "webp", "heic", "heif"]
LIMIT_MB = 25
PAGE = 60
ROUND = "upload_round"
VERDICTS = "upload_verdicts"
PICKED = "picked_references"


def draw_upload(actor: Actor, account_id: str) -> None:
    """The uploader; each file is stored or refused at once, then the uploader is emptied."""
    if actor.role is Role.VIEWER:
        st.caption("You may look but not upload. Ask an admin for the operator role.")
        return
    files = st.file_uploader(
        "Add pictures",
        type=TYPES,
        accept_multiple_files=True,
        max_upload_size=LIMIT_MB,
        key=f"upload_{st.session_state.get(ROUND, 0)}",
        help="JPEG, PNG, WebP or HEIC. Location and other camera data are removed.",
    )
    if files:
        st.session_state[VERDICTS] = _store(actor, account_id, files)
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        st.rerun()
    _tell_verdicts(st.session_state.get(VERDICTS, []))


def _store(actor: Actor, account_id: str, files: list[Any]) -> list[dict[str, str]]:
    bar = st.progress(0.0, text=f"0 of {len(files)}")
    told = []
    for number, file in enumerate(files, start=1):
        with action("upload_reference"):
            verdict = services().references.upload(actor, account_id, file.name, file.getvalue())
            told.append(_told(verdict))
        bar.progress(number / len(files), text=f"{number} of {len(files)}")
    return told


def _told(verdict: UploadVerdict) -> dict[str, str]:
    if not verdict.is_accepted:
        look = Look("Refused", "red", "block")
    elif verdict.is_duplicate:
        look = Look("Known", "gray", "content_copy")
    else:
        look = Look("Kept", "green", "check")
    return {**look._asdict(), "filename": verdict.filename, "sentence": verdict.sentence}


def _tell_verdicts(verdicts: list[dict[str, str]]) -> None:
    if not verdicts:
        return
    lines = [
        (
            "",
            [
                parts.badge(told["word"], told["tone"], told["icon"]),
                parts.text(told["filename"], "strong"),
                parts.text(told["sentence"]),
            ],
        )
        for told in verdicts
    ]
    facts(lines, key="verdicts")
    st.button("Clear this list", type="tertiary", key="clear_verdicts", on_click=_clear)


def _clear() -> None:
    st.session_state.pop(VERDICTS, None)


def draw_kept(actor: Actor, account_id: str) -> None:
    """What is kept, newest first; in selection the tiles are ticked instead of opened."""
    limit = int(st.session_state.get("references_limit", PAGE))
    with action("read_references", is_page=True):
        page = services().references.page(actor, account_id, limit=limit)
    if not page.items:
        empty_state(
            "No references yet",
            "Drop photographs or drawings above. Mascots can be made from them.",
            icon="imagesmode",
        )
        return
    is_selecting = _toolbar(page.total, {card.id for card in page.items}, actor)
    clicked = tile_grid(
        [Section("kept", [_tile(card) for card in page.items])],
        key="reference_grid",
        label="References",
        min_width=160,
        choice=Choice("many", st.session_state.get(PICKED, []), False, _toggle)
        if is_selecting
        else Choice(),
    )
    open_picture(next((card.asset_id for card in page.items if card.id == clicked.open), None))
    if page.next_cursor and st.button("Load older", key="older_references", width="stretch"):
        st.session_state["references_limit"] = limit + PAGE
        st.rerun()


def _toolbar(total: int, known: set[str], actor: Actor) -> bool:
    picked = [chosen for chosen in st.session_state.get(PICKED, []) if chosen in known]
    st.session_state[PICKED] = picked
    with st.container(horizontal=True, vertical_alignment="center", key="reference_tools"):
        st.caption(count_of(total, "reference"), width="stretch")
        if actor.role is Role.VIEWER:
            return False
        is_selecting = st.toggle("Select", key="selecting")
        if is_selecting and st.button(
            f"Delete {len(picked)}" if picked else "Delete",
            icon=":material/delete:",
            disabled=not picked,
            key="delete_picked",
        ):
            _confirm(len(picked))
    return is_selecting


@st.dialog("Delete these references?", icon=":material/delete:")
def _confirm(count: int) -> None:
    if st.session_state.pop("deleted", False):
        st.rerun()
    st.write(
        f"{count_of(count, 'reference')} will leave the lists. Pictures that were made from them"
        " stay."
    )
    st.button("Delete", type="primary", on_click=_delete, key="confirm_delete")


def _delete() -> None:
    with action("delete_references"):
        actor = require_role(Role.OPERATOR)
        picked = st.session_state.get(PICKED, [])
        for reference_id in picked:
            services().references.delete(actor, reference_id)
        st.session_state[PICKED] = []
        st.session_state["deleted"] = True
        flash(f"Deleted {count_of(len(picked), 'reference')}.", ":material/delete:")


def _toggle() -> None:
    clicked = st.session_state["reference_grid"].get("pick")
    picked = list(st.session_state.get(PICKED, []))
    if clicked in picked:
        picked.remove(clicked)
    elif clicked:
        picked.append(clicked)
    st.session_state[PICKED] = picked


def _tile(card: ReferenceCard) -> Tile:
    return Tile(
        id=card.id,
        caption=card.filename,
        sub=f"{size(card.width, card.height)} · {file_size(card.byte_count)}",
        src=picture_url(card.thumbnail_key),
        key=card.thumbnail_key,
        placeholder=card.placeholder,
        alt=card.filename,
        href=picture_href(card.asset_id),
    )


person = require_role(Role.VIEWER)
page_title("References")
account = current_account(person)
draw_upload(person, account.id)
draw_kept(person, account.id)
