"""Which references a list shows, and in which order."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, select

from services.core.text import clean
from services.database.models import Reference, ReferenceTag


class Sort(StrEnum):
    """The order of a list; each has an index."""

    NEWEST = "newest"
    SHARPEST = "sharpest"
    LARGEST = "largest"


class Use(StrEnum):
    """Whether any batch began from a reference."""

    ANY = "any"
    USED = "used"
    UNUSED = "unused"


_ORDERS: dict[Sort, Any] = {
    Sort.NEWEST: Reference.created_at,
    Sort.SHARPEST: Reference.sharpness,
    Sort.LARGEST: Reference.pixel_count,
}


@dataclass(frozen=True)
class ReferenceQuery:
    """What to show. `name` is any part of a file's name, `tag` one tag.

    `is_deleted`: what was deleted and not erased, the latest first, whatever `sort` says.
    """

    sort: Sort = Sort.NEWEST
    name: str = ""
    tag: str = ""
    use: Use = Use.ANY
    is_deleted: bool = False

    @property
    def order(self) -> Any:
        """The column that the list is ordered by, descending."""
        return Reference.deleted_at if self.is_deleted else _ORDERS[self.sort]

    def conditions(self, account_id: str) -> list[ColumnElement[bool]]:
        """What a row must meet. A search for a name reads the account's references one by one."""
        found = [Reference.account_id == account_id]
        if self.is_deleted:
            found += [Reference.deleted_at.is_not(None), Reference.erased_at.is_(None)]
        else:
            found.append(Reference.deleted_at.is_(None))
        name = clean(self.name).strip()
        if name:
            found.append(Reference.filename.icontains(name, autoescape=True))
        if self.tag:
            tagged = select(ReferenceTag.reference_id).where(
                ReferenceTag.account_id == account_id, ReferenceTag.tag == self.tag
            )
            found.append(Reference.id.in_(tagged))
        if self.use is not Use.ANY:
            is_used = Reference.used_at.is_not(None)
            found.append(is_used if self.use is Use.USED else ~is_used)
        return found
