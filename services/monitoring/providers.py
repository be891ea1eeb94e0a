"""Whether each provider may be called now: its pause, its block after a 429, its rate, its token."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.database.models import ProviderState
from services.providers.base import LOCAL
from services.providers.definition import ConfiguredModel
from services.providers.registry import provider_label


@dataclass(frozen=True)
class ProviderStatus:
    """Whether a provider is called now."""

    name: str
    label: str
    is_configured: bool
    """It has a token here, or a server that needs none."""
    is_registered: bool
    """It has a row; the dispatcher enqueues nothing for a provider without one."""
    fingerprint: str | None
    """Of the token that this process uses."""
    paused_at: datetime | None = None
    paused_reason: str | None = None
    paused_failure: str | None = None
    """The class of the failure that paused it; None: a person did."""
    blocked_until: datetime | None = None
    """After a 429; None once it is over."""
    seconds_between_creates: float = 0.0
    is_one_by_one: bool = False
    """Whether a submit waits until the provider has finished one before it."""
    """At its present rate; 0 without a rate."""
    is_simulated: bool = False
    dispatcher_fingerprint: str | None = None
    """Of the token that the dispatcher registered."""
    models: tuple[ConfiguredModel, ...] = ()
    """Those that settings name."""

    def settings_naming(self, model: str) -> tuple[str, ...]:
        """Return the settings that name this model."""
        return next((it.settings for it in self.models if it.model == model), ())


@dataclass(frozen=True)
class ProviderReader:
    """Reads the state of all providers.

    `one_by_one`: those that work on few creates at once. `rates`: creates a second, None where the provider sets no rate; `fingerprints`: of the tokens
    in use; `simulated`: the providers that the simulator replaces; `models`: those that settings name.
    """

    rates: Mapping[str, float | None] = field(default_factory=dict)
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    simulated: frozenset[str] = frozenset()
    models: Mapping[str, tuple[ConfiguredModel, ...]] = field(default_factory=dict)
    one_by_one: frozenset[str] = frozenset()

    def read(self, session: Session) -> dict[str, ProviderStatus]:
        """Read every provider that has a row or a rate, by name: one statement."""
        is_blocked = ProviderState.blocked_until > func.clock_timestamp()
        rows = {
            row.provider: (row, bool(blocked))
            for row, blocked in session.execute(select(ProviderState, is_blocked))
        }
        return {
            name: self._status(name, *rows.get(name, (None, False)))
            for name in sorted(rows.keys() | self.rates.keys())
        }

    def listed(self, session: Session) -> tuple[ProviderStatus, ...]:
        """Read the registered providers without our own, as pages list them."""
        return tuple(
            status
            for status in self.read(session).values()
            if status.is_registered and status.name != LOCAL
        )

    def _status(self, name: str, row: ProviderState | None, is_blocked: bool) -> ProviderStatus:
        lowered = row.create_rate if row else None
        rate = min((it for it in (self.rates.get(name), lowered) if it), default=None)
        fingerprint = self.fingerprints.get(name)
        return ProviderStatus(
            name=name,
            label=provider_label(name),
            is_configured=fingerprint is not None,
            is_registered=row is not None,
            fingerprint=fingerprint,
            paused_at=row.paused_at if row else None,
            paused_reason=row.paused_reason if row else None,
            paused_failure=row.paused_failure if row else None,
            blocked_until=row.blocked_until if row and is_blocked else None,
            seconds_between_creates=1.0 / rate if rate else 0.0,
            is_one_by_one=name in self.one_by_one,
            is_simulated=name in self.simulated,
            dispatcher_fingerprint=row.token_fingerprint if row else None,
            models=self.models.get(name, ()),
        )
