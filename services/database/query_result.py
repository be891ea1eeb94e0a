"""Rows of a query as text, and as CSV that a spreadsheet opens without running any of its cells."""

import csv
import re
from dataclasses import dataclass
from typing import TextIO

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


def write_csv(result: QueryResult, out: TextIO) -> None:
    """Write RFC 4180 with a header; null is an empty cell. Open files with `newline=""`.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front, which shows
    it as the text that it is; negative numbers stay numbers.
    """
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_neutral(name) for name in result.columns])
    for row in result.rows:
        writer.writerow(["" if cell is None else _neutral(cell) for cell in row])


def _neutral(cell: str) -> str:
    if cell.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(cell):
        return "'" + cell
    return cell
