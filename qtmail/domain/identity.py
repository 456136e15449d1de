"""Identities: the names and addresses a person writes under. Every account has at least one."""

from __future__ import annotations

from dataclasses import dataclass

from qtmail.domain.address import Address


@dataclass(frozen=True, slots=True)
class Identity:
    """One sender a person can write as.

    Attributes:
        id: local number; 0 before it is stored.
        account_id: the account whose servers send and keep its mail.
        name, address: what recipients see in From.
        reply_to: where answers are to go instead; "" for the address itself. A list as in a header field.
        signature_html, signature_text: put under what is written, in the rich and the plain editor; where
            only one is given, the other is made from it.
        sent_folder: wire name of the folder its mail is filed in; b"" for the account's own Sent folder.
        bcc: addresses that get a blind copy of everything, as a list; "" for none.
    """

    id: int
    account_id: int
    name: str
    address: str
    reply_to: str = ""
    signature_html: str = ""
    signature_text: str = ""
    sent_folder: bytes = b""
    bcc: str = ""

    @property
    def sender(self) -> Address:
        return Address(self.name, self.address)


@dataclass(frozen=True, slots=True)
class Template:
    """A text that is written often, to begin a message with or to put into one.

    Attributes:
        id: local number; 0 before it is stored.
        name: what the user calls it.
        html: an HTML fragment of our own writing.
    """

    id: int
    name: str
    subject: str
    html: str
