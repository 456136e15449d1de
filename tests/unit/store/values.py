"""Sample values and short ways to fill a store."""

from __future__ import annotations

from qtmail.domain.account import Account, BodyPolicy, Security, ServerSettings, SyncPolicy
from qtmail.domain.address import Address
from qtmail.domain.folder import Folder, RemoteFolder, SpecialUse
from qtmail.domain.message import Flag, HeaderSummary, PartStructure, RemoteMessage
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

HEADER = (
    "Subject: Grüße 你好\r\nFrom: Bob <bob@example.com>\r\nTo: Ann <ann@example.org>, x@example.net\r\n"
    "Cc: Cäcilie <c@example.net>\r\nDate: Sat, 3 Feb 2024 04:05:06 +0000\r\n"
    "Message-ID: <abc@example.com>\r\n\r\n"
).encode()
SUMMARY = HeaderSummary(
    subject="Grüße 你好",
    sender=Address("Bob", "bob@example.com"),
    recipients="Ann, x@example.net, Cäcilie",
    date=1_706_933_106,
    message_id="abc@example.com",
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
    summary: HeaderSummary = SUMMARY,
    header: bytes = HEADER,
) -> NewMessage:
    return NewMessage(RemoteMessage(uid, flags, keywords, modseq, received, size, header), summary)


def dated(uid: int, seconds: int, flags: Flag = Flag.NONE) -> NewMessage:
    """A message with this date (seconds since the epoch)."""
    return new_message(uid, flags, summary=HeaderSummary(subject=f"{uid}"), received=seconds)


def add_account(store: Store, account: Account = ACCOUNT) -> Account:
    with store.user_transaction() as transaction:
        return store.accounts.add(transaction, account)


def add_folders(store: Store, account_id: int, *remote: RemoteFolder) -> tuple[Folder, ...]:
    with store.cache_transaction() as transaction:
        return store.folders.reconcile(transaction, account_id, remote or (INBOX,)).added


def add_messages(store: Store, folder_id: int, *messages: NewMessage) -> list[int]:
    with store.cache_transaction() as transaction:
        return store.messages.add(transaction, folder_id, messages)
