"""The jobs page: roles, content, filters in the address, dialogs, and an unreachable Redis."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.jobs.runs import SELECTED
from pages.kit import backend
from services.container import Services, build_services
from services.core.settings_loader import load_settings
from services.core.states import Kind, Role
from services.jobs.filters import RunFilters, Sort
from services.monitoring.run_status import RunGroup
from tests.pages.conftest import Open, said
from tests.pages.fake_jobs import board
from tests.pages.fakes import FakeServices

ASKED = "jobs_asked"
"""What a click inside a component leaves for the next run; the harness cannot click there."""


def after_click(at: AppTest, what: str) -> AppTest:
    """Return the page after this click."""
    at.session_state[ASKED] = what
    return at.run()


def test_a_viewer_is_refused_even_by_deep_link(services: FakeServices, opened: Open) -> None:
    services.people.role = Role.VIEWER
    at = opened("jobs")
    assert "Your role" in at.error[0].value
    assert not at.title and "Replicate" not in said(at)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_counts_queues_workers_and_runs_are_shown(
    services: FakeServices, opened: Open, role: Role
) -> None:
    services.people.role = role
    at = opened("jobs")
    assert not at.exception and not at.error
    text = said(at)
    for fact in ("Waiting", "Active", "Delayed", "Completed", "Failed", "Total", "112.0 MB"):
        assert fact in text
    for fact in ("number 3 in line for Replicate", "No heartbeat for 2 min", "p50 3 s"):
        assert fact in text
    assert "diagnose?id=gen_" in text
    # An operator pauses queues, an admin providers too.
    assert "pause_queue:high" in text
    assert ("pause_provider:replicate" in text) is (role is Role.ADMIN)


def test_peoples_text_is_never_markdown(services: FakeServices, opened: Open) -> None:
    at = opened("jobs")
    assert all("Pip" not in str(element.value) for element in (*at.markdown, *at.caption))


def test_without_runs_it_says_what_to_do(services: FakeServices, opened: Open) -> None:
    services.jobs.value = board(is_quiet=True)
    services.jobs.rows.clear()
    at = opened("jobs")
    assert not at.exception
    assert "No runs yet" in said(at)
    assert "No worker is alive" in at.error[0].value
    assert "No matching run" in said(opened("jobs", state="Failed"))


def test_the_address_holds_the_filters(services: FakeServices, opened: Open) -> None:
    at = opened(
        "jobs",
        q="a fox",
        state="Failed",
        kind="Poses",
        provider="Replicate",
        model="consistent-character",
        account="Studio · acc_2",
        failure="The provider had a fault of its own.",
        made="Last 24 hours",
        order="Most attempts",
    )
    assert not at.exception
    filters = RunFilters(
        RunGroup.FAILED, Kind.POSES, "replicate", "fofr/consistent-character", "acc_2",
        "platform", 24.0, "a fox",
    )  # fmt: skip
    assert services.jobs.asked[-1] == (filters, Sort.MOST_ATTEMPTS, None)
    (more,) = at.get("popover")
    assert more.proto.popover.label == "More · 3"


def test_pages_turn_and_restart_with_other_filters(services: FakeServices, opened: Open) -> None:
    at = opened("jobs")
    at.button(key="runs_older").click().run()
    assert services.jobs.asked[-1][2] == "two" and at.button(key="runs_older").disabled
    at.selectbox(key="state").select("Failed").run()
    assert services.jobs.asked[-1][2] is None


def test_nothing_is_selected_at_first(services: FakeServices, opened: Open) -> None:
    assert opened("jobs").session_state[SELECTED] == ()


def test_a_run_opens_with_its_attempts(services: FakeServices, opened: Open) -> None:
    at = after_click(opened("jobs"), "run:run_1")
    text = said(at)
    for fact in ("https://replicate.com/p/q1w2", "E9828", "number 1 in queue high", "Attempt"):
        assert fact in text
    assert "KeyError" in at.code[0].value
    assert "There is no run" in after_click(at, "run:run_none").error[0].value


def test_a_queue_is_paused_with_a_reason(services: FakeServices, opened: Open) -> None:
    services.people.role = Role.OPERATOR
    at = after_click(opened("jobs"), "pause_queue:high")
    assert "nothing in progress is polled" in said(at)
    at.text_input(key="queue_high_reason").set_value("night shift")
    at.button(key="queue_high_save").click().run()
    assert services.jobs.calls == [("pause", "high", "night shift")]
    assert "resume_queue:high" in said(opened("jobs"))


def test_only_an_admin_pauses_a_provider(services: FakeServices, opened: Open) -> None:
    services.people.role = Role.OPERATOR
    at = after_click(opened("jobs"), "pause_provider:replicate")
    assert at.button(key="provider_replicate_save").disabled
    assert any("Only an admin" in info.value for info in at.info)
    services.people.role = Role.ADMIN
    at = after_click(opened("jobs"), "pause_provider:replicate")
    at.text_input(key="provider_replicate_reason").set_value("too slow")
    at.button(key="provider_replicate_save").click().run()
    assert services.jobs.calls == [("pause", "replicate", "too slow")]


def test_a_runs_batch_is_canceled_and_retried(services: FakeServices, opened: Open) -> None:
    at = after_click(opened("jobs"), "cancel:gen_1")
    at.button(key="cancel_save").click().run()
    assert [one for one, _ in services.cancel.canceled] == ["gen_1"]
    at = after_click(opened("jobs"), "retry:gen_2")
    at.button(key="retry_save").click().run()
    assert services.retry.started == ["gen_2"] and not at.exception


def test_without_redis_it_says_so_and_shows_the_rest(services: FakeServices, opened: Open) -> None:
    services.jobs.value = board(is_queue_up=False)
    at = opened("jobs")
    assert not at.exception
    assert "Redis does not answer" in at.error[0].value
    assert "queue positions are unknown" in said(at)
    assert "No heartbeat for 2 min" in said(at)
    assert "job's state is unknown" in said(after_click(at, "run:run_1"))


def test_page_opens_on_the_real_services(real_services: Services, opened: Open) -> None:
    at = opened("jobs")
    assert not at.exception
    assert at.title[0].value == "Jobs" and "No runs yet" in said(at)


def test_page_opens_on_the_real_services_without_redis(
    real_services: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    away = build_services(load_settings(None))
    monkeypatch.setattr(backend, "build_services", lambda settings: away)
    at = opened("jobs")
    assert not at.exception and "Redis does not answer" in at.error[0].value
    away.database.close()
