"""The views that the source guides print statements for, with their names, columns and words.

camelCase columns are quoted in the guides and so here; the others are lower-case. A column
named …Url holds the storage URI or null: a view cannot sign.
"""

from services.database.views.view import View


def _picture_uri(role: str) -> str:
    return f"""(
        SELECT asset.storage_uri
        FROM app.slots AS slot JOIN app.assets AS asset ON asset.id = slot.asset_id
        WHERE slot.mascot_id = mascot.id AND slot.role = '{role}'
          AND slot.state = 'filled' AND asset.deleted_at IS NULL
        ORDER BY slot.filled_at DESC, slot.id DESC
        LIMIT 1
    )"""


def _view_uri(role: str) -> str:
    return f"""(
        SELECT asset.storage_uri
        FROM app.slots AS slot JOIN app.assets AS asset ON asset.id = slot.asset_id
        WHERE slot.generation_id = simulation.generation_id AND slot.role = '{role}'
          AND slot.state = 'filled' AND asset.deleted_at IS NULL
        LIMIT 1
    )"""


def _slots(column: str, condition: str) -> str:
    return f"""(
        SELECT {column} FROM app.slots AS slot
        WHERE slot.generation_id = generation.id{condition}
    )"""


def _credits(kind: str) -> str:
    return f"""(
        SELECT coalesce(abs(sum(entry.amount)), 0)::bigint FROM app.ledger_entries AS entry
        WHERE entry.generation_id = generation.id AND entry.kind = '{kind}'
    )"""


# Subqueries in the select list, not joins: `ORDER BY … LIMIT 10` then computes ten rows, not all.
MASCOTS = View(
    "mascots",
    "Which mascots were made lately, and which of their pictures are there?",
    f"""
    SELECT mascot.id, mascot.name,
      (
        SELECT CASE
            WHEN bool_or(slot.state IN ('blocked', 'pending')) THEN CASE
                WHEN bool_or(slot.state NOT IN ('blocked', 'pending') OR EXISTS (
                    SELECT FROM app.run_slots JOIN app.runs AS run ON run.id = run_slots.run_id
                    WHERE run_slots.slot_id = slot.id AND run.started_at IS NOT NULL
                )) THEN 'GENERATING'
                ELSE 'PENDING'
            END
            WHEN bool_or(slot.state = 'filled') THEN 'COMPLETED'
            ELSE 'FAILED'
        END
        FROM app.slots AS slot
        WHERE slot.generation_id = mascot.generation_id AND slot.mascot_id = mascot.id
      ) AS status,
      {_picture_uri("full_body")} AS "fullBodyImageUrl",
      {_picture_uri("avatar")} AS "avatarImageUrl",
      {_picture_uri("square_icon")} AS "squareIconUrl",
      'batch_' || regexp_replace(mascot.generation_id, '^gen_', '') AS "batchId",
      mascot.created_at AS "createdAt",
      mascot.account_id AS accountid,
      mascot.style,
      mascot.variation
    FROM app.mascots AS mascot
    """,
)

POSE_GENERATIONS = View(
    "pose_generations",
    "How far is a pose generation, and what was charged and given back for it?",
    f"""
    SELECT generation.id,
      CASE generation.state
        WHEN 'queued' THEN 'pending'
        WHEN 'running' THEN 'processing'
        WHEN 'needs_review' THEN 'processing'
        WHEN 'succeeded' THEN 'completed'
        WHEN 'partial' THEN 'completed'
        ELSE 'failed'
      END AS status,
      {_credits("charge")} AS creditcharged,
      {_credits("refund")} AS creditrefunded,
      {_slots("count(*)", " AND slot.state = 'filled'")} AS posescompleted,
      {_slots("count(*)", " AND slot.state IN ('failed', 'canceled')")} AS posesfailed,
      {_slots("count(*)", "")} AS totalexpectedposes,
      generation.account_id AS accountid,
      generation.created_at AS createdat,
      generation.finished_at AS finishedat
    FROM app.generations AS generation
    WHERE generation.kind = 'poses'
    """,
)

CREDITS = View(
    "credits",
    "Which credits were granted, charged and refunded, and for which generation?",
    """
    SELECT entry.id, entry.account_id AS accountid, entry.generation_id AS referenceid,
      entry.kind AS type, entry.amount, entry.created_at AS createdat, entry.reason
    FROM app.ledger_entries AS entry
    """,
)


def _empty(*columns: str) -> str:
    """A select of no row whose columns, given as `name type`, are the documented ones."""
    typed = (column.split(" ", 1) for column in columns)
    return f"SELECT {', '.join(f'NULL::{kind} AS {name}' for name, kind in typed)} WHERE false"


USER_MODELS = View(
    "user_models",
    "Which trained models are there, and how far is each training?",
    _empty(
        "id text",
        "accountid text",
        "model_name text",
        "model_type text",
        "gender text",
        "replicate_model_id text",
        "replicate_version_id text",
        "lora_weights_url text",
        "trigger_word text",
        "training_status text",
        "training_progress integer",
        "created_at timestamptz",
        "completed_at timestamptz",
    ),
)

TRAINING_RUNS = View(
    "training_runs",
    "With which parameters did each training run, and why did it fail?",
    _empty(
        "id text",
        "user_model_id text",
        "replicate_training_id text",
        "status text",
        "parameters jsonb",
        "error_message text",
        "created_at timestamptz",
        "started_at timestamptz",
        "completed_at timestamptz",
    ),
)

SELFIE_UPLOADS = View(
    "selfie_uploads",
    "Which training pictures were uploaded, and was each of them accepted?",
    _empty(
        "id text",
        "accountid text",
        "user_model_id text",
        "image_url text",
        "processing_status text",
        "validation_status text",
        "created_at timestamptz",
    ),
)

LORA_WEIGHTS = View(
    "lora_weights",
    "Where are the weights of each trained model, and how large are they?",
    _empty(
        "id text",
        "user_model_id text",
        "trigger_word text",
        "storage_uri text",
        "sha256 text",
        "byte_count bigint",
        "created_at timestamptz",
    ),
)

API_JOB = View(
    "api_job",
    "How far is a simulation, and are its rear and side pictures there?",
    f"""
    SELECT simulation.number AS id,
      CASE generation.state
        WHEN 'queued' THEN 'queued'
        WHEN 'running' THEN 'processing'
        WHEN 'needs_review' THEN 'processing'
        WHEN 'succeeded' THEN 'completed'
        WHEN 'partial' THEN 'completed'
        ELSE 'failed'
      END AS status,
      (
        SELECT asset.storage_uri FROM app.assets AS asset
        WHERE asset.id = simulation.original_asset_id AND asset.deleted_at IS NULL
      ) AS original_image,
      {_view_uri("rear_view")} AS simulation1_url,
      {_view_uri("side_view")} AS simulation2_url,
      generation.created_at,
      generation.account_id,
      generation.id AS generation_id,
      simulation.scenario_id AS scenario,
      simulation.strength
    FROM app.simulations AS simulation
    JOIN app.generations AS generation ON generation.id = simulation.generation_id
    """,
)

GUIDE_VIEWS = (
    MASCOTS,
    POSE_GENERATIONS,
    CREDITS,
    USER_MODELS,
    TRAINING_RUNS,
    SELFIE_UPLOADS,
    LORA_WEIGHTS,
    API_JOB,
)
