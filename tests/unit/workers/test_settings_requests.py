"""What the window asks about files with settings and the file with passwords, of the real service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from keyring.backends import fail
from pytestqt.qtbot import QtBot

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.events import AccountState, Connection
from qtmail.errors import FileFailed, UsageError, VaultLocked
from qtmail.store.store import Store
from qtmail.workers.background import Background
from qtmail.workers.bridge import EngineBridge
from qtmail.workers.mail_service import MailService
from tests.fakes.memory_backend import PASSWORD, MemoryHosts
from tests.fakes.memory_imap import MemoryServer

ACCOUNT = Account(
    0,
    "Work",
    "ann@example.org",
    "Ann",
    ServerSettings("imap.example.org", 993, Security.TLS, "ann"),
    enabled=False,
)
MASTER = "correct horse"


class Desk:
    """A service on a computer without a password store.

    Attributes:
        answers: what `done` and `failed` were called with; None for a bare `done`.
    """

    def __init__(self, qtbot: QtBot, directory: Path) -> None:
        self._qtbot = qtbot
        self.store = Store.open(directory)
        self.credentials = Credentials(fail.Keyring(), profile=directory)
        self.background = Background("reads", self.store)
        self.service = MailService(self.store, self.credentials, EngineBridge(), self.background)
        self.answers: list[Any] = []

    def answer(self, request: Callable[..., None], *arguments: Any, **options: Any) -> Any:
        """What comes of one request."""
        before = len(self.answers)
        bare = request.__name__ not in ("export_settings", "read_settings", "import_settings")
        done = (lambda: self.answers.append(None)) if bare else self.answers.append
        request(*arguments, done=done, failed=self.answers.append, **options)
        self._qtbot.waitUntil(lambda: len(self.answers) > before, timeout=10_000)
        return self.answers[-1]

    def close(self) -> None:
        self.service.stop()
        self.background.stop()
        self.store.close()


@pytest.fixture
def make(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[str], Desk]]:
    desks: list[Desk] = []

    def make(name: str) -> Desk:
        desks.append(Desk(qtbot, tmp_path / name))
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()


def test_the_file_with_passwords_is_made_locked_and_opened(make: Callable[[str], Desk]) -> None:
    desk = make("one")
    service = desk.service
    assert isinstance(desk.answer(service.create_vault, "short"), UsageError)
    assert not service.has_vault()
    assert desk.answer(service.create_vault, MASTER) is None
    assert service.keyring_problem() == "" and service.has_vault()
    assert desk.answer(service.change_master_password, MASTER, "battery staple") is None
    desk.credentials.lock()
    assert isinstance(desk.answer(service.unlock_vault, MASTER), VaultLocked)
    assert desk.answer(service.unlock_vault, "battery staple") is None
    assert not desk.credentials.vault_locked
    assert desk.answer(service.forget_vault) is None
    assert not desk.credentials.vault_exists


def test_settings_leave_one_service_and_reach_another(make: Callable[[str], Desk], tmp_path: Path) -> None:
    one, two = make("one"), make("two")
    file = tmp_path / "file"
    one.service.add_account(ACCOUNT, "geheim", remember=False)
    one._qtbot.waitUntil(lambda: bool(one.credentials.all(ACCOUNT)), timeout=10_000)
    exported = one.answer(one.service.export_settings, file, passphrase=MASTER, preferences={"a": "b"})
    assert exported == file
    found = two.answer(two.service.read_settings, file)
    assert (found.has_secrets, found.preferences) == (True, {"a": "b"})
    assert isinstance(two.answer(two.service.import_settings, file, "battery staple"), FileFailed)
    result = two.answer(two.service.import_settings, file, MASTER)
    assert result.added == tuple(two.service.accounts())
    assert result.without_secret == ()
    assert two.credentials.get(result.added[0]) == "geheim"


def test_accounts_wait_for_the_master_password_and_go_on_with_it(
    make: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, tmp_path: Path
) -> None:
    hosts = MemoryHosts()
    hosts.servers["ann"] = MemoryServer()
    monkeypatch.setattr("qtmail.engine.incoming.ImapBackend", hosts)
    desk = make("one")
    desk.credentials.create_vault(MASTER)
    with desk.store.user_transaction() as tx:
        account = desk.store.accounts.add(tx, replace(ACCOUNT, enabled=True))
    desk.credentials.remember(account, PASSWORD)
    desk.credentials.lock()

    def states() -> list[AccountState]:
        return list(desk.service.states().values())

    desk.service.start()
    qtbot.waitUntil(lambda: any(one.problem and one.problem.unlock for one in states()), timeout=10_000)
    assert hosts.attempts == 0
    assert desk.answer(desk.service.unlock_vault, MASTER) is None
    desk.service.sync_now()
    qtbot.waitUntil(lambda: [one.connection for one in states()] == [Connection.WATCHING], timeout=10_000)
