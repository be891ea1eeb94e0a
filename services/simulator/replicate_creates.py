"""Makes predictions: both create routes of the Replicate API."""

import asyncio
import random
import re
import secrets
from dataclasses import dataclass
from json import JSONDecodeError
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.simulator.catalogue import Model, find_model, find_version
from services.simulator.connection import CutConnection
from services.simulator.faults import Call, Fault, FaultName, Operation
from services.simulator.plan import Plan, make_plan
from services.simulator.predictions import Prediction
from services.simulator.problems import Problem, invalid_input, invalid_version, not_found
from services.simulator.replicate_gate import raise_answer_fault
from services.simulator.subject_fetch import start_look
from services.simulator.validation import body_breaches, input_breaches
from services.simulator.webhooks import WebhookSender
from services.simulator.world import World

_COMMON_KEYS = frozenset({"input", "webhook", "webhook_events_filter", "stream"})
_EVENTS = frozenset({"start", "output", "logs", "completed"})
_ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_MAX_WAIT_SECONDS = 60.0
_MIN_DEADLINE_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 0.05
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


@dataclass(frozen=True)
class _Order:
    """A create that has passed every check."""

    model: Model
    input: dict[str, Any]
    body: dict[str, Any]
    deadline_seconds: float | None
    faults: dict[FaultName, Fault]


class CreateRoutes:
    """The two routes that make predictions."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._webhooks = WebhookSender(world)

    async def create_by_version(self, request: Request) -> Response:
        """POST /v1/predictions."""
        body = await _json_body(request)
        if breaches := body_breaches(body, _COMMON_KEYS | {"version"}, ("version", "input")):
            raise invalid_input(breaches)
        model = find_version(str(body["version"]))
        return await self._create(request, model or invalid_version(), body)

    async def create_by_model(self, request: Request) -> Response:
        """POST /v1/models/{owner}/{name}/predictions: official models only."""
        model = find_model(request.path_params["owner"], request.path_params["name"])
        body = await _json_body(request)
        if model is None or not model.is_official:
            return await self._create(request, not_found(), body)
        if breaches := body_breaches(body, _COMMON_KEYS, ("input",)):
            raise invalid_input(breaches)
        return await self._create(request, model, body)

    async def _create(self, request: Request, model: Model | Problem, body: Any) -> Response:
        order = self._checked_order(request, model, body)
        prediction = self._make(order, request)
        self._world.predictions.add(prediction)
        self._world.spawn(start_look(self._world, prediction))
        if prediction.webhook:
            self._world.spawn(self._webhooks.follow(prediction))
        if FaultName.DROP_AFTER_CREATE in order.faults:
            raise CutConnection
        return await self._answer(request, prediction)

    def _checked_order(self, request: Request, model: Model | Problem, body: Any) -> _Order:
        given = body.get("input") if isinstance(body, dict) else None
        values: dict[str, Any] = given if isinstance(given, dict) else {}
        name = model.full_name if isinstance(model, Model) else ""
        faults = self._world.faults.take(
            Call("replicate", Operation.CREATE, name, str(values.get("prompt", "")))
        )
        raise_answer_fault(faults)
        if isinstance(model, Problem):
            raise model
        breaches = input_breaches(values, model.inputs) + _webhook_breaches(body)
        if breaches:
            raise invalid_input(breaches)
        deadline = _deadline_seconds(request.headers.get("cancel-after"))
        return _Order(model, values, body, deadline, faults)

    def _make(self, order: _Order, request: Request) -> Prediction:
        now = self._world.now()
        deadline = None if order.deadline_seconds is None else now + order.deadline_seconds
        events = order.body.get("webhook_events_filter") or _EVENTS
        webhook = order.body.get("webhook")
        return Prediction(
            id="".join(secrets.choice(_ID_LETTERS) for _ in range(26)),
            number=self._world.predictions.next_number(),
            model=order.model,
            input=order.input,
            seed=_seed(order.input.get("seed")),
            created_at=now,
            plan=self._plan(order, now, deadline),
            base_url=str(request.base_url).rstrip("/"),
            deadline=deadline,
            webhook=webhook,
            webhook_events=frozenset(events),
            faults=frozenset(order.faults),
            changed=asyncio.Event() if webhook else None,
            look=asyncio.get_running_loop().create_future(),
        )

    def _plan(self, order: _Order, now: float, deadline: float | None) -> Plan:
        return make_plan(
            order.model,
            output_total(order.model, order.input),
            now,
            self._world.pace,
            order.faults,
            deadline=deadline,
            keeps_seconds=self._world.options.expiry_seconds,
            dice=random.Random(),
        )

    async def _answer(self, request: Request, prediction: Prediction) -> Response:
        prefer = request.headers.get("prefer", "")
        if not prefer.startswith("wait"):
            await asyncio.sleep(self._world.options.create_answer_seconds)
            return JSONResponse(prediction.as_json(prediction.created_at), 201)
        wait = _wait_seconds(prefer)
        until = prediction.created_at + wait
        while (now := self._world.now()) < until and not prediction.has_ended(now):
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        status = 201 if prediction.has_ended(now) else 202
        applied = {"Preference-Applied": f"wait={wait:g}"}
        return JSONResponse(prediction.as_json(now), status, applied)


async def _json_body(request: Request) -> Any:
    try:
        return await request.json()
    except (JSONDecodeError, UnicodeDecodeError) as error:
        raise Problem(
            400, {"title": "Bad request", "detail": "The body is not JSON.", "status": 400}
        ) from error


def output_total(model: Model, values: dict[str, Any]) -> int:
    """How many pictures an input asks for."""
    given = model.inputs.defaults() | values
    count = int(given.get("number_of_outputs") or given.get("num_outputs") or 1)
    return count * int(given.get("number_of_images_per_pose") or 1)


def _seed(given: Any) -> int:
    """The seed of the run: 0, -1 and none mean a random one, as in the models."""
    return int(given) if given not in (None, 0, -1) else secrets.randbelow(2**31)


def _wait_seconds(prefer: str) -> float:
    _, _, seconds = prefer.partition("=")
    return (
        min(max(float(seconds), 1.0), _MAX_WAIT_SECONDS) if seconds.isdigit() else _MAX_WAIT_SECONDS
    )


def _deadline_seconds(header: str | None) -> float | None:
    if header is None:
        return None
    match = _DURATION.fullmatch(header.strip())
    if match is None or not any(match.groups()):
        raise Problem(
            422,
            {
                "title": "Invalid Cancel-After",
                "detail": "Cancel-After is a duration.",
                "status": 422,
            },
        )
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return max(float(hours * 3600 + minutes * 60 + seconds), _MIN_DEADLINE_SECONDS)


def _webhook_breaches(body: dict[str, Any]) -> list[dict[str, str]]:
    webhook = body.get("webhook")
    breaches = []
    if webhook is not None and (
        not isinstance(webhook, str) or urlsplit(webhook).scheme not in ("http", "https")
    ):
        breaches.append(
            {"type": "format", "field": "webhook", "description": "Does not match format 'uri'"}
        )
    events = body.get("webhook_events_filter") or []
    if not isinstance(events, list) or not set(map(str, events)) <= _EVENTS:
        description = "webhook_events_filter items must be one of: start, output, logs, completed"
        breaches.append(
            {"type": "enum", "field": "webhook_events_filter", "description": description}
        )
    return breaches
