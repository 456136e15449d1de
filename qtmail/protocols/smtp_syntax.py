"""The grammar of SMTP, both ways: replies (RFC 5321 section 4.2), what EHLO tells, and the commands of an
envelope."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from qtmail.errors import MessageUnsendable
from qtmail.protocols.imap_syntax import words
from qtmail.protocols.smtp_values import SmtpEnvelope, SmtpOffers, SmtpReply

_REPLY_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)
_ENHANCED = re.compile(r"([245])\.\d{1,3}\.\d{1,3}(?=\s|$)\s*")
_KEYWORD = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:[ =]+(.*))?")
# Nothing that ends the path or the line; a local part in quotes may hold spaces (RFC 5321 section 4.1.2).
_UNSAFE = r"<>\"\s\x00-\x1f\x7f-\x9f\ud800-\udfff"
_QUOTED = r'"(?:[^"\\\x00-\x1f\x7f-\x9f\ud800-\udfff]|\\[ -~])*"'
_PATH = re.compile(rf"(?:{_QUOTED}|[^{_UNSAFE}]+)@[^@{_UNSAFE}]+")
_XTEXT_SPECIAL = re.compile(rb"[^!-*,-<>-~]")
_UTF8_SPECIAL = re.compile(r"[^!-*,-<>-\[\]-~]")


class ReplyLine(NamedTuple):
    """One line of a reply; `more` says that another follows."""

    code: int
    more: bool
    text: bytes


def parse_reply_line(line: bytes) -> ReplyLine | None:
    """Take a line of a reply apart; None if it is none. A code alone is a whole reply."""
    match = _REPLY_LINE.fullmatch(line)
    if match is None:
        return None
    return ReplyLine(int(match[1]), match[2] == b"-", match[3] or b"")


def make_reply(code: int, lines: Sequence[bytes]) -> SmtpReply:
    """The reply these lines make up; each of them may repeat the enhanced status (RFC 2034 section 4)."""
    texts = [words(line) for line in lines]
    match = _ENHANCED.match(texts[0]) if texts else None
    # A status of another class than the code is a mistake, or no status at all.
    enhanced = match[0].strip() if match and match[1] == str(code)[0] else ""
    if enhanced:
        texts = [re.sub(rf"^{re.escape(enhanced)}(\s+|$)", "", text) for text in texts]
    return SmtpReply(code, enhanced, " ".join(text for text in texts if text))


def parse_offers(lines: Sequence[bytes]) -> SmtpOffers:
    """What a reply to EHLO tells. Keywords that are unknown or malformed are passed over."""
    texts = [words(line) for line in lines]
    offered: dict[str, str] = {}
    for text in texts[1:]:
        if match := _KEYWORD.fullmatch(text):
            keyword, value = match[1].upper(), match[2] or ""
            # Servers may write "AUTH=PLAIN" beside, or instead of, "AUTH PLAIN" for very old clients.
            offered[keyword] = f"{offered.get(keyword, '')} {value}".strip()
    size = offered.get("SIZE", "").split(" ")[0]
    return SmtpOffers(
        name=texts[0].split(" ")[0] if texts else "",
        sized="SIZE" in offered,
        size_limit=(int(size) or None) if re.fullmatch(r"[0-9]{1,20}", size) else None,
        eight_bit="8BITMIME" in offered,
        utf8="SMTPUTF8" in offered,
        pipelining="PIPELINING" in offered,
        chunking="CHUNKING" in offered,
        dsn="DSN" in offered,
        starttls="STARTTLS" in offered,
        mechanisms=tuple(dict.fromkeys(offered.get("AUTH", "").upper().split())),
    )


def check_envelope(envelope: SmtpEnvelope) -> None:
    """Make sure that the addresses fit into commands and cannot smuggle in others.

    Raises MessageUnsendable.
    """
    if not envelope.recipients:
        raise MessageUnsendable("The message has no recipient.", advice="Add one to send it.")
    senders = (envelope.sender,) if envelope.sender else ()
    for address in senders + envelope.recipients:
        if not _PATH.fullmatch(address):
            shown = words(address.encode("utf-8", "replace"))
            raise MessageUnsendable(f"“{shown}” is not a mail address.", advice="Correct it.")
        if not (address.isascii() or envelope.smtputf8):
            raise MessageUnsendable(
                f"The address {address} can only be written to as an internationalised one.",
                detail="non-ASCII address in an envelope without SMTPUTF8",
            )


def mail_command(envelope: SmtpEnvelope, offers: SmtpOffers) -> bytes:
    """MAIL FROM with the parameters that the message needs and the server takes."""
    parameters = [f"MAIL FROM:<{envelope.sender}>"]
    if offers.sized:
        parameters.append(f"SIZE={envelope.size}")
    if envelope.eight_bit and offers.eight_bit:
        parameters.append("BODY=8BITMIME")
    if envelope.smtputf8:
        parameters.append("SMTPUTF8")
    if envelope.notify and offers.dsn:
        parameters.append("RET=HDRS")
        if envelope.envelope_id:
            parameters.append(f"ENVID={xtext(envelope.envelope_id)}")
    return " ".join(parameters).encode()


def recipient_command(address: str, envelope: SmtpEnvelope, offers: SmtpOffers) -> bytes:
    """RCPT TO, with the request for reports and what they shall call the recipient (RFC 3461 section 4)."""
    command = f"RCPT TO:<{address}>"
    if envelope.notify and offers.dsn:
        command += f" NOTIFY=SUCCESS,FAILURE,DELAY ORCPT={_original_recipient(address)}"
    return command.encode()


def _original_recipient(address: str) -> str:
    return f"rfc822;{xtext(address)}" if address.isascii() else f"utf-8;{utf8_xtext(address)}"


def xtext(text: str) -> str:
    """Text as the value of a DSN parameter (RFC 3461 section 4)."""
    return _XTEXT_SPECIAL.sub(lambda match: b"+%02X" % match[0][0], text.encode()).decode()


def utf8_xtext(address: str) -> str:
    """An internationalised address as the value of ORCPT, in ASCII (RFC 6533 section 3)."""
    return _UTF8_SPECIAL.sub(lambda match: rf"\x{{{ord(match[0]):02X}}}", address)
