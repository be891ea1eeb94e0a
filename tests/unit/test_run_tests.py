"""`./run test`: which of its options are pytest's."""

from workers.run_tests import QUICK_FOLDERS, pytest_arguments


def test_options_are_passed_to_pytest() -> None:
    assert pytest_arguments(["-k", "poses", "--lf"]) == ["-k", "poses", "--lf"]


def test_quick_selects_the_folders_without_a_browser() -> None:
    assert pytest_arguments(["-x", "--quick"]) == [*QUICK_FOLDERS, "-x"]
    assert "tests/e2e" not in QUICK_FOLDERS and "tests/integration" not in QUICK_FOLDERS
