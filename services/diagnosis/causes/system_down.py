"""Redis, the workers or the dispatcher do not run, so that nothing goes on."""

from datetime import timedelta

from services.core.humanize import span
from services.diagnosis.cause import Cause, Evidence, Findings, Scope, Severity
from services.diagnosis.causes.queue_refuses import queue_problem
from services.diagnosis.facts.models import RunCase

RESTART_SECONDS = 30.0
"""By then a supervisor has restarted a process that died."""


class QueueAway(Cause):
    """Redis does not answer."""

    id = "queue_away"
    title = "Redis does not answer"
    scope = Scope.SYSTEM
    precedence = 140
    severities = (Severity.ACT,)
    reply = "Our service is interrupted at the moment; your order is safe."
    reply_next = "It resumes by itself as soon as that is put right."

    def find_here(self, case: RunCase) -> Findings:
        """Find that Redis answered neither this diagnosis nor the dispatcher."""
        problem = queue_problem(case)
        if not (case.is_enqueued or case.is_late) or not (case.system.queue is None or problem):
            return
        said = str(problem or "Redis does not answer.")
        yield self.finding(
            f"{said} No worker gets a job until then. Everything is saved and resumes by itself when Redis"
            " is back.",
            Evidence("queue", (problem and problem.detail) or said),
        )


class NoWorker(Cause):
    """No worker process runs, or none takes jobs of this queue."""

    id = "no_worker"
    title = "No worker listens to its queue"
    scope = Scope.SYSTEM
    precedence = 150
    severities = (Severity.WAIT, Severity.ACT)
    reply = "Our service is interrupted at the moment; your order is safe."
    reply_next = "We are starting it again, and yours resumes by itself."

    def find_here(self, case: RunCase) -> Findings:
        """Find a job in a queue that no live worker takes jobs from."""
        queue = case.run.job.in_queue if case.run.job and case.is_enqueued else None
        system = case.system
        if queue is None or system.queue is None:
            return
        has_live = bool(system.live_workers)
        if has_live and system.queue.listening(queue) > 0:
            return
        last = system.last_heartbeat("worker")
        is_recent = last is not None and case.seconds_since(last) < RESTART_SECONDS
        is_healing = is_recent and not has_live
        fact = f"No worker listens to {queue}." if has_live else "No worker sends heartbeats."
        outcome = (
            "One that died is usually restarted within seconds."
            if is_healing
            else start_words(case, "worker")
        )
        yield self.finding(
            f"{fact} Jobs wait in the queue. {outcome}",
            Evidence("database", fact, last),
            since=last,
            is_healing=is_healing,
            until=last + timedelta(seconds=RESTART_SECONDS) if last else None,
        )


class DispatcherDown(Cause):
    """No dispatcher runs, so nothing is enqueued."""

    id = "dispatcher_down"
    title = "The dispatcher does not run"
    scope = Scope.SYSTEM
    precedence = 160
    severities = (Severity.ACT,)
    reply = "Our service is interrupted at the moment; your order is safe."
    reply_next = "We are starting it again, and yours resumes by itself."

    def find_here(self, case: RunCase) -> Findings:
        """Find a due step that no dispatcher will enqueue."""
        if not case.is_late or case.system.is_dispatcher_alive:
            return
        last = case.system.last_heartbeat("dispatcher")
        stopped = [it for it in case.system.processes if it.role == "dispatcher" and it.is_stopped]
        if stopped:
            pid = stopped[0].pid
            yield self.finding(
                f"The dispatcher is stopped by a signal, so nothing is enqueued. No work is lost. Let it"
                f" go on with kill -CONT {pid}.",
                Evidence("worker", f"Process {pid} is in state T.", last),
                since=last,
            )
            return
        fact = f"silent for {span(case.seconds_since(last))}" if last else "silent for over a day"
        yield self.finding(
            f"The dispatcher is {fact}, so nothing is enqueued: nothing begins and nothing goes on."
            f" No work is lost. {start_words(case, 'dispatcher')}",
            Evidence("database", f"The dispatcher is {fact}.", last),
            since=last,
        )


def start_words(case: RunCase, role: str) -> str:
    """Say how a process is started: by hand once its supervisor has given it up."""
    found = [it for it in case.system.given_up if it.startswith(role)]
    if found:
        return f"./run gave it up: {found[0].rstrip('.')}. Correct what its log says, then start ./run anew."
    return f"Start it: ./run does it by itself, elsewhere start the process `{role}`."


class DispatcherFailing(Cause):
    """A dispatcher runs, and its ticks fail."""

    id = "dispatcher_failing"
    title = "The dispatcher cannot do its work"
    scope = Scope.SYSTEM
    precedence = 165
    severities = (Severity.ACT,)
    reply = "Our service is interrupted at the moment; your order is safe."
    reply_next = "We are putting that right, and yours resumes by itself."

    def find_here(self, case: RunCase) -> Findings:
        """Find a due step that the dispatcher does not enqueue because its tick fails."""
        problem = case.system.dispatcher_problem
        if not case.is_late or problem is None or not case.system.is_dispatcher_failing:
            return
        yield self.finding(
            f"The dispatcher lives and cannot do its work. {problem} No work is lost; it tries again each"
            " second. Its log has the traceback.",
            Evidence("database", problem.detail or problem.sentence),
            since=case.run.due_at,
        )
