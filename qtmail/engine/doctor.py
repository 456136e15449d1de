"""Checks an account's server and this computer step by step, and names the layer that fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, Security
from qtmail.domain.diagnosis import Verdict
from qtmail.domain.folder import SpecialUse
from qtmail.errors import Layer, PasswordNeeded, QtmailError, Retry
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap import ImapSession
from qtmail.protocols.probe import look_up, try_connection
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
    timeout: float = TIMEOUT,
) -> list[Verdict]:
    """Try name look-up, connection, encryption, greeting, capabilities, sign-in and folders, in this order.

    Without a password everything up to the sign-in is checked, and the sign-in then says that it is missing.

    Returns one verdict for each step that was reached; the last one is the fault, if there is one.
    """
    if account.imap is None:
        return []
    session = ImapSession(account.imap, trust=trust, log=protocol_log or ProtocolLog(), timeout=timeout)
    return list(_ServerCheck(account, password, session, timeout).run())


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


class _ServerCheck:
    def __init__(self, account: Account, password: str | None, session: ImapSession, timeout: float) -> None:
        self._settings = session.settings
        self._server = f"{session.settings.host}:{session.settings.port}"
        self._password = password
        self._session = session
        self._timeout = timeout

    def run(self) -> Iterator[Verdict]:
        clear = self._settings.security is Security.NONE
        steps: list[tuple[Layer, Callable[[], str]]] = [
            (Layer.NAME_LOOKUP, self._look_up),
            (Layer.CONNECTION, self._connect_only),
            (Layer.GREETING if clear else Layer.TLS, self._connect),
            (Layer.CAPABILITY, self._describe_capabilities),
            (Layer.SIGN_IN, self._sign_in),
            (Layer.FOLDER, self._open_inbox),
        ]
        with self._closing():
            for layer, step in steps:
                verdict = self._try(layer, step)
                yield verdict
                if not verdict.ok:
                    return

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

    @contextmanager
    def _closing(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._session.close()

    def _look_up(self) -> str:
        host = self._settings.host
        return f"{host} is {', '.join(look_up(host, self._settings.port, self._timeout))}."

    def _connect_only(self) -> str:
        try_connection(self._settings.host, self._settings.port, self._timeout)
        return f"Port {self._settings.port} answers."

    def _connect(self) -> str:
        self._session.connect()
        if self._settings.security is Security.NONE:
            return "The server greets. The line is not encrypted, as the settings ask for."
        return f"The line is encrypted ({self._session.tls_version}), and the certificate is trusted."

    def _describe_capabilities(self) -> str:
        offered = [f"{name} ({why})" for name, why in _USEFUL.items() if name in self._session.capabilities]
        return f"The server offers {', '.join(offered)}." if offered else "The server offers plain IMAP only."

    def _sign_in(self) -> str:
        if self._password is None:
            raise PasswordNeeded("The password is not known.", advice="Give it to check the sign-in, too.")
        self._session.sign_in(self._password)
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


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
