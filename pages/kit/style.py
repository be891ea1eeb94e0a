"""The wordmark, and the little that the theme cannot say."""

from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parent
MARK = str(_FOLDER / "mark.svg")
"""The little mark, as the browser's tab shows it; a Material icon would come from the internet."""


def draw_style() -> None:
    """Add the wordmark, and the style sheet, which is a fixed file, to the page."""
    st.logo(str(_FOLDER / "logo.svg"), size="medium", icon_image=MARK)
    st.html(_FOLDER / "style.css")
