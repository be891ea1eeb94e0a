"""The public models that the simulator offers."""

import hashlib

from simulator.replicate.models.catalogue import Model, Tempo, Work
from simulator.replicate.models.hosted_inputs import (
    CONSISTENT_CHARACTER,
    CONTROLNET_POSE,
    FLUX_DEPTH_DEV,
    FLUX_DEV,
    FLUX_DEV_LORA,
    FLUX_KONTEXT_PRO,
    SDXL,
)
from simulator.replicate.models.tool_inputs import (
    BACKGROUND_REMOVER,
    FAST_FLUX_TRAINER,
    FLUX_TRAINER,
    PICTURE_ALONE,
    RELIGHT,
    SAM,
)

_CHARACTER_VERSION = "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"
_CHARACTER_TEXT = "Create images of a given character in different poses"
_FLUX = "black-forest-labs"
_FLUX_TEMPO = Tempo(0.2, 0.6, 4.0, per_extra_output=1.0)


def _made_up_version(full_name: str) -> str:
    """A version for models whose real one is looked up rather than known."""
    return hashlib.sha256(full_name.encode()).hexdigest()


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


_DRAWING = (
    _character("sdxl-based"),
    _character("fofr"),
    Model(
        "stability-ai",
        "sdxl",
        "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc",
        "A text-to-image generative AI model that creates beautiful images",
        SDXL,
        Tempo(0.6, 2.0, 8.0, per_extra_output=3.0),
        work=Work.VARY,
        subject_keys=("image",),
    ),
    Model(
        _FLUX,
        "flux-dev",
        "6e4a938f85952bdabcc15aa329178c4d681c52bf25a0342403287dc26944661d",
        "A 12 billion parameter rectified flow transformer",
        FLUX_DEV,
        _FLUX_TEMPO,
        is_official=True,
        subject_keys=("image",),
    ),
    Model(
        _FLUX,
        "flux-dev-lora",
        _made_up_version(f"{_FLUX}/flux-dev-lora"),
        "FLUX.1 dev with weights of one's own",
        FLUX_DEV_LORA,
        _FLUX_TEMPO,
        is_official=True,
        subject_keys=("image",),
    ),
    Model(
        _FLUX,
        "flux-kontext-pro",
        _made_up_version(f"{_FLUX}/flux-kontext-pro"),
        "Edits images as the words say",
        FLUX_KONTEXT_PRO,
        Tempo(0.2, 0.6, 6.0),
        is_official=True,
        subject_keys=("input_image",),
    ),
    Model(
        _FLUX,
        "flux-depth-dev",
        _made_up_version(f"{_FLUX}/flux-depth-dev"),
        "Keeps the depth of a control image",
        FLUX_DEPTH_DEV,
        Tempo(0.2, 0.6, 6.0, per_extra_output=2.0),
        is_official=True,
    ),
    Model(
        "jagilley",
        "controlnet-pose",
        "0304f7f774ba7341ef754231f794b1ba3d129e3c46af3022241325ae0c50fb99",
        "Modify images with humans using pose detection",
        CONTROLNET_POSE,
        Tempo(2.0, 6.0, 8.0, per_extra_output=3.0),
    ),
)

_TOOLS = (
    Model(
        "851-labs",
        "background-remover",
        "a029dff38972b5fda4ec5d75d7d1cd25aeff621d2cf4946a41055d7db66b80bc",
        "Remove backgrounds from images",
        BACKGROUND_REMOVER,
        Tempo(0.4, 1.0, 1.6),
        work=Work.CUT_OUT,
        subject_keys=("image",),
    ),
    Model(
        "lucataco",
        "remove-bg",
        "95fcc2a26d3899cd6c2691c900465aaeff466285a65c14638cc5f36f34befaf1",
        "Remove background from an image",
        PICTURE_ALONE,
        Tempo(0.4, 1.0, 1.6),
        work=Work.CUT_OUT,
        subject_keys=("image",),
    ),
    Model(
        "cjwbw",
        "rembg",
        "fb8af171cfa1616ddcf1242c093f9c46bcada5ad4cf6f2fbe8b81b330ec5c003",
        "Remove images background",
        PICTURE_ALONE,
        Tempo(0.4, 1.0, 1.6),
        work=Work.CUT_OUT,
        subject_keys=("image",),
        is_withdrawn=True,
    ),
    Model(
        "meta",
        "sam-2",
        "fe97b453a6455861e3bac769b441ca1f1086110da7466dbb65cf1eecfd60dc83",
        "SAM 2: Segment Anything v2 (for images)",
        SAM,
        Tempo(0.6, 2.0, 6.0),
        work=Work.TAKE_APART,
        subject_keys=("image",),
    ),
    Model(
        "zsxkib",
        "ic-light-background",
        "60015df78a8a795470da6494822982140d57b150b9ef14354e79302ff89f69e3",
        "Relights a subject for another background",
        RELIGHT,
        Tempo(2.0, 6.0, 28.0),
        work=Work.RELIGHT,
        subject_keys=("subject_image",),
        backdrop_key="background_image",
    ),
)

_TRAINERS = (
    Model(
        "ostris",
        "flux-dev-lora-trainer",
        _made_up_version("ostris/flux-dev-lora-trainer"),
        "Fine-tune FLUX.1-dev using ai-toolkit",
        FLUX_TRAINER,
        Tempo(20.0, 90.0, 1700.0),
        work=Work.TRAIN,
    ),
    Model(
        "replicate",
        "fast-flux-trainer",
        _made_up_version("replicate/fast-flux-trainer"),
        "Train subjects or styles faster than ever",
        FAST_FLUX_TRAINER,
        Tempo(4.0, 10.0, 110.0),
        work=Work.TRAIN,
    ),
)

MODELS = _DRAWING + _TOOLS + _TRAINERS
