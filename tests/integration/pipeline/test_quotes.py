"""What a form shows before the start, and how its words reach the model."""

import pytest
from sqlalchemy import select

from services.core.errors import InvalidRequestError
from services.database.models import Generation, Slot
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.recipes.mascots.pictures import STYLES
from services.recipes.mascots.recipe import MascotsRequest
from services.recipes.poses.request import PosesRequest
from tests.factories import finished_mascot
from tests.integration.pipeline.pipeline_setup import PipelineSetup


def mascots(**changes: object) -> MascotsRequest:
    fields: dict[str, object] = {
        "account_id": DEFAULT_ACCOUNT_ID,
        "name": "Fennel",
        "description": "an orange fox with a scarf",
        "style": STYLES[0],
        "reference_ids": (),
        "variations": 1,
    }
    return MascotsRequest(**(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": " "}, "Give the mascot a name"),
        ({"name": "x" * 81}, "longer than 80"),
        ({"description": ""}, "description is empty"),
        ({"description": "\x00 \ud800"}, "description is empty"),
        ({"description": "x" * 20_001}, "20,000 at most"),
        ({"style": "Oil"}, "one of the styles"),
        ({"variations": 0}, "1 to 6"),
        ({"variations": -3}, "1 to 6"),
        ({"variations": 7}, "1 to 6"),
        ({"reference_ids": ("a", "b", "c", "d")}, "3 references at most"),
        ({"reference_ids": ("ref_nobody",)}, "was deleted"),
        ({"account_id": "acc_nobody"}, "the account holds 0"),
    ],
)
def test_an_impossible_batch_has_problems_and_starts_nothing(
    fast_studio: PipelineSetup, changes: dict[str, object], problem: str
) -> None:
    request = mascots(**changes)
    service, actor = fast_studio.services.mascots, fast_studio.actor
    quote = service.quote(actor, request)
    assert any(problem in sentence for sentence in quote.problems), quote.problems
    assert quote.price_credits >= 0
    if request.account_id == DEFAULT_ACCOUNT_ID:
        with pytest.raises(InvalidRequestError):
            service.start(actor, request, "form")
    with fast_studio.services.database.transaction() as session:
        assert session.scalars(select(Generation)).all() == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"prompt": " "}, "pose is empty"),
        ({"prompt": "x" * 20_001}, "20,000 at most"),
        ({"count": 0}, "1 to 20"),
        ({"count": 21}, "1 to 20"),
        ({"mascot_id": "mas_nobody"}, "no picture yet"),
    ],
)
def test_impossible_poses_have_problems(
    fast_studio: PipelineSetup, changes: dict[str, object], problem: str
) -> None:
    fields: dict[str, object] = {
        "account_id": DEFAULT_ACCOUNT_ID,
        "mascot_id": finished_mascot(fast_studio.services),
        "prompt": "waving",
        "count": 1,
    }
    request = PosesRequest(**(fields | changes))  # type: ignore[arg-type]
    quote = fast_studio.services.poses.quote(fast_studio.actor, request)
    assert any(problem in sentence for sentence in quote.problems), quote.problems


@pytest.mark.parametrize(
    ("words", "stored"),
    [
        ("ש" * 10_000, "ש" * 10_000),
        ("<b>bold</b> {subject} {boosters} 100 %", "<b>bold</b> {subject} {boosters} 100 %"),
        ("\u202eא fox\u202c", "\u202eא fox\u202c"),
        ("a\x00 fox\ud83d in the cafe\u0301", "a fox in the café"),
    ],
)
def test_words_reach_the_model_as_they_were_quoted(
    fast_studio: PipelineSetup, words: str, stored: str
) -> None:
    service, actor = fast_studio.services.mascots, fast_studio.actor
    quote = service.quote(actor, mascots(description=words))
    assert quote.problems == ()
    started = service.start(actor, mascots(description=words), "form")
    with fast_studio.services.database.transaction() as session:
        prompts = session.scalars(
            select(Slot.prompt)
            .where(Slot.generation_id == started.generation_id)
            .order_by(Slot.position)
        ).all()
    assert prompts == [prompt.text for prompt in quote.final_prompts]
    assert all(f"Fennel, {stored}, {STYLES[0]} style" in prompt for prompt in prompts)


def test_a_quote_knows_price_pictures_and_time_of_both_rounds(fast_studio: PipelineSetup) -> None:
    quote = fast_studio.services.mascots.quote(fast_studio.actor, mascots(variations=2))
    assert (quote.picture_count, quote.price_credits, quote.balance) == (6, 60, 10_000)
    assert quote.cost_usd == pytest.approx(6 * 0.0336)
    assert quote.seconds >= 20.0
    mascot = finished_mascot(fast_studio.services)
    request = PosesRequest(DEFAULT_ACCOUNT_ID, mascot, "waving", 3)
    poses = fast_studio.services.poses.quote(fast_studio.actor, request)
    assert (poses.picture_count, poses.price_credits) == (3, 90)
    assert [prompt.text.startswith("waving. Fennel, ") for prompt in poses.final_prompts] == [True]
