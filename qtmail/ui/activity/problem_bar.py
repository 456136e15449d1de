"""Strips above the message list that say what is wrong with an account and offer what the user can do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from qtmail.domain.account import Account
from qtmail.domain.events import AccountState, Problem
from qtmail.errors import Layer, Retry
from qtmail.ui.shared.notice_strip import NoticeArea, NoticeStrip, Tone
from qtmail.ui.shared.theme import Theme

_CHECKED = frozenset(Layer) - {Layer.MESSAGE, Layer.FILE, Layer.USAGE}
"""What a check of the connection may tell more about."""
_BY_SETTINGS = frozenset({Layer.NAME_LOOKUP, Layer.CONNECTION, Layer.GREETING})
"""What a wrong name or port of the server may cause."""


class ProblemBar(NoticeArea):
    """One strip for every account that has a problem, and one for each fault of the program itself.

    Signals:
        retry_requested: try the account (its id) again now.
        password_requested: the user wants to enter a password; carries the Problem.
        certificate_requested: the user wants to see the certificate; carries the Problem.
        clear_password_allowed: the password may go to this server over an open line; carries the Problem.
        sign_in_requested: the user wants to sign in at the provider again; carries the Problem.
        unlock_requested: the user wants to open the file with the passwords; carries the Problem.
        connection_check_requested: the user wants to know where it fails; carries the account's id.
        settings_requested: the user wants to look at the account's settings; carries its id.
    """

    retry_requested = Signal(int)
    password_requested = Signal(object)
    certificate_requested = Signal(object)
    clear_password_allowed = Signal(object)
    sign_in_requested = Signal(object)
    unlock_requested = Signal(object)
    connection_check_requested = Signal(int)
    settings_requested = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._shown: dict[str, Problem] = {}
        self.setContentsMargins(8, 8, 8, 8)

    def show_state(self, account: Account, state: AccountState) -> None:
        """Show the problem that stands for an account, or take its strip away."""
        if state.problem is None:
            self.forget_account(account.id)
        else:
            self._show(_key(account.id), state.problem, account.name)

    def show_problem(self, problem: Problem) -> None:
        """Show a fault that belongs to no account's state."""
        self._show(f"fault/{problem.sentence}", problem, "")

    def forget_account(self, account_id: int) -> None:
        self._shown.pop(_key(account_id), None)
        self.remove(_key(account_id))

    def account_strip(self, account_id: int) -> NoticeStrip | None:
        """The strip of an account, if it has a problem."""
        return self.notice(_key(account_id))

    def _show(self, key: str, problem: Problem, where: str) -> None:
        # States come many times a second: a strip rebuilt under the pointer could not be clicked, and one
        # that the user closed must not come back before something else goes wrong.
        if self._shown.get(key) == problem and key.startswith("account/"):
            return
        self._shown[key] = problem
        sentence = f"{where}: {problem.sentence}" if where else problem.sentence
        strip = self.show_notice(
            key,
            " ".join(part for part in (sentence, problem.advice) if part),
            tone=Tone.WARNING if problem.retry == Retry.LATER else Tone.DANGER,
            actions=self._actions(problem),
        )
        strip.setToolTip(problem.detail)

    def _actions(self, problem: Problem) -> list[tuple[str, Callable[[], None]]]:
        actions: list[tuple[str, Callable[[], None]]] = []
        if problem.certificate:
            actions.append((self.tr("Show certificate…"), lambda: self.certificate_requested.emit(problem)))
        elif problem.clear_password:
            allow = self.tr("Allow for this server")
            actions.append((allow, lambda: self.clear_password_allowed.emit(problem)))
        elif problem.sign_in_again:
            actions.append((self.tr("Sign in again…"), lambda: self.sign_in_requested.emit(problem)))
        elif problem.unlock:
            actions.append((self.tr("Unlock…"), lambda: self.unlock_requested.emit(problem)))
        elif problem.layer == Layer.SIGN_IN and problem.retry == Retry.ASK_USER:
            actions.append((self.tr("Enter password…"), lambda: self.password_requested.emit(problem)))
        if problem.account_id:
            actions.append((self.tr("Try again"), lambda: self.retry_requested.emit(problem.account_id)))
        if problem.account_id and problem.layer in _CHECKED:
            check = self.tr("Check connection…")
            actions.append((check, lambda: self.connection_check_requested.emit(problem.account_id)))
        if problem.account_id and problem.layer in _BY_SETTINGS:
            actions.append((self.tr("Settings…"), lambda: self.settings_requested.emit(problem.account_id)))
        return actions


def _key(account_id: int) -> str:
    return f"account/{account_id}"
