"""The files API, through the real client."""

import hashlib
import io
import json
from http.client import HTTPConnection

from tests.contracts.simulator.running import TOKEN, Simulator


def test_upload_and_get(simulator: Simulator) -> None:
    files = simulator.replicate().files
    stored = files.create(io.BytesIO(b"abc"), filename="data.zip", metadata={"who": "me"})
    assert (stored.name, stored.size, stored.metadata) == ("data.zip", 3, {"who": "me"})
    assert stored.content_type == "application/zip"
    assert stored.checksums["sha256"] == hashlib.sha256(b"abc").hexdigest()
    assert files.get(stored.id) == stored
    response = simulator.call("GET", "/v1/files/unknown")
    assert (response.status_code, response.json()) == (
        404,
        {"detail": "File not found", "status": 404},
    )


def test_more_than_a_hundred_megabytes_are_refused(simulator: Simulator) -> None:
    connection = HTTPConnection(simulator.url.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", "/v1/files")
    connection.putheader("Authorization", f"Bearer {TOKEN}")
    connection.putheader("Content-Length", str(101 * 1024 * 1024))
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == 413
    assert json.loads(response.read()) == {"detail": "Files must be less than 100MB in size"}
    connection.close()
