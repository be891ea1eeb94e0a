"""The first request of a fresh server is a deep link: it must meet the sign-in first."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import open_page
from tests.e2e.running_app import ROOT, free_port
from tests.waiting import eventually

PAGES = {
    "": "Overview",
    "mascots": "Mascots",
    "poses": "Poses",
    "simulations": "Simulations",
    "training": "Training",
    "studio": "Studio",
    "gallery": "Gallery",
    "references": "References",
    "credits": "Credits",
    "audit": "Audit",
    "diagnose": "Diagnose",
    "jobs": "Jobs",
    "pose_library": "Pose library",
    "sql_views": "SQL",
    "system": "System",
    "picture?id=ast_unknown": "Picture",
}

FIRST = ("", "gallery", "system", "picture?id=ast_unknown")
"""The start, a page in everybody's menu, one in some people's and one in nobody's."""


@contextmanager
def fresh_server(database_url: str, redis_url: str, home: str) -> Iterator[int]:
    """The web process alone, never visited before; yields its port."""
    port = free_port()
    env = os.environ | {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "ATELIER_HOME": home,
        "ATELIER_PORT": str(port),
        "SECRET_KEY": "a-key-for-tests-0123456789abcdef",
        "REPLICATE_API_TOKEN": "r8_" + "simulated0" * 4,
        "GEMINI_API_KEY": "AIza" + "simulated0" * 4,
    }
    command = [sys.executable, "-m", "workers.web"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: _answers(port), 30)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/_stcore/health").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("path", FIRST)
def test_a_page_opened_first_is_drawn_inside_the_frame(
    browser: Browser, database_url: str, redis_url: str, tmp_path: str, path: str
) -> None:
    with fresh_server(database_url, redis_url, str(tmp_path)) as port:
        context = browser.new_context()
        page = context.new_page()
        refused: list[str] = []
        page.on("response", lambda it: refused.append(it.url) if it.status >= 400 else None)
        open_page(page, f"http://127.0.0.1:{port}/{path}")
        expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(len(PAGES) - 1)
        assert refused == []
        context.close()


def test_the_start_page_opens_under_its_name_too(
    browser: Browser, database_url: str, redis_url: str, tmp_path: str
) -> None:
    with fresh_server(database_url, redis_url, str(tmp_path)) as port:
        context = browser.new_context()
        page = context.new_page()
        open_page(page, f"http://127.0.0.1:{port}/overview")
        expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
        expect(page.get_by_text("Page not found")).to_have_count(0)
        context.close()


def test_a_stranger_sees_nothing_on_any_page_while_nobody_has_opened_one(
    browser: Browser, database_url: str, redis_url: str, tmp_path: str
) -> None:
    # None of these visits comes as far as the navigation, so the server stays fresh for each.
    with fresh_server(database_url, redis_url, str(tmp_path)) as port:
        for path, title in PAGES.items():
            context = browser.new_context()
            page = context.new_page()
            reply = page.goto(f"http://other.example:{port}/{path}")
            assert reply is not None and reply.status == 403
            expect(page.get_by_text("does not answer under this host name")).to_be_visible()
            expect(page.get_by_role("heading", name=title, exact=True)).to_have_count(0)
            context.close()
