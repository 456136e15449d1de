"""Checks an account's servers step by step, and names the layer that fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import chain
from typing import TypeAlias, TypedDict

from qtmail.domain.account import Account, ServerSettings
from qtmail.domain.diagnosis import Verdict
from qtmail.domain.sign_in import AccessToken, ClientCertificate, Secret
from qtmail.engine.certificates import tls_trust
from qtmail.engine.computer_checks import clock_verdict
from qtmail.engine.secrets import Secrets, check_audience
from qtmail.engine.server_check import Limits
from qtmail.engine.server_checks import ImapCheck, Pop3Check, SmtpCheck
from qtmail.errors import QtmailError
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.pop3 import Pop3Session
from qtmail.protocols.sign_in import certificate_in
from qtmail.protocols.smtp import SmtpSession
from qtmail.store.store import Store

_Check: TypeAlias = ImapCheck | Pop3Check | SmtpCheck
_Found: TypeAlias = Secret | QtmailError | None
"""What to sign in with, or why there is nothing; None: nobody knows it."""

_LIMITS = Limits()


def check_server(
    account: Account,
    secret: Secret | None,
    trust: TlsTrust,
    protocol_log: ProtocolLog | None = None,
    *,
    sending_secret: Secret | None = None,
    limits: Limits = _LIMITS,
) -> list[Verdict]:
    """Try all servers of an account, side by side: name look-up, connection, encryption, greeting,
    capabilities, sign-in and, where mail comes from, folders and quota. No mail is sent, fetched or changed.

    Without a secret everything up to the sign-in is checked, and the sign-in then says that it is missing.

    Args:
        secret: for the server mail comes from, and for the sending one of the same user without its own.
        protocol_log: told of the conversation, one server after the other, when all is over.

    Returns one verdict for each step that was reached, server by server; the last one of each is its fault,
    if there is one. The very last is about this computer's clock.
    """
    incoming, smtp = account.incoming, account.smtp
    if sending_secret is None and (incoming is None or smtp is None or incoming.user == smtp.user):
        sending_secret = secret

    def find(purpose: str) -> _Found:
        found = sending_secret if purpose == "smtp" else secret
        if isinstance(found, AccessToken):
            try:
                check_audience(account, purpose)
            except QtmailError as error:
                return error
        return found

    return _Examination(account, find, trust, limits).run(protocol_log)


def check_account(
    store: Store, secrets: Secrets, account: Account, protocol_log: ProtocolLog | None = None
) -> list[Verdict]:
    """The same for an account that is stored, with what is known of it to sign in."""

    def find(purpose: str) -> _Found:
        try:
            return secrets.secret(account, purpose)
        except QtmailError as error:
            return error

    return _Examination(account, find, tls_trust(store), _LIMITS).run(protocol_log)


class _Examination:
    """One look at all servers of an account."""

    def __init__(
        self, account: Account, find: Callable[[str], _Found], trust: TlsTrust, limits: Limits
    ) -> None:
        """`find`: what to sign in with for a purpose ("imap", "pop3", "smtp")."""
        self._account = account
        self._find = find
        self._trust = trust
        self._limits = limits
        self._logs: list[ProtocolLog] = []

    def run(self, protocol_log: ProtocolLog | None) -> list[Verdict]:
        checks = self._checks()
        if not checks:
            return []
        verdicts = _run_together(checks)
        if protocol_log is not None:
            for log in self._logs:
                protocol_log.extend(log.lines())
        skew = next((check.skew for check in checks if check.skew is not None), None)
        return [*verdicts, clock_verdict(skew)]

    def _checks(self) -> list[_Check]:
        """One for each server; what it signs in with is looked up now."""
        account, limits = self._account, self._limits
        checks: list[_Check] = []
        if (server := account.imap) is not None:
            found = self._find("imap")
            checks.append(ImapCheck(server, ImapSession(server, **self._line(server, found)), found, limits))
        if (server := account.pop3) is not None:
            found = self._find("pop3")
            line = self._line(server, found)
            session = Pop3Session(server, **line, apop=account.pop3_policy.apop)
            checks.append(Pop3Check(server, session, found, limits))
        if (server := account.smtp) is not None:
            found = self._find("smtp")
            checks.append(SmtpCheck(server, SmtpSession(server, **self._line(server, found)), found, limits))
        return checks

    def _line(self, server: ServerSettings, found: _Found) -> _Line:
        self._logs.append(ProtocolLog())
        return _Line(
            trust=self._trust,
            log=self._logs[-1],
            timeout=self._limits.silence,
            allow_clear_password=self._trust.clear_allowed(server.host, server.port),
            client_certificate=None if isinstance(found, QtmailError) else certificate_in(found),
        )


def _run_together(checks: Sequence[_Check]) -> list[Verdict]:
    """What all of them found, in their order."""
    found: list[Future[list[Verdict]]] = [Future() for _ in checks]

    def run(check: _Check, future: Future[list[Verdict]]) -> None:
        try:
            future.set_result(check.run())
        except BaseException as bug:  # noqa: BLE001 - goes to who waits for the result
            future.set_exception(bug)

    # Daemons, unlike the threads of an executor: a server that is silent must not hold up the program's end.
    for pair in zip(checks, found, strict=True):
        threading.Thread(target=run, args=pair, name="check", daemon=True).start()
    return list(chain.from_iterable(future.result() for future in found))


class _Line(TypedDict):
    """What sessions of all protocols are told."""

    trust: TlsTrust
    log: ProtocolLog
    timeout: float
    allow_clear_password: bool
    client_certificate: ClientCertificate | None
