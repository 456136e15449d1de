"""What the accounts are doing, in one sentence: the words of the status bar and of the Activity panel."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from qtmail.domain.account import Account
from qtmail.domain.events import AccountState, Connection, Progress
from qtmail.ui.shared.sizes import format_size


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, with how far the work is: done of total, or a total of 0 where that is not known."""

    text: str
    done: int = 0
    total: int = 0
    busy: bool = False


def summary(
    accounts: Iterable[Account], states: Mapping[int, AccountState], running: Iterable[Progress]
) -> Sentence:
    """The one thing most worth saying now: work under way, else a fault, else that all is well."""
    known = {account.id: account for account in accounts}
    if not known:
        return Sentence(_words("No account yet"))
    work = max(running, key=lambda progress: progress.total - progress.done, default=None)
    if work is not None:
        text = progress_sentence(work, known.get(work.account_id))
        return Sentence(text, work.done, work.total, busy=True)
    mine = [states[id_] for id_ in known if id_ in states]
    busy = next((state for state in mine if state.connection in _BUSY), None)
    if busy is not None:
        return Sentence(f"{known[busy.account_id].name}: {state_sentence(busy)}", busy=True)
    trouble = next((state for state in mine if state.problem is not None), None)
    if trouble is not None and trouble.problem is not None:
        return Sentence(f"{known[trouble.account_id].name}: {trouble.problem.sentence}")
    if not mine or all(state.connection == Connection.OFFLINE for state in mine):
        return Sentence(_words("Offline"))
    return Sentence(_words("Everything is up to date"))


def progress_sentence(progress: Progress, account: Account | None) -> str:
    """ "Personal: 12,400 of 100,000 headers, about 8 s"."""
    if progress.what == "bytes":
        done, total = format_size(progress.done), format_size(progress.total)
        amount = _words("{done} of {total}").format(done=done, total=total)
    elif progress.total:
        amount = _words("{done:,} of {total:,} {what}").format(
            done=progress.done, total=progress.total, what=_thing(progress.what)
        )
    else:
        amount = _words("{done:,} {what}").format(done=progress.done, what=_thing(progress.what))
    place = _words(" in {folder}").format(folder=progress.folder) if progress.folder else ""
    left = f", {_seconds_left(progress.seconds_left)}" if progress.seconds_left is not None else ""
    name = f"{account.name}: " if account else ""
    return f"{name}{amount}{place}{left}"


def state_sentence(state: AccountState, now: float | None = None) -> str:
    """How an account stands to its server."""
    if state.activity:
        return state.activity
    if state.problem is not None and state.connection != Connection.WAITING:
        return state.problem.sentence
    match state.connection:
        case Connection.OFFLINE:
            return _words("Offline")
        case Connection.CONNECTING:
            return _words("Connecting…")
        case Connection.SYNCING:
            return _words("Checking for mail…")
        case Connection.WATCHING:
            return _words("Up to date; new mail is announced as it comes")
        case Connection.NEEDS_USER:
            return _words("Waiting for you")
        case Connection.WAITING:
            if state.retry_at is None:
                return _words("Waiting to try again")
            seconds = max(0, round(state.retry_at - (now if now is not None else time.time())))
            return _words("Trying again in {time}").format(time=duration(seconds))


def heard_sentence(last_heard: float | None, now: float | None = None) -> str:
    """ "Last heard from the server 12 s ago"."""
    if last_heard is None:
        return _words("Nothing heard from the server yet")
    age = max(0, round((now if now is not None else time.time()) - last_heard))
    return _words("Last heard from the server {time} ago").format(time=duration(age))


def duration(seconds: int) -> str:
    """A length of time in its largest unit: "12 s", "5 min", "3 h"."""
    if seconds < 90:
        return _words("{count} s").format(count=seconds)
    if seconds < 5400:
        return _words("{count} min").format(count=round(seconds / 60))
    return _words("{count} h").format(count=round(seconds / 3600))


_BUSY = frozenset({Connection.CONNECTING, Connection.SYNCING})


def _seconds_left(seconds: float) -> str:
    return _words("about {time}").format(time=duration(max(1, round(seconds))))


def _thing(what: str) -> str:
    match what:
        case "headers":
            return _words("headers")
        case "bodies":
            return _words("messages")
        case "flags":
            return _words("flags")
        case "folders":
            return _words("folders")
        case _:
            return what


def _words(text: str) -> str:
    return QCoreApplication.translate("Work", text)
