"""A paid test picture for admins: its price first, then one at a time, in the background.

Both its start and its end, with what it cost, are in the audit trail.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

from services.audit.changes import MAX_REASON_CHARACTERS, one_line, record_change
from services.core.actors import Actor, require
from services.core.errors import AtelierError, InvalidRequestError
from services.core.states import Role
from services.credits.budget import refuse_over_budget
from services.credits.costs import unit_price
from services.database.engine import Database
from services.database.models import new_id
from services.fetch.failures import FetchError
from services.health.test_picture_run import PictureTestRun, PictureTestStep
from services.providers.base import PredictionStatus, Provider, ProviderError
from services.providers.registry import provider_label
from services.storage.base import Storage

logger = logging.getLogger(__name__)

ARRIVED = "It arrived whole"
UNEXPECTED = "Something went wrong on our side; the log has the details."


@dataclass(frozen=True)
class PictureTestChoice:
    """A model that can be tried. `cost_usd` None: no price is listed for it."""

    provider: str
    model: str
    label: str
    cost_usd: float | None
    seconds: float
    is_simulated: bool


@dataclass(frozen=True)
class PictureTestDetail:
    """The newest test picture as it stands now; `problem` is a sentence, empty when all is well."""

    id: str
    choice: PictureTestChoice
    began_at: datetime
    age_seconds: float
    is_running: bool
    steps: tuple[PictureTestStep, ...]
    picture: bytes | None
    web_url: str | None
    cost_usd: float | None
    problem: str


@dataclass
class _PictureTest:
    id: str
    actor: Actor
    choice: PictureTestChoice
    run: PictureTestRun
    began_at: datetime
    began: float
    ended: float | None = None
    cost_usd: float | None = None
    problem: str = ""


class PictureTests:
    """Makes test pictures of the models that the settings name."""

    def __init__(
        self,
        database: Database,
        storage: Storage,
        providers: Mapping[str, Provider],
        fetch: Callable[[str], bytes],
        models: Sequence[tuple[str, str]],
        simulated: frozenset[str] = frozenset(),
    ) -> None:
        self._database = database
        self._storage = storage
        self._providers = providers
        self._fetch = fetch
        self._models = models
        self._simulated = simulated
        self._lock = threading.Lock()
        self._newest: _PictureTest | None = None

    def choices(self, actor: Actor) -> tuple[PictureTestChoice, ...]:
        """The models of the providers that are set up, with price and usual time."""
        require(actor, Role.ADMIN)
        known = [pair for pair in dict.fromkeys(self._models) if pair[0] in self._providers]
        return tuple(self._choice(*pair) for pair in known)

    def latest(self, actor: Actor) -> PictureTestDetail | None:
        """The newest one of this process, running or ended."""
        require(actor, Role.ADMIN)
        with self._lock:
            return _view(self._newest) if self._newest else None

    def begin(self, actor: Actor, provider: str, model: str, seen_id: str | None) -> None:
        """Make one; `seen_id` is the newest that the person saw, and nothing begins after another.

        A second click is therefore no second picture. Raises InvalidRequestError,
        BudgetReachedError.
        """
        require(actor, Role.ADMIN)
        choice = next(
            (c for c in self.choices(actor) if (c.provider, c.model) == (provider, model)), None
        )
        if choice is None:
            raise InvalidRequestError(problem="This model is not set up here. Choose another one.")
        run = PictureTestRun(self._providers[provider], model, self._storage, self._fetch)
        picture_test = _PictureTest(
            new_id("tst"), actor, choice, run, datetime.now(UTC), monotonic()
        )
        with self._lock:
            newest = self._newest
            if (newest.id if newest else None) != seen_id or (newest and newest.ended is None):
                return
            self._note_start(picture_test)
            self._newest = picture_test
        threading.Thread(
            target=self._work, args=(picture_test,), name="test-picture", daemon=True
        ).start()

    def _choice(self, provider: str, model: str) -> PictureTestChoice:
        seconds = self._providers[provider].capabilities(model).typical_seconds
        with self._database.transaction() as session:
            price = unit_price(session, provider, model)
        label = f"{provider_label(provider)} · {model}"
        cost = price.of(seconds) if price else None
        return PictureTestChoice(provider, model, label, cost, seconds, provider in self._simulated)

    def _note_start(self, picture_test: _PictureTest) -> None:
        cost = picture_test.choice.cost_usd or 0.0
        with self._database.transaction() as session:
            refuse_over_budget(session, cost)
            record_change(
                session,
                picture_test.actor,
                "test_picture.start",
                picture_test.id,
                "Ordered on the system page",
                after={**_what(picture_test), "estimated_usd": cost},
            )

    def _work(self, picture_test: _PictureTest) -> None:
        try:
            picture_test.problem = _problem(picture_test.run)
            self._note_end(picture_test)
        except AtelierError as error:
            picture_test.problem = picture_test.problem or error.sentence
        finally:
            with self._lock:
                picture_test.ended = monotonic()

    def _note_end(self, picture_test: _PictureTest) -> None:
        told = {**_what(picture_test), "seconds": round(monotonic() - picture_test.began, 1)}
        if picture_test.run.prediction:
            told["prediction_id"] = picture_test.run.prediction.id
        with self._database.transaction() as session:
            price = unit_price(session, picture_test.choice.provider, picture_test.choice.model)
            picture_test.cost_usd = _cost(picture_test, price.of if price else None)
            record_change(
                session,
                picture_test.actor,
                "test_picture.end",
                picture_test.id,
                one_line(picture_test.problem or ARRIVED)[:MAX_REASON_CHARACTERS],
                after={**told, "cost_usd": picture_test.cost_usd},
            )


def _problem(run: PictureTestRun) -> str:
    try:
        run.work()
    except ProviderError as error:
        return f"{error.detail.rstrip('.')}."
    except FetchError as error:
        return f"The picture was not fetched: {error.detail.rstrip('.')}."
    except AtelierError as error:
        return error.sentence
    except Exception:
        # The thread's boundary: the page would else wait for it for ever.
        logger.exception("test_picture.failed")
        return UNEXPECTED
    return ""


def _what(picture_test: _PictureTest) -> dict[str, object]:
    return {"provider": picture_test.choice.provider, "model": picture_test.choice.model}


def _cost(picture_test: _PictureTest, listed: Callable[[float, int], float] | None) -> float | None:
    """By the list; an answer that nobody saw may have been charged for, so it keeps its estimate."""
    if not picture_test.run.is_sent:
        return 0.0
    prediction, has_picture = picture_test.run.prediction, picture_test.run.picture is not None
    if listed is None or (prediction is None and not has_picture):
        return picture_test.choice.cost_usd
    is_made = has_picture or (prediction and prediction.status is PredictionStatus.SUCCEEDED)
    seconds = prediction.predict_seconds if prediction else None
    return round(listed(seconds or picture_test.choice.seconds, int(bool(is_made))), 4)


def _view(picture_test: _PictureTest) -> PictureTestDetail:
    return PictureTestDetail(
        id=picture_test.id,
        choice=picture_test.choice,
        began_at=picture_test.began_at,
        age_seconds=(picture_test.ended or monotonic()) - picture_test.began,
        is_running=picture_test.ended is None,
        steps=picture_test.run.steps(),
        picture=picture_test.run.picture,
        web_url=picture_test.run.prediction.web_url if picture_test.run.prediction else None,
        cost_usd=picture_test.cost_usd,
        problem=picture_test.problem,
    )
