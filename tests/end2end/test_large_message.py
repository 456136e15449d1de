"""A message with a 30 MB attachment: its three lines cost little, and the attachment comes when opened."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest

from qtmail.domain.account import Account, BodyPolicy, Security, ServerSettings, SyncPolicy
from qtmail.domain.message import MessageQuery
from qtmail.engine.account_sync import AccountSync
from qtmail.engine.reading import Reading
from qtmail.engine.stopping import StopToken
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap import ImapSession
from qtmail.store.store import Store
from tests.end2end.dovecot import Dovecot, User
from tests.end2end.meter import Meter

TEXT = "The drawings are attached.\nPlease look at page three.\nAnn"
ATTACHMENT = random.Random(7).randbytes(30 * 1024 * 1024)
READING_COSTS = 64 * 1024
PIECE = re.compile(rb"UID FETCH \d+ \(UID BODY\.PEEK\[[\d.]*\]<(\d+)\.(\d+)>\)")


def letter() -> bytes:
    message = EmailMessage()
    message["From"] = "Ann <ann@example.org>"
    message["To"] = "Bob <bob@example.org>"
    message["Subject"] = "Drawings"
    message["Date"] = "Sat, 21 Nov 2026 10:00:00 +0000"
    message["Message-ID"] = "<drawings@example.org>"
    message.set_content(TEXT)
    message.add_attachment(ATTACHMENT, maintype="application", subtype="pdf", filename="drawings.pdf")
    message.set_boundary("drawings")
    return message.as_bytes().replace(b"\n", b"\r\n")


class Desk:
    """An account on the server behind the meter, its inbox in step, and one session."""

    def __init__(self, store: Store, session: ImapSession, account: Account, meter: Meter) -> None:
        self.store = store
        self.session = session
        self.account = account
        self._meter = meter
        self.reading = Reading(store, account, StopToken())

    def sync(self, bodies: BodyPolicy) -> None:
        sync = AccountSync(self.store, self.account, lambda event: None, StopToken())
        sync.run(self.session, bodies=bodies)

    def letter(self) -> int:
        (folder,) = [folder for folder in self.store.folders.list() if folder.path == "INBOX"]
        (message_id,) = self.store.messages.ids(MessageQuery((folder.id,)))
        return message_id

    def received(self) -> int:
        (traffic,) = self._meter.connections
        return len(traffic.received())

    def pieces(self) -> list[tuple[int, int]]:
        """(offset, size) of each piece that was asked for."""
        (traffic,) = self._meter.connections
        return [(int(offset), int(size)) for offset, size in PIECE.findall(traffic.sent())]


@pytest.fixture(scope="module")
def user(dovecot: Dovecot) -> User:
    user = dovecot.add_user()
    dovecot.deliver(user, "INBOX", letter())
    return user


@pytest.fixture
def desk(dovecot: Dovecot, user: User, tmp_path: Path) -> Iterator[Desk]:
    with Meter(dovecot.imap_port) as meter, Store.open(tmp_path / "profile") as store:
        settings = ServerSettings(meter.host, meter.port, Security.NONE, user.name)
        policy = SyncPolicy(recent_days=36_500)
        with store.user_transaction() as tx:
            account = store.accounts.add(tx, Account(0, "Bob", user.address, "Bob", settings, sync=policy))
        with closing(ImapSession(settings, trust=TlsTrust(), log=ProtocolLog())) as session:
            session.connect()
            session.sign_in(user.password)
            yield Desk(store, session, account, meter)


def test_three_lines_of_text_are_read_without_the_attachment(desk: Desk) -> None:
    desk.sync(BodyPolicy.NONE)
    message = desk.reading.fetch(desk.session, desk.letter())
    assert message.text.split("\n")[:3] == TEXT.split("\n")
    (attachment,) = message.attachments
    assert (attachment.filename, attachment.content) == ("drawings.pdf", None)
    assert desk.received() < READING_COSTS


def test_its_text_is_among_what_is_kept_of_recent_mail(desk: Desk) -> None:
    desk.sync(BodyPolicy.RECENT)
    message = desk.reading.cached(desk.letter())
    assert message is not None and message.text.startswith("The drawings")
    assert desk.received() < READING_COSTS


def test_the_attachment_comes_in_pieces_and_byte_for_byte(desk: Desk) -> None:
    desk.sync(BodyPolicy.NONE)
    (attachment,) = desk.reading.fetch(desk.session, desk.letter()).attachments
    told: list[tuple[int, int]] = []
    content = desk.reading.fetch_part(
        desk.session, desk.letter(), attachment.section, lambda done, size: told.append((done, size))
    )
    assert content == ATTACHMENT
    assert desk.reading.cached_part(desk.letter(), attachment.section) == ATTACHMENT
    assert len(desk.pieces()) > 100 and max(size for _, size in desk.pieces()) <= 256 * 1024
    assert told == sorted(told) and told[-1][0] == told[-1][1]


def test_its_source_comes_in_pieces_and_byte_for_byte(desk: Desk) -> None:
    desk.sync(BodyPolicy.NONE)
    source = desk.reading.fetch_source(desk.session, desk.letter(), lambda done, size: None)
    assert source == letter()
    assert len(desk.pieces()) > 100


def test_the_policy_all_keeps_the_attachment_too(desk: Desk) -> None:
    desk.sync(BodyPolicy.ALL)
    (attachment,) = desk.reading.cached(desk.letter()).attachments  # type: ignore[union-attr]
    assert desk.reading.cached_part(desk.letter(), attachment.section) == ATTACHMENT
    assert len(desk.pieces()) > 100
