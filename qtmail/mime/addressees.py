"""Who an answer goes to and who writes it, from the header of the original (RFC 5322 section 3.6.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from qtmail.domain.address import Address
from qtmail.domain.identity import Identity
from qtmail.mime.headers import parse_addresses
from qtmail.mime.message import ParsedMessage

_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "apparently-to")
"""Fields in which servers note for whom they took the message: they know of Bcc and of aliases."""
_LIST_POST = re.compile(r"<\s*mailto:([^?>\s]+)[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Addressees:
    """The recipients of an answer."""

    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()


def header_field(message: ParsedMessage, name: str) -> str:
    """The first value of a field that says anything, decoded; "" where there is none. `name`: lower case."""
    return next(header_fields(message, name), "")


def header_fields(message: ParsedMessage, name: str) -> Iterator[str]:
    """All values of a field that say anything, decoded."""
    return (value for written, value in message.headers if written.lower() == name and value)


class OwnAddresses:
    """Tells the user's own addresses from others.

    Case does not matter, and what follows a plus sign does not either: mail to ann+shop@example.org is Ann's.
    """

    def __init__(self, identities: Iterable[Identity]) -> None:
        self._own = {_base(identity.address) for identity in identities if identity.address}

    def has(self, address: Address) -> bool:
        return _base(address.address) in self._own

    def without(self, addresses: Iterable[Address]) -> tuple[Address, ...]:
        return tuple(address for address in addresses if not self.has(address))


def _base(address: str) -> str:
    local, at, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0] or local}{at}{domain}"


def _unique(addresses: Iterable[Address], known: Iterable[Address] = ()) -> tuple[Address, ...]:
    """Each address once, none of `known`, and no names without an address."""
    seen = {address.address.casefold() for address in known} | {""}
    kept: list[Address] = []
    for address in addresses:
        if (key := address.address.casefold()) not in seen:
            seen.add(key)
            kept.append(address)
    return tuple(kept)


def list_address(message: ParsedMessage) -> Address | None:
    """Where to write to the mailing list a message came over (RFC 2369 section 3.4).

    None where it came over no list, or over one that takes no mail (`List-Post: NO`).
    """
    match = _LIST_POST.search(header_field(message, "list-post"))
    return next(iter(parse_addresses(unquote(match[1]))), None) if match else None


def addressees(
    message: ParsedMessage, identities: Sequence[Identity], *, to_all: bool, to_list: bool = False
) -> Addressees:
    """Who an answer goes to.

    A list is answered where `to_list` asks for it and there is one. An answer to one's own mail goes to the
    recipients of that. The user's own addresses are left out unless nobody else remains.
    """
    own = OwnAddresses(identities)
    if to_list and (post := list_address(message)):
        return Addressees((post,))
    envelope = message.envelope
    cc: tuple[Address, ...] = ()
    if any(own.has(author) for author in envelope.from_) and own.without(envelope.to + envelope.cc):
        to, cc = envelope.to, envelope.cc if to_all else ()
    elif to_all and (followup := parse_addresses(header_field(message, "mail-followup-to"))):
        to = followup
    else:
        to = _answer_to(message, to_all=to_all)
        cc = envelope.to + envelope.cc if to_all else ()
    return _without_own(to, cc, own)


def _answer_to(message: ParsedMessage, *, to_all: bool) -> tuple[Address, ...]:
    """Where the author wants answers. Mail-Reply-To is for those who answer the author alone."""
    alone = () if to_all else parse_addresses(header_field(message, "mail-reply-to"))
    envelope = message.envelope
    candidates = (alone, envelope.reply_to, envelope.from_)
    for addresses in (*candidates, *map(parse_addresses, header_fields(message, "sender"))):
        if any(address.address for address in addresses):
            return addresses
    return ()


def _without_own(to: tuple[Address, ...], cc: tuple[Address, ...], own: OwnAddresses) -> Addressees:
    others = _unique(own.without(to))
    copies = _unique(own.without(cc), others)
    if others or copies:
        return Addressees(others, copies) if others else Addressees(copies)
    return Addressees(_unique(to) or _unique(cc))


def writer(
    message: ParsedMessage, identities: Sequence[Identity], account_id: int | None = None
) -> Identity | None:
    """The identity a message was written to, or by; else the first of the account; None if there are none.

    Args:
        account_id: the account the message is in; its identities come before those of others.
    """
    candidates = sorted(identities, key=lambda identity: identity.account_id != account_id)
    envelope = message.envelope
    delivered = (
        address
        for name in _DELIVERED
        for value in header_fields(message, name)
        for address in parse_addresses(value)
    )
    named = [*envelope.from_, *envelope.to, *envelope.cc, *envelope.bcc, *delivered]
    for same in (str.casefold, _base):
        for address in named:
            for identity in candidates:
                if identity.address and same(identity.address) == same(address.address):
                    return identity
    return next(iter(candidates), None)
