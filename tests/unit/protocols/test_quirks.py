"""The table of servers that need special treatment, one case each."""

from __future__ import annotations

import pytest

from qtmail.protocols.quirks import Quirks, quirks_for


@pytest.mark.parametrize("host", ["imap.mail.me.com", "IMAP.Mail.Me.COM.", "p01-imap.mail.icloud.com"])
def test_icloud_vanished_is_not_believed(host: str):
    assert not quirks_for(host).trust_vanished


@pytest.mark.parametrize(
    "host", ["imap.163.com", "imap.126.com", "imap.yeah.net", "imap.qq.com", "imap.exmail.qq.com"]
)
def test_chinese_providers_want_an_authorisation_code(host: str):
    assert "授权码" in quirks_for(host).sign_in_advice


@pytest.mark.parametrize("host", ["imap.gmail.com", "imap.mail.yahoo.com", "imap.aol.com"])
def test_providers_that_want_an_app_password(host: str):
    assert "app password" in quirks_for(host).sign_in_advice
    assert "app password" in quirks_for(host.replace("imap.", "smtp.")).sign_in_advice


@pytest.mark.parametrize("host", ["imap.gmail.com", "outlook.office365.com", "imap-mail.outlook.com"])
def test_providers_that_file_what_they_send(host: str):
    assert quirks_for(host).files_sent_mail


@pytest.mark.parametrize("host", ["mail.example.org", "imap.gmail.com.evil.example", "notqq.com", ""])
def test_all_others_are_taken_at_their_word(host: str):
    assert quirks_for(host) == Quirks()
