import pytest

from qtmail.cli.account_options import parse_server
from qtmail.cli.main import run
from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.outgoing import NewOutboxItem
from qtmail.engine.queueing import queue
from qtmail.engine.stopping import StopToken
from qtmail.errors import UsageError
from qtmail.store.store import Store

PORTS = {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143}


@pytest.mark.parametrize(
    ("text", "host", "port", "security"),
    [
        ("imap.example.org", "imap.example.org", 993, Security.TLS),
        ("imap.example.org:1993", "imap.example.org", 1993, Security.TLS),
        ("imap.example.org:143", "imap.example.org", 143, Security.STARTTLS),
        ("imap.example.org/starttls", "imap.example.org", 143, Security.STARTTLS),
        ("imap.example.org:10143/none", "imap.example.org", 10143, Security.NONE),
        ("[::1]:993/tls", "::1", 993, Security.TLS),
        ("邮箱.例子:993/TLS", "邮箱.例子", 993, Security.TLS),
    ],
)
def test_servers_are_read(text, host, port, security):
    assert parse_server(text, "ann", PORTS) == ServerSettings(host, port, security, "ann")


@pytest.mark.parametrize(
    "text", ["", "host:0", "host:65536", "host/plain", "two words", "host:993/tls/more", "http://host"]
)
def test_nonsense_is_refused(text):
    with pytest.raises(UsageError):
        parse_server(text, "ann", PORTS)


@pytest.fixture
def profile(tmp_path):
    """A profile whose account has a message in the outbox."""
    settings = ServerSettings("mail.example.org", 465, Security.TLS, "ann")
    with Store.open(tmp_path / "profile") as store:
        with store.user_transaction() as tx:
            account = store.accounts.add(tx, Account(0, "Ann", "ann@example.org", "Ann", None, settings))
        new = NewOutboxItem(account.id, 0, "m@x", "Plans", "ann@example.org", ("bob@example.org",), 0)
        queue(store, new, [b"Subject: Plans\r\n\r\nYes.\r\n"], stop=StopToken())
    return tmp_path / "profile"


def accounts(profile):
    with Store.open(profile) as store:
        return [account.address for account in store.accounts.list()]


def test_an_account_whose_mail_waits_is_removed_only_with_the_word(profile, capsys):
    assert run(["--profile", str(profile), "account", "remove", "ann@example.org"]) == 1
    said = capsys.readouterr().err
    assert "“Plans” (queued)" in said and "--drop-unsent" in said
    assert accounts(profile) == ["ann@example.org"]
    assert run(["--profile", str(profile), "account", "remove", "ann@example.org", "--drop-unsent"]) == 0
    assert accounts(profile) == []


def test_without_an_account_the_list_says_how_to_add_one(tmp_path, capsys):
    assert run(["--profile", str(tmp_path), "account", "list"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "There is no account yet." in said.err


def test_a_folder_that_is_not_there_leads_to_those_that_are(profile, capsys):
    assert run(["--profile", str(profile), "list", "ann@example.org", "--folder", "Nope"]) == 2
    assert "qtmail folders" in capsys.readouterr().err


def test_a_password_that_is_missing_can_be_given_on_the_command_line(tmp_path, capsys):
    profile = ["--profile", str(tmp_path)]
    assert run([*profile, "account", "add", "--email", "ann@example.org", "--imap", "localhost:1"]) == 0
    assert run([*profile, "sync"]) == 1
    said = capsys.readouterr().err
    assert "qtmail account password" in said and "--password-stdin" in said
