"""A server that answers the beginning of a PostgreSQL connection as the test says."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SSL_REQUEST = 80877103


def error_response(state: str, message: str) -> bytes:
    """PostgreSQL's ErrorResponse."""
    fields = b"SFATAL\0VFATAL\0" + f"C{state}\0M{message}\0\0".encode()
    return b"E" + struct.pack("!i", len(fields) + 4) + fields


@contextmanager
def refusing_server(answer: bytes | None, tls: bytes = b"N") -> Iterator[str]:
    """Yield the address of a server that sends `answer` and closes; None: never anything."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        open_sockets: list[socket.socket] = []
        thread = threading.Thread(
            target=_serve, args=(listener, answer, tls, open_sockets), daemon=True
        )
        thread.start()
        port = listener.getsockname()[1]
        yield f"postgresql+psycopg://anna:hidden-secret@127.0.0.1:{port}/atelier"
        listener.shutdown(socket.SHUT_RDWR)
        for one in open_sockets:
            one.close()
    thread.join()


def _serve(
    listener: socket.socket, answer: bytes | None, tls: bytes, open_sockets: list[socket.socket]
) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        open_sockets.append(client)
        if answer is None:
            continue
        asked = client.recv(8)
        if asked[4:] == struct.pack("!i", _SSL_REQUEST):
            client.sendall(tls)
            client.recv(4096)
        client.sendall(answer)
        client.close()
