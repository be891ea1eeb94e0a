"""What the parts of the service share."""

from services.database.engine import Database
from services.providers.durations import UsualSeconds
from services.queue.job_reads import JobReads


class Part:
    """One part of the service; `simulated` names the providers that the simulator plays."""

    def __init__(
        self, database: Database, reads: JobReads, usual: UsualSeconds, simulated: frozenset[str]
    ) -> None:
        self._database = database
        self._reads = reads
        self._usual = usual
        self._simulated = simulated
