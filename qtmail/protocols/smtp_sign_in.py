"""Signing in to an SMTP server (AUTH, RFC 4954), and what it means when it refuses."""

from __future__ import annotations

from typing import NamedTuple

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.sign_in import Secret
from qtmail.errors import Retry, SignInFailed
from qtmail.protocols import sasl
from qtmail.protocols.quirks import Quirks
from qtmail.protocols.sign_in import about_secret, discreet, line_to, mechanisms_for
from qtmail.protocols.sign_in_hints import hint_in
from qtmail.protocols.smtp_dialogue import SmtpDialogue
from qtmail.protocols.smtp_values import SmtpReply

_COMMAND_LIMIT = 510
"""Bytes of an AUTH command without its line end; a longer first response waits to be asked for."""

_SIGNED_IN = 235
_CHALLENGE = 334
_UNKNOWN_MECHANISM = 504


@discreet
def sign_in(
    dialogue: SmtpDialogue,
    settings: ServerSettings,
    secret: Secret,
    quirks: Quirks,
    *,
    allow_clear_password: bool,
) -> None:
    """Prove who the user is with the strongest mechanism that both know.

    Without a user name nothing is done. A server that offers no sign-in is used without only over a line
    that the user chose to leave in clear text, as relays in the own network are; over an encrypted one its
    absence means that this is not the server for handing mail in.

    Raises SignInFailed with the server's words in `detail`, and ClearPasswordRefused or TlsFailed rather than
    send a password in clear text.
    """
    offered = dialogue.offers.mechanisms
    line = line_to(settings, dialogue.stream, offered, allow_clear_password=allow_clear_password)
    if not settings.user:
        return
    if not offered:
        if settings.security is not Security.NONE:
            raise _offers_none(settings)
        dialogue.log.note("the server offers no sign-in and is used without")
        return
    for mechanism in mechanisms_for(settings, line, offered, secret):
        reply = _authenticate(dialogue, mechanism)
        mechanism.check(settings.host, accepted=reply.code == _SIGNED_IN)
        if reply.code == _SIGNED_IN:
            return
        fault = _refused(reply, settings, quirks)
        if reply.code != _UNKNOWN_MECHANISM and (mechanism.judged or fault.retry is Retry.LATER):
            break
    raise about_secret(fault, settings, secret, mechanism.server_error)


def _offers_none(settings: ServerSettings) -> SignInFailed:
    return SignInFailed(
        f"{settings.host} offers no sign-in.",
        advice="Check the port: mail is usually handed in on 465 (TLS) or 587 (STARTTLS). If this server "
        "takes mail without a sign-in, leave the user name empty.",
    )


def _authenticate(dialogue: SmtpDialogue, mechanism: sasl.Mechanism) -> SmtpReply:
    """AUTH, and the challenges it brings, up to the reply that ends it (RFC 4954 section 4)."""
    command = f"AUTH {mechanism.name}".encode()
    first = mechanism.answer(b"") if mechanism.client_first else None
    with_first = command + b" " + (sasl.encode(first or b"") or b"=")
    if first is not None and len(with_first) <= _COMMAND_LIMIT:
        dialogue.submit(with_first, shown=command + b" ***")
        first = None
    else:
        dialogue.submit(command)
    return _exchange(dialogue, mechanism, first)


def _exchange(dialogue: SmtpDialogue, mechanism: sasl.Mechanism, unsaid: bytes | None) -> SmtpReply:
    """Answer challenges; `unsaid` is a first response that did not fit into the command."""
    while (reply := dialogue.reply()).code == _CHALLENGE:
        response = unsaid if unsaid is not None else mechanism.answer(sasl.decode(reply.text.encode()))
        unsaid = None
        if response is None:
            reply = dialogue.ask(b"*")  # breaks off; the server answers 501
            break
        dialogue.submit(sasl.encode(response), shown=b"***")
    if reply.code < 400 and reply.code != _SIGNED_IN:
        raise dialogue.unexpected(reply, "AUTH")
    return reply


class _Meaning(NamedTuple):
    """`{host}` and `{user}` stand for the server and the user name."""

    sentence: str
    advice: str
    retry: Retry = Retry.ASK_USER


_REFUSED = _Meaning(
    "{host} did not accept the user name {user} or the password.",
    "Check both. Some providers want an app password, made on their web page, instead of the usual one.",
)
_BUSY = _Meaning(
    "{host} cannot check passwords at the moment.",
    "Your password may well be right: try again later.",
    Retry.LATER,
)
_NEEDS_TLS = _Meaning(
    "{host} takes no password over a line that is not encrypted.",
    "Choose TLS or STARTTLS in the account's settings.",
)
_TOO_WEAK = _Meaning(
    "{host} does not let {user} sign in with this kind of password.",
    "Make an app password on the provider's web page, if it offers that, and enter it here.",
)
_NOT_UNDERSTOOD = _Meaning(
    "{host} did not understand the sign-in.",
    "Check the user name and the server in the account's settings.",
)
_BY_CODE: dict[str, _Meaning] = {
    "432": _Meaning(
        "{host} wants the password of {user} to be changed first.", "Change it on the provider's web page."
    ),
    "5.7.12": _Meaning(
        "{host} wants the password of {user} to be changed first.", "Change it on the provider's web page."
    ),
    "5.7.13": _Meaning("The account of {user} on {host} is switched off.", "Ask the provider."),
    "500": _NOT_UNDERSTOOD,
    "501": _NOT_UNDERSTOOD,
    "502": _NOT_UNDERSTOOD,
    "503": _NOT_UNDERSTOOD,
    "504": _TOO_WEAK,
    "530": _NEEDS_TLS,
    "534": _TOO_WEAK,
    "5.7.9": _TOO_WEAK,
    "538": _NEEDS_TLS,
    "5.7.10": _NEEDS_TLS,
    "5.7.11": _NEEDS_TLS,
}


def _refused(reply: SmtpReply, settings: ServerSettings, quirks: Quirks) -> SignInFailed:
    """The fault for a reply that is not 235, by its enhanced status, else its code (RFC 4954 section 6)."""
    meaning = _BY_CODE.get(reply.enhanced) or _BY_CODE.get(str(reply.code))
    if meaning is None:
        meaning = _BUSY if reply.transient else _REFUSED
    advice = hint_in(reply.text) if meaning.retry is Retry.ASK_USER else ""
    if meaning in (_REFUSED, _TOO_WEAK):
        advice = advice or quirks.sign_in_advice
    return SignInFailed(
        meaning.sentence.format(host=settings.host, user=settings.user),
        advice=advice or meaning.advice,
        detail=str(reply),
        retry=meaning.retry,
    )
