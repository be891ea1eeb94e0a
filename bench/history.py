"""`history`: what reading costs when a year of work is behind it, 100,000 generations.

Each call is made in this process as a page makes it; none may cost the history.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from statistics import median
from time import perf_counter

from sqlalchemy import Select, func, select, text

from bench.figures import Aim, Figure, at_most
from bench.filling import COMMON_WORD, RARE_WORD, Filling, analyze, fill, rows_of
from bench.meter import metered
from bench.open_runs import live_on, plant, stalled_count
from bench.rig import Rig, open_rig, progress, wait_until
from services.container import Services, build_services
from services.core.actors import SYSTEM
from services.core.settings import Settings
from services.core.states import GenerationState, Kind, RunState
from services.database.models import Attempt, Generation, Run, Slot
from services.diagnosis.facts.live import ask_concurrently
from services.jobs.filters import RunFilters
from services.providers.base import Provider
from services.providers.registry import LazyProviders
from services.queue.rq_queue import connect
from services.recipes.registry import work_of
from services.storage.keys import original_key

GENERATIONS = 100_000
CALLS = 7
FAR_PAGE = 100
LIVE_POSES = 4
ENDLESS_SECONDS = 7200.0
AIM = at_most(1_000)
"""Milliseconds."""
MOST_STATEMENTS = at_most(18)
LIVE = "diagnosis, provider and storage asked"
FRESHLY = """
UPDATE app.runs SET due_at = now() + interval '1 minute', enqueued_at = NULL, lease_until = NULL,
    accepted_at = now(), provider_status = 'processing'
WHERE state = 'waiting'
"""
"""What waited while the history was written began just now."""
Call = Callable[[Services], object]
TABLES = ("generations", "runs", "slots", "attempts", "assets", "ledger_entries", "events")


@dataclass(frozen=True)
class Measured:
    """One call, made several times; `statements` are of the first, when nothing is cached yet."""

    seconds: float
    statements: float


def run(scale: float) -> list[Figure]:
    """Real predictions first, on an empty database; then the history, then what goes on."""
    count = max(1_000, round(GENERATIONS * scale))
    with open_rig() as rig:
        live = _start_endless(rig)
        began = perf_counter()
        fill(rig.services.database.url, Filling(count, uri_prefix(rig.services)))
        progress(f"history: filled in {perf_counter() - began:.0f} s")
        _plant_open(rig)
        groups = rig.services.diagnoses.stalled(SYSTEM).groups
        progress("history: " + ", ".join(f"{it.count} {it.cause}" for it in groups))
        listed = sum(it.count for it in groups)
        measured = {name: _measured(rig, call) for name, call in _calls(rig, live)}
        answer = _provider_seconds(rig, live)
        rows = rows_of(rig.services.database.engine, *TABLES)
        uneven = sum(not it.adds_up for it in rig.services.ledger.totals(SYSTEM).values())
    return figures(measured, answer, listed, rows, uneven)


def figures(
    measured: dict[str, Measured],
    provider_seconds: float,
    listed: int,
    rows: dict[str, int],
    uneven: int,
) -> list[Figure]:
    """Each call's time and statements; the provider's own answer is no part of a live diagnosis."""
    lines = [Figure(f"{table.replace('_', ' ')} stored", rows[table], "") for table in rows]
    for name, it in measured.items():
        is_live = name == LIVE
        lines.append(Figure(name, 1_000 * (it.seconds - provider_seconds * is_live), "ms", AIM))
        lines.append(Figure(f"{name}: SQL statements", it.statements, "", _statements_aim(name)))
    return [
        *lines,
        Figure("the provider's answer, not counted above", 1_000 * provider_seconds, "ms"),
        Figure("stalled runs planted", stalled_count(), ""),
        Figure("stalled runs reported wrongly", abs(listed - stalled_count()), "", at_most(0)),
        Figure("accounts whose credits do not add up", uneven, "", at_most(0)),
    ]


def _statements_aim(name: str) -> Aim | None:
    return MOST_STATEMENTS if name.startswith("diagnosis") else None


def uri_prefix(services: Services) -> str:
    """What the storage writes before a key."""
    key = original_key("0" * 64, "png")
    return services.storage.uri(key).removesuffix(key)


def _calls(rig: Rig, live: str) -> Iterator[tuple[str, Call]]:
    stalled, ended = _stalled_one(rig), _ended_one(rig)
    prediction = _prediction_of(rig, ended)
    yield "all that is stalled", lambda it: it.diagnoses.stalled(SYSTEM)
    yield "counts for the frame", lambda it: it.diagnoses.counts(SYSTEM)
    yield "missing pictures", lambda it: it.missing.report(SYSTEM)
    for what, one in (("a stalled one", stalled), ("an ended one", ended)):
        yield f"diagnosis of {what}", partial(_diagnosed, one)
    yield LIVE, lambda it: it.diagnoses.diagnose(SYSTEM, live)
    for what, pasted in (
        ("an id", ended),
        ("a prediction's id", prediction),
        ("a rare word", RARE_WORD),
        ("a word that stands everywhere", COMMON_WORD),
        ("words of a failure", "CUDA out of memory"),
        ("a time", "yesterday at two"),
    ):
        yield f"box: {what}", partial(_located, pasted)
    yield "overview", lambda it: it.overview.read(SYSTEM)
    yield "jobs: board", lambda it: it.jobs.board(SYSTEM)
    yield "jobs: what its filters offer", lambda it: it.jobs.choices(SYSTEM)
    yield from _pages(rig)


def _diagnosed(generation_id: str, services: Services) -> object:
    return services.diagnoses.diagnose(SYSTEM, generation_id, is_live=False)


def _located(pasted: str, services: Services) -> object:
    return services.locator.locate(SYSTEM, pasted)


def _pages(rig: Rig) -> Iterator[tuple[str, Call]]:
    runs, gallery = rig.services.jobs.runs, rig.services.gallery.page
    far_runs = far_cursor(lambda cursor: runs(SYSTEM, RunFilters(), before=cursor).next_cursor)
    far_pictures = far_cursor(lambda cursor: gallery(SYSTEM, before=cursor).next_cursor)
    yield "jobs: page 1", lambda it: it.jobs.runs(SYSTEM, RunFilters())
    yield f"jobs: page {FAR_PAGE}", lambda it: it.jobs.runs(SYSTEM, RunFilters(), before=far_runs)
    yield "gallery: page 1", lambda it: it.gallery.page(SYSTEM)
    yield f"gallery: page {FAR_PAGE}", lambda it: it.gallery.page(SYSTEM, before=far_pictures)
    yield "gallery: one kind", lambda it: it.gallery.page(SYSTEM, kind=Kind.SIMULATIONS)


def far_cursor(next_cursor: Callable[[str | None], str | None], page: int = FAR_PAGE) -> str | None:
    """The cursor of a page, found as people do: page by page; the last one's where there are fewer."""
    cursor: str | None = None
    for _ in range(page - 1):
        following = next_cursor(cursor)
        if following is None:
            break
        cursor = following
    return cursor


def _measured(rig: Rig, call: Call) -> Measured:
    live_on(rig.services.database)
    statements = statements_of(rig.settings, call)
    seconds = []
    for _ in range(CALLS):
        began = perf_counter()
        call(rig.services)
        seconds.append(perf_counter() - began)
    return Measured(median(seconds), statements)


def statements_of(settings: Settings, call: Call) -> float:
    """With services that know nothing yet; those of a first connection are not counted."""
    services = build_services(settings)
    try:
        rows_of(services.database.engine, "accounts")
        with metered(services.database.engine) as cost:
            call(services)
        return cost.statements
    finally:
        services.database.close()


def _start_endless(rig: Rig) -> str:
    """A batch whose predictions stay at the simulator; its processes end."""
    rig.start_pipeline(1)
    mascot = rig.make_mascot()
    rig.set_seconds(ENDLESS_SECONDS)
    rig.start_poses(mascot, LIVE_POSES)
    wait_until("the provider has them", lambda: _waiting(rig) == LIVE_POSES, 60)
    rig.stop_processes()
    with rig.services.database.transaction() as session:
        return session.scalars(
            select(Run.generation_id).where(Run.state == RunState.WAITING).limit(1)
        ).one()


def _waiting(rig: Rig) -> int:
    with rig.services.database.transaction() as session:
        runs = session.scalars(select(Run).where(Run.state == RunState.WAITING)).all()
    return len([run for run in runs if run.accepted_at])


def _plant_open(rig: Rig) -> None:
    live_on(rig.services.database)
    with rig.services.database.transaction() as session:
        session.execute(text(FRESHLY))
    plant(rig.services.database, connect(rig.env["REDIS_URL"], timeout_seconds=5.0))
    analyze(rig.services.database.url)


def _stalled_one(rig: Rig) -> str:
    groups = rig.services.diagnoses.stalled(SYSTEM).groups
    lost = next(it for it in groups if it.cause == "redis_lost_job")
    return lost.items[0].generation_id


def _ended_one(rig: Rig) -> str:
    """A batch of four from the middle of the year, of which some were not made."""
    with rig.services.database.transaction() as session:
        partial = (
            select(Generation.id)
            .join(Slot, Slot.generation_id == Generation.id)
            .where(Generation.state == GenerationState.PARTIAL)
            .group_by(Generation.id)
            .having(func.count() == LIVE_POSES)
            .order_by(Generation.id)
        )
        found = session.scalars(partial).all()
    return found[len(found) // 2]


def _prediction_of(rig: Rig, generation_id: str) -> str:
    with rig.services.database.transaction() as session:
        return session.scalars(_predictions(generation_id)).all()[0] or ""


def _predictions(generation_id: str) -> Select[str | None]:
    attempts = select(Attempt.prediction_id).join(Run, Run.id == Attempt.run_id)
    return attempts.where(Run.generation_id == generation_id)


def _provider_seconds(rig: Rig, live: str) -> float:
    """What the same questions cost alone, asked as the diagnosis asks them."""
    providers = LazyProviders(rig.settings)
    with rig.services.database.transaction() as session:
        ids = [it for it in session.scalars(_predictions(live)) if it]
    seconds = []
    for _ in range(CALLS):
        began = perf_counter()
        ask_concurrently(ids, lambda it: _asked(providers, it))
        seconds.append(perf_counter() - began)
    return median(seconds)


def _asked(providers: Mapping[str, Provider], prediction_id: str) -> object:
    predictions = work_of(Kind.POSES).predictions(providers["replicate"])
    return predictions.get(prediction_id) if predictions else None
