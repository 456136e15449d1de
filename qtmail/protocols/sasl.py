"""How a user proves who they are (SASL, RFC 4422): one class a mechanism, for every protocol with AUTH.

A mechanism knows nothing of the protocol around it: it turns the server's challenges into responses. Which
one is used follows from the line. On an encrypted one PLAIN comes first: there CRAM-MD5 protects nothing
more, costs a round trip, leaves open how letters beyond ASCII are coded, and some servers that keep only
hashes of passwords offer it and can never verify it. On a clear one CRAM-MD5 comes first, because it alone
does not show the password to everybody on the way.
"""

from __future__ import annotations

import hmac
from abc import ABC, abstractmethod
from base64 import b64decode, b64encode
from collections.abc import Container, Sequence
from typing import ClassVar


class Mechanism(ABC):
    """One sign-in with one mechanism; made anew for each attempt.

    Attributes:
        name: as registered with IANA.
        client_first: the first response can go with the command; where it does not, an empty challenge asks
            for it.
        shows_password: whoever reads the line learns the password.
    """

    name: ClassVar[str]
    client_first: ClassVar[bool] = False
    shows_password: ClassVar[bool] = True

    def __init__(self, user: str, password: str) -> None:
        self._user = user.encode("utf-8", "surrogateescape")
        self._password = password.encode("utf-8", "surrogateescape")
        self._answered = 0

    def __repr__(self) -> str:
        return f"<{self.name} for {self._user.decode('utf-8', 'replace')}>"

    def answer(self, challenge: bytes) -> bytes | None:
        """The response to a challenge, or None to break off: the server asks what makes no sense."""
        self._answered += 1
        return self._response(self._answered, challenge)

    def suits(self) -> bool:
        """Whether it can carry this user name and password."""
        return True

    @abstractmethod
    def _response(self, number: int, challenge: bytes) -> bytes | None:
        """The response to the `number`th challenge, from 1."""


class Plain(Mechanism):
    """User name and password in one response (RFC 4616)."""

    name = "PLAIN"
    client_first = True

    def suits(self) -> bool:
        return b"\0" not in self._user + self._password

    def _response(self, number: int, challenge: bytes) -> bytes | None:
        return b"\0" + self._user + b"\0" + self._password if number == 1 else None


class Login(Mechanism):
    """User name, then password; never standardised, and for some servers the only one.

    What the challenges say differs from server to server, so only their number counts.
    """

    name = "LOGIN"

    def _response(self, number: int, challenge: bytes) -> bytes | None:
        return {1: self._user, 2: self._password}.get(number)


class CramMd5(Mechanism):
    """A keyed hash of the server's challenge (RFC 2195)."""

    name = "CRAM-MD5"
    shows_password = False

    def _response(self, number: int, challenge: bytes) -> bytes | None:
        if number > 1 or not challenge:
            return None
        return self._user + b" " + hmac.new(self._password, challenge, "md5").hexdigest().encode()


ON_ENCRYPTED_LINES: tuple[type[Mechanism], ...] = (Plain, Login, CramMd5)
ON_CLEAR_LINES: tuple[type[Mechanism], ...] = (CramMd5, Plain, Login)


def choose(
    offered: Container[str], ranking: Sequence[type[Mechanism]], user: str, password: str
) -> list[Mechanism]:
    """The mechanisms of `ranking` that a server offers, by name in upper case, and that suit, best first."""
    known = [mechanism(user, password) for mechanism in ranking if mechanism.name in offered]
    return [mechanism for mechanism in known if mechanism.suits()]


def encode(response: bytes) -> bytes:
    """A response as it is written on a line (base64); an empty one that goes with the command is "="."""
    return b64encode(response)


def decode(challenge: bytes) -> bytes:
    """A challenge as it was read from a line; what is not base64, as old servers write it, stays as it is."""
    try:
        return b64decode(challenge, validate=True)
    except ValueError:
        return challenge
