"""The mail service as the window sees it, without threads, servers or a store.

What the window asks for is kept, so that a test can look at it; answers are given by the test through the
real bridge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.diagnosis import Verdict
from qtmail.domain.discovery import Discovery
from qtmail.domain.events import AccountState, ChangeKind, Problem, StoreChange
from qtmail.domain.message import Flag
from qtmail.domain.oauth import Permission
from qtmail.domain.operations import Operation
from qtmail.domain.sign_in import Secret, SignIn
from qtmail.errors import QtmailError
from qtmail.log import LogLine
from qtmail.ui.shared.immediate import Immediate
from qtmail.workers.bridge import EngineBridge
from tests.fakes.local_requests import FakeLocalRequests
from tests.fakes.settings_requests import FakeSettingsRequests


def account(id_: int = 1, name: str = "Personal", color: str = "#3b82f6") -> Account:
    address = f"me@{name.lower()}.example"
    imap = ServerSettings(f"imap.{name.lower()}.example", 993, Security.TLS, address)
    return Account(id_, name, address, "Me", imap, color=color)


def fetching_account(id_: int = 1, name: str = "Personal") -> Account:
    """An account whose mail is kept on this computer."""
    one = account(id_, name)
    return replace(one, imap=None, pop3=one.imap)


@dataclass
class FakeSearch:
    """Something the window waits for; the test answers it. As the real one it calls nobody once cancelled.

    Attributes:
        asked: what was asked, as the arguments of the request.
    """

    asked: tuple[Any, ...]
    _done: Callable[[Any], None]
    _failed: Callable[[QtmailError], None]
    _show: Callable[[Any], None] | None = None
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True

    def answer(self, result: Any) -> None:
        if not self.cancelled:
            self._done(result)

    def fail(self, error: QtmailError) -> None:
        if not self.cancelled:
            self._failed(error)

    def show(self, step: Any) -> None:
        if not self.cancelled and self._show is not None:
            self._show(step)


class FakeMailService(FakeSettingsRequests, FakeLocalRequests):
    """Stands where `workers.MailService` stands.

    Attributes:
        loads, parts, sources: the messages and parts asked for, in order.
        flags_set: (ids, add, remove) of every change of flags.
        added, passwords, trusted, allowed, synced: what the user decided in the dialogs.
        tests: tests of accounts that wait for their verdicts.
        searches: searches for the servers of an address; asked is (address, full name).
        sign_ins: sign-ins in the browser; asked is (SignIn, address, by device, client secret).
        trusted_servers: (host, port, PEM) of certificates accepted before there was an account.
        clear_servers: (host, port) of servers the password may go to unencrypted.
        vaults: master passwords of files asked for.
        vault_fault: why no file can be made; None: it can.
        local_account_id: the account of the local folders.
    """

    def __init__(self, accounts: Sequence[Account] = ()) -> None:
        super().__init__()
        self.bridge = EngineBridge()
        self.background = Immediate()
        self._accounts = list(accounts)
        self._states: dict[int, AccountState] = {}
        self.keyring = ""
        self.log: list[LogLine] = []
        self.operations: list[Operation] = []
        self.loads: list[int] = []
        self.parts: list[tuple[int, str]] = []
        self.sources: list[int] = []
        self.flags_set: list[tuple[list[int], Flag, Flag]] = []
        self.added: list[tuple[Account, str | Permission | None, bool]] = []
        self.passwords: list[tuple[int, str, bool, bool]] = []
        self.trusted: list[Problem] = []
        self.allowed: list[Problem] = []
        self.synced: list[int | None] = []
        self.tests: list[tuple[Account, Secret | None, Callable[[list[Verdict]], None]]] = []
        self.searches: list[FakeSearch] = []
        self.sign_ins: list[FakeSearch] = []
        self.trusted_servers: list[tuple[str, int, str]] = []
        self.clear_servers: list[tuple[str, int]] = []
        self.vaults: list[str] = []
        self.vault_fault: QtmailError | None = None
        self.local_account_id = 99

    def accounts(self) -> list[Account]:
        return list(self._accounts)

    def states(self) -> dict[int, AccountState]:
        return dict(self._states)

    def set_state(self, state: AccountState) -> None:
        """An account's state changes, and the window is told."""
        self._states[state.account_id] = state
        self.bridge.account_changed.emit(state)

    def pending_operations(self, account_id: int) -> list[Operation]:
        return [operation for operation in self.operations if operation.account_id == account_id]

    def protocol_log(self, account_id: int) -> list[LogLine]:
        return list(self.log)

    def keyring_problem(self) -> str:
        return self.keyring

    def sync_now(self, account_id: int | None = None) -> None:
        self.synced.append(account_id)

    def load_message(self, message_id: int) -> None:
        self.loads.append(message_id)

    def load_part(self, message_id: int, section: str) -> None:
        self.parts.append((message_id, section))

    def load_source(self, message_id: int) -> None:
        self.sources.append(message_id)

    def set_flags(self, message_ids: Sequence[int], add: Flag, remove: Flag) -> None:
        self.flags_set.append((list(message_ids), add, remove))

    def discover(
        self,
        address: str,
        full_name: str,
        done: Callable[[Discovery], None],
        failed: Callable[[QtmailError], None],
    ) -> FakeSearch:
        self.searches.append(FakeSearch((address, full_name), done, failed))
        return self.searches[-1]

    def test_account(
        self, account: Account, secret: Secret | None, done: Callable[[list[Verdict]], None]
    ) -> None:
        self.tests.append((account, secret, done))

    def sign_in_by_browser(
        self,
        sign_in: SignIn,
        address: str,
        *,
        show: Callable[[Any], None],
        done: Callable[[Permission], None],
        failed: Callable[[QtmailError], None],
        device: bool = False,
        client_secret: str = "",
    ) -> FakeSearch:
        self.sign_ins.append(FakeSearch((sign_in, address, device, client_secret), done, failed, show))
        return self.sign_ins[-1]

    def trust_server(self, host: str, port: int, pem: str, done: Callable[[], None]) -> None:
        self.trusted_servers.append((host, port, pem))
        done()

    def certificate_changes(
        self, host: str, port: int, pem: str, done: Callable[[tuple[str, ...]], None]
    ) -> None:
        done(("It is another certificate than last time.",))

    def allow_clear_password_at(self, host: str, port: int, done: Callable[[], None]) -> None:
        self.clear_servers.append((host, port))
        done()

    def create_vault(
        self, master_password: str, done: Callable[[], None], failed: Callable[[QtmailError], None]
    ) -> None:
        self.vaults.append(master_password)
        if self.vault_fault is None:
            done()
        else:
            failed(self.vault_fault)

    def local_folders(self, done: Callable[[int], None]) -> None:
        done(self.local_account_id)

    def add_account(self, account: Account, secret: str | Permission | None, *, remember: bool) -> None:
        self.added.append((account, secret, remember))
        self._accounts.append(account)
        self.bridge.store_changed.emit(StoreChange(frozenset({ChangeKind.ACCOUNTS})))

    def supply_password(
        self, account_id: int, password: str, *, remember: bool, sending: bool = False
    ) -> None:
        self.passwords.append((account_id, password, remember, sending))

    def allow_clear_password(self, problem: Problem) -> None:
        self.allowed.append(problem)

    def trust_certificate(self, problem: Problem) -> None:
        self.trusted.append(problem)
