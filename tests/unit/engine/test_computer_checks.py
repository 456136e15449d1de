from __future__ import annotations

from pathlib import Path

import pytest
from keyring.backends.fail import Keyring as NoKeyring

from qtmail.credentials import Credentials
from qtmail.engine.computer_checks import check_computer
from qtmail.errors import Layer
from qtmail.store.store import Store
from tests.fakes.keyrings import FileKeyring


@pytest.fixture
def credentials(tmp_path: Path) -> Credentials:
    return Credentials(FileKeyring(tmp_path))


def test_all_is_well(store: Store, credentials: Credentials) -> None:
    verdicts = check_computer(store, credentials)
    assert [(verdict.layer, verdict.ok) for verdict in verdicts] == [
        (Layer.STORE, True),
        (Layer.KEYRING, True),
    ]
    assert not any(verdict.server for verdict in verdicts)


def test_a_missing_password_store_is_told(store: Store) -> None:
    *_, keyring = check_computer(store, Credentials(NoKeyring()))
    assert (keyring.layer, keyring.ok, keyring.remark) == (Layer.KEYRING, True, True)
    assert "no password store" in keyring.sentence
    assert "asked for at each start" in keyring.advice


def test_a_file_with_passwords_may_be_locked(store: Store, tmp_path: Path) -> None:
    credentials = Credentials(NoKeyring(), profile=tmp_path)
    credentials.create_vault("correct horse battery staple")
    *_, unlocked = check_computer(store, credentials)
    assert unlocked.ok and "master password" in unlocked.sentence
    credentials.lock()
    *_, locked = check_computer(store, credentials)
    assert not locked.ok and "is locked" in locked.sentence and "master password" in locked.advice


@pytest.mark.parametrize(
    ("damage", "words", "advice"),
    [
        ("user.db: row 3 of drafts belongs to nothing", "user.db, which holds your accounts", "backup"),
        ("cache.db: *** in database main *** page 4", "cache.db, which holds copies", "fetched anew"),
        ("Law/Divorce: 3 messages, 1 unread are noted, 2 and 0 are there", "noted for some folders", "anew"),
    ],
)
def test_damage_is_told_with_what_to_do_and_without_names_of_folders(
    store: Store,
    credentials: Credentials,
    monkeypatch: pytest.MonkeyPatch,
    damage: str,
    words: str,
    advice: str,
) -> None:
    monkeypatch.setattr(store, "check", lambda: [damage] * 7)
    bad, _keyring = check_computer(store, credentials)
    assert (bad.layer, bad.ok) == (Layer.STORE, False)
    assert words in bad.sentence and advice in bad.advice
    assert "Divorce" not in bad.sentence + bad.detail
    assert bad.detail.endswith("2 more")
