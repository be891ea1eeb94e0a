"""Queries about storage and operations: files, processes, providers, bulk fixes, notes."""

from functools import partial

from services.core.states import MissingCause, SlotState
from services.core.thresholds import SILENT_SECONDS
from services.sql.query import Choice, Group, Identifier, NamedQuery, Number

_storage = partial(NamedQuery, Group.STORAGE)
_operations = partial(NamedQuery, Group.OPERATIONS)
_DAYS = Number("days", "Days back", 1, 90, "30")
_SILENT_AFTER = " ".join(f"WHEN '{role}' THEN {limit:g}" for role, limit in SILENT_SECONDS.items())
_REASON = Choice(
    "reason",
    "Reason",
    ("any", SlotState.FAILED.value, SlotState.CANCELED.value, *(one.value for one in MissingCause)),
)

OPERATIONS_QUERIES = (
    _storage(
        "missing_pictures",
        "Missing pictures",
        "Which pictures did not arrive or are missing in storage, and why?",
        """\
SELECT since, reason, generation_id, slot_id, kind, role, failure, failure_detail, asset_id,
  storage_uri, account_id
FROM missing_pictures
WHERE since >= now() - make_interval(days => $1) AND ($2::text = 'any' OR reason = $2)
ORDER BY since DESC, slot_id""",
        (_DAYS, _REASON),
    ),
    _storage(
        "orphaned_files",
        "Orphaned files",
        "Which stored files have no row, and how large are they?",
        """\
SELECT storage_key, byte_count, modified_at, found_at,
  sum(byte_count) OVER () AS bytes_in_all
FROM orphaned_files
ORDER BY byte_count DESC, storage_key""",
    ),
    _storage(
        "reconciliations",
        "Storage comparisons",
        "When was storage compared with the database, and with what result?",
        """\
SELECT began_at, scope, state, object_count, missing_count, orphan_count, problem,
  round(extract(epoch FROM coalesce(ended_at, heartbeat_at) - began_at), 1) AS seconds
FROM reconciliations
ORDER BY began_at DESC
LIMIT 100""",
    ),
    _operations(
        "processes",
        "Processes",
        "Which workers and dispatchers are alive, and when was each last heartbeat?",
        f"""\
SELECT role, name, host, pid, thread_count, busy, started_at, heartbeat_at,
  heartbeat_at > now() - make_interval(secs => CASE role {_SILENT_AFTER} END) AS is_alive
FROM heartbeats
ORDER BY role, heartbeat_at DESC""",
    ),
    _operations(
        "closed_gates",
        "Paused providers and queues",
        "Which providers and queues are paused or rate limited, since when, and how much waits?",
        """\
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
ORDER BY 1, 2""",
    ),
    _operations(
        "bulk_operations",
        "Bulk fixes",
        "Which bulk fixes were started, by whom, and how far are they?",
        """\
SELECT created_at, id AS operation_id, remedy, state, items, done, refused, failed, pending, actor,
  reason, finished_at
FROM operations
WHERE created_at >= now() - make_interval(days => $1)
ORDER BY created_at DESC, id""",
        (_DAYS,),
    ),
    _operations(
        "operation_items",
        "Items of a bulk fix",
        "What was the result for each item of a bulk fix?",
        """\
SELECT position, subject_id, state, message
FROM operation_items
WHERE operation_id = $1
ORDER BY position""",
        (Identifier("operation", "Bulk fix", default="op_xyz"),),
    ),
    _operations(
        "notes",
        "Notes",
        "Which notes did people add to generations?",
        """\
SELECT at, generation_id, person_id, text, link
FROM notes
WHERE at >= now() - make_interval(days => $1)
ORDER BY id DESC""",
        (_DAYS,),
    ),
)
