"""A paid test picture for admins, one at a time, in the background.

The audit trail records its start and its end with what it cost.
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
from services.fetch.network import FetchError
from services.health.test_picture_run import PictureTestRun, PictureTestStep
from services.providers.base import PredictionStatus, Provider, ProviderError
from services.providers.registry import provider_label
from services.storage.base import Storage

logger = logging.getLogger(__name__)

ARRIVED = "The picture arrived"
UNEXPECTED = "Internal error; the log has the details."


@dataclass(frozen=True)
class PictureTestChoice:
    """A model to test. `cost_usd` None: no price is listed for it."""

    provider: str
    model: str
    label: str
    cost_usd: float | None
    seconds: float
    is_simulated: bool


@dataclass(frozen=True)
class PictureTestDetail:
    """The newest test picture; `problem` is a sentence, empty without one."""

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

    def subject(self) -> dict[str, object]:
        """Return what the audit rows name."""
        return {"provider": self.choice.provider, "model": self.choice.model}

    def actual_cost(self, listed: Callable[[float, int], float] | None) -> float | None:
        """Return the listed cost; a lost answer may have been charged, so its estimate stays."""
        run = self.run
        if not run.is_sent:
            return 0.0
        if listed is None or (run.prediction is None and run.picture is None):
            return self.choice.cost_usd
        is_made = run.picture is not None or (
            run.prediction is not None and run.prediction.status is PredictionStatus.SUCCEEDED
        )
        seconds = run.prediction.predict_seconds if run.prediction else None
        return round(listed(seconds or self.choice.seconds, int(is_made)), 4)

    def detail(self) -> PictureTestDetail:
        """Return its present state for pages."""
        return PictureTestDetail(
            id=self.id,
            choice=self.choice,
            began_at=self.began_at,
            age_seconds=(self.ended or monotonic()) - self.began,
            is_running=self.ended is None,
            steps=self.run.steps(),
            picture=self.run.picture,
            web_url=self.run.prediction.web_url if self.run.prediction else None,
            cost_usd=self.cost_usd,
            problem=self.problem,
        )


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
        """List the models of the configured providers, with price and typical duration."""
        require(actor, Role.ADMIN)
        known = [pair for pair in dict.fromkeys(self._models) if pair[0] in self._providers]
        return tuple(self._choice(*pair) for pair in known)

    def latest(self, actor: Actor) -> PictureTestDetail | None:
        """Return the newest one of this process, running or ended."""
        require(actor, Role.ADMIN)
        with self._lock:
            return self._newest.detail() if self._newest else None

    def begin(self, actor: Actor, provider: str, model: str, seen_id: str | None) -> None:
        """Start one; `seen_id`: the newest that the person saw, so a second click starts no second.

        Raises InvalidRequestError and BudgetReachedError.
        """
        require(actor, Role.ADMIN)
        choice = next(
            (c for c in self.choices(actor) if (c.provider, c.model) == (provider, model)), None
        )
        if choice is None:
            raise InvalidRequestError(problem="This model is not set up here. Choose another one.")
        run = PictureTestRun(self._providers[provider], model, self._storage, self._fetch)
        test = _PictureTest(new_id("tst"), actor, choice, run, datetime.now(UTC), monotonic())
        with self._lock:
            newest = self._newest
            if (newest.id if newest else None) != seen_id or (newest and newest.ended is None):
                return
            self._record_start(test)
            self._newest = test
        threading.Thread(
            target=self._execute, args=(test,), name="test-picture", daemon=True
        ).start()

    def _choice(self, provider: str, model: str) -> PictureTestChoice:
        seconds = self._providers[provider].capabilities(model).typical_seconds
        with self._database.transaction() as session:
            price = unit_price(session, provider, model)
        label = f"{provider_label(provider)} · {model}"
        cost = price.of(seconds) if price else None
        return PictureTestChoice(provider, model, label, cost, seconds, provider in self._simulated)

    def _record_start(self, test: _PictureTest) -> None:
        cost = test.choice.cost_usd or 0.0
        with self._database.transaction() as session:
            refuse_over_budget(session, cost)
            record_change(
                session,
                test.actor,
                "test_picture.start",
                test.id,
                "Started on the System page",
                after={**test.subject(), "estimated_usd": cost},
            )

    def _execute(self, test: _PictureTest) -> None:
        try:
            test.problem = _problem(test.run)
            self._record_end(test)
        except AtelierError as error:
            test.problem = test.problem or error.sentence
        finally:
            with self._lock:
                test.ended = monotonic()

    def _record_end(self, test: _PictureTest) -> None:
        detail = {**test.subject(), "seconds": round(monotonic() - test.began, 1)}
        if test.run.prediction:
            detail["prediction_id"] = test.run.prediction.id
        with self._database.transaction() as session:
            price = unit_price(session, test.choice.provider, test.choice.model)
            test.cost_usd = test.actual_cost(price.of if price else None)
            record_change(
                session,
                test.actor,
                "test_picture.end",
                test.id,
                one_line(test.problem or ARRIVED)[:MAX_REASON_CHARACTERS],
                after={**detail, "cost_usd": test.cost_usd},
            )


def _problem(run: PictureTestRun) -> str:
    try:
        run.execute()
    except ProviderError as error:
        return f"{error.detail.rstrip('.')}."
    except FetchError as error:
        return f"The picture was not fetched: {error.detail.rstrip('.')}."
    except AtelierError as error:
        return error.sentence
    except Exception:
        # The thread's boundary: the page would wait for it forever.
        logger.exception("test_picture.failed")
        return UNEXPECTED
    return ""
