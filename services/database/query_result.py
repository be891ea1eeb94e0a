"""Rows of a query as text, and as CSV that a spreadsheet opens without running any of its cells."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"-\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class QueryResult:
    """Rows as PostgreSQL writes them, None for null. `is_truncated`: rows or cells were cut."""

    columns: tuple[str, ...]
    rows: list[tuple[str | None, ...]]
    is_truncated: bool
    seconds: float
    types: tuple[str, ...] = ()
    """PostgreSQL's names of the columns' types, empty for those it does not come with."""


def csv_text(
    columns: Iterable[str], rows: Iterable[Iterable[str | None]], line_end: str = "\r\n"
) -> str:
    """Return RFC 4180 with a header; null is an empty cell.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front, which shows
    it as the text that it is; negative numbers stay numbers.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=line_end)
    writer.writerow([_neutral(name) for name in columns])
    writer.writerows(["" if cell is None else _neutral(cell) for cell in row] for row in rows)
    return out.getvalue()


def _neutral(cell: str) -> str:
    if cell.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(cell):
        return "'" + cell
    return cell
