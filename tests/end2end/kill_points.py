"""A process that writes, queues, sends and files one message, and is killed at a durable write.

    python -m tests.end2end.kill_points PROFILE POINT

kills itself with SIGKILL at the POINT-th point: one lies before each COMMIT of either database, and one after
it. With a POINT beyond the last it runs through. What is certain is said on standard output, one word a line:
"saved TEXT" once a draft is saved, "queued" once the message is in the outbox, and at the end "points N".
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from qtmail.credentials import Credentials
from qtmail.domain.account import Account
from qtmail.domain.address import Address
from qtmail.domain.composition import Composition, DraftAttachment, Origin, OriginKind
from qtmail.domain.outgoing import OutboxState
from qtmail.engine.certificates import tls_trust
from qtmail.engine.drafting import Drafting
from qtmail.engine.filing import Filing
from qtmail.engine.imap_backend import ImapBackend
from qtmail.engine.outbox_sender import OutboxSender
from qtmail.engine.queueing import queue_draft
from qtmail.engine.reporting import Event
from qtmail.engine.secrets import secrets_of
from qtmail.engine.smtp_backend import SmtpBackend
from qtmail.engine.stopping import StopToken
from qtmail.log import ProtocolLog
from qtmail.store.database import Database
from qtmail.store.store import Store

TEXTS = ("Dear", "Dear Bob, this is", "Dear Bob, this is all.")
"""What the composer holds at three pauses of the writer."""
PICTURE = bytes(range(256)) * 500
RECIPIENT = "bob@example.org"
ORIGIN_UID = 1
"""The message in INBOX that is answered."""


class Killer:
    """Counts the points that pass; at the one it waits for, the process ends as if the power had failed."""

    def __init__(self, point: int) -> None:
        self._point = point
        self.passed = 0

    def __call__(self) -> None:
        self.passed += 1
        if self.passed == self._point:
            os.kill(os.getpid(), signal.SIGKILL)

    def lie_in_wait(self) -> None:
        """Have every transaction of this process pass two points."""
        writing = Database.writing

        @contextlib.contextmanager
        def watched(database: Database) -> Iterator[sqlite3.Connection]:
            with writing(database) as connection:
                yield connection
                self()
            self()

        Database.writing = watched  # type: ignore[method-assign,assignment]


def main(profile: Path, point: int) -> None:
    killer = Killer(point)
    with Store.open(profile) as store:
        (account,) = store.accounts.list()
        credentials = Credentials()
        credentials.session(account, "secret")
        credentials.session(account, "secret", "smtp")
        killer.lie_in_wait()
        write_and_queue(store, account)
        send(store, account, credentials)
        file(store, account, credentials)
    tell(f"points {killer.passed}")


def write_and_queue(store: Store, account: Account) -> None:
    """What a person does in the composer."""
    drafting = Drafting(store)
    origin = Origin(OriginKind.ANSWERED, account.id, b"INBOX", 1, ORIGIN_UID)
    begun = Composition(to=(Address("Bob", RECIPIENT),), subject="Kill", rich=False, origin=origin)
    draft = drafting.create(begun)
    attachments: tuple[DraftAttachment, ...] = ()
    for text in TEXTS:
        written = replace(draft.composition, body=text, attachments=attachments)
        draft = drafting.save(draft.id, written)
        tell(f"saved {text}")
        if not attachments:
            attachments = (drafting.add_content(draft.id, "p.bin", "image/png", PICTURE, inline=False),)
    queue_draft(store, draft, not_before=0, stop=StopToken())
    tell("queued")


def send(store: Store, account: Account, credentials: Credentials) -> None:
    backend = SmtpBackend(
        account,
        secrets=secrets_of(store, credentials),
        trust=tls_trust(store),
        protocol_log=ProtocolLog(),
    )
    OutboxSender(store, account, backend, _unheard, StopToken()).send_due()


def file(store: Store, account: Account, credentials: Credentials) -> None:
    backend = ImapBackend(
        account, secrets=secrets_of(store, credentials), trust=tls_trust(store), protocol_log=ProtocolLog()
    )
    with contextlib.closing(backend.open()) as session:
        Filing(store, account, _unheard, alone=lambda: True).run(session)
    assert not store.outbox.in_state(account.id, OutboxState.ACCEPTED)


def _unheard(event: Event) -> None:
    """Nobody looks on."""


def tell(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
