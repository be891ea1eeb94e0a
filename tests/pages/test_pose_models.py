"""Which model draws: the choice, what it needs, and the quality words."""

from sqlalchemy import func
from streamlit.testing.v1 import AppTest

from services.container import Services
from services.core.states import Kind
from services.database.models import Asset, Generation, TrainedModel
from services.recipes.poses.models import TRAINED
from tests.pages.conftest import Open, said
from tests.pages.planting import rows, set_rows

WORDS = "waving from a hill"


def test_only_what_can_be_used_is_offered(studio: Services, opened: Open) -> None:
    at = opened("poses")
    models = at.selectbox(key="pose_model")
    assert models.options == ["fofr/consistent-character", "<b>Mira</b> *2*", "Mira"]
    assert "Hugging Face" in models.help
    assert "Replicate · about" in said(at)


def test_trained_model_needs_no_mascot(studio: Services, opened: Open) -> None:
    at = opened("poses", mode="Text")
    assert "Variation 1" in _mascots(at)
    mira = _mira(studio)
    at.selectbox(key="pose_model").set_value(f"{TRAINED}{mira.id}")
    at.text_area(key="pose_prompt").set_value(WORDS).run()
    assert not _mascots(at)
    _button(at, "Make 4 poses").click().run()
    assert not at.error
    started = _started(studio)
    assert (started.request["model"], started.mascot_id) == (f"{TRAINED}{mira.id}", None)


def test_trained_model_alone_opens_the_form(studio: Services, opened: Open) -> None:
    set_rows(studio, Asset, deleted_at=func.now())
    at = opened("poses")
    assert "No mascot to pose yet" not in said(at)
    assert at.selectbox(key="pose_model").options == ["<b>Mira</b> *2*", "Mira"]
    set_rows(studio, TrainedModel, archived_at=func.now())
    assert "No mascot to pose yet" in said(opened("poses"))


def test_model_that_is_archived_leaves_the_choice(studio: Services, opened: Open) -> None:
    mira = _mira(studio)
    at = opened("poses")
    at.selectbox(key="pose_model").set_value(f"{TRAINED}{mira.id}").run()
    studio.trained_models.archive(studio.people.local(), mira.id)
    at.run()
    assert not at.exception
    assert at.selectbox(key="pose_model").value == "default"


def test_quality_words_can_be_left_out(studio: Services, opened: Open) -> None:
    at = opened("poses", mode="Text")
    at.text_area(key="pose_prompt").set_value(WORDS).run()
    at.toggle(key="pose_enhance").set_value(False).run()
    _button(at, "Make 4 poses").click().run()
    assert _started(studio).request["enhance"] is False


def _mira(studio: Services) -> TrainedModel:
    (found,) = rows(studio, TrainedModel, TrainedModel.trigger_word == "mira0003")
    return found


def _started(studio: Services) -> Generation:
    found = rows(studio, Generation, Generation.kind == Kind.POSES)
    return found[-1]


def _mascots(at: AppTest) -> str:
    """What the choice of mascots was given, if it is drawn."""
    found = [element.proto for element in at.get("bidi_component")]
    return "".join(proto.json for proto in found if '"Mascot"' in proto.json)


def _button(at: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(button for button in at.button if button.label == label)
