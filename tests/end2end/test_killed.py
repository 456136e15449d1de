"""The program is killed at each durable write on the way from the composer to Sent, and started again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import Flag
from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.engine.drafting import Drafting
from qtmail.engine.outbox_control import OutboxControl
from qtmail.engine.queueing import queue_draft
from qtmail.engine.stopping import StopToken
from qtmail.mime.parser import parse
from qtmail.store.store import Store
from tests.end2end.kill_points import ORIGIN_UID, PICTURE, RECIPIENT, TEXTS
from tests.fakes.mailbox_server import QRESYNC, MailboxServer
from tests.fakes.memory_imap import MemoryFolder, plain_message
from tests.fakes.smtp_server import SmtpServer

NEVER = 1_000_000
WRITTEN = ("", *TEXTS)
"""What a draft may hold, in the order in which it was saved."""
TIME_LIMIT = 60.0


@dataclass
class Scene:
    """A profile, the two servers of its account, and the processes that use them.

    Attributes:
        said: what the last process said was certain.
    """

    profile: Path
    smtp: SmtpServer
    imap: MailboxServer
    said: tuple[str, ...] = ()

    def prepare(self) -> Scene:
        self.imap.folders[b"Sent"] = MemoryFolder(b"Sent", SpecialUse.SENT)
        self.imap.inbox.deliver(plain_message(ORIGIN_UID))
        with Store.open(self.profile) as store, store.user_transaction() as tx:
            store.accounts.add(
                tx,
                Account(
                    0,
                    "Ann",
                    "ann@example.org",
                    "Ann",
                    ServerSettings("127.0.0.1", self.imap.port, Security.NONE, "ann"),
                    ServerSettings("127.0.0.1", self.smtp.port, Security.NONE, "ann"),
                ),
            )
        return self

    def run(self, point: int) -> int:
        """Write, queue, send and file until that point; returns the exit status."""
        done = self._process("tests.end2end.kill_points", str(self.profile), str(point))
        self.said = tuple(done.stdout.splitlines())
        return done.returncode

    def flush(self) -> None:
        """What the next start of the program does by itself."""
        self._process("qtmail", "outbox", "flush", "--password-stdin", "--profile", str(self.profile))

    def _process(self, *command: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", *command],
            env=os.environ | {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
            input="secret\n",
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    @property
    def points(self) -> int:
        """How many there are, as told by a process that ran through."""
        return int(self.said[-1].removeprefix("points "))


@contextlib.contextmanager
def new_scene(directory: Path) -> Iterator[Scene]:
    with SmtpServer(users={"ann": "secret"}) as smtp, MailboxServer(QRESYNC) as imap:
        yield Scene(directory, smtp, imap).prepare()


def kill_and_resume(directory: Path, point: int) -> OutboxState | None:
    """Kill it there and start it again; returns the state in which that start found the message, None: it was
    still a draft.
    """
    with new_scene(directory) as scene:
        status = scene.run(point)
        assert status in (0, -signal.SIGKILL), scene.said
        found: OutboxState | None = OutboxState.FILED
        if status != 0:
            with Store.open(scene.profile) as store:
                found = what_is_left(scene, store)
            scene.flush()
            with Store.open(scene.profile) as store:
                resolve(scene, store, found)
            scene.flush()
        check_end(scene)
        return found


def what_is_left(scene: Scene, store: Store) -> OutboxState | None:
    """Nothing that was certain is gone; a draft is sent now by the user."""
    item = only_item(store)
    if item is None:
        assert "queued" not in scene.said
        assert scene.smtp.accepted == []
        send_what_was_saved(scene, store)
        return None
    in_doubt = item.state is OutboxState.SENDING and item.handed_over
    # Whatever the server has must be known here as sent, or as perhaps sent.
    assert in_doubt or not scene.smtp.accepted or item.state in (OutboxState.ACCEPTED, OutboxState.FILED)
    return OutboxState.UNCERTAIN if in_doubt else item.state


def send_what_was_saved(scene: Scene, store: Store) -> None:
    """The draft is offered to the user, at most one pause old; where none was saved, it is written anew."""
    saved = [line.removeprefix("saved ") for line in scene.said if line.startswith("saved ")]
    found = Drafting(store).recoverable()
    if found:
        (draft,) = found
        latest = WRITTEN.index(saved[-1]) if saved else 0
        assert draft.composition.body in WRITTEN[latest : latest + 2]
        queue_draft(store, draft, not_before=0, stop=StopToken())
    else:
        assert not saved, "a draft that was saved is gone"
        assert scene.run(NEVER) == 0


def resolve(scene: Scene, store: Store, found: OutboxState | None) -> None:
    """It is uncertain exactly when the kill lay between handing over and the answer; then the user looks."""
    item = only_item(store)
    assert item is not None
    assert (item.state is OutboxState.UNCERTAIN) == (found is OutboxState.UNCERTAIN)
    if item.state is OutboxState.UNCERTAIN:
        assert item.advice
        OutboxControl(store).resolve(item.id, delivered=bool(scene.smtp.accepted))


def check_end(scene: Scene) -> None:
    """Delivered once, filed once, and nothing is left over."""
    (message,) = scene.smtp.accepted
    assert message.recipients == (RECIPIENT,)
    (copy,) = scene.imap.folders[b"Sent"].messages.values()
    assert copy.raw == message.data
    assert parse(message.data).text.strip() in WRITTEN
    with Store.open(scene.profile) as store:
        item = only_item(store)
        assert item is not None and item.state is OutboxState.FILED
        assert store.drafts.unsent() == []
        assert item.draft_id is None
        (marks,) = store.operations.pending(item.account_id)
        assert (marks.uid, marks.add) == (ORIGIN_UID, Flag.ANSWERED)


def only_item(store: Store) -> OutboxItem | None:
    """The message in the outbox, filed or not."""
    (account,) = store.accounts.list()
    items = store.outbox.in_state(account.id, *OutboxState)
    assert len(items) <= 1
    return items[0] if items else None


def count_points(directory: Path) -> int:
    """How many points there are, counted while nothing is killed."""
    with new_scene(directory) as scene:
        assert scene.run(NEVER) == 0
        check_end(scene)
        attachment = parse(scene.smtp.accepted[0].data).attachments[0]
        assert attachment.content == PICTURE
        return scene.points


def test_killed_at_some_durable_writes(tmp_path: Path) -> None:
    points = count_points(tmp_path / "whole")
    step = points // 4
    for point in range(step, points + 1, step):
        kill_and_resume(tmp_path / str(point), point)


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_killed_at_each_durable_write(tmp_path: Path) -> None:
    points = count_points(tmp_path / "whole")
    found = [kill_and_resume(tmp_path / str(point), point) for point in range(1, points + 2)]
    assert set(found) >= {None, OutboxState.QUEUED, OutboxState.UNCERTAIN, OutboxState.ACCEPTED}
    assert found[-1] is OutboxState.FILED
