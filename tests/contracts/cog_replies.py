"""What Cog answers, as recorded from the server of cog 0.23.1 with a model of one image input.

Data URLs and tracing are shortened; status codes, keys and words are the server's own.
"""

from typing import Any

from tests.contracts.far_end import Answer

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
DATA_URL = f"data:image/png;base64,{PNG}"
_VERSION = {
    "coglet": "0.23.1",
    "git_sha": "9b9f6339",
    "build_time": "2026-10-20T14:46:36Z",
    "python_sdk": "0.23.1",
    "python": "3.11.7",
}
_BEGUN = "2026-12-01T10:05:55.255425644+00:00"
_SET_UP = {
    "started_at": _BEGUN,
    "completed_at": "2026-12-01T10:05:55.861208123+00:00",
    "status": "succeeded",
    "logs": "[coglet] coglet 0.23.1\n[coglet] python sdk 0.23.1\n",
}


def health(status: str, setup: dict[str, Any] = _SET_UP, **more: Any) -> Answer:
    """An answer to a health check; its HTTP status is always 200."""
    return Answer(200, {"status": status, "setup": setup, "version": _VERSION, **more})


READY = health("READY")
BUSY = health("BUSY")
STARTING = health("STARTING", {"started_at": _BEGUN, "status": "starting"})
SETUP_FAILED = health(
    "SETUP_FAILED",
    {
        **_SET_UP,
        "status": "failed",
        "logs": "Loading weights\nworker setup failed: Setup failed: setup failed:"
        " FileNotFoundError: /weights/pose.safetensors",
    },
)
WORKER_DEAD = health(
    "UNHEALTHY",
    user_healthcheck_error="Healthcheck error: protocol error: healthcheck channel closed",
)
UNHEALTHY = health("UNHEALTHY", user_healthcheck_error="GPU 0 is too hot")
DEFUNCT = health("DEFUNCT")

SCHEMA = Answer(
    200,
    {
        "openapi": "3.0.2",
        "info": {"title": "Cog", "version": "0.1.0"},
        "paths": {"/predictions": {"post": {}}},
        "components": {
            "schemas": {
                "Input": {
                    "title": "Input",
                    "type": "object",
                    "required": ["prompt", "image"],
                    "properties": {
                        "prompt": {"title": "Prompt", "type": "string", "x-order": 0},
                        "image": {
                            "title": "Image",
                            "type": "string",
                            "format": "uri",
                            "x-order": 1,
                        },
                        "pose_image": {
                            "title": "Pose Image",
                            "type": "string",
                            "format": "uri",
                            "nullable": True,
                            "x-order": 2,
                        },
                        "seed": {"title": "Seed", "type": "integer", "default": 0, "x-order": 3},
                        "num_outputs": {
                            "title": "Num Outputs",
                            "type": "integer",
                            "minimum": 1,
                            "maximum": 4,
                            "default": 1,
                            "x-order": 4,
                        },
                    },
                },
                "Output": {
                    "title": "Output",
                    "type": "array",
                    "items": {"type": "string", "format": "uri"},
                },
            }
        },
    },
)
NO_SCHEMA = Answer(503, {"error": "OpenAPI schema not available"})

NOT_READY = Answer(
    503,
    {
        "error": "Setup has not finished yet. Wait until it has finished,"
        " or GET /health-check for status.",
        "status": "failed",
    },
)
AT_CAPACITY = Answer(409, {"error": "At capacity - all prediction slots busy", "status": "failed"})
IN_WORK = Answer(
    202, {"id": "att_1", "input": {"prompt": "a fox"}, "logs": "", "status": "processing"}
)
INVALID = Answer(
    422,
    {
        "detail": [
            {
                "loc": ["body", "input", "prompt"],
                "msg": "Field required",
                "type": "value_error.missing",
            },
            {
                "loc": ["body", "input", "num_outputs"],
                "msg": "9 is greater than the maximum of 4",
                "type": "value_error",
            },
        ]
    },
)
UNREADABLE_BODY = Answer(
    400,
    b"Failed to parse the request body as JSON: EOF while parsing an object at line 1 column 1",
    {"content-type": "text/plain; charset=utf-8"},
)


def succeeded(output: Any = (DATA_URL,)) -> Answer:
    """A prediction that made this."""
    body = {
        "id": "att_1",
        "logs": "Using seed: 7\ndone\n",
        "metrics": {"predict_time": 3.009736512},
        "output": list(output) if isinstance(output, tuple) else output,
        "status": "succeeded",
    }
    return Answer(200, body)


def failed(error: str) -> Answer:
    """A prediction that ended with this error; its HTTP status is 200."""
    metrics = {"predict_time": 0.004728608}
    body = {"error": error, "id": "att_1", "logs": "", "metrics": metrics, "status": "failed"}
    return Answer(200, body)


REFUSED = failed(
    "Prediction failed: Prediction failed: ValueError: NSFW content detected."
    " Try running it again, or try a different prompt."
)
WORKER_CRASHED = failed("Worker crashed")
CANCELED = Answer(
    200,
    {"id": "att_1", "logs": "", "metrics": {"predict_time": 3.002037771}, "status": "canceled"},
)
