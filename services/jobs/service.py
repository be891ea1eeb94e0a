"""The one service that the jobs page asks."""

from services.jobs.board import Boards
from services.jobs.choices import Choices
from services.jobs.pauses import Pauses
from services.jobs.run_detail import RunDetails
from services.jobs.run_list import RunList
from services.jobs.throughput import Pace


class Jobs(Boards, Pace, RunList, RunDetails, Choices, Pauses):
    """Counts, queues and workers; runs and their attempts; what pauses and resumes."""
