"""The budget: it warns, then stops a start before anything is charged or written."""

import math

import pytest
from sqlalchemy import func, select

from services.core.errors import BudgetReachedError, InvalidRequestError, NotFoundError
from services.core.states import PriceUnit
from services.credits.budget import refuse_over_budget
from services.credits.prices import BudgetView
from services.database.models import Generation
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.recipes.mascots.pictures import STYLES
from services.recipes.mascots.recipe import MascotsRequest
from tests.integration.credits.conftest import ADMIN, VIEWER, Till
from tests.integration.credits.planted import add_attempt
from tests.integration.pipeline.conftest import fast_simulator, fast_studio
from tests.integration.pipeline.studio import Studio

__all__ = ["fast_simulator", "fast_studio"]

BATCH = MascotsRequest(DEFAULT_ACCOUNT_ID, "Fennel", "an orange fox", STYLES[0], (), 2)
"""Six pictures at $0.039 each."""


def test_a_start_that_would_pass_the_limit_is_refused_before_any_charge(
    fast_studio: Studio,
) -> None:
    credits, mascots = fast_studio.services.credits, fast_studio.services.mascots
    credits.set_budget(ADMIN, BudgetView(0.2, None), "Agreed")
    quote = mascots.quote(fast_studio.actor, BATCH)
    assert any("budget for this day" in problem for problem in quote.problems)
    with pytest.raises((BudgetReachedError, InvalidRequestError)):
        mascots.start(fast_studio.actor, BATCH, "key")
    assert [account.balance for account in credits.accounts(VIEWER)] == [10_000]
    with fast_studio.services.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Generation)) == 0

    credits.set_budget(ADMIN, BudgetView(0.2, None, is_stop=False), "Only warn")
    assert mascots.start(fast_studio.actor, BATCH, "key").is_new


def test_the_budget_warns_from_its_share_on(till: Till) -> None:
    till.credits.set_budget(ADMIN, BudgetView(10.0, 100.0, 0.8), "Agreed")
    with till.database.transaction() as session:
        add_attempt(session, estimated=9.0, actual=7.9)
    day, month = till.credits.budget_status(VIEWER)
    assert (day.is_warning, month.is_warning) == (False, False)
    with till.database.transaction() as session:
        add_attempt(session, estimated=0.2)
    day, month = till.credits.budget_status(VIEWER)
    assert (day.is_warning, month.is_warning) == (True, False)
    assert day.spent_usd == pytest.approx(8.1)
    with till.database.transaction() as session:
        refuse_over_budget(session, 1.8)
        with pytest.raises(BudgetReachedError, match=r"\$8.10 is spent"):
            refuse_over_budget(session, 2.0)


@pytest.mark.parametrize(
    "budget",
    [
        BudgetView(-1.0, None),
        BudgetView(math.nan, None),
        BudgetView(None, math.inf),
        BudgetView(None, None, 0.0),
        BudgetView(None, None, 1.1),
        BudgetView(None, None),
    ],
)
def test_a_budget_that_is_none_is_refused(till: Till, budget: BudgetView) -> None:
    with pytest.raises(InvalidRequestError):
        till.credits.set_budget(ADMIN, budget, "why")
    assert till.credits.budget(VIEWER) == BudgetView(None, None)
    assert till.audited() == []


def test_prices_that_are_none_are_refused(till: Till) -> None:
    for credits in (-1, 10**7, 30):
        with pytest.raises(InvalidRequestError):
            till.credits.set_price(ADMIN, "pose", credits, "why")
    with pytest.raises(NotFoundError):
        till.credits.set_price(ADMIN, "nothing", 1, "why")
    for model, usd in (("", 1.0), ("owner/m:v1", 1.0), ("owner/m", -1.0), ("owner/m", math.nan)):
        with pytest.raises(InvalidRequestError):
            till.credits.set_provider_price(ADMIN, "gemini", model, PriceUnit.PICTURE, usd, "why")
    with pytest.raises(NotFoundError):
        till.credits.set_provider_price(ADMIN, "nobody", "m", PriceUnit.PICTURE, 1.0, "why")
    assert till.audited() == []
