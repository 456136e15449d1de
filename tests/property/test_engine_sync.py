"""Whatever happens on either side, in any order, with lines lost anywhere: after a sync both sides agree."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from qtmail.domain.account import Account, BodyPolicy, Security, ServerSettings, SyncPolicy
from qtmail.domain.message import Flag
from qtmail.engine.replay_queue import record_flags
from qtmail.errors import ConnectionFailed
from qtmail.store.store import Store
from tests.fakes.memory_imap import MemoryServer, plain_message
from tests.unit.engine.conftest import Bench

FLAGS = st.sampled_from([Flag.SEEN, Flag.FLAGGED, Flag.ANSWERED, Flag.SEEN | Flag.FLAGGED])


class TwoSides(RuleBasedStateMachine):
    """A server and a cache that both change."""

    @initialize(
        extensions=st.sampled_from([(True, True), (True, False), (False, False)]), list_status=st.booleans()
    )
    def begin(self, extensions: tuple[bool, bool], list_status: bool) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.store = Store.open(Path(self.directory.name) / "profile")
        where = ServerSettings("imap.example.org", 993, Security.TLS, "ann")
        account = Account(0, "Ann", "ann@example.org", "", where, sync=SyncPolicy(bodies=BodyPolicy.NONE))
        with self.store.user_transaction() as tx:
            account = self.store.accounts.add(tx, account)
        condstore, qresync = extensions
        server = MemoryServer(condstore=condstore, qresync=qresync, list_status=list_status)
        self.bench = Bench(self.store, account, server)
        self.count = 0
        self.synced = False

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.directory.cleanup()

    @rule(count=st.integers(1, 4), flags=st.sampled_from([Flag.NONE, Flag.SEEN]))
    def mail_arrives(self, count: int, flags: Flag) -> None:
        for _ in range(count):
            self.count += 1
            self.bench.server.inbox.deliver(plain_message(self.count), flags)

    @rule(data=st.data(), flags=FLAGS)
    @precondition(lambda self: self.bench.server.inbox.messages)
    def another_program_sets_flags(self, data: st.DataObject, flags: Flag) -> None:
        uid = data.draw(st.sampled_from(sorted(self.bench.server.inbox.messages)))
        self.bench.server.inbox.set_flags(uid, flags)

    @rule(data=st.data())
    @precondition(lambda self: self.bench.server.inbox.messages)
    def another_program_deletes(self, data: st.DataObject) -> None:
        uid = data.draw(st.sampled_from(sorted(self.bench.server.inbox.messages)))
        self.bench.server.inbox.expunge(uid)

    @rule()
    def the_server_renumbers(self) -> None:
        self.bench.server.inbox.renumber()

    @rule(data=st.data(), add=FLAGS)
    @precondition(lambda self: self.synced and self.bench.cached())
    def the_user_sets_flags(self, data: st.DataObject, add: Flag) -> None:
        uid = data.draw(st.sampled_from(sorted(self.bench.cached())))
        message_id = self.store.messages.find_uid(self.bench.folder().id, uid)
        assert message_id is not None
        record_flags(self.store, [message_id], add, Flag.NONE)

    @rule(answers=st.integers(0, 8))
    def a_sync_loses_its_line(self, answers: int) -> None:
        self.bench.server.fail_after = answers
        try:
            self.bench.sync()
            self.synced = True
        except ConnectionFailed:
            self.synced = self.store.folders.find(self.bench.account.id, "INBOX") is not None
        finally:
            self.bench.server.fail_after = None

    @rule(lies=st.integers(0, 1))
    def a_sync_succeeds(self, lies: int) -> None:
        self.bench.server.empty_searches = lies
        self.bench.sync()
        self.bench.server.empty_searches = 0
        self.synced = True
        assert self.bench.cached() == self.bench.on_server()
        assert self.store.operations.pending(self.bench.account.id) == []

    @invariant()
    def counts_are_true(self) -> None:
        if getattr(self, "synced", False):
            cached = self.bench.cached()
            folder = self.bench.folder()
            unread = sum(1 for flags in cached.values() if not flags & Flag.SEEN)
            assert (folder.message_count, folder.unread_count) == (len(cached), unread)


TestTwoSides = TwoSides.TestCase
TestTwoSides.settings = settings(
    max_examples=40, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
