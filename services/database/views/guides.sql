-- The views that the source guides print statements for, with their names, columns and words.
--
-- camelCase columns are quoted in the guides and so here; the others are lower-case. A column
-- named …Url holds the storage URI or null: a view cannot sign.

-- Subqueries in the select list, not joins: ORDER BY … LIMIT 10 then computes ten rows, not all.
CREATE VIEW diagnostics.mascots AS
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
  (
    SELECT asset.storage_uri
    FROM app.slots AS slot JOIN app.assets AS asset ON asset.id = slot.asset_id
    WHERE slot.mascot_id = mascot.id AND slot.role = 'full_body'
      AND slot.state = 'filled' AND asset.deleted_at IS NULL
    ORDER BY slot.filled_at DESC, slot.id DESC
    LIMIT 1
  ) AS "fullBodyImageUrl",
  (
    SELECT asset.storage_uri
    FROM app.slots AS slot JOIN app.assets AS asset ON asset.id = slot.asset_id
    WHERE slot.mascot_id = mascot.id AND slot.role = 'avatar'
      AND slot.state = 'filled' AND asset.deleted_at IS NULL
    ORDER BY slot.filled_at DESC, slot.id DESC
    LIMIT 1
  ) AS "avatarImageUrl",
  (
    SELECT asset.storage_uri
    FROM app.slots AS slot JOIN app.assets AS asset ON asset.id = slot.asset_id
    WHERE slot.mascot_id = mascot.id AND slot.role = 'square_icon'
      AND slot.state = 'filled' AND asset.deleted_at IS NULL
    ORDER BY slot.filled_at DESC, slot.id DESC
    LIMIT 1
  ) AS "squareIconUrl",
  'batch_' || regexp_replace(mascot.generation_id, '^gen_', '') AS "batchId",
  mascot.created_at AS "createdAt",
  mascot.account_id AS accountid,
  mascot.style,
  mascot.variation
FROM app.mascots AS mascot;
COMMENT ON VIEW diagnostics.mascots IS 'Which mascots were made lately, and which of their pictures are there?';

CREATE VIEW diagnostics.pose_generations AS
SELECT generation.id,
  CASE generation.state
    WHEN 'queued' THEN 'pending'
    WHEN 'running' THEN 'processing'
    WHEN 'needs_review' THEN 'processing'
    WHEN 'succeeded' THEN 'completed'
    WHEN 'partial' THEN 'completed'
    ELSE 'failed'
  END AS status,
  (
    SELECT coalesce(abs(sum(entry.amount)), 0)::bigint FROM app.ledger_entries AS entry
    WHERE entry.generation_id = generation.id AND entry.kind = 'charge'
  ) AS creditcharged,
  (
    SELECT coalesce(abs(sum(entry.amount)), 0)::bigint FROM app.ledger_entries AS entry
    WHERE entry.generation_id = generation.id AND entry.kind = 'refund'
  ) AS creditrefunded,
  (
    SELECT count(*) FROM app.slots AS slot
    WHERE slot.generation_id = generation.id AND slot.state = 'filled'
  ) AS posescompleted,
  (
    SELECT count(*) FROM app.slots AS slot
    WHERE slot.generation_id = generation.id AND slot.state IN ('failed', 'canceled')
  ) AS posesfailed,
  (
    SELECT count(*) FROM app.slots AS slot
    WHERE slot.generation_id = generation.id
  ) AS totalexpectedposes,
  generation.account_id AS accountid,
  generation.created_at AS createdat,
  generation.finished_at AS finishedat
FROM app.generations AS generation
WHERE generation.kind = 'poses';
COMMENT ON VIEW diagnostics.pose_generations IS 'How far is a pose generation, and what was charged and refunded for it?';

CREATE VIEW diagnostics.credits AS
SELECT entry.id, entry.account_id AS accountid, entry.generation_id AS referenceid,
  entry.kind AS type, entry.amount, entry.created_at AS createdat, entry.reason
FROM app.ledger_entries AS entry;
COMMENT ON VIEW diagnostics.credits IS 'Which credits were granted, charged and refunded, and for which generation?';

-- The words of the guide for a training, from its version's slot and the newest run.
CREATE VIEW diagnostics.user_models AS
SELECT model.id, model.account_id AS accountid, model.name AS model_name,
  model.subject_type AS model_type, model.gender,
  nullif(split_part(model.version, ':', 1), '') AS replicate_model_id,
  nullif(split_part(model.version, ':', 2), '') AS replicate_version_id,
  (
    SELECT asset.storage_uri FROM app.assets AS asset
    WHERE asset.id = model.weights_asset_id AND asset.deleted_at IS NULL
  ) AS lora_weights_url,
  model.trigger_word,
  CASE
    WHEN model.version IS NOT NULL OR slot.state = 'filled' THEN 'completed'
    WHEN slot.state IN ('failed', 'canceled') THEN 'failed'
    WHEN run.state IN ('waiting', 'ingesting', 'needs_review')
      AND run.provider_status IS DISTINCT FROM 'starting' THEN 'training'
    ELSE 'starting'
  END AS training_status,
  CASE
    WHEN model.version IS NOT NULL OR slot.state = 'filled' THEN 100
    ELSE least(99, floor(100 * coalesce(run.progress, 0)))
  END::integer AS training_progress,
  model.created_at, model.ready_at AS completed_at
FROM app.trained_models AS model
JOIN app.slots AS slot ON slot.generation_id = model.generation_id AND slot.role = 'version' LEFT JOIN LATERAL (
    SELECT * FROM app.runs
    WHERE runs.generation_id = model.generation_id ORDER BY runs.id DESC LIMIT 1
  ) AS run ON true;
COMMENT ON VIEW diagnostics.user_models IS 'Which trained models are there, and how far is each training?';

CREATE VIEW diagnostics.training_runs AS
SELECT run.id, model.id AS user_model_id,
  (
    SELECT attempt.prediction_id FROM app.attempts AS attempt
    WHERE attempt.run_id = run.id ORDER BY attempt.number DESC LIMIT 1
  ) AS replicate_training_id,
  CASE
    WHEN run.state = 'succeeded' THEN 'completed'
    WHEN run.state IN ('failed', 'canceled') THEN 'failed'
    WHEN run.state IN ('waiting', 'ingesting', 'needs_review')
      AND run.provider_status IS DISTINCT FROM 'starting' THEN 'training'
    ELSE 'starting'
  END AS status,
  model.parameters, run.failure_detail AS error_message,
  run.created_at, run.started_at, run.finished_at AS completed_at
FROM app.trained_models AS model
JOIN app.runs AS run ON run.generation_id = model.generation_id;
COMMENT ON VIEW diagnostics.training_runs IS 'With which parameters did each training run, and why did it fail?';

-- A picture is stored only after it was decoded and checked, so none of these was refused.
-- Below 2 its sharpness counts as blurred (services/media/measures.py), which is said and not refused.
-- A picture that no training used has no model; one that several used is listed for each.
CREATE VIEW diagnostics.selfie_uploads AS
SELECT reference.id, reference.account_id AS accountid,
  picture.trained_model_id AS user_model_id,
  CASE WHEN asset.deleted_at IS NULL THEN asset.storage_uri END AS image_url,
  CASE
    WHEN asset.deleted_at IS NOT NULL THEN 'erased'
    WHEN asset.missing_at IS NOT NULL THEN 'missing'
    WHEN reference.deleted_at IS NOT NULL THEN 'deleted'
    ELSE 'completed'
  END AS processing_status,
  CASE WHEN reference.sharpness >= 0 AND reference.sharpness < 2 THEN 'blurred' ELSE 'accepted' END
    AS validation_status,
  reference.created_at
FROM app.references AS reference
JOIN app.assets AS asset ON asset.id = reference.asset_id
LEFT JOIN app.training_pictures AS picture ON picture.reference_id = reference.id;
COMMENT ON VIEW diagnostics.selfie_uploads IS 'Which pictures were uploaded, is each of them there and sharp, and which model was trained with it?';

CREATE VIEW diagnostics.lora_weights AS
SELECT asset.id, model.id AS user_model_id, model.trigger_word, asset.storage_uri,
  asset.sha256, asset.byte_count, asset.created_at
FROM app.trained_models AS model
JOIN app.assets AS asset ON asset.id = model.weights_asset_id
WHERE asset.deleted_at IS NULL;
COMMENT ON VIEW diagnostics.lora_weights IS 'Where are the weights of each trained model, and how large are they?';

CREATE VIEW diagnostics.api_job AS
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
  (
    SELECT asset.storage_uri
    FROM app.slots AS slot JOIN app.assets AS asset ON asset.id = slot.asset_id
    WHERE slot.generation_id = simulation.generation_id AND slot.role = 'rear_view'
      AND slot.state = 'filled' AND asset.deleted_at IS NULL
    LIMIT 1
  ) AS simulation1_url,
  (
    SELECT asset.storage_uri
    FROM app.slots AS slot JOIN app.assets AS asset ON asset.id = slot.asset_id
    WHERE slot.generation_id = simulation.generation_id AND slot.role = 'side_view'
      AND slot.state = 'filled' AND asset.deleted_at IS NULL
    LIMIT 1
  ) AS simulation2_url,
  generation.created_at,
  generation.account_id,
  generation.id AS generation_id,
  simulation.scenario_id AS scenario,
  simulation.strength
FROM app.simulations AS simulation
JOIN app.generations AS generation ON generation.id = simulation.generation_id;
COMMENT ON VIEW diagnostics.api_job IS 'How far is a simulation, and are its rear and side pictures there?';
