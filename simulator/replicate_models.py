"""The routes of models: list, make, look, change, delete, and what belongs to one."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from simulator.create_bodies import json_body
from simulator.examples import example_of
from simulator.model_bodies import (
    LINKS,
    checked_changes,
    checked_model,
    forbidden,
    name_taken,
)
from simulator.model_pages import MAX_OWN, ModelPage
from simulator.paging import base_url, paged
from simulator.problems import not_found
from simulator.world import ACCOUNT_NAME, World

_NOT_YOURS = "You can only change models that you own."
_NOT_PRIVATE = "You can only delete private models and versions of private models."
_HAS_VERSIONS = "You can only delete models that have no versions associated with them."


class ModelRoutes:
    """The routes under /v1/models, but for runs."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def list(self, request: Request) -> Response:
        """GET /v1/models: the public ones, latest version first unless the query says otherwise."""
        now = self._world.now()
        pages = [page for page in self._world.models if page.visibility == "public"]
        if request.query_params.get("sort_direction") == "asc":
            pages.reverse()
        return JSONResponse(paged(request, pages, lambda page: page.as_json(now)))

    async def create(self, request: Request) -> Response:
        """POST /v1/models."""
        body = checked_model(await json_body(request))
        if body["owner"] != ACCOUNT_NAME:
            raise forbidden("You can only create models for the account of your token.")
        if self._world.models.find(body["owner"], body["name"]) is not None:
            raise name_taken("A model with that name and owner already exists.")
        if self._world.models.own >= MAX_OWN:
            raise forbidden(f"There is a limit of {MAX_OWN} models per account.")
        page = ModelPage(
            owner=body["owner"],
            name=body["name"],
            description=body.get("description"),
            visibility=body["visibility"],
            links={link: body.get(link) for link in LINKS},
        )
        self._world.models.add(page)
        return JSONResponse(page.as_json(self._world.now()), 201)

    async def get(self, request: Request) -> Response:
        """GET /v1/models/{owner}/{name}."""
        return JSONResponse(self._page(request).as_json(self._world.now()))

    async def update(self, request: Request) -> Response:
        """PATCH /v1/models/{owner}/{name}."""
        page = self._own_page(request)
        body = checked_changes(await json_body(request))
        page.links |= {link: body[link] for link in LINKS if link in body}
        page.description = body.get("description", page.description)
        page.readme = body.get("readme", page.readme)
        return JSONResponse(page.as_json(self._world.now()))

    async def delete(self, request: Request) -> Response:
        """DELETE /v1/models/{owner}/{name}."""
        page = self._own_page(request)
        if page.visibility != "private":
            raise forbidden(_NOT_PRIVATE)
        if page.versions(self._world.now()):
            raise forbidden(_HAS_VERSIONS)
        self._world.models.remove(page)
        return Response(status_code=204)

    async def list_versions(self, request: Request) -> Response:
        """GET /v1/models/{owner}/{name}/versions, newest first."""
        versions = self._page(request).versions(self._world.now())
        return JSONResponse(paged(request, versions, lambda row: row[0].version_json(row[1])))

    async def get_version(self, request: Request) -> Response:
        """GET /v1/models/{owner}/{name}/versions/{version_id}."""
        for model, created_at in self._page(request).versions(self._world.now()):
            if model.version == request.path_params["version_id"]:
                return JSONResponse(model.version_json(created_at))
        raise not_found()

    async def delete_version(self, request: Request) -> Response:
        """DELETE /v1/models/{owner}/{name}/versions/{version_id}, with all its predictions."""
        page = self._own_page(request)
        version = request.path_params["version_id"]
        training = next((row for row in page.trainings if row.version == version), None)
        if training is None or training.is_version_deleted:
            raise not_found()
        if page.visibility != "private":
            raise forbidden(_NOT_PRIVATE)
        training.is_version_deleted = True
        self._world.predictions.discard_version(version)
        return Response(status_code=202)

    async def list_examples(self, request: Request) -> Response:
        """GET /v1/models/{owner}/{name}/examples."""
        model = self._page(request).hosted
        example = None if model is None else example_of(model, base_url(request))
        if example is not None:
            self._world.examples[example.id] = example
        now = self._world.now()
        rows = [] if example is None else [example]
        return JSONResponse(paged(request, rows, lambda row: row.as_json(now)))

    async def get_readme(self, request: Request) -> Response:
        """GET /v1/models/{owner}/{name}/readme, as Markdown."""
        readme = self._page(request).readme
        if readme is None:
            raise not_found()
        return PlainTextResponse(readme)

    def _page(self, request: Request) -> ModelPage:
        page = self._world.models.find(request.path_params["owner"], request.path_params["name"])
        if page is None:
            raise not_found()
        return page

    def _own_page(self, request: Request) -> ModelPage:
        page = self._page(request)
        if page.owner != ACCOUNT_NAME:
            raise forbidden(_NOT_YOURS)
        return page
