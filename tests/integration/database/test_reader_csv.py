"""A result as CSV: exact for programs, harmless in a spreadsheet."""

import csv
import io

import pytest

from services.database.query_result import csv_text


def _written(columns: tuple[str, ...], *rows: tuple[str | None, ...]) -> str:
    return csv_text(columns, rows)


def test_cells_are_quoted_where_rfc_4180_says_so() -> None:
    text = _written(("id", "a,b"), ('say "hi"', "two\r\nlines"), ("", None))

    assert text == 'id,"a,b"\r\n"say ""hi""","two\r\nlines"\r\n,\r\n'


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1",
        "-1+1",
        "-x",
        "--1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "-1\n",
        "-Infinity",
        "＝1",
        "=cmd|' /C calc'!A0",
    ],
)
def test_a_cell_that_looks_like_a_formula_becomes_text(cell: str) -> None:
    (header, row) = csv.reader(io.StringIO(_written((cell,), (cell,)), newline=""))

    assert header == row == ["'" + cell]


@pytest.mark.parametrize("cell", ["-1", "-30.50", "-1e-07", "0", "12", "a=b", "x-1", " ", "'x"])
def test_numbers_and_plain_text_stay_as_they_are(cell: str) -> None:
    (_, row) = csv.reader(io.StringIO(_written(("n",), (cell,)), newline=""))

    assert row == [cell]
