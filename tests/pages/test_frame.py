"""Who gets in, and how errors are shown."""

import logging

import pytest
from streamlit.testing.v1 import AppTest

from pages.kit import backend, frame
from pages.kit.wording import escaped
from services.container import Services
from services.core.errors import DatabaseUnavailableError
from services.core.states import Role
from services.database.models import Person
from services.database.seed import DEFAULT_ACCOUNT_ID
from tests.pages.conftest import ENTRY, Open, drawn, said
from tests.pages.planting import add, set_rows
from tests.pages.seed import KIDS

EMAIL = "vera@example.com"


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        (None, {"Host": "localhost:8501"}),
        ("127.0.0.1", {"host": "127.0.0.1:8501", "Origin": "http://localhost:8501"}),
        ("::1", {"Host": "[::1]:8501"}),
    ],
)
def test_this_machine_is_local(address: str | None, headers: dict[str, str]) -> None:
    assert frame.is_local(address, headers)


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("192.168.1.7", {"Host": "localhost"}),
        (None, {"Host": "atelier.example.com"}),
        (None, {"Host": "localhost.example.com"}),
        (None, {"Host": "localhost", "X-Forwarded-For": "127.0.0.1"}),
        (None, {"Host": "localhost", "forwarded": "for=127.0.0.1"}),
        (None, {"Host": "localhost", "Origin": "https://example.com"}),
        (None, {}),
    ],
)
def test_other_visits_are_not_local(address: str | None, headers: dict[str, str]) -> None:
    assert not frame.is_local(address, headers)


def test_visit_from_elsewhere_sees_no_page(
    studio: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame, "visitor", lambda: ("10.0.0.9", {"Host": "atelier"}))
    at = opened("gallery")
    assert "opens on its own machine only" in at.error[0].value
    assert not at.title
    assert not drawn(at)


def test_unknown_person_should_ask_an_admin(studio: Services) -> None:
    at = _signed_in()
    assert "nobody has given you access" in at.error[0].value
    assert not drawn(at)


def test_known_person_gets_their_role(studio: Services) -> None:
    add(studio, Person(id="per_1", name="Vera", email=EMAIL, role=Role.VIEWER))
    at = _signed_in()
    assert at.title[0].value == "Overview"
    assert "Resume Replicate" not in [button.label for button in at.button]


def test_address_that_is_not_verified_is_refused(studio: Services) -> None:
    add(studio, Person(id="per_1", name="Ada", email=EMAIL, role=Role.ADMIN))
    at = _signed_in(email_verified=False)
    assert "nobody has given you access" in at.error[0].value


def test_database_that_is_down_is_reported_and_can_be_tried_again(
    studio: Services,
    opened: Open,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with monkeypatch.context() as broken, caplog.at_level(logging.ERROR):
        broken.setattr(studio.gallery, "page", _raise(DatabaseUnavailableError()))
        at = opened("gallery")
    assert "PostgreSQL does not answer" in at.error[0].value
    reference = at.error[0].value.split("`")[1]
    assert any(f"reference={reference}" in record.getMessage() for record in caplog.records)
    next(button for button in at.button if button.label == "Try again").click().run()
    assert not at.error


def test_unexpected_error_shows_a_reference_and_nothing_of_itself(
    studio: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio.gallery, "page", _raise(KeyError("postgresql://user:secret@host")))
    at = opened("gallery")
    assert "Something went wrong" in at.error[0].value
    assert "secret" not in said(at)
    assert not at.exception


def test_failure_to_build_is_not_cached(
    studio: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(backend, "build_services", _raise(DatabaseUnavailableError()))
        assert "PostgreSQL does not answer" in opened().error[0].value
    assert not opened().error


def test_banner_names_the_providers_that_are_simulated(studio: Services, opened: Open) -> None:
    assert "Pictures of Gemini and Replicate are simulated" in said(opened("gallery"))


def test_with_real_providers_there_is_no_banner(fresh_services: Services, opened: Open) -> None:
    assert "are simulated" not in said(opened("gallery"))


def test_a_visit_works_for_the_persons_last_account(studio: Services, opened: Open) -> None:
    assert opened("mascots").selectbox(key="account_id").value == DEFAULT_ACCOUNT_ID
    set_rows(studio, Person, account_id=None)
    at = opened("mascots")
    assert at.selectbox(key="account_id").value is None
    assert "Choose the account" in at.info[0].value and not at.text_input
    at.selectbox(key="account_id").set_value(KIDS).run()
    assert studio.people.last_account(studio.people.local()) == KIDS
    assert at.text_input(key="mascot_name")


def test_text_of_a_person_is_no_markdown() -> None:
    assert escaped("a *b* <i>\n`c` [d](e) :red[f] $g$") == (
        r"a \*b\* \<i\> \`c\` \[d\]\(e\) \:red\[f\] \$g\$"
    )


def _signed_in(**claims: object) -> AppTest:
    at = AppTest.from_file(ENTRY, default_timeout=20)
    at.user = {"is_logged_in": True, "email": EMAIL, **claims}
    return at.run()


def _raise(error: Exception) -> object:
    def fail(*arguments: object, **named: object) -> object:
        raise error

    return fail
