"""Turns what is wrong with a setting into a sentence: its name, its value's shape, the fix.

Must never repeat the characters of a value: somebody may have pasted a secret into any box.
"""

from collections.abc import Mapping

from pydantic import AliasChoices, SecretStr, ValidationError
from pydantic.fields import FieldInfo

_BEGINNINGS = ("https://", "http://", "postgresql", "postgres", "mysql", "sqlite", "redis")


def told(error: ValidationError, fields: Mapping[str, FieldInfo]) -> list[str]:
    """One sentence for each setting that the check refused."""
    by_name = {name: field for field in fields.values() for name in names(field)}
    return [
        _sentence(by_name[str(problem["loc"][0])], problem["input"])
        for problem in error.errors(include_context=False)
    ]


def names(field: FieldInfo) -> tuple[str, ...]:
    """The environment names of a setting, the preferred one first."""
    alias = field.validation_alias
    return tuple(map(str, alias.choices)) if isinstance(alias, AliasChoices) else ()


def default_text(field: FieldInfo) -> str:
    """A setting's default as the README's table shows it."""
    if text := _extra(field, "default_text"):
        return text
    return "" if field.default is None else str(field.default)


def _sentence(field: FieldInfo, value: object) -> str:
    return f"{' or '.join(names(field))} is {_shape(field, value)}. {_extra(field, 'fix')}"


def _shape(field: FieldInfo, value: object) -> str:
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    size = f"a text of {len(text)} character{'' if len(text) == 1 else 's'}"
    beginning = next((known for known in _BEGINNINGS if text.startswith(known)), "")
    if not beginning or "SecretStr" in str(field.annotation):
        return size
    return f"{size} beginning with {beginning.removesuffix('://')}"


def _extra(field: FieldInfo, key: str) -> str:
    extra = field.json_schema_extra
    value = extra.get(key) if isinstance(extra, dict) else None
    return str(value) if value else ""
