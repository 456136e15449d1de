"""Delivery reports without labels: what older Exim, qmail, and providers of their own kind send back.

They are known by their sender and read by the layout that nearly all share: an address at the beginning of a
line, what happened to it behind or below, then a copy of the message.
"""

from __future__ import annotations

import re

from qtmail.domain.message import Envelope
from qtmail.domain.outgoing import DeliveryStatus
from qtmail.mime.addressees import header_field
from qtmail.mime.delivery_reports import (
    MAX_RECIPIENTS,
    MAX_TEXT,
    DeliveryReport,
    ReportedRecipient,
    best_code,
    original_envelope,
    words_for,
)
from qtmail.mime.headers import envelope_from_header, parse_addresses
from qtmail.mime.message import ParsedMessage

_DAEMON = re.compile(
    r"(?:mailer-daemon|mail-daemon|postmaster|mdaemon|microsoftexchange[0-9a-f]{8,})(?=@|\Z)", re.IGNORECASE
)
_COPY = re.compile(r"^ ?-{2,}+.*\b(?:copy|below|original|enclosed|returned)\b.*$|^-{2,}+ ?原", re.I | re.M)
"""The line above the copy: "--- Below this line is a copy of the message." and its like."""
_RECIPIENT = re.compile(r"[ \t]*<?([^\s<>:;,()\"']{1,64}@[^\s<>:;,()\"']{1,255})>?[ \t]*(?::[ \t]*(.*))?")
_DELAY = re.compile(
    r"\bdelayed\b|\bwarning\b|not yet been delivered|will (?:be retried|continue to try|keep trying|retry)|"
    r"延迟|稍后重试|稍後重試",
    re.IGNORECASE,
)
_MAX_NOTICE = 100_000
_MAX_REASON = 2000
_MAX_MENTIONED = 100


def read_bounce(message: ParsedMessage) -> DeliveryReport | None:
    """The report that an unlabelled notice is; None for all other mail. Never raises."""
    failed = [one.address for one in parse_addresses(header_field(message, "x-failed-recipients"))]
    if not failed and not _is_from_daemon(message):
        return None
    notice, copy = _notice_and_copy(message.text)
    original = _original(message, copy)
    reasons = _reasons(notice) or _mentioned(original, notice)
    addresses = failed or list(reasons)
    if not addresses or not original.message_id:
        return None
    delayed = not failed and _DELAY.search(f"{message.envelope.subject}\n{notice}") is not None
    status = DeliveryStatus.DELAYED if delayed else DeliveryStatus.FAILED
    recipients = tuple(
        _recipient(address, status, reasons.get(address, ""))
        for address in addresses[:MAX_RECIPIENTS]
        if address
    )
    return DeliveryReport(original.message_id, "", recipients, notice.strip()[:MAX_TEXT])


def _is_from_daemon(message: ParsedMessage) -> bool:
    """Whether a program wrote it: nobody can answer it, or it gives a message back. People are postmasters
    too.
    """
    if not any(_DAEMON.match(author.address) for author in message.envelope.from_):
        return False
    unanswerable = header_field(message, "return-path") == "<>" or "auto-submitted" in (
        name.lower() for name, _ in message.headers
    )
    return unanswerable or bool(
        original_envelope(message).message_id or _COPY.search(message.text[:_MAX_NOTICE])
    )


def _notice_and_copy(text: str) -> tuple[str, str]:
    """What the server says, and the message it gives back below that."""
    beginning = text[:_MAX_NOTICE]
    match = _COPY.search(beginning)
    return (beginning[: match.start()], text[match.end() :]) if match else (beginning, "")


def _original(message: ParsedMessage, copy: str) -> Envelope:
    """The envelope of the message that failed: attached, else copied into the text, else answered."""
    attached = original_envelope(message)
    if attached.message_id:
        return attached
    copied = envelope_from_header(copy.lstrip()[:_MAX_NOTICE].encode())
    if copied.message_id:
        return copied
    return Envelope(message_id=message.envelope.in_reply_to or "".join(message.envelope.references[-1:]))


def _reasons(notice: str) -> dict[str, str]:
    """The words about each address that a line begins with, up to an empty line or the next address."""
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in notice.split("\n"):
        match = _RECIPIENT.fullmatch(line)
        if match is not None:
            current = found.setdefault(match[1].rstrip("."), [])
            current += [match[2]] if match[2] else []
        elif not line.strip():
            current = None
        elif current is not None:
            current.append(line.strip())
    return {address: " ".join(words)[:_MAX_REASON] for address, words in found.items()}


def _mentioned(original: Envelope, notice: str) -> dict[str, str]:
    """The recipients of the original of which the notice speaks in any line, with that line."""
    named = original.to + original.cc + original.bcc
    people = {one.address for one in named[:_MAX_MENTIONED] if one.address}
    return {
        address: line.strip()[:_MAX_REASON]
        for line in notice.split("\n")
        for address in sorted(people)
        if address.lower() in line.lower()
    }


def _recipient(address: str, status: DeliveryStatus, reason: str) -> ReportedRecipient:
    code = best_code("", reason)
    return ReportedRecipient(address, status, words_for(status, code, reason), code)
