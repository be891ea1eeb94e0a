"""The Replicate routes that look at things: account, models, versions, predictions; and the cancel."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.simulator.catalogue import MODELS, Model, find_model
from services.simulator.prediction_store import ListWindow
from services.simulator.predictions import Prediction
from services.simulator.problems import Problem, not_found
from services.simulator.world import ACCOUNT_NAME, World

_HARDWARE = (
    ("CPU", "cpu"),
    ("Nvidia T4 GPU", "gpu-t4"),
    ("Nvidia L40S GPU", "gpu-l40s"),
    ("Nvidia A100 (80GB) GPU", "gpu-a100-large"),
    ("Nvidia H100 GPU", "gpu-h100"),
)


def base_url(request: Request) -> str:
    """Scheme and host under which the caller reached the simulator."""
    return str(request.base_url).rstrip("/")


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

    async def hardware(self, request: Request) -> Response:
        """GET /v1/hardware."""
        return JSONResponse([{"name": name, "sku": sku} for name, sku in _HARDWARE])

    async def webhook_secret(self, request: Request) -> Response:
        """GET /v1/webhooks/default/secret."""
        return JSONResponse({"key": self._world.webhook_key})

    async def list_models(self, request: Request) -> Response:
        """GET /v1/models."""
        return JSONResponse(
            {"next": None, "previous": None, "results": [model.as_json() for model in MODELS]}
        )

    async def get_model(self, request: Request) -> Response:
        """GET /v1/models/{owner}/{name}."""
        return JSONResponse(_model(request).as_json())

    async def list_versions(self, request: Request) -> Response:
        """GET /v1/models/{owner}/{name}/versions."""
        results = [_model(request).version_json()]
        return JSONResponse({"next": None, "previous": None, "results": results})

    async def get_version(self, request: Request) -> Response:
        """GET /v1/models/{owner}/{name}/versions/{version_id}."""
        model = _model(request)
        if model.version != request.path_params["version_id"]:
            raise not_found()
        return JSONResponse(model.version_json())

    async def get_prediction(self, request: Request) -> Response:
        """GET /v1/predictions/{id}."""
        return JSONResponse(self._prediction(request).as_json(self._world.now()))

    async def cancel_prediction(self, request: Request) -> Response:
        """POST /v1/predictions/{id}/cancel."""
        prediction = self._prediction(request)
        now = self._world.now()
        prediction.cancel(now)
        return JSONResponse(prediction.as_json(now))

    async def list_predictions(self, request: Request) -> Response:
        """GET /v1/predictions, newest first, 100 a page."""
        after, before = _moment(request, "created_after"), _moment(request, "created_before")
        try:
            page = self._world.predictions.page(
                ListWindow(after, before, request.query_params.get("cursor"))
            )
        except ValueError as error:
            raise Problem(
                400, {"title": "Bad request", "detail": "Invalid cursor", "status": 400}
            ) from error
        now = self._world.now()
        body = {
            "next": _page_url(request, page.next_cursor),
            "previous": _page_url(request, page.previous_cursor),
            "results": [prediction.as_json(now) for prediction in page.rows],
        }
        return JSONResponse(body)

    def _prediction(self, request: Request) -> Prediction:
        prediction = self._world.predictions.get(request.path_params["prediction_id"])
        if prediction is None:
            raise not_found()
        return prediction


def _model(request: Request) -> Model:
    model = find_model(request.path_params["owner"], request.path_params["name"])
    if model is None:
        raise not_found()
    return model


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


def _page_url(request: Request, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    query = {key: value for key, value in request.query_params.items() if key != "cursor"}
    return f"{base_url(request)}{request.url.path}?{urlencode({**query, 'cursor': cursor})}"
