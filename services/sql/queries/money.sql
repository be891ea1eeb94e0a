-- id: refunds_that_do_not_match
-- title: Mismatched refunds
-- question: Where does the charge differ from consumed, refunded and held? Above 0: a refund is missing.
-- parameters: any_account
SELECT generation_id, difference, charged, consumed, refunded, held, kind, state, account_id,
  created_at
FROM generation_credits
WHERE difference <> 0 AND ($1::text = '' OR account_id = $1)
ORDER BY abs(difference) DESC, created_at DESC

-- id: missing_refunds
-- title: Missing refunds
-- question: Which pictures failed and were not refunded?
-- parameters: any_account
SELECT generation_id, slot_id, role, state, failure, price_credits, account_id, charge_id
FROM slot_refunds
WHERE is_owed AND NOT is_refunded AND ($1::text = '' OR account_id = $1)
ORDER BY generation_id DESC, position

-- id: doubled_refunds
-- title: Wrong refunds
-- question: Which pictures arrived or are still running although they were refunded?
-- parameters: any_account
SELECT generation_id, slot_id, role, state, refunded, refunded_at, account_id, refund_id
FROM slot_refunds
WHERE is_refunded AND NOT is_owed AND ($1::text = '' OR account_id = $1)
ORDER BY refunded_at DESC

-- id: generation_credits
-- title: Credits of a generation
-- question: What was charged for a generation, and what was consumed, refunded and held?
-- parameters: generation
SELECT generation_id, kind, state, account_id, charged, consumed, refunded, held, difference
FROM generation_credits
WHERE generation_id = $1

-- id: account_ledger
-- title: Ledger of an account
-- question: Which credits moved for an account, newest first?
-- parameters: account, month
SELECT created_at, kind, amount, generation_id, slot_id, reason, actor
FROM ledger
WHERE account_id = $1 AND created_at >= now() - make_interval(days => $2)
ORDER BY created_at DESC, id DESC

-- id: spend_by_day
-- title: Spend by day
-- question: How many dollars did providers cost on each UTC day?
-- parameters: month
SELECT day, round(sum(cost_usd)::numeric, 2) AS usd,
  round(coalesce(sum(cost_usd) FILTER (WHERE is_actual), 0)::numeric, 2) AS settled_usd,
  count(*) AS attempts
FROM spend
WHERE created_at >= date_trunc('day', now(), 'UTC') - make_interval(days => $1 - 1)
GROUP BY day
ORDER BY day DESC

-- id: spend_by_model
-- title: Spend by model
-- question: Which models cost the most dollars, in all and for each attempt?
-- parameters: month
SELECT provider, model, round(sum(cost_usd)::numeric, 2) AS usd, count(*) AS attempts,
  round(avg(cost_usd)::numeric, 4) AS usd_per_attempt
FROM spend
WHERE created_at >= date_trunc('day', now(), 'UTC') - make_interval(days => $1 - 1)
GROUP BY provider, model
ORDER BY usd DESC, provider, model

-- id: quota_today
-- title: Quota today
-- question: How much of today's quota has each unlimited account used?
SELECT account.id AS account_id, account.name, account.time_zone,
  coalesce(quota.used, 0) AS used, account.daily_quota,
  greatest(0, account.daily_quota - coalesce(quota.used, 0)) AS left_today
FROM accounts AS account
  LEFT JOIN quota_days AS quota ON quota.account_id = account.id AND quota.is_today
WHERE account.tier = 'unlimited'
ORDER BY left_today, account.id
