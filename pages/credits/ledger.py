"""The ledger of the selected account: each movement with its reason."""

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
    opened = table(COLUMNS, [_row(entry) for entry in page.items], key="ledger")
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


def _row(entry: EntryView) -> Cells:
    return [
        [elements.time(entry.created_at)],
        [badge(BADGES[entry.kind])],
        [elements.text(_moved(entry), "strong")],
        _for(entry),
        [elements.text(_reason(entry))],
        [elements.text("Atelier" if entry.by == "system" else entry.by)],
    ]


def _moved(entry: EntryView) -> str:
    """Return credits with their sign, or slots of an unlimited account's quota."""
    if entry.quota_slots:
        return f"{-entry.quota_slots:+,} of quota".replace("-", "−")
    return f"{entry.amount:+,}".replace("-", "−")


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
