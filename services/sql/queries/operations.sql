-- id: processes
-- title: Processes
-- question: Which workers and dispatchers are alive, and when was each last heartbeat?
SELECT role, name, host, pid, thread_count, busy, started_at, heartbeat_at,
  heartbeat_at > now() - make_interval(secs => CASE role {silent_after} END) AS is_alive
FROM heartbeats
ORDER BY role, heartbeat_at DESC

-- id: closed_gates
-- title: Paused providers and queues
-- question: Which providers and queues are paused or rate limited, since when, and how much waits?
SELECT 'provider' AS what, provider AS name, paused_at, paused_reason AS why, blocked_until,
  (
    SELECT count(*) FROM runs AS run
    WHERE run.provider = state.provider AND run.state = 'queued'
  ) AS waiting
FROM provider_states AS state
WHERE paused_at IS NOT NULL OR blocked_until > now()
UNION ALL
SELECT 'queue', queue, paused_at, paused_by, NULL, NULL FROM queue_states
WHERE paused_at IS NOT NULL
ORDER BY 1, 2

-- id: bulk_operations
-- title: Bulk fixes
-- question: Which bulk fixes were started, by whom, and how far are they?
-- parameters: month
SELECT created_at, id AS operation_id, remedy, state, items, done, refused, failed, pending, actor,
  reason, finished_at
FROM operations
WHERE created_at >= now() - make_interval(days => $1)
ORDER BY created_at DESC, id

-- id: operation_items
-- title: Items of a bulk fix
-- question: What was the result for each item of a bulk fix?
-- parameters: operation
SELECT position, subject_id, state, message
FROM operation_items
WHERE operation_id = $1
ORDER BY position

-- id: notes
-- title: Notes
-- question: Which notes did people add to generations?
-- parameters: month
SELECT at, generation_id, person_id, text, link
FROM notes
WHERE at >= now() - make_interval(days => $1)
ORDER BY id DESC
