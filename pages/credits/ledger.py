"""The ledger of the selected account: each movement with its reason."""

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from pages.kit.backend import services
from pages.kit.batches import grid
from pages.kit.components import elements
from pages.kit.components.rows import Cells, Column, table
from pages.kit.fields import csv_button, segments
from pages.kit.frame import action
from pages.kit.widgets import badge, draw_pager, empty_state, shown_after
from pages.kit.wording import Badge, refund_reason
from services.core.actors import Actor
from services.core.humanize import count_of
from services.core.states import EntryKind
from services.credits.accounts import AccountView
from services.credits.ledger_reader import EntryView

OPENED = "ledger_opened"
AT_ONCE = timedelta(minutes=1)
ALL = "All"
KINDS = {"Grants": EntryKind.GRANT, "Charges": EntryKind.CHARGE, "Refunds": EntryKind.REFUND}
BADGES = {
    EntryKind.GRANT: Badge("Grant", "green", "add_card"),
    EntryKind.CHARGE: Badge("Charge", "gray", "shopping_cart"),
    EntryKind.REFUND: Badge("Refund", "blue", "undo"),
}
COLUMNS = (
    Column("When"),
    Column("Movement"),
    Column("Credits", is_number=True),
    Column("For", is_wide=True),
    Column("Reason", is_wide=True),
    Column("By"),
)


def draw_ledger(actor: Actor, account: AccountView) -> None:
    """Draw one page of entries, newest first."""
    kind = _filters(actor, account)
    view = f"{account.id}/{kind}"
    with action("read_ledger", is_page=True):
        page = services().ledger.page(actor, account.id, kind=kind, before=shown_after(view))
    if not page.items:
        _empty(kind)
        return
    opened = table(COLUMNS, [_row(group) for group in _grouped(page.items)], key="ledger")
    draw_pager("ledger", view, page.next_cursor)
    if opened:
        st.session_state[OPENED] = opened
        st.rerun()
    if OPENED in st.session_state:
        _batch(actor, str(st.session_state.pop(OPENED)))


def _filters(actor: Actor, account: AccountView) -> EntryKind | None:
    with st.container(horizontal=True, vertical_alignment="center", key="ledger_filters"):
        kind = KINDS.get(segments("Movements", [ALL, *KINDS], "movements"))
        st.space("stretch")
        read = services().ledger.csv
        csv_button(f"ledger-{account.id}", "ledger_csv", read, actor, account.id, kind)
    return kind


def _grouped(entries: Sequence[EntryView]) -> list[list[EntryView]]:
    """Put neighbours together that differ in nothing else: a cancel writes one for each picture."""
    groups: list[list[EntryView]] = []
    for entry in entries:
        if groups and _belongs(entry, groups[-1][-1]):
            groups[-1].append(entry)
        else:
            groups.append([entry])
    return groups


def _belongs(entry: EntryView, newer: EntryView) -> bool:
    def subject(one: EntryView) -> tuple[str, ...]:
        return one.kind, one.generation_id or one.id, one.reason, one.by

    return subject(entry) == subject(newer) and newer.created_at - entry.created_at < AT_ONCE


def _row(group: Sequence[EntryView]) -> Cells:
    count, entry = len(group), group[0]
    credits, slots = sum(one.amount for one in group), sum(one.quota_slots for one in group)
    return [
        [elements.time(entry.created_at)],
        [badge(BADGES[entry.kind]), *([elements.text(f"× {count}")] if count > 1 else [])],
        [elements.text(_moved(credits, slots), "strong")],
        _for(entry),
        [elements.text(_reason(entry))],
        [elements.text("Atelier" if entry.by == "system" else entry.by)],
    ]


def _moved(credits: int, slots: int) -> str:
    """Return credits with their sign, or slots of an unlimited account's quota."""
    return (f"{-slots:+,} of quota" if slots else f"{credits:+,}").replace("-", "−")


def _for(entry: EntryView) -> list[elements.Element]:
    if entry.generation_id is None:
        return []
    title = elements.button(entry.title or "Batch", entry.generation_id)
    return [title, elements.chip(entry.generation_id, name="batch id")]


def _reason(entry: EntryView) -> str:
    return refund_reason(entry.reason) if entry.kind is EntryKind.REFUND else entry.reason


@st.dialog("Batch", width="large", position="right")
def _batch(actor: Actor, generation_id: str) -> None:
    with action("read_batch"):
        card = services().generations.card(actor, generation_id)
        st.caption(f"{card.filled} of {count_of(card.total, 'picture')} done")
        grid([card], actor, key="ledger_batch")


def _empty(kind: EntryKind | None) -> None:
    if kind is not None:
        empty_state(
            "No matching movement", "Choose another kind to see more.", icon="filter_alt_off"
        )
        return
    empty_state(
        "No movements yet",
        "Grants add credits, starts charge them, and pictures that fail are refunded"
        " automatically.",
        icon="receipt_long",
    )
