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
from services.core.humanize import count_of, credits_of, listed
from services.core.states import Role
from services.credits.accounts import AccountView
from services.providers.registry import provider_label, retiring_models, simulated_providers

log = logging.getLogger(__name__)

ACCOUNT = "account_id"


def draw_sidebar(actor: Actor) -> None:
    """Draw the banner, the account's choice and the live counts."""
    with action("frame", is_page=True):
        accounts = services().accounts.all(actor)
        simulated = simulated_providers(services().settings)
        _recall_account(actor, accounts)
    if simulated:
        labels = [provider_label(name) for name in sorted(simulated)]
        with st.container(key="simulated"):
            st.caption(f":material/science: {SIMULATED.format(providers=listed(labels))}")
    if actor.role is Role.ADMIN:
        _retirements()
    with st.sidebar:
        _choose_account(accounts)
        _counts()


def _retirements() -> None:
    """Warn of configured models that their providers switch off."""
    today = date.today()
    for model in retiring_models(services().settings, today):
        sentence = (
            f"{model.facts.retirement(today)} Set {listed(model.settings)} to"
            f" {model.facts.replacement}, and restart."
        )
        st.warning(escaped(sentence), icon=":material/update:")


def current_account(actor: Actor) -> AccountView:
    """Return the account that work is for; without one, say what to do and stop."""
    with action("read_account", is_page=True):
        accounts = services().accounts.all(actor)
    chosen = chosen_account(accounts)
    if chosen is None:
        if accounts:
            st.info("Choose the account in the sidebar first: work is charged to it.")
        else:
            st.error("There is no account yet. Ask an admin to create one.")
        st.stop()
    return chosen


def chosen_account(accounts: list[AccountView]) -> AccountView | None:
    """Return the account of the sidebar; the only one needs no choice."""
    if len(accounts) == 1:
        return accounts[0]
    chosen_id = st.session_state.get(ACCOUNT)
    return next((account for account in accounts if account.id == chosen_id), None)


def _recall_account(actor: Actor, accounts: list[AccountView]) -> None:
    """Begin a visit with the person's last account: nobody works for one that they never chose."""
    known = [account.id for account in accounts]
    if len(known) > 1 and st.session_state.get(ACCOUNT) not in known:
        st.session_state[ACCOUNT] = services().people.last_account(actor)


def _choose_account(accounts: list[AccountView]) -> None:
    chosen = chosen_account(accounts)
    if len(accounts) > 1:
        names = {account.id: account.name for account in accounts}
        st.selectbox(
            "Account",
            list(names),
            index=None,
            format_func=lambda account_id: names.get(account_id, account_id),
            placeholder="Choose an account",
            key=ACCOUNT,
            persist_state="session",
            on_change=_remember_account,
        )
    elif chosen:
        st.caption(escaped(chosen.name))
    if chosen:
        st.caption(f":material/toll: {_funds(chosen)} · {chosen.tier}")


def _remember_account() -> None:
    if account_id := st.session_state.get(ACCOUNT):
        with action("remember_account"):
            services().people.remember_account(require_role(Role.VIEWER), account_id)


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
