"""What a person reads when PostgreSQL refuses or stops a statement of the SQL page."""

import re

import psycopg
from psycopg import errors

from services.core.errors import QueryRefusedError
from services.core.redaction import redact

_LONGEST = 300
_BEGINNING = re.compile(r"(?:\s|--[^\r\n]*|/\*.*?\*/|\()*([A-Za-z]*)", re.DOTALL)
_READING = frozenset({"select", "with", "values", "table"})

_ONE_STATEMENT = "only one statement may run at a time; remove what follows the semicolon."
_ONLY_READING = "only SELECT, WITH, VALUES and TABLE may run here; nothing was changed."
_TOO_LARGE = (
    "it needs more memory or temporary space than a query may take; narrow it with WHERE or LIMIT."
)


def refusal(error: psycopg.Error, text: str, limit_seconds: float) -> QueryRefusedError:
    """The refusal for this error; PostgreSQL's own words where they help, never a URL."""
    return QueryRefusedError(reason=_reason(error, text, limit_seconds))


def _reason(error: psycopg.Error, text: str, limit_seconds: float) -> str:
    said = _said(error)
    match error:
        case errors.QueryCanceled() | errors.TransactionTimeout() | errors.LockNotAvailable():
            return (
                f"it took longer than {limit_seconds:g} s and was stopped; narrow it with WHERE"
                " or LIMIT."
            )
        case errors.SyntaxError() if "multiple commands" in said:
            return _ONE_STATEMENT
        case errors.SyntaxError() if _first_word(text) not in _READING:
            return _ONLY_READING
        case errors.ReadOnlySqlTransaction():
            return _ONLY_READING
        case errors.FeatureNotSupported() if "DECLARE CURSOR" in said:
            return _ONLY_READING
        case errors.InsufficientPrivilege():
            return f"{said}; this page reads the views of schema diagnostics."
        case errors.OutOfMemory() | errors.ConfigurationLimitExceeded() | errors.DiskFull():
            return _TOO_LARGE
        case psycopg.OperationalError() if not said:
            return "the database did not answer in time; narrow it with WHERE or LIMIT."
        case _:
            return f"PostgreSQL says: {said}."


def _said(error: psycopg.Error) -> str:
    """The server's first line, on one line and not too long."""
    said = redact(" ".join((error.diag.message_primary or "").split()).rstrip("."))
    return said if len(said) <= _LONGEST else said[:_LONGEST] + "…"


def _first_word(text: str) -> str:
    match = _BEGINNING.match(text)
    return match.group(1).lower() if match else ""
