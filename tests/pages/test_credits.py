"""Credits: every role sees it, an admin alone changes anything, words of people stay words."""

import pytest
from sqlalchemy import func, select, text
from streamlit.testing.v1 import AppTest

from pages.credits.prices import PRICE, PROVIDER_PRICE
from services.container import Services
from services.core.states import EntryKind, PriceUnit, Role, Tier
from services.credits.accounts import AccountTerms
from services.credits.budget import BudgetLimits
from services.credits.ledger import today_of
from services.database.models import Account, Attempt, LedgerEntry, new_id
from services.database.seed import DEFAULT_ACCOUNT_ID, LOCAL_PERSON_ID
from services.recipes.poses.request import PosesRequest
from tests.pages.conftest import Open, said
from tests.pages.planting import add, audited, rows, set_role, set_rows
from tests.pages.seed import HOSTILE, KIDS

VIEWS = ("Accounts", "Spend", "Prices")
CHANGING = {"Grant credits", "Change account", "New account", "Change budget", "Add a model"}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("view", VIEWS)
def test_each_view_opens_and_only_an_admin_may_change(
    studio: Services, opened: Open, view: str, role: Role
) -> None:
    set_role(studio, role)
    at = opened("credits", view=view)
    assert not at.exception and not at.error
    offered = {button.label for button in at.button} & CHANGING
    assert bool(offered) is (role is Role.ADMIN and view != "Spend")


@pytest.mark.parametrize(
    ("view", "fact"),
    [("Accounts", "Starting credits"), ("Spend", "Nothing spent"), ("Prices", "no limit")],
)
def test_each_view_opens_before_anything_was_made(
    fresh_services: Services, opened: Open, view: str, fact: str
) -> None:
    at = opened("credits", view=view)
    assert not at.exception and not at.error
    assert fact in said(at)


def test_accounts_show_what_they_hold_and_that_it_adds_up(studio: Services, opened: Open) -> None:
    with studio.database.transaction() as session:
        day = today_of(session, "Asia/Tokyo")
    add(studio, _entry(EntryKind.CHARGE, 0, account_id=KIDS, quota_day=day, quota_slots=20))
    text = said(opened("credits"))
    (account,) = rows(studio, Account, Account.id == DEFAULT_ACCOUNT_ID)
    for fact in (f"{account.balance:,}", "180 of 200", "Adds up", "used + ", "Unlimited"):
        assert fact in text


def test_an_account_that_does_not_add_up_is_an_error(studio: Services, opened: Open) -> None:
    with studio.database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE app.accounts SET balance = balance + 7"))
    assert "do not add up" in opened("credits").error[0].value


def test_the_ledger_shows_refunds_with_their_reason(studio: Services, opened: Open) -> None:
    refunds = said(opened("credits", movements="Refunds"))
    assert "+30" in refunds and "content filter refused it" in refunds
    assert HOSTILE not in refunds
    at = opened("credits", movements="Grants")
    assert HOSTILE in said(at)
    assert all(HOSTILE not in str(element.value) for element in at.markdown)


def test_a_long_ledger_has_pages(fresh_services: Services, opened: Open) -> None:
    add(fresh_services, *(_entry(EntryKind.GRANT, 1000 + n) for n in range(69)))
    at = opened("credits")
    assert "+1,039" in said(at) and "+1,038" not in said(at)
    at.button(key="ledger_older").click().run()
    at.button(key="ledger_older").click().run()
    assert "Starting credits" in said(at) and at.button(key="ledger_older").disabled
    at.button(key="ledger_newer").click().run()
    assert "+1,009" in said(at)
    at.button(key="ledger_newer").click().run()
    assert "+1,068" in said(at) and at.button(key="ledger_newer").disabled


def test_refunds_of_one_cancel_are_one_row(studio: Services, opened: Open) -> None:
    actor = studio.people.local()
    mascot = studio.mascots.with_pictures(actor, DEFAULT_ACCOUNT_ID)[0]
    request = PosesRequest(DEFAULT_ACCOUNT_ID, mascot.id, "waving from a hill", 12)
    started = studio.poses.start(actor, request, "hill").generation_id
    studio.cancel.cancel(actor, started)
    text = said(opened("credits", movements="Refunds"))
    assert "\\u00d7 12" in text and "+360" in text


def test_empty_lists_say_what_to_do(studio: Services, opened: Open) -> None:
    at = opened("credits")
    at.session_state["credits_account"] = KIDS
    assert "No movements yet" in said(at.run())
    at = opened("credits", movements="Refunds")
    at.session_state["credits_account"] = KIDS
    assert "No matching movement" in said(at.run())


def test_a_grant_is_stored_once_with_its_reason(studio: Services, opened: Open) -> None:
    at = opened("credits")
    at.button(key="open_grant").click().run()
    at.number_input(key="grant_amount").set_value(-200)
    _save(at, "grant", "One zero too many")
    assert audited(studio) == [("account.grant", DEFAULT_ACCOUNT_ID, "One zero too many")]
    (entry,) = rows(studio, LedgerEntry, LedgerEntry.reason == "One zero too many")
    assert entry.amount == -200
    assert [toast.value for toast in at.toast] == ["200 credits taken back."]


def test_a_refused_grant_is_explained_in_its_dialog(studio: Services, opened: Open) -> None:
    (account,) = rows(studio, Account, Account.id == DEFAULT_ACCOUNT_ID)
    at = opened("credits")
    at.button(key="open_grant").click().run()
    at.number_input(key="grant_amount").set_value(-99_999)
    _save(at, "grant", "why")
    assert not at.error
    at.button(key="open_grant").click().run()
    assert f"Take back {account.balance} at most" in at.error[0].value
    assert audited(studio) == []


def test_accounts_are_created_and_changed(studio: Services, opened: Open) -> None:
    at = opened("credits")
    at.button(key="open_new").click().run()
    at.text_input(key="account_name").set_value("Otto")
    at.selectbox(key="new_zone").set_value("Europe/Lisbon")
    _save(at, "new_account", "New customer")
    (new,) = rows(studio, Account, Account.name == "Otto")
    assert _terms(new) == AccountTerms(Tier.PRO, "Europe/Lisbon", 200)
    at = opened("credits")
    at.session_state["credits_account"] = KIDS
    at.run()
    at.button(key="open_change").click().run()
    at.number_input(key=f"{KIDS}_quota").set_value(60)
    _save(at, "change_account", "Less")
    (kids,) = rows(studio, Account, Account.id == KIDS)
    assert _terms(kids) == AccountTerms(Tier.UNLIMITED, "Asia/Tokyo", 60)
    assert audited(studio) == [
        ("account.create", new.id, "New customer"),
        ("account.change", KIDS, "Less"),
    ]


def test_spend_warns_and_forecasts_the_month(studio: Services, opened: Open) -> None:
    _spend(studio, 17.5)
    _limit(studio, BudgetLimits(20.0, 300.0))
    at = opened("credits", view="Spend")
    text = said(at)
    for fact in ("$17.50", "of $20.00", "at today's pace"):
        assert fact in text
    assert "17.50 of" in at.warning[0].value and "refused before any charge" in at.warning[0].value
    _limit(studio, BudgetLimits(None, 17.500001, 1.0))
    assert "above its limit" in opened("credits", view="Spend").warning[0].value
    _limit(studio, BudgetLimits(None, None))
    assert not opened("credits", view="Spend").warning


def test_what_if_follows_the_fields(studio: Services, opened: Open) -> None:
    at = opened("credits", view="Spend")
    at.selectbox(key="what_if_item").set_value("pose").run()
    at.number_input(key="what_if_jobs").set_value(1000).run()
    assert "30,000 credits" in said(at) and "median here" in said(at)
    at.number_input(key="what_if_seconds").set_value(40.0).run()
    text = said(at)
    assert "40.0 s at the provider" in text and "median here" not in text


def test_prices_and_budget_are_changed_with_a_reason(studio: Services, opened: Open) -> None:
    at = opened("credits", view="Prices")
    at.session_state[PRICE] = "pose"
    at.run()
    at.number_input(key="price_credits").set_value(35)
    _save(at, "price", "Dearer")
    at = opened("credits", view="Prices")
    at.session_state[PROVIDER_PRICE] = "gemini/*"
    at.run()
    at.number_input(key="provider_price_usd").set_value(0.05)
    _save(at, "provider_price", "New list")
    at = opened("credits", view="Prices")
    at.button(key="open_budget").click().run()
    at.number_input(key="budget_day").set_value(25.0)
    _save(at, "budget", "More work")
    assert audited(studio) == [
        ("price.change", "pose", "Dearer"),
        ("provider_price.change", "gemini/*", "New list"),
        ("budget.change", "desk", "More work"),
    ]
    actor = studio.people.local()
    listed = {it.item: it.credits for it in studio.prices.item_prices(actor)}
    paid = {(it.provider, it.model): it for it in studio.prices.provider_prices(actor)}
    assert listed["pose"] == 35
    assert (paid["gemini", "*"].unit, paid["gemini", "*"].usd) == (PriceUnit.PICTURE, 0.05)
    assert studio.budget.limits(actor) == BudgetLimits(25.0, None, 0.8, True)


def test_a_price_of_a_guessed_name_opens_nothing_for_an_operator(
    studio: Services, opened: Open
) -> None:
    set_role(studio, Role.OPERATOR)
    at = opened("credits", view="Prices")
    at.session_state[PRICE] = "pose"
    at.run()
    assert not at.exception
    assert not [field for field in at.number_input if field.key == "price_credits"]


def test_the_frame_shows_what_is_left_of_credits_and_quota(studio: Services, opened: Open) -> None:
    (account,) = rows(studio, Account, Account.id == DEFAULT_ACCOUNT_ID)
    at = opened("gallery")
    at.selectbox(key="account_id").set_value(DEFAULT_ACCOUNT_ID).run()
    assert f"{account.balance:,} credits" in said(at)
    at.selectbox(key="account_id").set_value(KIDS).run()
    assert "200 of 200 left today" in said(at)


def test_the_overview_shows_the_day_against_its_budget(studio: Services, opened: Open) -> None:
    _spend(studio, 4.18)
    _limit(studio, BudgetLimits(20.0, None))
    assert "$4.18 of $20.00 simulated" in said(opened())


def _entry(kind: EntryKind, amount: int, **columns: object) -> LedgerEntry:
    return LedgerEntry(
        id=(entry_id := new_id("led")),
        **{"account_id": DEFAULT_ACCOUNT_ID, **columns},
        kind=kind,
        amount=amount,
        idempotency_key=entry_id,
        actor=LOCAL_PERSON_ID,
        reason="Planted",
    )


def _terms(account: Account) -> AccountTerms:
    return AccountTerms(account.tier, account.time_zone, account.daily_quota)


def _spend(studio: Services, usd: float) -> None:
    """Let one of today's attempts have cost so many dollars, and the others nothing."""
    with studio.database.transaction() as session:
        newest = session.scalars(select(Attempt.id).order_by(Attempt.created_at.desc())).first()
    set_rows(studio, Attempt, actual_cost_usd=0.0, created_at=func.now())
    set_rows(studio, Attempt, Attempt.id == newest, actual_cost_usd=usd)


def _limit(studio: Services, limits: BudgetLimits) -> None:
    studio.budget.change(studio.people.local(), limits, "Planted")


def _save(at: AppTest, key: str, reason: str) -> None:
    at.text_input(key=f"{key}_reason").set_value(reason)
    at.button(key=f"{key}_save").click().run()
    assert not at.exception
