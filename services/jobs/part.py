"""What the parts of the service share."""

from services.database.engine import Database
from services.providers.durations import DurationEstimator
from services.queue.job_reads import JobReads


class Part:
    """One part of the service; `simulated` names the providers that the simulator plays."""

    def __init__(
        self,
        database: Database,
        reads: JobReads,
        durations: DurationEstimator,
        simulated: frozenset[str],
    ) -> None:
        self._database = database
        self._reads = reads
        self._durations = durations
        self._simulated = simulated
