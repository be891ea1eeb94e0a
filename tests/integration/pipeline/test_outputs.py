"""Outputs of a prediction, each on its own; the provider is a scripted server of one's own."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from services.core.states import GenerationState, RunState, SlotRole, SlotState
from services.database.models import Asset, Attempt, Slot
from tests.contracts.far_end import Answer, FarEnd
from tests.contracts.replicate_replies import prediction
from tests.integration.pipeline.manual_pipeline import ManualPipeline
from tests.integration.pipeline.pipeline_setup import drawn
from tests.integration.pipeline.scripted_server import (
    NOW,
    READ,
    order,
    plain,
    png,
    succeed,
    urls,
)


def failures(own_server: ManualPipeline, generation: str) -> list[tuple[str, str]]:
    return [
        (slot.state.value, slot.failure or "")
        for slot in own_server.slots(generation)
        if slot.role is SlotRole.POSE
    ]


@pytest.mark.parametrize(
    ("broken", "failure", "window"),
    [
        (Answer(200, drawn("red")[:400]), "bad_output", 3300.0),
        (Answer(200, b"<html>try later</html>"), "bad_output", 3300.0),
        (Answer(200, b""), "bad_output", 3300.0),
        (Answer(200, b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "bad_output", 3300.0),
        (Answer(200, plain("black")), "blank", 3300.0),
        (Answer(404), "window_missed", -1.0),
        (Answer(403), "window_missed", -1.0),
        (Answer(503), "not_fetched", -1.0),
        (Answer(200, way="reset"), "not_fetched", -1.0),
    ],
    ids=["half", "html", "empty", "svg", "black", "404", "403", "503", "reset"],
)
def test_one_broken_output_of_four_costs_that_one(
    own_server: ManualPipeline, far_end: FarEnd, broken: Answer, failure: str, window: float
) -> None:
    before = own_server.balance()
    succeed(far_end, urls(far_end, "0", "1", "2", "3"))
    for name, answer in {"0": png(), "1": png("red"), "2": broken, "3": png("blue")}.items():
        far_end.on(f"GET /out/{name}", answer)
    own_server.limit(output_window_seconds=window)
    generation = order(own_server, 4)
    assert own_server.finish(generation) is GenerationState.PARTIAL
    filled = ("filled", "")
    assert failures(own_server, generation) == [filled, filled, ("failed", failure), filled]
    assert own_server.balance() == before - 3 * 30
    good = [asked.path for asked in far_end.asked if asked.path in ("/out/0", "/out/1", "/out/3")]
    assert len(good) == 3, "what is stored is not downloaded again"
    detail = own_server.slots(generation)[2].failure_detail or ""
    assert "an hour" not in detail and "photograph" not in detail


@pytest.mark.parametrize("status", [404, 403, 410])
def test_a_download_that_is_refused_once_is_tried_again(
    own_server: ManualPipeline, far_end: FarEnd, status: int
) -> None:
    succeed(far_end, urls(far_end, "0"))
    far_end.on("GET /out/0", Answer(status), png())
    generation = order(own_server, 1)
    assert own_server.finish(generation) is GenerationState.SUCCEEDED


def test_a_fresh_address_is_read_from_the_prediction(
    own_server: ManualPipeline, far_end: FarEnd
) -> None:
    stale, fresh = urls(far_end, "stale", "fresh")
    done = {"status": "succeeded", "completed_at": NOW}
    far_end.on(
        READ,
        Answer(200, prediction(**done, output=[stale])),
        Answer(200, prediction(**done, output=[fresh])),
    )
    far_end.on("GET /out/stale", Answer(403))
    far_end.on("GET /out/fresh", png())
    generation = order(own_server, 1)
    assert own_server.finish(generation) is GenerationState.SUCCEEDED
    assert "run.step_failed" not in own_server.events(generation)


def test_a_removed_output_is_said_to_be_removed_and_not_to_be_old(
    own_server: ManualPipeline, far_end: FarEnd
) -> None:
    done = {"status": "succeeded", "completed_at": NOW}
    removed = prediction(**done, output=None, data_removed=True)
    kept = prediction(**done, output=urls(far_end, "0"))
    far_end.on(READ, Answer(200, kept), Answer(200, removed))
    far_end.on("GET /out/0", Answer(404))
    generation = order(own_server, 1)
    assert own_server.finish(generation) is GenerationState.FAILED
    run = own_server.run(generation)
    assert (run.failure, "removed the output" in (run.failure_detail or "")) == (
        "window_missed",
        True,
    )


def test_deleted_after_an_hour_is_said_when_an_hour_has_passed(
    own_server: ManualPipeline, far_end: FarEnd
) -> None:
    succeed(far_end, urls(far_end, "0"))
    far_end.on("GET /out/0", Answer(404))
    generation = order(own_server, 1)
    own_server.until_run(generation, RunState.INGESTING)
    with own_server.context.database.transaction() as session:
        earlier = func.clock_timestamp() - timedelta(minutes=61)
        session.execute(update(Attempt).values(finished_at=earlier))
    assert own_server.finish(generation) is GenerationState.FAILED
    assert "for an hour" in (own_server.run(generation).failure_detail or "")


@pytest.mark.parametrize(
    "shape",
    [
        lambda picture: [f"data:image/png;base64,{picture}"],
        lambda picture: f"data:application/octet-stream;base64,{picture}",
        lambda picture: picture,
        lambda picture: {"image": f"data:image/png;base64,{picture}"},
        lambda picture: [None, f"data:;base64,{picture}"],
    ],
    ids=["list", "text", "base64", "object", "with null"],
)
def test_a_picture_inside_the_reply_is_stored(
    own_server: ManualPipeline, far_end: FarEnd, shape: Any
) -> None:
    content = drawn("teal")
    succeed(far_end, shape(base64.b64encode(content).decode()))
    generation = order(own_server, 1)
    assert own_server.finish(generation) is GenerationState.SUCCEEDED
    with own_server.context.database.transaction() as session:
        asset = session.scalars(select(Asset).join(Slot, Slot.asset_id == Asset.id)).one()
        assert own_server.context.storage.get(asset.storage_key) == content
        payloads = session.scalars(select(Attempt.outputs)).one()
        assert "base64" not in str(payloads[0].get("url", "")), "no picture is in the database"


def test_a_path_on_the_server_s_disk_is_named(own_server: ManualPipeline, far_end: FarEnd) -> None:
    succeed(far_end, "/tmp/out.webp")
    generation = order(own_server, 1)
    assert own_server.finish(generation) is GenerationState.FAILED
    run = own_server.run(generation)
    assert run.failure == "configuration"
    assert "/tmp/out.webp" in (run.failure_detail or "")


def test_more_outputs_than_ordered_are_kept_free_of_charge(
    own_server: ManualPipeline, far_end: FarEnd
) -> None:
    before = own_server.balance()
    succeed(far_end, urls(far_end, "0", "1", "2"))
    for name, colour in (("0", "teal"), ("1", "red"), ("2", "blue")):
        far_end.on(f"GET /out/{name}", png(colour))
    generation = order(own_server, 1, children=1)
    assert own_server.finish(generation) is GenerationState.SUCCEEDED
    slots = own_server.slots(generation)
    assert [slot.state for slot in slots] == [SlotState.FILLED] * 4
    assert [slot.price_credits for slot in slots] == [30, 1, 0, 0]
    assert own_server.balance() == before - 31
    assert "run.extra_outputs" in own_server.events(generation)


def test_an_extra_output_that_is_broken_costs_nothing(
    own_server: ManualPipeline, far_end: FarEnd
) -> None:
    succeed(far_end, urls(far_end, "0", "1"))
    far_end.on("GET /out/0", png())
    far_end.on("GET /out/1", Answer(200, b"junk"))
    generation = order(own_server, 1)
    assert own_server.finish(generation) is GenerationState.SUCCEEDED
    assert len(own_server.slots(generation)) == 1


def test_fewer_outputs_than_ordered_refund_the_rest(
    own_server: ManualPipeline, far_end: FarEnd
) -> None:
    succeed(far_end, urls(far_end, "0", "1"))
    far_end.on("GET /out/0", png())
    far_end.on("GET /out/1", png("red"))
    generation = order(own_server, 3)
    assert own_server.finish(generation) is GenerationState.PARTIAL
    assert [state for state, _ in failures(own_server, generation)] == [
        "filled",
        "filled",
        "failed",
    ]


@pytest.mark.parametrize("colour", ["black", "white", (3, 3, 3)])
def test_a_blank_picture_makes_no_children(
    own_server: ManualPipeline, far_end: FarEnd, colour: Any
) -> None:
    before = own_server.balance()
    succeed(far_end, urls(far_end, "0"))
    far_end.on("GET /out/0", Answer(200, plain(colour)))
    generation = order(own_server, 1, children=1)
    assert own_server.finish(generation) is GenerationState.FAILED
    assert {slot.failure for slot in own_server.slots(generation)} == {"blank", "parent_failed"}
    assert own_server.balance() == before


def test_a_blank_picture_is_kept_where_the_setting_says_so(
    own_server: ManualPipeline, far_end: FarEnd
) -> None:
    succeed(far_end, urls(far_end, "0"))
    far_end.on("GET /out/0", Answer(200, plain("black")))
    own_server.limit(keeps_blank=True)
    generation = order(own_server, 1)
    assert own_server.finish(generation) is GenerationState.SUCCEEDED


def test_a_host_that_hangs_is_tried_once_in_a_step(
    own_server: ManualPipeline, far_end: FarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    succeed(far_end, urls(far_end, "0", "1", "2"))
    fetcher = own_server.context.fetch.__self__  # type: ignore[attr-defined]
    quick = type(fetcher._limits)(read_seconds=0.2, total_seconds=0.3)
    monkeypatch.setattr(fetcher, "_limits", quick)
    for name in ("0", "1", "2"):
        far_end.on(f"GET /out/{name}", Answer(way="hold"))
    generation = order(own_server, 3)
    own_server.until_run(generation, RunState.INGESTING)
    own_server.round()
    assert len([asked for asked in far_end.asked if asked.path.startswith("/out/")]) == 1
    assert own_server.run(generation).state is RunState.INGESTING


def test_refusals_are_not_refunded_where_the_setting_says_so(
    own_server: ManualPipeline, far_end: FarEnd
) -> None:
    before = own_server.balance()
    own_server.limit(refunds_refusals=False)
    succeed(far_end, urls(far_end, "0", "1", "2"))
    far_end.on("GET /out/0", png())
    far_end.on("GET /out/1", Answer(200, plain("black")), Answer(200, plain("white")), png("red"))
    far_end.on("GET /out/2", Answer(200, b"junk"))
    generation = order(own_server, 3, children=2)
    assert own_server.finish(generation) is GenerationState.PARTIAL
    kept = [slot.is_charge_kept for slot in own_server.slots(generation)]
    assert kept == [False, True, False, False, False]
    # One picture with its export, and the refused one; its export is refunded.
    assert own_server.balance() == before - 30 - 1 - 30
    services, actor = own_server.studio.services, own_server.studio.actor
    seen = services.diagnoses.diagnose(actor, generation)
    assert "refund_missing" not in {finding.cause for finding in seen.findings}
    card = services.generations.card(actor, generation)
    assert "30 credits are kept" in (card.slots[1].failure or "")

    assert services.retry.quote(actor, generation).price_credits == 30 + 1
    far_end.on("GET /v1/predictions", Answer(200, {"results": [], "next": None}))
    services.retry.start(actor, generation)
    assert own_server.balance() == before - 30 - 1 - 30 - 31
    own_server.studio.assert_sound(generation)


def test_a_refused_prediction_keeps_its_charge_by_the_same_rule(
    own_server: ManualPipeline, far_end: FarEnd
) -> None:
    before = own_server.balance()
    own_server.limit(refunds_refusals=False)
    failed = {"status": "failed", "error": "NSFW content detected", "completed_at": NOW}
    far_end.on(READ, Answer(200, prediction(**failed)))
    generation = order(own_server, 2)
    assert own_server.finish(generation) is GenerationState.FAILED
    assert own_server.balance() == before - 60
