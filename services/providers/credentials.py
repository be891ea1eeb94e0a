"""Secrets and addresses, checked once where a provider is made, and never shown."""

from urllib.parse import urlsplit

from services.core.errors import SettingsError


def checked_secret(secret: str, provider: str) -> str:
    """A usable token or key, stripped; raises SettingsError.

    An empty one would make the vendors' clients look in the environment, and one with odd
    characters would fail inside the HTTP library, which then prints the whole header.
    """
    secret = secret.strip()
    if not secret or not secret.isascii() or not secret.isprintable() or " " in secret:
        raise SettingsError(problem=f"{provider}'s key is empty or holds characters no key has.")
    return secret


def checked_url(url: str, provider: str) -> str:
    """An http(s) address without the `/v1` that the clients add; raises SettingsError."""
    url = url.strip().rstrip("/").removesuffix("/v1")
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        is_usable = is_usable and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise SettingsError(problem=f"{provider}'s address is not an http(s) address.")
    return url
