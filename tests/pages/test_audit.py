"""The audit page: for admins alone, in a person's words, filtered by its address."""

import ast
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pages.kit.wording import AUDIT_WORDS, audit_field, audit_place, audit_words
from services.audit.trail import AuditFilters
from services.container import Services
from services.core.states import Role
from services.database.models import Audit, Generation, Person
from services.database.seed import LOCAL_PERSON_ID
from services.remedies.base import RemedyOffer
from services.remedies.registry import REMEDIES
from tests.pages.conftest import Open, said, spied
from tests.pages.planting import add, rows, runs_of, set_role
from tests.pages.seed import OLGA

WORDS = "<b>Ticket</b> *4711* [x](javascript:y)"
SERVICES = Path(__file__).parents[2] / "services"
_ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
_NO_ACTIONS = ("checkpoint", "one_at_a_time", "logger", "logging")


@pytest.fixture
def trail(studio: Services) -> str:
    """Changes of three kinds, the last of which has no words here; the id of a run that was requeued."""
    actor = studio.people.local()
    studio.prices.set_item_price(actor, "pose", 25, WORDS)
    run = runs_of(studio, rows(studio, Generation, Generation.title == OLGA)[0].id)[0]
    offer = RemedyOffer("requeue", run.id)
    studio.remedies.apply(actor, offer, "Stuck", studio.remedies.dry_run(actor, offer).expected)
    add(studio, _change("something.new_here", "xyz_1"))
    return run.id


@pytest.mark.parametrize("role", list(Role))
def test_only_an_admin_opens_it(trail: str, studio: Services, opened: Open, role: Role) -> None:
    set_role(studio, role)
    at = opened("audit")
    assert not at.exception
    assert bool(at.error) is (role is not Role.ADMIN)
    assert ("Changed a price" in said(at)) is (role is Role.ADMIN)


def test_a_row_says_what_was_done_where_it_opens_and_what_differs(
    trail: str, studio: Services, opened: Open
) -> None:
    at = opened("audit")
    text = said(at)
    for fact in ("Changed a price", "Requeued a run", "Something: new here"):
        assert fact in text
    assert f"diagnose?id={trail}" in text
    assert "Credits: 30 \\u2192 25" in text or "Credits: 30 → 25" in text
    assert "Archived was no" in text
    assert WORDS in text
    assert all(WORDS not in str(element.value) for element in at.markdown)


def test_filters_are_in_the_address(
    trail: str, studio: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = (Person(id=f"per_{n}", name="Olga", role=Role.ADMIN) for n in (1, 2))
    add(studio, *people, *(_change("price.change", "pose", actor=f"per_{n}") for n in (1, 2)))
    read = spied(monkeypatch, studio.audit_trail, "page")
    opened(
        "audit",
        words="ticket",
        subject=f" {trail} ",
        who="Olga · per_2",
        what="Changed a price",
        **{"from": "2026-03-01", "until": "2026-03-02"},
    )
    zone = ZoneInfo("UTC")
    assert read[-1][1] == AuditFilters(
        actor_id="per_2",
        action="price.change",
        subject_id=trail,
        since=datetime(2026, 3, 1, tzinfo=zone),
        until=datetime(2026, 3, 3, tzinfo=zone),
        words="ticket",
    )


def test_a_long_trail_is_turned_page_by_page(fresh_services: Services, opened: Open) -> None:
    add(fresh_services, *(_change("price.change", f"item_{n:03d}") for n in reversed(range(120))))
    at = opened("audit")
    assert "item_049" in said(at) and "item_050" not in said(at)
    at.button(key="audit_older").click().run()
    at.button(key="audit_older").click().run()
    assert "item_119" in said(at) and at.button(key="audit_older").disabled
    at.button(key="audit_newer").click().run()
    assert "item_050" in said(at)
    at.text_input(key="words").set_value("why").run()
    assert "item_000" in said(at)


def test_an_empty_trail_says_what_will_be_listed(fresh_services: Services, opened: Open) -> None:
    at = opened("audit")
    assert at.title[0].value == "Audit" and "No changes yet" in said(at)
    assert "No matching changes" in said(opened("audit", words="nothing"))


def test_every_action_of_the_code_has_its_words() -> None:
    kept = {
        value
        for path in SERVICES.rglob("*.py")
        if "record_change" in (source := path.read_text())
        for value in _dotted(ast.parse(source))
    }
    assert "account.grant" in kept
    assert kept | {f"remedy.{name}" for name in REMEDIES} <= set(AUDIT_WORDS)


def test_an_action_without_words_is_shown_as_stored() -> None:
    assert audit_words("box.tidy_up") == "Box: tidy up"
    assert audit_field("fault.daily_usd") == "Fault: daily USD"
    assert audit_place("box.tidy_up", "she_1") is None


def _change(action: str, subject_id: str, actor: str = LOCAL_PERSON_ID) -> Audit:
    before, after = {"credits": 30, "is_archived": False}, {"credits": 25}
    return Audit(
        actor=actor,
        action=action,
        subject_id=subject_id,
        before=before,
        after=after,
        reason="Why",
    )


def _dotted(tree: ast.Module) -> set[str]:
    """`account.grant` and its like; names of checkpoints, locks and logs look the same."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    others = {
        id(argument)
        for call in calls
        if ast.unparse(call.func).partition(".")[0] in _NO_ACTIONS
        for argument in call.args
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in others and _ACTION.fullmatch(node.value)
    }
