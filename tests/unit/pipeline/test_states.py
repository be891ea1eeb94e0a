"""The states, the moves between them, and the rule that makes a generation's state of them."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.states import (
    ACTIVE_RUNS,
    OPEN_SLOTS,
    RUN_MOVES,
    SLOT_MOVES,
    GenerationState,
    RunState,
    SlotState,
)
from services.pipeline.transitions import FINISHED, TERMINAL_RUNS, state_of
from services.providers.base import POLICY, FailureClass
from services.recipes.labels import FAILURE_SENTENCES, UNKNOWN_FAILURE

S, R, G = SlotState, RunState, GenerationState
State = TypeVar("State", bound=Hashable)


@pytest.mark.parametrize(
    ("slots", "runs", "expected"),
    [
        ({S.PENDING: 1}, {R.QUEUED}, G.QUEUED),
        ({S.PENDING: 1, S.BLOCKED: 2}, {R.QUEUED}, G.QUEUED),
        ({S.PENDING: 1}, set(), G.QUEUED),
        ({S.PENDING: 1}, {R.SUBMITTING}, G.RUNNING),
        ({S.PENDING: 2}, {R.QUEUED, R.WAITING}, G.RUNNING),
        ({S.PENDING: 1}, {R.INGESTING}, G.RUNNING),
        ({S.FILLED: 1, S.PENDING: 2}, {R.SUCCEEDED, R.QUEUED}, G.RUNNING),
        ({S.FAILED: 1, S.PENDING: 1}, {R.FAILED, R.QUEUED}, G.RUNNING),
        ({S.PENDING: 1}, {R.NEEDS_REVIEW}, G.NEEDS_REVIEW),
        ({S.PENDING: 1, S.BLOCKED: 2}, {R.NEEDS_REVIEW}, G.NEEDS_REVIEW),
        ({S.PENDING: 1, S.FILLED: 1}, {R.NEEDS_REVIEW, R.SUCCEEDED}, G.NEEDS_REVIEW),
        ({S.PENDING: 1, S.FAILED: 1}, {R.NEEDS_REVIEW, R.FAILED}, G.NEEDS_REVIEW),
        ({S.PENDING: 2}, {R.NEEDS_REVIEW, R.WAITING}, G.RUNNING),
        ({S.PENDING: 2}, {R.NEEDS_REVIEW, R.QUEUED}, G.RUNNING),
        ({S.FILLED: 3}, {R.SUCCEEDED}, G.SUCCEEDED),
        ({S.FILLED: 1}, {R.FAILED, R.SUCCEEDED}, G.SUCCEEDED),
        ({S.FILLED: 1, S.FAILED: 2}, {R.SUCCEEDED, R.FAILED}, G.PARTIAL),
        ({S.FILLED: 1, S.CANCELED: 1}, {R.SUCCEEDED, R.CANCELED}, G.PARTIAL),
        ({S.FAILED: 3}, {R.FAILED}, G.FAILED),
        ({S.FAILED: 1, S.CANCELED: 1}, {R.FAILED, R.CANCELED}, G.FAILED),
        ({S.CANCELED: 2}, {R.CANCELED}, G.CANCELED),
    ],
)
def test_a_generations_state_follows_from_its_slots_and_runs(
    slots: dict[SlotState, int], runs: set[RunState], expected: GenerationState
) -> None:
    assert state_of(slots, runs) is expected


@given(
    st.dictionaries(st.sampled_from(SlotState), st.integers(1, 20), min_size=1),
    st.sets(st.sampled_from(RunState)),
)
def test_a_generation_is_finished_exactly_when_no_slot_is_open(
    slots: dict[SlotState, int], runs: set[RunState]
) -> None:
    state = state_of(slots, runs)
    is_open = bool(set(slots) & OPEN_SLOTS)
    assert (state in FINISHED) is not is_open
    assert (state is GenerationState.SUCCEEDED) == (set(slots) == {SlotState.FILLED})
    if state is GenerationState.NEEDS_REVIEW:
        assert RunState.NEEDS_REVIEW in runs and not runs & ACTIVE_RUNS


@given(
    st.dictionaries(st.sampled_from(SlotState), st.integers(0, 5)),
    st.sets(st.sampled_from(RunState)),
)
def test_states_of_which_there_are_none_do_not_count(
    slots: dict[SlotState, int], runs: set[RunState]
) -> None:
    present = {state: count for state, count in slots.items() if count}
    if present and not present.keys() & OPEN_SLOTS:
        assert state_of(slots, runs) is state_of(present, runs)


def reached(moves: Mapping[State, frozenset[State]], start: State) -> set[State]:
    """Every state that some way leads to."""
    seen, to_see = {start}, [start]
    while to_see:
        new = moves[to_see.pop()] - seen
        seen |= new
        to_see += new
    return seen


def test_every_state_has_its_moves_and_every_move_leads_to_a_state() -> None:
    assert set(RUN_MOVES) == set(RunState) and set(SLOT_MOVES) == set(SlotState)
    assert all(moves <= set(RunState) for moves in RUN_MOVES.values())
    assert all(moves <= set(SlotState) for moves in SLOT_MOVES.values())
    assert not any(state in moves for state, moves in RUN_MOVES.items())


def test_every_state_can_be_reached_and_every_way_has_an_end() -> None:
    assert reached(RUN_MOVES, RunState.QUEUED) == set(RunState)
    assert reached(SLOT_MOVES, SlotState.BLOCKED) == set(SlotState)
    assert TERMINAL_RUNS == {RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELED}
    assert all(reached(RUN_MOVES, state) & TERMINAL_RUNS for state in RunState)
    assert set(RunState) == ACTIVE_RUNS | TERMINAL_RUNS | {RunState.NEEDS_REVIEW}


def test_only_a_lost_file_empties_a_slot_and_an_unknown_submit_is_never_sent_by_itself() -> None:
    assert SLOT_MOVES[SlotState.FILLED] == {SlotState.PENDING, SlotState.FAILED}
    assert RunState.SUBMITTING not in RUN_MOVES[RunState.NEEDS_REVIEW]
    assert RunState.SUBMITTING not in RUN_MOVES[RunState.SUBMITTING]


def test_every_class_of_failure_has_its_policy() -> None:
    assert set(POLICY) == set(FailureClass)
    more_than_once = {failure for failure, policy in POLICY.items() if policy.attempts > 1}
    assert more_than_once == {
        FailureClass.THROTTLED,
        FailureClass.TRANSIENT,
        FailureClass.PLATFORM,
    }
    assert POLICY[FailureClass.AMBIGUOUS].attempts == 1
    assert POLICY[FailureClass.PLATFORM].attempts == 2


def test_every_class_of_failure_has_a_sentence_of_its_own() -> None:
    assert set(FailureClass) - set(FAILURE_SENTENCES) == {FailureClass.UNKNOWN}
    sentences = [*FAILURE_SENTENCES.values(), UNKNOWN_FAILURE]
    assert len(sentences) == len(set(sentences))
    assert all(sentence.endswith(".") for sentence in sentences)
