"""Gemini's way through Google Cloud: a project and its credentials in place of an API key."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.auth.exceptions import GoogleAuthError
from google.oauth2 import credentials as oauth2
from google.oauth2 import service_account

from services.core.errors import SettingsError

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


@dataclass(frozen=True)
class VertexAccess:
    """A project of Google Cloud; without credentials the machine's own are looked for when asked.

    `credentials` is an object of google.auth.
    """

    project: str
    location: str = "global"
    credentials: Any = field(default=None, repr=False)

    @property
    def label(self) -> str:
        """Whose it is, as people know it."""
        account = getattr(self.credentials, "service_account_email", None)
        return f"Google Cloud project {self.project}" + (f" as {account}" if account else "")


def vertex_access(project: str, location: str, credentials_file: Path | None) -> VertexAccess:
    """The access that settings name; raises SettingsError for a file that holds no credentials."""
    if credentials_file is None:
        return VertexAccess(project, location)
    try:
        credentials = _credentials(json.loads(credentials_file.read_text()))
    except OSError as error:
        raise SettingsError(problem=_problem(f"cannot be read ({error.strerror})")) from None
    except (GoogleAuthError, ValueError, TypeError, KeyError):
        # Their texts quote the file, and the file is a secret.
        raise SettingsError(problem=_problem("holds no credentials of Google Cloud")) from None
    return VertexAccess(project, location, credentials)


def _credentials(found: dict[str, Any]) -> Any:
    """Only the kinds that name no address of their own to run or to ask; raises KeyError."""
    load: dict[str, Callable[..., Any]] = {
        "service_account": service_account.Credentials.from_service_account_info,
        "authorized_user": oauth2.Credentials.from_authorized_user_info,
    }
    return load[found["type"]](found, scopes=_SCOPES)


def _problem(what: str) -> str:
    return (
        f"The file that GOOGLE_APPLICATION_CREDENTIALS names {what}. Download the service "
        "account's JSON key again, or leave the setting out on a machine with a role."
    )
