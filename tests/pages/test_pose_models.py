"""Which model draws: the choice, what it needs, and the quality words."""

from services.recipes.poses.models import PoseModelChoice
from tests.pages.conftest import Open, said
from tests.pages.fakes import FakeServices

TRAINED = PoseModelChoice("trained:trm_1", "Pip the fox", "Replicate", False, False, 12.0)


def test_only_what_can_be_used_is_offered(services: FakeServices, opened: Open) -> None:
    at = opened("poses")
    models = at.selectbox(key="pose_model")
    assert models.options == ["fofr/consistent-character"]
    assert "Hugging Face is not set up here" in models.help
    assert "Replicate · about 40 s a picture" in said(at)


def test_trained_model_needs_no_mascot(services: FakeServices, opened: Open) -> None:
    services.poses.model_choices.append(TRAINED)
    at = opened("poses", mode="Text")
    assert "Variation 1" in said(at)
    at.selectbox(key="pose_model").set_value(TRAINED.id)
    at.text_area(key="pose_prompt").set_value("waving").run()
    assert "Variation 1" not in "".join(
        element.proto.json for element in at.get("bidi_component") if "Mascot" in element.proto.json
    )
    next(button for button in at.button if button.label == "Make 4 poses").click().run()
    request, _ = services.poses.starts[0]
    assert (request.model, request.mascot_id, request.source) == (TRAINED.id, "", "trained")


def test_trained_model_alone_opens_the_form(services: FakeServices, opened: Open) -> None:
    services.mascots.mascots.clear()
    assert "No mascot to pose yet" in said(opened("poses"))
    services.poses.model_choices.append(TRAINED)
    at = opened("poses")
    assert "No mascot to pose yet" not in said(at)
    assert at.selectbox(key="pose_model").value == TRAINED.id


def test_model_that_is_gone_leaves_the_choice(services: FakeServices, opened: Open) -> None:
    services.poses.model_choices.append(TRAINED)
    at = opened("poses")
    at.selectbox(key="pose_model").set_value(TRAINED.id).run()
    services.poses.model_choices.remove(TRAINED)
    at.run()
    assert not at.exception
    assert at.selectbox(key="pose_model").value == "default"


def test_quality_words_can_be_left_out(services: FakeServices, opened: Open) -> None:
    at = opened("poses", mode="Text")
    at.text_area(key="pose_prompt").set_value("waving").run()
    at.toggle(key="pose_enhance").set_value(False).run()
    next(button for button in at.button if button.label == "Make 4 poses").click().run()
    assert services.poses.starts[0][0].enhance is False
