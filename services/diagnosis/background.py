"""What stands beside a verdict: similar cases, incidents, earlier changes, the providers' health."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from services.core.humanize import count_of
from services.diagnosis.detail import Diagnosis
from services.diagnosis.history import (
    Incident,
    SimilarCases,
    read_incidents,
    read_similar,
)
from services.monitoring.provider_health import ProviderHealth, read_provider_health
from services.monitoring.system_events import SystemChange, changes_before
from services.remedies.registry import REMEDIES


@dataclass(frozen=True)
class Background:
    """What support compares a case with."""

    similar: SimilarCases
    incidents: tuple[Incident, ...]
    """Those of its cause, or that its time falls into; over all accounts."""
    changes: tuple[SystemChange, ...]
    """Within the day before it began, the newest first."""
    providers: tuple[ProviderHealth, ...]

    @property
    def similar_sentence(self) -> str:
        """`14 other batches since Tuesday: 12 cured by Requeue, 1 resumed by itself, 1 not solved.`"""
        it = self.similar
        if not it.count or it.since is None:
            return "No other batch met this cause in the last 7 days."
        parts = [f"{number} cured by {_label(remedy)}" for remedy, number in it.cured]
        parts += [f"{it.by_itself} succeeded by themselves"] if it.by_itself else []
        parts += [f"{it.unsolved} not solved"] if it.unsolved else []
        since = f"{it.since:%A, %H:%M} UTC"
        return f"{count_of(it.count, 'other batch', 'other batches')} since {since}: {', '.join(parts)}."


def read_background(session: Session, case: Diagnosis, providers: list[str]) -> Background:
    """Read all of it in six statements."""
    cause, generation_id = case.verdict.cause, case.subject.generation_id
    began_at = case.verdict.since or case.subject.created_at
    incidents = tuple(
        it
        for it in read_incidents(session)
        if it.cause == cause or _covers(it, began_at, case.subject.finished_at)
    )
    return Background(
        read_similar(session, cause, generation_id),
        incidents,
        changes_before(session, began_at),
        read_provider_health(session, providers) if providers else (),
    )


def _covers(incident: Incident, began_at: datetime, ended_at: datetime | None) -> bool:
    return incident.last_at >= began_at and (ended_at is None or incident.began_at <= ended_at)


def _label(remedy_id: str) -> str:
    remedy = REMEDIES.get(remedy_id)
    return remedy.label if remedy else remedy_id
