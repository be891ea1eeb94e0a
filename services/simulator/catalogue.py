"""The models that the simulator offers: names, versions, input schemas and usual durations."""

from dataclasses import dataclass, field
from typing import Any

from services.simulator.input_schemas import (
    BACKGROUND_REMOVER,
    CONSISTENT_CHARACTER,
    FLUX_DEV,
    SDXL,
    ModelInput,
)

HIDDEN_VERSION = "hidden"
GEMINI_MODELS = (
    "gemini-2.5-flash-image",
    "gemini-3.1-flash-image",
    "gemini-3.1-flash-lite-image",
    "gemini-3-pro-image",
    "nano-banana-pro-preview",
)


@dataclass(frozen=True)
class Tempo:
    """How long a model usually takes, in seconds at speed 1."""

    start_from: float
    start_to: float
    run: float
    per_extra_output: float = 0.0


@dataclass(frozen=True)
class Model:
    """One hosted model and its only version."""

    owner: str
    name: str
    version: str
    description: str
    inputs: ModelInput
    tempo: Tempo
    is_official: bool = False
    grows: bool = False
    """Whether outputs appear one by one while it runs."""
    subject_keys: tuple[str, ...] = field(default=())
    """The inputs that may hold the picture of the subject, best first."""

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"

    def as_json(self) -> dict[str, Any]:
        """The model as `GET /v1/models/{owner}/{name}` shows it."""
        return {
            "url": f"https://replicate.com/{self.full_name}",
            "owner": self.owner,
            "name": self.name,
            "description": self.description,
            "visibility": "public",
            "is_official": self.is_official,
            "github_url": None,
            "paper_url": None,
            "license_url": None,
            "run_count": 1_284_331,
            "cover_image_url": None,
            "default_example": None,
            "latest_version": self.version_json(),
        }

    def version_json(self) -> dict[str, Any]:
        """The version as the versions routes show it; the client cannot read a null cog_version."""
        return {
            "id": self.version,
            "created_at": "2024-06-05T10:12:49.301000Z",
            "cog_version": "0.9.9",
            "openapi_schema": self.inputs.openapi(self.grows),
        }


_CHARACTER_VERSION = "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"
_CHARACTER_TEXT = "Create images of a given character in different poses"


def _character(owner: str) -> Model:
    tempo = Tempo(2.0, 4.0, 20.0, per_extra_output=5.0)
    return Model(
        owner,
        "consistent-character",
        _CHARACTER_VERSION,
        _CHARACTER_TEXT,
        CONSISTENT_CHARACTER,
        tempo,
        grows=True,
        subject_keys=("subject",),
    )


MODELS = (
    _character("sdxl-based"),
    _character("fofr"),
    Model(
        "stability-ai",
        "sdxl",
        "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc",
        "A text-to-image generative AI model that creates beautiful images",
        SDXL,
        Tempo(0.6, 2.0, 8.0, per_extra_output=3.0),
        subject_keys=("image",),
    ),
    Model(
        "black-forest-labs",
        "flux-dev",
        "6e4a938f85952bdabcc15aa329178c4d681c52bf25a0342403287dc26944661d",
        "A 12 billion parameter rectified flow transformer",
        FLUX_DEV,
        Tempo(0.2, 0.6, 4.0, per_extra_output=1.0),
        is_official=True,
        subject_keys=("image",),
    ),
    Model(
        "851-labs",
        "background-remover",
        "a029dff38972b5fda4ec5d75d7d1cd25aeff621d2cf4946a41055d7db66b80bc",
        "Remove backgrounds from images",
        BACKGROUND_REMOVER,
        Tempo(0.4, 1.0, 1.6),
        subject_keys=("image",),
    ),
)


def find_model(owner: str, name: str) -> Model | None:
    """The model with that name."""
    return next((model for model in MODELS if (model.owner, model.name) == (owner, name)), None)


def find_version(reference: str) -> Model | None:
    """The model of a `version` as a create may name it: id, `owner/name:id`, or an official `owner/name`."""
    name, _, version = reference.rpartition(":")
    if version and not name and "/" in version:
        official = find_model(*version.split("/", 1))
        return official if official is not None and official.is_official else None
    for model in MODELS:
        if model.version == version and name in ("", model.full_name):
            return model
    return None
