"""Check of the credits: is each charge used, refunded or held, is each balance its entries' sum?"""

from sqlalchemy import text

from services.health.check import Answer, Check, CheckUpTargets, failed, ok

_WRONG = text(
    """
    SELECT count(*) AS accounts, coalesce(sum(uneven_generations), 0) AS generations,
      count(*) FILTER (WHERE balance <> sum_of_entries) AS balances
    FROM diagnostics.credit_balances
    WHERE uneven_generations > 0 OR balance <> sum_of_entries
    """
)


def _adds_up(targets: CheckUpTargets) -> Answer:
    """Read the ledger completely."""
    with targets.transaction() as session:
        wrong = session.execute(_WRONG).one()
    if wrong.balances:
        return failed(
            f"{_count(wrong.balances, 'balance is', 'balances are')} not the sum of the ledger.",
            "A trigger was bypassed: compare diagnostics.credit_balances with the last backup.",
        )
    if wrong.generations:
        batches = _count(int(wrong.generations), "batch does", "batches do")
        accounts = _count(wrong.accounts, "account", "accounts")
        return failed(
            f"{batches} not add up, of {accounts}: a refund is missing or was made twice.",
            "Open Diagnose: it lists them by cause and settles each refund.",
        )
    return ok("Every charge is used, refunded or held, and every balance is its entries' sum.")


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


CHECKS = (Check("Credits add up", "Money", _adds_up),)
