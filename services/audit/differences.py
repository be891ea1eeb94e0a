"""What an audit row's before and after differ in, field by field, as texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """One field. `before` None: it was not there; `after` None: nothing was kept of it."""

    name: str
    before: str | None
    after: str | None


def changes_of(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[Change, ...]:
    """The fields that differ, in their own order; all of them where one side was not kept."""
    old, new = _flat(before or {}), _flat(after or {})
    return tuple(
        Change(name, _text(old, name), _text(new, name))
        for name in dict.fromkeys([*old, *new])
        if name not in old or name not in new or old[name] != new[name]
    )


def _flat(data: Mapping[str, Any], under: str = "") -> dict[str, Any]:
    """`{"fault": {"name": "slow"}}` as `{"fault.name": "slow"}`."""
    flat: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, Mapping) and value:
            flat |= _flat(value, f"{under}{name}.")
        else:
            flat[f"{under}{name}"] = value
    return flat


def _text(data: Mapping[str, Any], name: str) -> str | None:
    if name not in data:
        return None
    return _shown(data[name])


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value in ({}, []):
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(_shown(part) for part in value)
    return str(value)
