"""Trainings as Replicate's API shows them, and requests for some."""

from pathlib import Path
from typing import Any

from services.providers.base import PreparedRequest, TrainingRequest
from tests.contracts.replicate_replies import VERSION, prediction
from tests.contracts.simulator.training_runs import zipped
from tests.contracts.test_provider_contract import PNG

TRAINER = "ostris/flux-dev-lora-trainer"
TRAINING_ID = "zz4i0example0rm00c0000000"
CREATE = f"POST /v1/models/{TRAINER}/versions/{VERSION}/trainings"
MAKE = "POST /v1/models"
LIST = "GET /v1/trainings"
GET = f"{LIST}/{TRAINING_ID}"
URL = "https://api.replicate.com/v1/files/set"
INPUT = {"trigger_word": "TOK", "steps": 1000, "input_images": URL}
PREPARED = PreparedRequest(
    TRAINER,
    VERSION,
    {"trainer": TRAINER, "version": VERSION, "destination": "acme/rosa", "input": INPUT},
)


def training(**fields: Any) -> dict[str, Any]:
    """A full body as the API sends it; its addresses are a prediction's, as recorded."""
    urls = {"get": f"https://api.replicate.com/v1/predictions/{TRAINING_ID}"}
    durations = {
        "id": TRAINING_ID,
        "model": TRAINER,
        "version": VERSION,
        "input": INPUT,
        "urls": urls,
    }
    return prediction(**{**durations, **fields})


def asked(archive: Path, name: str = "rosa", **fields: Any) -> TrainingRequest:
    durations: dict[str, Any] = {
        "trainer": TRAINER,
        "parameters": {"trigger_word": "TOK", "steps": 10},
    }
    return TrainingRequest(destination_name=name, archive=archive, **{**durations, **fields})


def written_set(folder: Path) -> Path:
    """A zip of two pictures, one of them with its caption."""
    path = folder / "rosa.zip"
    path.write_bytes(zipped({"a.png": PNG, "b.png": PNG, "a.txt": b"TOK in a hat"}))
    return path
