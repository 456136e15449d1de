"""What signing in has in common in all protocols: the line it goes over, and its faults."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import update_wrapper
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.sign_in import AccessToken, ClientCertificate, Secret
from qtmail.errors import ClearPasswordRefused, QtmailError, Retry, SignInFailed, TlsFailed, TokenRefused
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import stays_here
from qtmail.protocols.sasl import Line, Mechanism, choose
from qtmail.protocols.stream import Stream


class _Talk(Protocol):
    """A dialogue of any protocol."""

    @property
    def log(self) -> ProtocolLog: ...


_D = TypeVar("_D", bound=_Talk)
_P = ParamSpec("_P")


def discreet(
    sign_in: Callable[Concatenate[_D, ServerSettings, Secret, _P], None],
) -> Callable[Concatenate[_D, ServerSettings, Secret, _P], None]:
    """Keeps what was said in a sign-in out of its faults and of the log, also where the server repeats it, as
    some do with a command that they do not know.
    """

    def discreetly(
        dialogue: _D, settings: ServerSettings, secret: Secret, /, *arguments: _P.args, **options: _P.kwargs
    ) -> None:
        if not isinstance(secret, ClientCertificate):
            dialogue.log.hide(secret.value if isinstance(secret, AccessToken) else secret)
        try:
            sign_in(dialogue, settings, secret, *arguments, **options)
        except QtmailError as error:
            _conceal(error, dialogue.log)
            raise

    update_wrapper(discreetly, sign_in)
    return discreetly


def _conceal(error: BaseException | None, log: ProtocolLog) -> None:
    """Hide secrets in all that a fault says, and those that it came from."""
    while isinstance(error, QtmailError):
        for name, value in vars(error).items():
            if type(value) is str:  # and no StrEnum
                setattr(error, name, log.discreet(value))
        error.args = (error.sentence,)
        error = error.__cause__ or error.__context__


def line_to(
    settings: ServerSettings, stream: Stream, offered: Collection[str], *, allow_clear_password: bool
) -> Line:
    """What matters of a connected line for a sign-in with one of the `offered` mechanisms.

    Raises TlsFailed if it is not encrypted although the settings demand it.
    """
    if settings.security is not Security.NONE and not stream.encrypted:
        raise TlsFailed(f"The line to {settings.host} is not encrypted; the password was not sent.")
    may_bind = any(name.startswith("SCRAM-") for name in offered)
    return Line(
        stream.encrypted,
        stream.channel_binding() if may_bind else None,
        may_show=allow_clear_password or stays_here(settings.host),
    )


def mechanisms_for(
    settings: ServerSettings, line: Line, offered: Collection[str], secret: Secret
) -> list[Mechanism]:
    """What to try, best first; never empty.

    Raises ClearPasswordRefused if all that is left would show the password to everybody on the way, and
    SignInFailed if the server offers nothing that suits.
    """
    if mechanisms := choose(offered, line, settings.user, secret):
        return mechanisms
    if choose(offered, replace(line, may_show=True), settings.user, secret):
        raise ClearPasswordRefused(
            f"The line to {settings.host} is not encrypted, so the password was not sent.",
            advice="Choose TLS or STARTTLS in the account's settings, or allow it for this server.",
        )
    sentence, advice = _missing(line, offered, settings.user, secret)
    raise SignInFailed(sentence.format(host=settings.host), advice=advice, detail=", ".join(sorted(offered)))


def certificate_in(secret: Secret | None) -> ClientCertificate | None:
    """The certificate to show while the line is encrypted, if that is what the user signs in with."""
    return secret if isinstance(secret, ClientCertificate) else None


def _missing(line: Line, offered: Collection[str], user: str, secret: Secret) -> tuple[str, str]:
    """What is wrong, and the advice, where nothing that is offered suits."""
    match secret:
        case AccessToken():
            return (
                "{host} does not take the provider's permission (OAuth) for signing in.",
                "Choose to sign in with a password in the account's settings.",
            )
        case ClientCertificate() if not line.encrypted:
            return (
                "A client certificate needs an encrypted line, and the one to {host} is not.",
                "Choose TLS or STARTTLS in the account's settings.",
            )
        case ClientCertificate():
            return (
                "{host} does not sign anybody in by client certificate.",
                "Choose to sign in with a password in the account's settings.",
            )
    if choose(offered, line, user, AccessToken("")):
        return (
            "{host} takes no password: it wants a sign-in in the browser (OAuth).",
            "Choose to sign in in the browser in the account's settings.",
        )
    return (
        "{host} offers no way of signing in that qtmail knows.",
        "Ask the provider for a password for mail programs.",
    )


def about_secret(fault: SignInFailed, settings: ServerSettings, secret: Secret, said: str) -> SignInFailed:
    """A server's refusal, told for what was used to sign in; `said`: what it said of it within the exchange.

    A token that was refused is not the user's fault, who never saw it; that the server is busy says nothing
    of it.
    """
    if fault.retry is not Retry.ASK_USER or isinstance(secret, str):
        return fault
    detail = "; ".join(filter(None, (said, fault.detail)))
    if isinstance(secret, AccessToken):
        return TokenRefused(
            f"{settings.host} did not accept the permission to open the mail of {settings.user}.",
            advice="Sign in again in the browser.",
            detail=detail,
        )
    return SignInFailed(
        f"{settings.host} did not accept the client certificate for {settings.user}.",
        advice="Check the user name, and that the certificate was given to the server's owner.",
        detail=detail,
    )
