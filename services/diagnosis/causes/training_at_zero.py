"""A training has not counted a step yet."""

from datetime import timedelta

from services.core.humanize import span
from services.core.states import RunState
from services.diagnosis.cause import Cause, Evidence, Findings, Severity, offers
from services.diagnosis.facts.models import RunCase
from services.recipes.registry import work_of


class TrainingAtZero(Cause):
    id = "training_at_zero"
    title = "The training is at 0%"
    precedence = 180
    severities = (Severity.WAIT, Severity.ACT)
    remedies = ("poll_now", "cancel_and_restart", "fail_and_refund")
    has_deadline = True
    expected = "The training begins and its log counts steps."
    reply = "Your training is being prepared: its pictures are read and described first."
    reply_next = (
        "If it does not begin within half an hour, we restart it or you get the credits back."
    )

    def find_at_provider(self, case: RunCase) -> Findings:
        """Find a training that boots or captions; it takes action once that takes too long."""
        run, age = case.run, case.seconds_since(case.run.accepted_at or case.run.created_at)
        if (
            not work_of(run.kind).uses_trainings
            or run.state is not RunState.WAITING
            or run.progress
        ):
            return
        is_booting = run.provider_status == "starting"
        stage = run.stage or ("booting the machine" if is_booting else "beginning")
        left = case.limits.training_start - age
        outcome = (
            f"That takes some minutes; if no step is counted within {span(left)} more, act."
            if left > 0
            else "That is too long: restart it, which costs no credits, or refund it."
        )
        others = () if left > 0 else ("cancel_and_restart", "fail_and_refund")
        yield self.finding(
            f"No step is counted after {span(age)}: it is {stage.rstrip('.').lower()}. {outcome}",
            Evidence(case.provider_label, f"Status: {run.provider_status}, {stage}."),
            severity=Severity.WAIT if left > 0 else Severity.ACT,
            run=run,
            offers=offers(run.id, "poll_now", *others),
            since=run.accepted_at,
            until=case.system.now + timedelta(seconds=max(0.0, left)),
        )
