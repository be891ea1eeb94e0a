"""Every table of schema `app`, one file a subject."""

from services.database.models.accounts import (
    Account,
    Budget,
    LedgerEntry,
    Person,
    Price,
    ProviderPrice,
    QuotaDay,
)
from services.database.models.base import Base, new_id
from services.database.models.diagnosis import (
    Note,
    Operation,
    OperationItem,
    OrphanedFile,
    Reconciliation,
)
from services.database.models.generations import (
    Attempt,
    Event,
    Generation,
    Mascot,
    Run,
    RunSlot,
    Slot,
)
from services.database.models.operations import (
    Audit,
    DatabaseRestore,
    ErrorReport,
    Heartbeat,
    Installation,
    ProviderState,
    QueueState,
    SystemEvent,
)
from services.database.models.pictures import Asset, AssetParent, Reference, ReferenceTag
from services.database.models.poses import Pose
from services.database.models.simulations import Consent, Scenario, Simulation, StoredPromptText
from services.database.models.trainings import TrainedModel, TrainingPicture

__all__ = [
    "Account",
    "Asset",
    "AssetParent",
    "Attempt",
    "Audit",
    "Base",
    "Budget",
    "Consent",
    "DatabaseRestore",
    "ErrorReport",
    "Event",
    "Generation",
    "Heartbeat",
    "Installation",
    "LedgerEntry",
    "Mascot",
    "Note",
    "Operation",
    "OperationItem",
    "OrphanedFile",
    "Person",
    "Pose",
    "Price",
    "ProviderPrice",
    "ProviderState",
    "QueueState",
    "QuotaDay",
    "Reconciliation",
    "Reference",
    "ReferenceTag",
    "Run",
    "RunSlot",
    "Scenario",
    "Simulation",
    "Slot",
    "StoredPromptText",
    "SystemEvent",
    "TrainedModel",
    "TrainingPicture",
    "new_id",
]
