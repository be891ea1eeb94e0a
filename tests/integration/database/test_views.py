"""The documented views: the guides' statements as printed, their columns and their words."""

import psycopg
import pytest
from sqlalchemy import func

from services.core.states import EntryKind, GenerationState, Kind, SlotRole, SlotState
from services.database.engine import Database
from services.database.models import Asset, Run, Slot
from services.database.prepare import prepare_database
from services.database.read_only.reader import run_readonly
from services.sql.catalogue import named
from tests.conftest import SECRET_KEY, STARTING_CREDITS
from tests.integration.database.printed import COLUMNS
from tests.integration.database.rows import add_asset, add_entry, add_generation, add_run
from tests.integration.database.server import view_names
from tests.integration.trainings.training_setup import VERSION, TrainingSetup

FULL_BODY, AVATAR, ICON = SlotRole.FULL_BODY, SlotRole.AVATAR, SlotRole.SQUARE_ICON
BLOCKED, PENDING, FILLED = SlotState.BLOCKED, SlotState.PENDING, SlotState.FILLED
FAILED, CANCELED = SlotState.FAILED, SlotState.CANCELED


def test_recent_mascots_are_shown_as_the_guide_prints_it(
    readable_url: str, database: Database
) -> None:
    with database.transaction() as session:
        made = add_generation(
            session, Kind.MASCOTS, [(FULL_BODY, FILLED), (AVATAR, FILLED), (ICON, FAILED)]
        )
        assert made.mascot is not None
        mascot_id, generation_id = made.mascot.id, made.generation.id

    result = run_readonly(readable_url, named("recent_mascots").sql)

    assert result.columns == (
        *("id", "name", "status", "fullBodyImageUrl", "avatarImageUrl", "batchId", "createdAt"),
    )
    (row,) = result.rows
    assert row[:-1] == (
        mascot_id,
        "Fennel",
        "COMPLETED",
        "s3://bucket/full_body.png",
        "s3://bucket/avatar.png",
        "batch_" + generation_id.removeprefix("gen_"),
    )


def test_mascots_without_pictures_are_shown_as_the_guide_prints_it(
    readable_url: str, database: Database
) -> None:
    with database.transaction() as session:
        add_generation(session, Kind.MASCOTS, [(FULL_BODY, FILLED), (AVATAR, PENDING)])
        add_generation(session, Kind.MASCOTS, [(FULL_BODY, FAILED), (AVATAR, FAILED)])
        waits = add_generation(session, Kind.MASCOTS, [(FULL_BODY, PENDING), (AVATAR, BLOCKED)])
        assert waits.mascot is not None
        mascot_id = waits.mascot.id

    result = run_readonly(readable_url, named("mascots_without_pictures").sql)

    assert [row[:3] for row in result.rows] == [(mascot_id, "Fennel", "PENDING")]


def test_a_generations_credits_are_shown_as_the_guide_prints_it(
    readable_url: str, database: Database
) -> None:
    slots = [(SlotRole.POSE, FILLED)] * 3 + [(SlotRole.POSE, FAILED)]
    with database.transaction() as session:
        made = add_generation(session, Kind.POSES, slots, GenerationState.PARTIAL)
        refund = add_entry(session, EntryKind.REFUND, 30, made.generation, made.slots[3])
        generation_id, refund_id = made.generation.id, refund.id

    status, records = (
        run_readonly(readable_url, named(name).sql.replace("gen_xyz", generation_id))
        for name in ("generation_status", "refund_records")
    )

    assert status.rows == [(generation_id, "completed", "120", "30", "1")]
    (record,) = records.rows
    assert record[:5] == (refund_id, "acc_studio", generation_id, "refund", "30")


@pytest.mark.parametrize(
    ("states", "is_started", "status"),
    [
        ([PENDING, BLOCKED, BLOCKED], False, "PENDING"),
        ([PENDING, BLOCKED, BLOCKED], True, "GENERATING"),
        ([FILLED, PENDING, PENDING], False, "GENERATING"),
        ([FAILED, PENDING, PENDING], False, "GENERATING"),
        ([FILLED, FILLED, FILLED], True, "COMPLETED"),
        ([FILLED, FAILED, CANCELED], True, "COMPLETED"),
        ([FAILED, FAILED, FAILED], True, "FAILED"),
        ([CANCELED, CANCELED, CANCELED], False, "FAILED"),
    ],
)
def test_a_mascots_status_follows_its_slots(
    readable_url: str,
    database: Database,
    states: list[SlotState],
    is_started: bool,
    status: str,
) -> None:
    slots = list(zip((FULL_BODY, AVATAR, ICON), states, strict=True))
    with database.transaction() as session:
        made = add_generation(session, Kind.MASCOTS, slots)
        add_run(session, made.slots[0], is_started=is_started)

    assert run_readonly(readable_url, "select status from mascots").rows == [(status,)]


def test_a_deleted_picture_is_not_shown_and_the_newest_one_is(
    readable_url: str, database: Database
) -> None:
    with database.transaction() as session:
        made = add_generation(session, Kind.MASCOTS, [(FULL_BODY, FILLED), (AVATAR, FILLED)])
        body, avatar = made.slots
        deleted = session.get_one(Asset, avatar.asset_id)
        deleted.deleted_at = func.clock_timestamp()
        again = add_generation(session, Kind.MASCOTS, [(FULL_BODY, FILLED)])
        (newer,) = again.slots
        newer.mascot_id = body.mascot_id
        newer.asset_id = add_asset(session, "newer.png").id
        mascot_id = body.mascot_id

    result = run_readonly(
        readable_url,
        'select "fullBodyImageUrl", "avatarImageUrl", "squareIconUrl" from mascots'
        f" where id = '{mascot_id}'",
    )

    assert result.rows == [("s3://bucket/newer.png", None, None)]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (GenerationState.QUEUED, "pending"),
        (GenerationState.RUNNING, "processing"),
        (GenerationState.NEEDS_REVIEW, "processing"),
        (GenerationState.SUCCEEDED, "completed"),
        (GenerationState.PARTIAL, "completed"),
        (GenerationState.FAILED, "failed"),
        (GenerationState.CANCELED, "failed"),
    ],
)
def test_a_pose_generation_has_the_guides_status(
    readable_url: str, database: Database, state: GenerationState, status: str
) -> None:
    with database.transaction() as session:
        add_generation(session, Kind.POSES, [(SlotRole.POSE, PENDING)], state)
        add_generation(session, Kind.MASCOTS, [(FULL_BODY, PENDING)], state)

    result = run_readonly(readable_url, "select status from pose_generations")

    assert result.rows == [(status,)]


def test_poses_are_counted_by_what_became_of_them(readable_url: str, database: Database) -> None:
    states = [FILLED, FILLED, FAILED, CANCELED, PENDING, BLOCKED]
    with database.transaction() as session:
        add_generation(session, Kind.POSES, [(SlotRole.POSE, state) for state in states])

    result = run_readonly(
        readable_url,
        "select posescompleted, posesfailed, totalexpectedposes, creditcharged, creditrefunded"
        " from pose_generations",
    )

    assert result.rows == [("2", "2", "6", "180", "0")]


@pytest.mark.parametrize("name", list(COLUMNS))
def test_a_view_has_the_guides_columns(owner: psycopg.Connection, name: str) -> None:
    columns = owner.execute(
        "SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
        [f"diagnostics.{name}"],
    ).fetchall()

    assert set(COLUMNS[name]) <= {column for (column,) in columns}


def test_every_view_answers_and_says_which_question(
    readable_url: str, owner: psycopg.Connection
) -> None:
    comments = owner.execute(
        "SELECT relname, obj_description(oid) FROM pg_class"
        " WHERE relnamespace = 'diagnostics'::regnamespace"
    ).fetchall()

    assert len(comments) > 30
    for name, question in comments:
        assert question.endswith("?"), name
        assert run_readonly(readable_url, f"table {name}").columns


def test_no_view_shows_payloads_outputs_logs_or_people(
    readable_url: str, database: Database, owner: psycopg.Connection
) -> None:
    owner.execute("UPDATE app.people SET name = 'name-text', email = 'email-text'")
    with database.transaction() as session:
        made = add_generation(session, Kind.POSES, [(SlotRole.POSE, PENDING)])
        add_run(session, made.slots[0], is_started=True)

    shown = "".join(
        str(run_readonly(readable_url, f"table {name}").rows) for name in view_names(owner)
    )

    assert made.generation.id in shown
    for hidden in ("payload-text", "outputs-text", "logs-text", "request-text", "email-text"):
        assert hidden not in shown
    assert "name-text" not in shown


def test_a_run_is_followed_from_its_slot_to_its_provider(
    readable_url: str, database: Database
) -> None:
    with database.transaction() as session:
        made = add_generation(session, Kind.POSES, [(SlotRole.POSE, PENDING)])
        run = add_run(session, made.slots[0], is_started=True)
        run_id = run.id

    result = run_readonly(
        readable_url,
        "select r.id, r.state, a.state, e.name, l.amount, g.state, s.state from runs r"
        " join attempts a on a.run_id = r.id join events e on e.run_id = r.id"
        " join generations g on g.id = r.generation_id join slots s on s.generation_id = g.id"
        " join ledger l on l.generation_id = g.id",
    )

    assert result.rows == [
        (run_id, "waiting", "running", "run.queued", "-30", "running", "pending")
    ]


def test_views_are_made_anew_at_each_start(
    database_url: str, owner: psycopg.Connection, database: Database
) -> None:
    before = view_names(owner)
    owner.execute("CREATE VIEW diagnostics.stale AS SELECT 1")
    with database.transaction() as session:
        add_generation(session, Kind.POSES, [(SlotRole.POSE, PENDING)])

    prepare_database(database_url, SECRET_KEY, STARTING_CREDITS)

    assert view_names(owner) == before
    assert owner.execute("SELECT count(*) FROM diagnostics.pose_generations").fetchone() == (1,)


@pytest.mark.parametrize(
    ("run", "slot", "progress", "shown"),
    [
        ("queued", "pending", None, ("starting", "0")),
        ("waiting", "pending", 0.428, ("training", "42")),
        ("waiting", "pending", 1.0, ("training", "99")),
        ("succeeded", "filled", 0.99, ("completed", "100")),
        ("failed", "failed", 0.5, ("failed", "50")),
    ],
)
def test_a_training_is_told_in_the_guides_words(
    readable_url: str,
    database: Database,
    run: str,
    slot: str,
    progress: float | None,
    shown: tuple[str, str],
) -> None:
    setup = TrainingSetup(database)
    generation_id = setup.start()
    setup.change(generation_id, Run, state=run, progress=progress, failure_detail="why")
    setup.change(generation_id, Slot, SlotRole.VERSION, state=slot)

    models = run_readonly(
        readable_url, "select training_status, training_progress, lora_weights_url from user_models"
    )
    runs = run_readonly(readable_url, "select status, error_message, parameters from training_runs")

    assert models.rows == [(*shown, None)]
    assert runs.rows[0][:2] == (shown[0], "why")
    assert '"lora_rank": 16' in str(runs.rows[0][2])


def test_a_trained_model_names_version_weights_and_pictures(
    readable_url: str, database: Database
) -> None:
    setup = TrainingSetup(database)
    model = setup.ready()
    asset = setup.weights(model.generation_id, 1234)

    models = run_readonly(
        readable_url,
        "select id, model_name, model_type, gender, replicate_model_id, replicate_version_id,"
        " lora_weights_url, trigger_word, training_status, training_progress from user_models",
    )
    weights = run_readonly(
        readable_url, "select id, user_model_id, storage_uri, byte_count from lora_weights"
    )
    uploads = run_readonly(
        readable_url,
        "select user_model_id, image_url, processing_status, validation_status"
        " from selfie_uploads order by image_url limit 1",
    )
    setup.picture("unused.png", sharpness=1.1)
    unused = run_readonly(
        readable_url,
        "select user_model_id, processing_status, validation_status from selfie_uploads"
        " where image_url like '%unused.png'",
    )

    uri = "s3://bucket/w.safetensors"
    assert models.rows == [
        (
            *(model.id, "Mira", "person", "woman", "studio/atelier-mira4821", VERSION, uri),
            *("mira4821", "completed", "100"),
        )
    ]
    assert weights.rows == [(asset.id, model.id, uri, "1234")]
    assert uploads.rows == [(model.id, "s3://bucket/0.png", "completed", "accepted")]
    assert unused.rows == [(None, "completed", "blurred")]
