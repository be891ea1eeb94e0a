"""Every search is served by an index, however many rows there are."""

from typing import Any

import pytest
from sqlalchemy import event

from tests.integration.diagnosis.box import Box

PREDICTION = "rrr4z55ocneqzikepnug6xezpe"


@pytest.mark.parametrize(
    "index",
    ["ix_generations_words", "ix_slots_words", "ix_runs_failure_words", "ix_references_words"],
)
def test_words_are_found_by_their_index(box: Box, index: str) -> None:
    assert f"Index Scan on {index}" in _plans_of(box, "a fox")


@pytest.mark.parametrize(
    ("pasted", "indexes"),
    [
        (PREDICTION, ["uq_attempts_provider_prediction_id"]),
        (f"ast_{'0' * 26}", ["ix_slots_asset_id", "ix_simulations_original_asset_id"]),
        ("f" * 64, ["ix_assets_sha256", "ix_trained_models_version_id"]),
        (f"mas_{'0' * 26}", ["pk_mascots", "ix_generations_mascot_id"]),
        (f"per_{'0' * 26}", ["ix_generations_person_id_created_at_id"]),
        ("fofr/consistent-character", ["ix_attempts_provider_model_finished_at"]),
        ("an hour ago", ["ix_generations_created_at_id"]),
    ],
)
def test_every_look_up_reads_an_index(box: Box, pasted: str, indexes: list[str]) -> None:
    plans = _plans_of(box, pasted)
    assert all(index in plans for index in indexes), plans
    # Accounts and people are few; what grows is never scanned.
    for table in ("generations", "slots", "runs", "attempts", "assets", "references"):
        assert f"Seq Scan on {table}" not in plans, plans


def _plans_of(box: Box, pasted: str) -> str:
    """The plans of every statement of a look-up, as they are sent."""
    plans: list[str] = []

    def explain(_: Any, cursor: Any, statement: str, values: Any, *__: Any) -> None:
        if statement.startswith("SELECT"):
            # Tables of this size would be scanned; what counts is that an index serves.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {statement}", values)
            plans.extend(row[0] for row in cursor.fetchall())

    event.listen(box.database.engine, "before_cursor_execute", explain)
    box.locate(pasted)
    event.remove(box.database.engine, "before_cursor_execute", explain)
    return "\n".join(plans)
