"""Answering a sender who asked to be told that the message was read (RFC 8098); only with consent."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from qtmail.domain.identity import Identity
from qtmail.domain.outgoing import NewOutboxItem, OutboxItem
from qtmail.engine.queueing import queue
from qtmail.engine.stopping import StopToken
from qtmail.errors import MessageUnsendable
from qtmail.mime.addressees import writer
from qtmail.mime.message import ParsedMessage
from qtmail.mime.receipts import build_receipt, receipt_requested
from qtmail.mime.sendable import needs_smtputf8
from qtmail.store.store import Store


def queue_receipt(
    store: Store,
    message: ParsedMessage,
    account_id: int | None,
    *,
    clock: Callable[[], float] = time.time,
) -> OutboxItem:
    """Put a read receipt for a message into the outbox, from the identity it was written to.

    `account_id`: the account the message came to, if it is in a folder. The null sender (section 3) keeps
    anything from ever answering it. Raises MessageUnsendable and StoreFailed.
    """
    if receipt_requested(message) is None:
        raise MessageUnsendable("The sender of this message does not ask for a receipt.")
    identity = _reader(store, message, account_id)
    date = datetime.fromtimestamp(clock()).astimezone()
    receipt = build_receipt(message, identity, date=date)
    new = NewOutboxItem(
        account_id=identity.account_id,
        identity_id=identity.id,
        message_id=receipt.message_id,
        subject=receipt.subject,
        sender=receipt.sender,
        recipients=(receipt.recipient,),
        not_before=int(clock()),
        needs_smtputf8=needs_smtputf8([receipt.recipient, identity.address]),
        sent_folder=identity.sent_folder,
    )
    return queue(store, new, [receipt.content], stop=StopToken(), clock=clock)


def _reader(store: Store, message: ParsedMessage, account_id: int | None) -> Identity:
    identity = writer(message, store.identities.list(), account_id)
    account = store.accounts.get(identity.account_id) if identity else None
    if identity is None or account is None or account.smtp is None:
        raise MessageUnsendable("There is no account to send the receipt from.")
    return identity
