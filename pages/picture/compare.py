"""The part of a picture's page that lays it over the one picture that it was made from."""

from urllib.parse import urljoin

import streamlit as st

from pages.kit.backend import picture_url
from pages.kit.components.before_after import Side, before_after
from services.gallery.picture import PictureDetail, RelatedPicture
from services.recipes.registry import RECIPES

MAX_HEIGHT = 800
COMPARE = "Compare with what it came from"


def draw_picture(picture: PictureDetail) -> None:
    """The picture, or both with a handle between them; simulations begin with both."""
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
    """The only picture that it was made from, where it can still be shown."""
    if len(picture.parents) != 1 or not picture.parents[0].storage_key:
        return None
    return picture.parents[0]
