"""The queue's readers follow RQ_KEY_PREFIX, braces and all, as RQ does."""

import os
import subprocess
import sys

SCRIPT = """
from redis import Redis
from rq import Queue
from rq.registry import FailedJobRegistry, StartedJobRegistry
from services.queue import rq_jobs

queue = Queue("high", connection=Redis())
assert rq_jobs.LIST.format("high") == queue.key, queue.key
assert rq_jobs.STARTED.format("high") == StartedJobRegistry(queue=queue).key
assert rq_jobs.FAILED.format("high") == FailedJobRegistry(queue=queue).key
"""


def test_readers_use_the_keys_of_rq() -> None:
    env = {**os.environ, "RQ_KEY_PREFIX": "{atelier}"}
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
