"""System events: what changed in the installation, recorded when a process starts."""

import logging
import threading
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import func, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from services.core.errors import AtelierError
from services.core.redaction import shown_value
from services.core.settings import Settings
from services.database.engine import Database
from services.database.models import Audit, Person, SystemEvent
from services.monitoring.processes import living_threads
from services.providers.registry import provider_label, token_fingerprints

logger = logging.getLogger("atelier.start")

ROOT = Path(__file__).parents[2]
STARTED, WORKERS_CHANGED = "process.started", "workers.changed"
CHANGES_BY_PEOPLE = ("provider.", "queue.", "price.", "budget.", "remedy.resume_", "pose.")
"""Beginnings of the audited actions that change how work runs."""
START_TRIES, START_RETRY_SECONDS = 12, 5.0
MAX_STARTS = 200
MAX_CHANGES = 30


@dataclass(frozen=True)
class SystemChange:
    """One change of the installation."""

    at: datetime
    subject: str
    """A process's role, a setting's name, a provider, a person."""
    sentence: str


def program_version() -> str:
    """Return the version, with the commit where the program runs from a repository."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        version = str(tomllib.load(file)["project"]["version"])
    commit = _commit(ROOT / ".git")
    return f"{version} ({commit[:8]})" if commit else version


def _commit(folder: Path) -> str:
    try:
        head = (folder / "HEAD").read_text().strip()
        if not head.startswith("ref: "):
            return head
        return (folder / head.removeprefix("ref: ")).read_text().strip()
    except OSError:
        # Installed without a repository, a linked one, or with packed references.
        return ""


def record_start(session: Session, role: str, settings: Settings) -> None:
    """Record that a process of this role started: its version, settings and tokens' fingerprints."""
    values = {
        name: shown_value(value)
        for name, value in settings
        if value is not None and not isinstance(value, SecretStr)
    }
    detail = {
        "version": program_version(),
        "settings": values,
        "tokens": token_fingerprints(settings),
    }
    session.add(SystemEvent(name=STARTED, subject=role, detail=detail))


def record_start_soon(database: Database, role: str, settings: Settings) -> None:
    """Record it in a thread: the database may not be there yet, and nothing waits for the record."""

    def work() -> None:
        for _ in range(START_TRIES):
            try:
                with database.transaction() as session:
                    record_start(session, role, settings)
                    return
            except AtelierError:
                threading.Event().wait(START_RETRY_SECONDS)
            except SQLAlchemyError as error:
                logger.warning("start.not_recorded %s", type(error).__name__)
                return

    threading.Thread(target=work, name="record-start", daemon=True).start()


class WorkerCount:
    """Records a changed number of living worker threads once two heartbeats agree on it."""

    def __init__(self) -> None:
        self._seen: int | None = None
        self._recorded: int | None = None

    def __call__(self, session: Session) -> None:
        """Compare, in one statement; a change is one more."""
        now = living_threads(session)
        if now == self._seen and now != self._recorded:
            if self._recorded is not None:
                detail = {"from": self._recorded, "to": now}
                session.add(SystemEvent(name=WORKERS_CHANGED, subject="worker", detail=detail))
            self._recorded = now
        self._seen = now


def changes_before(session: Session, at: datetime, hours: float = 24.0) -> tuple[SystemChange, ...]:
    """Read what changed in the hours before a moment, the newest first, in two statements."""
    begin = at - timedelta(hours=hours)
    events = session.scalars(
        select(SystemEvent)
        .where(SystemEvent.at <= at, SystemEvent.at > begin - timedelta(days=7))
        .order_by(SystemEvent.id.desc())
        .limit(MAX_STARTS)
    ).all()
    by_people = session.execute(
        select(Audit, func.coalesce(Person.name, Audit.actor))
        .outerjoin(Person, Person.id == Audit.actor)
        .where(
            Audit.at.between(begin, at),
            or_(*(Audit.action.startswith(it, autoescape=True) for it in CHANGES_BY_PEOPLE)),
        )
        .order_by(Audit.id.desc())
        .limit(MAX_CHANGES)
    ).all()
    found = [it for it in _of_events(events[::-1]) if it.at > begin]
    found += [
        SystemChange(
            row.at,
            row.subject_id,
            f"{name}: {row.action.replace('.', ' ').replace('_', ' ')} ({row.reason}).",
        )
        for row, name in by_people
    ]
    return tuple(sorted(found, key=lambda it: it.at, reverse=True)[:MAX_CHANGES])


def _of_events(events: Sequence[SystemEvent]) -> list[SystemChange]:
    """Compare each start with the one before of the same role."""
    last: dict[str, Mapping[str, Any]] = {}
    found: list[SystemChange] = []
    for event in events:
        if event.name == WORKERS_CHANGED:
            before, now = event.detail["from"], event.detail["to"]
            sentence = f"{now} worker threads live, {before} before."
            found.append(SystemChange(event.at, "worker", sentence))
            continue
        previous = last.get(event.subject)
        last[event.subject] = event.detail
        if previous is None:
            continue
        differences = list(_differences(previous, event.detail))
        sentences = differences or ["Restarted, with the same version and settings."]
        found += [SystemChange(event.at, event.subject, sentence) for sentence in sentences]
    return found


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    found = []
    if before["version"] != now["version"]:
        found.append(f"Version {now['version']}, before that {before['version']}.")
    for name in sorted(before["settings"].keys() | now["settings"].keys()):
        old, new = before["settings"].get(name), now["settings"].get(name)
        if old != new:
            found.append(f"{name.upper()} is {new or 'not set'}, before that {old or 'not set'}.")
    for name in sorted(before["tokens"].keys() | now["tokens"].keys()):
        if before["tokens"].get(name) != now["tokens"].get(name):
            found.append(f"{provider_label(name)} has another token.")
    return found
