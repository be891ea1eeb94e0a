"""The budget: what the desk may spend at providers in a day and in a month."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.components import elements
from pages.kit.components.rows import facts
from pages.kit.forms import change_row
from services.core.actors import Actor
from services.core.humanize import dollars
from services.credits.budget import BudgetLimits


def draw_budget(budget: BudgetLimits, can_change: bool) -> None:
    """Draw what is set, and for an admin the way to change it."""
    limits = {"A day": budget.daily_usd, "A month": budget.monthly_usd}
    lines = [
        (word, [elements.text("no limit" if limit is None else dollars(limit), "strong")])
        for word, limit in limits.items()
    ]
    then = "refuses starts that would pass it" if budget.is_stop else "only warns"
    lines.append(
        ("Then", [elements.text(f"warns from {budget.warn_share:.0%} of a limit on and {then}")])
    )
    facts(lines, title="Budget", key="budget")
    if can_change and st.button("Change budget", icon=":material/savings:", key="open_budget"):
        _budget_dialog(budget)


@st.dialog("Change budget", icon=":material/savings:")
def _budget_dialog(budget: BudgetLimits) -> None:
    st.caption("Days and months are UTC's, as the providers' bills are.")
    for key, word, limit in (
        ("budget_day", "US dollars a day", budget.daily_usd),
        ("budget_month", "US dollars a month", budget.monthly_usd),
    ):
        st.number_input(word, min_value=0.0, value=limit, step=5.0, placeholder="no limit", key=key)
    st.slider(
        "Warn from", 10, 100, round(budget.warn_share * 100), 5, format="%d %%", key="budget_warn"
    )
    st.toggle("Refuse starts that would pass a limit", value=budget.is_stop, key="budget_stop")

    def save(actor: Actor, reason: str) -> str:
        state = st.session_state
        wanted = BudgetLimits(
            state["budget_day"],
            state["budget_month"],
            state["budget_warn"] / 100,
            bool(state["budget_stop"]),
        )
        services().budget.change(actor, wanted, reason)
        return "The budget is changed."

    change_row("budget", "Save", save)
