"""The widgets of every page: status, tiles, prices, figures, pages of a list and empty states."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

import streamlit as st

from pages.kit.backend import picture_url, pose_url
from pages.kit.components import elements
from pages.kit.components.rows import Line, facts
from pages.kit.components.tile_grid import Section, Tile, tile_grid
from pages.kit.wording import (
    GENERATION_BADGES,
    KIND_WORDS,
    OVERDUE,
    RETRY_LABEL,
    ROLE_WORDS,
    SLOT_BADGES,
    Badge,
)
from services.core.humanize import about_dollars, count_of, credits_of, duration, listed
from services.core.states import SlotRole
from services.gallery.gallery import GalleryItem
from services.monitoring.generations import GenerationSummary
from services.monitoring.providers import ProviderStatus
from services.monitoring.run_status import overdue_words
from services.monitoring.slots import SlotStatus, SlotSummary
from services.pose_library.library import PoseCard
from services.recipes.base import Quote

PICTURE_PAGE = "picture/page.py"
DIAGNOSE_PAGE = "diagnose/page.py"
OVERDUE_TIMES = 2.0
CANCEL, RETRY, WHY = "cancel", "retry", "why"
"""What a batch's buttons ask for."""


def open_picture(asset_id: str | None) -> None:
    """Open the picture's page; without an id nothing happens."""
    if asset_id:
        st.switch_page(PICTURE_PAGE, query_params={"id": asset_id})


def open_diagnosis(generation_id: str) -> None:
    """Open a generation's case on Diagnose."""
    st.switch_page(DIAGNOSE_PAGE, query_params={"id": generation_id})


def why(generation_id: str) -> elements.Element:
    """Return the button that opens the case; a component returns `why:<id>`."""
    return elements.button("Why?", f"{WHY}:{generation_id}")


def picture_href(asset_id: str) -> str:
    """Return the relative address of a picture's page."""
    return f"picture?id={asset_id}"


def page_title(title: str, sentence: str = "") -> None:
    """Draw the heading of a page and a sentence on what it is for."""
    st.title(title, anchor=False)
    if sentence:
        st.caption(sentence)


def empty_state(title: str, sentence: str, *, icon: str, page: str = "", label: str = "") -> None:
    """Draw what to do when there is nothing yet, with a link to the page for it."""
    with st.container(
        border=True, horizontal_alignment="center", gap="xsmall", key=f"empty_{icon}"
    ):
        st.space("small")
        st.markdown(f":gray[:material/{icon}:]", width="content")
        st.markdown(f"**{title}**", width="content")
        st.caption(sentence, width="content", text_alignment="center")
        if page:
            st.page_link(page, label=label, icon=":material/arrow_forward:", icon_position="right")
        st.space("small")


def badge(status: Badge) -> elements.Element:
    """A status badge."""
    return elements.badge(status.label, status.tone, status.icon)


def price_line(quote: Quote, called: Sequence[ProviderStatus] = (), what: str = "") -> str:
    """`12 pictures · 360 credits · about $0.59 · ready in about 2 min`; `what`: no pictures.

    `called`: the quote's providers; a paused one has no time, a simulated one no bill.
    """
    if not quote.picture_count:
        return f"**{count_of(0, 'picture')}** · {credits_of(0)}"
    cost = about_dollars(quote.cost_usd).replace("$", r"\$")
    if called and all(view.is_simulated for view in called):
        cost += " (simulated: nothing is billed)"
    paused = [view.label for view in called if view.paused_at]
    ready = f"ready in about {duration(quote.seconds)}"
    if paused:
        ready = f"starts when {listed(paused)} {'is' if len(paused) == 1 else 'are'} resumed"
    return " · ".join(
        (
            f"**{what or count_of(quote.picture_count, 'picture')}**",
            credits_of(quote.price_credits),
            cost,
            ready,
        )
    )


def draw_paused(providers: Iterable[ProviderStatus], *, key: str) -> None:
    """Draw each paused provider with its reason; nothing while all of them are called."""
    lines: list[Line] = [
        (
            "",
            [
                elements.badge(f"{view.label} is paused", "amber", "pause"),
                elements.text(view.paused_reason or "", "strong"),
                elements.time(view.paused_at),
                elements.text("Work waits until an admin resumes it."),
            ],
        )
        for view in providers
        if view.paused_at
    ]
    if lines:
        facts(lines, key=key)


def slot_tile(slot: SlotSummary, *, can_act: bool = False, title: str = "") -> Tile:
    """Return a slot as a tile: its picture, or its status and reason."""
    is_done = slot.status is SlotStatus.DONE and slot.asset_id is not None
    group, picture = _named(slot)
    needs_person = slot.status is SlotStatus.NEEDS_REVIEW
    return Tile(
        id=slot.id,
        caption=title or picture,
        sub=slot.label if title else group,
        src=picture_url(slot.thumbnail_key) if slot.thumbnail_key else None,
        key=slot.thumbnail_key,
        placeholder=slot.placeholder,
        alt=f"{title} {slot.label}".strip(),
        badge=None if is_done else badge(_slot_badge(slot)),
        note=slot.failure or slot.waiting_for if not is_done else "",
        is_running=slot.status is SlotStatus.RUNNING,
        progress=slot.progress,
        href=picture_href(slot.asset_id) if slot.asset_id else None,
        action="Decide" if needs_person and can_act and slot.run_id else "",
    )


def _slot_badge(slot: SlotSummary) -> Badge:
    is_running = slot.status is SlotStatus.RUNNING
    if is_running and slot.usual_times is not None and slot.usual_times >= OVERDUE_TIMES:
        return OVERDUE
    return SLOT_BADGES[slot.status]


def _named(slot: SlotSummary) -> tuple[str, str]:
    """Return the group of a slot, drawn below, and the picture's own name."""
    if slot.role is SlotRole.POSE:
        return "", slot.label
    group, _, picture = slot.label.rpartition(" · ")
    return group, picture


def picture_tile(
    tile_id: str,
    name: str,
    thumbnail_key: str | None,
    placeholder: str | None,
    *,
    sub: str = "",
    asset_id: str | None = None,
) -> Tile:
    """A stored picture as a tile; with an asset's id it opens that picture's page."""
    return Tile(
        id=tile_id,
        caption=name,
        sub=sub,
        src=picture_url(thumbnail_key) if thumbnail_key else None,
        key=thumbnail_key,
        placeholder=placeholder,
        alt=name,
        href=picture_href(asset_id) if asset_id else None,
    )


def pose_tile(pose: PoseCard) -> Tile:
    """A pose of the library as its skeleton."""
    url = pose_url(pose)
    return Tile(id=pose.id, caption=pose.name, src=url, key=url, alt=pose.name, is_drawing=True)


def picture_grid(
    tiles: Sequence[Tile],
    *,
    key: str,
    label: str,
    is_titled: bool = True,
    min_width: int = 104,
    page: str = "",
) -> None:
    """Draw tiles below their label; a click opens the picture that a tile links to.

    `page`: which page of a list this is; a change scrolls back to its beginning.
    """
    sections = [Section(key, tiles, title=label if is_titled else "")]
    clicked = tile_grid(sections, key=key, label=label, min_width=min_width, page=page)
    for tile in tiles:
        if tile.id == clicked.open and tile.href:
            open_picture(tile.href.partition("=")[2])


def gallery_tile(item: GalleryItem) -> Tile:
    """A finished picture as a tile that opens its page."""
    tile = picture_tile(
        item.slot_id,
        item.title,
        item.thumbnail_key,
        item.placeholder,
        sub=_gallery_sub(item),
        asset_id=item.asset_id,
    )
    return replace(tile, alt=f"{item.title}, {ROLE_WORDS[item.role]}")


def _gallery_sub(item: GalleryItem) -> str:
    """Return the first of mascot, role and kind that the caption does not contain."""
    words = (item.mascot_name or "", ROLE_WORDS[item.role], KIND_WORDS[item.kind])
    return next((word for word in words if word and word not in item.title), "")


def batch_section(card: GenerationSummary, *, can_act: bool) -> Section:
    """A generation: title, state, counts, price and progress, then its slots."""
    head = [badge(GENERATION_BADGES[card.state])]
    if not card.is_live:
        head.append(elements.text(f"{card.filled} of {count_of(card.total, 'picture')}"))
    head += [
        elements.time(card.created_at),
        elements.text(_price(card)),
        elements.chip(card.id, name="id"),
    ]
    buttons = _buttons(card, can_act=can_act)
    if can_act and (card.is_live or card.missing):
        buttons.append(why(card.id))
    return _section(card, card.title, [*head, *buttons], can_act=can_act)


def slots_section(card: GenerationSummary, *, can_act: bool) -> Section:
    """The slots alone, for a page whose heading names the generation."""
    head = [elements.text(_price(card)), *_buttons(card, can_act=can_act)]
    return _section(card, "Pictures", head, can_act=can_act)


def _section(
    card: GenerationSummary, title: str, head: list[elements.Element], *, can_act: bool
) -> Section:
    return Section(
        id=card.id,
        title=title,
        elements=head,
        bar=card.progress,
        bar_text=_progress(card) if card.is_live else "",
        tiles=[slot_tile(slot, can_act=can_act) for slot in card.slots],
    )


def _buttons(card: GenerationSummary, *, can_act: bool) -> list[elements.Element]:
    """Return the buttons of a batch and whether it is being canceled."""
    buttons = [elements.badge("Canceling", "gray", "block")] if card.is_canceling else []
    if can_act and card.is_cancelable:
        buttons.append(elements.button("Cancel", f"{CANCEL}:{card.id}"))
    if can_act and card.missing:
        label = f"{RETRY_LABEL} {card.missing} failed · {credits_of(card.missing_credits)}"
        buttons.append(elements.button(label, f"{RETRY}:{card.id}"))
    return buttons


def _price(card: GenerationSummary) -> str:
    if card.refunded_credits:
        return f"{credits_of(card.price_credits)}, {card.refunded_credits:,} refunded"
    return credits_of(card.price_credits)


def _progress(card: GenerationSummary) -> str:
    done = f"{card.filled} of {card.total}"
    if card.usual_times is not None:
        return f"{done} · {overdue_words(card.usual_times)}"
    if card.seconds_left is None:
        return done
    return f"{done} · about {duration(card.seconds_left)} left"


MIN_WIDTH = 136


@dataclass(frozen=True)
class Figure:
    """One number; `tone`, a badge's, puts a dot of that color before its name.

    `opens`: the note is a button. `spark`: a bar each, oldest first.
    """

    id: str
    label: str
    value: str
    note: str = ""
    tone: str = ""
    opens: bool = False
    spark: Sequence[int] = ()
    spark_label: str = ""


def figures(strip: Sequence[Figure], *, key: str) -> str | None:
    """Draw the strip; returns the id of the figure that was clicked in this run."""
    with st.grid(
        len(strip), min_column_width=MIN_WIDTH, border=True, gap="xsmall", key=key
    ) as grid:
        clicked = [figure.id for figure in strip if _draw(figure, grid, key)]
    return clicked[0] if clicked else None


def _draw(figure: Figure, grid: Any, key: str) -> bool:
    color = "orange" if figure.tone == "amber" else figure.tone
    dot = f":{color}[●] " if color else ""
    with grid.cell(), st.container(gap=None):
        st.metric(
            f"{dot}{figure.label}",
            figure.value.replace("$", r"\$"),
            help=figure.spark_label or None,
            chart_data=figure.spark or None,
            chart_type="bar",
        )
        if figure.opens:
            return st.button(
                figure.note.replace("$", r"\$"),
                type="tertiary",
                wrap=True,
                key=f"{key}_{figure.id}",
            )
        if figure.note:
            st.caption(figure.note.replace("$", r"\$"))
    return False


PAGE = "after"
"""The query parameter that holds a list's page, so that reload, link and back button keep it."""


def shown_after(view: str) -> str | None:
    """Return the cursor of the address; None for the first page, also after a change of `view`."""
    stamp, _, cursor = st.query_params.get(PAGE, "").partition(".")
    return cursor if cursor and stamp == _stamp(view) else None


def draw_pager(
    key: str, view: str, next_cursor: str | None, words: tuple[str, str] = ("Newer", "Older")
) -> None:
    """Draw both buttons below a list; nothing where everything is on one page."""
    shown = shown_after(view)
    if shown is None and next_cursor is None:
        return
    # The page before this one, as this session turned the pages; else the first.
    before: dict[str, str | None] = st.session_state.setdefault(f"{key}_before", {})
    if next_cursor:
        before[next_cursor] = shown
    turns = (
        ("newer", words[0], "left", before.get(shown or ""), shown is None),
        ("older", words[1], "right", next_cursor, next_cursor is None),
    )
    with st.container(horizontal=True, key=f"{key}_pages"):
        for name, label, side, cursor, is_last in turns:
            st.button(
                label,
                icon=f":material/chevron_{side}:",
                icon_position="left" if side == "left" else "right",
                key=f"{key}_{name}",
                disabled=is_last,
                on_click=_turn,
                args=(view, cursor),
            )


def _turn(view: str, cursor: str | None) -> None:
    if cursor:
        st.query_params[PAGE] = f"{_stamp(view)}.{cursor}"
    else:
        st.query_params.pop(PAGE, None)


def _stamp(view: str) -> str:
    return f"{crc32(view.encode()):08x}"
