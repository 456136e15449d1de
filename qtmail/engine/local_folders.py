"""The folders of an account that has no server to keep its mail: what it sent is kept here.

user.db holds the messages; the cache shows them as it shows those of a server, and is made to agree with
user.db at every start and after every change. So they come back when the cache was set aside.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from qtmail.domain.account import Account
from qtmail.domain.folder import Folder, RemoteFolder, SpecialUse, SyncState
from qtmail.domain.message import Flag, FlagChange, RemoteMessage
from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.engine.forgetting import empty_folder
from qtmail.engine.stopping import StopToken, heavy_lane
from qtmail.errors import StoreFailed
from qtmail.log import logger
from qtmail.mime.glance import glance
from qtmail.mime.summary import summarise_header
from qtmail.store.local_messages import LocalMessage
from qtmail.store.messages import Location, NewMessage
from qtmail.store.store import Store
from qtmail.store.transaction import Transaction

log = logger("local")

SENT = RemoteFolder(b"Sent", "Sent", "/", SpecialUse.SENT)
STATE = SyncState(uid_validity=1, complete=True)
"""UIDs are the numbers of user.db, which are never used twice; so they are valid for ever."""


class LocalFolders:
    """The folders of one account without an IMAP server: so far only Sent."""

    def __init__(
        self,
        store: Store,
        account: Account,
        stop: StopToken | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Raises ValueError for an account with an IMAP server."""
        if account.imap is not None:
            raise ValueError(f"account {account.id} has an IMAP server")
        self._store = store
        self._account = account
        self._stop = stop or StopToken()
        self._clock = clock

    def file_accepted(self) -> int:
        """Put what was sent into Sent; returns how many messages were.

        A message changes hands, from the outbox to the folder, in one transaction and without being copied.
        """
        accepted = self._store.outbox.in_state(self._account.id, OutboxState.ACCEPTED)
        filed = sum(self._file(item) for item in accepted)
        if filed:
            self.show()
        return filed

    def show(self) -> None:
        """Make the cache show exactly what is here; quick when it does. Raises StoreFailed, Stopped."""
        folder = self._folder()
        messages = {message.uid: message for message in self._store.local_messages.list(self._account.id)}
        shown = self._store.messages.flags(folder.id, 0, 2**32 - 1)
        gone = [uid for uid in shown if uid not in messages]
        changed = [
            FlagChange(uid, message.flags, message.keywords)
            for uid, message in messages.items()
            if uid in shown and shown[uid] != (message.flags, message.keywords)
        ]
        if gone or changed:
            with self._store.cache_transaction() as tx:
                self._store.messages.remove(tx, folder.id, gone)
                self._store.messages.apply_flags(tx, folder.id, changed)
        for uid, message in messages.items():
            if uid not in shown:
                self._stop.check()
                self._show(folder, message)

    def _file(self, item: OutboxItem) -> bool:
        with self._store.user_transaction() as tx:
            fresh = self._store.outbox.get(item.id)
            if fresh is None or not self._store.outbox.filed(tx, fresh, keep_blob=True):
                return False
            sent_at = int(self._clock()) if fresh.sent_at is None else fresh.sent_at
            self._store.local_messages.add(
                tx, self._account.id, SENT.wire_name, fresh.blob_id, sent_at, Flag.SEEN, item_id=fresh.id
            )
        return True

    def _folder(self) -> Folder:
        """The folder in the cache, made if it is not there; those of a server the account once had go."""
        known = self._store.folders.list(self._account.id)
        if [folder.wire_name for folder in known] == [SENT.wire_name]:
            (folder,) = known
            if self._store.folders.sync_state(folder.id) == STATE:
                return folder
        for other in known:
            empty_folder(self._store, other.id)
        with self._store.cache_transaction() as tx:
            changes = self._store.folders.reconcile(tx, self._account.id, [SENT])
            (folder,) = (*changes.added, *changes.kept)
            self._store.folders.save_sync_state(tx, folder.id, STATE)
        return folder

    def _show(self, folder: Folder, message: LocalMessage) -> None:
        try:
            raw = self._store.blobs.content(message.blob_id)
        except StoreFailed as error:  # one that cannot be read must not hide the others
            log.error("local message %d cannot be shown: %s (%s)", message.uid, error, error.detail)
            return
        header = raw[: raw.find(b"\r\n\r\n") + 4 or None]
        with heavy_lane(self._stop):
            summary = summarise_header(header)
            sight = glance(raw)
        remote = RemoteMessage(
            message.uid, message.flags, message.keywords, 0, message.filed_at, len(raw), header
        )
        with self._store.cache_transaction() as tx:
            (id_,) = self._store.messages.add(tx, folder.id, [NewMessage(remote, summary)])
            self._store.bodies.put_raw(tx, id_, raw, sight.preview, sight.has_attachment)


def keep_flags(
    store: Store, tx: Transaction, places: Sequence[Location], add: Flag, remove: Flag
) -> list[Location]:
    """Note flag changes where no server keeps the messages; returns the places whose servers must hear.

    Args:
        tx: a transaction on user.db.
    """
    local = {account.id for account in store.accounts.list() if account.imap is None}
    for account_id in local:
        uids = [place.uid for place in places if place.account_id == account_id]
        store.local_messages.set_flags(tx, account_id, uids, add, remove)
    return [place for place in places if place.account_id not in local]
