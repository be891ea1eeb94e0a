"""What keeps the local servers from starting; each text is a whole sentence for the terminal."""

from collections.abc import Mapping
from pathlib import Path


class StartError(Exception):
    """Something on this machine keeps Atelier from starting; the text says what to do."""


class HomeInUseError(StartError):
    """Another `./run` owns the state folder."""

    def __init__(self, home: Path, owner: Mapping[str, object]) -> None:
        self.pid = owner.get("pid", "unknown")
        self.url = owner.get("url", "its port")
        super().__init__(
            f"Atelier is already running in {home} (process {self.pid}) at {self.url}. "
            "For a second one, set ATELIER_HOME and ATELIER_PORT."
        )
