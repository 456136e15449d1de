"""Passwords: in the system's keyring, or in memory for this session. The only module that knows `keyring`.

Nothing here may be called on the GUI thread: a locked keyring asks the user to unlock it and blocks until
they did, and the first call imports keyring (100 ms). Which keyring is used is the user's choice, by
keyring's own configuration file or `PYTHON_KEYRING_BACKEND`; only one that would write plain text is refused.
Where there is none, passwords last for the session, and `unusable_reason` says so in words.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from qtmail.domain.account import Account, ServerSettings
from qtmail.errors import KeyringFailed
from qtmail.log import logger

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_T = TypeVar("_T")

_PURPOSES = ("imap", "smtp")
_SESSION_ONLY = "Passwords are kept until qtmail is closed."

_log = logger("credentials")


class Credentials:
    """The passwords of accounts, by server and user name. Safe to use from several threads.

    Args:
        backend: the keyring to use instead of the one the user configured.
    """

    def __init__(self, backend: KeyringBackend | None = None) -> None:
        self._backend = backend
        self._problem = ""
        self._looked = False
        # One question to the keyring at a time: unlocking it once serves all who wait.
        self._keyring_lock = threading.RLock()
        self._session: dict[tuple[str, str], str] = {}
        self._session_lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<Credentials with {len(self._session)} session passwords>"

    def usable(self) -> bool:
        """Whether passwords can be remembered beyond this session."""
        return not self.unusable_reason()

    def unusable_reason(self) -> str:
        """Why passwords cannot be remembered, as a sentence for the user; "" when they can."""
        with self._keyring_lock:
            self._look_once()
            return self._problem

    def get(self, account: Account, purpose: str = "imap") -> str | None:
        """The password for one of an account's servers ("imap" or "smtp"), or None when none is known.

        An SMTP server without a password of its own gets the IMAP server's, if the user is the same.

        Raises KeyringFailed when the keyring is locked or fails.
        """
        found = self._find(_key(account, purpose))
        if found is None and purpose == "smtp" and _same_user(account):
            found = self._find(_key(account, "imap"))
        return found

    def _find(self, key: tuple[str, str]) -> str | None:
        with self._session_lock:
            if key in self._session:
                return self._session[key]
        with self._keyring_lock:
            if not self.usable():
                return None
            return self._ask(lambda keyring: keyring.get_password(*key), "read")

    def remember(self, account: Account, password: str, purpose: str = "imap") -> None:
        """Store a password in the keyring. Raises KeyringFailed; the session password is then unchanged."""
        key = _key(account, purpose)
        with self._keyring_lock:
            if problem := self.unusable_reason():
                raise KeyringFailed(problem, advice=_SESSION_ONLY)
            self._ask(lambda keyring: keyring.set_password(*key, password), "stored")
        with self._session_lock:
            self._session.pop(key, None)

    def session(self, account: Account, password: str, purpose: str = "imap") -> None:
        """Keep a password in memory until the program ends; it goes before the one in the keyring."""
        with self._session_lock:
            self._session[_key(account, purpose)] = password

    def forget(self, account: Account) -> None:
        """Drop all passwords of an account, here and in the keyring.

        Raises KeyringFailed when the keyring is locked or fails.
        """
        keys = {_key(account, purpose) for purpose in _PURPOSES if _server(account, purpose) is not None}
        with self._session_lock:
            for key in keys:
                self._session.pop(key, None)
        with self._keyring_lock:
            if self.usable():
                self._ask(lambda keyring: _delete(keyring, keys), "removed")

    def _look_once(self) -> None:
        if not self._looked:
            self._looked = True
            self._backend, self._problem = _choose(self._backend)

    def _ask(self, question: Callable[[KeyringBackend], _T], done: str) -> _T:
        assert self._backend is not None
        try:
            return question(self._backend)
        except Exception as error:
            # A backend is foreign code of the user's choice: SecretService, KWallet, Windows and third
            # parties each have exceptions of their own, with no base class in common.
            raise _keyring_failed(error, done) from error


def _server(account: Account, purpose: str) -> ServerSettings | None:
    match purpose:
        case "imap":
            return account.imap
        case "smtp":
            return account.smtp
    raise ValueError(f"no such purpose: {purpose}")


def _key(account: Account, purpose: str) -> tuple[str, str]:
    """Service and user name under which a keyring files the password; people read these in its manager."""
    server = _server(account, purpose)
    if server is None:
        raise ValueError(f"the account has no {purpose} server")
    return f"qtmail {purpose} {server.host.lower()}:{server.port}", server.user


def _same_user(account: Account) -> bool:
    return account.imap is not None and account.smtp is not None and account.imap.user == account.smtp.user


def _choose(given: KeyringBackend | None) -> tuple[KeyringBackend | None, str]:
    """The keyring to use, or None and why there is none, as a sentence."""
    import keyring  # noqa: PLC0415  (100 ms and D-Bus calls, not wanted before the window is shown)
    from keyring.backends import chainer, fail, null  # noqa: PLC0415

    try:
        chosen = given or keyring.get_keyring()
        # Several keyrings at once: the best one that does not write plain text.
        candidates = chosen.backends if isinstance(chosen, chainer.ChainerBackend) else [chosen]
    except Exception as error:  # noqa: BLE001
        # Whatever a configured backend raises while it is imported or looks for its service.
        _log.warning("the configured keyring could not be loaded", exc_info=error)
        return None, f"The password store that is configured could not be loaded ({error})."
    usable = [backend for backend in candidates if not isinstance(backend, fail.Keyring | null.Keyring)]
    safe = [backend for backend in usable if not _writes_plain_text(backend)]
    if safe:
        return safe[0], ""
    if usable:
        return None, "The only password store on this computer would keep passwords in plain text."
    return None, "There is no password store on this computer that qtmail can use."


def _writes_plain_text(backend: KeyringBackend) -> bool:
    return type(backend).__name__ == "PlaintextKeyring"


def _delete(keyring: KeyringBackend, keys: Iterable[tuple[str, str]]) -> None:
    """Deleting what is not there is no fault, and backends agree on no other way to tell than to look."""
    for key in keys:
        if keyring.get_password(*key) is not None:
            keyring.delete_password(*key)


def _keyring_failed(error: Exception, done: str) -> KeyringFailed:
    from keyring.errors import KeyringLocked, NoKeyringError  # noqa: PLC0415  (as in _choose)

    detail = f"{type(error).__name__}: {error}"
    match error:
        case KeyringLocked():
            return KeyringFailed(
                f"The password could not be {done}: the system's password store is locked.",
                advice="Unlock it and try again, or type the password for this session.",
                detail=detail,
            )
        case NoKeyringError():
            return KeyringFailed(
                "There is no password store on this computer that qtmail can use.",
                advice=_SESSION_ONLY,
                detail=detail,
            )
        case TimeoutError():
            return KeyringFailed(
                f"The password could not be {done}: the system's password store did not answer.",
                advice="Try again, or type the password for this session.",
                detail=detail,
            )
    return KeyringFailed(
        f"The password could not be {done}: the system's password store failed.",
        advice="Type the password for this session.",
        detail=detail,
    )
