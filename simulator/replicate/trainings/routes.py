"""Makes and shows trainings: create, get, list, cancel."""

import asyncio
import random
import re
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.connection import CutConnection
from simulator.faults import Call, Fault, FaultName, Operation
from simulator.fetching import fetched
from simulator.replicate.create_bodies import COMMON_KEYS, EVENTS, json_body, webhook_breaches
from simulator.replicate.creates import new_id
from simulator.replicate.gate import raise_answer_fault
from simulator.replicate.models.catalogue import Model, Work
from simulator.replicate.models.pages import ModelPage
from simulator.replicate.paging import base_url
from simulator.replicate.plan import NEVER, Plan, Status, failed_plan, make_plan
from simulator.replicate.problems import invalid_input, not_found
from simulator.replicate.reads import list_page
from simulator.replicate.trainings.pictures import NotAZip, TrainingSet, read_training_set
from simulator.replicate.trainings.training import Training
from simulator.replicate.validation import body_breaches, input_breaches
from simulator.replicate.webhooks import WebhookSender
from simulator.world import ACCOUNT_NAME, World

_NO_DESTINATION = "The specified training destination does not exist"
_PUBLISHES = "skip_training_and_use_pretrained_hf_lora_url"
_DEFAULT_STEPS = 1000
_STEPS_SHARE = 0.85
_NOTICED_AFTER_SECONDS = 20.0
_MOST_PER_MODEL = 200
_NO_PICTURES = TrainingSet(0, (), (), {}, None)
_BLOCKS = (("transformer.transformer_blocks", 19), ("transformer.single_transformer_blocks", 38))
_DOUBLE_PARTS = (
    *("norm1.linear", "norm1_context.linear", "attn.to_q", "attn.to_k", "attn.to_v"),
    *("attn.add_k_proj", "attn.add_v_proj", "attn.add_q_proj", "attn.to_out.0", "attn.to_add_out"),
    *("ff.net.0.proj", "ff.net.2", "ff_context.net.0.proj", "ff_context.net.2"),
)
_SINGLE_PARTS = ("norm.linear", "proj_mlp", "proj_out", "attn.to_q", "attn.to_k", "attn.to_v")
_LAYERS = tuple(
    f"{block}.{number}.{part}"
    for (block, count), parts in zip(_BLOCKS, (_DOUBLE_PARTS, _SINGLE_PARTS), strict=True)
    for number in range(count)
    for part in parts
)


class TrainingRoutes:
    """The routes of trainings."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._webhooks = WebhookSender(world)

    async def create(self, request: Request) -> Response:
        """POST /v1/models/{owner}/{name}/versions/{version_id}/trainings."""
        model = self._trainer(request)
        body = await json_body(request)
        if breaches := body_breaches(body, COMMON_KEYS | {"destination"}, ("destination", "input")):
            raise invalid_input(breaches)
        faults = self._world.faults.take(Call("replicate", Operation.CREATE, model.full_name))
        raise_answer_fault(faults)
        page = self._destination(body)
        values = body["input"]
        if breaches := input_breaches(values, model.inputs) + webhook_breaches(body):
            raise invalid_input(breaches)
        training_set, error = await self._training_set(values, base_url(request))
        training = self._make(request, model, body, training_set, faults, error)
        self._store(training, page)
        if FaultName.DROP_AFTER_CREATE in faults:
            raise CutConnection
        await asyncio.sleep(self._world.options.create_answer_seconds)
        return JSONResponse(training.created_json(), 201)

    async def get(self, request: Request) -> Response:
        """GET /v1/trainings/{id}."""
        return JSONResponse(self._training(request).as_json(self._world.now()))

    async def cancel(self, request: Request) -> Response:
        """POST /v1/trainings/{id}/cancel."""
        training = self._training(request)
        now = self._world.now()
        training.cancel(now)
        return JSONResponse(training.as_json(now))

    async def list(self, request: Request) -> Response:
        """GET /v1/trainings, newest first, 100 a page; it takes no time window."""
        return list_page(request, self._world.trainings, None, None, self._world.now())

    def _trainer(self, request: Request) -> Model:
        path = request.path_params
        page = self._world.models.find(path["owner"], path["name"])
        versions = page.versions(self._world.now()) if page is not None else []
        for model, _ in versions:
            if model.version == path["version_id"] and model.work is Work.TRAIN:
                return model
        raise not_found()

    def _destination(self, body: dict[str, Any]) -> ModelPage:
        owner, _, name = str(body["destination"]).partition("/")
        page = self._world.models.find(owner, name)
        if page is None or page.owner != ACCOUNT_NAME:
            raise not_found(_NO_DESTINATION)
        return page

    async def _training_set(
        self, values: dict[str, Any], base: str
    ) -> tuple[TrainingSet, str | None]:
        """What the zip holds, or the sentence with which the training will fail."""
        if values.get(_PUBLISHES):
            return _NO_PICTURES, None
        if not values.get("input_images"):
            return _NO_PICTURES, "input_images must be provided"
        if error := _regex_error(values.get("layers_to_optimize_regex")):
            return _NO_PICTURES, error
        content = await fetched(self._world, str(values["input_images"]), base)
        try:
            found = await asyncio.to_thread(read_training_set, content or b"")
        except NotAZip:
            return _NO_PICTURES, "input_images must be a zip file"
        return found, None

    def _make(
        self,
        request: Request,
        model: Model,
        body: dict[str, Any],
        training_set: TrainingSet,
        faults: dict[FaultName, Fault],
        error: str | None,
    ) -> Training:
        now = self._world.now()
        webhook = body.get("webhook")
        plan = self._plan(_at_its_steps(model, body["input"]), now, faults)
        return Training(
            id=new_id(),
            number=self._world.trainings.next_number(),
            model=model,
            input=body["input"],
            created_at=now,
            plan=plan if error is None else self._failed(plan, error),
            base_url=base_url(request),
            webhook=webhook,
            webhook_events=frozenset(body.get("webhook_events_filter") or EVENTS),
            faults=frozenset(faults),
            changed=asyncio.Event() if webhook else None,
            destination=body["destination"],
            training_set=training_set,
        )

    def _plan(self, model: Model, now: float, faults: dict[FaultName, Fault]) -> Plan:
        return make_plan(
            model,
            1,
            now,
            self._world.pace,
            faults,
            deadline=None,
            retention_seconds=NEVER,
            dice=random.Random(),
        )

    def _failed(self, plan: Plan, error: str) -> Plan:
        """A training that finds its input wrong soon after it starts, unless it never does."""
        if plan.ending is Status.ABORTED:
            return plan
        soon = min(
            self._world.pace.scaled(_NOTICED_AFTER_SECONDS), plan.typical_end - plan.starts_at
        )
        return replace(failed_plan(plan, plan.starts_at + soon, error), reach=0.0)

    def _store(self, training: Training, page: ModelPage) -> None:
        self._world.trainings.add(training)
        page.trainings.append(training)
        del page.trainings[:-_MOST_PER_MODEL]
        if training.webhook:
            self._world.spawn(self._webhooks.follow(training))

    def _training(self, request: Request) -> Training:
        training = self._world.trainings.get(request.path_params["training_id"])
        if training is None:
            raise not_found()
        return training


def _at_its_steps(model: Model, values: dict[str, Any]) -> Model:
    """The trainer with the tempo of that many steps; unpacking and captions take as long as ever."""
    steps = int(values.get("steps") or values.get("training_steps") or _DEFAULT_STEPS)
    share = 1 - _STEPS_SHARE + _STEPS_SHARE * steps / _DEFAULT_STEPS
    return replace(model, tempo=replace(model.tempo, run=model.tempo.run * share))


def _regex_error(regex: Any) -> str | None:
    if not regex:
        return None
    try:
        pattern = re.compile(str(regex))
    except re.error as error:
        return f"Failed to compile regex '{regex}': {error}"
    if any(pattern.search(layer) for layer in _LAYERS):
        return None
    listed = "\n".join(_LAYERS)
    return f"The regex '{regex}' didn't match any layers. These layers can be optimized:\n{listed}"
