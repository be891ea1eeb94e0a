"""Forms: a price first, one start for one request, and a sentence when something is missing."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from services.container import Services
from services.core.actors import Actor
from services.core.errors import DatabaseUnavailableError
from services.database.models import Generation
from services.recipes.base import Quote
from services.recipes.poses.request import PosesRequest
from tests.pages.conftest import Open, said
from tests.pages.fakes import FakeServices

WORDS = "waving *both* <b>hands</b>"


def test_price_is_above_the_button(services: FakeServices, opened: Open) -> None:
    assert "**4 pictures** · 120 credits · about \\$0.20 · ready in about 40 s" in said(
        opened("poses", mode="Text")
    )


def test_price_follows_the_count(services: FakeServices, opened: Open) -> None:
    at = opened("poses", mode="Text")
    at.slider(key="pose_count").set_value(12).run()
    assert "**12 pictures** · 360 credits" in said(at)
    assert _button(at, "Make 12 poses")


def test_start_makes_one_generation(services: FakeServices, opened: Open) -> None:
    at = _filled(opened)
    _button(at, "Make 4 poses").click().run()
    assert [(made.prompt, made.count) for made, _ in services.poses.starts] == [(WORDS, 4)]
    assert "gen_new" in said(at)


def test_second_click_of_a_double_click_makes_nothing(services: FakeServices, opened: Open) -> None:
    at = _filled(opened)
    _button(at, "Make 4 poses").click().run()
    _button(at, "Make 4 poses").click().run()
    assert len(services.poses.starts) == 1


def test_changed_request_starts_again_under_a_new_key(services: FakeServices, opened: Open) -> None:
    at = _filled(opened)
    _button(at, "Make 4 poses").click().run()
    at.slider(key="pose_count").set_value(2).run()
    _button(at, "Make 2 poses").click().run()
    assert len({key for _, key in services.poses.starts}) == 2


def test_failed_start_keeps_its_key(
    services: FakeServices, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[str] = []

    def fail(actor: object, request: object, key: str) -> object:
        keys.append(key)
        raise DatabaseUnavailableError

    monkeypatch.setattr(services.poses, "start", fail)
    at = _filled(opened)
    for _ in range(2):
        _button(at, "Make 4 poses").click().run()
        assert "Nothing was started or charged" in at.error[0].value
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_click_on_a_blank_form_says_what_is_missing(services: FakeServices, opened: Open) -> None:
    at = opened("poses", mode="Text")
    assert not at.error
    _button(at, "Make 4 poses").click().run()
    assert "Write what it should look like" in at.error[0].value
    assert not services.poses.starts


def test_a_click_with_a_problem_starts_nothing(services: FakeServices, opened: Open) -> None:
    at = opened("poses", mode="Text")
    at.text_area(key="pose_prompt").set_value("x" * 10_000).run()
    assert "4,000 characters at most" in at.error[0].value
    _button(at, "Make 4 poses").click().run()
    assert "4,000 characters at most" in at.error[0].value
    assert services.poses.starts == []


def test_the_click_that_leaves_a_corrected_field_starts(
    services: FakeServices, opened: Open
) -> None:
    at = opened("poses", mode="Text")
    at.text_area(key="pose_prompt").set_value("x" * 10_000).run()
    at.text_area(key="pose_prompt").set_value("waving")
    _button(at, "Make 4 poses").click().run()
    assert [made.prompt for made, _ in services.poses.starts] == ["waving"]


def test_a_paused_provider_is_named_before_the_button(
    services: FakeServices, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    _called(services, monkeypatch, "replicate")
    text = said(opened("poses", mode="Text"))
    assert "Replicate is paused" in text and "out of funds" in text
    assert "starts when Replicate is resumed" in text and "ready in about" not in text


def test_a_simulated_provider_is_said_beside_the_price(
    services: FakeServices, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    _called(services, monkeypatch, "gemini")
    text = said(opened("poses", mode="Text"))
    assert "simulated: nothing is billed" in text and "ready in about" in text


def test_words_of_a_person_are_shown_as_they_are(services: FakeServices, opened: Open) -> None:
    at = _filled(opened)
    assert WORDS in said(at)
    assert all(WORDS not in str(element.value) for element in at.markdown)


def test_chosen_mascot_is_the_one_that_is_posed(services: FakeServices, opened: Open) -> None:
    at = _filled(opened)
    at.session_state["pose_mascot"] = services.poses.mascots[2].id
    at.run()
    _button(at, "Make 4 poses").click().run()
    assert services.poses.starts[0][0].mascot_id == services.poses.mascots[2].id


def test_batch_on_the_real_services_appears_below_the_form(
    real_services: Services, opened: Open
) -> None:
    at = opened("mascots")
    at.text_input(key="mascot_name").set_value("Fennel")
    at.text_area(key="mascot_description").set_value("an orange fox <with> a scarf").run()
    _button(at, "Make 3 variations").click().run()
    assert not at.error
    assert "Fennel" in said(at)
    assert "9,910 credits" in said(at)
    with real_services.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Generation)) == 1


def _called(services: FakeServices, monkeypatch: pytest.MonkeyPatch, provider: str) -> None:
    """The form's quote calls this provider."""
    quote = services.poses.quote

    def quoted(actor: Actor, request: PosesRequest) -> Quote:
        return replace(quote(actor, request), providers=(provider,))

    monkeypatch.setattr(services.poses, "quote", quoted)


def _filled(opened: Open) -> AppTest:
    at = opened("poses", mode="Text")
    at.text_area(key="pose_prompt").set_value(WORDS).run()
    return at


def _button(at: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(button for button in at.button if button.label == label)
