"""Every table of schema `app`, one file a subject."""

from services.database.models.accounts import Account, LedgerEntry, Person, Price
from services.database.models.base import Base, new_id
from services.database.models.generations import (
    Attempt,
    Event,
    Generation,
    Mascot,
    Run,
    RunSlot,
    Slot,
)
from services.database.models.operations import Audit, Heartbeat, ProviderState, QueueState
from services.database.models.pictures import Asset, AssetParent, Reference, ReferenceTag
from services.database.models.poses import Pose

__all__ = [
    "Account",
    "Asset",
    "AssetParent",
    "Attempt",
    "Audit",
    "Base",
    "Event",
    "Generation",
    "Heartbeat",
    "LedgerEntry",
    "Mascot",
    "Person",
    "Pose",
    "Price",
    "ProviderState",
    "QueueState",
    "Reference",
    "ReferenceTag",
    "Run",
    "RunSlot",
    "Slot",
    "new_id",
]
