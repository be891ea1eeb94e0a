"""Keyset pages: a cursor names the last row seen, so page 1,000 costs what page 1 costs."""

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, tuple_

from services.core.errors import InvalidRequestError
from services.core.ids import is_id_or_key

_MOST = 2**53


def encode(at: datetime | float, row_id: str) -> str:
    """A cursor for a row, by the value that the list is ordered by; safe in a URL."""
    shown = at.isoformat() if isinstance(at, datetime) else at
    raw = json.dumps([shown, row_id]).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def before(cursor: str | None, at: Any, row_id: Any) -> Sequence[ColumnElement[bool]]:
    """The condition for rows older than the cursor's, for descending (at, id) order.

    Raises InvalidRequestError for a cursor that this did not make.
    """
    return () if cursor is None else (tuple_(at, row_id) < _place(cursor, at),)


def after(cursor: str | None, at: Any, row_id: Any) -> Sequence[ColumnElement[bool]]:
    """The same for rows newer than the cursor's, for ascending order."""
    return () if cursor is None else (tuple_(at, row_id) > _place(cursor, at),)


def _place(cursor: str, at: Any) -> Any:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        at_text, id_text = json.loads(base64.urlsafe_b64decode(padded))
        values = (_checked_value(at_text, at.type.python_type), _checked_id(id_text))
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidRequestError(
            problem="This page's address is damaged. Open the list again."
        ) from error
    return tuple_(*values)


def _checked_value(value: Any, wanted: type) -> datetime | float:
    """What the list is ordered by; a cursor of a list in another order is refused."""
    if wanted is datetime:
        return datetime.fromisoformat(value)
    # JSON holds numbers that no column does.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _MOST:
        raise ValueError("no number")
    return float(value) if wanted is float else int(value)


def _checked_id(value: object) -> str:
    """A row's id or key; the database refuses some characters that JSON can hold, a NUL for instance."""
    if not is_id_or_key(value):
        raise ValueError("no id")
    return str(value)
