"""A pipeline to be put right, turned by hand."""

import pytest

from tests.integration.diagnosis.remedies.surgery import Surgery
from tests.integration.pipeline.by_hand import ByHand
from tests.integration.pipeline.conftest import by_hand, fast_simulator, fast_studio

__all__ = ["by_hand", "fast_simulator", "fast_studio"]


@pytest.fixture
def surgery(by_hand: ByHand) -> Surgery:
    """A studio with one mascot, and the remedies."""
    return Surgery(by_hand)
