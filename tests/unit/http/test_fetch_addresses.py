"""Where a download may go: only to known hosts at public addresses, whatever DNS or redirects say."""

import os

import pytest

from services.fetch.output_fetcher import FetchFailure
from tests.unit.http.web_server import NAME, Open, Server, body, failure, redirect


def test_body_is_fetched_from_the_checked_address(server: Server, open_fetcher: Open) -> None:
    # The name is known to no DNS: only the resolver's answer can have been connected to.
    server.answers["/out.png?x=%20&y=é"] = body(b"picture")
    server.answers["/out.png?x=%20&y=%C3%A9"] = body(b"picture")
    lookups: list[tuple[str, int]] = []

    def resolve(host: str, port: int) -> list[str]:
        lookups.append((host, port))
        return ["127.0.0.1"]

    content = open_fetcher(resolve=resolve).fetch(server.url("/out.png?x=%20&y=é#fragment"))

    assert content == b"picture" and server.asked == ["/out.png?x=%20&y=%C3%A9"]
    assert lookups == [(NAME, server.port)]


def test_proxy_variables_are_ignored(
    server: Server, open_fetcher: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setitem(os.environ, name, "http://127.0.0.1:9")
    server.answers["/a"] = body(b"direct")

    assert open_fetcher().fetch(server.url("/a")) == b"direct"


@pytest.mark.parametrize(
    "url",
    [
        "http://api.replicate.com/x",
        "https://api.replicate.com:8443/x",
        "https://evil.example/x",
        "https://replicate.delivery/x",
        "https://evilreplicate.delivery/x",
        "https://pbxt.replicate.delivery.evil.example/x",
        "https://api.replicate.com.evil.example/x",
        "https://user:pw@api.replicate.com/x",
        "https://evil.example\\@api.replicate.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest/meta-data",
        "http://localhost:1/x",
        "ftp://api.replicate.com/x",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "//api.replicate.com/x",
        "https:///x",
        "https://api.replicate.com:99999/x",
        "https://[broken/x",
        "https://аpi.replicate.com/x",
        "",
    ],
)
def test_address_outside_the_list_is_refused_before_any_lookup(
    url: str, open_fetcher: Open
) -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise AssertionError(host, port)

    assert failure(open_fetcher(resolve=resolve), url).kind == FetchFailure.REFUSED_ADDRESS


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:db8::1",
    ],
)
@pytest.mark.parametrize("host", ["api.replicate.com", "pbxt.replicate.delivery"])
def test_allowed_host_at_an_inner_address_is_refused(
    host: str, address: str, open_fetcher: Open
) -> None:
    # A public address beside it does not help: the next look-up could choose the other.
    fetcher = open_fetcher(resolve=lambda _host, _port: ["93.184.216.34", address])

    refused = failure(fetcher, f"https://{host}/x")

    assert refused.kind == FetchFailure.REFUSED_ADDRESS and "public" in refused.detail


def test_public_address_is_connected_to_as_it_was_checked(
    open_fetcher: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[tuple[str, int]] = []

    def refuse(address: tuple[str, int], *_: object, **__: object) -> None:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr("socket.create_connection", refuse)
    addresses = ["93.184.216.34", "2606:2800:220:1::1"]
    fetcher = open_fetcher(resolve=lambda _host, _port: addresses)

    assert failure(fetcher, "https://a.replicate.delivery/x").kind == FetchFailure.TRANSIENT
    assert connected == [(address, 443) for address in addresses]


def test_simulator_must_be_at_a_loopback_address(server: Server, open_fetcher: Open) -> None:
    fetcher = open_fetcher(resolve=lambda _host, _port: ["93.184.216.34"])

    assert failure(fetcher, server.url("/a")).kind == FetchFailure.REFUSED_ADDRESS


def test_loopback_is_allowed_for_its_port_alone(server: Server, open_fetcher: Open) -> None:
    other = f"http://{NAME}:{server.port + 1}/a"

    assert failure(open_fetcher(), other).kind == FetchFailure.REFUSED_ADDRESS


def test_three_redirects_are_followed(server: Server, open_fetcher: Open) -> None:
    server.answers |= {
        "/1": redirect("/2"),
        "/2": redirect(server.url("/sub/3")),
        "/sub/3": redirect("../4"),
        "/4": body(b"there"),
    }

    assert open_fetcher().fetch(server.url("/1")) == b"there"


def test_fourth_redirect_is_refused(server: Server, open_fetcher: Open) -> None:
    server.answers["/loop"] = redirect("/loop")

    refused = failure(open_fetcher(), server.url("/loop"))

    assert refused.kind == FetchFailure.REFUSED_ADDRESS and "redirects" in refused.detail
    assert server.asked == ["/loop"] * 4


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://evil.example/x",
        "http://127.0.0.1:22/",
        "file:///etc/passwd",
        "//evil.example/x",
        "https://inner.replicate.delivery/x",
    ],
)
def test_every_redirect_is_checked(server: Server, open_fetcher: Open, location: str) -> None:
    server.answers["/1"] = redirect(location)

    assert failure(open_fetcher(), server.url("/1")).kind == FetchFailure.REFUSED_ADDRESS
    assert server.asked == ["/1"]


def test_tls_is_required_to_be_tls(server: Server, open_fetcher: Open) -> None:
    url = server.url("/a").replace("http:", "https:")

    assert failure(open_fetcher(), url).kind == FetchFailure.TRANSIENT


@pytest.mark.parametrize("error", [OSError("no such host"), UnicodeError("label too long")])
def test_unknown_host_is_transient(open_fetcher: Open, error: Exception) -> None:
    def resolve(_host: str, _port: int) -> list[str]:
        raise error

    failed = failure(open_fetcher(resolve=resolve), "https://a.replicate.delivery/x")

    assert failed.kind == FetchFailure.TRANSIENT


def test_host_without_an_address_is_transient(open_fetcher: Open) -> None:
    fetcher = open_fetcher(resolve=lambda _host, _port: [])

    assert failure(fetcher, "https://a.replicate.delivery/x").kind == FetchFailure.TRANSIENT
