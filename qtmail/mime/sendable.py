"""Addresses as servers want them: which can be sent to, how they look on the wire, and whether they need
SMTPUTF8 (RFC 6531)."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable

from qtmail.domain.address import Address
from qtmail.errors import MessageUnsendable
from qtmail.mime.outgoing import OutgoingMessage

MAX_LOCAL = 64
"""Octets before the @ (RFC 5321 section 4.5.3.1.1)."""
MAX_ADDRESS = 254
"""Octets of an address: a path of 256 without its brackets (RFC 5321 section 4.5.3.1.3)."""
MAX_DOMAIN = 253
"""Octets of a domain name without a final dot (RFC 1035 section 2.3.4)."""

# By what they exclude: a set up to U+10FFFF takes 4 ms to compile, and this is compiled at each start.
_SPECIALS = r"\x00-\x20\x7f\"(),:;<>@\[\\\]"
"""What of ASCII, the dot apart, is not `atext` (RFC 5322 section 3.2.3); RFC 6531 adds all beyond ASCII."""
_DOT_ATOM = re.compile(rf"[^{_SPECIALS}.]+(?:\.[^{_SPECIALS}.]+)*")
_DOTS_ANYWHERE = re.compile(rf"[^{_SPECIALS}]+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_NOT_ATEXT = re.compile(rf"[{_SPECIALS}]")
_LITERAL = re.compile(r"\[(?:\d{1,3}(?:\.\d{1,3}){3}|IPv6:[0-9A-Fa-f:.]{2,45})\]", re.IGNORECASE)
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_OTHER_DOTS = re.compile("[\u3002\uff0e\uff61]")
"""Full stops that Chinese and Japanese keyboards write between the labels of a domain (UTS 46)."""


def address_fault(address: str) -> str:
    """Why mail cannot be sent to `address`, in a short sentence; "" where it can.

    A domain without a dot is fine: it names a host of the local network.
    """
    if not address:
        return "The address is missing."
    if fault := _character_fault(address):
        return fault
    local, at, domain = address.rpartition("@")
    if not at:
        return "The address has no @."
    if not local or not domain:
        return f"Nothing stands {'after' if local else 'before'} the @."
    return _local_fault(local) or _domain_fault(domain)


def _character_fault(address: str) -> str:
    categories = {unicodedata.category(char) for char in address}
    if categories & {"Cc", "Zl", "Zp"}:
        return "The address has a line break or a control character in it."
    if categories & {"Cf", "Cn", "Co", "Cs"}:
        return "The address has an invisible or unknown character in it."
    if len(address.encode()) > MAX_ADDRESS:
        return f"The address is longer than {MAX_ADDRESS} bytes."
    return ""


def _local_fault(local: str) -> str:
    if len(local.encode()) > MAX_LOCAL:
        return f"The part before the @ is longer than {MAX_LOCAL} bytes."
    if _QUOTED.fullmatch(local):
        return ""
    if "@" in local:
        return "The address has more than one @."
    if any(char.isspace() for char in local):
        return "The address has a space in it."
    if strange := _NOT_ATEXT.search(local):
        return f"An address cannot have a “{strange[0]}” in it."
    return ""


def _domain_fault(domain: str) -> str:
    if any(char.isspace() for char in domain):
        return "The address has a space in it."
    if domain.startswith("["):
        return "" if _LITERAL.fullmatch(domain) else "What stands in brackets after the @ is no IP address."
    if strange := re.search(r"""[,;:<>()\[\]\\"]""", domain):
        return f"An address cannot have a “{strange[0]}” in it."
    if "" in _OTHER_DOTS.sub(".", domain).split("."):
        return "Something is missing before or after a dot in the domain."
    if not domain_to_ascii(domain):
        return f"“{domain}” cannot be a domain."
    return ""


def domain_to_ascii(domain: str) -> str:
    """A domain in lower case with its international labels as A-labels; "" where it cannot be a domain."""
    if domain.startswith("["):
        return domain
    name = _to_ascii(domain)
    return name if _HOST.fullmatch(name) and len(name) <= MAX_DOMAIN else ""


def _to_ascii(domain: str) -> str:
    """IDNA 2008 with the mapping of UTS 46; IDNA 2003 for the names it let in and 2008 does not, as emoji."""
    if domain.isascii():
        return domain.lower()
    import idna  # noqa: PLC0415 -- its tables take 13 ms to load, and few domains need them

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        pass
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def wire_address(address: str) -> str:
    """`address` as it stands in an SMTP command and, if its local part is ASCII, in a header.

    Raises:
        MessageUnsendable: it is no address.
    """
    fault = address_fault(address)
    if fault:
        raise MessageUnsendable(
            f"“{shown(address)}” is not an address that mail can be sent to.",
            advice="Correct it, or take it out.",
            detail=fault,
        )
    local, _, domain = address.rpartition("@")
    return f"{_quoted_if_needed(local)}@{domain_to_ascii(domain)}"


def shown(text: str, length: int = 80) -> str:
    """A piece of `text` that fits a sentence and breaks no line."""
    text = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return text if len(text) <= length else f"{text[:length]}…"


def _quoted_if_needed(local: str) -> str:
    """Some Japanese providers gave out addresses with dots in places where only a quoted string may have
    them."""
    return f'"{local}"' if _DOTS_ANYWHERE.fullmatch(local) and not _DOT_ATOM.fullmatch(local) else local


def header_address(address: str) -> str:
    """`address` as it stands in a header field: one with an international local part as it is (RFC 6532).

    Raises:
        MessageUnsendable: it is no address.
    """
    wire = wire_address(address)
    if not needs_smtputf8([wire]):
        return wire
    return f"{wire.rpartition('@')[0]}@{_OTHER_DOTS.sub('.', address.rpartition('@')[2])}"


def needs_smtputf8(addresses: Iterable[str]) -> bool:
    """Whether one of them has a local part beyond ASCII, which only servers with SMTPUTF8 can take."""
    return any(not address.rpartition("@")[0].isascii() for address in addresses)


def envelope_addresses(message: OutgoingMessage) -> tuple[str, tuple[str, ...]]:
    """The sender and the recipients for MAIL FROM and RCPT TO, each recipient once.

    Names without an address (empty groups) receive nothing. Local parts are told apart by case (RFC 5321
    section 2.4).

    Raises:
        MessageUnsendable: an address cannot be sent to or from.
    """
    recipients = [wire_address(one.address) for one in message.recipients if _has_address(one)]
    return wire_address(message.from_.address), tuple(dict.fromkeys(recipients))


def _has_address(person: Address) -> bool:
    return bool(person.address) or not person.name


def header_addresses(message: OutgoingMessage) -> tuple[str, ...]:
    """Every address that the header or the envelope of a message names: all of these decide about
    SMTPUTF8."""
    people = (message.from_, *message.recipients, *message.reply_to)
    return tuple(person.address for person in people if person.address)


def new_message_id(address: str) -> str:
    """A Message-ID that is like no other, without angle brackets, in the domain of `address`.

    It tells neither this computer's name nor the time.
    """
    _, at, domain = address.rpartition("@")
    usable = domain_to_ascii(domain) if at and not _domain_fault(domain) else ""
    return f"{secrets.token_hex(16)}@{usable or 'qtmail.invalid'}"
