"""What the user wants done about messages of which only the header is on this computer."""

from __future__ import annotations

from collections.abc import Iterable

from qtmail.domain.pop3 import Pop3Wish
from qtmail.errors import Layer, QtmailError
from qtmail.store.store import Store


def record_wish(store: Store, message_ids: Iterable[int], wish: Pop3Wish) -> frozenset[int]:
    """Note a wish; returns the accounts whose servers must hear of it, which may be asked at once or later.

    Messages that are here whole are passed over. Raises QtmailError when no server has any of the messages.
    """
    uids = list(store.local_view.uids(message_ids).values())
    found = [message for uid in uids if (message := store.pop3_messages.find(uid)) is not None]
    waiting = [message for message in found if message.gone_since is None]
    if uids and not waiting:
        raise QtmailError(
            "This message is no longer on the server.",
            advice="It was deleted there, perhaps with another program. Its header stays here.",
            layer=Layer.MESSAGE,
        )
    with store.user_transaction() as tx:
        store.pop3_messages.want(tx, [one.local_uid for one in waiting if one.local_uid is not None], wish)
    return frozenset(message.account_id for message in waiting if not message.whole)
