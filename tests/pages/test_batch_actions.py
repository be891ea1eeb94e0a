"""Canceling a batch and retrying its failed pictures, as the page asks for it."""

from streamlit.testing.v1 import AppTest

from pages.kit.widgets import CANCEL, RETRY
from services.container import Services
from services.core.states import EntryKind, Kind, Role
from services.database.models import Account, LedgerEntry, Slot, new_id
from services.database.seed import DEFAULT_ACCOUNT_ID, LOCAL_PERSON_ID
from tests.pages.conftest import Open, said
from tests.pages.planting import add, audited, generation_of, rows, set_role
from tests.pages.seed import BOLD


def asked(opened: Open, what: str, generation_id: str) -> AppTest:
    """The poses page after a click on a batch's button."""
    at = opened("poses")
    at.session_state["batch_asked"] = f"{what}:{generation_id}"
    return at.run()


def test_a_live_batch_offers_to_cancel_and_an_ended_one_to_retry_what_failed(
    studio: Services, opened: Open
) -> None:
    text = said(opened("mascots"))
    assert f"{CANCEL}:gen_" in text
    assert f"{RETRY}:{generation_of(studio, title=BOLD).id}" in text
    assert "Retry " in text and " failed" in text


def test_a_viewer_is_offered_neither(studio: Services, opened: Open) -> None:
    set_role(studio, Role.VIEWER)
    text = said(opened("mascots"))
    assert f"{CANCEL}:gen_" not in text
    assert f"{RETRY}:gen_" not in text


def test_canceling_says_what_will_be_refunded_before_it_is_done(
    studio: Services, opened: Open
) -> None:
    busy = generation_of(studio, Kind.POSES)
    at = asked(opened, CANCEL, busy.id)
    assert "4 pictures are not finished. 120 credits will be refunded" in said(at)
    assert "2 pictures are with a provider" in said(at) and "saved and charged" in said(at)
    assert audited(studio) == []
    at.text_input(key="cancel_reason").set_value("wrong mascot")
    at.button(key="cancel_save").click().run()
    assert audited(studio) == [("generation.cancel", busy.id, "wrong mascot")]


def test_a_retry_says_its_price_before_it_is_started(studio: Services, opened: Open) -> None:
    failed = generation_of(studio, title=BOLD)
    at = asked(opened, RETRY, failed.id)
    assert "**3 pictures** · 30 credits" in said(at)
    assert audited(studio) == []
    at.button(key="retry_save").click().run()
    assert audited(studio) == [("generation.retry", failed.id, "Retried")]
    states = {slot.state for slot in rows(studio, Slot, Slot.generation_id == failed.id)}
    assert states == {"filled", "pending", "blocked"}


def test_a_retry_that_cannot_be_paid_says_why_and_has_no_button(
    studio: Services, opened: Open
) -> None:
    (account,) = rows(studio, Account, Account.id == DEFAULT_ACCOUNT_ID)
    taken_back = LedgerEntry(
        id=new_id("led"),
        account_id=account.id,
        kind=EntryKind.GRANT,
        amount=10 - account.balance,
        idempotency_key="taken back",
        actor=LOCAL_PERSON_ID,
        reason="Planted",
    )
    add(studio, taken_back)
    at = asked(opened, RETRY, generation_of(studio, title=BOLD).id)
    assert "the account holds 10" in said(at)
    assert at.button(key="retry_save").disabled
