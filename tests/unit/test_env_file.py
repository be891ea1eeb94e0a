"""`.env` as editors save it: any common encoding, and a clear sentence for the others."""

from pathlib import Path

import pytest

from services.core.env_file import read_env_file
from services.core.errors import SettingsError

LINES = (
    "# Ärger\nexport ATELIER_PORT=9001\nS3_BUCKET='pictures' # the bucket\nSECRET_KEY=\"a=b#c\"\n"
)
READ = {"ATELIER_PORT": "9001", "S3_BUCKET": "pictures", "SECRET_KEY": "a=b#c"}


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_common_encoding_is_read(tmp_path: Path, encoding: str, line_end: str) -> None:
    file = tmp_path / ".env"
    file.write_bytes(LINES.replace("\n", line_end).encode(encoding))
    assert read_env_file(file) == READ


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"A=1\nNAME=caf\xe9\n", "not UTF-8 (line 2)"),
        (b"A=1\nNAME=\x80uro\n", "not UTF-8 (line 2)"),
        ("A=1\nB=ü\n".encode("utf-16-le")[:-1], "not UTF-8"),
        (b"A=1\n\nB='open\nC=2\n", "Line 3"),
        (b"A=1\nREPLICATE_API_TOKEN hunter2\n", "Line 2"),
        (b"A=1\n=hunter2\n", "Line 2"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line(
    tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / ".env"
    file.write_bytes(content)
    with pytest.raises(SettingsError) as refused:
        read_env_file(file)
    assert words in refused.value.sentence
    assert "hunter2" not in refused.value.sentence


def test_a_folder_is_no_file_of_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_env_file(tmp_path)
    assert read_env_file(tmp_path / "absent") == {}
