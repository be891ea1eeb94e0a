"""The script that every visit runs: page setup, sign-in, navigation and the frame."""

import streamlit as st

from pages.shared.frame import draw_flashes, require_role
from pages.shared.sidebar import draw_sidebar
from pages.shared.style import MARK, draw_style
from services.statuses import Role

st.set_page_config(page_title="Atelier", page_icon=MARK, layout="wide", menu_items={"About": None})
draw_style()
actor = require_role(Role.VIEWER)
page = st.navigation(
    {
        "Studio": [
            st.Page("overview.py", title="Overview", icon=":material/monitoring:", default=True),
            st.Page("mascots.py", title="Mascots", icon=":material/pets:"),
            st.Page("poses.py", title="Poses", icon=":material/accessibility_new:"),
            st.Page(
                "simulations.py",
                title="Simulations",
                icon=":material/compare:",
                visibility="hidden" if actor.role is Role.VIEWER else "visible",
            ),
            st.Page("training.py", title="Training", icon=":material/model_training:"),
            st.Page("studio.py", title="Studio", icon=":material/brush:"),
            st.Page("gallery.py", title="Gallery", icon=":material/grid_view:"),
            st.Page("picture.py", title="Picture", visibility="hidden"),
        ],
        "Inputs": [
            st.Page("references.py", title="References", icon=":material/imagesmode:"),
        ],
        "House": [
            st.Page(
                "diagnose.py",
                title="Diagnose",
                icon=":material/stethoscope:",
                visibility="hidden" if actor.role is Role.VIEWER else "visible",
            ),
            st.Page(
                "jobs.py",
                title="Jobs",
                icon=":material/work_history:",
                visibility="hidden" if actor.role is Role.VIEWER else "visible",
            ),
            st.Page("credits.py", title="Credits", icon=":material/toll:"),
            st.Page(
                "pose_library.py",
                title="Pose library",
                icon=":material/accessibility:",
                visibility="visible" if actor.role is Role.ADMIN else "hidden",
            ),
            st.Page(
                "sql_views.py",
                title="SQL",
                icon=":material/database:",
                visibility="hidden" if actor.role is Role.VIEWER else "visible",
            ),
            st.Page(
                "audit.py",
                title="Audit",
                icon=":material/history_edu:",
                visibility="visible" if actor.role is Role.ADMIN else "hidden",
            ),
            st.Page(
                "system.py",
                title="System",
                icon=":material/health_and_safety:",
                visibility="hidden" if actor.role is Role.VIEWER else "visible",
            ),
        ],
    },
    expanded=True,
)
draw_sidebar(actor)
draw_flashes()
page.run()
