"""Drafts in `user.db`, their earlier versions, and which copies of them lie on servers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qtmail.domain.composition import Composition, Draft, DraftVersion, ServerCopy
from qtmail.domain.events import ChangeKind
from qtmail.store.composition_json import decode_composition, encode_composition
from qtmail.store.database import Database
from qtmail.store.draft_contents import DraftContents
from qtmail.store.draft_versions import DraftVersions
from qtmail.store.failures import reads_columns
from qtmail.store.transaction import Transaction
from qtmail.store.values import whole_list

_COLUMNS = (
    "id, composition, revision, created_at, saved_at, opened_by <> '', outbox_item_id, mirrored_revision"
)
_LIVE = "outbox_item_id IS NULL AND discarded_at IS NULL"


class Drafts:
    """Messages being written. Times are seconds since the epoch."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._contents = DraftContents()
        self._versions = DraftVersions(database)

    # -- reading

    def get(self, draft_id: int) -> Draft | None:
        """A draft, also one that is queued or discarded."""
        with self._database.reading() as connection:
            row = connection.execute(f"SELECT {_COLUMNS} FROM drafts WHERE id = ?", (draft_id,)).fetchone()
            return None if row is None else _draft(row)

    def unsent(self) -> list[Draft]:
        """Those neither queued nor discarded, latest first."""
        return self._where(f"{_LIVE} ORDER BY saved_at DESC, id DESC")

    def recoverable(self, *living: str) -> list[Draft]:
        """Those that were open in a run of the program that did not close them; `living`: the runs that still
        may.
        """
        return self._where(
            f"{_LIVE} AND opened_by <> '' AND opened_by NOT IN (SELECT value FROM json_each(?)) "
            "ORDER BY saved_at DESC",
            (whole_list(living),),
        )

    def runs(self) -> list[str]:
        """The runs of the program that have drafts open, or had when they died."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT DISTINCT opened_by FROM drafts WHERE opened_by <> ''")
            return [run for (run,) in rows]

    def opened_by(self, draft_id: int) -> str:
        """The run of the program that has a draft open; "" for none."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT opened_by FROM drafts WHERE id = ?", (draft_id,)).fetchone()
            return row[0] if row else ""

    def versions(self, draft_id: int) -> list[DraftVersion]:
        """What was saved of a draft, latest first."""
        return self._versions.list(draft_id)

    # -- writing

    def add(
        self,
        transaction: Transaction,
        composition: Composition,
        now: int,
        *,
        run: str = "",
        draft_id: int | None = None,
    ) -> Draft:
        """A new draft.

        Args:
            run: names the run of the program whose composer shows it, "" where none does.
            draft_id: the number of one that is gone, which it gets again; None: a new number.
        """
        text = encode_composition(composition)
        cursor = transaction.execute(
            "INSERT INTO drafts (id, created_at, saved_at, revision, composition, opened_by) "
            "VALUES (?, ?, ?, 1, ?, ?)",
            (draft_id, now, now, text, run),
        )
        assert cursor.lastrowid is not None
        draft_id = cursor.lastrowid
        self._versions.keep(transaction, draft_id, 1, now, text)
        self._contents.bring_back(transaction, draft_id)
        transaction.changed(ChangeKind.DRAFTS)
        return Draft(draft_id, composition, 1, now, now, is_open=bool(run))

    def save(self, transaction: Transaction, draft_id: int, composition: Composition, now: int) -> int:
        """Store what the composer holds; returns the revision, or 0 when the draft is gone.

        One that was queued or discarded is a draft like others from then on: its text is another now.
        The contents that it no longer names give their room back, unless a version that is kept names them.
        """
        named = self._contents.named(transaction, draft_id)
        text = encode_composition(composition)
        row = transaction.execute(
            "UPDATE drafts SET composition = ?, saved_at = ?, revision = revision + 1, "
            "discarded_at = NULL, outbox_item_id = NULL WHERE id = ? RETURNING revision",
            (text, now, draft_id),
        ).fetchone()
        if row is None:
            return 0
        self._versions.keep(transaction, draft_id, row[0], now, text)
        named_now = self._contents.named(transaction, draft_id)
        if named_now - named:
            self._contents.bring_back(transaction, draft_id)
        if named - named_now:
            self._contents.drop_unused(transaction, draft_id, named - named_now)
        transaction.changed(ChangeKind.DRAFTS)
        return int(row[0])

    def set_open(self, transaction: Transaction, draft_id: int, run: str) -> None:
        """A composer of this run of the program shows it; "": none does."""
        transaction.execute("UPDATE drafts SET opened_by = ? WHERE id = ?", (run, draft_id))
        transaction.changed(ChangeKind.DRAFTS)

    def discard(self, transaction: Transaction, draft_id: int, now: int) -> None:
        """Take a draft out of sight, unless it is in the outbox; it can be restored until it is dropped."""
        transaction.execute(
            "UPDATE drafts SET discarded_at = ?, opened_by = '' WHERE id = ? AND outbox_item_id IS NULL",
            (now, draft_id),
        )
        transaction.changed(ChangeKind.DRAFTS)

    def restore(self, transaction: Transaction, draft_id: int) -> None:
        transaction.execute("UPDATE drafts SET discarded_at = NULL WHERE id = ?", (draft_id,))
        transaction.changed(ChangeKind.DRAFTS)

    def discarded(self, before: int) -> list[int]:
        """Those that were discarded before this time."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT id FROM drafts WHERE discarded_at < ?", (before,))
            return [draft_id for (draft_id,) in rows]

    def drop(self, transaction: Transaction, draft_ids: Iterable[int]) -> None:
        """Forget drafts and what was attached to them; their copies on servers become obsolete."""
        ids = list(draft_ids)
        self._contents.drop_all(transaction, ids)
        transaction.execute(
            "DELETE FROM drafts WHERE id IN (SELECT value FROM json_each(?))", (whole_list(ids),)
        )
        transaction.changed(ChangeKind.DRAFTS)

    def leave_to_server(self, transaction: Transaction, draft_id: int) -> None:
        """Forget a draft here; the copy its server holds is the draft from now on."""
        transaction.execute("DELETE FROM draft_copies WHERE draft_id = ?", (draft_id,))
        self.drop(transaction, [draft_id])

    def release(self, transaction: Transaction, draft_id: int) -> None:
        """The draft of an outbox item is a draft again, though the item stays."""
        transaction.execute("UPDATE drafts SET outbox_item_id = NULL WHERE id = ?", (draft_id,))
        transaction.changed(ChangeKind.DRAFTS)

    def own_blob(self, transaction: Transaction, draft_id: int, blob_id: int) -> None:
        """This blob was made for that draft, and goes when the draft does."""
        self._contents.add(transaction, draft_id, blob_id)

    def drop_unused_blobs(self, transaction: Transaction, draft_id: int) -> None:
        """No composer shows the draft: what neither it nor a version of it names is not needed any more."""
        self._contents.drop_unused(transaction, draft_id)

    # -- copies on servers

    def to_mirror(self, account_id: int) -> list[Draft]:
        """Those of an account whose latest revision its server is to hold and does not, oldest first."""
        first = (
            "SELECT identities.account_id FROM identities "
            "JOIN accounts ON accounts.id = identities.account_id "
            "ORDER BY accounts.position, accounts.id, identities.id LIMIT 1"
        )
        sender = "composition ->> '$.identity'"
        known = "SELECT id FROM identities"
        # A draft without an identity, or whose identity was removed, belongs to the first account there is.
        mine = (
            f"({sender} IN ({known} WHERE account_id = ?) OR ({sender} NOT IN ({known}) AND ? = ({first})))"
        )
        # What is sent on unchanged cannot be kept as a draft there: opened again it would be another message.
        whole = "composition ->> '$.resent' IS NULL"
        where = f"{_LIVE} AND mirrored_revision < revision AND {whole} AND {mine} ORDER BY saved_at, id"
        return self._where(where, (account_id, account_id))

    def mirrored(self, transaction: Transaction, draft_id: int, revision: int, copy: ServerCopy) -> None:
        """The server holds this revision as `copy`; any copy it held before is obsolete."""
        transaction.execute("UPDATE draft_copies SET draft_id = NULL WHERE draft_id = ?", (draft_id,))
        transaction.execute(
            "INSERT INTO draft_copies (draft_id, account_id, folder, uid_validity, uid) "
            "VALUES ((SELECT id FROM drafts WHERE id = ?), ?, ?, ?, ?)",
            (draft_id, copy.account_id, copy.folder, copy.uid_validity, copy.uid),
        )
        transaction.execute(
            "UPDATE drafts SET mirrored_revision = max(mirrored_revision, ?) WHERE id = ?",
            (revision, draft_id),
        )
        transaction.changed(ChangeKind.DRAFTS)

    def copy_of(self, draft_id: int) -> ServerCopy | None:
        """The copy of a draft that its server holds."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT account_id, folder, uid_validity, uid FROM draft_copies WHERE draft_id = ?",
                (draft_id,),
            ).fetchone()
            return None if row is None else ServerCopy(*row)

    def find_copy(self, copy: ServerCopy) -> Draft | None:
        """The draft that this message on a server is the copy of, if it is one of ours; it may be queued or
        discarded.
        """
        found = self._where(
            "id IN (SELECT draft_id FROM draft_copies "
            "WHERE account_id = ? AND folder = ? AND uid_validity = ? AND uid = ?)",
            (copy.account_id, copy.folder, copy.uid_validity, copy.uid),
        )
        return found[0] if found else None

    def obsolete_copies(self, account_id: int) -> list[tuple[int, ServerCopy]]:
        """Copies that are to be expunged, with the numbers `copy_gone` takes."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT id, account_id, folder, uid_validity, uid FROM draft_copies "
                "WHERE draft_id IS NULL AND account_id = ? ORDER BY id",
                (account_id,),
            )
            return [(copy_id, ServerCopy(*place)) for copy_id, *place in rows]

    def copy_gone(self, transaction: Transaction, copy_id: int) -> None:
        """This copy is no longer on the server."""
        transaction.execute("DELETE FROM draft_copies WHERE id = ?", (copy_id,))

    # -- inside

    def _where(self, condition: str, parameters: tuple[Any, ...] = ()) -> list[Draft]:
        with self._database.reading() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM drafts WHERE {condition}", parameters)
            return [_draft(row) for row in rows]


@reads_columns
def _draft(row: tuple[Any, ...]) -> Draft:
    id_, text, revision, created_at, saved_at, is_open, item_id, mirrored = row
    return Draft(
        id_, decode_composition(text), revision, created_at, saved_at, bool(is_open), item_id, mirrored
    )
