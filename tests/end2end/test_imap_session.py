"""The IMAP session against a real Dovecot."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
import trustme

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.folder import SpecialUse, SyncState
from qtmail.domain.message import Flag
from qtmail.errors import ServerRefused, SignInFailed, TlsFailed
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.imap_values import Selected
from qtmail.protocols.uid_set import UidSet, format_uid_set
from qtmail.protocols.wake import Wake
from tests.end2end.dovecot import Dovecot, User

Connect = Callable[..., ImapSession]


@pytest.fixture
def user(dovecot: Dovecot) -> User:
    return dovecot.add_user()


@pytest.fixture
def connect(dovecot: Dovecot, user: User) -> Iterator[Connect]:
    """Sessions of the user, signed in."""
    with contextlib.ExitStack() as opened:

        def make(
            server: Dovecot = dovecot, user: User = user, security: Security = Security.TLS
        ) -> ImapSession:
            port = server.imaps_port if security is Security.TLS else server.imap_port
            settings = ServerSettings(server.host, port, security, user.name)
            trust = TlsTrust(cafile=str(server.ca_file))
            session = opened.enter_context(ImapSession(settings, trust=trust, log=ProtocolLog()))
            session.connect()
            session.sign_in(user.password)
            return session

        yield make


def state_of(selected: Selected) -> SyncState:
    return SyncState(selected.uid_validity, selected.uid_next, selected.highest_modseq, selected.exists, True)


@pytest.mark.parametrize("security", Security)
def test_signing_in(connect: Connect, security: Security):
    session = connect(security=security)
    assert session.supports_qresync
    assert session.server_id["name"] == "Dovecot"
    assert session.counters.round_trips == (4 if security is Security.STARTTLS else 2)


def test_a_wrong_password(dovecot: Dovecot, user: User):
    settings = ServerSettings(dovecot.host, dovecot.imaps_port, Security.TLS, user.name)
    trust = TlsTrust(cafile=str(dovecot.ca_file))
    with contextlib.closing(ImapSession(settings, trust=trust, log=ProtocolLog())) as session:
        session.connect()
        with pytest.raises(SignInFailed, match="did not accept"):
            session.sign_in("wrong")


def test_a_certificate_nobody_vouches_for(dovecot: Dovecot, user: User):
    settings = ServerSettings(dovecot.host, dovecot.imap_port, Security.STARTTLS, user.name)
    with (
        contextlib.closing(ImapSession(settings, trust=TlsTrust(), log=ProtocolLog())) as session,
        pytest.raises(TlsFailed) as failure,
    ):
        session.connect()
    assert failure.value.certificate.startswith("-----BEGIN CERTIFICATE-----")


def test_folders_with_names_of_all_the_world(dovecot: Dovecot, user: User, connect: Connect):
    names = ["存档/二〇二六", "Entwürfe & Notizen", "Ünï/Код", "emoji 😀"]
    for name in names:
        dovecot.deliver(user, name, b"Subject: x\r\n\r\n")
    session = connect()
    before = session.counters.round_trips
    folders = {folder.path: folder for folder in session.list_folders()}
    assert session.counters.round_trips == before + 1
    assert set(names) <= set(folders)
    assert folders["Sent"].special_use is SpecialUse.SENT
    assert folders["INBOX"].special_use is SpecialUse.INBOX
    assert not folders["存档"].selectable
    for name in names:
        status = folders[name].status
        assert status is not None
        assert (status.messages, status.unseen, status.uid_next) == (1, 1, 2)
        assert session.select(folders[name].wire_name).exists == 1


def test_a_folder_that_is_not_there(connect: Connect):
    session = connect()
    with pytest.raises(ServerRefused, match="open the folder Nowhere"):
        session.select(b"Nowhere")
    session.noop()


def test_a_resync_tells_flags_new_and_vanished_in_one_round_trip(
    dovecot: Dovecot, user: User, connect: Connect
):
    dovecot.fill(user, "INBOX", 50, seed=1)
    session, other = connect(), connect()
    before = session.select(b"INBOX")
    uids = session.search_all_uids()
    assert len(uids) == before.exists == 50
    session.select(b"Sent")

    other.select(b"INBOX")
    other.store_flags([uids[3]], Flag.FLAGGED | Flag.FORWARDED, Flag.NONE)
    other.store_flags(uids[10:20], Flag.DELETED, Flag.NONE)
    dovecot.commands(user, "SELECT INBOX", "EXPUNGE")
    dovecot.deliver(user, "INBOX", b"Subject: new\r\n\r\n")

    counters = session.counters
    after = session.select(b"INBOX", state_of(before))
    cost = session.counters - counters
    assert after.qresync_used
    assert after.vanished == UidSet.of(uids[10:20])
    changed = {change.uid: change for change in after.changed}
    assert set(changed) == {uids[3], uids[-1] + 1}
    assert changed[uids[3]].flags & (Flag.FLAGGED | Flag.FORWARDED) == Flag.FLAGGED | Flag.FORWARDED
    assert cost.round_trips == 1
    assert cost.bytes_received < 1500
    assert list(session.search_all_uids()) == [*uids[:10], *uids[20:], uids[-1] + 1]

    session.select(b"Sent")
    known = session.select(b"INBOX", state_of(before), known_uids=format_uid_set(uids[:12]))
    assert known.vanished == UidSet.of(uids[10:12])
    assert [change.uid for change in known.changed] == [uids[3]]


def test_nothing_new_costs_one_short_round_trip(dovecot: Dovecot, user: User, connect: Connect):
    dovecot.fill(user, "INBOX", 1000, seed=2)
    session = connect()
    before = session.select(b"INBOX")
    session.select(b"Sent")
    counters = session.counters
    after = session.select(b"INBOX", state_of(before))
    cost = session.counters - counters
    assert after.qresync_used
    assert not after.vanished
    assert not after.changed
    assert cost.round_trips == 1
    assert cost.bytes_received < 1000


def test_without_qresync_flags_are_asked_for_by_modseq(authority: trustme.CA, connect: Connect):
    with Dovecot(authority, without=["QRESYNC"]) as server:
        user = server.add_user()
        server.fill(user, "INBOX", 20, seed=3)
        session = connect(server, user)
        before = session.select(b"INBOX")
        assert before.highest_modseq is not None
        server.commands(user, "SELECT INBOX", "STORE 5 +FLAGS (\\Flagged)")
        (change,) = session.fetch_flags("1:*", changed_since=before.highest_modseq)
        assert change.uid == 5
        assert change.flags & Flag.FLAGGED
        assert change.modseq > before.highest_modseq
        session.close()


def test_a_bare_server(authority: trustme.CA, connect: Connect):
    without = [
        *("QRESYNC", "CONDSTORE", "ESEARCH", "LIST-EXTENDED", "LIST-STATUS", "SPECIAL-USE", "ENABLE", "ID"),
        *("NAMESPACE", "IDLE", "LITERAL+", "SASL-IR"),
    ]
    with Dovecot(authority, without=without) as server:
        user = server.add_user()
        server.fill(user, "INBOX", 20, seed=4)
        session = connect(server, user)
        folders = {folder.path: folder for folder in session.list_folders()}
        assert folders["Trash"].special_use is SpecialUse.TRASH
        status = folders["INBOX"].status
        assert status is not None
        assert status.messages == 20
        assert session.select(b"INBOX", SyncState(1, 1, 1, 1, True)).exists == 20
        assert len(session.search_all_uids()) == 20
        session.close()


def test_headers_flags_and_messages(dovecot: Dovecot, user: User, connect: Connect):
    dovecot.fill(user, "INBOX", 300, seed=5)
    session = connect()
    session.select(b"INBOX")
    windows = list(session.fetch_headers(["201:300", "101:200", "1:100"]))
    assert [len(window) for window in windows] == [100, 100, 100]
    messages = {message.uid: message for window in windows for message in window}
    assert all(message.header.lower().count(b"\nsubject:") <= 1 for message in messages.values())
    assert all(message.size and message.internal_date and message.modseq for message in messages.values())
    assert {change.uid: change.flags for change in session.fetch_flags("1:*")} == {
        uid: message.flags for uid, message in messages.items()
    }
    bodies = dict(session.fetch_messages(range(1, 301)))
    assert {uid: len(body) for uid, body in bodies.items()} == {
        uid: message.size for uid, message in messages.items()
    }


def mail_with_attachment(size: int) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = "Attached"
    mail["From"] = "a@example.org"
    mail.set_content("three\nlines\nof text")
    mail.add_alternative("<p>three lines", subtype="html")
    mail.add_attachment(b"\0" * size, maintype="application", subtype="pdf", filename="报告.pdf")
    inner = EmailMessage()
    inner["Subject"] = "inside"
    inner.set_content("inner text")
    mail.add_attachment(inner)
    return mail.as_bytes().replace(b"\n", b"\r\n")


def test_one_message_part_by_part(dovecot: Dovecot, user: User, connect: Connect):
    dovecot.deliver(user, "INBOX", mail_with_attachment(900_000))
    session = connect()
    session.select(b"INBOX")
    structure, header = session.fetch_structure(1)
    assert b"Subject: Attached" in header
    assert [(part.section, part.content_type) for part in structure.walk()] == [
        ("", "multipart/mixed"),
        ("1", "multipart/alternative"),
        ("1.1", "text/plain"),
        ("1.2", "text/html"),
        ("2", "application/pdf"),
        ("3", "message/rfc822"),
        ("3.1", "text/plain"),
    ]
    counters = session.counters
    parts = session.fetch_parts(1, ["1.1", "1.2", "3.1"])
    assert (session.counters - counters).bytes_received < 1000
    assert parts["1.1"].startswith(b"three\r\nlines")
    assert parts["3.1"].startswith(b"inner text")
    pdf = structure.children[1]
    (whole,) = session.fetch_parts(1, ["2"]).values()
    assert b"".join(session.fetch_part_chunks(1, "2", pdf.size)) == whole
    assert len(whole) == pdf.size
    with pytest.raises(ServerRefused):
        session.fetch_parts(77, ["1"])


def test_idle_hears_of_new_mail_flags_and_expunges(dovecot: Dovecot, user: User, connect: Connect):
    dovecot.fill(user, "INBOX", 3, seed=6)
    session = connect()
    assert session.supports_idle
    session.select(b"INBOX")
    with contextlib.closing(Wake()) as wake:
        deeds = [
            lambda: dovecot.deliver(user, "INBOX", b"Subject: new\r\n\r\n"),
            lambda: dovecot.commands(user, "SELECT INBOX", "STORE 2 +FLAGS (\\Answered $Junk)"),
            lambda: dovecot.commands(user, "SELECT INBOX", "STORE 1 +FLAGS (\\Deleted)", "EXPUNGE"),
        ]
        heard = []
        for deed in deeds:
            doer = threading.Timer(0.1, deed)
            doer.start()
            session.idle(wake, limit=20)
            doer.join()
            session.noop()
            heard.append(session.take_updates())
    new, flags, gone = heard
    assert new.exists == 4
    assert [change.uid for change in flags.changed] == [2]
    assert flags.changed[0].flags >= Flag.ANSWERED | Flag.JUNK
    assert list(gone.vanished) == [1]
