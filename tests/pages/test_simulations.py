"""The simulations page: for operators, one photograph, a consent of its own, and the dialogs."""

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from pages.kit.references import PICKED
from services.container import Services
from services.core.states import Kind, Role, SlotRole
from services.database.models import Consent, Simulation
from services.database.seed import DEFAULT_ACCOUNT_ID
from tests.factories import picture_bytes
from tests.pages.conftest import Open, drawn, said
from tests.pages.fakes import FakeServices


def test_viewer_may_not_open_it_and_does_not_find_it(services: FakeServices, opened: Open) -> None:
    services.people.role = Role.VIEWER
    at = opened("simulations")
    assert "it takes operator" in said(at)
    assert not at.button and not at.title


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_only_an_admin_edits_scenarios(services: FakeServices, opened: Open, role: Role) -> None:
    services.people.role = role
    at = opened("simulations")
    assert not at.exception and not at.error
    assert at.title[0].value == "Simulations"
    labels = [button.label for button in at.button]
    assert "Consents" in labels
    assert ("Edit scenarios" in labels) is (role is Role.ADMIN)


def test_page_without_photographs_shows_the_way(services: FakeServices, opened: Open) -> None:
    services.references.items.clear()
    assert "No photograph yet" in said(opened("simulations"))


def test_strength_begins_at_the_scenarios_and_is_explained(
    services: FakeServices, opened: Open
) -> None:
    at = opened("simulations")
    assert _strength(at).value == 0.35
    at.segmented_control(key="simulation_scenario").set_value("projection-level-3").run()
    assert _strength(at).value == 0.7
    _strength(at).set_value(0.85).run()
    assert "may no longer be recognised" in said(at)


def test_nothing_starts_without_the_consent(services: FakeServices, opened: Open) -> None:
    at = opened("simulations")
    assert not at.error
    _button(at, "Make both views").click().run()
    assert "Confirm the consent" in at.error[0].value
    assert services.simulations.starts == []


def test_start_sends_what_was_chosen(services: FakeServices, opened: Open) -> None:
    at = opened("simulations")
    at.segmented_control(key="simulation_steps").set_value(25).run()
    at.checkbox[0].check().run()
    _button(at, "Make both views").click().run()
    request, _ = services.simulations.starts[0]
    assert (request.reference_id, request.scenario_id) == (
        services.references.items[0].id,
        "projection-level-1",
    )
    assert (request.strength, request.steps, request.has_consent) == (0.35, 25, True)


def test_consent_of_one_photograph_is_not_another_ones(
    services: FakeServices, opened: Open
) -> None:
    at = opened("simulations")
    at.checkbox[0].check().run()
    at.session_state[PICKED] = services.references.items[3].id
    at.run()
    assert at.checkbox[0].value is False


def test_scenario_is_edited_with_a_reason(services: FakeServices, opened: Open) -> None:
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
    assert (services.scenarios.items[0].name, services.scenarios.reasons) == ("Gentle", ["clearer"])


def test_scenario_is_archived_and_a_new_one_added(services: FakeServices, opened: Open) -> None:
    at = opened("simulations")
    _open(at, "edit_scenarios").run()
    at.text_input(key="scenario_reason").set_value("not used")
    at.button(key="scenario_other").click()
    _open(at, "edit_scenarios").run()
    assert services.scenarios.items[0].is_archived
    _open(at, "edit_scenarios").run()
    at.selectbox(key="scenario_edited").set_value("new")
    _open(at, "edit_scenarios").run()
    at.text_input(key="scenario_new_0_name").set_value("Other")
    at.text_area(key="scenario_new_0_description").set_value("a hint")
    at.text_input(key="scenario_reason").set_value("asked for")
    at.button(key="scenario_save").click()
    _open(at, "edit_scenarios").run()
    assert [view.name for view in services.scenarios.items][-1] == "Other"


def test_withdrawing_a_consent_asks_which_and_why(services: FakeServices, opened: Open) -> None:
    at = opened("simulations")
    _open(at, "consents").run()
    assert "front view.jpg" in said(at)
    at.selectbox(key="consent_chosen").set_value("ast_1")
    _open(at, "consents").run()
    assert "erased permanently" in said(at)
    at.text_input(key="consent_reason").set_value("she asked")
    at.button(key="consent_save").click()
    _open(at, "consents").run()
    assert services.consents.reasons == ["she asked"]
    assert services.consents.items[0].withdrawn_at


def test_real_start_records_consent_and_simulation(real_services: Services, opened: Open) -> None:
    actor = real_services.people.local()
    real_services.reference_uploads.upload(actor, DEFAULT_ACCOUNT_ID, "front.png", picture_bytes())
    at = opened("simulations")
    at.checkbox[0].check().run()
    _button(at, "Make both views").click().run()
    assert not at.error and not at.exception
    assert "front.png · Level 1" in said(at).replace("\\u00b7", "·")
    with real_services.database.transaction() as session:
        consent = session.scalars(select(Consent)).one()
        assert session.scalars(select(Simulation)).one().consent_id == consent.id


def test_gallery_offers_a_viewer_no_simulations(services: FakeServices, opened: Open) -> None:
    assert "Simulations" in opened("gallery").segmented_control(key="kind").options
    services.people.role = Role.VIEWER
    assert "Simulations" not in opened("gallery").segmented_control(key="kind").options


def test_picture_is_laid_over_the_one_that_it_came_from(
    services: FakeServices, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shows(services, monkeypatch)
    at = opened("picture", id="ast_7")
    assert _compared(at) == ["/img/full-2.webp", "/img/full-7.webp"]
    text = said(at)
    for fact in ("Level 2", "Strength", "0.5", "Steps", "30"):
        assert fact in text
    at.toggle[0].set_value(False).run()
    assert _compared(at) == []


def test_other_pictures_offer_the_comparison(
    services: FakeServices, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shows(services, monkeypatch, kind=Kind.POSES, role=SlotRole.POSE)
    at = opened("picture", id="ast_7")
    assert _compared(at) == []
    at.toggle[0].set_value(True).run()
    assert len(_compared(at)) == 2


def test_nothing_is_compared_with_an_erased_picture_or_with_several(
    services: FakeServices, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shows(services, monkeypatch, is_erased=True)
    assert not opened("picture", id="ast_7").toggle
    _shows(services, monkeypatch, count=2)
    assert not opened("picture", id="ast_7").toggle


def _shows(
    services: FakeServices,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_erased: bool = False,
    count: int = 1,
    **changes: Any,
) -> None:
    """The picture page shows a simulation, or what `changes` make of it."""
    picture = type(services.gallery)().picture(services.people.local(), "ast_7")
    parent = replace(
        picture.parents[0], storage_key="" if is_erased else "full-2.webp", is_erased=is_erased
    )
    text = {
        "kind": Kind.SIMULATIONS,
        "role": SlotRole.REAR_VIEW,
        "parents": (parent,) * count,
        "scenario_name": "Level 2",
        "options": {"strength": 0.5, "steps": 30},
        **changes,
    }
    shown = replace(picture, **text)
    monkeypatch.setattr(services.gallery, "picture", lambda actor, asset_id: shown)


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
