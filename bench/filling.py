"""A year of finished work, written with set-based SQL past the services and within every constraint.

Whatever the tables hold of a generation adds up, its credits too: the ledger's own trigger moves the
balances. No file stands behind the pictures, and no provider knows the predictions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, text

from bench.rig import progress

ACCOUNTS = 200
"""Each ledger entry updates its account's row: fewer accounts would make that the whole cost."""
CHUNK = 10_000
BLOCK = 10
"""So many neighbours are one account's, and hold every kind: the numbers of PLAN count on it."""
YEAR_SECONDS = 365 * 24 * 3600
RARE_WORD = "quokka"
"""One prompt in a thousand holds it."""
COMMON_WORD = "mascot"

TAIL = """
CREATE FUNCTION pg_temp.tail(at timestamptz, what text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT (
        SELECT string_agg(
            substr('0123456789abcdefghjkmnpqrstvwxyz', (ms >> 5 * place & 31)::int + 1, 1),
            '' ORDER BY place DESC
        ) FROM generate_series(0, 9) AS place, LATERAL (
            SELECT (extract(epoch FROM at) * 1000)::bigint AS ms
        ) AS moment
    ) || left(md5(what), 16)
$$
"""
"""The part of an id after its prefix: sorts by time, as those that the services make."""

GROUND = (
    """
    INSERT INTO app.accounts (id, name, tier)
    SELECT 'acc_history' || i, 'Studio ' || i, 'pro' FROM generate_series(0, cast(:accounts AS int) - 1) AS i
    """,
    """
    INSERT INTO app.ledger_entries (id, account_id, kind, amount, idempotency_key, actor, reason)
    SELECT 'led_history' || i, 'acc_history' || i, 'grant', 100000000, 'history-grant-' || i,
        'system', 'Starting credits'
    FROM generate_series(0, cast(:accounts AS int) - 1) AS i
    """,
    """
    INSERT INTO app.assets (id, account_id, sha256, storage_key, storage_uri, thumbnail_key,
        content_type, byte_count, width, height)
    SELECT 'ast_history' || i, 'acc_history' || i, sha, path || '.png',
        :uri || path || '.png', replace(path, 'originals', 'thumbnails') || '.webp',
        'image/png', 900000, 1024, 1024
    FROM generate_series(0, cast(:accounts AS int) - 1) AS i,
        LATERAL (SELECT md5('a' || i) || md5('b' || i) AS sha) AS hashed,
        LATERAL (SELECT 'originals/' || left(sha, 2) || '/' || substr(sha, 3, 2) || '/' || sha
            AS path) AS placed
    """,
    """
    INSERT INTO app.references (id, account_id, asset_id, sha256, filename, source_format,
        source_bytes, uploaded_by, pixel_count)
    SELECT 'ref_history' || i, account_id, id, sha256, 'photograph-' || i || '.png', 'PNG',
        900000, 'per_local', 1048576
    FROM generate_series(0, cast(:accounts AS int) - 1) AS i JOIN app.assets ON id = 'ast_history' || i
    """,
    """
    INSERT INTO app.consents (id, account_id, asset_id, wording_version, given_by)
    SELECT 'con_history' || i, 'acc_history' || i, 'ast_history' || i, '1', 'per_local'
    FROM generate_series(0, cast(:accounts AS int) - 1) AS i
    """,
)

PLAN = """
CREATE TEMP TABLE plan ON COMMIT DROP AS
SELECT n, kind, size, price, provider, model, roles, mascot_n, owner, created_at,
    created_at + 20 * interval '1 second' AS started_at,
    created_at + (100 + n % 40) * interval '1 second' AS finished_at,
    pg_temp.tail(created_at, 'g' || n) AS tail,
    (ARRAY['Fennel','Pip','Clover','Nori','Juno','Basil','Otto','Wren'])[1 + n / 10 % 8] AS name
FROM (
    SELECT n, n / 10 % :accounts AS owner,
        now() - interval '1 hour'
            + (n - :count) * (:seconds / cast(:count AS float)) * interval '1 second'
            AS created_at,
        CASE WHEN n % 10 BETWEEN 2 AND 6 THEN n - n % 10 WHEN n % 10 < 2 THEN n END AS mascot_n,
        CASE WHEN :fails THEN 2 ELSE n % 10 END AS place
    FROM generate_series(cast(:first AS int), cast(:last AS int)) AS n
) AS numbered JOIN LATERAL (
    VALUES (0, 1, 'mascots', 3, 10, 'gemini', 'gemini-nano-banana-2.1',
            ARRAY['full_body','avatar','square_icon']),
        (2, 6, 'poses', 1 + n / 10 % 4, 30, 'replicate', 'fofr/consistent-character',
            ARRAY['pose','pose','pose','pose']),
        (7, 7, 'simulations', 2, 15, 'replicate', 'stability-ai/sdxl',
            ARRAY['rear_view','side_view']),
        (8, 8, 'studio', 1 + n / 10 % 4, 20, 'replicate', 'black-forest-labs/flux-dev',
            ARRAY['studio','studio','studio','studio']),
        (9, 9, 'edits', 1, 5, 'replicate', '851-labs/background-remover', ARRAY['background'])
) AS kinds (lowest, highest, kind, most, price, provider, model, roles)
    ON place BETWEEN lowest AND highest,
LATERAL (SELECT CASE WHEN :fails THEN 1 ELSE most END AS size) AS sized
"""

PIECES = """
CREATE TEMP TABLE pieces ON COMMIT DROP AS
SELECT plan.*, position, roles[position + 1] AS role,
    pg_temp.tail(created_at, n || '-' || position) AS part,
    md5('a' || n || '-' || position) || md5('b' || n || '-' || position) AS sha,
    CASE WHEN :fails OR (n * 7 + CASE kind WHEN 'mascots' THEN 0 ELSE position END * 13) % 37 = 0
            THEN 'failed'
        WHEN n % 97 = 96 THEN 'canceled' ELSE 'filled' END AS fate,
    'A ' || (ARRAY['calm','bright','shy','bold','tiny','tall'])[1 + n % 6] || ' mascot, '
        || (ARRAY['waving','running','sitting','dancing','reading','jumping'])[1 + n / 7 % 6]
        || ' in the ' || (ARRAY['rain','snow','forest','city','desert'])[1 + n / 11 % 5]
        || ', scene ' || n || CASE n % 1000 WHEN 500 THEN ', with a quokka' ELSE '' END AS prompt
FROM plan, LATERAL generate_series(0, size - 1) AS position
"""

ROWS = (
    """
    INSERT INTO app.generations (id, kind, account_id, person_id, title, request, fingerprint,
        idempotency_key, priority, state, price_credits, estimated_cost_usd, created_at,
        started_at, finished_at)
    SELECT 'gen_' || tail, kind, 'acc_history' || owner, 'per_local', name || ', number ' || n,
        jsonb_build_object('name', name), md5('f' || n), 'history-' || n, 10,
        CASE WHEN filled = size THEN 'succeeded' WHEN filled > 0 THEN 'partial'
            WHEN failed > 0 THEN 'failed' ELSE 'canceled' END,
        size * price, 0.04 * size, created_at, started_at, finished_at
    FROM plan JOIN (
        SELECT n AS of_n, count(*) FILTER (WHERE fate = 'filled') AS filled,
            count(*) FILTER (WHERE fate = 'failed') AS failed
        FROM pieces GROUP BY n
    ) AS fates ON of_n = n
    """,
    """
    INSERT INTO app.mascots (id, account_id, generation_id, name, description, style, variation,
        created_at)
    SELECT 'mas_history' || n, 'acc_history' || owner, 'gen_' || tail, name, 'a fox', 'Flat vector',
        1, created_at
    FROM plan WHERE kind = 'mascots'
    """,
    """
    INSERT INTO app.ledger_entries (id, account_id, kind, amount, idempotency_key, generation_id,
        actor, reason, created_at)
    SELECT 'led_' || tail, 'acc_history' || owner, 'charge', -size * price, 'history-charge-' || n,
        'gen_' || tail, 'per_local', 'Started', created_at
    FROM plan
    """,
    """
    INSERT INTO app.assets (id, account_id, sha256, storage_key, storage_uri, thumbnail_key,
        content_type, byte_count, width, height, created_at, missing_at, missing_cause)
    SELECT 'ast_' || part, 'acc_history' || owner, sha, path || '.png', :uri || path || '.png',
        replace(path, 'originals', 'thumbnails') || '.webp', 'image/png', 900000, 1024, 1024,
        finished_at, CASE n % 1000 WHEN 3 THEN finished_at END, CASE n % 1000 WHEN 3 THEN 'gone' END
    FROM pieces, LATERAL (
        SELECT 'originals/' || left(sha, 2) || '/' || substr(sha, 3, 2) || '/' || sha AS path
    ) AS placed
    WHERE fate = 'filled'
    """,
    """
    INSERT INTO app.slots (id, generation_id, account_id, kind, position, role, run_group, mascot_id,
        parent_slot_id, provider, model, prompt, seed, input_asset_ids, price_credits, charge_id,
        state, asset_id, failure, failure_detail, created_at, filled_at)
    SELECT 'slot_' || part, 'gen_' || tail, 'acc_history' || owner, kind, position, role, position,
        CASE WHEN NOT :fails THEN 'mas_history' || mascot_n END,
        CASE WHEN kind = 'mascots' AND position > 0
            THEN 'slot_' || pg_temp.tail(created_at, n || '-0') END,
        provider, model, prompt, n,
        CASE kind WHEN 'simulations' THEN jsonb_build_array('ast_history' || owner)
            ELSE '[]'::jsonb END,
        price, 'led_' || tail, fate, CASE fate WHEN 'filled' THEN 'ast_' || part END,
        CASE fate WHEN 'failed' THEN 'model_error' END,
        CASE fate WHEN 'failed' THEN 'CUDA out of memory at scene ' || n END,
        created_at, CASE fate WHEN 'filled' THEN finished_at END
    FROM pieces ORDER BY n, position
    """,
    """
    INSERT INTO app.ledger_entries (id, account_id, kind, amount, idempotency_key, generation_id,
        slot_id, charge_id, actor, reason, created_at)
    SELECT 'led_' || part, 'acc_history' || owner, 'refund', price, 'history-refund-' || part,
        'gen_' || tail, 'slot_' || part, 'led_' || tail, 'system', 'Not made', finished_at
    FROM pieces WHERE fate <> 'filled'
    """,
    """
    INSERT INTO app.simulations (generation_id, original_asset_id, scenario_id, scenario_version,
        strength, steps, consent_id)
    SELECT 'gen_' || tail, 'ast_history' || owner, 'projection-level-2', 1, 0.5, 30,
        'con_history' || owner
    FROM plan WHERE kind = 'simulations'
    """,
    """
    INSERT INTO app.runs (id, generation_id, kind, provider, model, priority, state, seq, due_at,
        attempt_count, failure, failure_detail, created_at, started_at, accepted_at, finished_at)
    SELECT 'run_' || part, 'gen_' || tail, kind, provider, model, 10,
        CASE fate WHEN 'filled' THEN 'succeeded' ELSE fate END, 4, finished_at, 1,
        CASE fate WHEN 'failed' THEN 'model_error' END,
        CASE fate WHEN 'failed' THEN 'CUDA out of memory at scene ' || n END,
        created_at, started_at, started_at, finished_at
    FROM pieces ORDER BY n, position
    """,
    """
    INSERT INTO app.run_slots (run_id, slot_id, output_index)
    SELECT 'run_' || part, 'slot_' || part, 0 FROM pieces
    """,
    """
    INSERT INTO app.attempts (id, run_id, number, provider, model, payload, payload_hash, seed,
        state, prediction_id, outputs, logs, predict_seconds, estimated_cost_usd, actual_cost_usd,
        failure, failure_detail, created_at, accepted_at, started_at, finished_at)
    SELECT 'att_' || part, 'run_' || part, 1, provider, model, jsonb_build_object('prompt', prompt),
        md5(prompt), n, CASE fate WHEN 'filled' THEN 'succeeded' ELSE fate END,
        left(md5(part), 26), '[]', repeat('Using seed: ' || n || E'\\n', 12), 80, 0.04, 0.04,
        CASE fate WHEN 'failed' THEN 'model_error' END,
        CASE fate WHEN 'failed' THEN 'CUDA out of memory at scene ' || n END,
        started_at, started_at, started_at, finished_at
    FROM pieces ORDER BY n, position
    """,
    """
    INSERT INTO app.events (at, generation_id, run_id, name, actor, detail)
    SELECT at, 'gen_' || tail, run_id, name, 'system', detail FROM (
        SELECT created_at AS at, tail, NULL AS run_id, 'generation.started' AS name,
            jsonb_build_object('slots', size) AS detail FROM plan
        UNION ALL
        SELECT finished_at, tail, NULL, 'generation.finished', '{}' FROM plan
        UNION ALL
        SELECT started_at, tail, 'run_' || part, step, jsonb_build_object('attempt', 1)
        FROM pieces, unnest(ARRAY['run.submitting','run.accepted','run.provider_finished'])
            AS step
        WHERE step <> 'run.submitting' OR n % 3 = 0
        UNION ALL
        SELECT finished_at, tail, 'run_' || part,
            'run.' || CASE fate WHEN 'filled' THEN 'succeeded' ELSE fate END, '{}' FROM pieces
    ) AS events ORDER BY at
    """,
)

Bound = Mapping[str, Any]


@dataclass(frozen=True)
class Filling:
    """How much there shall be; `is_failing`: one slot each, and every one of them failed."""

    generations: int
    uri_prefix: str
    """Before a key, as the storage writes its addresses."""
    is_failing: bool = False

    def bound(self, first: int = 0) -> Bound:
        """The statements' parameters for the chunk that begins here."""
        return {
            "accounts": ACCOUNTS,
            "count": self.generations,
            "seconds": YEAR_SECONDS,
            "first": first,
            "last": min(first + CHUNK, self.generations) - 1,
            "uri": self.uri_prefix,
            "fails": self.is_failing,
        }


def fill(url: str, filling: Filling) -> None:
    """Write it all, a chunk a transaction, and leave the tables as autovacuum would."""
    # Without the application's limits on time.
    engine = create_engine(url, connect_args={"options": "-c synchronous_commit=off"})
    with engine.connect() as connection:
        with connection.begin():
            _execute(connection, GROUND, filling.bound())
        for first in range(0, filling.generations, CHUNK):
            with connection.begin():
                _execute(connection, (TAIL, PLAN, PIECES, *ROWS), filling.bound(first))
                connection.execute(text("DROP FUNCTION pg_temp.tail"))
            progress(f"filled {min(first + CHUNK, filling.generations):,} generations")
    engine.dispose()
    analyze(url)


def analyze(url: str) -> None:
    """VACUUM ANALYZE, which autovacuum would have done by and by."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def rows_of(engine: Engine, *tables: str) -> dict[str, int]:
    """How many rows each of these tables holds."""
    with engine.connect() as connection:
        return {
            table: int(connection.execute(text(f"SELECT count(*) FROM app.{table}")).scalar_one())
            for table in tables
        }


def _execute(connection: Connection, statements: tuple[str, ...], bound: Bound) -> None:
    for statement in statements:
        connection.execute(text(statement), bound)
