"""The one box, on a database with a little of everything."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, text

from services.core.errors import NotAllowedError
from services.core.states import Kind, OperationState, Role, SlotRole, SlotState, Tier
from services.database.models import (
    Asset,
    Attempt,
    Consent,
    LedgerEntry,
    Operation,
    OperationItem,
    OrphanedFile,
    Person,
    QuotaDay,
    Run,
    Simulation,
    Slot,
    TrainedModel,
    new_id,
)
from services.database.seed import DEFAULT_ACCOUNT_ID, LOCAL_PERSON_ID
from tests.integration.diagnosis.box import OPERATOR, Box

VERSION_ID = "e" * 64
PREDICTION = "rrr4z55ocneqzikepnug6xezpe"


def test_viewer_may_not_look(box: Box) -> None:
    with pytest.raises(NotAllowedError):
        box.locator.locate(replace(OPERATOR, role=Role.VIEWER), "anything")


def test_every_id_of_a_picture_leads_to_its_generation(box: Box) -> None:
    box.add()
    made = box.add(Kind.MASCOTS, SlotRole.FULL_BODY)
    slot, generation_id = made.slots[0], made.generation.id
    run_id = box.one(Run.id, Run.generation_id == generation_id)
    attempt_id = box.one(Attempt.id, Attempt.run_id == run_id)
    box.change(Attempt, Attempt.id == attempt_id, prediction_id=PREDICTION)
    entry_id = box.one(LedgerEntry.id, LedgerEntry.generation_id == generation_id)
    sha256 = box.one(Asset.sha256, Asset.id == slot.asset_id)
    key = f"originals/{sha256[:2]}/{sha256[2:4]}/{sha256}.png"
    assert made.mascot
    texts = [
        generation_id,
        generation_id.replace("gen_", "batch_"),
        generation_id[:-4],
        run_id,
        f"rq:job:{run_id}-3",
        slot.id,
        attempt_id,
        slot.asset_id,
        made.mascot.id,
        entry_id,
        PREDICTION,
        f"https://replicate.com/p/{PREDICTION}",
        f"http://localhost:8501/picture?id={slot.asset_id}",
        sha256,
        key,
        key.replace("originals", "thumbnails").replace("png", "webp"),
        f"https://bucket.example/{key}?X-Amz-Signature=f00",
    ]
    assert [box.ids(str(pasted)) for pasted in texts] == [[generation_id]] * len(texts)
    match = box.locate(slot.id).matches[0]
    assert (match.slot_id, match.asset_id, match.account_name) == (slot.id, slot.asset_id, "Studio")
    assert match.thumbnail_key == "full_body.png"
    assert box.locate(run_id).matches[0].run_id == run_id
    assert box.locate(entry_id).account


def test_what_was_made_from_a_mascot_is_found_by_it(box: Box) -> None:
    mascot = box.add(Kind.MASCOTS, SlotRole.FULL_BODY).mascot
    assert mascot
    pose = box.add(mascot_id=mascot.id)
    assert set(box.ids(mascot.id)) == {mascot.generation_id, pose.generation.id}


def test_training_is_found_by_its_model_word_version_and_hash(box: Box) -> None:
    made = box.add(Kind.TRAINING, SlotRole.WEIGHTS)
    model = _trained(made.generation.id)
    box.save(model)
    version = f"owner/atelier-mira4821:{VERSION_ID}"
    texts = [model.id, "mira4821", "a photo of MIRA4821 at sea", version, VERSION_ID]
    assert [box.ids(pasted) for pasted in texts] == [[made.generation.id]] * len(texts)


def test_simulation_is_found_by_the_guides_number(box: Box) -> None:
    made = box.add(Kind.SIMULATIONS, SlotRole.REAR_VIEW)
    photo = box.reference(None, "front.png")
    consent = Consent(
        id=new_id("con"),
        account_id=DEFAULT_ACCOUNT_ID,
        asset_id=photo.asset_id,
        wording_version="1",
        given_by=LOCAL_PERSON_ID,
    )
    simulation = Simulation(
        generation_id=made.generation.id,
        original_asset_id=photo.asset_id,
        scenario_id="projection-level-1",
        scenario_version=1,
        strength=0.3,
        steps=30,
        consent_id=consent.id,
    )
    box.save(consent, simulation)
    number = str(box.one(Simulation.number, Simulation.generation_id == made.generation.id))
    for pasted in (number, f"job {number}", "projection-level-1", consent.id, "front.png"):
        assert box.ids(pasted) == [made.generation.id], pasted
    assert box.ids("999999999") == []


def test_subjects_of_a_bulk_remedy_are_found_by_its_id(box: Box) -> None:
    made = [box.add(), box.add()]
    operation = Operation(
        id=new_id("opr"),
        remedy="requeue",
        actor="a",
        reason="r",
        state=OperationState.DONE,
        heartbeat_at=func.now(),
    )
    run_id = box.one(Run.id, Run.generation_id == made[0].generation.id)
    subjects = [run_id, made[1].slots[0].id]
    items = [
        OperationItem(
            operation_id=operation.id, position=n, subject_id=one, expected={}, state="done"
        )
        for n, one in enumerate(subjects)
    ]
    box.save(operation, *items)
    assert set(box.ids(operation.id)) == {one.generation.id for one in made}


def test_account_is_found_by_id_name_and_a_part_of_it_with_its_quota(box: Box) -> None:
    account_id = box.account("Café Lisboa", tier=Tier.UNLIMITED, daily_quota=5)
    older = box.add(account_id=account_id, created_at=func.now() - timedelta(days=1))
    newer = box.add(account_id=account_id)
    box.add()
    for pasted in (account_id, "café lisboa", "lisboa"):
        located = box.locate(pasted)
        assert [m.generation_id for m in located.matches] == [
            newer.generation.id,
            older.generation.id,
        ]
        assert located.account and located.account.quota_left == 5, pasted
    with box.database.transaction() as session:
        session.execute(text("ALTER TABLE app.quota_days DISABLE TRIGGER USER"))
        session.add(QuotaDay(account_id=account_id, day=func.current_date(), used=5))
    account = box.locate("Café Lisboa").account
    assert account and account.is_quota_reached


def test_person_is_found_by_name_and_address(box: Box) -> None:
    box.add()
    box.save(Person(id="per_ana", name="Ana Sousa", email="ana@example.com", role=Role.OPERATOR))
    made = box.add(person_id="per_ana")
    for pasted in ("per_ana", "ana sousa", "Ana@example.com", "Ana <ana@example.com> wrote"):
        assert box.ids(pasted) == [made.generation.id], pasted
    assert "No person" in box.locate("nobody@example.com").hint


@pytest.mark.parametrize("pasted", ["holiday.png", "IMG_2041-holiday.png", "img 2041", "Holiday"])
def test_upload_is_found_by_its_name_or_a_part_of_it(box: Box, pasted: str) -> None:
    made = box.add(Kind.MASCOTS, SlotRole.FULL_BODY, SlotState.PENDING)
    box.reference(made, "IMG_2041-holiday.png")
    located = box.locate(pasted)
    assert [match.generation_id for match in located.matches] == [made.generation.id]
    assert located.understood_as == "A file's name"


def test_words_of_titles_prompts_and_failures_are_found(box: Box) -> None:
    titled = box.add(title="Fennel the fox waves")
    prompted, failed = box.add(), box.add()
    box.change(Slot, Slot.id == prompted.slots[0].id, prompt="A fox, 100% orange, with a scarf")
    failure = "CUDA out of memory: tried to allocate 2 GB"
    box.change(Run, Run.generation_id == failed.generation.id, failure_detail=failure)
    assert set(box.ids("fox")) == {titled.generation.id, prompted.generation.id}
    assert box.ids("scarf ORANGE") == [prompted.generation.id]
    located = box.locate("out of memory")
    assert [match.generation_id for match in located.matches] == [failed.generation.id]
    assert located.matches[0].why == "Words of a failure" and located.matches[0].run_id


def test_error_message_of_the_guides_leads_to_its_runbook(box: Box) -> None:
    located = box.locate("[JobsService] Failed to enqueue mascot generation for 7f3a-11")
    assert located.understood_as == "An error message"
    assert [hit.slug for hit in located.runbooks] == ["queue_away"]


def test_time_finds_what_was_started_then_the_nearest_first(box: Box) -> None:
    near = box.add(created_at=func.now() - timedelta(minutes=62))
    nearer = box.add(created_at=func.now() - timedelta(minutes=59))
    box.add(created_at=func.now() - timedelta(hours=3))
    assert box.ids("an hour ago") == [nearer.generation.id, near.generation.id]
    assert box.locate("an hour ago").understood_as.startswith("A time: ")


def test_time_is_read_in_the_zone_that_was_given(box: Box) -> None:
    made = box.add(created_at=text("'2026-07-17 13:00+00'"))
    for pasted, zone in (
        ("2026-07-17 14:00", "Europe/Lisbon"),
        ("2026-07-17 at ten", "America/Sao_Paulo"),
    ):
        located = box.locate(pasted, time_zone=zone)
        assert [match.generation_id for match in located.matches] == [made.generation.id]
    assert "another day" in box.locate("2026-07-17 14:00").hint


def test_file_without_a_generation_is_told(box: Box) -> None:
    unused = box.reference(None, "unused.png")
    (found,) = box.locate(unused.id).objects
    assert found.asset_id == unused.asset_id and "unused.png" in found.sentence
    assert box.locate("unused.png").objects == (found,)
    sha256 = "ab" * 32
    key = f"originals/ab/ab/{sha256}.png"
    assert "No row names this key" in box.locate(key).objects[0].sentence
    box.save(OrphanedFile(storage_key=key, byte_count=1, modified_at=func.now()))
    assert box.locate(f"s3://bucket/{key}").objects[0].is_orphan


def test_what_is_unknown_gets_a_hint(box: Box) -> None:
    for pasted in ("", "gen_xyz789", f"run_{'0' * 26}", "no such words", "https://example.com/a"):
        located = box.locate(pasted)
        assert located.is_empty and "Paste" in located.hint, pasted


@pytest.mark.parametrize(
    "pasted",
    [
        "\x00",
        "a\x00b\ud800",
        "%",
        "_",
        "'; DROP TABLE app.slots; --",
        '"quoted" & | ! :* <-> (',
        "\\",
        "x" * 20_000,
        "fox " * 5_000,
        "é" * 5_000,
        f"gen_{'z' * 60}",
        "999999999",
        "http://[::1",
        "https://a.example/?" + "id=x&" * 3_000,
        "9999 weeks ago",
        "acc_" + "a" * 60,
        "owner/name:" + "a" * 64,
    ],
    ids=range(17),
)
def test_hostile_text_is_answered(box: Box, pasted: str) -> None:
    assert box.locate(pasted).understood_as


def test_newest_come_first_and_no_more_than_asked(box: Box) -> None:
    made = [box.add(title="fox", created_at=func.now() - timedelta(days=n)) for n in range(4)]
    found = [match.generation_id for match in box.locate("fox", limit=3).matches]
    assert found == [one.generation.id for one in made[:3]]


def _trained(generation_id: str) -> TrainedModel:
    return TrainedModel(
        id=new_id("mod"),
        account_id=DEFAULT_ACCOUNT_ID,
        generation_id=generation_id,
        name="Mira",
        subject_type="person",
        trigger_word="mira4821",
        provider="replicate",
        trainer="ostris/flux-dev-lora-trainer",
        destination_name="atelier-mira4821",
        parameters={},
        version=f"owner/atelier-mira4821:{VERSION_ID}",
    )
