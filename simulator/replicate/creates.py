"""Makes predictions: the create routes of the Replicate API."""

import asyncio
import random
import secrets
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.connection import CutConnection
from simulator.faults import Call, Fault, FaultName, Operation
from simulator.replicate.create_bodies import (
    COMMON_KEYS,
    EVENTS,
    deadline_seconds,
    json_body,
    wait_seconds,
    webhook_breaches,
)
from simulator.replicate.gate import raise_answer_fault
from simulator.replicate.models.catalogue import Model, Work
from simulator.replicate.paging import base_url
from simulator.replicate.plan import Plan, make_plan
from simulator.replicate.predictions import Prediction
from simulator.replicate.problems import Problem, invalid_input, invalid_version, not_found
from simulator.replicate.subject_fetch import start_subject_read
from simulator.replicate.validation import body_breaches, input_breaches
from simulator.replicate.webhooks import WebhookSender
from simulator.world import World

_ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_KEYS = COMMON_KEYS | {"stream"}
_POLL_SECONDS = 0.05
_MASKS = 6
"""The combined one and its parts."""


@dataclass(frozen=True)
class _Order:
    """A create that has passed every check."""

    model: Model
    input: dict[str, Any]
    body: dict[str, Any]
    deadline_seconds: float | None
    faults: dict[FaultName, Fault]


class CreateRoutes:
    """The routes that make predictions."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._webhooks = WebhookSender(world)

    async def create_by_version(self, request: Request) -> Response:
        """POST /v1/predictions."""
        body = await json_body(request)
        if breaches := body_breaches(body, _KEYS | {"version"}, ("version", "input")):
            raise invalid_input(breaches)
        model = self._world.models.find_version(str(body["version"]), self._world.now())
        if model is None or model.is_withdrawn or model.work is Work.TRAIN:
            return await self._create(request, invalid_version(), body)
        return await self._create(request, model, body)

    async def create_by_model(self, request: Request) -> Response:
        """POST /v1/models/{owner}/{name}/predictions: official models only."""
        page = self._world.models.find(request.path_params["owner"], request.path_params["name"])
        body = await json_body(request)
        if page is None or page.hosted is None or not page.hosted.is_official:
            return await self._create(request, not_found(), body)
        if breaches := body_breaches(body, _KEYS, ("input",)):
            raise invalid_input(breaches)
        return await self._create(request, page.hosted, body)

    async def _create(self, request: Request, model: Model | Problem, body: Any) -> Response:
        order = self._checked_order(request, model, body)
        prediction = self._make(order, request)
        self._world.predictions.add(prediction)
        self._world.spawn(start_subject_read(self._world, prediction))
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
        breaches = input_breaches(values, model.inputs) + webhook_breaches(body)
        if breaches:
            raise invalid_input(breaches)
        deadline = deadline_seconds(request.headers.get("cancel-after"))
        return _Order(model, values, body, deadline, faults)

    def _make(self, order: _Order, request: Request) -> Prediction:
        now = self._world.now()
        deadline = None if order.deadline_seconds is None else now + order.deadline_seconds
        webhook = order.body.get("webhook")
        return Prediction(
            id=new_id(),
            number=self._world.predictions.next_number(),
            model=order.model,
            input=order.input,
            seed=_seed(order.input.get("seed")),
            created_at=now,
            plan=self._plan(order, now, deadline),
            base_url=base_url(request),
            deadline=deadline,
            webhook=webhook,
            webhook_events=frozenset(order.body.get("webhook_events_filter") or EVENTS),
            faults=frozenset(order.faults),
            changed=asyncio.Event() if webhook else None,
            facts=asyncio.get_running_loop().create_future(),
        )

    def _plan(self, order: _Order, now: float, deadline: float | None) -> Plan:
        return make_plan(
            order.model,
            output_total(order.model, order.input),
            now,
            self._world.pace,
            order.faults,
            deadline=deadline,
            retention_seconds=self._world.options.expiry_seconds,
            dice=random.Random(),
        )

    async def _answer(self, request: Request, prediction: Prediction) -> Response:
        prefer = request.headers.get("prefer", "")
        if not prefer.startswith("wait"):
            await asyncio.sleep(self._world.options.create_answer_seconds)
            return JSONResponse(prediction.as_json(prediction.created_at), 201)
        wait = wait_seconds(prefer)
        until = prediction.created_at + wait
        while (now := self._world.now()) < until and not prediction.has_ended(now):
            await asyncio.sleep(_POLL_SECONDS)
        status = 201 if prediction.has_ended(now) else 202
        applied = {"Preference-Applied": f"wait={wait:g}"}
        return JSONResponse(prediction.as_json(now), status, applied)


def new_id() -> str:
    """An id as predictions and trainings have it."""
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(26))


def output_total(model: Model, values: dict[str, Any]) -> int:
    """How many pictures an input asks for."""
    if model.work is Work.TAKE_APART:
        return _MASKS
    given = model.inputs.defaults() | values
    keys = ("number_of_outputs", "num_outputs", "num_samples")
    count = int(next((given[key] for key in keys if given.get(key)), 1))
    return count * int(given.get("number_of_images_per_pose") or 1)


def _seed(given: Any) -> int:
    """The seed of the run: 0, -1 and none mean a random one, as in the models."""
    return int(given) if given not in (None, 0, -1) else secrets.randbelow(2**31)
