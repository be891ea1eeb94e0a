"""The part of a picture's page that lays it over the one picture that it was made from."""

import streamlit as st

from pages.kit.backend import picture_url
from pages.kit.components.before_after import Side, before_after
from pages.kit.components.picture_view import picture_view
from services.gallery.picture import PictureDetail, RelatedPicture
from services.recipes.registry import RECIPES

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
        picture_view(
            key=f"view_{picture.asset_id}",
            src=picture_url(picture.storage_key),
            picture_key=picture.storage_key,
            placeholder=picture.placeholder,
            alt=picture.title,
            width=picture.width,
            height=picture.height,
        )
    if origin:
        st.toggle(COMPARE, value=starts_compared, key=key)


def _origin(picture: PictureDetail) -> RelatedPicture | None:
    """The only picture that it was made from, where it can still be shown."""
    if len(picture.parents) != 1 or not picture.parents[0].storage_key:
        return None
    return picture.parents[0]
