"""A stored picture, or its thumbnail, is gone from the storage."""

from services.core.states import MissingCause
from services.diagnosis.cause import Cause, Evidence, Finding, Findings, Scope, Severity, offers
from services.diagnosis.facts.models import CaseFacts, FileFacts, SlotFacts
from services.diagnosis.shared_rules import clock, is_in_wrong_place


class ObjectMissing(Cause):
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
            if is_in_wrong_place(file):
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
            offers=(
                *(offers(run.id, "redownload") if run else ()),
                *offers(slot.id, "regenerate"),
                *(offers(run.id, "fail_and_refund") if run else ()),
            ),
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
