"""Give pages the services of this process and cached reads of them; the only place that caches."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from services.container import Services, build_services
from services.core.actors import Actor
from services.core.settings_loader import load_settings
from services.core.states import Kind
from services.credits.ledger_reader import AccountTotals
from services.credits.spending import SpendReport
from services.diagnosis.background import Background
from services.diagnosis.detail import Diagnosis
from services.diagnosis.history import Incident
from services.diagnosis.missing import MissingReport
from services.diagnosis.search.results import Located
from services.diagnosis.stalled import StalledReport
from services.gallery.gallery import GalleryItem
from services.gallery.overview import Overview
from services.jobs.board import JobsBoard, Throughput, Window
from services.jobs.filters import RunChoices
from services.monitoring.generations import GenerationList, GenerationPage
from services.pose_library.library import PoseCard
from services.recipes.training.trained_models import TrainedModelCard

P = ParamSpec("P")
R = TypeVar("R")

LATEST_PICTURES = 14
_cached_reads: list[Any] = []


@st.cache_resource(show_spinner=False)
def services() -> Services:
    """Return the services of this process, built once; a failure to build is not cached."""
    return build_services(load_settings())


def picture_url(storage_key: str) -> str:
    """Return a signed address of a stored picture, stable for a while so that browsers cache it."""
    return services().signer.url(storage_key)


def pose_url(pose: PoseCard) -> str:
    """Return the address of a pose's skeleton, stable while the skeleton is unchanged."""
    return services().pose_signer.url(pose.id, pose.skeleton)


def cached_read(seconds: float, max_entries: int = 8) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Cache a read for so many seconds, for everyone with the same role and arguments."""

    def decorate(read: Callable[P, R]) -> Callable[P, R]:
        cached = st.cache_data(
            ttl=seconds,
            max_entries=max_entries,
            show_spinner=False,
            hash_funcs={Actor: lambda actor: actor.role.value},
        )(read)
        _cached_reads.append(cached)
        return cached

    return decorate


def clear_cached_reads() -> None:
    """Make the next read of each fresh; call it after every change."""
    for cached in _cached_reads:
        cached.clear()


@cached_read(seconds=1, max_entries=64)
def generations(
    actor: Actor,
    kinds: tuple[Kind, ...] = (),
    counted: GenerationList | None = None,
    limit: int = 10,
) -> GenerationPage:
    """Read the newest generations."""
    return services().generations.page(actor, kinds=kinds, counted=counted, limit=limit)


@cached_read(seconds=1)
def overview(actor: Actor) -> Overview:
    """Read the state of queue, workers, providers and today's work."""
    return services().overview.read(actor)


def is_all_simulated(actor: Actor) -> bool:
    """Return whether the simulator stands for every provider, so that no dollar is billed."""
    providers = overview(actor).providers
    return bool(providers) and all(view.is_simulated for view in providers)


@cached_read(seconds=2)
def latest_pictures(actor: Actor) -> tuple[GalleryItem, ...]:
    """Read the newest finished pictures."""
    return services().gallery.page(actor, limit=LATEST_PICTURES).items


@cached_read(seconds=10)
def credit_totals(actor: Actor) -> dict[str, AccountTotals]:
    """Read each account's granted, charged and refunded credits, by account id."""
    return services().ledger.totals(actor)


@cached_read(seconds=10, max_entries=16)
def spend_report(actor: Actor, days: int) -> SpendReport:
    """Read the dollars spent in the last `days` days."""
    return services().spending.report(actor, days)


@cached_read(seconds=1, max_entries=64)
def trained_models(actor: Actor, account_id: str) -> tuple[TrainedModelCard, ...]:
    """Read an account's trainings, newest first."""
    return services().trained_models.of_account(actor, account_id)


@cached_read(seconds=1)
def jobs_board(actor: Actor) -> JobsBoard:
    """Read queues, workers and the counts of runs."""
    return services().jobs.board(actor)


@cached_read(seconds=10)
def throughput(actor: Actor, window: Window) -> Throughput:
    """Read how many runs finished in the window and how long they took."""
    return services().jobs.throughput(actor, window)


@cached_read(seconds=60)
def run_choices(actor: Actor) -> RunChoices:
    """Read the values that the list of runs can be filtered by."""
    return services().jobs.choices(actor)


@cached_read(seconds=20, max_entries=32)
def background(actor: Actor, generation_id: str, _case: Diagnosis) -> Background:
    """Read what stands beside the verdict of one generation."""
    return services().diagnoses.background(actor, _case)


@cached_read(seconds=20)
def incidents(actor: Actor) -> tuple[Incident, ...]:
    """Read the outages of the last days."""
    return services().diagnoses.incidents(actor)


@cached_read(seconds=3, max_entries=32)
def diagnosis(actor: Actor, generation_id: str) -> Diagnosis:
    """Diagnose one generation; this polls its provider."""
    return services().diagnoses.diagnose(actor, generation_id)


@cached_read(seconds=5)
def stalled(actor: Actor) -> StalledReport:
    """Read the stalled generations, grouped by cause."""
    return services().diagnoses.stalled(actor)


@cached_read(seconds=5)
def missing(actor: Actor) -> MissingReport:
    """Read the missing pictures, grouped by cause."""
    return services().missing.report(actor)


@cached_read(seconds=5)
def problem_counts(actor: Actor) -> tuple[int, int]:
    """Count stalled generations and missing pictures."""
    return services().diagnoses.counts(actor)


@cached_read(seconds=5, max_entries=32)
def located(actor: Actor, text: str, time_zone: str | None) -> Located:
    """Find what a pasted text identifies."""
    return services().locator.locate(actor, text, time_zone=time_zone)
