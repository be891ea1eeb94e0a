"""The script that every visit runs: page setup, sign-in, navigation and the frame."""

import streamlit as st

from pages.kit.frame import draw_flashes, require_role
from pages.kit.sidebar import MARK, draw_sidebar, draw_style
from services.core.actors import Actor
from services.core.states import Role

# Comments, not docstrings: Streamlit writes a lone string of its script to the page.
# Each section's pages: package, title, icon, and the least role that sees it in the menu.
MENU = {
    "Create": [
        ("mascots", "Mascots", "pets", Role.VIEWER),
        ("poses", "Poses", "accessibility_new", Role.VIEWER),
        ("simulations", "Simulations", "compare", Role.OPERATOR),
        ("training", "Training", "model_training", Role.VIEWER),
        ("studio", "Studio", "brush", Role.VIEWER),
    ],
    "Library": [
        ("gallery", "Gallery", "grid_view", Role.VIEWER),
        ("references", "References", "imagesmode", Role.VIEWER),
        ("pose_library", "Pose library", "accessibility", Role.ADMIN),
    ],
    "Operations": [
        ("overview", "Overview", "monitoring", Role.VIEWER),
        ("diagnose", "Diagnose", "stethoscope", Role.OPERATOR),
        ("jobs", "Jobs", "work_history", Role.OPERATOR),
        ("credits", "Credits", "toll", Role.VIEWER),
    ],
    "Admin": [
        ("sql", "SQL", "database", Role.OPERATOR),
        ("audit", "Audit", "history_edu", Role.ADMIN),
        ("system", "System", "health_and_safety", Role.OPERATOR),
    ],
}
# Where the address of a page is not the name of its package.
ADDRESSES = {"sql": "sql_views"}
ROLES = (Role.VIEWER, Role.OPERATOR, Role.ADMIN)


def menu_page(package: str, title: str, icon: str, role: Role, actor: Actor) -> st.Page:
    """Return the page; a hidden one is still reachable by its address."""
    is_visible = ROLES.index(actor.role) >= ROLES.index(role)
    return st.Page(
        f"{package}/page.py",
        url_path=ADDRESSES.get(package, package),
        title=title,
        icon=f":material/{icon}:",
        default=package == "overview",
        visibility="visible" if is_visible else "hidden",
    )


st.set_page_config(page_title="Atelier", page_icon=MARK, layout="wide", menu_items={"About": None})
draw_style()
person = require_role(Role.VIEWER)
sections = {
    section: [menu_page(*entry, person) for entry in entries] for section, entries in MENU.items()
}
sections["Library"].append(
    st.Page("picture/page.py", url_path="picture", title="Picture", visibility="hidden")
)
page = st.navigation(sections, expanded=True)
draw_sidebar(person)
draw_flashes()
page.run()
