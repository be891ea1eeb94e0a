"""Who acts: a person, or the system itself. Every service call takes one first."""

from dataclasses import dataclass

from services.core.errors import NotAllowedError
from services.core.states import Role

_RANK = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True)
class Actor:
    """The one on whose behalf a service call is made."""

    id: str
    name: str
    role: Role


SYSTEM = Actor("system", "Atelier", Role.ADMIN)


def require(actor: Actor, needed: Role) -> None:
    """Raise NotAllowedError unless the actor's role is `needed` or above it."""
    if _RANK[actor.role] < _RANK[needed]:
        raise NotAllowedError(role=actor.role.value, needed=needed.value)
