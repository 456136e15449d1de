"""Mail that lives on this computer: what was fetched by POP3, what was sent where no server keeps it, and
what the user put into local folders.

`user.db` holds folders and messages and is the truth. The cache shows them as it shows those of a server and
may be thrown away at any time (engine.local_projection).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from qtmail.domain.account import Account
from qtmail.domain.events import ChangeKind
from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import Flag
from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.engine.local_projection import LocalProjection
from qtmail.engine.stopping import StopToken
from qtmail.errors import QtmailError, Stopped, StoreFailed
from qtmail.store.local_messages import LocalMessage
from qtmail.store.messages import Location
from qtmail.store.store import Store
from qtmail.store.transaction import Transaction

PIECE_BYTES = 1024 * 1024
"""A message is written in pieces of this size, each in a transaction of its own."""

ALL_USES = (
    SpecialUse.INBOX,
    SpecialUse.DRAFTS,
    SpecialUse.SENT,
    SpecialUse.ARCHIVE,
    SpecialUse.JUNK,
    SpecialUse.TRASH,
)


class LocalMail:
    """The folders of one account whose mail is kept on this computer."""

    def __init__(
        self,
        store: Store,
        account: Account,
        stop: StopToken | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Raises ValueError for an account whose mail is on an IMAP server."""
        if not account.keeps_mail_here:
            raise ValueError(f"account {account.id} has an IMAP server")
        self._store = store
        self._account = account
        self._clock = clock
        self._projection = LocalProjection(store, stop)

    # -- folders

    def ensure_folders(self) -> None:
        """Make the folders an account of its kind has, as far as they are not there; none, where its mail
        goes to another account.
        """
        known = {folder.special_use for folder in self._store.local_folders.list(self._account.id)}
        at_home = home_of(self._store, self._account).id == self._account.id
        missing = [use for use in folder_uses(self._account) if at_home and use not in known]
        if missing:
            with self._store.user_transaction() as tx:
                for use in missing:
                    self._store.local_folders.ensure(tx, self._account.id, use)
        self._projection.show_folders(self._account.id)

    def show(self) -> None:
        """Make the folders, and the cache show exactly what is kept; quick when it does, also with 100,000
        messages. Raises StoreFailed, Stopped.
        """
        self.ensure_folders()
        self._projection.show(self._account.id)

    # -- what comes

    def store_pieces(self, pieces: Iterable[bytes]) -> int:
        """Write a message, however large, to the disk; returns its blob, which `deliver` makes a message.

        What breaks off is given up at once: a large message over a bad line would fill the disk, one attempt
        after the other. What a crash leaves half-written, or undelivered, is swept away after a day.
        """
        blob_id = 0
        try:
            for piece in _regrouped(pieces):
                with self._store.user_transaction() as tx:
                    blob_id = blob_id or self._store.blobs.begin(tx, int(self._clock()))
                    self._store.blobs.append(tx, blob_id, piece)
        except (QtmailError, Stopped, OSError):
            with suppress(StoreFailed), self._store.user_transaction() as tx:
                self._store.blobs.drop(tx, [blob_id])
            raise
        return blob_id

    def store_small(self, tx: Transaction, raw: bytes) -> int:
        """As `store_pieces`, in the caller's transaction: for many small messages with one wait for the disk.

        Args:
            tx: a transaction on user.db.
            raw: no more than some megabytes.
        """
        blob_id = self._store.blobs.begin(tx, int(self._clock()))
        self._store.blobs.append(tx, blob_id, raw)
        return blob_id

    def deliver(
        self,
        tx: Transaction,
        folder: SpecialUse | bytes,
        blob_id: int,
        received_at: int,
        flags: Flag = Flag.NONE,
        server_size: int = 0,
    ) -> LocalMessage:
        """Keep a message that was written; it is shown by `shown`, once the transaction is committed.

        Args:
            tx: a transaction on user.db.
            folder: for a purpose, or by wire name; where there is none of that name, the inbox.
            received_at: seconds since the epoch.
            server_size: the bytes on the server of a message of which only the header is here; 0: it is
                whole.

        Raises StoreFailed when the blob was given up meanwhile.
        """
        self._store.blobs.finish(tx, blob_id)
        return self._store.local_messages.add(
            tx,
            self._account.id,
            self._place(tx, folder),
            blob_id,
            received_at,
            flags,
            server_size=server_size,
        )

    def complete(self, tx: Transaction, uid: int, blob_id: int) -> LocalMessage | None:
        """The rest of a message came: its bytes are whole in this blob. To be shown by `shown`, as `deliver`.

        Returns None, and keeps nothing, when the message was deleted meanwhile.
        """
        before = self._store.local_messages.get(uid)
        if before is None:
            self._store.blobs.drop(tx, [blob_id])
            return None
        self._store.blobs.finish(tx, blob_id)
        self._store.local_messages.complete(tx, uid, blob_id)
        return replace(before, blob_id=blob_id, server_size=0)

    def shown(self, messages: Sequence[LocalMessage]) -> None:
        """Put into the cache what was delivered or completed."""
        self._projection.agree([message.uid for message in messages])

    # -- what goes

    def file_accepted(self) -> int:
        """Put what the account sent into Sent; returns how many messages were.

        A message changes hands, from the outbox to the folder, in one transaction and without being copied.
        """
        accepted = self._store.outbox.in_state(self._account.id, OutboxState.ACCEPTED)
        filed = [message for item in accepted if (message := self._file(item)) is not None]
        self.shown(filed)
        return len(filed)

    def _file(self, item: OutboxItem) -> LocalMessage | None:
        with self._store.user_transaction() as tx:
            fresh = self._store.outbox.get(item.id)
            if fresh is None or not self._store.outbox.filed(tx, fresh, keep_blob=True):
                return None
            sent_at = int(self._clock()) if fresh.sent_at is None else fresh.sent_at
            home = home_of(self._store, self._account)
            folder = self._store.local_folders.ensure(tx, home.id, SpecialUse.SENT)
            return self._store.local_messages.add(
                tx, home.id, folder, fresh.blob_id, sent_at, Flag.SEEN, item_id=fresh.id
            )

    def _place(self, tx: Transaction, folder: SpecialUse | bytes) -> bytes:
        folders = self._store.local_folders
        if isinstance(folder, SpecialUse):
            return folders.ensure(tx, self._account.id, folder)
        if folders.has(tx, self._account.id, folder):
            return folder
        return folders.ensure(tx, self._account.id, SpecialUse.INBOX)


def folder_uses(account: Account) -> tuple[SpecialUse, ...]:
    """The folders an account has from the beginning; one that only sends just keeps what it sent."""
    return ALL_USES if account.pop3 is not None or account.smtp is None else (SpecialUse.SENT,)


def home_of(store: Store, account: Account) -> Account:
    """The account whose folders hold the mail of this one: its own, unless the user chose another."""
    other = store.accounts.get(account.pop3_policy.deliver_to) if account.pop3 is not None else None
    return other if other is not None and other.keeps_mail_here else account


def local_account(store: Store) -> Account:
    """The local folders that belong to no address; made, if there are none."""
    found = _find_local_account(store)
    if found is None:
        with store.user_transaction() as tx:
            found = ensure_local_account(store, tx)
    LocalMail(store, found).ensure_folders()
    return found


def ensure_local_account(store: Store, tx: Transaction) -> Account:
    """As `local_account`, in a transaction on user.db."""
    found = _find_local_account(store)
    if found is None:
        found = store.accounts.add(tx, Account(0, "Local folders", "", "", None))
        tx.changed(ChangeKind.IDENTITIES)
    return found


def show_all(store: Store, stop: StopToken | None = None) -> None:
    """Show what is kept of all accounts; quick when it is shown. Raises StoreFailed, Stopped."""
    for account in store.accounts.list():
        if account.keeps_mail_here:
            LocalMail(store, account, stop).show()


def keep_flags(
    store: Store, tx: Transaction, places: Sequence[Location], add: Flag, remove: Flag
) -> list[Location]:
    """Note flag changes where no server keeps the messages; returns the places whose servers must hear.

    Args:
        tx: a transaction on user.db.
    """
    local = {account.id for account in store.accounts.list() if account.keeps_mail_here}
    for account_id in local & {place.account_id for place in places}:
        uids = [place.uid for place in places if place.account_id == account_id]
        store.local_messages.set_flags(tx, account_id, uids, add, remove)
    return [place for place in places if place.account_id not in local]


def _find_local_account(store: Store) -> Account | None:
    accounts = store.accounts.list()
    return next((one for one in accounts if not one.address and one.incoming is one.smtp is None), None)


def _regrouped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of PIECE_BYTES or a little more, at least one."""
    buffer = bytearray()
    written = False
    for piece in pieces:
        buffer += piece
        if len(buffer) >= PIECE_BYTES:
            yield bytes(buffer)
            written = True
            buffer.clear()
    if buffer or not written:
        yield bytes(buffer)
