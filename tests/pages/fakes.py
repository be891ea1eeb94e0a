"""A made-up studio for the pages: every state that a tile, a batch or the overview can show.

Nothing here is stored; a test changes `FakeServices` as it likes.
"""

import base64
import colorsys
import io
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

from PIL import Image, ImageDraw, ImageFilter

from services.core.actors import Actor, require
from services.core.errors import DatabaseUnavailableError, InvalidRequestError, NotFoundError
from services.core.settings import Settings
from services.core.states import GenerationState, Kind, Role, SlotRole, SlotState
from services.credits.budget import BudgetStatus
from services.database.seed_poses import seed_poses
from services.gallery.gallery import GalleryItem, GalleryPage, MascotChoice
from services.gallery.overview import AttentionItem, Overview
from services.gallery.picture import PictureDetail, RelatedPicture
from services.media.skeletons import control_picture
from services.monitoring.generations import GenerationPage, GenerationSummary
from services.monitoring.providers import ProviderStatus
from services.monitoring.slots import SlotStatus, SlotSummary
from services.people.visibility import visible_kinds
from services.pipeline.cancel import CancelPreview
from services.pipeline.retry import RetryQuote
from services.pose_library.editing import EditablePose, PoseDraft, skeleton_from_json
from services.pose_library.library import PoseCard
from services.recipes.base import FinalPrompt, Quote, Started
from services.recipes.mascots.pictures import STYLES, MascotCard
from services.recipes.poses.models import PoseModelChoice
from services.recipes.poses.request import PoseMode
from services.references.summaries import ReferenceSummary
from tests.pages.fake_audit import FakeAudit
from tests.pages.fake_credits import ACCOUNT, FakeBudget, FakeCredits
from tests.pages.fake_diagnosis import (
    FakeBulk,
    FakeDiagnoses,
    FakeLocator,
    FakeMissing,
    FakeNotes,
    FakeRemedies,
)
from tests.pages.fake_edits import FakeEdits
from tests.pages.fake_jobs import FakeJobs, process
from tests.pages.fake_references import FakeReferences
from tests.pages.fake_simulations import FakeConsents, FakeScenarios, FakeSimulations
from tests.pages.fake_trainings import FakeStudio, FakeTrainedModels, FakeTraining

NOW = datetime.now(UTC)
NO_BUDGET = BudgetStatus("day", 0.0, None, 0.8, True)


def _draw(number: int, size: int) -> Image.Image:
    hue = (number * 0.381966) % 1
    back = tuple(int(255 * part) for part in colorsys.hls_to_rgb(hue, 0.86, 0.35))
    body = tuple(int(255 * part) for part in colorsys.hls_to_rgb((hue + 0.45) % 1, 0.5, 0.55))
    dark = tuple(int(255 * part) for part in colorsys.hls_to_rgb((hue + 0.45) % 1, 0.2, 0.5))
    height = size if number % 3 else size * 4 // 3
    picture = Image.new("RGB", (size, height), back)
    pen = ImageDraw.Draw(picture)
    unit = size / 20
    pen.ellipse((5 * unit, 8 * unit, 15 * unit, 20 * unit), fill=body)
    pen.ellipse((6 * unit, 2 * unit, 14 * unit, 10 * unit), fill=body)
    for x in (8.2, 11):
        pen.ellipse((x * unit, 5 * unit, (x + 1) * unit, 6.2 * unit), fill=dark)
    pen.arc(
        (8.5 * unit, 5.5 * unit, 11.5 * unit, 8.5 * unit),
        20,
        160,
        fill=dark,
        width=int(unit / 3) + 1,
    )
    return picture


@cache
def picture_bytes(key: str) -> bytes | None:
    """The stored object, or None: keys that begin with `gone` are missing."""
    name, _, number = key.removesuffix(".webp").partition("-")
    if name == "gone":
        return None
    out = io.BytesIO()
    _draw(int(number), 1024 if name == "full" else 384).save(out, "WEBP", quality=80)
    return out.getvalue()


@cache
def placeholder(number: int) -> str:
    """A tiny blurred picture as a data URL."""
    out = io.BytesIO()
    small = _draw(number, 48).filter(ImageFilter.GaussianBlur(3)).resize((16, 16))
    small.save(out, "WEBP", quality=30)
    return "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode()


def slot(
    number: int,
    status: SlotStatus,
    *,
    label: str = "",
    progress: float | None = None,
    waiting_for: str = "",
    failure: str | None = None,
    thumbnail: str = "",
) -> SlotSummary:
    """One slot; a finished one has a picture."""
    is_done = status is SlotStatus.DONE
    states = {
        SlotStatus.DONE: SlotState.FILLED,
        SlotStatus.FAILED: SlotState.FAILED,
        SlotStatus.CANCELED: SlotState.CANCELED,
        SlotStatus.BLOCKED: SlotState.BLOCKED,
    }
    return SlotSummary(
        id=f"slt_{number:026d}",
        generation_id=f"gen_{number // 12:026d}",
        role=SlotRole.POSE,
        label=label or f"Pose {number % 12 + 1}",
        state=states.get(status, SlotState.PENDING),
        status=status,
        asset_id=f"ast_{number:026d}" if is_done else None,
        thumbnail_key=(thumbnail or f"thumb-{number}.webp") if is_done else None,
        placeholder=placeholder(number) if is_done else None,
        progress=progress,
        seconds_left=None if progress is None else 12.0,
        waiting_for=waiting_for,
        failure=failure,
        provider="replicate",
        model="fofr/consistent-character",
        run_id=f"run_{number:026d}",
        price_credits=30,
    )


def generation(
    number: int,
    kind: Kind,
    title: str,
    state: GenerationState,
    slots: tuple[SlotSummary, ...],
    *,
    minutes_ago: float = 3,
    seconds_left: float | None = None,
) -> GenerationSummary:
    """A generation whose counts follow from its slots."""
    filled = sum(1 for card in slots if card.status is SlotStatus.DONE)
    lost = sum(1 for card in slots if card.status in (SlotStatus.FAILED, SlotStatus.CANCELED))
    is_live = state in (GenerationState.QUEUED, GenerationState.RUNNING)
    generation_id = f"gen_{number:026d}"
    return GenerationSummary(
        id=generation_id,
        kind=kind,
        title=title,
        state=state,
        created_at=NOW - timedelta(minutes=minutes_ago),
        finished_at=None if is_live else NOW - timedelta(minutes=minutes_ago - 1),
        price_credits=30 * len(slots),
        refunded_credits=30 * lost,
        filled=filled,
        total=len(slots),
        progress=(filled + lost) / len(slots) if is_live else 1.0,
        seconds_left=seconds_left,
        is_live=is_live,
        is_canceling=False,
        missing=0 if is_live else lost,
        missing_credits=0 if is_live else 30 * lost,
        slots=tuple(replace(card, generation_id=generation_id) for card in slots),
    )


REFUSED = "Replicate refused the prompt: its safety check found it sensitive. Change the words."


def busy_poses() -> GenerationSummary:
    """A batch in which every status can be seen at once."""
    return generation(
        1,
        Kind.POSES,
        "Pip the fox · waving with both hands",
        GenerationState.RUNNING,
        (
            *(slot(n, SlotStatus.DONE) for n in range(12, 17)),
            slot(
                17, SlotStatus.RUNNING, progress=0.62, waiting_for="at Replicate, 18 s of about 25"
            ),
            slot(18, SlotStatus.RUNNING, waiting_for="sending to Replicate"),
            slot(19, SlotStatus.NEEDS_REVIEW, waiting_for="The answer from Replicate was lost"),
            slot(20, SlotStatus.QUEUED, waiting_for="3 runs ahead"),
            slot(21, SlotStatus.BLOCKED, waiting_for="waits for the full body"),
            slot(22, SlotStatus.FAILED, failure=REFUSED),
            slot(23, SlotStatus.CANCELED),
        ),
        seconds_left=50,
    )


def mascot_batch(number: int, title: str, state: GenerationState) -> GenerationSummary:
    """Three variations of three pictures."""
    roles = ("Full body", "Avatar", "Square icon")
    done = state is GenerationState.SUCCEEDED
    slots = []
    for index in range(9):
        label = f"Variation {index // 3 + 1} · {roles[index % 3]}"
        position = number * 12 + index
        if done or index < 3:
            slots.append(slot(position, SlotStatus.DONE, label=label))
        elif state is GenerationState.PARTIAL:
            slots.append(slot(position, SlotStatus.FAILED, label=label, failure=REFUSED))
        elif index % 3 == 0:
            slots.append(
                slot(
                    position,
                    SlotStatus.RUNNING,
                    label=label,
                    progress=0.4,
                    waiting_for="at Gemini, 4 s of about 10",
                )
            )
        else:
            slots.append(
                slot(
                    position, SlotStatus.BLOCKED, label=label, waiting_for="waits for the full body"
                )
            )
    return generation(
        number, Kind.MASCOTS, title, state, tuple(slots), minutes_ago=number * 7, seconds_left=22
    )


def reference(number: int) -> ReferenceSummary:
    """An uploaded picture."""
    names = ("front view.jpg", "IMG_5195.HEIC", "a_very_long_file_name_from_a_phone_0123456789.png")
    return ReferenceSummary(
        id=f"ref_{number:026d}",
        asset_id=f"ast_{number:026d}",
        filename=names[number % 3],
        width=3024,
        height=4032,
        byte_count=1_204_331 + number,
        created_at=NOW - timedelta(hours=number),
        thumbnail_key="gone-1.webp" if number == 4 else f"thumb-{number}.webp",
        storage_key=f"full-{number}.webp",
        placeholder=placeholder(number),
    )


@dataclass
class FakePeople:
    role: Role = Role.ADMIN
    account_id: str | None = ACCOUNT

    def last_account(self, actor: Actor) -> str | None:
        require(actor, Role.VIEWER)
        return self.account_id

    def remember_account(self, actor: Actor, account_id: str) -> None:
        require(actor, Role.VIEWER)
        self.account_id = account_id

    def local(self) -> Actor:
        return Actor("per_local", "You", self.role)

    def by_email(self, email: str) -> Actor | None:
        return None


@dataclass
class FakeRecipe:
    """Both recipes: `starts` holds the (request, key) pairs that were started."""

    generations: "FakeGenerations"
    card: GenerationSummary
    balance: int = 12_480
    starts: list[tuple[Any, str]] = field(default_factory=list)
    mascots: list[MascotCard] = field(
        default_factory=lambda: [
            MascotCard(
                f"mas_{n:026d}",
                ("Pip the fox", "Olga", "<b>Bold</b> *Otto*")[n % 3],
                n % 3 + 1,
                f"{('Pip the fox', 'Olga', '<b>Bold</b> *Otto*')[n % 3]} · Variation {n % 3 + 1}",
                f"thumb-{n + 3}.webp",
                placeholder(n + 3),
            )
            for n in range(7)
        ]
    )

    model_choices: list[PoseModelChoice] = field(
        default_factory=lambda: [
            PoseModelChoice("default", "fofr/consistent-character", "Replicate", True, False, 40.0),
            PoseModelChoice(
                "huggingface",
                "black-forest-labs/FLUX.1-dev",
                "Hugging Face",
                True,
                problem="Hugging Face is not set up here.",
            ),
        ]
    )

    def styles(self, actor: Actor) -> tuple[str, ...]:
        return STYLES

    def with_pictures(self, actor: Actor, account_id: str) -> list[MascotCard]:
        return self.mascots

    def quote(self, actor: Actor, request: Any) -> Quote:
        words = str(getattr(request, "prompt", "") or getattr(request, "description", ""))
        poses = getattr(request, "pose_ids", ())
        is_gallery = getattr(request, "mode", None) is PoseMode.GALLERY
        words = ", ".join(poses) if is_gallery else words
        count = request.picture_count if hasattr(request, "count") else request.variations * 3
        missing = "No pose is chosen." if is_gallery else "Write what it should look like."
        problems = [] if words.strip() else [missing]
        if len(words) > 4000:
            problems.append(f"The model takes 4,000 characters at most; this is {len(words):,}.")
        prompts = (FinalPrompt("Pose", f"{words}, full body, clean background"),) if words else ()
        note = "The model uses the pose's description only." if is_gallery else ""
        price, cost, seconds = 30 * count, 0.049 * count, 10.0 * count
        return Quote(count, price, cost, seconds, self.balance, prompts, tuple(problems), note)

    def models(self, actor: Actor, account_id: str) -> tuple[PoseModelChoice, ...]:
        return tuple(self.model_choices)

    def regenerate_quote(self, actor: Actor, slot_id: str, words: str = "") -> Quote:
        text = f"Avatar of the same character{', ' + words if words else ''}"
        return Quote(1, 10, 0.039, 10.0, self.balance, (FinalPrompt("Avatar", text),))

    def regenerate(
        self, actor: Actor, slot_id: str, idempotency_key: str, words: str = ""
    ) -> Started:
        return self.start(actor, (slot_id, words), idempotency_key)

    def start(self, actor: Actor, request: Any, idempotency_key: str) -> Started:
        require(actor, Role.OPERATOR)
        is_new = all(key != idempotency_key for _, key in self.starts)
        self.starts.append((request, idempotency_key))
        if is_new and self.card not in self.generations.items:
            self.generations.items.insert(0, self.card)
        return Started(self.card.id, is_new, True)


@dataclass
class FakePoseLibrary:
    items: list[PoseCard] = field(
        default_factory=lambda: [
            PoseCard(pose.id, pose.name, pose.category, pose.prompt, pose.skeleton)
            for pose in seed_poses()
        ]
    )

    def choices(self, actor: Actor) -> tuple[PoseCard, ...]:
        return tuple(self.items)


@dataclass
class FakePoseEditor:
    """`changes` holds what was asked: the action, the pose, the draft and the reason."""

    library: FakePoseLibrary
    archived: set[str] = field(default_factory=lambda: {"pose_bowing"})
    changes: list[tuple[str, str, PoseDraft | None, str]] = field(default_factory=list)

    def poses(self, actor: Actor) -> tuple[EditablePose, ...]:
        require(actor, Role.ADMIN)
        return tuple(
            EditablePose(card, number, NOW if card.id in self.archived else None)
            for number, card in enumerate(self.library.items)
        )

    def change(self, actor: Actor, pose_id: str, draft: PoseDraft, reason: str) -> None:
        self._changed(actor, "change", pose_id, draft, reason)

    def archive(self, actor: Actor, pose_id: str, reason: str) -> None:
        self._changed(actor, "archive", pose_id, None, reason)

    def restore(self, actor: Actor, pose_id: str, reason: str) -> None:
        self._changed(actor, "restore", pose_id, None, reason)

    def add(
        self,
        actor: Actor,
        draft: PoseDraft,
        reason: str,
        *,
        copied_from: str = "",
        keypoints: str = "",
    ) -> str:
        self._changed(actor, "add", copied_from or keypoints, draft, reason)
        return "pose_new"

    def drawn(self, actor: Actor, keypoints: str) -> bytes:
        require(actor, Role.ADMIN)
        return control_picture(skeleton_from_json(keypoints))

    def _changed(
        self, actor: Actor, what: str, pose_id: str, draft: PoseDraft | None, reason: str
    ) -> None:
        require(actor, Role.ADMIN)
        if not reason:
            raise InvalidRequestError(problem="Give a reason: it is stored with the change.")
        self.changes.append((what, pose_id, draft, reason))


@dataclass
class FakeGenerations:
    items: list[GenerationSummary]
    is_down: bool = False

    def page(
        self,
        actor: Actor,
        *,
        kinds: tuple[Kind, ...] = (),
        counted: str | None = None,
        before: str | None = None,
        limit: int = 10,
    ) -> GenerationPage:
        if self.is_down:
            raise DatabaseUnavailableError
        found = [card for card in self.items if not kinds or card.kind in kinds]
        return GenerationPage(tuple(found[:limit]), None)

    def card(self, actor: Actor, generation_id: str) -> GenerationSummary:
        for card in self.items:
            if card.id == generation_id:
                return card
        raise NotFoundError(what="generation", id=generation_id)


def simulated_settings(url: str = "http://127.0.0.1:1") -> Settings:
    """Settings with which two of three providers are simulated; none with another `url`."""
    environment = {
        "ATELIER_SIMULATOR_URL": url,
        "REPLICATE_BASE_URL": "http://127.0.0.1:1",
        "GEMINI_BASE_URL": "http://127.0.0.1:1",
    }
    return Settings(**environment)  # type: ignore[arg-type]


@dataclass
class FakeGallery:
    """`kind` and `role` are those of every picture that is opened."""

    total: int = 130
    kind: Kind = Kind.POSES
    role: SlotRole = SlotRole.POSE

    def page(
        self,
        actor: Actor,
        *,
        kind: Kind | None = None,
        mascot_id: str | None = None,
        before: str | None = None,
        limit: int = 60,
    ) -> GalleryPage:
        total = 0 if mascot_id == "none" else self.total
        first = int(before or 0)
        numbers = range(first, min(first + limit, total))
        more = str(first + limit) if first + limit < total else None
        return GalleryPage(tuple(self._item(n) for n in numbers), more, total)

    def _item(self, n: int) -> GalleryItem:
        kind = Kind.POSES if n % 4 else Kind.MASCOTS
        return GalleryItem(
            slot_id=f"slt_{n:026d}",
            asset_id=f"ast_{n:026d}",
            kind=kind,
            role=SlotRole.POSE if n % 4 else SlotRole.AVATAR,
            title="waving with both hands" if n % 4 else "Avatar",
            mascot_name=("Pip the fox", "Olga", "<b>Bold</b> *Otto*")[n % 3],
            thumbnail_key=f"thumb-{n}.webp",
            placeholder=placeholder(n),
        )

    def kinds(self, actor: Actor) -> tuple[Kind, ...]:
        return visible_kinds(actor)

    def mascot_choices(self, actor: Actor) -> list[MascotChoice]:
        return [
            MascotChoice("mas_1", "Pip the fox · Variation 1"),
            MascotChoice("none", "Olga · Variation 2"),
        ]

    def picture(self, actor: Actor, asset_id: str) -> PictureDetail:
        if not asset_id.startswith("ast_"):
            raise NotFoundError(what="picture", id=asset_id)
        n = int(asset_id.removeprefix("ast_"))
        related = RelatedPicture(
            f"ast_{2:026d}", "front view.jpg", "thumb-2.webp", placeholder(2), "subject"
        )
        child = replace(
            related, asset_id=f"ast_{5:026d}", title="waving", thumbnail_key="thumb-5.webp"
        )
        return PictureDetail(
            asset_id=asset_id,
            slot_id=f"slt_{n:026d}",
            generation_id=f"gen_{n:026d}",
            run_id=f"run_{n:026d}",
            kind=self.kind,
            role=self.role,
            title="Pip the fox · waving with both hands",
            storage_key=f"full-{n}.webp",
            thumbnail_key=f"thumb-{n}.webp",
            placeholder=placeholder(n),
            width=1024,
            height=1024,
            byte_count=1_204_331,
            content_type="image/webp",
            sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            prompt="waving with both hands, one foot off the ground, full body, clean background, "
            "<script>alert(1)</script> *not markdown* \u202eright to left",
            seed=4_071_223,
            provider="replicate",
            model="fofr/consistent-character",
            model_version="9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772",
            prediction_id="p7xk2rjpd5rgp0ck3m9s0m8k6w",
            web_url="https://replicate.com/p/p7xk2rjpd5rgp0ck3m9s0m8k6w",
            queue_seconds=2.4,
            provider_seconds=23.1,
            total_seconds=27.8,
            created_at=NOW - timedelta(minutes=42),
            price_credits=30,
            download_name="pip-the-fox-waving.webp",
            parents=(related,),
            children=(
                child,
                replace(child, asset_id=f"ast_{6:026d}", thumbnail_key="thumb-6.webp"),
            ),
            filename=None,
            pose_name="Waving",
            account_id=ACCOUNT,
        )


@dataclass
class FakeOverview:
    value: Overview

    def read(self, actor: Actor) -> Overview:
        return self.value

    def resumed(self, provider: str) -> None:
        self.value = replace(
            self.value,
            providers=tuple(
                replace(view, paused_at=None, paused_reason=None) if view.name == provider else view
                for view in self.value.providers
            ),
        )


def overview(*, is_quiet: bool = False) -> Overview:
    """Busy services, or ones on which nothing ever ran."""
    if is_quiet:
        return Overview(
            0,
            0,
            0,
            0,
            0,
            NO_BUDGET,
            None,
            (0,) * 30,
            {"high": 0, "default": 0, "low": 0},
            (),
            (),
            (),
            (),
        )
    now = tuple(card for card in busy_poses().slots if card.status in ("running", "queued"))
    return Overview(
        running=14,
        waiting=6,
        needs_review=1,
        failed_today=3,
        made_today=412,
        spent_today=BudgetStatus("day", 4.18, 20.0, 0.8, True),
        median_seconds=24.0,
        per_minute=tuple((n * 7) % 11 + n // 4 for n in range(30)),
        queue_depths={"high": 0, "default": 6, "low": 2},
        processes=(
            process("worker-1", "worker", 5, age=1.2, busy=4),
            process("worker-2", "worker", 5, age=96.0, is_alive=False),
            process("dispatcher-1", "dispatcher", 1, age=0.6),
        ),
        providers=(
            ProviderStatus(
                "replicate",
                "Replicate",
                True,
                True,
                "aaa",
                paused_reason="The account is out of funds",
                paused_at=NOW - timedelta(minutes=12),
                is_simulated=True,
            ),
            ProviderStatus("gemini", "Gemini", True, True, "aaa", is_simulated=True),
        ),
        now=now,
        attention=(
            AttentionItem(
                busy_poses().id,
                "Pip the fox · waving with both hands",
                "The response from Replicate was lost. Retry, or fail and refund.",
                "act",
                NOW - timedelta(minutes=41),
            ),
            AttentionItem(
                "gen_3",
                "Olga · Mascots",
                "Replicate is slower than usual.",
                "wait",
                NOW - timedelta(minutes=4),
            ),
        ),
    )


class FakeCancel:
    """Cancels by remembering that it was asked to."""

    def __init__(self) -> None:
        self.canceled: list[tuple[str, str]] = []
        self.kind = Kind.MASCOTS

    def preview(self, actor: Actor, generation_id: str) -> CancelPreview:
        require(actor, Role.OPERATOR)
        return CancelPreview(kind=self.kind, open_slots=6, credits=180, at_provider=3)

    def cancel(self, actor: Actor, generation_id: str, reason: str = "") -> None:
        require(actor, Role.OPERATOR)
        self.canceled.append((generation_id, reason))


class FakeRetry:
    """Quotes two missing pictures; a generation of `too_dear` cannot be paid."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.problems: tuple[str, ...] = ()
        self.kind = Kind.MASCOTS

    def quote(self, actor: Actor, generation_id: str) -> RetryQuote:
        require(actor, Role.VIEWER)
        return RetryQuote(self.kind, 2, 60, 0.08, 9_000, self.problems)

    def start(self, actor: Actor, generation_id: str) -> int:
        require(actor, Role.OPERATOR)
        self.started.append(generation_id)
        return 2


class FakeServices:
    """Everything that a page may ask for."""

    def __init__(self) -> None:
        self.settings = simulated_settings()
        self.database = None
        self.signer = SimpleNamespace(url=lambda key, download_name=None: f"/img/{key}")
        self.pose_library = FakePoseLibrary()
        self.pose_editor = FakePoseEditor(self.pose_library)
        self.pose_signer = SimpleNamespace(url=lambda pose_id, skeleton: f"/img/pose/{pose_id}")
        self.credits = FakeCredits()
        self.accounts = self.ledger = self.prices = self.spending = self.credits
        self.budget = FakeBudget(self.credits.changes)
        self.audit_trail = FakeAudit()
        self.people = FakePeople()
        self.references = FakeReferences([reference(n) for n in range(11)])
        self.reference_uploads = self.reference_eraser = self.references
        self.generations = FakeGenerations(
            [
                busy_poses(),
                mascot_batch(2, "Olga", GenerationState.RUNNING),
                mascot_batch(3, "<b>Bold</b> *Otto*", GenerationState.PARTIAL),
                mascot_batch(4, "Pip the fox", GenerationState.SUCCEEDED),
            ]
        )
        self.mascots = FakeRecipe(
            self.generations, mascot_batch(6, "Nova", GenerationState.RUNNING)
        )
        self.poses = FakeRecipe(self.generations, replace(busy_poses(), id="gen_new"))
        self.edits = FakeEdits(
            self.generations,
            generation(
                9,
                Kind.EDITS,
                "Pip the fox: Waving · TikTok",
                GenerationState.RUNNING,
                (slot(9, SlotStatus.RUNNING, label="Waving · TikTok", progress=0.5),),
            ),
        )
        self.simulations = FakeSimulations()
        self.scenarios = FakeScenarios()
        self.prompt_texts = SimpleNamespace(all=lambda actor: ())
        self.consents = FakeConsents()
        self.trained_models = FakeTrainedModels()
        self.training = FakeTraining(self.references.items, self.trained_models)
        self.studio = FakeStudio(self.trained_models)
        self.cancel = FakeCancel()
        self.retry = FakeRetry()
        self.gallery = FakeGallery()
        self.overview = FakeOverview(overview())
        self.jobs = FakeJobs(self.overview.resumed)
        self.diagnoses = FakeDiagnoses()
        self.locator = FakeLocator()
        self.remedies = FakeRemedies()
        self.bulk = FakeBulk()
        self.missing = FakeMissing()
        self.notes = FakeNotes()
