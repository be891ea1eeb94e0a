"""A training has not counted a step yet, or is unknown to the account."""

from services.core.states import Kind, RunState
from services.diagnosis.cause import Cause, Evidence, Findings, Severity, offers
from services.diagnosis.facts.models import RunCase
from services.diagnosis.shared_rules import unknown_prediction


class TrainingAtZero(Cause):
    id = "training_at_zero"
    title = "The training is at 0%"
    precedence = 180
    severities = (Severity.WAIT, Severity.ACT)
    remedies = ("poll_now", "cancel_and_restart", "fail_and_refund")
    has_deadline = True
    expected = "The training begins and its log counts steps."
    reply = "Your training is being prepared: its pictures are read and described first."
    reply_next = "Its progress shows after that; you need not start it again."

    def find_at_provider(self, case: RunCase) -> Findings:
        """Find a training that boots or captions, or that the token in use cannot see."""
        run = case.run
        if run.kind is not Kind.TRAINING or run.state is not RunState.WAITING:
            return
        unknown = unknown_prediction(self, case)
        yield from unknown
        if unknown or run.progress:
            return
        is_booting = run.provider_status == "starting"
        stage = run.stage or ("booting the machine" if is_booting else "beginning")
        yield self.finding(
            f"The training is at 0% and not stuck: it is {stage.rstrip('.').lower()}. That takes some"
            " minutes; its steps are counted afterwards.",
            Evidence(case.provider_label, f"Status: {run.provider_status}, {stage}."),
            severity=Severity.WAIT,
            run=run,
            offers=offers(run.id, "poll_now"),
            since=run.accepted_at,
        )
