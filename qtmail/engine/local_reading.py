"""The content of messages that are kept on this computer. The cache shows their rows; what is in them is read
from `user.db`, and never copied.
"""

from __future__ import annotations

from qtmail.domain.message import MessageBody
from qtmail.errors import Layer, QtmailError, Retry, StoreFailed
from qtmail.store.bodies import Sections
from qtmail.store.local_messages import LocalMessage
from qtmail.store.store import Store


class HeaderOnly(QtmailError):
    """Something was asked for of a message of which only the header is on this computer."""

    layer = Layer.MESSAGE
    retry = Retry.ASK_USER

    def __init__(self) -> None:
        super().__init__(
            "Only the header of this message is on this computer.", advice="Download the message first."
        )


def find_local(store: Store, message_id: int) -> LocalMessage | None:
    """The message behind a row of the cache; None where a server keeps it, or it is gone."""
    uid = store.local_view.uids([message_id]).get(message_id)
    return None if uid is None else store.local_messages.get(uid)


def find_body(store: Store, message_id: int, wanted: Sections | None = None) -> MessageBody:
    """What is on this computer of a message, wherever it is kept; an empty body when nothing is.

    Args:
        wanted: which parts of a message that is here in parts to read; None: all.

    Raises StoreFailed when a local message cannot be read.
    """
    message = find_local(store, message_id)
    if message is None:
        return store.bodies.get(message_id, wanted)
    try:
        return MessageBody(raw=store.blobs.content(message.blob_id))
    except StoreFailed as error:
        raise StoreFailed(
            "This message cannot be read from the local database.",
            advice="If you have a backup of user.db, look for it there.",
            detail=error.detail,
        ) from error
