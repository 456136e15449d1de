"""Delivery reports (RFC 3464): what servers on the way say of a message that was sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from qtmail.domain.message import Envelope
from qtmail.domain.outgoing import DeliveryStatus
from qtmail.domain.status_codes import status_words
from qtmail.mime.fields import normalise_line_ends, split_header
from qtmail.mime.headers import decode_header, envelope_from_header
from qtmail.mime.message import ParsedMessage, Part

MAX_RECIPIENTS = 2000
"""Of one report."""
MAX_TEXT = 4000
"""Characters of the words in a report that are kept."""

_ORIGINAL = frozenset({
    "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers",
    "message/global-headers",
})  # fmt: skip
_HEADER_BYTES = 256 * 1024

_BLANK_LINES = re.compile(rb"\n(?:[ \t]*\n)+")
_ENHANCED = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.:])([245]\d\d)(?=[ -])")
_UNICODE = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")

_ACTIONS = {
    "failed": DeliveryStatus.FAILED,
    "delayed": DeliveryStatus.DELAYED,
    "delivered": DeliveryStatus.DELIVERED,
    "relayed": DeliveryStatus.RELAYED,
    "expanded": DeliveryStatus.EXPANDED,
}
_CLASSES = {"2": DeliveryStatus.DELIVERED, "4": DeliveryStatus.DELAYED, "5": DeliveryStatus.FAILED}
_CLASS_OF = {DeliveryStatus.FAILED: "5", DeliveryStatus.DELAYED: "4"}


@dataclass(frozen=True, slots=True)
class ReportedRecipient:
    """What a report says of one recipient.

    Attributes:
        address: as the message was sent to it, where the report knows; else where it ended up.
        text: what happened, in a sentence.
        code: the enhanced status ("5.1.1"), else the SMTP reply code ("550"), or "".
    """

    address: str
    status: DeliveryStatus
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """A report of one or more servers on the way.

    Attributes:
        original_message_id: without angle brackets; "" where the report does not name it.
        envelope_id: what was given as ENVID (RFC 3461), or "".
        text: the report in its own words, as far as they are for people.
    """

    original_message_id: str
    envelope_id: str
    recipients: tuple[ReportedRecipient, ...]
    text: str


def outer_parts(message: ParsedMessage) -> Iterator[Part]:
    """All parts but those inside attached messages: a forwarded report reports nothing."""
    waiting = [message.root]
    while waiting:
        part = waiting.pop()
        yield part
        if part.content_type.startswith("multipart/"):
            waiting.extend(reversed(part.children))


def original_envelope(message: ParsedMessage) -> Envelope:
    """The envelope of the message that comes back with a report, whole or as a header; else an empty one."""
    for part in outer_parts(message):
        if part.content_type in _ORIGINAL and part.content:
            return envelope_from_header(normalise_line_ends(part.content[:_HEADER_BYTES]))
    return Envelope()


def original_id(message: ParsedMessage) -> str:
    """The Message-ID of the message a report is about.

    Exchange and Gmail write their reports as answers to it, which helps where the original is left out.
    """
    envelope = message.envelope
    return original_envelope(message).message_id or envelope.in_reply_to or "".join(envelope.references[-1:])


def blocks_of(content: bytes) -> list[dict[str, str]]:
    """Groups of fields, names in lower case (RFC 3464 section 2.1)."""
    text = normalise_line_ends(content).replace(b"\r\n", b"\n").strip(b"\n")
    groups = _BLANK_LINES.split(text, MAX_RECIPIENTS)[: MAX_RECIPIENTS + 1]
    return [
        {name.lower(): decode_header(value) for name, value in reversed(split_header(group + b"\n"))}
        for group in groups
    ]


def delivery_report(message: ParsedMessage, blocks: list[dict[str, str]]) -> DeliveryReport | None:
    """What the fields of a message/delivery-status part say; None where they speak of no recipient."""
    recipients = tuple(_recipient(block) for block in blocks if _reported_address(block))
    if not recipients:
        return None
    return DeliveryReport(
        original_id(message), first_value(blocks, "original-envelope-id"), recipients, message.text[:MAX_TEXT]
    )


def first_value(blocks: Iterable[Mapping[str, str]], name: str) -> str:
    """The first value of a field in any of the groups, or ""."""
    return next((block[name] for block in blocks if block.get(name)), "")


def _recipient(block: Mapping[str, str]) -> ReportedRecipient:
    diagnostic = block.get("diagnostic-code", "").partition(";")
    words = (diagnostic[2] if diagnostic[1] else diagnostic[0]).strip()
    code = best_code(block.get("status", ""), words)
    action = block.get("action", "").split(" ", 1)[0].lower().strip("()")
    status = _ACTIONS.get(action) or _CLASSES.get(code[:1], DeliveryStatus.UNKNOWN)
    return ReportedRecipient(_reported_address(block), status, words_for(status, code, words), code)


def _reported_address(block: Mapping[str, str]) -> str:
    """The original recipient before the final one: that is who the message was sent to."""
    return typed_address(block.get("original-recipient", "")) or typed_address(
        block.get("final-recipient", "")
    )


def typed_address(value: str) -> str:
    """What stands behind the type of an address: `rfc822; ann@example.org`, `utf-8; \\x{4F60}@x.org`."""
    kind, separator, address = value.partition(";")
    address = (address if separator else kind).strip().strip("<>").strip()
    if kind.strip().lower() == "utf-8":
        address = _UNICODE.sub(lambda match: _character(int(match[1], 16)), address)
    return address


def _character(number: int) -> str:
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"


def best_code(status: str, words: str) -> str:
    """The code that says most: many servers report 5.0.0 and have the true one only in their words."""
    codes = [match[0] for text in (status, words) for match in [_ENHANCED.search(text)] if match]
    exact = (code for code in codes if not code.endswith(".0.0"))
    reply = _REPLY_CODE.search(words)
    return next(exact, "") or next(iter(codes), "") or (reply[1] if reply else "")


def words_for(status: DeliveryStatus, code: str, words: str) -> str:
    """A sentence for what happened."""
    match status:
        case DeliveryStatus.DELIVERED:
            return "The message was delivered."
        case DeliveryStatus.RELAYED:
            return "The message was handed on to a server that sends no reports."
        case DeliveryStatus.EXPANDED:
            return "The message was handed on to the members of a list."
    return status_words(code or _CLASS_OF.get(status, ""), words)
