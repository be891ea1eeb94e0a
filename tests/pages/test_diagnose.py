"""The diagnose page: roles, search, one case, the remedies applied on it, and both lists."""

import json
from typing import Any

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from pages.kit.remedy_dialogs import NOT_SHOWN, offer_id, offer_of
from pages.kit.wording import escaped
from services.container import Services
from services.core.errors import DatabaseUnavailableError
from services.core.states import (
    ItemState,
    Kind,
    OperationState,
    ReconciliationScope,
    Role,
    RunState,
)
from services.database.models import (
    Account,
    Audit,
    Event,
    Generation,
    Note,
    Operation,
    OperationItem,
    Reconciliation,
    Run,
    Slot,
)
from services.database.seed import DEFAULT_ACCOUNT_ID, LOCAL_PERSON_ID
from services.diagnosis.detail import Diagnosis
from services.diagnosis.registry import BY_ID
from services.pipeline.events import EventName
from services.providers.base import FailureClass
from services.recipes.mascots.recipe import MascotsRequest
from services.remedies.base import RemedyOffer
from services.remedies.registry import REMEDIES
from services.remedies.requeue import HELD
from tests.integration.jobs.planted import ago
from tests.pages.conftest import Open, drawn, said
from tests.pages.planting import (
    add,
    audited,
    fail,
    generation_of,
    lose_answer,
    rows,
    runs_of,
    set_role,
    set_rows,
)
from tests.pages.seed import BOLD, FOX, KIDS, OLGA
from tests.waiting import eventually

WHY = "ticket 4711"


@pytest.fixture
def stuck(studio: Services) -> Run:
    """The run of a batch that was never enqueued."""
    batches = rows(studio, Generation, Generation.title == OLGA, Generation.kind == Kind.MASCOTS)
    return runs_of(studio, batches[0].id)[0]


def test_a_viewer_is_refused_even_by_deep_link(studio: Services, stuck: Run, opened: Open) -> None:
    set_role(studio, Role.VIEWER)
    at = opened("diagnose", id=stuck.generation_id)
    assert "Your role" in at.error[0].value
    assert "Stuck" not in said(at) and "Never enqueued" not in said(at)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_without_a_search_every_problem_is_listed(
    studio: Services, opened: Open, role: Role
) -> None:
    set_role(studio, role)
    set_rows(studio, Run, Run.state == RunState.WAITING, accepted_at=ago(3600))
    at = opened("diagnose")
    assert not at.exception and not at.error
    text = said(at)
    assert "Never enqueued" in text and "Requeue: all 3" in text
    assert "open runs checked" in text
    assert text.index("Never enqueued") < text.index(BY_ID["slow_provider"].title)
    assert "12,481 stored files" in text and "Orphaned file" in text


def test_without_problems_it_states_what_was_checked(
    fresh_services: Services, opened: Open
) -> None:
    text = said(opened("diagnose"))
    assert "No stuck jobs" in text and "0 open runs checked" in text
    assert "No missing files" in text and "never been compared" in text


@pytest.mark.parametrize("cause", ["never_enqueued", "submit_unknown", "refund_missing", "healthy"])
def test_the_verdict_comes_first_and_its_safest_remedy_is_primary(
    studio: Services, opened: Open, monkeypatch: pytest.MonkeyPatch, cause: str
) -> None:
    case = _held_case(studio, _with_cause(studio, cause), monkeypatch)
    assert case.verdict.cause == cause
    at = opened("diagnose", id=case.subject.generation_id)
    assert not at.exception and not at.error
    groups = [group for one in map(_data, drawn(at)) for group in one.get("groups", ())]
    verdict = next(group for group in groups if group["text"])
    assert verdict["title"] == BY_ID[cause].title
    assert verdict["text"] == case.verdict.sentence
    assert _remedies(at) == [REMEDIES[one.remedy_id].label for one in case.verdict.remedies]


def test_all_evidence_of_a_case_is_shown(studio: Services, opened: Open) -> None:
    busy = generation_of(studio, Kind.POSES)
    many = (
        Event(generation_id=busy.id, name="run.retried", actor="system", detail={}, at=ago(n))
        for n in range(300)
    )
    add(studio, *many)
    actor = studio.people.local()
    studio.notes.add(actor, busy.id, "Handed over to nights.", "https://tickets.example/4711")
    at = opened("diagnose", id=busy.id)
    text = said(at)
    assert "Also found" in text and "The account is out of funds" in text
    assert "Handed over to nights." in text and "tickets.example" in text
    codes = [code.value for code in at.code]
    assert any("Your picture was made" in code for code in codes)
    assert any(code.startswith("# ") for code in codes)
    shown = next(one for one in map(_data, drawn(at)) if one.get("label") == "Timeline")["rows"]
    assert len(shown) > 300
    assert {"Database", "Storage", "Credits", "Person"} <= {row["source"] for row in shown}
    assert "Replicate" in " ".join(one.value for one in at.caption)


def test_similar_cases_changes_and_outages_are_beside_the_verdict(
    studio: Services, stuck: Run, opened: Open
) -> None:
    """Three batches whose worker died: one succeeded since, one did not, and this one."""
    others = [runs_of(studio, generation_of(studio, title=it).id)[0] for it in (FOX, BOLD)]
    recovered = (
        Event(
            generation_id=run.generation_id,
            run_id=run.id,
            name=EventName.RUN_RECOVERED,
            actor="system",
            detail={},
        )
        for run in (stuck, *others)
    )
    add(studio, *recovered)
    died = {"lease_until": ago(1), "worker": "worker-9/1", "started_at": ago(40)}
    set_rows(studio, Run, Run.id == stuck.id, **died)
    change = Audit(
        at=ago(600), actor=LOCAL_PERSON_ID, action="queue.pause", subject_id="high", reason=WHY
    )
    add(studio, change)
    text = said(opened("diagnose", id=stuck.generation_id))
    assert BY_ID["worker_died"].title in text
    assert "2 other batches since" in text
    assert "1 succeeded by themselves, 1 not solved" in text
    assert "3 runs in 3 batches of 1 account" in text and "ongoing" in text
    assert "Changed before" in text and WHY in text


def test_an_unknown_generation_is_explained(studio: Services, opened: Open) -> None:
    at = opened("diagnose", id="gen_none")
    assert not at.exception and not at.error
    assert "No such generation" in said(at)
    assert "Never enqueued" in said(at)


def test_a_search_with_one_match_opens_it(studio: Services, stuck: Run, opened: Open) -> None:
    at = opened("diagnose")
    at.text_input(key="diagnose_box").set_value(stuck.id).run()
    assert "Runbook: what to do" in _expanders(at)
    assert at.query_params["q"] == stuck.id
    at.text_input(key="diagnose_box").set_value(FOX).run()
    assert "Runbook: what to do" not in _expanders(at)


def test_several_matches_are_listed_with_their_reason(studio: Services, opened: Open) -> None:
    at = opened("diagnose", q=FOX)
    text = said(at)
    assert at.text_input(key="diagnose_box").value == FOX
    assert "Found by" in text and "/img/thumbnails/" in text
    assert generation_of(studio, title=FOX).id in text
    assert generation_of(studio, Kind.POSES).id in text


def test_an_account_is_shown_with_what_is_left_today(studio: Services, opened: Open) -> None:
    set_rows(studio, Account, Account.id == KIDS, daily_quota=0)
    text = said(opened("diagnose", q="Sunset Kids"))
    assert "quota is used up" in text
    assert "Runbook" not in text


def test_no_results_list_what_can_be_pasted(studio: Services, opened: Open) -> None:
    text = said(opened("diagnose", q="run_that_never_was"))
    assert "No results" in text and "words of the prompt" in text


def test_a_remedy_shows_its_dry_run_and_is_applied_with_a_reason(
    studio: Services, stuck: Run, opened: Open
) -> None:
    at = opened("diagnose", id=stuck.generation_id)
    at.button(key="remedy_0").click().run()
    assert "Its step becomes due now" in said(at)
    at.text_input(key="remedy_reason").set_value(WHY)
    at.button(key="remedy_save").click().run()
    assert audited(studio) == [("remedy.requeue", stuck.id, WHY)]
    (after,) = rows(studio, Run, Run.id == stuck.id)
    assert after.seq == stuck.seq + 1 and after.due_at < stuck.due_at


def test_a_remedy_shows_the_credits_that_it_moves(
    studio: Services, stuck: Run, opened: Open
) -> None:
    at = _ask(opened("diagnose"), RemedyOffer("fail_and_refund", stuck.id))
    assert "**30 credits** back to the customer" in said(at)


def test_without_a_reason_nothing_is_applied(studio: Services, stuck: Run, opened: Open) -> None:
    at = _ask(opened("diagnose"), RemedyOffer("requeue", stuck.id))
    at.button(key="remedy_save").click().run()
    assert "Give a reason" in at.session_state["remedy_message"]
    assert audited(studio) == []


def test_a_refused_remedy_shows_the_reason(studio: Services, stuck: Run, opened: Open) -> None:
    at = _ask(opened("diagnose"), RemedyOffer("requeue", stuck.id))
    set_rows(studio, Run, Run.id == stuck.id, seq=stuck.seq + 1)
    at.text_input(key="remedy_reason").set_value(WHY)
    at.button(key="remedy_save").click().run()
    assert "it has changed since the dry run" in at.session_state["remedy_message"]
    assert audited(studio) == []


def test_a_remedy_with_a_problem_cannot_be_applied(
    studio: Services, stuck: Run, opened: Open
) -> None:
    _hold(studio, stuck)
    at = _ask(opened("diagnose"), RemedyOffer("requeue", stuck.id))
    assert any(escaped(HELD) in error.value for error in at.error)
    assert at.button(key="remedy_save").disabled


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_only_an_admin_settles_refunds(studio: Services, opened: Open, role: Role) -> None:
    offer = RemedyOffer("settle_refund", _with_cause(studio, "refund_missing"))
    set_role(studio, role)
    at = _ask(opened("diagnose"), offer)
    assert at.button(key="remedy_save").disabled is (role is Role.OPERATOR)


def test_a_remedys_argument_is_asked_for(studio: Services, opened: Open) -> None:
    offer = RemedyOffer("edit_prompt", _refused_slot(studio).id)
    at = _ask(opened("diagnose"), offer)
    at.text_input(key="remedy_reason").set_value(WHY)
    at.button(key="remedy_save").click().run()
    assert escaped(NOT_SHOWN) in at.session_state["remedy_message"] and not audited(studio)
    at.session_state["remedy_argument"] = "a friendly fox"
    _ask(at, offer)
    at.text_input(key="remedy_reason").set_value(WHY)
    at.button(key="remedy_save").click().run()
    assert audited(studio) == [("remedy.edit_prompt", offer.subject_id, WHY)]
    (slot,) = rows(studio, Slot, Slot.id == offer.subject_id)
    assert slot.prompt == "a friendly fox"


def test_an_argument_without_a_dry_run_is_not_applied(studio: Services, opened: Open) -> None:
    at = opened("diagnose")
    at.session_state["remedy_argument"] = "a friendly fox"
    _ask(at, RemedyOffer("edit_prompt", _refused_slot(studio).id))
    at.text_input(key="remedy_argument").set_value("another")
    at.text_input(key="remedy_reason").set_value(WHY)
    at.button(key="remedy_save").click().run()
    assert escaped(NOT_SHOWN) in at.session_state["remedy_message"]
    assert audited(studio) == []


def test_an_offer_survives_a_buttons_id() -> None:
    offer = RemedyOffer("adopt_object", "originals/ab:cd", "slot_1")
    assert offer_of(offer_id(offer)) == offer


def test_one_button_covers_all_pictures_that_failed_for_one_reason(
    studio: Services, opened: Open
) -> None:
    request = MascotsRequest(DEFAULT_ACCOUNT_ID, "Nova", "a cat", "Anime", variations=3)
    failed = studio.mascots.start(studio.people.local(), request, "nova").generation_id
    for run in runs_of(studio, failed):
        fail(studio, run, FailureClass.PLATFORM)
    at = opened("diagnose", id=failed)
    assert _remedies(at) == ["Retry: 9"]
    at.button(key="remedy_0").click().run()
    assert "**90 credits** charged to the customer" in said(at)


def test_a_bulk_fix_is_applied_to_all_possible_items(
    studio: Services, stuck: Run, opened: Open
) -> None:
    _hold(studio, stuck)
    at = _bulk_dialog(studio, opened)
    assert "**2 of 3**" in said(at) and f"1 not possible: {escaped(HELD)}" in said(at)
    at.text_input(key="bulk_reason").set_value(WHY)
    at.button(key="bulk_save").click().run()
    (operation,) = rows(studio, Operation)
    assert at.query_params["operation"] == operation.id
    eventually(lambda: rows(studio, Operation)[0].state is OperationState.DONE)
    assert [change[::2] for change in audited(studio)] == [("remedy.requeue", WHY)] * 2
    assert "2 done" in said(opened("diagnose", operation=operation.id))


def test_a_bulk_fix_needs_a_reason(studio: Services, opened: Open) -> None:
    at = _bulk_dialog(studio, opened)
    at.button(key="bulk_save").click().run()
    assert "Give a reason" in at.session_state["bulk_message"]
    assert rows(studio, Operation) == []


def test_a_running_bulk_fix_shows_progress_and_an_ended_one_its_results(
    studio: Services, opened: Open
) -> None:
    states = (ItemState.DONE, ItemState.REFUSED, ItemState.FAILED, ItemState.PENDING)
    running = Operation(
        id="bulk_1",
        remedy="requeue",
        actor=LOCAL_PERSON_ID,
        reason=WHY,
        state=OperationState.RUNNING,
    )
    items = (
        OperationItem(
            operation_id="bulk_1",
            position=n,
            subject_id=f"run_{n}",
            expected={},
            state=state,
            message="It is working again.",
        )
        for n, state in enumerate(states)
    )
    add(studio, running, *items)
    assert "3 of 4" in said(opened("diagnose", operation="bulk_1"))
    set_rows(studio, OperationItem, OperationItem.position == 3, state=ItemState.DONE)
    set_rows(studio, Operation, state=OperationState.DONE)
    at = opened("diagnose", operation="bulk_1")
    assert "2 done" in said(at) and "1 refused" in said(at) and "1 failed" in said(at)
    at.button(key="bulk_close").click().run()
    assert "operation" not in at.query_params


def test_compare_now_starts_a_comparison(studio: Services, opened: Open) -> None:
    at = opened("diagnose")
    at.button(key="compare_now").click().run()
    assert [action for action, *_ in audited(studio)] == ["storage.compare"]
    assert rows(studio, Reconciliation)[-1].scope is ReconciliationScope.FULL


def test_a_note_is_stored_with_its_ticket(studio: Services, stuck: Run, opened: Open) -> None:
    at = opened("diagnose", id=stuck.generation_id)
    at.text_area(key="note_text").set_value("Informed the customer.")
    at.text_input(key="note_link").set_value("https://tickets.example/1")
    at.button(key="note_add").click().run()
    (note,) = rows(studio, Note)
    assert (note.generation_id, note.text) == (stuck.generation_id, "Informed the customer.")
    assert note.link == "https://tickets.example/1"
    assert at.text_area(key="note_text").value == ""


def test_the_frame_counts_stuck_and_missing(studio: Services, opened: Open) -> None:
    text = said(opened())
    assert "6 stuck" in text and "2 missing" in text
    set_role(studio, Role.VIEWER)
    assert "6 stuck" not in said(opened())


def test_the_frame_survives_a_database_that_does_not_answer(
    studio: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_to_read(*given: object) -> object:
        raise DatabaseUnavailableError

    monkeypatch.setattr(studio.diagnoses, "stalled", fail_to_read)
    at = opened()
    assert not at.exception and not at.error
    assert "3 running" in said(at) and "stuck" not in said(at)


def test_batches_and_the_overview_link_here(studio: Services, opened: Open) -> None:
    assert "why:gen_" in said(opened("poses"))
    assert "why:gen_" in said(opened())
    set_role(studio, Role.VIEWER)
    assert "why:gen_" not in said(opened("poses")) + said(opened())


def _with_cause(studio: Services, cause: str) -> str:
    """Return a generation whose verdict is this cause."""
    if cause == "healthy":
        return generation_of(studio, title=FOX).id
    failed = generation_of(studio, title=BOLD).id
    batches = rows(studio, Generation, Generation.title == OLGA, Generation.kind == Kind.MASCOTS)
    if cause == "submit_unknown":
        lose_answer(studio, runs_of(studio, batches[0].id)[0])
    if cause == "refund_missing":
        with studio.database.transaction() as session:
            session.execute(text("SET LOCAL session_replication_role = replica"))
            refunds = "generation_id = :id AND kind = 'refund'"
            session.execute(text(f"DELETE FROM app.ledger_entries WHERE {refunds}"), {"id": failed})
        return failed
    return str(batches[0].id)


def _held_case(studio: Services, generation_id: str, monkeypatch: pytest.MonkeyPatch) -> Diagnosis:
    """Diagnose once, and let every run of the page show this result: its sentences count seconds."""
    case = studio.diagnoses.diagnose(studio.people.local(), generation_id)
    monkeypatch.setattr(studio.diagnoses, "diagnose", lambda actor, generation_id: case)
    return case


def _refused_slot(studio: Services) -> Slot:
    failed = generation_of(studio, title=BOLD)
    refused = Slot.failure == FailureClass.CONTENT_REFUSED
    (slot,) = rows(studio, Slot, Slot.generation_id == failed.id, refused)
    return slot


def _hold(studio: Services, run: Run) -> None:
    """Let a living worker work on the run."""
    held = {"lease_until": ago(-3600), "worker": "worker-1/1", "started_at": ago(1)}
    set_rows(studio, Run, Run.id == run.id, **held)


def _ask(at: AppTest, offer: RemedyOffer) -> AppTest:
    """The page after a click on this remedy."""
    at.session_state["remedy_asked"] = offer
    return at.run()


def _bulk_dialog(studio: Services, opened: Open) -> AppTest:
    """The page after a click on the button of the group of stuck batches."""
    at = opened("diagnose")
    batches = rows(studio, Generation, Generation.title == OLGA, Generation.kind == Kind.MASCOTS)
    subjects = [runs_of(studio, it.id)[0].id for it in batches]
    at.session_state["bulk_asked"] = ("requeue", subjects)
    return at.run()


def _remedies(at: AppTest) -> list[str]:
    """The labels of the verdict's remedies, in order."""
    return [it.label for it in at.button if (it.key or "").startswith("remedy_")]


def _expanders(at: AppTest) -> str:
    return " ".join(it.label for it in at.expander)


def _data(element: Any) -> dict[str, Any]:
    proto = element.proto
    return dict(json.loads(proto.json or proto.mixed.json or "{}"))
