"""Adopt: only a prediction that is exactly what was asked for, and nobody else's."""

import pytest

from services.core.states import AttemptState, GenerationState, RunState
from services.database.models import Attempt
from services.providers.base import Prediction, PredictionStatus
from services.remedies.adopt_prediction import misfit, prediction_id_of
from services.remedies.base import RemedyKind
from tests.integration.diagnosis.remedies.surgery import Surgery

ASKED = {
    "prompt": "waving",
    "seed": 7,
    "subject": "https://files.example/a",
    "extra": ["https://x"],
}


def unanswered(surgery: Surgery) -> str:
    """A pose that the provider makes, though its answer was lost on the way."""
    surgery.by_hand.studio.fault("drop_after_create", provider="replicate", operation="create")
    generation = surgery.pose()
    (ring,) = surgery.by_hand.tick()
    surgery.by_hand.do(ring)
    assert surgery.by_hand.run(generation).state is RunState.SUBMITTING
    return generation


@pytest.mark.parametrize("is_decided", [True, False])
def test_the_prediction_that_a_person_found_is_waited_for(
    surgery: Surgery, is_decided: bool
) -> None:
    by_hand = surgery.by_hand
    generation = unanswered(surgery)
    run, held = by_hand.run(generation), by_hand.balance()
    if is_decided:
        by_hand.change_run(run.id, state=RunState.NEEDS_REVIEW, failure="ambiguous")
        surgery.refresh(generation)
    found = surgery.made_for(generation)
    link = f"https://replicate.com/p/{found.id}?signature=secret"
    outcome = surgery.order(RemedyKind.ADOPT_PREDICTION, run.id, link)
    assert outcome.after["prediction"] == found.id
    assert "secret" not in str(surgery.audit(RemedyKind.ADOPT_PREDICTION)[0].after)
    adopted = by_hand.run(generation)
    assert (adopted.state, adopted.failure) == (RunState.WAITING, None)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert [one.state for one in by_hand.attempts(generation)] == [AttemptState.SUCCEEDED]
    assert by_hand.studio.creates() == 1 and by_hand.balance() == held
    assert "run.adopted" in by_hand.events(generation)


def test_what_is_ours_already_or_unknown_is_not_adopted(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    other = surgery.pose(key="other")
    by_hand.finish(other)
    run = by_hand.run(surgery.in_doubt())
    theirs = by_hand.attempts(other)[0].prediction_id
    for argument, words in (
        (theirs, "another order of this desk"),
        ("zzzzzzzzzzzzzzzzzzzzzzzzzz", "knows no"),
        ("not an id!", "Give the prediction's id"),
        (None, "Give the prediction's id"),
    ):
        problem = surgery.look(RemedyKind.ADOPT_PREDICTION, run.id, argument).problem
        assert problem and words in problem
    done = surgery.look(RemedyKind.ADOPT_PREDICTION, by_hand.run(other).id, theirs)
    assert done.problem == "It is known by now what became of this order."


def _attempt() -> Attempt:
    return Attempt(model="fofr/consistent-character", version="v1", payload={"input": ASKED})


@pytest.mark.parametrize(
    ("version", "given", "words"),
    [
        ("v1", {}, None),
        ("v1", {"subject": "https://files.example/b", "extra": ["https://y"]}, None),
        ("v1", {"seed": 8}, "seed differ"),
        ("v1", {"prompt": "sitting", "seed": 8}, "prompt, seed differ"),
        ("v1", {"subject": "none"}, "subject differ"),
        ("v1", {"more": 1}, "more differ"),
        ("v1", {"extra": []}, "extra differ"),
        ("v2", {}, "another model or version"),
        ("hidden", {}, None),
    ],
)
def test_only_the_addresses_of_uploads_may_differ(
    version: str, given: dict[str, object], words: str | None
) -> None:
    found = Prediction(
        "p",
        PredictionStatus.PROCESSING,
        model="fofr/consistent-character",
        version=version,
        input={**ASKED, **given},
    )
    problem = misfit(_attempt(), found)
    assert (problem is None) if words is None else (problem is not None and words in problem)


def test_an_id_is_read_off_whatever_a_person_pastes() -> None:
    known_id = "ufawqhfynnddngldkgtslldrkq"
    for pasted in (
        known_id,
        f" {known_id}\n",
        f"https://replicate.com/p/{known_id}",
        f"https://api.replicate.com/v1/predictions/{known_id}/?x=1",
    ):
        assert prediction_id_of(pasted) == known_id
    assert prediction_id_of("https://replicate.com/") is None
