"""The diagnose page: who sees it, the box, the case, and the orders that are given on it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.kit.remedy_dialogs import NOT_SHOWN, offer_id, offer_of
from pages.kit.wording import escaped
from services.container import Services
from services.core.errors import DatabaseUnavailableError
from services.core.states import OperationState, ReconciliationScope, Role
from services.remedies.base import RemedyOffer
from services.remedies.registry import REMEDIES
from tests.pages.cases import (
    FINDINGS,
    GENERATION,
    PREDICTION,
    RUN,
    case,
    stalled_report,
)
from tests.pages.conftest import Open, drawn, said
from tests.pages.fakes import FakeServices

WHY = "ticket 4711"


def test_a_viewer_is_refused_even_by_deep_link(services: FakeServices, opened: Open) -> None:
    services.people.role = Role.VIEWER
    at = opened("diagnose", id=GENERATION)
    assert "Your role" in at.error[0].value
    assert "stalled" not in said(at)
    assert "The worker died" not in said(at)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_without_a_search_every_problem_is_listed(
    services: FakeServices, opened: Open, role: Role
) -> None:
    services.people.role = role
    at = opened("diagnose")
    assert not at.exception and not at.error
    text = said(at)
    assert "Redis lost the job" in text and "Requeue: all 40" in text
    assert "74 open runs checked" in text and "Hugging Face did not answer" in text
    assert text.index("Redis lost the job") < text.index("The model is starting")
    assert "12,481 stored files" in text


def test_without_problems_it_states_what_was_checked(services: FakeServices, opened: Open) -> None:
    report = stalled_report()
    services.diagnoses.report = type(report)((), report.total, report.at)
    services.missing.value = type(services.missing.value)((), ())
    text = said(opened("diagnose"))
    assert "No stuck jobs" in text and "74 open runs checked" in text
    assert "No missing files" in text and "never been compared" in text


@pytest.mark.parametrize("cause", ["worker_died", "cold_start", "provider_stuck", "healthy"])
def test_the_verdict_comes_first_and_its_safest_remedy_is_primary(
    services: FakeServices, opened: Open, cause: str
) -> None:
    services.diagnoses.value = case(cause)
    at = opened("diagnose", id=GENERATION)
    assert not at.exception and not at.error
    text = said(at)
    groups = [group for one in map(_data, drawn(at)) for group in one.get("groups", ())]
    verdict = next(group for group in groups if group["text"])
    assert verdict["title"] == FINDINGS[cause].title
    assert verdict["text"] == FINDINGS[cause].sentence
    offered = [button for button in at.button if str(button.key).startswith("remedy_")]
    assert [one.label for one in offered] == [
        REMEDIES[one.remedy_id].label for one in FINDINGS[cause].remedies
    ]
    assert text.index(FINDINGS[cause].title) < text.index("Disk quota exceeded")
    assert "disk quota exceeded" in text


def test_all_evidence_of_a_case_is_shown(services: FakeServices, opened: Open) -> None:
    services.diagnoses.value = case("worker_died", "refund_missing", rows=500)
    at = opened("diagnose", id=GENERATION)
    text = said(at)
    assert "Also found" in text and "30 credits" in text
    assert "Handed over to nights." in text and "tickets.example" in text
    codes = [code.value for code in at.code]
    assert any("could not be saved" in code for code in codes)
    assert any(code.startswith("# Prediction") for code in codes)
    rows = next(one for one in map(_data, drawn(at)) if one.get("label") == "Timeline")["rows"]
    assert len(rows) == 500
    assert {row["source"] for row in rows} == {
        "Database", "Queue", "Worker", "Replicate", "Storage"
    }  # fmt: skip
    assert any(row["clock"] == "Redis' clock" for row in rows if row["source"] == "Queue")
    assert all(row["clock"] == "" for row in rows if row["source"] == "Replicate")


def test_an_unknown_generation_is_explained(services: FakeServices, opened: Open) -> None:
    at = opened("diagnose", id="gen_none")
    assert not at.exception and not at.error
    assert "No such generation" in said(at)
    assert "Redis lost the job" in said(at)


def test_a_search_with_one_match_opens_it(services: FakeServices, opened: Open) -> None:
    at = opened("diagnose")
    at.text_input(key="diagnose_box").set_value("one").run()
    assert "The worker died" in said(at)
    assert at.query_params["q"] == "one"
    at.text_input(key="diagnose_box").set_value("several").run()
    assert "The worker died" not in said(at)


def test_several_matches_are_listed_with_their_reason(services: FakeServices, opened: Open) -> None:
    at = opened("diagnose", q="several")
    text = said(at)
    assert at.text_input(key="diagnose_box").value == "several"
    assert "its prompt has these words" in text and "thumb-1.webp" in text
    assert "5 generations" in text


def test_an_account_is_shown_even_with_one_generation(services: FakeServices, opened: Open) -> None:
    text = said(opened("diagnose", q="orchid"))
    assert "quota is used up" in text
    assert "The worker died" not in text


def test_no_results_list_what_can_be_pasted(services: FakeServices, opened: Open) -> None:
    text = said(opened("diagnose", q="nowhere"))
    assert "No results" in text and "words of the prompt" in text


def test_a_remedy_shows_its_dry_run_and_is_applied_with_a_reason(
    services: FakeServices, opened: Open
) -> None:
    at = opened("diagnose", id=GENERATION)
    at.button(key="remedy_0").click().run()
    assert "is fetched from Replicate" in said(at) and "30 credits" in said(at)
    at.text_input(key="remedy_reason").set_value(WHY)
    at.button(key="remedy_save").click().run()
    meant = RemedyOffer("redownload", RUN)
    assert services.remedies.applied == [(meant, WHY, {"seq": 4})]


def test_without_a_reason_nothing_is_applied(services: FakeServices, opened: Open) -> None:
    at = opened("diagnose", id=GENERATION)
    at.button(key="remedy_0").click().run()
    at.button(key="remedy_save").click().run()
    assert "Give a reason" in at.session_state["remedy_message"]
    assert services.remedies.applied == []


def test_a_refused_remedy_shows_the_reason(services: FakeServices, opened: Open) -> None:
    services.remedies.changed = "It is being fetched already."
    at = opened("diagnose", id=GENERATION)
    at.button(key="remedy_0").click().run()
    at.text_input(key="remedy_reason").set_value(WHY)
    at.button(key="remedy_save").click().run()
    assert "It is being fetched already" in at.session_state["remedy_message"]


def test_a_remedy_with_a_problem_cannot_be_applied(services: FakeServices, opened: Open) -> None:
    services.remedies.problem = "The output is gone."
    at = opened("diagnose", id=GENERATION)
    at.button(key="remedy_0").click().run()
    assert any("The output is gone" in error.value for error in at.error)
    assert at.button(key="remedy_save").disabled


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_only_an_admin_settles_refunds(services: FakeServices, opened: Open, role: Role) -> None:
    services.people.role = role
    services.diagnoses.value = case("refund_missing")
    at = opened("diagnose", id=GENERATION)
    at.button(key="remedy_0").click().run()
    assert at.button(key="remedy_save").disabled is (role is Role.OPERATOR)


def test_a_remedys_argument_is_asked_for(services: FakeServices, opened: Open) -> None:
    services.diagnoses.value = case("submit_unknown")
    at = opened("diagnose", id=GENERATION)
    at.button(key="remedy_0").click().run()
    assert at.button(key="remedy_save").disabled
    at.session_state["remedy_argument"] = PREDICTION
    at.button(key="remedy_0").click().run()
    at.text_input(key="remedy_reason").set_value(WHY)
    at.button(key="remedy_save").click().run()
    assert services.remedies.applied[0][0] == RemedyOffer("adopt_prediction", RUN, PREDICTION)


def test_an_argument_without_a_dry_run_is_not_applied(services: FakeServices, opened: Open) -> None:
    services.diagnoses.value = case("submit_unknown")
    at = opened("diagnose", id=GENERATION)
    at.session_state["remedy_argument"] = PREDICTION
    at.button(key="remedy_0").click().run()
    at.text_input(key="remedy_argument").set_value("another")
    at.text_input(key="remedy_reason").set_value(WHY)
    at.button(key="remedy_save").click().run()
    assert escaped(NOT_SHOWN) in at.session_state["remedy_message"]
    assert services.remedies.applied == []


def test_an_offer_survives_a_buttons_id() -> None:
    meant = RemedyOffer("adopt_object", "originals/ab:cd", "slot_1")
    assert offer_of(offer_id(meant)) == meant


def test_a_bulk_fix_starts_for_all_possible_items(services: FakeServices, opened: Open) -> None:
    at = _bulk_dialog(opened)
    assert "36 of 40" in said(at) and "4 not possible: It is working again" in said(at)
    at.text_input(key="bulk_reason").set_value(WHY)
    at.button(key="bulk_save").click().run()
    kind, subjects, reason = services.bulk.started[0]
    assert (kind, len(subjects), reason) == ("requeue", 36, WHY)
    assert at.query_params["operation"] == "bulk_01k9vq3m8zt4x7y2w6s5r1p0n6"


def test_a_bulk_fix_needs_a_reason(services: FakeServices, opened: Open) -> None:
    at = _bulk_dialog(opened)
    at.button(key="bulk_save").click().run()
    assert "Give a reason" in at.session_state["bulk_message"]
    assert services.bulk.started == []


def test_a_running_bulk_fix_shows_progress_and_an_ended_one_its_results(
    services: FakeServices, opened: Open
) -> None:
    at = opened("diagnose", operation="op_1")
    assert "12 of 36" in said(at)
    services.bulk.settled, services.bulk.state = 36, OperationState.DONE
    at = opened("diagnose", operation="op_1")
    assert "34 done" in said(at) and "1 refused" in said(at) and "1 failed" in said(at)
    at.button(key="bulk_close").click().run()
    assert "operation" not in at.query_params


def test_compare_now_starts_a_comparison(services: FakeServices, opened: Open) -> None:
    at = opened("diagnose")
    at.button(key="compare_now").click().run()
    assert services.missing.ordered == [ReconciliationScope.FULL]


def test_a_note_is_stored_with_its_ticket(services: FakeServices, opened: Open) -> None:
    at = opened("diagnose", id=GENERATION)
    at.text_area(key="note_text").set_value("Told the customer.")
    at.text_input(key="note_link").set_value("https://tickets.example/1")
    at.button(key="note_add").click().run()
    assert services.notes.added == [(GENERATION, "Told the customer.", "https://tickets.example/1")]
    assert at.text_area(key="note_text").value == ""


def test_the_frame_counts_stuck_and_missing(services: FakeServices, opened: Open) -> None:
    text = said(opened())
    assert "44 stuck" in text and "9 missing" in text
    services.people.role = Role.VIEWER
    assert "44 stuck" not in said(opened())


def test_the_frame_survives_a_database_that_does_not_answer(
    services: FakeServices, opened: Open
) -> None:
    services.diagnoses.problem = DatabaseUnavailableError()
    at = opened()
    assert not at.exception and not at.error
    assert "14 running" in said(at) and "44 stuck" not in said(at)


def test_batches_and_the_overview_link_here(services: FakeServices, opened: Open) -> None:
    assert "why:gen_" in said(opened("poses"))
    assert "why:gen_" in said(opened())
    services.people.role = Role.VIEWER
    assert "why:gen_" not in said(opened("poses")) + said(opened())


def test_it_opens_on_the_real_services(real_services: Services, opened: Open) -> None:
    at = opened("diagnose", q="run_that_never_was")
    assert not at.exception and not at.error
    text = said(at)
    assert "No results" in text
    assert "No stuck jobs" in text and "No missing files" in text
    assert "No such generation" in said(opened("diagnose", id="gen_never"))


def _bulk_dialog(opened: Open) -> AppTest:
    """The page after a click on the first group's button."""
    at = opened("diagnose")
    subjects = [item.run_id for item in stalled_report().groups[0].items]
    at.session_state["bulk_asked"] = ("requeue", subjects)
    return at.run()


def _data(element: Any) -> dict[str, Any]:
    proto = element.proto
    return dict(json.loads(proto.json or proto.mixed.json or "{}"))


def test_one_button_covers_all_pictures_that_failed_for_one_reason(
    services: FakeServices, opened: Open
) -> None:
    value = case("healthy")
    several = tuple(RemedyOffer("regenerate", f"slot_{number}") for number in range(6))
    many = replace(value.verdict, remedies=several)
    services.diagnoses.value = replace(
        value, verdict=many, findings=(many,), unchecked=("Replicate: 2 of 9 answered.",)
    )
    at = opened("diagnose", id=GENERATION)
    assert [it.label for it in at.button if (it.key or "").startswith("remedy_")] == [
        "Regenerate: 6"
    ]
    assert any("2 of 9 answered" in one.value for one in at.caption)
    at.button(key="remedy_0").click().run()
    assert "5 of 6" in said(at)
