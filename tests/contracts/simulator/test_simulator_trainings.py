"""A training's life: checked, logged, finished, and its version run."""

import io
import json
import re
import struct
import tarfile
from typing import Any

import pytest
from PIL import Image
from replicate.exceptions import ReplicateError

from simulator.drawing.making import make_picture
from simulator.drawing.orders import PictureOrder
from simulator.drawing.subject import SubjectFacts, read_subject
from simulator.drawing.traits import Outfit, Species, Traits
from simulator.replicate.trainings.pictures import NotAZip, read_training_set
from tests.contracts.simulator.running import HTTP, Simulator, eventually
from tests.contracts.simulator.training_runs import (
    DESTINATION,
    TRAINER,
    ended_training,
    make_destination,
    post_training,
    uploaded,
    zipped,
)

CAT = Traits("purple", Species.CAT, Outfit.SCARF)
PROGRESS = re.compile(r"flux_train_replicate:\s*(\d+)%\|[^|]*\|\s*(\d+)/(\d+)")


def drawings(count: int) -> dict[str, bytes]:
    """Small pictures of one character."""
    look = SubjectFacts(CAT, None, "")
    orders = [
        PictureOrder("full body", seed, 256, 256, "png", 80, look, False, str(seed))
        for seed in range(count)
    ]
    return {f"cat{seed}.png": make_picture(order) for seed, order in enumerate(orders)}


def trained(simulator: Simulator, **values: Any) -> dict[str, Any]:
    make_destination(simulator)
    files = drawings(3) | {"cat0.txt": b"TOK, given by hand", "__MACOSX/._cat0.png": b"x"}
    given = {"input_images": uploaded(simulator, zipped(files)), "trigger_word": "TOK", **values}
    answer = post_training(simulator, given)
    assert answer.status_code == 201, answer.text
    # Recorded of the real service: the answer to a create points at a prediction.
    assert answer.json()["urls"]["get"].endswith(f"/v1/predictions/{answer.json()['id']}")
    return ended_training(simulator, answer.json()["id"])


def test_training_makes_a_version_and_weights(simulator: Simulator) -> None:
    body = trained(simulator)
    assert body["status"] == "succeeded" and body["metrics"]["predict_time"] > 0
    assert body["urls"]["get"].endswith(f"/v1/trainings/{body['id']}")
    name, _, version = body["output"]["version"].partition(":")
    assert (name, len(version)) == (DESTINATION, 64)
    latest = simulator.replicate().models.get(DESTINATION).latest_version
    assert latest is not None and latest.id == version
    again = simulator.replicate().trainings.get(body["id"])
    assert again.output == body["output"] and again.destination == DESTINATION


def test_log_follows_the_trainers_order(simulator: Simulator) -> None:
    logs = trained(simulator, steps=200, learning_rate=0.0001)["logs"]
    signs = (
        "Extracted 4 files from zip to input_images\n",
        "cat0.png is already captioned\n",
        "Caption for input_images/cat1.png: ",
        "Starting train job\n",
        "Caching latents: 100%|",
        "flux_train_replicate:   0%|",
        "flux_train_replicate:  50%|",
        "Saved to output/flux_train_replicate/",
    )
    places = [logs.index(sign) for sign in signs]
    assert places == sorted(places)
    assert PROGRESS.findall(logs)[-1] == ("100", "200", "200")
    losses = [float(loss) for loss in re.findall(r"lr: 1.0e-04 loss: (\S+)\]", logs)]
    assert len(losses) == 51 and losses[-1] < losses[0]


def test_weights_are_a_tar_with_valid_safetensors(simulator: Simulator) -> None:
    address = trained(simulator, lora_rank=8)["output"]["weights"]
    content = HTTP.get(address).content
    assert HTTP.get(address).content == content
    folder = "output/flux_train_replicate"
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        files = {row.name: archive.extractfile(row) for row in archive.getmembers()}
        weights, caption = files[f"{folder}/lora.safetensors"], files[f"{folder}/captions/cat0.txt"]
        assert weights is not None and caption is not None
        assert caption.read() == b"TOK, given by hand"
        data = weights.read()
    assert f"{folder}/config.yaml" in files and f"{folder}/captions/cat2.txt" in files
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__")
    ends = sorted(tensor["data_offsets"][1] for tensor in header.values())
    assert ends[-1] == len(data) - 8 - length
    assert all(8 in tensor["shape"] and tensor["dtype"] == "F16" for tensor in header.values())


def test_trained_version_draws_what_it_was_shown(simulator: Simulator) -> None:
    version = trained(simulator)["output"]["version"]
    client = simulator.replicate()
    made = client.predictions.create(
        version=version.partition(":")[2], input={"prompt": "TOK jumping", "seed": 3}
    )
    made.wait()
    assert isinstance(made.output, list)
    look = read_subject(HTTP.get(made.output[0]).content)
    assert look is not None and look.traits == CAT


def test_destination_must_exist(simulator: Simulator) -> None:
    detail = "The specified training destination does not exist"
    for destination in (DESTINATION, "stability-ai/sdxl"):
        answer = post_training(simulator, {}, destination)
        assert (answer.status_code, answer.json()) == (404, {"detail": detail, "status": 404})


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({}, "input_images must be provided"),
        ({"input_images": "data:text/plain,hello"}, "input_images must be a zip file"),
        (
            {"input_images": "data:,x", "layers_to_optimize_regex": "nowhere"},
            "The regex 'nowhere' didn't match any layers.",
        ),
    ],
)
def test_training_fails_for_its_input(
    simulator: Simulator, values: dict[str, str], error: str
) -> None:
    make_destination(simulator)
    body = ended_training(simulator, post_training(simulator, values).json()["id"])
    assert (body["status"], body["output"]) == ("failed", None)
    assert body["error"].startswith(error)
    assert simulator.call("GET", f"/v1/models/{DESTINATION}").json()["latest_version"] is None


def test_bad_steps_are_refused_before_the_run(simulator: Simulator) -> None:
    make_destination(simulator)
    with pytest.raises(ReplicateError) as raised:
        simulator.replicate().trainings.create(
            version=f"{TRAINER}:{_version_of(simulator, TRAINER)}",
            destination=DESTINATION,
            input={"steps": 6001},
        )
    assert raised.value.status == 422


def _version_of(simulator: Simulator, model: str) -> str:
    return str(simulator.call("GET", f"/v1/models/{model}").json()["latest_version"]["id"])


def test_cancel_and_list(simulator: Simulator) -> None:
    make_destination(simulator)
    simulator.order("stuck", times=2, model=TRAINER)
    zip_file = uploaded(simulator, zipped(drawings(1)))
    first, second = (
        post_training(simulator, {"input_images": zip_file}).json()["id"] for _ in range(2)
    )
    eventually(lambda: PROGRESS.search(simulator.get(first)["logs"]))
    client = simulator.replicate()
    assert [row.id for row in client.trainings.list()] == [second, first]
    assert client.trainings.cancel(first).status == "canceled"
    assert simulator.call("GET", f"/v1/trainings/{first}").json()["status"] == "canceled"
    assert simulator.counts()["trainings"] == {"canceled": 1, "processing": 1}


def test_fast_trainer_has_inputs_of_its_own(simulator: Simulator) -> None:
    make_destination(simulator)
    values = {"input_images": uploaded(simulator, zipped(drawings(1))), "training_steps": 499}
    fast = "replicate/fast-flux-trainer"
    refused = post_training(simulator, values, trainer=fast)
    assert refused.json()["invalid_fields"][0]["field"] == "input.training_steps"
    made = post_training(simulator, values | {"training_steps": 500}, trainer=fast).json()
    assert ended_training(simulator, made["id"])["status"] == "succeeded"


def test_training_takes_its_typical_time(simulator: Simulator) -> None:
    HTTP.post(f"{simulator.url}/_simulator/speed", json={"speed": 2000, "seconds": None})
    total = trained(simulator)["metrics"]["total_time"]
    assert 20 * 60 <= total * 2000 <= 40 * 60


def test_photos_give_their_colours() -> None:
    pictures = {}
    for number, colour in enumerate(("#4CAF6A", "#52A868", "#3F9F60")):
        buffer = io.BytesIO()
        Image.effect_noise((64, 64), 30).convert("RGB").save(buffer, "PNG")
        plain = Image.new("RGB", (64, 64), colour)
        plain.paste(Image.open(buffer).resize((12, 12)), (4, 4))
        buffer = io.BytesIO()
        plain.save(buffer, "JPEG")
        pictures[f"deep/{number}.jpg"] = buffer.getvalue()
    found = read_training_set(zipped(pictures | {"notes.pdf": b"x", "b.gif": b"x"}))
    assert found.files == 5 and len(found.pictures) == 3 and len(found.captioned) == 4
    assert found.facts is not None and found.facts.traits.colour == "green"


def test_broken_zip_is_none() -> None:
    with pytest.raises(NotAZip):
        read_training_set(zipped(drawings(1))[:-40])
