"""Checks an account's servers and this computer step by step, and names the layer that fails."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Protocol, TypeAlias

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.diagnosis import Verdict
from qtmail.domain.folder import SpecialUse
from qtmail.engine.imap_backend import tls_trust
from qtmail.errors import Layer, PasswordNeeded, QtmailError, Retry
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.probe import look_up, try_connection
from qtmail.protocols.smtp import SmtpSession
from qtmail.store.store import Store

TIMEOUT = 15.0
"""Seconds each step may take."""

_USEFUL = {
    "IDLE": "announces new mail at once",
    "QRESYNC": "tells changes in one answer",
    "CONDSTORE": "tells changed flags",
    "MOVE": "moves messages safely",
    "SPECIAL-USE": "names its special folders",
}
_NO_ADVICE = {
    Retry.LATER: "Try again later; if it goes on, ask the provider.",
    Retry.ASK_USER: "Check the account's settings.",
    Retry.NEVER: "The provider can tell why.",
}


def check_server(
    account: Account,
    password: str | None,
    trust: TlsTrust,
    protocol_log: ProtocolLog | None = None,
    *,
    smtp_password: str | None = None,
    allow_clear_password: bool = False,
    timeout: float = TIMEOUT,
) -> list[Verdict]:
    """Try both servers of an account: name look-up, connection, encryption, greeting, capabilities, sign-in
    and, where mail is read, folders, in this order. No mail is sent.

    Without a password everything up to the sign-in is checked, and the sign-in then says that it is missing.

    Args:
        password: for the IMAP server, and for the SMTP server of the same user without one of its own.
        allow_clear_password: the user agreed that everybody on the way to the SMTP server may read it.

    Returns one verdict for each step that was reached; the last one of each server is its fault, if there is
    one.
    """
    log = protocol_log or ProtocolLog()
    verdicts: list[Verdict] = []
    if account.imap is not None:
        imap = ImapSession(account.imap, trust=trust, log=log, timeout=timeout)
        verdicts += _ImapCheck(account.imap, imap, password, timeout).run()
    if account.smtp is not None:
        if smtp_password is None and (account.imap is None or account.imap.user == account.smtp.user):
            smtp_password = password
        smtp = SmtpSession(
            account.smtp, trust=trust, log=log, timeout=timeout, allow_clear_password=allow_clear_password
        )
        verdicts += _SmtpCheck(account.smtp, smtp, smtp_password, timeout).run()
    return verdicts


def check_account(
    store: Store, credentials: Credentials, account: Account, password: str | None = None
) -> list[Verdict]:
    """Try both servers of an account that is stored, with the passwords that are known of it.

    `password`: given now; it goes before the one that is kept. Raises KeyringFailed.
    """
    smtp = account.smtp
    return check_server(
        account,
        password or (credentials.get(account) if account.imap is not None else None),
        tls_trust(store),
        smtp_password=password or (credentials.get(account, "smtp") if smtp is not None else None),
        allow_clear_password=smtp is not None and store.accounts.clear_allowed(smtp.host, smtp.port),
    )


def check_computer(store: Store, credentials: Credentials) -> list[Verdict]:
    """Check the local databases and the password store."""
    started = time.monotonic()
    damage = store.check()
    verdicts = [
        Verdict("", Layer.STORE, False, sentence, seconds=time.monotonic() - started) for sentence in damage
    ] or [
        Verdict("", Layer.STORE, True, "The local databases are sound.", seconds=time.monotonic() - started)
    ]
    started = time.monotonic()
    reason = credentials.unusable_reason()
    sentence = reason or "Passwords can be kept in the system's password store."
    advice = "Passwords are asked for at each start, or given with --password-stdin." if reason else ""
    verdicts.append(
        Verdict("", Layer.KEYRING, not reason, sentence, advice, seconds=time.monotonic() - started)
    )
    return verdicts


class _Session(Protocol):
    """What sessions of all protocols have in common."""

    @property
    def tls_version(self) -> str: ...

    def connect(self) -> None: ...

    def close(self) -> None: ...


_Step: TypeAlias = tuple[Layer, Callable[[], str]]


class _ServerCheck(ABC):
    """The steps that are the same for every server: up to the greeting."""

    def __init__(
        self, settings: ServerSettings, session: _Session, password: str | None, timeout: float
    ) -> None:
        self._settings = settings
        self._server = f"{settings.host}:{settings.port}"
        self._line = session
        self._given_password = password
        self._timeout = timeout

    def run(self) -> list[Verdict]:
        try:
            return list(self._verdicts())
        finally:
            self._line.close()

    def _verdicts(self) -> Iterator[Verdict]:
        clear = self._settings.security is Security.NONE
        common: list[_Step] = [
            (Layer.NAME_LOOKUP, self._look_up),
            (Layer.CONNECTION, self._connect_only),
            (Layer.GREETING if clear else Layer.TLS, self._connect),
        ]
        for layer, step in common + self._further_steps():
            verdict = self._try(layer, step)
            yield verdict
            if not verdict.ok:
                return

    @abstractmethod
    def _further_steps(self) -> list[_Step]:
        """What this kind of server is asked after the greeting."""

    def _try(self, layer: Layer, step: Callable[[], str]) -> Verdict:
        started = time.monotonic()
        try:
            sentence = step()
        except QtmailError as error:
            return Verdict(
                self._server,
                # A line that breaks is a fault of the step in which it breaks.
                layer if error.layer in (Layer.CONNECTION, Layer.PROTOCOL) else error.layer,
                False,
                error.sentence,
                error.advice or _NO_ADVICE[error.retry],
                error.detail,
                getattr(error, "certificate", ""),
                time.monotonic() - started,
            )
        return Verdict(self._server, layer, True, sentence, seconds=time.monotonic() - started)

    def _look_up(self) -> str:
        host = self._settings.host
        return f"{host} is {', '.join(look_up(host, self._settings.port, self._timeout))}."

    def _connect_only(self) -> str:
        try_connection(self._settings.host, self._settings.port, self._timeout)
        return f"Port {self._settings.port} answers."

    def _connect(self) -> str:
        self._line.connect()
        if self._settings.security is Security.NONE:
            return "The server greets. The line is not encrypted, as the settings ask for."
        return f"The line is encrypted ({self._line.tls_version}), and the certificate is trusted."

    def _password(self) -> str:
        if self._given_password is None:
            raise PasswordNeeded("The password is not known.", advice="Give it to check the sign-in, too.")
        return self._given_password


class _ImapCheck(_ServerCheck):
    """Where mail is read."""

    def __init__(
        self, settings: ServerSettings, session: ImapSession, password: str | None, timeout: float
    ) -> None:
        super().__init__(settings, session, password, timeout)
        self._session = session

    def _further_steps(self) -> list[_Step]:
        return [
            (Layer.CAPABILITY, self._describe_capabilities),
            (Layer.SIGN_IN, self._sign_in),
            (Layer.FOLDER, self._open_inbox),
        ]

    def _describe_capabilities(self) -> str:
        offered = [f"{name} ({why})" for name, why in _USEFUL.items() if name in self._session.capabilities]
        return f"The server offers {', '.join(offered)}." if offered else "The server offers plain IMAP only."

    def _sign_in(self) -> str:
        self._session.sign_in(self._password())
        return f"{self._settings.user} is signed in."

    def _open_inbox(self) -> str:
        folders = self._session.list_folders()
        inbox = next((folder for folder in folders if folder.special_use is SpecialUse.INBOX), None)
        if inbox is None:
            raise QtmailError(
                "The server lists no inbox.", advice="Ask the server's owner.", layer=Layer.FOLDER
            )
        # Some providers let everybody sign in and list, and refuse only here.
        inbox_now = self._session.select(inbox.wire_name)
        return f"{_count(len(folders), 'folder')}; the inbox holds {_count(inbox_now.exists, 'message')}."


class _SmtpCheck(_ServerCheck):
    """Where mail is handed in; nothing is sent."""

    def __init__(
        self, settings: ServerSettings, session: SmtpSession, password: str | None, timeout: float
    ) -> None:
        super().__init__(settings, session, password, timeout)
        self._session = session

    def _further_steps(self) -> list[_Step]:
        return [(Layer.CAPABILITY, self._describe_offers), (Layer.SIGN_IN, self._sign_in)]

    def _describe_offers(self) -> str:
        offers = self._session.offers
        said = {
            "PIPELINING (sends without waiting)": offers.pipelining,
            "CHUNKING (takes messages as they are)": offers.chunking,
            "8BITMIME (takes all letters)": offers.eight_bit,
            "SMTPUTF8 (takes addresses in all scripts)": offers.utf8,
            "DSN (reports deliveries)": offers.dsn,
            f"SIZE (messages up to {offers.size_limit or 0:,} bytes)": offers.size_limit is not None,
        }
        offered = [name for name, is_offered in said.items() if is_offered]
        return f"The server offers {', '.join(offered)}." if offered else "The server offers plain SMTP only."

    def _sign_in(self) -> str:
        if not self._settings.user:
            return "The settings name no user, so there is no sign-in."
        clear = self._settings.security is Security.NONE
        if clear and not self._session.offers.mechanisms:
            return "The server offers no sign-in; mail is handed in without."
        self._session.sign_in(self._password())
        return f"{self._settings.user} is signed in."


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
