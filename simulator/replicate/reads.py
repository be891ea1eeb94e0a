"""The Replicate routes that read: account, hardware, predictions; and the cancel."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.replicate.paging import invalid_cursor, page_url
from simulator.replicate.problems import Problem, not_found
from simulator.replicate.run_store import ListWindow, RunStore, SomeRun
from simulator.replicate.runs import Run
from simulator.world import ACCOUNT_NAME, World

_SOURCES = (None, "web")


class ReadRoutes:
    """The routes that change nothing, and the cancel."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def account(self, request: Request) -> Response:
        """GET /v1/account."""
        url = f"https://github.com/{ACCOUNT_NAME}"
        body = {
            "type": "organization",
            "username": ACCOUNT_NAME,
            "name": "Atelier simulator",
            "github_url": url,
        }
        return JSONResponse(body)

    async def webhook_secret(self, request: Request) -> Response:
        """GET /v1/webhooks/default/secret."""
        return JSONResponse({"key": self._world.webhook_key})

    async def get_prediction(self, request: Request) -> Response:
        """GET /v1/predictions/{id}; a training is found there as well."""
        return JSONResponse(self._run(request).as_json(self._world.now()))

    async def cancel_prediction(self, request: Request) -> Response:
        """POST /v1/predictions/{id}/cancel."""
        run = self._run(request)
        now = self._world.now()
        run.cancel(now)
        return JSONResponse(run.as_json(now))

    async def list_predictions(self, request: Request) -> Response:
        """GET /v1/predictions, newest first, 100 a page."""
        source = request.query_params.get("source")
        if source not in _SOURCES:
            detail = "source must be web"
            raise Problem(400, {"title": "Bad request", "detail": detail, "status": 400})
        if source == "web":
            return JSONResponse({"next": None, "previous": None, "results": []})
        after, before = _moment(request, "created_after"), _moment(request, "created_before")
        return list_page(request, self._world.predictions, after, before, self._world.now())

    def _run(self, request: Request) -> Run:
        run = self._world.run(request.path_params["prediction_id"])
        if run is None:
            raise not_found()
        return run


def list_page(
    request: Request,
    store: RunStore[SomeRun],
    after: float | None,
    before: float | None,
    now: float,
) -> Response:
    """One page of predictions or trainings, as they are at `now`."""
    try:
        page = store.page(ListWindow(after, before, request.query_params.get("cursor")))
    except ValueError as error:
        raise invalid_cursor() from error
    body = {
        "next": page_url(request, page.next_cursor),
        "previous": page_url(request, page.previous_cursor),
        "results": [run.as_json(now) for run in page.rows],
    }
    return JSONResponse(body)


def _moment(request: Request, name: str) -> float | None:
    """A query parameter as Unix seconds; a '+' of an offset may have arrived as a blank."""
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        detail = f"{name} must be an ISO 8601 date-time"
        raise Problem(400, {"title": "Bad request", "detail": detail, "status": 400}) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
