"""`python -m simulator`: read the command line and serve."""

import argparse
import os

from simulator.options import Options
from simulator.server import serve


def _parser() -> argparse.ArgumentParser:
    defaults = Options()
    parser = argparse.ArgumentParser(
        "python -m simulator",
        description="A server that speaks the Replicate, Gemini, Hugging Face and Cog APIs.",
    )
    add = parser.add_argument
    add("--port", type=int, required=True, help="0 takes a free one")
    add("--host", default="127.0.0.1")
    add(
        "--token",
        default=os.environ.get("ATELIER_SIMULATOR_TOKEN", ""),
        help="default: any that begins with r8_",
    )
    add("--speed", type=float, default=defaults.speed, help="divides every typical duration")
    add("--seconds", type=float, default=None, help="fixed duration of everything instead")
    add("--creates-per-minute", type=int, default=defaults.creates_per_minute, help="0 = no limit")
    add("--create-burst", type=int, default=defaults.create_burst, help="creates admitted at once")
    add(
        "--create-answer-seconds",
        type=float,
        default=defaults.create_answer_seconds,
        help="until a create is answered",
    )
    add("--reads-per-minute", type=int, default=defaults.reads_per_minute, help="0 = no limit")
    add("--gemini-per-minute", type=int, default=defaults.gemini_per_minute, help="0 = no limit")
    add(
        "--gemini-burst",
        type=int,
        default=defaults.gemini_burst,
        help="Gemini replies begun at once",
    )
    add(
        "--expiry-seconds",
        type=float,
        default=defaults.expiry_seconds,
        help="until input and outputs are removed",
    )
    add(
        "--file-expiry-seconds",
        type=float,
        default=defaults.file_expiry_seconds,
        help="until an upload is removed",
    )
    add(
        "--predrawn",
        type=int,
        nargs="?",
        const=12,
        default=0,
        help="serve N ready-made pictures (12)",
    )
    add(
        "--webhook-retry-seconds",
        type=float,
        default=defaults.webhook_first_retry_seconds,
        help="pause before the first",
    )
    return parser


def main() -> None:
    """Serve with the options of the command line."""
    given = _parser().parse_args()
    options = Options(
        token=given.token,
        speed=given.speed,
        seconds=given.seconds,
        creates_per_minute=given.creates_per_minute,
        create_burst=given.create_burst,
        create_answer_seconds=given.create_answer_seconds,
        reads_per_minute=given.reads_per_minute,
        gemini_per_minute=given.gemini_per_minute,
        gemini_burst=given.gemini_burst,
        expiry_seconds=given.expiry_seconds,
        file_expiry_seconds=given.file_expiry_seconds,
        predrawn=given.predrawn,
        webhook_first_retry_seconds=given.webhook_retry_seconds,
    )
    serve(given.host, given.port, options)


if __name__ == "__main__":
    main()
