"""`python -m bench [NAME] [--json]`: lists the benchmarks, or runs one and prints its figures."""

import argparse
import signal
import sys
from collections.abc import Sequence

from bench.catalogue import BENCHMARKS
from bench.figures import as_json, as_table, exit_code
from bench.processes import load_average
from bench.rig import progress

BUSY_LOAD = 1.0
EXIT_STOPPED = 128 + signal.SIGTERM


def main(argv: Sequence[str]) -> int:
    """Run the named benchmark; 1 when an aim is missed."""
    given = _parser().parse_args(argv)
    if given.name is None:
        print(listing())
        return 0
    # What a benchmark started ends with its blocks, also when it is asked to stop.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(EXIT_STOPPED))
    load = load_average()
    if load >= BUSY_LOAD:
        progress(f"the machine is busy (load {load:.1f}): the figures will be worse than they are")
    figures = BENCHMARKS[given.name].run(given.scale)
    print(as_json(figures) if given.json else as_table(figures))
    return exit_code(figures)


def listing() -> str:
    """What `./run bench` prints."""
    lines = [
        f"  {name:<12}{_told(benchmark.seconds):>8}  {benchmark.meaning}"
        for name, benchmark in BENCHMARKS.items()
    ]
    return "\n".join(["./run bench NAME [--json]", "", *lines])


def _told(seconds: int) -> str:
    return f"{seconds} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("./run bench", description=__doc__)
    parser.add_argument("name", nargs="?", choices=sorted(BENCHMARKS), metavar="NAME")
    parser.add_argument("--json", action="store_true", help="print a JSON list")
    parser.add_argument("--scale", type=float, default=1.0, help="a share of the full size")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
