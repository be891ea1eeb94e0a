"""Services for each test: the real ones, on a copy of the seeded studio or on a fresh database."""

import os
import shutil
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from pages.kit import backend, frame
from services.container import Services, build_services
from services.core.settings import Settings
from services.core.settings_loader import load_settings
from tests.conftest import SECRET_KEY, administer, copied_database, with_database
from tests.pages.seed import REFRESH, SEEDED, seed_studio
from workers.local.redis import EmbeddedRedis

ENTRY = Path(__file__).parents[2] / "pages" / "_entry.py"
NOWHERE = "http://127.0.0.1:9"
"""Where no provider answers: no page needs one."""
Open = Callable[..., AppTest]


@pytest.fixture(scope="session", autouse=True)
def once_per_process() -> Iterator[None]:
    """Do once what each opened page would do anew for a third of its time.

    An AppTest scans all installed packages for components, and a provider's client reads the
    machine's certificates.
    """
    with pytest.MonkeyPatch.context() as patch:
        for module, name in (
            (manifest_scanner, "scan_component_manifests"),
            (ssl, "create_default_context"),
        ):
            patch.setattr(module, name, cache(getattr(module, name)))
        yield


@pytest.fixture(autouse=True)
def local_visit(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Visits come from this machine, and every test builds its services anew."""
    monkeypatch.setattr(frame, "visitor", lambda: (None, {"Host": "localhost:8501"}))
    # Streamlit leaves its script there, and a process forked later would begin by running it.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    backend.services.clear()
    backend.clear_cached_reads()
    yield
    backend.services.clear()
    backend.clear_cached_reads()


@pytest.fixture(scope="session")
def seeded_home(
    postgres_url: str,
    template_database: str,
    redis_server: EmbeddedRedis,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The folder of the seeded studio, whose database `SEEDED` is there to be copied."""
    home = tmp_path_factory.mktemp("seeded")
    administer(postgres_url, f'CREATE DATABASE "{SEEDED}" TEMPLATE "{template_database}"')
    url = with_database(postgres_url, SEEDED)
    services = build_services(settings_for(url, redis_server.url, home))
    seed_studio(services)
    services.database.close()
    return home


@pytest.fixture
def studio(
    postgres_url: str,
    seeded_home: Path,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Services]:
    """The real services on their own copy of the seeded studio, whose providers are simulated."""
    shutil.copytree(seeded_home / "storage", tmp_path / "storage", copy_function=os.link)
    folders = {"seeded": seeded_home.as_uri(), "own": tmp_path.as_uri()}
    with copied_database(postgres_url, SEEDED) as url:
        settings = settings_for(url, redis_url, tmp_path, ATELIER_SIMULATOR_URL=NOWHERE)
        with built_services(settings, monkeypatch) as built:
            with built.database.engine.begin() as connection:
                for statement in REFRESH:
                    connection.execute(text(statement), folders)
            yield built


@pytest.fixture
def fresh_settings(
    database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Settings of services on their own database, Redis and folder; no provider is called."""
    return settings_for(database_url, redis_url, tmp_path)


@pytest.fixture
def fresh_services(fresh_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The real services on a fresh database, as the pages build them."""
    with built_services(fresh_settings, monkeypatch) as built:
        yield built


def settings_for(database_url: str, redis_url: str, home: Path, **others: str) -> Settings:
    """Settings with two providers, which do not answer."""
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": SECRET_KEY,
        "ATELIER_HOME": str(home),
        "REPLICATE_API_TOKEN": "r8_" + "a" * 37,
        "REPLICATE_BASE_URL": NOWHERE,
        "GEMINI_API_KEY": "AIza" + "b" * 35,
        "GEMINI_BASE_URL": NOWHERE,
        **others,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return load_settings(None)


@contextmanager
def built_services(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The services of these settings, given to the pages."""
    built = build_services(settings)
    monkeypatch.setattr(backend, "load_settings", lambda: settings)
    monkeypatch.setattr(backend, "build_services", lambda settings: built)
    yield built
    built.database.close()


@pytest.fixture
def opened() -> Open:
    """Open a page by its address, as a visitor does; the name is its package's."""

    def visit(page: str = "overview", **query: str) -> AppTest:
        at = AppTest.from_file(ENTRY, default_timeout=20)
        if page != "overview":
            # Until a first run, AppTest knows a page by the hash of its address alone.
            at._page_hash = calc_hash("sql_views" if page == "sql" else page)
        for name, value in query.items():
            at.query_params[name] = value
        return at.run()

    return visit


def said(at: AppTest) -> str:
    """Everything that the page says in its own words, components included."""
    text: list[str] = []
    for kind in ("title", "markdown", "caption", "error", "warning"):
        text += [str(getattr(element, "value", "")) for element in at.get(kind)]
    figures = [f"{found.label} {found.value}" for found in at.metric]
    figures += [str(note.value) for note in at.caption]
    figures += [button.label for button in at.button]
    # A dollar sign is escaped there, since two of them would be read as a formula.
    text += [words.replace(r"\$", "$") for words in figures]
    text += [element.proto.json or element.proto.mixed.json for element in drawn(at)]
    return "\n".join(text)


def drawn(at: AppTest) -> list[Any]:
    """The components of the page."""
    return list(at.get("bidi_component"))


def spied(monkeypatch: pytest.MonkeyPatch, service: Any, name: str) -> list[tuple[Any, ...]]:
    """Record the arguments, named ones last as a mapping, of every call of this method."""
    calls: list[tuple[Any, ...]] = []
    method = getattr(service, name)

    def recorded(*given: Any, **named: Any) -> Any:
        calls.append((*given, named))
        return method(*given, **named)

    monkeypatch.setattr(service, name, recorded)
    return calls
