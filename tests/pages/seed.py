"""The studio that page tests begin with: work of every kind, in every state that a page shows.

Written once for each pytest process. A test that needs another state plants it itself.
"""

from functools import partial

from services.container import Services
from services.core.actors import Actor
from services.core.states import (
    EntryKind,
    Kind,
    MissingCause,
    ReconciliationScope,
    ReconciliationState,
    RunState,
    Tier,
)
from services.database.models import (
    Account,
    Asset,
    Generation,
    Heartbeat,
    LedgerEntry,
    OrphanedFile,
    Pose,
    ProviderState,
    Reconciliation,
    Slot,
    TrainedModel,
)
from services.database.seed import DEFAULT_ACCOUNT_ID, LOCAL_PERSON_ID
from services.pipeline.leases import Step
from services.pipeline.transitions import cancel_run
from services.providers.base import FailureClass
from services.recipes.mascots.pictures import STYLES
from services.recipes.mascots.recipe import MascotsRequest
from services.recipes.poses.request import PosesRequest
from services.recipes.simulations.recipe import SimulationRequest
from services.recipes.studio.recipe import StudioRequest
from services.recipes.training.request import ModelTrainingRequest
from tests.integration.jobs.planted import ago
from tests.pages.planting import (
    add,
    at_provider,
    fail,
    finish,
    finish_all,
    lose_answer,
    postpone,
    rows,
    runs_of,
    set_rows,
    set_run,
)
from tests.unit.media.drawn import encoded, scene

SEEDED = "atelier_seeded"
"""The name of its database."""
FOX, BOLD, OLGA = "Pip the fox", "<b>Bold</b> *Otto*", "Olga"
"""Mascots: one with all pictures, one whose batch failed in part, one whose batches are stuck."""
HOSTILE = "<b>Invoice</b> *4711* [x](javascript:y)"
"""A person's words that would be markup, if a page let them."""
REFUSED = "The prompt was found sensitive."
FILES = (
    *("front view.jpg", "side view.jpg", "IMG_5195.jpg", "hat.png"),
    *("scarf.png", "garden.png", "beach.png"),
)
"""References; of the first one a mascot and a simulation were made, of the others trainings."""
KIDS = "acc_kids"
GRANTED = 20_000
ARCHIVED_POSE = "pose_bowing"
REFRESH = (
    "UPDATE app.heartbeats SET heartbeat_at = now() + interval '1 hour' WHERE name <> 'worker-2'",
    "UPDATE app.runs SET due_at = now() + interval '10 minutes' WHERE state = 'waiting'",
    "UPDATE app.assets SET storage_uri = replace(storage_uri, :seeded, :own)",
)
"""For a copy: its processes live and no poll is late, however slow a test is; its files are its own."""


def seed_studio(services: Services) -> None:
    """Write the whole studio."""
    actor = services.people.local()
    _add_accounts(services)
    _add_processes(services)
    set_rows(services, Pose, Pose.id == ARCHIVED_POSE, archived_at=ago(3600))
    references = _upload(services, actor)
    fox = _mascots(services, actor, references[0])
    _busy_poses(services, actor, fox)
    _train(services, actor, references[1:])
    _simulate(services, actor, references[0])
    _lose_files(services)


def _add_accounts(services: Services) -> None:
    grant = LedgerEntry(
        id="led_0grant",
        account_id=DEFAULT_ACCOUNT_ID,
        kind=EntryKind.GRANT,
        amount=GRANTED,
        idempotency_key="seed-grant",
        actor=LOCAL_PERSON_ID,
        reason=HOSTILE,
    )
    kids = Account(
        id=KIDS, name="Sunset Kids", tier=Tier.UNLIMITED, time_zone="Asia/Tokyo", daily_quota=200
    )
    add(services, grant, kids)
    # Of two accounts, a visit begins with the one that the person worked for last.
    services.people.remember_account(services.people.local(), DEFAULT_ACCOUNT_ID)


def _add_processes(services: Services) -> None:
    """Add a busy worker, a silent one and a dispatcher on another host, and the providers."""
    process = partial(Heartbeat, host="elsewhere", pid=4121, thread_count=5)
    add(
        services,
        process(name="worker-1", role="worker", detail={"busy": 4, "memory_bytes": 112_000_000}),
        process(name="worker-2", role="worker", detail={}, heartbeat_at=ago(3 * 3600)),
        process(name="dispatcher-1", role="dispatcher", detail={}),
        ProviderState(
            provider="replicate",
            paused_at=ago(3600),
            paused_reason="The account is out of funds",
            paused_failure=FailureClass.FUNDS,
        ),
        ProviderState(provider="gemini"),
    )


def _upload(services: Services, actor: Actor) -> tuple[str, ...]:
    uploads = [
        services.reference_uploads.upload(
            actor, DEFAULT_ACCOUNT_ID, name, encoded(scene(number), "PNG")
        )
        for number, name in enumerate(FILES)
    ]
    return tuple(it.reference.id for it in uploads if it.reference)


def _mascots(services: Services, actor: Actor, reference_id: str) -> str:
    """Start one batch that succeeds, one that fails in part and three that are stuck; return a fox."""

    def start(name: str, key: str, variations: int, *references: str) -> str:
        request = MascotsRequest(
            DEFAULT_ACCOUNT_ID, name, f"{name}, a fox", STYLES[0], references, variations
        )
        return services.mascots.start(actor, request, key).generation_id

    finish_all(services, start(FOX, "fox", 2, reference_id))
    partial_id = start(BOLD, "bold", 2)
    first, second = runs_of(services, partial_id)
    finish(services, first)
    fail(services, second, FailureClass.CONTENT_REFUSED, REFUSED)
    finish_all(services, partial_id)
    for number in range(3):
        postpone(services, start(OLGA, f"olga-{number}", 1))
    foxes = services.mascots.with_pictures(actor, DEFAULT_ACCOUNT_ID)
    return next(card.id for card in foxes if card.name == FOX)


def _busy_poses(services: Services, actor: Actor, mascot_id: str) -> None:
    """Start one batch with a picture in every status."""
    request = PosesRequest(DEFAULT_ACCOUNT_ID, mascot_id, "waving with both hands", 10)
    runs = runs_of(services, services.poses.start(actor, request, "busy").generation_id)
    for run in runs[:4]:
        finish(services, run)
    at_provider(services, runs[4], progress=0.62)
    held = {"lease_until": ago(-3600 * 24), "worker": "worker-1/1", "started_at": ago(1)}
    set_run(services, runs[5], RunState.SUBMITTING, **held)
    lose_answer(services, runs[6])
    fail(services, runs[8], FailureClass.CONTENT_REFUSED, REFUSED)
    with services.database.transaction() as session:
        cancel_run(session, Step(runs[9].id, runs[9].seq))


def _train(services: Services, actor: Actor, references: tuple[str, ...]) -> None:
    """Start trainings: one in each state, two of them completed; and a picture of one."""

    def start(name: str, word: str) -> str:
        captions = ((references[0], "by a lake"),)
        request = ModelTrainingRequest(
            DEFAULT_ACCOUNT_ID, name, "person", "woman", word, references, captions
        )
        return services.training.start(actor, request, word).generation_id

    start("Ada", "ada0005")
    fail(services, runs_of(services, start("Olga", "olga0004"))[0], FailureClass.PLATFORM)
    for name, word in (("Mira", "mira0003"), ("<b>Mira</b> *2*", "mira0002")):
        version = f"studio/atelier-{word}:{word * 8}"
        finish(services, runs_of(services, start(name, word))[0], version=version)
    bruno = start("Bruno", "bruno0001")
    doing = {"progress": 0.42, "stage": "training", "provider_status": "processing"}
    at_provider(services, runs_of(services, bruno)[0], seconds=500, **doing)
    losses = [[10, 0.5], [20, 0.4], [30, 0.38]]
    set_rows(services, TrainedModel, TrainedModel.generation_id == bruno, losses=losses)
    (mira,) = rows(services, TrainedModel, TrainedModel.trigger_word == "mira0002")
    picture = StudioRequest(DEFAULT_ACCOUNT_ID, mira.id, "by the sea")
    finish_all(services, services.studio.start(actor, picture, "sea").generation_id)


def _simulate(services: Services, actor: Actor, reference_id: str) -> None:
    """Start a simulation that succeeds, with its consent."""
    request = SimulationRequest(
        DEFAULT_ACCOUNT_ID, reference_id, "projection-level-2", 0.5, 30, has_consent=True
    )
    finish_all(services, services.simulations.start(actor, request, "body").generation_id)


def _lose_files(services: Services) -> None:
    """Let a comparison have found two missing pictures of the busy batch, and an orphaned file."""
    (busy,) = rows(services, Generation, Generation.kind == Kind.POSES)
    filled = [
        it.asset_id for it in rows(services, Slot, Slot.generation_id == busy.id) if it.asset_id
    ]
    lost = Asset.id.in_(filled[:2])
    for asset in rows(services, Asset, lost):
        services.storage.delete(asset.storage_key)
    gone = {"missing_at": ago(5 * 3600), "missing_cause": MissingCause.GONE}
    set_rows(services, Asset, lost, **gone)
    add(
        services,
        OrphanedFile(
            storage_key="originals/ab/x.webp", byte_count=1_204_331, modified_at=ago(1500)
        ),
        Reconciliation(
            id="rec_1",
            scope=ReconciliationScope.FULL,
            state=ReconciliationState.DONE,
            ended_at=ago(3600),
            object_count=12_481,
            missing_count=2,
            orphan_count=1,
        ),
    )
