"""An account's Sent folder on its server, and which copies of a sent message lie there."""

from __future__ import annotations

from qtmail.domain.account import Account
from qtmail.domain.folder import SpecialUse
from qtmail.domain.outgoing import OutboxItem
from qtmail.engine.special_folder import SpecialFolder
from qtmail.protocols.imap import ImapSession
from qtmail.store.store import Store


class SentFolder:
    """Where an account's outbox items are filed."""

    def __init__(self, store: Store, account: Account) -> None:
        self._store = store
        self._account = account
        self._folder = SpecialFolder(store, account.id, SpecialUse.SENT, "Sent")

    def wire_name(self, session: ImapSession, item: OutboxItem) -> bytes:
        """The folder that the item, or else its identity, asks for if it is there; else the account's own,
        which is made if need be.
        """
        wanted = item.sent_folder
        identity = self._store.identities.get(item.identity_id)
        if not wanted and identity is not None and identity.account_id == self._account.id:
            wanted = identity.sent_folder
        return self._folder.wire_name(session, wanted)

    def forget(self) -> None:
        """It was refused: ask the server again what there is."""
        self._folder.forget()

    def copies(self, session: ImapSession, folder: bytes, item: OutboxItem) -> list[int]:
        """The UIDs of the item's copies in a folder, ascending."""
        # What is sent on unchanged (RFC 5322 section 3.6.6) keeps the Message-ID of the original, which may
        # lie in the same folder.
        begin = next(self._store.blobs.pieces(item.blob_id), b"")[:7]
        field = "Resent-Message-ID" if begin.lower() == b"resent-" else "Message-ID"
        return find_copies(session, folder, item.message_id, field)


def find_copies(session: ImapSession, folder: bytes, message_id: str, field: str = "Message-ID") -> list[int]:
    """The UIDs of the messages in a folder that have this Message-ID (without brackets), ascending."""
    return session.search_header(folder, field, f"<{message_id}>") if message_id else []
