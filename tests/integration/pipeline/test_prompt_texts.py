"""The texts of prompts: an admin's words reach the next start, defaults return, all is audited."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from services.core.actors import Actor
from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import Role
from services.database.models import Audit
from services.database.seed import LOCAL_PERSON_ID
from services.recipes.prompt_texts import PromptTexts
from services.recipes.registry import PROMPT_TEXTS
from tests.integration.pipeline.pipeline_setup import PipelineSetup
from tests.integration.pipeline.test_quotes import mascots

ADMIN = Actor(LOCAL_PERSON_ID, "Ada", Role.ADMIN)
IDS = {text.id for text in PROMPT_TEXTS}


@pytest.fixture
def texts(studio: PipelineSetup) -> PromptTexts:
    return studio.services.prompt_texts


def test_an_admins_words_are_in_the_next_prompt(studio: PipelineSetup, texts: PromptTexts) -> None:
    texts.change(ADMIN, "mascot_quality", "soft light", "house style")
    texts.change(ADMIN, "mascot_avatar", "Portrait of {subject}, {boosters}", "shorter")
    prompts = studio.services.mascots.quote(ADMIN, mascots()).final_prompts
    by_label = {prompt.label: prompt.text for prompt in prompts}
    assert by_label["Avatar"].startswith("Portrait of Fennel, an orange fox with a scarf")
    assert all(text.endswith("soft light") for text in by_label.values())


def test_styles_of_the_form_are_the_lines_of_the_text(
    studio: PipelineSetup, texts: PromptTexts
) -> None:
    texts.change(ADMIN, "mascot_styles", "  Linocut \n\nLinocut\nGouache", "new collection")
    assert studio.services.mascots.styles(ADMIN) == ("Linocut", "Gouache")
    quote = studio.services.mascots.quote
    assert not quote(ADMIN, mascots(style="Gouache")).problems
    assert quote(ADMIN, mascots()).problems == ("Choose one of the styles.",)


def test_the_default_returns_and_each_change_is_audited(
    studio: PipelineSetup, texts: PromptTexts
) -> None:
    default = next(one.text for one in texts.all(ADMIN) if one.id == "pose_quality")
    texts.change(ADMIN, "pose_quality", "crisp", "try it")
    texts.change(ADMIN, "pose_quality", " ", "worse")
    assert next(one.text for one in texts.all(ADMIN) if one.id == "pose_quality") == default
    with studio.services.database.transaction() as session:
        rows = session.scalars(
            select(Audit).where(Audit.action == "prompt_text.change").order_by(Audit.id)
        ).all()
    assert [(row.before, row.after, row.reason) for row in rows] == [
        ({"text": default}, {"text": "crisp"}, "try it"),
        ({"text": "crisp"}, {"text": default}, "worse"),
    ]


@pytest.mark.parametrize(
    ("text_id", "text", "problem"),
    [
        ("mascot_full_body", "Full body of {subject}", "must contain {boosters}"),
        ("mascot_full_body", "A mascot", "{subject} and {boosters}"),
        ("pose_quality", "x" * 2001, "longer than 2,000"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused(
    texts: PromptTexts, text_id: str, text: str, problem: str
) -> None:
    with pytest.raises(InvalidRequestError, match=problem.replace("{", "\\{")):
        texts.change(ADMIN, text_id, text, "why")


def test_only_an_admin_changes_a_known_text_with_a_reason(texts: PromptTexts) -> None:
    with pytest.raises(NotAllowedError):
        texts.change(replace(ADMIN, role=Role.OPERATOR), "pose_quality", "crisp", "why")
    with pytest.raises(InvalidRequestError, match="Give a reason"):
        texts.change(ADMIN, "pose_quality", "crisp", " ")
    with pytest.raises(NotFoundError):
        texts.change(ADMIN, "no_text", "crisp", "why")


@pytest.mark.parametrize("recipe", ["mascot", "pose", "simulation", "studio"])
def test_each_recipe_with_prompts_has_texts(recipe: str) -> None:
    assert any(text_id.startswith(recipe) for text_id in IDS)
