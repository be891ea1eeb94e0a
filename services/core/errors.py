"""The whole tree of errors that a person may meet.

A class's docstring is the sentence an operator reads: what happened and
what to do. `{field}` in it is filled from the error's data, which also travels as attributes.
"""

import inspect
from typing import Any

from services.core.server_problem import ServerProblem

_NO_DATABASE = ServerProblem("PostgreSQL", "unreachable", "PostgreSQL does not answer.")
_NO_REDIS = ServerProblem("Redis", "no_answer", "Redis does not answer.")


class AtelierError(Exception):
    """Something went wrong. Try again; if it stays, give support the reference shown here."""

    code = "error"

    def __init__(self, **fields: Any) -> None:
        self.fields = fields
        super().__init__(self.sentence)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["fields"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.fields)

    @property
    def sentence(self) -> str:
        """The operator's sentence with its data filled in."""
        return " ".join((inspect.getdoc(type(self)) or "").split()).format_map(self.fields)


def _rebuild(cls: type[AtelierError], fields: dict[str, Any]) -> AtelierError:
    return cls(**fields)


class NotAllowedError(AtelierError):
    """Your role ({role}) may not do this; it takes {needed}. Ask an admin."""

    code = "not_allowed"


class NotFoundError(AtelierError):
    """There is no {what} with the id {id}. It may have been deleted; check the id."""

    code = "not_found"


class InvalidRequestError(AtelierError):
    """{problem}"""

    code = "invalid_request"


class InsufficientCreditsError(AtelierError):
    """This costs {price} credits and the account holds {balance}.
    Ask an admin for a grant, or start fewer pictures."""

    code = "insufficient_credits"


class QuotaReachedError(AtelierError):
    """This asks for {requested} pictures and today's quota of {quota} has {left} left.
    It begins anew at midnight ({zone}); start fewer, or ask an admin for a higher quota."""

    code = "quota_reached"


class BudgetReachedError(AtelierError):
    """The budget for this {period} is ${limit}: ${spent} is spent and this costs about
    ${cost}. Nothing was started. Ask an admin to raise the budget, or wait for the next {period}."""

    code = "budget_reached"


class IdempotencyConflictError(AtelierError):
    """This form was already used to start something else. Reload the page and start again."""

    code = "idempotency_conflict"


class GrantConflictError(IdempotencyConflictError):
    """This form has already moved other credits. Nothing more was moved.
    Reload the page and fill it in again."""

    code = "grant_conflict"


class CorrectionTooLargeError(AtelierError):
    """The account holds {balance} credits, so {amount} cannot be taken back. Nothing was changed.
    Take back {balance} at most."""

    code = "correction_too_large"


class CapabilityError(AtelierError):
    """{model} cannot do this: {problem}"""

    code = "capability"


class ProviderMissingError(AtelierError):
    """{provider} is not set up here: it has no token. Set it in .env and start again;
    .env.example names every setting."""

    code = "provider_missing"


class StorageError(AtelierError):
    """The storage did not take or give a file: {reason}.
    Nothing was lost: the work is retried automatically."""

    code = "storage"


class ObjectMissingError(StorageError):
    """The storage holds no object {key}. Its row exists, so it was deleted outside Atelier."""

    code = "object_missing"


class ObjectDamagedError(StorageError):
    """The storage gave other bytes for {key} than it was given ({reason}).
    Try again; if it stays, the object is damaged and the picture must be made anew."""

    code = "object_damaged"


class QueueUnavailableError(AtelierError):
    """{problem} What you started is saved and begins by itself when Redis works again."""

    code = "queue_unavailable"

    def __init__(self, **fields: Any) -> None:
        """`problem`: the ServerProblem, where one is known."""
        super().__init__(**fields | {"problem": fields.get("problem") or _NO_REDIS})


class DatabaseUnavailableError(AtelierError):
    """{problem}{words} Nothing was started or charged; try again in a moment."""

    code = "database_unavailable"

    def __init__(self, **fields: Any) -> None:
        """`problem`: the ServerProblem, where one is known."""
        problem = fields.get("problem") or _NO_DATABASE
        words = f" Its own words: {problem.detail.rstrip('.')}." if problem.detail else ""
        super().__init__(**fields | {"problem": problem, "words": words})


class DatabaseBusyError(DatabaseUnavailableError):
    """{problem} Nothing was changed; try again in a moment."""

    code = "database_busy"


class DatabaseNotReadyError(DatabaseUnavailableError):
    """The database is still being prepared for this version. Try again in a moment."""

    code = "database_not_ready"


class DatabaseVersionError(AtelierError):
    """The database has version {present}, which this program does not know. {fix}"""

    code = "database_version"


class SettingsError(AtelierError):
    """{problem}"""

    code = "settings"


class StartError(AtelierError):
    """{problem}"""

    code = "start"


class QueryRefusedError(AtelierError):
    """The query was refused: {reason}"""

    code = "query_refused"


class RemedyRefusedError(AtelierError):
    """Nothing was changed: {problem} Read the verdict again, then decide."""

    code = "remedy_refused"


class PictureRefusedError(AtelierError):
    """{sentence_text}"""

    code = "picture_refused"


class BlankPictureError(AtelierError):
    """The picture shows nothing ({how}), as content filters answer. It was not used. {place}"""

    code = "blank_picture"


class ArchiveTooLargeError(AtelierError):
    """These pictures make a training archive of more than {most_megabytes} MB, the most that the
    trainer takes. Nothing was charged; choose fewer or smaller pictures and start again."""

    code = "archive_too_large"


class WeightsRefusedError(AtelierError):
    """The trained model cannot be used: {problem}. Start the training again;
    if it stays, give support the link of this training."""

    code = "weights_refused"


class LeaseLostError(AtelierError):
    """Another worker has taken over run {run_id}; this one's result is dropped."""

    code = "lease_lost"


class TransitionError(AtelierError):
    """{what} cannot go from {from_state} to {to_state}."""

    code = "transition"
