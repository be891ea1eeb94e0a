"""Fetches the pictures that an input names, reads them in a thread, and stores what is needed."""

import asyncio
from dataclasses import replace
from typing import Any

from simulator.drawing.sources import reduced
from simulator.drawing.subject import SubjectFacts, read_subject
from simulator.fetching import fetched
from simulator.replicate.models.catalogue import Model, Work
from simulator.replicate.predictions import Prediction
from simulator.world import World


async def start_subject_read(world: World, prediction: Prediction) -> None:
    """Set `prediction.facts` from its subject picture; None when there is none or it cannot be read."""
    if prediction.facts is None:
        return
    facts = None
    try:
        facts = await _read_subject(world, prediction)
    finally:
        if not prediction.facts.done():
            prediction.facts.set_result(facts)


async def _read_subject(world: World, prediction: Prediction) -> SubjectFacts | None:
    model, values = prediction.model, prediction.values
    if world.options.predrawn:
        return None
    address = next((values[key] for key in model.subject_keys if values.get(key)), None)
    if address is None:
        return _trained_facts(world, model, values)
    content = await fetched(world, str(address), prediction.base_url)
    facts = None if content is None else await asyncio.to_thread(read_subject, content)
    if facts is None or content is None or model.work is Work.DRAW:
        return facts
    await _store(world, facts.digest, content)
    return await _with_backdrop(world, prediction, facts)


def _trained_facts(world: World, model: Model, values: dict[str, Any]) -> SubjectFacts | None:
    """What the weights were trained on: the version's own, or those that the input names."""
    if float(values.get("lora_scale") or 1.0) <= 0:
        return None
    owner, _, name = str(values.get("lora_weights") or "").partition("/")
    page = world.models.find(owner, name.partition(":")[0])
    versions = page.versions(world.now()) if page is not None else []
    return versions[0][0].facts if versions else model.facts


async def _with_backdrop(world: World, prediction: Prediction, facts: SubjectFacts) -> SubjectFacts:
    address = prediction.values.get(prediction.model.backdrop_key)
    content = await fetched(world, str(address), prediction.base_url) if address else None
    seen = None if content is None else await asyncio.to_thread(read_subject, content)
    if seen is None or content is None:
        return facts
    await _store(world, seen.digest, content)
    return replace(facts, backdrop=seen.digest)


async def _store(world: World, digest: str, content: bytes) -> None:
    small = await asyncio.to_thread(reduced, content)
    if small is not None:
        world.sources.add(digest, small)
