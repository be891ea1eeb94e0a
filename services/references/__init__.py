"""References: uploaded pictures, from the upload to the erasure."""

from services.references.alike import AlikeReference
from services.references.cards import ReferenceCard, ReferenceDetail, ReferencePage, UploadVerdict
from services.references.erase import Erasure
from services.references.query import ReferenceQuery, Sort, Use
from services.references.recycling import Restored
from services.references.service import References
from services.references.tags import TagCount
from services.references.uses import ReferenceUse

__all__ = [
    "AlikeReference",
    "Erasure",
    "ReferenceCard",
    "ReferenceDetail",
    "ReferencePage",
    "ReferenceQuery",
    "ReferenceUse",
    "References",
    "Restored",
    "Sort",
    "TagCount",
    "UploadVerdict",
    "Use",
]
