"""Shows the messages that are kept on this computer: makes the cache agree with `user.db`.

There is one way from the one to the other. Whatever changed, and whoever changed it, the messages concerned
are looked up in both, inside the transaction that mends the difference. So the last to look sees the last
change, and what two processes, or a crash between the two databases, leave behind is put right by one more
look.

A row keeps its id when its message moves, and when the rest of it comes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from qtmail.domain.folder import Folder, RemoteFolder
from qtmail.domain.message import FlagChange, HeaderSummary, RemoteMessage
from qtmail.engine.forgetting import empty_folder
from qtmail.engine.stopping import StopToken, heavy_lane
from qtmail.errors import StoreFailed
from qtmail.log import logger
from qtmail.mime.glance import Glance, glance
from qtmail.mime.summary import summarise_header
from qtmail.protocols.imap_fetch import HEADER_FIELDS
from qtmail.store.local_messages import LocalMessage
from qtmail.store.local_view import STATE, Place, Sight
from qtmail.store.messages import NewMessage
from qtmail.store.store import Store
from qtmail.store.transaction import Transaction

log = logger("local")

STEP = 500
"""Messages mended in one transaction."""
LOOK_BYTES = 4 * 1024 * 1024
"""So much of a message is looked at for its first words and the paper clip."""

_FIELDS = re.compile(
    rb"^(?:%s):[^\n]*\n(?:[ \t][^\n]*\n)*" % "|".join(HEADER_FIELDS).encode(), re.IGNORECASE | re.MULTILINE
)
"""What is kept of a header beside a row: the same as of a message on a server."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a message's bytes in order to show it."""

    header: bytes
    summary: HeaderSummary
    sight: Sight


@dataclass(slots=True)
class _Repairs:
    """What is to be done to the cache, by folder id."""

    gone: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))  # UIDs
    moved: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))  # message ids
    flags: dict[int, list[FlagChange]] = field(default_factory=lambda: defaultdict(list))
    grown: dict[int, list[tuple[int, LocalMessage]]] = field(default_factory=lambda: defaultdict(list))
    new: dict[int, list[LocalMessage]] = field(default_factory=lambda: defaultdict(list))


class LocalProjection:
    """Shows local messages, of one account or of several."""

    def __init__(self, store: Store, stop: StopToken | None = None) -> None:
        self._store = store
        self._stop = stop or StopToken()

    def show(self, account_id: int) -> None:
        """Make the cache show exactly what is kept of an account; quick when it does.

        Raises StoreFailed, Stopped; what is left then is shown the next time.
        """
        self.show_folders(account_id)
        self.agree(self._differing(account_id))
        self._drop_folders(account_id)

    def show_folders(self, account_id: int) -> None:
        """Show folders that are new or have another name; those that are gone stay until they are empty."""
        shown = self._store.folders.list(account_id)
        views = self._store.local_view.folders()
        if _as_listed(shown) == self._listed(account_id) and all(_key(folder) in views for folder in shown):
            return
        for folder in shown:
            if _key(folder) not in views:  # of a server that the account once had
                empty_folder(self._store, folder.id)
        with self._store.cache_transaction() as tx:
            # Read in here: of two who show at once, the last shows the latest.
            listed = self._listed(account_id)
            names = {folder.wire_name for folder in listed}
            shown = self._store.folders.list(account_id)
            gone = [folder for folder in shown if folder.wire_name not in names and _key(folder) in views]
            changes = self._store.folders.reconcile(tx, account_id, [*listed, *_as_listed(gone)])
            for folder in (*changes.added, *changes.kept):
                self._store.folders.save_sync_state(tx, folder.id, STATE)

    def agree(self, uids: Iterable[int]) -> None:
        """Make the cache show these messages as they are, wherever they are, or not at all."""
        remaining = iter(uids)
        while step := list(islice(remaining, STEP)):
            self._stop.check()
            self._agree(step)

    # -- steps

    def _listed(self, account_id: int) -> list[RemoteFolder]:
        return self._store.local_folders.list(account_id)

    def _differing(self, account_id: int) -> list[int]:
        """The UIDs of messages that are not shown as they are, newest first."""
        here, shown = self._store.local_messages, self._store.local_view
        ours, theirs = here.digests(account_id), shown.digests(account_id)
        different = [name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name)]
        truth, image = {}, {}
        for name in different:
            truth.update(here.marks(account_id, name))
            image.update(shown.marks(account_id, name))
        gone = [uid for uid in image if uid not in truth]
        return [*(uid for uid, mark in truth.items() if image.get(uid) != mark), *gone]

    def _drop_folders(self, account_id: int) -> None:
        names = {folder.wire_name for folder in self._listed(account_id)}
        gone = [one for one in self._store.folders.list(account_id) if one.wire_name not in names]
        for folder in gone:
            empty_folder(self._store, folder.id)
        if gone:
            with self._store.cache_transaction() as tx:
                self._store.folders.reconcile(tx, account_id, self._listed(account_id))

    def _agree(self, uids: Sequence[int]) -> None:
        messages = self._store.local_messages.get_many(uids)
        views = self._store.local_view.folders()
        for account_id in {one.account_id for one in messages.values() if _home(one) not in views}:
            self.show_folders(account_id)
        shown = {place.uid: place.content for place in self._store.local_view.places(uids)}
        unknown = [one for uid, one in messages.items() if shown.get(uid) != one.blob_id]
        reads = {one.blob_id: self._read(one) for one in unknown}
        with self._store.cache_transaction() as tx:
            self._carry_out(tx, self._repairs(uids), reads)

    def _repairs(self, uids: Sequence[int]) -> _Repairs:
        """What is to be done about these messages; called inside the transaction that does it."""
        return plan_repairs(
            self._store.local_messages.get_many(uids),
            self._store.local_view.places(uids),
            self._store.local_view.folders(),
        )

    def _carry_out(self, tx: Transaction, repairs: _Repairs, reads: Mapping[int, _Read]) -> None:
        """What another process changed after its content was read is left to that process."""
        messages, view = self._store.messages, self._store.local_view
        for folder_id, uids in repairs.gone.items():
            messages.remove(tx, folder_id, uids)
        for folder_id, ids in repairs.moved.items():
            view.move(tx, ids, folder_id)
        for folder_id, changes in repairs.flags.items():
            messages.apply_flags(tx, folder_id, changes)
        for folder_id, new in repairs.new.items():
            ready = [(one, reads[one.blob_id]) for one in new if one.blob_id in reads]
            added = messages.add(tx, folder_id, [_new_message(one, read) for one, read in ready])
            view.describe(
                tx, folder_id, [(id_, read.sight) for id_, (_, read) in zip(added, ready, strict=True)]
            )
        for folder_id, grown in repairs.grown.items():
            sights = [(id_, reads[one.blob_id].sight) for id_, one in grown if one.blob_id in reads]
            view.describe(tx, folder_id, sights)

    def _read(self, message: LocalMessage) -> _Read:
        """Look at a message. One that cannot be read is shown without a header, and hides no other."""
        try:
            size = self._store.blobs.size(message.blob_id)
            raw = self._beginning(message.blob_id)
        except StoreFailed as error:
            log.error("local message %d cannot be read: %s (%s)", message.uid, error, error.detail)
            size, raw = 0, b""
        end = raw.find(b"\r\n\r\n")
        header = raw if end < 0 else raw[: end + 2]
        with heavy_lane(self._stop):
            summary = summarise_header(header)
            seen = Glance("", summary.has_attachment) if message.server_size or not raw else glance(raw)
        sight = Sight(
            message.blob_id,
            message.server_size or size,
            seen.preview,
            seen.has_attachment,
            header_only=bool(message.server_size),
        )
        return _Read(b"".join(_FIELDS.findall(header)) + b"\r\n", summary, sight)

    def _beginning(self, blob_id: int) -> bytes:
        raw = bytearray()
        for piece in self._store.blobs.pieces(blob_id):
            raw += piece
            if len(raw) >= LOOK_BYTES:
                break
        return bytes(raw)


def plan_repairs(
    messages: Mapping[int, LocalMessage],
    places: Iterable[Place],
    folders: Mapping[tuple[int, bytes], int],
) -> _Repairs:
    """What makes the cache agree.

    Args:
        messages: what is kept, by UID.
        places: where the cache shows these messages, and others that are not kept any more.
        folders: the ids of the cache's folders, by account and wire name.
    """
    repairs = _Repairs()
    targets = {uid: folders[_home(one)] for uid, one in messages.items() if _home(one) in folders}
    shown: dict[int, Place] = {}
    # The row in the right folder first: if there are two, the other one goes.
    for place in sorted(places, key=lambda place: place.folder_id != targets.get(place.uid)):
        if place.uid not in messages or place.uid in shown:
            repairs.gone[place.folder_id].append(place.uid)
        else:
            shown[place.uid] = place
    for uid, folder_id in targets.items():
        message = messages[uid]
        now = shown.get(uid)
        if now is None:
            repairs.new[folder_id].append(message)
            continue
        if now.folder_id != folder_id:
            repairs.moved[folder_id].append(now.id)
        if (now.flags, frozenset(now.keywords.split())) != (message.flags, message.keywords):
            repairs.flags[folder_id].append(FlagChange(uid, message.flags, message.keywords))
        if now.content != message.blob_id:
            repairs.grown[folder_id].append((now.id, message))
    return repairs


def _home(message: LocalMessage) -> tuple[int, bytes]:
    return message.account_id, message.folder


def _key(folder: Folder) -> tuple[int, bytes]:
    return folder.account_id, folder.wire_name


def _as_listed(folders: Iterable[Folder]) -> list[RemoteFolder]:
    """Folders of the cache as `user.db` would list them."""
    return [RemoteFolder(one.wire_name, one.path, one.delimiter, one.special_use) for one in folders]


def _new_message(message: LocalMessage, read: _Read) -> NewMessage:
    remote = RemoteMessage(
        message.uid,
        message.flags,
        message.keywords,
        message.blob_id,
        message.filed_at,
        read.sight.size,
        read.header,
    )
    return NewMessage(remote, read.summary)
