"""Every implementation of Storage that the contract suite is run against.

To add one: write a function that makes a clean store for a test, and name it in BACKENDS.
"""

import functools
from collections.abc import Callable
from pathlib import Path

from services.storage.base import Storage
from services.storage.local_storage import LocalStorage

OpenStorage = Callable[[], Storage]
"""Opens the same store once more; picklable, so that another process can do it too."""


def local_backend(folder: Path) -> OpenStorage:
    """A store in a folder of the test."""
    return functools.partial(LocalStorage, folder / "objects")


BACKENDS: dict[str, Callable[[Path], OpenStorage]] = {"local": local_backend}
