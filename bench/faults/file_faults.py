"""Stored files that are missing, orphaned or in another bucket."""

import os
import secrets
import shutil
import time

from sqlalchemy import select

from bench.faults.environment import Environment, picture_bytes
from bench.faults.fault import Fault
from services.core.states import ReconciliationScope, RunState
from services.database.models import Asset
from services.media.outputs import inspect_output
from services.storage.keys import original_key

OLD_SECONDS = 2 * 3600


def _made(environment: Environment, words: str, count: int) -> tuple[list[str], list[Asset]]:
    started = environment.start_poses(words, count)
    environment.wait_states(started, RunState.SUCCEEDED)
    ids = [slot.asset_id for slot in environment.slots(started)]
    with environment.services.database.transaction() as session:
        return started, list(session.scalars(select(Asset).where(Asset.id.in_(ids))))


def object_missing(environment: Environment, count: int) -> list[str]:
    """Delete the stored files of finished pictures."""
    started, assets = _made(environment, "deleted outside", count)
    for asset in assets:
        environment.services.storage.delete(asset.storage_key)
    return started


def object_damaged(environment: Environment, count: int) -> list[str]:
    """Cut the stored files of finished pictures in half."""
    started, assets = _made(environment, "cut in half", count)
    for asset in assets:
        os.truncate(environment.home / "storage" / asset.storage_key, asset.byte_count // 2)
    return started


def storage_away(environment: Environment, count: int) -> list[str]:
    """Move the storage's folder away, as a disk that is not mounted."""
    started, _ = _made(environment, "not mounted", count)
    folder = environment.home / "storage"
    away = folder.with_name("storage.away")

    def restore() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        away.rename(folder)

    environment.later(restore)
    folder.rename(away)
    return started


def wrong_bucket(environment: Environment, count: int) -> list[str]:
    """Let rows name another bucket, and delete their files here."""
    started, assets = _made(environment, "another bucket", count)
    for asset in assets:
        environment.services.storage.delete(asset.storage_key)
    environment.sql(
        "UPDATE app.assets SET storage_uri = 's3://the-old-bucket/' || storage_key"
        " WHERE id = ANY(:ids)",
        ids=[asset.id for asset in assets],
    )
    return started


def orphaned_file(environment: Environment, count: int) -> list[str]:
    """Store old files that no row names; returns their keys."""
    keys = []
    for _ in range(count):
        content = picture_bytes(secrets.choice(("teal", "gold")))
        picture = inspect_output(content)
        key = original_key(picture.sha256, picture.extension)
        environment.services.storage.put(key, content, picture.content_type)
        old = time.time() - OLD_SECONDS
        os.utime(environment.home / "storage" / key, (old, old))
        keys.append(key)
    environment.wait_for("the reconciliation finds them", lambda: _are_found(environment, keys))
    return keys


def _are_found(environment: Environment, keys: list[str]) -> bool:
    """Start a comparison while they are not found: one that runs already may have passed them."""
    if all(_is_orphan(environment, key) for key in keys):
        return True
    environment.services.missing.start_reconciliation(environment.actor, ReconciliationScope.FULL)
    return False


def _is_orphan(environment: Environment, key: str) -> bool:
    found = environment.services.locator.locate(environment.actor, key)
    return any(it.is_orphan for it in found.objects)


FILE_FAULTS = {
    "object-missing": Fault(
        "object_missing",
        object_missing,
        "the stored file is deleted",
        remedy="redownload",
    ),
    "object-damaged": Fault(
        "object_damaged",
        object_damaged,
        "the stored file is cut in half",
        remedy="regenerate",
    ),
    "storage-away": Fault(
        "storage_away", storage_away, "the storage's folder is moved away", is_global=True
    ),
    "wrong-bucket": Fault(
        "wrong_bucket",
        wrong_bucket,
        "the row names another bucket, and the file is not here",
        remedy="regenerate",
    ),
    "orphaned-file": Fault(
        "orphaned_file",
        orphaned_file,
        "a file is stored that no row names, and storage is reconciled",
        remedy="delete_orphan",
    ),
}
