"""The benchmarks by name: what each measures, and how long it takes."""

from collections.abc import Callable
from dataclasses import dataclass

from bench import (
    dashboard,
    diagnosis,
    histories,
    history,
    inflight,
    memory,
    overhead,
    start,
    sync,
    throughput,
)
from bench.figures import Figure


@dataclass(frozen=True)
class Benchmark:
    """One word after `./run bench`."""

    run: Callable[[float], list[Figure]]
    """Called with the scale: 1 is the full size, less is for trying things out."""
    seconds: int
    meaning: str


BENCHMARKS = {
    "throughput": Benchmark(throughput.run, 150, "300 poses of 25 s, beside five waiting workers"),
    "sync": Benchmark(sync.run, 100, "60 Gemini pictures of 10 s on 8 threads"),
    "inflight": Benchmark(inflight.run, 150, "1,000 predictions that wait at once"),
    "overhead": Benchmark(overhead.run, 50, "what the pipeline adds to each step"),
    "start": Benchmark(start.run, 60, "./run to the first page, beside an empty Streamlit app"),
    "faults": Benchmark(
        histories.run, 1800, "5,000 random histories, 400 SIGKILLs and 500 races: nothing may fail"
    ),
    "diagnosis": Benchmark(
        diagnosis.run, 1500, "every cause five times beside 1,000 untouched batches: named? cured?"
    ),
    "history": Benchmark(history.run, 150, "lists and diagnoses on a year of 100,000 generations"),
    "dashboard": Benchmark(dashboard.run, 120, "100,000 failed jobs listed, beside rq-dashboard"),
    "memory": Benchmark(memory.run, 60, "a worker after 100 pictures, and an idle ./run"),
}
