"""One program on a profile: its compose service, and what it was answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pytestqt.qtbot import QtBot

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, BodyPolicy, Security, ServerSettings, SyncPolicy
from qtmail.domain.address import Address
from qtmail.domain.composition import Composition, Draft, DraftAttachment, StoredSource
from qtmail.domain.events import Problem
from qtmail.domain.message import MessageQuery, MessageRow
from qtmail.domain.outgoing import OutboxItem
from qtmail.errors import QtmailError, StoreFailed
from qtmail.mime.message import ParsedMessage
from qtmail.mime.parser import parse
from qtmail.store.store import Store
from qtmail.workers.background import Background
from qtmail.workers.bridge import EngineBridge
from qtmail.workers.compose_service import ComposeService
from qtmail.workers.mail_service import MailService

BOB = Address("Bob", "bob@example.org")
LONG_AGO = 0
IN_AN_HOUR = int(time.time()) + 3600
PATIENCE = 20.0
MB = 1024 * 1024
ACCOUNT = Account(
    0,
    "Ann",
    "ann@example.org",
    "Ann",
    ServerSettings("imap.example.org", 993, Security.TLS, "ann"),
    ServerSettings("smtp.example.org", 465, Security.TLS, "ann"),
    sync=SyncPolicy(bodies=BodyPolicy.NONE),
)


WITH_FILE = (
    b"From: Bob <bob@example.org>\r\nTo: ann@example.org\r\nSubject: Plans\r\n"
    b"Message-ID: <plans@example.org>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\nWhat do you think?\r\n"
    b"--b\r\nContent-Type: application/pdf; name=plans.pdf\r\n"
    b"Content-Disposition: attachment; filename=plans.pdf\r\n\r\nPDF\r\n--b--\r\n"
)


class Desk:
    """One program on a profile, with what it was answered.

    Attributes:
        faults: the errors that were answered; problems: those that nobody waited for.
    """

    def __init__(self, qtbot: QtBot, directory: Path) -> None:
        self.qtbot = qtbot
        self.store = Store.open(directory)
        self.bridge = EngineBridge()
        self.background = Background("reads", self.store)
        self.credentials = Credentials()
        self.mail = MailService(self.store, self.credentials, self.bridge, self.background)
        self.service = ComposeService(self.store, self.mail)
        self.faults: list[QtmailError] = []
        self.problems: list[Problem] = []
        self.bridge.problem.connect(self.problems.append)
        self._closed = False

    def end(self) -> None:
        """The program is quit."""
        if not self._closed:
            self._closed = True
            self.service.stop()
            self.mail.stop()
            self.background.stop()
            self.store.close()

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=int(PATIENCE * 1000))

    def wait_on_disk(self, condition: Callable[[], object]) -> None:
        """Wait without letting answers through."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline
            threading.Event().wait(0.002)

    def answered(self, ask: Callable[..., object]) -> Draft:
        """Ask for a draft, and wait for it."""
        drafts: list[Draft] = []
        ask(drafts.append, self.faults.append)
        self.until(lambda: drafts or self.faults)
        assert not self.faults, self.faults
        return drafts[0]

    def fault(self, ask: Callable[..., object]) -> QtmailError:
        """Ask for a draft, and wait for the refusal."""
        drafts: list[Draft] = []
        ask(drafts.append, self.faults.append)
        self.until(lambda: drafts or self.faults)
        assert not drafts
        return self.faults.pop()

    def new(self, composition: Composition | None = None) -> Draft:
        return self.answered(lambda *answers: self.service.new(composition or Composition(), *answers))

    def save(self, draft: Draft, **changes: object) -> Draft:
        composition = replace(draft.composition, **changes)  # type: ignore[arg-type]
        return self.answered(lambda *answers: self.service.save(draft.id, composition, *answers))

    def reopened(self, draft: Draft) -> Draft:
        return self.answered(lambda *answers: self.service.open(draft.id, *answers))

    def outbox(self) -> list[OutboxItem]:
        return self.store.outbox.unfinished()

    def kept(self, draft: Draft) -> Draft | None:
        return self.store.drafts.get(draft.id)

    def live(self) -> list[int]:
        return [draft.id for draft in self.store.drafts.unsent()]

    def settle(self) -> None:
        """Everything that was asked for so far is done, and its answers have come."""
        done: list[None] = []
        backgrounds = (self.service._saves, self.service._contents, self.service._queueing)
        for background in backgrounds:
            background.submit(lambda: None, done.append)
        self.until(lambda: len(done) == len(backgrounds))


def written(**changes: object) -> Composition:
    """A message that can be sent."""
    fields: dict[str, object] = {"to": (BOB,), "subject": "Plans", "rich": False, "body": "Yes."}
    return Composition(**(fields | changes))  # type: ignore[arg-type]


def send(
    desk: Desk, draft: Draft, composition: Composition | None = None, *, not_before: int = IN_AN_HOUR
) -> OutboxItem:
    items: list[OutboxItem] = []
    desk.service.send(
        draft.id,
        composition or draft.composition,
        not_before=not_before,
        done=items.append,
        failed=desk.faults.append,
    )
    desk.until(lambda: items or desk.faults)
    assert not desk.faults, desk.faults
    return items[0]


def body_of(desk: Desk, item: OutboxItem) -> str:
    return parse(desk.store.blobs.content(item.blob_id)).text.strip()


def paste(desk: Desk, draft: Draft, data: bytes) -> DraftAttachment:
    added: list[DraftAttachment] = []
    desk.service.add_content(
        draft.id, "p.png", "image/png", data, inline=False, done=added.append, failed=desk.faults.append
    )
    desk.until(lambda: added)
    return added[0]


def content(desk: Desk, attachment: DraftAttachment) -> bytes:
    assert isinstance(attachment.source, StoredSource)
    return desk.store.blobs.content(attachment.source.blob_id)


def is_there(desk: Desk, attachment: DraftAttachment) -> bool:
    try:
        content(desk, attachment)
    except StoreFailed:
        return False
    return True


def large_file(desk: Desk, directory: Path, size: int) -> DraftAttachment:
    path = directory / "large.bin"
    with path.open("wb") as file:
        file.truncate(size)
    added: list[DraftAttachment] = []
    desk.service.add_file(0, path, added.append, desk.faults.append)
    desk.until(lambda: added)
    return added[0]


def stored_bytes(desk: Desk) -> int:
    with desk.store._user.reading() as connection:
        return int(connection.execute("SELECT ifnull(sum(size), 0) FROM blobs").fetchone()[0])


def on_server(desk: Desk) -> tuple[MessageRow, ParsedMessage]:
    """The only message there is, and what is known of it here: not the content of its parts."""
    (folder,) = desk.store.folders.list()
    (row,) = desk.store.messages.rows(desk.store.messages.ids(MessageQuery((folder.id,))))
    message = parse(WITH_FILE)
    parts = tuple(replace(one, content=None) for one in message.attachments)
    return row, replace(message, raw=None, attachments=parts)
