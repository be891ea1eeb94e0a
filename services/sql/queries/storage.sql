-- id: missing_pictures
-- title: Missing pictures
-- question: Which pictures failed or are missing in storage, and why?
-- parameters: month, reason
SELECT since, reason, generation_id, slot_id, kind, role, failure, failure_detail, asset_id,
  storage_uri, account_id
FROM missing_pictures
WHERE since >= now() - make_interval(days => $1) AND ($2::text = 'any' OR reason = $2)
ORDER BY since DESC, slot_id

-- id: orphaned_files
-- title: Orphaned files
-- question: Which stored files have no row, and how large are they?
SELECT storage_key, byte_count, modified_at, found_at,
  sum(byte_count) OVER () AS bytes_in_all
FROM orphaned_files
ORDER BY byte_count DESC, storage_key

-- id: reconciliations
-- title: Storage comparisons
-- question: When was storage compared with the database, and with what result?
SELECT began_at, scope, state, object_count, missing_count, orphan_count, problem,
  round(extract(epoch FROM coalesce(ended_at, heartbeat_at) - began_at), 1) AS seconds
FROM reconciliations
ORDER BY began_at DESC
LIMIT 100
