"""System: the check-up with its fixes, the settings, a test picture, and the simulator."""

from collections.abc import Iterable
from itertools import groupby

import streamlit as st

from pages.kit.backend import services
from pages.kit.components import elements
from pages.kit.components.rows import Column, Row, RowGroup, facts, row_groups, table
from pages.kit.frame import action, require_role
from pages.kit.widgets import badge, page_title
from pages.kit.wording import Badge
from pages.system.prompt_texts import draw_prompt_texts
from pages.system.simulator import draw_simulator
from pages.system.test_picture import draw_picture_test
from services.core.actors import Actor
from services.core.humanize import count_of
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
COLUMNS = (Column(width=104), Column(width=208), Column(is_wide=True))
PROBLEMS = (CheckStatus.FAILED, CheckStatus.WARNING, CheckStatus.UNKNOWN)


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
_static = st.fragment(_draw)


def _head(check_up: CheckUpProgress) -> None:
    """Draw the verdict and its time, or the progress of a running check-up; and the button."""
    with st.container(horizontal=True, vertical_alignment="center", key="check_up_head"):
        with st.container(width="stretch"):
            if check_up.is_running or check_up.last is None:
                text = f"Checking: {check_up.done} of {check_up.total} done"
                st.progress(check_up.done / check_up.total, text=text)
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
        for status in PROBLEMS
        if counts[status]
    ]
    passed = [] if worst else [elements.badge("All checks passed", "green", "check")]
    return [
        *(worst or passed),
        elements.text(f"{count_of(len(examined.checks), 'check')} in {examined.seconds:.1f} s"),
        elements.time(examined.began_at),
    ]


def _check_again() -> None:
    with action("check_again"):
        services().check_ups.check_again(require_role(Role.OPERATOR))


def _found(examined: CheckUp) -> None:
    """Draw problems first, the worst on top, then the other checks by group."""
    loud = [check for status in PROBLEMS for check in examined.checks if check.status is status]
    quiet = [check for check in examined.checks if check.status is CheckStatus.OK]
    groups = [_group("Problems", loud)] if loud else []
    groups += [
        _group(title, members) for title, members in groupby(quiet, key=lambda check: check.group)
    ]
    row_groups(groups, key="check_up")


def _group(title: str, members: Iterable[CheckResult]) -> RowGroup:
    rows = [_row(check) for check in members]
    return RowGroup(rows, id=title, title=title, columns=COLUMNS)


def _row(check: CheckResult) -> Row:
    is_ok = check.status is CheckStatus.OK
    status = badge(BADGES[check.status])
    if is_ok:
        status = elements.text(BADGES[check.status].label, "good", icon="check")
    finding = [elements.text(check.finding, "" if is_ok else "strong")]
    if check.fix:
        finding.append(elements.text(check.fix, "hint", icon="build"))
    return Row([[status], [elements.text(check.name, "strong")], finding])


def _settings(actor: Actor) -> None:
    with action("read_settings"):
        rows = services().check_ups.settings(actor)
        given = sum(row.is_set for row in rows)
        with st.expander(f"Settings: {given} of {len(rows)} set", icon=":material/tune:"):
            st.caption("Secrets show only their first and last characters.")
            cells = [
                [
                    [elements.text(row.names[0], "code strong")],
                    [
                        elements.text(row.value, "code strong" if row.is_set else "code"),
                        elements.text(row.meaning, "line"),
                    ],
                ]
                for row in rows
            ]
            table([Column(width=304), Column(is_wide=True)], cells, key="settings")


person = require_role(Role.OPERATOR)
page_title("System", "The state of every component, and how to fix it.")
with action("read_check_up", is_page=True):
    is_running = services().check_ups.latest(person).is_running
(_live if is_running else _static)(is_running)
_settings(person)
if person.role is Role.ADMIN:
    draw_prompt_texts(person)
    draw_picture_test(person)
if person.role is Role.ADMIN and services().settings.is_simulated:
    draw_simulator()
