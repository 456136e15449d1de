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
from urllib.parse import SplitResult

from qtmail.errors import ConnectionFailed, Layer, QtmailError, Retry
from qtmail.protocols.http_exchange import Limits, Request, TooLarge, exchange, port_of, web_address

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
    base = ""
    for _ in range(MAX_REDIRECTS + 1):
        parts = _web_address(url, base)
        answer = _request(parts, deadline, max_bytes, permitted, tls)
        if isinstance(answer, RemoteImage):
            return answer
        url, base = answer, parts.geturl()
    raise _refused("The picture's server kept sending us on to other addresses.")


def _request(
    parts: SplitResult,
    deadline: float,
    max_bytes: int,
    permitted: Callable[[IpAddress], bool],
    tls: ssl.SSLContext | None,
) -> RemoteImage | str:
    """The picture, or the address the server sends us on to."""
    host = parts.hostname or ""
    address = _public_address(host, port_of(parts), permitted)
    if parts.scheme != "https":
        tls = None
    elif tls is None:
        tls = ssl.create_default_context()
    try:
        connected = socket.create_connection(address, max(0.1, deadline - time.monotonic()))
        connected.setblocking(False)
        answer = exchange(connected, Request("GET", parts, _HEADERS), Limits(deadline, max_bytes), tls)
    except TooLarge as error:
        raise _refused(f"The picture at {host} is too large.", detail=str(error)) from error
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise ConnectionFailed(f"The picture could not be fetched from {host}.", detail=str(error)) from error
    if answer.location:
        return answer.location
    if answer.status != http.client.OK:
        raise _refused(f"{host} answered {answer.status} instead of a picture.")
    return RemoteImage(answer.body, _image_type(answer.content_type, answer.body, host))


def _web_address(url: str, base: str) -> SplitResult:
    try:
        return web_address(url, base)
    except ValueError as error:
        raise _refused("The picture's address is not one of the web.", detail=str(error)) from error


def _public_address(host: str, port: int, permitted: Callable[[IpAddress], bool]) -> tuple[str, int]:
    """The address and port to connect to: the first one of the host's, if all of them are permitted."""
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
