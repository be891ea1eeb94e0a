"""`./run test [--quick]`: fetches Chromium where the browser tests need one, then becomes pytest."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CHROMIUM_SETTING = "ATELIER_TEST_CHROMIUM"
QUICK = "--quick"
QUICK_FOLDERS = ("tests/unit", "tests/contracts", "tests/pages")
"""What runs without Chromium, in about a minute."""
_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
# The slow tests are neighbours: a worker that has finished takes over from the other.
_WORKERS = ("-n", "2", "--dist", "worksteal")


def main(argv: Sequence[str]) -> int:
    """Become pytest with the given options; 1 when no Chromium can be had."""
    env = dict(os.environ)
    if QUICK not in argv and not env.get(CHROMIUM_SETTING):
        chromium = find_chromium() or _fetched_chromium()
        if chromium is None:
            print(
                "The browser tests need Chromium and it could not be fetched. Install it "
                f"(apt-get install chromium), set {CHROMIUM_SETTING} to its path, "
                f"or leave the browser tests out (./run test {QUICK}).",
                file=sys.stderr,
            )
            return 1
        env[CHROMIUM_SETTING] = str(chromium)
    command = [sys.executable, "-m", "pytest", *_WORKERS, *pytest_arguments(argv)]
    os.execve(sys.executable, command, env)


def pytest_arguments(argv: Sequence[str]) -> list[str]:
    """Replace `--quick` by the folders that it stands for; everything else is pytest's."""
    others = [argument for argument in argv if argument != QUICK]
    return [*QUICK_FOLDERS, *others] if QUICK in argv else others


def find_chromium() -> Path | None:
    """Find a Chromium or Chrome on PATH."""
    return next((Path(found) for name in _NAMES if (found := shutil.which(name))), None)


def _fetched_chromium() -> Path | None:
    print("Fetching Chromium for the browser tests (once)…", flush=True)
    playwright = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
    fetched = subprocess.run(playwright, capture_output=True, text=True, check=False)
    if fetched.returncode:
        print(fetched.stderr[-2000:], file=sys.stderr)
        return None
    listing = subprocess.run(
        [*playwright[:3], "install", "--only-shell", "--dry-run", "chromium"],
        capture_output=True,
        text=True,
        check=False,
    )
    folders = [
        Path(line.partition(":")[2].strip())
        for line in listing.stdout.splitlines()
        if line.strip().startswith("Install location")
    ]
    programs = [found for folder in folders for found in folder.rglob("*headless*shell*")]
    return next(
        (found for found in programs if os.access(found, os.X_OK) and found.is_file()), None
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
