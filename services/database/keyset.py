"""Keyset pages: a cursor names the last row seen, so page 1,000 costs what page 1 costs."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, tuple_

from services.errors import InvalidRequestError


def encode(at: datetime, row_id: str) -> str:
    """A cursor for a row, safe in a URL."""
    raw = json.dumps([at.isoformat(), row_id]).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def before(cursor: str | None, at: Any, row_id: Any) -> Sequence[ColumnElement[bool]]:
    """The condition for rows older than the cursor's, for descending (at, id) order.

    Raises InvalidRequestError for a cursor that this did not make.
    """
    if cursor is None:
        return ()
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        at_text, id_text = json.loads(base64.urlsafe_b64decode(padded))
        values = (datetime.fromisoformat(at_text), str(id_text))
    except (ValueError, TypeError, binascii.Error) as error:
        raise InvalidRequestError(
            problem="This page's address is damaged. Open the list again."
        ) from error
    return (tuple_(at, row_id) < tuple_(*values),)
