"""Questions about the storage and the house: files, processes, providers, remedies, notes."""

from services.core.states import MissingCause, SlotState
from services.core.thresholds import SILENT_SECONDS
from services.sql.parameters import Choice, Identifier, Number
from services.sql.query import Group, NamedQuery

_DAYS = Number("days", "Days back", 1, 90, "30")
_SILENT_AFTER = " ".join(f"WHEN '{role}' THEN {limit:g}" for role, limit in SILENT_SECONDS.items())
_REASON = Choice(
    "reason",
    "Reason",
    ("any", SlotState.FAILED.value, SlotState.CANCELED.value, *(one.value for one in MissingCause)),
)

OPERATIONS_QUERIES = (
    NamedQuery(
        "missing_pictures",
        "Missing pictures",
        "Which pictures did not arrive, or are gone from the storage, and why?",
        Group.STORAGE,
        """\
SELECT since, reason, generation_id, slot_id, kind, role, failure, failure_detail, asset_id,
  storage_uri, account_id
FROM missing_pictures
WHERE since >= now() - make_interval(days => $1) AND ($2::text = 'any' OR reason = $2)
ORDER BY since DESC, slot_id""",
        (_DAYS, _REASON),
    ),
    NamedQuery(
        "orphaned_files",
        "Stray objects",
        "Which stored files does no row name, and how large are they?",
        Group.STORAGE,
        """\
SELECT storage_key, byte_count, modified_at, found_at,
  sum(byte_count) OVER () AS bytes_in_all
FROM orphaned_files
ORDER BY byte_count DESC, storage_key""",
    ),
    NamedQuery(
        "reconciliations",
        "Storage rounds",
        "When was the storage compared with the rows, and what was found?",
        Group.STORAGE,
        """\
SELECT began_at, scope, state, object_count, missing_count, orphan_count, problem,
  round(extract(epoch FROM coalesce(ended_at, heartbeat_at) - began_at), 1) AS seconds
FROM reconciliations
ORDER BY began_at DESC
LIMIT 100""",
    ),
    NamedQuery(
        "processes",
        "Processes",
        "Which workers and dispatchers live, and since when are the others silent?",
        Group.HOUSE,
        f"""\
SELECT role, name, host, pid, thread_count, busy, started_at, heartbeat_at,
  heartbeat_at > now() - make_interval(secs => CASE role {_SILENT_AFTER} END) AS is_alive
FROM heartbeats
ORDER BY role, heartbeat_at DESC""",
    ),
    NamedQuery(
        "closed_gates",
        "Paused providers and queues",
        "What is paused or takes no more for now, since when, and how much waits for it?",
        Group.HOUSE,
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
    NamedQuery(
        "bulk_operations",
        "Bulk remedies",
        "Which remedies were ordered for many at once, by whom, and how far are they?",
        Group.HOUSE,
        """\
SELECT created_at, id AS operation_id, remedy, state, items, done, refused, failed, pending, actor,
  reason, finished_at
FROM operations
WHERE created_at >= now() - make_interval(days => $1)
ORDER BY created_at DESC, id""",
        (_DAYS,),
    ),
    NamedQuery(
        "operation_items",
        "Subjects of a bulk remedy",
        "What became of each subject of one bulk remedy?",
        Group.HOUSE,
        """\
SELECT position, subject_id, state, message
FROM operation_items
WHERE operation_id = $1
ORDER BY position""",
        (Identifier("operation", "Bulk remedy", default="op_xyz"),),
    ),
    NamedQuery(
        "notes",
        "Notes",
        "What did people write to generations lately?",
        Group.HOUSE,
        """\
SELECT at, generation_id, person_id, text, link
FROM notes
WHERE at >= now() - make_interval(days => $1)
ORDER BY id DESC""",
        (_DAYS,),
    ),
)
