"""The models that exist: the public ones, and those that the caller made and trained."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from simulator.replicate.models.catalogue import HOSTED_SINCE, Model
from simulator.replicate.models.hosted import MODELS
from simulator.replicate.runs import iso_time
from simulator.replicate.trainings.training import Training

_RUNS = 1_284_331
MAX_OWN = 1_000
"""How many models an account may have."""


@dataclass
class ModelPage:
    """A model with all its versions."""

    owner: str
    name: str
    description: str | None = None
    visibility: str = "public"
    links: dict[str, str | None] = field(default_factory=dict)
    """Addresses of its code, paper, licence and cover picture."""
    hosted: Model | None = None
    """The one version of a public model."""
    trainings: list[Training] = field(default_factory=list)
    """What was trained into it, oldest first; each gives a version once it has succeeded."""

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"

    def versions(self, now: float) -> list[tuple[Model, str]]:
        """Each version that exists at `now` with when it was made, newest first."""
        if self.hosted is not None:
            return [(self.hosted, HOSTED_SINCE)]
        ready = [training for training in self.trainings if _gives_version(training, now)]
        ready.sort(key=lambda training: training.plan.ends_at, reverse=True)
        return [(training.product(), iso_time(training.plan.ends_at)) for training in ready]

    def as_json(self, now: float) -> dict[str, Any]:
        """The model as `GET /v1/models/{owner}/{name}` shows it."""
        versions = self.versions(now)
        latest = versions[0][0].version_json(versions[0][1]) if versions else None
        links = ("github_url", "paper_url", "license_url", "cover_image_url")
        return {
            "url": f"https://replicate.com/{self.full_name}",
            "owner": self.owner,
            "name": self.name,
            "description": self.description,
            "visibility": self.visibility,
            "is_official": self.hosted is not None and self.hosted.is_official,
            **{link: self.links.get(link) for link in links},
            "run_count": _RUNS if self.hosted is not None else 0,
            "default_example": None,
            "latest_version": latest,
        }


def _gives_version(training: Training, now: float) -> bool:
    is_made = training.has_succeeded(now) and training.output_count(now) > 0
    return is_made and not training.is_version_deleted


class ModelShelf:
    """Every model, by owner and name."""

    def __init__(self) -> None:
        self._hosted = {model.full_name: _hosted_page(model) for model in MODELS}
        self._own: dict[str, ModelPage] = {}

    def __iter__(self) -> Iterator[ModelPage]:
        """Newest first: the caller's own, then the public ones."""
        yield from reversed(self._own.values())
        yield from self._hosted.values()

    @property
    def own(self) -> int:
        """How many models the caller made."""
        return len(self._own)

    def add(self, page: ModelPage) -> None:
        """Store one that the caller made."""
        self._own[page.full_name] = page

    def find(self, owner: str, name: str) -> ModelPage | None:
        """The model of that name."""
        full_name = f"{owner}/{name}"
        return self._own.get(full_name) or self._hosted.get(full_name)

    def find_version(self, reference: str, now: float) -> Model | None:
        """What a create's `version` names: an id, `owner/name:id`, or an official `owner/name`."""
        name, _, version = reference.rpartition(":")
        if version and not name and "/" in version:
            page = self._hosted.get(version)
            official = page.hosted if page is not None else None
            return official if official is not None and official.is_official else None
        pages = self if not name else [page for page in self if page.full_name == name]
        found = (model for page in pages for model, _ in page.versions(now))
        return next((model for model in found if model.version == version), None)

    def clear(self) -> None:
        """Forget what the caller made."""
        self._own.clear()


def _hosted_page(model: Model) -> ModelPage:
    return ModelPage(
        owner=model.owner,
        name=model.name,
        description=model.description,
        hosted=model,
    )
