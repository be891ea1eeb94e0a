"""The budget: it warns, then stops a start before anything is charged or written."""

import math

import pytest
from sqlalchemy import func, select

from services.core.errors import BudgetReachedError, InvalidRequestError, NotFoundError
from services.core.states import PriceUnit
from services.credits.budget import BudgetLimits, refuse_over_budget
from services.database.models import Generation
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.recipes.mascots.pictures import STYLES
from services.recipes.mascots.recipe import MascotsRequest
from tests.integration.credits.attempt_rows import add_attempt
from tests.integration.credits.conftest import ADMIN, VIEWER, Billing
from tests.integration.pipeline.conftest import fast_simulator, fast_studio
from tests.integration.pipeline.pipeline_setup import PipelineSetup

__all__ = ["fast_simulator", "fast_studio"]

BATCH = MascotsRequest(DEFAULT_ACCOUNT_ID, "Fennel", "an orange fox", STYLES[0], (), 2)
"""Six pictures at $0.0336 each."""


def test_a_start_that_would_pass_the_limit_is_refused_before_any_charge(
    fast_studio: PipelineSetup,
) -> None:
    services, mascots = fast_studio.services, fast_studio.services.mascots
    services.budget.change(ADMIN, BudgetLimits(0.2, None), "Agreed")
    quote = mascots.quote(fast_studio.actor, BATCH)
    assert any("budget for this day" in problem for problem in quote.problems)
    with pytest.raises((BudgetReachedError, InvalidRequestError)):
        mascots.start(fast_studio.actor, BATCH, "key")
    assert [account.balance for account in services.accounts.all(VIEWER)] == [10_000]
    with services.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Generation)) == 0

    services.budget.change(ADMIN, BudgetLimits(0.2, None, is_stop=False), "Only warn")
    assert mascots.start(fast_studio.actor, BATCH, "key").is_new


def test_the_budget_warns_from_its_share_on(billing: Billing) -> None:
    billing.budget.change(ADMIN, BudgetLimits(10.0, 100.0, 0.8), "Agreed")
    with billing.database.transaction() as session:
        add_attempt(session, estimated=9.0, actual=7.9)
    day, month = billing.budget.status(VIEWER)
    assert (day.is_warning, month.is_warning) == (False, False)
    with billing.database.transaction() as session:
        add_attempt(session, estimated=0.2)
    day, month = billing.budget.status(VIEWER)
    assert (day.is_warning, month.is_warning) == (True, False)
    assert day.spent_usd == pytest.approx(8.1)
    with billing.database.transaction() as session:
        refuse_over_budget(session, 1.8)
        with pytest.raises(BudgetReachedError, match=r"\$8.10 is spent"):
            refuse_over_budget(session, 2.0)


@pytest.mark.parametrize(
    "budget",
    [
        BudgetLimits(-1.0, None),
        BudgetLimits(math.nan, None),
        BudgetLimits(None, math.inf),
        BudgetLimits(None, None, 0.0),
        BudgetLimits(None, None, 1.1),
        BudgetLimits(None, None),
    ],
)
def test_a_budget_that_is_none_is_refused(billing: Billing, budget: BudgetLimits) -> None:
    with pytest.raises(InvalidRequestError):
        billing.budget.change(ADMIN, budget, "why")
    assert billing.budget.limits(VIEWER) == BudgetLimits(None, None)
    assert billing.audited() == []


def test_prices_that_are_none_are_refused(billing: Billing) -> None:
    for credits in (-1, 10**7, 30):
        with pytest.raises(InvalidRequestError):
            billing.prices.set_item_price(ADMIN, "pose", credits, "why")
    with pytest.raises(NotFoundError):
        billing.prices.set_item_price(ADMIN, "nothing", 1, "why")
    for model, usd in (("", 1.0), ("owner/m:v1", 1.0), ("owner/m", -1.0), ("owner/m", math.nan)):
        with pytest.raises(InvalidRequestError):
            billing.prices.set_provider_price(ADMIN, "gemini", model, PriceUnit.PICTURE, usd, "why")
    with pytest.raises(NotFoundError):
        billing.prices.set_provider_price(ADMIN, "nobody", "m", PriceUnit.PICTURE, 1.0, "why")
    assert billing.audited() == []
