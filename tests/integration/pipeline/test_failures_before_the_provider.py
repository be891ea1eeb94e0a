"""A provider that cannot be reached, an answer that is in doubt, and what a person decides then."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select

from services.core.actors import Actor
from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import AttemptState, GenerationState, Role, RunState
from services.database.models import Audit
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


@pytest.fixture
def in_doubt(by_hand: ManualPipeline) -> str:
    """A pose of which nobody knows whether it was ordered."""
    by_hand.studio.fault("drop_before_create", provider="replicate", operation="create")
    mascot = finished_mascot(by_hand.studio.services)
    generation = by_hand.studio.start_poses(mascot).generation_id
    assert by_hand.finish(generation) is GenerationState.NEEDS_REVIEW
    return generation


def audit(by_hand: ManualPipeline) -> list[tuple[str, str, str]]:
    with by_hand.context.database.transaction() as session:
        rows = session.scalars(select(Audit).order_by(Audit.id)).all()
        return [(row.action, row.subject_id, row.reason) for row in rows]


def test_an_unknown_submit_is_resubmitted_once(by_hand: ManualPipeline, in_doubt: str) -> None:
    review, actor = by_hand.studio.services.review, by_hand.studio.actor
    run = by_hand.run(in_doubt)
    review.resubmit(actor, run.id, "  it is not in their list ")
    with pytest.raises(InvalidRequestError, match="decided already"):
        review.resubmit(actor, run.id, "again")
    with pytest.raises(InvalidRequestError, match="decided already"):
        review.give_up(actor, run.id, "no, rather not")
    assert by_hand.finish(in_doubt) is GenerationState.SUCCEEDED
    assert by_hand.studio.creates() == 1
    assert audit(by_hand) == [("run.make_again", run.id, "it is not in their list")]


def test_a_doubtful_order_is_given_up_once_and_refunded(
    by_hand: ManualPipeline, in_doubt: str
) -> None:
    review, actor = by_hand.studio.services.review, by_hand.studio.actor
    held = by_hand.balance()
    run = by_hand.run(in_doubt)
    review.give_up(actor, run.id, "nobody needs it")
    with pytest.raises(InvalidRequestError, match="decided already"):
        review.give_up(actor, run.id, "really")
    assert by_hand.finish(in_doubt) is GenerationState.FAILED
    assert by_hand.balance() == held + 30
    assert audit(by_hand) == [("run.give_up", run.id, "nobody needs it")]
    card = by_hand.studio.services.generations.card(actor, in_doubt)
    assert card.slots[0].failure and "Given up" in card.slots[0].failure


def test_a_decision_needs_a_role_a_reason_and_a_run(by_hand: ManualPipeline, in_doubt: str) -> None:
    review, actor = by_hand.studio.services.review, by_hand.studio.actor
    run = by_hand.run(in_doubt)
    with pytest.raises(NotAllowedError):
        review.give_up(Actor(actor.id, "Guest", Role.VIEWER), run.id, "because")
    with pytest.raises(InvalidRequestError, match="Give a reason"):
        review.resubmit(actor, run.id, "  ")
    with pytest.raises(NotFoundError):
        review.give_up(actor, "run_nobody", "because")
    assert by_hand.run(in_doubt).state is RunState.NEEDS_REVIEW
    assert audit(by_hand) == []
