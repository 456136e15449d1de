"""Earlier states of drafts, in `user.db`."""

from __future__ import annotations

from qtmail.domain.composition import DraftVersion
from qtmail.store.composition_json import decode_composition
from qtmail.store.database import Database
from qtmail.store.transaction import Transaction

VERSIONS_KEPT = 30
VERSION_SECONDS = 30
"""Versions closer together than this are one, or the history would reach back a minute only."""


class DraftVersions:
    """The latest states of each draft. Times are seconds since the epoch."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, draft_id: int) -> list[DraftVersion]:
        """What was saved of a draft, latest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT revision, saved_at, composition FROM draft_versions WHERE draft_id = ? "
                "ORDER BY revision DESC",
                (draft_id,),
            )
            return [DraftVersion(revision, at, decode_composition(text)) for revision, at, text in rows]

    def keep(self, transaction: Transaction, draft_id: int, revision: int, now: int, text: str) -> None:
        """Note a version, in place of the latest one if that is hardly older and no longer than twice it.

        What was cut down to less than half is a new version at once: it may have been a slip of the hand.
        """
        latest = transaction.execute(
            "SELECT revision, length(composition), saved_at - "
            "(SELECT max(earlier.saved_at) FROM draft_versions AS earlier WHERE earlier.draft_id = ?1 "
            "AND earlier.revision < draft_versions.revision) "
            "FROM draft_versions WHERE draft_id = ?1 ORDER BY revision DESC LIMIT 1",
            (draft_id,),
        ).fetchone()
        if latest is not None and latest[2] is not None:
            replaced, length, seconds = latest
            if seconds < VERSION_SECONDS and len(text) * 2 > length:
                transaction.execute(
                    "DELETE FROM draft_versions WHERE draft_id = ? AND revision = ?", (draft_id, replaced)
                )
        transaction.execute(
            "INSERT INTO draft_versions (draft_id, revision, saved_at, composition) VALUES (?, ?, ?, ?)",
            (draft_id, revision, now, text),
        )
        transaction.execute(
            "DELETE FROM draft_versions WHERE draft_id = ?1 AND revision NOT IN "
            "(SELECT revision FROM draft_versions WHERE draft_id = ?1 ORDER BY revision DESC LIMIT ?2)",
            (draft_id, VERSIONS_KEPT),
        )
