"""Accounts: who may make and change them, what is refused, what the audit keeps."""

from collections.abc import Callable
from typing import Any

import pytest

from services.core.actors import Actor
from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import PriceUnit, Tier
from services.credits.accounts import AccountTerms
from services.credits.budget import BudgetLimits
from services.database.seed import DEFAULT_ACCOUNT_ID
from tests.integration.credits.conftest import ADMIN, OPERATOR, VIEWER, Billing

LISBON = AccountTerms(Tier.UNLIMITED, "Europe/Lisbon", 60)
CHANGES: dict[str, Callable[[Any, Actor], object]] = {
    "create": lambda billing, actor: billing.accounts.create(actor, "New", LISBON, "why"),
    "change": lambda billing, actor: billing.accounts.change(
        actor, DEFAULT_ACCOUNT_ID, LISBON, "why"
    ),
    "grant": lambda billing, actor: billing.accounts.grant(
        actor, DEFAULT_ACCOUNT_ID, 5, "why", "key"
    ),
    "price": lambda billing, actor: billing.prices.set_item_price(actor, "pose", 35, "why"),
    "provider price": lambda billing, actor: billing.prices.set_provider_price(
        actor, "replicate", "owner/new", PriceUnit.SECOND, 0.002, "why"
    ),
    "budget": lambda billing, actor: billing.budget.change(actor, BudgetLimits(20.0, None), "why"),
}


def test_an_account_is_made_listed_and_changed(billing: Billing) -> None:
    made = billing.accounts.create(ADMIN, "  Riverside  Kids ", LISBON, "New customer")
    view = next(a for a in billing.accounts.all(VIEWER) if a.id == made)
    assert (view.name, view.tier, view.balance) == ("Riverside Kids", "unlimited", 0)
    assert (view.time_zone, view.quota_left) == ("Europe/Lisbon", 60)

    billing.accounts.change(ADMIN, made, AccountTerms(Tier.FREE, "UTC", 10), "Left the plan")
    view = next(a for a in billing.accounts.all(VIEWER) if a.id == made)
    assert (view.tier, view.time_zone, view.quota_left) == ("free", "UTC", None)

    created, changed = billing.audited()
    assert (created.action, created.before, created.reason) == (
        "account.create",
        None,
        "New customer",
    )
    assert (changed.actor, changed.subject_id, changed.reason) == (ADMIN.id, made, "Left the plan")
    assert changed.before == {"tier": "unlimited", "time_zone": "Europe/Lisbon", "daily_quota": 60}
    assert changed.after == {"tier": "free", "time_zone": "UTC", "daily_quota": 10}


@pytest.mark.parametrize("actor", [VIEWER, OPERATOR], ids=["viewer", "operator"])
@pytest.mark.parametrize("name", sorted(CHANGES))
def test_only_an_admin_changes_anything(billing: Billing, actor: Actor, name: str) -> None:
    with pytest.raises(NotAllowedError):
        CHANGES[name](billing, actor)
    assert billing.audited() == []


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_an_admins_change_is_audited_once(billing: Billing, name: str) -> None:
    CHANGES[name](billing, ADMIN)
    (row,) = billing.audited()
    assert (row.actor, row.reason) == (ADMIN.id, "why")
    assert row.after


@pytest.mark.parametrize(
    ("name", "terms", "reason", "problem"),
    [
        (" \x00", LISBON, "why", "Give the account a name"),
        ("x" * 81, LISBON, "why", "longer than 80"),
        ("STUDIO", LISBON, "why", "named STUDIO exists already"),
        ("New", AccountTerms(Tier.PRO, "Mars/Olympus"), "why", "no time zone named"),
        ("New", AccountTerms(Tier.PRO, "../etc/passwd"), "why", "no time zone named"),
        ("New", AccountTerms(Tier.PRO, "UTC", -1), "why", "A daily quota is a number"),
        ("New", AccountTerms(Tier.PRO, "UTC", 10**7), "why", "A daily quota is a number"),
        ("New", LISBON, " ", "Give a reason"),
        ("New", LISBON, "x" * 201, "longer than 200"),
    ],
)
def test_an_invalid_account_is_refused(
    billing: Billing, name: str, terms: AccountTerms, reason: str, problem: str
) -> None:
    with pytest.raises(InvalidRequestError, match=problem):
        billing.accounts.create(ADMIN, name, terms, reason)
    assert len(billing.accounts.all(VIEWER)) == 1
    assert billing.audited() == []


def test_a_change_that_changes_nothing_is_refused(billing: Billing) -> None:
    with pytest.raises(InvalidRequestError, match="Nothing changed"):
        billing.accounts.change(ADMIN, DEFAULT_ACCOUNT_ID, AccountTerms(Tier.PRO), "why")
    with pytest.raises(NotFoundError):
        billing.accounts.change(ADMIN, "acc_nobody", LISBON, "why")


def test_every_zone_that_is_offered_is_taken(billing: Billing) -> None:
    zones = billing.accounts.time_zones(VIEWER)
    assert {"UTC", "America/Sao_Paulo", "Asia/Kathmandu"} <= set(zones)
    for zone in ("America/Sao_Paulo", "Asia/Kathmandu"):
        billing.accounts.change(ADMIN, DEFAULT_ACCOUNT_ID, AccountTerms(Tier.PRO, zone), "Moved")
