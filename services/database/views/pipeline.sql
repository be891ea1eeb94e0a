-- Views of the pipeline's own rows, for support.
--
-- Payloads, outputs and provider logs stay out: they may hold signed links.

CREATE VIEW diagnostics.generations AS
SELECT id, kind, account_id, person_id, mascot_id, title, priority, state, price_credits,
  estimated_cost_usd, created_at, started_at, finished_at
FROM app.generations;
COMMENT ON VIEW diagnostics.generations IS 'What was started, for whom, and how did it end?';

CREATE VIEW diagnostics.slots AS
SELECT slot.id, slot.generation_id, slot.account_id, slot.kind, slot.position, slot.role,
  slot.mascot_id, slot.parent_slot_id, slot.provider, slot.model, slot.prompt, slot.seed,
  slot.aspect_ratio, slot.price_credits, slot.state, slot.asset_id, asset.storage_uri,
  asset.missing_at, asset.deleted_at, slot.failure, slot.failure_detail, slot.created_at,
  slot.filled_at
FROM app.slots AS slot LEFT JOIN app.assets AS asset ON asset.id = slot.asset_id;
COMMENT ON VIEW diagnostics.slots IS 'Which pictures does a generation owe, and which of them are filled, failed or canceled?';

CREATE VIEW diagnostics.runs AS
SELECT id, generation_id, kind, provider, model, priority, state, seq, due_at, enqueued_at,
  lease_until, worker, attempt_count, refused_count, step_failures, provider_status, progress,
  deadline_at, failure, failure_detail, created_at, started_at, accepted_at, finished_at
FROM app.runs;
COMMENT ON VIEW diagnostics.runs IS 'Which work waits, runs or failed, on which worker, and when is its next step due?';

CREATE VIEW diagnostics.attempts AS
SELECT attempt.id, attempt.run_id, run.generation_id, attempt.number, attempt.provider,
  attempt.model, attempt.version, attempt.payload_hash, attempt.seed, attempt.state,
  attempt.prediction_id, attempt.web_url, attempt.predict_seconds, attempt.estimated_cost_usd,
  attempt.failure, attempt.failure_detail, attempt.created_at, attempt.accepted_at,
  attempt.started_at, attempt.finished_at
FROM app.attempts AS attempt JOIN app.runs AS run ON run.id = attempt.run_id;
COMMENT ON VIEW diagnostics.attempts IS 'What was sent to a provider, under which prediction id, and what came of it?';

CREATE VIEW diagnostics.events AS
SELECT id, at, generation_id, run_id, name, actor, detail FROM app.events;
COMMENT ON VIEW diagnostics.events IS 'What happened to a generation, line by line, and who did it?';

CREATE VIEW diagnostics.ledger AS
SELECT entry.id, entry.account_id, account.name AS account_name, entry.kind, entry.amount,
  entry.generation_id, entry.slot_id, entry.charge_id, entry.actor, entry.reason,
  entry.created_at, account.balance AS account_balance
FROM app.ledger_entries AS entry JOIN app.accounts AS account ON account.id = entry.account_id;
COMMENT ON VIEW diagnostics.ledger IS 'Which entries make up an account''s balance, and what is it now?';
