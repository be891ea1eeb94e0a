"""How a bucket is addressed, and whether browsers are sent to its server."""

import pytest

from services.container import build_storage
from services.core.errors import SettingsError
from services.core.settings_loader import load_settings, settings_table
from services.storage.s3_place import S3Place
from services.storage.s3_storage import S3Storage

KEY = f"originals/ab/cd/abcd{'0' * 60}.png"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for names, _, _ in settings_table():
        for name in names:
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("S3_BUCKET", "atelier")


@pytest.mark.parametrize(
    ("endpoint", "addressing", "style"),
    [
        (None, "auto", "auto"),
        ("https://minio.example", "auto", "path"),
        ("https://minio.example", "virtual", "virtual"),
        ("https://oss-eu-central-1.aliyuncs.com", "auto", "virtual"),
        ("https://cos.eu-frankfurt.myqcloud.com", "auto", "virtual"),
        ("https://oss-eu-central-1.aliyuncs.com", "path", "path"),
        (None, "path", "path"),
    ],
)
def test_style_follows_the_server_unless_it_is_set(
    endpoint: str | None, addressing: str, style: str
) -> None:
    assert S3Place("atelier", endpoint, addressing=addressing).style == style  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("style", "start"),
    [("path", "https://s3.example/atelier/"), ("virtual", "https://atelier.s3.example/")],
)
def test_addresses_are_made_in_the_style(
    monkeypatch: pytest.MonkeyPatch, style: str, start: str
) -> None:
    monkeypatch.setenv("S3_ENDPOINT_URL", "https://s3.example")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST0")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-text-0123")
    monkeypatch.setenv("S3_ADDRESSING_STYLE", style)
    link = build_storage(load_settings(env_file=None)).public_url(KEY)

    assert link is not None and link.url.startswith(start)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://minio:9000",
        "https://minio:9000",
        "https://127.0.0.1:9000",
        "https://10.1.2.3",
        "https://[fd00::1]:9000",
        "https://100.64.0.7",
        "https://s3.studio.internal",
        "https://rook-ceph.default.svc.cluster.local",
        "https://nas.local",
        "http://s3.example.com",
    ],
)
def test_browsers_are_not_sent_to_an_inner_or_plain_address(endpoint: str) -> None:
    place = S3Place("atelier", endpoint, "us-east-1", "AKIATEST0", "secret-text-0123")

    assert S3Storage(place).public_url(KEY) is None
    assert S3Place("atelier", endpoint, is_linked=True).links_browsers


@pytest.mark.parametrize("endpoint", [None, "https://s3.example.com", "https://203.0.112.9"])
def test_browsers_are_sent_to_a_public_server_unless_it_is_forbidden(endpoint: str | None) -> None:
    assert S3Place("atelier", endpoint).links_browsers
    assert not S3Place("atelier", endpoint, is_linked=False).links_browsers


def test_links_name_the_public_server_and_are_signed_for_it() -> None:
    place = S3Place(
        "atelier",
        "http://minio:9000",
        "us-east-1",
        "AKIATEST0",
        "secret-text-0123",
        public_url="https://pictures.example.com",
    )

    link = S3Storage(place).public_url(KEY)

    assert link is not None and link.url.startswith("https://pictures.example.com/atelier/")
    assert "X-Amz-SignedHeaders=host" in link.url


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        ("http://127.0.0.1:9000/atelier", "Remove /atelier"),
        ("http://127.0.0.1:9000/atelier/", "Remove /atelier"),
        ("https://x.supabase.co/storage/v1/s3/atelier", "Remove /atelier"),
        ("https://atelier.s3.eu-central-1.amazonaws.com", "Remove atelier."),
        ("https://atelier.0123.r2.cloudflarestorage.com", "Remove atelier."),
        ("https://atelier.fra1.digitaloceanspaces.com", "Remove atelier."),
    ],
)
def test_bucket_in_the_endpoint_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, endpoint: str, words: str
) -> None:
    monkeypatch.setenv("S3_ENDPOINT_URL", endpoint)

    with pytest.raises(SettingsError) as caught:
        load_settings(env_file=None)

    assert "S3_ENDPOINT_URL" in caught.value.sentence and words in caught.value.sentence


@pytest.mark.parametrize(
    "endpoint", ["https://x.supabase.co/storage/v1/s3", "https://atelier.example.com"]
)
def test_other_paths_and_hosts_are_taken(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    monkeypatch.setenv("S3_ENDPOINT_URL", endpoint)

    assert load_settings(env_file=None).s3_endpoint_url == endpoint


@pytest.mark.parametrize("name", ["a.-b", "a..b", "192.168.1.4", "Atelier", "ab", "a" * 64, "a_b"])
def test_name_that_no_server_takes_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("S3_BUCKET", name)

    with pytest.raises(SettingsError, match="S3_BUCKET"):
        load_settings(env_file=None)
