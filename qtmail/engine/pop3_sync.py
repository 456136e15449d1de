"""One pass over one POP3 account: as many sessions as it takes until nothing is left to fetch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from qtmail.domain.account import Account, Pop3Keep
from qtmail.domain.events import Problem, SyncReport
from qtmail.engine.local_mail import LocalMail, home_of
from qtmail.engine.pop3_check import Pop3Check
from qtmail.engine.reporting import Listener, SyncTally
from qtmail.engine.stopping import StopToken
from qtmail.errors import Layer, QtmailError, Retry
from qtmail.log import logger
from qtmail.process_lock import ProcessLock
from qtmail.protocols.imap_values import Counters
from qtmail.protocols.pop3 import Pop3Capabilities, Pop3Session
from qtmail.store.store import Store

log = logger("pop3")


class Pop3Sync:
    """Fetches the mail of one account; used by one thread, and by one process at a time."""

    def __init__(
        self,
        store: Store,
        account: Account,
        listener: Listener,
        stop: StopToken,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        home = home_of(store, account)
        if account.pop3_policy.deliver_to and home.id == account.id:
            account = _without_home(account)
        self._store = store
        self._account = account
        self._listener = listener
        self._stop = stop
        self._clock = clock
        self._local = LocalMail(store, home, stop, clock)
        self._lock = ProcessLock(store.directory / f"pop3-{account.id}.lock")
        self._shown = False
        self._told: set[str] = set()

    def run(self, open_session: Callable[[], Pop3Session]) -> SyncReport:
        """Fetch what is new, and delete on the server what is not to stay there.

        Args:
            open_session: makes a session that is signed in; closed here.

        Raises:
            QtmailError: another process fetches this account's mail now.
            PasswordNeeded, SignInFailed and the like: as `open_session` does.
            ServerRefused: the mailbox is in use or cannot be listed.
            ConnectionFailed, ProtocolViolation: the line is lost; what came stays, the next pass goes on.
            Stopped: the work was asked to stop.
        """
        tally = SyncTally(self._account.id, folders=1)
        cost = Counters()
        with self._alone(), self._all_shown():
            more = True
            while more:
                self._stop.check()
                with closing(open_session()) as session:
                    before = session.counters
                    more = self._check(session, tally)
                    cost += session.counters - before
        return tally.report(cost.bytes_received, cost.bytes_sent, cost.round_trips)

    def _check(self, session: Pop3Session, tally: SyncTally) -> bool:
        """Look for mail over one session; returns whether another is needed."""
        capabilities = session.capabilities
        check = Pop3Check(
            self._store,
            self._account,
            self._local,
            session,
            listener=self._listener,
            tally=tally,
            stop=self._stop,
            clock=self._clock,
        )
        tally.folders_selected += 1
        check.run()
        self._tell_of_limits(capabilities, has_ids=check.has_ids)
        return check.more

    @contextmanager
    def _all_shown(self) -> Iterator[None]:
        """Show what a crash, or a full disk, kept from being shown the last time."""
        if not self._shown:
            self._local.show()
        self._shown = False
        yield
        self._shown = True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from fetching the same mail: it would be here twice."""
        try:
            if not self._lock.acquire():
                raise _busy(self._account)
        except OSError as error:
            raise QtmailError(
                f"The mail of “{self._account.name}” could not be locked, so nothing is fetched.",
                advice="Check that the disk is not full and that you may write to the profile folder.",
                detail=str(error),
                layer=Layer.STORE,
                retry=Retry.LATER,
            ) from error
        try:
            yield
        finally:
            self._lock.release()

    def _tell_of_limits(self, capabilities: Pop3Capabilities, *, has_ids: bool) -> None:
        host, keep = self._account.server.host, self._account.pop3_policy.keep
        if not has_ids and capabilities.top:
            self._tell(
                f"{host} gives its messages no ids, so they are told apart by their headers.",
                "Each look for mail has to ask for all headers and takes longer than elsewhere.",
            )
        elif not has_ids and keep is not Pop3Keep.DELETE:
            self._tell(
                f"{host} gives neither ids nor headers of its messages, so each look fetches all of them.",
                "In the account's settings, choose that mail is deleted on the server once it is here.",
            )
        if capabilities.expire == 0 and keep is not Pop3Keep.DELETE:
            self._tell(
                f"{host} deletes by itself what has been fetched, whatever is set here.",
                "Your mail is safe on this computer; other devices will not find it on the server.",
            )

    def _tell(self, sentence: str, advice: str) -> None:
        """Tell what is no fault and cannot be mended, each once."""
        if sentence not in self._told:
            self._told.add(sentence)
            self._listener(
                Problem(self._account.id, sentence, advice, layer=Layer.CAPABILITY, retry=Retry.NEVER)
            )


def _without_home(account: Account) -> Account:
    """The local folders that it delivered to were removed, and the messages in them with the folders: nobody
    said that they are to go from the server as well.
    """
    policy = account.pop3_policy
    if policy.keep is not Pop3Keep.UNTIL_DELETED:
        return account
    log.warning("%s: the folders it delivered to are gone; nothing is deleted there", account.name)
    return replace(account, pop3_policy=replace(policy, keep=Pop3Keep.KEEP))


def _busy(account: Account) -> QtmailError:
    return QtmailError(
        f"The mail of “{account.name}” is being fetched by another window or command of qtmail.",
        advice="It will be here as soon as that is done.",
        layer=Layer.STORE,
        retry=Retry.LATER,
    )
