"""What is tried of every server, step by step, until a step fails; see server_checks for the protocols."""

from __future__ import annotations

import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.diagnosis import Verdict
from qtmail.domain.sign_in import Secret
from qtmail.errors import ConnectionFailed, Layer, PasswordNeeded, QtmailError, Retry, Stopped
from qtmail.protocols.certificates import describe, in_words
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.imap_syntax import words
from qtmail.protocols.pop3 import Pop3Session
from qtmail.protocols.probe import look_up
from qtmail.protocols.server_clock import time_in_greeting
from qtmail.protocols.smtp import SmtpSession

_NO_ADVICE = {
    Retry.LATER: "Try again later; if it goes on, ask the provider.",
    Retry.ASK_USER: "Check the account's settings.",
    Retry.NEVER: "The provider can tell why.",
}

_GREETING_HEAD = re.compile(rb"\* \w+ (?:\[[^\]]*\] ?)?|\+OK ?|220[ -]")
"""What begins a greeting in IMAP, POP3 and SMTP, before the words for people."""

Step: TypeAlias = tuple[Layer, Callable[[], str]]
S = TypeVar("S", ImapSession, Pop3Session, SmtpSession)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a check may take, in seconds.

    Attributes:
        silence: how long a server may say nothing.
        check: how long the check of one server may take in all.
    """

    silence: float = 15.0
    check: float = 60.0


class ServerCheck(ABC, Generic[S]):
    """The steps that are the same for every server, up to its capabilities.

    Attributes:
        skew: seconds by which the server's clock is ahead of this computer's; None while it has not said what
            time it is.
    """

    def __init__(
        self,
        settings: ServerSettings,
        session: S,
        secret: Secret | QtmailError | None,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`secret`: what to sign in with; why there is none; or None: it is not known."""
        self.skew: float | None = None
        self._settings = settings
        self._server = f"{settings.host}:{settings.port}"
        self._session: S = session
        self._secret = secret
        self._limits = limits
        self._clock = clock

    def run(self) -> list[Verdict]:
        """One verdict for each step that was reached; the last one is the fault, if there is one."""
        # A server that says a byte now and then never falls silent, so the check has an end of its own.
        watch = threading.Timer(self._limits.check, self._session.abort)
        watch.daemon = True
        watch.start()
        try:
            return list(self._until_fault())
        finally:
            watch.cancel()
            watch.join()
            self._session.close()

    def _until_fault(self) -> Iterator[Verdict]:
        for verdict in self._verdicts():
            yield verdict
            if not verdict.ok:
                return

    def _verdicts(self) -> Iterator[Verdict]:
        yield self._try(Layer.NAME_LOOKUP, self._look_up)
        yield from self._connect()
        for layer, step in self._further_steps():
            yield self._try(layer, step)

    # -- steps ---------------------------------------------------------------------------------------

    def _look_up(self) -> str:
        host = self._settings.host
        addresses = look_up(host, self._settings.port, self._limits.silence)
        if host in addresses:
            return f"{host} is an address: there is no name to look up."
        return f"{host} is {', '.join(addresses)}."

    def _connect(self) -> Iterator[Verdict]:
        """Connecting is one step for the session, and several for those who want to know what is wrong."""
        started = time.monotonic()
        fault = self._fault(self._session.connect)
        ended = time.monotonic()
        for layer in self._layers_on_the_way():
            reached = self._session.way_in.reached.get(layer)
            if reached is None:
                assert fault is not None
                yield self._failed(layer, fault, ended - started)
                return
            yield Verdict(self._server, layer, True, self._passed(layer), seconds=reached - started)
            started = reached
        if fault is not None:
            yield self._failed(Layer.CAPABILITY, fault, ended - started)
        else:
            offers = self._describe_capabilities()
            yield Verdict(self._server, Layer.CAPABILITY, True, offers, seconds=ended - started)

    def _layers_on_the_way(self) -> tuple[Layer, ...]:
        match self._settings.security:
            case Security.TLS:
                return Layer.CONNECTION, Layer.TLS, Layer.GREETING
            case Security.STARTTLS:
                return Layer.CONNECTION, Layer.GREETING, Layer.TLS
            case Security.NONE:
                return Layer.CONNECTION, Layer.GREETING

    def _passed(self, layer: Layer) -> str:
        """What a layer on the way in came to."""
        match layer:
            case Layer.CONNECTION:
                return f"Port {self._settings.port} answers."
            case Layer.TLS:
                return self._describe_encryption()
            case _:
                return self._describe_greeting()

    def _describe_encryption(self) -> str:
        way_in = self._session.way_in
        encrypted = f"The line is encrypted ({way_in.tls_version}), and the certificate is trusted"
        try:
            certificate = describe(way_in.certificate)
        except ValueError:  # accepted by the user, or by the system, although it cannot be read here
            return f"{encrypted}."
        return (
            f"{encrypted}: it is for {in_words(certificate.names)}, was issued by "
            f"{certificate.issuer or 'nobody'}, and is valid until {certificate.not_after:%Y-%m-%d}."
        )

    def _describe_greeting(self) -> str:
        greeting = self._session.way_in.greeting
        told = time_in_greeting(greeting)
        if told is not None:
            self.skew = told - self._clock()
        text = shortened(words(_GREETING_HEAD.sub(b"", greeting, count=1)))
        said = f"The server greets: “{text}”." if text else "The server greets."
        if self._settings.security is Security.NONE:
            return f"{said} The line is not encrypted, as the settings ask for."
        return said

    @abstractmethod
    def _describe_capabilities(self) -> str:
        """What this server can do beyond the least, in a sentence."""

    @abstractmethod
    def _further_steps(self) -> list[Step]:
        """What this kind of server is asked once it has said what it can do."""

    def _given_secret(self) -> Secret:
        if isinstance(self._secret, QtmailError):
            raise self._secret
        if self._secret is None:
            raise PasswordNeeded("The password is not known.", advice="Give it to check the sign-in, too.")
        return self._secret

    def _sign_in(self) -> str:
        self._session.sign_in(self._given_secret())
        return f"{self._settings.user} is signed in."

    # -- outcomes ------------------------------------------------------------------------------------

    def _try(self, layer: Layer, step: Callable[[], str]) -> Verdict:
        started = time.monotonic()
        found: list[str] = []
        fault = self._fault(lambda: found.append(step()))
        seconds = time.monotonic() - started
        if fault is not None:
            return self._failed(layer, fault, seconds)
        return Verdict(self._server, layer, True, found[0], seconds=seconds)

    def _fault(self, step: Callable[[], None]) -> QtmailError | None:
        try:
            step()
        except QtmailError as error:
            return error
        except Stopped:
            host, seconds = self._settings.host, f"{self._limits.check:.0f} seconds"
            return ConnectionFailed(f"{host} is so slow that the check was given up after {seconds}.")
        return None

    def _failed(self, layer: Layer, fault: QtmailError, seconds: float) -> Verdict:
        return Verdict(
            self._server,
            # A line that breaks is a fault of the step in which it breaks.
            layer if fault.layer in (Layer.CONNECTION, Layer.PROTOCOL) else fault.layer,
            False,
            fault.sentence,
            fault.advice or _NO_ADVICE[fault.retry],
            fault.detail,
            getattr(fault, "certificate", ""),
            seconds,
        )


def shortened(text: str, most: int = 80) -> str:
    """The beginning of a text, as much as fits into a sentence."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
