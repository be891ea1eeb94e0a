"""What a command leaves at the terminal: no traceback for a closed pipe, and never a secret."""

import os
import subprocess
import sys

import pytest

SECRET = "correct-horse-battery"
SCRIPT = """
import sys
from services.core.errors import SettingsError
from services.core.redaction import remember_secrets
from workers.terminal import run_command

remember_secrets(["{secret}"])


def main(argv):
    {body}
    return 0


run_command(main, failed=3)
"""


def ended(
    body: str, *, stdout: int = subprocess.PIPE, **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.format(secret=SECRET, body=body)],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | env,
        check=False,
    )


def test_a_reader_that_went_away_leaves_no_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = ended("print('line\\n' * 100_000)", stdout=writer)
    os.close(writer)
    assert (command.returncode, command.stderr) == (141, "")


def test_ctrl_c_leaves_no_traceback() -> None:
    # A test run in the background inherits that the signal is ignored.
    command = ended(
        "import os, signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        " os.kill(os.getpid(), signal.SIGINT)"
    )
    assert (command.returncode, command.stderr) == (130, "")


@pytest.mark.parametrize(
    "error", ["SettingsError(problem='It is {}.')", "ValueError('it is {}')", "OSError('{}')"]
)
def test_an_error_is_reported_without_a_secret(error: str) -> None:
    command = ended(f"raise {error.format(SECRET)}")
    assert command.returncode == 3
    assert SECRET not in command.stderr
    assert "…" in command.stderr


def test_a_terminal_without_utf_8_shows_what_it_can() -> None:
    command = ended("print('✖ 2 runs stuck → Retry')", PYTHONIOENCODING="ascii:strict")
    assert (command.returncode, command.stdout) == (0, "? 2 runs stuck ? Retry\n")


def test_a_thread_that_ends_with_an_error_prints_no_secret() -> None:
    command = ended(
        "import logging, threading\n"
        "    from services.core.redaction import install_log_redaction\n"
        "    logging.basicConfig()\n"
        "    install_log_redaction()\n"
        f"    thread = threading.Thread(target=lambda: open('{SECRET}'), name='t1')\n"
        "    thread.start()\n"
        "    thread.join()"
    )
    assert command.returncode == 0
    assert "thread.ended t1" in command.stderr and "FileNotFoundError" in command.stderr
    assert SECRET not in command.stderr
