"""The peer: guide 003's design. A plain RQ worker holds one prediction from create to file.

Its job creates, asks every two seconds, downloads and is done; nothing survives its worker.
"""

import os
import time
from pathlib import Path
from typing import Any

import httpx

POLL_SECONDS = 2.0
TIMEOUT_SECONDS = 600
URL_SETTING, FOLDER_SETTING, TOKEN_SETTING = "PEER_URL", "PEER_FOLDER", "REPLICATE_API_TOKEN"
MODEL = "black-forest-labs/flux-dev"
WAITING = ("starting", "processing")


def pose(number: int) -> str:
    """Make one pose while the worker waits; returns the path of its file."""
    headers = {"Authorization": f"Bearer {os.environ[TOKEN_SETTING]}"}
    with httpx.Client(base_url=os.environ[URL_SETTING], headers=headers, timeout=30) as client:
        prediction = _answer(
            client.post(
                f"/v1/models/{MODEL}/predictions",
                json={"input": {"prompt": f"waving, pose {number}", "seed": number + 1}},
            )
        )
        while prediction["status"] in WAITING:
            time.sleep(POLL_SECONDS)
            prediction = _answer(client.get(f"/v1/predictions/{prediction['id']}"))
        output = prediction["output"]
        picture = client.get(output if isinstance(output, str) else output[0])
        picture.raise_for_status()
    path = Path(os.environ[FOLDER_SETTING]) / f"{number}.png"
    path.write_bytes(picture.content)
    return str(path)


def _answer(response: httpx.Response) -> dict[str, Any]:
    response.raise_for_status()
    answer: dict[str, Any] = response.json()
    return answer
