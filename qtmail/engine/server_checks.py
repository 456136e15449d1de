"""What is tried of an IMAP, a POP3 and an SMTP server once it has said what it can do."""

from __future__ import annotations

from itertools import chain

from qtmail.domain.account import Security
from qtmail.domain.diagnosis import Quota
from qtmail.domain.folder import SpecialUse
from qtmail.engine.computer_checks import TOLERATED_SKEW
from qtmail.engine.server_check import ServerCheck, Step
from qtmail.errors import Layer, QtmailError, ServerRefused
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.pop3 import Pop3Session
from qtmail.protocols.smtp import SmtpSession

NEARLY_FULL = 0.9
"""The share of a quota from which on it is worth a word, from 0.0 to 1.0."""

_USEFUL = {
    "IDLE": "announces new mail at once",
    "QRESYNC": "tells changes in one answer",
    "CONDSTORE": "tells changed flags",
    "MOVE": "moves messages safely",
    "SPECIAL-USE": "names its special folders",
}


class ImapCheck(ServerCheck[ImapSession]):
    """Where mail is read and stays."""

    _inbox = b"INBOX"

    def _further_steps(self) -> list[Step]:
        return [
            (Layer.SIGN_IN, self._sign_in),
            (Layer.FOLDER, self._open_inbox),
            (Layer.QUOTA, self._quota),
        ]

    def _describe_capabilities(self) -> str:
        offered = [f"{name} ({why})" for name, why in _USEFUL.items() if name in self._session.capabilities]
        return f"The server offers {', '.join(offered)}." if offered else "The server offers plain IMAP only."

    def _open_inbox(self) -> str:
        folders = self._session.list_folders()
        inbox = next((folder for folder in folders if folder.special_use is SpecialUse.INBOX), None)
        if inbox is None:
            raise QtmailError(
                "The server lists no inbox.", advice="Ask the server's owner.", layer=Layer.FOLDER
            )
        # Some providers let everybody sign in and list, and refuse only here.
        self._inbox = inbox.wire_name
        opened = self._session.select(inbox.wire_name)
        if opened.exists and self.skew is None:
            self._compare_with_newest()
        return f"{_count(len(folders), 'folder')}; the inbox holds {_count(opened.exists, 'message')}."

    def _compare_with_newest(self) -> None:
        """The server dates what it receives: mail from the future shows that our clock is slow."""
        for newest in chain.from_iterable(self._session.fetch_headers(["*"])):
            ahead = newest.internal_date - self._clock()
            if ahead > TOLERATED_SKEW:
                self.skew = ahead

    def _quota(self) -> str:
        try:
            return describe_quota(self._session.quota(self._inbox))
        except ServerRefused:
            return "The server does not tell how full the mailbox is."


class Pop3Check(ServerCheck[Pop3Session]):
    """Where mail is fetched from."""

    def _further_steps(self) -> list[Step]:
        return [(Layer.SIGN_IN, self._sign_in), (Layer.FOLDER, self._list)]

    def _describe_capabilities(self) -> str:
        offers = self._session.capabilities
        said = {
            "UIDL (tells new messages from known ones)": offers.uidl,
            "TOP (shows headers alone)": offers.top,
            "PIPELINING (answers without being waited for)": offers.pipelining,
        }
        offered = [name for name, is_offered in said.items() if is_offered]
        return f"The server offers {', '.join(offered)}." if offered else "The server offers plain POP3 only."

    def _list(self) -> str:
        listed = self._session.listing()
        size = sum(one.size for one in listed)
        holds = f"The mailbox holds {_count(len(listed), 'message')} of {_in_megabytes(size)} in all."
        if any(one.uidl is None for one in listed):
            return f"{holds} The server does not name them, so they are told apart by their headers."
        return holds


class SmtpCheck(ServerCheck[SmtpSession]):
    """Where mail is handed in; nothing is sent."""

    def _further_steps(self) -> list[Step]:
        return [(Layer.SIGN_IN, self._sign_in)]

    def _describe_capabilities(self) -> str:
        offers = self._session.offers
        said = {
            "PIPELINING (sends without waiting)": offers.pipelining,
            "CHUNKING (takes messages as they are)": offers.chunking,
            "8BITMIME (takes all letters)": offers.eight_bit,
            "SMTPUTF8 (takes addresses in all scripts)": offers.utf8,
            "DSN (reports deliveries)": offers.dsn,
            f"SIZE (messages up to {offers.size_limit or 0:,} bytes)": offers.size_limit is not None,
        }
        offered = [name for name, is_offered in said.items() if is_offered]
        return f"The server offers {', '.join(offered)}." if offered else "The server offers plain SMTP only."

    def _sign_in(self) -> str:
        if not self._settings.user:
            return "The settings name no user, so there is no sign-in."
        clear = self._settings.security is Security.NONE
        if clear and not self._session.offers.mechanisms:
            return "The server offers no sign-in; mail is handed in without."
        return super()._sign_in()


def describe_quota(quota: Quota | None) -> str:
    """How full the mailbox is. Raises QtmailError when it is full: then new mail does not arrive."""
    if quota is None:
        return "The server sets no limit on the mailbox, or tells none."
    used = f"{_in_megabytes(quota.used)} of {_in_megabytes(quota.limit)}"
    if quota.share >= 1.0:
        raise QtmailError(
            f"The mailbox is full ({used}): new mail is being turned away.",
            advice="Delete mail on the server, or ask the provider for more room.",
            layer=Layer.QUOTA,
        )
    if quota.share >= NEARLY_FULL:
        return f"The mailbox is nearly full: {used} are used."
    return f"{used} are used."


def _in_megabytes(size: int) -> str:
    """A number of bytes for people."""
    return f"{size / 2**30:.1f} GB" if size >= 2**30 else f"{size / 2**20:.1f} MB"


def _count(number: int, what: str) -> str:
    """A number of things for people."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
