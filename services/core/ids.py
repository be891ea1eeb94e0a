"""The one form of ids and keys that come from outside: addresses, forms, the terminal."""

import re

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./:-]{0,199}", re.ASCII)


def is_id(value: object) -> bool:
    """Whether this can be a row's id; PostgreSQL refuses some of the others, a NUL for instance."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def is_id_or_key(value: object) -> bool:
    """Whether this can be a row's id, a key of the storage, or a provider's model."""
    return isinstance(value, str) and _KEY.fullmatch(value) is not None
