"""Who is first on a profile."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from qtmail.errors import Layer, QtmailError, Retry
from qtmail.log import logger
from qtmail.process_lock import ProcessLock
from qtmail.single_instance.meeting_place import MeetingPlace
from qtmail.single_instance.wanted import Wanted

if TYPE_CHECKING:
    from qtmail.single_instance.listener import Listener

PATIENCE = 10.0
"""Seconds a later start waits for the first one, which may be starting, ending, or hanging."""
_LOOK_SECONDS = 0.05
"""How long it waits for the lock before it asks the first one again."""
_LOCK_NAME = "window.lock"

log = logger("instance")


class Claim:
    """A profile claimed by this start of the program; give it back with `release` when all is closed.

    Where the disk knows no locks there is nothing to hold, and nobody hands anything over: every start opens
    a window of its own.
    """

    def __init__(self, profile: Path, lock: ProcessLock | None) -> None:
        self._place = MeetingPlace(profile)
        self._lock = lock
        self._listener: Listener | None = None
        if lock is not None:
            self._place.forget()  # what was left by one that died

    def listen(self, open_: Callable[[Wanted], None]) -> None:
        """From now on call `open_` with what later starts hand over.

        For the GUI thread, once the window is shown.
        """
        # QtNetwork takes 6 ms, and nobody waits for it before the window is shown.
        from qtmail.single_instance.listener import Listener  # noqa: PLC0415

        if self._lock is None:
            return
        listener = Listener(open_)
        try:
            if any(map(listener.listen, self._place.candidates())):
                self._listener = listener
                self._place.publish(listener.address)
            else:
                log.warning("later starts of qtmail cannot reach this one: %s", listener.problem)
        except OSError as error:
            log.warning("later starts of qtmail cannot reach this one: %s", error)

    def release(self) -> None:
        """Stop listening and let another start have the profile."""
        if self._lock is None:
            return
        self._place.forget()
        if self._listener is not None:
            self._listener.close()
        self._lock.release()
        self._lock = self._listener = None


def claim(profile: Path, wanted: Wanted, patience: float = PATIENCE) -> Claim | None:
    """Claim the profile for this start, or hand over what is wanted to the one that has it.

    Returns:
        The claim, or None: another start has the profile and has taken over what is wanted.

    Raises:
        QtmailError: another has it and does not answer within `patience` seconds, or refuses.
    """
    lock = ProcessLock(profile / _LOCK_NAME)
    until = time.monotonic() + patience
    try:
        profile.mkdir(mode=0o700, parents=True, exist_ok=True)
        if lock.acquire():
            return Claim(profile, lock)
        while (left := until - time.monotonic()) > 0:
            if _handed_over(profile, wanted, left):
                return None
            if lock.acquire(_LOOK_SECONDS):
                return Claim(profile, lock)
    except OSError as error:
        log.warning("this window may not be the only one: %s", error)
        return Claim(profile, None)
    raise QtmailError(
        "qtmail is running but does not answer.",
        advice="Wait a moment and try again; if that does not help, end it and start it again.",
        detail=f"profile {profile}",
        layer=Layer.SYSTEM,
        retry=Retry.LATER,
    )


def _handed_over(profile: Path, wanted: Wanted, patience: float) -> bool:
    # Only a later start needs Qt before its own window, and this part of it: 80 ms.
    from qtmail.single_instance.handing_over import hand_over  # noqa: PLC0415

    address = MeetingPlace(profile).address()
    return bool(address) and hand_over(address, wanted, patience)
