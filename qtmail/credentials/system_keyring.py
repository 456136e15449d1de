"""The system's keyring, whichever it is.

Which one is used is the user's choice, by keyring's own configuration file or `PYTHON_KEYRING_BACKEND`; only
one that would write plain text is refused. Nothing here may be called on the GUI thread: a locked keyring
asks the user to unlock it and blocks until they did, and the first call imports keyring (100 ms).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from qtmail.credentials import entries
from qtmail.credentials.places import Place
from qtmail.errors import KeyringFailed
from qtmail.log import logger

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_T = TypeVar("_T")

SESSION_ONLY = "Passwords are kept until qtmail is closed."

_log = logger("credentials")


class SystemKeyring:
    """Safe to use from several threads.

    Args:
        backend: the keyring to use instead of the one the user configured.
    """

    def __init__(self, backend: KeyringBackend | None = None) -> None:
        self._backend = backend
        self._problem = ""
        self._looked = False
        # One question at a time: unlocking it once serves all who wait.
        self._lock = threading.RLock()

    def unusable_reason(self) -> str:
        """Why it cannot keep passwords, as a sentence for the user; "" when it can."""
        with self._lock:
            if not self._looked:
                self._looked = True
                self._backend, self._problem = _choose(self._backend)
            return self._problem

    def read(self, place: Place) -> str | None:
        """Raises KeyringFailed when the keyring is missing, locked or fails; as all methods do."""
        return self._ask(lambda keyring: entries.read(keyring, *place), "read")

    def write(self, place: Place, text: str) -> None:
        self._ask(lambda keyring: entries.write(keyring, *place, text), "stored")

    def delete(self, places: set[Place]) -> None:
        def delete(keyring: KeyringBackend) -> None:
            for place in places:
                entries.delete(keyring, *place)

        self._ask(delete, "removed")

    def _ask(self, question: Callable[[KeyringBackend], _T], done: str) -> _T:
        with self._lock:
            if problem := self.unusable_reason():
                raise KeyringFailed(problem, advice=SESSION_ONLY)
            assert self._backend is not None
            try:
                return question(self._backend)
            except Exception as error:
                # A backend is foreign code of the user's choice: SecretService, KWallet, Windows and third
                # parties each have exceptions of their own, with no base class in common.
                raise _keyring_failed(error, done) from error


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
                advice=SESSION_ONLY,
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
