"""Read `.env` in whatever encoding an editor saved it, and say which line is none.

No message repeats a character of the file, but for the names of settings.
"""

import codecs
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from services.core.errors import SettingsError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # Before UTF-16, whose mark is the beginning of this one.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_env_file(path: Path) -> dict[str, str]:
    """Return the names and values of the file, none where it does not exist.

    Raises SettingsError for a file that cannot be read, or whose lines are no assignments.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        problem = f"{path.name} cannot be read ({error.strerror}). Give this user access to it."
        raise SettingsError(problem=problem) from None
    text = _decoded(content, path.name)
    for line in parse_stream(StringIO(text)):
        if line.error:
            # Blank lines before it count as its own.
            text_of_line = line.original.string
            blank = text_of_line[: len(text_of_line) - len(text_of_line.lstrip())].count("\n")
            raise SettingsError(
                problem=f"Line {line.original.line + blank} of {path.name} cannot be read. Write NAME=value;"
                " a value with spaces, # or quotes in '…'."
            )
    return {name: value for name, value in dotenv_values(stream=StringIO(text)).items() if value}


def given_values(
    fields: Iterable[tuple[str, ...]], environment: Mapping[str, str], file: Mapping[str, str]
) -> list[dict[str, str]]:
    """Return, for each field's names, what is given under each; the environment wins as a whole.

    Names are compared without their case; an empty value counts as not given.
    """
    found = []
    for names in fields:
        for source in (environment, file):
            lowered = {name.lower(): value.strip() for name, value in source.items()}
            given = {name: lowered[name.lower()] for name in names if lowered.get(name.lower())}
            if given:
                break
        found.append(given)
    return found


def _decoded(content: bytes, name: str) -> str:
    encoding = next((known for mark, known in _MARKS if content.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in content[:200]:
        # UTF-16 without its mark: ASCII, every other byte 0.
        encoding = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = f"{name} is not UTF-8 (line {line}). Save it as UTF-8; your editor offers that."
        raise SettingsError(problem=problem) from None
