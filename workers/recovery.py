"""`./run recovery [--end "reason"]`: what a restore of the database left open, and its end."""

import argparse
from collections.abc import Iterator, Sequence

from services.container import build_database
from services.core.actors import SYSTEM
from services.reconciliation.restores import UNKNOWABLE, Recovery, RestoreReport
from workers.local.plan import settings_of_what_runs
from workers.terminal import print_line, run_command

_NOTHING = "The database was not restored from an older copy, as far as the storage's mark says."


def main(argv: Sequence[str]) -> int:
    """Print the report, or end the recovery; 1 while a restore is open."""
    parser = argparse.ArgumentParser("./run recovery", description=__doc__)
    parser.add_argument("--end", metavar="REASON", help="end it: what can be found was dealt with")
    given = parser.parse_args(argv)
    database = build_database(settings_of_what_runs(), pool_size=1)
    recovery = Recovery(database)
    try:
        if given.end is not None:
            recovery.end(SYSTEM, given.end)
            print_line("Ended. Orphaned files may be deleted again.")
            return 0
        report = recovery.report(SYSTEM)
    finally:
        database.close()
    for line in [_NOTHING] if report is None else _lines(report):
        print_line(line)
    return int(report is not None)


def _lines(report: RestoreReport) -> Iterator[str]:
    yield f"The database is a copy of {report.copied_at:%Y-%m-%d %H:%M:%S} UTC."
    yield f"What happened until {report.lost_at:%Y-%m-%d %H:%M:%S} UTC is not in it."
    yield ""
    yield "Goes on by itself:"
    yield f"  {report.open_runs} runs that the copy had begun or queued. Before one is sent to Replicate,"
    yield "  its list is searched: what was sent before the restore is adopted and not paid twice."
    yield "To look at:"
    yield f"  {report.file_count} stored files that no row names, newest first. Orphaned files cannot be"
    yield "  deleted until the recovery has ended; Diagnose adopts one for a slot that misses it."
    yield from (f"    {key}" for key in report.files)
    yield f"  {report.ledger_entries} ledger entries since then: compare balances with your own records."
    yield "Cannot be known:"
    yield from (f"  {line}" for line in UNKNOWABLE)
    yield ""
    yield 'When that is done: ./run recovery --end "what was decided"'


if __name__ == "__main__":
    run_command(main)
