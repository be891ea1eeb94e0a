"""Sends a prediction's webhooks, signed as Replicate signs them."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass

import httpx

from services.simulator.plan import NEVER
from services.simulator.predictions import Prediction
from services.simulator.world import World

_MIN_GAP_SECONDS = 0.5
_ANSWER_SECONDS = 5.0
_TERMINAL_TRIES = 6


def sign(key: str, message_id: str, timestamp: str, body: bytes) -> str:
    """The `webhook-signature` header; `key` is the secret with its `whsec_`."""
    secret = base64.b64decode(key.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


@dataclass(frozen=True)
class _Moment:
    """When an event falls due, as a Unix time."""

    at: float
    event: str


class WebhookSender:
    """Follows predictions and tells their webhook what happens."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def follow(self, prediction: Prediction) -> None:
        """Send every event that the prediction's filter asks for, until it has ended."""
        told_at = 0.0
        async with httpx.AsyncClient(timeout=_ANSWER_SECONDS, follow_redirects=False) as client:
            while (moment := _next_moment(prediction, told_at)) is not None:
                if not await self._reached(prediction, moment.at):
                    continue
                told_at = moment.at
                if moment.event in prediction.webhook_events:
                    await self._send(client, prediction, moment)
                if moment.event == "completed":
                    return

    async def _reached(self, prediction: Prediction, at: float) -> bool:
        """Wait until `at`; False when the prediction's course changed meanwhile."""
        changed = prediction.changed
        delay = None if at == NEVER else max(at - self._world.now(), 0.0)
        if changed is None:
            return False
        try:
            await asyncio.wait_for(changed.wait(), delay)
        except TimeoutError:
            return True
        changed.clear()
        return False

    async def _send(
        self, client: httpx.AsyncClient, prediction: Prediction, moment: _Moment
    ) -> None:
        """Deliver once; the terminal one is tried again with growing pauses."""
        message_id = "msg_" + secrets.token_hex(12)
        body = json.dumps(prediction.as_json(moment.at)).encode()
        tries = _TERMINAL_TRIES if moment.event == "completed" else 1
        pause = self._world.options.webhook_first_retry_seconds
        for left in reversed(range(tries)):
            if await self._deliver(client, str(prediction.webhook), message_id, body) or not left:
                return
            await asyncio.sleep(pause)
            pause *= 2

    async def _deliver(
        self, client: httpx.AsyncClient, url: str, message_id: str, body: bytes
    ) -> bool:
        timestamp = str(int(self._world.now()))
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(self._world.webhook_key, message_id, timestamp, body),
        }
        try:
            response = await client.post(url, content=body, headers=headers)
        except httpx.HTTPError:
            return False
        return response.status_code < 400


def _next_moment(prediction: Prediction, told_at: float) -> _Moment | None:
    """The first event after `told_at`; outputs within half a second of another one are not told."""
    plan = prediction.plan
    moments = []
    if plan.starts_at < plan.ends_at:
        moments.append(_Moment(plan.starts_at, "start"))
    moments += [
        _Moment(at, "output")
        for at in plan.outputs_at
        if told_at + _MIN_GAP_SECONDS <= at < plan.ends_at
    ]
    moments.append(_Moment(plan.ends_at, "completed"))
    return next((moment for moment in moments if moment.at > told_at), None)
