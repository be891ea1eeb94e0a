"""The simulations page: for operators, one photograph, a consent of its own, and the dialogs."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.kit.references import PICKED
from services.container import Services
from services.core.states import Kind, Role, SlotRole
from services.database.models import (
    AssetParent,
    Consent,
    Generation,
    Reference,
    Scenario,
    Simulation,
)
from tests.pages.conftest import Open, drawn, said
from tests.pages.planting import add, audited, filled_slot, generation_of, rows, set_role
from tests.pages.seed import FILES


def test_viewer_may_not_open_it_and_does_not_find_it(studio: Services, opened: Open) -> None:
    set_role(studio, Role.VIEWER)
    at = opened("simulations")
    assert "it takes operator" in said(at)
    assert not at.button and not at.title


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_only_an_admin_edits_scenarios(studio: Services, opened: Open, role: Role) -> None:
    set_role(studio, role)
    at = opened("simulations")
    assert not at.exception and not at.error
    assert at.title[0].value == "Simulations"
    labels = [button.label for button in at.button]
    assert "Consents" in labels
    assert ("Edit scenarios" in labels) is (role is Role.ADMIN)


def test_page_without_photographs_shows_the_way(fresh_services: Services, opened: Open) -> None:
    assert "No photograph yet" in said(opened("simulations"))


def test_strength_begins_at_the_scenarios_and_is_explained(studio: Services, opened: Open) -> None:
    at = opened("simulations")
    assert _strength(at).value == 0.35
    at.segmented_control(key="simulation_scenario").set_value("projection-level-3").run()
    assert _strength(at).value == 0.7
    _strength(at).set_value(0.85).run()
    assert "may no longer be recognised" in said(at)


def test_nothing_starts_without_the_consent(studio: Services, opened: Open) -> None:
    at = opened("simulations")
    assert not at.error
    _button(at, "Make both views").click().run()
    assert "consent" in at.error[0].value
    assert len(rows(studio, Generation, Generation.kind == Kind.SIMULATIONS)) == 1


def test_start_records_what_was_chosen_and_the_consent(studio: Services, opened: Open) -> None:
    at = opened("simulations")
    at.segmented_control(key="simulation_steps").set_value(25).run()
    at.checkbox[0].check().run()
    _button(at, "Make both views").click().run()
    assert not at.error and not at.exception
    started = generation_of(studio, title=f"{FILES[-1]} · Level 1")
    assert started.id in said(at)
    with studio.database.transaction() as session:
        made = session.get_one(Simulation, started.id)
        consent = session.get_one(Consent, made.consent_id)
    (photograph,) = rows(studio, Reference, Reference.filename == FILES[-1])
    assert (made.original_asset_id, made.scenario_id) == (
        photograph.asset_id,
        "projection-level-1",
    )
    assert (made.strength, made.steps, consent.asset_id) == (0.35, 25, photograph.asset_id)


def test_consent_of_one_photograph_is_not_another_ones(studio: Services, opened: Open) -> None:
    at = opened("simulations")
    at.checkbox[0].check().run()
    (other,) = rows(studio, Reference, Reference.filename == FILES[2])
    at.session_state[PICKED] = other.id
    at.run()
    assert at.checkbox[0].value is False


def test_scenario_is_edited_with_a_reason(studio: Services, opened: Open) -> None:
    at = opened("simulations")
    fields = "scenario_projection-level-1_1"
    _open(at, "edit_scenarios").run()
    at.text_input(key=f"{fields}_name").set_value("Gentle")
    at.button(key="scenario_save").click()
    _open(at, "edit_scenarios").run()
    assert "Give a reason" in at.error[0].value
    at.text_input(key="scenario_reason").set_value("clearer")
    at.button(key="scenario_save").click()
    _open(at, "edit_scenarios").run()
    (scenario,) = rows(studio, Scenario, Scenario.id == "projection-level-1")
    assert scenario.name == "Gentle"
    assert audited(studio) == [("scenario.edit", scenario.id, "clearer")]


def test_scenario_is_archived_and_a_new_one_added(studio: Services, opened: Open) -> None:
    at = opened("simulations")
    _open(at, "edit_scenarios").run()
    at.text_input(key="scenario_reason").set_value("not used")
    at.button(key="scenario_other").click()
    _open(at, "edit_scenarios").run()
    assert rows(studio, Scenario, Scenario.id == "projection-level-1")[0].archived_at
    _open(at, "edit_scenarios").run()
    at.selectbox(key="scenario_edited").set_value("new")
    _open(at, "edit_scenarios").run()
    at.text_input(key="scenario_new_0_name").set_value("Other")
    at.text_area(key="scenario_new_0_description").set_value("a hint")
    at.text_input(key="scenario_reason").set_value("asked for")
    at.button(key="scenario_save").click()
    _open(at, "edit_scenarios").run()
    assert [view.description for view in rows(studio, Scenario, Scenario.name == "Other")] == [
        "a hint"
    ]


def test_withdrawing_a_consent_asks_which_and_why(studio: Services, opened: Open) -> None:
    (consent,) = rows(studio, Consent)
    at = opened("simulations")
    _open(at, "consents").run()
    assert FILES[0] in said(at) and "2 pictures" in said(at)
    at.selectbox(key="consent_chosen").set_value(consent.asset_id)
    _open(at, "consents").run()
    assert "erased permanently" in said(at)
    at.text_input(key="consent_reason").set_value("she asked")
    at.button(key="consent_save").click()
    _open(at, "consents").run()
    assert audited(studio) == [("consent.withdraw", consent.id, "she asked")]
    assert rows(studio, Consent)[0].withdrawn_at


def test_gallery_offers_a_viewer_no_simulations(studio: Services, opened: Open) -> None:
    assert "Simulations" in opened("gallery").segmented_control(key="kind").options
    set_role(studio, Role.VIEWER)
    assert "Simulations" not in opened("gallery").segmented_control(key="kind").options


def test_picture_is_laid_over_the_one_that_it_came_from(studio: Services, opened: Open) -> None:
    view = filled_slot(studio, SlotRole.REAR_VIEW)
    at = opened("picture", id=str(view.asset_id))
    assert len(_compared(at)) == 2
    text = said(at)
    for fact in ("Level 2", "Strength", "0.5", "Steps", "30"):
        assert fact in text
    at.toggle[0].set_value(False).run()
    assert _compared(at) == []


def test_other_pictures_offer_the_comparison(studio: Services, opened: Open) -> None:
    at = opened("picture", id=str(filled_slot(studio, SlotRole.POSE).asset_id))
    assert _compared(at) == []
    at.toggle[0].set_value(True).run()
    assert len(_compared(at)) == 2


def test_nothing_is_compared_with_several_pictures(studio: Services, opened: Open) -> None:
    view = filled_slot(studio, SlotRole.REAR_VIEW)
    other = filled_slot(studio, SlotRole.POSE)
    both = AssetParent(child_id=view.asset_id, parent_id=other.asset_id, relation="made_from")
    add(studio, both)
    assert not opened("picture", id=str(view.asset_id)).toggle


def _compared(at: AppTest) -> list[str]:
    """The addresses of the two pictures, when they are compared."""
    for element in drawn(at):
        data = json.loads(element.proto.json or element.proto.mixed.json or "{}")
        if "before" in data:
            return [data["before"]["src"], data["after"]["src"]]
    return []


def _open(at: AppTest, key: str) -> AppTest:
    """Click what opens a dialog: a test's run is a whole one, which would close it."""
    at.button(key=key).click()
    return at


def _strength(at: AppTest) -> Any:
    return next(s for s in at.slider if s.label == "Strength")


def _button(at: AppTest, label: str) -> Any:
    return next(button for button in at.button if button.label == label)
