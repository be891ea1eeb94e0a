"""Checks of the storage: does it store and delete, is there disk space, was it reconciled?"""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

from sqlalchemy import exists, func, select

from services.core.errors import DatabaseUnavailableError, StorageError
from services.core.server_problem import problem_of
from services.core.settings import Settings
from services.core.states import ReconciliationScope, ReconciliationState
from services.database.models import Asset, Reconciliation
from services.health.check import Answer, Check, CheckUpTargets, failed, ok, unknown, warning
from services.storage.keys import check_key, parse_key

GROUP = "Storage"
LOW_BYTES = 2_000_000_000
EMPTY_BYTES = 200_000_000
LOW_INODES = 1000
_LINK_SECONDS = 5.0
_MOUNT = "Mount its disk, or set ATELIER_HOME to the folder that holds them."
_LINK_FIX = (
    "Set S3_PUBLIC_URL to the address under which browsers reach the S3 server, or"
    " S3_REDIRECTS=false to send originals through Atelier."
)
_DISPATCHER_FIX = "The dispatcher starts each comparison; see its check under Work."


def _round_trip(targets: CheckUpTargets) -> Answer:
    place = _place(targets.settings)
    if not targets.settings.stores_in_s3 and not _folder(targets.settings).exists():
        if _has_pictures(targets):
            return failed(f"{place} is not there, and pictures were stored in it.", _MOUNT)
        return ok(f"{place} is created when ./run starts.")
    try:
        targets.storage().check()
    except StorageError as error:
        problem = problem_of(error)
        words = problem.sentence if problem else f"{place} failed: {error.reason}."
        return failed(words, problem.fix if problem else _MOUNT)
    return ok(f"{place} stored, returned, listed and deleted a small object.")


def _place(settings: Settings) -> str:
    if settings.stores_in_s3:
        return f"The bucket {settings.s3_bucket}"
    return f"The folder {_folder(settings)}"


def _folder(settings: Settings) -> Path:
    return settings.home / "storage"


def _has_pictures(targets: CheckUpTargets) -> bool:
    """Whether any live picture was stored; False while the database is away."""
    try:
        with targets.transaction() as session:
            return bool(session.scalar(select(exists().where(Asset.deleted_at.is_(None)))))
    except DatabaseUnavailableError:
        return False


def _links(targets: CheckUpTargets) -> Answer:
    """Follow a link to an original as a browser does."""
    if not targets.settings.stores_in_s3:
        return ok("Originals are sent by Atelier itself.")
    storage, key = targets.storage(), check_key(secrets.token_hex(32))
    link = storage.public_url(key)
    if link is None:
        return ok("Originals are sent by Atelier itself: S3_ENDPOINT_URL is an inner address.")
    host = urlsplit(link.url).hostname or ""
    try:
        storage.put(key, b"link", parse_key(key).content_type)
        with urlopen(link.url, timeout=_LINK_SECONDS) as reply:
            is_same = reply.read(10) == b"link"
    except StorageError as error:
        return unknown(f"No object could be stored to follow a link to it: {error.reason}.", "")
    except (OSError, ValueError) as error:
        finding = (
            f"Browsers load originals from {host}, which did not answer here: {_shown(error)}."
        )
        return warning(finding, _LINK_FIX)
    finally:
        with suppress(StorageError):
            storage.delete(key)
    if not is_same:
        return failed(f"{host} gave another file than was stored.", _LINK_FIX)
    return ok(f"Browsers load originals from {host}: each of them must reach it.")


def _shown(error: Exception) -> str:
    # The address holds a signature, and an error may hold the address.
    return f"HTTP {error.code}" if isinstance(error, HTTPError) else type(error).__name__


def _disk(targets: CheckUpTargets) -> Answer:
    """Look at each volume: the storage may be another one than the rest of ATELIER_HOME."""
    settings = targets.settings
    volumes: dict[int, Path] = {}
    for folder in (settings.home, _folder(settings)):
        there = next(path for path in (folder, *folder.parents) if path.exists()).resolve()
        volumes.setdefault(there.stat().st_dev, there)
    usage = {place: os.statvfs(place) for place in volumes.values()}
    free = {place: found.f_bavail * found.f_frsize for place, found in usage.items()}
    finding = " ".join(f"{left / 1e9:.1f} GB are free at {place}." for place, left in free.items())
    no_inodes = [place for place, it in usage.items() if it.f_files and it.f_favail < LOW_INODES]
    fix = "Free that disk, or set ATELIER_HOME to a folder on a larger one."
    if no_inodes:
        return failed(f"{finding} {no_inodes[0]} takes almost no more files (inodes).", fix)
    if min(free.values()) < EMPTY_BYTES:
        return failed(finding, fix)
    return warning(finding, fix) if min(free.values()) < LOW_BYTES else ok(finding)


@dataclass(frozen=True)
class _Comparison:
    """One scope of reconciliation, and how old the last one may be."""

    name: str
    scope: ReconciliationScope
    limit: timedelta
    what: str


def _compared(comparison: _Comparison, targets: CheckUpTargets) -> Answer:
    newest = select(Reconciliation).where(Reconciliation.scope == comparison.scope)
    newest = newest.order_by(Reconciliation.began_at.desc()).limit(1)
    ended = select(func.clock_timestamp() - func.max(Reconciliation.ended_at)).where(
        Reconciliation.scope == comparison.scope, Reconciliation.state == ReconciliationState.DONE
    )
    with targets.transaction() as session:
        last, age = session.scalar(newest), session.scalar(ended)
    if last is None or (age is None and last.state is ReconciliationState.RUNNING):
        state = "has not ended yet" if last else "has not started yet"
        return unknown(
            f"The first comparison with {comparison.what} {state}.", f"Wait. {_DISPATCHER_FIX}"
        )
    problem = (
        f" The newest one failed: {_reason(last)}."
        if last.state is ReconciliationState.FAILED
        else ""
    )
    if age is None:
        return warning(f"No comparison with {comparison.what} has ended.{problem}", _DISPATCHER_FIX)
    finding = f"The last comparison with {comparison.what} ended {_ago(age)}.{problem}"
    if age > comparison.limit:
        return warning(finding, _DISPATCHER_FIX)
    return ok(finding)


def _reason(failed: Reconciliation) -> str:
    return (failed.problem or "no reason recorded").rstrip(".")


def _ago(age: timedelta) -> str:
    minutes = age / timedelta(minutes=1)
    if minutes < 90:
        return f"{minutes:.0f} min ago"
    return f"{minutes / 60:.0f} h ago"


_COMPARISONS = (
    _Comparison(
        "All files compared", ReconciliationScope.FULL, timedelta(hours=26), "the whole storage"
    ),
    _Comparison(
        "New files compared", ReconciliationScope.NEW, timedelta(minutes=15), "the newest files"
    ),
)
CHECKS = (
    Check("Write, read, delete", GROUP, _round_trip),
    Check("Picture links", GROUP, _links),
    Check("Free disk space", GROUP, _disk),
    *(Check(it.name, GROUP, partial(_compared, it)) for it in _COMPARISONS),
)
