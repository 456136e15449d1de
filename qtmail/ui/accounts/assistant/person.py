"""Who the account is for: what people type, or paste, where a name and a mail address are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from qtmail.domain.account import Account
from qtmail.domain.address import Address
from qtmail.mime.recipients import split_recipients
from qtmail.mime.sendable import address_fault, domain_to_ascii


@dataclass(frozen=True, slots=True)
class Person:
    """Attributes:
    full_name: the name others see; may be empty.
    address: the mail address, checked.
    """

    full_name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def read_address(text: str) -> Address:
    """The one address in what was typed or pasted (`Ann <ann@berg.example>`, `mailto:…`, blanks around or
    inside it), with the name beside it if there is one; the text as it stands where it is none.
    """
    found = split_recipients(text)
    if len(found) == 1 and address_fault(found[0].address) == "":
        return found[0]
    closed_up = "".join(text.split())
    again = split_recipients(closed_up)
    if len(again) == 1 and closed_up.count("@") == 1 and address_fault(again[0].address) == "":
        return again[0]
    return Address("", text.strip())


def entry_fault(address: Address) -> str:
    """What keeps an address from being a user's own, in a sentence; "" where nothing does."""
    return address_fault(address.address)


def account_with(address: str, accounts: Sequence[Account]) -> Account | None:
    """The account that has this address already."""
    return next((one for one in accounts if _same(one.address, address)), None)


def password_doubt(password: str) -> str:
    """What may be wrong with a password as pasted, in a sentence; it is used as it stands."""
    if not password.strip():
        return _words("The password is nothing but blanks.") if password else ""
    if password != password.strip():
        return _words("The password begins or ends with a blank. Remove it if it does not belong there.")
    return ""


def _same(one: str, other: str) -> bool:
    """Servers tell the local parts apart by case at most in theory (RFC 5321 section 2.4)."""
    return _folded(one) == _folded(other)


def _folded(address: str) -> tuple[str, str]:
    local, _, domain = address.rpartition("@")
    return local.casefold(), domain_to_ascii(domain) or domain.casefold()


def _words(text: str) -> str:
    return QCoreApplication.translate("Person", text)
