"""What the providers cost: today, this month and where it is going, by day, kind, operator, model."""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.kit.backend import services, spend_report
from pages.kit.components import elements
from pages.kit.components.rows import Column, table
from pages.kit.frame import action
from pages.kit.widgets import Figure, empty_state, figures
from pages.kit.wording import KIND_WORDS, escaped, model_name
from services.core.actors import Actor
from services.core.humanize import dollars
from services.core.states import Kind
from services.credits.budget import BudgetStatus
from services.credits.spending import Forecast, SpendReport, SpendRow

PERIODS = {"7 days": 7, "30 days": 30, "90 days": 90}
PERIOD_WORDS = {"day": "today", "month": "this month"}
MOST_ROWS = 12


def draw_spend(actor: Actor) -> None:
    """Draw the figures, the budget, the days and the tables."""
    with action("read_spend", is_page=True):
        forecast = services().spending.forecast(actor)
        day, month = services().budget.status(actor)
    figures(_figures(forecast, day, month), key="spend_figures")
    _budget(day, month, forecast)
    word = st.segmented_control(
        "Period",
        list(PERIODS),
        default="30 days",
        required=True,
        key="period",
        bind="query-params",
        label_visibility="collapsed",
    )
    with action("read_spend", is_page=True):
        report = spend_report(actor, PERIODS[word or "30 days"])
    if not any(one.attempts for one in report.days):
        empty_state(
            "Nothing was spent",
            "As soon as a picture is ordered from a provider, its dollars appear here.",
            icon="payments",
        )
        return
    _days(report)
    _tables(report)


def _figures(forecast: Forecast, day: BudgetStatus, month: BudgetStatus) -> list[Figure]:
    return [
        Figure("today", "Today", dollars(forecast.today_usd), _against(day), _tone(day)),
        Figure("month", "This month", dollars(forecast.month_usd), _against(month), _tone(month)),
        Figure(
            "forecast",
            "At the month's end",
            dollars(forecast.at_week_usd),
            f"as in the last 7 days; {dollars(forecast.at_today_usd)} if every day were like today",
            "amber" if _passes(month, forecast) else "",
        ),
    ]


def _against(status: BudgetStatus) -> str:
    return "no limit is set" if status.limit_usd is None else f"of {dollars(status.limit_usd)}"


def _tone(status: BudgetStatus) -> str:
    return "amber" if status.is_warning else ""


def _passes(month: BudgetStatus, forecast: Forecast) -> bool:
    return month.limit_usd is not None and forecast.at_week_usd > month.limit_usd


def _budget(day: BudgetStatus, month: BudgetStatus, forecast: Forecast) -> None:
    """A bar for each limit; a sentence when one is near, or will be passed at this pace."""
    for status in (day, month):
        if status.limit_usd is not None:
            told = f"{dollars(status.spent_usd)} of {dollars(status.limit_usd)}"
            st.progress(min(1.0, status.share), text=_plain(f"{told} {_when(status)}"))
    near = [_warned(status) for status in (day, month) if status.is_warning]
    if not near and _passes(month, forecast):
        near = [_foretold(month, forecast)]
    if near:
        st.warning(_plain("  \n".join(near)), icon=":material/savings:")


def _foretold(month: BudgetStatus, forecast: Forecast) -> str:
    limit = dollars(month.limit_usd or 0.0)
    ends = dollars(forecast.at_week_usd)
    return f"At the pace of the last 7 days this month ends at {ends}, above its limit of {limit}."


def _when(status: BudgetStatus) -> str:
    return PERIOD_WORDS[status.period]


def _warned(status: BudgetStatus) -> str:
    told = f"{dollars(status.spent_usd)} of {dollars(status.limit_usd or 0.0)} {_when(status)}."
    then = (
        "Starts that would pass the limit are refused before any charge."
        if status.is_stop
        else "Starts go on: this budget only warns."
    )
    return f"{told} {then}"


def _plain(text: str) -> str:
    """Two dollar signs in a row of words would be read as a formula."""
    return text.replace("$", r"\$")


def _days(report: SpendReport) -> None:
    st.bar_chart(
        {"Day": [one.day for one in report.days], "US dollars": [one.usd for one in report.days]},
        x="Day",
        y="US dollars",
        x_label="",
        y_label="",
        color="primary",
        height=220,
        alt=f"{dollars(report.usd)} in {len(report.days)} days, by UTC day",
    )
    settled = sum(row.settled_usd for row in report.models)
    st.caption(
        _plain(
            f"{dollars(report.usd)} in {len(report.days)} days (UTC), of which {dollars(settled)}"
            " is settled and the rest estimated until the provider has ended."
        )
    )


def _tables(report: SpendReport) -> None:
    kinds, operators, models = st.columns(3, gap="large")
    with kinds:
        _table("By kind", report.kinds, report.usd, lambda row: KIND_WORDS[Kind(row.key)])
    with operators:
        _table("By operator", report.operators, report.usd, lambda row: row.label)
    with models:
        _table("By model", report.models, report.usd, lambda row: model_name(row.label))


def _table(
    title: str, rows: Sequence[SpendRow], whole: float, name: Callable[[SpendRow], str]
) -> None:
    cells = [
        [
            [elements.text(name(row), "strong")],
            [elements.share_bar(row.usd / whole if whole else 0.0)],
            [elements.text(f"{row.attempts:,}")],
            [elements.text(dollars(row.usd), "strong")],
        ]
        for row in rows[:MOST_ROWS]
    ]
    columns = (
        Column("", is_wide=True),
        Column(""),
        Column("Orders", is_number=True),
        Column("Dollars", is_number=True),
    )
    table(columns, cells, title=title, key=f"spend_{escaped(title)}")
