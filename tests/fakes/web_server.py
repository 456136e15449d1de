"""A web server over TLS on a loopback port, which gives out what a test puts into it."""

from __future__ import annotations

import http.server
import ssl
import threading
import traceback
from types import TracebackType

import trustme

PATIENCE = 10.0


class WebServer(http.server.ThreadingHTTPServer):
    """Answers each path as `pages` says, all others with 404.

    Attributes:
        pages: content by path, the query included.
        requests: the path and the header fields of every request.
    """

    daemon_threads = True

    def __init__(self, certificate: trustme.LeafCert) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.pages: dict[str, bytes] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self._tls)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> WebServer:
        self._thread.start()
        return self

    def __exit__(self, *raised: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def get_request(self) -> tuple[ssl.SSLSocket, object]:
        connected, address = self.socket.accept()
        connected.settimeout(PATIENCE)
        try:
            # The handshake comes with the first read, on the thread of the request.
            return self._tls.wrap_socket(connected, server_side=True, do_handshake_on_connect=False), address
        except OSError as error:
            # A client that has left by now: Python leaves the connection open in a half-made socket.
            for frame, _ in traceback.walk_tb(error.__traceback__):
                if isinstance(half_made := frame.f_locals.get("self"), ssl.SSLSocket):
                    half_made.close()
            raise

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that leave are expected."""


class _Requests(http.server.BaseHTTPRequestHandler):
    server: WebServer

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers.items())))
        content = self.server.pages.get(self.path)
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Type", "text/xml")
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""
