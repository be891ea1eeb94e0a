"""Does the storage take, give and delete, and is there room on this machine's disk?"""

import shutil
from pathlib import Path

from services.core.errors import StorageError
from services.core.settings import Settings
from services.health.check import Answer, Question, failed, ok, warning
from services.health.system_under_check import House

GROUP = "Storage"
LOW_BYTES = 2_000_000_000
EMPTY_BYTES = 200_000_000


def storage_questions(house: House) -> list[Question]:
    """The questions about where pictures are kept."""
    return [
        Question("Write, read, delete", GROUP, lambda: _round_trip(house)),
        Question("Free disk space", GROUP, lambda: _disk(house.settings.home)),
    ]


def _round_trip(house: House) -> Answer:
    settings = house.settings
    if not settings.stores_in_s3 and not settings.home.exists():
        return ok(f"{_place(settings)} is made when ./run starts.")
    try:
        storage = house.storage()
        storage.check()
    except StorageError as error:
        return failed(f"{_place(settings)} failed: {error.reason}.", _fix(settings))
    return ok(f"{_place(settings)} took, gave back and deleted a small object.")


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


def _disk(home: Path) -> Answer:
    folder = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    told = f"{free / 1e9:.1f} GB are free at {home}."
    fix = "Free that disk, or set ATELIER_HOME to a folder on a larger one."
    if free < EMPTY_BYTES:
        return failed(told, fix)
    return warning(told, fix) if free < LOW_BYTES else ok(told)
