"""Speed and faults of the running simulator, over its HTTP routes; each change is audited."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from services.audit.changes import record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError
from services.core.states import Role
from services.database.engine import Database

TIMEOUT_SECONDS = 3.0
MAX_TIMES = 1000
_FAULTS = "/_simulator/faults"
_SPEED = "/_simulator/speed"
UNREACHABLE = frozenset({"duplicate_webhook", "reorder_webhook"})
"""Faults of webhooks, which no request here asks for yet."""


@dataclass(frozen=True)
class InjectedFault:
    """A fault in force. `left` is None for one without a limit."""

    name: str
    provider: str | None
    left: int | None
    hits: int


@dataclass(frozen=True)
class SimulatorView:
    """The simulator as it is now; `fault_names` lists every fault that can happen here."""

    speed: float
    fault_names: tuple[str, ...]
    ordered: tuple[InjectedFault, ...]


class SimulatorControls:
    """Client of the running simulator; raises InvalidRequestError when there is none."""

    def __init__(self, database: Database, base_url: str | None) -> None:
        self._database = database
        self._base_url = base_url

    def view(self, actor: Actor) -> SimulatorView:
        """Return what is set now: two loopback requests."""
        require(actor, Role.ADMIN)
        about, rules = self._sent("GET", "/"), self._sent("GET", _FAULTS)
        return SimulatorView(
            speed=float(about.get("speed", 1.0)),
            fault_names=tuple(
                name for name in map(str, about.get("faults", ())) if name not in UNREACHABLE
            ),
            ordered=tuple(_ordered(rule) for rule in rules if rule.get("times") != 0),
        )

    def set_speed(self, actor: Actor, speed: float) -> None:
        """Divide every typical duration by `speed`, for what is created from now on."""
        require(actor, Role.ADMIN)
        self._change(actor, "simulator.speed", "POST", _SPEED, {"speed": speed})

    def order_fault(self, actor: Actor, name: str, times: int, provider: str | None = None) -> None:
        """Inject a fault into the next `times` matching requests."""
        require(actor, Role.ADMIN)
        if not 1 <= times <= MAX_TIMES:
            raise InvalidRequestError(problem=f"Choose from 1 to {MAX_TIMES:,} times.")
        rule = {"fault": name, "times": times, "match": {"provider": provider} if provider else {}}
        self._change(actor, "simulator.fault", "POST", _FAULTS, rule)

    def clear_faults(self, actor: Actor) -> None:
        """Clear all faults."""
        require(actor, Role.ADMIN)
        self._change(actor, "simulator.clear_faults", "DELETE", _FAULTS, None)

    def _change(
        self, actor: Actor, action: str, method: str, path: str, body: Mapping[str, Any] | None
    ) -> None:
        """Apply a change inside the transaction of its audit row: no audit row, no change."""
        with self._database.transaction() as session:
            after = dict(body) if body else None
            record_change(
                session, actor, action, "simulator", "Set on the system page", after=after
            )
            session.flush()
            self._sent(method, path, body)

    def _sent(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        if self._base_url is None:
            raise InvalidRequestError(problem="No simulator runs: every provider is a real one.")
        try:
            reply = httpx.request(
                method,
                f"{self._base_url}{path}",
                json=body,
                timeout=TIMEOUT_SECONDS,
                trust_env=False,
            )
            body = reply.json() if reply.content else None
        except (httpx.HTTPError, ValueError) as error:
            raise InvalidRequestError(
                problem="The simulator does not answer. ./run starts it again by itself."
            ) from error
        if reply.is_success:
            return body
        detail = body.get("detail") if isinstance(body, dict) else reply.status_code
        raise InvalidRequestError(problem=f"The simulator refused this: {detail}.")


def _ordered(rule: Mapping[str, Any]) -> InjectedFault:
    return InjectedFault(
        name=str(rule["fault"]),
        provider=rule.get("match", {}).get("provider"),
        left=rule.get("times"),
        hits=int(rule.get("hits", 0)),
    )
