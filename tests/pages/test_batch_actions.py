"""Cancel a batch, and retry its failed pictures, from the page."""

from streamlit.testing.v1 import AppTest

from pages.kit.widgets import CANCEL, RETRY
from services.core.states import Role
from tests.pages.conftest import Open, said
from tests.pages.fakes import FakeServices, busy_poses


def asked(opened: Open, what: str) -> AppTest:
    """The poses page after a click on a batch's button."""
    at = opened("poses")
    at.session_state["batch_asked"] = f"{what}:{busy_poses().id}"
    return at.run()


def test_a_live_batch_offers_to_cancel_and_an_ended_one_to_make_what_is_missing(
    services: FakeServices, opened: Open
) -> None:
    text = said(opened("mascots"))
    assert f"{CANCEL}:gen_" in text
    assert f"{RETRY}:gen_" in text
    assert "Retry " in text and " failed" in text


def test_a_viewer_is_offered_neither(services: FakeServices, opened: Open) -> None:
    services.people.role = Role.VIEWER
    text = said(opened("mascots"))
    assert f"{CANCEL}:gen_" not in text
    assert f"{RETRY}:gen_" not in text


def test_canceling_says_what_comes_back_before_it_is_done(
    services: FakeServices, opened: Open
) -> None:
    at = asked(opened, CANCEL)
    assert "180 credits will be refunded" in said(at)
    assert "saved and charged" in said(at)
    assert services.cancel.canceled == []
    at.text_input(key="cancel_reason").set_value("wrong mascot")
    at.button(key="cancel_save").click().run()
    assert services.cancel.canceled == [(busy_poses().id, "wrong mascot")]


def test_a_retry_says_its_price_before_it_is_started(services: FakeServices, opened: Open) -> None:
    at = asked(opened, RETRY)
    assert "60 credits" in said(at)
    assert services.retry.started == []
    at.button(key="retry_save").click().run()
    assert services.retry.started == [busy_poses().id]


def test_a_retry_that_cannot_be_paid_says_why_and_has_no_button(
    services: FakeServices, opened: Open
) -> None:
    services.retry.problems = ("This costs 60 credits and the account holds 10.",)
    at = asked(opened, RETRY)
    assert "the account holds 10" in said(at)
    assert at.button(key="retry_save").disabled
