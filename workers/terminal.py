"""The boundary between a command and the terminal: errors become redacted text and an exit code."""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import TextIOWrapper
from typing import NoReturn

from services.core.errors import AtelierError
from services.core.redaction import redact
from services.core.text import for_terminal

FAILED = 1
INTERRUPTED = 130
NO_READER = 141
"""What a shell reports of a program that SIGPIPE ended."""


def run_command(main: Callable[[Sequence[str]], int], failed: int = FAILED) -> NoReturn:
    """Run a command with the process's arguments, and exit with its code.

    `failed` is the exit code for every error. A reader that went away (`| head`) and Ctrl-C end it
    without a traceback.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal without UTF-8 must not turn a result into an error.
            stream.reconfigure(errors="replace")
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except AtelierError as error:
        code = _report(error.sentence, failed)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        # The interpreter flushes once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = NO_READER
    except Exception:  # noqa: BLE001
        # The process's boundary: a traceback may quote an address with its password.
        code = _report(traceback.format_exc(), failed)
    sys.exit(code)


def print_line(line: str) -> None:
    """Print one line, redacted, for the person at the terminal, which may be gone."""
    try:
        print(for_terminal(redact(line)), flush=True)
    except OSError:
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115


def _report(text: str, code: int) -> int:
    with suppress(OSError):
        print(for_terminal(redact(text)), file=sys.stderr)
    return code
