"""Every named query of the SQL page, in the order in which it lists them."""

from services.core.errors import NotFoundError
from services.sql.credit_queries import MONEY_QUERIES
from services.sql.guide_queries import GUIDE_QUERIES
from services.sql.operations_queries import OPERATIONS_QUERIES
from services.sql.pipeline_queries import PIPELINE_QUERIES
from services.sql.query import NamedQuery

CATALOGUE: tuple[NamedQuery, ...] = (
    GUIDE_QUERIES + PIPELINE_QUERIES + MONEY_QUERIES + OPERATIONS_QUERIES
)


def named(query_id: str) -> NamedQuery:
    """The query with this id; raises NotFoundError."""
    for query in CATALOGUE:
        if query.id == query_id:
            return query
    raise NotFoundError(what="query", id=query_id)
