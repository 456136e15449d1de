"""Where passwords go on a computer without a password store, once the user has a file made for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from keyring.backends import fail

from qtmail.credentials import Credentials
from qtmail.credentials.vault import VAULT_NAME
from qtmail.errors import KeyringFailed, VaultLocked
from tests.fakes.keyrings import FileKeyring
from tests.unit.credentials.test_credentials import ACCOUNT, OAUTH, SECRET

MASTER = "correct horse"


def opened(profile: Path, *, unlock: bool = True, keyring: Path | None = None) -> Credentials:
    credentials = Credentials(FileKeyring(keyring) if keyring else fail.Keyring(), profile=profile)
    if unlock:
        credentials.unlock(MASTER)
    return credentials


@pytest.fixture
def credentials(tmp_path: Path) -> Credentials:
    credentials = opened(tmp_path, unlock=False)
    credentials.create_vault(MASTER)
    return credentials


def test_with_a_file_passwords_outlive_the_session(credentials: Credentials, tmp_path: Path) -> None:
    assert credentials.usable()
    credentials.remember(ACCOUNT, SECRET)
    later = opened(tmp_path)
    assert later.get(ACCOUNT) == later.get(ACCOUNT, "smtp") == SECRET
    assert later.all(ACCOUNT) == {"imap": SECRET}
    later.forget(ACCOUNT)
    assert opened(tmp_path).get(ACCOUNT) is None


def test_without_a_profile_or_a_file_nothing_is_different(tmp_path: Path) -> None:
    for credentials in (Credentials(fail.Keyring()), opened(tmp_path, unlock=False)):
        assert (credentials.vault_exists, credentials.vault_locked) == (False, False)
        assert "no password store" in credentials.unusable_reason()
        with pytest.raises(KeyringFailed):
            credentials.remember(ACCOUNT, SECRET)
        with pytest.raises(KeyringFailed):
            credentials.unlock(MASTER)
    with pytest.raises(KeyringFailed):
        Credentials(fail.Keyring()).create_vault(MASTER)


def test_a_locked_file_is_said_and_a_session_password_goes_on(
    credentials: Credentials, tmp_path: Path
) -> None:
    credentials.remember(ACCOUNT, SECRET)
    locked = opened(tmp_path, unlock=False)
    assert locked.vault_locked
    assert locked.unusable_reason() == ""  # once it is unlocked
    calls: list[Callable[[], object]] = [
        lambda: locked.get(ACCOUNT),
        lambda: locked.forget(ACCOUNT),
        lambda: locked.get(ACCOUNT, "smtp"),
    ]
    for call in calls:
        with pytest.raises(VaultLocked):
            call()
    locked.session(ACCOUNT, "for now")
    assert locked.get(ACCOUNT) == "for now"
    assert opened(tmp_path).get(ACCOUNT) == SECRET


def test_what_was_to_be_remembered_meanwhile_is_put_in_when_it_is_unlocked(
    credentials: Credentials, tmp_path: Path
) -> None:
    credentials.remember(OAUTH, "one", "oauth")
    locked = opened(tmp_path, unlock=False)
    with pytest.raises(VaultLocked):
        locked.remember(ACCOUNT, SECRET)
    with pytest.raises(VaultLocked):
        locked.replace(OAUTH, "two", "oauth")
    assert (locked.get(ACCOUNT), locked.get(OAUTH, "oauth")) == (SECRET, "two")
    with pytest.raises(VaultLocked):
        locked.unlock("not the one")
    locked.unlock(MASTER)
    later = opened(tmp_path)
    assert (later.get(ACCOUNT), later.get(OAUTH, "oauth")) == (SECRET, "two")


def test_the_file_goes_before_a_keyring_that_turns_up_later(credentials: Credentials, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    smtp_only = replace(ACCOUNT, imap=None)
    Credentials(FileKeyring(home)).remember(ACCOUNT, "old")
    Credentials(FileKeyring(home)).remember(smtp_only, "only there", "smtp")
    both = opened(tmp_path, keyring=home)
    both.remember(ACCOUNT, SECRET)
    assert (both.get(ACCOUNT), both.get(ACCOUNT, "smtp")) == (SECRET, "only there")
    assert Credentials(FileKeyring(home)).get(ACCOUNT) == "old"
    both.forget(ACCOUNT)
    assert Credentials(FileKeyring(home)).get(ACCOUNT) is None
    assert opened(tmp_path).get(ACCOUNT) is None


def test_starting_again_without_the_file(credentials: Credentials, tmp_path: Path) -> None:
    credentials.remember(ACCOUNT, SECRET)
    locked = opened(tmp_path, unlock=False)
    aside = locked.forget_vault()
    assert aside is not None
    assert aside.exists()
    assert not locked.vault_exists
    assert locked.get(ACCOUNT) is None
    assert not (tmp_path / VAULT_NAME).exists()


def test_the_master_password_can_be_changed_and_asked_for_again(
    credentials: Credentials, tmp_path: Path
) -> None:
    credentials.remember(ACCOUNT, SECRET)
    credentials.change_master(MASTER, "battery staple")
    credentials.lock()
    with pytest.raises(VaultLocked):
        credentials.get(ACCOUNT)
    credentials.unlock("battery staple")
    assert credentials.get(ACCOUNT) == SECRET


def test_an_account_that_moves_takes_its_password_along(credentials: Credentials, tmp_path: Path) -> None:
    credentials.remember(ACCOUNT, SECRET)
    moved = replace(ACCOUNT, imap=replace(ACCOUNT.server, host="new.example.org"))
    credentials.carry_over(ACCOUNT, moved)
    later = opened(tmp_path)
    assert (later.get(moved), later.get(ACCOUNT)) == (SECRET, None)


def test_no_secret_shows_in_what_it_says_of_itself(credentials: Credentials) -> None:
    credentials.remember(ACCOUNT, SECRET)
    credentials.session(OAUTH, SECRET, "oauth")
    for text in (repr(credentials), str(vars(credentials)["_vault"])):
        assert SECRET not in text
        assert MASTER not in text
