-- Views of money: every number of the Credits page can be recomputed from them (docs/money.md).

CREATE VIEW diagnostics.accounts AS
SELECT id, name, tier, time_zone, balance, daily_quota, created_at FROM app.accounts;
COMMENT ON VIEW diagnostics.accounts IS 'Who pays, in which tier, with which balance and daily quota?';

CREATE VIEW diagnostics.quota_days AS
SELECT quota.account_id, quota.day, quota.used, account.daily_quota,
  quota.day = (now() AT TIME ZONE account.time_zone)::date AS is_today
FROM app.quota_days AS quota JOIN app.accounts AS account ON account.id = quota.account_id;
COMMENT ON VIEW diagnostics.quota_days IS 'How many slots of its daily quota has an unlimited account used on each of its days?';

CREATE VIEW diagnostics.prices AS
SELECT item, credits, updated_at FROM app.prices;
COMMENT ON VIEW diagnostics.prices IS 'How many credits does one slot of each kind of work cost now?';

CREATE VIEW diagnostics.provider_prices AS
SELECT provider, model, unit, usd, updated_at FROM app.provider_prices;
COMMENT ON VIEW diagnostics.provider_prices IS 'What does each provider''s model cost in US dollars, by the second or by the picture?';

CREATE VIEW diagnostics.budgets AS
SELECT id, daily_usd, monthly_usd, warn_share, is_stop, updated_at FROM app.budgets;
COMMENT ON VIEW diagnostics.budgets IS 'What may be spent in a UTC day and month, and does a limit stop starts or only warn?';

CREATE VIEW diagnostics.spend AS
SELECT attempt.id AS attempt_id, run.generation_id, generation.account_id,
  attempt.created_at, (attempt.created_at AT TIME ZONE 'UTC')::date AS day, generation.kind,
  generation.person_id AS operator, attempt.provider,
  split_part(attempt.model, ':', 1) AS model, attempt.state,
  coalesce(attempt.actual_cost_usd, attempt.estimated_cost_usd) AS cost_usd,
  attempt.actual_cost_usd IS NOT NULL AS is_actual
FROM app.attempts AS attempt
  JOIN app.runs AS run ON run.id = attempt.run_id
  JOIN app.generations AS generation ON generation.id = run.generation_id
WHERE attempt.state <> 'not_sent';
COMMENT ON VIEW diagnostics.spend IS 'What did each attempt cost, on which UTC day, for which kind, operator and model?';

CREATE VIEW diagnostics.credit_balances AS
WITH entries AS (
  SELECT account_id, generation_id, sum(amount) AS amount,
    coalesce(sum(amount) FILTER (WHERE kind = 'grant'), 0) AS granted,
    coalesce(-sum(amount) FILTER (WHERE kind = 'charge'), 0) AS charged,
    coalesce(sum(amount) FILTER (WHERE kind = 'refund'), 0) AS refunded
  FROM app.ledger_entries GROUP BY account_id, generation_id
), work AS (
  SELECT generation_id,
    coalesce(sum(price_credits) FILTER (WHERE state = 'filled' OR is_charge_kept), 0) AS consumed,
    coalesce(sum(price_credits) FILTER (WHERE state IN ('blocked', 'pending')), 0) AS held
  FROM app.slots GROUP BY generation_id
)
SELECT account.id AS account_id, account.balance,
  coalesce(sum(entries.amount), 0)::bigint AS sum_of_entries,
  coalesce(sum(granted), 0)::bigint AS granted,
  coalesce(sum(charged), 0)::bigint AS charged,
  coalesce(sum(refunded), 0)::bigint AS refunded,
  coalesce(sum(consumed), 0)::bigint AS consumed,
  coalesce(sum(held), 0)::bigint AS held,
  count(*) FILTER (
    WHERE charged <> coalesce(consumed, 0) + refunded + coalesce(held, 0)
  ) AS uneven_generations
FROM app.accounts AS account
  LEFT JOIN entries ON entries.account_id = account.id
  LEFT JOIN work ON work.generation_id = entries.generation_id
GROUP BY account.id, account.balance;
COMMENT ON VIEW diagnostics.credit_balances IS 'Does each account''s ledger add up: charged = consumed + refunded + held?';
