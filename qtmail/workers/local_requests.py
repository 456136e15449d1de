"""Mail and folders on this computer: what the user interface may ask to move, delete, make and rename. Every
method returns at once; what could not be done is said through the bridge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtmail.domain.folder import Folder
from qtmail.domain.moves import Moved
from qtmail.domain.pop3 import Pop3Wish
from qtmail.engine import moving, own_folders
from qtmail.engine.downloads import record_wish
from qtmail.workers.message_requests import MessageRequests


def _nothing(_result: object) -> None:
    """Nobody waits for the end of it."""


class LocalRequests(MessageRequests):
    """The part of the mail service that is about mail no server keeps.

    What is done is told on the GUI thread, moves as a value that `undo_move` takes back. The order in which
    things are asked for is kept, flags included.
    """

    # -- messages

    def move_messages(
        self, message_ids: Sequence[int], folder_id: int, done: Callable[[Moved], None] = _nothing
    ) -> None:
        """Put messages into another folder."""
        ids = list(message_ids)
        self._writes.submit(lambda: moving.move(self._store, ids, folder_id), done, self._say)

    def archive_messages(self, message_ids: Sequence[int], done: Callable[[Moved], None] = _nothing) -> None:
        """Put messages into the archives of their accounts."""
        ids = list(message_ids)
        self._writes.submit(lambda: moving.archive(self._store, ids), done, self._say)

    def delete_messages(
        self,
        message_ids: Sequence[int],
        done: Callable[[Moved], None] = _nothing,
        *,
        for_good: bool = False,
    ) -> None:
        """Put messages into the trash; those that lie there, or all of them, are deleted for good."""
        ids = list(message_ids)
        self._writes.submit(lambda: moving.delete(self._store, ids, for_good=for_good), done, self._say)

    def mark_junk(
        self, message_ids: Sequence[int], done: Callable[[Moved], None] = _nothing, *, junk: bool = True
    ) -> None:
        """Put messages into the junk folder, or out of it into the inbox, marked as what they are."""
        ids = list(message_ids)
        mark = moving.mark_junk if junk else moving.mark_not_junk
        self._writes.submit(lambda: mark(self._store, ids), done, self._say)

    def undo_move(self, moved: Moved) -> None:
        """Put messages back where they were, as far as nobody moved them further."""
        self._writes.submit(lambda: moving.undo(self._store, moved), _nothing, self._say)

    def empty_trash(self, account_id: int) -> None:
        """Delete for good what is in the trash."""
        self._writes.submit(lambda: moving.empty_trash(self._store, account_id), _nothing, self._say)

    # -- messages of which only the header is here

    def download_rest(self, message_ids: Sequence[int]) -> None:
        """Fetch the rest of messages, as soon as there is a line."""
        self._wish(message_ids, Pop3Wish.DOWNLOAD)

    def delete_on_server(self, message_ids: Sequence[int]) -> None:
        """Delete messages on their server, unread, as soon as there is a line."""
        self._wish(message_ids, Pop3Wish.DELETE)

    # -- folders

    def create_folder(self, account_id: int, path: str, done: Callable[[Folder], None] = _nothing) -> None:
        """Make a folder; its levels are divided by “/”."""
        self._writes.submit(lambda: own_folders.create_folder(self._store, account_id, path), done, self._say)

    def rename_folder(self, folder_id: int, path: str) -> None:
        """Call a folder otherwise, or put it elsewhere in the tree, with all that is below it."""
        self._writes.submit(
            lambda: own_folders.rename_folder(self._store, folder_id, path), _nothing, self._say
        )

    def remove_folder(self, folder_id: int) -> None:
        """Remove a folder and those below it; their messages go to the trash."""
        self._writes.submit(lambda: own_folders.remove_folder(self._store, folder_id), _nothing, self._say)

    # -- inside

    def _wish(self, message_ids: Sequence[int], wish: Pop3Wish) -> None:
        ids = list(message_ids)

        def recorded(account_ids: frozenset[int]) -> None:
            for account_id in account_ids:
                if account_id in self._workers:
                    self._workers[account_id].sync_now()

        self._writes.submit(lambda: record_wish(self._store, ids, wish), recorded, self._say)
