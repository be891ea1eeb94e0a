"""The example that a public model's page shows: one finished prediction."""

import hashlib
from datetime import datetime

from simulator.catalogue import HOSTED_SINCE, Model, Work
from simulator.plan import NEVER, Plan, Status
from simulator.predictions import Prediction

_PROMPT = "full body of a friendly teal fox, waving"
_ID_LENGTH = 26
_SEED = 7


def example_of(model: Model, base_url: str) -> Prediction | None:
    """The same example each time; None for a model that cannot do without a picture."""
    needs_more = set(model.inputs.required) - {"prompt"}
    if needs_more or model.work is Work.TRAIN:
        return None
    created_at = datetime.fromisoformat(HOSTED_SINCE).timestamp()
    starts_at = created_at + model.tempo.start_from
    ends_at = starts_at + model.tempo.run
    return Prediction(
        id=hashlib.sha256(f"example {model.full_name}".encode()).hexdigest()[:_ID_LENGTH],
        number=0,
        model=model,
        input={"prompt": _PROMPT, "seed": _SEED},
        created_at=created_at,
        plan=Plan(starts_at, (ends_at,), ends_at, Status.SUCCEEDED, None, NEVER, ends_at),
        base_url=base_url,
        seed=_SEED,
    )
