"""Provider costs: today, this month and its forecast, by day, kind, operator, model; what-if."""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.kit.backend import is_all_simulated, services, spend_report
from pages.kit.components import elements
from pages.kit.components.rows import Column, table
from pages.kit.fields import segments
from pages.kit.frame import action
from pages.kit.widgets import Figure, empty_state, figures
from pages.kit.wording import ITEM_WORDS, KIND_WORDS, escaped, model_name
from services.core.actors import Actor
from services.core.humanize import about_dollars, credits_of, dollars, exact_seconds
from services.core.states import Kind, PriceUnit
from services.credits.budget import BudgetStatus
from services.credits.prices import WhatIf
from services.credits.spending import Forecast, SpendReport, SpendRow
from services.providers.registry import provider_label

PERIODS = {"7 days": 7, "30 days": 30, "90 days": 90}
PERIOD_WORDS = {"day": "today", "month": "this month"}
MAX_ROWS = 12


def draw_spend(actor: Actor) -> None:
    """Draw the figures, the budget, the days and the tables."""
    with action("read_spend", is_page=True):
        forecast = services().spending.forecast(actor)
        day, month = services().budget.status(actor)
    if is_all_simulated(actor):
        st.caption(":material/science: Simulated spend: no provider bills any of these dollars.")
    figures(_figures(forecast, day, month), key="spend_figures")
    _budget(day, month, forecast)
    period = segments("Period", PERIODS, "period", default="30 days")
    with action("read_spend", is_page=True):
        report = spend_report(actor, PERIODS[period])
    if not any(one.attempts for one in report.days):
        empty_state(
            "Nothing spent",
            "The cost of each picture is listed here as soon as it is sent to a provider.",
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
            "Month forecast",
            dollars(forecast.at_week_usd),
            f"at the last 7 days' pace; {dollars(forecast.at_today_usd)} at today's pace",
            "amber" if _passes(month, forecast) else "",
        ),
    ]


def _against(status: BudgetStatus) -> str:
    return "no limit" if status.limit_usd is None else f"of {dollars(status.limit_usd)}"


def _tone(status: BudgetStatus) -> str:
    return "amber" if status.is_warning else ""


def _passes(month: BudgetStatus, forecast: Forecast) -> bool:
    return month.limit_usd is not None and forecast.at_week_usd > month.limit_usd


def _budget(day: BudgetStatus, month: BudgetStatus, forecast: Forecast) -> None:
    """Draw a bar for each limit, and a warning when one is near or forecast to be exceeded."""
    for status in (day, month):
        if status.limit_usd is not None:
            status_words = f"{dollars(status.spent_usd)} of {dollars(status.limit_usd)}"
            st.progress(min(1.0, status.share), text=_plain(f"{status_words} {_when(status)}"))
    near = [_warned(status) for status in (day, month) if status.is_warning]
    if not near and _passes(month, forecast):
        near = [_forecast_words(month, forecast)]
    if near:
        st.warning(_plain("  \n".join(near)), icon=":material/savings:")


def _forecast_words(month: BudgetStatus, forecast: Forecast) -> str:
    limit = dollars(month.limit_usd or 0.0)
    ends = dollars(forecast.at_week_usd)
    return f"At the pace of the last 7 days this month ends at {ends}, above its limit of {limit}."


def _when(status: BudgetStatus) -> str:
    return PERIOD_WORDS[status.period]


def _warned(status: BudgetStatus) -> str:
    spent = f"{dollars(status.spent_usd)} of {dollars(status.limit_usd or 0.0)} {_when(status)}."
    then = (
        "Starts that would exceed the limit are refused before any charge."
        if status.is_stop
        else "Starts continue: this budget only warns."
    )
    return f"{spent} {then}"


def _plain(text: str) -> str:
    """Escape dollar signs: two of them would be read as a formula."""
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
    words = (
        f"{dollars(report.usd)} in {len(report.days)} days (UTC), of which {dollars(settled)}"
        " is final; the rest is estimated until the runs end."
    )
    if report.simulated_usd:
        words += f" {dollars(report.simulated_usd)} of it is simulated: no provider bills it."
    st.caption(_plain(words))


def _tables(report: SpendReport) -> None:
    kinds, operators, models = st.columns(3, gap="large")
    with kinds:
        _table("By kind", report.kinds, report.usd, lambda row: KIND_WORDS[Kind(row.key)])
    with operators:
        _table("By operator", report.operators, report.usd, lambda row: row.label)
    with models:
        _table("By model", report.models, report.usd, lambda row: model_name(row.label))


def _table(
    title: str, rows: Sequence[SpendRow], total: float, name: Callable[[SpendRow], str]
) -> None:
    cells = [
        [
            [elements.text(name(row), "strong")],
            [elements.share_bar(row.usd / total if total else 0.0)],
            [elements.text(f"{row.attempts:,}")],
            [elements.text(dollars(row.usd), "strong")],
        ]
        for row in rows[:MAX_ROWS]
    ]
    columns = (
        Column("", is_wide=True),
        Column(""),
        Column("Attempts", is_number=True),
        Column("Dollars", is_number=True),
    )
    table(columns, cells, title=title, key=f"spend_{escaped(title)}")


DEFAULT_MODELS = {
    "pose": "fofr/consistent-character",
    "simulation_view": "stability-ai/sdxl",
    "training_version": "ostris/flux-dev-lora-trainer",
    "cutout": "851-labs/background-remover",
    "background": "black-forest-labs/flux-kontext-pro",
}


def draw_what_if(actor: Actor) -> None:
    """Draw the fields and the resulting cost."""
    st.subheader("What if", anchor=False)
    with action("read_prices", is_page=True):
        items = [price.item for price in services().prices.item_prices(actor)]
        models = services().prices.models(actor)
    with st.container(horizontal=True, vertical_alignment="bottom", key="what_if"):
        jobs = st.number_input(
            "How many", min_value=1, max_value=1_000_000, value=100, step=100, key="what_if_jobs",
            width=140,
        )  # fmt: skip
        item = st.selectbox(
            "Of what",
            items,
            index=items.index("pose") if "pose" in items else 0,
            format_func=item_word,
            key="what_if_item",
            width=220,
        )
        chosen = st.selectbox(
            "On which model",
            models,
            index=_default_model(str(item), models),
            format_func=_model,
            key=f"what_if_model_{item}",
            width=320,
        )
        seconds = st.number_input(
            "Seconds each",
            min_value=0.1,
            max_value=100_000.0,
            value=None,
            placeholder="median",
            key="what_if_seconds",
            width=140,
        )
    if item and chosen:
        _answer(actor, item, int(jobs), chosen, seconds)


def item_word(item: str) -> str:
    """Return an item of the price list in words."""
    return ITEM_WORDS.get(item, item.replace("_", " ").capitalize())


def _model(model: tuple[str, str]) -> str:
    provider, name = model
    return f"{model_name(name)} · {provider_label(provider)}"


def _default_model(item: str, models: tuple[tuple[str, str], ...]) -> int:
    names = [name for _, name in models]
    default = DEFAULT_MODELS.get(item)
    return names.index(default) if default in names else 0


def _answer(
    actor: Actor, item: str, jobs: int, model: tuple[str, str], seconds: float | None
) -> None:
    with action("what_if"):
        found = services().prices.what_if(actor, item, jobs, *model, seconds=seconds)
        line = [
            f"**{jobs:,} × {escaped(item_word(item))}**",
            credits_of(found.credits),
            "no dollar price listed" if found.usd is None else about_dollars(found.usd),
        ]
        st.markdown(" · ".join(line).replace("$", r"\$"))
        st.caption(_each(found, is_typed=seconds is not None).replace("$", r"\$"))


def _each(found: WhatIf, *, is_typed: bool) -> str:
    line = [f"{credits_of(found.credits_each)} each"]
    if found.usd_each is not None:
        line.append(f"${found.usd_each:,.4f} each")
    if found.unit is PriceUnit.SECOND:
        source = "median here" if found.is_measured else "an estimate: no runs here yet"
        line.append(f"{exact_seconds(found.seconds_each)} at the provider")
        line += [] if is_typed else [source]
    return " · ".join(line)
