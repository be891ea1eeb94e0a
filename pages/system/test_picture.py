"""The paid test picture, for admins: its price, then each step as it goes, and what came."""

import streamlit as st

from pages.kit.components import parts
from pages.kit.components.checks import Group, Row, checks
from pages.kit.components.facts import facts
from pages.kit.frame import action, require_role
from pages.kit.runtime import services
from pages.kit.widgets import badge
from pages.kit.wording import Look, dollars, duration, escaped, exact_seconds
from services.core.actors import Actor
from services.core.states import Role
from services.health.test_picture import TrialChoice, TrialView
from services.health.test_picture_run import TrialStep

TICK_SECONDS = 0.5
DONE = Look("Done", "green", "check")
FAILED = Look("Failed", "red", "error")
RUNNING = Look("Running", "blue", "progress_activity")


def draw_trial(actor: Actor) -> None:
    """Draw the choice with its price, and the newest test picture."""
    panel = st.expander(
        "Test picture: one real order, to see that all is well", icon=":material/photo_camera:"
    )
    with panel, action("read_test_picture"):
        choices = services().trials.choices(actor)
        newest = services().trials.latest(actor)
        if not choices:
            st.caption("No provider is set up. Set a token, or start ./run for simulated pictures.")
            return
        _order(choices, newest)
        (_live if newest and newest.is_running else _calm)(bool(newest and newest.is_running))


def _order(choices: tuple[TrialChoice, ...], newest: TrialView | None) -> None:
    labels = {choice.label: choice for choice in choices}
    st.caption(
        "Goes to the provider directly: no credits move, and the picture is deleted again."
        " Its start, its end and its cost are kept in the audit trail."
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="trial_order"):
        label = st.selectbox("Model", list(labels), key="trial_model", width=380)
        chosen = labels.get(label, choices[0])
        is_running = newest is not None and newest.is_running
        st.button(
            f"Make one · {_price(chosen)}".replace("$", r"\$"),
            icon=":material/photo_camera:",
            key="trial_begin",
            disabled=is_running,
            on_click=_begin,
            args=(chosen.provider, chosen.model, newest.id if newest else None),
        )
    told = f"Costs {_price(chosen)} and no credits; takes about {duration(chosen.seconds)}."
    if chosen.is_simulated:
        told += " This provider is simulated: nothing is paid."
    st.caption(escaped(told))


def _price(choice: TrialChoice) -> str:
    if choice.cost_usd is None:
        return "a price that is not listed"
    return f"about {dollars(choice.cost_usd)}".replace("about under", "under")


def _begin(provider: str, model: str, seen_id: str | None) -> None:
    with action("begin_test_picture"):
        services().trials.begin(require_role(Role.ADMIN), provider, model, seen_id)


def _draw(was_running: bool) -> None:
    actor = require_role(Role.ADMIN)
    with action("read_test_picture"):
        newest = services().trials.latest(actor)
        if newest is None:
            return
        if newest.is_running != was_running:
            st.rerun()
        _newest(newest)


_live = st.fragment(_draw, run_every=TICK_SECONDS)
_calm = st.fragment(_draw)


def _newest(trial: TrialView) -> None:
    if trial.is_running:
        share = min(0.95, trial.age_seconds / max(1.0, trial.choice.seconds))
        told = f"{trial.choice.label} · {exact_seconds(trial.age_seconds)}"
        st.progress(share, text=escaped(told))
    else:
        facts([("", _verdict(trial))], key="trial_verdict")
    checks([Group("", [_row(step, trial) for step in trial.steps])], key="trial_steps")
    if trial.picture:
        st.image(trial.picture, width=240)


def _verdict(trial: TrialView) -> list[parts.Part]:
    look = FAILED if trial.problem else Look("Arrived whole", "green", "check")
    told = [badge(look), parts.text(trial.choice.label, "strong")]
    told.append(parts.text(f"in {exact_seconds(trial.age_seconds)}"))
    if trial.cost_usd is not None:
        told.append(parts.text(f"cost {dollars(trial.cost_usd)}"))
    if trial.web_url:
        told.append(parts.link("At the provider", trial.web_url))
    return [*told, parts.time(trial.began_at)]


def _row(step: TrialStep, trial: TrialView) -> Row:
    if step.seconds is None:
        return Row(step.name, "", badge(RUNNING))
    if step.is_failed:
        return Row(step.name, trial.problem, badge(FAILED), tone="loud")
    return Row(step.name, exact_seconds(step.seconds), badge(DONE))
