"""What a POP3 session tells its caller: plain values, and the fault of a refused command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qtmail.errors import Layer, Retry, ServerRefused


@dataclass(frozen=True, slots=True)
class Pop3Capabilities:
    """What a POP3 server says it can do (CAPA, RFC 2449 section 5).

    Attributes:
        told: the server answered CAPA. One that does not know the command is taken to have USER, and UIDL and
            TOP until it refuses them.
        stls: TLS can begin on this line (STLS, RFC 2595 section 4).
        uidl: messages have unique ids (UIDL).
        top: headers can be had without the rest (TOP).
        user: USER and PASS.
        mechanisms: the ways of signing in with AUTH (SASL, RFC 5034), in upper case.
        pipelining: commands may be sent before earlier ones are answered (PIPELINING).
        resp_codes: refusals begin with a code for programs (RESP-CODES).
        auth_resp_code: and every one that is about the user name or password says so (AUTH-RESP-CODE, RFC
            3206 section 6).
        login_delay: seconds that must pass between two sign-ins (LOGIN-DELAY), or None where nothing is said.
        expire: days after which the server deletes messages by itself (EXPIRE), 0: as soon as they were
            fetched, or None where nothing is said.
        per_user: delay or days differ by user, so they are certain only after sign-in.
        utf8: messages can be had with internationalised headers (UTF8, RFC 6856 section 2).
    """

    told: bool = False
    stls: bool = False
    uidl: bool = True
    top: bool = True
    user: bool = True
    mechanisms: tuple[str, ...] = ()
    pipelining: bool = False
    resp_codes: bool = False
    auth_resp_code: bool = False
    login_delay: int | None = None
    expire: int | None = None
    per_user: bool = False
    utf8: bool = False


@dataclass(frozen=True, slots=True)
class Pop3Reply:
    """The first line of an answer (RFC 1939 section 3).

    Attributes:
        positive: +OK, else -ERR.
        code: what a refusal says to programs ("IN-USE", "SYS/TEMP"; RFC 2449 section 8), in upper case, or
            "".
        text: what is left, fit to be shown.
    """

    positive: bool
    code: str
    text: str

    def about(self, code: str) -> bool:
        """Whether it has this code, or one below it ("SYS/TEMP" is below "SYS")."""
        return self.code == code or self.code.startswith(f"{code}/")

    def __str__(self) -> str:
        return " ".join(part for part in (self.code and f"[{self.code}]", self.text) if part)


class Pop3Refused(ServerRefused):
    """The server answered -ERR.

    Attributes:
        code: as in Pop3Reply.
        retry_after: seconds to wait before the next sign-in, where the server names them, or None.
    """

    def __init__(
        self,
        sentence: str,
        *,
        code: str = "",
        retry_after: int | None = None,
        advice: str = "",
        detail: str = "",
        layer: Layer | None = None,
        retry: Retry | None = None,
    ) -> None:
        super().__init__(sentence, advice=advice, detail=detail, layer=layer, retry=retry)
        self.code = code
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Listed:
    """A message as the server lists it; the number is good for this session only.

    Attributes:
        size: bytes, as far as the server can be believed; 0 where it gives no number.
        uidl: its unique id (RFC 1939 section 7), opaque; None where the server gives none.
    """

    number: int
    size: int
    uidl: bytes | None = None


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A message on its way.

    Attributes:
        pieces: its bytes, as they arrive; to be read before the next message is asked for. Reading on later
            raises RuntimeError.
        refusal: why there are none, or None.
    """

    number: int
    pieces: Iterator[bytes]
    refusal: Pop3Refused | None = None
