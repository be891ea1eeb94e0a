"""Recipes and trained models for each test, on its own database."""

import pytest

from services.database.engine import Database
from tests.integration.trainings.training_setup import TrainingSetup


@pytest.fixture
def setup(database: Database) -> TrainingSetup:
    """Recipes and models without a worker; what they start stays queued."""
    return TrainingSetup(database)
