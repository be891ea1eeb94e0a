"""S3Place: where the bucket is, how to get in, and where browsers reach it."""

import ipaddress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

# They refuse the bucket's name in the path.
_VIRTUAL_ONLY = (".aliyuncs.com", ".myqcloud.com", ".volces.com")
_INNER_NAMES = (
    ".local",
    ".localhost",
    ".localdomain",
    ".internal",
    ".intranet",
    ".lan",
    ".home",
    ".home.arpa",
    ".corp",
    ".test",
    ".svc",
    ".svc.cluster.local",
)

Style = Literal["auto", "path", "virtual"]


@dataclass(frozen=True)
class S3Place:
    """A bucket; without keys the machine's own credentials count.

    `addressing` is where the bucket's name stands in the address; `public_url` is the server as
    browsers reach it, and `is_linked` whether they are sent there: None decides by the address.
    """

    bucket: str
    endpoint_url: str | None = None
    region: str | None = None
    access_key_id: str | None = field(default=None, repr=False)
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    addressing: Style = "auto"
    public_url: str | None = None
    is_linked: bool | None = None
    attempts: int = 4
    """Tries of one request: throttling, 500s and broken connections are retried."""

    @property
    def server(self) -> str:
        """The server's name, for sentences."""
        return _host(self.endpoint_url) or "S3"

    @property
    def style(self) -> Style:
        """Where the bucket's name stands: of one's own server it is the path, if nothing is set."""
        if self.addressing != "auto" or not self.endpoint_url:
            return self.addressing
        return "virtual" if self.server.endswith(_VIRTUAL_ONLY) else "path"

    @property
    def links_browsers(self) -> bool:
        """Whether browsers load originals from the server itself.

        Not by themselves where it has an inner name or address, or no encryption: a page that has
        some would not show them.
        """
        if self.is_linked is not None:
            return self.is_linked
        if self.public_url or not self.endpoint_url:
            return True
        return self.endpoint_url.startswith("https://") and not is_inner_host(self.server)


def is_inner_host(host: str) -> bool:
    """Whether only machines of the same network reach this name or address."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        name = host.lower().rstrip(".")
        return "." not in name or name.endswith(_INNER_NAMES)


def _host(url: str | None) -> str:
    return (url and urlsplit(url).hostname) or ""
