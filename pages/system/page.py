"""System: whether every part is well and what to do where one is not; settings; the simulator."""

from itertools import groupby

import streamlit as st

from pages.kit.backend import services
from pages.kit.components import elements
from pages.kit.components.checks import Group, Row, checks
from pages.kit.components.facts import facts
from pages.kit.frame import action, require_role
from pages.kit.widgets import badge, page_title
from pages.kit.wording import Badge, count_of
from pages.system.simulator import draw_simulator
from pages.system.test_picture import draw_picture_test
from services.core.actors import Actor
from services.core.states import Role
from services.health.check import CheckResult, CheckStatus
from services.health.check_up import CheckUp, CheckUpProgress

TICK_SECONDS = 0.5
BADGES = {
    CheckStatus.OK: Badge("OK", "green", "check"),
    CheckStatus.WARNING: Badge("Warning", "amber", "warning"),
    CheckStatus.FAILED: Badge("Failed", "red", "error"),
    CheckStatus.UNKNOWN: Badge("Unknown", "violet", "question_mark"),
}
LOUDEST = (CheckStatus.FAILED, CheckStatus.WARNING, CheckStatus.UNKNOWN)


def _draw(was_running: bool) -> None:
    actor = require_role(Role.OPERATOR)
    with action("read_check_up", is_page=True):
        check_up = services().check_ups.latest(actor)
    _head(check_up)
    if check_up.last:
        _found(check_up.last)
    if check_up.is_running != was_running:
        st.rerun()


_live = st.fragment(_draw, run_every=TICK_SECONDS)
_calm = st.fragment(_draw)


def _head(check_up: CheckUpProgress) -> None:
    """The verdict, when it was found, and the button; while it runs, how far it has come."""
    with st.container(horizontal=True, vertical_alignment="center", key="check_up_head"):
        with st.container(width="stretch"):
            if check_up.is_running or check_up.last is None:
                told = f"Running checks: {check_up.done} of {check_up.total} done"
                st.progress(check_up.done / check_up.total, text=told)
            else:
                facts([("", _verdict(check_up.last))], key="verdict")
        st.button(
            "Check again",
            icon=":material/refresh:",
            key="check_again",
            disabled=check_up.is_running,
            on_click=_check_again,
        )


def _verdict(examined: CheckUp) -> list[elements.Element]:
    counts = {status: 0 for status in CheckStatus}
    for check in examined.checks:
        counts[check.status] += 1
    worst = [
        badge(BADGES[status]._replace(label=f"{counts[status]} {BADGES[status].label.lower()}"))
        for status in LOUDEST
        if counts[status]
    ]
    told = count_of(len(examined.checks), "check")
    well = [] if worst else [elements.badge("All checks passed", "green", "check")]
    return [
        *(worst or well),
        elements.text(f"{told} in {examined.seconds:.1f} s"),
        elements.time(examined.began_at),
    ]


def _check_again() -> None:
    with action("check_again"):
        services().check_ups.check_again(require_role(Role.OPERATOR))


def _found(examined: CheckUp) -> None:
    """What is not well comes first, the worst on top; the rest stays in its groups."""
    loud = [check for status in LOUDEST for check in examined.checks if check.status is status]
    quiet = [check for check in examined.checks if check.status is CheckStatus.OK]
    groups = [Group("To put right", [_row(check) for check in loud])] if loud else []
    groups += [
        Group(title, [_row(check) for check in members])
        for title, members in groupby(quiet, key=lambda check: check.group)
    ]
    checks(groups, key="check_up")


def _row(check: CheckResult) -> Row:
    return Row(
        name=check.name,
        text=check.finding,
        badge=badge(BADGES[check.status]),
        fix=check.fix or "",
        tone="quiet" if check.status is CheckStatus.OK else "loud",
    )


def _settings(actor: Actor) -> None:
    with action("read_settings"):
        rows = services().check_ups.settings(actor)
        given = sum(row.is_set for row in rows)
        with st.expander(f"Settings: {given} of {len(rows)} are set", icon=":material/tune:"):
            st.caption("Secrets show their first and last characters alone.")
            lines = [
                Row(
                    name=row.names[0],
                    text=row.value,
                    note=row.meaning,
                    tone="code is-set" if row.is_set else "code",
                )
                for row in rows
            ]
            checks([Group("", lines)], key="settings")


person = require_role(Role.OPERATOR)
page_title("System", "Whether every part is well, and what to do where one is not.")
with action("read_check_up", is_page=True):
    is_running = services().check_ups.latest(person).is_running
(_live if is_running else _calm)(is_running)
_settings(person)
if person.role is Role.ADMIN:
    draw_picture_test(person)
if person.role is Role.ADMIN and services().settings.is_simulated:
    draw_simulator()
