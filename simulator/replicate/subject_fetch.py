"""Fetches the pictures that an input names, looks at them in a thread, and keeps what is needed."""

import asyncio
from dataclasses import replace
from typing import Any

from simulator.drawing.sources import reduced
from simulator.drawing.subject import SubjectLook, look_at
from simulator.fetching import fetched
from simulator.replicate.models.catalogue import Model, Work
from simulator.replicate.predictions import Prediction
from simulator.world import World


async def start_look(world: World, prediction: Prediction) -> None:
    """Set `prediction.look` from its subject picture; None when there is none or it cannot be read."""
    if prediction.look is None:
        return
    look = None
    try:
        look = await _look(world, prediction)
    finally:
        if not prediction.look.done():
            prediction.look.set_result(look)


async def _look(world: World, prediction: Prediction) -> SubjectLook | None:
    model, values = prediction.model, prediction.values
    if world.options.predrawn:
        return None
    address = next((values[key] for key in model.subject_keys if values.get(key)), None)
    if address is None:
        return _taught_look(world, model, values)
    content = await fetched(world, str(address), prediction.base_url)
    look = None if content is None else await asyncio.to_thread(look_at, content)
    if look is None or content is None or model.work is Work.DRAW:
        return look
    await _keep(world, look.digest, content)
    return await _with_backdrop(world, prediction, look)


def _taught_look(world: World, model: Model, values: dict[str, Any]) -> SubjectLook | None:
    """What the weights were trained on: the version's own, or those that the input names."""
    if float(values.get("lora_scale") or 1.0) <= 0:
        return None
    owner, _, name = str(values.get("lora_weights") or "").partition("/")
    page = world.models.find(owner, name.partition(":")[0])
    versions = page.versions(world.now()) if page is not None else []
    return versions[0][0].look if versions else model.look


async def _with_backdrop(world: World, prediction: Prediction, look: SubjectLook) -> SubjectLook:
    address = prediction.values.get(prediction.model.backdrop_key)
    content = await fetched(world, str(address), prediction.base_url) if address else None
    seen = None if content is None else await asyncio.to_thread(look_at, content)
    if seen is None or content is None:
        return look
    await _keep(world, seen.digest, content)
    return replace(look, backdrop=seen.digest)


async def _keep(world: World, digest: str, content: bytes) -> None:
    small = await asyncio.to_thread(reduced, content)
    if small is not None:
        world.sources.add(digest, small)
