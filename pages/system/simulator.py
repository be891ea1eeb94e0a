"""The simulator's speed and injected faults, for admins while providers are simulated."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.components import elements
from pages.kit.components.rows import facts
from pages.kit.frame import action, flash, require_role
from services.core.humanize import count_of
from services.core.states import Role
from services.health.simulator_controls import MAX_TIMES, InjectedFault, SimulatorView
from services.providers.registry import REMOTE

SPEEDS = (0.5, 1.0, 2.0, 5.0, 10.0, 25.0)
PROVIDERS = {"": "Any provider"} | {it.name: it.label for it in REMOTE}
WORDS = {
    "throttle": "Too many requests (429)",
    "low_credit": "Little credit left (429)",
    "no_funds": "No funds (402)",
    "unauthorized": "Token refused (401)",
    "server_error": "Server error (5xx)",
    "drop_before_create": "Connection cut before the create",
    "drop_after_create": "Connection cut after the create",
    "foreign_output_host": "Picture on a foreign host",
}
"""Of faults whose name alone does not explain them."""


def draw_simulator() -> None:
    """Draw the controls; sends the simulator two requests over loopback."""
    panel = st.expander("Simulator: speed and faults", icon=":material/science:")
    with panel, action("read_simulator"):
        view = services().simulator_controls.view(require_role(Role.ADMIN))
        st.caption(
            "Change how fast pictures arrive, or inject faults and watch how they are handled."
            " The audit trail records each change."
        )
        _speed(view)
        _inject(view)
        _injected(view)


def _speed(view: SimulatorView) -> None:
    st.select_slider(
        "Speed",
        sorted({*SPEEDS, view.speed}),
        value=view.speed,
        format_func=lambda speed: f"{speed:g} ×",
        key=f"simulator_speed_{view.speed:g}",
        on_change=_set_speed,
        args=(view.speed,),
    )


def _inject(view: SimulatorView) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="simulator_inject"):
        st.selectbox("Fault", view.fault_names, format_func=_word, key="simulator_fault")
        st.selectbox(
            "Provider", list(PROVIDERS), format_func=PROVIDERS.__getitem__, key="simulator_provider"
        )
        st.number_input("Times", 1, MAX_TIMES, 1, key="simulator_times", width=120)
        st.button("Inject fault", icon=":material/bolt:", key="simulator_go", on_click=_go)


def _injected(view: SimulatorView) -> None:
    if not view.ordered:
        st.caption("No faults are injected.")
        return
    facts(
        [("", _line(fault)) for fault in view.ordered],
        title="Injected faults",
        key="simulator_ordered",
    )
    st.button(
        "Clear faults", icon=":material/restart_alt:", key="simulator_clear",
        on_click=_clear,
    )  # fmt: skip


def _line(fault: InjectedFault) -> list[elements.Element]:
    left = "every time" if fault.left is None else f"{count_of(fault.left, 'time')} left"
    return [
        elements.text(_word(fault.name), "strong"),
        elements.text(PROVIDERS.get(fault.provider or "", fault.provider or "")),
        elements.text(left),
        elements.text(f"happened {count_of(fault.hits, 'time')}"),
    ]


def _word(name: str) -> str:
    return WORDS.get(name, name.replace("_", " ").capitalize())


def _set_speed(before: float) -> None:
    speed = float(st.session_state[f"simulator_speed_{before:g}"])
    with action("simulator_speed"):
        services().simulator_controls.set_speed(require_role(Role.ADMIN), speed)
        flash(f"The simulator runs at {speed:g} × speed.", ":material/speed:")


def _go() -> None:
    name = str(st.session_state["simulator_fault"])
    provider = str(st.session_state["simulator_provider"]) or None
    times = int(st.session_state["simulator_times"])
    with action("simulator_fault"):
        controls = services().simulator_controls
        controls.order_fault(require_role(Role.ADMIN), name, times, provider)
        flash(f"Fault injected: {_word(name)}, {count_of(times, 'time')}.", ":material/bolt:")


def _clear() -> None:
    with action("simulator_clear"):
        services().simulator_controls.clear_faults(require_role(Role.ADMIN))
        flash("Faults cleared.")
