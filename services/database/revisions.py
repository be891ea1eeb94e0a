"""Which version of the schema a database has, and which one this program wants."""

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.orm import Session

from services.database.engine import MIGRATIONS


def present_revision(session: Session) -> str | None:
    """The revision that the database says it has; None before its first migration."""
    if session.scalar(text("SELECT to_regclass('app.schema_version')")) is None:
        return None
    version: str | None = session.scalar(text("SELECT version_num FROM app.schema_version"))
    return version


def known_revisions() -> list[str]:
    """Every revision of this program, newest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    return [script.revision for script in scripts.walk_revisions()]
