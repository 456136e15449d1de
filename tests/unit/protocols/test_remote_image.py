"""Remote pictures are fetched without telling who reads, and never from a private network."""

from __future__ import annotations

import http.server
import ipaddress
import ssl
import threading
from collections.abc import Iterator

import pytest
import trustme

from qtmail.errors import ConnectionFailed, Layer, QtmailError
from qtmail.protocols.remote_image import fetch_image, is_public

GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"


class PictureServer(http.server.ThreadingHTTPServer):
    """Answers each path as `routes` says and keeps the header fields of every request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.routes: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []

    def url(self, path: str, scheme: str = "http", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.server_port}{path}"


class _Requests(http.server.BaseHTTPRequestHandler):
    server: PictureServer

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers.items())))
        status, fields, content = self.server.routes.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[PictureServer]:
    yield from _running(PictureServer())


def _running(server: PictureServer) -> Iterator[PictureServer]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def anywhere(_address: object) -> bool:
    return True


def test_a_picture_is_fetched_with_nothing_that_tells_who_reads(server: PictureServer) -> None:
    server.routes["/a.gif?id=1"] = (200, {"Content-Type": "image/gif", "Set-Cookie": "spy=1"}, GIF)
    image = fetch_image(server.url("/a.gif?id=1"), permitted=anywhere)
    fetch_image(server.url("/a.gif?id=1"), permitted=anywhere)
    assert (image.content, image.content_type) == (GIF, "image/gif")
    for _path, fields in server.requests:
        assert set(fields) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}
        assert "qtmail" not in fields["User-Agent"].lower()


def test_the_type_is_seen_in_the_content_where_the_server_is_vague(server: PictureServer) -> None:
    server.routes["/a"] = (200, {"Content-Type": "application/octet-stream"}, GIF)
    assert fetch_image(server.url("/a"), permitted=anywhere).content_type == "image/gif"


def test_what_is_no_picture_is_refused(server: PictureServer) -> None:
    server.routes["/a"] = (200, {"Content-Type": "text/html"}, b"<html>")
    with pytest.raises(QtmailError, match="not a picture"):
        fetch_image(server.url("/a"), permitted=anywhere)


def test_redirects_are_followed_three_times(server: PictureServer) -> None:
    server.routes["/0"] = (200, {"Content-Type": "image/gif"}, GIF)
    for hop in range(1, 5):
        server.routes[f"/{hop}"] = (302, {"Location": f"/{hop - 1}"}, b"")
    assert fetch_image(server.url("/3"), permitted=anywhere).content == GIF
    with pytest.raises(QtmailError, match="other addresses"):
        fetch_image(server.url("/4"), permitted=anywhere)


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://example.com/a.gif", "http://u:p@127.0.0.1/", "//[x"]
)
def test_redirects_leave_the_web_no_more_than_urls_do(server: PictureServer, target: str) -> None:
    server.routes["/a"] = (302, {"Location": target}, b"")
    with pytest.raises(QtmailError):
        fetch_image(server.url("/a"), permitted=anywhere)
    assert len(server.requests) == 1


def test_a_redirect_into_the_private_network_is_refused(server: PictureServer) -> None:
    server.routes["/a"] = (302, {"Location": server.url("/b", host="localhost")}, b"")
    server.routes["/b"] = (200, {"Content-Type": "image/gif"}, GIF)
    seen: list[object] = []

    def only_the_first(address: object) -> bool:
        seen.append(address)
        return len(seen) == 1

    with pytest.raises(QtmailError, match="private network"):
        fetch_image(server.url("/a"), permitted=only_the_first)
    assert [path for path, _ in server.requests] == ["/a"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433"])
def test_this_computer_is_never_asked(server: PictureServer, host: str) -> None:
    with pytest.raises(QtmailError):
        fetch_image(server.url("/a", host=host))
    assert server.requests == []


@pytest.mark.parametrize(
    "address",
    """
    127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255
    ::1 :: fe80::1 fc00::1 ff02::1 ::ffff:192.168.1.1 2002:c0a8:101::
    """.split(),  # noqa: SIM905  # a table reads better than a list here
)
def test_private_addresses(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"]
)
def test_public_addresses(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_a_picture_that_is_too_large_is_given_up(server: PictureServer) -> None:
    server.routes["/a"] = (200, {"Content-Type": "image/gif"}, GIF + bytes(200_000))
    with pytest.raises(QtmailError, match="too large"):
        fetch_image(server.url("/a"), permitted=anywhere, max_bytes=100_000)


def test_missing_pictures_and_servers_are_told_in_words(server: PictureServer) -> None:
    with pytest.raises(QtmailError, match="answered 404"):
        fetch_image(server.url("/missing"), permitted=anywhere)
    with pytest.raises(ConnectionFailed) as failure:
        fetch_image("http://nowhere.invalid/a.gif", permitted=anywhere)
    assert failure.value.layer is Layer.NAME_LOOKUP


@pytest.mark.parametrize(
    "url", ["", "a.gif", "file:///etc/passwd", "http://", "http://[x/", "http://a:b/", "data:,"]
)
def test_addresses_that_are_none_of_the_web_are_refused(url: str) -> None:
    with pytest.raises(QtmailError):
        fetch_image(url, permitted=anywhere)


def test_spaces_and_umlauts_in_the_address_are_encoded(server: PictureServer) -> None:
    server.routes["/a%20b%C3%A4%2F"] = (200, {"Content-Type": "image/gif"}, GIF)
    assert fetch_image(server.url("/a bä%2F"), permitted=anywhere).content == GIF


def test_tls_checks_the_name_though_the_address_is_fixed(authority: trustme.CA) -> None:
    server = PictureServer()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.routes["/a"] = (200, {"Content-Type": "image/gif"}, GIF)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    for running in _running(server):
        good, foreign = (running.url("/a", "https", host) for host in ("localhost", "127.0.0.1"))
        assert fetch_image(good, permitted=anywhere, tls=trust).content == GIF
        with pytest.raises(ConnectionFailed):
            fetch_image(foreign, permitted=anywhere, tls=trust)
