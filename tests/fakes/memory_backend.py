"""The way to a server in memory, where the program has `ImapBackend`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from qtmail.domain.account import Account
from qtmail.domain.sign_in import Secret
from qtmail.engine.secrets import Secrets
from qtmail.errors import QtmailError, SignInFailed
from tests.fakes.memory_imap import MemoryServer, MemorySession

PASSWORD = "correct-horse"


class MemoryHosts:
    """The servers there are, by user name; call it where the program makes an `ImapBackend`.

    Attributes:
        fault: raised at every attempt to connect, while it is set.
        attempts: how often somebody tried to sign in with a password, right or wrong.
    """

    def __init__(self) -> None:
        self.servers: dict[str, MemoryServer] = {}
        self.fault: QtmailError | None = None
        self.attempts = 0
        self._lock = threading.Lock()

    def __call__(self, account: Account, *, secrets: Secrets, **_: Any) -> MemoryBackend:
        return MemoryBackend(self, account, secrets)

    def sign_in(self, user: str, password: Secret) -> MemorySession:
        with self._lock:
            self.attempts += 1
        if self.fault is not None:
            raise self.fault
        if password != PASSWORD:
            raise SignInFailed("The password was refused.")
        return self.servers[user].session()


class MemoryBackend:
    """Opens sessions for one account."""

    def __init__(self, hosts: MemoryHosts, account: Account, secrets: Secrets) -> None:
        self.account = account
        self._hosts = hosts
        self._secrets = secrets

    def open(self, *, on_created: Callable[[MemorySession], None] = lambda session: None) -> MemorySession:
        secret = self._secrets.secret(self.account, "imap")
        session = self._hosts.sign_in(self.account.server.user, secret)
        on_created(session)
        return session
