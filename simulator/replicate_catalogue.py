"""The routes that find models: collections, the search, and the search by the QUERY method."""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.hosted_models import COLLECTIONS
from simulator.model_pages import ModelPage
from simulator.paging import paged
from simulator.problems import not_found
from simulator.world import World

_USUAL_RESULTS, _MOST_RESULTS = 20, 50
_DOCS = (("Fine-tune an image model", "/docs/guides/fine-tune-an-image-model"),)


class CatalogueRoutes:
    """The routes that find models."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def list_collections(self, request: Request) -> Response:
        """GET /v1/collections."""
        rows = [_brief(slug, name, text) for slug, name, text, _ in COLLECTIONS]
        return JSONResponse(paged(request, rows, lambda row: row))

    async def get_collection(self, request: Request) -> Response:
        """GET /v1/collections/{slug}."""
        now = self._world.now()
        for slug, name, text, models in COLLECTIONS:
            if slug == request.path_params["slug"]:
                pages = [self._world.models.find(model.owner, model.name) for model in models]
                shown = [page.as_json(now) for page in pages if page is not None]
                return JSONResponse(
                    {**_brief(slug, name, text), "full_description": None, "models": shown}
                )
        raise not_found()

    async def query_models(self, request: Request) -> Response:
        """QUERY /v1/models with the words as plain text."""
        words = (await request.body()).decode("utf-8", "replace")
        now = self._world.now()
        found = [page for _, page in self._found(words)]
        return JSONResponse(paged(request, found, lambda page: page.as_json(now)))

    async def search(self, request: Request) -> Response:
        """GET /v1/search?query=…&limit=…; needs no token."""
        words = request.query_params.get("query", "")
        if not words:
            return _refused('Query parameter "query" is required')
        limit = request.query_params.get("limit", str(_USUAL_RESULTS))
        if not limit.isdigit() or not 1 <= int(limit) <= _MOST_RESULTS:
            return _refused(f'Query parameter "limit" must be between 1 and {_MOST_RESULTS}')
        now = self._world.now()
        found = self._found(words)[: int(limit)]
        body = {
            "query": words,
            "models": [
                {"model": page.as_json(now), "metadata": _metadata(page, score)}
                for score, page in found
            ],
            "collections": [
                {**_brief(slug, name, text), "models": [model.full_name for model in models]}
                for slug, name, text, models in COLLECTIONS
                if _score(words, f"{slug} {name} {text}")
            ],
            "pages": [{"name": name, "href": href} for name, href in _DOCS if _score(words, name)],
        }
        return JSONResponse(body)

    def _found(self, words: str) -> list[tuple[float, ModelPage]]:
        """Public models that hold one of the words, those with most of them first."""
        scored = [
            (_score(words, f"{page.full_name} {page.description}"), page)
            for page in self._world.models
            if page.visibility == "public"
        ]
        return sorted((row for row in scored if row[0]), key=lambda row: -row[0])


def _score(words: str, text: str) -> float:
    wanted = re.findall(r"\w+", words.lower())
    hits = sum(1 for word in wanted if word in text.lower())
    return round(hits / len(wanted), 4) if wanted else 0.0


def _brief(slug: str, name: str, text: str) -> dict[str, Any]:
    return {"name": name, "slug": slug, "description": text}


def _metadata(page: ModelPage, score: float) -> dict[str, Any]:
    return {"generated_description": page.description, "score": score, "tags": []}


def _refused(detail: str) -> Response:
    return JSONResponse({"detail": detail}, 400)
