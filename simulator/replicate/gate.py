"""What every Replicate route has in common: token, rate limit, ordered faults, error answers."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from simulator.connection import CutConnection
from simulator.faults import Call, Fault, FaultName, Operation
from simulator.rates import Bucket
from simulator.replicate.problems import (
    Problem,
    insufficient_credit,
    server_error,
    throttled,
    throttled_for_low_credit,
    unauthenticated,
)
from simulator.world import World

Endpoint = Callable[[Request], Awaitable[Response]]

MALFORMED_JSON = b'{"id": "malformed", "status": "star'
_THROTTLE_SECONDS = 5.0
_SLOW_ANSWER_SECONDS = 10.0


def is_token_accepted(header: str, token: str) -> bool:
    """Whether an Authorization header carries the accepted token ('' = any that begins with r8_)."""
    scheme, _, given = header.partition(" ")
    if scheme.lower() not in ("bearer", "token"):
        return False
    given = given.strip()
    if token:
        return hmac.compare_digest(given.encode(), token.encode())
    return given.startswith("r8_")


class ReplicateGate:
    """Guards the Replicate routes of one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def guard(self, operation: Operation, endpoint: Endpoint) -> Endpoint:
        """Put the checks before `endpoint`; a create asks for its faults itself, once it knows its prompt."""
        bucket = (
            self._world.create_bucket if operation is Operation.CREATE else self._world.read_bucket
        )

        async def guarded(request: Request) -> Response:
            try:
                self._admit(request, bucket)
                if operation is not Operation.CREATE:
                    await self.suffer(self.call_of(request, operation))
                response = await endpoint(request)
            except Problem as problem:
                response = problem.response()
            response.headers.update(bucket.headers())
            return response

        return guarded

    def _admit(self, request: Request, bucket: Bucket) -> None:
        if not is_token_accepted(
            request.headers.get("authorization", ""), self._world.options.token
        ):
            raise unauthenticated()
        if seconds := bucket.admit():
            raise throttled(seconds)

    def call_of(self, request: Request, operation: Operation) -> Call:
        """What the rules may match on for a request about one run, or none."""
        names = ("run_id", "prediction_id", "training_id")
        run_id = next((request.path_params[key] for key in names if key in request.path_params), "")
        run = self._world.run(run_id)
        if run is None:
            return Call("replicate", operation)
        return Call("replicate", operation, run.model.full_name, run.prompt)

    async def suffer(self, call: Call) -> None:
        """Answer with the faults ordered for a request that makes nothing."""
        faults = self._world.faults.take(call)
        if fault := faults.get(FaultName.SLOW):
            await asyncio.sleep(_SLOW_ANSWER_SECONDS if fault.seconds is None else fault.seconds)
        raise_answer_fault(faults)
        if FaultName.DROP_AFTER_CREATE in faults:
            raise CutConnection


class MalformedAnswer(Problem):
    """A success whose body is not JSON."""

    def response(self) -> Response:
        """The HTTP answer."""
        return Response(MALFORMED_JSON, 200, media_type="application/json")


def raise_answer_fault(faults: Mapping[FaultName, Fault]) -> None:
    """Raise the answer that an ordered fault puts in place of the real one, if there is any."""
    if FaultName.DROP_BEFORE_CREATE in faults:
        raise CutConnection
    if FaultName.UNAUTHORIZED in faults:
        raise unauthenticated()
    if FaultName.NO_FUNDS in faults:
        raise insufficient_credit()
    if fault := faults.get(FaultName.THROTTLE):
        raise throttled(round(_THROTTLE_SECONDS if fault.seconds is None else fault.seconds))
    if fault := faults.get(FaultName.LOW_CREDIT):
        raise throttled_for_low_credit(
            round(_THROTTLE_SECONDS if fault.seconds is None else fault.seconds)
        )
    if fault := faults.get(FaultName.SERVER_ERROR):
        raise server_error(fault.status or 500)
    if FaultName.MALFORMED in faults:
        raise MalformedAnswer(200, {})
