"""Any history of starts, steps, deaths, cancels, retries, remedies and late answers adds up.

The ledger, the lifecycle and the pipeline's steps are the product's own, on the real PostgreSQL.
`./run bench faults` runs many more histories than these.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from services.core.states import ACTIVE_RUNS, RunState, Tier
from services.database.engine import Database
from services.pipeline.transitions import derive_state
from tests.integration.pipeline.lifecycle_world import World

EXAMPLES = int(os.environ.get("ATELIER_LIFECYCLE_EXAMPLES", "500"))
"""Of both tiers together."""
STEPS = 30
CREATES = ("accept", "throttle", "unreachable", "refuse", "lost before", "lost after")
HEALED = (
    "requeue",
    "poll_now",
    "cancel_and_restart",
    "declare_lost",
    "fail_and_refund",
    "regenerate",
)
MOST_STARTS = 4
ENDINGS = ("picture", "nothing", "failure", "platform", "canceled")
_opened: list[Database] = []


class Lifecycle(RuleBasedStateMachine):
    """One account's life. Numbers choose among whatever is there at that moment."""

    world: World

    tier: Tier

    @initialize(balance=st.sampled_from([60, 3_000]), quota=st.sampled_from([2, 50]))
    def open_account(self, balance: int, quota: int) -> None:
        self.world = World(_opened[0], self.tier, balance, quota)
        self.delivered: list[tuple[str, int, RunState]] = []
        self.started: list[str] = []
        self.is_changed = True

    @precondition(lambda self: len(self.started) < MOST_STARTS)
    @rule(children=st.integers(0, 1))
    def start(self, children: int) -> None:
        price = 0 if self.tier is Tier.UNLIMITED else 30
        self.started += filter(None, [self.world.start(1, children, price)])
        self.is_changed = True

    @rule(answer=st.sampled_from(CREATES))
    def choose_the_next_answer(self, answer: str) -> None:
        self.world.provider.next_create = answer

    @rule(which=st.integers(0, 9), dies_at=st.none() | st.integers(1, 5))
    def do_a_step(self, which: int, dies_at: int | None) -> None:
        runs = self.world.runs(*ACTIVE_RUNS)
        if runs:
            run = runs[which % len(runs)]
            self.delivered.append((run.id, run.seq, run.state))
            self.world.do(run, dies_at)
            self.is_changed = True

    @precondition(lambda self: self.delivered)
    @rule(which=st.integers(0, 9))
    def deliver_a_job_twice(self, which: int) -> None:
        run_id, seq, state = self.delivered[which % len(self.delivered)]
        self.world.deliver(run_id, seq, state)
        self.is_changed = True

    @rule(which=st.integers(0, 9), how=st.sampled_from(ENDINGS))
    def end_a_prediction(self, which: int, how: str) -> None:
        running = self.world.provider.running()
        if running:
            self.world.provider.end(running[which % len(running)], how)

    @rule()
    def rescue(self) -> None:
        self.world.rescue()
        self.is_changed = True

    @rule(which=st.integers(0, 9), dies_at=st.none() | st.just(1))
    def cancel(self, which: int, dies_at: int | None) -> None:
        if self.started:
            self.world.cancel(self.started[which % len(self.started)], dies_at)
            self.is_changed = True

    @rule(which=st.integers(0, 9))
    def retry(self, which: int) -> None:
        if self.started:
            self.world.retry(self.started[which % len(self.started)])
            self.is_changed = True

    @rule(which=st.integers(0, 9), is_again=st.booleans())
    def decide(self, which: int, is_again: bool) -> None:
        waiting = self.world.runs(RunState.NEEDS_REVIEW)
        if waiting:
            self.world.decide(waiting[which % len(waiting)].id, is_again)
            self.is_changed = True

    @rule(kind=st.sampled_from(HEALED), which=st.integers(0, 9))
    def heal(self, kind: str, which: int) -> None:
        self.world.heal(kind, which)
        self.is_changed = True

    @invariant()
    def everything_adds_up(self) -> None:
        if hasattr(self, "world") and self.is_changed:
            assert self.world.violations() == []
            self.is_changed = False

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.world.settle()
        assert self.world.violations() == []
        self._stored_states_follow()
        # No exact request was ever made twice: its seed tells each attempt apart.
        assert set(self.world.provider.creates.values()) <= {1}
        assert sum(self.world.provider.creates.values()) <= self.world.attempts_sent()

    def _stored_states_follow(self) -> None:
        with self.world.database.transaction() as session:
            for generation_id, state in self.world.states().items():
                assert derive_state(session, generation_id) is state


@pytest.fixture
def opened(database: Database) -> Iterator[Database]:
    """The database, which need not outlive its server here: commits do not wait for the disk."""
    with database.engine.begin() as connection:
        connection.execute(text("ALTER ROLE CURRENT_USER SET synchronous_commit = off"))
    database.engine.dispose()
    _opened[:] = [database]
    yield database
    _opened.clear()
    with database.engine.begin() as connection:
        connection.execute(text("ALTER ROLE CURRENT_USER RESET synchronous_commit"))


class ProLifecycle(Lifecycle):
    tier = Tier.PRO


class UnlimitedLifecycle(Lifecycle):
    tier = Tier.UNLIMITED


@pytest.mark.parametrize("machine", [ProLifecycle, UnlimitedLifecycle])
def test_any_history_of_the_pipeline_adds_up(opened: Database, machine: type[Lifecycle]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES // 2,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
