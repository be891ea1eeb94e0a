"""Forms: a price first, one start for one request, and a sentence when something is missing."""

import pytest
from streamlit.testing.v1 import AppTest

from services.container import Services
from services.core.errors import DatabaseUnavailableError
from services.core.states import Kind
from services.database.models import Generation
from services.database.seed import DEFAULT_ACCOUNT_ID
from tests.pages.conftest import Open, said
from tests.pages.planting import generation_of, rows

WORDS = "waving *both* <b>hands</b>"


def test_price_is_above_the_button(studio: Services, opened: Open) -> None:
    text = said(opened("poses", mode="Text"))
    assert "**4 pictures** · 120 credits · about \\$" in text


def test_price_follows_the_count(studio: Services, opened: Open) -> None:
    at = opened("poses", mode="Text")
    at.slider(key="pose_count").set_value(12).run()
    assert "**12 pictures** · 360 credits" in said(at)
    assert _button(at, "Make 12 poses")


def test_a_double_click_starts_one_batch(studio: Services, opened: Open) -> None:
    at = _filled(opened)
    _button(at, "Make 4 poses").click().run()
    _button(at, "Make 4 poses").click().run()
    (started,) = _started(studio)
    assert (started.request["prompt"], started.price_credits) == (WORDS, 120)
    assert started.id in said(at)


def test_changed_request_starts_again_under_a_new_key(studio: Services, opened: Open) -> None:
    at = _filled(opened)
    _button(at, "Make 4 poses").click().run()
    at.slider(key="pose_count").set_value(2).run()
    _button(at, "Make 2 poses").click().run()
    assert len({it.idempotency_key for it in _started(studio)}) == 2


def test_failed_start_keeps_its_key(
    studio: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[str] = []

    def fail(actor: object, request: object, key: str) -> object:
        keys.append(key)
        raise DatabaseUnavailableError

    monkeypatch.setattr(studio.poses, "start", fail)
    at = _filled(opened)
    for _ in range(2):
        _button(at, "Make 4 poses").click().run()
        assert "Nothing was started or charged" in at.error[0].value
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_click_on_a_blank_form_says_what_is_missing(studio: Services, opened: Open) -> None:
    at = opened("poses", mode="Text")
    assert not at.error
    _button(at, "Make 4 poses").click().run()
    assert "The pose is empty" in at.error[0].value
    assert not _started(studio)


def test_a_click_with_a_problem_starts_nothing(studio: Services, opened: Open) -> None:
    at = opened("poses", mode="Text")
    at.text_area(key="pose_prompt").set_value("x" * 20_001).run()
    assert "reads 20,000 at most" in at.error[0].value
    _button(at, "Make 4 poses").click().run()
    assert "reads 20,000 at most" in at.error[0].value
    assert not _started(studio)


def test_the_click_that_leaves_a_corrected_field_starts(studio: Services, opened: Open) -> None:
    at = opened("poses", mode="Text")
    at.text_area(key="pose_prompt").set_value("x" * 20_001).run()
    at.text_area(key="pose_prompt").set_value("waving")
    _button(at, "Make 4 poses").click().run()
    assert [it.request["prompt"] for it in _started(studio)] == ["waving"]


def test_a_paused_provider_is_named_before_the_button(studio: Services, opened: Open) -> None:
    text = said(opened("poses", mode="Text"))
    assert "Replicate is paused" in text and "out of funds" in text
    assert "starts when Replicate is resumed" in text and "ready in about" not in text


def test_a_simulated_provider_is_named_beside_the_price(studio: Services, opened: Open) -> None:
    text = said(opened("mascots"))
    assert "simulated: nothing is billed" in text and "ready in about" in text


def test_words_of_a_person_are_shown_as_they_are(studio: Services, opened: Open) -> None:
    at = _filled(opened)
    assert WORDS in said(at)
    assert all(WORDS not in str(element.value) for element in at.markdown)


def test_chosen_mascot_is_the_one_that_is_posed(studio: Services, opened: Open) -> None:
    at = _filled(opened)
    mascots = studio.mascots.with_pictures(studio.people.local(), DEFAULT_ACCOUNT_ID)
    at.session_state["pose_mascot"] = mascots[2].id
    at.run()
    _button(at, "Make 4 poses").click().run()
    assert [it.mascot_id for it in _started(studio)] == [mascots[2].id]


def test_first_batch_appears_below_the_form(fresh_services: Services, opened: Open) -> None:
    at = opened("mascots")
    at.text_input(key="mascot_name").set_value("Fennel")
    at.text_area(key="mascot_description").set_value("an orange fox <with> a scarf").run()
    _button(at, "Make 3 variations").click().run()
    assert not at.error
    assert generation_of(fresh_services, title="Fennel").id in said(at)
    assert "9,910 credits" in said(at)


def _filled(opened: Open) -> AppTest:
    at = opened("poses", mode="Text")
    at.text_area(key="pose_prompt").set_value(WORDS).run()
    return at


def _started(studio: Services) -> list[Generation]:
    """The batches of poses that a test started."""
    return rows(studio, Generation, Generation.kind == Kind.POSES)[1:]


def _button(at: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(button for button in at.button if button.label == label)
