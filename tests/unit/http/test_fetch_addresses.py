"""Where a download may go: only to known hosts at public addresses, whatever DNS or redirects say."""

import socket
from threading import Thread

import pytest

from services.fetch.network import FetchFailure
from services.fetch.output_fetcher import FetchLimits
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


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "::1"],
)
def test_a_named_place_may_be_private(
    server: Server, open_fetcher: Open, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    connected: list[tuple[str, int]] = []

    def refuse(place: tuple[str, int], *_: object, **__: object) -> None:
        connected.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr("socket.create_connection", refuse)
    fetcher = open_fetcher(resolve=lambda _host, _port: [address])

    assert failure(fetcher, server.url("/a")).kind == FetchFailure.TRANSIENT
    assert connected == [(address, server.port)]


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "fe80::1",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "240.0.0.1",
    ],
)
def test_a_named_place_is_no_machine_s_metadata(
    server: Server, open_fetcher: Open, address: str
) -> None:
    fetcher = open_fetcher(resolve=lambda _host, _port: [address])

    assert failure(fetcher, server.url("/a")).kind == FetchFailure.REFUSED_ADDRESS


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("http://minio.internal:9000/x", "minio.internal:9000"),
        ("https://cdn.example.com/x", "cdn.example.com:443"),
        ("http://api.replicate.com/x", "api.replicate.com:80"),
    ],
)
def test_a_refusal_names_the_setting_and_what_to_write(
    open_fetcher: Open, url: str, named: str
) -> None:
    refused = failure(open_fetcher(), url)

    assert "OUTPUT_HOSTS" in refused.detail and named in refused.detail


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


@pytest.mark.parametrize(
    "url",
    [
        "data:image/png;base64,cGljdHVyZQ==",
        "data:application/octet-stream;base64,cGljdHVyZQ",
        "data:;base64,cGlj\ndHVyZQ==",
        "data:image/png,picture",
        "data:image/png,%70icture",
    ],
)
def test_a_data_address_holds_its_body(open_fetcher: Open, url: str) -> None:
    assert open_fetcher().fetch(url) == b"picture"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("data:image/png;base64", FetchFailure.REFUSED_ADDRESS),
        ("data:image/png;base64,***", FetchFailure.REFUSED_ADDRESS),
        ("data:image/png;base64," + "A" * 200, FetchFailure.TOO_BIG),
        ("data:image/png," + "A" * 1000, FetchFailure.TOO_BIG),
    ],
)
def test_a_data_address_obeys_the_limits(open_fetcher: Open, url: str, kind: FetchFailure) -> None:
    assert failure(open_fetcher(FetchLimits(max_bytes=100)), url).kind is kind


def test_a_redirect_cannot_lead_to_a_data_address(server: Server, open_fetcher: Open) -> None:
    server.answers["/1"] = redirect("data:image/png,picture")

    assert failure(open_fetcher(), server.url("/1")).kind == FetchFailure.REFUSED_ADDRESS


def test_plain_http_goes_through_its_proxy(
    server: Server, open_fetcher: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    server.answers[server.url("/a")] = body(b"through the proxy")

    def resolve(host: str, port: int) -> list[str]:
        raise AssertionError("the proxy looks names up")

    assert open_fetcher(resolve=resolve).fetch(server.url("/a")) == b"through the proxy"
    assert server.asked == [server.url("/a")]


def test_no_proxy_is_obeyed(
    server: Server, open_fetcher: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "example.org,sim.test")
    server.answers["/a"] = body(b"direct")

    assert open_fetcher().fetch(server.url("/a")) == b"direct"


def test_https_is_tunneled_and_a_foreign_host_never_is(
    open_fetcher: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        seen: list[bytes] = []

        def answer() -> None:
            connection, _ = proxy.accept()
            with connection:
                seen.append(connection.recv(4096).partition(b"\r\n")[0])
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

        thread = Thread(target=answer)
        thread.start()
        refused = failure(open_fetcher(), "https://evil.example/x")
        assert refused.kind == FetchFailure.REFUSED_ADDRESS
        failed = failure(open_fetcher(), "https://a.replicate.delivery/x")
        thread.join()

    assert failed.kind == FetchFailure.TRANSIENT and "403" in failed.detail
    assert seen == [b"CONNECT a.replicate.delivery:443 HTTP/1.1"]
