"""Where the browser brings the provider's answer: a web server on this computer for one request
(RFC 8252 section 7.3).

It listens on 127.0.0.1 alone, on a port the system chooses, answers one request with a page that needs
nothing else, and is gone. The page holds no script, loads nothing, and shows nothing of the answer.
"""

from __future__ import annotations

import selectors
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

from qtmail.errors import QtmailError, Retry, Stopped
from qtmail.protocols.wake import Wake

_LONGEST_REQUEST = 16 * 1024
_REQUEST_SECONDS = 10.0
"""How long one connection may take to say what it wants. Browsers open some without saying anything."""
_MOST_CONNECTIONS = 32

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>qtmail</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style>body {{ font: 1.1em/1.6 system-ui, sans-serif; max-width: 32em; margin: 20vh auto; padding: 0 1em }}
h1 {{ font-size: 1.4em }}</style></head>
<body><h1>{title}</h1><p>{text}</p></body></html>
"""
_CAME = ("Back to qtmail", "qtmail has the answer. You can close this page.")
_REFUSED = ("Not signed in", "You can close this page; qtmail says how to go on.")
_FOREIGN = ("Nothing to see here", "This page is not part of a sign-in that qtmail waits for.")

Answer = Mapping[str, str]


class LoopbackRedirect:
    """The listener; use it in a `with`.

    Attributes:
        uri: what the provider is to send the browser to.
        strays: how many answers came that were not accepted.
    """

    def __init__(self) -> None:
        """Raises QtmailError where this computer lets nobody listen."""
        try:
            self._listener = _listener()
        except OSError as error:
            raise QtmailError(
                "The browser's answer cannot be waited for: this computer does not let qtmail listen for it.",
                advice="Sign in with a code on another device instead, or check the firewall.",
                detail=str(error),
                retry=Retry.ASK_USER,
            ) from error
        self._listener.setblocking(False)
        self._authority = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.uri = f"http://{self._authority}"
        self.strays = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def wait(self, seconds: float, accepts: Callable[[Answer], bool], stop: Wake) -> Answer | None:
        """The parameters of the first answer that `accepts` agrees to; None when the time is over.

        Raises Stopped.
        """
        deadline = time.monotonic() + seconds
        visitors: dict[socket.socket, _Visitor] = {}
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(stop, selectors.EVENT_READ)
            try:
                while (now := time.monotonic()) < deadline:
                    for key, _ in selector.select(min(deadline - now, _REQUEST_SECONDS)):
                        if key.fileobj is stop:
                            raise Stopped
                        if key.fileobj is self._listener:
                            self._admit(selector, visitors)
                        elif isinstance(key.fileobj, socket.socket):
                            answer = self._serve(key.fileobj, selector, visitors, accepts)
                            if answer is not None:
                                return answer
                    self._send_away_the_slow(selector, visitors)
                return None
            finally:
                for visitor in visitors:
                    visitor.close()

    def _admit(self, selector: selectors.BaseSelector, visitors: dict[socket.socket, _Visitor]) -> None:
        with suppress(OSError):  # gone again before we could say welcome
            connected, _ = self._listener.accept()
            if len(visitors) >= _MOST_CONNECTIONS:
                connected.close()
                return
            connected.setblocking(False)
            visitors[connected] = _Visitor()
            selector.register(connected, selectors.EVENT_READ)

    def _serve(
        self,
        connected: socket.socket,
        selector: selectors.BaseSelector,
        visitors: dict[socket.socket, _Visitor],
        accepts: Callable[[Answer], bool],
    ) -> Answer | None:
        """Read on; once the request is whole, answer it. Returns the answer we wait for, if it was that."""
        request = visitors[connected].read(connected)
        if request is None:
            return None
        selector.unregister(connected)
        del visitors[connected]
        answer = self._answer(request)
        accepted = answer is not None and accepts(answer)
        with connected, suppress(OSError):  # a browser that does not wait for the page
            if accepted:
                connected.sendall(_page(200, _REFUSED if "error" in (answer or {}) else _CAME))
            else:
                connected.sendall(_page(404, _FOREIGN))
        if answer is not None and not accepted:
            self.strays += 1
        return answer if accepted else None

    def _answer(self, request: bytes) -> Answer | None:
        """The parameters of a request for our page with an answer; None for any other request."""
        lines = request.decode("latin-1").split("\r\n")
        method, _, rest = lines[0].partition(" ")
        path, _, query = rest.partition(" ")[0].partition("?")
        hosts = [line.partition(":")[2].strip() for line in lines[1:] if line.lower().startswith("host:")]
        # The Host field of a page that was led here by its name server is another one (DNS rebinding).
        if method != "GET" or path != "/" or hosts != [self._authority]:
            return None
        found = parse_qsl(query, keep_blank_values=True)
        answer = dict(found)
        # No parameter may come twice (RFC 6749 section 3.1).
        return answer if len(answer) == len(found) and ("code" in answer or "error" in answer) else None

    def _send_away_the_slow(
        self, selector: selectors.BaseSelector, visitors: dict[socket.socket, _Visitor]
    ) -> None:
        now = time.monotonic()
        for connected in [c for c, visitor in visitors.items() if visitor.since + _REQUEST_SECONDS < now]:
            selector.unregister(connected)
            del visitors[connected]
            connected.close()


def _listener() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":  # where otherwise another program could listen on the same port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(_MOST_CONNECTIONS)
    except OSError:
        listener.close()
        raise
    return listener


class _Visitor:
    """One connection and what it has said."""

    def __init__(self) -> None:
        self._said = b""
        self.since = time.monotonic()

    def read(self, connected: socket.socket) -> bytes | None:
        """The request once it is whole, b"" if it never will be; None as long as more may come."""
        try:
            data = connected.recv(_LONGEST_REQUEST)
        except BlockingIOError:
            return None
        except OSError:
            return b""
        self._said += data
        if b"\r\n\r\n" in self._said:
            return self._said
        return None if data and len(self._said) <= _LONGEST_REQUEST else b""


def _page(status: int, words: tuple[str, str]) -> bytes:
    reasons = {200: "OK", 404: "Not Found"}
    title, text = words
    body = _PAGE.format(title=title, text=text).encode()
    head = (
        f"HTTP/1.1 {status} {reasons[status]}\r\n"
        "Content-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
