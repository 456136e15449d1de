"""The check of a stored account: with what is known of it, and with what cannot be known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.diagnosis import Verdict
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.engine.doctor import check_account
from qtmail.engine.secrets import Secrets
from qtmail.engine.server_checks import ImapCheck
from qtmail.errors import Layer
from qtmail.protocols.connection import TlsTrust
from qtmail.store.store import Store
from tests.fakes.keyrings import FileKeyring, LockedKeyring
from tests.fakes.mailbox_server import MailboxServer

HOST = "127.0.0.1"


def add(store: Store, port: int, sign_in: SignIn | None = None) -> Account:
    imap = ServerSettings(HOST, port, Security.NONE, "eva")
    account = Account(0, "Eva", "eva@example.org", "Eva", imap, sign_in=sign_in or SignIn())
    with store.user_transaction() as tx:
        return store.accounts.add(tx, account)


def check(store: Store, account: Account, credentials: Credentials) -> list[Verdict]:
    """What is found about the server."""
    secrets = Secrets(credentials, store.directory, TlsTrust())
    return [verdict for verdict in check_account(store, secrets, account) if verdict.server]


def test_it_signs_in_with_the_password_that_is_kept(store: Store, tmp_path: Path) -> None:
    credentials = Credentials(FileKeyring(tmp_path))
    with MailboxServer() as server:
        account = add(store, server.port)
        credentials.session(account, "secret")
        verdicts = check(store, account, credentials)
    assert all(verdict.ok for verdict in verdicts)
    assert Layer.SIGN_IN in {verdict.layer for verdict in verdicts}


@pytest.mark.parametrize(
    ("locked", "sign_in", "layer", "words"),
    [
        (False, SignIn(), Layer.SIGN_IN, "password of “Eva” is not known"),
        (True, SignIn(), Layer.KEYRING, "password store is locked"),
        (False, SignIn(SignInMethod.OAUTH, "google"), Layer.SIGN_IN, "“Eva” is not signed in"),
    ],
)
def test_without_a_secret_everything_else_is_checked_and_the_reason_told(
    store: Store, tmp_path: Path, locked: bool, sign_in: SignIn, layer: Layer, words: str
) -> None:
    credentials = Credentials(LockedKeyring() if locked else FileKeyring(tmp_path))
    with MailboxServer() as server:
        *before, last = check(store, add(store, server.port, sign_in), credentials)
    assert all(verdict.ok for verdict in before)
    assert before[-1].layer is Layer.CAPABILITY
    assert (last.layer, last.ok) == (layer, False)
    assert words in last.sentence and last.advice


def test_a_client_certificate_that_is_missing_is_named(store: Store, tmp_path: Path) -> None:
    sign_in = SignIn(SignInMethod.CERTIFICATE, certificate_file=str(tmp_path / "me.pem"))
    imap = ServerSettings(HOST, 1, Security.TLS, "eva")
    with store.user_transaction() as tx:
        account = store.accounts.add(tx, Account(0, "Eva", "eva@example.org", "Eva", imap, sign_in=sign_in))
    *_, last = check(store, account, Credentials(FileKeyring(tmp_path)))
    assert (last.layer, last.ok) == (Layer.FILE, False)
    assert "me.pem" in last.sentence


def test_an_account_without_servers_has_nothing_to_check(store: Store, tmp_path: Path) -> None:
    local = Account(1, "Local folders", "", "", None)
    secrets = Secrets(Credentials(FileKeyring(tmp_path)), store.directory, TlsTrust())
    assert check_account(store, secrets, local) == []


def test_a_bug_in_the_check_of_one_server_never_passes_for_an_empty_result(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bug(Exception):
        pass

    def verdicts(_check: ImapCheck) -> Iterator[Verdict]:
        raise Bug

    monkeypatch.setattr(ImapCheck, "_verdicts", verdicts)
    account = add(store, 1)
    with pytest.raises(Bug):
        check(store, account, Credentials(FileKeyring(tmp_path)))
