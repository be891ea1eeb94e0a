"""A batch and poses from start to gallery, with real processes."""

from services.core.states import GenerationState, Kind
from tests.integration.pipeline.pipeline_setup import PipelineSetup


def test_a_mascot_batch_and_its_poses_fill_the_gallery(studio: PipelineSetup) -> None:
    studio.start("dispatcher")
    studio.start("worker")
    reference = studio.upload()
    batch = studio.start_mascots(variations=1, references=(reference,))
    assert studio.wait_finished(batch.generation_id) is GenerationState.SUCCEEDED
    poses = studio.start_poses(studio.mascot_id(), count=3)
    assert studio.wait_finished(poses.generation_id) is GenerationState.SUCCEEDED
    for generation in (batch, poses):
        studio.assert_sound(generation.generation_id)
    page = studio.services.gallery.page(studio.actor, kind=Kind.POSES)
    assert page.total == 3
    detail = studio.services.gallery.picture(studio.actor, page.items[0].asset_id)
    assert detail.prediction_id and detail.web_url and detail.web_url.endswith(detail.prediction_id)
    assert [parent.relation for parent in detail.parents] == ["made_from"]
    assert studio.services.people.local().role == "admin"
