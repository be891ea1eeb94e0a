"""Run one process of Atelier alone: on a host of its own, or beside a running `./run`.

Without addresses of its own it uses the servers of that `./run`.
"""

import os
import sys
from collections.abc import Sequence

from services.core.errors import SettingsError
from services.core.settings import Settings, load_settings
from services.core.settings_fields import PROJECT_ROOT
from workers.local.plan import (
    embedded_servers,
    environment,
    running_simulator_port,
    web_arguments,
)
from workers.local.state_folder import HomeLock, StartError

_MODULES = {
    "worker": "workers.worker",
    "dispatcher": "workers.dispatcher",
    "migrate": "workers.migrate",
    "web": "streamlit",
}


def main(argv: Sequence[str]) -> int:
    """Become the part that `argv` names; return an exit code only when that is impossible."""
    name, *arguments = argv
    try:
        settings = load_settings()
        env = _environment(settings)
    except (SettingsError, StartError) as error:
        print(error, file=sys.stderr)
        return 1
    if name == "web":
        arguments = [*web_arguments(settings.port), *arguments]
    os.chdir(PROJECT_ROOT)
    os.execve(sys.executable, [sys.executable, "-m", _MODULES[name], *arguments], env)


def _environment(settings: Settings) -> dict[str, str]:
    if settings.database_url and settings.redis_url:
        return dict(os.environ)
    if not HomeLock(settings.home).is_taken():
        raise StartError(
            "A single part needs DATABASE_URL and REDIS_URL, or a running ./run "
            f"in {settings.home}. Set both, or start ./run first."
        )
    return environment(settings, embedded_servers(settings), running_simulator_port(settings))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
