"""All routes that live beside Streamlit in the web process."""

from starlette.routing import Route

from services.container import Services
from services.http.health import health_routes
from services.http.pictures import picture_routes


def build_routes(services: Services) -> list[Route]:
    """The routes, for the services of this process."""
    return [
        *health_routes(lambda: services.health),
        *picture_routes(lambda: services.storage, services.signer),
    ]
