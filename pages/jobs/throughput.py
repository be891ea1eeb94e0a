"""How fast work goes: what was completed, and how long runs waited and ran, over time."""

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from pages.kit.backend import throughput
from pages.kit.frame import action, require_role
from pages.kit.wording import count_of, duration
from services.core.states import Role
from services.jobs.board import Bucket, Throughput, Window

TICK_SECONDS = 10
HEIGHT, LEGEND = 132, 32
USUAL, SLOW = "median", "p95"
Value = Callable[[Bucket], float | None]


@st.fragment(run_every=TICK_SECONDS)
def draw_pace() -> None:
    """Three small charts of the last hour or day."""
    actor = require_role(Role.OPERATOR)
    word = st.segmented_control(
        "Window",
        [window.value for window in Window],
        default=Window.HOUR.value,
        required=True,
        key="window",
        bind="query-params",
        label_visibility="collapsed",
    )
    with action("read_throughput", is_page=True):
        pace = throughput(actor, Window(word or Window.HOUR.value))
    done, waited, ran = st.columns(3, gap="medium")
    with done:
        _completed(pace)
    with waited:
        _seconds("Waited", pace, lambda one: one.wait_p50, lambda one: one.wait_p95)
    with ran:
        _seconds("Ran", pace, lambda one: one.run_p50, lambda one: one.run_p95)


def _completed(pace: Throughput) -> None:
    whole = pace.total
    failed = f" · {whole.failed:,} failed" if whole.failed else ""
    _head("Completed", f"{whole.completed:,} · {_rate(whole.per_minute)}{failed}")
    st.bar_chart(
        {"At": _times(pace), "Completed": [one.completed for one in pace.buckets]},
        x="At", y="Completed", x_label="", y_label="", color="primary", height=HEIGHT,
        alt=f"{count_of(whole.completed, 'run')} completed, by time",
    )  # fmt: skip


def _seconds(title: str, pace: Throughput, durations: Value, slow: Value) -> None:
    half, most = durations(pace.total), slow(pace.total)
    if half is None or most is None:
        _head(title, "nothing completed")
    else:
        _head(title, f"median {duration(half)} · p95 {duration(most)}")
    st.bar_chart(
        {
            "At": _times(pace),
            # Without a number a time would vanish from the axis.
            SLOW: [slow(one) or 0.0 for one in pace.buckets],
            USUAL: [durations(one) or 0.0 for one in pace.buckets],
        },
        x="At", y=[SLOW, USUAL], x_label="", y_label="", color=["gray", "primary"],
        stack="layered", height=HEIGHT + LEGEND, alt=f"Seconds that runs {title.lower()}, by time",
    )  # fmt: skip


def _rate(per_minute: float) -> str:
    if per_minute >= 1:
        return f"{per_minute:.1f} a minute"
    return f"{per_minute * 60:.0f} an hour"


def _head(title: str, told: str) -> None:
    st.markdown(f"**{title}** &nbsp;:gray[{told}]")


def _times(pace: Throughput) -> list[datetime]:
    return [one.at for one in pace.buckets]
