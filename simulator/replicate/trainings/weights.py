"""Builds the archive of a finished training: weights, settings, captions. The same each time."""

import io
import json
import random
import struct
import tarfile
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from simulator.replicate.trainings.logs import made_caption
from simulator.replicate.trainings.pictures import TrainingSet, caption_path

_FOLDER = "output/flux_train_replicate"
_LAYERS = (
    "transformer.single_transformer_blocks.{}.proj_out",
    "transformer.transformer_blocks.{}.attn.to_q",
)
_BLOCKS = 4
_WIDTH = 64
_SPREAD = 0.02


def weights_archive(values: Mapping[str, Any], training_set: TrainingSet, seed: str) -> bytes:
    """The tar as bytes: output/flux_train_replicate/{lora.safetensors,config.yaml,captions/…}."""
    members = {
        "lora.safetensors": _safetensors(int(values.get("lora_rank") or 16), seed),
        "config.yaml": _config(values).encode(),
        **_captions(values, training_set),
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(f"{_FOLDER}/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _safetensors(rank: int, seed: str) -> bytes:
    """A header in JSON behind its length, then the tensors: half floats, lowest byte first."""
    dice = random.Random(seed)
    header: dict[str, Any] = {"__metadata__": {"format": "pt", "ss_network_dim": str(rank)}}
    data = bytearray()
    for layer in _LAYERS:
        for block in range(_BLOCKS):
            for part, shape in (("lora_A", [rank, _WIDTH]), ("lora_B", [_WIDTH, rank])):
                start = len(data)
                count = shape[0] * shape[1]
                data += struct.pack(f"<{count}e", *_numbers(dice, count))
                header[f"{layer.format(block)}.{part}.weight"] = {
                    "dtype": "F16",
                    "shape": shape,
                    "data_offsets": [start, len(data)],
                }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + bytes(data)


def _numbers(dice: random.Random, count: int) -> list[float]:
    return [dice.uniform(-_SPREAD, _SPREAD) for _ in range(count)]


def _config(values: Mapping[str, Any]) -> str:
    """The trainer's job description; JSON's strings are YAML's as well."""
    sides = [int(side) for side in str(values.get("resolution", "512,768,1024")).split(",")]
    rank = int(values.get("lora_rank") or 16)
    steps = int(values.get("steps") or values.get("training_steps") or 1000)
    return f"""job: custom_job
config:
  name: flux_train_replicate
  process:
  - type: custom_sd_trainer
    training_folder: output
    device: cuda:0
    trigger_word: {json.dumps(values.get("trigger_word", "TOK"))}
    network:
      type: lora
      linear: {rank}
      linear_alpha: {rank}
    save:
      dtype: float16
      save_every: {steps + 1}
      max_step_saves_to_keep: 1
    datasets:
    - folder_path: input_images
      caption_ext: txt
      caption_dropout_rate: {values.get("caption_dropout_rate", 0.05)}
      resolution: {sides}
    train:
      batch_size: {values.get("batch_size", 1)}
      steps: {steps}
      optimizer: {json.dumps(values.get("optimizer", "adamw8bit"))}
      lr: {values.get("learning_rate", 4e-4)}
      dtype: bf16
    model:
      name_or_path: FLUX.1-dev
      is_flux: true
meta:
  name: flux_train_replicate
  version: '1.0'
"""


def _captions(values: Mapping[str, Any], training_set: TrainingSet) -> dict[str, bytes]:
    """The captions of the archive's root, given and made: the trainer copies no others."""
    captions = dict(training_set.captions)
    if values.get("autocaption", True):
        for picture in training_set.captioned:
            captions.setdefault(caption_path(picture), made_caption(values, training_set, picture))
    return {
        f"captions/{path}": text.encode()
        for path, text in sorted(captions.items())
        if PurePosixPath(path).parent == PurePosixPath(".")
    }
