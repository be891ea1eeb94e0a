"""All routes that live beside Streamlit in the web process."""

from starlette.routing import Route

from services.container import Services
from services.web.health import health_routes
from services.web.pictures import picture_routes
from services.web.pose_pictures import pose_routes


def build_routes(services: Services) -> list[Route]:
    """The routes, for the services of this process."""
    return [
        *health_routes(lambda: services.health),
        # Before the pictures, whose address would take in any other.
        *pose_routes(lambda: services.pose_library, services.pose_signer),
        *picture_routes(lambda: services.storage, services.signer, services.spot_check.notice),
    ]
