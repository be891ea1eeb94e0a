-- id: stalled
-- title: Stuck, by cause
-- question: Which runs are stuck, and why, as far as the database shows?
-- parameters: minutes
SELECT cause, since, run_id, generation_id, kind, provider, model, state, worker
FROM (
  SELECT DISTINCT ON (run.id) cause.name AS cause, cause.since, run.id AS run_id,
    run.generation_id, run.kind, run.provider, run.model, run.state, run.worker
  FROM runs AS run
    LEFT JOIN provider_states AS provider ON provider.provider = run.provider
    CROSS JOIN LATERAL (VALUES
      (1, 'no response: created or not is unknown', run.started_at,
        run.state = 'needs_review'),
      (2, 'lease expired: its worker died or hangs', run.lease_until,
        run.lease_until < now()),
      (3, 'past the provider''s deadline', run.deadline_at,
        run.state = 'waiting' AND run.deadline_at < now()),
      (4, 'provider paused', greatest(provider.paused_at, run.created_at),
        run.state = 'queued' AND provider.paused_at IS NOT NULL),
      (5, 'provider rate limited', run.due_at,
        run.state = 'queued' AND provider.blocked_until > now()),
      (6, 'enqueued, not taken by a worker', run.enqueued_at,
        run.enqueued_at IS NOT NULL AND run.lease_until IS NULL AND run.due_at < now()),
      (7, 'due, not enqueued', run.due_at,
        run.enqueued_at IS NULL AND run.lease_until IS NULL AND run.due_at < now()),
      (8, 'finished at the provider, not downloaded', (
          SELECT max(attempt.finished_at) FROM attempts AS attempt WHERE attempt.run_id = run.id
        ), run.state = 'ingesting')
    ) AS cause (rank, name, since, holds)
  WHERE run.state IN ('queued', 'submitting', 'waiting', 'ingesting', 'needs_review')
    AND cause.holds
  ORDER BY run.id, cause.rank
) AS stalled
WHERE since < now() - make_interval(mins => $1)
ORDER BY cause, since

-- id: oldest_waiting
-- title: Oldest waiting
-- question: Which runs are queued, oldest first?
-- parameters: kind
SELECT run.created_at, run.generation_id, run.id AS run_id, run.kind, run.provider, run.model,
  run.priority, run.due_at, run.enqueued_at, run.attempt_count, run.refused_count
FROM runs AS run
WHERE run.state = 'queued' AND ($1::text = 'any' OR run.kind = $1)
ORDER BY run.created_at, run.id
LIMIT 100

-- id: needs_person
-- title: Action required
-- question: Which runs wait for a decision, and what was sent last?
SELECT run.generation_id, run.id AS run_id, run.kind, run.provider, run.model, run.started_at,
  last.number AS attempt, last.state AS attempt_state, last.created_at AS sent_at,
  run.failure_detail
FROM runs AS run
  LEFT JOIN LATERAL (
    SELECT * FROM attempts AS attempt
    WHERE attempt.run_id = run.id ORDER BY attempt.number DESC LIMIT 1
  ) AS last ON true
WHERE run.state = 'needs_review'
ORDER BY run.started_at

-- id: timeline
-- title: Timeline of a generation
-- question: What happened to a generation, event by event?
-- parameters: generation
SELECT at, name, run_id, actor, detail
FROM events
WHERE generation_id = $1
ORDER BY id

-- id: failures
-- title: Failures by class
-- question: Why did runs fail, how often, and what is an example?
-- parameters: week, kind
SELECT coalesce(failure, 'unknown') AS failure, provider,
  count(*) AS runs, round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS percent,
  max(finished_at) AS latest,
  (array_agg(generation_id ORDER BY finished_at DESC))[1] AS generation_id,
  (array_agg(failure_detail ORDER BY finished_at DESC))[1] AS latest_detail
FROM runs
WHERE state = 'failed' AND finished_at >= now() - make_interval(days => $1)
  AND ($2::text = 'any' OR kind = $2)
GROUP BY failure, provider
ORDER BY runs DESC, failure, provider

-- id: failed_prompts
-- title: Failing prompts
-- question: Which prompts failed most, and why?
-- parameters: week
SELECT count(*) FILTER (WHERE state = 'failed') AS failed, count(*) AS asked,
  mode() WITHIN GROUP (ORDER BY failure) AS failure,
  max(generation_id) FILTER (WHERE state = 'failed') AS generation_id, prompt
FROM slots
WHERE created_at >= now() - make_interval(days => $1)
  AND failure IS DISTINCT FROM 'parent_failed'
GROUP BY prompt
HAVING count(*) FILTER (WHERE state = 'failed') > 0
ORDER BY failed DESC, asked, prompt
LIMIT 100

-- id: slowest_models
-- title: Slowest models
-- question: How long does each model take: p50, p95 and longest?
-- parameters: week
SELECT provider, split_part(model, ':', 1) AS model, count(*) AS finished,
  round(percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)::numeric, 1) AS p50_seconds,
  round(percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds)::numeric, 1) AS p95_seconds,
  round(max(seconds)::numeric, 1) AS longest_seconds
FROM (
  SELECT *, extract(epoch FROM finished_at - coalesce(accepted_at, created_at)) AS seconds
  FROM attempts
  WHERE state = 'succeeded' AND finished_at >= now() - make_interval(days => $1)
) AS attempt
GROUP BY provider, split_part(model, ':', 1)
ORDER BY p95_seconds DESC

-- id: runs_per_worker
-- title: Runs by worker
-- question: How many runs did each worker finish, and how many does it hold now?
-- parameters: day
SELECT worker, count(*) FILTER (WHERE lease_until > now()) AS held_now,
  count(*) FILTER (WHERE state = 'succeeded') AS succeeded,
  count(*) FILTER (WHERE state = 'failed') AS failed,
  sum(step_failures) AS step_failures,
  round(avg(extract(epoch FROM finished_at - started_at)), 1) AS average_seconds,
  max(finished_at) AS latest
FROM runs
WHERE worker IS NOT NULL AND started_at >= now() - make_interval(days => $1)
GROUP BY worker
ORDER BY held_now DESC, succeeded DESC, worker

-- id: retries
-- title: Retries by provider
-- question: How many attempts were retries, by provider and model?
-- parameters: week
SELECT provider, split_part(model, ':', 1) AS model, count(DISTINCT run_id) AS runs,
  count(*) AS attempts, count(*) FILTER (WHERE number > 1) AS retries,
  round(100.0 * count(*) FILTER (WHERE number > 1) / count(*), 1) AS percent,
  max(number) AS most_for_one_run
FROM attempts
WHERE created_at >= now() - make_interval(days => $1)
GROUP BY provider, split_part(model, ':', 1)
ORDER BY retries DESC, attempts DESC

-- id: throttled
-- title: Throttled
-- question: When did a provider throttle us, how often, and for how long?
-- parameters: day
SELECT date_trunc('hour', event.at) AS hour, run.provider, count(*) AS times,
  round(avg((event.detail -> 'in_seconds')::numeric), 1) AS average_seconds,
  max(event.at) AS latest, max(event.generation_id) AS generation_id
FROM events AS event JOIN runs AS run ON run.id = event.run_id
WHERE event.name = 'run.throttled' AND event.at >= now() - make_interval(days => $1)
GROUP BY 1, run.provider
ORDER BY hour DESC, run.provider
