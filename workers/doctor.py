"""`./run doctor [--json]`: the check-up in the terminal; exit code 1 when something failed."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from urllib.parse import urlsplit

from services.actors import SYSTEM
from services.container import build_house
from services.diagnosis.checks import Check, CheckStatus
from services.diagnosis.doctor import Doctor
from services.errors import SettingsError
from services.provider_set import build_providers
from services.settings import Settings, load_settings
from workers.doctor_table import table
from workers.embedded.errors import StartError
from workers.embedded.state_folder import HomeLock
from workers.plan import embedded_servers, environment, running_simulator_port


def main(argv: Sequence[str]) -> int:
    """Examine everything and print what was found."""
    parser = argparse.ArgumentParser("./run doctor", description="Check every part of Atelier.")
    parser.add_argument("--json", action="store_true", help="print a list of objects")
    is_json = parser.parse_args(argv).json
    checks = _checks()
    if is_json:
        print(json.dumps([asdict(check) for check in checks], ensure_ascii=False, indent=2))
    else:
        print(table(checks))
    return int(any(check.status is CheckStatus.FAILED for check in checks))


def _checks() -> tuple[Check, ...]:
    try:
        settings = _settings_of_what_runs()
        return Doctor(build_house(settings, build_providers(settings))).examine(SYSTEM).checks
    except (SettingsError, StartError) as error:
        return tuple(_wrong_setting(line) for line in str(error).splitlines())


def _wrong_setting(problem: str) -> Check:
    fix = "Correct it in .env or in the environment; .env.example lists every setting."
    return Check("Settings", "Settings", CheckStatus.FAILED, problem, fix, 0.0)


def _settings_of_what_runs() -> Settings:
    """The settings, completed by where the `./run` of this ATELIER_HOME keeps its servers."""
    settings = load_settings()
    if not (settings.home / "lock").exists():
        return settings
    lock = HomeLock(settings.home)
    if not lock.is_taken():
        return settings
    port = urlsplit(str(lock.owner().get("url", ""))).port or settings.port
    os.environ.update(
        environment(settings, embedded_servers(settings), running_simulator_port(settings))
    )
    os.environ["ATELIER_PORT"] = str(port)
    return load_settings()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
