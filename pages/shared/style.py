"""The wordmark, and the little that the theme cannot say."""

from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parent


def draw_style() -> None:
    """Add the wordmark, and the style sheet, which is a fixed file, to the page."""
    mark = str(_FOLDER / "mark.svg")
    st.logo(str(_FOLDER / "logo.svg"), size="medium", icon_image=mark)
    st.html(_FOLDER / "style.css")
