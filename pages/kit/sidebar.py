"""The frame around every page: style, account, balance and live counts."""

import logging
from datetime import date
from pathlib import Path

import streamlit as st

from pages.kit.backend import overview, problem_counts, services
from pages.kit.components import elements
from pages.kit.components.rows import facts
from pages.kit.frame import action, require_role
from pages.kit.widgets import DIAGNOSE_PAGE
from pages.kit.wording import SIMULATED, escaped
from services.core.actors import Actor
from services.core.errors import AtelierError
from services.core.humanize import count_of, credits_of
from services.core.states import Role
from services.credits.accounts import AccountView
from services.providers.registry import retiring_models

log = logging.getLogger(__name__)

_ACCOUNT = "account_id"


def draw_sidebar(actor: Actor) -> None:
    """Draw the banner, the account's choice and the live counts."""
    with action("frame", is_page=True):
        accounts = services().accounts.all(actor)
        is_simulated = services().settings.is_simulated
    if is_simulated:
        with st.container(key="simulated"):
            st.caption(f":material/science: {SIMULATED}")
    if actor.role is Role.ADMIN:
        _retirements()
    with st.sidebar:
        _choose_account(accounts)
        _counts()


def _retirements() -> None:
    """Warn of configured models that their providers switch off."""
    today = date.today()
    for model in retiring_models(services().settings, today):
        st.warning(
            f"{model.facts.retirement(today)} Set {' and '.join(model.settings)} to"
            f" {model.facts.replacement}, and restart.",
            icon=":material/update:",
        )


def current_account(actor: Actor) -> AccountView:
    """Return the selected account; without any, show an error and stop."""
    with action("read_account", is_page=True):
        accounts = services().accounts.all(actor)
    chosen = st.session_state.get(_ACCOUNT)
    for account in accounts:
        if account.id == chosen:
            return account
    if not accounts:
        st.error("There is no account yet. Ask an admin to create one.")
        st.stop()
    return accounts[0]


def _choose_account(accounts: list[AccountView]) -> None:
    if len(accounts) > 1:
        names = {account.id: account.name for account in accounts}
        st.selectbox(
            "Account",
            list(names),
            format_func=lambda account_id: names.get(account_id, account_id),
            key=_ACCOUNT,
            persist_state="session",
        )
    chosen = st.session_state.get(_ACCOUNT)
    for account in [account for account in accounts if account.id == chosen] or accounts[:1]:
        if len(accounts) == 1:
            st.caption(escaped(account.name))
        st.caption(f":material/toll: {_funds(account)} · {account.tier}")


def _funds(account: AccountView) -> str:
    """Return the credits or quota that are left."""
    if account.quota_left is None:
        return credits_of(account.balance)
    return f"{account.quota_left:,} of {account.daily_quota:,} left today"


@st.fragment(run_every=5)
def _counts() -> None:
    actor = require_role(Role.VIEWER)
    with action("frame_counts"):
        state = overview(actor)
        line = [elements.text(f"{state.running:,} running · {state.waiting:,} waiting")]
        if state.needs_review and actor.role is Role.VIEWER:
            # Operators see it among the stalled generations.
            count = count_of(state.needs_review, "picture requires", "pictures require")
            line.append(elements.badge(f"{count} action", "violet", "front_hand"))
        if state.queue_depths is None:
            line.append(elements.badge("The queue does not answer", "red", "error"))
        line += _problems(actor)
        if facts([("", line)], key="frame_counts"):
            st.switch_page(DIAGNOSE_PAGE)


def _problems(actor: Actor) -> list[elements.Element]:
    """Return counts of stalled and missing for operators; nothing while they are unknown."""
    if actor.role is Role.VIEWER:
        return []
    try:
        stalled, missing = problem_counts(actor)
    except AtelierError as error:
        log.warning("problems_not_counted", extra={"code": error.code})
        return []
    line = []
    if stalled:
        line.append(elements.badge_button(f"{stalled:,} stuck", "red", "error", "stalled"))
    if missing:
        line.append(elements.badge_button(f"{missing:,} missing", "amber", "hide_image", "missing"))
    return line


_FOLDER = Path(__file__).parent
MARK = str(_FOLDER / "mark.svg")
"""The icon of the browser's tab; a Material icon would be loaded from the internet."""


def draw_style() -> None:
    """Add the wordmark, and the style sheet, which is a fixed file, to the page."""
    st.logo(str(_FOLDER / "logo.svg"), size="medium", icon_image=MARK)
    st.html(_FOLDER / "style.css")
