"""Settings as they are shown: enough to recognise, nothing to use."""

import pytest
from pydantic import SecretStr

from services.core.redaction import shown_address, shown_value
from services.core.settings import Settings
from services.core.settings_loader import load_settings
from services.health.checks.settings import setting_rows

SECRET = "p4ssw0rd"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("redis://:p4ssw0rd@r.example:6379/0", "redis://r.example:6379/0"),
        ("rediss://user:p4ssw0rd@r.example", "rediss://r.example"),
        ("unix:///run/redis.sock", "a private socket"),
        ("postgresql+psycopg://a:p4ssw0rd@db.example:5432/c", "postgresql://db.example:5432/c"),
        ("postgresql+psycopg://a:p4ssw0rd@/c?host=/run/pg", "postgresql at a private socket"),
        ("https://user:p4ssw0rd@gpu.example:5000/v1", "https://gpu.example:5000/v1"),
    ],
)
def test_an_address_keeps_its_place_alone(address: str, shown: str) -> None:
    assert shown_address(address) == shown


@pytest.mark.parametrize(
    "address",
    [
        f"redis://:12?{SECRET}@r.example:6379/0",
        f"redis://:12#{SECRET}@r.example:6379/0",
        f"postgresql://a:12/{SECRET}@db.example/c",
        f"postgresql://a:12@{SECRET}@db.example/c",
        f"postgresql://db.example/c?user=a&password=x@{SECRET}",
        f"postgresql://a:{SECRET},x@db.example/c",
        f"postgresql://a:{SECRET}",
    ],
)
def test_an_odd_password_is_never_shown(address: str) -> None:
    assert SECRET not in shown_value(SecretStr(address))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (SecretStr("r8_abcdefghijklmnopqrstuvwxyz"), "r8_…yz"),
        (SecretStr("short"), "…"),
        (SecretStr("x://" + SECRET), "…"),
        ("AIzaabcdefghijklmnopqrstuvwxyz", "AIz…yz"),
        (True, "true"),
        (0.25, "0.25"),
        (8501, "8501"),
        ("https://a.example,https://b.example", "https://a.example, https://b.example"),
    ],
)
def test_a_value_is_shown_masked(value: object, shown: str) -> None:
    assert shown_value(value) == shown


def test_every_setting_has_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLICATE_API_TOKEN", "r8_abcdefghijklmnopqrstuvwxyz")
    rows = {row.names[0]: row for row in setting_rows(load_settings(None))}
    assert len(rows) == len(Settings.model_fields)
    assert rows["REPLICATE_API_TOKEN"].value == "r8_…yz"
    assert rows["REPLICATE_API_TOKEN"].is_set
    assert not rows["S3_BUCKET"].is_set
    assert all(row.meaning and row.value for row in rows.values())
