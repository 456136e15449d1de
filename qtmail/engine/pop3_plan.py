"""What is fetched from a POP3 server, and what is deleted there: pure functions, no I/O.

    listing ──recognise──> to_fetch ──RETR, TOP──> user.db ──> to_delete ──DELE──> QUIT

Nothing is deleted that is not whole in user.db: `to_delete` sees what stands there after the fetching, not
what was planned before it. Of what is here with its header only, the server has the only copy. No rule
deletes that, only the user: by wish, or, where the server is to follow deletions, by deleting the header for
good.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qtmail.domain.account import Pop3Keep, Pop3Policy
from qtmail.domain.pop3 import Pop3Message, Pop3Wish
from qtmail.engine.pop3_identity import Mail, Recognised

DAY_SECONDS = 24 * 3600
FORGET_SECONDS = 7 * DAY_SECONDS
"""For so long what is gone from the server is remembered: a server in trouble may list nothing today and all
of its mail tomorrow, which then must not be fetched again.
"""


@dataclass(frozen=True, slots=True)
class Fetch:
    """What to fetch, newest first: people want the mail of today before that of last year.

    Attributes:
        whole: with RETR.
        headers: with TOP.
        rest: with RETR, as the user asked to have what is here with its header only.
    """

    whole: tuple[Mail, ...]
    headers: tuple[Mail, ...]
    rest: tuple[tuple[Mail, Pop3Message], ...]

    def __len__(self) -> int:
        return len(self.whole) + len(self.headers) + len(self.rest)


def to_fetch(listing: Sequence[Mail], found: Recognised, policy: Pop3Policy, *, top: bool) -> Fetch:
    """Choose what to fetch; `top`: whether the server gives headers alone."""
    limit = policy.headers_only_over if top else 0
    # Without an id it is not known to be new: the message must be fetched to tell.
    large = {mail.number for mail in found.unknown if limit and mail.size > limit and mail.uidl is not None}
    newest_first = found.unknown[::-1]
    return Fetch(
        tuple(mail for mail in newest_first if mail.number not in large),
        tuple(mail for mail in newest_first if mail.number in large),
        tuple((mail, found.here[mail.number]) for mail in reversed(listing) if _is_wanted(found, mail)),
    )


def _is_wanted(found: Recognised, mail: Mail) -> bool:
    message = found.here.get(mail.number)
    return (
        message is not None
        and message.wish is Pop3Wish.DOWNLOAD
        and message.local_uid is not None
        and not message.whole
    )


def to_delete(
    listing: Sequence[tuple[Mail, Pop3Message | None]], policy: Pop3Policy, now: int
) -> list[tuple[Mail, Pop3Message]]:
    """Choose what goes from the server.

    Args:
        listing: all that is there, oldest first, with what user.db knows of each.
        now: seconds since the epoch.
    """
    staying = _newest(listing, policy)
    return [
        (mail, message)
        for mail, message in listing
        if message is not None and _may_go(message, policy, now, staying=mail.number in staying)
    ]


def _may_go(message: Pop3Message, policy: Pop3Policy, now: int, *, staying: bool) -> bool:
    if not message.whole:
        unwanted = policy.keep is Pop3Keep.UNTIL_DELETED and message.local_uid is None
        return message.wish is Pop3Wish.DELETE or unwanted
    match policy.keep:
        case Pop3Keep.DELETE:
            return True
        case Pop3Keep.KEEP:
            return False
        case Pop3Keep.DAYS:
            return message.fetched_at + policy.days * DAY_SECONDS <= now
        case Pop3Keep.UNTIL_DELETED:
            return message.local_uid is None or message.in_trash
        case Pop3Keep.NEWEST:
            return not staying


def _newest(listing: Sequence[tuple[Mail, Pop3Message | None]], policy: Pop3Policy) -> set[int]:
    """Numbers of the newest messages that stay: those with the highest, for a server adds new mail at the
    end (RFC 1939 does not say so, and all do).
    """
    staying: set[int] = set()
    room = policy.newest_bytes
    for mail, _ in reversed(listing):
        room -= mail.size
        if (policy.newest_count and len(staying) >= policy.newest_count) or (
            policy.newest_bytes and room < 0
        ):
            break
        staying.add(mail.number)
    return staying


def to_forget(missing: Iterable[Pop3Message], now: int) -> list[bytes]:
    """Ids of those that have been gone for long enough; `now` in seconds since the epoch."""
    return [
        message.uidl
        for message in missing
        if message.gone_since is not None and message.gone_since + FORGET_SECONDS <= now
    ]
