"""Diagnose why a generation does not go on or where its picture is, and what is stalled."""

from time import monotonic

from services.core.actors import Actor, require
from services.core.states import Role, SlotState
from services.core.thresholds import Thresholds
from services.diagnosis.background import Background, read_background
from services.diagnosis.bundle import case_bundle, read_logs
from services.diagnosis.cause import Severity
from services.diagnosis.detail import Diagnosis, Subject
from services.diagnosis.facts.gather import Gatherer, Sources
from services.diagnosis.facts.models import CaseFacts
from services.diagnosis.history import Incident, read_incidents
from services.diagnosis.missing import MissingPictures
from services.diagnosis.notes import Notes
from services.diagnosis.replies import customer_answer, provider_report
from services.diagnosis.sources_checked import checked_sources
from services.diagnosis.stalled import StalledReader, StalledReport
from services.diagnosis.timeline import (
    entry_rows,
    in_order,
    note_rows,
    object_rows,
    recorded_rows,
    run_rows,
)
from services.diagnosis.verdict import findings_of
from services.reconciliation.object_checks import SpotCheck


class Diagnoses:
    """Diagnoses generations; the only write is that a file was found missing, or is back."""

    def __init__(
        self,
        sources: Sources,
        limits: Thresholds,
        notes: Notes,
        missing: MissingPictures,
        spot_check: SpotCheck,
    ) -> None:
        self.sources = sources
        self._database = sources.database
        self._gatherer = Gatherer(sources)
        self._stalled = StalledReader(sources, limits)
        self._limits = limits
        self._notes = notes
        self._missing = missing
        self._spot_check = spot_check

    def diagnose(self, actor: Actor, generation_id: str, *, is_live: bool = True) -> Diagnosis:
        """Diagnose one generation; `is_live`: its provider and the storage are read, too.

        Raises NotFoundError and DatabaseUnavailableError; any other source that does not answer is named
        in the result.
        """
        require(actor, Role.OPERATOR)
        started = monotonic()
        gathered = self._gatherer.gather(actor, generation_id, is_live=is_live)
        case = gathered.case
        findings = findings_of(case, self._limits)
        for key in _differing_keys(case):
            self._spot_check.notice(key)
        notes = self._notes.of(actor, generation_id)
        subject = _subject(case)
        with self._database.transaction() as session:
            recorded = recorded_rows(session, generation_id, _subject_ids(case))
        rows = [
            *recorded,
            *entry_rows(gathered.entries),
            *run_rows(case.runs),
            *object_rows(gathered.objects),
            *note_rows(notes),
        ]
        checked = checked_sources(gathered)
        return Diagnosis(
            subject=subject,
            verdict=findings[0],
            findings=findings,
            checked=checked,
            providers=tuple(dict.fromkeys(run.provider for run in case.runs)),
            unchecked=tuple(it.unchecked for it in checked if it.unchecked),
            timeline=in_order(rows),
            notes=notes,
            customer_answer=customer_answer(subject, findings[0], case),
            provider_report=provider_report(subject, findings[0], case),
            seconds=round(monotonic() - started, 3),
        )

    def background(self, actor: Actor, case: Diagnosis) -> Background:
        """Read what stands beside a verdict: similar cases, incidents, changes, the providers' health."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            return read_background(session, case, list(case.providers))

    def bundle(self, actor: Actor, generation_id: str) -> bytes:
        """Diagnose it now and pack the case as a ZIP file; raises as `diagnose` does."""
        case = self.diagnose(actor, generation_id)
        with self._database.transaction() as session:
            logs = read_logs(session, generation_id)
        return case_bundle(case, self.background(actor, case), logs)

    def incidents(self, actor: Actor) -> tuple[Incident, ...]:
        """Read the outages of the last days over all accounts, the newest first."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            return read_incidents(session)

    def stalled(self, actor: Actor) -> StalledReport:
        """Report what is stalled, over all generations."""
        require(actor, Role.VIEWER)
        return self._stalled.read(actor)

    def counts(self, actor: Actor) -> tuple[int, int]:
        """Count (stalled, missing) for the frame of every page: what requires action."""
        groups = self.stalled(actor).groups
        stalled = sum(it.count for it in groups if it.severity is Severity.ACT)
        return stalled, self._missing.count(actor)


def _subject(case: CaseFacts) -> Subject:
    it = case.generation
    return Subject(
        generation_id=it.id,
        kind=it.kind.value,
        title=it.title,
        state=it.state.value,
        account_id=it.account_id,
        account_name=it.account_name,
        person_name=it.person_name,
        created_at=it.created_at,
        finished_at=it.finished_at,
        filled=sum(slot.state is SlotState.FILLED for slot in case.slots),
        total=len(case.slots),
    )


def _differing_keys(case: CaseFacts) -> list[str]:
    """List the keys whose storage and row differ."""
    return [
        slot.file.storage_key
        for slot in case.slots
        if slot.file
        and slot.file.has_object is not None
        and (slot.file.has_object and not slot.file.is_damaged)
        is (slot.file.missing_at is not None)
    ]


def _subject_ids(case: CaseFacts) -> list[str]:
    """List the ids that people's changes of it are audited under."""
    return [
        case.generation.id,
        *(run.id for run in case.runs),
        *(slot.id for slot in case.slots),
    ]
