"""One step done by a process of its own that is killed with SIGKILL at a checkpoint.

Forked, so that it costs milliseconds: every checkpoint of every kind of work can be tried.
"""

import os
import signal
from dataclasses import replace

from services.container import build_step_context
from services.pipeline import checkpoints
from services.pipeline.leases import Step
from services.queue.base import QueuedStep
from tests.integration.pipeline.manual_pipeline import STEPS, ManualPipeline


def killed_at(by_hand: ManualPipeline, job: QueuedStep, place: str) -> bool:
    """Do the step in a child that dies when it reaches `place`; whether it got there."""
    child = os.fork()
    if child == 0:
        _live_and_die(by_hand, job, place)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _live_and_die(by_hand: ManualPipeline, job: QueuedStep, place: str) -> None:
    """In the child: connections of its own; nothing of the parent's is used or closed."""

    def die(name: str) -> None:
        if name == place:
            os.kill(os.getpid(), signal.SIGKILL)

    exit_code = 1
    try:
        checkpoints.listen(die)
        settings = by_hand.studio.services.settings
        context = replace(build_step_context(settings), limits=by_hand.context.limits)
        STEPS[job.step](context, Step(job.run_id, job.seq), "forked")
        exit_code = 0
    finally:
        os._exit(exit_code)
