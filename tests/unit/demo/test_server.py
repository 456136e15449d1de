"""The demo's server as a mail client meets it."""

from __future__ import annotations

import smtplib
import threading
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from qtmail.demo import DemoServer, demo_profile
from qtmail.demo.samples import OWNER, load_samples
from qtmail.domain.account import Security

NOTE = b"From: anna@x.test\r\nTo: yue@x.test\r\nSubject: New\r\nMessage-ID: <new@x.test>\r\n\r\nHello.\r\n"


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer() as running:
        yield running


@pytest.fixture
def client(demo: DemoServer) -> Iterator[IMAPClient]:
    with IMAPClient(demo.imap.host, demo.imap.port, ssl=False, timeout=5) as connection:
        connection.login(demo.imap.user, demo.password)
        yield connection


def wait_for_exists(client: IMAPClient, count: int, seconds: float = 5.0) -> None:
    """Until the idling client is told of `count` messages."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if (count, b"EXISTS") in client.idle_check(timeout=left):
            return
    pytest.fail(f"the server did not announce message {count}")


def submit(demo: DemoServer, *recipients: str, password: str | None = None) -> None:
    message = EmailMessage()
    message["From"] = OWNER.address
    message["To"] = ", ".join(recipients)
    message["Subject"] = "Posted"
    message["Message-ID"] = "<posted@demo.example.org>"
    message.set_content("By SMTP.")
    with smtplib.SMTP(demo.smtp.host, demo.smtp.port, timeout=5) as session:
        session.login(demo.smtp.user, demo.password if password is None else password)
        session.send_message(message)


def test_the_account_describes_this_server(demo: DemoServer) -> None:
    account = demo.account()
    assert account.server.host == "127.0.0.1" and account.server.security is Security.NONE
    assert account.smtp is not None and account.smtp.port != account.server.port
    assert account.address == OWNER.address == account.server.user


def test_all_folders_are_listed_and_subscribed(client: IMAPClient) -> None:
    expected = {sample.folder for sample in load_samples()}
    listed = {name for flags, _, name in client.list_folders() if b"\\Noselect" not in flags}
    assert expected <= listed
    assert expected <= {name for _, _, name in client.list_sub_folders()}


def test_headers_bodies_structure_and_flags_are_served(client: IMAPClient) -> None:
    samples = [sample for sample in load_samples() if sample.folder == "INBOX"]
    selected = client.select_folder("INBOX")
    assert selected[b"EXISTS"] == len(samples)
    fetched = client.fetch(
        client.search(), ["FLAGS", "RFC822.SIZE", "INTERNALDATE", "BODYSTRUCTURE", "BODY.PEEK[HEADER]"]
    )
    assert len(fetched) == len(samples)
    newest = fetched[max(fetched)]
    assert b"Subject: =?utf-8?B?" in newest[b"BODY[HEADER]"]
    assert newest[b"BODYSTRUCTURE"].is_multipart
    assert b"\\Seen" not in newest[b"FLAGS"]
    assert any(b"work" in data[b"FLAGS"] for data in fetched.values())
    body = client.fetch([max(fetched)], ["BODY.PEEK[]"])[max(fetched)][b"BODY[]"]
    assert len(body) == newest[b"RFC822.SIZE"]


def test_flags_keywords_and_appended_messages_stay(client: IMAPClient) -> None:
    client.select_folder("Drafts")
    client.append("Drafts", NOTE, [b"\\Draft"])
    uid = max(client.search())
    client.add_flags([uid], [b"\\Flagged", b"$Forwarded", b"tea"])
    client.remove_flags([uid], [b"\\Draft"])
    client.close_folder()
    client.select_folder("Drafts")
    assert {b"\\Flagged", b"$Forwarded", b"tea"} <= set(client.get_flags([uid])[uid])


def test_a_delivery_is_announced_to_a_client_that_idles(demo: DemoServer, client: IMAPClient) -> None:
    count = client.select_folder("INBOX")[b"EXISTS"]
    client.idle()
    demo.deliver(NOTE, flags=["\\Flagged"])
    wait_for_exists(client, count + 1)
    client.idle_done()
    uid = max(client.search())
    assert b"\\Flagged" in client.get_flags([uid])[uid]


def test_a_delivery_makes_the_folder_it_names(demo: DemoServer, client: IMAPClient) -> None:
    demo.deliver(NOTE, "新文件夹")
    assert client.folder_status("新文件夹", ["MESSAGES"])[b"MESSAGES"] == 1


def test_mail_to_oneself_arrives_in_the_inbox(demo: DemoServer, client: IMAPClient) -> None:
    count = client.select_folder("INBOX")[b"EXISTS"]
    client.idle()
    submit(demo, OWNER.address)
    wait_for_exists(client, count + 1)
    client.idle_done()
    header = client.fetch([max(client.search())], ["BODY.PEEK[HEADER]"]).popitem()[1][b"BODY[HEADER]"]
    assert b"Subject: Posted" in header and b"Return-Path: <yue@demo.example.org>" in header


def test_mail_to_others_stays_and_the_user_is_told(demo: DemoServer, client: IMAPClient) -> None:
    count = client.select_folder("INBOX")[b"EXISTS"]
    client.idle()
    submit(demo, "anna@willowlane.example.org")
    wait_for_exists(client, count + 1)
    client.idle_done()
    note = client.fetch([max(client.search())], ["BODY.PEEK[]"]).popitem()[1][b"BODY[]"]
    assert b"In-Reply-To: <posted@demo.example.org>" in note
    assert b"Auto-Submitted: auto-replied" in note


def test_a_wrong_password_is_refused(demo: DemoServer) -> None:
    with (
        IMAPClient(demo.imap.host, demo.imap.port, ssl=False, timeout=5) as connection,
        pytest.raises(LoginError),
    ):
        connection.login(demo.imap.user, "wrong")
    with pytest.raises(smtplib.SMTPAuthenticationError):
        submit(demo, OWNER.address, password="wrong")


def test_nobody_sends_without_signing_in(demo: DemoServer) -> None:
    with smtplib.SMTP(demo.smtp.host, demo.smtp.port, timeout=5) as session:
        assert "auth" in session.ehlo()[1].decode().lower()
        assert session.mail(OWNER.address)[0] == 530


def test_stopping_ends_the_thread_though_a_client_idles() -> None:
    demo = DemoServer(load_samples()[-3:])
    before = set(threading.enumerate())
    demo.start()
    with IMAPClient(demo.imap.host, demo.imap.port, ssl=False, timeout=5) as connection:
        connection.login(demo.imap.user, demo.password)
        connection.select_folder("INBOX")
        connection.idle()
        demo.stop()
        assert set(threading.enumerate()) == before
        demo.stop()
        connection.shutdown()


def test_the_profile_goes_when_the_demo_ends() -> None:
    with demo_profile() as directory:
        assert directory.is_dir()
        Path(directory, "user.db").write_bytes(b"")
    assert not directory.exists()
