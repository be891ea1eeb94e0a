"""The settings of the desk that runs in this state folder, for commands beside it."""

import os
from urllib.parse import urlsplit

from services.core.settings import Settings, load_settings
from workers.embedded.state_folder import HomeLock
from workers.plan import embedded_servers, environment, running_simulator_port


def settings_of_what_runs() -> Settings:
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
