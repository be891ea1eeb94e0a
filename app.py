"""The ASGI launcher: Streamlit's script and our routes; interrupted bulk remedies resume here."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from pages.kit.backend import services
from services.monitoring.system_events import record_start_soon
from services.web.origin_guard import OriginGuard
from services.web.page_shell import page_shell_routes
from services.web.routes import build_routes

PAGES = Path(__file__).resolve().parent / "pages"
INDEX = Path(st.__file__).parent / "static" / "index.html"

shared = services()
shared.bulk.continue_left()
record_start_soon(shared.database, "web", shared.settings)
app = st.App(
    PAGES / "_entry.py",
    routes=[
        *build_routes(
            shared.health,
            shared.pose_library,
            shared.pose_signer,
            shared.storage,
            shared.signer,
            shared.spot_check.notice,
        ),
        # After /overview, which leads to the start.
        *page_shell_routes(
            ["sql_views", *(page.parent.name for page in PAGES.glob("*/page.py"))],
            INDEX.read_text(encoding="utf-8"),
        ),
    ],
    middleware=[
        Middleware(
            OriginGuard,
            public_url=shared.settings.public_url,
            allowed_hosts=(shared.settings.allowed_hosts or "").split(","),
        )
    ],
)
