"""Rows and pictures that tests begin with."""

import io
import secrets

from PIL import Image, ImageDraw
from sqlalchemy import func

from services.container import Services
from services.core.states import (
    EntryKind,
    GenerationState,
    Kind,
    SlotRole,
    SlotState,
)
from services.database.models import (
    Asset,
    Generation,
    LedgerEntry,
    Mascot,
    Slot,
    new_id,
)
from services.database.seed import DEFAULT_ACCOUNT_ID, LOCAL_PERSON_ID
from services.media.outputs import inspect_output
from services.storage.keys import original_key, thumbnail_key


def picture_bytes(colour: str = "teal", side: int = 320) -> bytes:
    """A small PNG that differs from every other one."""
    picture = Image.new("RGB", (side, side), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((side // 5, side // 8, side * 4 // 5, side * 7 // 8), fill=colour)
    draw.point((0, 0), fill=tuple(secrets.token_bytes(3)))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def stored_asset(services: Services, content: bytes) -> Asset:
    """A picture in the storage and its row, not yet added to a session."""
    picture = inspect_output(content)
    key, small_key = original_key(picture.sha256, picture.extension), thumbnail_key(picture.sha256)
    services.storage.put(key, content, picture.content_type)
    services.storage.put(small_key, picture.thumbnail, "image/webp")
    return Asset(
        id=new_id("ast"),
        account_id=DEFAULT_ACCOUNT_ID,
        sha256=picture.sha256,
        storage_key=key,
        storage_uri=services.storage.uri(key),
        thumbnail_key=small_key,
        content_type=picture.content_type,
        byte_count=len(content),
        width=picture.width,
        height=picture.height,
        placeholder=picture.placeholder,
    )


def finished_mascot(services: Services, name: str = "Fennel", colour: str = "orange") -> str:
    """A mascot with a full body, as its batch would have left it; returns its id."""
    asset = stored_asset(services, picture_bytes(colour))
    generation = Generation(
        id=new_id("gen"),
        kind=Kind.MASCOTS,
        account_id=DEFAULT_ACCOUNT_ID,
        person_id=LOCAL_PERSON_ID,
        title=name,
        request={"name": name},
        fingerprint=secrets.token_hex(8),
        idempotency_key=secrets.token_hex(8),
        priority=10,
        state=GenerationState.SUCCEEDED,
        price_credits=10,
        estimated_cost_usd=0.04,
    )
    mascot = Mascot(
        id=new_id("mas"),
        account_id=DEFAULT_ACCOUNT_ID,
        generation_id=generation.id,
        name=name,
        description=f"a {colour} fox with a scarf",
        style="Flat vector",
        variation=1,
    )
    charge = LedgerEntry(
        id=new_id("led"),
        account_id=DEFAULT_ACCOUNT_ID,
        kind=EntryKind.CHARGE,
        amount=-10,
        idempotency_key=f"charge:{generation.id}:0",
        generation_id=generation.id,
        actor=LOCAL_PERSON_ID,
        reason="Started",
    )
    with services.database.transaction() as session:
        for row in (asset, generation, mascot, charge):
            session.add(row)
            session.flush()
        session.add(_full_body(generation, mascot, charge, asset))
    return mascot.id


def _full_body(generation: Generation, mascot: Mascot, charge: LedgerEntry, asset: Asset) -> Slot:
    return Slot(
        id=new_id("slot"),
        generation_id=generation.id,
        account_id=DEFAULT_ACCOUNT_ID,
        kind=Kind.MASCOTS,
        position=0,
        role=SlotRole.FULL_BODY,
        run_group=0,
        mascot_id=mascot.id,
        provider="gemini",
        model="gemini-nano-banana-2.1",
        prompt="Full body mascot",
        seed=7,
        input_asset_ids=[],
        price_credits=10,
        charge_id=charge.id,
        state=SlotState.FILLED,
        asset_id=asset.id,
        filled_at=func.clock_timestamp(),
    )
