"""From references to a trained model to its first pictures, as the pages start them."""

from services.core.states import GenerationState
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.recipes.studio.recipe import StudioRequest
from services.recipes.training.request import ModelTrainingRequest
from services.recipes.training.trained_models import TrainingState
from tests.factories import picture_bytes
from tests.integration.pipeline.manual_pipeline import ManualPipeline

COLOURS = ("teal", "orange", "purple", "red", "green")


def test_what_was_learnt_makes_pictures_at_once(by_hand: ManualPipeline) -> None:
    services, actor = by_hand.studio.services, by_hand.studio.actor
    uploads = [
        services.reference_uploads.upload(
            actor, DEFAULT_ACCOUNT_ID, f"{colour}.png", picture_bytes(colour, 300)
        )
        for colour in COLOURS
    ]
    request_for = ModelTrainingRequest(
        DEFAULT_ACCOUNT_ID,
        "Mira",
        trigger_word="mira4821",
        reference_ids=tuple(upload.reference.id for upload in uploads if upload.reference),
    )
    training = services.training.start(actor, request_for, "training").generation_id
    assert by_hand.finish(training) is GenerationState.SUCCEEDED
    (card,) = services.trained_models.of_account(actor, DEFAULT_ACCOUNT_ID)
    assert (card.state, card.is_ready, card.progress) == (TrainingState.COMPLETED, True, 1.0)
    assert card.losses and card.weights_bytes and "Saved to output" in card.log
    request = StudioRequest(DEFAULT_ACCOUNT_ID, card.id, "by the sea", 2, lora_scale=0.9)
    pictures = services.studio.start(actor, request, "studio").generation_id
    assert by_hand.finish(pictures) is GenerationState.SUCCEEDED
    (card,) = services.trained_models.of_account(actor, DEFAULT_ACCOUNT_ID)
    assert len(card.made) == 2
