"""Stand-ins for what a search for settings asks: DNS, the web, and servers that may be there."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from qtmail.domain.account import ServerSettings
from qtmail.domain.discovery import ServerKind
from qtmail.domain.sign_in import SignInMethod
from qtmail.errors import ConnectionFailed, Layer, QtmailError, Stopped
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.srv_records import Service
from qtmail.protocols.wake import Wake
from qtmail.protocols.web import WebAnswer

LIMIT = 10.0


class Names:
    """DNS: `srv` and `mx` by name; `fault` where nothing is answered."""

    def __init__(self) -> None:
        self.srv: dict[str, list[Service]] = {}
        self.mx: dict[str, list[str]] = {}
        self.fault: QtmailError | None = None

    def services(self, name: str, deadline: float) -> list[Service]:
        return self._answer(self.srv, name)

    def exchanges(self, domain: str, deadline: float) -> list[str]:
        return self._answer(self.mx, domain)

    def _answer(self, records: dict[str, list[Service]] | dict[str, list[str]], name: str) -> list:  # type: ignore[type-arg]
        if self.fault:
            raise self.fault
        return list(records.get(name, []))


class Pages:
    """The web: what is at a URL, by host; everywhere else there is nothing.

    Attributes:
        asked: every URL that was asked for, in order.
        hanging: hosts that never answer.
    """

    def __init__(self) -> None:
        self.at: dict[str, bytes | QtmailError] = {}
        self.hanging: set[str] = set()
        self.asked: list[str] = []

    def get(
        self, url: str, *, trust: TlsTrust, timeout: float, max_bytes: int, stop: Wake | None
    ) -> WebAnswer:
        self.asked.append(url)
        host = urlsplit(url).hostname or ""
        if host in self.hanging:
            hang(stop)
        page = next((self.at[place] for place in (url, host) if place in self.at), None)
        if isinstance(page, QtmailError):
            raise page
        return WebAnswer(404 if page is None else 200, "text/xml", page or b"", url)


class Servers:
    """Mail servers, by "host:port"; elsewhere nothing answers.

    Attributes:
        tried: every server that was tried.
        hanging: those that never answer.
    """

    def __init__(self) -> None:
        self.at: dict[str, tuple[SignInMethod, ...] | QtmailError] = {}
        self.hanging: Callable[[str], bool] = lambda server: False
        self.tried: list[str] = []

    def probe(
        self, kind: ServerKind, settings: ServerSettings, *, trust: TlsTrust, timeout: float, stop: Wake
    ) -> tuple[SignInMethod, ...]:
        server = f"{settings.host}:{settings.port}"
        self.tried.append(server)
        if self.hanging(server):
            hang(stop)
        answer = self.at.get(server)
        if answer is None:
            raise ConnectionFailed(f"No server called {settings.host} was found.", layer=Layer.NAME_LOOKUP)
        if isinstance(answer, QtmailError):
            raise answer
        return answer


def hang(stop: Wake | None) -> None:
    """Wait until the work is stopped."""
    assert stop is not None
    assert stop.wait(LIMIT), "nobody stopped it"
    raise Stopped


def settings_file(*servers: tuple[str, str, int, str], name: str = "Example Mail", ways: str = "") -> bytes:
    """A provider's file: each server as kind, host, port and socket type."""
    elements = "".join(
        f'<{tag} type="{kind}"><hostname>{host}</hostname><port>{port}</port>'
        f"<socketType>{security}</socketType><username>%EMAILADDRESS%</username>{ways}</{tag}>"
        for kind, host, port, security in servers
        for tag in ["outgoingServer" if kind == "smtp" else "incomingServer"]
    )
    return (
        f'<clientConfig version="1.1"><emailProvider id="x"><displayName>{name}</displayName>'
        f"{elements}</emailProvider></clientConfig>"
    ).encode()
