"""`./run sql --view`: named queries from a terminal."""

import pytest

from services.sql.catalogue import CATALOGUE
from tests.integration.sql.conftest import SampleDatabase
from workers.sql import main
from workers.terminal import run_command


@pytest.fixture(autouse=True)
def reader(sample: SampleDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sample.owner)
    monkeypatch.setenv("DATABASE_READONLY_URL", sample.reader)


def test_a_named_query_is_printed_as_csv(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--view", "missing_pictures", "reason=gone"]) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.startswith("since,reason,generation_id") and ",gone,gen_" in row


def test_cells_are_no_formulas_and_give_the_terminal_no_commands(
    capsys: pytest.CaptureFixture[str],
) -> None:
    statement = (
        """select chr(27) || '[2J' || chr(155) || chr(8238) as "=a", '@SUM(A1)', 'é' || chr(9)"""
    )
    assert main([statement]) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.startswith("'=a,") and row == "\\x1b[2J\\x9b\\u202e,'@SUM(A1),é\t"


def test_without_an_id_every_query_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--view"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(CATALOGUE)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ([], 2, "./run sql --view failures days=30"),
        ([" "], 2, "as one text"),
        (["select", "1"], 2, "as one text"),
        (["--view", "failures", "days"], 2, "name=value"),
        (["--view", "failures", "days=0"], 2, "from 1 to 90"),
        (["--view", "failures", "day=1"], 2, "takes no day"),
        (["--view", "nowhere"], 1, "nowhere"),
        (["drop table x"], 1, "only SELECT"),
    ],
)
def test_a_wrong_call_prints_the_reason(
    words: list[str],
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["sql", *words])
    with pytest.raises(SystemExit) as ended:
        run_command(main)
    assert ended.value.code == code
    assert message in capsys.readouterr().err
