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
from services.remedies.registry import REMEDIES
from tests.pages.conftest import Open, said
from tests.pages.fake_audit import GENERATION, WORDS, change
from tests.pages.fakes import FakeServices

SERVICES = Path(__file__).parents[2] / "services"
_ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
_NO_ACTIONS = ("checkpoint", "one_at_a_time", "logger", "logging")


@pytest.mark.parametrize("role", list(Role))
def test_only_an_admin_opens_it(services: FakeServices, opened: Open, role: Role) -> None:
    services.people.role = role
    at = opened("audit")
    assert not at.exception
    assert bool(at.error) is (role is not Role.ADMIN)
    assert ("Changed a price" in said(at)) is (role is Role.ADMIN)


def test_a_row_says_what_was_done_where_it_opens_and_what_differs(
    services: FakeServices, opened: Open
) -> None:
    at = opened("audit")
    text = said(at)
    for fact in ("Changed a price", "Requeued a run", "Something: new here"):
        assert fact in text
    assert f"diagnose?id={GENERATION}" in text
    assert "Credits: 30 \\u2192 25" in text or "Credits: 30 → 25" in text
    assert "Archived was no" in text
    assert WORDS in text
    assert all(WORDS not in str(element.value) for element in at.markdown)


def test_filters_are_in_the_address(services: FakeServices, opened: Open) -> None:
    opened(
        "audit",
        words="ticket",
        subject=f" {GENERATION} ",
        who="Olga · per_2",
        what="Changed a price",
        **{"from": "2026-03-01", "until": "2026-03-02"},
    )
    zone = ZoneInfo("UTC")
    assert services.audit_trail.asked[-1] == AuditFilters(
        actor_id="per_2",
        action="price.change",
        subject_id=GENERATION,
        since=datetime(2026, 3, 1, tzinfo=zone),
        until=datetime(2026, 3, 3, tzinfo=zone),
        words="ticket",
    )


def test_a_long_trail_is_turned_page_by_page(services: FakeServices, opened: Open) -> None:
    services.audit_trail.items = [change(n, "price.change", f"item_{n:03d}") for n in range(120)]
    at = opened("audit")
    assert "item_049" in said(at) and "item_050" not in said(at)
    at.button(key="audit_older").click().run()
    at.button(key="audit_older").click().run()
    assert "item_119" in said(at) and at.button(key="audit_older").disabled
    at.button(key="audit_newer").click().run()
    assert "item_050" in said(at)
    at.text_input(key="words").set_value("else").run()
    assert "item_000" in said(at)


def test_an_empty_trail_says_what_will_be_listed(services: FakeServices, opened: Open) -> None:
    services.audit_trail.items.clear()
    assert "No changes yet" in said(opened("audit"))
    assert "No matching changes" in said(opened("audit", words="nothing"))


def test_it_opens_on_the_real_services(real_services: Services, opened: Open) -> None:
    at = opened("audit")
    assert not at.exception and not at.error
    assert at.title[0].value == "Audit"
    assert "No changes yet" in said(at)


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
