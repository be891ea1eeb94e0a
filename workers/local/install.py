"""Make `.venv` beside `./run`; run by the machine's own Python, so it imports nothing of ours.

The marker is written last: a set-up that was cut off starts from the beginning.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def main(requirements: str) -> int:
    """Install the requirement files, one `name=checksum` a line, that the markers do not name."""
    files = [Requirements(*line.split("=", 1)) for line in requirements.splitlines()]
    # This file exists in any case, and unlike .venv it is not removed by a set-up.
    with (ROOT / "requirements.txt").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another ./run is setting up; waiting for it…", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        return _install(files)


class Requirements:
    """One locked requirements file and the checksum that its marker should hold."""

    def __init__(self, name: str, checksum: str) -> None:
        self.file = ROOT / f"{name}.txt"
        self.marker = VENV / f".installed-{name}"
        self.checksum = checksum

    def is_installed(self) -> bool:
        """True when exactly this file was installed completely."""
        return self.marker.exists() and self.marker.read_text().strip() == self.checksum


def _install(files: list[Requirements]) -> int:
    is_complete = PYTHON.exists() and files[0].marker.exists()
    missing = [item for item in files if not (is_complete and item.is_installed())]
    if not missing:
        return 0
    if is_complete:
        print("Updating the installed packages…", flush=True)
    else:
        print("Setting up (first time, about a minute)…", flush=True)
        if not _make_venv():
            return 1
    for item in files:
        item.marker.unlink(missing_ok=True)
    if not all(_pip(item.file) for item in missing):
        return 1
    for item in files:
        item.marker.write_text(f"{item.checksum}\n")
    return 0


def _make_venv() -> bool:
    shutil.rmtree(VENV, ignore_errors=True)
    # The real path names the minor version: it vanishes when that Python goes, and ./run sees it.
    python = os.path.realpath(sys.executable)
    made = subprocess.run(
        [python, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        print(made.stdout[-2000:], made.stderr[-2000:], file=sys.stderr)
        print(
            "The virtual environment could not be made (on Debian: python3-venv).", file=sys.stderr
        )
    return not made.returncode


def _pip(requirements: Path) -> bool:
    """Install quietly; pip's output is shown only when it failed."""
    log = VENV / "setup.log"
    # The lock names everything, so nothing needs resolving. Older pips fail there: a release newer
    # than the lock's ends them with "must be pinned" wherever a package requires an extra.
    options = ["--no-deps", "--require-hashes", "--disable-pip-version-check"]
    options += ["--no-input", "--no-compile"]
    with log.open("wb") as output:
        done = subprocess.run(
            [str(PYTHON), "-m", "pip", "install", *options, "-r", str(requirements)],
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode == 0:
            # All cores at once, which pip does not do; a file that does not compile does no harm.
            compiling = [str(PYTHON), "-m", "compileall", "-q", "-j", "0", str(VENV / "lib")]
            subprocess.run(compiling, stdout=output, stderr=subprocess.STDOUT, check=False)
            return True
    print(log.read_text(errors="replace")[-4000:], file=sys.stderr)
    print(f"The packages of {requirements.name} could not be installed.", file=sys.stderr)
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
