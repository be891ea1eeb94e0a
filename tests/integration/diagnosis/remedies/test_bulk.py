"""Bulk remedies are previewed, applied one by one, resumed after a crash, and stopped."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import GenerationState, ItemState, OperationState, Role
from services.database.models import Operation, OperationItem, Person
from services.remedies.base import BulkItem, RemedyOffer
from services.remedies.bulk import BulkRemedies, OperationSummary
from tests.integration.diagnosis.remedies.remedy_setup import REASON, RemedySetup
from tests.waiting import eventually


def ended(setup: RemedySetup, operation_id: str) -> OperationSummary:
    """Wait until the operation has ended."""
    bulk: BulkRemedies = setup.services.bulk

    def finished() -> OperationSummary | None:
        view = bulk.progress(setup.actor, operation_id)
        return None if view.state is OperationState.RUNNING else view

    found = eventually(finished)
    assert found is not None
    return found


def stalled_operation(
    setup: RemedySetup, kind: str, items: list[tuple[str, Any]], **values: Any
) -> str:
    """Store an operation whose process died an hour ago; return its id."""
    long_ago = func.clock_timestamp() - timedelta(hours=1)
    order = {
        "id": "bulk_left",
        "remedy": kind,
        "actor": setup.actor.id,
        "reason": REASON,
        "state": OperationState.RUNNING,
        "created_at": long_ago,
        "heartbeat_at": long_ago,
    } | values
    with setup.by_hand.context.database.transaction() as session:
        session.add(Operation(**order))
        session.flush()
        session.add_all(
            OperationItem(
                operation_id=order["id"],
                position=at,
                subject_id=subject_id,
                expected=dict(expected),
                state=ItemState.PENDING,
            )
            for at, (subject_id, expected) in enumerate(items)
        )
    return str(order["id"])


def test_bulk_remedy_is_previewed_by_problem_and_applied(setup: RemedySetup) -> None:
    by_hand, bulk = setup.by_hand, setup.services.bulk
    generations = [setup.pose(key=f"form {number}") for number in range(3)]
    setup.services.cancel.cancel(setup.actor, generations[0])
    before = setup.snapshot()
    preview = bulk.preview(setup.actor, "cancel", [*generations, "gen_none", generations[1]])
    assert setup.snapshot() == before
    assert [item.subject_id for item in preview.items] == generations[1:]
    assert preview.credits == 60
    assert {refusal.subject_ids for refusal in preview.refusals} == {
        ("gen_none",),
        (generations[0],),
    }
    view = ended(setup, bulk.start(setup.actor, "cancel", preview.items, REASON))
    assert (view.state, view.done, view.total, view.progress) == (OperationState.DONE, 2, 2, 1.0)
    assert (view.remedy_id, view.actor, view.reason) == ("cancel", setup.actor.name, REASON)
    for generation in generations[1:]:
        assert by_hand.finish(generation) is GenerationState.CANCELED
        assert setup.timeline_remedies(generation) == ["cancel"]
    assert [row.subject_id for row in setup.audit("cancel")] == generations[1:]
    retry = bulk.preview(setup.actor, "retry", generations)
    assert (len(retry.items), retry.credits) == (3, -90)
    ended(setup, bulk.start(setup.actor, "retry", retry.items, REASON))
    assert {by_hand.finish(generation) for generation in generations} == {GenerationState.SUCCEEDED}


@pytest.mark.parametrize("kind", ["cancel", "retry"])
def test_cancel_and_retry_apply_to_one_generation(setup: RemedySetup, kind: str) -> None:
    generation = setup.pose()
    if kind == "retry":
        setup.services.cancel.cancel(setup.actor, generation)
    setup.apply_once(kind, generation)
    ended = GenerationState.CANCELED if kind == "cancel" else GenerationState.SUCCEEDED
    assert setup.by_hand.finish(generation) is ended


def test_changed_subject_is_refused_and_the_others_are_applied(setup: RemedySetup) -> None:
    bulk = setup.services.bulk
    runs = [setup.by_hand.run(setup.pose(key=f"form {number}")).id for number in range(2)]
    preview = bulk.preview(setup.actor, "requeue", runs)
    setup.by_hand.change_run(runs[0], seq=7)
    view = ended(setup, bulk.start(setup.actor, "requeue", preview.items, REASON))
    assert (view.done, view.refused, view.failed) == (1, 1, 0)
    (refusal,) = view.refusals
    assert refusal.subject_ids == (runs[0],) and "changed since the dry run" in refusal.problem


def test_stalled_operation_is_resumed_without_applying_twice(setup: RemedySetup) -> None:
    by_hand, bulk = setup.by_hand, setup.services.bulk
    runs = [by_hand.run(setup.pose(key=f"form {number}")).id for number in range(3)]
    dry_runs = [setup.dry_run("requeue", run_id) for run_id in runs]
    left = stalled_operation(
        setup,
        "requeue",
        [(one.offer.subject_id, one.expected) for one in dry_runs],
    )
    # It died after the first one's commit, before it could write that down.
    setup.apply(dry_runs[0])
    assert bulk.progress(setup.actor, left).is_stalled
    bulk.resume(setup.actor, left)
    view = ended(setup, left)
    assert (view.done, view.total) == (3, 3)
    assert len(setup.audit("requeue")) == 3
    with pytest.raises(InvalidRequestError, match="is running"):
        bulk.resume(setup.actor, left)


def test_next_process_continues_a_stalled_operation(setup: RemedySetup) -> None:
    run = setup.by_hand.run(setup.pose())
    preview = setup.dry_run("requeue", run.id)
    left = stalled_operation(setup, "requeue", [(run.id, preview.expected)])
    setup.services.bulk.continue_left()
    assert ended(setup, left).done == 1


def test_stopped_operation_leaves_the_rest_pending(setup: RemedySetup) -> None:
    bulk, by_hand = setup.services.bulk, setup.by_hand
    run = by_hand.run(setup.pose())
    left = stalled_operation(setup, "requeue", [(run.id, {})])
    bulk.stop(setup.actor, left)
    BulkRemedies(by_hand.context.database, setup.services.remedies).work(left)
    view = bulk.progress(setup.actor, left)
    assert (view.state, view.pending) == (OperationState.STOPPED, 1)
    with pytest.raises(InvalidRequestError):
        bulk.stop(setup.actor, left)


def test_operation_of_a_disabled_person_is_refused(setup: RemedySetup) -> None:
    run = setup.by_hand.run(setup.pose())
    left = stalled_operation(setup, "requeue", [(run.id, {})])
    setup.write(update(Person).values(disabled_at=func.clock_timestamp()))
    BulkRemedies(setup.by_hand.context.database, setup.services.remedies).work(left)
    view = setup.services.bulk.progress(setup.actor, left)
    assert view.refused == 1 and "has no access" in view.refusals[0].problem


def test_role_count_and_reason_are_validated(setup: RemedySetup) -> None:
    bulk, actor = setup.services.bulk, setup.actor
    viewer, operator = replace(actor, role=Role.VIEWER), replace(actor, role=Role.OPERATOR)
    item = BulkItem("x", {})
    with pytest.raises(NotAllowedError):
        bulk.preview(viewer, "cancel", ["x"])
    with pytest.raises(NotAllowedError):
        bulk.start(operator, "settle_refund", [item], REASON)
    for kind, ids in (
        ("cancel", []),
        ("cancel", [str(number) for number in range(1_001)]),
        ("adopt_prediction", ["x"]),
    ):
        with pytest.raises(InvalidRequestError):
            bulk.preview(actor, kind, ids)
        with pytest.raises(InvalidRequestError):
            bulk.start(actor, kind, [BulkItem(one, {}) for one in ids], REASON)
    with pytest.raises(InvalidRequestError, match="Give a reason"):
        bulk.start(actor, "cancel", [item], " ")
    with pytest.raises(NotFoundError):
        bulk.progress(actor, "bulk_none")
    with pytest.raises(NotAllowedError):
        setup.services.remedies.dry_run(viewer, RemedyOffer("cancel", "x"))
    with setup.by_hand.studio.services.database.transaction() as session:
        assert session.scalars(select(Operation)).all() == []
