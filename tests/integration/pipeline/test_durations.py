"""How long models usually take: asked for many at once, and then no more for a while."""

from bench.filling import Filling, fill
from bench.meter import metered
from services.database.engine import Database
from services.providers.durations import SLOW_HISTORY, SLOW_SHARE, DurationEstimator, learn

MODELS = (
    ("replicate", "fofr/consistent-character"),
    ("gemini", "gemini-nano-banana-2.1"),
    ("replicate", "never/used"),
)


def test_many_models_are_learnt_in_one_statement(database: Database) -> None:
    fill(database.url, Filling(100, "file:///"))
    durations = DurationEstimator(lambda provider, model: 7.0)
    slow = DurationEstimator(share=SLOW_SHARE, history=SLOW_HISTORY)
    with database.transaction() as session, metered(database.engine) as cost:
        learn(session, (durations, slow), MODELS)
        durations_found = {
            model: (durations(session, *model), slow(session, *model)) for model in MODELS
        }
        learn(session, (durations, slow), MODELS)
    assert cost.statements == 1
    for model in MODELS[:2]:
        median, most = durations_found[model]
        assert median is not None and most is not None and 80 <= median < most < 120
    assert durations_found[MODELS[2]] == (7.0, None)
