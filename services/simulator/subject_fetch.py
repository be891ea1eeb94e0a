"""Fetches the subject picture that an input names and looks at it, in a thread."""

import asyncio
import base64
import binascii
from urllib.parse import unquote_to_bytes, urlsplit

import httpx

from services.simulator.picture_orders import order_of_prediction
from services.simulator.predictions import Prediction
from services.simulator.subject import SubjectLook, look_at
from services.simulator.world import World

_FETCH_SECONDS = 15.0
_MAX_BYTES = 64 * 1024 * 1024


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
    values = prediction.values
    address = next((values[key] for key in prediction.model.subject_keys if values.get(key)), None)
    if address is None or world.options.predrawn:
        return None
    content = await _content(world, str(address), prediction.base_url)
    return None if content is None else await asyncio.to_thread(look_at, content)


async def _content(world: World, address: str, base_url: str) -> bytes | None:
    """The bytes behind a subject's address: our own files and outputs are not fetched over HTTP."""
    if address.startswith("data:"):
        return data_url_bytes(address)
    parts = urlsplit(address)
    segments = parts.path.strip("/").split("/")
    if address.startswith(base_url) and segments[:2] == ["v1", "files"] and len(segments) > 2:
        file = world.files.get(segments[2], world.now())
        return None if file is None else file.content
    if address.startswith(base_url) and segments[0] == "delivery" and len(segments) > 2:
        return await _own_output(world, segments[1], int(segments[2]))
    return await _download(address)


async def _own_output(world: World, prediction_id: str, index: int) -> bytes | None:
    prediction = world.predictions.get(prediction_id)
    if prediction is None or prediction.is_removed(world.now()):
        return None
    look = await prediction.seen()
    return await world.pictures.get(order_of_prediction(prediction, index, look))


async def _download(address: str) -> bytes | None:
    try:
        async with httpx.AsyncClient(timeout=_FETCH_SECONDS, follow_redirects=True) as client:
            response = await client.get(address)
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    is_usable = response.status_code == 200 and len(response.content) <= _MAX_BYTES
    return response.content if is_usable else None


def data_url_bytes(address: str) -> bytes | None:
    """What a data URL holds; None when it is broken."""
    head, _, text = address.partition(",")
    try:
        return (
            base64.b64decode(text, validate=True)
            if head.endswith(";base64")
            else unquote_to_bytes(text)
        )
    except binascii.Error:
        return None
