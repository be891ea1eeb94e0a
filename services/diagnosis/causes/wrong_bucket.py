"""The settings changed: the file was stored in another bucket or folder."""

from services.diagnosis.cause import Cause, Evidence, Findings, Scope, Severity, offers
from services.diagnosis.facts.models import CaseFacts
from services.diagnosis.shared_rules import is_in_wrong_place


class WrongBucket(Cause):
    id = "wrong_bucket"
    title = "The file is in another bucket or folder"
    scope = Scope.SLOT
    precedence = 250
    severities = (Severity.ACT,)
    remedies = ("regenerate",)
    reply = "Your picture is there, but cannot be shown at the moment."
    reply_next = "We are putting that right; nothing has to be made again."

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
                Evidence("database", f"Its row says {file.storage_uri}."),
                Evidence("settings", f"The settings say {file.expected_uri}."),
                slot=slot,
                offers=offers(slot.id, "regenerate"),
                since=file.missing_at,
            )
