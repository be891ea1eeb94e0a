"""A worker holds the run and does nothing, or works on an outdated step of it."""

from services.diagnosis.cause import RESUMES, Cause, Evidence, Findings, Scope, Severity
from services.diagnosis.facts.models import RunCase
from services.diagnosis.shared_rules import (
    held_run,
    holder,
    is_held_by_the_dead,
    is_lease_over,
    silence,
)


class ZombieWorker(Cause):
    id = "zombie_worker"
    title = "A worker hangs and still holds it"
    scope = Scope.RUN
    precedence = 20
    severities = (Severity.WAIT, Severity.ACT)
    remedies = ("requeue", "fail_and_refund")
    reply = "It was held up on our side."
    reply_next = RESUMES

    def find_here(self, case: RunCase) -> Findings:
        """Find a lease of a silent process that exists, or an expired lease of a live one."""
        worker = holder(case)
        if case.run.lease_until is None or worker is None or is_held_by_the_dead(case):
            return
        if not worker.is_alive or is_lease_over(case):
            yield held_run(self, case, "The worker hangs", silence(case, worker))

    def find_beside(self, case: RunCase) -> Findings:
        """Find a worker that still works on an earlier step, which another has by now."""
        for process in case.system.processes:
            for step in process.held:
                is_outdated = step.run_id == case.run.id and step.seq < case.run.seq
                if is_outdated and process.is_alive:
                    yield self.finding(
                        f"The worker {process.name} resumed and still works on step {step.seq}, which"
                        " another worker has taken over. Its result is discarded; nothing is done"
                        " twice.",
                        Evidence(
                            "database", f"It holds step {step.seq}; the run is at {case.run.seq}."
                        ),
                        run=case.run,
                        is_healing=True,
                    )
                    return
