"""What became of each picture that is owed: is its file there, and if it failed, why?"""

from collections.abc import Iterator

from services.core.states import GenerationState, MissingCause, SlotState
from services.diagnosis.causes import Cause, Severity
from services.diagnosis.facts import Case, FileFacts, RunFacts, SlotFacts
from services.diagnosis.findings import Evidence, Finding
from services.diagnosis.rule_sets.words import clock, provider_of
from services.recipes.labels import FAILURE_SENTENCES, UNKNOWN_FAILURE
from services.remedies.base import RemedyOffer

CAUSE_OF_FAILURE = {
    "timed_out": Cause.PROVIDER_STUCK,
    "window_missed": Cause.OUTPUT_EXPIRED,
    "configuration": Cause.TOKEN,
    "lost": Cause.TOKEN,
    "funds": Cause.PROVIDER_PAUSED,
    "parent_failed": Cause.PARENT_FAILED,
    "partial": Cause.PARTLY_FILLED,
    "canceled": Cause.CANCELED,
}
"""Of a run that ended; any other failure is told as it is."""


def slot_findings(case: Case) -> Iterator[Finding]:
    """Of every slot; one finding for each that is not simply there or on its way."""
    for slot in case.slots:
        if slot.file is not None and slot.file.deleted_at is None:
            missing = _file_finding(slot, slot.file, _run_of(case, slot))
            if missing is not None:
                yield missing
        elif slot.state in (SlotState.FAILED, SlotState.CANCELED):
            yield _ended(case, slot)
            orphan = _stray(case, slot)
            if orphan is not None:
                yield orphan
    yield from _partly(case)


def _file_finding(slot: SlotFacts, file: FileFacts, run: RunFacts | None) -> Finding | None:
    is_gone = file.has_object is False or (file.has_object is None and file.missing_at is not None)
    is_elsewhere = file.storage_uri != file.expected_uri
    if is_gone and (is_elsewhere or file.missing_cause is MissingCause.WRONG_BUCKET):
        return _elsewhere(slot, file)
    if is_gone and file.missing_cause is not MissingCause.THUMBNAIL_GONE:
        return _gone(slot, file, run)
    is_small_gone = file.has_thumbnail is False or (
        file.has_thumbnail is None and file.missing_cause is MissingCause.THUMBNAIL_GONE
    )
    return _thumbnail_gone(slot, file, run) if is_small_gone else None


def _gone(slot: SlotFacts, file: FileFacts, run: RunFacts | None) -> Finding:
    seen = f"; it was last seen there at {clock(file.checked_at)}" if file.checked_at else ""
    fetch = [RemedyOffer("redownload", run.id)] if run else []
    refund = [RemedyOffer("fail_and_refund", run.id)] if run else []
    return Finding(
        Cause.OBJECT_MISSING,
        Severity.ACT,
        f"The file of “{slot.label}” is gone from the storage although its row is there{seen}. It was"
        " deleted outside Atelier. Fetch it again while the provider still has it, or make it again"
        " free of charge.",
        (
            Evidence("storage", f"There is no object {file.storage_key}."),
            Evidence("database", f"{file.asset_id} names {file.storage_uri}."),
        ),
        (*fetch, RemedyOffer("regenerate", slot.id), *refund),
        run_id=run.id if run else None,
        slot_id=slot.id,
        since=file.missing_at,
    )


def _thumbnail_gone(slot: SlotFacts, file: FileFacts, run: RunFacts | None) -> Finding:
    return Finding(
        Cause.OBJECT_MISSING,
        Severity.ACT,
        f"The picture of “{slot.label}” is there; its thumbnail is gone. It is drawn anew from the"
        " picture, at no cost.",
        (Evidence("storage", f"There is no thumbnail of {file.storage_key}."),),
        (RemedyOffer("redownload", run.id),) if run else (),
        run_id=run.id if run else None,
        slot_id=slot.id,
        since=file.missing_at,
    )


def _elsewhere(slot: SlotFacts, file: FileFacts) -> Finding:
    return Finding(
        Cause.WRONG_BUCKET,
        Severity.ACT,
        f"“{slot.label}” was stored as {file.storage_uri}, and this desk now reads"
        f" {file.expected_uri}, where it is not. Correct S3_BUCKET, S3_ENDPOINT_URL, USE_S3 or"
        " ATELIER_HOME, or copy the old objects over. What is lost there for good can be made again,"
        " free of charge.",
        (
            Evidence("database", f"Its row says {file.storage_uri}."),
            Evidence("settings", f"The settings say {file.expected_uri}."),
        ),
        (RemedyOffer("regenerate", slot.id),),
        slot_id=slot.id,
        since=file.missing_at,
    )


def _ended(case: Case, slot: SlotFacts) -> Finding:
    failure = slot.failure or ""
    cause = CAUSE_OF_FAILURE.get(failure, Cause.ENDED_FAILED)
    if slot.state is SlotState.CANCELED:
        cause = Cause.CANCELED
    sentence = FAILURE_SENTENCES.get(failure, UNKNOWN_FAILURE)
    detail = f" {slot.failure_detail.rstrip('.')}." if slot.failure_detail else ""
    told = f"{sentence}{detail}"
    if cause is Cause.CANCELED:
        told = f"“{slot.label}” was canceled."
    if cause is Cause.PARENT_FAILED:
        told = f"“{slot.label}” is made from “{_parent_label(case, slot)}”, which failed."
    run = _run_of(case, slot)
    return Finding(
        cause,
        Severity.TOLD,
        f"{told} {_money_words(slot)}",
        (Evidence(provider_of(slot.provider), slot.failure_detail or sentence),),
        (RemedyOffer("regenerate", slot.id),) if _has_ended(case) else (),
        run_id=run.id if run else None,
        slot_id=slot.id,
        since=run.finished_at if run else None,
    )


def _parent_label(case: Case, slot: SlotFacts) -> str:
    return next((it.label for it in case.slots if it.id == slot.parent_slot_id), "another picture")


def _money_words(slot: SlotFacts) -> str:
    if not slot.price_credits:
        return "It had cost nothing."
    if slot.refunds:
        return f"{slot.price_credits} credits were given back."
    return f"Its {slot.price_credits} credits were not given back."


def _stray(case: Case, slot: SlotFacts) -> Finding | None:
    """A synchronous answer that was stored before its worker died: the picture is here."""
    run = _run_of(case, slot)
    keys = run.attempt.stored_keys if run and run.attempt else ()
    if not keys:
        return None
    return Finding(
        Cause.ORPHANED_FILE,
        Severity.ACT,
        f"The picture of “{slot.label}” failed, and a stored file of its answer is here all the same."
        " Look at it; it can become the slot's picture.",
        tuple(Evidence("storage", f"{key} is stored and belongs to no picture.") for key in keys),
        (RemedyOffer("adopt_object", keys[0], slot.id),),
        run_id=run.id if run else None,
        slot_id=slot.id,
    )


def _partly(case: Case) -> Iterator[Finding]:
    if case.generation.state is not GenerationState.PARTIAL:
        return
    filled = sum(slot.state is SlotState.FILLED for slot in case.slots)
    missing = [slot for slot in case.slots if slot.state in (SlotState.FAILED, SlotState.CANCELED)]
    credits = sum(slot.price_credits for slot in missing if slot.refunds)
    reasons = dict.fromkeys(
        FAILURE_SENTENCES.get(it.failure or "", UNKNOWN_FAILURE) for it in missing
    )
    yield Finding(
        Cause.PARTLY_FILLED,
        Severity.TOLD,
        f"{filled} of {len(case.slots)} pictures arrived; {credits} credits were given back for the"
        f" others, which can be made again at their price. {' '.join(reasons)}",
        (Evidence("database", f"{len(missing)} slots ended without a picture."),),
        tuple(RemedyOffer("regenerate", slot.id) for slot in missing),
        since=case.generation.finished_at,
    )


def _has_ended(case: Case) -> bool:
    return case.generation.finished_at is not None


def _run_of(case: Case, slot: SlotFacts) -> RunFacts | None:
    """The newest run that works, or worked, on this slot."""
    return next((run for run in reversed(case.runs) if slot.id in run.slot_ids), None)
