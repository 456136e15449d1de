"""Mail sent on the command line: over a real Postfix, into a real Dovecot."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from qtmail.credentials import Credentials
from qtmail.domain.address import Address
from qtmail.domain.composition import AnswerKind
from qtmail.domain.message import MessageQuery
from qtmail.engine.certificates import tls_trust
from qtmail.engine.drafting import Drafting
from qtmail.engine.imap_backend import ImapBackend
from qtmail.engine.journal import Journal
from qtmail.engine.queueing import queue_draft
from qtmail.engine.reading import Reading
from qtmail.engine.replay_queue import ReplayQueue
from qtmail.engine.secrets import secrets_of
from qtmail.engine.stopping import StopToken
from qtmail.log import ProtocolLog
from qtmail.paths import default_profile_directory
from qtmail.store.store import Store
from tests.end2end.dovecot import Dovecot, User
from tests.end2end.postfix import SIZE_LIMIT, Postfix
from tests.end2end.processes import wait_until
from tests.end2end.test_cli import Outcome, Terminal
from tests.fakes.memory_imap import plain_message

DELIVERY_LIMIT = 20.0
"""Seconds Postfix may take to deliver what it has taken."""


@dataclass
class Writer:
    """A user who sends from the command line, and somebody who receives."""

    terminal: Terminal
    dovecot: Dovecot
    postfix: Postfix
    other: User

    @property
    def user(self) -> User:
        return self.terminal.user

    def add_account(self, *more: str, security: str = "starttls") -> None:
        ports = {"starttls": self.postfix.submission_port, "tls": self.postfix.submissions_port}
        reads = () if "--no-imap" in more else ("--imap", f"localhost:{self.dovecot.imaps_port}/tls")
        added = self.terminal.run(
            "account", "add", "--email", self.user.address, "--user", self.user.name, *reads,
            "--smtp", f"localhost:{ports[security]}/{security}", *more,
            "--password-stdin", password=self.user.password,
        )  # fmt: skip
        assert added.status == 0, added.errors

    def send(self, *arguments: str, **options: Any) -> Outcome:
        return self.terminal.run("send", *arguments, "--json", **options)

    def outbox(self) -> list[dict[str, Any]]:
        return self.terminal.run("outbox", "list", "--json").objects

    def received(self, count: int = 1, user: User | None = None) -> list[EmailMessage]:
        """What the other has got, once it is as much as that."""
        user = user or self.other
        wait_until(lambda: len(self.stored(user)) >= count, DELIVERY_LIMIT, "the delivery")
        return [parsed(raw) for raw in self.stored(user)]

    def stored(self, user: User, folder: str = "INBOX") -> list[bytes]:
        return self.dovecot.messages(user, folder)


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


@pytest.fixture
def writer(dovecot: Dovecot, postfix: Postfix, monkeypatch: pytest.MonkeyPatch) -> Writer:
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.ca_file))
    return Writer(Terminal(dovecot, dovecot.add_user()), dovecot, postfix, dovecot.add_user())


# -- from the options, and from a file -------------------------------------------------------------


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_message_from_the_options_arrives_and_is_filed_once(writer: Writer, security: str) -> None:
    writer.add_account("--full-name", "安娜 Ann", security=security)
    (item,) = writer.send(
        "--to", f"Bob <{writer.other.address}>", "--subject", "你好", "--body", "Hi."
    ).objects
    assert item["state"] == "filed"
    assert item["recipients"][0]["state"] == "accepted"
    (message,) = writer.received()
    assert (message["subject"], message["from"].addresses[0].display_name) == ("你好", "安娜 Ann")
    assert message.get_content().rstrip() == "Hi."
    assert message["message-id"].strip("<>") == item["message_id"]
    (copy,) = writer.stored(writer.user, "Sent")
    assert parsed(copy)["message-id"] == message["message-id"]
    assert writer.terminal.run("outbox", "flush").status == 0
    assert len(writer.stored(writer.user, "Sent")) == 1
    assert writer.outbox() == []


def test_attachments_arrive_byte_for_byte(writer: Writer, tmp_path: Path) -> None:
    writer.add_account()
    contents = {
        "empty.txt": b"",
        "all-ff.bin": b"\xff" * 70_001,
        "会议记录 2026.docx": bytes(range(256)) * 40,
        "no-extension": b"\r\n.\r\nFrom here\n",
        "large.iso": bytes(range(251)) * 40_000,
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    files = [part for name in contents for part in ("--attach", str(tmp_path / name))]
    assert writer.send("--to", writer.user.address, "--body", "see", *files).status == 0
    (message,) = writer.received(user=writer.user)
    assert {part.get_filename(): part.get_payload(decode=True) for part in attachments(message)} == contents
    writer.terminal.run("sync", "--bodies", "all")
    (row,) = writer.terminal.run("list", writer.user.address, "--json").objects
    (shown,) = writer.terminal.run("show", str(row["id"]), "--json").objects
    assert {one["filename"]: one["sha256"] for one in shown["attachments"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in contents.items()
    }


def attachments(message: EmailMessage) -> list[EmailMessage]:
    return [part for part in message.iter_attachments() if isinstance(part, EmailMessage)]


def test_a_file_goes_as_it_is_but_without_its_blind_copies(writer: Writer, tmp_path: Path) -> None:
    writer.add_account()
    body = b"Dots:\n.\n..\nand \xe4\xbd\xa0\xe5\xa5\xbd\n"
    path = tmp_path / "letter.eml"
    path.write_bytes(
        f"From: {writer.user.address}\nTo: {writer.user.address}\nBcc: {writer.other.address}\n"
        "Subject: as it is\nMessage-ID: <as-it-is@example.net>\nContent-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: 8bit\n\n".encode()
        + body
    )
    (item,) = writer.send(str(path)).objects
    assert (item["state"], item["message_id"]) == ("filed", "as-it-is@example.net")
    for user in (writer.other, writer.user):
        (message,) = writer.received(user=user)
        assert message["bcc"] is None
        assert message.get_payload(decode=True) == body.replace(b"\n", b"\r\n")
    (copy,) = writer.stored(writer.user, "Sent")
    assert copy.endswith(body.replace(b"\n", b"\r\n"))


def test_a_message_comes_from_another_program(writer: Writer) -> None:
    writer.add_account()
    text = f"From: {writer.user.address}\nTo: {writer.other.address}\nSubject: piped\n\nHello."
    outcome = writer.send("-", "--password-stdin", password=f"{writer.user.password}\n{text}")
    assert outcome.status == 0, outcome.errors
    (message,) = writer.received()
    assert message["subject"] == "piped"


# -- the outbox ------------------------------------------------------------------------------------


def test_what_is_queued_goes_with_the_next_flush(writer: Writer) -> None:
    writer.add_account()
    for number in range(3):
        outcome = writer.send("--to", writer.other.address, "--subject", f"{number}", "--queue")
        assert (outcome.status, outcome.objects[0]["state"]) == (0, "queued")
    assert [item["subject"] for item in writer.outbox()] == ["0", "1", "2"]
    assert writer.stored(writer.other) == []
    assert writer.terminal.run("outbox", "flush", "--json").status == 0
    assert sorted(message["subject"] for message in writer.received(3)) == ["0", "1", "2"]
    assert len(writer.stored(writer.user, "Sent")) == 3
    assert writer.outbox() == []


def test_what_is_to_go_later_waits_and_can_be_taken_back(writer: Writer) -> None:
    writer.add_account()
    outcome = writer.send("--to", writer.other.address, "--subject", "later", "--at", "+2h")
    (item,) = outcome.objects
    assert (outcome.status, item["state"]) == (0, "held")
    assert item["next_try"] > item["queued_at"]
    assert writer.terminal.run("outbox", "flush").status == 0
    assert [one["state"] for one in writer.outbox()] == ["held"]
    assert writer.terminal.run("outbox", "cancel", str(item["id"])).status == 0
    assert writer.outbox() == []
    assert drafts() == ["later"]
    again = writer.terminal.run("outbox", "cancel", str(item["id"]))
    assert again.status == 1 and "no longer in the outbox" in again.errors


def drafts() -> list[str]:
    """The subjects of the drafts in the profile."""
    with Store.open(default_profile_directory()) as store:
        return [draft.composition.subject for draft in store.drafts.unsent()]


def test_what_waits_for_its_time_can_be_sent_now(writer: Writer) -> None:
    writer.add_account()
    (item,) = writer.send("--to", writer.other.address, "--at", "+1d").objects
    (sent,) = writer.terminal.run("outbox", "retry", str(item["id"]), "--json").objects
    assert sent["state"] == "filed"
    assert len(writer.received()) == 1


def test_a_wrong_password_keeps_the_message(writer: Writer) -> None:
    writer.add_account()
    outcome = writer.send("--to", writer.other.address, "--password-stdin", password="wrong")
    assert outcome.status == 1
    assert "password" in outcome.errors.lower()
    (item,) = writer.outbox()
    assert item["state"] == "queued"
    assert "password" in item["last_answer"].lower() and item["advice"]
    assert writer.terminal.run("outbox", "retry", str(item["id"])).status == 0
    assert len(writer.received()) == 1
    assert writer.outbox() == []


# -- what servers refuse ---------------------------------------------------------------------------


def test_of_several_recipients_one_is_refused(writer: Writer) -> None:
    writer.add_account()
    outcome = writer.send("--to", f"{writer.other.address}, who@unknown.example")
    (item,) = outcome.objects
    assert (outcome.status, item["state"], item["refused"]) == (1, "filed", 1)
    states = {one["address"]: one["state"] for one in item["recipients"]}
    assert states == {writer.other.address: "accepted", "who@unknown.example": "refused"}
    assert item["recipients"][1]["answer"].startswith("550 5.1.1")
    assert len(writer.received()) == 1
    said = writer.terminal.run("outbox", "list")
    assert "who@unknown.example" in said.output, "the user has not seen it yet"


def test_a_message_over_the_limit_is_not_even_begun(writer: Writer, tmp_path: Path) -> None:
    writer.add_account()
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(SIZE_LIMIT))
    outcome = writer.send("--to", writer.other.address, "--subject", "large", "--attach", str(large))
    (item,) = outcome.objects
    assert (outcome.status, item["state"]) == (1, "failed")
    assert "takes at most" in item["last_answer"]
    assert writer.terminal.run("outbox", "cancel", str(item["id"])).status == 0
    assert drafts() == ["large"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--to", "nobody at home"], "is not an address"),
        (["--to", "a@example.net\nBcc: b@example.net"], "line break"),
        (["--to", "a@example.net", "--attach", "no-such-file"], "no-such-file"),
        (["--to", "a@example.net", "--from", "stranger@example.org"], "stranger@example.org"),
        (["--to", "a@example.net", "--at", "teatime"], "teatime"),
        (["--subject", "nobody"], "Nobody is named"),
        (["letter.eml", "--subject", "both"], "whole message"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_queued(
    writer: Writer, arguments: list[str], words: str
) -> None:
    writer.add_account()
    outcome = writer.send(*arguments)
    assert outcome.status in (1, 2)
    assert words in outcome.errors
    assert writer.outbox() == []


# -- accounts and originals ------------------------------------------------------------------------


def test_an_account_that_only_sends_files_here(writer: Writer) -> None:
    writer.add_account("--no-imap")
    (item,) = writer.send("--to", writer.other.address, "--subject", "kept here", "--body", "Hi.").objects
    assert item["state"] == "filed"
    assert len(writer.received()) == 1
    (row,) = writer.terminal.run("list", writer.user.address, "--folder", "Sent", "--json").objects
    assert (row["subject"], row["unread"]) == ("kept here", False)
    assert "Hi." in writer.terminal.run("show", str(row["id"])).output
    assert writer.stored(writer.user, "Sent") == []


def test_the_message_that_was_answered_is_marked(writer: Writer) -> None:
    writer.add_account()
    writer.dovecot.deliver(writer.user, "INBOX", plain_message(1, "Question"))
    writer.terminal.run("sync", "--bodies", "all")
    with Store.open(default_profile_directory()) as store:
        queue_reply(store, writer.other)
    assert writer.terminal.run("outbox", "flush").status == 0
    (message,) = writer.received()
    assert message["in-reply-to"] == "<1@example.org>"
    (row,) = writer.terminal.run("list", writer.user.address, "--json").objects
    assert row["answered"]
    with Store.open(default_profile_directory()) as store:
        replay(store, writer.user)
    flags = writer.dovecot.commands(writer.user, "SELECT INBOX", "FETCH 1 FLAGS")
    assert "\\Answered" in " ".join(flags)


def queue_reply(store: Store, to: User) -> None:
    """What the composer does with the only message there is."""
    (account,) = store.accounts.list()
    inbox = store.folders.find(account.id, "INBOX")
    assert inbox is not None
    (row,) = store.messages.rows(store.messages.ids(MessageQuery((inbox.id,))))
    message = Reading(store, account, StopToken()).cached(row.id)
    assert message is not None
    drafting = Drafting(store)
    prepared = drafting.prepare(AnswerKind.REPLY, row, message, size=row.size)
    draft = drafting.create_prepared(prepared, {})
    answer = replace(draft.composition, to=(Address("", to.address),), body="Yes.")
    queue_draft(store, drafting.save(draft.id, answer), not_before=0, stop=StopToken())


def replay(store: Store, user: User) -> None:
    """What the window does with its journal."""
    (account,) = store.accounts.list()
    credentials = Credentials()
    credentials.session(account, user.password)
    backend = ImapBackend(
        account, secrets=secrets_of(store, credentials), trust=tls_trust(store), protocol_log=ProtocolLog()
    )
    with closing(backend.open()) as session:
        ReplayQueue(store, Journal(store, account.id), account.id, lambda event: None).run(session)
