"""The servers that other tests stand on do what those tests take for granted."""

from __future__ import annotations

import smtplib
import ssl

import pytest
import trustme

from tests.end2end.dovecot import Dovecot
from tests.end2end.postfix import Postfix
from tests.end2end.processes import ServerFailed, wait_until
from tests.end2end.xvfb import Xvfb


def test_dovecot_offers_what_a_sync_can_use(dovecot: Dovecot) -> None:
    user = dovecot.add_user()
    (line,) = dovecot.commands(user, "CAPABILITY")
    offered = set(line.split())
    assert {"QRESYNC", "CONDSTORE", "SPECIAL-USE", "LIST-STATUS", "IDLE", "MOVE", "UIDPLUS", "ID"} <= offered
    assert {"NAMESPACE", "ESEARCH", "ENABLE", "LITERAL+"} <= offered


def test_dovecot_keeps_flags_and_dates_of_delivered_mail(dovecot: Dovecot) -> None:
    user = dovecot.add_user()
    dovecot.fill(user, "Projects/2026", 3, seed=7)
    dovecot.deliver(user, "INBOX", b"Subject: one\r\n\r\nbody\r\n", ["\\Seen", "$Forwarded"])
    (status,) = dovecot.commands(user, 'STATUS "Projects/2026" (MESSAGES)')
    assert status.endswith("(MESSAGES 3)")
    fetched = dovecot.commands(user, "SELECT INBOX", "FETCH 1 (FLAGS RFC822.SIZE)")[-1]
    assert "\\Seen" in fetched
    assert "$Forwarded" in fetched
    assert "RFC822.SIZE 22" in fetched


def test_users_do_not_see_each_others_mail(dovecot: Dovecot) -> None:
    one, other = dovecot.add_user(), dovecot.add_user()
    dovecot.deliver(one, "INBOX", b"Subject: private\r\n\r\n\r\n")
    assert "* 0 EXISTS" in dovecot.commands(other, "SELECT INBOX")


def test_dovecot_can_leave_out_capabilities(authority: trustme.CA) -> None:
    with Dovecot(authority, without=["QRESYNC", "CONDSTORE", "IDLE"]) as plain:
        (line,) = plain.commands(plain.add_user(), "CAPABILITY")
    assert not {"QRESYNC", "CONDSTORE", "IDLE"} & set(line.split())
    assert "MOVE" in line.split()


def test_dovecot_says_why_it_does_not_start(authority: trustme.CA) -> None:
    with pytest.raises(ServerFailed, match="no_such_setting"):
        Dovecot(authority, extra="no_such_setting = yes")


@pytest.mark.parametrize("implicit_tls", [True, False])
def test_postfix_delivers_into_dovecot(dovecot: Dovecot, postfix: Postfix, implicit_tls: bool) -> None:
    user = dovecot.add_user()
    trust = ssl.create_default_context(cafile=str(postfix.ca_file))
    client: smtplib.SMTP
    if implicit_tls:
        client = smtplib.SMTP_SSL(postfix.host, postfix.submissions_port, context=trust)
    else:
        client = smtplib.SMTP(postfix.host, postfix.submission_port)
        client.starttls(context=trust)
    with client:
        client.login(user.name, user.password)
        client.sendmail("someone@example.org", [user.address], "Subject: hello\r\n\r\nworld\r\n")
    wait_until(lambda: "* 1 EXISTS" in dovecot.commands(user, "SELECT INBOX"), 20, "the delivery")


def test_postfix_sends_nothing_out_of_the_machine(dovecot: Dovecot, postfix: Postfix) -> None:
    user = dovecot.add_user()
    trust = ssl.create_default_context(cafile=str(postfix.ca_file))
    with smtplib.SMTP_SSL(postfix.host, postfix.submissions_port, context=trust) as client:
        client.login(user.name, user.password)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail(user.address, ["someone@elsewhere.example"], "Subject: out\r\n\r\n\r\n")


def test_xvfb_gives_a_display(xvfb_display: Xvfb) -> None:
    assert xvfb_display.display.startswith(":")
    assert xvfb_display.environment["QT_QPA_PLATFORM"] == "xcb"
