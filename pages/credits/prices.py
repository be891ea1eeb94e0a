"""The price lists, beside the budget; an admin changes each with a reason."""

import streamlit as st

from pages.credits.spend import item_word
from pages.kit.backend import services
from pages.kit.components import elements
from pages.kit.components.rows import Column, facts, table
from pages.kit.forms import change_row
from pages.kit.frame import action
from pages.kit.wording import escaped
from services.core.actors import Actor
from services.core.humanize import credits_of, dollars
from services.core.states import PriceUnit, Role
from services.credits.budget import BudgetLimits
from services.credits.prices import PriceView, ProviderPriceView
from services.providers.registry import provider_label

PRICE, PROVIDER_PRICE = "credits_price", "credits_provider_price"
UNIT_WORDS = {PriceUnit.SECOND: "a second", PriceUnit.PICTURE: "a picture"}
EVERY_MODEL = "every other model"


def draw_prices(actor: Actor) -> None:
    """Draw budget and price lists; a click on a name changes its price."""
    can_change = actor.role is Role.ADMIN
    with action("read_prices", is_page=True):
        prices = services().prices.item_prices(actor)
        provider_prices = services().prices.provider_prices(actor)
        budget = services().budget.limits(actor)
    ours, theirs = st.columns([2, 3], gap="large")
    with ours:
        draw_budget(budget, can_change)
        _ours(prices, can_change)
    with theirs:
        _theirs(provider_prices, can_change)
    _open(prices, provider_prices, can_change)


def _named(word: str, target: str, can_change: bool) -> list[elements.Element]:
    return [elements.button(word, target) if can_change else elements.text(word, "strong")]


def _ours(prices: tuple[PriceView, ...], can_change: bool) -> None:
    columns = (
        Column("One slot", is_wide=True),
        Column("Credits", is_number=True),
        Column("Since"),
    )
    rows = [
        [
            _named(item_word(price.item), price.item, can_change),
            [elements.text(f"{price.credits:,}", "strong")],
            [elements.time(price.updated_at)],
        ]
        for price in prices
    ]
    clicked = table(columns, rows, title="Credit prices", key="prices")
    st.caption("A new price applies to new starts; the price of running work does not change.")
    _remember(PRICE, clicked)


def _theirs(prices: tuple[ProviderPriceView, ...], can_change: bool) -> None:
    columns = (
        Column("Model", is_wide=True),
        Column("Provider"),
        Column("Dollars", is_number=True),
        Column("For"),
        Column("Since"),
    )
    rows = [
        [
            _named(_model(price), f"{price.provider}/{price.model}", can_change),
            [elements.text(provider_label(price.provider))],
            [elements.text(f"${price.usd:,.6f}".rstrip("0").rstrip("."), "strong")],
            [elements.text(UNIT_WORDS[price.unit])],
            [elements.time(price.updated_at)],
        ]
        for price in prices
    ]
    clicked = table(columns, rows, title="Provider prices", key="provider_prices")
    _remember(PROVIDER_PRICE, clicked)
    if can_change and st.button("Add a model", icon=":material/add:", key="open_provider_price"):
        _provider_price(sorted({price.provider for price in prices}), None)


def _remember(key: str, clicked: str | None) -> None:
    if clicked:
        st.session_state[key] = clicked
        st.rerun()


def _open(
    prices: tuple[PriceView, ...], theirs: tuple[ProviderPriceView, ...], can_change: bool
) -> None:
    item, model = st.session_state.pop(PRICE, None), st.session_state.pop(PROVIDER_PRICE, None)
    if not can_change:
        return
    for price in prices:
        if price.item == item:
            _price(price)
    for known in theirs:
        if f"{known.provider}/{known.model}" == model:
            _provider_price([known.provider], known)


def _model(price: ProviderPriceView) -> str:
    return EVERY_MODEL.capitalize() if price.model == "*" else price.model


@st.dialog("Change a price", icon=":material/toll:")
def _price(price: PriceView) -> None:
    st.caption(f"{escaped(item_word(price.item))} costs {credits_of(price.credits)} a slot now.")
    st.number_input("Credits", min_value=0, value=price.credits, step=1, key="price_credits")

    def save(actor: Actor, reason: str) -> str:
        credits = int(st.session_state["price_credits"] or 0)
        services().prices.set_item_price(actor, price.item, credits, reason)
        return "Price changed."

    change_row("price", "Save", save)


@st.dialog("Provider price", icon=":material/payments:")
def _provider_price(providers: list[str], price: ProviderPriceView | None) -> None:
    provider = st.selectbox(
        "Provider",
        providers,
        format_func=provider_label,
        disabled=price is not None,
        key="provider_price_provider",
    )
    if price:
        st.caption(escaped(_model(price)))
    else:
        st.text_input("Model", placeholder="owner/name", max_chars=200, key="provider_price_model")
    usd, unit = (price.usd, price.unit) if price else (0.0, PriceUnit.PICTURE)
    st.number_input(
        "US dollars", min_value=0.0, value=usd, step=0.001, format="%.6f", key="provider_price_usd"
    )
    st.segmented_control(
        "For",
        [one.value for one in PriceUnit],
        default=unit.value,
        required=True,
        format_func=lambda value: UNIT_WORDS[PriceUnit(value)],
        key="provider_price_unit",
    )

    def save(actor: Actor, reason: str) -> str:
        model = price.model if price else str(st.session_state["provider_price_model"])
        services().prices.set_provider_price(
            actor,
            price.provider if price else str(provider),
            model,
            PriceUnit(st.session_state["provider_price_unit"]),
            float(st.session_state["provider_price_usd"] or 0.0),
            reason,
        )
        return "Provider price changed."

    change_row("provider_price", "Save", save)


def draw_budget(budget: BudgetLimits, can_change: bool) -> None:
    """Draw the limits, and for an admin the button that changes them."""
    limits = {"A day": budget.daily_usd, "A month": budget.monthly_usd}
    lines = [
        (word, [elements.text("no limit" if limit is None else dollars(limit), "strong")])
        for word, limit in limits.items()
    ]
    then = "refuses starts that would exceed it" if budget.is_stop else "only warns"
    lines.append(
        ("Then", [elements.text(f"warns from {budget.warn_share:.0%} of a limit and {then}")])
    )
    facts(lines, title="Budget", key="budget")
    if can_change and st.button("Change budget", icon=":material/savings:", key="open_budget"):
        _budget_dialog(budget)


@st.dialog("Change budget", icon=":material/savings:")
def _budget_dialog(budget: BudgetLimits) -> None:
    st.caption("Days and months are in UTC, as in the providers' bills.")
    for key, word, limit in (
        ("budget_day", "US dollars a day", budget.daily_usd),
        ("budget_month", "US dollars a month", budget.monthly_usd),
    ):
        st.number_input(word, min_value=0.0, value=limit, step=5.0, placeholder="no limit", key=key)
    st.slider(
        "Warn from", 10, 100, round(budget.warn_share * 100), 5, format="%d %%", key="budget_warn"
    )
    st.toggle("Refuse starts that would exceed a limit", value=budget.is_stop, key="budget_stop")

    def save(actor: Actor, reason: str) -> str:
        state = st.session_state
        limits = BudgetLimits(
            state["budget_day"],
            state["budget_month"],
            state["budget_warn"] / 100,
            bool(state["budget_stop"]),
        )
        services().budget.change(actor, limits, reason)
        return "Budget changed."

    change_row("budget", "Save", save)
