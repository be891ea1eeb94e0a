"""The running services and the snapshots that all sessions share; the only place that caches."""

import streamlit as st

from services.container import Services, build_services
from services.core.actors import Actor
from services.core.settings import load_settings
from services.core.states import Kind
from services.credits.spend import SpendReport
from services.credits.totals import AccountTotals
from services.diagnosis.detail import Diagnosis
from services.diagnosis.missing import MissingReport
from services.diagnosis.search.results import Located
from services.diagnosis.stalled import StalledReport
from services.gallery.gallery import GalleryItem
from services.gallery.overview import Overview
from services.jobs.board import JobsBoard
from services.jobs.choices import RunChoices
from services.jobs.throughput import Throughput, Window
from services.monitoring.generations import GenerationPage
from services.pose_library.library import PoseCard
from services.recipes.training.trained_models import TrainedModelCard

LATEST = 14


@st.cache_resource(show_spinner=False)
def services() -> Services:
    """The services of this process, built once; a failure to build is not kept."""
    return build_services(load_settings())


def picture_url(storage_key: str) -> str:
    """A signed address of a stored picture, the same for a while so that browsers cache it."""
    return services().signer.url(storage_key)


def pose_url(pose: PoseCard) -> str:
    """The address of a pose's skeleton, the same for as long as the skeleton is."""
    return services().pose_signer.url(pose.id, pose.skeleton)


def generations(
    actor: Actor, kinds: tuple[Kind, ...] = (), *, before: str | None = None, limit: int = 10
) -> GenerationPage:
    """The newest generations, read once a second for everyone with this role."""
    values = tuple(kind.value for kind in kinds)
    return _generations(actor.role.value, values, before, limit, actor)


def overview(actor: Actor) -> Overview:
    """The desk's state, read once a second for everyone with this role."""
    return _overview(actor.role.value, actor)


def latest_pictures(actor: Actor) -> tuple[GalleryItem, ...]:
    """The newest finished pictures, read every two seconds for everyone with this role."""
    return _latest(actor.role.value, actor)


def credit_totals(actor: Actor) -> dict[str, AccountTotals]:
    """What became of every account's credits, read every ten seconds for everyone."""
    return _credit_totals(actor.role.value, actor)


def spend_report(actor: Actor, days: int) -> SpendReport:
    """The dollars of so many days, read every ten seconds for everyone."""
    return _spend_report(actor.role.value, days, actor)


def trained_models(actor: Actor, account_id: str) -> tuple[TrainedModelCard, ...]:
    """An account's trainings, read once a second for everyone with this role."""
    return _trained_models(actor.role.value, account_id, actor)


def jobs_board(actor: Actor) -> JobsBoard:
    """Queues, workers and counts, read once a second for everyone with this role."""
    return _jobs_board(actor.role.value, actor)


def throughput(actor: Actor, window: Window) -> Throughput:
    """What was finished and how long it took, read every ten seconds for everyone."""
    return _throughput(actor.role.value, window.value, actor)


def run_choices(actor: Actor) -> RunChoices:
    """What runs can be narrowed to, read once a minute for everyone."""
    return _run_choices(actor.role.value, actor)


def diagnosis(actor: Actor, generation_id: str) -> Diagnosis:
    """One generation's case with a fresh look at its provider, every three seconds at most."""
    return _diagnosis(actor.role.value, generation_id, actor)


def stalled(actor: Actor) -> StalledReport:
    """What stands still, read every five seconds for everyone with this role."""
    return _stalled(actor.role.value, actor)


def missing(actor: Actor) -> MissingReport:
    """Which pictures are missing, read every five seconds for everyone with this role."""
    return _missing(actor.role.value, actor)


def trouble_counts(actor: Actor) -> tuple[int, int]:
    """How many generations are stalled and pictures missing, read every five seconds."""
    return _trouble_counts(actor.role.value, actor)


def located(actor: Actor, text: str, time_zone: str | None) -> Located:
    """What a pasted text leads to, looked up once for the reruns of a few seconds."""
    return _located(actor.role.value, text, time_zone, actor)


def forget_snapshots() -> None:
    """Make the next read fresh, after something was changed."""
    _jobs_board.clear()
    _throughput.clear()
    _run_choices.clear()
    _diagnosis.clear()
    _stalled.clear()
    _missing.clear()
    _trouble_counts.clear()
    _located.clear()
    _credit_totals.clear()
    _spend_report.clear()
    _generations.clear()
    _overview.clear()
    _latest.clear()
    _trained_models.clear()


@st.cache_data(ttl=1, max_entries=64, show_spinner=False)
def _generations(
    role: str, kinds: tuple[str, ...], before: str | None, limit: int, _actor: Actor
) -> GenerationPage:
    chosen = tuple(Kind(value) for value in kinds)
    return services().generations.page(_actor, kinds=chosen, before=before, limit=limit)


@st.cache_data(ttl=1, max_entries=8, show_spinner=False)
def _overview(role: str, _actor: Actor) -> Overview:
    return services().overview.read(_actor)


@st.cache_data(ttl=2, max_entries=8, show_spinner=False)
def _latest(role: str, _actor: Actor) -> tuple[GalleryItem, ...]:
    return services().gallery.page(_actor, limit=LATEST).items


@st.cache_data(ttl=10, max_entries=8, show_spinner=False)
def _credit_totals(role: str, _actor: Actor) -> dict[str, AccountTotals]:
    return services().credits.totals(_actor)


@st.cache_data(ttl=10, max_entries=16, show_spinner=False)
def _spend_report(role: str, days: int, _actor: Actor) -> SpendReport:
    return services().credits.spend(_actor, days)


@st.cache_data(ttl=1, max_entries=64, show_spinner=False)
def _trained_models(role: str, account_id: str, _actor: Actor) -> tuple[TrainedModelCard, ...]:
    return services().trained_models.of_account(_actor, account_id)


@st.cache_data(ttl=1, max_entries=8, show_spinner=False)
def _jobs_board(role: str, _actor: Actor) -> JobsBoard:
    return services().jobs.board(_actor)


@st.cache_data(ttl=10, max_entries=8, show_spinner=False)
def _throughput(role: str, window: str, _actor: Actor) -> Throughput:
    return services().jobs.throughput(_actor, Window(window))


@st.cache_data(ttl=60, max_entries=8, show_spinner=False)
def _run_choices(role: str, _actor: Actor) -> RunChoices:
    return services().jobs.choices(_actor)


@st.cache_data(ttl=3, max_entries=32, show_spinner=False)
def _diagnosis(role: str, generation_id: str, _actor: Actor) -> Diagnosis:
    return services().diagnoses.diagnose(_actor, generation_id)


@st.cache_data(ttl=5, max_entries=8, show_spinner=False)
def _stalled(role: str, _actor: Actor) -> StalledReport:
    return services().diagnoses.stalled(_actor)


@st.cache_data(ttl=5, max_entries=8, show_spinner=False)
def _missing(role: str, _actor: Actor) -> MissingReport:
    return services().missing.report(_actor)


@st.cache_data(ttl=5, max_entries=8, show_spinner=False)
def _trouble_counts(role: str, _actor: Actor) -> tuple[int, int]:
    return services().diagnoses.counts(_actor)


@st.cache_data(ttl=5, max_entries=32, show_spinner=False)
def _located(role: str, text: str, time_zone: str | None, _actor: Actor) -> Located:
    return services().locator.locate(_actor, text, time_zone=time_zone)
