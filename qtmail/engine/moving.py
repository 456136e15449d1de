"""Moving and deleting messages that are kept on this computer.

Each step is durable in `user.db` before the cache shows it; an interruption leaves every message in one
folder, the old or the new one. Long lists are worked off in several transactions, so that nobody waits long.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import Flag
from qtmail.domain.moves import Moved, MovedLot
from qtmail.engine.local_projection import LocalProjection
from qtmail.errors import Layer, QtmailError, UsageError
from qtmail.store.store import Store
from qtmail.store.transaction import Transaction

STEP = 2000
"""Messages moved or deleted in one transaction."""

_Place = tuple[int, bytes]
"""An account and the wire name of one of its folders."""
_Target = Callable[[Transaction, _Place], _Place | None]
"""Where the messages of a folder go; None: they are deleted for good."""


def move(store: Store, message_ids: Iterable[int], folder_id: int) -> Moved:
    """Put messages into a folder, of their account or of another that keeps its mail here.

    Raises UsageError where a server keeps one of them, or the folder; QtmailError when the folder is gone.
    """
    folder = store.folders.get(folder_id)
    if folder is None:
        raise _folder_gone()
    place = (folder.account_id, folder.wire_name)
    if place not in store.local_view.folders():
        raise _on_a_server()

    def target(tx: Transaction, _place: _Place) -> _Place:
        if not store.local_folders.has(tx, *place):
            raise _folder_gone()
        return place

    return _Work(store, target).run(message_ids)


def archive(store: Store, message_ids: Iterable[int]) -> Moved:
    """Put messages into the archives of their accounts. Raises UsageError where a server keeps one."""
    return _Work(store, _special(store, SpecialUse.ARCHIVE)).run(message_ids)


def mark_junk(store: Store, message_ids: Iterable[int]) -> Moved:
    """Put messages into the junk folders of their accounts. Raises UsageError where a server keeps one."""
    target = _special(store, SpecialUse.JUNK)
    return _Work(store, target, Flag.JUNK, Flag.NOT_JUNK).run(message_ids)


def mark_not_junk(store: Store, message_ids: Iterable[int]) -> Moved:
    """Put messages that are no junk into the inboxes of their accounts. Raises UsageError where a server
    keeps one.
    """
    target = _special(store, SpecialUse.INBOX)
    return _Work(store, target, Flag.NOT_JUNK, Flag.JUNK).run(message_ids)


def delete(store: Store, message_ids: Iterable[int], *, for_good: bool = False) -> Moved:
    """Put messages into the trash of their accounts; those that lie there are deleted for good.

    Args:
        for_good: so are all others.

    Raises UsageError where a server keeps one of them.
    """

    def target(tx: Transaction, place: _Place) -> _Place | None:
        trash = (place[0], store.local_folders.ensure(tx, place[0], SpecialUse.TRASH))
        return None if for_good or place == trash else trash

    return _Work(store, target).run(message_ids)


def empty_trash(store: Store, account_id: int) -> int:
    """Delete for good what is in an account's trash; returns how many messages were."""
    trash = (one for one in store.local_folders.list(account_id) if one.special_use is SpecialUse.TRASH)
    uids = [uid for folder in trash for uid in store.local_messages.uids(account_id, folder.wire_name)]
    return _Work(store, lambda tx, place: None).run_uids(uids).removed


def undo(store: Store, moved: Moved) -> None:
    """Put messages back that are still where they were put; into the inbox, where their folder is gone."""
    for lot in moved.lots:
        work = _Work(store, _back(store, lot), moved.cleared, moved.added)
        work.only_from = (lot.to_account_id, lot.to_folder)
        work.run_uids(lot.uids)


@dataclass(slots=True)
class _Work:
    """Moves messages, step by step.

    Attributes:
        target: where to.
        add, clear: flags to change with it.
        only_from: leave alone what is not in this folder.
    """

    store: Store
    target: _Target
    add: Flag = Flag.NONE
    clear: Flag = Flag.NONE
    only_from: _Place | None = None
    _done: Moved = field(default_factory=Moved)

    def run(self, message_ids: Iterable[int]) -> Moved:
        """Move messages, by their ids in the cache; those that are gone are passed over."""
        wanted = list(message_ids)
        uids = self.store.local_view.uids(wanted)
        if len(uids) < len(wanted) and any(
            place.message_id not in uids for place in self.store.messages.locate(wanted)
        ):
            raise _on_a_server()
        return self.run_uids([uids[id_] for id_ in wanted if id_ in uids])

    def run_uids(self, uids: Sequence[int]) -> Moved:
        projection = LocalProjection(self.store)
        self._done = Moved(added=self.add, cleared=self.clear)
        for start in range(0, len(uids), STEP):
            step = uids[start : start + STEP]
            with self.store.user_transaction() as tx:
                for place, lot in self._by_place(step):
                    self._move(tx, place, lot)
            projection.agree(step)
        return self._done

    def _by_place(self, uids: Iterable[int]) -> Iterator[tuple[_Place, list[int]]]:
        """Where the messages are now; in a transaction, so that they stay there."""
        places: dict[_Place, list[int]] = defaultdict(list)
        for uid, message in self.store.local_messages.get_many(uids).items():
            places[message.account_id, message.folder].append(uid)
        for place, lot in places.items():
            if self.only_from in (None, place):
                yield place, lot

    def _move(self, tx: Transaction, place: _Place, uids: list[int]) -> None:
        account_id, folder = place
        messages, done = self.store.local_messages, self._done
        target = self.target(tx, place)
        if self.add or self.clear:
            messages.set_flags(tx, account_id, uids, self.add, self.clear)
        if target is None:
            messages.remove(tx, account_id, uids)
            self._done = replace(done, removed=done.removed + len(uids))
        elif target != place:
            messages.move(tx, account_id, uids, *target)
            self._done = replace(done, lots=(*done.lots, MovedLot(account_id, folder, *target, tuple(uids))))


def _special(store: Store, use: SpecialUse) -> _Target:
    """The folder for a purpose, of the account a message is in; made if need be."""
    return lambda tx, place: (place[0], store.local_folders.ensure(tx, place[0], use))


def _back(store: Store, lot: MovedLot) -> _Target:
    def target(tx: Transaction, _place: _Place) -> _Place | None:
        if store.local_folders.has(tx, lot.account_id, lot.folder):
            return lot.account_id, lot.folder
        # The folder is gone, perhaps with its account: the message stays in the account it is in.
        return lot.to_account_id, store.local_folders.ensure(tx, lot.to_account_id, SpecialUse.INBOX)

    return target


def _on_a_server() -> UsageError:
    return UsageError("Messages that are kept on a server cannot be moved or deleted with qtmail yet.")


def _folder_gone() -> QtmailError:
    return QtmailError("The folder is no longer there, so nothing was moved.", layer=Layer.FOLDER)
