"""Every database a released version wrote is opened by this one with nothing missing."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.domain.account import (
    BodyPolicy,
    FolderPolicy,
    Pop3Keep,
    Pop3Policy,
    Security,
    ServerSettings,
)
from qtmail.domain.folder import SpecialUse, SyncState
from qtmail.domain.message import Flag, MessageBody, MessageQuery
from qtmail.domain.operations import Operation, OperationKind
from qtmail.domain.outgoing import OutboxState
from qtmail.domain.pop3 import Pop3Wish
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.store.cache_schema import CACHE_SCHEMA
from qtmail.store.facts import Fact
from qtmail.store.store import Store
from qtmail.store.user_schema import USER_SCHEMA
from tests.unit.store.compositions import FULL
from tests.unit.store.values import ACCOUNT, HEADER, STRUCTURE, add_account

DUMPS = Path(__file__).parents[2] / "databases"


def restore(name: str, version: int, profile: Path) -> None:
    """Make a database file from the dump of a released version."""
    profile.mkdir(exist_ok=True)
    connection = sqlite3.connect(profile / f"{name}.db")
    connection.executescript((DUMPS / f"{name}-v{version}.sql").read_text(encoding="utf-8"))
    connection.close()


def test_there_is_a_dump_of_every_version() -> None:
    for name, schema in (("user", USER_SCHEMA), ("cache", CACHE_SCHEMA)):
        for version in range(1, schema.version + 1):
            assert (DUMPS / f"{name}-v{version}.sql").exists(), f"{name} has no dump of version {version}"


@pytest.mark.parametrize("version", range(1, USER_SCHEMA.version + 1))
def test_a_user_database(version: int, profile: Path) -> None:
    restore("user", version, profile)
    with Store.open(profile) as store:
        work, chinese, *later = store.accounts.list()
        assert work == replace(ACCOUNT, id=1)
        assert chinese == replace(ACCOUNT, id=3, name="工作", address="li@example.cn", smtp=None)
        assert store.accounts.trusted("imap.example.org", 993) == {"ab" * 32}
        assert store.senders.trusted() == {"news@example.org"}
        assert store.operations.pending(1) == [
            Operation(1, OperationKind.SET_FLAGS, 1, b"INBOX", 7, 1, Flag.SEEN, Flag.NONE)
        ]
        assert store.operations.pending(3) == [
            Operation(2, OperationKind.SET_FLAGS, 3, b"&V4NXPg-", 7, 2, Flag.FLAGGED, Flag.SEEN, attempts=1)
        ]
        assert add_account(store).id == 4 + len(later), "the id of a removed account was used again"
        assert store.check() == []


def test_accounts_of_before_there_were_identities_get_one(profile: Path) -> None:
    restore("user", 1, profile)
    with Store.open(profile) as store:
        assert [(one.account_id, one.name, one.address) for one in store.identities.list()] == [
            (1, "Ann Example", "ann@example.org"),
            (3, "Ann Example", "li@example.cn"),
        ]


@pytest.mark.parametrize("version", range(2, USER_SCHEMA.version + 1))
def test_drafts_and_the_outbox(version: int, profile: Path) -> None:
    restore("user", version, profile)
    with Store.open(profile) as store:
        home = store.identities.list(1)[1]
        assert (home.name, home.sent_folder, home.bcc) == ("Ann at home", b"Sent\xff", "log@example.org")
        assert [template.name for template in store.templates.list()] == ["Thanks 谢谢"]
        assert store.facts.get(1, Fact.SMTP_SIZE_LIMIT) == "1000"
        assert store.accounts.clear_allowed("smtp.example.org", 587)
        (draft,) = store.drafts.unsent()
        assert (draft.composition, draft.revision, draft.saved_at) == (FULL, 2, 1_700_000_100)
        assert [one.revision for one in store.drafts.versions(draft.id)] == [2, 1]
        (item,) = store.outbox.unfinished()
        assert (item.state, item.subject, item.not_before) == (OutboxState.HELD, "会议", 1_800_000_000)
        assert store.blobs.content(item.blob_id) == b"Subject: x\r\n\r\nbytes \xff"
        assert item.draft_id is not None
        assert [one.name for one in store.correspondents.written()] == ["Bo"]
        (local,) = store.local_messages.list(3)
        assert store.blobs.content(local.blob_id) == b"Subject: kept\r\n\r\nhere"


@pytest.mark.parametrize("version", range(3, USER_SCHEMA.version + 1))
def test_pop3_and_local_folders(version: int, profile: Path) -> None:
    restore("user", version, profile)
    with Store.open(profile) as store:
        account = store.accounts.list()[2]
        assert account.pop3 == ServerSettings("pop.example.org", 995, Security.TLS, "ann")
        assert account.pop3_policy == Pop3Policy(Pop3Keep.NEWEST, 3, 100, 5000, 2**20, 1, apop=True)
        assert account.sign_in == SignIn(SignInMethod.OAUTH, "google", "mine")
        assert not account.enabled
        inbox, own = store.local_folders.list(account.id)
        assert (inbox.path, inbox.special_use, own.path) == ("Inbox", SpecialUse.INBOX, "项目/二〇二六")
        (message,) = store.local_messages.list(account.id)
        assert (message.folder, message.flags, message.server_size) == (
            own.wire_name,
            Flag.FLAGGED,
            9_000_000,
        )
        gone, here = sorted(store.pop3_messages.list(account.id), key=lambda one: one.size)
        assert (here.uidl, here.local_uid, here.whole, here.wish, here.digest) == (
            b"uid\xff1",
            message.uid,
            False,
            Pop3Wish.DOWNLOAD,
            b"d1",
        )
        assert (gone.local_uid, gone.gone_since) == (None, 1_700_000_900)
        assert store.accounts.folder_policies(1) == {b"Lists\xff": FolderPolicy(BodyPolicy.NONE, 3600)}
        assert store.accounts.special_folders(1) == {SpecialUse.SENT: b"Sent Items"}
        assert store.accounts.seen_certificate("imap.example.org", 993) is not None


@pytest.mark.parametrize("version", range(1, CACHE_SCHEMA.version + 1))
def test_a_cache(version: int, profile: Path) -> None:
    restore("user", 1, profile)
    restore("cache", version, profile)
    with Store.open(profile) as store:
        assert store.notes == ()
        inbox, junk = store.folders.list()
        assert (inbox.account_id, inbox.wire_name, inbox.message_count, inbox.unread_count) == (
            1,
            b"INBOX",
            3,
            2,
        )
        assert (junk.account_id, junk.path, junk.special_use) == (3, "垃圾", SpecialUse.JUNK)
        assert store.folders.sync_state(inbox.id) == SyncState(7, 4, 99, 3, complete=True)
        first, second, third = store.messages.rows([1, 2, 3])
        assert (first.uid, first.flags, first.keywords) == (1, Flag.SEEN, frozenset({"$label1"}))
        assert (second.preview, second.has_attachment, third.preview) == ("text", True, "")
        assert all(store.messages.header(id_) == HEADER for id_ in (1, 2, 3))
        assert list(store.messages.ids(MessageQuery((inbox.id,), flagged=True))) == [2]
        assert store.bodies.get(1) == MessageBody(raw=b"Subject: x\r\n\r\nraw \xff")
        assert store.bodies.get(2) == MessageBody(
            header=b"Subject: y\r\n\r\n", structure=STRUCTURE, parts=(("1", b"text"),)
        )
        assert store.bodies.problem(3) == "NO such message"
        assert store.check() == []
