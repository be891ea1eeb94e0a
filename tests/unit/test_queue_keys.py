"""The queue's readers follow RQ_KEY_PREFIX, braces and all, as RQ does."""

import os
import subprocess
import sys

SCRIPT = """
from redis import Redis
from rq import Queue
from rq.registry import FailedJobRegistry, StartedJobRegistry
from services.queue import rq_queue, rq_reader

queue = Queue("high", connection=Redis())
for reader in (rq_queue._QUEUE, rq_reader._LIST):
    assert reader.format("high") == queue.key, (reader, queue.key)
for module in (rq_queue, rq_reader):
    assert module._STARTED.format("high") == StartedJobRegistry(queue=queue).key
    assert module._FAILED.format("high") == FailedJobRegistry(queue=queue).key
"""


def test_readers_use_the_keys_of_rq() -> None:
    env = {**os.environ, "RQ_KEY_PREFIX": "{atelier}"}
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
