"""What is looked at on this computer: whether it keeps mail and passwords as it should, and its clock."""

from __future__ import annotations

import time
from collections.abc import Sequence

from qtmail.credentials import Credentials
from qtmail.domain.diagnosis import Verdict
from qtmail.errors import Layer, StoreFailed
from qtmail.store.store import Store

TOLERATED_SKEW = 120.0
"""Seconds by which two clocks may differ before anybody is bothered: nothing in mail needs more precision."""

_USER = (
    "user.db, which holds your accounts and what is only on this computer, is damaged.",
    "Close qtmail and put a backup of the file in its place.",
)
_CACHE = (
    "cache.db, which holds copies of your mail, is damaged.",
    "Close qtmail, move the file away and start it again: your mail is fetched anew, and nothing is lost.",
)
_COUNTS = ("The numbers of messages noted for some folders are wrong.", _CACHE[1])


def check_computer(store: Store, credentials: Credentials) -> list[Verdict]:
    """Check the local databases, of which every page is read, and the password store."""
    return [*_databases(store), _password_store(credentials)]


def _databases(store: Store) -> list[Verdict]:
    started = time.monotonic()
    try:
        damage = store.check()
    except StoreFailed as error:
        return [Verdict("", Layer.STORE, False, error.sentence, error.advice or _CACHE[1], error.detail)]
    seconds = time.monotonic() - started
    if not damage:
        return [Verdict("", Layer.STORE, True, "The local databases are sound.", seconds=seconds)]
    found: dict[tuple[str, str], list[str]] = {}
    for said in damage:
        place, _, words = said.rpartition(": ")
        kind = _USER if place.startswith("user.db") else _CACHE if place.startswith("cache.db") else _COUNTS
        found.setdefault(kind, []).append(words)  # without its place: that may be the name of a folder
    return [
        Verdict("", Layer.STORE, False, *kind, detail=_in_short(words), seconds=seconds)
        for kind, words in found.items()
    ]


def _in_short(words: Sequence[str], most: int = 5) -> str:
    more = f"; {len(words) - most} more" if len(words) > most else ""
    return "; ".join(words[:most]) + more


def _password_store(credentials: Credentials) -> Verdict:
    started = time.monotonic()
    reason = credentials.unusable_reason()
    seconds = time.monotonic() - started
    advice, remark = "", False
    if reason:
        sentence, advice, remark = reason, "Passwords are then asked for at each start.", True
    elif credentials.vault_locked:
        sentence, advice = "The file with your passwords is locked.", "Enter its master password."
    elif credentials.vault_exists:
        sentence = "Passwords are kept in a file behind your master password, which is open."
    else:
        sentence = "Passwords can be kept in the system's password store."
    worked = remark or not advice
    return Verdict("", Layer.KEYRING, worked, sentence, advice, seconds=seconds, remark=remark)


def clock_verdict(skew: float | None) -> Verdict:
    """What comparing the clocks came to; `skew`: seconds by which the servers' is ahead, or None: unknown."""
    if skew is None:
        sentence = "No server told the time, so the clocks were not compared."
        return Verdict("", Layer.CLOCK, True, sentence, remark=True)
    if abs(skew) <= TOLERATED_SKEW:
        return Verdict("", Layer.CLOCK, True, "This computer's clock agrees with the server's.")
    wrong = f"{_duration(abs(skew))} {'behind' if skew > 0 else 'ahead of'}"
    return Verdict(
        "",
        Layer.CLOCK,
        False,
        f"This computer's clock is {wrong} the server's.",
        "Set it right: certificates are checked against it, and messages carry its time.",
    )


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    for unit, name in ((1440, "day"), (60, "hour")):
        if minutes >= 2 * unit:
            return _count(round(minutes / unit), name)
    return _count(minutes, "minute")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
