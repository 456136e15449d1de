"""The mail service as the window sees it, without threads, servers or a store.

What the window asks for is kept, so that a test can look at it; answers are given by the test through the
real bridge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.diagnosis import Verdict
from qtmail.domain.events import AccountState, ChangeKind, Problem, StoreChange
from qtmail.domain.message import Flag
from qtmail.domain.operations import Operation
from qtmail.log import LogLine
from qtmail.ui.shared.immediate import Immediate
from qtmail.workers.bridge import EngineBridge


def account(id_: int = 1, name: str = "Personal", color: str = "#3b82f6") -> Account:
    address = f"me@{name.lower()}.example"
    imap = ServerSettings(f"imap.{name.lower()}.example", 993, Security.TLS, address)
    return Account(id_, name, address, "Me", imap, color=color)


class FakeMailService:
    """Stands where `workers.MailService` stands.

    Attributes:
        loads, parts, sources: the messages and parts asked for, in order.
        flags_set: (ids, add, remove) of every change of flags.
        added, passwords, trusted, allowed, synced: what the user decided in the dialogs.
        tests: tests of accounts that wait for their verdicts.
    """

    def __init__(self, accounts: Sequence[Account] = ()) -> None:
        self.bridge = EngineBridge()
        self.background = Immediate()
        self._accounts = list(accounts)
        self._states: dict[int, AccountState] = {}
        self.keyring: str | None = None
        self.log: list[LogLine] = []
        self.operations: list[Operation] = []
        self.loads: list[int] = []
        self.parts: list[tuple[int, str]] = []
        self.sources: list[int] = []
        self.flags_set: list[tuple[list[int], Flag, Flag]] = []
        self.added: list[tuple[Account, str | None, bool]] = []
        self.passwords: list[tuple[int, str, bool, bool]] = []
        self.trusted: list[Problem] = []
        self.allowed: list[Problem] = []
        self.synced: list[int | None] = []
        self.tests: list[tuple[Account, str, Callable[[list[Verdict]], None]]] = []

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

    def keyring_problem(self) -> str | None:
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

    def test_account(self, account: Account, password: str, done: Callable[[list[Verdict]], None]) -> None:
        self.tests.append((account, password, done))

    def add_account(self, account: Account, password: str | None, *, remember: bool) -> None:
        self.added.append((account, password, remember))
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
