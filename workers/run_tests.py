"""`./run test`: finds or fetches Chromium for the browser tests, then becomes pytest."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CHROMIUM_SETTING = "ATELIER_TEST_CHROMIUM"
_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
# The slow ones stand together: whoever is done takes over from the other.
_WORKERS = ("-n", "2", "--dist", "worksteal")


def main(argv: Sequence[str]) -> int:
    """Become pytest with the given options; 1 when no Chromium can be had."""
    env = dict(os.environ)
    if not env.get(CHROMIUM_SETTING):
        chromium = find_chromium() or _fetched_chromium()
        if chromium is None:
            print(
                "The browser tests need Chromium and it could not be fetched. Install it "
                f"(apt-get install chromium), or set {CHROMIUM_SETTING} to its path.",
                file=sys.stderr,
            )
            return 1
        env[CHROMIUM_SETTING] = str(chromium)
    os.execve(sys.executable, [sys.executable, "-m", "pytest", *_WORKERS, *argv], env)


def find_chromium() -> Path | None:
    """A Chromium or Chrome on PATH."""
    return next((Path(found) for name in _NAMES if (found := shutil.which(name))), None)


def _fetched_chromium() -> Path | None:
    print("Fetching Chromium for the browser tests (once)…", flush=True)
    playwright = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
    fetched = subprocess.run(playwright, capture_output=True, text=True, check=False)
    if fetched.returncode:
        print(fetched.stderr[-2000:], file=sys.stderr)
        return None
    named = subprocess.run(
        [*playwright[:3], "install", "--only-shell", "--dry-run", "chromium"],
        capture_output=True,
        text=True,
        check=False,
    )
    folders = [
        Path(line.partition(":")[2].strip())
        for line in named.stdout.splitlines()
        if line.strip().startswith("Install location")
    ]
    programs = [found for folder in folders for found in folder.rglob("*headless*shell*")]
    return next(
        (found for found in programs if os.access(found, os.X_OK) and found.is_file()), None
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
