"""Do the credits add up: is each charge used, given back or held, and each balance its entries?"""

from sqlalchemy import text

from services.health.check import Answer, Question, failed, ok
from services.health.system_under_check import House

_WRONG = text(
    """
    SELECT count(*) AS accounts, coalesce(sum(uneven_generations), 0) AS generations,
      count(*) FILTER (WHERE balance <> sum_of_entries) AS balances
    FROM diagnostics.credit_balances
    WHERE uneven_generations > 0 OR balance <> sum_of_entries
    """
)


def money_questions(house: House) -> list[Question]:
    """The one question about credits; it reads the whole ledger."""
    return [Question("Credits add up", "Money", lambda: _adds_up(house))]


def _adds_up(house: House) -> Answer:
    with house.transaction() as session:
        wrong = session.execute(_WRONG).one()
    if wrong.balances:
        return failed(
            f"{_many(wrong.balances, 'balance is', 'balances are')} not the sum of the ledger.",
            "A trigger was bypassed: compare diagnostics.credit_balances with the last backup.",
        )
    if wrong.generations:
        batches = _many(int(wrong.generations), "batch does", "batches do")
        accounts = _many(wrong.accounts, "account", "accounts")
        return failed(
            f"{batches} not add up, of {accounts}: a refund is missing or was made twice.",
            "Open Diagnose: it lists them by their cause, and settles each refund.",
        )
    return ok("Every charge is used, given back or held, and every balance is its entries' sum.")


def _many(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
