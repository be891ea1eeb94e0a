"""Files of a generation that are not where their rows say, or that no row names."""

from services.core.states import MissingCause
from services.diagnosis.cause import Cause, Evidence, Finding, Findings, Scope, Severity, offers
from services.diagnosis.facts.models import CaseFacts, FileFacts, RunFacts, SlotFacts
from services.diagnosis.shared_rules import clock
from services.remedies.base import RemedyOffer


class ObjectMissing(Cause):
    """A stored picture, or its thumbnail, is gone from the storage."""

    id = "object_missing"
    title = "The picture's file is gone from the storage"
    scope = Scope.SLOT
    precedence = 240
    severities = (Severity.ACT,)
    remedies = ("redownload", "regenerate", "fail_and_refund")
    reply = "Your picture was made, but its file is missing in our storage."
    reply_next = "We are looking for a copy; if there is none, we make it once more."

    def find_in_generation(self, case: CaseFacts) -> Findings:
        """Find rows whose object the storage does not have, where the settings did not change."""
        for slot, file in case.files:
            if is_in_wrong_place(file) or file.is_damaged:
                continue
            if file.is_gone and file.missing_cause is not MissingCause.THUMBNAIL_GONE:
                yield self._gone(case, slot, file)
            elif file.has_thumbnail is False or (
                file.has_thumbnail is None and file.missing_cause is MissingCause.THUMBNAIL_GONE
            ):
                yield self._thumbnail_gone(case, slot, file)

    def _gone(self, case: CaseFacts, slot: SlotFacts, file: FileFacts) -> Finding:
        run = case.run_of(slot)
        seen = f"; it was last seen there at {clock(file.checked_at)}" if file.checked_at else ""
        return self.finding(
            f"The file of “{slot.label}” is gone from the storage although its row is there{seen}. It was"
            " deleted outside Atelier. Re-download it while the provider still has it, or retry it free"
            " of charge.",
            Evidence("storage", f"There is no object {file.storage_key}."),
            Evidence("database", f"{file.asset_id} names {file.storage_uri}."),
            run=run,
            slot=slot,
            offers=_file_offers(run, slot),
            since=file.missing_at,
        )

    def _thumbnail_gone(self, case: CaseFacts, slot: SlotFacts, file: FileFacts) -> Finding:
        run = case.run_of(slot)
        return self.finding(
            f"The picture of “{slot.label}” is there; its thumbnail is gone. Re-download draws it from"
            " the picture, at no cost.",
            Evidence("storage", f"There is no thumbnail of {file.storage_key}."),
            run=run,
            slot=slot,
            offers=offers(run.id, "redownload") if run else (),
            since=file.missing_at,
        )


class ObjectDamaged(Cause):
    """The stored file is not the one that was stored: truncated, empty, or another picture."""

    id = "object_damaged"
    title = "The picture's file is damaged"
    scope = Scope.SLOT
    precedence = 245
    severities = (Severity.ACT,)
    remedies = ("redownload", "regenerate", "fail_and_refund")
    reply = "Your picture was made, but its file in our storage is damaged."
    reply_next = "We are looking for a copy; if there is none, we make it once more."

    def find_in_generation(self, case: CaseFacts) -> Findings:
        """Find files whose size or content is not that of their row."""
        for slot, file in case.files:
            if not file.is_damaged:
                continue
            run = case.run_of(slot)
            sizes = (
                f"it has {file.stored_bytes:,} bytes instead of {file.byte_count:,}"
                if file.stored_bytes not in (None, file.byte_count)
                else "its content is not what was stored"
            )
            yield self.finding(
                f"The file of “{slot.label}” was changed outside Atelier: {sizes}. Re-download it while the"
                " provider still has it, restore it from a backup, or retry it free of charge.",
                Evidence("storage", f"{file.storage_key}: {sizes}."),
                run=run,
                slot=slot,
                offers=_file_offers(run, slot),
                since=file.missing_at,
            )


def _file_offers(run: RunFacts | None, slot: SlotFacts) -> tuple[RemedyOffer, ...]:
    """Offer to restore a file, to make its picture anew, or to refund it."""
    return (
        *(offers(run.id, "redownload") if run else ()),
        *offers(slot.id, "regenerate"),
        *(offers(run.id, "fail_and_refund") if run else ()),
    )


class WrongBucket(Cause):
    """The settings changed: the file was stored in another bucket or folder."""

    id = "wrong_bucket"
    title = "The file is in another bucket or folder"
    scope = Scope.SLOT
    precedence = 250
    severities = (Severity.ACT,)
    remedies = ("regenerate",)
    reply = "Your picture is there, but cannot be shown at the moment."
    reply_next = "We are putting that right; nothing has to be regenerated."

    def find_in_generation(self, case: CaseFacts) -> Findings:
        """Find missing files that were stored where the settings no longer point."""
        for slot, file in case.files:
            if not is_in_wrong_place(file):
                continue
            yield self.finding(
                f"“{slot.label}” was stored as {file.storage_uri}; the settings now read"
                f" {file.expected_uri}, where it is not. Correct S3_BUCKET, S3_ENDPOINT_URL, USE_S3 or"
                " ATELIER_HOME, or copy the old objects over. Files that are lost for good can be"
                " retried free of charge.",
                Evidence("database", f"Its row has {file.storage_uri}."),
                Evidence("settings", f"The settings give {file.expected_uri}."),
                slot=slot,
                offers=offers(slot.id, "regenerate"),
                since=file.missing_at,
            )


class OrphanedFile(Cause):
    """A stored file that no row names."""

    id = "orphaned_file"
    title = "Orphaned file"
    scope = Scope.SLOT
    precedence = 260
    severities = (Severity.ACT,)
    remedies = ("adopt_object",)
    reply = "A stored file has not found its place yet."
    reply_next = "We are looking into it and will write to you again."

    def find_in_generation(self, case: CaseFacts) -> Findings:
        """Find outputs of a synchronous answer that were stored before the slot failed."""
        for slot in case.ended_slots:
            run = case.run_of(slot)
            keys = run.attempt.stored_keys if run and run.attempt else ()
            if not keys:
                continue
            yield self.finding(
                f"“{slot.label}” failed, and a file of its answer is stored all the same. Open it; it"
                " can become the slot's picture.",
                *(
                    Evidence("storage", f"{key} is stored and belongs to no picture.")
                    for key in keys
                ),
                run=run,
                slot=slot,
                offers=[RemedyOffer("adopt_object", keys[0], slot.id)],
            )


def is_in_wrong_place(file: FileFacts) -> bool:
    """Whether a missing file was stored where the settings no longer point."""
    has_moved = file.storage_uri != file.expected_uri
    return file.is_gone and (has_moved or file.missing_cause is MissingCause.WRONG_BUCKET)
