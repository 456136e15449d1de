"""What was pasted or forwarded into drafts, in `user.db`: which blobs belong to which draft."""

from __future__ import annotations

from collections.abc import Iterable

from qtmail.store.transaction import Transaction
from qtmail.store.values import whole_list

_NAMED = """
    SELECT attachment.value ->> '$.blob' AS blob_id
    FROM {compositions} AS kept, json_each(kept.composition, '$.attachments') AS attachment
    WHERE attachment.value ->> '$.blob' IS NOT NULL
    UNION
    SELECT kept.composition ->> '$.resent' FROM {compositions} AS kept
    WHERE kept.composition ->> '$.resent' IS NOT NULL
"""
_NAMED_NOW = _NAMED.format(compositions="(SELECT composition FROM drafts WHERE id = ?1)")
_NAMED_EVER = _NAMED.format(
    compositions="(SELECT composition FROM drafts WHERE id = ?1 "
    "UNION ALL SELECT composition FROM draft_versions WHERE draft_id = ?1)"
)


class DraftContents:
    """Each blob belongs to one draft and goes with it, or when nothing that is kept of the draft names it."""

    def add(self, transaction: Transaction, draft_id: int, blob_id: int) -> None:
        """This blob was made for that draft."""
        transaction.execute("INSERT INTO draft_blobs (blob_id, draft_id) VALUES (?, ?)", (blob_id, draft_id))

    def named(self, transaction: Transaction, draft_id: int) -> set[int]:
        """The blobs that the draft as it is names."""
        return {blob_id for (blob_id,) in transaction.execute(_NAMED_NOW, (draft_id,))}

    def drop_unused(
        self, transaction: Transaction, draft_id: int, among: Iterable[int] | None = None
    ) -> None:
        """Drop those of a draft that neither it nor a kept version of it names any more.

        `among`: only these. What was just pasted is named by nothing yet, so while a composer shows the draft
        only what has been named before may be dropped.
        """
        chosen = None if among is None else whole_list(among)
        transaction.execute(
            "UPDATE blobs SET state = 'dropped' WHERE state = 'whole' "
            "AND id IN (SELECT blob_id FROM draft_blobs WHERE draft_id = ?1) "
            "AND (?2 IS NULL OR id IN (SELECT value FROM json_each(?2))) "
            f"AND id NOT IN ({_NAMED_EVER})",
            (draft_id, chosen),
        )

    def bring_back(self, transaction: Transaction, draft_id: int) -> None:
        """Keep what was dropped of a draft and is named by it again, if the sweep has left it whole."""
        transaction.execute(
            "UPDATE blobs SET state = 'whole' WHERE state = 'dropped' "
            "AND id IN (SELECT blob_id FROM draft_blobs WHERE draft_id = ?1) "
            f"AND id IN ({_NAMED_NOW}) "
            "AND size = (SELECT ifnull(sum(length(data)), 0) FROM blob_pieces WHERE blob_id = blobs.id)",
            (draft_id,),
        )

    def drop_all(self, transaction: Transaction, draft_ids: Iterable[int]) -> None:
        """Drop everything that belongs to these drafts."""
        transaction.execute(
            "UPDATE blobs SET state = 'dropped' WHERE id IN "
            "(SELECT blob_id FROM draft_blobs WHERE draft_id IN (SELECT value FROM json_each(?)))",
            (whole_list(draft_ids),),
        )
