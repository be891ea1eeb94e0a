"""No secret of a setting reaches a log, an event, an error, a job's hash or a page."""

import io
import logging
import zlib
from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from redis import Redis
from sqlalchemy import select
from streamlit.logger import get_logger
from streamlit.testing.v1 import AppTest

from services.core import redaction
from services.core.settings import Settings
from services.core.settings_fields import names
from services.core.settings_loader import load_settings, secret_fields
from services.core.states import Kind, QueueName, SlotRole, SlotState
from services.database.engine import Database
from services.database.models import Event
from services.pipeline.events import EventName, record
from services.providers.base import FailureClass, ProviderError
from services.providers.gemini.definition import status_error
from services.providers.replicate.status import parse_prediction
from services.queue.base import QueuedStep
from services.queue.rq_queue import RqQueue
from tests.integration.database.rows import add_generation
from tests.redis_contents import contents
from workers import steps
from workers.worker import WorkerThread

# No form gives them away: only that they are values of settings.
ADDRESSES = {
    "database_url": "postgresql://me:{}@db.example/atelier",
    "database_readonly_url": "postgresql://reader:{}@db.example/atelier",
    "redis_address": "redis://:{}@redis.example:6379/0",
    "https_proxy": "http://me:{}@proxy.example:3128",
    "http_proxy": "http://me:{}@proxy.example:3128",
}
CANARIES = {name: f"canary/{name}+{number:02}=" for number, name in enumerate(secret_fields())}


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings whose every secret is a canary; what is remembered is forgotten afterwards."""
    monkeypatch.setattr(redaction, "_remembered", ())
    for name, canary in CANARIES.items():
        value = ADDRESSES.get(name, "{}").format(
            quote(canary, safe="") if name in ADDRESSES else canary
        )
        monkeypatch.setenv(names(Settings.model_fields[name])[0], value)
    monkeypatch.setenv("REDIS_HOST", "redis.example")
    monkeypatch.setenv("COG_BASE_URL", "http://gpu.example:5000")
    return load_settings(env_file=None)


def forms(canary: str) -> set[str]:
    """A secret as it stands in texts, addresses and tracebacks."""
    return {canary, quote(canary, safe=""), quote(canary), quote_plus(canary)}


EVERY_FORM = sorted(form for canary in CANARIES.values() for form in forms(canary))
TEXT = "; ".join(f"connecting with <{form}> failed" for form in EVERY_FORM)


def assert_no_canary(text: str) -> None:
    assert [form for form in EVERY_FORM if form in text] == []


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What a handler of its own writes, as Streamlit's and RQ's are."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    loggers = (logging.getLogger(), get_logger("streamlit"), logging.getLogger("rq.worker"))
    for logger in loggers:
        logger.addHandler(handler)
    yield stream
    for logger in loggers:
        logger.removeHandler(handler)


def test_every_secret_of_the_settings_has_a_canary() -> None:
    assert {"replicate_api_token", "aws_secret_access_key", "redis_password"} <= set(CANARIES)
    assert "canary" in TEXT


@pytest.mark.parametrize("name", ["atelier.worker", "streamlit.runtime", "rq.worker", "alembic"])
def test_no_log_holds_one(name: str, logged: io.StringIO) -> None:
    logger = logging.getLogger(name)
    logger.error("failed: %s", TEXT)
    try:
        raise ValueError(TEXT)
    except ValueError:
        logger.exception("failed")
    assert_no_canary(logged.getvalue())


def test_no_event_and_no_log_of_it_holds_one(database: Database, logged: io.StringIO) -> None:
    with database.transaction() as session:
        generation_id = add_generation(
            session, Kind.POSES, [(SlotRole.POSE, SlotState.PENDING)]
        ).generation.id
        record(
            session,
            EventName.RUN_STEP_FAILED,
            generation_id,
            detail={"why": [TEXT]},
            url=f"https://x/?X-Amz-Signature={EVERY_FORM[0]}",
        )
    with database.transaction() as session:
        stored = [event.detail for event in session.scalars(select(Event))]
    assert any("why" in str(detail) for detail in stored)
    assert_no_canary(str(stored) + logged.getvalue())


def test_no_error_of_a_provider_holds_one() -> None:
    body: dict[str, Any] = {"id": "p1", "status": "failed", "error": TEXT, "logs": TEXT}
    prediction = parse_prediction(body, "p1")
    error = ProviderError(FailureClass.UNKNOWN, TEXT)
    answered = status_error(403, "X", {"error": {"message": TEXT}}, {})
    assert_no_canary(f"{prediction!r} {error} {error.detail} {answered}")


def test_no_hash_of_a_failed_job_holds_one(
    redis: Redis, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(TEXT)

    monkeypatch.setattr(steps, "_run", fail)
    RqQueue(redis).enqueue([QueuedStep("poll", "run_1", 3, QueueName.HIGH, 60)])
    WorkerThread("t1", "test", lambda: redis)._new_worker().work(burst=True)
    stored = contents(redis)
    results = [
        zlib.decompress(b64decode(fields[b"exc_string"])).decode()
        for key, (entries, _) in stored.items()
        if key.startswith(b"rq:results:")
        for _, fields in entries
    ]
    assert any("RuntimeError" in result for result in results)
    assert_no_canary(str(stored) + "".join(results) + logged.getvalue())


PAGE = """
from pages.kit.frame import action
from services.core.errors import StorageError

with action("canary"):
    raise StorageError(reason=TEXT)
"""


def test_no_page_shows_one(logged: io.StringIO) -> None:
    page = AppTest.from_string(f"TEXT = {TEXT!r}\n{PAGE}", default_timeout=60).run()
    assert "did not take or give a file" in page.error[0].value
    assert_no_canary(page.error[0].value + logged.getvalue())
