"""Checks of the storage: does it store and delete, is there disk space, was it reconciled?"""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import func, select

from services.core.errors import StorageError
from services.core.settings import Settings
from services.core.states import ReconciliationScope, ReconciliationState
from services.database.models import Reconciliation
from services.health.check import Answer, Check, CheckUpTargets, failed, ok, unknown, warning

GROUP = "Storage"
LOW_BYTES = 2_000_000_000
EMPTY_BYTES = 200_000_000
_DISPATCHER_FIX = "The dispatcher starts each comparison; see its check under Work."


def _round_trip(targets: CheckUpTargets) -> Answer:
    settings = targets.settings
    if not settings.stores_in_s3 and not settings.home.exists():
        return ok(f"{_place(settings)} is created when ./run starts.")
    try:
        storage = targets.storage()
        storage.check()
    except StorageError as error:
        return failed(f"{_place(settings)} failed: {error.reason}.", _fix(settings))
    return ok(f"{_place(settings)} stored, returned and deleted a small object.")


def _place(settings: Settings) -> str:
    if settings.stores_in_s3:
        return f"The bucket {settings.s3_bucket}"
    return f"The folder {settings.home / 'storage'}"


def _fix(settings: Settings) -> str:
    if settings.stores_in_s3:
        return "Check S3_BUCKET, S3_ENDPOINT_URL, AWS_REGION and the rights of AWS_ACCESS_KEY_ID."
    return (
        "Give the folder to the user that runs Atelier, make its disk writable and free it,"
        " or set ATELIER_HOME to another place."
    )


def _disk(targets: CheckUpTargets) -> Answer:
    home = targets.settings.home
    folder = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    finding = f"{free / 1e9:.1f} GB are free at {home}."
    fix = "Free that disk, or set ATELIER_HOME to a folder on a larger one."
    if free < EMPTY_BYTES:
        return failed(finding, fix)
    return warning(finding, fix) if free < LOW_BYTES else ok(finding)


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
    Check("Free disk space", GROUP, _disk),
    *(Check(it.name, GROUP, partial(_compared, it)) for it in _COMPARISONS),
)
