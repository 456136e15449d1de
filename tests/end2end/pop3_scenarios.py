"""What a user and a POP3 server go through before a look for mail, and how all must stand after it.

The look may be broken off anywhere: what a scenario expects is reached by the next one.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from qtmail.domain.account import Pop3Keep, Pop3Policy, Security, ServerSettings
from qtmail.domain.folder import SpecialUse
from qtmail.domain.pop3 import Pop3Wish
from qtmail.engine.local_mail import LocalMail
from qtmail.engine.pop3_plan import DAY_SECONDS
from qtmail.store.store import Store
from tests.end2end.pop3_desk import Pop3Desk, add_account
from tests.fakes.pop3_server import EVERYTHING, Mail, Pop3Server

NOW = 1_790_000_000
PASSWORD = "secret"
LIMIT = 300
"""Of larger messages only the header is fetched, where a policy says so."""


def letter(number: int, body: bytes = b"Hello.") -> bytes:
    """A short message, for its bytes are gone through one by one."""
    return b"Received: by b id %d\r\nSubject: %d\r\nMessage-ID: <%d@x>\r\n\r\n%b\r\n" % (
        number,
        number,
        number,
        body,
    )


SMALL = [letter(1), letter(2, b"..\r\n."), letter(3)]
LARGE = letter(4, b"x" * LIMIT)
OTHER_LARGE = letter(5, b"y" * LIMIT)
NEW = letter(6)


def header(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


@dataclass(frozen=True)
class Scenario:
    """One way to use a POP3 account.

    Attributes:
        before: what is on the server at a first look, which nothing disturbs.
        meanwhile: what the user does then.
        comes: what comes to the server then.
        days: how long it takes until the look that counts.
        here, there: what is here and on the server in the end.
        unwanted: what the user has deleted, and may be anywhere meanwhile.
        commands: what the server can do.
    """

    policy: Pop3Policy
    comes: Sequence[bytes]
    here: Sequence[bytes]
    there: Sequence[bytes]
    before: Sequence[bytes] = ()
    meanwhile: Callable[[Pop3Desk], None] = lambda desk: None
    days: int = 0
    unwanted: Sequence[bytes] = ()
    commands: tuple[str, ...] = EVERYTHING
    unknown: tuple[str, ...] = ()

    @property
    def ever(self) -> list[bytes]:
        return [*self.before, *self.comes]

    @property
    def now(self) -> int:
        """Seconds since the epoch, at the look that counts."""
        return NOW + self.days * DAY_SECONDS

    def server(self) -> Pop3Server:
        return Pop3Server(capabilities=self.commands, unknown=self.unknown)

    def prepare(self, profile: Path, server: Pop3Server) -> None:
        """All that happens before the look that counts."""
        server.put(*self.before)
        with Store.open(profile) as store:
            add_account(store, where(server), self.policy)
            if self.before:
                desk = self.desk(store, 0)
                desk.check()
                self.meanwhile(desk)
        server.put(*self.comes)

    def desk(self, store: Store, days: int | None = None) -> Pop3Desk:
        now = self.now if days is None else NOW + days * DAY_SECONDS
        return Pop3Desk(store, store.accounts.list()[0], PASSWORD, clock=lambda: now)

    def check_nothing_is_lost(self, desk: Pop3Desk, server: Pop3Server) -> None:
        """Each message is here once, or on the server; what is not here whole is on the server."""
        here = Counter(desk.contents())
        there = {mail.data for mail in server.mails}
        for raw in self.ever:
            assert here[raw] <= 1
            assert here[header(raw)] <= 1
            assert here[raw] or raw in there or raw in self.unwanted, raw

    def check_all_is_done(self, desk: Pop3Desk, server: Pop3Server) -> None:
        assert desk.contents() == sorted(self.here)
        assert [mail.data for mail in server.mails] == list(self.there)
        assert desk.store.check() == []


def where(server: Pop3Server) -> ServerSettings:
    return ServerSettings(server.host, server.port, Security.NONE, "eva")


class Stage:
    """A scenario, ready to be played again and again from the same beginning."""

    def __init__(self, scenario: Scenario, directory: Path, server: Pop3Server) -> None:
        self.scenario = scenario
        self.server = server
        self._template = directory / "template"
        self._profile = directory / "profile"
        scenario.prepare(self._template, server)
        self._mails: list[Mail] = list(server.mails)

    def reset(self) -> Path:
        """Have all stand as before the look that counts; returns the profile."""
        shutil.rmtree(self._profile, ignore_errors=True)
        shutil.copytree(self._template, self._profile)
        self.server.mails = list(self._mails)
        return self._profile


# -- what users do ---------------------------------------------------------------------------------


def _delete_two(desk: Pop3Desk) -> None:
    """One for good, one into the trash."""
    gone, trashed = (desk.local(raw) for raw in SMALL[:2])
    with desk.store.user_transaction() as tx:
        desk.store.local_messages.remove(tx, desk.account.id, [gone])
        trash = desk.store.local_folders.ensure(tx, desk.account.id, SpecialUse.TRASH)
        desk.store.local_messages.move(tx, desk.account.id, [trashed], desk.account.id, trash)
    LocalMail(desk.store, desk.account).show()


def _want_one_and_not_the_other(desk: Pop3Desk) -> None:
    with desk.store.user_transaction() as tx:
        desk.store.pop3_messages.want(tx, [desk.local(header(LARGE))], Pop3Wish.DOWNLOAD)
        desk.store.pop3_messages.want(tx, [desk.local(header(OTHER_LARGE))], Pop3Wish.DELETE)


_NO_PIPELINING = tuple(word for word in EVERYTHING if word != "PIPELINING")
_NO_IDS = tuple(word for word in EVERYTHING if word != "UIDL")
_DELETE = Scenario(
    Pop3Policy(Pop3Keep.DELETE, headers_only_over=LIMIT),
    comes=[SMALL[0], LARGE, SMALL[1]],
    here=[SMALL[0], header(LARGE), SMALL[1]],
    there=[LARGE],
)
_WISHES = Scenario(
    Pop3Policy(Pop3Keep.DELETE, headers_only_over=LIMIT),
    before=[LARGE, OTHER_LARGE],
    meanwhile=_want_one_and_not_the_other,
    comes=[NEW],
    here=[LARGE, NEW],
    there=[],
    unwanted=[OTHER_LARGE],
)
SCENARIOS = {
    "delete": _DELETE,
    "delete, one by one": Scenario(
        _DELETE.policy, _DELETE.comes, _DELETE.here, _DELETE.there, commands=_NO_PIPELINING
    ),
    "keep": Scenario(Pop3Policy(Pop3Keep.KEEP), SMALL, SMALL, SMALL),
    "days": Scenario(
        Pop3Policy(Pop3Keep.DAYS, days=14),
        before=SMALL,
        days=20,
        comes=[NEW],
        here=[*SMALL, NEW],
        there=[NEW],
    ),
    "until deleted": Scenario(
        Pop3Policy(Pop3Keep.UNTIL_DELETED),
        before=SMALL,
        meanwhile=_delete_two,
        comes=[NEW],
        here=[SMALL[1], SMALL[2], NEW],
        there=[SMALL[2], NEW],
        unwanted=SMALL[:2],
    ),
    "newest": Scenario(
        Pop3Policy(Pop3Keep.NEWEST, newest_count=2),
        comes=[*SMALL, NEW],
        here=[*SMALL, NEW],
        there=[SMALL[2], NEW],
    ),
    "download one, delete one": _WISHES,
    "the same where all is kept": Scenario(
        Pop3Policy(Pop3Keep.KEEP, headers_only_over=LIMIT),
        before=_WISHES.before,
        meanwhile=_want_one_and_not_the_other,
        comes=[NEW],
        here=[LARGE, NEW],
        there=[LARGE, NEW],
        unwanted=_WISHES.unwanted,
    ),
    "without ids": Scenario(
        Pop3Policy(Pop3Keep.NEWEST, newest_count=1),
        before=SMALL,
        comes=[NEW],
        here=[*SMALL, NEW],
        there=[NEW],
        commands=_NO_IDS,
        unknown=("UIDL",),
    ),
}
