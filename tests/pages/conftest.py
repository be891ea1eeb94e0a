"""Services for each test: fakes of a made-up studio, or the real ones on their own database."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from pages.kit import backend, frame
from services.container import Services, build_services
from services.core.settings import Settings
from services.core.settings_loader import load_settings
from tests.conftest import SECRET_KEY
from tests.pages.fakes import FakeServices

ENTRY = Path(__file__).parents[2] / "pages" / "_entry.py"
Open = Callable[..., AppTest]


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


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> FakeServices:
    """The made-up studio, with every state in it."""
    made_up = FakeServices()
    monkeypatch.setattr(backend, "load_settings", lambda: None)
    monkeypatch.setattr(backend, "build_services", lambda settings: made_up)
    return made_up


@pytest.fixture
def real_settings(
    database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Settings of services on their own database, Redis and folder; no provider is called."""
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": SECRET_KEY,
        "ATELIER_HOME": str(tmp_path),
        "REPLICATE_API_TOKEN": "r8_" + "a" * 37,
        "GEMINI_API_KEY": "AIza" + "b" * 35,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load_settings(None)


@pytest.fixture
def real_services(real_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The real services, as the pages build them."""
    built = build_services(real_settings)
    monkeypatch.setattr(backend, "load_settings", lambda: real_settings)
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
