"""Sample values and short ways to fill a store."""

from __future__ import annotations

from datetime import UTC, datetime

from qtmail.domain.account import Account, BodyPolicy, Security, ServerSettings, SyncPolicy
from qtmail.domain.address import Address
from qtmail.domain.folder import Folder, RemoteFolder, SpecialUse
from qtmail.domain.message import Envelope, Flag, PartStructure, RemoteMessage
from qtmail.store.messages import NewMessage
from qtmail.store.store import Store

ACCOUNT = Account(
    id=0,
    name="Work",
    address="ann@example.org",
    full_name="Ann Example",
    imap=ServerSettings("imap.example.org", 993, Security.TLS, "ann"),
    smtp=ServerSettings("smtp.example.org", 587, Security.STARTTLS, "ann@example.org"),
    color="#aa3355",
    sync=SyncPolicy(BodyPolicy.ALL, recent_days=7, prefetch_bytes=1000, poll_seconds=60),
)

INBOX = RemoteFolder(b"INBOX", "INBOX", "/", SpecialUse.INBOX)
SENT = RemoteFolder(b"Sent", "Sent", "/", SpecialUse.SENT)

ENVELOPE = Envelope(
    subject="Grüße 你好",
    from_=(Address("Bob", "bob@example.com"),),
    to=(Address("Ann", "ann@example.org"), Address("", "x@example.net")),
    cc=(Address("Cäcilie", "c@example.net"),),
    bcc=(Address("", "hidden@example.net"),),
    reply_to=(Address("List", "list@example.net"),),
    date=datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC),
    message_id="abc@example.com",
    in_reply_to="parent@example.com",
    references=("root@example.com", "parent@example.com"),
)

STRUCTURE = PartStructure(
    section="",
    content_type="multipart/mixed",
    parameters=(("boundary", "b"),),
    children=(
        PartStructure("1", "text/plain", (("charset", "utf-8"),), "8bit", 12),
        PartStructure(
            "2", "image/png", (), "base64", 4000, "attachment", (("filename", "ü.png"),), "cid@x", "A picture"
        ),
    ),
)


def new_message(
    uid: int,
    flags: Flag = Flag.NONE,
    *,
    keywords: frozenset[str] = frozenset(),
    modseq: int = 0,
    received: int = 1_700_000_000,
    size: int = 1000,
    envelope: Envelope = ENVELOPE,
    has_attachment: bool = False,
) -> NewMessage:
    return NewMessage(
        RemoteMessage(uid, flags, keywords, modseq, received, size, b""), envelope, has_attachment
    )


def dated(uid: int, seconds: int, flags: Flag = Flag.NONE) -> NewMessage:
    """A message with this date (seconds since the epoch)."""
    return new_message(uid, flags, envelope=Envelope(subject=f"{uid}"), received=seconds)


def add_account(store: Store, account: Account = ACCOUNT) -> Account:
    with store.user_transaction() as transaction:
        return store.accounts.add(transaction, account)


def add_folders(store: Store, account_id: int, *remote: RemoteFolder) -> tuple[Folder, ...]:
    with store.cache_transaction() as transaction:
        return store.folders.reconcile(transaction, account_id, remote or (INBOX,)).added


def add_messages(store: Store, folder_id: int, *messages: NewMessage) -> list[int]:
    with store.cache_transaction() as transaction:
        return store.messages.add(transaction, folder_id, messages)
