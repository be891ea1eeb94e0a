"""Gets the bytes behind an address that an input names: data URLs, uploads, outputs, the web."""

import base64
import binascii
from urllib.parse import unquote_to_bytes, urlsplit

import httpx

from simulator.drawing.orders import order_of_prediction
from simulator.world import World

_FETCH_SECONDS = 15.0
_MAX_BYTES = 256 * 1024 * 1024


async def fetched(world: World, address: str, base_url: str) -> bytes | None:
    """The bytes behind an address: our own files and outputs are not fetched over HTTP."""
    if address.startswith("data:"):
        return data_url_bytes(address)
    segments = urlsplit(address).path.strip("/").split("/")
    is_ours = address.startswith(base_url)
    if is_ours and segments[:2] == ["v1", "files"] and len(segments) > 2:
        file = world.files.get(segments[2], world.now())
        return None if file is None else file.content
    if is_ours and segments[0] == "delivery" and len(segments) > 2:
        return await _own_output(world, segments[1], int(segments[2]))
    return await _download(address)


async def _own_output(world: World, prediction_id: str, index: int) -> bytes | None:
    prediction = world.predictions.get(prediction_id)
    if prediction is None or prediction.is_removed(world.now()):
        return None
    facts = await prediction.seen()
    return await world.pictures.get(order_of_prediction(prediction, index, facts))


async def _download(address: str) -> bytes | None:
    content = bytearray()
    try:
        async with (
            httpx.AsyncClient(timeout=_FETCH_SECONDS, follow_redirects=True) as client,
            client.stream("GET", address) as response,
        ):
            if response.status_code != 200:
                return None
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > _MAX_BYTES:
                    return None
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    return bytes(content)


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
