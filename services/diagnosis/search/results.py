"""What a look-up answers: generations, stored objects, an account, runbooks, or a hint."""

from dataclasses import dataclass
from datetime import datetime

from services.core.states import GenerationState, Kind
from services.diagnosis.runbooks import RunbookHit


@dataclass(frozen=True)
class Hit:
    """A generation that a text means, and the part of it that was named."""

    generation_id: str
    why: str
    """A clause that follows the title, without a full stop."""
    run_id: str | None = None
    slot_id: str | None = None
    asset_id: str | None = None


@dataclass(frozen=True)
class Match:
    """A hit as pages show it."""

    generation_id: str
    title: str
    kind: Kind
    state: GenerationState
    account_id: str
    account_name: str
    created_at: datetime
    why: str
    run_id: str | None = None
    slot_id: str | None = None
    asset_id: str | None = None
    thumbnail_key: str | None = None
    """Of its first picture; None while there is none."""


@dataclass(frozen=True)
class ObjectHit:
    """A stored file that no generation made or used; `is_orphan`: a comparison found no row."""

    storage_key: str
    sentence: str
    is_orphan: bool = False
    asset_id: str | None = None


@dataclass(frozen=True)
class AccountHit:
    """The account that a text names; `quota_left` is None outside of the unlimited tier."""

    id: str
    name: str
    tier: str
    balance: int
    quota_left: int | None = None

    @property
    def is_quota_reached(self) -> bool:
        """Whether it can start nothing more today."""
        return self.quota_left == 0


@dataclass(frozen=True)
class Located:
    """Everything that a pasted text leads to."""

    understood_as: str
    matches: tuple[Match, ...] = ()
    objects: tuple[ObjectHit, ...] = ()
    account: AccountHit | None = None
    runbooks: tuple[RunbookHit, ...] = ()
    hint: str = ""
    """What else to paste or to do; empty when what was found speaks for itself."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was found."""
        return not (self.matches or self.objects or self.account or self.runbooks)
