"""Credits: every role sees it, an admin alone changes anything, words of people stay words."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from pages.credits.prices import PRICE, PROVIDER_PRICE
from services.container import Services
from services.core.states import EntryKind, PriceUnit, Role, Tier
from services.credits.accounts import AccountTerms
from services.credits.budget import BudgetLimits
from tests.pages.conftest import Open, said
from tests.pages.fake_credits import ACCOUNT, WORDS, entry
from tests.pages.fakes import FakeServices

VIEWS = ("Accounts", "Spend", "Prices")
CHANGING = {"Grant credits", "Change account", "New account", "Change budget", "Add a model"}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("view", VIEWS)
def test_each_view_opens_and_only_an_admin_may_change(
    services: FakeServices, opened: Open, view: str, role: Role
) -> None:
    services.people.role = role
    at = opened("credits", view=view)
    assert not at.exception and not at.error
    offered = {button.label for button in at.button} & CHANGING
    assert bool(offered) is (role is Role.ADMIN and view != "Spend")


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_opens_on_the_real_services(
    real_services: Services, opened: Open, view: str
) -> None:
    at = opened("credits", view=view)
    assert not at.exception and not at.error
    text = {"Accounts": "Starting credits", "Spend": "Nothing spent", "Prices": "no limit"}
    assert text[view] in said(at)


def test_accounts_show_what_they_hold_and_that_it_adds_up(
    services: FakeServices, opened: Open
) -> None:
    text = said(opened("credits"))
    for fact in ("12,480", "180 of 200", "Adds up", "360 charged = 330 used", "Unlimited"):
        assert fact in text


def test_an_account_that_does_not_add_up_is_an_error(services: FakeServices, opened: Open) -> None:
    services.credits.adds_up = False
    at = opened("credits")
    assert "do not add up" in at.error[0].value


def test_the_ledger_shows_refunds_with_their_reason(services: FakeServices, opened: Open) -> None:
    at = opened("credits")
    text = said(at)
    assert "Refund" in text and "content filter refused it" in text
    assert WORDS in text
    assert all(WORDS not in str(element.value) for element in at.markdown)
    assert WORDS not in said(opened("credits", movements="Refunds"))
    assert "+30" in said(opened("credits", movements="Refunds"))


def test_a_long_ledger_has_pages(services: FakeServices, opened: Open) -> None:
    first = services.credits.entries[0]
    services.credits.entries = [entry(n, first.kind, n + 1000, "empty") for n in range(70)]
    at = opened("credits")
    assert "+1,029" in said(at) and "+1,030" not in said(at)
    at.button(key="ledger_older").click().run()
    at.button(key="ledger_older").click().run()
    assert "+1,069" in said(at) and at.button(key="ledger_older").disabled
    at.button(key="ledger_newer").click().run()
    assert "+1,059" in said(at)
    at.button(key="ledger_newer").click().run()
    assert "+1,000" in said(at) and at.button(key="ledger_newer").disabled


def test_refunds_of_one_cancel_are_one_row(services: FakeServices, opened: Open) -> None:
    refunds = [
        replace(entry(0, EntryKind.REFUND, 30, "canceled"), id=f"led_{n}") for n in range(12)
    ]
    services.credits.entries = [*refunds, entry(12, EntryKind.REFUND, 30, "canceled")]
    text = said(opened("credits"))
    assert "\\u00d7 12" in text and "+360" in text and text.count('"Refund"') == 2


def test_empty_lists_say_what_to_do(services: FakeServices, opened: Open) -> None:
    services.credits.entries.clear()
    services.credits.is_unspent = True
    assert "No movements yet" in said(opened("credits"))
    assert "No matching movement" in said(opened("credits", movements="Refunds"))
    assert "Nothing spent" in said(opened("credits", view="Spend"))


def test_a_grant_reaches_the_service_once_with_its_reason(
    services: FakeServices, opened: Open
) -> None:
    at = opened("credits")
    at.button(key="open_grant").click().run()
    at.number_input(key="grant_amount").set_value(-200)
    _save(at, "grant", "One zero too many")
    assert services.credits.changes == [("grant", ACCOUNT, -200, "One zero too many", True)]
    assert [toast.value for toast in at.toast] == ["200 credits taken back."]


def test_a_refused_grant_is_explained_in_its_dialog(services: FakeServices, opened: Open) -> None:
    at = opened("credits")
    at.button(key="open_grant").click().run()
    at.number_input(key="grant_amount").set_value(-99_999)
    _save(at, "grant", "why")
    assert not at.error
    at.button(key="open_grant").click().run()
    assert "Take back 12480 at most" in at.error[0].value
    assert services.credits.changes == []


def test_accounts_are_created_and_changed(services: FakeServices, opened: Open) -> None:
    at = opened("credits")
    at.button(key="open_new").click().run()
    at.text_input(key="account_name").set_value("Kids")
    at.selectbox(key="new_zone").set_value("Europe/Lisbon")
    _save(at, "new_account", "New customer")
    terms = AccountTerms(Tier.PRO, "Europe/Lisbon", 200)
    assert services.credits.changes == [("create", "Kids", terms, "New customer")]
    at = opened("credits")
    at.button(key="open_change").click().run()
    at.number_input(key=f"{ACCOUNT}_quota").set_value(60)
    _save(at, "change_account", "Less")
    assert services.credits.changes[1] == (
        "change",
        ACCOUNT,
        AccountTerms(Tier.PRO, "UTC", 60),
        "Less",
    )


def test_spend_warns_and_forecasts_the_month(services: FakeServices, opened: Open) -> None:
    at = opened("credits", view="Spend")
    text = said(at)
    for fact in ("$17.50", "of $20.00", "$340.00", "$180.00 at today's pace"):
        assert fact in text
    assert "17.50 of" in at.warning[0].value and "refused before any charge" in at.warning[0].value
    services.budget.now = BudgetLimits(None, 300.0)
    assert "above its limit" in opened("credits", view="Spend").warning[0].value
    services.budget.now = BudgetLimits(None, None)
    assert not opened("credits", view="Spend").warning


def test_what_if_follows_the_fields(services: FakeServices, opened: Open) -> None:
    at = opened("credits", view="Spend")
    at.selectbox(key="what_if_item").set_value("pose").run()
    at.number_input(key="what_if_jobs").set_value(1000).run()
    assert "30,000 credits" in said(at) and "median here" in said(at)
    at.number_input(key="what_if_seconds").set_value(40.0).run()
    text = said(at)
    assert "40.0 s at the provider" in text and "median here" not in text


def test_prices_and_budget_are_changed_with_a_reason(services: FakeServices, opened: Open) -> None:
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
    assert services.credits.changes == [
        ("price", "pose", 35, "Dearer"),
        ("provider_price", "gemini", "*", PriceUnit.PICTURE, 0.05, "New list"),
        ("budget", BudgetLimits(25.0, 300.0, 0.8, True), "More work"),
    ]


def test_a_price_of_a_guessed_name_opens_nothing_for_an_operator(
    services: FakeServices, opened: Open
) -> None:
    services.people.role = Role.OPERATOR
    at = opened("credits", view="Prices")
    at.session_state[PRICE] = "pose"
    at.run()
    assert not at.exception
    assert not [field for field in at.number_input if field.key == "price_credits"]


def test_the_frame_shows_what_is_left_of_the_quota(services: FakeServices, opened: Open) -> None:
    at = opened("gallery")
    assert "12,480 credits" in said(at)
    at.selectbox(key="account_id").set_value("acc_2").run()
    assert "180 of 200 left today" in said(at)


def test_the_overview_shows_the_day_against_its_budget(
    services: FakeServices, opened: Open
) -> None:
    assert "$4.18 of $20.00 simulated" in said(opened())


def _save(at: AppTest, key: str, reason: str) -> None:
    at.text_input(key=f"{key}_reason").set_value(reason)
    at.button(key=f"{key}_save").click().run()
    assert not at.exception
