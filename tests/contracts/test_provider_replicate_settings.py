"""Replicate: tokens and addresses that cannot work are refused at the start."""

import re

import pytest

from services.core.errors import SettingsError
from services.providers.replicate.provider import ReplicateProvider
from tests.contracts.far_end import Answer, FarEnd
from tests.contracts.replicate_replies import (
    CREATE,
    PREPARED,
    TOKEN,
    prediction,
    provider_at,
)


class TestSettings:
    @pytest.mark.parametrize("token", ["", "  ", "r8 x", "r8_\n\x00", "r8_ä"])
    def test_odd_token_is_refused_without_showing_it(self, token: str) -> None:
        with pytest.raises(SettingsError) as caught:
            ReplicateProvider(token=token)
        assert not token.strip() or token.strip() not in str(caught.value)

    @pytest.mark.parametrize("url", ["replicate.com", "ftp://a", "http://", "http://a:port"])
    def test_odd_address_is_refused(self, url: str) -> None:
        with pytest.raises(SettingsError):
            ReplicateProvider(token=TOKEN, base_url=url)

    def test_version_in_the_address_is_dropped(self, far_end: FarEnd) -> None:
        far_end.on("GET /v1/account", Answer(200, {"username": "acme"}))
        with provider_at(f"{far_end.url}/v1/") as provider:
            assert provider.account().name == "acme"

    def test_environment_is_not_read(
        self, far_end: FarEnd, monkeypatch: pytest.MonkeyPatch, dead_url: str
    ) -> None:
        monkeypatch.setenv("REPLICATE_API_TOKEN", "r8_of-the-environment")
        monkeypatch.setenv("REPLICATE_BASE_URL", dead_url)
        monkeypatch.setenv("HTTP_PROXY", dead_url)
        far_end.on(CREATE, Answer(201, prediction()))
        with provider_at(far_end.url) as provider:
            provider.create(PREPARED)
        assert far_end.sent_to(CREATE)[0].headers["authorization"] == f"Bearer {TOKEN}"

    def test_repr_holds_no_token(self, replicate: ReplicateProvider) -> None:
        shown = repr(replicate) + repr(vars(replicate))
        assert TOKEN not in shown
        assert not re.search(r"r8_\w+", shown)
