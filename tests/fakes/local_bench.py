"""Accounts whose mail is kept on this computer, and what a test sees of it: in user.db, and as the cache
shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.folder import Folder, SpecialUse
from qtmail.domain.message import Flag, MessageQuery, MessageRow
from qtmail.engine.local_mail import LocalMail
from qtmail.errors import StoreFailed
from qtmail.store.local_messages import LocalMessage
from qtmail.store.store import Store
from qtmail.store.transaction import Transaction

Folders: TypeAlias = dict[str, dict[str, Flag]]
"""Subjects and flags of the messages in each folder, by its path; empty folders are left out."""

TREE = ["Archive", "Drafts", "Inbox", "Junk", "Sent", "Trash"]


def letter(subject: str, text: str = "Hello.") -> bytes:
    return (
        f"From: Ann <ann@example.org>\r\nSubject: {subject}\r\nMessage-ID: <{subject}@example.org>\r\n"
        f"Date: Sat, 21 Nov 2026 10:00:00 +0000\r\n\r\n{text}\r\n"
    ).encode()


def add_account(store: Store, name: str = "Ann", *, receives: bool = True, sends: bool = False) -> Account:
    """An account without an IMAP server."""
    pop3 = ServerSettings("pop.example.org", 995, Security.TLS, "ann") if receives else None
    smtp = ServerSettings("smtp.example.org", 465, Security.TLS, "ann") if sends else None
    account = Account(0, name, f"{name}@example.org", name, None, smtp, pop3=pop3)
    with store.user_transaction() as tx:
        return store.accounts.add(tx, account)


def deliver(
    store: Store,
    account: Account,
    *subjects: str,
    folder: SpecialUse | bytes = SpecialUse.INBOX,
    server_size: int = 0,
    show: bool = True,
) -> list[LocalMessage]:
    """Put messages into a folder, all in one transaction; `show`: and into the cache."""
    mail = LocalMail(store, account)
    with store.user_transaction() as tx:
        messages = [
            mail.deliver(tx, folder, mail.store_small(tx, letter(subject)), 1000, server_size=server_size)
            for subject in subjects
        ]
    if show:
        mail.shown(messages)
    return messages


def kept(store: Store, account: Account) -> Folders:
    """What is in user.db."""
    found: Folders = {}
    paths = {one.wire_name: one.path for one in store.local_folders.list(account.id)}
    for message in store.local_messages.list(account.id):
        raw = store.blobs.content(message.blob_id)
        subject = raw.partition(b"Subject: ")[2].partition(b"\r\n")[0].decode()
        assert subject not in found.get(paths[message.folder], ()), f"{subject} is there twice"
        found.setdefault(paths[message.folder], {})[subject] = message.flags
    return found


def shown(store: Store, account: Account) -> Folders:
    """What the cache shows."""
    found: Folders = {}
    for folder in store.folders.list(account.id):
        rows = store.messages.rows(store.messages.ids(MessageQuery((folder.id,))))
        assert len({row.subject for row in rows}) == len(rows) == folder.message_count
        if rows:
            found[folder.path] = {row.subject: row.flags for row in rows}
    return found


def paths(store: Store, account: Account) -> list[str]:
    """The folders that the cache shows."""
    return [folder.path for folder in store.folders.list(account.id)]


def folder_of(store: Store, account: Account, path: str) -> Folder:
    folder = store.folders.find(account.id, path)
    assert folder is not None, f"no folder {path}"
    return folder


def row_of(store: Store, subject: str) -> MessageRow:
    """The one row of a message."""
    (id_,) = store.messages.find_message_id(f"{subject}@example.org")
    row = store.messages.get(id_)
    assert row is not None
    return row


def id_of(store: Store, subject: str) -> int:
    return row_of(store, subject).id


@contextmanager
def dying(store: Store, *, after: int = 0) -> Iterator[None]:
    """The program dies when it is about to begin its next transaction on the cache, or a later one."""
    begin = store.cache_transaction
    left = after

    @contextmanager
    def end() -> Iterator[Transaction]:
        nonlocal left
        left -= 1
        if left < 0:
            raise StoreFailed("The program died.")
        with begin() as tx:
            yield tx

    store.cache_transaction = end  # type: ignore[method-assign]
    try:
        yield
    except StoreFailed as death:
        assert death.sentence == "The program died."
    finally:
        store.cache_transaction = begin  # type: ignore[method-assign]
