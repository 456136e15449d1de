"""Fetching one picture of a message once the user allowed it, telling as little as possible.

No cookies, no referrer, no credentials, no language, a User-Agent that names no program, no cache that could
mark the reader. A message must not reach into the reader's own network through us either: every host name is
looked up here, only public addresses are connected to, and the connection goes to the very address that was
checked (a second look-up could answer differently). Redirects pass the same checks.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from qtmail.errors import ConnectionFailed, Layer, QtmailError, Retry

MAX_BYTES = 10 * 1024 * 1024
MAX_REDIRECTS = 3
TIMEOUT = 15.0
"""Seconds for one picture, redirects included."""

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_HEADERS = {
    "User-Agent": "Mozilla/5.0",
    "Accept": "image/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 64 * 1024

# What the first bytes of the picture formats look like, for servers that do not say the type.
_SIGNATURES = (
    (re.compile(rb"\x89PNG\r\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"BM"), "image/bmp"),
    (re.compile(rb"....ftypavi[fs]", re.DOTALL), "image/avif"),
    (re.compile(rb"\x00\x00\x01\x00"), "image/x-icon"),
)


@dataclass(frozen=True, slots=True)
class RemoteImage:
    """A picture as a web server gave it out."""

    content: bytes
    content_type: str


def is_public(address: IpAddress) -> bool:
    """Whether `address` belongs to the Internet and not to this computer or a network around it."""
    mapped = address.ipv4_mapped or address.sixtofour if isinstance(address, ipaddress.IPv6Address) else None
    checked = mapped or address
    return checked.is_global and not checked.is_multicast


def fetch_image(
    url: str,
    *,
    timeout: float = TIMEOUT,
    max_bytes: int = MAX_BYTES,
    permitted: Callable[[IpAddress], bool] = is_public,
    tls: ssl.SSLContext | None = None,
) -> RemoteImage:
    """Fetch the picture at `url` (http or https).

    Blocking; `timeout` is in seconds and covers redirects. `permitted` says which addresses may be connected
    to.

    Raises:
        QtmailError: the URL is none of the web or leads into a private network, or what came is not a picture
            or is too large.
        ConnectionFailed: the server could not be reached or broke off.
    """
    deadline = time.monotonic() + timeout
    for _ in range(MAX_REDIRECTS + 1):
        answer = _request(url, deadline, max_bytes, permitted, tls)
        if isinstance(answer, RemoteImage):
            return answer
        url = urljoin(url, answer)
    raise _refused("The picture's server kept sending us on to other addresses.")


def _request(
    url: str,
    deadline: float,
    max_bytes: int,
    permitted: Callable[[IpAddress], bool],
    tls: ssl.SSLContext | None,
) -> RemoteImage | str:
    """The picture, or the address the server sends us on to."""
    parts = _web_address(url)
    host = parts.hostname or ""
    connection = _connection(parts, _public_address(host, parts, permitted), deadline, tls)
    target = _encoded((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
    try:
        connection.request("GET", target, headers=_HEADERS)
        response = connection.getresponse()
        if response.status in _REDIRECTS and (location := response.getheader("Location")):
            return location
        if response.status != http.client.OK:
            raise _refused(f"{host} answered {response.status} instead of a picture.")
        content = _read(response, deadline, max_bytes, host)
        return RemoteImage(content, _image_type(response.getheader("Content-Type", ""), content, host))
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise ConnectionFailed(f"The picture could not be fetched from {host}.", detail=str(error)) from error
    finally:
        connection.close()


def _web_address(url: str) -> SplitResult:
    """The parts of `url`, encoded so that they can stand in a request line."""
    try:
        parts = urlsplit(url.strip())
        _ = parts.port  # raises for a port that is no number
        parts = parts._replace(netloc=parts.netloc.encode("idna").decode("ascii") if parts.netloc else "")
    except ValueError as error:
        raise _refused("The picture's address makes no sense.", detail=str(error)) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _refused("The picture's address is not one of the web.")
    if "@" in parts.netloc:
        raise _refused("The picture's address carries a user name, which is never sent.")
    return parts


def _encoded(text: str) -> str:
    """`text` with everything that may not stand in a request line percent-encoded, its own escapes kept."""
    return "".join(
        character
        if 0x21 <= ord(character) <= 0x7E
        else "".join(f"%{byte:02X}" for byte in character.encode())
        for character in text
    )


def _public_address(host: str, parts: SplitResult, permitted: Callable[[IpAddress], bool]) -> tuple[str, int]:
    """The address and port to connect to: the first one of the host's, if all of them are permitted."""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ConnectionFailed(
            f"No server is known under the name {host}.", detail=str(error), layer=Layer.NAME_LOOKUP
        ) from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if not permitted(ipaddress.ip_address(address.partition("%")[0])):
            raise _refused(f"The picture at {host} leads into a private network.", detail=address)
    return addresses[0], port


def _connection(
    parts: SplitResult, address: tuple[str, int], deadline: float, tls: ssl.SSLContext | None
) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    timeout = max(0.1, deadline - time.monotonic())
    if parts.scheme == "https":
        return _PinnedHttps(host, address, timeout, tls or ssl.create_default_context())
    return _PinnedHttp(host, address, timeout)


class _PinnedHttp(http.client.HTTPConnection):
    """A connection to `host` that goes to the address that was checked and to no other."""

    def __init__(self, host: str, address: tuple[str, int], timeout: float) -> None:
        super().__init__(host, address[1], timeout=timeout)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection(self._address, self.timeout)


class _PinnedHttps(_PinnedHttp):
    """As above, over TLS: the certificate must be for the host name, not for the address."""

    default_port = http.client.HTTPS_PORT

    def __init__(self, host: str, address: tuple[str, int], timeout: float, tls: ssl.SSLContext) -> None:
        super().__init__(host, address, timeout)
        self._tls = tls

    def connect(self) -> None:
        super().connect()
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self.host)


def _read(response: http.client.HTTPResponse, deadline: float, max_bytes: int, host: str) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while chunk := response.read1(_CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > max_bytes:
            raise _refused(f"The picture at {host} is too large.", detail=f"more than {max_bytes} bytes")
        if time.monotonic() > deadline:
            raise ConnectionFailed(f"{host} takes too long to send the picture.")
    return b"".join(chunks)


def _image_type(declared: str, content: bytes, host: str) -> str:
    declared = declared.partition(";")[0].strip().lower()
    for signature, content_type in _SIGNATURES:
        if signature.match(content):
            return content_type
    if declared.startswith("image/"):
        return declared
    raise _refused(f"What {host} sent is not a picture.", detail=declared)


def _refused(sentence: str, *, detail: str = "") -> QtmailError:
    return QtmailError(sentence, detail=detail, layer=Layer.CONNECTION, retry=Retry.NEVER)
