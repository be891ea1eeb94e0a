"""All routes that live beside Streamlit in the web process."""

from collections.abc import Callable

from starlette.routing import Route

from services.health.report import Health
from services.pose_library.library import PoseLibrary
from services.storage.base import Storage
from services.web.health import health_routes
from services.web.pictures import PictureSigner, picture_routes
from services.web.pose_pictures import PoseSigner, pose_routes


def build_routes(
    health: Health,
    pose_library: PoseLibrary,
    pose_signer: PoseSigner,
    storage: Storage,
    signer: PictureSigner,
    report_missing: Callable[[str], None],
) -> list[Route]:
    """The routes, for the services of this process."""
    return [
        *health_routes(lambda: health),
        # Before the pictures, whose address would take in any other.
        *pose_routes(lambda: pose_library, pose_signer),
        *picture_routes(lambda: storage, signer, report_missing),
    ]
