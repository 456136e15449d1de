"""What the window asks to move, delete and make on this computer, for `FakeMailService`: everything is kept
to be looked at, and moves wait for the test to say that they are done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qtmail.domain.folder import Folder
from qtmail.domain.moves import Moved, MovedLot


@dataclass
class FakeMove:
    """A move that was asked for.

    Attributes:
        what: "move", "archive", "delete", "delete for good", "junk" or "not junk".
        folder_id: where to, of a move.
    """

    what: str
    ids: list[int]
    folder_id: int
    _done: Callable[[Moved], None]

    def answer(self, *, came_from: bytes = b"INBOX") -> Moved:
        """It is done."""
        lot = MovedLot(1, came_from, 1, b"elsewhere", tuple(self.ids))
        moved = Moved(removed=len(self.ids)) if self.what == "delete for good" else Moved((lot,))
        self._done(moved)
        return moved


class FakeLocalRequests:
    """The part of the fake mail service about mail on this computer.

    Attributes:
        moves: what was asked for, in order; undone: what was to be put back.
        emptied: accounts whose trash was emptied.
        downloads, server_deletes: messages whose rest is wanted, or is to be deleted.
        created: (account id, path); renamed: (folder id, path); removed_folders: ids.
    """

    def __init__(self) -> None:
        super().__init__()
        self.moves: list[FakeMove] = []
        self.undone: list[Moved] = []
        self.emptied: list[int] = []
        self.downloads: list[int] = []
        self.server_deletes: list[int] = []
        self.created: list[tuple[int, str]] = []
        self.renamed: list[tuple[int, str]] = []
        self.removed_folders: list[int] = []

    def move_messages(
        self, message_ids: Sequence[int], folder_id: int, done: Callable[[Moved], None]
    ) -> None:
        self.moves.append(FakeMove("move", list(message_ids), folder_id, done))

    def archive_messages(self, message_ids: Sequence[int], done: Callable[[Moved], None]) -> None:
        self.moves.append(FakeMove("archive", list(message_ids), 0, done))

    def delete_messages(
        self, message_ids: Sequence[int], done: Callable[[Moved], None], *, for_good: bool = False
    ) -> None:
        what = "delete for good" if for_good else "delete"
        self.moves.append(FakeMove(what, list(message_ids), 0, done))

    def mark_junk(
        self, message_ids: Sequence[int], done: Callable[[Moved], None], *, junk: bool = True
    ) -> None:
        self.moves.append(FakeMove("junk" if junk else "not junk", list(message_ids), 0, done))

    def undo_move(self, moved: Moved) -> None:
        self.undone.append(moved)

    def empty_trash(self, account_id: int) -> None:
        self.emptied.append(account_id)

    def download_rest(self, message_ids: Sequence[int]) -> None:
        self.downloads.extend(message_ids)

    def delete_on_server(self, message_ids: Sequence[int]) -> None:
        self.server_deletes.extend(message_ids)

    def create_folder(self, account_id: int, path: str, done: Callable[[Folder], None]) -> None:
        self.created.append((account_id, path))

    def rename_folder(self, folder_id: int, path: str) -> None:
        self.renamed.append((folder_id, path))

    def remove_folder(self, folder_id: int) -> None:
        self.removed_folders.append(folder_id)
