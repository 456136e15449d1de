"""What answers when the wrong port or server was dialled, told from how it begins to speak."""

from __future__ import annotations

import re
from typing import NamedTuple

from qtmail.domain.account import ServerSettings
from qtmail.errors import Layer, ProtocolViolation
from qtmail.protocols.imap_syntax import words

FTP_GREETING = r"220[ -](?!.*SMTP).*FTP"
"""How an FTP server greets: with the same number as an SMTP server."""

_CHECK = "Check the server name and the port in the account's settings."


class _Stranger(NamedTuple):
    """How a kind of server begins to speak, and what to do about having met it."""

    kind: str
    pattern: str
    advice: str = _CHECK


_STRANGERS = (
    _Stranger(
        "a web server (perhaps the sign-in page of a public network)",
        r"HTTP/|<!doctype|<html|<head",
        f"On a public network, sign in to it with a web browser first. {_CHECK}",
    ),
    _Stranger("a POP3 server", r"\+OK|-ERR"),
    _Stranger("an IMAP server", r"\* (OK|PREAUTH|BYE)\b"),
    _Stranger("an FTP server", FTP_GREETING),
    _Stranger("an SMTP server", r"220[ -].*SMTP"),
    _Stranger("an SMTP or FTP server", r"220[ -]|[45]\d\d[ -]"),
    _Stranger("an SSH server", r"SSH-"),
    _Stranger(
        "one that expects TLS from the first byte",
        r"\x15\x03|\x16\x03",
        "Choose TLS in the account's settings.",
    ),
)
"""The first that matches counts."""


def not_the_expected(expected: str, settings: ServerSettings, said: bytes) -> ProtocolViolation:
    """The fault of a server that is not what was expected ("an IMAP server") but greets with `said`."""
    shown = said.decode("latin-1")
    met = next((one for one in _STRANGERS if re.match(one.pattern, shown, re.IGNORECASE)), None)
    kind = f" but {met.kind}" if met and met.kind != expected else ""
    return ProtocolViolation(
        f"What answers at {settings.host}, port {settings.port}, is not {expected}{kind}.",
        advice=met.advice if met else _CHECK,
        detail=words(said)[:200],
        layer=Layer.GREETING,
    )
