"""Facts about the system at one moment: processes, providers, queues, the database and its locks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.core.server_problem import ServerProblem
from services.core.states import QueueName
from services.database.blockers import Blocker
from services.monitoring.processes import ProcessFacts
from services.monitoring.providers import ProviderStatus
from services.queue.base import QueueCounts


def is_working(process: ProcessFacts) -> bool:
    """Whether its heartbeat is fresh and the process is not known to be gone or stopped."""
    return process.is_alive and process.exists is not False and not process.is_stopped


@dataclass(frozen=True)
class HeldSteps:
    """Steps of one provider that workers execute for long: their number, the longest's seconds."""

    count: int
    seconds: float


@dataclass(frozen=True)
class RestoreFacts:
    """The database is a copy of `copied_at`; the storage knows of an event at `lost_at`."""

    noticed_at: datetime
    copied_at: datetime
    lost_at: datetime


@dataclass(frozen=True)
class QueuePause:
    """The pause of a queue."""

    at: datetime
    by: str


@dataclass(frozen=True)
class SystemFacts:
    """Processes, providers and queues: everything that is not about one generation."""

    now: datetime
    processes: tuple[ProcessFacts, ...]
    providers: Mapping[str, ProviderStatus]
    queue: QueueCounts | None
    paused_queues: Mapping[QueueName, QueuePause]
    queue_capacity: int = 10
    """How many jobs the dispatcher lets wait in the queues together."""
    queue_problem: ServerProblem | None = None
    """Why Redis could not be read, where its table knows."""
    is_database_read_only: bool = False
    restore: RestoreFacts | None = None
    """A restore of the database from an older copy that nobody has dealt with."""
    given_up: tuple[str, ...] = ()
    """Processes that `./run` of this machine starts no more, with their last exit."""
    blockers: tuple[Blocker, ...] = ()
    """Sessions of PostgreSQL that hold locks on our tables for long, or that others wait for."""
    slow_steps: Mapping[str, HeldSteps] = field(default_factory=dict)
    """By provider."""
    storage_problem: str | None = None
    """The storage's error, if it was read and refused."""

    @property
    def is_dispatcher_alive(self) -> bool:
        """Whether a dispatcher sends heartbeats."""
        return any(it.role == "dispatcher" and is_working(it) for it in self.processes)

    @property
    def dispatcher_problem(self) -> ServerProblem | None:
        """What kept the living dispatcher from its work at its last heartbeat."""
        found = (it.problem for it in self.processes if it.role == "dispatcher" and is_working(it))
        return next(filter(None, found), None)

    @property
    def is_dispatcher_failing(self) -> bool:
        """Whether a dispatcher lives and its ticks fail, for another reason than Redis."""
        problem = self.dispatcher_problem
        return problem is not None and problem.server != "Redis"

    @property
    def dispatching_since(self) -> datetime | None:
        """Since when a dispatcher enqueues all that is due without a break; None: not recorded."""
        since = [it.working_since for it in self.processes if it.role == "dispatcher"]
        return max((it for it in since if it), default=None)

    @property
    def live_workers(self) -> list[ProcessFacts]:
        """Worker processes that send heartbeats."""
        return [it for it in self.processes if it.role == "worker" and is_working(it)]

    def last_heartbeat(self, role: str) -> datetime | None:
        """When any process of this role last sent a heartbeat; None within a day."""
        return max((it.heartbeat_at for it in self.processes if it.role == role), default=None)
