"""What all ways to an account's mail have in common, whatever they speak.

    Backend ──open──────> session     signed in and ready; whoever opens it closes it
    Incoming ──one_pass─> Pass        one look for mail: what the command line does
             ──receiver─> Receiver    one look after the other, until it is stopped: what the window needs

Whoever uses them asks `Account.capabilities` what can be done, and nobody what kind of account it is: that
is known in one place only, `engine.incoming`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from qtmail.domain.account import Account, BodyPolicy
from qtmail.domain.events import SyncReport
from qtmail.engine.account_monitor import AccountMonitor
from qtmail.engine.attendant import Errand
from qtmail.engine.reporting import Listener
from qtmail.engine.stopping import StopToken
from qtmail.errors import QtmailError

SessionT = TypeVar("SessionT", covariant=True)


class Backend(Protocol[SessionT]):
    """Opens sessions for one account. What a session can be asked depends on its protocol."""

    account: Account

    def open(self, *, on_created: Callable[[SessionT], None] = ...) -> SessionT:
        """Connect and sign in.

        Args:
            on_created: told of the session before anything blocks, so that another thread can abort it.

        Raises:
            PasswordNeeded, SignInExpired, KeyringFailed: there is nothing to sign in with; nothing was sent.
            ConnectionFailed, TlsFailed, SignInFailed, ProtocolViolation: by layer.
        """
        ...


class Pass(Protocol):
    """One look for mail after the other, each when it is asked for."""

    def run(self, *, only: str | None = None, bodies: BodyPolicy | None = None) -> SyncReport:
        """Sign in, bring what is here in step with the server, and leave.

        What came before a fault is here and stays; the next run goes on from there.

        Args:
            only: the path of the one folder to look at; None: all.
            bodies: which messages are fetched whole, where these can be had in parts; None: as the account
                and its folders say.

        Raises:
            PasswordNeeded, SignInFailed and the like: as `Backend.open` does.
            ServerRefused: there is no such folder, or nothing can be listed.
            ConnectionFailed, ProtocolViolation: the line is lost.
            Stopped: the work was asked to stop.
        """
        ...


class Receiver(Protocol):
    """Keeps what is here in step with the server until its stop token is set.

    Attributes:
        duties: by name, what its threads run, one each. They report to the monitor under these names.
    """

    @property
    def duties(self) -> Mapping[str, Callable[[], None]]: ...

    def look_now(self) -> None:
        """Look for mail now, and do not wait for a retry that is due later."""
        ...

    def nudge(self) -> None:
        """Something the user did is to be told to the server."""
        ...

    def request(self, errand: Errand) -> None:
        """Do something for the user as soon as there is a session, or say at once that there is none."""
        ...

    def crashed(self, duty: str, fault: QtmailError) -> None:
        """The thread of this duty is no more; nobody waits for it in vain."""
        ...

    def abort(self) -> None:
        """Break off what is under way, from another thread, after the stop token was set."""
        ...


class Incoming(Protocol):
    """The way new mail comes to an account."""

    def one_pass(self, listener: Listener, stop: StopToken) -> Pass: ...

    def receiver(
        self, monitor: AccountMonitor, listener: Listener, stop: StopToken, *, alone: Callable[[], bool]
    ) -> Receiver:
        """`alone`: whether this process is the one that sends from the account, and files what it sent."""
        ...
