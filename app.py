"""The ASGI launcher: Streamlit's script, our routes, and bulk remedies that were left go on."""

from pathlib import Path

import streamlit as st

from pages.kit.runtime import services
from services.web.routes import build_routes

desk = services()
desk.bulk.continue_left()
app = st.App(Path(__file__).resolve().parent / "pages" / "_entry.py", routes=build_routes(desk))
