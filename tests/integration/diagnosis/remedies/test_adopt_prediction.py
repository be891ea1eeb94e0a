"""AdoptPrediction accepts only a prediction with the run's input that no other run has."""

import pytest

from services.core.states import AttemptState, GenerationState, RunState
from services.database.models import Attempt
from services.providers.base import Prediction, PredictionStatus
from services.remedies.adopt_prediction import mismatch, prediction_id_of
from services.remedies.requeue import DECIDED
from tests.integration.diagnosis.remedies.remedy_setup import RemedySetup

ASKED = {
    "prompt": "waving",
    "seed": 7,
    "subject": "https://files.example/a",
    "extra": ["https://x"],
}


def unanswered(setup: RemedySetup) -> str:
    """A pose that the provider makes, though its answer was lost on the way."""
    setup.by_hand.studio.fault("drop_after_create", provider="replicate", operation="create")
    generation = setup.pose()
    (job,) = setup.by_hand.tick()
    setup.by_hand.do(job)
    assert setup.by_hand.run(generation).state is RunState.SUBMITTING
    return generation


@pytest.mark.parametrize("is_decided", [True, False])
def test_adopted_prediction_becomes_the_runs_attempt(setup: RemedySetup, is_decided: bool) -> None:
    by_hand = setup.by_hand
    generation = unanswered(setup)
    run, held = by_hand.run(generation), by_hand.balance()
    if is_decided:
        by_hand.change_run(run.id, state=RunState.NEEDS_REVIEW, failure="ambiguous")
        setup.refresh(generation)
    found = setup.made_for(generation)
    link = f"https://replicate.com/p/{found.id}?signature=secret"
    outcome = setup.apply_once("adopt_prediction", run.id, link)
    assert outcome.after["prediction"] == found.id
    assert "secret" not in str(setup.audit("adopt_prediction")[0].after)
    adopted = by_hand.run(generation)
    assert (adopted.state, adopted.failure) == (RunState.WAITING, None)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert [one.state for one in by_hand.attempts(generation)] == [AttemptState.SUCCEEDED]
    assert by_hand.studio.creates() == 1 and by_hand.balance() == held
    assert "run.adopted" in by_hand.events(generation)


def test_prediction_of_another_run_or_unknown_is_refused(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    other = setup.pose(key="other")
    by_hand.finish(other)
    run = by_hand.run(setup.in_doubt())
    theirs = by_hand.attempts(other)[0].prediction_id
    for argument, words in (
        (theirs, "another run here"),
        ("zzzzzzzzzzzzzzzzzzzzzzzzzz", "knows no"),
        ("not an id!", "Enter the prediction's id"),
        (None, "Enter the prediction's id"),
    ):
        problem = setup.dry_run("adopt_prediction", run.id, argument).problem
        assert problem and words in problem
    done = setup.dry_run("adopt_prediction", by_hand.run(other).id, theirs)
    assert done.problem == DECIDED


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
def test_input_may_differ_in_upload_addresses_only(
    version: str, given: dict[str, object], words: str | None
) -> None:
    found = Prediction(
        "p",
        PredictionStatus.PROCESSING,
        model="fofr/consistent-character",
        version=version,
        input={**ASKED, **given},
    )
    problem = mismatch(_attempt(), found)
    assert (problem is None) if words is None else (problem is not None and words in problem)


def test_prediction_id_is_extracted_from_ids_and_links() -> None:
    known_id = "ufawqhfynnddngldkgtslldrkq"
    for pasted in (
        known_id,
        f" {known_id}\n",
        f"https://replicate.com/p/{known_id}",
        f"https://api.replicate.com/v1/predictions/{known_id}/?x=1",
    ):
        assert prediction_id_of(pasted) == known_id
    assert prediction_id_of("https://replicate.com/") is None
