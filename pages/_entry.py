"""The script that every visit runs: page setup, sign-in, navigation and the frame."""

import streamlit as st

from pages.kit.frame import draw_flashes, require_role
from pages.kit.sidebar import draw_sidebar
from pages.kit.style import MARK, draw_style
from services.core.states import Role

st.set_page_config(page_title="Atelier", page_icon=MARK, layout="wide", menu_items={"About": None})
draw_style()
actor = require_role(Role.VIEWER)
page = st.navigation(
    {
        "Studio": [
            st.Page(
                "overview/page.py",
                url_path="overview",
                title="Overview",
                icon=":material/monitoring:",
                default=True,
            ),
            st.Page("mascots/page.py", url_path="mascots", title="Mascots", icon=":material/pets:"),
            st.Page(
                "poses/page.py",
                url_path="poses",
                title="Poses",
                icon=":material/accessibility_new:",
            ),
            st.Page(
                "simulations/page.py",
                url_path="simulations",
                title="Simulations",
                icon=":material/compare:",
                visibility="hidden" if actor.role is Role.VIEWER else "visible",
            ),
            st.Page(
                "training/page.py",
                url_path="training",
                title="Training",
                icon=":material/model_training:",
            ),
            st.Page("studio/page.py", url_path="studio", title="Studio", icon=":material/brush:"),
            st.Page(
                "gallery/page.py", url_path="gallery", title="Gallery", icon=":material/grid_view:"
            ),
            st.Page("picture/page.py", url_path="picture", title="Picture", visibility="hidden"),
        ],
        "Inputs": [
            st.Page(
                "references/page.py",
                url_path="references",
                title="References",
                icon=":material/imagesmode:",
            ),
        ],
        "House": [
            st.Page(
                "diagnose/page.py",
                url_path="diagnose",
                title="Diagnose",
                icon=":material/stethoscope:",
                visibility="hidden" if actor.role is Role.VIEWER else "visible",
            ),
            st.Page(
                "jobs/page.py",
                url_path="jobs",
                title="Jobs",
                icon=":material/work_history:",
                visibility="hidden" if actor.role is Role.VIEWER else "visible",
            ),
            st.Page("credits/page.py", url_path="credits", title="Credits", icon=":material/toll:"),
            st.Page(
                "pose_library/page.py",
                url_path="pose_library",
                title="Pose library",
                icon=":material/accessibility:",
                visibility="visible" if actor.role is Role.ADMIN else "hidden",
            ),
            st.Page(
                "sql/page.py",
                url_path="sql_views",
                title="SQL",
                icon=":material/database:",
                visibility="hidden" if actor.role is Role.VIEWER else "visible",
            ),
            st.Page(
                "audit/page.py",
                url_path="audit",
                title="Audit",
                icon=":material/history_edu:",
                visibility="visible" if actor.role is Role.ADMIN else "hidden",
            ),
            st.Page(
                "system/page.py",
                url_path="system",
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
