"""Whatever servers, lines and restarts do, in any order: in the end one copy of each message is in Sent."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TypeAlias

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.engine.filing import SERVER_SECONDS, Filing
from qtmail.store.store import Store
from tests.fakes.mailbox_bench import MailboxBench, copies, sent_message
from tests.fakes.mailbox_server import PLAIN, QRESYNC, MailboxServer

Line: TypeAlias = "tuple[int | None, int | None]"
"""After how many bytes it is cut on the way here, and on the way there."""
BYTES = st.integers(200, 1300)
LINES = st.one_of(st.just((None, None)), st.tuples(BYTES, st.none()), st.tuples(st.none(), BYTES))


class Sending(RuleBasedStateMachine):
    """Messages that were sent, a server that may file them by itself, and a line that breaks."""

    @initialize(uidplus=st.booleans())
    def begin(self, uidplus: bool) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.store = Store.open(Path(self.directory.name) / "profile")
        self.server = MailboxServer(QRESYNC if uidplus else PLAIN)
        self.server.__enter__()
        self.bench = MailboxBench(self.store, self.server)
        self.sent = self.bench.folder()
        self.uidplus = uidplus
        self.items: list[OutboxItem] = []
        self.by_server: set[int] = set()
        self.start_again()

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        try:
            self.ends_well()
        finally:
            self.server.__exit__(None, None, None)
            self.store.close()
            self.directory.cleanup()

    @rule()
    def start_again(self) -> None:
        """Another process takes over."""
        bench = self.bench
        self.filing = Filing(
            bench.store, bench.account, bench.events.append, alone=lambda: True, clock=bench.clock
        )

    @rule(line=LINES, refused=st.booleans())
    def a_message_is_sent(self, line: Line, refused: bool) -> None:
        self.items.append(self.bench.accepted(len(self.items)))
        self.run_over(line, refused=refused)

    @rule(data=st.data(), line=LINES)
    @precondition(lambda self: self.still_open())
    def the_server_files_it(self, data: st.DataObject, line: Line) -> None:
        number = data.draw(st.sampled_from(self.still_open()))
        self.by_server.add(number)
        self.sent.deliver(sent_message(number))
        self.run_over(line)

    @rule(seconds=st.integers(1, 2 * SERVER_SECONDS), line=LINES)
    def time_passes(self, seconds: int, line: Line) -> None:
        self.bench.now += seconds
        self.run_over(line)

    def run_over(self, line: Line, *, refused: bool = False) -> None:
        """Run over a line that breaks somewhere, or does not."""
        self.server.cut_after, self.server.deaf_after = line
        self.server.refusal = b"NO [OVERQUOTA] full" if refused else b""
        self.bench.attempt(self.filing.run)
        self.server.cut_after = self.server.deaf_after = None
        self.server.refusal = b""

    @invariant()
    def what_is_filed_is_there(self) -> None:
        if hasattr(self, "items"):
            there = copies(self.sent)
            for number, item in enumerate(self.items):
                if self.bench.item(item).state is OutboxState.FILED:
                    assert sent_message(number) in there

    def still_open(self) -> list[int]:
        """Those that may be filed by the server: not yet, and before the last look of ours."""
        return [
            number
            for number, item in enumerate(self.items)
            if number not in self.by_server
            and (
                self.bench.item(item).state is OutboxState.ACCEPTED
                or self.store.filings.get(item.id) is not None
            )
        ]

    def ends_well(self) -> None:
        for _ in range(4):
            self.bench.now += 10 * SERVER_SECONDS
            self.bench.over(self.filing.run)
        assert all(self.bench.item(item).state is OutboxState.FILED for item in self.items)
        assert self.filing.next_time() is None
        live = [message.raw for message in self.sent.messages.values() if not message.flags & 8]
        assert sorted(live) == sorted(sent_message(number) for number in range(len(self.items)))


TestSending = Sending.TestCase
TestSending.settings = settings(
    max_examples=30, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
