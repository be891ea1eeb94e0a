"""Every remedy describes itself, and every offer names a remedy that exists."""

import ast
from pathlib import Path

import pytest

from services.core.errors import NotFoundError
from services.core.states import Role
from services.diagnosis.registry import CAUSES
from services.remedies.registry import REMEDIES, remedy_of
from services.remedies.subjects import SubjectKind

ROOT = Path(__file__).parents[2]


def offered_ids() -> set[str]:
    """Ids in `RemedyOffer("...", ...)` in the product and the benchmarks, and those of causes."""
    of_causes = {remedy for cause in CAUSES for remedy in cause.remedies}
    return of_causes | {
        str(node.args[0].value)
        for folder in ("services", "pages", "bench")
        for path in (ROOT / folder).rglob("*.py")
        if "RemedyOffer(" in (source := path.read_text())
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "RemedyOffer"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


@pytest.mark.parametrize("remedy_id", REMEDIES)
def test_a_remedy_describes_itself(remedy_id: str) -> None:
    remedy = remedy_of(remedy_id)
    assert remedy.id == remedy_id
    assert isinstance(remedy.subject, SubjectKind) and remedy.role in (Role.OPERATOR, Role.ADMIN)
    assert remedy.icon and remedy.audit_label
    assert len(remedy.label) <= 24 and not remedy.label.endswith(".")
    assert remedy.consequence.endswith(".") and len(remedy.consequence) <= 110
    assert remedy.argument is None or remedy.argument


def test_labels_are_distinct() -> None:
    assert len({remedy.label for remedy in REMEDIES.values()}) == len(REMEDIES)


def test_every_offered_remedy_exists() -> None:
    assert {"requeue", "redownload", "settle_refund"} <= offered_ids() <= set(REMEDIES)


def test_an_unknown_remedy_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        remedy_of("unknown")
