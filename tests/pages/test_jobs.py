"""The jobs page: roles, content, filters in the address, dialogs, and an unreachable Redis."""

import pytest
from pydantic import SecretStr
from redis import Redis
from streamlit.testing.v1 import AppTest

from pages.jobs.runs import SELECTED
from services.container import Services
from services.core.states import Kind, QueueName, Role, RunState
from services.database.models import Heartbeat, ProviderState, QueueState, Run
from services.jobs.filters import RunFilters, Sort
from services.monitoring.run_status import RunGroup
from services.queue.base import QueuedStep
from services.queue.rq_queue import RqQueue
from tests.integration.jobs.planted import add_run, ago
from tests.pages.conftest import Open, built_services, said, spied
from tests.pages.planting import audited, generation_of, rows, runs_of, set_role, set_rows
from tests.pages.seed import BOLD, FOX

ASKED = "jobs_asked"
"""What a click inside a component leaves for the next run; the harness cannot click there."""
FAULT = "The provider had a fault of its own."


def after_click(at: AppTest, what: str) -> AppTest:
    """Return the page after this click."""
    at.session_state[ASKED] = what
    return at.run()


def test_a_viewer_is_refused_even_by_deep_link(studio: Services, opened: Open) -> None:
    set_role(studio, Role.VIEWER)
    at = opened("jobs")
    assert "Your role" in at.error[0].value
    assert not at.title and "Queues" not in said(at)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_counts_queues_workers_and_runs_are_shown(
    studio: Services, opened: Open, role: Role
) -> None:
    set_role(studio, role)
    set_rows(studio, Heartbeat, Heartbeat.name == "worker-2", heartbeat_at=ago(96))
    at = opened("jobs")
    assert not at.exception and not at.error
    text = said(at)
    for fact in ("Waiting", "Active", "Delayed", "Completed", "Failed", "Total", "112.0 MB"):
        assert fact in text
    for fact in ("Replicate is paused", "No heartbeat for 2 min", "p50 "):
        assert fact in text
    assert "diagnose?id=gen_" in text
    # An operator pauses queues, an admin providers too.
    assert "pause_queue:high" in text
    assert ("pause_provider:gemini" in text) is (role is Role.ADMIN)


def test_peoples_text_is_never_markdown(studio: Services, opened: Open) -> None:
    at = opened("jobs")
    assert BOLD in said(at)
    assert all(BOLD not in str(element.value) for element in (*at.markdown, *at.caption))


def test_without_runs_it_says_what_to_do(fresh_services: Services, opened: Open) -> None:
    at = opened("jobs")
    assert not at.exception and at.title[0].value == "Jobs"
    assert "No runs yet" in said(at)
    assert "No worker is alive" in at.error[0].value
    assert "No matching run" in said(opened("jobs", state="Failed"))


def test_the_address_holds_the_filters(
    studio: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = spied(monkeypatch, studio.jobs, "runs")
    at = opened(
        "jobs",
        q="a fox",
        state="Failed",
        kind="Poses",
        provider="Replicate",
        model="consistent-character",
        account="Sunset Kids",
        failure=FAULT,
        made="Last 24 hours",
        order="Most attempts",
    )
    assert not at.exception
    filters = RunFilters(
        RunGroup.FAILED, Kind.POSES, "replicate", "fofr/consistent-character", "acc_kids",
        "platform", 24.0, "a fox",
    )  # fmt: skip
    assert read[-1][1:4] == (filters, Sort.MOST_ATTEMPTS, None)
    (more,) = at.get("popover")
    assert more.proto.popover.label == "More · 3"


def test_pages_turn_and_restart_with_other_filters(studio: Services, opened: Open) -> None:
    with studio.database.transaction() as session:
        for number in range(50):
            add_run(session, RunState.SUCCEEDED, title=f"Run {number:02}", finished_at=ago(1))
    at = opened("jobs")
    assert "Run 00" in said(at) and FOX not in said(at)
    at.button(key="runs_older").click().run()
    assert FOX in said(at) and at.button(key="runs_older").disabled
    at.selectbox(key="state").select("Completed").run()
    assert "Run 00" in said(at)


def test_nothing_is_selected_at_first(studio: Services, opened: Open) -> None:
    assert opened("jobs").session_state[SELECTED] == ()


def test_a_run_opens_with_its_attempts(studio: Services, opened: Open, redis: Redis) -> None:
    (failed,) = rows(studio, Run, Run.failure == "platform")
    at = after_click(opened("jobs"), f"run:{failed.id}")
    for fact in ("https://replicate.com/p/prediction", "E9828", FAULT, "Attempt"):
        assert fact in said(at)
    assert "There is no run" in after_click(at, "run:run_none").error[0].value
    queued = runs_of(studio, generation_of(studio, Kind.POSES).id)[7]
    set_rows(studio, Run, Run.id == queued.id, enqueued_at=ago(1))
    RqQueue(redis).enqueue([QueuedStep("submit", queued.id, queued.seq, QueueName.HIGH, 60)])
    assert "number 1 in queue high" in said(after_click(at, f"run:{queued.id}"))


def test_a_queue_is_paused_with_a_reason(studio: Services, opened: Open) -> None:
    set_role(studio, Role.OPERATOR)
    at = after_click(opened("jobs"), "pause_queue:high")
    assert "nothing in progress is polled" in said(at)
    at.text_input(key="queue_high_reason").set_value("night shift")
    at.button(key="queue_high_save").click().run()
    assert audited(studio) == [("queue.pause", "high", "night shift")]
    with studio.database.transaction() as session:
        assert session.get_one(QueueState, QueueName.HIGH).paused_at
    assert "resume_queue:high" in said(opened("jobs"))


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_only_an_admin_pauses_a_provider(studio: Services, opened: Open, role: Role) -> None:
    set_role(studio, role)
    at = after_click(opened("jobs"), "pause_provider:gemini")
    is_admin = role is Role.ADMIN
    assert at.button(key="provider_gemini_save").disabled is not is_admin
    assert any("Only an admin" in info.value for info in at.info) is not is_admin
    if is_admin:
        at.text_input(key="provider_gemini_reason").set_value("too slow")
        at.button(key="provider_gemini_save").click().run()
        assert audited(studio) == [("provider.pause", "gemini", "too slow")]
    with studio.database.transaction() as session:
        assert bool(session.get_one(ProviderState, "gemini").paused_at) is is_admin


def test_a_runs_batch_is_canceled_and_retried(studio: Services, opened: Open) -> None:
    busy, failed = generation_of(studio, Kind.POSES), generation_of(studio, title=BOLD)
    at = after_click(opened("jobs"), f"cancel:{busy.id}")
    at.button(key="cancel_save").click().run()
    at = after_click(opened("jobs"), f"retry:{failed.id}")
    at.button(key="retry_save").click().run()
    assert not at.exception
    assert audited(studio) == [
        ("generation.cancel", busy.id, "Canceled"),
        ("generation.retry", failed.id, "Retried"),
    ]


def test_without_redis_it_says_so_and_shows_the_rest(
    studio: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = {"redis_address": SecretStr("redis://127.0.0.1:1/0")}
    (failed,) = rows(studio, Run, Run.failure == "platform")
    set_rows(studio, Run, Run.state == RunState.QUEUED, enqueued_at=ago(1))
    with built_services(studio.settings.model_copy(update=nowhere), monkeypatch):
        at = opened("jobs")
        assert not at.exception
        assert "Nothing listens at the address of Redis" in at.error[0].value
        assert "queue positions are unknown" in said(at)
        assert "No heartbeat for" in said(at)
        assert "job's state is unknown" in said(after_click(at, f"run:{failed.id}"))
