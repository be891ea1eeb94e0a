"""Keeps the children's logs small.

A child writes to its file itself, so its last words survive the supervisor; the file is
therefore copied and emptied, never renamed under the child.
"""

import os
import shutil
from pathlib import Path

_MOST_BYTES = 5 * 1024 * 1024


def is_too_big(log: Path) -> bool:
    """True when a log should be rotated."""
    return log.stat().st_size > _MOST_BYTES


def rotate(log: Path) -> None:
    """Keep what is in `log` as `.1` and go on with an empty file."""
    shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    os.truncate(log, 0)
