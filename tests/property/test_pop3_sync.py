"""Whatever comes, goes, breaks and crashes, in any order: no message is lost, none is here twice."""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from qtmail.domain.account import Pop3Keep
from qtmail.domain.pop3 import Pop3Wish
from qtmail.engine.pop3_plan import DAY_SECONDS
from qtmail.errors import ConnectionFailed
from qtmail.store.local_messages import LocalMessage
from qtmail.store.store import Store
from tests.fakes.crashes import Crash, crash_at
from tests.fakes.memory_pop3 import mail
from tests.fakes.pop3_bench import Pop3Bench

LIMIT = 1000
"""Of larger messages only the header is fetched, under some policies."""
KEEPS = st.sampled_from(list(Pop3Keep))
FAULTS = st.one_of(st.none(), st.integers(0, 30))


class Mailbox(RuleBasedStateMachine):
    """A mailbox, its user, other programs that use it, a line that breaks and a program that dies."""

    @initialize(uidl=st.booleans(), top=st.booleans(), keep=KEEPS, swaps=st.booleans())
    def begin(self, uidl: bool, top: bool, keep: Pop3Keep, swaps: bool) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.store = Store.open(Path(self.directory.name) / "profile")
        self.bench = Pop3Bench.make(self.store, keep=keep, newest_count=2)
        self.server = self.bench.server.without(*(("uidl",) if not uidl else ()))
        self.server.without(*(("top",) if not top else ()))
        self.swaps = swaps
        self.ever: list[bytes] = []
        self.deleted: set[bytes] = set()
        """By the user, or by another program; these may be anywhere."""

    def teardown(self) -> None:
        if not hasattr(self, "bench"):
            return
        try:
            self.ends_well()
        finally:
            self.store.close()
            self.directory.cleanup()

    @rule(stamped=st.booleans(), size=st.sampled_from([1, 400, 2 * LIMIT]), same_size=st.booleans())
    def mail_comes(self, stamped: bool, size: int, same_size: bool) -> None:
        number = len(self.ever) + 10
        raw = mail(number, body=b"x" * (size + number), stamped=stamped)
        self.ever.append(raw)
        self.server.deliver(raw, size=3 * LIMIT if same_size and not self.swaps else None)

    @rule(data=st.data())
    @precondition(lambda self: self.server.mails)
    def another_program_deletes(self, data: st.DataObject) -> None:
        gone = data.draw(st.sampled_from(self.server.mails))
        self.server.mails.remove(gone)
        self.deleted.add(gone.raw)

    @rule()
    def the_server_renames(self) -> None:
        self.server.renumber()

    @rule(data=st.data())
    @precondition(lambda self: self.swaps and len(self.server.mails) > 1)
    def the_server_swaps_ids(self, data: st.DataObject) -> None:
        """Which shows in the sizes: those of all messages differ then."""
        one, other = data.draw(st.permutations(self.server.mails))[:2]
        one.uidl, other.uidl = other.uidl, one.uidl

    @rule(keep=KEEPS, days=st.integers(0, 2), count=st.integers(0, 3), limited=st.booleans())
    def the_user_changes_the_policy(self, keep: Pop3Keep, days: int, count: int, limited: bool) -> None:
        self.bench.set_policy(keep, days=days, newest_count=count, headers_only_over=LIMIT if limited else 0)

    @rule(data=st.data())
    @precondition(lambda self: self.bench.messages())
    def the_user_deletes(self, data: st.DataObject) -> None:
        message = data.draw(st.sampled_from(self.bench.messages()))
        self.deleted.update(self.meant_by(message))
        if data.draw(st.booleans()):
            self.bench.remove(message)
        else:
            self.bench.put_into_trash(message)

    @rule(data=st.data(), wish=st.sampled_from([Pop3Wish.DOWNLOAD, Pop3Wish.DELETE]))
    @precondition(lambda self: self.headers())
    def the_user_wants(self, data: st.DataObject, wish: Pop3Wish) -> None:
        message = data.draw(st.sampled_from(self.headers()))
        if wish is Pop3Wish.DELETE:
            self.deleted.update(self.meant_by(message))
        self.bench.want(message, wish)

    @rule(days=st.integers(1, 10))
    def time_passes(self, days: int) -> None:
        self.bench.now += days * DAY_SECONDS

    @rule(cut=FAULTS, crash=FAULTS, lost_quit=st.booleans(), refuse=st.booleans())
    def it_looks_for_mail(self, cut: int | None, crash: int | None, lost_quit: bool, refuse: bool) -> None:
        self.server.cut_after, self.server.lost_quit = cut, lost_quit
        self.server.refuses = set(self.server.uidls[::2]) if refuse else set()
        with contextlib.suppress(ConnectionFailed, Crash), contextlib.ExitStack() as stack:
            if crash is not None:
                stack.enter_context(crash_at(crash))
            self.bench.check()
        if crash is not None:
            self.bench.restart()
        self.server.cut_after, self.server.lost_quit, self.server.refuses = None, False, set()

    @invariant()
    def nothing_is_lost_or_double(self) -> None:
        if not hasattr(self, "bench"):
            return
        here = Counter(self.bench.contents())
        on_server = {message.raw for message in self.server.mails}
        for raw in self.ever:
            assert here[raw] <= 1
            assert here[raw] or raw in on_server or raw in self.deleted

    def ends_well(self) -> None:
        """What is still on the server is here, at least its header; what is shown is what is here."""
        self.bench.restart()
        for _ in range(2):
            self.bench.check()
        here = self.bench.messages()
        meant = Counter(raw for message in here for raw in self.meant_by(message))
        for message in self.server.mails:
            assert meant[message.raw] == 1 or message.raw in self.deleted
        self.bench.local.show()
        in_folders = Counter(message.folder for message in here)
        shown = {
            folder.wire_name: folder.message_count for folder in self.store.folders.list(self.bench.home.id)
        }
        assert {name: count for name, count in shown.items() if count} == dict(in_folders)

    def headers(self) -> list[LocalMessage]:
        return [message for message in self.bench.messages() if message.server_size]

    def meant_by(self, message: LocalMessage) -> Iterable[bytes]:
        """The message that a local one is, or is the header of."""
        begins = self.bench.raw(message).removesuffix(b"\r\n")
        return [raw for raw in self.ever if raw.startswith(begins)]


TestMailbox = Mailbox.TestCase
TestMailbox.settings = settings(
    max_examples=60, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
