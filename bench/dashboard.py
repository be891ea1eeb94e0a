"""`dashboard`: the list of failed jobs beside rq-dashboard's, 100,000 of them, in one run.

Theirs is the address that its own page asks, over HTTP by its own process; ours is the service's
call in this process, since a page of ours has no address that answers with its list alone.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any, TypeVar

import httpx
from redis import Redis

from bench.drawn import free_port
from bench.figures import Figure, at_least
from bench.filling import Filling, fill
from bench.history import far_cursor, uri_prefix
from bench.open_runs import live_on
from bench.rig import Rig, bare_environment, open_rig, progress, wait_until
from bench.rq_remains import QUEUE, changed_keys, digests, plant_failed, plant_remains
from services.core.actors import SYSTEM
from services.core.settings_fields import PROJECT_ROOT
from services.jobs.filters import RunFilters
from services.jobs.run_list import LIMIT
from services.monitoring.run_status import RunGroup
from services.queue.rq_queue import connect

FAILED = 100_000
CALLS = 5
FAR_PAGE = 100
START_SECONDS = 30.0
FILTERS = RunFilters(group=RunGroup.FAILED)

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Page:
    """Seconds for one page on each side, and how many jobs the peer sent for it."""

    number: int
    peer_seconds: float
    our_seconds: float
    peer_jobs: int


def run(scale: float) -> list[Figure]:
    """The same number of failed jobs on both sides; both are read with nothing else running."""
    count = max(LIMIT * FAR_PAGE, round(FAILED * scale))
    with open_rig() as rig:
        redis = connect(rig.env["REDIS_URL"], timeout_seconds=30.0)
        fill(rig.services.database.url, Filling(count, uri_prefix(rig.services), is_failing=True))
        began = perf_counter()
        plant_failed(redis, count)
        progress(f"dashboard: {count:,} failed jobs in Redis in {perf_counter() - began:.0f} s")
        plant_remains(redis)
        live_on(rig.services.database)
        with _peer(rig) as client:
            pages = [_page(rig, client, number) for number in (1, FAR_PAGE)]
            http_seconds, _ = _timed(lambda: client.get("/favicon.ico").raise_for_status())
            ours = _changed(redis, lambda: _visit_ours(rig))
            theirs = _changed(redis, lambda: _visit_peer(client))
    return figures(pages, http_seconds, theirs, ours)


def figures(pages: list[Page], http_seconds: float, theirs: int, ours: int) -> list[Figure]:
    """Each page as a ratio, then what it is made of."""
    ratios = [
        Figure(
            f"page {page.number}: rq-dashboard beside ours",
            page.peer_seconds / page.our_seconds,
            "×",
            at_least(1.0),
        )
        for page in pages
    ]
    page_figures = [figure for page in pages for figure in _page_figures(page)]
    return [
        *ratios,
        *page_figures,
        Figure("rq-dashboard: HTTP alone", 1_000 * http_seconds, "ms"),
        Figure("Redis keys that a visit of rq-dashboard changed", theirs, ""),
        Figure("Redis keys that a visit of ours changed", ours, ""),
    ]


def _page_figures(page: Page) -> Iterator[Figure]:
    yield Figure(f"page {page.number}: rq-dashboard", 1_000 * page.peer_seconds, "ms")
    yield Figure(f"page {page.number}: jobs that rq-dashboard sent", page.peer_jobs, "")
    yield Figure(f"page {page.number}: ours", 1_000 * page.our_seconds, "ms")


def _page(rig: Rig, client: httpx.Client, number: int) -> Page:
    runs = rig.services.jobs.runs
    cursor = far_cursor(
        lambda before: runs(SYSTEM, FILTERS, before=before).next_cursor, page=number
    )
    our_seconds, ours = _timed(lambda: runs(SYSTEM, FILTERS, before=cursor))
    peer_seconds, answer = _timed(lambda: _peer_jobs(client, number))
    # Newest first, rq-dashboard sends one less than it was asked for.
    if len(ours.rows) != LIMIT or len(answer) < LIMIT - 1:
        raise AssertionError(f"page {number}: {len(ours.rows)} and {len(answer)} jobs")
    return Page(number, peer_seconds, our_seconds, len(answer))


def _peer_jobs(client: httpx.Client, page: int, registry: str = "failed") -> list[Any]:
    """Newest first, as many as ours shows."""
    response = client.get(f"/0/data/jobs/{QUEUE}/{registry}/{LIMIT}/dsc/{page}.json")
    jobs: list[Any] = response.raise_for_status().json()["jobs"]
    return jobs


def _timed(call: Callable[[], Answer]) -> tuple[float, Answer]:
    """The median of a few calls, and the last one's answer."""
    seconds = []
    for _ in range(CALLS):
        began = perf_counter()
        answer = call()
        seconds.append(perf_counter() - began)
    return median(seconds), answer


def _changed(redis: Redis, visit: Callable[[], None]) -> int:
    before = digests(redis)
    visit()
    changed = changed_keys(before, digests(redis))
    progress(f"dashboard: changed {sorted(changed)[:5]}")
    return len(changed)


def _visit_ours(rig: Rig) -> None:
    """What the Jobs page reads, and every page's frame."""
    rig.services.jobs.board(SYSTEM)
    rig.services.jobs.runs(SYSTEM, RunFilters())
    rig.services.jobs.runs(SYSTEM, FILTERS)
    rig.services.diagnoses.counts(SYSTEM)


def _visit_peer(client: httpx.Client) -> None:
    """Its page of jobs with what that asks for, waiting ones and failed ones."""
    client.get(f"/0/view/jobs/{QUEUE}/queued/{LIMIT}/dsc/1").raise_for_status()
    for part in ("queues", "workers"):
        client.get(f"/0/data/{part}.json").raise_for_status()
    for registry in ("queued", "failed"):
        _peer_jobs(client, 1, registry)


@contextmanager
def _peer(rig: Rig) -> Iterator[httpx.Client]:
    """rq-dashboard's own server, once it answers."""
    port = free_port()
    command = [sys.executable, "-m", "rq_dashboard", "--json", "--bind", "127.0.0.1"]
    command += ["--port", str(port), "--redis-url", rig.env["REDIS_URL"]]
    with (rig.home / "rq-dashboard.log").open("wb") as log:
        rig.processes["rq-dashboard"] = subprocess.Popen(
            command, cwd=PROJECT_ROOT, env=bare_environment(), stdout=log, stderr=log
        )
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120.0) as client:
        wait_until("rq-dashboard answers", lambda: _answers(client), START_SECONDS)
        yield client


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/favicon.ico").is_success
    except httpx.TransportError:
        return False
