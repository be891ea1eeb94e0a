
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA app;
CREATE FUNCTION app.apply_ledger_entry() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        UPDATE app.accounts SET balance = balance + NEW.amount WHERE id = NEW.account_id;
        IF NEW.quota_slots <> 0 THEN
            INSERT INTO app.quota_days (account_id, day, used)
            VALUES (NEW.account_id, NEW.quota_day, 0) ON CONFLICT DO NOTHING;
            UPDATE app.quota_days SET used = used + NEW.quota_slots
            WHERE account_id = NEW.account_id AND day = NEW.quota_day;
        END IF;
        RETURN NULL;
    END $$;
CREATE FUNCTION app.mark_references_used() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE used_asset_id text;
    BEGIN
        FOR used_asset_id IN
            SELECT DISTINCT jsonb_array_elements_text(input_asset_ids) FROM added
            WHERE parent_slot_id IS NULL AND kind <> 'poses' ORDER BY 1
        LOOP
            UPDATE app.references SET used_at = clock_timestamp()
            WHERE asset_id = used_asset_id AND used_at IS NULL;
        END LOOP;
        RETURN NULL;
    END $$;
CREATE FUNCTION app.refuse_balance_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF pg_trigger_depth() < 2 THEN
            RAISE EXCEPTION 'a balance moves by ledger entries alone';
        END IF;
        RETURN NEW;
    END $$;
CREATE FUNCTION app.refuse_quota_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF pg_trigger_depth() < 2 THEN
            RAISE EXCEPTION 'a quota moves by ledger entries alone';
        END IF;
        RETURN NEW;
    END $$;
CREATE FUNCTION app.refuse_rewrite() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
    END $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE app.accounts (
    id text NOT NULL,
    name text NOT NULL,
    tier character varying(32) NOT NULL,
    time_zone text DEFAULT 'UTC'::text NOT NULL,
    balance bigint DEFAULT '0'::bigint NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    daily_quota integer DEFAULT 200 NOT NULL,
    CONSTRAINT ck_accounts_balance_not_negative CHECK ((balance >= 0)),
    CONSTRAINT ck_accounts_daily_quota_not_negative CHECK ((daily_quota >= 0)),
    CONSTRAINT ck_accounts_tier CHECK (((tier)::text = ANY ((ARRAY['free'::character varying, 'pro'::character varying, 'unlimited'::character varying])::text[])))
);
CREATE TABLE app.asset_parents (
    child_id text NOT NULL,
    parent_id text NOT NULL,
    relation text NOT NULL
);
CREATE TABLE app.assets (
    id text NOT NULL,
    account_id text NOT NULL,
    sha256 text NOT NULL,
    storage_key text NOT NULL COLLATE pg_catalog."C",
    storage_uri text NOT NULL,
    thumbnail_key text DEFAULT ''::text NOT NULL,
    content_type text NOT NULL,
    byte_count bigint NOT NULL,
    width integer DEFAULT 0 NOT NULL,
    height integer DEFAULT 0 NOT NULL,
    placeholder text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    checked_at timestamp with time zone,
    missing_at timestamp with time zone,
    deleted_at timestamp with time zone,
    missing_cause character varying(32),
    CONSTRAINT ck_assets_missingcause CHECK (((missing_cause)::text = ANY ((ARRAY['gone'::character varying, 'thumbnail_gone'::character varying, 'wrong_bucket'::character varying])::text[]))),
    CONSTRAINT ck_assets_pictures_have_pixels CHECK (((content_type ~~ 'image/%'::text) = ((width > 0) AND (height > 0) AND (thumbnail_key <> ''::text))))
);
CREATE TABLE app.attempts (
    id text NOT NULL,
    run_id text NOT NULL,
    number integer NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    version text,
    payload jsonb NOT NULL,
    payload_hash text NOT NULL,
    seed bigint NOT NULL,
    state character varying(32) NOT NULL,
    prediction_id text,
    web_url text,
    outputs jsonb NOT NULL,
    logs text DEFAULT ''::text NOT NULL,
    predict_seconds double precision,
    estimated_cost_usd double precision NOT NULL,
    failure text,
    failure_detail text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    accepted_at timestamp with time zone,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    actual_cost_usd double precision,
    token_fingerprint text,
    CONSTRAINT ck_attempts_attemptstate CHECK (((state)::text = ANY ((ARRAY['submitting'::character varying, 'not_sent'::character varying, 'unknown'::character varying, 'running'::character varying, 'succeeded'::character varying, 'failed'::character varying, 'canceled'::character varying, 'lost'::character varying])::text[])))
);
CREATE TABLE app.audit (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject_id text NOT NULL,
    before jsonb,
    after jsonb,
    reason text NOT NULL
);
ALTER TABLE app.audit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME app.audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE app.budgets (
    id text NOT NULL,
    daily_usd double precision,
    monthly_usd double precision,
    warn_share double precision DEFAULT '0.8'::double precision NOT NULL,
    is_stop boolean DEFAULT true NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT ck_budgets_warn_share_is_a_share CHECK (((warn_share > (0)::double precision) AND (warn_share <= (1)::double precision)))
);
CREATE TABLE app.consents (
    id text NOT NULL,
    account_id text NOT NULL,
    asset_id text NOT NULL,
    wording_version text NOT NULL,
    given_by text NOT NULL,
    given_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    withdrawn_at timestamp with time zone
);
CREATE TABLE app.events (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    generation_id text NOT NULL,
    run_id text,
    name text NOT NULL,
    actor text NOT NULL,
    detail jsonb NOT NULL
);
ALTER TABLE app.events ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME app.events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE app.generations (
    id text NOT NULL,
    kind character varying(32) NOT NULL,
    account_id text NOT NULL,
    person_id text NOT NULL,
    mascot_id text,
    title text NOT NULL,
    request jsonb NOT NULL,
    fingerprint text NOT NULL,
    idempotency_key text NOT NULL,
    priority integer NOT NULL,
    state character varying(32) NOT NULL,
    price_credits integer NOT NULL,
    estimated_cost_usd double precision NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    cancel_requested_at timestamp with time zone,
    CONSTRAINT ck_generations_generationstate CHECK (((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying, 'succeeded'::character varying, 'partial'::character varying, 'failed'::character varying, 'canceled'::character varying, 'needs_review'::character varying])::text[]))),
    CONSTRAINT ck_generations_kind CHECK (((kind)::text = ANY ((ARRAY['mascots'::character varying, 'poses'::character varying, 'simulations'::character varying, 'training'::character varying, 'studio'::character varying, 'edits'::character varying])::text[])))
);
CREATE TABLE app.heartbeats (
    name text NOT NULL,
    role text NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    thread_count integer NOT NULL,
    detail jsonb NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    beat_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
CREATE TABLE app.ledger_entries (
    id text NOT NULL,
    account_id text NOT NULL,
    kind character varying(32) NOT NULL,
    amount bigint NOT NULL,
    idempotency_key text NOT NULL,
    generation_id text,
    slot_id text,
    charge_id text,
    actor text NOT NULL,
    reason text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    quota_day date,
    quota_slots integer DEFAULT 0 NOT NULL,
    CONSTRAINT ck_ledger_entries_entrykind CHECK (((kind)::text = ANY ((ARRAY['grant'::character varying, 'charge'::character varying, 'refund'::character varying])::text[]))),
    CONSTRAINT ck_ledger_entries_quota_fits_kind CHECK ((((quota_slots = 0) = (quota_day IS NULL)) AND (((kind)::text <> 'charge'::text) OR (quota_slots >= 0)) AND (((kind)::text <> 'refund'::text) OR (quota_slots <= 0)))),
    CONSTRAINT ck_ledger_entries_refund_names_slot_and_charge CHECK ((((kind)::text <> 'refund'::text) OR ((slot_id IS NOT NULL) AND (charge_id IS NOT NULL)))),
    CONSTRAINT ck_ledger_entries_sign_fits_kind CHECK (((((kind)::text = 'charge'::text) AND (amount <= 0)) OR (((kind)::text = 'refund'::text) AND (amount >= 0)) OR ((kind)::text = 'grant'::text)))
);
CREATE TABLE app.mascots (
    id text NOT NULL,
    account_id text NOT NULL,
    generation_id text NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    style text NOT NULL,
    variation integer NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
CREATE TABLE app.notes (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    generation_id text NOT NULL,
    person_id text NOT NULL,
    text text NOT NULL,
    link text
);
ALTER TABLE app.notes ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME app.notes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE app.operation_items (
    operation_id text NOT NULL,
    "position" integer NOT NULL,
    subject_id text NOT NULL,
    expected jsonb NOT NULL,
    state character varying(32) NOT NULL,
    told text,
    CONSTRAINT ck_operation_items_itemstate CHECK (((state)::text = ANY ((ARRAY['pending'::character varying, 'done'::character varying, 'refused'::character varying, 'failed'::character varying])::text[])))
);
CREATE TABLE app.operations (
    id text NOT NULL,
    remedy text NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    state character varying(32) NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    beat_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT ck_operations_operationstate CHECK (((state)::text = ANY ((ARRAY['running'::character varying, 'done'::character varying, 'stopped'::character varying])::text[])))
);
CREATE TABLE app.people (
    id text NOT NULL,
    name text NOT NULL,
    email text,
    role character varying(32) NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    disabled_at timestamp with time zone,
    CONSTRAINT ck_people_role CHECK (((role)::text = ANY ((ARRAY['viewer'::character varying, 'operator'::character varying, 'admin'::character varying])::text[])))
);
CREATE TABLE app.poses (
    id text NOT NULL,
    name text NOT NULL,
    category text NOT NULL,
    prompt text NOT NULL,
    skeleton jsonb NOT NULL,
    "position" integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    archived_at timestamp with time zone
);
CREATE TABLE app.prices (
    item text NOT NULL,
    credits integer NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT ck_prices_credits_not_negative CHECK ((credits >= 0))
);
CREATE TABLE app.provider_prices (
    provider text NOT NULL,
    model text NOT NULL,
    unit character varying(32) NOT NULL,
    usd double precision NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT ck_provider_prices_priceunit CHECK (((unit)::text = ANY ((ARRAY['second'::character varying, 'picture'::character varying])::text[]))),
    CONSTRAINT ck_provider_prices_usd_not_negative CHECK ((usd >= (0)::double precision))
);
CREATE TABLE app.provider_states (
    provider text NOT NULL,
    paused_at timestamp with time zone,
    paused_reason text,
    token_fingerprint text,
    blocked_until timestamp with time zone,
    bucket_tokens double precision DEFAULT '0'::double precision NOT NULL,
    bucket_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    paused_failure text,
    create_rate double precision,
    rate_lowered_at timestamp with time zone,
    read_tokens double precision DEFAULT '0'::double precision NOT NULL,
    read_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
CREATE TABLE app.queue_states (
    queue character varying(32) NOT NULL,
    paused_at timestamp with time zone,
    paused_by text,
    CONSTRAINT ck_queue_states_queuename CHECK (((queue)::text = ANY ((ARRAY['high'::character varying, 'default'::character varying, 'low'::character varying])::text[])))
);
CREATE TABLE app.quota_days (
    account_id text NOT NULL,
    day date NOT NULL,
    used integer NOT NULL,
    CONSTRAINT ck_quota_days_used_not_negative CHECK ((used >= 0))
);
CREATE TABLE app.reference_tags (
    reference_id text NOT NULL,
    tag text NOT NULL,
    account_id text NOT NULL
);
CREATE TABLE app."references" (
    id text NOT NULL,
    account_id text NOT NULL,
    asset_id text NOT NULL,
    sha256 text NOT NULL,
    filename text NOT NULL,
    source_format text NOT NULL,
    source_bytes bigint NOT NULL,
    uploaded_by text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    sharpness double precision DEFAULT '-1'::double precision NOT NULL,
    pixel_count bigint NOT NULL,
    phash bigint,
    phash_mirrored bigint,
    erased_at timestamp with time zone,
    used_at timestamp with time zone
);
CREATE TABLE app.run_slots (
    run_id text NOT NULL,
    slot_id text NOT NULL,
    output_index integer NOT NULL
);
CREATE TABLE app.runs (
    id text NOT NULL,
    generation_id text NOT NULL,
    kind character varying(32) NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    priority integer NOT NULL,
    state character varying(32) NOT NULL,
    seq integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    rung_at timestamp with time zone,
    lease_until timestamp with time zone,
    worker text,
    attempt_count integer DEFAULT 0 NOT NULL,
    refused_count integer DEFAULT 0 NOT NULL,
    step_failures integer DEFAULT 0 NOT NULL,
    provider_status text,
    progress double precision,
    deadline_at timestamp with time zone,
    failure text,
    failure_detail text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_at timestamp with time zone,
    accepted_at timestamp with time zone,
    finished_at timestamp with time zone,
    stage text,
    CONSTRAINT ck_runs_kind CHECK (((kind)::text = ANY ((ARRAY['mascots'::character varying, 'poses'::character varying, 'simulations'::character varying, 'training'::character varying, 'studio'::character varying, 'edits'::character varying])::text[]))),
    CONSTRAINT ck_runs_runstate CHECK (((state)::text = ANY ((ARRAY['queued'::character varying, 'submitting'::character varying, 'waiting'::character varying, 'ingesting'::character varying, 'succeeded'::character varying, 'failed'::character varying, 'canceled'::character varying, 'needs_review'::character varying])::text[])))
);
CREATE TABLE app.scenarios (
    id text NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    strength double precision NOT NULL,
    "position" integer DEFAULT 0 NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    archived_at timestamp with time zone,
    CONSTRAINT ck_scenarios_strength_is_a_share CHECK (((strength > (0)::double precision) AND (strength <= (1)::double precision)))
);
CREATE TABLE app.schema_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE app.simulations (
    generation_id text NOT NULL,
    number integer NOT NULL,
    original_asset_id text NOT NULL,
    scenario_id text NOT NULL,
    scenario_version integer NOT NULL,
    strength double precision NOT NULL,
    steps integer NOT NULL,
    consent_id text NOT NULL
);
ALTER TABLE app.simulations ALTER COLUMN number ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME app.simulations_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE app.slots (
    id text NOT NULL,
    generation_id text NOT NULL,
    account_id text NOT NULL,
    kind character varying(32) NOT NULL,
    "position" integer NOT NULL,
    role character varying(32) NOT NULL,
    run_group integer NOT NULL,
    mascot_id text,
    parent_slot_id text,
    provider text NOT NULL,
    model text NOT NULL,
    prompt text NOT NULL,
    seed bigint NOT NULL,
    aspect_ratio text,
    input_asset_ids jsonb NOT NULL,
    price_credits integer NOT NULL,
    charge_id text NOT NULL,
    state character varying(32) NOT NULL,
    asset_id text,
    failure text,
    failure_detail text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    filled_at timestamp with time zone,
    pose_id text,
    control_skeleton jsonb,
    options jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT ck_slots_filled_has_asset CHECK (
CASE
    WHEN ((role)::text = 'version'::text) THEN (asset_id IS NULL)
    ELSE (((state)::text = 'filled'::text) = (asset_id IS NOT NULL))
END),
    CONSTRAINT ck_slots_kind CHECK (((kind)::text = ANY ((ARRAY['mascots'::character varying, 'poses'::character varying, 'simulations'::character varying, 'training'::character varying, 'studio'::character varying, 'edits'::character varying])::text[]))),
    CONSTRAINT ck_slots_slotrole CHECK (((role)::text = ANY ((ARRAY['full_body'::character varying, 'avatar'::character varying, 'square_icon'::character varying, 'pose'::character varying, 'rear_view'::character varying, 'side_view'::character varying, 'version'::character varying, 'weights'::character varying, 'studio'::character varying, 'background'::character varying, 'export'::character varying])::text[]))),
    CONSTRAINT ck_slots_slotstate CHECK (((state)::text = ANY ((ARRAY['blocked'::character varying, 'pending'::character varying, 'filled'::character varying, 'failed'::character varying, 'canceled'::character varying])::text[])))
);
CREATE TABLE app.storage_rounds (
    id text NOT NULL,
    scope character varying(32) NOT NULL,
    state character varying(32) NOT NULL,
    began_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    beat_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    after_key text DEFAULT ''::text NOT NULL,
    object_count bigint DEFAULT '0'::bigint NOT NULL,
    missing_count integer DEFAULT 0 NOT NULL,
    stray_count integer DEFAULT 0 NOT NULL,
    problem text,
    CONSTRAINT ck_storage_rounds_roundscope CHECK (((scope)::text = ANY ((ARRAY['full'::character varying, 'new'::character varying])::text[]))),
    CONSTRAINT ck_storage_rounds_roundstate CHECK (((state)::text = ANY ((ARRAY['running'::character varying, 'done'::character varying, 'failed'::character varying])::text[])))
);
CREATE TABLE app.stray_objects (
    storage_key text NOT NULL COLLATE pg_catalog."C",
    byte_count bigint NOT NULL,
    modified_at timestamp with time zone NOT NULL,
    found_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
CREATE TABLE app.trained_models (
    id text NOT NULL,
    account_id text NOT NULL,
    generation_id text NOT NULL,
    name text NOT NULL,
    subject_type text NOT NULL,
    gender text,
    trigger_word text NOT NULL,
    provider text NOT NULL,
    trainer text NOT NULL,
    destination_name text NOT NULL,
    parameters jsonb NOT NULL,
    version text,
    weights_asset_id text,
    losses jsonb DEFAULT '[]'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ready_at timestamp with time zone,
    archived_at timestamp with time zone
);
CREATE TABLE app.training_pictures (
    trained_model_id text NOT NULL,
    "position" integer NOT NULL,
    reference_id text NOT NULL,
    asset_id text NOT NULL,
    caption text DEFAULT ''::text NOT NULL
);
INSERT INTO app.accounts VALUES
	('acc_studio', 'Studio', 'pro', 'UTC', 8519, '2026-12-01 04:03:56.115985+00', 200);
INSERT INTO app.asset_parents VALUES
	('ast_01m8qwd0j6tkgjnhz7ff4mdag0', 'ast_01m8qwcq71224dce5ph24gpw53', 'made_from'),
	('ast_01m8qwd2ch90qhd0hcqjqc3dj8', 'ast_01m8qwcq71224dce5ph24gpw53', 'made_from'),
	('ast_01m8qwdtgbtfrgsxxcd4fyw8gp', 'ast_01m8qwcq71224dce5ph24gpw53', 'made_from'),
	('ast_01m8qwecefp16sz8w6j8q1brgh', 'ast_01m8qwdtgbtfrgsxxcd4fyw8gp', 'made_from'),
	('ast_01m8qwf4ka4s6h584a41v1ghpq', 'ast_01m8qwcq71224dce5ph24gpw53', 'made_from'),
	('ast_01m8qwf5mpmx68mqp3p4k5tx9a', 'ast_01m8qwcq71224dce5ph24gpw53', 'made_from'),
	('ast_01m8qwgk61yrg660h1wsfbrn3p', 'ast_01m8qwcq71224dce5ph24gpw53', 'made_from');
INSERT INTO app.assets VALUES
	('ast_01m8qwcq71224dce5ph24gpw53', 'acc_studio', 'db297ce9fedb3c9bda041cbd5e754885e39cb73d97024574acde392d8f6a5e9a', 'originals/db/29/db297ce9fedb3c9bda041cbd5e754885e39cb73d97024574acde392d8f6a5e9a.png', 'file:///srv/atelier/storage/originals/db/29/db297ce9fedb3c9bda041cbd5e754885e39cb73d97024574acde392d8f6a5e9a.png', 'thumbnails/db/29/db297ce9fedb3c9bda041cbd5e754885e39cb73d97024574acde392d8f6a5e9a.webp', 'image/png', 71978, 864, 1184, 'data:image/webp;base64,UklGRloAAABXRUJQVlA4IE4AAADwAQCdASoMABAAAsBMJQBOgCIj9s4hG4AA/vl0DBst7hPcNwW8ctO74zIX3Tve/PT2kdY7vPiNfekSXhl6Z8viIo159+GuC5EjD/8jAAA=', '2026-12-01 04:04:18.788202+00', '2026-12-01 04:04:18.788203+00', NULL, NULL, NULL),
	('ast_01m8qwd0j6tkgjnhz7ff4mdag0', 'acc_studio', '555d6fb91c2af3d333cabd1377e6d3e349169e8944441b585233d6d295c40a76', 'originals/55/5d/555d6fb91c2af3d333cabd1377e6d3e349169e8944441b585233d6d295c40a76.png', 'file:///srv/atelier/storage/originals/55/5d/555d6fb91c2af3d333cabd1377e6d3e349169e8944441b585233d6d295c40a76.png', 'thumbnails/55/5d/555d6fb91c2af3d333cabd1377e6d3e349169e8944441b585233d6d295c40a76.webp', 'image/png', 68773, 1024, 1024, 'data:image/webp;base64,UklGRooAAABXRUJQVlA4IH4AAACQAgCdASoQABAAAsBMJbACdEf/i1jN5Vav1bL3/AD+9nvFyowNc8J+7KQwKVqd7ECrRJ4FkMCOSTYBBfjmreoRnksXpzHERyJ6YIT7F6uufGaeD/rTagl/kqZrJIZ3BxhlhY//gqt12qVV1EwT+8gDmcNSzdMm5HArsdMQAAA=', '2026-12-01 04:04:28.35999+00', '2026-12-01 04:04:28.35999+00', NULL, NULL, NULL),
	('ast_01m8qwd2ch90qhd0hcqjqc3dj8', 'acc_studio', '9104fcbb5607abb7acd1e11d2824b740a1d3953dcb3defd33496acad33c4452d', 'originals/91/04/9104fcbb5607abb7acd1e11d2824b740a1d3953dcb3defd33496acad33c4452d.png', 'file:///srv/atelier/storage/originals/91/04/9104fcbb5607abb7acd1e11d2824b740a1d3953dcb3defd33496acad33c4452d.png', 'thumbnails/91/04/9104fcbb5607abb7acd1e11d2824b740a1d3953dcb3defd33496acad33c4452d.webp', 'image/png', 69425, 1024, 1024, 'data:image/webp;base64,UklGRpYAAABXRUJQVlA4IIoAAADQAgCdASoQABAAAsBMJbACdDsACDA1es2T1KrGo6GAAP73Xdg+rSLvDc9pzSN/Phq5FGZ2rDR/i2ggL4v/I/dvqC5wvN214pQeNjupd6mmqOEYOlh694J8rUkqc4qaRKeNvAfcxw0WsFEcKTH6+LiSrtRtEt5W42/ddkq7p+0oa5cRuRmbX6RAIAA=', '2026-12-01 04:04:30.226161+00', '2026-12-01 04:04:30.226161+00', NULL, NULL, NULL),
	('ast_01m8qwdtgbtfrgsxxcd4fyw8gp', 'acc_studio', 'f9f483f3c6d682436523b34abcb299606aa2e81d549f632ad8c4a88b3497e711', 'originals/f9/f4/f9f483f3c6d682436523b34abcb299606aa2e81d549f632ad8c4a88b3497e711.webp', 'file:///srv/atelier/storage/originals/f9/f4/f9f483f3c6d682436523b34abcb299606aa2e81d549f632ad8c4a88b3497e711.webp', 'thumbnails/f9/f4/f9f483f3c6d682436523b34abcb299606aa2e81d549f632ad8c4a88b3497e711.webp', 'image/webp', 51514, 1024, 1024, 'data:image/webp;base64,UklGRnYAAABXRUJQVlA4IGoAAABQAgCdASoQABAAAsBMJagCdAYsjjLGYQLrBQAA/vobEbe6xiwx/mPyJ3/74LMIMPAmaqTmnaYaZuGDFxLEpKDdFgvo+j2YszhyFI4/OO0DOIL0F4bIsRP3ZCgTRI8NVKAUewmhost-1EO2DpgA', '2026-12-01 04:04:54.924543+00', '2026-12-01 04:04:54.924543+00', NULL, NULL, NULL),
	('ast_01m8qwecefp16sz8w6j8q1brgh', 'acc_studio', 'a90a2e3b581641b9cfbe8f2775871c3504abf24d25d908ec2d6171a6abb446a7', 'originals/a9/0a/a90a2e3b581641b9cfbe8f2775871c3504abf24d25d908ec2d6171a6abb446a7.jpg', 'file:///srv/atelier/storage/originals/a9/0a/a90a2e3b581641b9cfbe8f2775871c3504abf24d25d908ec2d6171a6abb446a7.jpg', 'thumbnails/a9/0a/a90a2e3b581641b9cfbe8f2775871c3504abf24d25d908ec2d6171a6abb446a7.webp', 'image/jpeg', 170623, 1080, 1350, 'data:image/webp;base64,UklGRnIAAABXRUJQVlA4IGYAAABQAgCdASoNABAAAsBMJbACdAYstlbsIymSCEAA/host-1WGYP6Zx8fVDHj2yCNZdYpPM92zqD8afldzK0B2Jvx/i4XEIz8/3+bwirAWylo4p6suDPxqQq01JeU+7+v236Xae1aEr2dYAA=', '2026-12-01 04:05:13.295865+00', '2026-12-01 04:05:13.295865+00', NULL, NULL, NULL),
	('ast_01m8qwf4ka4s6h584a41v1ghpq', 'acc_studio', '10cf7645b3ab9bba2d3372e789b06ef858c8782acf2be80123a4414cf22357c2', 'originals/10/cf/10cf7645b3ab9bba2d3372e789b06ef858c8782acf2be80123a4414cf22357c2.webp', 'file:///srv/atelier/storage/originals/10/cf/10cf7645b3ab9bba2d3372e789b06ef858c8782acf2be80123a4414cf22357c2.webp', 'thumbnails/10/cf/10cf7645b3ab9bba2d3372e789b06ef858c8782acf2be80123a4414cf22357c2.webp', 'image/webp', 52284, 1024, 1024, 'data:image/webp;base64,UklGRoIAAABXRUJQVlA4IHYAAADwAQCdASoQABAAAsBMJaACdAYvrhM1sxgA/voaDsTYTwKJwXGLoTkVJPuR9/R1T056m5FjZguG5I+bXHfV83fkca/3Ic46Z0MCGHdHP6SGuR0vp+MxkqfPKckFJ52mYk5cIjCaScgBofQjCtlMkw02yeNBgAAA', '2026-12-01 04:05:38.027193+00', '2026-12-01 04:05:38.027194+00', NULL, NULL, NULL),
	('ast_01m8qwf5mpmx68mqp3p4k5tx9a', 'acc_studio', '659aa6daf84444eb5ac5740950572ae3e797d28eaa4af84327a1b7618d31ea39', 'originals/65/9a/659aa6daf84444eb5ac5740950572ae3e797d28eaa4af84327a1b7618d31ea39.webp', 'file:///srv/atelier/storage/originals/65/9a/659aa6daf84444eb5ac5740950572ae3e797d28eaa4af84327a1b7618d31ea39.webp', 'thumbnails/65/9a/659aa6daf84444eb5ac5740950572ae3e797d28eaa4af84327a1b7618d31ea39.webp', 'image/webp', 51050, 1024, 1024, 'data:image/webp;base64,UklGRn4AAABXRUJQVlA4IHIAAAAwAgCdASoQABAAAsBMJagCdH8AgpSqmwpIsAD++haN4Smkr2AGQHfwaPa+/ejiELYbmOQM0afmcmOOaS+JdyP+g3JOLxeF4PxXJfhAq5QQNX7xYdogY2zhLhost-1gN4x7YzxhNJNBCa9GrAQ1yiI+kze0AAA=', '2026-12-01 04:05:39.095252+00', '2026-12-01 04:05:39.095252+00', NULL, NULL, NULL),
	('ast_01m8qwgjfkyakbmme6ta18k0at', 'acc_studio', '66af3a8a76bd2cac20ef746802e7ef8e6541a8e910d76b0a107dbee58b3cc123', 'originals/66/af/66af3a8a76bd2cac20ef746802e7ef8e6541a8e910d76b0a107dbee58b3cc123.jpg', 'file:///srv/atelier/storage/originals/66/af/66af3a8a76bd2cac20ef746802e7ef8e6541a8e910d76b0a107dbee58b3cc123.jpg', 'thumbnails/66/af/66af3a8a76bd2cac20ef746802e7ef8e6541a8e910d76b0a107dbee58b3cc123.webp', 'image/jpeg', 58216, 1100, 1100, 'data:image/webp;base64,UklGRnwAAABXRUJQVlA4IHAAAAAwAgCdASoQABAAAsBMJbACdAECm5YUDX3YAAD++q0dFqia97ktuO8F7aVnX89FdmsbLw/B5YD0FVgd4gfLGWLQcebojK3g93HzlWfOw+El2kz9CImTThSs5e/N7qbaow2ywgaRzqgXu6g1yHxcAAAA', '2026-12-01 04:06:25.014844+00', NULL, NULL, NULL, NULL),
	('ast_01m8qwgjtxkdt1fbzhkc149czc', 'acc_studio', 'c1550e4e08f4df47348f7baad53ce388802b8750ed191369b7c5ba4d00492df3', 'originals/c1/55/c1550e4e08f4df47348f7baad53ce388802b8750ed191369b7c5ba4d00492df3.jpg', 'file:///srv/atelier/storage/originals/c1/55/c1550e4e08f4df47348f7baad53ce388802b8750ed191369b7c5ba4d00492df3.jpg', 'thumbnails/c1/55/c1550e4e08f4df47348f7baad53ce388802b8750ed191369b7c5ba4d00492df3.webp', 'image/jpeg', 57180, 1100, 1100, 'data:image/webp;base64,UklGRnYAAABXRUJQVlA4IGoAAADQAgCdASoQABAAAsBMJbACdHMA0f/JAP2ABl7uU05mAP76rbg6wfGxE6/3G+TNNYEjmM/CTQ3UDJKZbodDpvDJ/xkgrxP4Q8n8ttTbkrzmZferIdCwvXb9Y2q3R5XtoW5w4/OAWipfLgAA', '2026-12-01 04:06:25.375034+00', NULL, NULL, NULL, NULL),
	('ast_01m8qwgk61yrg660h1wsfbrn3p', 'acc_studio', 'e3473047cda782fbf9f646e13827bb9c50acd8dc3ca12fb5c2920ed24bb36933', 'originals/e3/47/e3473047cda782fbf9f646e13827bb9c50acd8dc3ca12fb5c2920ed24bb36933.webp', 'file:///srv/atelier/storage/originals/e3/47/e3473047cda782fbf9f646e13827bb9c50acd8dc3ca12fb5c2920ed24bb36933.webp', 'thumbnails/e3/47/e3473047cda782fbf9f646e13827bb9c50acd8dc3ca12fb5c2920ed24bb36933.webp', 'image/webp', 50724, 1024, 1024, 'data:image/webp;base64,UklGRm4AAABXRUJQVlA4IGIAAAAQAgCdASoQABAAAsBMJaACdAYstjK5K8CAAP74uSTl4IEOC/r6Cfs9/acIXDhXqn5ukSIKERUd0l8h7yM2VGqgXuY1OkMmgBmuqnu2bQkTOqBtRHuU/QoJJiSmUB+BHPAAAA==', '2026-12-01 04:06:25.73581+00', '2026-12-01 04:06:25.73581+00', NULL, NULL, NULL),
	('ast_01m8qwgka301e5wd5x103tkxz9', 'acc_studio', '336f9e232869c2069463a20f96d62b3d238daafeec82deb97fdabdd22322cfeb', 'originals/33/6f/336f9e232869c2069463a20f96d62b3d238daafeec82deb97fdabdd22322cfeb.jpg', 'file:///srv/atelier/storage/originals/33/6f/336f9e232869c2069463a20f96d62b3d238daafeec82deb97fdabdd22322cfeb.jpg', 'thumbnails/33/6f/336f9e232869c2069463a20f96d62b3d238daafeec82deb97fdabdd22322cfeb.webp', 'image/jpeg', 58949, 1100, 1100, 'data:image/webp;base64,UklGRoAAAABXRUJQVlA4IHQAAADwAgCdASoQABAAAsBMJbACdHMA0f/JRgX33WMl9yFJAAD++q3weJCzFrkP2+R8XC411zxG1zBekSmZQUvRimQqRsqgL4VxQGdbIEGCDJvUwJJXbH0VJHz8wJ9/x0c22RPjkSlfdgo90qgXyZiFFLpT9B/gAA==', '2026-12-01 04:06:25.860774+00', NULL, NULL, NULL, NULL),
	('ast_01m8qwgkm8xzjsm7wzvc85xqe4', 'acc_studio', '31fd736ca1369511049048d64a03d29937b229774645c61304e4b3081b55edb7', 'originals/31/fd/31fd736ca1369511049048d64a03d29937b229774645c61304e4b3081b55edb7.jpg', 'file:///srv/atelier/storage/originals/31/fd/31fd736ca1369511049048d64a03d29937b229774645c61304e4b3081b55edb7.jpg', 'thumbnails/31/fd/31fd736ca1369511049048d64a03d29937b229774645c61304e4b3081b55edb7.webp', 'image/jpeg', 55370, 1100, 1100, 'data:image/webp;base64,UklGRmwAAABXRUJQVlA4IGAAAACQAgCdASoQABAAAsBMJbACdFQAA6xPiQvoT/HCAAD++q3hItr6d+zltLqU0cMl2ZJ1F32V4sxJbhHHKJN8rtyhz6Gd1aSuci8Gk7/9udqf4YzH/Kbh4mQ6nMMxH9QgAAA=', '2026-12-01 04:06:26.185819+00', NULL, NULL, NULL, NULL),
	('ast_01m8qwgkyfwyjcf89wac43ww5e', 'acc_studio', '24ddc43a287645bc061aced697ab39f3854ecf362964a71046ad7b3df16722b8', 'originals/24/dd/24ddc43a287645bc061aced697ab39f3854ecf362964a71046ad7b3df16722b8.jpg', 'file:///srv/atelier/storage/originals/24/dd/24ddc43a287645bc061aced697ab39f3854ecf362964a71046ad7b3df16722b8.jpg', 'thumbnails/24/dd/24ddc43a287645bc061aced697ab39f3854ecf362964a71046ad7b3df16722b8.webp', 'image/jpeg', 58357, 1100, 1100, 'data:image/webp;base64,UklGRogAAABXRUJQVlA4IHwAAACQAgCdASoQABAAAsBMJbACdAYq/zC+buCgEZyAAAD++ql0f+//sJOV3e4Xf2jNyxRLuojF7Nrr0Q3FuHGTZguixhN0zT7jrWwEO2TTQ+s/nW/iOf4CWT37xnbn5Hl3TWyVsIxZMX+dTvOXRkQ2YT5YU+xyOVpJjDm40AAA', '2026-12-01 04:06:26.512214+00', NULL, NULL, NULL, NULL),
	('ast_01m8qwgm83snvxkqa957hrd93c', 'acc_studio', '08474ee81dca6dbea30dba5bbab7af714c52054c4fe3e314fe721f1457b61145', 'originals/08/47/08474ee81dca6dbea30dba5bbab7af714c52054c4fe3e314fe721f1457b61145.jpg', 'file:///srv/atelier/storage/originals/08/47/08474ee81dca6dbea30dba5bbab7af714c52054c4fe3e314fe721f1457b61145.jpg', 'thumbnails/08/47/08474ee81dca6dbea30dba5bbab7af714c52054c4fe3e314fe721f1457b61145.webp', 'image/jpeg', 55773, 1100, 1100, 'data:image/webp;base64,UklGRnQAAABXRUJQVlA4IGgAAAAwAgCdASoQABAAAsBMJbACdAECm4x6B0RugAD++q3T1YuF1NO7jPcZ+8Dp6xSZ2axsvD8HlgIRjV0gyhfiAUDYN/dB5peeJqNJi912z7MA+O0vn7qbaow2ywgaRzqgXu6g1yHxduQAAA==', '2026-12-01 04:06:26.820564+00', NULL, NULL, NULL, NULL),
	('ast_01m8qwhy2evywyvdr0bwb86xx5', 'acc_studio', '51feca716dfadffd7cab1a151fb9638db29977c643b0b71841ff048744672da9', 'originals/51/fe/51feca716dfadffd7cab1a151fb9638db29977c643b0b71841ff048744672da9.jpg', 'file:///srv/atelier/storage/originals/51/fe/51feca716dfadffd7cab1a151fb9638db29977c643b0b71841ff048744672da9.jpg', 'thumbnails/51/fe/51feca716dfadffd7cab1a151fb9638db29977c643b0b71841ff048744672da9.webp', 'image/jpeg', 58214, 1100, 1100, 'data:image/webp;base64,UklGRnwAAABXRUJQVlA4IHAAAAAwAgCdASoQABAAAsBMJbACdAECm5YUDX3YAAD++q0dFqia97ktuO8F7aVnX89FdmsbLw/B5YD0FVgd4gfLGWLQcebojK3g93HzlWfOw+El2kz9CImTThSs5e/N7qbaow2ywgaRzqgXu6g1yHxcAAAA', '2026-12-01 04:07:09.652528+00', NULL, NULL, NULL, NULL),
	('ast_01m8qwhyffhgqxwx8pyhzb0pyx', 'acc_studio', '209a736df2d224ff67d0308b4d222ad00bc8a2f9c953f4ffd1fc1c3ea3e5c3be', 'originals/20/9a/209a736df2d224ff67d0308b4d222ad00bc8a2f9c953f4ffd1fc1c3ea3e5c3be.jpg', 'file:///srv/atelier/storage/originals/20/9a/209a736df2d224ff67d0308b4d222ad00bc8a2f9c953f4ffd1fc1c3ea3e5c3be.jpg', 'thumbnails/20/9a/209a736df2d224ff67d0308b4d222ad00bc8a2f9c953f4ffd1fc1c3ea3e5c3be.webp', 'image/jpeg', 57179, 1100, 1100, 'data:image/webp;base64,UklGRnYAAABXRUJQVlA4IGoAAADQAgCdASoQABAAAsBMJbACdHMA0f/JAP2ABl7uU05mAP76rbg6wfGxE6/3G+TNNYEjmM/CTQ3UDJKZbodDpvDJ/xkgrxP4Q8n8ttTbkrzmZferIdCwvXb9Y2q3R5XtoW5w4/OAWipfLgAA', '2026-12-01 04:07:10.064495+00', NULL, NULL, NULL, NULL),
	('ast_01m8qwhysqfcswven182921hgz', 'acc_studio', '30b571805ea37bba5c2993cf8fa4ffc81ea7a021a4d5167da6b91b67df7fd495', 'originals/30/b5/30b571805ea37bba5c2993cf8fa4ffc81ea7a021a4d5167da6b91b67df7fd495.jpg', 'file:///srv/atelier/storage/originals/30/b5/30b571805ea37bba5c2993cf8fa4ffc81ea7a021a4d5167da6b91b67df7fd495.jpg', 'thumbnails/30/b5/30b571805ea37bba5c2993cf8fa4ffc81ea7a021a4d5167da6b91b67df7fd495.webp', 'image/jpeg', 58976, 1100, 1100, 'data:image/webp;base64,UklGRoAAAABXRUJQVlA4IHQAAADwAgCdASoQABAAAsBMJbACdHMA0f/JRgX33WMl9yFJAAD++q3weJCzFrkP2+R8XC411zxG1zBekSmZQUvRimQqRsqgL4VxQGdbIEGCDJvUwJJXbH0VJHz8wJ9/x0c22RPjkSlfdgo90qgXyZiFFLpT9B/gAA==', '2026-12-01 04:07:10.392526+00', NULL, NULL, NULL, NULL),
	('ast_01m8qwhz1qebeg77661w8ccvss', 'acc_studio', 'ba471b8606f145e7e9e76a85370b89184433f01ee40b4dcc2d78ac35e7df7775', 'originals/ba/47/ba471b8606f145e7e9e76a85370b89184433f01ee40b4dcc2d78ac35e7df7775.jpg', 'file:///srv/atelier/storage/originals/ba/47/ba471b8606f145e7e9e76a85370b89184433f01ee40b4dcc2d78ac35e7df7775.jpg', 'thumbnails/ba/47/ba471b8606f145e7e9e76a85370b89184433f01ee40b4dcc2d78ac35e7df7775.webp', 'image/jpeg', 55325, 1100, 1100, 'data:image/webp;base64,UklGRmwAAABXRUJQVlA4IGAAAACQAgCdASoQABAAAsBMJbACdFQAA6xPiQvoT/HCAAD++q3hItr6d+zltLqU0cMl2ZJ1F32V4sxJbhHHKJN8rtyhz6Gd1aSuci8Gk7/9udqf4YzH/Kbh4mQ6nMMxH9QgAAA=', '2026-12-01 04:07:10.648086+00', NULL, NULL, NULL, NULL),
	('ast_01m8qwhzakwsvrhwcjw0n0x8kw', 'acc_studio', 'efb29725c598269b424d5b82912ed1ef80989506575b131b8562d06577138535', 'originals/ef/b2/efb29725c598269b424d5b82912ed1ef80989506575b131b8562d06577138535.jpg', 'file:///srv/atelier/storage/originals/ef/b2/efb29725c598269b424d5b82912ed1ef80989506575b131b8562d06577138535.jpg', 'thumbnails/ef/b2/efb29725c598269b424d5b82912ed1ef80989506575b131b8562d06577138535.webp', 'image/jpeg', 58402, 1100, 1100, 'data:image/webp;base64,UklGRogAAABXRUJQVlA4IHwAAACQAgCdASoQABAAAsBMJbACdAYq/zC+buCgEZyAAAD++ql0f+//sJOV3e4Xf2jNyxRLuojF7Nrr0Q3FuHGTZguixhN0zT7jrWwEO2TTQ+s/nW/iOf4CWT37xnbn5Hl3TWyVsIxZMX+dTvOXRkQ2YT5YU+xyOVpJjDm40AAA', '2026-12-01 04:07:10.931836+00', NULL, NULL, NULL, NULL),
	('ast_01m8qwhzmbrzma4ayvrvbmxh8b', 'acc_studio', '76deb2bf9fd22fb80d66c3a595e33f3f1612fa95158707c50f698a7159e19e81', 'originals/76/de/76deb2bf9fd22fb80d66c3a595e33f3f1612fa95158707c50f698a7159e19e81.jpg', 'file:///srv/atelier/storage/originals/76/de/76deb2bf9fd22fb80d66c3a595e33f3f1612fa95158707c50f698a7159e19e81.jpg', 'thumbnails/76/de/76deb2bf9fd22fb80d66c3a595e33f3f1612fa95158707c50f698a7159e19e81.webp', 'image/jpeg', 55774, 1100, 1100, 'data:image/webp;base64,UklGRnQAAABXRUJQVlA4IGgAAAAwAgCdASoQABAAAsBMJbACdAECm4x6B0RugAD++q3T1YuF1NO7jPcZ+8Dp6xSZ2axsvD8HlgIRjV0gyhfiAUDYN/dB5peeJqNJi912z7MA+O0vn7qbaow2ywgaRzqgXu6g1yHxduQAAA==', '2026-12-01 04:07:11.243991+00', NULL, NULL, NULL, NULL);
INSERT INTO app.attempts VALUES
	('att_01m8qwcdhhr8m85yppzw55rba3', 'run_01m8qwcdd3qxtjhpsk3hynqsfw', 1, 'gemini', 'gemini-2.5-flash-image', 'gemini-2.5-flash-image', '{"seed": 744853815, "model": "gemini-2.5-flash-image", "prompt": "Full body mascot of Fennel, Fennel, a fox, Flat vector style, standing, facing the viewer, centered on a plain light background, consistent character design, clean edges, balanced light, high detail", "aspect_ratio": "3:4", "image_sha256": []}', '6dabcdac7eb3c0efd58b72bfa8c5c111b4a1937c114a7dbeb3d90c24caebea6c', 744853815, 'succeeded', NULL, NULL, '[{"width": 864, "height": 1184, "sha256": "db297ce9fedb3c9bda041cbd5e754885e39cb73d97024574acde392d8f6a5e9a", "byte_count": 71978, "placeholder": "data:image/webp;base64,UklGRloAAABXRUJQVlA4IE4AAADwAQCdASoMABAAAsBMJQBOgCIj9s4hG4AA/vl0DBst7hPcNwW8ctO74zIX3Tve/PT2kdY7vPiNfekSXhl6Z8viIo159+GuC5EjD/8jAAA=", "storage_key": "originals/db/29/db297ce9fedb3c9bda041cbd5e754885e39cb73d97024574acde392d8f6a5e9a.png", "storage_uri": "file:///srv/atelier/storage/originals/db/29/db297ce9fedb3c9bda041cbd5e754885e39cb73d97024574acde392d8f6a5e9a.png", "content_type": "image/png", "thumbnail_key": "thumbnails/db/29/db297ce9fedb3c9bda041cbd5e754885e39cb73d97024574acde392d8f6a5e9a.webp"}]', '', 9.608552, 0.039, NULL, NULL, '2026-12-01 04:04:08.903417+00', '2026-12-01 04:04:08.903417+00', NULL, '2026-12-01 04:04:18.511977+00', 0.039, '5f8b6a4b9468'),
	('att_01m8qwcqfzg242a7f2p53wnn54', 'run_01m8qwcq7dkf1h2jvvn9g57j65', 1, 'gemini', 'gemini-2.5-flash-image', 'gemini-2.5-flash-image', '{"seed": 1535368897, "model": "gemini-2.5-flash-image", "prompt": "Avatar of the same character as in the picture: head and shoulders portrait of Fennel, Fennel, a fox, Flat vector style, plain light background, consistent character design, clean edges, balanced light, high detail", "aspect_ratio": "1:1", "image_sha256": ["db297ce9fedb3c9bda041cbd5e754885e39cb73d97024574acde392d8f6a5e9a"]}', '1879a0e7b658a674232d8643e86d10b7602cf5ca11c7473058c3a6f41cc424d6', 1535368897, 'succeeded', NULL, NULL, '[{"width": 1024, "height": 1024, "sha256": "555d6fb91c2af3d333cabd1377e6d3e349169e8944441b585233d6d295c40a76", "byte_count": 68773, "placeholder": "data:image/webp;base64,UklGRooAAABXRUJQVlA4IH4AAACQAgCdASoQABAAAsBMJbACdEf/i1jN5Vav1bL3/AD+9nvFyowNc8J+7KQwKVqd7ECrRJ4FkMCOSTYBBfjmreoRnksXpzHERyJ6YIT7F6uufGaeD/rTagl/kqZrJIZ3BxhlhY//gqt12qVV1EwT+8gDmcNSzdMm5HArsdMQAAA=", "storage_key": "originals/55/5d/555d6fb91c2af3d333cabd1377e6d3e349169e8944441b585233d6d295c40a76.png", "storage_uri": "file:///srv/atelier/storage/originals/55/5d/555d6fb91c2af3d333cabd1377e6d3e349169e8944441b585233d6d295c40a76.png", "content_type": "image/png", "thumbnail_key": "thumbnails/55/5d/555d6fb91c2af3d333cabd1377e6d3e349169e8944441b585233d6d295c40a76.webp"}]', '', 9.122834, 0.039, NULL, NULL, '2026-12-01 04:04:19.084062+00', '2026-12-01 04:04:19.084062+00', NULL, '2026-12-01 04:04:28.206904+00', 0.039, '5f8b6a4b9468'),
	('att_01m8qwcqfp3t8a839tqz0v7dkh', 'run_01m8qwcq7dkf1h2jvvn9g57j66', 1, 'gemini', 'gemini-2.5-flash-image', 'gemini-2.5-flash-image', '{"seed": 1084206254, "model": "gemini-2.5-flash-image", "prompt": "Square icon of the same character as in the picture: the face of Fennel, Fennel, a fox, Flat vector style, simple and bold, readable at 32 pixels, consistent character design, clean edges, balanced light, high detail", "aspect_ratio": "1:1", "image_sha256": ["db297ce9fedb3c9bda041cbd5e754885e39cb73d97024574acde392d8f6a5e9a"]}', '0cb33f71a9468f2152b3f3ef6c2640cf5d0c238d6b9eefbfd45a99f5a416a49e', 1084206254, 'succeeded', NULL, NULL, '[{"width": 1024, "height": 1024, "sha256": "9104fcbb5607abb7acd1e11d2824b740a1d3953dcb3defd33496acad33c4452d", "byte_count": 69425, "placeholder": "data:image/webp;base64,UklGRpYAAABXRUJQVlA4IIoAAADQAgCdASoQABAAAsBMJbACdDsACDA1es2T1KrGo6GAAP73Xdg+rSLvDc9pzSN/Phq5FGZ2rDR/i2ggL4v/I/dvqC5wvN214pQeNjupd6mmqOEYOlh694J8rUkqc4qaRKeNvAfcxw0WsFEcKTH6+LiSrtRtEt5W42/ddkq7p+0oa5cRuRmbX6RAIAA=", "storage_key": "originals/91/04/9104fcbb5607abb7acd1e11d2824b740a1d3953dcb3defd33496acad33c4452d.png", "storage_uri": "file:///srv/atelier/storage/originals/91/04/9104fcbb5607abb7acd1e11d2824b740a1d3953dcb3defd33496acad33c4452d.png", "content_type": "image/png", "thumbnail_key": "thumbnails/91/04/9104fcbb5607abb7acd1e11d2824b740a1d3953dcb3defd33496acad33c4452d.webp"}]', '', 10.883332, 0.039, NULL, NULL, '2026-12-01 04:04:19.072662+00', '2026-12-01 04:04:19.072662+00', NULL, '2026-12-01 04:04:29.956012+00', 0.039, '5f8b6a4b9468'),
	('att_01m8qwd2xy88kb1thcx5qkrgcs', 'run_01m8qwd2vbx8fa7s8y07yyfvgv', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 1674280508, "prompt": "waving. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/1vIl1ofWzOB9Jdv7fr4gCZfSSehQZilRLlpxEMkEY8bYb0bY", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', '6cc27c14e6d443559c41115b87ab0aac5d91a271550114f3dbd9ac26f33e5606', 1674280508, 'succeeded', 'g49y590287vz6moxik8158pf6z', 'https://replicate.com/p/g49y590287vz6moxik8158pf6z', '[{"url": "http://127.0.0.1:44925/delivery/g49y590287vz6moxik8158pf6z/0/out-0.webp"}]', 'Using seed: 1674280508
Running workflow
[ComfyUI] got prompt
Saved ComfyUI_00001_.png
', 20.333777, 0.039, NULL, NULL, '2026-12-01 04:04:30.790478+00', '2026-12-01 04:04:30.810802+00', '2026-12-01 04:04:33.341+00', '2026-12-01 04:04:53.687802+00', 0.019825432575, 'e75e895e40e7'),
	('att_01m8qwec67yfg4fa5kq82zfdgy', 'run_01m8qwebxmh8eq15ng580t4xqz', 1, 'desk', 'desk/export', NULL, '{"focus": [0.5, 0.35], "model": "desk/export", "preset": "instagram_post", "image_sha256": ["f9f483f3c6d682436523b34abcb299606aa2e81d549f632ad8c4a88b3497e711"]}', '9fbe5d6f5b9063761634a11dd8695ec45da7362eb3b47388b0295ec3b521c1ba', 1627774144, 'succeeded', NULL, NULL, '[{"width": 1080, "height": 1350, "sha256": "a90a2e3b581641b9cfbe8f2775871c3504abf24d25d908ec2d6171a6abb446a7", "byte_count": 170623, "placeholder": "data:image/webp;base64,UklGRnIAAABXRUJQVlA4IGYAAABQAgCdASoNABAAAsBMJbACdAYstlbsIymSCEAA/host-1WGYP6Zx8fVDHj2yCNZdYpPM92zqD8afldzK0B2Jvx/i4XEIz8/3+bwirAWylo4p6suDPxqQq01JeU+7+v236Xae1aEr2dYAA=", "storage_key": "originals/a9/0a/a90a2e3b581641b9cfbe8f2775871c3504abf24d25d908ec2d6171a6abb446a7.jpg", "storage_uri": "file:///srv/atelier/storage/originals/a9/0a/a90a2e3b581641b9cfbe8f2775871c3504abf24d25d908ec2d6171a6abb446a7.jpg", "content_type": "image/jpeg", "thumbnail_key": "thumbnails/a9/0a/a90a2e3b581641b9cfbe8f2775871c3504abf24d25d908ec2d6171a6abb446a7.webp"}]', '', 0.107873, 0, NULL, NULL, '2026-12-01 04:05:13.03846+00', '2026-12-01 04:05:13.03846+00', NULL, '2026-12-01 04:05:13.146341+00', 0, '49be417ad740'),
	('att_01m8qwed024h5b4y4s4v2trxzj', 'run_01m8qwect10vqnpyvrbnfyp2tm', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 1431783599, "prompt": "jumping. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/9boKH87J1AsGXJrEgtDo5mDI7oFxLImy8RGHdiQyfiG9qLUV", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', '45123b8532ecd086b6cc1582719018909c0ac5a5a63faaab0921a8320f3555e7', 1431783599, 'succeeded', '2x31dl0rhzo96a30te8nuj657b', 'https://replicate.com/p/2x31dl0rhzo96a30te8nuj657b', '[{"url": "http://127.0.0.1:44925/delivery/2x31dl0rhzo96a30te8nuj657b/0/out-0.webp"}]', 'Using seed: 1431783599
Running workflow
[ComfyUI] got prompt
Saved ComfyUI_00001_.png
', 21.449255, 0.039, NULL, NULL, '2026-12-01 04:05:13.869965+00', '2026-12-01 04:05:13.896639+00', '2026-12-01 04:05:15.956+00', '2026-12-01 04:05:37.419639+00', 0.020913023625, 'e75e895e40e7'),
	('att_01m8qwgmqkfzspha1kdxwrqd22', 'run_01m8qwgmbmkg6npzf33dzd9p7q', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 1422422414, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/posGld8mFGtYUwPvS2Zy7JpmvldmbpeyA2rTJqVModoS0x10", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', 'ba3eefbc9f169623c6e56a9947af9afe6e3428037ff5b74652106438464fec0a', 1422422414, 'lost', 'j3ok9tbslgyn53lsh3auxh4knr', 'https://replicate.com/p/j3ok9tbslgyn53lsh3auxh4knr', '[]', '', NULL, 0.022934925, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:27.327346+00', '2026-12-01 04:06:27.351023+00', NULL, '2026-12-01 04:07:06.302715+00', NULL, 'e75e895e40e7'),
	('att_01m8qwed03x0fg71jx3a25wwnd', 'run_01m8qwecsgb5m65gdrfxh7e39g', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 742988573, "prompt": "jumping. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/4jWxxHM0mdwCDQpiwQrW1gxp2C4G1iWLmUbrEdIu16lp0g1i", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', 'accc520ec2bc63daf419c64b05fa01b95a0a77a8d89e9f7028eeee19ff902373', 742988573, 'succeeded', 'h897lf1g2uag2edgatvs7n63tq', 'https://replicate.com/p/h897lf1g2uag2edgatvs7n63tq', '[{"url": "http://127.0.0.1:44925/delivery/h897lf1g2uag2edgatvs7n63tq/0/out-0.webp"}]', 'Using seed: 742988573
Running workflow
[ComfyUI] got prompt
Saved ComfyUI_00001_.png
', 20.425859, 0.039, NULL, NULL, '2026-12-01 04:05:13.868715+00', '2026-12-01 04:05:13.890358+00', '2026-12-01 04:05:17.352+00', '2026-12-01 04:05:37.788358+00', 0.019915212525, 'e75e895e40e7'),
	('att_01m8qwfmhw6ftefegy64p3q5hj', 'run_01m8qwfmbqw6s48spcg8j85srr', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 694747340, "prompt": "reading. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/sH0ERkM5dA0I5aXW3yf7XDwqkS8ySTHrFG9Qd2GeMlZ7wrh0", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', '5fc42ab9100aec0048bc099cc47715f83b8f4366a58bea8f714bddacebd62c75', 694747340, 'succeeded', 'k8eyc7425xnktnn6094wwfg6wp', 'https://replicate.com/p/k8eyc7425xnktnn6094wwfg6wp', '[{"url": "http://127.0.0.1:44925/delivery/k8eyc7425xnktnn6094wwfg6wp/0/out-0.webp"}]', 'Using seed: 694747340
Running workflow
[ComfyUI] got prompt
Saved ComfyUI_00001_.png
', 18.829835, 0.022934925, NULL, NULL, '2026-12-01 04:05:54.376802+00', '2026-12-01 04:06:24.594258+00', '2026-12-01 04:05:57.562+00', '2026-12-01 04:06:25.080304+00', 0.018359089125, 'e75e895e40e7'),
	('att_01m8qwgn8p745xj7exzk5j0peh', 'run_01m8qwgmdy0hskth2esp5sb734', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 366927224, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/auKBCXBdn9j4Byyu1w1hpm3fqoiIFrl88dT0dctOcCa5i2nZ", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', '2fbbe3aa569421ab53c74d31d5936240454780f2aab13170312764d885ee8677', 366927224, 'lost', 'm3ta24ovqrll48mbckhxc85enb', 'https://replicate.com/p/m3ta24ovqrll48mbckhxc85enb', '[]', '', NULL, 0.022934925, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:27.873779+00', '2026-12-01 04:06:27.904968+00', NULL, '2026-12-01 04:07:06.446651+00', NULL, 'e75e895e40e7'),
	('att_01m8qwgn8st5tv8h1jewjsn0yf', 'run_01m8qwgmd28g07t9tdjj5tys3h', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 1662526261, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/E1QBz8FqgIXHFyDr3Bl7GZlFobQK0qWAdgWf1YAids1Ix8xv", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', 'c806b3e671042d472ad40fe0414d1ae6ea9400aedba58ea9e0da77ae9c8406f0', 1662526261, 'lost', 'tmhnh2dgtm172oo7nh308s35sb', 'https://replicate.com/p/tmhnh2dgtm172oo7nh308s35sb', '[]', '', NULL, 0.022934925, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:27.876783+00', '2026-12-01 04:06:27.895245+00', NULL, '2026-12-01 04:07:06.468032+00', NULL, 'e75e895e40e7'),
	('att_01m8qwh261ct9f4d8j0jbc6r5v', 'run_01m8qwh23w43abdg2ey80m6k74', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 1297635902, "prompt": "juggling. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/uLCqLaPpd4SfKGPZxmGmg2L0UvgpqLib6W8CtcqBCqCmrg0H", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', '424ff5dc2c474a00370ff0662ae9dcadfb1991b42c5279c52c111b792715fd64', 1297635902, 'lost', '7ezmzoay4qrwmt1f3ck7zu13mo', 'https://replicate.com/p/7ezmzoay4qrwmt1f3ck7zu13mo', '[]', '', NULL, 0.022934925, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:41.098857+00', '2026-12-01 04:06:41.116878+00', NULL, '2026-12-01 04:07:06.522427+00', NULL, 'e75e895e40e7'),
	('att_01m8qwgmkdynedmf6dmg86wedz', 'run_01m8qwgm99xmenqknv5qh17zm4', 1, 'replicate', 'ostris/flux-dev-lora-trainer', '5668189027824c8454cf723e6a982d10500344cb82514611ae1e1d3759681c1c', '{"input": {"steps": 1000, "lora_rank": 16, "optimizer": "adamw8bit", "batch_size": 1, "resolution": "512,768,1024", "autocaption": true, "input_images": "http://127.0.0.1:44925/v1/files/Rky81lwzOz7RaztZSt3zp0aNsjKXGTJBD89SjRurw5Yr7hzc", "trigger_word": "plant_3635fd", "learning_rate": 0.0004}, "trainer": "ostris/flux-dev-lora-trainer", "version": "5668189027824c8454cf723e6a982d10500344cb82514611ae1e1d3759681c1c", "destination": "atelier-simulator/atelier-plant_3635fd"}', '52bd04418fd3f8f897317ec5a231264e9259a17ec5cb7b22d502704decca3074', 1534012342, 'lost', 'yxk1xcx3j3to9bkirfk1psd1el', 'https://replicate.com/p/yxk1xcx3j3to9bkirfk1psd1el', '[]', '', NULL, 2.745, 'lost', 'Replicate answered 404 while reading a training: The requested resource could not be found.', '2026-12-01 04:06:27.194898+00', '2026-12-01 04:06:27.36394+00', NULL, '2026-12-01 04:07:05.93891+00', NULL, 'e75e895e40e7'),
	('att_01m8qwgj1dvfdc929tr22y3545', 'run_01m8qwfmb7m2f24t5x0q1dbfre', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 27356636, "prompt": "reading. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/IYXwWwFTMEhowiIcm0ctI0wikitiD3db18DDPdjMkxxOl8mJ", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', '0a37a51806a70b99acb2b33d6f8b31f48407aac33b3e671ce33144ad2669bec9', 27356636, 'lost', 'wtlttax6g99fjdxyfzzg7bta2m', 'https://replicate.com/p/wtlttax6g99fjdxyfzzg7bta2m', '[]', '', NULL, 0.022934925, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:24.589937+00', '2026-12-01 04:06:24.646769+00', NULL, '2026-12-01 04:07:05.950625+00', NULL, 'e75e895e40e7'),
	('att_01m8qwgj1khzkw7380agv9xqyx', 'run_01m8qwfmc9nx6706q4pygnbtsy', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 1205647193, "prompt": "reading. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/zxF12VGb0Dn93It4HkbqLDOBvG7CCd8dmrR0pnhhE690THr0", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', '85c1ec13a01520fef49d08678a3b84f8b4e2c60c4d8331d349f0f6b82ed9c531', 1205647193, 'lost', 'c3n8m0fe4avyyn3r33i7dn82y4', 'https://replicate.com/p/c3n8m0fe4avyyn3r33i7dn82y4', '[]', '', NULL, 0.022934925, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:24.591863+00', '2026-12-01 04:06:24.654081+00', NULL, '2026-12-01 04:07:06.016449+00', NULL, 'e75e895e40e7'),
	('att_01m8qwgn8r6jk1b1pznmc9a7t1', 'run_01m8qwgmdy0hskth2esp5sb735', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 566408509, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/ZKVSzXjjim3146TPVEZzOzroTUH112xtW19DH3seZLL6hWzj", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', '48e1be63a22131dd971fa443af861983ee20658202af81df5f9d204bdd1e8a34', 566408509, 'lost', 'aehwypr1rw2rlj8x0mo7boy98f', 'https://replicate.com/p/aehwypr1rw2rlj8x0mo7boy98f', '[]', '', NULL, 0.022934925, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:27.897657+00', '2026-12-01 04:06:27.924589+00', NULL, '2026-12-01 04:07:06.450666+00', NULL, 'e75e895e40e7'),
	('att_01m8qwgmf73pzgw29jt020b63k', 'run_01m8qwgmazx9sqddakdqx692rv', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 1049622266, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/WiJ2cSoZMtaL8g1b1yct61uDKLvPnFRTI0NRRAi6xVOXmld1", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', 'f9ff6f01a5df42c73fc1b59db6e9b3e64693421581ae8ed3c2a1478a8961406d', 1049622266, 'lost', 'xvjw3wqbv2xojxi8h30ud8u1s4', 'https://replicate.com/p/xvjw3wqbv2xojxi8h30ud8u1s4', '[]', '', NULL, 0.022934925, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:27.087097+00', '2026-12-01 04:06:27.130425+00', NULL, '2026-12-01 04:07:06.019402+00', NULL, 'e75e895e40e7'),
	('att_01m8qwgmfg49xyf7btyssrvk9c', 'run_01m8qwgma7fhe94xws1wt0ns8r', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 1885208886, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/50l5w7EEeOgybG7jspSkzlxkXBYMSRO75A6S4qVPHC0Bh1uO", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', 'dc88625aeeea2da3c7896ba118ebc2acc048cd4f0422b4ddd5f1c997ab8b3757', 1885208886, 'lost', 'yfnb56gmthody23fd0h47ri99f', 'https://replicate.com/p/yfnb56gmthody23fd0h47ri99f', '[]', '', NULL, 0.022934925, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:27.083784+00', '2026-12-01 04:06:27.139298+00', NULL, '2026-12-01 04:07:06.069643+00', NULL, 'e75e895e40e7'),
	('att_01m8qwgn03zde3pz3h9cdytqew', 'run_01m8qwgmd28g07t9tdjj5tys3g', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 597628732, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/T1eLiNiI0dcn0Mof6w1So0MwHCe96LDz15HkPifMciQQCFrw", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', '4155b629074865852057a74db60e47454c0ea1bf24e84ff76e986021245c7300', 597628732, 'lost', 'v41zvurxbh7r0xexyrzv54up9q', 'https://replicate.com/p/v41zvurxbh7r0xexyrzv54up9q', '[]', '', NULL, 0.022934925, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:27.6013+00', '2026-12-01 04:06:27.633651+00', NULL, '2026-12-01 04:07:06.341887+00', NULL, 'e75e895e40e7'),
	('att_01m8qwj0adskryxsjw1qh7h1qz', 'run_01m8qwj01qen922amjkga1y8yb', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 12059874, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/1IIZvQRL1Ra9ToenEe30uRXQev80V8XSi15g1VN7AgXLyNNK", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', 'b634d07781fcaede6decd7c3765e6989ec2c84d73cd2eea13a8287c3a6401297', 12059874, 'running', 'rtzlolrf0rqaned7hwzu4btsk5', 'https://replicate.com/p/rtzlolrf0rqaned7hwzu4btsk5', '[]', '', NULL, 0.022619999999999998, NULL, NULL, '2026-12-01 04:07:11.971246+00', '2026-12-01 04:07:12.05256+00', NULL, NULL, NULL, 'e75e895e40e7'),
	('att_01m8qwj0a6wy6qxw5m2461qmgr', 'run_01m8qwj0131h801qz8vatnp5y0', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 756952009, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/pg0QSJtHm6v4FMynS09HkDGTk4fQDMTbvsikMEOqTFLaENzq", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', 'e4ec7a9a7e74620a84d7d896d01a66537ea1abebe159a02ac4196ba18fac9cb7', 756952009, 'running', 'gdszo01cducf3bgdppy66y88ye', 'https://replicate.com/p/gdszo01cducf3bgdppy66y88ye', '[]', '', NULL, 0.022619999999999998, NULL, NULL, '2026-12-01 04:07:11.970287+00', '2026-12-01 04:07:12.053413+00', NULL, NULL, NULL, 'e75e895e40e7'),
	('att_01m8qwj0jwvr8mz46dd27egs1v', 'run_01m8qwj02ccksjt6dszmmsc9z6', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 192517676, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/6i0FKxBVAwKfRcJwKwKLEd08yXGmzDh4host-1Xe28EpI0vX1znR", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', '2d0ef6ab97427cc01727bb1439baa48643f6cefec493f2f110e38a669fa35a0b', 192517676, 'running', 'hrmp1dndadxzo7bf8s49tcbxk4', 'https://replicate.com/p/hrmp1dndadxzo7bf8s49tcbxk4', '[]', '', NULL, 0.022619999999999998, NULL, NULL, '2026-12-01 04:07:12.230563+00', '2026-12-01 04:07:12.253683+00', NULL, NULL, NULL, 'e75e895e40e7'),
	('att_01m8qwgmgfsn818pjqqng6vj8a', 'run_01m8qwgmazx9sqddakdqx692rw', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 1166173488, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/sl7Iym2fvTSWF5tb11WalqXUoqKoi5D9ZCrXodnHQU3Rc09Q", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', 'badc5acbc388d737ba7fc17e99cceb88ac2d66a9cc471da728866b44da047177', 1166173488, 'lost', 'rphqcdx5wfjwjuizgdpwi0v1ew', 'https://replicate.com/p/rphqcdx5wfjwjuizgdpwi0v1ew', '[]', '', NULL, 0.022934925, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:27.113491+00', '2026-12-01 04:06:27.151527+00', NULL, '2026-12-01 04:07:06.131616+00', NULL, 'e75e895e40e7'),
	('att_01m8qwgn0ws27w0v1dvneww9we', 'run_01m8qwgmc9rgdepcdsmqm8y7xr', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 392878925, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/hWrIy0JCecN6GjCzL3tWv5dMx2Hnpb3r0vNpm6nJ2EgAQ8ES", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', '152226d313d4b95a5a2e3ce202d2ec815e3801acdf44533a9c10e3d9836cdd83', 392878925, 'lost', 'afruwb9p6kvp00bf0v0rolq2q3', 'https://replicate.com/p/afruwb9p6kvp00bf0v0rolq2q3', '[]', '', NULL, 0.022934925, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:27.628082+00', '2026-12-01 04:06:27.650121+00', NULL, '2026-12-01 04:07:06.421638+00', NULL, 'e75e895e40e7'),
	('att_01m8qwj09f7xea88rqrvwe5d5t', 'run_01m8qwj01qen922amjkga1y8ya', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 1054047812, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/4DdvQRPNUYUajZZedkNR1ajFfal6B3ot8vrF7uED15R1xtRP", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', '2acc9c459862d946ff1bde700e8471b699027075d0e965c27b0c317b89159319', 1054047812, 'running', 'dkexmlkgh5mjf0l7jmsxvd3pwr', 'https://replicate.com/p/dkexmlkgh5mjf0l7jmsxvd3pwr', '[]', '', NULL, 0.022619999999999998, NULL, NULL, '2026-12-01 04:07:11.946003+00', '2026-12-01 04:07:12.002326+00', NULL, NULL, NULL, 'e75e895e40e7'),
	('att_01m8qwj0k46a3414p12m681sax', 'run_01m8qwj0334e6f7j687a4s1x2p', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 601066324, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/tMh3K4YJKRG4QC5sZPz4M0QyQAxJMtdck9g2NCU7E6VbvlQI", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', '20c1051d4574c9cc158bfb1d365c859ab108f404317c308da16693b7070c6e2d', 601066324, 'running', 'p3g1yox98mcr9oekksk9g4491b', 'https://replicate.com/p/p3g1yox98mcr9oekksk9g4491b', '[]', '', NULL, 0.022619999999999998, NULL, NULL, '2026-12-01 04:07:12.237731+00', '2026-12-01 04:07:12.277408+00', NULL, NULL, NULL, 'e75e895e40e7'),
	('att_01m8qwgmg0mzd4v0wwmt0paawx', 'run_01m8qwgma7fhe94xws1wt0ns8q', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 574001178, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/5WwkoWNJDq5eNwQEW7CGy2lZBrKKmnT9W3PhocKGlJhSyXWv", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', '5c3b9a9f325fba98077bb7c7da5bcb919b6130f2ab827925abaa64c85a58bcc8', 574001178, 'lost', '6lufqjwqr6lsnkeq5ka5vacqzy', 'https://replicate.com/p/6lufqjwqr6lsnkeq5ka5vacqzy', '[]', '', NULL, 0.022934925, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:27.1182+00', '2026-12-01 04:06:27.157289+00', NULL, '2026-12-01 04:07:06.220767+00', NULL, 'e75e895e40e7'),
	('att_01m8qwgn06fd88hvq04gdg2tb4', 'run_01m8qwgmc9rgdepcdsmqm8y7xs', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 1192990918, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/mF2kRIRvWxtR0UeYaGZoLQ2wmm5RpCu0DeC0407PzrwFN90x", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', 'd09617052e9dc102c7ff6658b5b343d41655695aac603ea21b9b3d3f13aa228c', 1192990918, 'lost', 'qxcwou9lsnx67ak8xi28u4shff', 'https://replicate.com/p/qxcwou9lsnx67ak8xi28u4shff', '[]', '', NULL, 0.022934925, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:27.600379+00', '2026-12-01 04:06:27.640086+00', NULL, '2026-12-01 04:07:06.341616+00', NULL, 'e75e895e40e7'),
	('att_01m8qwh2fjxzt1r9306vsyxhgz', 'run_01m8qwh24vd9gqzak6ej5rzm9k', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 667102936, "prompt": "juggling. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/31HrBRD3Nm06KTQvFbYVHcFqJGjskFVjf7aU4ZjbcNFVZntS", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', '683e9aef4e17f56f6f18025ea970a576edd8838965835538a8f26f7503b83141', 667102936, 'lost', 'kd4prl336nmvp2m151ra8rv3i9', 'https://replicate.com/p/kd4prl336nmvp2m151ra8rv3i9', '[]', '', NULL, 0.022934925, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:41.411974+00', '2026-12-01 04:06:41.446562+00', NULL, '2026-12-01 04:07:06.586112+00', NULL, 'e75e895e40e7'),
	('att_01m8qwj0x5a1j46v0nayw6tf3j', 'run_01m8qwj0334e6f7j687a4s1x2q', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 1294402331, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/TDKxfsTJ0j1FRvcVKkUbIuJbALvbK4hXuQP91pjbY172NZkj", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', '8a1a3f127ad3b79a8cf2d514050da89f27e5c52ba67df25d1a58549b8b7cb0c0', 1294402331, 'running', 'icyoppvp8vubzliale6vc8hk8x', 'https://replicate.com/p/icyoppvp8vubzliale6vc8hk8x', '[]', '', NULL, 0.022619999999999998, NULL, NULL, '2026-12-01 04:07:12.56072+00', '2026-12-01 04:07:12.59171+00', NULL, NULL, NULL, 'e75e895e40e7'),
	('att_01m8qwgmq35kbhv6hyt5m7vd3m', 'run_01m8qwgmbmkg6npzf33dzd9p7r', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 1911713779, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/DAaTOyw1ngSeZFdSeEHjP6aLdgvUDywoeqn4Q0EMOEpaFLtm", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', '5e8716f7e46b07c0b4da07e4a5dfeec69098607cd235691482f3ac30b53bcf24', 1911713779, 'lost', '5uszkxgobz36kw2f451542odvx', 'https://replicate.com/p/5uszkxgobz36kw2f451542odvx', '[]', '', NULL, 0.022934925, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:27.310996+00', '2026-12-01 04:06:27.34921+00', NULL, '2026-12-01 04:07:06.313435+00', NULL, 'e75e895e40e7'),
	('att_01m8qwj09n5cyc85k1vbtq6rvy', 'run_01m8qwj0131h801qz8vatnp5xz', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 252429122, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/BHGt0I06dzD1GC0PdyYrjImPD7jmiS6bn0lHAUgMXk9Jnx1S", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', 'e8836ea244e5f38c71a66fedbcfe2f35ffcf409404aa5c6d2c5ced2edc44519f', 252429122, 'running', 'rhk7tm83m7s7sqndw31qq2s0as', 'https://replicate.com/p/rhk7tm83m7s7sqndw31qq2s0as', '[]', '', NULL, 0.022619999999999998, NULL, NULL, '2026-12-01 04:07:11.942604+00', '2026-12-01 04:07:12.017895+00', NULL, NULL, NULL, 'e75e895e40e7'),
	('att_01m8qwj0jy9p1akg266hjb741z', 'run_01m8qwj02ccksjt6dszmmsc9z5', 1, 'replicate', 'fofr/consistent-character', '9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772', '{"input": {"seed": 149265326, "prompt": "dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail", "subject": "http://127.0.0.1:44925/v1/files/Ckn5uQAKlQJgGoSV1Sl2HKFP5tkHzjbSGKhZpGEq8MN6H8Ob", "output_format": "webp", "output_quality": 90, "randomise_poses": true, "number_of_outputs": 1, "number_of_images_per_pose": 1}, "version": "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"}', 'ae645dd8341c364dec74924570c901df486f5bc28918194d91737f17f776e837', 149265326, 'running', '5kzwagmx6xey4xtuuy068rr2g0', 'https://replicate.com/p/5kzwagmx6xey4xtuuy068rr2g0', '[]', '', NULL, 0.022619999999999998, NULL, NULL, '2026-12-01 04:07:12.245151+00', '2026-12-01 04:07:12.279792+00', NULL, NULL, NULL, 'e75e895e40e7'),
	('att_01m8qwj0d0dx55axk0qf44dawc', 'run_01m8qwhzzgp3ff2rkev1cnqcxt', 1, 'replicate', 'ostris/flux-dev-lora-trainer', '5668189027824c8454cf723e6a982d10500344cb82514611ae1e1d3759681c1c', '{"input": {"steps": 1000, "lora_rank": 16, "optimizer": "adamw8bit", "batch_size": 1, "resolution": "512,768,1024", "autocaption": true, "input_images": "http://127.0.0.1:44925/v1/files/kjrQnpxABeS1Pg6y5qNeH1wKz423U4JpQ6uS0JB0LKcdIo0e", "trigger_word": "plant_4cfa9b", "learning_rate": 0.0004}, "trainer": "ostris/flux-dev-lora-trainer", "version": "5668189027824c8454cf723e6a982d10500344cb82514611ae1e1d3759681c1c", "destination": "atelier-simulator/atelier-plant_4cfa9b"}', '03de70f59ad241415f49c98ab031f933a8fd5e4c4664aa8fa3dbdec00aa16076', 947121219, 'running', 'bmupz3oqaiu42vdg2w59cpm5xx', 'https://replicate.com/p/bmupz3oqaiu42vdg2w59cpm5xx', '[]', '', NULL, 2.745, NULL, NULL, '2026-12-01 04:07:12.05903+00', '2026-12-01 04:07:12.409622+00', NULL, NULL, NULL, 'e75e895e40e7');
INSERT INTO app.audit VALUES
	(1, '2026-12-01 04:06:24.752127+00', 'per_local', 'remedy.ring_again', 'run_01m8qwfmbqw6s48spcg8j85srr', '{"seq": 2, "state": "waiting"}', '{"seq": 3, "state": "waiting"}', 'Support asked for it');
INSERT INTO app.budgets VALUES
	('desk', NULL, NULL, 0.8, true, '2026-12-01 04:03:56.135487+00');
INSERT INTO app.events VALUES
	(1, '2026-12-01 04:04:08.736535+00', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', NULL, 'generation.started', 'per_local', '{"credits": 30, "pictures": 3}'),
	(2, '2026-12-01 04:04:08.746561+00', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'run_01m8qwcdd3qxtjhpsk3hynqsfw', 'run.queued', 'system', '{"role": "full_body"}'),
	(3, '2026-12-01 04:04:08.916238+00', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'run_01m8qwcdd3qxtjhpsk3hynqsfw', 'run.submitting', 'system', '{"model": "gemini-2.5-flash-image", "attempt": "att_01m8qwcdhhr8m85yppzw55rba3", "provider": "gemini"}'),
	(4, '2026-12-01 04:04:18.52144+00', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'run_01m8qwcdd3qxtjhpsk3hynqsfw', 'run.answered', 'system', '{"pictures": 1, "response": "msDtsA61SUw-E3lY1MHjug"}'),
	(5, '2026-12-01 04:04:18.802501+00', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'run_01m8qwcq7dkf1h2jvvn9g57j65', 'run.queued', 'system', '{"role": "avatar"}'),
	(6, '2026-12-01 04:04:18.802528+00', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'run_01m8qwcq7dkf1h2jvvn9g57j66', 'run.queued', 'system', '{"role": "square_icon"}'),
	(7, '2026-12-01 04:04:18.805364+00', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'run_01m8qwcdd3qxtjhpsk3hynqsfw', 'run.succeeded', 'system', '{"attempt": "att_01m8qwcdhhr8m85yppzw55rba3", "pictures": 1}'),
	(8, '2026-12-01 04:04:19.074954+00', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'run_01m8qwcq7dkf1h2jvvn9g57j66', 'run.submitting', 'system', '{"model": "gemini-2.5-flash-image", "attempt": "att_01m8qwcqfp3t8a839tqz0v7dkh", "provider": "gemini"}'),
	(9, '2026-12-01 04:04:19.085727+00', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'run_01m8qwcq7dkf1h2jvvn9g57j65', 'run.submitting', 'system', '{"model": "gemini-2.5-flash-image", "attempt": "att_01m8qwcqfzg242a7f2p53wnn54", "provider": "gemini"}'),
	(10, '2026-12-01 04:04:28.212008+00', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'run_01m8qwcq7dkf1h2jvvn9g57j65', 'run.answered', 'system', '{"pictures": 1, "response": "uDoA5S7k4VpRoT1NOyFAlA"}'),
	(11, '2026-12-01 04:04:28.364292+00', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'run_01m8qwcq7dkf1h2jvvn9g57j65', 'run.succeeded', 'system', '{"attempt": "att_01m8qwcqfzg242a7f2p53wnn54", "pictures": 1}'),
	(12, '2026-12-01 04:04:29.96228+00', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'run_01m8qwcq7dkf1h2jvvn9g57j66', 'run.answered', 'system', '{"pictures": 1, "response": "JDwVrpcFdEbVI_npGjDqMA"}'),
	(13, '2026-12-01 04:04:30.230219+00', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'run_01m8qwcq7dkf1h2jvvn9g57j66', 'run.succeeded', 'system', '{"attempt": "att_01m8qwcqfp3t8a839tqz0v7dkh", "pictures": 1}'),
	(14, '2026-12-01 04:04:30.233529+00', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', NULL, 'generation.finished', 'system', '{"state": "succeeded"}'),
	(15, '2026-12-01 04:04:30.698892+00', 'gen_01m8qwd2v4zz3sax6wnymb1gyv', NULL, 'generation.started', 'per_local', '{"credits": 30, "pictures": 1}'),
	(16, '2026-12-01 04:04:30.701387+00', 'gen_01m8qwd2v4zz3sax6wnymb1gyv', 'run_01m8qwd2vbx8fa7s8y07yyfvgv', 'run.queued', 'system', '{"role": "pose"}'),
	(17, '2026-12-01 04:04:30.795575+00', 'gen_01m8qwd2v4zz3sax6wnymb1gyv', 'run_01m8qwd2vbx8fa7s8y07yyfvgv', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwd2xy88kb1thcx5qkrgcs", "provider": "replicate"}'),
	(18, '2026-12-01 04:04:30.811833+00', 'gen_01m8qwd2v4zz3sax6wnymb1gyv', 'run_01m8qwd2vbx8fa7s8y07yyfvgv', 'run.accepted', 'system', '{"link": "https://replicate.com/p/g49y590287vz6moxik8158pf6z", "prediction": "g49y590287vz6moxik8158pf6z"}'),
	(19, '2026-12-01 04:04:33.996197+00', 'gen_01m8qwd2v4zz3sax6wnymb1gyv', 'run_01m8qwd2vbx8fa7s8y07yyfvgv', 'run.provider_started', 'system', '{"status": "processing"}'),
	(20, '2026-12-01 04:04:54.366946+00', 'gen_01m8qwd2v4zz3sax6wnymb1gyv', 'run_01m8qwd2vbx8fa7s8y07yyfvgv', 'run.provider_finished', 'system', '{"pictures": 1, "predict_seconds": 20.333777}'),
	(21, '2026-12-01 04:04:54.927403+00', 'gen_01m8qwd2v4zz3sax6wnymb1gyv', 'run_01m8qwd2vbx8fa7s8y07yyfvgv', 'run.succeeded', 'system', '{"attempt": "att_01m8qwd2xy88kb1thcx5qkrgcs", "pictures": 1}'),
	(22, '2026-12-01 04:04:54.930093+00', 'gen_01m8qwd2v4zz3sax6wnymb1gyv', NULL, 'generation.finished', 'system', '{"state": "succeeded"}'),
	(23, '2026-12-01 04:05:12.755207+00', 'gen_01m8qwebx3yz7a3j41mc7xqbmz', NULL, 'generation.started', 'per_local', '{"credits": 1, "pictures": 1}'),
	(24, '2026-12-01 04:05:12.76026+00', 'gen_01m8qwebx3yz7a3j41mc7xqbmz', 'run_01m8qwebxmh8eq15ng580t4xqz', 'run.queued', 'system', '{"role": "export"}'),
	(25, '2026-12-01 04:05:13.042732+00', 'gen_01m8qwebx3yz7a3j41mc7xqbmz', 'run_01m8qwebxmh8eq15ng580t4xqz', 'run.submitting', 'system', '{"model": "desk/export", "attempt": "att_01m8qwec67yfg4fa5kq82zfdgy", "provider": "desk"}'),
	(26, '2026-12-01 04:05:13.151205+00', 'gen_01m8qwebx3yz7a3j41mc7xqbmz', 'run_01m8qwebxmh8eq15ng580t4xqz', 'run.answered', 'system', '{"pictures": 1, "response": null}'),
	(27, '2026-12-01 04:05:13.298807+00', 'gen_01m8qwebx3yz7a3j41mc7xqbmz', 'run_01m8qwebxmh8eq15ng580t4xqz', 'run.succeeded', 'system', '{"attempt": "att_01m8qwec67yfg4fa5kq82zfdgy", "pictures": 1}'),
	(28, '2026-12-01 04:05:13.301399+00', 'gen_01m8qwebx3yz7a3j41mc7xqbmz', NULL, 'generation.finished', 'system', '{"state": "succeeded"}'),
	(29, '2026-12-01 04:05:13.647263+00', 'gen_01m8qwecs95t9tzpsg4s3bsvrg', NULL, 'generation.started', 'per_local', '{"credits": 30, "pictures": 1}'),
	(30, '2026-12-01 04:05:13.649864+00', 'gen_01m8qwecs95t9tzpsg4s3bsvrg', 'run_01m8qwecsgb5m65gdrfxh7e39g', 'run.queued', 'system', '{"role": "pose"}'),
	(31, '2026-12-01 04:05:13.664714+00', 'gen_01m8qwecsv8bwnk0fb3xhjvcvw', NULL, 'generation.started', 'per_local', '{"credits": 30, "pictures": 1}'),
	(32, '2026-12-01 04:05:13.667357+00', 'gen_01m8qwecsv8bwnk0fb3xhjvcvw', 'run_01m8qwect10vqnpyvrbnfyp2tm', 'run.queued', 'system', '{"role": "pose"}'),
	(33, '2026-12-01 04:05:13.87682+00', 'gen_01m8qwecs95t9tzpsg4s3bsvrg', 'run_01m8qwecsgb5m65gdrfxh7e39g', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwed03x0fg71jx3a25wwnd", "provider": "replicate"}'),
	(34, '2026-12-01 04:05:13.878264+00', 'gen_01m8qwecsv8bwnk0fb3xhjvcvw', 'run_01m8qwect10vqnpyvrbnfyp2tm', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwed024h5b4y4s4v2trxzj", "provider": "replicate"}'),
	(35, '2026-12-01 04:05:13.891056+00', 'gen_01m8qwecs95t9tzpsg4s3bsvrg', 'run_01m8qwecsgb5m65gdrfxh7e39g', 'run.accepted', 'system', '{"link": "https://replicate.com/p/h897lf1g2uag2edgatvs7n63tq", "prediction": "h897lf1g2uag2edgatvs7n63tq"}'),
	(36, '2026-12-01 04:05:13.897444+00', 'gen_01m8qwecsv8bwnk0fb3xhjvcvw', 'run_01m8qwect10vqnpyvrbnfyp2tm', 'run.accepted', 'system', '{"link": "https://replicate.com/p/2x31dl0rhzo96a30te8nuj657b", "prediction": "2x31dl0rhzo96a30te8nuj657b"}'),
	(37, '2026-12-01 04:05:15.997326+00', 'gen_01m8qwecsv8bwnk0fb3xhjvcvw', 'run_01m8qwect10vqnpyvrbnfyp2tm', 'run.provider_started', 'system', '{"status": "processing"}'),
	(38, '2026-12-01 04:05:18.16276+00', 'gen_01m8qwecs95t9tzpsg4s3bsvrg', 'run_01m8qwecsgb5m65gdrfxh7e39g', 'run.provider_started', 'system', '{"status": "processing"}'),
	(39, '2026-12-01 04:05:37.535538+00', 'gen_01m8qwecsv8bwnk0fb3xhjvcvw', 'run_01m8qwect10vqnpyvrbnfyp2tm', 'run.provider_finished', 'system', '{"pictures": 1, "predict_seconds": 21.449255}'),
	(40, '2026-12-01 04:05:38.031551+00', 'gen_01m8qwecsv8bwnk0fb3xhjvcvw', 'run_01m8qwect10vqnpyvrbnfyp2tm', 'run.succeeded', 'system', '{"attempt": "att_01m8qwed024h5b4y4s4v2trxzj", "pictures": 1}'),
	(41, '2026-12-01 04:05:38.037305+00', 'gen_01m8qwecsv8bwnk0fb3xhjvcvw', NULL, 'generation.finished', 'system', '{"state": "succeeded"}'),
	(42, '2026-12-01 04:05:38.612505+00', 'gen_01m8qwecs95t9tzpsg4s3bsvrg', 'run_01m8qwecsgb5m65gdrfxh7e39g', 'run.provider_finished', 'system', '{"pictures": 1, "predict_seconds": 20.425859}'),
	(43, '2026-12-01 04:05:39.099349+00', 'gen_01m8qwecs95t9tzpsg4s3bsvrg', 'run_01m8qwecsgb5m65gdrfxh7e39g', 'run.succeeded', 'system', '{"attempt": "att_01m8qwed03x0fg71jx3a25wwnd", "pictures": 1}'),
	(44, '2026-12-01 04:05:39.102621+00', 'gen_01m8qwecs95t9tzpsg4s3bsvrg', NULL, 'generation.finished', 'system', '{"state": "succeeded"}'),
	(51, '2026-12-01 04:05:54.384008+00', 'gen_01m8qwfmbh71fe5172fwch4t4g', 'run_01m8qwfmbqw6s48spcg8j85srr', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwfmhw6ftefegy64p3q5hj", "provider": "replicate"}'),
	(45, '2026-12-01 04:05:54.150526+00', 'gen_01m8qwfmb1evq27q70sbfcfcg6', NULL, 'generation.started', 'per_local', '{"credits": 30, "pictures": 1}'),
	(46, '2026-12-01 04:05:54.153126+00', 'gen_01m8qwfmb1evq27q70sbfcfcg6', 'run_01m8qwfmb7m2f24t5x0q1dbfre', 'run.queued', 'system', '{"role": "pose"}'),
	(47, '2026-12-01 04:05:54.166284+00', 'gen_01m8qwfmbh71fe5172fwch4t4g', NULL, 'generation.started', 'per_local', '{"credits": 30, "pictures": 1}'),
	(48, '2026-12-01 04:05:54.168524+00', 'gen_01m8qwfmbh71fe5172fwch4t4g', 'run_01m8qwfmbqw6s48spcg8j85srr', 'run.queued', 'system', '{"role": "pose"}'),
	(49, '2026-12-01 04:05:54.184361+00', 'gen_01m8qwfmc2xxkzsfxf0rbwvsva', NULL, 'generation.started', 'per_local', '{"credits": 30, "pictures": 1}'),
	(50, '2026-12-01 04:05:54.186736+00', 'gen_01m8qwfmc2xxkzsfxf0rbwvsva', 'run_01m8qwfmc9nx6706q4pygnbtsy', 'run.queued', 'system', '{"role": "pose"}'),
	(52, '2026-12-01 04:06:24.414488+00', 'gen_01m8qwfmc2xxkzsfxf0rbwvsva', 'run_01m8qwfmc9nx6706q4pygnbtsy', 'run.rescued', 'system', '{"state": "queued", "times": 1, "worker": "worker-host-1-9620-2333/t1"}'),
	(53, '2026-12-01 04:06:24.414641+00', 'gen_01m8qwfmbh71fe5172fwch4t4g', 'run_01m8qwfmbqw6s48spcg8j85srr', 'run.rescued', 'system', '{"state": "submitting", "times": 1, "worker": "worker-host-1-9620-2333/t4"}'),
	(54, '2026-12-01 04:06:24.414649+00', 'gen_01m8qwfmb1evq27q70sbfcfcg6', 'run_01m8qwfmb7m2f24t5x0q1dbfre', 'run.rescued', 'system', '{"state": "queued", "times": 1, "worker": "worker-host-1-9620-2333/t2"}'),
	(55, '2026-12-01 04:06:24.605817+00', 'gen_01m8qwfmbh71fe5172fwch4t4g', 'run_01m8qwfmbqw6s48spcg8j85srr', 'run.adopted', 'system', '{"link": "https://replicate.com/p/k8eyc7425xnktnn6094wwfg6wp", "prediction": "k8eyc7425xnktnn6094wwfg6wp"}'),
	(56, '2026-12-01 04:06:24.61156+00', 'gen_01m8qwfmb1evq27q70sbfcfcg6', 'run_01m8qwfmb7m2f24t5x0q1dbfre', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwgj1dvfdc929tr22y3545", "provider": "replicate"}'),
	(57, '2026-12-01 04:06:24.614573+00', 'gen_01m8qwfmc2xxkzsfxf0rbwvsva', 'run_01m8qwfmc9nx6706q4pygnbtsy', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwgj1khzkw7380agv9xqyx", "provider": "replicate"}'),
	(58, '2026-12-01 04:06:24.648073+00', 'gen_01m8qwfmb1evq27q70sbfcfcg6', 'run_01m8qwfmb7m2f24t5x0q1dbfre', 'run.accepted', 'system', '{"link": "https://replicate.com/p/wtlttax6g99fjdxyfzzg7bta2m", "prediction": "wtlttax6g99fjdxyfzzg7bta2m"}'),
	(59, '2026-12-01 04:06:24.658733+00', 'gen_01m8qwfmc2xxkzsfxf0rbwvsva', 'run_01m8qwfmc9nx6706q4pygnbtsy', 'run.accepted', 'system', '{"link": "https://replicate.com/p/c3n8m0fe4avyyn3r33i7dn82y4", "prediction": "c3n8m0fe4avyyn3r33i7dn82y4"}'),
	(60, '2026-12-01 04:06:24.749535+00', 'gen_01m8qwfmbh71fe5172fwch4t4g', 'run_01m8qwfmbqw6s48spcg8j85srr', 'remedy.applied', 'per_local', '{"reason": "Support asked for it", "remedy": "ring_again", "subject": "run_01m8qwfmbqw6s48spcg8j85srr"}'),
	(61, '2026-12-01 04:06:25.117825+00', 'gen_01m8qwfmbh71fe5172fwch4t4g', 'run_01m8qwfmbqw6s48spcg8j85srr', 'run.provider_finished', 'system', '{"pictures": 1, "predict_seconds": 18.829835}'),
	(62, '2026-12-01 04:06:25.751993+00', 'gen_01m8qwfmbh71fe5172fwch4t4g', 'run_01m8qwfmbqw6s48spcg8j85srr', 'run.succeeded', 'system', '{"attempt": "att_01m8qwfmhw6ftefegy64p3q5hj", "pictures": 1}'),
	(63, '2026-12-01 04:06:25.762344+00', 'gen_01m8qwfmbh71fe5172fwch4t4g', NULL, 'generation.finished', 'system', '{"state": "succeeded"}'),
	(64, '2026-12-01 04:06:26.850253+00', 'gen_01m8qwgm8sy6jaedba4qt473zd', NULL, 'generation.started', 'per_local', '{"credits": 1000, "pictures": 2}'),
	(65, '2026-12-01 04:06:26.859798+00', 'gen_01m8qwgm8sy6jaedba4qt473zd', 'run_01m8qwgm99xmenqknv5qh17zm4', 'run.queued', 'system', '{"role": "version"}'),
	(66, '2026-12-01 04:06:26.886517+00', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', NULL, 'generation.started', 'per_local', '{"credits": 60, "pictures": 2}'),
	(67, '2026-12-01 04:06:26.892719+00', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', 'run_01m8qwgma7fhe94xws1wt0ns8q', 'run.queued', 'system', '{"role": "pose"}'),
	(68, '2026-12-01 04:06:26.892743+00', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', 'run_01m8qwgma7fhe94xws1wt0ns8r', 'run.queued', 'system', '{"role": "pose"}'),
	(69, '2026-12-01 04:06:26.910184+00', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', NULL, 'generation.started', 'per_local', '{"credits": 60, "pictures": 2}'),
	(70, '2026-12-01 04:06:26.913485+00', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', 'run_01m8qwgmazx9sqddakdqx692rv', 'run.queued', 'system', '{"role": "pose"}'),
	(71, '2026-12-01 04:06:26.913501+00', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', 'run_01m8qwgmazx9sqddakdqx692rw', 'run.queued', 'system', '{"role": "pose"}'),
	(72, '2026-12-01 04:06:26.931534+00', 'gen_01m8qwgmbd6cm8sf11n6xveg72', NULL, 'generation.started', 'per_local', '{"credits": 60, "pictures": 2}'),
	(73, '2026-12-01 04:06:26.935061+00', 'gen_01m8qwgmbd6cm8sf11n6xveg72', 'run_01m8qwgmbmkg6npzf33dzd9p7q', 'run.queued', 'system', '{"role": "pose"}'),
	(74, '2026-12-01 04:06:26.935078+00', 'gen_01m8qwgmbd6cm8sf11n6xveg72', 'run_01m8qwgmbmkg6npzf33dzd9p7r', 'run.queued', 'system', '{"role": "pose"}'),
	(75, '2026-12-01 04:06:26.952881+00', 'gen_01m8qwgmc2ee09rebhrdch8eg7', NULL, 'generation.started', 'per_local', '{"credits": 60, "pictures": 2}'),
	(76, '2026-12-01 04:06:26.956368+00', 'gen_01m8qwgmc2ee09rebhrdch8eg7', 'run_01m8qwgmc9rgdepcdsmqm8y7xr', 'run.queued', 'system', '{"role": "pose"}'),
	(77, '2026-12-01 04:06:26.956391+00', 'gen_01m8qwgmc2ee09rebhrdch8eg7', 'run_01m8qwgmc9rgdepcdsmqm8y7xs', 'run.queued', 'system', '{"role": "pose"}'),
	(78, '2026-12-01 04:06:26.976527+00', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', NULL, 'generation.started', 'per_local', '{"credits": 60, "pictures": 2}'),
	(79, '2026-12-01 04:06:26.982254+00', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', 'run_01m8qwgmd28g07t9tdjj5tys3g', 'run.queued', 'system', '{"role": "pose"}'),
	(80, '2026-12-01 04:06:26.982282+00', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', 'run_01m8qwgmd28g07t9tdjj5tys3h', 'run.queued', 'system', '{"role": "pose"}'),
	(81, '2026-12-01 04:06:27.005727+00', 'gen_01m8qwgmdp52nxd827vz3v1cdy', NULL, 'generation.started', 'per_local', '{"credits": 60, "pictures": 2}'),
	(82, '2026-12-01 04:06:27.009645+00', 'gen_01m8qwgmdp52nxd827vz3v1cdy', 'run_01m8qwgmdy0hskth2esp5sb734', 'run.queued', 'system', '{"role": "pose"}'),
	(83, '2026-12-01 04:06:27.009674+00', 'gen_01m8qwgmdp52nxd827vz3v1cdy', 'run_01m8qwgmdy0hskth2esp5sb735', 'run.queued', 'system', '{"role": "pose"}'),
	(84, '2026-12-01 04:06:27.101232+00', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', 'run_01m8qwgmazx9sqddakdqx692rv', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwgmf73pzgw29jt020b63k", "provider": "replicate"}'),
	(85, '2026-12-01 04:06:27.10299+00', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', 'run_01m8qwgma7fhe94xws1wt0ns8r', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwgmfg49xyf7btyssrvk9c", "provider": "replicate"}'),
	(86, '2026-12-01 04:06:27.11783+00', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', 'run_01m8qwgmazx9sqddakdqx692rw', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwgmgfsn818pjqqng6vj8a", "provider": "replicate"}'),
	(87, '2026-12-01 04:06:27.129287+00', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', 'run_01m8qwgma7fhe94xws1wt0ns8q', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwgmg0mzd4v0wwmt0paawx", "provider": "replicate"}'),
	(88, '2026-12-01 04:06:27.132755+00', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', 'run_01m8qwgmazx9sqddakdqx692rv', 'run.accepted', 'system', '{"link": "https://replicate.com/p/xvjw3wqbv2xojxi8h30ud8u1s4", "prediction": "xvjw3wqbv2xojxi8h30ud8u1s4"}'),
	(89, '2026-12-01 04:06:27.140559+00', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', 'run_01m8qwgma7fhe94xws1wt0ns8r', 'run.accepted', 'system', '{"link": "https://replicate.com/p/yfnb56gmthody23fd0h47ri99f", "prediction": "yfnb56gmthody23fd0h47ri99f"}'),
	(90, '2026-12-01 04:06:27.155181+00', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', 'run_01m8qwgmazx9sqddakdqx692rw', 'run.accepted', 'system', '{"link": "https://replicate.com/p/rphqcdx5wfjwjuizgdpwi0v1ew", "prediction": "rphqcdx5wfjwjuizgdpwi0v1ew"}'),
	(93, '2026-12-01 04:06:27.322978+00', 'gen_01m8qwgmbd6cm8sf11n6xveg72', 'run_01m8qwgmbmkg6npzf33dzd9p7r', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwgmq35kbhv6hyt5m7vd3m", "provider": "replicate"}'),
	(100, '2026-12-01 04:06:27.633666+00', 'gen_01m8qwgmc2ee09rebhrdch8eg7', 'run_01m8qwgmc9rgdepcdsmqm8y7xr', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwgn0ws27w0v1dvneww9we", "provider": "replicate"}'),
	(108, '2026-12-01 04:06:27.907626+00', 'gen_01m8qwgmdp52nxd827vz3v1cdy', 'run_01m8qwgmdy0hskth2esp5sb734', 'run.accepted', 'system', '{"link": "https://replicate.com/p/m3ta24ovqrll48mbckhxc85enb", "prediction": "m3ta24ovqrll48mbckhxc85enb"}'),
	(117, '2026-12-01 04:06:41.452648+00', 'gen_01m8qwh24dzw2726bxqwr19dpe', 'run_01m8qwh24vd9gqzak6ej5rzm9k', 'run.accepted', 'system', '{"link": "https://replicate.com/p/kd4prl336nmvp2m151ra8rv3i9", "prediction": "kd4prl336nmvp2m151ra8rv3i9"}'),
	(91, '2026-12-01 04:06:27.161645+00', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', 'run_01m8qwgma7fhe94xws1wt0ns8q', 'run.accepted', 'system', '{"link": "https://replicate.com/p/6lufqjwqr6lsnkeq5ka5vacqzy", "prediction": "6lufqjwqr6lsnkeq5ka5vacqzy"}'),
	(94, '2026-12-01 04:06:27.330988+00', 'gen_01m8qwgmbd6cm8sf11n6xveg72', 'run_01m8qwgmbmkg6npzf33dzd9p7q', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwgmqkfzspha1kdxwrqd22", "provider": "replicate"}'),
	(102, '2026-12-01 04:06:27.643368+00', 'gen_01m8qwgmc2ee09rebhrdch8eg7', 'run_01m8qwgmc9rgdepcdsmqm8y7xs', 'run.accepted', 'system', '{"link": "https://replicate.com/p/qxcwou9lsnx67ak8xi28u4shff", "prediction": "qxcwou9lsnx67ak8xi28u4shff"}'),
	(105, '2026-12-01 04:06:27.881045+00', 'gen_01m8qwgmdp52nxd827vz3v1cdy', 'run_01m8qwgmdy0hskth2esp5sb734', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwgn8p745xj7exzk5j0peh", "provider": "replicate"}'),
	(115, '2026-12-01 04:06:41.120349+00', 'gen_01m8qwh23bt0erwb1dec8gv29t', 'run_01m8qwh23w43abdg2ey80m6k74', 'run.accepted', 'system', '{"link": "https://replicate.com/p/7ezmzoay4qrwmt1f3ck7zu13mo", "prediction": "7ezmzoay4qrwmt1f3ck7zu13mo"}'),
	(92, '2026-12-01 04:06:27.201368+00', 'gen_01m8qwgm8sy6jaedba4qt473zd', 'run_01m8qwgm99xmenqknv5qh17zm4', 'run.submitting', 'system', '{"model": "ostris/flux-dev-lora-trainer", "attempt": "att_01m8qwgmkdynedmf6dmg86wedz", "provider": "replicate"}'),
	(95, '2026-12-01 04:06:27.351988+00', 'gen_01m8qwgmbd6cm8sf11n6xveg72', 'run_01m8qwgmbmkg6npzf33dzd9p7r', 'run.accepted', 'system', '{"link": "https://replicate.com/p/5uszkxgobz36kw2f451542odvx", "prediction": "5uszkxgobz36kw2f451542odvx"}'),
	(101, '2026-12-01 04:06:27.635143+00', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', 'run_01m8qwgmd28g07t9tdjj5tys3g', 'run.accepted', 'system', '{"link": "https://replicate.com/p/v41zvurxbh7r0xexyrzv54up9q", "prediction": "v41zvurxbh7r0xexyrzv54up9q"}'),
	(104, '2026-12-01 04:06:27.8786+00', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', 'run_01m8qwgmd28g07t9tdjj5tys3h', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwgn8st5tv8h1jewjsn0yf", "provider": "replicate"}'),
	(109, '2026-12-01 04:06:27.925465+00', 'gen_01m8qwgmdp52nxd827vz3v1cdy', 'run_01m8qwgmdy0hskth2esp5sb735', 'run.accepted', 'system', '{"link": "https://replicate.com/p/aehwypr1rw2rlj8x0mo7boy98f", "prediction": "aehwypr1rw2rlj8x0mo7boy98f"}'),
	(114, '2026-12-01 04:06:41.106138+00', 'gen_01m8qwh23bt0erwb1dec8gv29t', 'run_01m8qwh23w43abdg2ey80m6k74', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwh261ct9f4d8j0jbc6r5v", "provider": "replicate"}'),
	(96, '2026-12-01 04:06:27.35208+00', 'gen_01m8qwgmbd6cm8sf11n6xveg72', 'run_01m8qwgmbmkg6npzf33dzd9p7q', 'run.accepted', 'system', '{"link": "https://replicate.com/p/j3ok9tbslgyn53lsh3auxh4knr", "prediction": "j3ok9tbslgyn53lsh3auxh4knr"}'),
	(98, '2026-12-01 04:06:27.612578+00', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', 'run_01m8qwgmd28g07t9tdjj5tys3g', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwgn03zde3pz3h9cdytqew", "provider": "replicate"}'),
	(103, '2026-12-01 04:06:27.6523+00', 'gen_01m8qwgmc2ee09rebhrdch8eg7', 'run_01m8qwgmc9rgdepcdsmqm8y7xr', 'run.accepted', 'system', '{"link": "https://replicate.com/p/afruwb9p6kvp00bf0v0rolq2q3", "prediction": "afruwb9p6kvp00bf0v0rolq2q3"}'),
	(107, '2026-12-01 04:06:27.903009+00', 'gen_01m8qwgmdp52nxd827vz3v1cdy', 'run_01m8qwgmdy0hskth2esp5sb735', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwgn8r6jk1b1pznmc9a7t1", "provider": "replicate"}'),
	(116, '2026-12-01 04:06:41.428861+00', 'gen_01m8qwh24dzw2726bxqwr19dpe', 'run_01m8qwh24vd9gqzak6ej5rzm9k', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwh2fjxzt1r9306vsyxhgz", "provider": "replicate"}'),
	(97, '2026-12-01 04:06:27.365223+00', 'gen_01m8qwgm8sy6jaedba4qt473zd', 'run_01m8qwgm99xmenqknv5qh17zm4', 'run.accepted', 'system', '{"link": "https://replicate.com/p/yxk1xcx3j3to9bkirfk1psd1el", "prediction": "yxk1xcx3j3to9bkirfk1psd1el"}'),
	(99, '2026-12-01 04:06:27.615301+00', 'gen_01m8qwgmc2ee09rebhrdch8eg7', 'run_01m8qwgmc9rgdepcdsmqm8y7xs', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwgn06fd88hvq04gdg2tb4", "provider": "replicate"}'),
	(106, '2026-12-01 04:06:27.895993+00', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', 'run_01m8qwgmd28g07t9tdjj5tys3h', 'run.accepted', 'system', '{"link": "https://replicate.com/p/tmhnh2dgtm172oo7nh308s35sb", "prediction": "tmhnh2dgtm172oo7nh308s35sb"}'),
	(110, '2026-12-01 04:06:41.01829+00', 'gen_01m8qwh23bt0erwb1dec8gv29t', NULL, 'generation.started', 'per_local', '{"credits": 30, "pictures": 1}'),
	(111, '2026-12-01 04:06:41.024035+00', 'gen_01m8qwh23bt0erwb1dec8gv29t', 'run_01m8qwh23w43abdg2ey80m6k74', 'run.queued', 'system', '{"role": "pose"}'),
	(112, '2026-12-01 04:06:41.049848+00', 'gen_01m8qwh24dzw2726bxqwr19dpe', NULL, 'generation.started', 'per_local', '{"credits": 30, "pictures": 1}'),
	(113, '2026-12-01 04:06:41.054366+00', 'gen_01m8qwh24dzw2726bxqwr19dpe', 'run_01m8qwh24vd9gqzak6ej5rzm9k', 'run.queued', 'system', '{"role": "pose"}'),
	(118, '2026-12-01 04:07:05.972533+00', 'gen_01m8qwfmb1evq27q70sbfcfcg6', 'run_01m8qwfmb7m2f24t5x0q1dbfre', 'run.failed', 'system', '{"reason": "Replicate answered 404 while reading a prediction: The requested resource could not be found.", "failure": "lost"}'),
	(119, '2026-12-01 04:07:05.979614+00', 'gen_01m8qwgm8sy6jaedba4qt473zd', 'run_01m8qwgm99xmenqknv5qh17zm4', 'run.failed', 'system', '{"reason": "Replicate answered 404 while reading a training: The requested resource could not be found.", "failure": "lost"}'),
	(120, '2026-12-01 04:07:06.045149+00', 'gen_01m8qwfmc2xxkzsfxf0rbwvsva', 'run_01m8qwfmc9nx6706q4pygnbtsy', 'run.failed', 'system', '{"reason": "Replicate answered 404 while reading a prediction: The requested resource could not be found.", "failure": "lost"}'),
	(121, '2026-12-01 04:07:06.046718+00', 'gen_01m8qwfmb1evq27q70sbfcfcg6', NULL, 'slot.refunded', 'system', '{"slot": "slot_01m8qwfmb4bz2a6y9nef6p9xpz", "credits": 30, "failure": "lost"}'),
	(122, '2026-12-01 04:07:06.055845+00', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', 'run_01m8qwgmazx9sqddakdqx692rv', 'run.failed', 'system', '{"reason": "Replicate answered 404 while reading a prediction: The requested resource could not be found.", "failure": "lost"}'),
	(123, '2026-12-01 04:07:06.071622+00', 'gen_01m8qwfmb1evq27q70sbfcfcg6', NULL, 'generation.finished', 'system', '{"state": "failed"}'),
	(124, '2026-12-01 04:07:06.079319+00', 'gen_01m8qwgm8sy6jaedba4qt473zd', NULL, 'slot.refunded', 'system', '{"slot": "slot_01m8qwgm8x7ds6hgz8twa4e27g", "credits": 800, "failure": "lost"}'),
	(125, '2026-12-01 04:07:06.08957+00', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', 'run_01m8qwgma7fhe94xws1wt0ns8r', 'run.failed', 'system', '{"reason": "Replicate answered 404 while reading a prediction: The requested resource could not be found.", "failure": "lost"}'),
	(126, '2026-12-01 04:07:06.10431+00', 'gen_01m8qwgm8sy6jaedba4qt473zd', NULL, 'slot.refunded', 'system', '{"slot": "slot_01m8qwgm8x7ds6hgz8twa4e27h", "credits": 200, "failure": "lost"}'),
	(127, '2026-12-01 04:07:06.108919+00', 'gen_01m8qwgm8sy6jaedba4qt473zd', NULL, 'generation.finished', 'system', '{"state": "failed"}'),
	(128, '2026-12-01 04:07:06.130369+00', 'gen_01m8qwfmc2xxkzsfxf0rbwvsva', NULL, 'slot.refunded', 'system', '{"slot": "slot_01m8qwfmc6q68hcm2t2jrqk20p", "credits": 30, "failure": "lost"}'),
	(129, '2026-12-01 04:07:06.151216+00', 'gen_01m8qwfmc2xxkzsfxf0rbwvsva', NULL, 'generation.finished', 'system', '{"state": "failed"}'),
	(130, '2026-12-01 04:07:06.208187+00', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', NULL, 'slot.refunded', 'system', '{"slot": "slot_01m8qwgma3scp05km5ycw98b3q", "credits": 30, "failure": "lost"}'),
	(131, '2026-12-01 04:07:06.225748+00', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', NULL, 'slot.refunded', 'system', '{"slot": "slot_01m8qwgmavywqkt20jf1fhz6yj", "credits": 30, "failure": "lost"}'),
	(132, '2026-12-01 04:07:06.230376+00', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', 'run_01m8qwgma7fhe94xws1wt0ns8q', 'run.failed', 'system', '{"reason": "Replicate answered 404 while reading a prediction: The requested resource could not be found.", "failure": "lost"}'),
	(133, '2026-12-01 04:07:06.248737+00', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', NULL, 'slot.refunded', 'system', '{"slot": "slot_01m8qwgma3scp05km5ycw98b3p", "credits": 30, "failure": "lost"}'),
	(134, '2026-12-01 04:07:06.255564+00', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', NULL, 'generation.finished', 'system', '{"state": "failed"}'),
	(135, '2026-12-01 04:07:06.2717+00', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', 'run_01m8qwgmazx9sqddakdqx692rw', 'run.failed', 'system', '{"reason": "Replicate answered 404 while reading a prediction: The requested resource could not be found.", "failure": "lost"}'),
	(136, '2026-12-01 04:07:06.296842+00', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', NULL, 'slot.refunded', 'system', '{"slot": "slot_01m8qwgmavywqkt20jf1fhz6yk", "credits": 30, "failure": "lost"}'),
	(137, '2026-12-01 04:07:06.30957+00', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', NULL, 'generation.finished', 'system', '{"state": "failed"}'),
	(138, '2026-12-01 04:07:06.324789+00', 'gen_01m8qwgmbd6cm8sf11n6xveg72', 'run_01m8qwgmbmkg6npzf33dzd9p7q', 'run.failed', 'system', '{"reason": "Replicate answered 404 while reading a prediction: The requested resource could not be found.", "failure": "lost"}'),
	(139, '2026-12-01 04:07:06.348529+00', 'gen_01m8qwgmc2ee09rebhrdch8eg7', 'run_01m8qwgmc9rgdepcdsmqm8y7xs', 'run.failed', 'system', '{"reason": "Replicate answered 404 while reading a prediction: The requested resource could not be found.", "failure": "lost"}'),
	(140, '2026-12-01 04:07:06.348795+00', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', 'run_01m8qwgmd28g07t9tdjj5tys3g', 'run.failed', 'system', '{"reason": "Replicate answered 404 while reading a prediction: The requested resource could not be found.", "failure": "lost"}'),
	(141, '2026-12-01 04:07:06.360919+00', 'gen_01m8qwgmbd6cm8sf11n6xveg72', NULL, 'slot.refunded', 'system', '{"slot": "slot_01m8qwgmbgh76wv5xf82zmaekd", "credits": 30, "failure": "lost"}'),
	(142, '2026-12-01 04:07:06.403655+00', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', NULL, 'slot.refunded', 'system', '{"slot": "slot_01m8qwgmcwz8xx73wvc50v45m9", "credits": 30, "failure": "lost"}'),
	(143, '2026-12-01 04:07:06.404495+00', 'gen_01m8qwgmbd6cm8sf11n6xveg72', 'run_01m8qwgmbmkg6npzf33dzd9p7r', 'run.failed', 'system', '{"reason": "Replicate answered 404 while reading a prediction: The requested resource could not be found.", "failure": "lost"}'),
	(144, '2026-12-01 04:07:06.410897+00', 'gen_01m8qwgmbd6cm8sf11n6xveg72', NULL, 'slot.refunded', 'system', '{"slot": "slot_01m8qwgmbgh76wv5xf82zmaeke", "credits": 30, "failure": "lost"}'),
	(145, '2026-12-01 04:07:06.415424+00', 'gen_01m8qwgmbd6cm8sf11n6xveg72', NULL, 'generation.finished', 'system', '{"state": "failed"}'),
	(146, '2026-12-01 04:07:06.424311+00', 'gen_01m8qwgmc2ee09rebhrdch8eg7', NULL, 'slot.refunded', 'system', '{"slot": "slot_01m8qwgmc5fe0fw84pwys6arw6", "credits": 30, "failure": "lost"}'),
	(147, '2026-12-01 04:07:06.438752+00', 'gen_01m8qwgmc2ee09rebhrdch8eg7', 'run_01m8qwgmc9rgdepcdsmqm8y7xr', 'run.failed', 'system', '{"reason": "Replicate answered 404 while reading a prediction: The requested resource could not be found.", "failure": "lost"}'),
	(148, '2026-12-01 04:07:06.458295+00', 'gen_01m8qwgmc2ee09rebhrdch8eg7', NULL, 'slot.refunded', 'system', '{"slot": "slot_01m8qwgmc5fe0fw84pwys6arw5", "credits": 30, "failure": "lost"}'),
	(149, '2026-12-01 04:07:06.492436+00', 'gen_01m8qwgmdp52nxd827vz3v1cdy', 'run_01m8qwgmdy0hskth2esp5sb735', 'run.failed', 'system', '{"reason": "Replicate answered 404 while reading a prediction: The requested resource could not be found.", "failure": "lost"}'),
	(150, '2026-12-01 04:07:06.496061+00', 'gen_01m8qwgmc2ee09rebhrdch8eg7', NULL, 'generation.finished', 'system', '{"state": "failed"}'),
	(179, '2026-12-01 04:07:11.95827+00', 'gen_01m8qwj01jgye45jxwzsfdabms', 'run_01m8qwj01qen922amjkga1y8ya', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwj09f7xea88rqrvwe5d5t", "provider": "replicate"}'),
	(183, '2026-12-01 04:07:12.018922+00', 'gen_01m8qwj00x1dq8fmnf7kmnv6yv', 'run_01m8qwj0131h801qz8vatnp5xz', 'run.accepted', 'system', '{"link": "https://replicate.com/p/rhk7tm83m7s7sqndw31qq2s0as", "prediction": "rhk7tm83m7s7sqndw31qq2s0as"}'),
	(188, '2026-12-01 04:07:12.248873+00', 'gen_01m8qwj02xyg0wa7hsm7s068rf', 'run_01m8qwj0334e6f7j687a4s1x2p', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwj0k46a3414p12m681sax", "provider": "replicate"}'),
	(193, '2026-12-01 04:07:12.410373+00', 'gen_01m8qwhzyfphz2599mkehb87jm', 'run_01m8qwhzzgp3ff2rkev1cnqcxt', 'run.accepted', 'system', '{"link": "https://replicate.com/p/bmupz3oqaiu42vdg2w59cpm5xx", "prediction": "bmupz3oqaiu42vdg2w59cpm5xx"}'),
	(151, '2026-12-01 04:07:06.50259+00', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', 'run_01m8qwgmd28g07t9tdjj5tys3h', 'run.failed', 'system', '{"reason": "Replicate answered 404 while reading a prediction: The requested resource could not be found.", "failure": "lost"}'),
	(154, '2026-12-01 04:07:06.549715+00', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', NULL, 'slot.refunded', 'system', '{"slot": "slot_01m8qwgmcwz8xx73wvc50v45ma", "credits": 30, "failure": "lost"}'),
	(156, '2026-12-01 04:07:06.57251+00', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', NULL, 'generation.finished', 'system', '{"state": "failed"}'),
	(178, '2026-12-01 04:07:11.958096+00', 'gen_01m8qwj00x1dq8fmnf7kmnv6yv', 'run_01m8qwj0131h801qz8vatnp5xz', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwj09n5cyc85k1vbtq6rvy", "provider": "replicate"}'),
	(186, '2026-12-01 04:07:12.06386+00', 'gen_01m8qwhzyfphz2599mkehb87jm', 'run_01m8qwhzzgp3ff2rkev1cnqcxt', 'run.submitting', 'system', '{"model": "ostris/flux-dev-lora-trainer", "attempt": "att_01m8qwj0d0dx55axk0qf44dawc", "provider": "replicate"}'),
	(189, '2026-12-01 04:07:12.25151+00', 'gen_01m8qwj025gj17p5a3yxx13rcw', 'run_01m8qwj02ccksjt6dszmmsc9z5', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwj0jy9p1akg266hjb741z", "provider": "replicate"}'),
	(152, '2026-12-01 04:07:06.529075+00', 'gen_01m8qwgmdp52nxd827vz3v1cdy', NULL, 'slot.refunded', 'system', '{"slot": "slot_01m8qwgmdt3hxrtppsak0z1mp5", "credits": 30, "failure": "lost"}'),
	(157, '2026-12-01 04:07:06.601778+00', 'gen_01m8qwh24dzw2726bxqwr19dpe', 'run_01m8qwh24vd9gqzak6ej5rzm9k', 'run.failed', 'system', '{"reason": "Replicate answered 404 while reading a prediction: The requested resource could not be found.", "failure": "lost"}'),
	(160, '2026-12-01 04:07:06.633283+00', 'gen_01m8qwh24dzw2726bxqwr19dpe', NULL, 'slot.refunded', 'system', '{"slot": "slot_01m8qwh24nbvqxs9tmvjyz2fpj", "credits": 30, "failure": "lost"}'),
	(161, '2026-12-01 04:07:06.6596+00', 'gen_01m8qwh24dzw2726bxqwr19dpe', NULL, 'generation.finished', 'system', '{"state": "failed"}'),
	(182, '2026-12-01 04:07:12.004214+00', 'gen_01m8qwj01jgye45jxwzsfdabms', 'run_01m8qwj01qen922amjkga1y8ya', 'run.accepted', 'system', '{"link": "https://replicate.com/p/dkexmlkgh5mjf0l7jmsxvd3pwr", "prediction": "dkexmlkgh5mjf0l7jmsxvd3pwr"}'),
	(190, '2026-12-01 04:07:12.254277+00', 'gen_01m8qwj025gj17p5a3yxx13rcw', 'run_01m8qwj02ccksjt6dszmmsc9z6', 'run.accepted', 'system', '{"link": "https://replicate.com/p/hrmp1dndadxzo7bf8s49tcbxk4", "prediction": "hrmp1dndadxzo7bf8s49tcbxk4"}'),
	(194, '2026-12-01 04:07:12.562254+00', 'gen_01m8qwj02xyg0wa7hsm7s068rf', 'run_01m8qwj0334e6f7j687a4s1x2q', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwj0x5a1j46v0nayw6tf3j", "provider": "replicate"}'),
	(153, '2026-12-01 04:07:06.544907+00', 'gen_01m8qwh23bt0erwb1dec8gv29t', 'run_01m8qwh23w43abdg2ey80m6k74', 'run.failed', 'system', '{"reason": "Replicate answered 404 while reading a prediction: The requested resource could not be found.", "failure": "lost"}'),
	(162, '2026-12-01 04:07:06.675983+00', 'gen_01m8qwh23bt0erwb1dec8gv29t', NULL, 'slot.refunded', 'system', '{"slot": "slot_01m8qwh23mwrrfj61mg1kmmevr", "credits": 30, "failure": "lost"}'),
	(163, '2026-12-01 04:07:06.684406+00', 'gen_01m8qwh23bt0erwb1dec8gv29t', NULL, 'generation.finished', 'system', '{"state": "failed"}'),
	(181, '2026-12-01 04:07:11.977132+00', 'gen_01m8qwj00x1dq8fmnf7kmnv6yv', 'run_01m8qwj0131h801qz8vatnp5y0', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwj0a6wy6qxw5m2461qmgr", "provider": "replicate"}'),
	(185, '2026-12-01 04:07:12.054561+00', 'gen_01m8qwj00x1dq8fmnf7kmnv6yv', 'run_01m8qwj0131h801qz8vatnp5y0', 'run.accepted', 'system', '{"link": "https://replicate.com/p/gdszo01cducf3bgdppy66y88ye", "prediction": "gdszo01cducf3bgdppy66y88ye"}'),
	(187, '2026-12-01 04:07:12.239096+00', 'gen_01m8qwj025gj17p5a3yxx13rcw', 'run_01m8qwj02ccksjt6dszmmsc9z6', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwj0jwvr8mz46dd27egs1v", "provider": "replicate"}'),
	(192, '2026-12-01 04:07:12.2807+00', 'gen_01m8qwj025gj17p5a3yxx13rcw', 'run_01m8qwj02ccksjt6dszmmsc9z5', 'run.accepted', 'system', '{"link": "https://replicate.com/p/5kzwagmx6xey4xtuuy068rr2g0", "prediction": "5kzwagmx6xey4xtuuy068rr2g0"}'),
	(155, '2026-12-01 04:07:06.557478+00', 'gen_01m8qwgmdp52nxd827vz3v1cdy', 'run_01m8qwgmdy0hskth2esp5sb734', 'run.failed', 'system', '{"reason": "Replicate answered 404 while reading a prediction: The requested resource could not be found.", "failure": "lost"}'),
	(158, '2026-12-01 04:07:06.602621+00', 'gen_01m8qwgmdp52nxd827vz3v1cdy', NULL, 'slot.refunded', 'system', '{"slot": "slot_01m8qwgmdt3hxrtppsak0z1mp4", "credits": 30, "failure": "lost"}'),
	(159, '2026-12-01 04:07:06.61542+00', 'gen_01m8qwgmdp52nxd827vz3v1cdy', NULL, 'generation.finished', 'system', '{"state": "failed"}'),
	(164, '2026-12-01 04:07:11.586912+00', 'gen_01m8qwhzyfphz2599mkehb87jm', NULL, 'generation.started', 'per_local', '{"credits": 1000, "pictures": 2}'),
	(165, '2026-12-01 04:07:11.615606+00', 'gen_01m8qwhzyfphz2599mkehb87jm', 'run_01m8qwhzzgp3ff2rkev1cnqcxt', 'run.queued', 'system', '{"role": "version"}'),
	(166, '2026-12-01 04:07:11.650556+00', 'gen_01m8qwj00x1dq8fmnf7kmnv6yv', NULL, 'generation.started', 'per_local', '{"credits": 60, "pictures": 2}'),
	(167, '2026-12-01 04:07:11.654587+00', 'gen_01m8qwj00x1dq8fmnf7kmnv6yv', 'run_01m8qwj0131h801qz8vatnp5xz', 'run.queued', 'system', '{"role": "pose"}'),
	(168, '2026-12-01 04:07:11.654605+00', 'gen_01m8qwj00x1dq8fmnf7kmnv6yv', 'run_01m8qwj0131h801qz8vatnp5y0', 'run.queued', 'system', '{"role": "pose"}'),
	(169, '2026-12-01 04:07:11.67109+00', 'gen_01m8qwj01jgye45jxwzsfdabms', NULL, 'generation.started', 'per_local', '{"credits": 60, "pictures": 2}'),
	(170, '2026-12-01 04:07:11.67339+00', 'gen_01m8qwj01jgye45jxwzsfdabms', 'run_01m8qwj01qen922amjkga1y8ya', 'run.queued', 'system', '{"role": "pose"}'),
	(171, '2026-12-01 04:07:11.673403+00', 'gen_01m8qwj01jgye45jxwzsfdabms', 'run_01m8qwj01qen922amjkga1y8yb', 'run.queued', 'system', '{"role": "pose"}'),
	(172, '2026-12-01 04:07:11.690121+00', 'gen_01m8qwj025gj17p5a3yxx13rcw', NULL, 'generation.started', 'per_local', '{"credits": 60, "pictures": 2}'),
	(173, '2026-12-01 04:07:11.693729+00', 'gen_01m8qwj025gj17p5a3yxx13rcw', 'run_01m8qwj02ccksjt6dszmmsc9z5', 'run.queued', 'system', '{"role": "pose"}'),
	(174, '2026-12-01 04:07:11.693741+00', 'gen_01m8qwj025gj17p5a3yxx13rcw', 'run_01m8qwj02ccksjt6dszmmsc9z6', 'run.queued', 'system', '{"role": "pose"}'),
	(175, '2026-12-01 04:07:11.714008+00', 'gen_01m8qwj02xyg0wa7hsm7s068rf', NULL, 'generation.started', 'per_local', '{"credits": 60, "pictures": 2}'),
	(176, '2026-12-01 04:07:11.717369+00', 'gen_01m8qwj02xyg0wa7hsm7s068rf', 'run_01m8qwj0334e6f7j687a4s1x2p', 'run.queued', 'system', '{"role": "pose"}'),
	(177, '2026-12-01 04:07:11.717382+00', 'gen_01m8qwj02xyg0wa7hsm7s068rf', 'run_01m8qwj0334e6f7j687a4s1x2q', 'run.queued', 'system', '{"role": "pose"}'),
	(180, '2026-12-01 04:07:11.976579+00', 'gen_01m8qwj01jgye45jxwzsfdabms', 'run_01m8qwj01qen922amjkga1y8yb', 'run.submitting', 'system', '{"model": "fofr/consistent-character", "attempt": "att_01m8qwj0adskryxsjw1qh7h1qz", "provider": "replicate"}'),
	(184, '2026-12-01 04:07:12.054052+00', 'gen_01m8qwj01jgye45jxwzsfdabms', 'run_01m8qwj01qen922amjkga1y8yb', 'run.accepted', 'system', '{"link": "https://replicate.com/p/rtzlolrf0rqaned7hwzu4btsk5", "prediction": "rtzlolrf0rqaned7hwzu4btsk5"}'),
	(191, '2026-12-01 04:07:12.279535+00', 'gen_01m8qwj02xyg0wa7hsm7s068rf', 'run_01m8qwj0334e6f7j687a4s1x2p', 'run.accepted', 'system', '{"link": "https://replicate.com/p/p3g1yox98mcr9oekksk9g4491b", "prediction": "p3g1yox98mcr9oekksk9g4491b"}'),
	(195, '2026-12-01 04:07:12.592662+00', 'gen_01m8qwj02xyg0wa7hsm7s068rf', 'run_01m8qwj0334e6f7j687a4s1x2q', 'run.accepted', 'system', '{"link": "https://replicate.com/p/icyoppvp8vubzliale6vc8hk8x", "prediction": "icyoppvp8vubzliale6vc8hk8x"}'),
	(196, '2026-12-01 04:07:13.267119+00', 'gen_01m8qwj1k1a85j9kqv4yn5p17j', NULL, 'generation.started', 'per_local', '{"credits": 30, "pictures": 1}'),
	(197, '2026-12-01 04:07:13.2763+00', 'gen_01m8qwj1k1a85j9kqv4yn5p17j', 'run_01m8qwj1kk3w6khw97s5hxwkdw', 'run.queued', 'system', '{"role": "pose"}'),
	(198, '2026-12-01 04:07:13.314235+00', 'gen_01m8qwj1mvnd6sycwkshe4va3e', NULL, 'generation.started', 'per_local', '{"credits": 30, "pictures": 1}'),
	(199, '2026-12-01 04:07:13.323581+00', 'gen_01m8qwj1mvnd6sycwkshe4va3e', 'run_01m8qwj1n2z4ajgjjhkfy9k0g6', 'run.queued', 'system', '{"role": "pose"}'),
	(200, '2026-12-01 04:07:13.3606+00', 'gen_01m8qwj1p5jmjxyzbt6ydvajb1', NULL, 'generation.started', 'per_local', '{"credits": 30, "pictures": 1}');
INSERT INTO app.events VALUES
	(201, '2026-12-01 04:07:13.362698+00', 'gen_01m8qwj1p5jmjxyzbt6ydvajb1', 'run_01m8qwj1ph4hr95afkzfwx55wt', 'run.queued', 'system', '{"role": "pose"}');
INSERT INTO app.generations VALUES
	('gen_01m8qwcdc48vbj4rsefvs6g7gg', 'mascots', 'acc_studio', 'per_local', NULL, 'Fennel', '{"name": "Fennel", "style": "Flat vector", "account_id": "acc_studio", "variations": 1, "description": "Fennel, a fox", "style_words": "", "reference_ids": []}', '0ed60d565ed3211ad3d81076c28abc45b06cd3a54cb4541d637a0b14e779fab9', 'plant-ceb559bf08223193', 10, 'succeeded', 30, 0.11699999999999999, '2026-12-01 04:04:08.711134+00', '2026-12-01 04:04:08.913228+00', '2026-12-01 04:04:30.234748+00', NULL),
	('gen_01m8qwd2v4zz3sax6wnymb1gyv', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: waving', '{"mode": "text", "count": 1, "model": "default", "prompt": "waving", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', 'bda5b9656e6c2d8a439543839e3794bf1dd9727cca6d8106effc8cfba5529df2', 'plant-0bb6309a2383ca13', 10, 'succeeded', 30, 0.039, '2026-12-01 04:04:30.693753+00', '2026-12-01 04:04:30.794374+00', '2026-12-01 04:04:54.930762+00', NULL),
	('gen_01m8qwebx3yz7a3j41mc7xqbmz', 'edits', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: waving · Instagram post', '{"focus": {"ast_01m8qwdtgbtfrgsxxcd4fyw8gp": [0.5, 0.35]}, "presets": ["instagram_post"], "asset_ids": ["ast_01m8qwdtgbtfrgsxxcd4fyw8gp"], "account_id": "acc_studio", "background": "none"}', 'a24f4453f256123c9db2dcd0a1ac4386f264a037612af569f100b6383f69a3da', 'k-export-1', 10, 'succeeded', 1, 0, '2026-12-01 04:05:12.74147+00', '2026-12-01 04:05:13.041618+00', '2026-12-01 04:05:13.302024+00', NULL),
	('gen_01m8qwecsv8bwnk0fb3xhjvcvw', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: jumping', '{"mode": "text", "count": 1, "model": "default", "prompt": "jumping", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', '6a6d6c714675c52c1dcac29c289e34617f73c6528825783eb1a403a41093aba5', 'plant-5bb890de1e271d4a', 10, 'succeeded', 30, 0.039, '2026-12-01 04:05:13.660344+00', '2026-12-01 04:05:13.876143+00', '2026-12-01 04:05:38.038291+00', NULL),
	('gen_01m8qwecs95t9tzpsg4s3bsvrg', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: jumping', '{"mode": "text", "count": 1, "model": "default", "prompt": "jumping", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', '6a6d6c714675c52c1dcac29c289e34617f73c6528825783eb1a403a41093aba5', 'plant-8d6e409efdf0c9f1', 10, 'succeeded', 30, 0.039, '2026-12-01 04:05:13.641987+00', '2026-12-01 04:05:13.875073+00', '2026-12-01 04:05:39.103952+00', NULL),
	('gen_01m8qwfmbh71fe5172fwch4t4g', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: reading', '{"mode": "text", "count": 1, "model": "default", "prompt": "reading", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', 'e5a90d62eea63bf0f570e9b146d5d93f7936fbf94a9b524a547d43902c32bc82', 'plant-ae8dfb06a931ac77', 10, 'succeeded', 30, 0.022934925, '2026-12-01 04:05:54.162388+00', '2026-12-01 04:05:54.382007+00', '2026-12-01 04:06:25.764831+00', NULL),
	('gen_01m8qwfmb1evq27q70sbfcfcg6', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: reading', '{"mode": "text", "count": 1, "model": "default", "prompt": "reading", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', 'e5a90d62eea63bf0f570e9b146d5d93f7936fbf94a9b524a547d43902c32bc82', 'plant-e21e8933d3259e12', 10, 'failed', 30, 0.022934925, '2026-12-01 04:05:54.146474+00', '2026-12-01 04:06:24.605051+00', '2026-12-01 04:07:06.073356+00', NULL),
	('gen_01m8qwfmc2xxkzsfxf0rbwvsva', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: reading', '{"mode": "text", "count": 1, "model": "default", "prompt": "reading", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', 'e5a90d62eea63bf0f570e9b146d5d93f7936fbf94a9b524a547d43902c32bc82', 'plant-018e3fbeeea6d0b9', 10, 'failed', 30, 0.022934925, '2026-12-01 04:05:54.179693+00', '2026-12-01 04:06:24.610793+00', '2026-12-01 04:07:06.159459+00', NULL),
	('gen_01m8qwgm9zs8cvzxbjmp0y48mb', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: dancing', '{"mode": "text", "count": 2, "model": "default", "prompt": "dancing", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', 'dd042266adf0473b00169f6be7d5297b27c2e8a08ab5f9b976be40d7a4541593', 'plant-9cd635bbb3f0d500', 10, 'failed', 60, 0.045239999999999995, '2026-12-01 04:06:26.880057+00', '2026-12-01 04:06:27.096959+00', '2026-12-01 04:07:06.256326+00', NULL),
	('gen_01m8qwgmbd6cm8sf11n6xveg72', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: dancing', '{"mode": "text", "count": 2, "model": "default", "prompt": "dancing", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', 'dd042266adf0473b00169f6be7d5297b27c2e8a08ab5f9b976be40d7a4541593', 'plant-7f7b564b6da7fd39', 10, 'failed', 60, 0.045239999999999995, '2026-12-01 04:06:26.925888+00', '2026-12-01 04:06:27.319141+00', '2026-12-01 04:07:06.416193+00', NULL),
	('gen_01m8qwgmc2ee09rebhrdch8eg7', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: dancing', '{"mode": "text", "count": 2, "model": "default", "prompt": "dancing", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', 'dd042266adf0473b00169f6be7d5297b27c2e8a08ab5f9b976be40d7a4541593', 'plant-75fcbcfbf32bfaf8', 10, 'failed', 60, 0.045239999999999995, '2026-12-01 04:06:26.946955+00', '2026-12-01 04:06:27.610927+00', '2026-12-01 04:07:06.501241+00', NULL),
	('gen_01m8qwgmcr7jw0nbtz2nzbda38', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: dancing', '{"mode": "text", "count": 2, "model": "default", "prompt": "dancing", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', 'dd042266adf0473b00169f6be7d5297b27c2e8a08ab5f9b976be40d7a4541593', 'plant-041933bc16566b11', 10, 'failed', 60, 0.045239999999999995, '2026-12-01 04:06:26.968679+00', '2026-12-01 04:06:27.60937+00', '2026-12-01 04:07:06.582143+00', NULL),
	('gen_01m8qwgmdp52nxd827vz3v1cdy', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: dancing', '{"mode": "text", "count": 2, "model": "default", "prompt": "dancing", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', 'dd042266adf0473b00169f6be7d5297b27c2e8a08ab5f9b976be40d7a4541593', 'plant-729853e80b4c6390', 10, 'failed', 60, 0.045239999999999995, '2026-12-01 04:06:26.999301+00', '2026-12-01 04:06:27.879911+00', '2026-12-01 04:07:06.619869+00', NULL),
	('gen_01m8qwgm8sy6jaedba4qt473zd', 'training', 'acc_studio', 'per_local', NULL, 'Pip', '{"name": "Pip", "gender": null, "captions": {}, "account_id": "acc_studio", "parameters": {"steps": 1000, "lora_rank": 16, "optimizer": "adamw8bit", "batch_size": 1, "resolution": "512,768,1024", "autocaption": true, "learning_rate": 0.0004}, "subject_type": "character", "trigger_word": "plant_3635fd", "reference_ids": ["ref_01m8qwgjfr4fdyttwv9nmq2e5k", "ref_01m8qwgjtz30k3e9mffvh0w913", "ref_01m8qwgka52p4pmn4tak3gxkx2", "ref_01m8qwgkmarpdqy5f75f9ycvwb", "ref_01m8qwgkyhabemn0231kczwpdd", "ref_01m8qwgm85zz1yyqmsr0xeq0gk"]}', '374f8b62df2dcf13d9a431f32006c0be38798f42c3c2413af1e735f02a1c8db1', 'plant_3635fd', 10, 'failed', 1000, 2.745, '2026-12-01 04:06:26.842357+00', '2026-12-01 04:06:27.19991+00', '2026-12-01 04:07:06.10965+00', NULL),
	('gen_01m8qwgmar1ys5cybyt3kbvq7r', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: dancing', '{"mode": "text", "count": 2, "model": "default", "prompt": "dancing", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', 'dd042266adf0473b00169f6be7d5297b27c2e8a08ab5f9b976be40d7a4541593', 'plant-5aee32f8c05180d5', 10, 'failed', 60, 0.045239999999999995, '2026-12-01 04:06:26.905147+00', '2026-12-01 04:06:27.098483+00', '2026-12-01 04:07:06.315201+00', NULL),
	('gen_01m8qwh24dzw2726bxqwr19dpe', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: juggling', '{"mode": "text", "count": 1, "model": "default", "prompt": "juggling", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', '4437b089584610e67b4382647be5083e0ef214dc2c9038c8491f04974191a77c', 'plant-1d1c3abb8c61ed3b', 10, 'failed', 30, 0.022619999999999998, '2026-12-01 04:06:41.037971+00', '2026-12-01 04:06:41.424682+00', '2026-12-01 04:07:06.662174+00', NULL),
	('gen_01m8qwh23bt0erwb1dec8gv29t', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: juggling', '{"mode": "text", "count": 1, "model": "default", "prompt": "juggling", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', '4437b089584610e67b4382647be5083e0ef214dc2c9038c8491f04974191a77c', 'plant-ce6696e890151cba', 10, 'failed', 30, 0.022619999999999998, '2026-12-01 04:06:41.005852+00', '2026-12-01 04:06:41.104866+00', '2026-12-01 04:07:06.685284+00', NULL),
	('gen_01m8qwj00x1dq8fmnf7kmnv6yv', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: dancing', '{"mode": "text", "count": 2, "model": "default", "prompt": "dancing", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', 'dd042266adf0473b00169f6be7d5297b27c2e8a08ab5f9b976be40d7a4541593', 'plant-a82fc318d0018f28', 10, 'running', 60, 0.045239999999999995, '2026-12-01 04:07:11.646043+00', '2026-12-01 04:07:11.955053+00', NULL, NULL),
	('gen_01m8qwhzyfphz2599mkehb87jm', 'training', 'acc_studio', 'per_local', NULL, 'Pip', '{"name": "Pip", "gender": null, "captions": {}, "account_id": "acc_studio", "parameters": {"steps": 1000, "lora_rank": 16, "optimizer": "adamw8bit", "batch_size": 1, "resolution": "512,768,1024", "autocaption": true, "learning_rate": 0.0004}, "subject_type": "character", "trigger_word": "plant_4cfa9b", "reference_ids": ["ref_01m8qwhy2nfjysjcdrqpkhmhwb", "ref_01m8qwhyfhg9fh038pmmkdtp6x", "ref_01m8qwhyss3rgwnmxctkn2vg4r", "ref_01m8qwhz1rbhost-19qc2kg89naddv", "ref_01m8qwhzam59tcq3t48b573a2t", "ref_01m8qwhzmczy66crgpq0j88txa"]}', 'b106399ce9a38d39de2a410542c548e56c70f12523eb74bf9cdc65b95465d49d', 'plant_4cfa9b', 10, 'running', 1000, 2.745, '2026-12-01 04:07:11.569582+00', '2026-12-01 04:07:12.063005+00', NULL, NULL),
	('gen_01m8qwj025gj17p5a3yxx13rcw', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: dancing', '{"mode": "text", "count": 2, "model": "default", "prompt": "dancing", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', 'dd042266adf0473b00169f6be7d5297b27c2e8a08ab5f9b976be40d7a4541593', 'plant-c4624d7197094d7f', 10, 'running', 60, 0.045239999999999995, '2026-12-01 04:07:11.686321+00', '2026-12-01 04:07:12.236891+00', NULL, NULL),
	('gen_01m8qwj02xyg0wa7hsm7s068rf', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: dancing', '{"mode": "text", "count": 2, "model": "default", "prompt": "dancing", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', 'dd042266adf0473b00169f6be7d5297b27c2e8a08ab5f9b976be40d7a4541593', 'plant-01b095e314f8e37c', 10, 'running', 60, 0.045239999999999995, '2026-12-01 04:07:11.710154+00', '2026-12-01 04:07:12.244233+00', NULL, NULL),
	('gen_01m8qwj1k1a85j9kqv4yn5p17j', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: juggling', '{"mode": "text", "count": 1, "model": "default", "prompt": "juggling", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', '4437b089584610e67b4382647be5083e0ef214dc2c9038c8491f04974191a77c', 'plant-8fb69077878e93c7', 10, 'queued', 30, 0.022619999999999998, '2026-12-01 04:07:13.251601+00', NULL, NULL, NULL),
	('gen_01m8qwj1mvnd6sycwkshe4va3e', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: juggling', '{"mode": "text", "count": 1, "model": "default", "prompt": "juggling", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', '4437b089584610e67b4382647be5083e0ef214dc2c9038c8491f04974191a77c', 'plant-3e628fd6d86c9b34', 10, 'queued', 30, 0.022619999999999998, '2026-12-01 04:07:13.308062+00', NULL, NULL, NULL),
	('gen_01m8qwj1p5jmjxyzbt6ydvajb1', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: juggling', '{"mode": "text", "count": 1, "model": "default", "prompt": "juggling", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', '4437b089584610e67b4382647be5083e0ef214dc2c9038c8491f04974191a77c', 'plant-15cfcf23005cc5ad', 10, 'queued', 30, 0.022619999999999998, '2026-12-01 04:07:13.350052+00', NULL, NULL, NULL),
	('gen_01m8qwj01jgye45jxwzsfdabms', 'poses', 'acc_studio', 'per_local', 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'Fennel: dancing', '{"mode": "text", "count": 2, "model": "default", "prompt": "dancing", "source": "mascot", "enhance": true, "mascot_id": "mas_01m8qwcdc99m00m8sj3wz1f59h", "account_id": "acc_studio"}', 'dd042266adf0473b00169f6be7d5297b27c2e8a08ab5f9b976be40d7a4541593', 'plant-a2746987000b588c', 10, 'running', 60, 0.045239999999999995, '2026-12-01 04:07:11.667226+00', '2026-12-01 04:07:11.955781+00', NULL, NULL);
INSERT INTO app.heartbeats VALUES
	('worker-host-1-9620-2333', 'worker', 'host-1', 9620, 5, '{"busy": 0, "held": [], "held_seconds": [], "memory_bytes": 177479680}', '2026-12-01 04:04:01.775417+00', '2026-12-01 04:05:52.024849+00'),
	('worker-host-1-13132-cb3c', 'worker', 'host-1', 13132, 5, '{"busy": 0, "held": [], "held_seconds": [], "memory_bytes": 164761600}', '2026-12-01 04:07:05.407384+00', '2026-12-01 04:07:10.437979+00'),
	('dispatcher-host-1-13130-b9b8', 'dispatcher', 'host-1', 13130, 1, '{"queue": true, "waiting": 0, "memory_bytes": 116121600}', '2026-12-01 04:07:04.698918+00', '2026-12-01 04:07:13.120419+00');
INSERT INTO app.ledger_entries VALUES
	('led_01m8qwc15pdxr8296v0vxvezz1', 'acc_studio', 'grant', 10000, 'starting-credits:acc_studio', NULL, NULL, NULL, 'system', 'Starting credits', '2026-12-01 04:03:56.216155+00', NULL, 0),
	('led_01m8qwcdcc6h5xf6a5wqsc02pw', 'acc_studio', 'charge', -30, 'charge:gen_01m8qwcdc48vbj4rsefvs6g7gg:0', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:04:08.721528+00', NULL, 0),
	('led_01m8qwd2v6sbjddd1afrez2fky', 'acc_studio', 'charge', -30, 'charge:gen_01m8qwd2v4zz3sax6wnymb1gyv:0', 'gen_01m8qwd2v4zz3sax6wnymb1gyv', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:04:30.695862+00', NULL, 0),
	('led_01m8qwebx605bvr68gj79943q3', 'acc_studio', 'charge', -1, 'charge:gen_01m8qwebx3yz7a3j41mc7xqbmz:0', 'gen_01m8qwebx3yz7a3j41mc7xqbmz', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:05:12.74657+00', NULL, 0),
	('led_01m8qwecsafhh9rpz5cx5t3ybq', 'acc_studio', 'charge', -30, 'charge:gen_01m8qwecs95t9tzpsg4s3bsvrg:0', 'gen_01m8qwecs95t9tzpsg4s3bsvrg', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:05:13.644313+00', NULL, 0),
	('led_01m8qwecsw3tc28v949fdq6f4q', 'acc_studio', 'charge', -30, 'charge:gen_01m8qwecsv8bwnk0fb3xhjvcvw:0', 'gen_01m8qwecsv8bwnk0fb3xhjvcvw', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:05:13.662046+00', NULL, 0),
	('led_01m8qwfmb3hk83xy6g0wk9fv7a', 'acc_studio', 'charge', -30, 'charge:gen_01m8qwfmb1evq27q70sbfcfcg6:0', 'gen_01m8qwfmb1evq27q70sbfcfcg6', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:05:54.148283+00', NULL, 0),
	('led_01m8qwfmbjbcswc5cn23bs4czg', 'acc_studio', 'charge', -30, 'charge:gen_01m8qwfmbh71fe5172fwch4t4g:0', 'gen_01m8qwfmbh71fe5172fwch4t4g', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:05:54.16419+00', NULL, 0),
	('led_01m8qwfmc4w1tq20vk1t0kw2vc', 'acc_studio', 'charge', -30, 'charge:gen_01m8qwfmc2xxkzsfxf0rbwvsva:0', 'gen_01m8qwfmc2xxkzsfxf0rbwvsva', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:05:54.18158+00', NULL, 0),
	('led_01m8qwgm8tqjgkfqjtjvh8j9rq', 'acc_studio', 'charge', -1000, 'charge:gen_01m8qwgm8sy6jaedba4qt473zd:0', 'gen_01m8qwgm8sy6jaedba4qt473zd', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:06:26.844526+00', NULL, 0),
	('led_01m8qwgma0es1t7dw8pdr6beey', 'acc_studio', 'charge', -60, 'charge:gen_01m8qwgm9zs8cvzxbjmp0y48mb:0', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:06:26.88263+00', NULL, 0),
	('led_01m8qwgmas0bjcb64kmr2ryjrf', 'acc_studio', 'charge', -60, 'charge:gen_01m8qwgmar1ys5cybyt3kbvq7r:0', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:06:26.907077+00', NULL, 0),
	('led_01m8qwgmbeprzy0n2a03zbt3cp', 'acc_studio', 'charge', -60, 'charge:gen_01m8qwgmbd6cm8sf11n6xveg72:0', 'gen_01m8qwgmbd6cm8sf11n6xveg72', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:06:26.927922+00', NULL, 0),
	('led_01m8qwgmc376zbgc4f41rzrxrb', 'acc_studio', 'charge', -60, 'charge:gen_01m8qwgmc2ee09rebhrdch8eg7:0', 'gen_01m8qwgmc2ee09rebhrdch8eg7', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:06:26.948957+00', NULL, 0),
	('led_01m8qwgmcsxhn26ys6q1tjze92', 'acc_studio', 'charge', -60, 'charge:gen_01m8qwgmcr7jw0nbtz2nzbda38:0', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:06:26.972203+00', NULL, 0),
	('led_01m8qwgmdqszyrghtyzgserzm2', 'acc_studio', 'charge', -60, 'charge:gen_01m8qwgmdp52nxd827vz3v1cdy:0', 'gen_01m8qwgmdp52nxd827vz3v1cdy', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:06:27.001886+00', NULL, 0),
	('led_01m8qwh23en8w0eks8gt8xxvrs', 'acc_studio', 'charge', -30, 'charge:gen_01m8qwh23bt0erwb1dec8gv29t:0', 'gen_01m8qwh23bt0erwb1dec8gv29t', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:06:41.010826+00', NULL, 0),
	('led_01m8qwh24engx5m94y7wsb1khc', 'acc_studio', 'charge', -30, 'charge:gen_01m8qwh24dzw2726bxqwr19dpe:0', 'gen_01m8qwh24dzw2726bxqwr19dpe', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:06:41.044346+00', NULL, 0),
	('led_01m8qwhthrnjrv70zgcf4zrfkc', 'acc_studio', 'refund', 30, 'refund:slot_01m8qwfmb4bz2a6y9nef6p9xpz:led_01m8qwfmb3hk83xy6g0wk9fv7a', 'gen_01m8qwfmb1evq27q70sbfcfcg6', 'slot_01m8qwfmb4bz2a6y9nef6p9xpz', 'led_01m8qwfmb3hk83xy6g0wk9fv7a', 'system', 'lost', '2026-12-01 04:07:06.043624+00', NULL, 0),
	('led_01m8qwhthv1cztqfpyd80p2pmy', 'acc_studio', 'refund', 800, 'refund:slot_01m8qwgm8x7ds6hgz8twa4e27g:led_01m8qwgm8tqjgkfqjtjvh8j9rq', 'gen_01m8qwgm8sy6jaedba4qt473zd', 'slot_01m8qwgm8x7ds6hgz8twa4e27g', 'led_01m8qwgm8tqjgkfqjtjvh8j9rq', 'system', 'lost', '2026-12-01 04:07:06.050353+00', NULL, 0),
	('led_01m8qwhtj8pvg303j0f9q3p69z', 'acc_studio', 'refund', 30, 'refund:slot_01m8qwfmc6q68hcm2t2jrqk20p:led_01m8qwfmc4w1tq20vk1t0kw2vc', 'gen_01m8qwfmc2xxkzsfxf0rbwvsva', 'slot_01m8qwfmc6q68hcm2t2jrqk20p', 'led_01m8qwfmc4w1tq20vk1t0kw2vc', 'system', 'lost', '2026-12-01 04:07:06.0574+00', NULL, 0),
	('led_01m8qwhtjzv4hm7v5vsm2msmqk', 'acc_studio', 'refund', 30, 'refund:slot_01m8qwgmavywqkt20jf1fhz6yj:led_01m8qwgmas0bjcb64kmr2ryjrf', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', 'slot_01m8qwgmavywqkt20jf1fhz6yj', 'led_01m8qwgmas0bjcb64kmr2ryjrf', 'system', 'lost', '2026-12-01 04:07:06.079889+00', NULL, 0),
	('led_01m8qwhtknzz8tnfvzhhf1rhhw', 'acc_studio', 'refund', 200, 'refund:slot_01m8qwgm8x7ds6hgz8twa4e27h:led_01m8qwgm8tqjgkfqjtjvh8j9rq', 'gen_01m8qwgm8sy6jaedba4qt473zd', 'slot_01m8qwgm8x7ds6hgz8twa4e27h', 'led_01m8qwgm8tqjgkfqjtjvh8j9rq', 'system', 'lost', '2026-12-01 04:07:06.102341+00', NULL, 0),
	('led_01m8qwhtkpg3sa74eywh5x35ee', 'acc_studio', 'refund', 30, 'refund:slot_01m8qwgma3scp05km5ycw98b3q:led_01m8qwgma0es1t7dw8pdr6beey', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', 'slot_01m8qwgma3scp05km5ycw98b3q', 'led_01m8qwgma0es1t7dw8pdr6beey', 'system', 'lost', '2026-12-01 04:07:06.103099+00', NULL, 0),
	('led_01m8qwhtr1yez78jvb1dvdhf97', 'acc_studio', 'refund', 30, 'refund:slot_01m8qwgma3scp05km5ycw98b3p:led_01m8qwgma0es1t7dw8pdr6beey', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', 'slot_01m8qwgma3scp05km5ycw98b3p', 'led_01m8qwgma0es1t7dw8pdr6beey', 'system', 'lost', '2026-12-01 04:07:06.246131+00', NULL, 0),
	('led_01m8qwhtsn81akdvrfs11a08mj', 'acc_studio', 'refund', 30, 'refund:slot_01m8qwgmavywqkt20jf1fhz6yk:led_01m8qwgmas0bjcb64kmr2ryjrf', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', 'slot_01m8qwgmavywqkt20jf1fhz6yk', 'led_01m8qwgmas0bjcb64kmr2ryjrf', 'system', 'lost', '2026-12-01 04:07:06.293631+00', NULL, 0),
	('led_01m8qwhttr23ybc42azmdpeddy', 'acc_studio', 'refund', 30, 'refund:slot_01m8qwgmbgh76wv5xf82zmaekd:led_01m8qwgmbeprzy0n2a03zbt3cp', 'gen_01m8qwgmbd6cm8sf11n6xveg72', 'slot_01m8qwgmbgh76wv5xf82zmaekd', 'led_01m8qwgmbeprzy0n2a03zbt3cp', 'system', 'lost', '2026-12-01 04:07:06.329308+00', NULL, 0),
	('led_01m8qwhtvghga0b3trth1xmx38', 'acc_studio', 'refund', 30, 'refund:slot_01m8qwgmcwz8xx73wvc50v45m9:led_01m8qwgmcsxhn26ys6q1tjze92', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', 'slot_01m8qwgmcwz8xx73wvc50v45m9', 'led_01m8qwgmcsxhn26ys6q1tjze92', 'system', 'lost', '2026-12-01 04:07:06.352506+00', NULL, 0),
	('led_01m8qwhtvghga0b3trth1xmx39', 'acc_studio', 'refund', 30, 'refund:slot_01m8qwgmc5fe0fw84pwys6arw6:led_01m8qwgmc376zbgc4f41rzrxrb', 'gen_01m8qwgmc2ee09rebhrdch8eg7', 'slot_01m8qwgmc5fe0fw84pwys6arw6', 'led_01m8qwgmc376zbgc4f41rzrxrb', 'system', 'lost', '2026-12-01 04:07:06.353266+00', NULL, 0),
	('led_01m8qwhtx71rqqw8fbq898b615', 'acc_studio', 'refund', 30, 'refund:slot_01m8qwgmbgh76wv5xf82zmaeke:led_01m8qwgmbeprzy0n2a03zbt3cp', 'gen_01m8qwgmbd6cm8sf11n6xveg72', 'slot_01m8qwgmbgh76wv5xf82zmaeke', 'led_01m8qwgmbeprzy0n2a03zbt3cp', 'system', 'lost', '2026-12-01 04:07:06.408337+00', NULL, 0),
	('led_01m8qwhtyjsr7ctd67gsjbtagy', 'acc_studio', 'refund', 30, 'refund:slot_01m8qwgmc5fe0fw84pwys6arw5:led_01m8qwgmc376zbgc4f41rzrxrb', 'gen_01m8qwgmc2ee09rebhrdch8eg7', 'slot_01m8qwgmc5fe0fw84pwys6arw5', 'led_01m8qwgmc376zbgc4f41rzrxrb', 'system', 'lost', '2026-12-01 04:07:06.451264+00', NULL, 0),
	('led_01m8qwhv0sjab8e6a4xestxknv', 'acc_studio', 'refund', 30, 'refund:slot_01m8qwgmdt3hxrtppsak0z1mp5:led_01m8qwgmdqszyrghtyzgserzm2', 'gen_01m8qwgmdp52nxd827vz3v1cdy', 'slot_01m8qwgmdt3hxrtppsak0z1mp5', 'led_01m8qwgmdqszyrghtyzgserzm2', 'system', 'lost', '2026-12-01 04:07:06.523692+00', NULL, 0),
	('led_01m8qwhv0rk8jj8qmewb0pzdeg', 'acc_studio', 'refund', 30, 'refund:slot_01m8qwgmcwz8xx73wvc50v45ma:led_01m8qwgmcsxhn26ys6q1tjze92', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', 'slot_01m8qwgmcwz8xx73wvc50v45ma', 'led_01m8qwgmcsxhn26ys6q1tjze92', 'system', 'lost', '2026-12-01 04:07:06.525505+00', NULL, 0),
	('led_01m8qwhv27f5r9t9fm7wmjvjj3', 'acc_studio', 'refund', 30, 'refund:slot_01m8qwh23mwrrfj61mg1kmmevr:led_01m8qwh23en8w0eks8gt8xxvrs', 'gen_01m8qwh23bt0erwb1dec8gv29t', 'slot_01m8qwh23mwrrfj61mg1kmmevr', 'led_01m8qwh23en8w0eks8gt8xxvrs', 'system', 'lost', '2026-12-01 04:07:06.568009+00', NULL, 0),
	('led_01m8qwhv2qck4vtvby9arfdaj0', 'acc_studio', 'refund', 30, 'refund:slot_01m8qwgmdt3hxrtppsak0z1mp4:led_01m8qwgmdqszyrghtyzgserzm2', 'gen_01m8qwgmdp52nxd827vz3v1cdy', 'slot_01m8qwgmdt3hxrtppsak0z1mp4', 'led_01m8qwgmdqszyrghtyzgserzm2', 'system', 'lost', '2026-12-01 04:07:06.585143+00', NULL, 0),
	('led_01m8qwhv3xpj22nn5mpqtrj1wn', 'acc_studio', 'refund', 30, 'refund:slot_01m8qwh24nbvqxs9tmvjyz2fpj:led_01m8qwh24engx5m94y7wsb1khc', 'gen_01m8qwh24dzw2726bxqwr19dpe', 'slot_01m8qwh24nbvqxs9tmvjyz2fpj', 'led_01m8qwh24engx5m94y7wsb1khc', 'system', 'lost', '2026-12-01 04:07:06.621793+00', NULL, 0),
	('led_01m8qwhzyj3zr3jpr73hsmapvb', 'acc_studio', 'charge', -1000, 'charge:gen_01m8qwhzyfphz2599mkehb87jm:0', 'gen_01m8qwhzyfphz2599mkehb87jm', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:07:11.573715+00', NULL, 0),
	('led_01m8qwj00y0hhgyj0j04gsaky2', 'acc_studio', 'charge', -60, 'charge:gen_01m8qwj00x1dq8fmnf7kmnv6yv:0', 'gen_01m8qwj00x1dq8fmnf7kmnv6yv', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:07:11.647733+00', NULL, 0),
	('led_01m8qwj01k55gfq8p7mav9hr8d', 'acc_studio', 'charge', -60, 'charge:gen_01m8qwj01jgye45jxwzsfdabms:0', 'gen_01m8qwj01jgye45jxwzsfdabms', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:07:11.668687+00', NULL, 0),
	('led_01m8qwj026b10f97khb9gqp2gq', 'acc_studio', 'charge', -60, 'charge:gen_01m8qwj025gj17p5a3yxx13rcw:0', 'gen_01m8qwj025gj17p5a3yxx13rcw', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:07:11.687775+00', NULL, 0),
	('led_01m8qwj02ywc2cq7x478e5zgtc', 'acc_studio', 'charge', -60, 'charge:gen_01m8qwj02xyg0wa7hsm7s068rf:0', 'gen_01m8qwj02xyg0wa7hsm7s068rf', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:07:11.711646+00', NULL, 0),
	('led_01m8qwj1k4yd7p8432av9dd11j', 'acc_studio', 'charge', -30, 'charge:gen_01m8qwj1k1a85j9kqv4yn5p17j:0', 'gen_01m8qwj1k1a85j9kqv4yn5p17j', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:07:13.263712+00', NULL, 0),
	('led_01m8qwj1mwxzcdg3z22e7yrmcv', 'acc_studio', 'charge', -30, 'charge:gen_01m8qwj1mvnd6sycwkshe4va3e:0', 'gen_01m8qwj1mvnd6sycwkshe4va3e', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:07:13.312179+00', NULL, 0),
	('led_01m8qwj1p6r6at2brw03z0pxe0', 'acc_studio', 'charge', -30, 'charge:gen_01m8qwj1p5jmjxyzbt6ydvajb1:0', 'gen_01m8qwj1p5jmjxyzbt6ydvajb1', NULL, NULL, 'per_local', 'Started', '2026-12-01 04:07:13.351639+00', NULL, 0);
INSERT INTO app.mascots VALUES
	('mas_01m8qwcdc99m00m8sj3wz1f59h', 'acc_studio', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'Fennel', 'Fennel, a fox', 'Flat vector', 1, '2026-12-01 04:04:08.715334+00');
INSERT INTO app.people VALUES
	('per_local', 'Local operator', NULL, 'admin', '2026-12-01 04:03:56.117917+00', NULL);
INSERT INTO app.poses VALUES
	('pose_standing', 'Standing', 'Standing', 'standing upright and relaxed, arms at the sides, looking straight ahead', '{"keypoints": [[0.5, 0.202], [0.5, 0.296], [0.415, 0.308], [0.395, 0.436], [0.385, 0.551], [0.585, 0.308], [0.605, 0.436], [0.615, 0.551], [0.448, 0.546], [0.434, 0.745], [0.427, 0.935], [0.552, 0.546], [0.566, 0.745], [0.573, 0.935], [0.478, 0.181], [0.522, 0.181], [0.451, 0.191], [0.549, 0.191]]}', 0, '2026-12-01 04:03:56.165471+00', NULL),
	('pose_hands_on_hips', 'Hands on hips', 'Standing', 'hands on hips, feet apart, chest out, confident', '{"keypoints": [[0.5, 0.207], [0.5, 0.301], [0.415, 0.313], [0.352, 0.427], [0.425, 0.516], [0.585, 0.313], [0.648, 0.427], [0.575, 0.516], [0.448, 0.551], [0.41, 0.747], [0.38, 0.935], [0.552, 0.551], [0.59, 0.747], [0.62, 0.935], [0.478, 0.186], [0.522, 0.186], [0.451, 0.197], [0.549, 0.197]]}', 1, '2026-12-01 04:03:56.165661+00', NULL),
	('pose_arms_crossed', 'Arms crossed', 'Standing', 'arms crossed over the chest, feet apart, calm look', '{"keypoints": [[0.497, 0.207], [0.5, 0.301], [0.415, 0.313], [0.381, 0.439], [0.491, 0.403], [0.585, 0.313], [0.619, 0.439], [0.505, 0.423], [0.448, 0.551], [0.41, 0.747], [0.38, 0.935], [0.552, 0.551], [0.59, 0.747], [0.62, 0.935], [0.474, 0.188], [0.517, 0.185], [0.447, 0.2], [0.545, 0.193]]}', 2, '2026-12-01 04:03:56.165677+00', NULL),
	('pose_at_ease', 'At ease', 'Standing', 'hands behind the back, chin up, standing politely', '{"keypoints": [[0.5, 0.195], [0.5, 0.296], [0.415, 0.308], [0.382, 0.424], [0.488, 0.486], [0.585, 0.308], [0.618, 0.424], [0.516, 0.496], [0.448, 0.546], [0.434, 0.745], [0.427, 0.935], [0.552, 0.546], [0.566, 0.745], [0.573, 0.935], [0.478, 0.175], [0.522, 0.175], [0.451, 0.191], [0.549, 0.191]]}', 3, '2026-12-01 04:03:56.165684+00', NULL),
	('pose_waving', 'Waving', 'Greeting', 'waving hello with one raised hand, friendly smile', '{"keypoints": [[0.47, 0.202], [0.466, 0.296], [0.381, 0.308], [0.36, 0.436], [0.35, 0.551], [0.551, 0.308], [0.671, 0.259], [0.695, 0.146], [0.414, 0.546], [0.4, 0.745], [0.393, 0.935], [0.518, 0.546], [0.532, 0.745], [0.538, 0.935], [0.451, 0.179], [0.494, 0.184], [0.422, 0.186], [0.521, 0.197]]}', 4, '2026-12-01 04:03:56.165691+00', NULL),
	('pose_saluting', 'Saluting', 'Greeting', 'saluting with a flat hand at the forehead, heels together', '{"keypoints": [[0.525, 0.202], [0.525, 0.295], [0.44, 0.307], [0.335, 0.28], [0.437, 0.21], [0.61, 0.307], [0.626, 0.436], [0.632, 0.551], [0.473, 0.545], [0.462, 0.745], [0.459, 0.935], [0.577, 0.545], [0.587, 0.745], [0.591, 0.935], [0.503, 0.181], [0.547, 0.181], [0.476, 0.191], [0.574, 0.191]]}', 5, '2026-12-01 04:03:56.165697+00', NULL),
	('pose_bowing', 'Bowing', 'Greeting', 'bowing deeply from the waist, arms at the sides, head lowered', '{"keypoints": [[0.735, 0.434], [0.631, 0.419], [0.599, 0.4], [0.497, 0.481], [0.417, 0.563], [0.643, 0.452], [0.55, 0.543], [0.479, 0.633], [0.386, 0.526], [0.372, 0.726], [0.365, 0.916], [0.434, 0.546], [0.441, 0.745], [0.454, 0.935], [0.75, 0.414], [0.755, 0.43], [0.723, 0.368], [0.735, 0.403]]}', 6, '2026-12-01 04:03:56.165703+00', NULL),
	('pose_open_arms', 'Open arms', 'Greeting', 'arms spread wide to welcome, warm smile', '{"keypoints": [[0.5, 0.198], [0.5, 0.296], [0.415, 0.308], [0.289, 0.339], [0.177, 0.311], [0.585, 0.308], [0.711, 0.339], [0.823, 0.311], [0.448, 0.546], [0.434, 0.745], [0.427, 0.935], [0.552, 0.546], [0.566, 0.745], [0.573, 0.935], [0.478, 0.178], [0.522, 0.178], [0.451, 0.191], [0.549, 0.191]]}', 7, '2026-12-01 04:03:56.16571+00', NULL),
	('pose_thumbs_up', 'Thumbs up', 'Greeting', 'thumbs up with one hand, the other hand on the waist, cheerful', '{"keypoints": [[0.489, 0.203], [0.486, 0.297], [0.401, 0.309], [0.338, 0.422], [0.411, 0.512], [0.571, 0.309], [0.62, 0.429], [0.681, 0.332], [0.434, 0.547], [0.406, 0.745], [0.39, 0.934], [0.538, 0.547], [0.559, 0.745], [0.572, 0.935], [0.469, 0.181], [0.512, 0.184], [0.44, 0.189], [0.539, 0.196]]}', 8, '2026-12-01 04:03:56.165716+00', NULL),
	('pose_walking', 'Walking', 'Moving', 'walking forward with easy steps, arms swinging', '{"keypoints": [[0.545, 0.23], [0.504, 0.322], [0.46, 0.332], [0.395, 0.444], [0.379, 0.558], [0.545, 0.336], [0.602, 0.453], [0.693, 0.524], [0.463, 0.571], [0.554, 0.749], [0.593, 0.935], [0.51, 0.572], [0.448, 0.762], [0.326, 0.908], [0.527, 0.208], [0.556, 0.209], [0.474, 0.217], [0.54, 0.219]]}', 9, '2026-12-01 04:03:56.165722+00', NULL),
	('pose_running', 'Running', 'Moving', 'running fast, leaning forward, arms pumping, one knee high', '{"keypoints": [[0.587, 0.25], [0.532, 0.338], [0.484, 0.341], [0.362, 0.386], [0.401, 0.494], [0.576, 0.358], [0.656, 0.46], [0.757, 0.407], [0.452, 0.58], [0.645, 0.635], [0.631, 0.824], [0.499, 0.583], [0.411, 0.763], [0.275, 0.895], [0.574, 0.227], [0.595, 0.23], [0.519, 0.232], [0.568, 0.237]]}', 10, '2026-12-01 04:03:56.165728+00', NULL),
	('pose_jumping', 'Jumping', 'Moving', 'jumping high with knees bent and both arms up, joyful', '{"keypoints": [[0.5, 0.184], [0.5, 0.285], [0.415, 0.297], [0.346, 0.187], [0.318, 0.076], [0.585, 0.297], [0.654, 0.187], [0.682, 0.076], [0.448, 0.535], [0.309, 0.679], [0.392, 0.85], [0.552, 0.535], [0.691, 0.679], [0.608, 0.85], [0.478, 0.165], [0.522, 0.165], [0.451, 0.181], [0.549, 0.181]]}', 11, '2026-12-01 04:03:56.165734+00', NULL),
	('pose_dancing', 'Dancing', 'Moving', 'dancing with one arm up and one knee lifted, happy', '{"keypoints": [[0.456, 0.205], [0.457, 0.299], [0.377, 0.33], [0.299, 0.434], [0.382, 0.514], [0.543, 0.291], [0.645, 0.211], [0.649, 0.097], [0.444, 0.549], [0.423, 0.748], [0.39, 0.935], [0.548, 0.543], [0.706, 0.666], [0.6, 0.824], [0.435, 0.183], [0.479, 0.186], [0.407, 0.192], [0.506, 0.198]]}', 12, '2026-12-01 04:03:56.165943+00', NULL),
	('pose_flying', 'Flying', 'Moving', 'flying through the air like a superhero, one fist stretched ahead', '{"keypoints": [[0.762, 0.345], [0.69, 0.418], [0.651, 0.397], [0.537, 0.458], [0.449, 0.532], [0.712, 0.457], [0.822, 0.388], [0.92, 0.327], [0.453, 0.548], [0.277, 0.642], [0.103, 0.719], [0.512, 0.569], [0.364, 0.703], [0.174, 0.696], [0.753, 0.319], [0.776, 0.327], [0.699, 0.311], [0.751, 0.33]]}', 13, '2026-12-01 04:03:56.165951+00', NULL),
	('pose_sitting', 'Sitting', 'Sitting', 'sitting on a stool, hands on the knees, back straight', '{"keypoints": [[0.467, 0.352], [0.438, 0.446], [0.388, 0.46], [0.433, 0.571], [0.523, 0.642], [0.49, 0.457], [0.523, 0.571], [0.603, 0.636], [0.411, 0.697], [0.605, 0.745], [0.612, 0.935], [0.484, 0.696], [0.683, 0.717], [0.669, 0.906], [0.446, 0.332], [0.481, 0.331], [0.397, 0.343], [0.477, 0.342]]}', 14, '2026-12-01 04:03:56.165958+00', NULL),
	('pose_meditating', 'Meditating', 'Sitting', 'meditating cross-legged on the ground, eyes closed, hands on the knees', '{"keypoints": [[0.5, 0.499], [0.5, 0.589], [0.415, 0.601], [0.345, 0.709], [0.3, 0.814], [0.585, 0.601], [0.655, 0.709], [0.7, 0.814], [0.448, 0.839], [0.267, 0.897], [0.447, 0.916], [0.552, 0.839], [0.733, 0.897], [0.556, 0.935], [0.478, 0.477], [0.522, 0.477], [0.451, 0.485], [0.549, 0.485]]}', 15, '2026-12-01 04:03:56.165964+00', NULL),
	('pose_kneeling', 'Kneeling', 'Sitting', 'kneeling on one knee, one forearm resting on the other knee', '{"keypoints": [[0.561, 0.375], [0.519, 0.467], [0.472, 0.477], [0.445, 0.604], [0.437, 0.719], [0.565, 0.482], [0.577, 0.611], [0.689, 0.637], [0.476, 0.716], [0.455, 0.915], [0.266, 0.935], [0.528, 0.717], [0.726, 0.745], [0.732, 0.935], [0.542, 0.353], [0.572, 0.354], [0.49, 0.362], [0.556, 0.364]]}', 16, '2026-12-01 04:03:56.16597+00', NULL),
	('pose_crouching', 'Crouching', 'Sitting', 'crouching low with bent knees, elbows on the knees, curious', '{"keypoints": [[0.5, 0.413], [0.5, 0.502], [0.415, 0.514], [0.371, 0.636], [0.465, 0.702], [0.585, 0.514], [0.629, 0.636], [0.535, 0.702], [0.448, 0.722], [0.286, 0.774], [0.345, 0.935], [0.552, 0.722], [0.714, 0.774], [0.655, 0.935], [0.478, 0.392], [0.522, 0.392], [0.451, 0.398], [0.549, 0.398]]}', 17, '2026-12-01 04:03:56.165976+00', NULL),
	('pose_reading', 'Reading', 'Working', 'reading an open book held in both hands, looking down at it', '{"keypoints": [[0.5, 0.222], [0.5, 0.296], [0.415, 0.308], [0.344, 0.416], [0.455, 0.446], [0.585, 0.308], [0.656, 0.416], [0.545, 0.446], [0.448, 0.546], [0.434, 0.745], [0.427, 0.935], [0.552, 0.546], [0.566, 0.745], [0.573, 0.935], [0.478, 0.201], [0.522, 0.201], [0.451, 0.192], [0.549, 0.192]]}', 18, '2026-12-01 04:03:56.165983+00', NULL),
	('pose_pointing', 'Pointing', 'Working', 'pointing to one side with a stretched arm, as if explaining a board', '{"keypoints": [[0.464, 0.203], [0.446, 0.297], [0.361, 0.309], [0.298, 0.422], [0.371, 0.512], [0.531, 0.309], [0.66, 0.293], [0.774, 0.275], [0.394, 0.547], [0.366, 0.745], [0.35, 0.934], [0.498, 0.547], [0.519, 0.745], [0.532, 0.935], [0.441, 0.182], [0.482, 0.182], [0.4, 0.192], [0.492, 0.192]]}', 19, '2026-12-01 04:03:56.165989+00', NULL),
	('pose_typing', 'Typing', 'Working', 'typing on a keyboard at a desk, seated, looking at the screen', '{"keypoints": [[0.511, 0.381], [0.46, 0.47], [0.421, 0.479], [0.452, 0.605], [0.567, 0.613], [0.497, 0.485], [0.546, 0.605], [0.661, 0.597], [0.412, 0.718], [0.61, 0.746], [0.59, 0.935], [0.464, 0.72], [0.664, 0.727], [0.671, 0.917], [0.496, 0.361], [0.515, 0.358], [0.443, 0.37], [0.486, 0.362]]}', 20, '2026-12-01 04:03:56.165995+00', NULL),
	('pose_phone', 'On the phone', 'Working', 'talking on the phone, one hand at the ear, the other arm across the belly', '{"keypoints": [[0.503, 0.203], [0.508, 0.297], [0.423, 0.309], [0.36, 0.382], [0.432, 0.292], [0.593, 0.309], [0.629, 0.434], [0.52, 0.422], [0.456, 0.547], [0.435, 0.745], [0.422, 0.935], [0.56, 0.547], [0.585, 0.745], [0.598, 0.935], [0.479, 0.185], [0.522, 0.18], [0.453, 0.199], [0.551, 0.187]]}', 21, '2026-12-01 04:03:56.166001+00', NULL),
	('pose_cheering', 'Cheering', 'Feelings', 'cheering with both arms raised, mouth open with joy', '{"keypoints": [[0.5, 0.2], [0.5, 0.301], [0.415, 0.313], [0.354, 0.198], [0.334, 0.085], [0.585, 0.313], [0.646, 0.198], [0.666, 0.085], [0.448, 0.551], [0.41, 0.747], [0.38, 0.935], [0.552, 0.551], [0.59, 0.747], [0.62, 0.935], [0.478, 0.18], [0.522, 0.18], [0.451, 0.197], [0.549, 0.197]]}', 22, '2026-12-01 04:03:56.166006+00', NULL),
	('pose_thinking', 'Thinking', 'Feelings', 'thinking with one hand on the chin, eyes up, the other arm folded', '{"keypoints": [[0.498, 0.195], [0.491, 0.296], [0.406, 0.308], [0.429, 0.396], [0.465, 0.288], [0.576, 0.308], [0.607, 0.434], [0.494, 0.438], [0.439, 0.546], [0.425, 0.745], [0.418, 0.935], [0.543, 0.546], [0.557, 0.745], [0.563, 0.935], [0.479, 0.172], [0.522, 0.178], [0.449, 0.185], [0.547, 0.199]]}', 23, '2026-12-01 04:03:56.166025+00', NULL),
	('pose_shrugging', 'Shrugging', 'Feelings', 'shrugging with raised shoulders and open palms, puzzled', '{"keypoints": [[0.508, 0.202], [0.5, 0.296], [0.415, 0.278], [0.354, 0.392], [0.242, 0.365], [0.585, 0.278], [0.646, 0.392], [0.758, 0.365], [0.448, 0.546], [0.434, 0.745], [0.427, 0.935], [0.552, 0.546], [0.566, 0.745], [0.573, 0.935], [0.491, 0.178], [0.534, 0.186], [0.462, 0.183], [0.559, 0.201]]}', 24, '2026-12-01 04:03:56.166031+00', NULL),
	('pose_clapping', 'Clapping', 'Feelings', 'clapping hands in front of the chest, delighted', '{"keypoints": [[0.496, 0.2], [0.5, 0.298], [0.415, 0.31], [0.395, 0.426], [0.488, 0.366], [0.585, 0.31], [0.605, 0.426], [0.512, 0.366], [0.448, 0.548], [0.42, 0.746], [0.404, 0.935], [0.552, 0.548], [0.58, 0.746], [0.596, 0.935], [0.472, 0.182], [0.516, 0.178], [0.446, 0.198], [0.544, 0.189]]}', 25, '2026-12-01 04:03:56.166037+00', NULL),
	('pose_surprised', 'Surprised', 'Feelings', 'surprised, both hands on the cheeks, eyes wide open', '{"keypoints": [[0.5, 0.204], [0.5, 0.298], [0.415, 0.31], [0.382, 0.38], [0.438, 0.272], [0.585, 0.31], [0.618, 0.38], [0.562, 0.272], [0.448, 0.548], [0.417, 0.745], [0.427, 0.935], [0.552, 0.548], [0.583, 0.745], [0.573, 0.935], [0.478, 0.183], [0.522, 0.183], [0.451, 0.194], [0.549, 0.194]]}', 26, '2026-12-01 04:03:56.166043+00', NULL),
	('pose_kicking', 'Kicking', 'Sport', 'kicking a ball with one leg swung high, arms out for balance', '{"keypoints": [[0.42, 0.206], [0.427, 0.3], [0.345, 0.327], [0.216, 0.34], [0.108, 0.38], [0.512, 0.296], [0.627, 0.357], [0.742, 0.361], [0.431, 0.547], [0.445, 0.747], [0.418, 0.935], [0.535, 0.539], [0.733, 0.567], [0.915, 0.619], [0.398, 0.185], [0.442, 0.185], [0.371, 0.196], [0.47, 0.195]]}', 27, '2026-12-01 04:03:56.166049+00', NULL),
	('pose_stretching', 'Stretching', 'Sport', 'stretching sideways, both arms over the head, feet apart', '{"keypoints": [[0.574, 0.228], [0.542, 0.316], [0.457, 0.302], [0.471, 0.173], [0.532, 0.075], [0.619, 0.353], [0.706, 0.257], [0.76, 0.155], [0.397, 0.541], [0.348, 0.735], [0.309, 0.921], [0.5, 0.555], [0.548, 0.749], [0.588, 0.935], [0.56, 0.201], [0.601, 0.216], [0.531, 0.202], [0.624, 0.235]]}', 28, '2026-12-01 04:03:56.166055+00', NULL),
	('pose_lunging', 'Lunging', 'Sport', 'lunging deep with one leg far forward, hands at the waist', '{"keypoints": [[0.58, 0.346], [0.542, 0.44], [0.478, 0.452], [0.417, 0.545], [0.507, 0.64], [0.605, 0.452], [0.667, 0.54], [0.612, 0.64], [0.516, 0.69], [0.358, 0.813], [0.185, 0.89], [0.568, 0.69], [0.76, 0.745], [0.76, 0.935], [0.561, 0.325], [0.59, 0.325], [0.509, 0.336], [0.575, 0.336]]}', 29, '2026-12-01 04:03:56.16606+00', NULL),
	('pose_boxing', 'Boxing', 'Sport', 'boxing stance, both fists raised in front of the face, feet staggered', '{"keypoints": [[0.508, 0.213], [0.482, 0.307], [0.413, 0.316], [0.437, 0.407], [0.512, 0.319], [0.549, 0.321], [0.632, 0.372], [0.727, 0.312], [0.417, 0.555], [0.361, 0.748], [0.315, 0.932], [0.52, 0.557], [0.589, 0.745], [0.596, 0.935], [0.487, 0.192], [0.525, 0.193], [0.441, 0.201], [0.528, 0.204]]}', 30, '2026-12-01 04:03:56.166067+00', NULL),
	('pose_balancing', 'Balancing', 'Sport', 'balancing on one leg, palms joined above the head, steady', '{"keypoints": [[0.464, 0.199], [0.464, 0.293], [0.379, 0.305], [0.364, 0.181], [0.455, 0.113], [0.549, 0.305], [0.564, 0.181], [0.473, 0.113], [0.412, 0.545], [0.415, 0.745], [0.415, 0.935], [0.515, 0.541], [0.685, 0.647], [0.512, 0.725], [0.442, 0.179], [0.485, 0.179], [0.414, 0.189], [0.513, 0.189]]}', 31, '2026-12-01 04:03:56.166072+00', NULL);
INSERT INTO app.prices VALUES
	('pose', 30, '2026-12-01 04:03:56.119218+00'),
	('mascot_picture', 10, '2026-12-01 04:03:56.119969+00'),
	('simulation_view', 15, '2026-12-01 04:03:56.121564+00'),
	('training_version', 800, '2026-12-01 04:03:56.122118+00'),
	('training_weights', 200, '2026-12-01 04:03:56.122591+00'),
	('studio_picture', 20, '2026-12-01 04:03:56.123106+00'),
	('cutout', 5, '2026-12-01 04:03:56.123654+00'),
	('background', 15, '2026-12-01 04:03:56.124121+00'),
	('export', 1, '2026-12-01 04:03:56.124463+00');
INSERT INTO app.provider_prices VALUES
	('replicate', '*', 'second', 0.000975, '2026-12-01 04:03:56.125729+00'),
	('replicate', 'fofr/consistent-character', 'second', 0.000975, '2026-12-01 04:03:56.126703+00'),
	('replicate', 'sdxl-based/consistent-character', 'second', 0.000975, '2026-12-01 04:03:56.127312+00'),
	('replicate', 'stability-ai/sdxl', 'second', 0.000975, '2026-12-01 04:03:56.127934+00'),
	('replicate', 'ostris/flux-dev-lora-trainer', 'second', 0.001525, '2026-12-01 04:03:56.128528+00'),
	('replicate', 'black-forest-labs/flux-dev', 'picture', 0.025, '2026-12-01 04:03:56.129833+00'),
	('replicate', 'black-forest-labs/flux-kontext-pro', 'picture', 0.04, '2026-12-01 04:03:56.130351+00'),
	('replicate', '851-labs/background-remover', 'second', 0.000225, '2026-12-01 04:03:56.130795+00'),
	('gemini', '*', 'picture', 0.039, '2026-12-01 04:03:56.131255+00'),
	('huggingface', '*', 'picture', 0.03, '2026-12-01 04:03:56.132668+00'),
	('desk', '*', 'picture', 0, '2026-12-01 04:03:56.13326+00');
INSERT INTO app.provider_states VALUES
	('gemini', NULL, NULL, '5f8b6a4b9468', NULL, 0, '2026-12-01 04:04:00.517768+00', NULL, NULL, NULL, 0, '2026-12-01 04:04:00.517768+00'),
	('huggingface', NULL, NULL, 'ca183a69ebd0', NULL, 0, '2026-12-01 04:04:00.518482+00', NULL, NULL, NULL, 0, '2026-12-01 04:04:00.518483+00'),
	('desk', NULL, NULL, '49be417ad740', NULL, 0, '2026-12-01 04:04:00.519113+00', NULL, NULL, NULL, 0, '2026-12-01 04:04:00.519113+00'),
	('replicate', NULL, NULL, 'e75e895e40e7', NULL, 5, '2026-12-01 04:07:13.100508+00', NULL, NULL, NULL, 31, '2026-12-01 04:07:06.393189+00');
INSERT INTO app."references" VALUES
	('ref_01m8qwgjfr4fdyttwv9nmq2e5k', 'acc_studio', 'ast_01m8qwgjfkyakbmme6ta18k0at', '66af3a8a76bd2cac20ef746802e7ef8e6541a8e910d76b0a107dbee58b3cc123', 'teal.png', 'PNG', 8700, 'per_local', '2026-12-01 04:06:25.018658+00', NULL, 8.9, 1210000, 6917671966467983360, 3458907452647442432, NULL, '2026-12-01 04:06:26.848197+00'),
	('ref_01m8qwgjtz30k3e9mffvh0w913', 'acc_studio', 'ast_01m8qwgjtxkdt1fbzhkc149czc', 'c1550e4e08f4df47348f7baad53ce388802b8750ed191369b7c5ba4d00492df3', 'gold.png', 'PNG', 8689, 'per_local', '2026-12-01 04:06:25.379683+00', NULL, 19.16, 1210000, 2305985948040595456, 2305985948040595456, NULL, '2026-12-01 04:06:26.848302+00'),
	('ref_01m8qwgka52p4pmn4tak3gxkx2', 'acc_studio', 'ast_01m8qwgka301e5wd5x103tkxz9', '336f9e232869c2069463a20f96d62b3d238daafeec82deb97fdabdd22322cfeb', 'tomato.png', 'PNG', 8704, 'per_local', '2026-12-01 04:06:25.86223+00', NULL, 14.34, 1210000, 2305985948040595456, 2305985948040595456, NULL, '2026-12-01 04:06:26.848333+00'),
	('ref_01m8qwgkmarpdqy5f75f9ycvwb', 'acc_studio', 'ast_01m8qwgkm8xzjsm7wzvc85xqe4', '31fd736ca1369511049048d64a03d29937b229774645c61304e4b3081b55edb7', 'orchid.png', 'PNG', 8709, 'per_local', '2026-12-01 04:06:26.18729+00', NULL, 15.97, 1210000, 2305985948040595456, 2305985948040595456, NULL, '2026-12-01 04:06:26.848359+00'),
	('ref_01m8qwgkyhabemn0231kczwpdd', 'acc_studio', 'ast_01m8qwgkyfwyjcf89wac43ww5e', '24ddc43a287645bc061aced697ab39f3854ecf362964a71046ad7b3df16722b8', 'navy.png', 'PNG', 8698, 'per_local', '2026-12-01 04:06:26.513984+00', NULL, 5.27, 1210000, 6917676364514494464, 3747137828799154176, NULL, '2026-12-01 04:06:26.848386+00'),
	('ref_01m8qwgm85zz1yyqmsr0xeq0gk', 'acc_studio', 'ast_01m8qwgm83snvxkqa957hrd93c', '08474ee81dca6dbea30dba5bbab7af714c52054c4fe3e314fe721f1457b61145', 'olive.png', 'PNG', 8689, 'per_local', '2026-12-01 04:06:26.821918+00', NULL, 10.99, 1210000, 6917671966467983360, 3458907452647442432, NULL, '2026-12-01 04:06:26.848398+00'),
	('ref_01m8qwhy2nfjysjcdrqpkhmhwb', 'acc_studio', 'ast_01m8qwhy2evywyvdr0bwb86xx5', '51feca716dfadffd7cab1a151fb9638db29977c643b0b71841ff048744672da9', 'teal.png', 'PNG', 8695, 'per_local', '2026-12-01 04:07:09.655026+00', NULL, 8.9, 1210000, 6917671966467983360, 3458907452647442432, NULL, '2026-12-01 04:07:11.583696+00'),
	('ref_01m8qwhyfhg9fh038pmmkdtp6x', 'acc_studio', 'ast_01m8qwhyffhgqxwx8pyhzb0pyx', '209a736df2d224ff67d0308b4d222ad00bc8a2f9c953f4ffd1fc1c3ea3e5c3be', 'gold.png', 'PNG', 8690, 'per_local', '2026-12-01 04:07:10.06583+00', NULL, 19.16, 1210000, 2305985948040595456, 2305985948040595456, NULL, '2026-12-01 04:07:11.583792+00'),
	('ref_01m8qwhyss3rgwnmxctkn2vg4r', 'acc_studio', 'ast_01m8qwhysqfcswven182921hgz', '30b571805ea37bba5c2993cf8fa4ffc81ea7a021a4d5167da6b91b67df7fd495', 'tomato.png', 'PNG', 8702, 'per_local', '2026-12-01 04:07:10.39359+00', NULL, 14.34, 1210000, 2305985948040595456, 2305985948040595456, NULL, '2026-12-01 04:07:11.583822+00'),
	('ref_01m8qwhz1rbhost-19qc2kg89naddv', 'acc_studio', 'ast_01m8qwhz1qebeg77661w8ccvss', 'ba471b8606f145e7e9e76a85370b89184433f01ee40b4dcc2d78ac35e7df7775', 'orchid.png', 'PNG', 8707, 'per_local', '2026-12-01 04:07:10.649117+00', NULL, 15.97, 1210000, 2305985948040595456, 2305985948040595456, NULL, '2026-12-01 04:07:11.583848+00'),
	('ref_01m8qwhzam59tcq3t48b573a2t', 'acc_studio', 'ast_01m8qwhzakwsvrhwcjw0n0x8kw', 'efb29725c598269b424d5b82912ed1ef80989506575b131b8562d06577138535', 'navy.png', 'PNG', 8697, 'per_local', '2026-12-01 04:07:10.932675+00', NULL, 5.27, 1210000, 6917676364514494464, 3747137828799154176, NULL, '2026-12-01 04:07:11.583872+00'),
	('ref_01m8qwhzmczy66crgpq0j88txa', 'acc_studio', 'ast_01m8qwhzmbrzma4ayvrvbmxh8b', '76deb2bf9fd22fb80d66c3a595e33f3f1612fa95158707c50f698a7159e19e81', 'olive.png', 'PNG', 8689, 'per_local', '2026-12-01 04:07:11.24498+00', NULL, 10.99, 1210000, 6917671966467983360, 3458907452647442432, NULL, '2026-12-01 04:07:11.583902+00');
INSERT INTO app.run_slots VALUES
	('run_01m8qwcdd3qxtjhpsk3hynqsfw', 'slot_01m8qwcdckvrfs7mt3ncxxbym3', 0),
	('run_01m8qwcq7dkf1h2jvvn9g57j65', 'slot_01m8qwcdckvrfs7mt3ncxxbym4', 0),
	('run_01m8qwcq7dkf1h2jvvn9g57j66', 'slot_01m8qwcdckvrfs7mt3ncxxbym5', 0),
	('run_01m8qwd2vbx8fa7s8y07yyfvgv', 'slot_01m8qwd2v8e2177g6ghv8jbtz8', 0),
	('run_01m8qwebxmh8eq15ng580t4xqz', 'slot_01m8qwebxc51d9k1tftw3m93gd', 0),
	('run_01m8qwecsgb5m65gdrfxh7e39g', 'slot_01m8qwecscyt9np9eamxxr1e63', 0),
	('run_01m8qwect10vqnpyvrbnfyp2tm', 'slot_01m8qwecsybgr028vsp207xhxw', 0),
	('run_01m8qwfmb7m2f24t5x0q1dbfre', 'slot_01m8qwfmb4bz2a6y9nef6p9xpz', 0),
	('run_01m8qwfmbqw6s48spcg8j85srr', 'slot_01m8qwfmbm6chsx6fpcbjryhtk', 0),
	('run_01m8qwfmc9nx6706q4pygnbtsy', 'slot_01m8qwfmc6q68hcm2t2jrqk20p', 0),
	('run_01m8qwgm99xmenqknv5qh17zm4', 'slot_01m8qwgm8x7ds6hgz8twa4e27g', 0),
	('run_01m8qwgm99xmenqknv5qh17zm4', 'slot_01m8qwgm8x7ds6hgz8twa4e27h', 1),
	('run_01m8qwgma7fhe94xws1wt0ns8q', 'slot_01m8qwgma3scp05km5ycw98b3p', 0),
	('run_01m8qwgma7fhe94xws1wt0ns8r', 'slot_01m8qwgma3scp05km5ycw98b3q', 0),
	('run_01m8qwgmazx9sqddakdqx692rv', 'slot_01m8qwgmavywqkt20jf1fhz6yj', 0),
	('run_01m8qwgmazx9sqddakdqx692rw', 'slot_01m8qwgmavywqkt20jf1fhz6yk', 0),
	('run_01m8qwgmbmkg6npzf33dzd9p7q', 'slot_01m8qwgmbgh76wv5xf82zmaekd', 0),
	('run_01m8qwgmbmkg6npzf33dzd9p7r', 'slot_01m8qwgmbgh76wv5xf82zmaeke', 0),
	('run_01m8qwgmc9rgdepcdsmqm8y7xr', 'slot_01m8qwgmc5fe0fw84pwys6arw5', 0),
	('run_01m8qwgmc9rgdepcdsmqm8y7xs', 'slot_01m8qwgmc5fe0fw84pwys6arw6', 0),
	('run_01m8qwgmd28g07t9tdjj5tys3g', 'slot_01m8qwgmcwz8xx73wvc50v45m9', 0),
	('run_01m8qwgmd28g07t9tdjj5tys3h', 'slot_01m8qwgmcwz8xx73wvc50v45ma', 0),
	('run_01m8qwgmdy0hskth2esp5sb734', 'slot_01m8qwgmdt3hxrtppsak0z1mp4', 0),
	('run_01m8qwgmdy0hskth2esp5sb735', 'slot_01m8qwgmdt3hxrtppsak0z1mp5', 0),
	('run_01m8qwh23w43abdg2ey80m6k74', 'slot_01m8qwh23mwrrfj61mg1kmmevr', 0),
	('run_01m8qwh24vd9gqzak6ej5rzm9k', 'slot_01m8qwh24nbvqxs9tmvjyz2fpj', 0),
	('run_01m8qwhzzgp3ff2rkev1cnqcxt', 'slot_01m8qwhzyq6btzc6444x0jxd72', 0),
	('run_01m8qwhzzgp3ff2rkev1cnqcxt', 'slot_01m8qwhzyq6btzc6444x0jxd73', 1),
	('run_01m8qwj0131h801qz8vatnp5xz', 'slot_01m8qwj0102pd11g5fd64vxyk5', 0),
	('run_01m8qwj0131h801qz8vatnp5y0', 'slot_01m8qwj0102pd11g5fd64vxyk6', 0),
	('run_01m8qwj01qen922amjkga1y8ya', 'slot_01m8qwj01n3bsd1ynk6jg6kbm7', 0),
	('run_01m8qwj01qen922amjkga1y8yb', 'slot_01m8qwj01n3bsd1ynk6jg6kbm8', 0),
	('run_01m8qwj02ccksjt6dszmmsc9z5', 'slot_01m8qwj028vesfprkka11rcce9', 0),
	('run_01m8qwj02ccksjt6dszmmsc9z6', 'slot_01m8qwj028vesfprkka11rccea', 0),
	('run_01m8qwj0334e6f7j687a4s1x2p', 'slot_01m8qwj030rbcsyqmc3w5x7smk', 0),
	('run_01m8qwj0334e6f7j687a4s1x2q', 'slot_01m8qwj030rbcsyqmc3w5x7smm', 0),
	('run_01m8qwj1kk3w6khw97s5hxwkdw', 'slot_01m8qwj1kgmp3bhhost-1m6pdwt2my', 0),
	('run_01m8qwj1n2z4ajgjjhkfy9k0g6', 'slot_01m8qwj1n0m2w400bhost-1eexr7wv', 0),
	('run_01m8qwj1ph4hr95afkzfwx55wt', 'slot_01m8qwj1p8k7nckejzvjc5d0zh', 0);
INSERT INTO app.runs VALUES
	('run_01m8qwd2vbx8fa7s8y07yyfvgv', 'gen_01m8qwd2v4zz3sax6wnymb1gyv', 'poses', 'replicate', 'fofr/consistent-character', 10, 'succeeded', 23, '2026-12-01 04:04:54.921311+00', NULL, NULL, 'worker-host-1-9620-2333/t5', 1, 0, 0, 'succeeded', 1, '2026-12-01 04:14:30.808193+00', NULL, NULL, '2026-12-01 04:04:30.700373+00', '2026-12-01 04:04:30.76945+00', '2026-12-01 04:04:30.808193+00', '2026-12-01 04:04:54.921311+00', NULL),
	('run_01m8qwfmbqw6s48spcg8j85srr', 'gen_01m8qwfmbh71fe5172fwch4t4g', 'poses', 'replicate', 'fofr/consistent-character', 10, 'succeeded', 5, '2026-12-01 04:06:25.720313+00', NULL, NULL, 'worker-host-1-12208-b5a1/t5', 1, 0, 0, 'succeeded', 1, '2026-12-01 04:16:24.577273+00', NULL, NULL, '2026-12-01 04:05:54.167643+00', '2026-12-01 04:05:54.3464+00', '2026-12-01 04:06:24.577273+00', '2026-12-01 04:06:25.720313+00', NULL),
	('run_01m8qwebxmh8eq15ng580t4xqz', 'gen_01m8qwebx3yz7a3j41mc7xqbmz', 'edits', 'desk', 'desk/export', 10, 'succeeded', 2, '2026-12-01 04:05:13.292874+00', NULL, NULL, 'worker-host-1-9620-2333/t1', 1, 0, 0, NULL, 1, NULL, NULL, NULL, '2026-12-01 04:05:12.758836+00', '2026-12-01 04:05:13.024048+00', NULL, '2026-12-01 04:05:13.292874+00', NULL),
	('run_01m8qwcdd3qxtjhpsk3hynqsfw', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'mascots', 'gemini', 'gemini-2.5-flash-image', 10, 'succeeded', 2, '2026-12-01 04:04:18.783048+00', NULL, NULL, 'worker-host-1-9620-2333/t2', 1, 0, 0, NULL, 1, NULL, NULL, NULL, '2026-12-01 04:04:08.741928+00', '2026-12-01 04:04:08.860947+00', NULL, '2026-12-01 04:04:18.783048+00', NULL),
	('run_01m8qwcq7dkf1h2jvvn9g57j65', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'mascots', 'gemini', 'gemini-2.5-flash-image', 10, 'succeeded', 2, '2026-12-01 04:04:28.357289+00', NULL, NULL, 'worker-host-1-9620-2333/t5', 1, 0, 0, NULL, 1, NULL, NULL, NULL, '2026-12-01 04:04:18.799621+00', '2026-12-01 04:04:19.058656+00', NULL, '2026-12-01 04:04:28.357289+00', NULL),
	('run_01m8qwcq7dkf1h2jvvn9g57j66', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'mascots', 'gemini', 'gemini-2.5-flash-image', 10, 'succeeded', 2, '2026-12-01 04:04:30.222846+00', NULL, NULL, 'worker-host-1-9620-2333/t1', 1, 0, 0, NULL, 1, NULL, NULL, NULL, '2026-12-01 04:04:18.799711+00', '2026-12-01 04:04:19.04814+00', NULL, '2026-12-01 04:04:30.222847+00', NULL),
	('run_01m8qwect10vqnpyvrbnfyp2tm', 'gen_01m8qwecsv8bwnk0fb3xhjvcvw', 'poses', 'replicate', 'fofr/consistent-character', 10, 'succeeded', 23, '2026-12-01 04:05:38.02301+00', NULL, NULL, 'worker-host-1-9620-2333/t1', 1, 0, 0, 'succeeded', 1, '2026-12-01 04:15:13.892506+00', NULL, NULL, '2026-12-01 04:05:13.666223+00', '2026-12-01 04:05:13.846521+00', '2026-12-01 04:05:13.892506+00', '2026-12-01 04:05:38.023011+00', NULL),
	('run_01m8qwecsgb5m65gdrfxh7e39g', 'gen_01m8qwecs95t9tzpsg4s3bsvrg', 'poses', 'replicate', 'fofr/consistent-character', 10, 'succeeded', 24, '2026-12-01 04:05:39.091673+00', NULL, NULL, 'worker-host-1-9620-2333/t5', 1, 0, 0, 'succeeded', 1, '2026-12-01 04:15:13.886658+00', NULL, NULL, '2026-12-01 04:05:13.648924+00', '2026-12-01 04:05:13.846287+00', '2026-12-01 04:05:13.886658+00', '2026-12-01 04:05:39.091674+00', NULL),
	('run_01m8qwgmazx9sqddakdqx692rv', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', 'poses', 'replicate', 'fofr/consistent-character', 10, 'failed', 2, '2026-12-01 04:07:06.037818+00', NULL, NULL, 'worker-host-1-13132-cb3c/t3', 1, 0, 0, 'starting', NULL, '2026-12-01 04:16:27.126813+00', 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.911994+00', '2026-12-01 04:06:27.01901+00', '2026-12-01 04:06:27.126813+00', '2026-12-01 04:07:06.037819+00', NULL),
	('run_01m8qwgma7fhe94xws1wt0ns8r', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', 'poses', 'replicate', 'fofr/consistent-character', 10, 'failed', 2, '2026-12-01 04:07:06.081012+00', NULL, NULL, 'worker-host-1-13132-cb3c/t1', 1, 0, 0, 'starting', NULL, '2026-12-01 04:16:27.135354+00', 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.890044+00', '2026-12-01 04:06:27.018948+00', '2026-12-01 04:06:27.135354+00', '2026-12-01 04:07:06.081013+00', NULL),
	('run_01m8qwgmc9rgdepcdsmqm8y7xs', 'gen_01m8qwgmc2ee09rebhrdch8eg7', 'poses', 'replicate', 'fofr/consistent-character', 10, 'failed', 2, '2026-12-01 04:07:06.345524+00', NULL, NULL, 'worker-host-1-13132-cb3c/t2', 1, 0, 0, 'starting', NULL, '2026-12-01 04:16:27.638812+00', 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.954895+00', '2026-12-01 04:06:27.570302+00', '2026-12-01 04:06:27.638812+00', '2026-12-01 04:07:06.345525+00', NULL),
	('run_01m8qwgmc9rgdepcdsmqm8y7xr', 'gen_01m8qwgmc2ee09rebhrdch8eg7', 'poses', 'replicate', 'fofr/consistent-character', 10, 'failed', 2, '2026-12-01 04:07:06.436319+00', NULL, NULL, 'worker-host-1-13132-cb3c/t4', 1, 0, 0, 'starting', NULL, '2026-12-01 04:16:27.648828+00', 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.954797+00', '2026-12-01 04:06:27.570328+00', '2026-12-01 04:06:27.648828+00', '2026-12-01 04:07:06.43632+00', NULL),
	('run_01m8qwgmdy0hskth2esp5sb734', 'gen_01m8qwgmdp52nxd827vz3v1cdy', 'poses', 'replicate', 'fofr/consistent-character', 10, 'failed', 2, '2026-12-01 04:07:06.464314+00', NULL, NULL, 'worker-host-1-13132-cb3c/t3', 1, 0, 0, 'starting', NULL, '2026-12-01 04:16:27.903743+00', 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:27.007868+00', '2026-12-01 04:06:27.849745+00', '2026-12-01 04:06:27.903743+00', '2026-12-01 04:07:06.464315+00', NULL),
	('run_01m8qwgmdy0hskth2esp5sb735', 'gen_01m8qwgmdp52nxd827vz3v1cdy', 'poses', 'replicate', 'fofr/consistent-character', 10, 'failed', 2, '2026-12-01 04:07:06.484153+00', NULL, NULL, 'worker-host-1-13132-cb3c/t1', 1, 0, 0, 'starting', NULL, '2026-12-01 04:16:27.923193+00', 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:27.007978+00', '2026-12-01 04:06:27.845385+00', '2026-12-01 04:06:27.923193+00', '2026-12-01 04:07:06.484154+00', NULL),
	('run_01m8qwgmd28g07t9tdjj5tys3h', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', 'poses', 'replicate', 'fofr/consistent-character', 10, 'failed', 2, '2026-12-01 04:07:06.490845+00', NULL, NULL, 'worker-host-1-13132-cb3c/t5', 1, 0, 0, 'starting', NULL, '2026-12-01 04:16:27.894166+00', 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.9795+00', '2026-12-01 04:06:27.844994+00', '2026-12-01 04:06:27.894166+00', '2026-12-01 04:07:06.490845+00', NULL),
	('run_01m8qwh23w43abdg2ey80m6k74', 'gen_01m8qwh23bt0erwb1dec8gv29t', 'poses', 'replicate', 'fofr/consistent-character', 10, 'failed', 2, '2026-12-01 04:07:06.531987+00', NULL, NULL, 'worker-host-1-13132-cb3c/t2', 1, 0, 0, 'starting', NULL, '2026-12-01 04:16:41.115802+00', 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:41.022356+00', '2026-12-01 04:06:41.074184+00', '2026-12-01 04:06:41.115802+00', '2026-12-01 04:07:06.531988+00', NULL),
	('run_01m8qwh24vd9gqzak6ej5rzm9k', 'gen_01m8qwh24dzw2726bxqwr19dpe', 'poses', 'replicate', 'fofr/consistent-character', 10, 'failed', 2, '2026-12-01 04:07:06.589743+00', NULL, NULL, 'worker-host-1-13132-cb3c/t4', 1, 0, 0, 'starting', NULL, '2026-12-01 04:16:41.445199+00', 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:41.053267+00', '2026-12-01 04:06:41.373757+00', '2026-12-01 04:06:41.445199+00', '2026-12-01 04:07:06.589743+00', NULL),
	('run_01m8qwj01qen922amjkga1y8ya', 'gen_01m8qwj01jgye45jxwzsfdabms', 'poses', 'replicate', 'fofr/consistent-character', 10, 'waiting', 1, '2026-12-01 04:07:32.880132+00', NULL, NULL, 'worker-host-1-13132-cb3c/t3', 1, 0, 0, 'starting', NULL, '2026-12-01 04:17:12.000132+00', NULL, NULL, '2026-12-01 04:07:11.672331+00', '2026-12-01 04:07:11.893609+00', '2026-12-01 04:07:12.000133+00', NULL, NULL),
	('run_01m8qwj02ccksjt6dszmmsc9z6', 'gen_01m8qwj025gj17p5a3yxx13rcw', 'poses', 'replicate', 'fofr/consistent-character', 10, 'waiting', 1, '2026-12-01 04:07:33.132725+00', NULL, NULL, 'worker-host-1-13132-cb3c/t1', 1, 0, 0, 'starting', NULL, '2026-12-01 04:17:12.252726+00', NULL, NULL, '2026-12-01 04:07:11.692808+00', '2026-12-01 04:07:12.20194+00', '2026-12-01 04:07:12.252726+00', NULL, NULL),
	('run_01m8qwj0334e6f7j687a4s1x2p', 'gen_01m8qwj02xyg0wa7hsm7s068rf', 'poses', 'replicate', 'fofr/consistent-character', 10, 'waiting', 1, '2026-12-01 04:07:33.155976+00', NULL, NULL, 'worker-host-1-13132-cb3c/t4', 1, 0, 0, 'starting', NULL, '2026-12-01 04:17:12.275977+00', NULL, NULL, '2026-12-01 04:07:11.716309+00', '2026-12-01 04:07:12.204909+00', '2026-12-01 04:07:12.275977+00', NULL, NULL),
	('run_01m8qwj02ccksjt6dszmmsc9z5', 'gen_01m8qwj025gj17p5a3yxx13rcw', 'poses', 'replicate', 'fofr/consistent-character', 10, 'waiting', 1, '2026-12-01 04:07:33.158566+00', NULL, NULL, 'worker-host-1-13132-cb3c/t3', 1, 0, 0, 'starting', NULL, '2026-12-01 04:17:12.278566+00', NULL, NULL, '2026-12-01 04:07:11.692736+00', '2026-12-01 04:07:12.20031+00', '2026-12-01 04:07:12.278566+00', NULL, NULL),
	('run_01m8qwhzzgp3ff2rkev1cnqcxt', 'gen_01m8qwhzyfphz2599mkehb87jm', 'training', 'replicate', 'ostris/flux-dev-lora-trainer', 10, 'waiting', 1, '2026-12-01 04:07:14.40851+00', NULL, NULL, 'worker-host-1-13132-cb3c/t2', 1, 0, 0, 'starting', NULL, '2026-12-01 06:07:12.40851+00', NULL, NULL, '2026-12-01 04:07:11.608441+00', '2026-12-01 04:07:11.893651+00', '2026-12-01 04:07:12.40851+00', NULL, NULL),
	('run_01m8qwj0334e6f7j687a4s1x2q', 'gen_01m8qwj02xyg0wa7hsm7s068rf', 'poses', 'replicate', 'fofr/consistent-character', 10, 'waiting', 1, '2026-12-01 04:07:33.466377+00', NULL, NULL, 'worker-host-1-13132-cb3c/t5', 1, 0, 0, 'starting', NULL, '2026-12-01 04:17:12.586378+00', NULL, NULL, '2026-12-01 04:07:11.716393+00', '2026-12-01 04:07:12.528288+00', '2026-12-01 04:07:12.586378+00', NULL, NULL),
	('run_01m8qwj1kk3w6khw97s5hxwkdw', 'gen_01m8qwj1k1a85j9kqv4yn5p17j', 'poses', 'replicate', 'fofr/consistent-character', 10, 'queued', 0, '2026-12-01 04:07:13.268312+00', NULL, NULL, NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, '2026-12-01 04:07:13.268312+00', NULL, NULL, NULL, NULL),
	('run_01m8qwj1n2z4ajgjjhkfy9k0g6', 'gen_01m8qwj1mvnd6sycwkshe4va3e', 'poses', 'replicate', 'fofr/consistent-character', 10, 'queued', 0, '2026-12-01 04:07:13.315496+00', NULL, NULL, NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, '2026-12-01 04:07:13.315496+00', NULL, NULL, NULL, NULL),
	('run_01m8qwj1ph4hr95afkzfwx55wt', 'gen_01m8qwj1p5jmjxyzbt6ydvajb1', 'poses', 'replicate', 'fofr/consistent-character', 10, 'queued', 0, '2026-12-01 04:07:13.361923+00', NULL, NULL, NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, '2026-12-01 04:07:13.361923+00', NULL, NULL, NULL, NULL),
	('run_01m8qwfmb7m2f24t5x0q1dbfre', 'gen_01m8qwfmb1evq27q70sbfcfcg6', 'poses', 'replicate', 'fofr/consistent-character', 10, 'failed', 3, '2026-12-01 04:07:05.954032+00', NULL, NULL, 'worker-host-1-13132-cb3c/t4', 1, 0, 0, 'starting', NULL, '2026-12-01 04:16:24.644975+00', 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:05:54.152189+00', '2026-12-01 04:05:54.371181+00', '2026-12-01 04:06:24.644975+00', '2026-12-01 04:07:05.954032+00', NULL),
	('run_01m8qwgm99xmenqknv5qh17zm4', 'gen_01m8qwgm8sy6jaedba4qt473zd', 'training', 'replicate', 'ostris/flux-dev-lora-trainer', 10, 'failed', 5, '2026-12-01 04:07:05.96417+00', NULL, NULL, 'worker-host-1-13132-cb3c/t2', 1, 0, 0, 'starting', 0, '2026-12-01 06:06:27.361997+00', 'lost', 'Replicate answered 404 while reading a training: The requested resource could not be found.', '2026-12-01 04:06:26.858642+00', '2026-12-01 04:06:27.055688+00', '2026-12-01 04:06:27.361997+00', '2026-12-01 04:07:05.964171+00', 'Unpacking the pictures'),
	('run_01m8qwfmc9nx6706q4pygnbtsy', 'gen_01m8qwfmc2xxkzsfxf0rbwvsva', 'poses', 'replicate', 'fofr/consistent-character', 10, 'failed', 3, '2026-12-01 04:07:06.028991+00', NULL, NULL, 'worker-host-1-13132-cb3c/t5', 1, 0, 0, 'starting', NULL, '2026-12-01 04:16:24.652575+00', 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:05:54.18579+00', '2026-12-01 04:05:54.352219+00', '2026-12-01 04:06:24.652575+00', '2026-12-01 04:07:06.028992+00', NULL),
	('run_01m8qwgmazx9sqddakdqx692rw', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', 'poses', 'replicate', 'fofr/consistent-character', 10, 'failed', 2, '2026-12-01 04:07:06.145602+00', NULL, NULL, 'worker-host-1-13132-cb3c/t4', 1, 0, 0, 'starting', NULL, '2026-12-01 04:16:27.149882+00', 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.912085+00', '2026-12-01 04:06:27.045728+00', '2026-12-01 04:06:27.149882+00', '2026-12-01 04:07:06.145603+00', NULL),
	('run_01m8qwgma7fhe94xws1wt0ns8q', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', 'poses', 'replicate', 'fofr/consistent-character', 10, 'failed', 2, '2026-12-01 04:07:06.226182+00', NULL, NULL, 'worker-host-1-13132-cb3c/t2', 1, 0, 0, 'starting', NULL, '2026-12-01 04:16:27.15591+00', 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.889949+00', '2026-12-01 04:06:27.023182+00', '2026-12-01 04:06:27.15591+00', '2026-12-01 04:07:06.226182+00', NULL),
	('run_01m8qwgmbmkg6npzf33dzd9p7q', 'gen_01m8qwgmbd6cm8sf11n6xveg72', 'poses', 'replicate', 'fofr/consistent-character', 10, 'failed', 2, '2026-12-01 04:07:06.309296+00', NULL, NULL, 'worker-host-1-13132-cb3c/t5', 1, 0, 0, 'starting', NULL, '2026-12-01 04:16:27.347589+00', 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.933603+00', '2026-12-01 04:06:27.295389+00', '2026-12-01 04:06:27.347589+00', '2026-12-01 04:07:06.309296+00', NULL),
	('run_01m8qwgmbmkg6npzf33dzd9p7r', 'gen_01m8qwgmbd6cm8sf11n6xveg72', 'poses', 'replicate', 'fofr/consistent-character', 10, 'failed', 2, '2026-12-01 04:07:06.322854+00', NULL, NULL, 'worker-host-1-13132-cb3c/t1', 1, 0, 0, 'starting', NULL, '2026-12-01 04:16:27.347581+00', 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.93369+00', '2026-12-01 04:06:27.286067+00', '2026-12-01 04:06:27.347581+00', '2026-12-01 04:07:06.322854+00', NULL),
	('run_01m8qwgmd28g07t9tdjj5tys3g', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', 'poses', 'replicate', 'fofr/consistent-character', 10, 'failed', 2, '2026-12-01 04:07:06.346398+00', NULL, NULL, 'worker-host-1-13132-cb3c/t3', 1, 0, 0, 'starting', NULL, '2026-12-01 04:16:27.631618+00', 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.979355+00', '2026-12-01 04:06:27.571061+00', '2026-12-01 04:06:27.631619+00', '2026-12-01 04:07:06.346398+00', NULL),
	('run_01m8qwj0131h801qz8vatnp5xz', 'gen_01m8qwj00x1dq8fmnf7kmnv6yv', 'poses', 'replicate', 'fofr/consistent-character', 10, 'waiting', 1, '2026-12-01 04:07:32.896584+00', NULL, NULL, 'worker-host-1-13132-cb3c/t1', 1, 0, 0, 'starting', NULL, '2026-12-01 04:17:12.016584+00', NULL, NULL, '2026-12-01 04:07:11.652736+00', '2026-12-01 04:07:11.901574+00', '2026-12-01 04:07:12.016584+00', NULL, NULL),
	('run_01m8qwj01qen922amjkga1y8yb', 'gen_01m8qwj01jgye45jxwzsfdabms', 'poses', 'replicate', 'fofr/consistent-character', 10, 'waiting', 1, '2026-12-01 04:07:32.930302+00', NULL, NULL, 'worker-host-1-13132-cb3c/t4', 1, 0, 0, 'starting', NULL, '2026-12-01 04:17:12.050303+00', NULL, NULL, '2026-12-01 04:07:11.672399+00', '2026-12-01 04:07:11.907774+00', '2026-12-01 04:07:12.050303+00', NULL, NULL),
	('run_01m8qwj0131h801qz8vatnp5y0', 'gen_01m8qwj00x1dq8fmnf7kmnv6yv', 'poses', 'replicate', 'fofr/consistent-character', 10, 'waiting', 1, '2026-12-01 04:07:32.931538+00', NULL, NULL, 'worker-host-1-13132-cb3c/t5', 1, 0, 0, 'starting', NULL, '2026-12-01 04:17:12.051539+00', NULL, NULL, '2026-12-01 04:07:11.652808+00', '2026-12-01 04:07:11.90441+00', '2026-12-01 04:07:12.051539+00', NULL, NULL);
INSERT INTO app.scenarios VALUES
	('projection-level-1', 'Level 1', 'a slightly fuller contour of hips and seat, close to how the person is now', 0.35, 1, 1, '2026-12-01 04:03:56.169506+00', NULL),
	('projection-level-2', 'Level 2', 'a moderately fuller contour of hips and seat, in proportion with waist and legs', 0.5, 2, 1, '2026-12-01 04:03:56.17054+00', NULL),
	('projection-level-3', 'Level 3', 'a clearly fuller contour of hips and seat, natural and in proportion with waist and legs', 0.7, 3, 1, '2026-12-01 04:03:56.171966+00', NULL);
INSERT INTO app.schema_version VALUES
	('0007');
INSERT INTO app.slots VALUES
	('slot_01m8qwcdckvrfs7mt3ncxxbym3', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'acc_studio', 'mascots', 0, 'full_body', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'gemini', 'gemini-2.5-flash-image', 'Full body mascot of Fennel, Fennel, a fox, Flat vector style, standing, facing the viewer, centered on a plain light background, consistent character design, clean edges, balanced light, high detail', 744853815, '3:4', '[]', 10, 'led_01m8qwcdcc6h5xf6a5wqsc02pw', 'filled', 'ast_01m8qwcq71224dce5ph24gpw53', NULL, NULL, '2026-12-01 04:04:08.727349+00', '2026-12-01 04:04:18.790896+00', NULL, NULL, '{}'),
	('slot_01m8qwcdckvrfs7mt3ncxxbym4', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'acc_studio', 'mascots', 1, 'avatar', 1, 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'slot_01m8qwcdckvrfs7mt3ncxxbym3', 'gemini', 'gemini-2.5-flash-image', 'Avatar of the same character as in the picture: head and shoulders portrait of Fennel, Fennel, a fox, Flat vector style, plain light background, consistent character design, clean edges, balanced light, high detail', 1535368897, '1:1', '["ast_01m8qwcq71224dce5ph24gpw53"]', 10, 'led_01m8qwcdcc6h5xf6a5wqsc02pw', 'filled', 'ast_01m8qwd0j6tkgjnhz7ff4mdag0', NULL, NULL, '2026-12-01 04:04:08.732531+00', '2026-12-01 04:04:28.360949+00', NULL, NULL, '{}'),
	('slot_01m8qwcdckvrfs7mt3ncxxbym5', 'gen_01m8qwcdc48vbj4rsefvs6g7gg', 'acc_studio', 'mascots', 2, 'square_icon', 2, 'mas_01m8qwcdc99m00m8sj3wz1f59h', 'slot_01m8qwcdckvrfs7mt3ncxxbym3', 'gemini', 'gemini-2.5-flash-image', 'Square icon of the same character as in the picture: the face of Fennel, Fennel, a fox, Flat vector style, simple and bold, readable at 32 pixels, consistent character design, clean edges, balanced light, high detail', 1084206254, '1:1', '["ast_01m8qwcq71224dce5ph24gpw53"]', 10, 'led_01m8qwcdcc6h5xf6a5wqsc02pw', 'filled', 'ast_01m8qwd2ch90qhd0hcqjqc3dj8', NULL, NULL, '2026-12-01 04:04:08.732728+00', '2026-12-01 04:04:30.227517+00', NULL, NULL, '{}'),
	('slot_01m8qwd2v8e2177g6ghv8jbtz8', 'gen_01m8qwd2v4zz3sax6wnymb1gyv', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'waving. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 1674280508, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwd2v6sbjddd1afrez2fky', 'filled', 'ast_01m8qwdtgbtfrgsxxcd4fyw8gp', NULL, NULL, '2026-12-01 04:04:30.697231+00', '2026-12-01 04:04:54.925435+00', NULL, NULL, '{}'),
	('slot_01m8qwebxc51d9k1tftw3m93gd', 'gen_01m8qwebx3yz7a3j41mc7xqbmz', 'acc_studio', 'edits', 0, 'export', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'desk', 'desk/export', '', 1627774144, NULL, '["ast_01m8qwdtgbtfrgsxxcd4fyw8gp"]', 1, 'led_01m8qwebx605bvr68gj79943q3', 'filled', 'ast_01m8qwecefp16sz8w6j8q1brgh', NULL, NULL, '2026-12-01 04:05:12.751317+00', '2026-12-01 04:05:13.296752+00', NULL, NULL, '{"focus": [0.5, 0.35], "preset": "instagram_post"}'),
	('slot_01m8qwecsybgr028vsp207xhxw', 'gen_01m8qwecsv8bwnk0fb3xhjvcvw', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'jumping. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 1431783599, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwecsw3tc28v949fdq6f4q', 'filled', 'ast_01m8qwf4ka4s6h584a41v1ghpq', NULL, NULL, '2026-12-01 04:05:13.663508+00', '2026-12-01 04:05:38.028691+00', NULL, NULL, '{}'),
	('slot_01m8qwecscyt9np9eamxxr1e63', 'gen_01m8qwecs95t9tzpsg4s3bsvrg', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'jumping. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 742988573, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwecsafhh9rpz5cx5t3ybq', 'filled', 'ast_01m8qwf5mpmx68mqp3p4k5tx9a', NULL, NULL, '2026-12-01 04:05:13.645787+00', '2026-12-01 04:05:39.096569+00', NULL, NULL, '{}'),
	('slot_01m8qwfmbm6chsx6fpcbjryhtk', 'gen_01m8qwfmbh71fe5172fwch4t4g', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'reading. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 694747340, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwfmbjbcswc5cn23bs4czg', 'filled', 'ast_01m8qwgk61yrg660h1wsfbrn3p', NULL, NULL, '2026-12-01 04:05:54.165246+00', '2026-12-01 04:06:25.74214+00', NULL, NULL, '{}'),
	('slot_01m8qwgma3scp05km5ycw98b3p', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 574001178, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwgma0es1t7dw8pdr6beey', 'failed', NULL, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.884945+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwgmavywqkt20jf1fhz6yk', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', 'acc_studio', 'poses', 1, 'pose', 1, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 1166173488, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwgmas0bjcb64kmr2ryjrf', 'failed', NULL, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.908956+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwfmb4bz2a6y9nef6p9xpz', 'gen_01m8qwfmb1evq27q70sbfcfcg6', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'reading. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 27356636, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwfmb3hk83xy6g0wk9fv7a', 'failed', NULL, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:05:54.14945+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwgm8x7ds6hgz8twa4e27g', 'gen_01m8qwgm8sy6jaedba4qt473zd', 'acc_studio', 'training', 0, 'version', 0, NULL, NULL, 'replicate', 'ostris/flux-dev-lora-trainer', 'plant_3635fd', 1534012342, NULL, '["ast_01m8qwgjfkyakbmme6ta18k0at", "ast_01m8qwgjtxkdt1fbzhkc149czc", "ast_01m8qwgka301e5wd5x103tkxz9", "ast_01m8qwgkm8xzjsm7wzvc85xqe4", "ast_01m8qwgkyfwyjcf89wac43ww5e", "ast_01m8qwgm83snvxkqa957hrd93c"]', 800, 'led_01m8qwgm8tqjgkfqjtjvh8j9rq', 'failed', NULL, 'lost', 'Replicate answered 404 while reading a training: The requested resource could not be found.', '2026-12-01 04:06:26.847778+00', NULL, NULL, NULL, '{"steps": 1000, "lora_rank": 16, "optimizer": "adamw8bit", "batch_size": 1, "resolution": "512,768,1024", "autocaption": true, "trigger_word": "plant_3635fd", "learning_rate": 0.0004}'),
	('slot_01m8qwfmc6q68hcm2t2jrqk20p', 'gen_01m8qwfmc2xxkzsfxf0rbwvsva', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'reading. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 1205647193, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwfmc4w1tq20vk1t0kw2vc', 'failed', NULL, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:05:54.183+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwgmavywqkt20jf1fhz6yj', 'gen_01m8qwgmar1ys5cybyt3kbvq7r', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 1049622266, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwgmas0bjcb64kmr2ryjrf', 'failed', NULL, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.908848+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwgma3scp05km5ycw98b3q', 'gen_01m8qwgm9zs8cvzxbjmp0y48mb', 'acc_studio', 'poses', 1, 'pose', 1, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 1885208886, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwgma0es1t7dw8pdr6beey', 'failed', NULL, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.885114+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwgm8x7ds6hgz8twa4e27h', 'gen_01m8qwgm8sy6jaedba4qt473zd', 'acc_studio', 'training', 1, 'weights', 0, NULL, NULL, 'replicate', 'ostris/flux-dev-lora-trainer', 'plant_3635fd', 1989574994, NULL, '["ast_01m8qwgjfkyakbmme6ta18k0at", "ast_01m8qwgjtxkdt1fbzhkc149czc", "ast_01m8qwgka301e5wd5x103tkxz9", "ast_01m8qwgkm8xzjsm7wzvc85xqe4", "ast_01m8qwgkyfwyjcf89wac43ww5e", "ast_01m8qwgm83snvxkqa957hrd93c"]', 200, 'led_01m8qwgm8tqjgkfqjtjvh8j9rq', 'failed', NULL, 'lost', 'Replicate answered 404 while reading a training: The requested resource could not be found.', '2026-12-01 04:06:26.847945+00', NULL, NULL, NULL, '{"steps": 1000, "lora_rank": 16, "optimizer": "adamw8bit", "batch_size": 1, "resolution": "512,768,1024", "autocaption": true, "trigger_word": "plant_3635fd", "learning_rate": 0.0004}'),
	('slot_01m8qwgmc5fe0fw84pwys6arw5', 'gen_01m8qwgmc2ee09rebhrdch8eg7', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 392878925, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwgmc376zbgc4f41rzrxrb', 'failed', NULL, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.951184+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwgmdt3hxrtppsak0z1mp5', 'gen_01m8qwgmdp52nxd827vz3v1cdy', 'acc_studio', 'poses', 1, 'pose', 1, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 566408509, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwgmdqszyrghtyzgserzm2', 'failed', NULL, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:27.003767+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwgmcwz8xx73wvc50v45ma', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', 'acc_studio', 'poses', 1, 'pose', 1, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 1662526261, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwgmcsxhn26ys6q1tjze92', 'failed', NULL, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.975134+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwgmdt3hxrtppsak0z1mp4', 'gen_01m8qwgmdp52nxd827vz3v1cdy', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 366927224, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwgmdqszyrghtyzgserzm2', 'failed', NULL, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:27.003594+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwgmbgh76wv5xf82zmaekd', 'gen_01m8qwgmbd6cm8sf11n6xveg72', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 1422422414, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwgmbeprzy0n2a03zbt3cp', 'failed', NULL, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.929764+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwh23mwrrfj61mg1kmmevr', 'gen_01m8qwh23bt0erwb1dec8gv29t', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'juggling. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 1297635902, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwh23en8w0eks8gt8xxvrs', 'failed', NULL, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:41.015108+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwgmc5fe0fw84pwys6arw6', 'gen_01m8qwgmc2ee09rebhrdch8eg7', 'acc_studio', 'poses', 1, 'pose', 1, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 1192990918, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwgmc376zbgc4f41rzrxrb', 'failed', NULL, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.951438+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwh24nbvqxs9tmvjyz2fpj', 'gen_01m8qwh24dzw2726bxqwr19dpe', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'juggling. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 667102936, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwh24engx5m94y7wsb1khc', 'failed', NULL, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:41.046242+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwgmcwz8xx73wvc50v45m9', 'gen_01m8qwgmcr7jw0nbtz2nzbda38', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 597628732, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwgmcsxhn26ys6q1tjze92', 'failed', NULL, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.974951+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwgmbgh76wv5xf82zmaeke', 'gen_01m8qwgmbd6cm8sf11n6xveg72', 'acc_studio', 'poses', 1, 'pose', 1, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 1911713779, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwgmbeprzy0n2a03zbt3cp', 'failed', NULL, 'lost', 'Replicate answered 404 while reading a prediction: The requested resource could not be found.', '2026-12-01 04:06:26.930136+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwhzyq6btzc6444x0jxd72', 'gen_01m8qwhzyfphz2599mkehb87jm', 'acc_studio', 'training', 0, 'version', 0, NULL, NULL, 'replicate', 'ostris/flux-dev-lora-trainer', 'plant_4cfa9b', 947121219, NULL, '["ast_01m8qwhy2evywyvdr0bwb86xx5", "ast_01m8qwhyffhgqxwx8pyhzb0pyx", "ast_01m8qwhysqfcswven182921hgz", "ast_01m8qwhz1qebeg77661w8ccvss", "ast_01m8qwhzakwsvrhwcjw0n0x8kw", "ast_01m8qwhzmbrzma4ayvrvbmxh8b"]', 800, 'led_01m8qwhzyj3zr3jpr73hsmapvb', 'pending', NULL, NULL, NULL, '2026-12-01 04:07:11.582493+00', NULL, NULL, NULL, '{"steps": 1000, "lora_rank": 16, "optimizer": "adamw8bit", "batch_size": 1, "resolution": "512,768,1024", "autocaption": true, "trigger_word": "plant_4cfa9b", "learning_rate": 0.0004}'),
	('slot_01m8qwhzyq6btzc6444x0jxd73', 'gen_01m8qwhzyfphz2599mkehb87jm', 'acc_studio', 'training', 1, 'weights', 0, NULL, NULL, 'replicate', 'ostris/flux-dev-lora-trainer', 'plant_4cfa9b', 695176757, NULL, '["ast_01m8qwhy2evywyvdr0bwb86xx5", "ast_01m8qwhyffhgqxwx8pyhzb0pyx", "ast_01m8qwhysqfcswven182921hgz", "ast_01m8qwhz1qebeg77661w8ccvss", "ast_01m8qwhzakwsvrhwcjw0n0x8kw", "ast_01m8qwhzmbrzma4ayvrvbmxh8b"]', 200, 'led_01m8qwhzyj3zr3jpr73hsmapvb', 'pending', NULL, NULL, NULL, '2026-12-01 04:07:11.582848+00', NULL, NULL, NULL, '{"steps": 1000, "lora_rank": 16, "optimizer": "adamw8bit", "batch_size": 1, "resolution": "512,768,1024", "autocaption": true, "trigger_word": "plant_4cfa9b", "learning_rate": 0.0004}'),
	('slot_01m8qwj0102pd11g5fd64vxyk5', 'gen_01m8qwj00x1dq8fmnf7kmnv6yv', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 252429122, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwj00y0hhgyj0j04gsaky2', 'pending', NULL, NULL, NULL, '2026-12-01 04:07:11.64916+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwj0102pd11g5fd64vxyk6', 'gen_01m8qwj00x1dq8fmnf7kmnv6yv', 'acc_studio', 'poses', 1, 'pose', 1, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 756952009, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwj00y0hhgyj0j04gsaky2', 'pending', NULL, NULL, NULL, '2026-12-01 04:07:11.649286+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwj01n3bsd1ynk6jg6kbm7', 'gen_01m8qwj01jgye45jxwzsfdabms', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 1054047812, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwj01k55gfq8p7mav9hr8d', 'pending', NULL, NULL, NULL, '2026-12-01 04:07:11.669906+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwj01n3bsd1ynk6jg6kbm8', 'gen_01m8qwj01jgye45jxwzsfdabms', 'acc_studio', 'poses', 1, 'pose', 1, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 12059874, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwj01k55gfq8p7mav9hr8d', 'pending', NULL, NULL, NULL, '2026-12-01 04:07:11.67001+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwj028vesfprkka11rcce9', 'gen_01m8qwj025gj17p5a3yxx13rcw', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 149265326, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwj026b10f97khb9gqp2gq', 'pending', NULL, NULL, NULL, '2026-12-01 04:07:11.689079+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwj028vesfprkka11rccea', 'gen_01m8qwj025gj17p5a3yxx13rcw', 'acc_studio', 'poses', 1, 'pose', 1, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 192517676, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwj026b10f97khb9gqp2gq', 'pending', NULL, NULL, NULL, '2026-12-01 04:07:11.689178+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwj030rbcsyqmc3w5x7smk', 'gen_01m8qwj02xyg0wa7hsm7s068rf', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 601066324, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwj02ywc2cq7x478e5zgtc', 'pending', NULL, NULL, NULL, '2026-12-01 04:07:11.712939+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwj030rbcsyqmc3w5x7smm', 'gen_01m8qwj02xyg0wa7hsm7s068rf', 'acc_studio', 'poses', 1, 'pose', 1, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'dancing. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 1294402331, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwj02ywc2cq7x478e5zgtc', 'pending', NULL, NULL, NULL, '2026-12-01 04:07:11.713036+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwj1kgmp3bhhost-1m6pdwt2my', 'gen_01m8qwj1k1a85j9kqv4yn5p17j', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'juggling. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 359791701, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwj1k4yd7p8432av9dd11j', 'pending', NULL, NULL, NULL, '2026-12-01 04:07:13.266002+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwj1n0m2w400bhost-1eexr7wv', 'gen_01m8qwj1mvnd6sycwkshe4va3e', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'juggling. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 1637142652, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwj1mwxzcdg3z22e7yrmcv', 'pending', NULL, NULL, NULL, '2026-12-01 04:07:13.313247+00', NULL, NULL, NULL, '{}'),
	('slot_01m8qwj1p8k7nckejzvjc5d0zh', 'gen_01m8qwj1p5jmjxyzbt6ydvajb1', 'acc_studio', 'poses', 0, 'pose', 0, 'mas_01m8qwcdc99m00m8sj3wz1f59h', NULL, 'replicate', 'fofr/consistent-character', 'juggling. Fennel, Fennel, a fox, same character, full body, sharp focus, clean edges, balanced light, high detail', 1131632781, NULL, '["ast_01m8qwcq71224dce5ph24gpw53"]', 30, 'led_01m8qwj1p6r6at2brw03z0pxe0', 'pending', NULL, NULL, NULL, '2026-12-01 04:07:13.352657+00', NULL, NULL, NULL, '{}');
INSERT INTO app.storage_rounds VALUES
	('rnd_01m8qwc7b66jc7f6ebdbnb9749', 'new', 'done', '2026-12-01 04:04:02.536134+00', '2026-12-01 04:04:02.554859+00', '2026-12-01 04:04:02.554859+00', '', 0, 0, 0, NULL),
	('rnd_01m8qwc7bysy23bx5m7cyjnyzj', 'full', 'done', '2026-12-01 04:04:02.558789+00', '2026-12-01 04:04:02.576365+00', '2026-12-01 04:04:02.576365+00', 'weights/~', 0, 0, 0, NULL);
INSERT INTO app.trained_models VALUES
	('mod_01m8qwgm91s2xvpnhe7nn569hc', 'acc_studio', 'gen_01m8qwgm8sy6jaedba4qt473zd', 'Pip', 'character', NULL, 'plant_3635fd', 'replicate', 'ostris/flux-dev-lora-trainer', 'atelier-plant_3635fd', '{"steps": 1000, "lora_rank": 16, "optimizer": "adamw8bit", "batch_size": 1, "resolution": "512,768,1024", "autocaption": true, "learning_rate": 0.0004}', NULL, NULL, '[]', '2026-12-01 04:06:26.85338+00', NULL, NULL),
	('mod_01m8qwhzz10vqgynemd41wc6ra', 'acc_studio', 'gen_01m8qwhzyfphz2599mkehb87jm', 'Pip', 'character', NULL, 'plant_4cfa9b', 'replicate', 'ostris/flux-dev-lora-trainer', 'atelier-plant_4cfa9b', '{"steps": 1000, "lora_rank": 16, "optimizer": "adamw8bit", "batch_size": 1, "resolution": "512,768,1024", "autocaption": true, "learning_rate": 0.0004}', NULL, NULL, '[]', '2026-12-01 04:07:11.591579+00', NULL, NULL);
INSERT INTO app.training_pictures VALUES
	('mod_01m8qwgm91s2xvpnhe7nn569hc', 0, 'ref_01m8qwgjfr4fdyttwv9nmq2e5k', 'ast_01m8qwgjfkyakbmme6ta18k0at', ''),
	('mod_01m8qwgm91s2xvpnhe7nn569hc', 1, 'ref_01m8qwgjtz30k3e9mffvh0w913', 'ast_01m8qwgjtxkdt1fbzhkc149czc', ''),
	('mod_01m8qwgm91s2xvpnhe7nn569hc', 2, 'ref_01m8qwgka52p4pmn4tak3gxkx2', 'ast_01m8qwgka301e5wd5x103tkxz9', ''),
	('mod_01m8qwgm91s2xvpnhe7nn569hc', 3, 'ref_01m8qwgkmarpdqy5f75f9ycvwb', 'ast_01m8qwgkm8xzjsm7wzvc85xqe4', ''),
	('mod_01m8qwgm91s2xvpnhe7nn569hc', 4, 'ref_01m8qwgkyhabemn0231kczwpdd', 'ast_01m8qwgkyfwyjcf89wac43ww5e', ''),
	('mod_01m8qwgm91s2xvpnhe7nn569hc', 5, 'ref_01m8qwgm85zz1yyqmsr0xeq0gk', 'ast_01m8qwgm83snvxkqa957hrd93c', ''),
	('mod_01m8qwhzz10vqgynemd41wc6ra', 0, 'ref_01m8qwhy2nfjysjcdrqpkhmhwb', 'ast_01m8qwhy2evywyvdr0bwb86xx5', ''),
	('mod_01m8qwhzz10vqgynemd41wc6ra', 1, 'ref_01m8qwhyfhg9fh038pmmkdtp6x', 'ast_01m8qwhyffhgqxwx8pyhzb0pyx', ''),
	('mod_01m8qwhzz10vqgynemd41wc6ra', 2, 'ref_01m8qwhyss3rgwnmxctkn2vg4r', 'ast_01m8qwhysqfcswven182921hgz', ''),
	('mod_01m8qwhzz10vqgynemd41wc6ra', 3, 'ref_01m8qwhz1rbhost-19qc2kg89naddv', 'ast_01m8qwhz1qebeg77661w8ccvss', ''),
	('mod_01m8qwhzz10vqgynemd41wc6ra', 4, 'ref_01m8qwhzam59tcq3t48b573a2t', 'ast_01m8qwhzakwsvrhwcjw0n0x8kw', ''),
	('mod_01m8qwhzz10vqgynemd41wc6ra', 5, 'ref_01m8qwhzmczy66crgpq0j88txa', 'ast_01m8qwhzmbrzma4ayvrvbmxh8b', '');
SELECT pg_catalog.setval('app.audit_id_seq', 1, true);
SELECT pg_catalog.setval('app.events_id_seq', 207, true);
SELECT pg_catalog.setval('app.notes_id_seq', 1, false);
SELECT pg_catalog.setval('app.simulations_number_seq', 1, false);
ALTER TABLE ONLY app.accounts
    ADD CONSTRAINT pk_accounts PRIMARY KEY (id);
ALTER TABLE ONLY app.asset_parents
    ADD CONSTRAINT pk_asset_parents PRIMARY KEY (child_id, parent_id);
ALTER TABLE ONLY app.assets
    ADD CONSTRAINT pk_assets PRIMARY KEY (id);
ALTER TABLE ONLY app.attempts
    ADD CONSTRAINT pk_attempts PRIMARY KEY (id);
ALTER TABLE ONLY app.audit
    ADD CONSTRAINT pk_audit PRIMARY KEY (id);
ALTER TABLE ONLY app.budgets
    ADD CONSTRAINT pk_budgets PRIMARY KEY (id);
ALTER TABLE ONLY app.consents
    ADD CONSTRAINT pk_consents PRIMARY KEY (id);
ALTER TABLE ONLY app.events
    ADD CONSTRAINT pk_events PRIMARY KEY (id);
ALTER TABLE ONLY app.generations
    ADD CONSTRAINT pk_generations PRIMARY KEY (id);
ALTER TABLE ONLY app.heartbeats
    ADD CONSTRAINT pk_heartbeats PRIMARY KEY (name);
ALTER TABLE ONLY app.ledger_entries
    ADD CONSTRAINT pk_ledger_entries PRIMARY KEY (id);
ALTER TABLE ONLY app.mascots
    ADD CONSTRAINT pk_mascots PRIMARY KEY (id);
ALTER TABLE ONLY app.notes
    ADD CONSTRAINT pk_notes PRIMARY KEY (id);
ALTER TABLE ONLY app.operation_items
    ADD CONSTRAINT pk_operation_items PRIMARY KEY (operation_id, "position");
ALTER TABLE ONLY app.operations
    ADD CONSTRAINT pk_operations PRIMARY KEY (id);
ALTER TABLE ONLY app.people
    ADD CONSTRAINT pk_people PRIMARY KEY (id);
ALTER TABLE ONLY app.poses
    ADD CONSTRAINT pk_poses PRIMARY KEY (id);
ALTER TABLE ONLY app.prices
    ADD CONSTRAINT pk_prices PRIMARY KEY (item);
ALTER TABLE ONLY app.provider_prices
    ADD CONSTRAINT pk_provider_prices PRIMARY KEY (provider, model);
ALTER TABLE ONLY app.provider_states
    ADD CONSTRAINT pk_provider_states PRIMARY KEY (provider);
ALTER TABLE ONLY app.queue_states
    ADD CONSTRAINT pk_queue_states PRIMARY KEY (queue);
ALTER TABLE ONLY app.quota_days
    ADD CONSTRAINT pk_quota_days PRIMARY KEY (account_id, day);
ALTER TABLE ONLY app.reference_tags
    ADD CONSTRAINT pk_reference_tags PRIMARY KEY (reference_id, tag);
ALTER TABLE ONLY app."references"
    ADD CONSTRAINT pk_references PRIMARY KEY (id);
ALTER TABLE ONLY app.run_slots
    ADD CONSTRAINT pk_run_slots PRIMARY KEY (run_id, slot_id);
ALTER TABLE ONLY app.runs
    ADD CONSTRAINT pk_runs PRIMARY KEY (id);
ALTER TABLE ONLY app.scenarios
    ADD CONSTRAINT pk_scenarios PRIMARY KEY (id);
ALTER TABLE ONLY app.simulations
    ADD CONSTRAINT pk_simulations PRIMARY KEY (generation_id);
ALTER TABLE ONLY app.slots
    ADD CONSTRAINT pk_slots PRIMARY KEY (id);
ALTER TABLE ONLY app.storage_rounds
    ADD CONSTRAINT pk_storage_rounds PRIMARY KEY (id);
ALTER TABLE ONLY app.stray_objects
    ADD CONSTRAINT pk_stray_objects PRIMARY KEY (storage_key);
ALTER TABLE ONLY app.trained_models
    ADD CONSTRAINT pk_trained_models PRIMARY KEY (id);
ALTER TABLE ONLY app.training_pictures
    ADD CONSTRAINT pk_training_pictures PRIMARY KEY (trained_model_id, "position");
ALTER TABLE ONLY app.schema_version
    ADD CONSTRAINT schema_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY app.attempts
    ADD CONSTRAINT uq_attempts_provider_prediction_id UNIQUE (provider, prediction_id);
ALTER TABLE ONLY app.attempts
    ADD CONSTRAINT uq_attempts_run_id_number UNIQUE (run_id, number);
ALTER TABLE ONLY app.generations
    ADD CONSTRAINT uq_generations_account_id_idempotency_key UNIQUE (account_id, idempotency_key);
ALTER TABLE ONLY app.ledger_entries
    ADD CONSTRAINT uq_ledger_entries_idempotency_key UNIQUE (idempotency_key);
ALTER TABLE ONLY app.people
    ADD CONSTRAINT uq_people_email UNIQUE (email);
ALTER TABLE ONLY app.simulations
    ADD CONSTRAINT uq_simulations_number UNIQUE (number);
ALTER TABLE ONLY app.slots
    ADD CONSTRAINT uq_slots_generation_id_position UNIQUE (generation_id, "position");
ALTER TABLE ONLY app.trained_models
    ADD CONSTRAINT uq_trained_models_generation_id UNIQUE (generation_id);
ALTER TABLE ONLY app.trained_models
    ADD CONSTRAINT uq_trained_models_trigger_word UNIQUE (trigger_word);
CREATE INDEX ix_asset_parents_parent_id ON app.asset_parents USING btree (parent_id);
CREATE INDEX ix_assets_created_at_id ON app.assets USING btree (created_at, id);
CREATE INDEX ix_assets_missing_at ON app.assets USING btree (missing_at, id) WHERE ((missing_at IS NOT NULL) AND (deleted_at IS NULL));
CREATE INDEX ix_assets_sha256 ON app.assets USING btree (sha256);
CREATE INDEX ix_assets_storage_key ON app.assets USING btree (storage_key) WHERE (deleted_at IS NULL);
CREATE INDEX ix_attempts_created_at ON app.attempts USING btree (created_at);
CREATE INDEX ix_attempts_provider_model_finished_at ON app.attempts USING btree (provider, model, finished_at);
CREATE INDEX ix_audit_action_id ON app.audit USING btree (action, id);
CREATE INDEX ix_audit_actor_id ON app.audit USING btree (actor, id);
CREATE INDEX ix_audit_at ON app.audit USING btree (at);
CREATE INDEX ix_audit_reason_words ON app.audit USING gin (to_tsvector('simple'::regconfig, reason));
CREATE INDEX ix_audit_subject_id ON app.audit USING btree (subject_id);
CREATE INDEX ix_consents_account_id_given_at ON app.consents USING btree (account_id, given_at);
CREATE INDEX ix_consents_asset_id ON app.consents USING btree (asset_id);
CREATE INDEX ix_events_generation_id_id ON app.events USING btree (generation_id, id);
CREATE INDEX ix_events_run_id ON app.events USING btree (run_id);
CREATE INDEX ix_generations_account_id_created_at_id ON app.generations USING btree (account_id, created_at, id);
CREATE INDEX ix_generations_cancel_requested ON app.generations USING btree (cancel_requested_at) WHERE ((cancel_requested_at IS NOT NULL) AND ((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying, 'needs_review'::character varying])::text[])));
CREATE INDEX ix_generations_created_at_id ON app.generations USING btree (created_at, id);
CREATE INDEX ix_generations_fingerprint ON app.generations USING btree (fingerprint);
CREATE INDEX ix_generations_finished_at ON app.generations USING btree (finished_at);
CREATE INDEX ix_generations_kind_created_at_id ON app.generations USING btree (kind, created_at, id);
CREATE INDEX ix_generations_mascot_id ON app.generations USING btree (mascot_id);
CREATE INDEX ix_generations_person_id_created_at_id ON app.generations USING btree (person_id, created_at, id);
CREATE INDEX ix_generations_state_created_at_id ON app.generations USING btree (state, created_at, id);
CREATE INDEX ix_generations_words ON app.generations USING gin (to_tsvector('simple'::regconfig, title));
CREATE INDEX ix_ledger_entries_account_id_created_at ON app.ledger_entries USING btree (account_id, created_at);
CREATE INDEX ix_ledger_entries_created_at ON app.ledger_entries USING btree (created_at);
CREATE INDEX ix_ledger_entries_generation_id ON app.ledger_entries USING btree (generation_id);
CREATE INDEX ix_mascots_account_id_created_at ON app.mascots USING btree (account_id, created_at);
CREATE INDEX ix_mascots_generation_id ON app.mascots USING btree (generation_id);
CREATE INDEX ix_notes_generation_id_id ON app.notes USING btree (generation_id, id);
CREATE INDEX ix_operation_items_pending ON app.operation_items USING btree (operation_id, "position") WHERE ((state)::text = 'pending'::text);
CREATE INDEX ix_operations_created_at_id ON app.operations USING btree (created_at, id);
CREATE INDEX ix_poses_position_id ON app.poses USING btree ("position", id);
CREATE INDEX ix_reference_tags_account_id_tag_reference_id ON app.reference_tags USING btree (account_id, tag, reference_id);
CREATE INDEX ix_references_account_id_created_at_id ON app."references" USING btree (account_id, created_at, id);
CREATE INDEX ix_references_account_id_deleted_at_id ON app."references" USING btree (account_id, deleted_at, id) WHERE ((deleted_at IS NOT NULL) AND (erased_at IS NULL));
CREATE INDEX ix_references_account_id_pixel_count_id ON app."references" USING btree (account_id, pixel_count, id) WHERE (deleted_at IS NULL);
CREATE INDEX ix_references_account_id_sharpness_id ON app."references" USING btree (account_id, sharpness, id) WHERE (deleted_at IS NULL);
CREATE INDEX ix_references_alike ON app."references" USING btree (account_id) INCLUDE (phash, id) WHERE ((deleted_at IS NULL) AND (phash IS NOT NULL));
CREATE INDEX ix_references_asset_id ON app."references" USING btree (asset_id);
CREATE INDEX ix_references_words ON app."references" USING gin (to_tsvector('simple'::regconfig, translate(filename, '._-'::text, '   '::text)));
CREATE INDEX ix_run_slots_slot_id ON app.run_slots USING btree (slot_id);
CREATE INDEX ix_runs_created_at_id ON app.runs USING btree (created_at, id);
CREATE INDEX ix_runs_due_at ON app.runs USING btree (due_at) WHERE ((lease_until IS NULL) AND ((state)::text = ANY ((ARRAY['queued'::character varying, 'submitting'::character varying, 'waiting'::character varying, 'ingesting'::character varying])::text[])));
CREATE INDEX ix_runs_failure_created_at_id ON app.runs USING btree (failure, created_at, id) WHERE (failure IS NOT NULL);
CREATE INDEX ix_runs_failure_words ON app.runs USING gin (to_tsvector('simple'::regconfig, failure_detail)) WHERE (failure_detail IS NOT NULL);
CREATE INDEX ix_runs_generation_id ON app.runs USING btree (generation_id);
CREATE INDEX ix_runs_lease_until ON app.runs USING btree (lease_until) WHERE (lease_until IS NOT NULL);
CREATE INDEX ix_runs_model_created_at_id ON app.runs USING btree (model, created_at, id);
CREATE INDEX ix_runs_state ON app.runs USING btree (state, finished_at);
CREATE INDEX ix_runs_to_submit ON app.runs USING btree (provider, priority DESC, created_at) WHERE (((state)::text = 'queued'::text) AND (rung_at IS NULL) AND (lease_until IS NULL));
CREATE INDEX ix_simulations_original_asset_id ON app.simulations USING btree (original_asset_id);
CREATE INDEX ix_slots_asset_id ON app.slots USING btree (asset_id);
CREATE INDEX ix_slots_filled ON app.slots USING btree (filled_at, id) WHERE ((state)::text = 'filled'::text);
CREATE INDEX ix_slots_from_uploads ON app.slots USING btree (account_id) WHERE ((parent_slot_id IS NULL) AND ((kind)::text <> 'poses'::text) AND (input_asset_ids <> '[]'::jsonb));
CREATE INDEX ix_slots_kind_filled ON app.slots USING btree (kind, filled_at, id) WHERE ((state)::text = 'filled'::text);
CREATE INDEX ix_slots_mascot_filled ON app.slots USING btree (mascot_id, filled_at, id) WHERE ((state)::text = 'filled'::text);
CREATE INDEX ix_slots_parent_slot_id ON app.slots USING btree (parent_slot_id);
CREATE INDEX ix_slots_words ON app.slots USING gin (to_tsvector('simple'::regconfig, prompt));
CREATE INDEX ix_storage_rounds_scope_began_at ON app.storage_rounds USING btree (scope, began_at);
CREATE INDEX ix_stray_objects_found_at ON app.stray_objects USING btree (found_at, storage_key);
CREATE INDEX ix_trained_models_account_id_created_at_id ON app.trained_models USING btree (account_id, created_at, id);
CREATE INDEX ix_trained_models_version_id ON app.trained_models USING btree (split_part(version, ':'::text, 2));
CREATE INDEX ix_trained_models_weights_asset_id ON app.trained_models USING btree (weights_asset_id);
CREATE INDEX ix_training_pictures_asset_id ON app.training_pictures USING btree (asset_id);
CREATE INDEX ix_training_pictures_reference_id ON app.training_pictures USING btree (reference_id);
CREATE UNIQUE INDEX uq_ledger_entries_refund_once ON app.ledger_entries USING btree (slot_id, charge_id) WHERE ((kind)::text = 'refund'::text);
CREATE UNIQUE INDEX uq_references_account_id_sha256_live ON app."references" USING btree (account_id, sha256) WHERE (deleted_at IS NULL);
CREATE TRIGGER apply_ledger_entry AFTER INSERT ON app.ledger_entries FOR EACH ROW EXECUTE FUNCTION app.apply_ledger_entry();
CREATE TRIGGER mark_references_used AFTER INSERT ON app.slots REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION app.mark_references_used();
CREATE TRIGGER refuse_balance_change BEFORE UPDATE OF balance ON app.accounts FOR EACH ROW EXECUTE FUNCTION app.refuse_balance_change();
CREATE TRIGGER refuse_quota_change BEFORE INSERT OR UPDATE ON app.quota_days FOR EACH ROW EXECUTE FUNCTION app.refuse_quota_change();
CREATE TRIGGER refuse_quota_removal BEFORE DELETE OR TRUNCATE ON app.quota_days FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_rewrite();
CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON app.audit FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_rewrite();
CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON app.events FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_rewrite();
CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON app.ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_rewrite();
CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON app.notes FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_rewrite();
ALTER TABLE ONLY app.asset_parents
    ADD CONSTRAINT fk_asset_parents_child_id_assets FOREIGN KEY (child_id) REFERENCES app.assets(id);
ALTER TABLE ONLY app.asset_parents
    ADD CONSTRAINT fk_asset_parents_parent_id_assets FOREIGN KEY (parent_id) REFERENCES app.assets(id);
ALTER TABLE ONLY app.assets
    ADD CONSTRAINT fk_assets_account_id_accounts FOREIGN KEY (account_id) REFERENCES app.accounts(id);
ALTER TABLE ONLY app.attempts
    ADD CONSTRAINT fk_attempts_run_id_runs FOREIGN KEY (run_id) REFERENCES app.runs(id);
ALTER TABLE ONLY app.consents
    ADD CONSTRAINT fk_consents_account_id_accounts FOREIGN KEY (account_id) REFERENCES app.accounts(id);
ALTER TABLE ONLY app.consents
    ADD CONSTRAINT fk_consents_asset_id_assets FOREIGN KEY (asset_id) REFERENCES app.assets(id);
ALTER TABLE ONLY app.consents
    ADD CONSTRAINT fk_consents_given_by_people FOREIGN KEY (given_by) REFERENCES app.people(id);
ALTER TABLE ONLY app.events
    ADD CONSTRAINT fk_events_generation_id_generations FOREIGN KEY (generation_id) REFERENCES app.generations(id);
ALTER TABLE ONLY app.events
    ADD CONSTRAINT fk_events_run_id_runs FOREIGN KEY (run_id) REFERENCES app.runs(id);
ALTER TABLE ONLY app.generations
    ADD CONSTRAINT fk_generations_account_id_accounts FOREIGN KEY (account_id) REFERENCES app.accounts(id);
ALTER TABLE ONLY app.generations
    ADD CONSTRAINT fk_generations_mascot_id_mascots FOREIGN KEY (mascot_id) REFERENCES app.mascots(id);
ALTER TABLE ONLY app.generations
    ADD CONSTRAINT fk_generations_person_id_people FOREIGN KEY (person_id) REFERENCES app.people(id);
ALTER TABLE ONLY app.ledger_entries
    ADD CONSTRAINT fk_ledger_entries_account_id_accounts FOREIGN KEY (account_id) REFERENCES app.accounts(id);
ALTER TABLE ONLY app.ledger_entries
    ADD CONSTRAINT fk_ledger_entries_charge_id_ledger_entries FOREIGN KEY (charge_id) REFERENCES app.ledger_entries(id);
ALTER TABLE ONLY app.ledger_entries
    ADD CONSTRAINT fk_ledger_entries_generation_id_generations FOREIGN KEY (generation_id) REFERENCES app.generations(id);
ALTER TABLE ONLY app.ledger_entries
    ADD CONSTRAINT fk_ledger_entries_slot_id_slots FOREIGN KEY (slot_id) REFERENCES app.slots(id);
ALTER TABLE ONLY app.mascots
    ADD CONSTRAINT fk_mascots_account_id_accounts FOREIGN KEY (account_id) REFERENCES app.accounts(id);
ALTER TABLE ONLY app.mascots
    ADD CONSTRAINT fk_mascots_generation_id_generations FOREIGN KEY (generation_id) REFERENCES app.generations(id);
ALTER TABLE ONLY app.notes
    ADD CONSTRAINT fk_notes_generation_id_generations FOREIGN KEY (generation_id) REFERENCES app.generations(id);
ALTER TABLE ONLY app.operation_items
    ADD CONSTRAINT fk_operation_items_operation_id_operations FOREIGN KEY (operation_id) REFERENCES app.operations(id);
ALTER TABLE ONLY app.quota_days
    ADD CONSTRAINT fk_quota_days_account_id_accounts FOREIGN KEY (account_id) REFERENCES app.accounts(id);
ALTER TABLE ONLY app.reference_tags
    ADD CONSTRAINT fk_reference_tags_account_id_accounts FOREIGN KEY (account_id) REFERENCES app.accounts(id);
ALTER TABLE ONLY app.reference_tags
    ADD CONSTRAINT fk_reference_tags_reference_id_references FOREIGN KEY (reference_id) REFERENCES app."references"(id);
ALTER TABLE ONLY app."references"
    ADD CONSTRAINT fk_references_account_id_accounts FOREIGN KEY (account_id) REFERENCES app.accounts(id);
ALTER TABLE ONLY app."references"
    ADD CONSTRAINT fk_references_asset_id_assets FOREIGN KEY (asset_id) REFERENCES app.assets(id);
ALTER TABLE ONLY app."references"
    ADD CONSTRAINT fk_references_uploaded_by_people FOREIGN KEY (uploaded_by) REFERENCES app.people(id);
ALTER TABLE ONLY app.run_slots
    ADD CONSTRAINT fk_run_slots_run_id_runs FOREIGN KEY (run_id) REFERENCES app.runs(id);
ALTER TABLE ONLY app.run_slots
    ADD CONSTRAINT fk_run_slots_slot_id_slots FOREIGN KEY (slot_id) REFERENCES app.slots(id);
ALTER TABLE ONLY app.runs
    ADD CONSTRAINT fk_runs_generation_id_generations FOREIGN KEY (generation_id) REFERENCES app.generations(id);
ALTER TABLE ONLY app.simulations
    ADD CONSTRAINT fk_simulations_consent_id_consents FOREIGN KEY (consent_id) REFERENCES app.consents(id);
ALTER TABLE ONLY app.simulations
    ADD CONSTRAINT fk_simulations_generation_id_generations FOREIGN KEY (generation_id) REFERENCES app.generations(id);
ALTER TABLE ONLY app.simulations
    ADD CONSTRAINT fk_simulations_original_asset_id_assets FOREIGN KEY (original_asset_id) REFERENCES app.assets(id);
ALTER TABLE ONLY app.simulations
    ADD CONSTRAINT fk_simulations_scenario_id_scenarios FOREIGN KEY (scenario_id) REFERENCES app.scenarios(id);
ALTER TABLE ONLY app.slots
    ADD CONSTRAINT fk_slots_account_id_accounts FOREIGN KEY (account_id) REFERENCES app.accounts(id);
ALTER TABLE ONLY app.slots
    ADD CONSTRAINT fk_slots_asset_id_assets FOREIGN KEY (asset_id) REFERENCES app.assets(id);
ALTER TABLE ONLY app.slots
    ADD CONSTRAINT fk_slots_charge_id_ledger_entries FOREIGN KEY (charge_id) REFERENCES app.ledger_entries(id);
ALTER TABLE ONLY app.slots
    ADD CONSTRAINT fk_slots_generation_id_generations FOREIGN KEY (generation_id) REFERENCES app.generations(id);
ALTER TABLE ONLY app.slots
    ADD CONSTRAINT fk_slots_mascot_id_mascots FOREIGN KEY (mascot_id) REFERENCES app.mascots(id);
ALTER TABLE ONLY app.slots
    ADD CONSTRAINT fk_slots_parent_slot_id_slots FOREIGN KEY (parent_slot_id) REFERENCES app.slots(id);
ALTER TABLE ONLY app.slots
    ADD CONSTRAINT fk_slots_pose_id_poses FOREIGN KEY (pose_id) REFERENCES app.poses(id);
ALTER TABLE ONLY app.trained_models
    ADD CONSTRAINT fk_trained_models_account_id_accounts FOREIGN KEY (account_id) REFERENCES app.accounts(id);
ALTER TABLE ONLY app.trained_models
    ADD CONSTRAINT fk_trained_models_generation_id_generations FOREIGN KEY (generation_id) REFERENCES app.generations(id);
ALTER TABLE ONLY app.trained_models
    ADD CONSTRAINT fk_trained_models_weights_asset_id_assets FOREIGN KEY (weights_asset_id) REFERENCES app.assets(id);
ALTER TABLE ONLY app.training_pictures
    ADD CONSTRAINT fk_training_pictures_asset_id_assets FOREIGN KEY (asset_id) REFERENCES app.assets(id);
ALTER TABLE ONLY app.training_pictures
    ADD CONSTRAINT fk_training_pictures_reference_id_references FOREIGN KEY (reference_id) REFERENCES app."references"(id);
ALTER TABLE ONLY app.training_pictures
    ADD CONSTRAINT fk_training_pictures_trained_model_id_trained_models FOREIGN KEY (trained_model_id) REFERENCES app.trained_models(id);
