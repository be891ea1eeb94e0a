"""How a browser is told to show a file or to save it under a name."""

from urllib.parse import quote


def content_disposition(name: str | None) -> str:
    """`inline` without a name; the name must have been cleaned of control characters."""
    if not name:
        return "inline"
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    # RFC 6266: old browsers read the first, all others the second.
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
