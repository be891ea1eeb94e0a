"""`./run doctor [--json]`: the check-up in the terminal; exit code 1 when something failed."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from services.container import build_check_up_targets
from services.core.actors import SYSTEM
from services.core.errors import SettingsError
from services.health.check import CheckResult, CheckStatus
from services.health.check_up import CheckUps
from services.providers.registry import LazyProviders
from workers.doctor_table import table
from workers.embedded.errors import StartError
from workers.running import settings_of_what_runs


def main(argv: Sequence[str]) -> int:
    """Run every check and print what was found."""
    parser = argparse.ArgumentParser("./run doctor", description="Check every part of Atelier.")
    parser.add_argument("--json", action="store_true", help="print a list of objects")
    is_json = parser.parse_args(argv).json
    checks = _checks()
    if is_json:
        print(json.dumps([asdict(check) for check in checks], ensure_ascii=False, indent=2))
    else:
        print(table(checks))
    return int(any(check.status is CheckStatus.FAILED for check in checks))


def _checks() -> tuple[CheckResult, ...]:
    try:
        settings = settings_of_what_runs()
        return (
            CheckUps(build_check_up_targets(settings, LazyProviders(settings))).run(SYSTEM).checks
        )
    except (SettingsError, StartError) as error:
        return tuple(_wrong_setting(line) for line in str(error).splitlines())


def _wrong_setting(problem: str) -> CheckResult:
    fix = "Correct it in .env or in the environment; .env.example lists every setting."
    return CheckResult("Settings", "Settings", CheckStatus.FAILED, problem, fix, 0.0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
