"""The one service that pages and recipes ask about references."""

from services.references.erase import Eraser
from services.references.library import Library
from services.references.recycling import Recycling
from services.references.tags import Tags
from services.references.upload import Uploads


class References(Uploads, Library, Tags, Recycling, Eraser):
    """Uploads, lists, tags, deletes, restores and erases references."""
