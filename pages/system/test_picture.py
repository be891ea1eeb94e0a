"""The paid test picture, for admins: its price, its steps as they run, and the result."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.components import elements
from pages.kit.components.rows import Cells, Column, facts, table
from pages.kit.frame import action, require_role
from pages.kit.widgets import badge
from pages.kit.wording import Badge, escaped
from services.core.actors import Actor
from services.core.humanize import about_dollars, dollars, duration, exact_seconds
from services.core.states import Role
from services.health.test_picture import PictureTestChoice, PictureTestDetail
from services.health.test_picture_run import PictureTestStep

TICK_SECONDS = 0.5
DONE = Badge("Done", "green", "check")
FAILED = Badge("Failed", "red", "error")
RUNNING = Badge("Running", "blue", "progress_activity")


def draw_picture_test(actor: Actor) -> None:
    """Draw the choice with its price, and the newest test picture."""
    panel = st.expander(
        "Test picture: one real request, from submit to download", icon=":material/photo_camera:"
    )
    with panel, action("read_test_picture"):
        choices = services().picture_tests.choices(actor)
        newest = services().picture_tests.latest(actor)
        if not choices:
            st.caption("No provider is set up. Set a token, or start ./run for simulated pictures.")
            return
        _form(choices, newest)
        (_live if newest and newest.is_running else _static)(bool(newest and newest.is_running))


def _form(choices: tuple[PictureTestChoice, ...], newest: PictureTestDetail | None) -> None:
    labels = {choice.label: choice for choice in choices}
    st.caption(
        "Sent directly to the provider: no credits move, and the picture is deleted afterwards."
        " The audit trail records its start, end and cost."
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="test_picture_form"):
        label = st.selectbox("Model", list(labels), key="test_picture_model", width=380)
        chosen = labels.get(label, choices[0])
        is_running = newest is not None and newest.is_running
        st.button(
            f"Send test · {_price(chosen)}".replace("$", r"\$"),
            icon=":material/photo_camera:",
            key="test_picture_begin",
            disabled=is_running,
            on_click=_begin,
            args=(chosen.provider, chosen.model, newest.id if newest else None),
        )
    note = f"Costs {_price(chosen)} and no credits; takes about {duration(chosen.seconds)}."
    if chosen.is_simulated:
        note += " This provider is simulated: nothing is paid."
    st.caption(escaped(note))


def _price(choice: PictureTestChoice) -> str:
    if choice.cost_usd is None:
        return "an unlisted price"
    return about_dollars(choice.cost_usd)


def _begin(provider: str, model: str, seen_id: str | None) -> None:
    with action("begin_test_picture"):
        services().picture_tests.begin(require_role(Role.ADMIN), provider, model, seen_id)


def _draw(was_running: bool) -> None:
    actor = require_role(Role.ADMIN)
    with action("read_test_picture"):
        newest = services().picture_tests.latest(actor)
        if newest is None:
            return
        if newest.is_running != was_running:
            st.rerun()
        _newest(newest)


_live = st.fragment(_draw, run_every=TICK_SECONDS)
_static = st.fragment(_draw)


def _newest(picture_test: PictureTestDetail) -> None:
    if picture_test.is_running:
        share = min(0.95, picture_test.age_seconds / max(1.0, picture_test.choice.seconds))
        label = f"{picture_test.choice.label} · {exact_seconds(picture_test.age_seconds)}"
        st.progress(share, text=escaped(label))
    else:
        facts([("", _verdict(picture_test))], key="test_picture_verdict")
    table(
        [Column(width=104), Column(width=208), Column(is_wide=True)],
        [_row(step, picture_test) for step in picture_test.steps],
        key="test_picture_steps",
    )
    if picture_test.picture:
        st.image(picture_test.picture, width=240)


def _verdict(picture_test: PictureTestDetail) -> list[elements.Element]:
    status = FAILED if picture_test.problem else Badge("Passed", "green", "check")
    line = [badge(status), elements.text(picture_test.choice.label, "strong")]
    line.append(elements.text(f"in {exact_seconds(picture_test.age_seconds)}"))
    if picture_test.cost_usd is not None:
        line.append(elements.text(f"cost {dollars(picture_test.cost_usd)}"))
    if picture_test.web_url:
        line.append(elements.link("At the provider", picture_test.web_url))
    return [*line, elements.time(picture_test.began_at)]


def _row(step: PictureTestStep, picture_test: PictureTestDetail) -> Cells:
    name = [elements.text(step.name, "strong")]
    if step.seconds is None:
        return [[badge(RUNNING)], name, []]
    if step.is_failed:
        return [[badge(FAILED)], name, [elements.text(picture_test.problem, "strong")]]
    return [[badge(DONE)], name, [elements.text(exact_seconds(step.seconds))]]
