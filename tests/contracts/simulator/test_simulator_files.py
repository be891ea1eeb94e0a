"""The files API, through the real client."""

import hashlib
import io
import json
import time
from http.client import HTTPConnection

from simulator.file_store import download_signature
from tests.contracts.simulator.running import HTTP, TOKEN, Simulator


def test_upload_list_get_delete(simulator: Simulator) -> None:
    files = simulator.replicate().files
    stored = files.create(io.BytesIO(b"abc"), filename="data.zip", metadata={"who": "me"})
    assert (stored.name, stored.size, stored.metadata) == ("data.zip", 3, {"who": "me"})
    assert stored.content_type == "application/zip"
    assert stored.checksums["sha256"] == hashlib.sha256(b"abc").hexdigest()
    assert [file.id for file in files.list()] == [stored.id]
    assert files.get(stored.id) == stored
    files.delete(stored.id)
    response = simulator.call("GET", f"/v1/files/{stored.id}")
    assert (response.status_code, response.json()) == (
        404,
        {"detail": "File not found", "status": 404},
    )


def test_download_needs_its_signature(simulator: Simulator) -> None:
    client = simulator.replicate()
    stored = client.files.create(io.BytesIO(b"abc"), filename="a.png")
    expiry = str(int(time.time()) + 60)
    signature = download_signature(
        client.webhooks.default.secret().key, "atelier-simulator", stored.id, expiry
    )
    query = {"owner": "atelier-simulator", "expiry": expiry, "signature": signature}
    url = f"{simulator.url}/v1/files/{stored.id}/download"
    assert HTTP.get(url, params=query).content == b"abc"
    assert HTTP.get(url, params={**query, "signature": "x"}).status_code == 404
    assert HTTP.get(url).status_code == 404


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
