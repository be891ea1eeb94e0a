"""The database's clock in conditions on columns that have an index.

`clock_timestamp()` may differ from row to row, so PostgreSQL searches no index by it and reads the whole
table. These are of the transaction's begin: for what counts in hours, not for leases and fences.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func


def ago(age: timedelta) -> ColumnElement[datetime]:
    """So long before now."""
    return func.now() - age


def beginning_of(unit: str) -> ColumnElement[datetime]:
    """When this `day` or `month` began, in UTC."""
    begun: ColumnElement[datetime] = func.date_trunc(unit, func.now(), "UTC")
    return begun
