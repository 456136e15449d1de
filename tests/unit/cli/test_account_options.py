"""What the options of `qtmail account add` come to."""

from __future__ import annotations

from pathlib import Path

import pytest

from qtmail.cli.account_options import parse_keep, read_account
from qtmail.cli.arguments import command_parser
from qtmail.domain.account import Account, Pop3Keep, Pop3Policy, Security, ServerSettings
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.errors import UsageError


def account(*options: str) -> Account:
    arguments = ["account", "add", "--email", "ann@example.org", *options]
    return read_account(command_parser().parse_args(arguments))


def test_without_a_server_mail_is_read_where_it_usually_is():
    assert account().imap == ServerSettings("imap.example.org", 993, Security.TLS, "ann@example.org")
    assert account().pop3 is None


def test_an_account_fetches_by_pop3_instead():
    options = ("--pop3", "pop.example.org", "--keep", "days:30", "--headers-only-over", "5", "--apop")
    added = account(*options, "--user", "ann")
    assert added.imap is None
    assert added.pop3 == ServerSettings("pop.example.org", 995, Security.TLS, "ann")
    assert added.pop3_policy == Pop3Policy(Pop3Keep.DAYS, days=30, headers_only_over=5 * 2**20, apop=True)


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("delete", Pop3Policy(Pop3Keep.DELETE)),
        ("keep", Pop3Policy(Pop3Keep.KEEP)),
        ("until-deleted", Pop3Policy(Pop3Keep.UNTIL_DELETED)),
        ("days:7", Pop3Policy(Pop3Keep.DAYS, days=7)),
        ("newest:500", Pop3Policy(Pop3Keep.NEWEST, newest_count=500)),
        ("newest:200MB", Pop3Policy(Pop3Keep.NEWEST, newest_bytes=200 * 2**20)),
    ],
)
def test_what_stays_on_the_server_is_said_in_a_word(text: str, policy: Pop3Policy):
    assert parse_keep(text) == policy


@pytest.mark.parametrize("text", ["", "days", "days:", "newest:-1", "delete all", "days:7 days"])
def test_nonsense_about_the_server_is_refused(text: str):
    with pytest.raises(UsageError, match="stays on the server"):
        parse_keep(text)


@pytest.mark.parametrize("option", [("--keep", "days:7"), ("--headers-only-over", "5"), ("--apop",)])
def test_what_is_meant_for_pop3_is_not_left_out_of_an_imap_account_in_silence(option: tuple[str, ...]):
    with pytest.raises(UsageError, match="are for POP3"):
        account(*option)


def test_an_account_has_one_way_for_mail_to_come():
    with pytest.raises(UsageError, match="not by both"):
        account("--imap", "imap.example.org", "--pop3", "pop.example.org")


def test_signing_in_in_the_browser():
    assert account("--oauth", "google").sign_in == SignIn(SignInMethod.OAUTH, "google")
    own = account("--oauth", "https://id.example.org", "--client-id", "mine").sign_in
    assert own == SignIn(SignInMethod.OAUTH, "https://id.example.org", "mine")
    with pytest.raises(UsageError, match="no provider"):
        account("--oauth", "http://id.example.org")


def test_signing_in_with_a_certificate_names_the_file_wherever_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    sign_in = account("--certificate", "me.pem").sign_in
    assert sign_in == SignIn(SignInMethod.CERTIFICATE, certificate_file=str(tmp_path / "me.pem"))
