"""Every implementation of Storage that the contract suite is run against.

To add one: write a function that makes a clean store for a test, and name it in BACKENDS.
"""

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from services.storage.base import Storage
from services.storage.local_storage import LocalStorage
from tests.s3_server import opener

OpenStorage = Callable[[], Storage]
"""Opens the same store once more; picklable, so that another process can do it too."""


def local_backend(request: pytest.FixtureRequest) -> OpenStorage:
    """A store in a folder of the test."""
    folder: Path = request.getfixturevalue("tmp_path")
    return functools.partial(LocalStorage, folder / "objects")


def s3_backend(request: pytest.FixtureRequest) -> OpenStorage:
    """A new bucket of a real server."""
    return opener(request.getfixturevalue("s3_url"))


BACKENDS: dict[str, Callable[[pytest.FixtureRequest], OpenStorage]] = {
    "local": local_backend,
    "s3": s3_backend,
}
