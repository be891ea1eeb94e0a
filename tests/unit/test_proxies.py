"""Which proxy an address is reached through."""

import pytest

from services.core.proxies import proxy_for


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://api.replicate.com", "http://proxy:3128"),
        ("http://gpu.internal:5000", "http://plain:3128"),
        ("http://127.0.0.1:5000", None),
        ("http://localhost:5000", None),
        ("http://[::1]:5000", None),
        ("https://api.example.com", None),
        ("https://inner.example.com", None),
        ("https://10.2.3.4", None),
        ("https://11.2.3.4", "http://proxy:3128"),
    ],
)
def test_an_address_has_the_proxy_of_its_scheme(
    monkeypatch: pytest.MonkeyPatch, url: str, proxy: str | None
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "proxy:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://plain:3128")
    monkeypatch.setenv("NO_PROXY", ".example.com, 10.0.0.0/8")
    assert proxy_for(url) == proxy


def test_without_variables_there_is_none() -> None:
    assert proxy_for("https://api.replicate.com") is None


def test_a_star_ends_all_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy:3128")
    assert proxy_for("https://api.replicate.com") == "http://proxy:3128"
    monkeypatch.setenv("NO_PROXY", "*")
    assert proxy_for("https://api.replicate.com") is None
