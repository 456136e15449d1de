"""Asking a web server for something qtmail itself needs: a provider's settings, or an access token.

HTTPS only, the certificate always checked, nothing accepted by hand. No cookies, no referrer, no language, no
stored credentials. `http` is spoken only to this computer, and only where a test asks for it.
"""

from __future__ import annotations

import http.client
import ipaddress
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlencode

from qtmail.errors import ConnectionFailed, Layer, ProtocolViolation, QtmailError, Retry
from qtmail.protocols.connection import TlsTrust, open_socket, tls_context
from qtmail.protocols.failures import translate
from qtmail.protocols.http_exchange import Answer, Limits, Request, TooLarge, exchange, port_of, web_address
from qtmail.protocols.imap_syntax import words
from qtmail.protocols.remote_image import IpAddress, is_public
from qtmail.protocols.wake import Wake

MAX_REDIRECTS = 5
TIMEOUT = 10.0
"""Seconds for one answer, redirects included."""
MAX_BYTES = 1 << 20

_HEADERS = {"User-Agent": "qtmail", "Accept-Encoding": "identity", "Connection": "close"}
_LONGEST_QUOTE = 250
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What a web server answered, whatever its status.

    Attributes:
        content_type: as the server wrote it, its parameters included; may be empty.
        body: the bytes as they came.
        url: where they came from, after redirects.
    """

    status: int
    content_type: str
    body: bytes
    url: str


def web_get(
    url: str,
    *,
    trust: TlsTrust,
    timeout: float = TIMEOUT,
    max_bytes: int = MAX_BYTES,
    stop: Wake | None = None,
    insecure_loopback: bool = False,
) -> WebAnswer:
    """What is at `url`; up to five redirects are followed, never from https to http.

    Blocking; `timeout` is in seconds. A status of 400 and more is an answer, not a fault.

    Raises:
        ConnectionFailed: the server could not be reached, broke off or was too slow.
        TlsFailed: the server could not prove who it is.
        ProtocolViolation: what came is no HTTP, too large, or led round in circles.
        QtmailError: the address is not one that may be asked, or a redirect leads from the Internet into a
            private network.
        Stopped: `stop` was set.
    """
    limits = Limits(time.monotonic() + timeout, max_bytes, stop)
    base = ""
    public_only = False
    for _ in range(MAX_REDIRECTS + 1):
        parts = _permitted(url, base, insecure_loopback)
        answer, asked = _ask(Request("GET", parts, _HEADERS), limits, trust, public_only=public_only)
        public_only = public_only or is_public(asked)
        if not answer.location:
            return WebAnswer(answer.status, answer.content_type, answer.body, parts.geturl())
        insecure_loopback = insecure_loopback and parts.scheme == "http"
        url, base = answer.location, parts.geturl()
    raise ProtocolViolation(f"{parts.hostname} kept sending us on to other addresses.", retry=Retry.NEVER)


def web_post(
    url: str,
    fields: Mapping[str, str],
    *,
    headers: Mapping[str, str] | None = None,
    trust: TlsTrust,
    timeout: float = TIMEOUT,
    max_bytes: int = MAX_BYTES,
    stop: Wake | None = None,
    insecure_loopback: bool = False,
) -> WebAnswer:
    """Hand in a form. A redirect is not followed but returned: what is in the form may be secret, and is
    meant for this server.

    Raises as `web_get`.
    """
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    request = Request(
        "POST",
        _permitted(url, "", insecure_loopback),
        {**_HEADERS, **kind, **(headers or {})},
        urlencode(fields).encode("ascii"),
    )
    answer, _ = _ask(request, Limits(time.monotonic() + timeout, max_bytes, stop), trust)
    return WebAnswer(answer.status, answer.content_type, answer.body, url)


def _permitted(url: str, base: str, insecure_loopback: bool) -> SplitResult:
    try:
        parts = web_address(url, base)
    except ValueError as error:
        raise _refused(f"{_quoted(url)} is not an address of the web.", detail=str(error)) from error
    if parts.scheme != "https" and not (insecure_loopback and parts.hostname in _LOOPBACK):
        raise _refused(f"{_quoted(parts.netloc)} was not asked: its address is not encrypted (https).")
    return parts


def _quoted(said: str) -> str:
    """An address for a sentence: a web server may have sent it."""
    return f"“{words(said.encode('utf-8', 'replace'))[:_LONGEST_QUOTE]}”"


def _ask(
    request: Request, limits: Limits, trust: TlsTrust, *, public_only: bool = False
) -> tuple[Answer, IpAddress]:
    """The answer, and who gave it.

    With `public_only` nothing is sent into a private network: a server of the Internet that redirects us
    there wants to reach through us what it cannot reach itself.
    """
    host, port = request.parts.hostname or "", port_of(request.parts)
    left = max(0.0, limits.deadline - time.monotonic())
    connected = open_socket(host, port, left, limits.stop)
    try:
        with connected:
            asked = ipaddress.ip_address(connected.getpeername()[0].partition("%")[0])
            if public_only and not is_public(asked):
                raise _refused(f"{_quoted(host)} was not asked: a redirect led into a private network.")
            tls = tls_context(trust) if request.parts.scheme == "https" else None
            return exchange(connected, request, limits, tls), asked
    except TooLarge as error:
        raise ProtocolViolation(f"{host} sent more than it should.", detail=str(error)) from error
    except http.client.HTTPException as error:
        raise _no_http(host, error) from error
    except (OSError, UnicodeError) as error:
        raise translate(error, host, port) from error


def _no_http(host: str, error: http.client.HTTPException) -> QtmailError:
    # What the server said is left out: it may have been given a secret, and may repeat it.
    if isinstance(error, http.client.RemoteDisconnected | http.client.IncompleteRead):
        return ConnectionFailed(f"{host} closed the connection.", detail=type(error).__name__)
    return ProtocolViolation(f"{host} did not answer as a web server does.", detail=type(error).__name__)


def _refused(sentence: str, *, detail: str = "") -> QtmailError:
    return QtmailError(sentence, detail=detail, layer=Layer.CONNECTION, retry=Retry.NEVER)
