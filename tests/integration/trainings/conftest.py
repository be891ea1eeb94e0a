"""A school for each test, on its own database."""

import pytest

from services.database.engine import Database
from tests.integration.trainings.school import School


@pytest.fixture
def school(database: Database) -> School:
    """Recipes and models without a worker; what they start stays queued."""
    return School(database)
