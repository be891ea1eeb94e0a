"""Bulk remedies: shown by reason, done one by one, resumed after a death, stopped by a person."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, update

from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import GenerationState, ItemState, OperationState, Role
from services.database.models import Operation, OperationItem, Person
from services.remedies.base import RemedyKind, RemedyOffer
from services.remedies.bulk import BulkRemedies
from services.remedies.bulk_summaries import BulkItem, OperationView
from services.remedies.bulk_worker import BulkWorker
from tests.integration.diagnosis.remedies.surgery import REASON, Surgery
from tests.waiting import eventually


def ended(surgery: Surgery, operation_id: str) -> OperationView:
    """Wait for its thread."""
    bulk: BulkRemedies = surgery.services.bulk

    def look() -> OperationView | None:
        view = bulk.progress(surgery.actor, operation_id)
        return None if view.state is OperationState.RUNNING else view

    found = eventually(look)
    assert found is not None
    return found


def planted(surgery: Surgery, kind: RemedyKind, items: list[tuple[str, Any]], **values: Any) -> str:
    """An operation that an earlier process has left, an hour ago."""
    long_ago = func.clock_timestamp() - timedelta(hours=1)
    order = {
        "id": "bulk_left",
        "remedy": kind.value,
        "actor": surgery.actor.id,
        "reason": REASON,
        "state": OperationState.RUNNING,
        "created_at": long_ago,
        "heartbeat_at": long_ago,
    } | values
    with surgery.by_hand.parts.database.transaction() as session:
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


def test_many_are_shown_by_reason_and_done(surgery: Surgery) -> None:
    by_hand, bulk = surgery.by_hand, surgery.services.bulk
    generations = [surgery.pose(key=f"form {number}") for number in range(3)]
    surgery.services.cancel.cancel(surgery.actor, generations[0])
    before = surgery.snapshot()
    look = bulk.preview(
        surgery.actor, RemedyKind.CANCEL, [*generations, "gen_none", generations[1]]
    )
    assert surgery.snapshot() == before
    assert [item.subject_id for item in look.items] == generations[1:]
    assert look.credits == 60
    assert {refusal.subject_ids for refusal in look.refusals} == {("gen_none",), (generations[0],)}
    view = ended(surgery, bulk.start(surgery.actor, RemedyKind.CANCEL, look.items, REASON))
    assert (view.state, view.done, view.total, view.progress) == (OperationState.DONE, 2, 2, 1.0)
    assert (view.kind, view.actor, view.reason) == (RemedyKind.CANCEL, surgery.actor.name, REASON)
    for generation in generations[1:]:
        assert by_hand.finish(generation) is GenerationState.CANCELED
        assert surgery.told(generation) == ["cancel"]
    assert [row.subject_id for row in surgery.audit(RemedyKind.CANCEL)] == generations[1:]
    retry = bulk.preview(surgery.actor, RemedyKind.RETRY, generations)
    assert (len(retry.items), retry.credits) == (3, -90)
    ended(surgery, bulk.start(surgery.actor, RemedyKind.RETRY, retry.items, REASON))
    assert {by_hand.finish(generation) for generation in generations} == {GenerationState.SUCCEEDED}
    assert [view.kind for view in bulk.recent(surgery.actor)] == [
        RemedyKind.RETRY,
        RemedyKind.CANCEL,
    ]


@pytest.mark.parametrize("kind", [RemedyKind.CANCEL, RemedyKind.RETRY])
def test_one_generation_is_canceled_and_retried_as_any_subject(
    surgery: Surgery, kind: RemedyKind
) -> None:
    generation = surgery.pose()
    if kind is RemedyKind.RETRY:
        surgery.services.cancel.cancel(surgery.actor, generation)
    surgery.order(kind, generation)
    surgery.by_hand.finish(generation)


def test_what_has_changed_meanwhile_is_refused_and_the_others_are_done(surgery: Surgery) -> None:
    bulk = surgery.services.bulk
    runs = [surgery.by_hand.run(surgery.pose(key=f"form {number}")).id for number in range(2)]
    look = bulk.preview(surgery.actor, RemedyKind.REQUEUE, runs)
    surgery.by_hand.change_run(runs[0], seq=7)
    view = ended(surgery, bulk.start(surgery.actor, RemedyKind.REQUEUE, look.items, REASON))
    assert (view.done, view.refused, view.failed) == (1, 1, 0)
    (refusal,) = view.refusals
    assert refusal.subject_ids == (runs[0],) and "not any more as it was" in refusal.problem


def test_what_a_dead_process_left_is_resumed_and_nothing_is_done_twice(surgery: Surgery) -> None:
    by_hand, bulk = surgery.by_hand, surgery.services.bulk
    runs = [by_hand.run(surgery.pose(key=f"form {number}")).id for number in range(3)]
    looks = [surgery.look(RemedyKind.REQUEUE, run_id) for run_id in runs]
    left = planted(
        surgery,
        RemedyKind.REQUEUE,
        [(look.offer.subject_id, look.expected) for look in looks],
    )
    # It died after the first one's commit, before it could write that down.
    surgery.apply(looks[0])
    assert bulk.progress(surgery.actor, left).is_stalled
    bulk.resume(surgery.actor, left)
    view = ended(surgery, left)
    assert (view.done, view.total) == (3, 3)
    assert len(surgery.audit(RemedyKind.REQUEUE)) == 3
    with pytest.raises(InvalidRequestError, match="goes on by itself"):
        bulk.resume(surgery.actor, left)


def test_the_next_process_finds_what_was_left(surgery: Surgery) -> None:
    run = surgery.by_hand.run(surgery.pose())
    look = surgery.look(RemedyKind.REQUEUE, run.id)
    left = planted(surgery, RemedyKind.REQUEUE, [(run.id, look.expected)])
    surgery.services.bulk.continue_left()
    assert ended(surgery, left).done == 1


def test_a_person_stops_it_and_the_rest_stays_as_it_is(surgery: Surgery) -> None:
    bulk, by_hand = surgery.services.bulk, surgery.by_hand
    run = by_hand.run(surgery.pose())
    left = planted(surgery, RemedyKind.REQUEUE, [(run.id, {})])
    bulk.stop(surgery.actor, left)
    BulkWorker(by_hand.parts.database, surgery.services.remedies).work(left)
    view = bulk.progress(surgery.actor, left)
    assert (view.state, view.pending) == (OperationState.STOPPED, 1)
    with pytest.raises(InvalidRequestError):
        bulk.stop(surgery.actor, left)


def test_whoever_left_the_desk_orders_nothing_more(surgery: Surgery) -> None:
    run = surgery.by_hand.run(surgery.pose())
    left = planted(surgery, RemedyKind.REQUEUE, [(run.id, {})])
    surgery.write(update(Person).values(disabled_at=func.clock_timestamp()))
    BulkWorker(surgery.by_hand.parts.database, surgery.services.remedies).work(left)
    view = surgery.services.bulk.progress(surgery.actor, left)
    assert view.refused == 1 and "does not work at this desk" in view.refusals[0].problem


def test_roles_numbers_and_words_are_checked(surgery: Surgery) -> None:
    bulk, actor = surgery.services.bulk, surgery.actor
    viewer, operator = replace(actor, role=Role.VIEWER), replace(actor, role=Role.OPERATOR)
    item = BulkItem("x", {})
    with pytest.raises(NotAllowedError):
        bulk.preview(viewer, RemedyKind.CANCEL, ["x"])
    with pytest.raises(NotAllowedError):
        bulk.start(operator, RemedyKind.SETTLE_REFUND, [item], REASON)
    for kind, ids in (
        (RemedyKind.CANCEL, []),
        (RemedyKind.CANCEL, [str(number) for number in range(1_001)]),
        (RemedyKind.ADOPT_PREDICTION, ["x"]),
    ):
        with pytest.raises(InvalidRequestError):
            bulk.preview(actor, kind, ids)
        with pytest.raises(InvalidRequestError):
            bulk.start(actor, kind, [BulkItem(one, {}) for one in ids], REASON)
    with pytest.raises(InvalidRequestError, match="Give a reason"):
        bulk.start(actor, RemedyKind.CANCEL, [item], " ")
    with pytest.raises(NotFoundError):
        bulk.progress(actor, "bulk_none")
    with pytest.raises(NotAllowedError):
        surgery.services.remedies.dry_run(viewer, RemedyOffer(RemedyKind.CANCEL, "x"))
    assert surgery.services.bulk.recent(actor) == ()
