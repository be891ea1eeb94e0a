"""Every setting with its value made safe to show: secrets masked, addresses without passwords."""

import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from services.core.settings import Settings, masked
from services.core.settings_problems import default_text, names

# Somebody may have pasted a token into any box.
_TOKEN_BEGINNINGS = ("r8_", "AIza", "hf_", "whsec_", "AKIA", "ASIA", "sk-", "ya29.", "ghp_")
_PLACE = re.compile(r"(?P<host>[\w.-]*|\[[0-9a-fA-F:.]+\])(?P<port>:\d{1,5})?(?P<path>/[\w./-]*)?")
_SERVER = re.compile(r"(postgres|postgresql|redis|rediss|unix)(\+\w+)?://")
_HIDDEN = "…"


@dataclass(frozen=True)
class SettingRow:
    """One setting as it may be shown; `value` is its default's words where it is not set."""

    names: tuple[str, ...]
    meaning: str
    value: str
    is_set: bool


def setting_rows(settings: Settings) -> tuple[SettingRow, ...]:
    """All settings in the order of the README's table."""
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        is_set = name in settings.model_fields_set and value is not None
        shown = shown_value(value) if is_set else default_text(field)
        rows.append(SettingRow(names(field), field.description or "", shown or "not set", is_set))
    return tuple(rows)


def shown_value(value: object) -> str:
    """A value without anything that could be used."""
    if isinstance(value, SecretStr):
        text = value.get_secret_value()
        return shown_address(text) if _SERVER.match(text) else masked(value)
    text = _plain(value)
    if "://" in text:
        return ", ".join(shown_address(part) for part in text.split(","))
    return masked(SecretStr(text)) if text.startswith(_TOKEN_BEGINNINGS) else text


def shown_address(address: str) -> str:
    """`redis://host:6379/0`: no user, no password, no query, and nothing that is in doubt."""
    scheme, _, rest = address.partition("://")
    scheme = scheme.partition("+")[0]
    if scheme == "unix":
        return "a private socket"
    place = rest.partition("?")[0].rpartition("@")[2]
    # An unescaped ? or @ in a password makes the two readings differ.
    is_clear = place == rest.rpartition("@")[2].partition("?")[0]
    found = _PLACE.fullmatch(place) if is_clear else None
    if not found:
        return f"{scheme}://{_HIDDEN}"
    return f"{scheme}://{place}" if found["host"] else f"{scheme} at a private socket"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) if isinstance(value, Path | str | int) else ""
