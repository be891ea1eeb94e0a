"""The proxy that an address is reached through, by HTTPS_PROXY, HTTP_PROXY and NO_PROXY."""

import ipaddress
import os
from collections.abc import Mapping
from urllib import request as urllib_request
from urllib.parse import urlsplit
from urllib.request import getproxies_environment

from pydantic import SecretStr

from services.core.redaction import remember_secrets

PROXY_SETTINGS = ("https_proxy", "http_proxy", "no_proxy")


def export_proxies(values: Mapping[str, SecretStr | str | None]) -> None:
    """Let every HTTP library find the proxies that `.env` names: they read the environment alone."""
    for name, value in values.items():
        if value and not (os.environ.get(name) or os.environ.get(name.upper())):
            text = value.get_secret_value() if isinstance(value, SecretStr) else value
            os.environ[name.upper()] = text


def proxy_for(url: str) -> str | None:
    """Return the address of the proxy for `url`; None: it is reached directly.

    This machine itself is never reached through a proxy.
    """
    parts, proxies = urlsplit(url), getproxies_environment()
    host, found = parts.hostname or "", proxies.get(parts.scheme) or proxies.get("all")
    if not found or _is_local(host) or _is_bypassed(host, parts.port, proxies):
        return None
    proxy = found if "://" in found else f"http://{found}"
    if password := urlsplit(proxy).password:
        remember_secrets([password])
    return proxy


def _is_bypassed(host: str, port: int | None, proxies: Mapping[str, str]) -> bool:
    named = f"{host}:{port}" if port else host
    # Not in its type stubs; it knows domains and `*`, and no networks.
    if urllib_request.proxy_bypass_environment(named, dict(proxies)):  # type: ignore[attr-defined]
        return True
    address, listed = _address(host), proxies.get("no", "").split(",")
    return address is not None and any(_contains(entry.strip(), address) for entry in listed)


def _contains(network: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an entry of NO_PROXY such as 10.0.0.0/8 holds the address."""
    try:
        return "/" in network and address in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _is_local(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
