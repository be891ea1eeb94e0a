"""Credits that do not add up, and a quota that is used up."""

import secrets

from sqlalchemy import text

from bench.faults.environment import Environment
from bench.faults.fault import Fault
from services.core.states import EntryKind, RunState, Tier
from services.credits.ledger import today_of
from services.database.models import Account, LedgerEntry, QuotaDay, new_id
from services.recipes.labels import MASCOT_ROLES

CREATE = {"provider": "replicate", "operation": "create"}


def _failed(environment: Environment, words: str, count: int) -> list[str]:
    environment.fault("out_of_memory", count, match=CREATE | {"prompt_contains": words})
    started = environment.start_poses(words, count)
    environment.wait_states(started, RunState.FAILED)
    return started


def refund_missing(environment: Environment, count: int) -> list[str]:
    """Delete the refund's ledger entry with the triggers off that forbid it."""
    started = _failed(environment, "refund lost", count)
    with environment.services.database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        deleted = session.execute(
            text(
                "DELETE FROM app.ledger_entries WHERE generation_id = ANY(:ids)"
                " AND kind = 'refund' RETURNING account_id, amount"
            ),
            {"ids": started},
        ).all()
        for account_id, amount in deleted:
            session.execute(
                text("UPDATE app.accounts SET balance = balance - :amount WHERE id = :id"),
                {"amount": amount, "id": account_id},
            )
    return started


def refund_doubled(environment: Environment, count: int) -> list[str]:
    """Refund a delivered picture."""
    started = environment.start_poses("refunded twice", count)
    environment.wait_states(started, RunState.SUCCEEDED)
    with environment.services.database.transaction() as session:
        for slot in environment.slots(started):
            session.add(
                LedgerEntry(
                    id=new_id("led"),
                    account_id=slot.account_id,
                    kind=EntryKind.REFUND,
                    amount=slot.price_credits,
                    idempotency_key=f"planted:{secrets.token_hex(8)}",
                    generation_id=slot.generation_id,
                    slot_id=slot.id,
                    charge_id=slot.charge_id,
                    actor="system",
                    reason="planted",
                )
            )
    return started


def quota_reached(environment: Environment, count: int) -> list[str]:
    """Use up the daily quota of an unlimited account with failed pictures."""
    account_id, name = new_id("acc"), "Beyond"
    with environment.services.database.transaction() as session:
        session.add(
            Account(
                id=account_id,
                name="Used up",
                tier=Tier.UNLIMITED,
                daily_quota=count * len(MASCOT_ROLES),
            )
        )
    environment.fault("refuse_output", count, match={"provider": "gemini", "prompt_contains": name})
    started = environment.start_mascots(name, count, account_id)
    environment.wait_states(started, RunState.FAILED)
    with environment.services.database.transaction() as session:
        account = session.get_one(Account, account_id)
        used = session.get_one(QuotaDay, (account_id, today_of(session, "UTC"))).used
        account.daily_quota = used
    return started


CREDIT_FAULTS = {
    "refund-missing": Fault(
        "refund_missing",
        refund_missing,
        "the refund's entry is deleted from the ledger",
        remedy="settle_refund",
    ),
    "refund-doubled": Fault(
        "refund_doubled",
        refund_doubled,
        "a delivered picture is refunded",
        remedy="settle_refund",
    ),
    "quota-reached": Fault(
        "quota_reached",
        quota_reached,
        "an unlimited account's quota is lowered to what it has used",
    ),
}
