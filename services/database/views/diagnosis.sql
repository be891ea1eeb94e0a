-- Views of what support reads when something is wrong: pictures, storage, processes and refunds.
--
-- People are ids here. No token, fingerprint or detail of a process: those may hold secrets.

CREATE VIEW diagnostics.missing_pictures AS
SELECT slot.id AS slot_id, slot.generation_id, slot.account_id, slot.kind, slot.role,
  slot.position, slot.provider, slot.model,
  CASE WHEN slot.state = 'filled' THEN asset.missing_cause ELSE slot.state END AS reason,
  slot.failure, slot.failure_detail, slot.parent_slot_id, slot.asset_id, asset.storage_uri,
  coalesce(asset.missing_at, generation.finished_at, slot.created_at) AS since
FROM app.slots AS slot
  JOIN app.generations AS generation ON generation.id = slot.generation_id
  LEFT JOIN app.assets AS asset ON asset.id = slot.asset_id
WHERE slot.state IN ('failed', 'canceled')
  OR asset.missing_at IS NOT NULL AND asset.deleted_at IS NULL;
COMMENT ON VIEW diagnostics.missing_pictures IS 'Which pictures failed, or are gone from the storage?';

CREATE VIEW diagnostics.orphaned_files AS
SELECT storage_key, byte_count, modified_at, found_at FROM app.orphaned_files;
COMMENT ON VIEW diagnostics.orphaned_files IS 'Which stored files does no row name?';

CREATE VIEW diagnostics.reconciliations AS
SELECT id, scope, state, began_at, heartbeat_at, ended_at, object_count, missing_count,
  orphan_count, problem
FROM app.reconciliations;
COMMENT ON VIEW diagnostics.reconciliations IS 'When was the storage compared with the rows, and what was found?';

CREATE VIEW diagnostics.notes AS
SELECT id, at, generation_id, person_id, text, link FROM app.notes;
COMMENT ON VIEW diagnostics.notes IS 'What did people write to a generation?';

CREATE VIEW diagnostics.operations AS
SELECT operation.id, operation.remedy, operation.actor, operation.reason, operation.state,
  operation.created_at, operation.heartbeat_at, operation.finished_at,
  counts.items, counts.pending, counts.done, counts.refused, counts.failed
FROM app.operations AS operation CROSS JOIN LATERAL (
  SELECT count(*) AS items,
    count(*) FILTER (WHERE item.state = 'pending') AS pending,
    count(*) FILTER (WHERE item.state = 'done') AS done,
    count(*) FILTER (WHERE item.state = 'refused') AS refused,
    count(*) FILTER (WHERE item.state = 'failed') AS failed
  FROM app.operation_items AS item WHERE item.operation_id = operation.id
) AS counts;
COMMENT ON VIEW diagnostics.operations IS 'Which remedies were applied to many subjects at once, and how far are they?';

CREATE VIEW diagnostics.operation_items AS
SELECT operation_id, position, subject_id, state, message FROM app.operation_items;
COMMENT ON VIEW diagnostics.operation_items IS 'What was the result for each subject of a bulk remedy?';

CREATE VIEW diagnostics.provider_states AS
SELECT provider, paused_at, paused_reason, paused_failure, blocked_until,
  create_rate AS creates_per_second, rate_lowered_at
FROM app.provider_states;
COMMENT ON VIEW diagnostics.provider_states IS 'Which provider is paused or takes no more for now, and why?';

CREATE VIEW diagnostics.queue_states AS
SELECT queue, paused_at, paused_by FROM app.queue_states;
COMMENT ON VIEW diagnostics.queue_states IS 'Which queue is paused, since when and by whom?';

CREATE VIEW diagnostics.heartbeats AS
SELECT name, role, host, pid, thread_count,
  CASE WHEN jsonb_typeof(detail -> 'busy') = 'number'
    THEN (detail -> 'busy')::numeric END AS busy,
  started_at, heartbeat_at
FROM app.heartbeats;
COMMENT ON VIEW diagnostics.heartbeats IS 'Which workers and dispatchers sent a heartbeat within a day, and how busy are they?';

CREATE VIEW diagnostics.generation_credits AS
SELECT generation.id AS generation_id, generation.account_id, generation.kind,
  generation.state, generation.created_at,
  coalesce(entries.charged, 0)::bigint AS charged,
  coalesce(work.consumed, 0)::bigint AS consumed,
  coalesce(entries.refunded, 0)::bigint AS refunded,
  coalesce(work.held, 0)::bigint AS held,
  (
    coalesce(entries.charged, 0) - coalesce(work.consumed, 0)
    - coalesce(entries.refunded, 0) - coalesce(work.held, 0)
  )::bigint AS difference
FROM app.generations AS generation
  LEFT JOIN (
    SELECT generation_id,
      -sum(amount) FILTER (WHERE kind = 'charge') AS charged,
      sum(amount) FILTER (WHERE kind = 'refund') AS refunded
    FROM app.ledger_entries GROUP BY generation_id
  ) AS entries ON entries.generation_id = generation.id
  LEFT JOIN (
    SELECT generation_id,
      sum(price_credits) FILTER (WHERE state = 'filled' OR is_charge_kept) AS consumed,
      sum(price_credits) FILTER (WHERE state IN ('blocked', 'pending')) AS held
    FROM app.slots GROUP BY generation_id
  ) AS work ON work.generation_id = generation.id;
COMMENT ON VIEW diagnostics.generation_credits IS 'For each generation: charged = consumed + refunded + held? What differs?';

-- Of a slot that was made once more, the newest charge alone counts: the refund before it stands.
CREATE VIEW diagnostics.slot_refunds AS
SELECT slot.id AS slot_id, slot.generation_id, slot.account_id, slot.role, slot.position,
  slot.state, slot.failure, slot.price_credits, slot.charge_id,
  slot.state IN ('failed', 'canceled') AND NOT slot.is_charge_kept AS is_owed,
  refund.id IS NOT NULL AS is_refunded,
  refund.id AS refund_id, refund.amount AS refunded, refund.created_at AS refunded_at
FROM app.slots AS slot LEFT JOIN app.ledger_entries AS refund
  ON refund.kind = 'refund' AND refund.slot_id = slot.id
    AND refund.charge_id = slot.charge_id;
COMMENT ON VIEW diagnostics.slot_refunds IS 'Was each slot''s newest charge refunded, and should it have been?';
