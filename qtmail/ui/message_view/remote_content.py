"""Remote pictures: what the reading pane needs from the program to show them, once the user allowed it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from qtmail.mime.message import ParsedMessage
from qtmail.ui.message_view.message_notices import MessageNotices


class RemoteFetcher(Protocol):
    """Fetches remote pictures for the reading pane, without cookies, referrer or anything else that tells
    who reads.
    """

    def fetch(self, url: str, done: Callable[[bytes | None, str], None]) -> None:
        """Fetch the picture at `url` in the background; on the GUI thread call `done` with its bytes and
        MIME type.

        Where it could not be had, `done` is called with None and "".
        """
        ...


class TrustedSenders(Protocol):
    """Remembers whose messages may always show remote pictures; addresses are compared in lower case."""

    def allowed(self, address: str) -> bool: ...

    def allow(self, address: str) -> None: ...


class NobodyTrusted:
    """No sender is trusted and nothing is remembered: for windows that show a message of no account."""

    def allowed(self, address: str) -> bool:
        return False

    def allow(self, address: str) -> None:
        return None


class RemoteConsent:
    """Whether the message on display may load remote pictures, and the strip that asks.

    Args:
        available: whether they could be fetched at all.
        show_again: shows the message anew, once the user has allowed them.
    """

    def __init__(
        self,
        senders: TrustedSenders,
        notices: MessageNotices,
        *,
        available: bool,
        show_again: Callable[[], None],
    ) -> None:
        self._senders = senders
        self._notices = notices
        self._available = available
        self._show_again = show_again
        self._sender = ""
        self.given = False

    def begin(self, message: ParsedMessage) -> None:
        """Another message is shown: only a sender the user trusts is allowed anything."""
        senders = message.envelope.from_
        self._sender = senders[0].address.lower() if len(senders) == 1 else ""
        self.given = bool(self._sender) and self._senders.allowed(self._sender)

    def ask(self, message: ParsedMessage) -> None:
        """Tell what was left out of the message, if anything was."""
        if message.remote_urls and not self.given and self._available:
            self._notices.tell_remote_content(
                len(message.remote_urls), self._sender, self._allow, self._always_allow
            )
        else:
            self._notices.remove("remote")

    def _allow(self) -> None:
        self.given = True
        self._show_again()

    def _always_allow(self) -> None:
        self._senders.allow(self._sender)
        self._allow()
