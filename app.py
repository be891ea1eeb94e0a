"""The ASGI launcher: Streamlit's script and the routes that live beside it, nothing else."""

from pathlib import Path

import streamlit as st

from pages.shared.runtime import services
from services.http.routes import build_routes

desk = services()
desk.bulk.continue_left()
app = st.App(Path(__file__).resolve().parent / "pages" / "_entry.py", routes=build_routes(desk))
