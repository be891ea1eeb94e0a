"""Accounts: who may make and change them, what is refused, what the audit keeps."""

from collections.abc import Callable
from typing import Any

import pytest

from services.core.actors import Actor
from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import PriceUnit, Tier
from services.credits.accounts import AccountTerms
from services.credits.prices import BudgetView
from services.database.seed import DEFAULT_ACCOUNT_ID
from tests.integration.credits.conftest import ADMIN, OPERATOR, VIEWER, Till

LISBON = AccountTerms(Tier.UNLIMITED, "Europe/Lisbon", 60)
CHANGES: dict[str, Callable[[Any, Actor], object]] = {
    "create": lambda credits, actor: credits.create_account(actor, "New", LISBON, "why"),
    "change": lambda credits, actor: credits.change_account(
        actor, DEFAULT_ACCOUNT_ID, LISBON, "why"
    ),
    "grant": lambda credits, actor: credits.grant(actor, DEFAULT_ACCOUNT_ID, 5, "why", "key"),
    "price": lambda credits, actor: credits.set_price(actor, "pose", 35, "why"),
    "provider price": lambda credits, actor: credits.set_provider_price(
        actor, "replicate", "owner/new", PriceUnit.SECOND, 0.002, "why"
    ),
    "budget": lambda credits, actor: credits.set_budget(actor, BudgetView(20.0, None), "why"),
}


def test_an_account_is_made_listed_and_changed(till: Till) -> None:
    made = till.credits.create_account(ADMIN, "  Riverside  Kids ", LISBON, "New customer")
    view = next(a for a in till.credits.accounts(VIEWER) if a.id == made)
    assert (view.name, view.tier, view.balance) == ("Riverside Kids", "unlimited", 0)
    assert (view.time_zone, view.quota_left) == ("Europe/Lisbon", 60)

    till.credits.change_account(ADMIN, made, AccountTerms(Tier.FREE, "UTC", 10), "Left the plan")
    view = next(a for a in till.credits.accounts(VIEWER) if a.id == made)
    assert (view.tier, view.time_zone, view.quota_left) == ("free", "UTC", None)

    created, changed = till.audited()
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
def test_only_an_admin_changes_anything(till: Till, actor: Actor, name: str) -> None:
    with pytest.raises(NotAllowedError):
        CHANGES[name](till.credits, actor)
    assert till.audited() == []


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_an_admins_change_is_audited_once(till: Till, name: str) -> None:
    CHANGES[name](till.credits, ADMIN)
    (row,) = till.audited()
    assert (row.actor, row.reason) == (ADMIN.id, "why")
    assert row.after


@pytest.mark.parametrize(
    ("name", "terms", "reason", "problem"),
    [
        (" \x00", LISBON, "why", "Give the account a name"),
        ("x" * 81, LISBON, "why", "longer than 80"),
        ("STUDIO", LISBON, "why", "named STUDIO already"),
        ("New", AccountTerms(Tier.PRO, "Mars/Olympus"), "why", "no time zone named"),
        ("New", AccountTerms(Tier.PRO, "../etc/passwd"), "why", "no time zone named"),
        ("New", AccountTerms(Tier.PRO, "UTC", -1), "why", "A daily quota is a number"),
        ("New", AccountTerms(Tier.PRO, "UTC", 10**7), "why", "A daily quota is a number"),
        ("New", LISBON, " ", "Say why"),
        ("New", LISBON, "x" * 201, "longer than 200"),
    ],
)
def test_an_account_that_cannot_be_made_says_why(
    till: Till, name: str, terms: AccountTerms, reason: str, problem: str
) -> None:
    with pytest.raises(InvalidRequestError, match=problem):
        till.credits.create_account(ADMIN, name, terms, reason)
    assert len(till.credits.accounts(VIEWER)) == 1
    assert till.audited() == []


def test_a_change_that_changes_nothing_is_told(till: Till) -> None:
    with pytest.raises(InvalidRequestError, match="Nothing is changed"):
        till.credits.change_account(ADMIN, DEFAULT_ACCOUNT_ID, AccountTerms(Tier.PRO), "why")
    with pytest.raises(NotFoundError):
        till.credits.change_account(ADMIN, "acc_nobody", LISBON, "why")


def test_every_zone_that_is_offered_is_taken(till: Till) -> None:
    zones = till.credits.time_zones(VIEWER)
    assert {"UTC", "America/Sao_Paulo", "Asia/Kathmandu"} <= set(zones)
    for zone in ("America/Sao_Paulo", "Asia/Kathmandu"):
        till.credits.change_account(
            ADMIN, DEFAULT_ACCOUNT_ID, AccountTerms(Tier.PRO, zone), "Moved"
        )
