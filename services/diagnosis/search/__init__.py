"""From whatever a person pastes to the generations that it means."""

from services.diagnosis.search.results import AccountHit, Located, Match, ObjectHit
from services.diagnosis.search.search import WHAT_TO_PASTE, Locator

__all__ = ["WHAT_TO_PASTE", "AccountHit", "Located", "Locator", "Match", "ObjectHit"]
