"""The request of the poses page resolved into poses, prompts and problems."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.text import clean
from services.database.models import Mascot, Pose, TrainedModel
from services.providers.base import ModelCapabilities
from services.recipes.base import FinalPrompt, prompt_problems
from services.recipes.edits.slots import EditChoices
from services.recipes.mascots.pictures import best_picture
from services.recipes.poses.models import DEFAULT, TRAINED, PoseModel
from services.recipes.prompt_texts import PromptText, words_of

MAX_COUNT = 20
MAX_BATCH = 4
MAX_PICTURES = 60
MAX_TITLE_CHARACTERS = 160
NO_MASCOT = "No mascot is chosen. Choose one, or a trained model, which needs none."
NO_PICTURE = (
    "This mascot has no picture yet. Choose one that has, or wait until its batch has made one."
)
BOOSTERS = "same character, full body, sharp focus, clean edges, balanced light, high detail"
QUALITY = PromptText("pose_quality", "Quality words of poses", BOOSTERS)


class PoseMode(StrEnum):
    """Where the pose comes from."""

    GALLERY = "gallery"
    TEXT = "text"


@dataclass(frozen=True)
class PosesRequest:
    """A mascot, and the pose in words × `count`, or poses of the library × `batch_size`.

    In gallery mode `prompt` holds words that are added to each pose. `model` is one of
    `PoseModels`; a trained one is a subject of its own and needs no mascot. `enhance` adds words
    that make pictures better to each prompt.
    """

    account_id: str
    mascot_id: str = ""
    prompt: str = ""
    count: int = 1
    mode: PoseMode = PoseMode.TEXT
    pose_ids: tuple[str, ...] = ()
    batch_size: int = 1
    model: str = DEFAULT
    enhance: bool = True
    edits: EditChoices = field(default_factory=EditChoices)
    """What is made of each picture once it is there."""

    @property
    def source(self) -> str:
        """What is posed: a `mascot`, or what a `trained` model was taught."""
        return "trained" if self.model.startswith(TRAINED) else "mascot"

    @property
    def pictures_of_each(self) -> int:
        """Return how many pictures show the same pose."""
        return max(0, self.batch_size if self.mode is PoseMode.GALLERY else self.count)

    @property
    def picture_count(self) -> int:
        """Return how many pictures it asks for."""
        is_gallery = self.mode is PoseMode.GALLERY
        return self.pictures_of_each * (len(self.pose_ids) if is_gallery else 1)

    def cleaned(self) -> "PosesRequest":
        """Return the request with its texts as they will be stored, and each pose once."""
        return replace(
            self,
            prompt=clean(self.prompt),
            pose_ids=tuple(dict.fromkeys(self.pose_ids)),
            edits=self.edits.cleaned(),
        )

    def as_json(self) -> dict[str, Any]:
        """Return what is stored of it: the fields of its mode."""
        stored = {
            "account_id": self.account_id,
            "mascot_id": self.mascot_id,
            "source": self.source,
            "model": self.model,
            "mode": self.mode.value,
            "prompt": self.prompt,
            "enhance": self.enhance,
            **({"edits": self.edits.as_json()} if self.edits.slots_each else {}),
        }
        if self.mode is PoseMode.TEXT:
            return {**stored, "count": self.count}
        return {**stored, "pose_ids": list(self.pose_ids), "batch_size": self.batch_size}


@dataclass(frozen=True)
class Subject:
    """Who is posed: a mascot, with the picture that the model is given, or a trained model's.

    A trained model may be given a mascot as well; no picture: words are all that the model gets.
    """

    mascot: Mascot | None
    asset_id: str | None
    trained: TrainedModel | None = None

    @property
    def name(self) -> str:
        """Its name in titles."""
        known = self.mascot or self.trained
        return known.name if known else "Mascot"

    def prompt(self, words: str, boosters: str = "") -> str:
        """The pose with its subject; a trained model's trigger word comes first."""
        mascot = self.mascot
        context = [f"{mascot.name}, {mascot.description}"] if mascot else []
        context += [boosters] if boosters else []
        text = f"{words}. {', '.join(context)}" if context else words
        return f"{self.trained.trigger_word}, {text}" if self.trained else text


@dataclass(frozen=True)
class ResolvedPose:
    """One pose with the prompt that will be sent; a pose in words has no id and no skeleton."""

    name: str
    prompt: str
    id: str | None = None
    skeleton: dict[str, Any] | None = None


@dataclass(frozen=True)
class ResolvedPoses:
    """The rows of a request; no subject: the mascot lacks what the model needs."""

    request: PosesRequest
    subject: Subject | None
    poses: tuple[ResolvedPose, ...]

    def final_prompts(self) -> tuple[FinalPrompt, ...]:
        """Return the prompts, once there is a subject."""
        if self.subject is None:
            return ()
        return tuple(FinalPrompt(pose.name, pose.prompt) for pose in self.poses)

    def title(self, of_each: int) -> str:
        """`Fennel: 3 poses × 2`; in text mode the words."""
        name = self.subject.name if self.subject else "Mascot"
        if self.request.mode is PoseMode.TEXT:
            return f"{name}: {self.request.prompt.strip()}"[:MAX_TITLE_CHARACTERS]
        poses = self.poses[0].name if len(self.poses) == 1 else f"{len(self.poses)} poses"
        return f"{name}: {poses}" + (f" × {of_each}" if of_each > 1 else "")


def resolve_poses(session: Session, request: PosesRequest, chosen: PoseModel) -> ResolvedPoses:
    """Look up what the request names; poses that cannot be chosen any more are left out."""
    subject = _subject(session, request, chosen)
    known_subject = subject or Subject(None, None)
    boosters = words_of(session, [QUALITY])[QUALITY.id] if request.enhance else ""
    if request.mode is PoseMode.TEXT:
        words = ResolvedPose("Pose", known_subject.prompt(request.prompt.strip(), boosters))
        return ResolvedPoses(request, subject, (words,))
    rows = session.scalars(
        select(Pose).where(Pose.id.in_(request.pose_ids), Pose.archived_at.is_(None))
    )
    known = {row.id: row for row in rows}
    poses = [known[pose_id] for pose_id in request.pose_ids if pose_id in known]
    return ResolvedPoses(
        request,
        subject,
        tuple(
            ResolvedPose(
                name=pose.name,
                prompt=known_subject.prompt(_with_extra(pose.prompt, request.prompt), boosters),
                id=pose.id,
                skeleton=pose.skeleton,
            )
            for pose in poses
        ),
    )


def problems_of(
    request: PosesRequest, resolved: ResolvedPoses, can: ModelCapabilities
) -> list[str]:
    """Return why it cannot be started, as sentences; missing input comes first."""
    problems = []
    if resolved.subject is None:
        problems.append(NO_PICTURE if request.mascot_id else NO_MASCOT)
    is_text = request.mode is PoseMode.TEXT
    problems += _text_problems(request) if is_text else _gallery_problems(request, resolved)
    if is_text and not request.prompt.strip():
        return problems
    longest = max((pose.prompt for pose in resolved.poses), key=len, default="")
    return problems + (prompt_problems("The pose", longest, can) if longest else [])


def _text_problems(request: PosesRequest) -> list[str]:
    problems = []
    if not 1 <= request.count <= MAX_COUNT:
        problems.append(f"Choose 1 to {MAX_COUNT} pictures.")
    if not request.prompt.strip():
        problems.append("The pose is empty: say what the mascot does.")
    return problems


def _gallery_problems(request: PosesRequest, resolved: ResolvedPoses) -> list[str]:
    if not request.pose_ids:
        return ["No pose is chosen. Choose at least one."]
    problems = []
    if len(resolved.poses) < len(request.pose_ids):
        problems.append(
            "A pose that you chose is not in the library any more. Clear the choice and choose again."
        )
    if not 1 <= request.batch_size <= MAX_BATCH:
        problems.append(f"Choose 1 to {MAX_BATCH} pictures of each pose.")
    if request.picture_count > MAX_PICTURES:
        problems.append(
            f"{len(request.pose_ids)} poses × {request.batch_size} are {request.picture_count}"
            f" pictures; one start makes {MAX_PICTURES} at most."
            " Choose fewer poses, or fewer pictures of each."
        )
    return problems


def _with_extra(prompt: str, extra: str) -> str:
    return f"{prompt}, {extra.strip()}" if extra.strip() else prompt


def _subject(session: Session, request: PosesRequest, chosen: PoseModel) -> Subject | None:
    """Find the mascot with its best picture, if the model takes one; None: there is none."""
    mascot = session.scalar(
        select(Mascot).where(
            Mascot.id == request.mascot_id, Mascot.account_id == request.account_id
        )
    )
    takes_picture = chosen.can.max_images > 0
    picture = best_picture(session, mascot.id) if mascot and takes_picture else None
    if chosen.can.needs_image and picture is None:
        return None
    if chosen.trained is None and (mascot is None or (takes_picture and picture is None)):
        return None
    return Subject(mascot, picture, chosen.trained)
