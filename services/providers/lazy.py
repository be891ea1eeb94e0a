"""The configured providers, each loaded when it is first used: their libraries are large."""

from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Any

from services.core.errors import ProviderMissingError
from services.providers.base import Provider

_WORDS = {"huggingface": "Hugging Face"}


class LazyProviders(Mapping[str, Provider]):
    """Builds each provider once; safe to use from several threads.

    Raises ProviderMissingError for one that no setting names.
    """

    def __init__(self, builders: Mapping[str, Callable[[], Provider]]) -> None:
        self._builders = builders
        self._built: dict[str, Provider] = {}
        self._lock = Lock()

    def __getitem__(self, name: str) -> Provider:
        if name not in self._builders:
            raise ProviderMissingError(provider=_WORDS.get(name, name.capitalize()))
        builder = self._builders[name]
        with self._lock:
            if name not in self._built:
                self._built[name] = builder()
            return self._built[name]

    def get(self, name: str, default: Any = None) -> Any:
        """The provider, or the default for one that no setting names."""
        if name not in self._builders:
            return default
        return self[name]

    def __contains__(self, name: object) -> bool:
        return name in self._builders

    def __iter__(self) -> Iterator[str]:
        return iter(self._builders)

    def __len__(self) -> int:
        return len(self._builders)

    def load(self) -> None:
        """Build all of them now, for a process that is going to use them from many threads."""
        for name in self:
            self[name]
