"""Everything a user does with one message: read it, fetch a part, see its source. From this computer, else
the server.
"""

from __future__ import annotations

from qtmail.domain.account import Account
from qtmail.domain.message import PartStructure
from qtmail.engine.bodies import BodyFetcher, Received, read_body
from qtmail.engine.local_reading import HeaderOnly, find_body, find_local
from qtmail.engine.stopping import StopToken
from qtmail.errors import Layer, QtmailError, Retry
from qtmail.mime.message import Attachment, ParsedMessage
from qtmail.mime.parser import sections_to_read
from qtmail.protocols.imap import ImapSession
from qtmail.store.messages import Location
from qtmail.store.store import Store


class Reading:
    """Reads the messages of one account.

    Attributes:
        account: whose messages they are.
    """

    def __init__(self, store: Store, account: Account, stop: StopToken) -> None:
        self._store = store
        self.account = account
        self._stop = stop

    def cached(self, message_id: int) -> ParsedMessage | None:
        """The message if its text is on this computer, or, of one that can be downloaded, its header.

        Raises QtmailError when it is to be here, and is gone.
        """
        message = read_body(find_body(self._store, message_id, sections_to_read))
        if message is None and self.account.keeps_mail_here:
            raise _gone()
        return message

    def on_server(self, message_id: int) -> int:
        """The bytes of a message of which only the header is here; 0: there is nothing to download."""
        message = find_local(self._store, message_id)
        return message.server_size if message is not None else 0

    def fetch(self, session: ImapSession, message_id: int) -> ParsedMessage:
        """The message, fetched from the server if it must be, its large parts left there.

        Raises QtmailError when it is gone or cannot be given.
        """
        if message := self.cached(message_id):
            return message
        row = self._store.messages.get(message_id)
        self._fetcher(session).fetch(self._place(message_id), row.size if row else 0)
        if message := self.cached(message_id):
            return message
        raise _not_cached()

    def cached_part(self, message_id: int, section: str) -> bytes | None:
        """The decoded content of one part if it is on this computer.

        Raises HeaderOnly when it is to be downloaded, and QtmailError when it is to be here, and is gone.
        """
        if self.on_server(message_id):
            raise HeaderOnly
        # What was found inside another part is named by that part, a dash and a number.
        part = section.partition("-")[0]
        message = read_body(find_body(self._store, message_id, lambda structure: [part]))
        attachment = _attachment(message, section) if message else None
        if attachment is None and self.account.keeps_mail_here:
            raise _no_part()
        return attachment.content if attachment else None

    def fetch_part(self, session: ImapSession, message_id: int, section: str, progress: Received) -> bytes:
        """The decoded content of one part, fetched in pieces."""
        content = self.cached_part(message_id, section)
        if content is not None:
            return content
        structure = self._store.bodies.get(message_id, _nothing).structure
        part = (
            next((part for part in structure.walk() if part.section == section), None) if structure else None
        )
        if part is None:
            raise _no_part()
        self._fetcher(session).fetch_part(self._place(message_id), section, part.size, progress)
        content = self.cached_part(message_id, section)
        if content is None:
            raise _not_cached()
        return content

    def cached_source(self, message_id: int) -> bytes | None:
        """The whole message, byte for byte, if it is on this computer.

        Raises HeaderOnly when it is to be downloaded, and QtmailError when it is to be here, and is gone.
        """
        if self.on_server(message_id):
            raise HeaderOnly
        raw = find_body(self._store, message_id, _nothing).raw
        if raw is None and self.account.keeps_mail_here:
            raise _gone()
        return raw

    def fetch_source(self, session: ImapSession, message_id: int, progress: Received) -> bytes:
        """The whole message, byte for byte, fetched in pieces."""
        raw = self.cached_source(message_id)
        if raw is not None:
            return raw
        row = self._store.messages.get(message_id)
        size = row.size if row else 0
        return self._fetcher(session).fetch_source(self._place(message_id), size, progress)

    def _fetcher(self, session: ImapSession) -> BodyFetcher:
        return BodyFetcher(
            self._store, session, whole_up_to=self.account.sync.prefetch_bytes, stop=self._stop
        )

    def _place(self, message_id: int) -> Location:
        places = self._store.messages.locate([message_id])
        if not places:
            raise _gone()
        return places[0]


def _nothing(_structure: PartStructure) -> tuple[str, ...]:
    return ()


def _attachment(message: ParsedMessage, section: str) -> Attachment | None:
    return next((attachment for attachment in message.attachments if attachment.section == section), None)


def _gone() -> QtmailError:
    return QtmailError("This message is no longer in its folder.", layer=Layer.MESSAGE)


def _no_part() -> QtmailError:
    return QtmailError("This part is not in the message any more.", layer=Layer.MESSAGE)


def _not_cached() -> QtmailError:
    return QtmailError(
        "This message could not be kept on this computer.",
        advice="Check that the disk is not full, then open it again.",
        layer=Layer.STORE,
        retry=Retry.LATER,
    )
