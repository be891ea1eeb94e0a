"""The account that a person last worked for is kept with the person, whatever is created later."""

import pytest

from services.container import Services
from services.core.actors import Actor
from services.core.errors import NotFoundError
from services.core.states import Role, Tier
from services.credits.accounts import AccountTerms
from services.database.seed import DEFAULT_ACCOUNT_ID
from tests.pages.conftest import fresh_services, fresh_settings

__all__ = ["fresh_services", "fresh_settings"]


def test_each_person_has_a_last_account(fresh_services: Services) -> None:
    people, local = fresh_services.people, fresh_services.people.local()
    assert people.last_account(local) is None
    people.remember_account(local, DEFAULT_ACCOUNT_ID)
    fresh_services.accounts.create(local, "Aardvark", AccountTerms(Tier.PRO), "sorts first")
    assert people.last_account(local) == DEFAULT_ACCOUNT_ID
    assert people.last_account(Actor("per_other", "Other", Role.VIEWER)) is None


def test_an_unknown_account_is_refused(fresh_services: Services) -> None:
    with pytest.raises(NotFoundError):
        fresh_services.people.remember_account(fresh_services.people.local(), "acc_none")
