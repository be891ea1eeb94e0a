"""Schema `diagnostics`: the documented views, made anew after every migration."""

from sqlalchemy import Connection

from services.database.views.diagnosis import DIAGNOSIS_VIEWS
from services.database.views.guides import GUIDE_VIEWS
from services.database.views.money import MONEY_VIEWS
from services.database.views.pipeline import PIPELINE_VIEWS
from services.database.views.simulations import SIMULATION_VIEWS
from services.database.views.view import View

__all__ = ["SCHEMA", "VIEWS", "View", "create_views"]

SCHEMA = "diagnostics"
VIEWS: tuple[View, ...] = (
    GUIDE_VIEWS + PIPELINE_VIEWS + SIMULATION_VIEWS + MONEY_VIEWS + DIAGNOSIS_VIEWS
)


def create_views(connection: Connection) -> None:
    """Create schema `diagnostics` and every view in it, in the caller's transaction.

    The schema must not be there: `services.database.engine.prepare` has just dropped it.
    """
    connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
    for view in VIEWS:
        name = f"{SCHEMA}.{view.name}"
        question = view.question.replace("'", "''")
        connection.exec_driver_sql(f"CREATE VIEW {name} AS {view.select}")
        connection.exec_driver_sql(f"COMMENT ON VIEW {name} IS '{question}'")
