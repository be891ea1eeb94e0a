"""The signed-in person, their role, and the one place where errors become sentences."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

import streamlit as st

from pages.kit.backend import services
from pages.kit.wording import escaped
from services.core.actors import Actor, require
from services.core.errors import AtelierError, NotAllowedError
from services.core.redaction import redact
from services.core.states import Role
from services.monitoring.error_reports import report_error

log = logging.getLogger(__name__)

LOOPBACK_ADDRESSES = frozenset({"127.0.0.1", "::1"})
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded")
UNEXPECTED = "Something went wrong. Try again; if it persists, give support this reference"
_FLASH = "frame_flash"


@contextmanager
def action(label: str, *, is_page: bool = False, message_key: str = "") -> Iterator[None]:
    """Turn any error inside into a sentence with a reference; the log has the traceback.

    `is_page`: the page itself failed; it offers a retry and stops.
    `message_key`: the name under which `draw_message` shows it; a dialog hides what a callback draws.
    """
    try:
        yield
    except AtelierError as error:
        _show(escaped(redact(error.sentence)), _logged(label), is_page, message_key)
    except Exception:  # noqa: BLE001 - the boundary: whatever broke, the person gets a sentence
        _show(f"{UNEXPECTED}.", _logged(label), is_page, message_key)


def require_role(needed: Role) -> Actor:
    """Return the person, or show a refusal and stop. Every page calls it first."""
    with action("sign_in", is_page=True):
        actor = current_user()
        try:
            require(actor, needed)
        except NotAllowedError as refusal:
            st.error(escaped(refusal.sentence), icon=":material/lock:")
            st.stop()
        return actor
    st.stop()


def current_user() -> Actor:
    """Return the signed-in person; without an identity provider, the local one."""
    identity = st.user.to_dict()
    if "is_logged_in" in identity:
        return _signed_in(identity)
    if not is_local(*visitor()):
        st.error(
            "Sign-in is not set up, so Atelier opens on its own machine only. Open it at"
            " http://localhost there, or ask whoever runs it to set up sign-in.",
            icon=":material/lock:",
        )
        st.stop()
    return services().people.local()


def is_local(address: str | None, headers: Mapping[str, str]) -> bool:
    """Return whether a request comes from this machine itself and through no proxy.

    Streamlit gives no address for loopback. A host name that is not loopback is another site's
    page that points here (DNS rebinding).
    """
    if address is not None and address not in LOOPBACK_ADDRESSES:
        return False
    known = {name.lower(): value for name, value in headers.items()}
    if any(name.lower() in known for name in FORWARDED):
        return False
    origin = known.get("origin")
    host = urlsplit(f"//{known.get('host', '')}").hostname
    return host in LOOPBACK_HOSTS and (
        origin is None or urlsplit(origin).hostname in LOOPBACK_HOSTS
    )


def visitor() -> tuple[str | None, Mapping[str, str]]:
    """Return the browser's address, None for this machine, and its headers."""
    return st.context.ip_address, st.context.headers.to_dict()


def flash(message: str, icon: str = ":material/check:") -> None:
    """Show a message after the next rerun; it is markdown, never a person's text."""
    st.session_state.setdefault(_FLASH, []).append((message, icon))


def draw_flashes() -> None:
    """Show the messages from before the rerun."""
    for message, icon in st.session_state.pop(_FLASH, []):
        st.toast(message, icon=icon)


def _signed_in(identity: Mapping[str, object]) -> Actor:
    if not identity["is_logged_in"]:
        st.title("Atelier")
        st.write("Sign in to continue.")
        st.button("Sign in", type="primary", on_click=st.login, key="sign_in")
        st.stop()
    email = str(identity.get("email") or "")
    # An unverified address may be anyone's.
    is_verified = identity.get("email_verified", True) not in (False, "false")
    person = services().people.by_email(email) if email and is_verified else None
    if person is None:
        st.title("Atelier")
        st.error(
            "You are signed in, but nobody has given you access. Ask an admin to add"
            f" {escaped(email) or 'your address'}.",
            icon=":material/lock:",
        )
        st.button("Sign out", on_click=st.logout, key="sign_out")
        st.stop()
    return person


def _logged(label: str) -> str:
    """Log and store the error under a reference; where the services cannot be built, log it alone."""
    try:
        database = services().database
    except AtelierError:
        database = None
    return report_error(database, log, f"page {label}")


def draw_message(name: str) -> None:
    """Show, once, the message that an action stored under this name."""
    if message := st.session_state.pop(name, None):
        st.error(message, icon=":material/error:")


def _show(sentence: str, reference: str, is_page: bool, message_key: str) -> None:
    message = f"{sentence}  \nReference `{reference}`"
    if message_key:
        st.session_state[message_key] = message
        return
    st.error(message, icon=":material/error:")
    if is_page:
        st.button("Try again", icon=":material/refresh:", key=f"retry_{reference}")
        st.stop()
