"""Stored files that are gone, that nobody names, or that lie somewhere else."""

import os
import secrets
import time

from sqlalchemy import select

from bench.faults.environment import Ground
from bench.faults.fault import Plant
from services.core.states import RoundScope, RunState
from services.database.models import Asset
from services.diagnosis.causes import Cause
from services.media.outputs import inspect_output
from services.remedies.base import RemedyKind
from services.storage.keys import original_key
from tests.factories import picture_bytes

OLD_SECONDS = 2 * 3600


def _made(ground: Ground, words: str, count: int) -> tuple[list[str], list[Asset]]:
    started = ground.start_poses(words, count)
    ground.wait_states(started, RunState.SUCCEEDED)
    ids = [slot.asset_id for slot in ground.slots(started)]
    with ground.services.database.transaction() as session:
        return started, list(session.scalars(select(Asset).where(Asset.id.in_(ids))))


def object_missing(ground: Ground, count: int) -> list[str]:
    """The file is deleted behind Atelier's back."""
    started, assets = _made(ground, "deleted outside", count)
    for asset in assets:
        ground.services.storage.delete(asset.storage_key)
    return started


def wrong_bucket(ground: Ground, count: int) -> list[str]:
    """The rows name a bucket that this desk does not read, and the files are not here."""
    started, assets = _made(ground, "another bucket", count)
    for asset in assets:
        ground.services.storage.delete(asset.storage_key)
    ground.sql(
        "UPDATE app.assets SET storage_uri = 's3://the-old-bucket/' || storage_key"
        " WHERE id = ANY(:ids)",
        ids=[asset.id for asset in assets],
    )
    return started


def stray_object(ground: Ground, count: int) -> list[str]:
    """Stored files that no row names, older than anything on its way; their keys."""
    keys = []
    for _ in range(count):
        content = picture_bytes(secrets.choice(("teal", "gold")))
        picture = inspect_output(content)
        key = original_key(picture.sha256, picture.extension)
        ground.services.storage.put(key, content, picture.content_type)
        old = time.time() - OLD_SECONDS
        os.utime(ground.home / "storage" / key, (old, old))
        keys.append(key)
    ground.services.missing.order_round(ground.actor, RoundScope.FULL)
    ground.wait_for("the comparison finds them", lambda: all(_is_stray(ground, it) for it in keys))
    return keys


def _is_stray(ground: Ground, key: str) -> bool:
    found = ground.services.locator.locate(ground.actor, key)
    return any(it.is_stray for it in found.objects)


FILE_PLANTS = {
    "object-missing": Plant(
        Cause.OBJECT_MISSING,
        object_missing,
        "the stored file is deleted",
        remedy=RemedyKind.FETCH_AGAIN,
    ),
    "wrong-bucket": Plant(
        Cause.WRONG_BUCKET,
        wrong_bucket,
        "the row names another bucket, and the file is not here",
        remedy=RemedyKind.MAKE_AGAIN,
    ),
    "stray-object": Plant(
        Cause.STRAY_OBJECT,
        stray_object,
        "a file is stored that no row names, and the storage is compared",
        remedy=RemedyKind.DELETE_STRAY,
    ),
}
