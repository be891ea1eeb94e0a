"""Simulations for tests: started with a consent, and what is kept of them."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from services.core.actors import Actor
from services.core.states import Role
from services.database.models import Asset, AssetParent, Consent, Slot
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.recipes.simulations.recipe import SimulationRequest
from tests.factories import picture_bytes, stored_asset
from tests.integration.pipeline.pipeline_setup import PipelineSetup

SCENARIO = "projection-level-2"


def request_for(studio: PipelineSetup, **changes: Any) -> SimulationRequest:
    request = SimulationRequest(DEFAULT_ACCOUNT_ID, studio.upload(), SCENARIO, has_consent=True)
    return replace(request, **changes)


def start(
    studio: PipelineSetup, request: SimulationRequest | None = None, key: str = "form"
) -> str:
    request = request or request_for(studio)
    return studio.services.simulations.start(studio.actor, request, key).generation_id


def viewer_of(studio: PipelineSetup) -> Actor:
    return replace(studio.actor, role=Role.VIEWER)


def consents(studio: PipelineSetup) -> list[Consent]:
    with studio.services.database.transaction() as session:
        return list(session.scalars(select(Consent).order_by(Consent.id)))


def asset_of(studio: PipelineSetup, asset_id: str | None) -> Asset:
    with studio.services.database.transaction() as session:
        return session.get_one(Asset, asset_id)


def has_files(studio: PipelineSetup, asset: Asset) -> bool:
    keys = (asset.storage_key, asset.thumbnail_key)
    found = {studio.services.storage.head(key) is not None for key in keys}
    assert len(found) == 1
    return found.pop()


def made_from(studio: PipelineSetup, slot: Slot) -> str:
    """A picture made from the slot's; returns its asset id."""
    asset = stored_asset(studio.services, picture_bytes("red"))
    with studio.services.database.transaction() as session:
        session.add(asset)
        session.flush()
        session.add(AssetParent(child_id=asset.id, parent_id=slot.asset_id, relation="made_from"))
    return asset.id
