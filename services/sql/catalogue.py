"""The named queries of the SQL page, read from the files in `queries/`, one for each group.

A query begins with comments that give its id (which never changes: links hold it), title, question
and the names of its parameters below, in the order of $1, $2 and so on. Its statement follows.
"""

from collections.abc import Iterator
from pathlib import Path

from services.core.errors import NotFoundError
from services.core.states import Kind, MissingCause, SlotState
from services.core.thresholds import SILENT_SECONDS
from services.sql.query import GENERATION, Choice, Group, Identifier, NamedQuery, Number, Parameter

_FILES = Path(__file__).parent / "queries"
_ENDED = (SlotState.FAILED.value, SlotState.CANCELED.value)
_PARAMETERS: dict[str, Parameter] = {
    "generation": GENERATION,
    "operation": Identifier("operation", "Bulk fix", default="op_xyz"),
    "account": Identifier("account", "Account", default="acc_studio"),
    "any_account": Identifier("account", "Account (empty: all)", is_optional=True),
    "minutes": Number("minutes", "For more than (minutes)", 0, 10_000, "5"),
    "day": Number("days", "Days back", 1, 90, "1"),
    "week": Number("days", "Days back", 1, 90, "7"),
    "month": Number("days", "Days back", 1, 90, "30"),
    "kind": Choice("kind", "Kind", ("any", *(kind.value for kind in Kind))),
    "reason": Choice("reason", "Reason", ("any", *_ENDED, *(one.value for one in MissingCause))),
}
_SILENT_AFTER = " ".join(f"WHEN '{role}' THEN {limit:g}" for role, limit in SILENT_SECONDS.items())


def _queries() -> Iterator[NamedQuery]:
    for group in Group:
        text = (_FILES / f"{group.name.lower()}.sql").read_text("utf-8")
        for block in text.replace("{silent_after}", _SILENT_AFTER).split("-- id: ")[1:]:
            yield _query(group, block)


def _query(group: Group, block: str) -> NamedQuery:
    """Read one query; KeyError for a parameter that does not exist."""
    query_id, *lines = block.rstrip("\n").split("\n")
    header: dict[str, str] = {}
    while lines[0].startswith("-- "):
        name, _, value = lines.pop(0).removeprefix("-- ").partition(": ")
        header[name] = value
    names = header.get("parameters", "").replace(",", "").split()
    parameters = tuple(_PARAMETERS[name] for name in names)
    return NamedQuery(
        group, query_id, header["title"], header["question"], "\n".join(lines), parameters
    )


CATALOGUE = tuple(_queries())
"""Every named query, in the order of the SQL page."""


def named(query_id: str) -> NamedQuery:
    """Return the query with this id; raises NotFoundError."""
    for query in CATALOGUE:
        if query.id == query_id:
            return query
    raise NotFoundError(what="query", id=query_id)
