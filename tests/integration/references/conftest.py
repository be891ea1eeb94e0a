"""A library of references on its own database and folder, with nothing in it."""

from functools import cache
from pathlib import Path

import pytest

from services.database.engine import Database
from services.media.decode import decode_picture
from services.storage.local_storage import LocalStorage
from tests.integration.references.reference_setup import ReferenceSetup

# One child process for each picture, not for each upload: that is tested elsewhere.
decoded_once = cache(decode_picture)


@pytest.fixture
def setup(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReferenceSetup:
    """The service as an operator uses it, and what a test wants to look at beside it."""
    monkeypatch.setattr("services.references.upload.decode_picture", decoded_once)
    return ReferenceSetup(database, LocalStorage(tmp_path / "objects"))
