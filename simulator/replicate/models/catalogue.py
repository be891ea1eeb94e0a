"""What a model is: name, version, input schema, usual duration, and what it puts out."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from simulator.drawing.subject import SubjectFacts
from simulator.replicate.models.input_schemas import ModelInput

HIDDEN_VERSION = "hidden"
HOSTED_SINCE = "2024-06-05T10:12:49.301000Z"
GEMINI_MODELS = (
    "gemini-nano-banana-2.1",
    "gemini-3.1-flash-lite-image",
    "gemini-3-pro-image",
    "nano-banana-pro-preview",
)
"""Those that Google offers; it answers 404 for gemini-2.5-flash-image and gemini-3.1-flash-image."""
HUGGINGFACE_MODELS = (
    "black-forest-labs/FLUX.1-dev",
    "black-forest-labs/FLUX.1-schnell",
    "stabilityai/stable-diffusion-xl-base-1.0",
)


class Work(StrEnum):
    """What a model does with its inputs."""

    DRAW = "draw a character"
    VARY = "change a picture as far as its prompt_strength says"
    CUT_OUT = "remove the background"
    RELIGHT = "put a cut-out before another background"
    TAKE_APART = "mask the parts of a picture"
    TRAIN = "make a version of another model"


@dataclass(frozen=True)
class Tempo:
    """How long a model usually takes, in seconds at speed 1."""

    start_from: float
    start_to: float
    run: float
    per_extra_output: float = 0.0


@dataclass(frozen=True)
class Model:
    """One version of one model: all that a run of it depends on."""

    owner: str
    name: str
    version: str
    description: str
    inputs: ModelInput
    tempo: Tempo
    work: Work = Work.DRAW
    is_official: bool = False
    grows: bool = False
    """Whether outputs appear one by one while it runs."""
    subject_keys: tuple[str, ...] = field(default=())
    """The inputs that may hold the picture of the subject, best first."""
    backdrop_key: str = ""
    """The input that holds a second picture, to stand behind the subject."""
    is_withdrawn: bool = False
    """Whether creates with this version are refused though it is listed."""
    facts: SubjectFacts | None = None
    """The character that a trained version draws unless it is given a picture."""

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"

    def version_json(self, created_at: str = HOSTED_SINCE) -> dict[str, Any]:
        """The version as the versions routes show it; the client cannot read a null cog_version."""
        return {
            "id": self.version,
            "created_at": created_at,
            "cog_version": "0.9.9",
            "openapi_schema": self.inputs.openapi(self.grows),
        }
