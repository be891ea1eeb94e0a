"""One picture with its details, edits, sources and derived pictures."""

from dataclasses import replace
from urllib.parse import urljoin

import streamlit as st

from pages.kit.backend import picture_url, services
from pages.kit.components import elements
from pages.kit.components.before_after import Side, before_after
from pages.kit.components.rows import facts
from pages.kit.frame import action, require_role
from pages.kit.widgets import empty_state, page_title, picture_grid, picture_tile
from pages.kit.wording import KIND_WORDS, ROLE_WORDS, option_facts
from pages.picture.edits import draw_edits, offer_regeneration
from pages.picture.reference_facts import draw_reference
from services.core.actors import Actor
from services.core.errors import NotFoundError
from services.core.humanize import credits_of, exact_seconds, file_size, pixel_size
from services.core.states import Role
from services.gallery.picture import PictureDetail, RelatedPicture
from services.recipes.registry import RECIPES

Line = tuple[str, list[elements.Element]]
MAX_HEIGHT = 800
COMPARE = "Compare with its source"


def draw(actor: Actor) -> None:
    """Draw the picture whose id is in the address."""
    asset_id = st.query_params.get("id", "")
    with action("read_picture", is_page=True):
        try:
            picture = services().gallery.picture(actor, asset_id)
        except NotFoundError:
            picture = None
    if picture is None:
        page_title("Picture")
        empty_state(
            "No such picture",
            "It may have been deleted, or the address is not complete.",
            icon="hide_image",
            page="gallery/page.py",
            label="Open the gallery",
        )
        return
    image, details = st.columns([3, 2], gap="large")
    with image:
        _image(picture)
        draw_edits(actor, picture)
    with details:
        _details(actor, picture)


def _image(picture: PictureDetail) -> None:
    """Draw the picture, or compare it with its source; simulations begin compared."""
    if picture.is_missing:
        empty_state(
            "Picture missing",
            "The storage has lost its file. Diagnose shows why, and how to get it back.",
            icon="hide_image",
            page="diagnose/page.py",
            label="Open Diagnose",
        )
        return
    origin = _origin(picture)
    key = f"compare_{picture.asset_id}"
    starts_compared = picture.kind is not None and RECIPES[picture.kind].is_compared
    is_compared = origin is not None and st.session_state.get(key, starts_compared)
    if origin and is_compared:
        before_after(
            key=f"both_{picture.asset_id}",
            before=Side(
                picture_url(origin.storage_key), origin.title, "Before", origin.storage_key
            ),
            after=Side(
                picture_url(picture.storage_key), picture.title, "After", picture.storage_key
            ),
        )
    else:
        # st.image takes full addresses only.
        address = urljoin(st.context.url or "http://localhost", picture_url(picture.storage_key))
        width = min(picture.width, MAX_HEIGHT * picture.width // picture.height)
        st.image(address, width=width, alt=picture.title)
    if origin:
        st.toggle(COMPARE, value=starts_compared, key=key)


def _origin(picture: PictureDetail) -> RelatedPicture | None:
    """Return the only source, where it can still be shown."""
    if len(picture.parents) != 1 or not picture.parents[0].storage_key:
        return None
    return picture.parents[0]


def _details(actor: Actor, picture: PictureDetail) -> None:
    url = services().signer.url(picture.storage_key, download_name=picture.download_name)
    head: list[elements.Element] = [
        elements.text(_what(picture)),
        elements.time(picture.created_at),
    ]
    facts(
        [("", [elements.link("Download", url, is_download=True)])],
        title=picture.title,
        head=head,
        is_page_title=True,
        key=f"head_{picture.asset_id}",
    )
    if picture.prompt:
        facts(
            [("", [elements.text(picture.prompt, "prose")])],
            title="Prompt",
            head=[elements.chip(picture.prompt, name="the prompt", shown="Copy")],
            key=f"prompt_{picture.asset_id}",
        )
    if picture.slot_id is None:
        draw_reference(actor, picture.asset_id)
    offer_regeneration(actor, picture)
    facts(_how(picture) + _file(picture), title="Details", key=f"facts_{picture.asset_id}")
    _related("Made from", picture.parents, "parents")
    _related("Derived pictures", picture.children, "children")


def _what(picture: PictureDetail) -> str:
    if picture.kind is None or picture.role is None:
        return "Reference"
    words = (KIND_WORDS[picture.kind], picture.edit or ROLE_WORDS[picture.role])
    return words[0] if words[0].startswith(words[1]) else " · ".join(words)


def _how(picture: PictureDetail) -> list[Line]:
    lines: list[Line] = []
    if picture.pose_name:
        lines.append(("Pose", [elements.text(picture.pose_name, "strong")]))
    if picture.scenario_name:
        lines.append(("Scenario", [elements.text(picture.scenario_name, "strong")]))
    for label, value in option_facts(picture.options):
        lines.append((label, [elements.text(value, "strong")]))
    if picture.seed is not None:
        lines.append(("Seed", [elements.chip(str(picture.seed), name="the seed")]))
    if picture.model:
        lines.append(("Model", [elements.text(picture.model, "strong")]))
    if picture.model_version:
        lines.append(("Version", [elements.chip(picture.model_version, name="the version")]))
    if picture.prediction_id:
        made: list[elements.Element] = [
            elements.chip(picture.prediction_id, name="the prediction's id")
        ]
        if picture.is_simulated:
            made.append(elements.badge("Simulated", "gray", "science"))
        if picture.web_url:
            made.append(elements.link(f"Open at {picture.provider.capitalize()}", picture.web_url))
        lines.append(("Prediction", made))
    if picture.total_seconds is not None:
        lines.append(("Took", [elements.text(_took(picture), "strong")]))
    if picture.price_credits:
        lines.append(("Price", [elements.text(credits_of(picture.price_credits), "strong")]))
    return lines


def _took(picture: PictureDetail) -> str:
    total = exact_seconds(picture.total_seconds or 0.0)
    shares = []
    if picture.queue_seconds is not None:
        shares.append(f"{exact_seconds(picture.queue_seconds)} in the queue")
    if picture.provider_seconds is not None:
        shares.append(f"{exact_seconds(picture.provider_seconds)} at the provider")
    return f"{total} ({', '.join(shares)})" if shares else total


def _file(picture: PictureDetail) -> list[Line]:
    kind = picture.content_type.removeprefix("image/").upper()
    measures = (
        f"{pixel_size(picture.width, picture.height)} · {file_size(picture.byte_count)} · {kind}"
    )
    ids = [value for value in (picture.asset_id, picture.generation_id, picture.run_id) if value]
    lines: list[Line] = [("File", [elements.text(measures, "strong")])]
    if picture.filename:
        lines.append(("Name", [elements.text(picture.filename, "strong")]))
    lines.append(("SHA-256", [elements.chip(picture.sha256, name="the SHA-256")]))
    lines.append(("Ids", [elements.chip(value) for value in ids]))
    return lines


def _related(title: str, pictures: tuple[RelatedPicture, ...], key: str) -> None:
    if not pictures:
        return
    tiles = [
        replace(
            picture_tile(
                related.asset_id,
                related.title,
                None if related.is_erased else related.thumbnail_key,
                related.placeholder,
                sub=related.relation.replace("_", " ").capitalize(),
                asset_id=None if related.is_erased else related.asset_id,
            ),
            note="Erased" if related.is_erased else "",
        )
        for related in pictures
    ]
    picture_grid(tiles, key=f"{key}_grid", label=title)


person = require_role(Role.VIEWER)
draw(person)
