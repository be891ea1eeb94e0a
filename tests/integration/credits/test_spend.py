"""Dollars: every table adds up to the same total, and the forecast follows the pace."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from services.core.errors import InvalidRequestError
from services.core.states import AttemptState, Kind, PriceUnit
from services.credits.spending import forecast_of
from services.database.models import Attempt
from services.providers.registry import SIMULATED_FINGERPRINTS
from tests.integration.credits.attempt_rows import add_attempt, add_person
from tests.integration.credits.conftest import ADMIN, VIEWER, Billing

DAY = 86_400


@pytest.fixture
def spent(billing: Billing) -> Billing:
    """Four orders of two people, one of them never sent, one older than a week."""
    with billing.database.transaction() as session:
        add_person(session, "per_olga", "Olga")
        add_attempt(session, estimated=1.0, actual=0.5)
        add_attempt(session, Kind.MASCOTS, estimated=2.0, model="gemini-x", person_id="per_olga")
        add_attempt(session, estimated=4.0, model="owner/m:v1", ago=timedelta(days=10))
        add_attempt(session, estimated=99.0, state=AttemptState.NOT_SENT)
    return billing


def test_kinds_operators_models_and_days_add_up_to_the_total(spent: Billing) -> None:
    report = spent.spending.report(VIEWER, 30)
    assert report.usd == pytest.approx(6.5)
    for rows in (report.kinds, report.operators, report.models):
        assert sum(row.usd for row in rows) == pytest.approx(report.usd)
        assert sum(row.settled_usd for row in rows) == pytest.approx(0.5)
        assert sum(row.attempts for row in rows) == 3
    assert [(row.key, row.usd) for row in report.kinds] == [("poses", 4.5), ("mascots", 2.0)]
    assert [row.label for row in report.operators] == ["Local operator", "Olga"]
    assert report.models[0].label == "owner/m"


def test_the_period_begins_with_its_first_utc_day(spent: Billing) -> None:
    assert spent.spending.report(VIEWER, 10).usd == pytest.approx(2.5)
    assert spent.spending.report(VIEWER, 11).usd == pytest.approx(6.5)
    days = spent.spending.report(VIEWER, 11).days
    assert [day.usd for day in days] == pytest.approx([4.0, *[0.0] * 9, 2.5])
    for wrong in (0, -1, 5000):
        with pytest.raises(InvalidRequestError, match="Choose 1 to"):
            spent.spending.report(VIEWER, wrong)


def test_simulated_dollars_are_counted_apart(spent: Billing) -> None:
    assert spent.spending.report(VIEWER, 30).simulated_usd == 0.0
    with spent.database.transaction() as session:
        newest = session.scalars(select(Attempt).where(Attempt.estimated_cost_usd == 2.0)).one()
        newest.token_fingerprint = next(iter(SIMULATED_FINGERPRINTS))
    report = spent.spending.report(VIEWER, 30)
    assert (report.usd, report.simulated_usd) == pytest.approx((6.5, 2.0))


def test_an_empty_database_has_spent_nothing(billing: Billing) -> None:
    report = billing.spending.report(VIEWER, 7)
    assert (report.usd, report.kinds, len(report.days)) == (0.0, (), 7)
    forecast = billing.spending.forecast(VIEWER)
    assert (forecast.month_usd, forecast.at_today_usd, forecast.at_week_usd) == (0.0, 0.0, 0.0)


def test_the_month_ends_at_the_pace_of_today_and_of_the_week(billing: Billing) -> None:
    with billing.database.transaction() as session:
        day = func.date_trunc("day", func.now(), "UTC")
        month = func.date_trunc("month", func.now(), "UTC")
        end = func.date_add(month, timedelta(days=31), "UTC")
        passed, since, left = map(
            float,
            session.execute(
                select(
                    func.extract("epoch", func.now() - day),
                    func.extract("epoch", func.now() - month),
                    func.extract("epoch", func.date_trunc("month", end, "UTC") - func.now()),
                )
            ).one(),
        )
        for days in (0, 3, 8, 40):
            add_attempt(session, estimated=7.0, ago=timedelta(days=days))
        forecast = forecast_of(session)
    so_far = 7.0 * sum(days * DAY <= since for days in (0, 3, 8, 40))
    assert forecast.today_usd == 7.0
    assert forecast.month_usd == so_far
    assert forecast.at_today_usd == pytest.approx(so_far + 7.0 / max(3600, passed) * left)
    assert forecast.at_week_usd == pytest.approx(so_far + 14.0 / (7 * DAY) * left)


def test_what_if_takes_the_price_list_and_the_usual_seconds(billing: Billing) -> None:
    model = ("replicate", "fofr/consistent-character")
    guessed = billing.prices.what_if(VIEWER, "pose", 1000, *model)
    assert (guessed.credits, guessed.is_measured) == (30_000, False)
    found = billing.prices.what_if(VIEWER, "pose", 1000, *model, seconds=40.0)
    assert found.usd == pytest.approx(1000 * 40 * 0.000975)
    by_picture = billing.prices.what_if(VIEWER, "background", 10, "replicate", "owner/any")
    assert by_picture.unit is PriceUnit.SECOND
    unlisted = billing.prices.what_if(VIEWER, "pose", 10, "nobody", "model")
    assert (unlisted.usd, unlisted.credits) == (None, 300)
    with pytest.raises(InvalidRequestError, match="jobs"):
        billing.prices.what_if(VIEWER, "pose", 0, *model)


def test_a_changed_price_counts_in_the_next_what_if(billing: Billing) -> None:
    billing.prices.set_item_price(ADMIN, "pose", 35, "Costs more")
    billing.prices.set_provider_price(
        ADMIN, "replicate", "owner/new", PriceUnit.PICTURE, 0.5, "Listed"
    )
    assert ("replicate", "owner/new") in billing.prices.models(VIEWER)
    found = billing.prices.what_if(VIEWER, "pose", 2, "replicate", "owner/new")
    assert (found.credits, found.usd) == (70, 1.0)
