"""Sends the webhooks of predictions and trainings, signed as Replicate signs them."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass

import httpx

from simulator.faults import FaultName
from simulator.replicate.plan import NEVER
from simulator.replicate.runs import Run
from simulator.world import World

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


@dataclass(frozen=True)
class _Message:
    """What is delivered, each time with the same id."""

    id: str
    url: str
    body: bytes


class WebhookSender:
    """Follows predictions and trainings and tells their webhook what happens."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def follow(self, run: Run) -> None:
        """Send every event that the run's filter asks for, until it has ended."""
        delivered_at = 0.0
        held: list[_Message] = []
        async with httpx.AsyncClient(timeout=_ANSWER_SECONDS, follow_redirects=False) as client:
            while (moment := _next_moment(run, delivered_at)) is not None:
                if not await self._reached(run, moment.at):
                    continue
                delivered_at = moment.at
                is_last = moment.event == "completed"
                if moment.event in run.webhook_events:
                    message = _message(run, moment)
                    if is_last or FaultName.REORDER_WEBHOOK not in run.faults:
                        await self._send(client, message, run.faults, is_last)
                    else:
                        held.append(message)
                if is_last:
                    break
            for message in reversed(held):
                await self._send(client, message, run.faults, False)

    async def _reached(self, run: Run, at: float) -> bool:
        """Wait until `at`; False when the run's course changed meanwhile."""
        changed = run.changed
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
        self,
        client: httpx.AsyncClient,
        message: _Message,
        faults: frozenset[FaultName],
        is_last: bool,
    ) -> None:
        """Deliver once, or twice if that was ordered; the last event is retried with growing pauses."""
        pause = self._world.options.webhook_first_retry_seconds
        for left in reversed(range(_TERMINAL_TRIES if is_last else 1)):
            if await self._deliver(client, message) or not left:
                break
            await asyncio.sleep(pause)
            pause *= 2
        if FaultName.DUPLICATE_WEBHOOK in faults:
            await self._deliver(client, message)

    async def _deliver(self, client: httpx.AsyncClient, message: _Message) -> bool:
        timestamp = str(int(self._world.now()))
        headers = {
            "content-type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(self._world.webhook_key, message.id, timestamp, message.body),
        }
        try:
            response = await client.post(message.url, content=message.body, headers=headers)
        except httpx.HTTPError:
            return False
        # A redirect is not followed, and so nothing was delivered.
        return response.is_success


def _message(run: Run, moment: _Moment) -> _Message:
    body = json.dumps(run.as_json(moment.at)).encode()
    return _Message("msg_" + secrets.token_hex(12), str(run.webhook), body)


def _next_moment(run: Run, delivered_at: float) -> _Moment | None:
    """The first event after `told_at`; outputs and logs wait half a second after another event."""
    plan = run.plan
    moments = []
    if plan.starts_at < plan.ends_at:
        moments.append(_Moment(plan.starts_at, "start"))
    changes = [(at, "output") for at in plan.outputs_at]
    if "logs" in run.webhook_events and plan.starts_at < plan.ends_at:
        changes += [(at, "logs") for at, _ in run.log_script()]
    moments += [
        _Moment(at, event)
        for at, event in sorted(changes)
        if delivered_at + _MIN_GAP_SECONDS <= at < plan.ends_at and at > plan.starts_at
    ]
    moments.append(_Moment(plan.ends_at, "completed"))
    return next((moment for moment in moments if moment.at > delivered_at), None)
