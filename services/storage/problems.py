"""One row for each reason why the storage refuses or is silent, and the error made from it."""

from dataclasses import dataclass
from typing import Any

from services.core.errors import StorageError
from services.core.server_problem import ServerProblem

SERVER = "The storage"


@dataclass(frozen=True)
class Reason:
    """What happened, as a clause with the server for its subject, and what to do about it.

    `{server}`, `{bucket}` and others in braces are filled in; `code` never changes.
    """

    code: str
    what: str
    fix: str


def storage_error(reason: Reason, key: str, detail: str = "", **facts: Any) -> StorageError:
    """Make the error for a reason; `detail` is the server's own words, `facts` fill the clauses."""
    what, fix = reason.what.format(**facts), reason.fix.format(**facts)
    sentence = f"{SERVER} cannot be used: {what}."
    return StorageError(
        reason=f"{what}. {fix}".rstrip(". "),
        key=key,
        problem=ServerProblem(SERVER, reason.code, sentence, fix, detail),
    )
