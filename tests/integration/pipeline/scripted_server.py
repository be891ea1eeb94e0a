"""Orders at a scripted server with Replicate's API: one run of several pictures, and its outputs."""

import io
from typing import Any

from PIL import Image

from services.core.states import Kind, SlotRole
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.pipeline.start import Starter
from services.recipes.base import GenerationPlan, SlotPlan
from tests.contracts.far_end import Answer, FarEnd
from tests.contracts.replicate_replies import PREDICTION_ID, VERSION, prediction
from tests.integration.pipeline.manual_pipeline import ManualPipeline
from tests.integration.pipeline.pipeline_setup import drawn

READ = f"GET /v1/predictions/{PREDICTION_ID}"
NOW = "2026-11-20T10:00:10.000Z"


def order(by_hand: ManualPipeline, count: int, children: int = 0) -> str:
    """One run of `count` pictures; the first `children` of them have an export each."""
    slot = SlotPlan(SlotRole.POSE, "replicate", "stability-ai/sdxl:" + VERSION, "a fox", 30, 0.0)
    group = [SlotPlan(**{**vars(slot), "group": 0}) for _ in range(count)]
    exports = [
        SlotPlan(
            SlotRole.EXPORT,
            "local",
            "local/export",
            "",
            1,
            0.0,
            parent=parent,
            options={"preset": "instagram_post", "focus": [0.5, 0.5]},
        )
        for parent in range(children)
    ]
    plan = GenerationPlan(
        Kind.POSES, DEFAULT_ACCOUNT_ID, "Outputs", {"n": count}, (*group, *exports)
    )
    starter = Starter(by_hand.context.database, by_hand.queue)
    return starter.start(by_hand.studio.actor, plan, "form").generation_id


def png(colour: str = "teal") -> Answer:
    return Answer(200, drawn(colour), {"content-type": "image/png"})


def plain(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (512, 512), colour).save(buffer, "PNG")
    return buffer.getvalue()


def succeed(far_end: FarEnd, outputs: Any, **fields: Any) -> None:
    """Let the prediction be finished with these outputs."""
    done = {"status": "succeeded", "started_at": NOW, "completed_at": NOW, "output": outputs}
    far_end.on(READ, Answer(200, prediction(**done, **fields)))


def urls(far_end: FarEnd, *names: str) -> list[str]:
    return [f"{far_end.url}/out/{name}" for name in names]
