"""A Cog container over HTTP: replies recorded from Cog itself, the simulator's faults, broken sockets."""

import base64
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from services.core.errors import SettingsError
from services.providers.base import (
    FailureClass,
    InputImage,
    PictureRequest,
    PreparedRequest,
    ProviderError,
)
from services.providers.cog.provider import (
    BUSY_SECONDS,
    SCHEMA_SECONDS,
    SETUP_SECONDS,
    SILENT_SECONDS,
    CogProvider,
)
from tests.contracts import cog_replies as cog
from tests.contracts.far_end import Answer, FarEnd, serving

TOKEN = "cog-test-0123456789abcdef"
PICTURE = InputImage("me.png", "image/png", base64.b64decode(cog.PNG))
SKELETON = InputImage("pose.png", "image/png", b"\x89PNG\r\n\x1a\n skeleton")
REQUEST = PictureRequest("own/poses", "a fox", 7, (PICTURE,), control_image=SKELETON)
PREPARED = PreparedRequest("own/poses", None, {"input": {"prompt": "p"}}, attempt_id="att_1")
CREATE, HEALTH, READ = "PUT /predictions/att_1", "GET /health-check", "GET /openapi.json"


@contextmanager
def provider_at(
    url: str, seconds: float = 10.0, token: str | None = TOKEN
) -> Iterator[CogProvider]:
    made = CogProvider(base_url=url, token=token, timeout_seconds=seconds, ask_seconds=seconds)
    yield made
    made.close()


@pytest.fixture
def provider(far_end: FarEnd) -> Iterator[CogProvider]:
    far_end.on(HEALTH, cog.READY)
    far_end.on(READ, cog.SCHEMA)
    with provider_at(far_end.url) as made:
        yield made


@pytest.fixture
def simulated(simulator_url: str) -> Iterator[CogProvider]:
    httpx.delete(f"{simulator_url}/_simulator/faults").raise_for_status()
    with provider_at(simulator_url) as made:
        yield made
    httpx.post(f"{simulator_url}/_simulator/reset").raise_for_status()


def order(url: str, fault: str, times: int | None = 1, **more: Any) -> None:
    rule = {"match": {"provider": "cog"}, "fault": fault, "times": times, **more}
    httpx.post(f"{url}/_simulator/faults", json=rule).raise_for_status()


def error_of(call: Callable[[], object]) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        call()
    assert TOKEN not in repr(caught.value) + str(caught.value)
    return caught.value


@contextmanager
def trickling() -> Iterator[str]:
    """A server that begins an answer and sends a byte of it now and then."""
    ended = Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def trickle() -> None:
            with suppress(OSError), server.accept()[0] as connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
                while not ended.wait(0.05):
                    connection.sendall(b" ")

        thread = Thread(target=trickle)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        ended.set()
        thread.join()


class TestRequest:
    """What is sent."""

    def test_pictures_travel_as_data_urls_and_are_stored_as_hashes(
        self, provider: CogProvider, far_end: FarEnd
    ) -> None:
        far_end.on(CREATE, cog.succeeded())
        prepared = provider.prepare(REQUEST)
        stored = prepared.payload["input"]
        assert stored["image"].startswith("sha256:") and stored["pose_image"].startswith("sha256:")
        provider.generate(
            PreparedRequest("own/poses", None, prepared.payload, prepared.images, "att_1")
        )
        (sent,) = far_end.sent_to(CREATE)
        assert sent.json == {
            "input": {
                "prompt": "a fox",
                "image": cog.DATA_URL,
                "pose_image": f"data:image/png;base64,{base64.b64encode(SKELETON.content).decode()}",
                "seed": 7,
                "num_outputs": 1,
            }
        }
        assert sent.headers["authorization"] == f"Bearer {TOKEN}"

    def test_without_a_token_no_header_is_sent(self, far_end: FarEnd) -> None:
        far_end.on(HEALTH, cog.READY)
        far_end.on(READ, cog.SCHEMA)
        with provider_at(far_end.url, token=None) as made:
            assert made.account().name == "a container with Cog 0.23.1"
        assert all("authorization" not in asked.headers for asked in far_end.asked)

    def test_a_path_before_the_api_is_kept(self, far_end: FarEnd) -> None:
        far_end.on("GET /gpu/1/health-check", cog.READY)
        far_end.on("GET /gpu/1/openapi.json", cog.SCHEMA)
        with provider_at(f"{far_end.url}/gpu/1/") as made:
            made.account()

    @pytest.mark.parametrize(
        ("pictures", "words"), [((), "needs a picture"), ((PICTURE,) * 2, "takes 1 picture")]
    )
    def test_what_the_schema_does_not_take_is_refused(
        self, provider: CogProvider, pictures: tuple[InputImage, ...], words: str
    ) -> None:
        request = PictureRequest("own/poses", "a fox", 7, pictures)
        error = error_of(lambda: provider.prepare(request))
        assert (error.failure, error.reached) == (FailureClass.BAD_INPUT, False)
        assert words in error.detail

    def test_a_model_that_needs_something_else_cannot_be_used(
        self, provider: CogProvider, far_end: FarEnd
    ) -> None:
        inputs = {"prompt": {"type": "string"}, "mask": {"type": "string", "format": "uri"}}
        schema = {
            "components": {"schemas": {"Input": {"properties": inputs, "required": ["mask"]}}}
        }
        far_end.on(READ, Answer(200, schema))
        assert "mask" in error_of(provider.account).detail

    @pytest.mark.parametrize("url", ["ftp://gpu", "gpu:5000", "http://", ""])
    def test_an_address_that_is_none_is_refused(self, url: str) -> None:
        with pytest.raises(SettingsError):
            CogProvider(base_url=url)


class TestCapabilities:
    """What forms show before anything is sent."""

    def test_they_are_read_off_the_schema_once(
        self, provider: CogProvider, far_end: FarEnd
    ) -> None:
        assert not provider.capabilities("own/poses").takes_control_image
        for _ in range(3):
            provider.learn("own/poses")
        can = provider.capabilities("own/poses")
        assert (can.model, can.needs_image, can.takes_control_image) == ("own/poses", True, True)
        assert len(far_end.asked) == 1

    def test_a_server_that_is_away_is_a_problem_and_not_asked_for_each_form(
        self, provider: CogProvider, far_end: FarEnd
    ) -> None:
        far_end.on(READ, cog.NO_SCHEMA)
        far_end.on(HEALTH, cog.SETUP_FAILED)
        for _ in range(3):
            error = error_of(lambda: provider.learn("own/poses"))
            assert "its setup failed" in error.detail
            assert error.failure is FailureClass.CONFIGURATION
        assert len(far_end.sent_to(READ)) == 1

    def test_it_is_asked_again_after_a_while(
        self, provider: CogProvider, far_end: FarEnd, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = [1e9]
        monkeypatch.setattr("services.providers.cog.provider.monotonic", lambda: now[0])
        far_end.on(READ, cog.NO_SCHEMA, cog.SCHEMA, cog.NO_SCHEMA)
        error_of(lambda: provider.learn("own/poses"))
        now[0] += SILENT_SECONDS + 1
        provider.learn("own/poses")
        now[0] += SCHEMA_SECONDS + 1
        error = error_of(lambda: provider.learn("own/poses"))
        assert error.failure is FailureClass.THROTTLED
        assert provider.capabilities("own/poses").takes_control_image

    def test_a_request_is_checked_against_the_present_schema(
        self, provider: CogProvider, far_end: FarEnd
    ) -> None:
        provider.learn("own/poses")
        inputs = {"prompt": {"type": "string"}, "image": {"type": "string", "format": "uri"}}
        schema = {"components": {"schemas": {"Input": {"properties": inputs}}}}
        far_end.on(READ, Answer(200, schema))
        error = error_of(lambda: provider.prepare(REQUEST))
        assert "no input for a control image" in error.detail
        assert not provider.capabilities("own/poses").takes_control_image


class TestAnswer:
    """What a prediction made."""

    @pytest.mark.parametrize(
        "output",
        [
            cog.DATA_URL,
            [cog.DATA_URL],
            {"picture": cog.DATA_URL, "seed": 7},
            cog.PNG,
            {"pictures": [cog.DATA_URL], "log": "data:text/plain;base64,aGVsbG8="},
            cog.DATA_URL.replace("image/png", "application/octet-stream"),
        ],
        ids=["text", "list", "object", "base64", "with another file", "without a type"],
    )
    def test_a_picture_in_any_shape(
        self, provider: CogProvider, far_end: FarEnd, output: Any
    ) -> None:
        far_end.on(CREATE, cog.succeeded(output))
        made = provider.generate(PREPARED)
        (image,) = made.images
        assert made.predict_seconds == 3.009736512
        assert (image.content, image.content_type) == (PICTURE.content, "image/png")

    @pytest.mark.parametrize(
        "url", ["http://10.0.0.7:5000/out.png", "https://files.example/a.webp"]
    )
    def test_an_address_is_left_to_be_downloaded(
        self, provider: CogProvider, far_end: FarEnd, url: str
    ) -> None:
        far_end.on(CREATE, cog.succeeded([url, {"more": url}]))
        made = provider.generate(PREPARED)
        assert (made.images, made.urls) == ((), (url, url))

    @pytest.mark.parametrize(
        ("output", "failure", "words"),
        [
            ([], FailureClass.EMPTY, "without a picture"),
            (None, FailureClass.EMPTY, "without a picture"),
            ("/src/out.png", FailureClass.CONFIGURATION, "a path on its own disk (/src/out.png)"),
            ("a fox", FailureClass.EMPTY, "without a picture: a fox"),
            ("data:video/mp4;base64,AAAA", FailureClass.PLATFORM, "data:video/mp4"),
            ("data:image/png;base64,!", FailureClass.PLATFORM, "no picture"),
        ],
    )
    def test_no_picture_is_named(
        self,
        provider: CogProvider,
        far_end: FarEnd,
        output: Any,
        failure: FailureClass,
        words: str,
    ) -> None:
        far_end.on(CREATE, cog.succeeded(output))
        error = error_of(lambda: provider.generate(PREPARED))
        assert error.failure is failure and words in error.detail

    @pytest.mark.parametrize(
        ("answer", "failure", "words"),
        [
            (cog.REFUSED, FailureClass.CONTENT_REFUSED, "ValueError: NSFW content detected"),
            (cog.WORKER_CRASHED, FailureClass.PLATFORM, "Worker crashed"),
            (cog.CANCELED, FailureClass.CANCELED, "canceled at Cog"),
            (cog.failed("CUDA out of memory."), FailureClass.TOO_BIG, "CUDA"),
            (cog.failed("KeyError: 'pose'"), FailureClass.UNKNOWN, "KeyError"),
            (Answer(200, b"<h1>Welcome to nginx!</h1>"), FailureClass.PLATFORM, "Welcome to nginx"),
            (Answer(200, b""), FailureClass.PLATFORM, "an empty body"),
        ],
    )
    def test_a_failed_prediction_has_its_class_and_reason(
        self,
        provider: CogProvider,
        far_end: FarEnd,
        answer: Answer,
        failure: FailureClass,
        words: str,
    ) -> None:
        far_end.on(CREATE, answer)
        error = error_of(lambda: provider.generate(PREPARED))
        assert (error.failure, error.reached) == (failure, True)
        assert words in error.detail and "Prediction failed" not in error.detail
        assert len(far_end.asked) == 1


class TestRefusal:
    """Replies that are no prediction, each with its class; nothing is sent a second time."""

    @pytest.mark.parametrize(
        ("answer", "failure", "pauses", "words"),
        [
            (
                cog.INVALID,
                FailureClass.BAD_INPUT,
                False,
                "prompt: Field required; num_outputs: 9 is greater than the maximum of 4",
            ),
            (cog.UNREADABLE_BODY, FailureClass.BAD_INPUT, False, "Failed to parse the request"),
            (Answer(413, b""), FailureClass.BAD_INPUT, False, "413"),
            (Answer(401, b"<h1>Sign in</h1>"), FailureClass.CONFIGURATION, True, "Sign in"),
            (Answer(403, b""), FailureClass.CONFIGURATION, True, "answered 403 and no reason"),
            (Answer(404, b""), FailureClass.CONFIGURATION, True, "404"),
            (Answer(301, b"", {"location": "/x"}), FailureClass.CONFIGURATION, True, "301"),
            (Answer(500, b"no"), FailureClass.TRANSIENT, False, "500"),
            (Answer(502, b"Bad Gateway"), FailureClass.AMBIGUOUS, False, "Bad Gateway"),
            (Answer(504, b"Gateway Time-out"), FailureClass.AMBIGUOUS, False, "Gateway"),
            (cog.IN_WORK, FailureClass.AMBIGUOUS, False, "still at work"),
        ],
    )
    def test_status_codes(
        self,
        provider: CogProvider,
        far_end: FarEnd,
        answer: Answer,
        failure: FailureClass,
        pauses: bool,
        words: str,
    ) -> None:
        far_end.on(CREATE, answer)
        error = error_of(lambda: provider.generate(PREPARED))
        assert (error.failure, error.reached, error.pauses_provider) == (failure, True, pauses)
        assert words in error.detail
        assert len(far_end.asked) == 1

    @pytest.mark.parametrize("refusal", [cog.AT_CAPACITY, cog.NOT_READY])
    @pytest.mark.parametrize(
        ("health", "failure", "pauses", "wait", "words"),
        [
            (cog.BUSY, FailureClass.THROTTLED, False, BUSY_SECONDS, ""),
            (cog.READY, FailureClass.THROTTLED, False, BUSY_SECONDS, ""),
            (cog.STARTING, FailureClass.THROTTLED, False, SETUP_SECONDS, "has not finished"),
            (cog.UNHEALTHY, FailureClass.THROTTLED, False, SETUP_SECONDS, "GPU 0 is too hot"),
            (cog.SETUP_FAILED, FailureClass.TRANSIENT, True, SETUP_SECONDS, "pose.safetensors"),
            (cog.WORKER_DEAD, FailureClass.TRANSIENT, True, SETUP_SECONDS, "Restart the container"),
            (cog.DEFUNCT, FailureClass.TRANSIENT, True, SETUP_SECONDS, "Restart the container"),
        ],
        ids=["busy", "ready", "starting", "unhealthy", "setup failed", "worker dead", "defunct"],
    )
    def test_the_health_check_says_whether_waiting_helps(
        self,
        provider: CogProvider,
        far_end: FarEnd,
        refusal: Answer,
        health: Answer,
        failure: FailureClass,
        pauses: bool,
        wait: float,
        words: str,
    ) -> None:
        far_end.on(CREATE, refusal)
        far_end.on(HEALTH, health)
        error = error_of(lambda: provider.generate(PREPARED))
        assert (error.failure, error.reached, error.pauses_provider) == (failure, False, pauses)
        assert error.retry_after_seconds == wait
        assert words in error.detail
        assert len(far_end.sent_to(CREATE)) == 1

    def test_a_proxy_without_a_container_is_no_rate_limit(
        self, provider: CogProvider, far_end: FarEnd
    ) -> None:
        far_end.on(CREATE, Answer(503, b"<h1>503 Service Unavailable</h1>"))
        error = error_of(lambda: provider.generate(PREPARED))
        assert (error.failure, error.reached) == (FailureClass.TRANSIENT, False)
        assert "503 Service Unavailable" in error.detail

    def test_something_else_than_cog_is_named(self, provider: CogProvider, far_end: FarEnd) -> None:
        far_end.on(
            HEALTH, Answer(200, b"<title>Router login</title>", {"content-type": "text/html"})
        )
        error = error_of(provider.account)
        assert "is no Cog container: its /health-check has text/html: Router login" in error.detail


class TestConnection:
    """A PUT that may have arrived can be sent again under its id; anything else was not sent."""

    @pytest.mark.parametrize("way", ["close", "reset", "cut", "hold"])
    def test_a_lost_answer_is_ambiguous(self, far_end: FarEnd, way: str) -> None:
        far_end.on(CREATE, Answer(200, {"status": "succeeded"}, way=way))
        with provider_at(far_end.url, 0.3) as made:
            error = error_of(lambda: made.generate(PREPARED))
        assert (error.failure, error.reached) == (FailureClass.AMBIGUOUS, True)
        assert ("within 0.3 s" if way == "hold" else "broke off its answer") in error.detail
        assert len(far_end.asked) == 1

    @pytest.mark.parametrize("way", ["close", "reset", "cut", "hold"])
    def test_a_read_creates_nothing(self, far_end: FarEnd, way: str) -> None:
        far_end.on(READ, Answer(200, {}, way=way))
        with provider_at(far_end.url, 0.3) as made:
            error = error_of(lambda: made.prepare(REQUEST))
        assert (error.failure, error.reached) == (FailureClass.TRANSIENT, False)

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            (
                "http://gpu.invalid:5000",
                "Name or service not known|nodename nor servname|resolution",
            ),
            ("{dead}", "refused"),
            ("{tls}", "SSL"),
        ],
        ids=["name", "refused", "tls"],
    )
    def test_a_server_that_is_not_reached_says_why(
        self,
        far_end: FarEnd,
        dead_url: str,
        url: str,
        words: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.lower(), raising=False)
        address = url.format(dead=dead_url, tls=far_end.url.replace("http:", "https:"))
        with provider_at(address) as made:
            error = error_of(lambda: made.generate(PREPARED))
        assert (error.failure, error.reached) == (FailureClass.TRANSIENT, False)
        assert address in error.detail and "could not be reached" in error.detail
        assert re.search(words, error.detail)

    def test_an_answer_that_trickles_has_an_end(self, far_end: FarEnd) -> None:
        with trickling() as url, provider_at(url, 0.4) as made:
            error = error_of(lambda: made.generate(PREPARED))
        assert error.failure is FailureClass.AMBIGUOUS
        assert "within 0.4 s" in error.detail


class TestCertificate:
    """A server of one's own often has a certificate that nobody else trusts."""

    @pytest.fixture
    def certificate(self, tmp_path: Path) -> Path:
        """A key and its self-signed certificate for this machine, in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gpu")])
        begun = datetime.now(UTC) - timedelta(days=1)
        address = x509.IPAddress(ip_address("127.0.0.1"))
        built = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(begun)
            .not_valid_after(begun + timedelta(days=2))
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        path = tmp_path / "gpu.pem"
        path.write_bytes(
            built.public_bytes(Encoding.PEM)
            + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        return path

    @pytest.mark.parametrize("is_trusted", [True, False])
    def test_it_is_trusted_through_a_setting_of_the_system(
        self, certificate: Path, is_trusted: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        if is_trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with serving(tls) as far_end, provider_at(far_end.url) as made:
            far_end.on(HEALTH, cog.READY)
            far_end.on(READ, cog.SCHEMA)
            if is_trusted:
                assert made.account().name == "a container with Cog 0.23.1"
            else:
                assert "CERTIFICATE_VERIFY_FAILED" in error_of(made.account).detail


class TestSimulator:
    """The faults of the simulator, as the client meets them."""

    def prepared(self, provider: CogProvider) -> PreparedRequest:
        return provider.prepare(REQUEST)

    @pytest.mark.parametrize("fault", ["", "linked_output"])
    def test_a_pose_is_made(self, simulated: CogProvider, simulator_url: str, fault: str) -> None:
        if fault:
            order(simulator_url, fault)
        made = simulated.generate(self.prepared(simulated))
        contents = [image.content for image in made.images]
        contents += [httpx.get(url).content for url in made.urls]
        assert len(contents) == 1 and contents[0].startswith(b"\x89PNG")
        assert bool(made.urls) is bool(fault)

    @pytest.mark.parametrize(
        ("fault", "failure", "pauses"),
        [
            ("busy", FailureClass.THROTTLED, False),
            ("setup_failed", FailureClass.TRANSIENT, True),
            ("cold_start", FailureClass.THROTTLED, False),
            ("unauthorized", FailureClass.CONFIGURATION, True),
            ("server_error", FailureClass.TRANSIENT, False),
            ("malformed", FailureClass.PLATFORM, False),
            ("drop_before_create", FailureClass.AMBIGUOUS, False),
            ("drop_after_create", FailureClass.AMBIGUOUS, False),
            ("cut_output", FailureClass.AMBIGUOUS, False),
            ("platform_error", FailureClass.PLATFORM, False),
            ("out_of_memory", FailureClass.TOO_BIG, False),
            ("refuse_output", FailureClass.CONTENT_REFUSED, False),
            ("fewer_outputs", FailureClass.EMPTY, False),
        ],
    )
    def test_faults(
        self,
        simulated: CogProvider,
        simulator_url: str,
        fault: str,
        failure: FailureClass,
        pauses: bool,
    ) -> None:
        prepared = self.prepared(simulated)
        order(simulator_url, fault, times=None, seconds=30)
        error = error_of(lambda: simulated.generate(prepared))
        assert (error.failure, error.pauses_provider) == (failure, pauses)

    def test_the_reason_of_a_failed_setup_reaches_forms_and_check_up(
        self, simulated: CogProvider, simulator_url: str
    ) -> None:
        order(simulator_url, "setup_failed", times=None)
        for call in (simulated.account, lambda: simulated.prepare(REQUEST)):
            error = error_of(call)
            assert error.pauses_provider
            assert "its setup failed: FileNotFoundError: /weights/poses.safetensors" in error.detail
