"""A provider that cannot be reached, an answer that is in doubt, and what a person decides then."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from services.core.states import AttemptState, GenerationState, RunState
from services.providers.base import FailureClass, PictureRequest, PreparedRequest
from services.providers.registry import LazyProviders
from tests.factories import finished_mascot
from tests.integration.pipeline.manual_pipeline import ManualPipeline, open_manual_pipeline
from tests.integration.pipeline.pipeline_setup import PipelineSetup


@pytest.fixture
def dead_url() -> Iterator[str]:
    """An address that refuses every connection: the port is taken, and nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@dataclass
class GoneAfterPreparing:
    """Replicate as long as it prepares; from then on its address is dead."""

    living: Any
    dead: Any
    name: str = "replicate"

    def __getattr__(self, name: str) -> Any:
        return getattr(self.dead, name)

    def capabilities(self, model: str) -> Any:
        return self.living.capabilities(model)

    def prepare(self, request: PictureRequest) -> PreparedRequest:
        prepared: PreparedRequest = self.living.prepare(request)
        return prepared

    def create(self, prepared: PreparedRequest, *, webhook_url: str | None = None) -> Any:
        return self.dead.create(prepared, webhook_url=webhook_url)

    def get(self, prediction_id: str) -> Any:
        return self.dead.get(prediction_id)

    def cancel(self, prediction_id: str) -> Any:
        return self.dead.cancel(prediction_id)

    def find(self, prepared: PreparedRequest, created_after: Any) -> Any:
        return self.dead.find(prepared, created_after)


def test_a_provider_that_refuses_connections_is_tried_five_times_then_refunded(
    fast_studio: PipelineSetup, dead_url: str
) -> None:
    settings = fast_studio.services.settings.model_copy(update={"replicate_base_url": dead_url})
    mascot = finished_mascot(fast_studio.services)
    with open_manual_pipeline(fast_studio, settings) as by_hand:
        before = by_hand.balance()
        generation = fast_studio.start_poses(mascot).generation_id
        assert by_hand.finish(generation) is GenerationState.FAILED
        assert by_hand.run(generation).failure == FailureClass.TRANSIENT
        assert by_hand.events(generation).count("run.retried") == 4
        assert by_hand.attempts(generation) == []
        assert by_hand.balance() == before


def test_a_create_that_is_refused_a_connection_is_no_attempt_and_backs_off(
    by_hand: ManualPipeline, dead_url: str
) -> None:
    settings = by_hand.studio.services.settings
    dead = LazyProviders(settings.model_copy(update={"replicate_base_url": dead_url}))
    gone = GoneAfterPreparing(by_hand.context.providers["replicate"], dead["replicate"])
    by_hand.context = replace(by_hand.context, providers={"replicate": gone})
    before = by_hand.balance()
    generation = by_hand.studio.start_poses(finished_mascot(by_hand.studio.services)).generation_id
    spent = by_hand.balance()
    (job,) = by_hand.tick()
    by_hand.do(job)
    run = by_hand.run(generation)
    assert (run.state, run.attempt_count, run.refused_count) == (RunState.QUEUED, 0, 1)
    assert by_hand.tick() == []
    assert by_hand.finish(generation) is GenerationState.FAILED
    assert [one.state for one in by_hand.attempts(generation)] == [AttemptState.NOT_SENT] * 5
    # The factory charges for the mascot, so compare with the balance after the start.
    assert by_hand.balance() == spent + 30 <= before
    dead["replicate"].close()
