"""What it means when a server turns a client away or refuses a sign-in, in words for the user (RFC 5530)."""

from __future__ import annotations

import re
from typing import NamedTuple

from qtmail.domain.account import ServerSettings
from qtmail.errors import ConnectionFailed, Layer, Retry, SignInFailed
from qtmail.protocols.imap_dialogue import Pending
from qtmail.protocols.imap_syntax import parse_code, sentence_end
from qtmail.protocols.quirks import Quirks
from qtmail.protocols.sign_in_hints import hint_in


class _Meaning(NamedTuple):
    """`{host}` and `{user}` stand for the server and the user name."""

    sentence: str
    retry: Retry
    advice: str = ""


_NOT_YOUR_FAULT = "Your password may well be right: try again later."
_FEWER_CONNECTIONS = "Close other programs that use this account, or wait a little."
_ASK_OWNER = "Ask the server's owner."

_BUSY = _Meaning("{host} cannot check passwords at the moment.", Retry.LATER, _NOT_YOUR_FAULT)
_CROWDED = _Meaning(
    "Too many connections to {host} are open for this account.", Retry.LATER, _FEWER_CONNECTIONS
)
_NOT_UNDERSTOOD = _Meaning(
    "{host} did not understand the sign-in.",
    Retry.ASK_USER,
    "Check the user name and the server in the account's settings.",
)
_REFUSED = _Meaning(
    "{host} did not accept the user name {user} or the password.",
    Retry.ASK_USER,
    "Check both. Some providers want an app password, made on their web page, instead of the usual one.",
)
_BY_CODE: dict[bytes, _Meaning] = {
    b"UNAVAILABLE": _BUSY,
    b"SERVERBUG": _Meaning(
        "{host} could not check the password because of a fault of its own.", Retry.LATER, _NOT_YOUR_FAULT
    ),
    b"INUSE": _Meaning(
        "The mailbox is in use by another session, and {host} allows only one.",
        Retry.LATER,
        _FEWER_CONNECTIONS,
    ),
    b"LIMIT": _CROWDED,
    b"AUTHENTICATIONFAILED": _REFUSED,
    b"EXPIRED": _Meaning(
        "The password for {user} on {host} has expired.",
        Retry.ASK_USER,
        "Make a new one on the provider's web page and enter it here.",
    ),
    b"PRIVACYREQUIRED": _Meaning(
        "{host} takes no password over a line that is not encrypted.",
        Retry.ASK_USER,
        "Choose TLS or STARTTLS in the account's settings.",
    ),
    b"AUTHORIZATIONFAILED": _Meaning(
        "{host} knows the password but does not let {user} use this mailbox.", Retry.ASK_USER, _ASK_OWNER
    ),
    b"CONTACTADMIN": _Meaning("{host} asks you to contact its administrator.", Retry.ASK_USER, _ASK_OWNER),
}

_TOO_MANY = re.compile(r"too many|maximum number of|simultaneous connections|connection limit", re.IGNORECASE)
_TEMPORARY = re.compile(r"temporar(y|ily)|try again later|server (is )?busy", re.IGNORECASE)
"""What servers without response codes say."""


def sign_in_refused(pending: Pending, settings: ServerSettings, quirks: Quirks) -> SignInFailed:
    """The fault for a NO or BAD to a sign-in; the server's words are its detail."""
    meaning = _meaning(pending)
    said = f"{pending.code.decode('ascii', 'replace')} {pending.text}"
    advice = hint_in(said) if meaning.retry is Retry.ASK_USER else ""
    if meaning is _REFUSED:
        advice = advice or quirks.sign_in_advice
    return SignInFailed(
        meaning.sentence.format(host=settings.host, user=settings.user),
        advice=advice or meaning.advice,
        detail=pending.text,
        retry=meaning.retry,
    )


def _meaning(pending: Pending) -> _Meaning:
    """By the response code, else by the server's words."""
    if pending.code in _BY_CODE:
        return _BY_CODE[pending.code]
    if _TOO_MANY.search(pending.text):
        return _CROWDED
    if _TEMPORARY.search(pending.text):
        return _BUSY
    return _NOT_UNDERSTOOD if pending.status == b"BAD" else _REFUSED


def turned_away(text: bytes, host: str) -> ConnectionFailed:
    """The fault for a greeting that sends the client away (BYE); `text` is what follows that word."""
    code, _, words = parse_code(text)
    crowded = code == b"LIMIT" or _TOO_MANY.search(words)
    return ConnectionFailed(
        f"{host} turned the connection away: {sentence_end(words)}",
        advice=_FEWER_CONNECTIONS if crowded else "It may be overloaded or under repair: try again later.",
        layer=Layer.GREETING,
    )
