"""The store against a model of it: counts are those of a recount, and nothing is lost or doubled."""

from __future__ import annotations

import tempfile
from collections.abc import Set
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from qtmail.domain.folder import RemoteFolder
from qtmail.domain.message import Flag, FlagChange, HeaderSummary, MessageQuery, RemoteMessage
from qtmail.store.messages import NewMessage
from qtmail.store.store import Store

FOLDERS = (RemoteFolder(b"INBOX", "INBOX", "/"), RemoteFolder(b"Sent", "Sent", "/"))

uids = st.integers(1, 12)
places = st.sampled_from([0, 1])
flags = st.builds(Flag, st.integers(0, 15))
keywords = st.frozensets(st.sampled_from(["$a", "b"]))
flag_changes = st.builds(FlagChange, uids, flags, keywords, st.integers(0, 9))
dates = st.integers(0, 5)
bodies = st.binary(max_size=20)


class StoreMachine(RuleBasedStateMachine):
    """`model` holds, for each folder, flags and keywords by UID; `ids` the id each message was given."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.store = Store.open(Path(self.directory.name))
        self.model: list[dict[int, tuple[Flag, frozenset[str]]]] = [{}, {}]
        self.dates: dict[int, int] = {}
        self.ids: list[dict[int, int]] = [{}, {}]
        self.bodies: dict[int, bytes] = {}
        self.given: set[int] = set()
        self.folder_ids: list[int] = []

    @initialize()
    def make_folders(self) -> None:
        with self.store.cache_transaction() as transaction:
            added = self.store.folders.reconcile(transaction, 1, FOLDERS).added
        self.folder_ids = [folder.id for folder in added]

    @rule(place=places, messages=st.lists(st.tuples(uids, flags, keywords, dates), max_size=8))
    def add(self, place: int, messages: list[tuple[int, Flag, frozenset[str], int]]) -> None:
        new = [
            NewMessage(RemoteMessage(uid, flag, words, 1, date, 10, b""), HeaderSummary())
            for uid, flag, words, date in messages
        ]
        with self.store.cache_transaction() as transaction:
            ids = self.store.messages.add(transaction, self.folder_ids[place], new)
        latest = {message.remote.uid: message.remote for message in new}
        for uid, id_ in zip([message.remote.uid for message in new], ids, strict=True):
            if uid not in self.ids[place]:
                assert id_ not in self.given, "an id was used twice"
                self.given.add(id_)
                self.ids[place][uid] = id_
                self.dates[id_] = latest[uid].internal_date
            assert self.ids[place][uid] == id_
        self.model[place].update({uid: (m.flags, m.keywords) for uid, m in latest.items()})

    @rule(place=places, changes=st.lists(flag_changes, max_size=8))
    def apply_flags(self, place: int, changes: list[FlagChange]) -> None:
        known = self.model[place]
        latest = {change.uid: (change.flags, change.keywords) for change in changes}
        real = {u: new for u, new in latest.items() if u in known and known[u] != new}
        with self.store.cache_transaction() as transaction:
            changed = self.store.messages.apply_flags(transaction, self.folder_ids[place], changes)
        assert changed == len(real)
        known.update(real)

    @rule(chosen=st.sets(st.tuples(places, uids), max_size=6), add=flags, remove=flags)
    def set_flags(self, chosen: set[tuple[int, int]], add: Flag, remove: Flag) -> None:
        here = [(place, uid) for place, uid in chosen if uid in self.model[place]]
        with self.store.cache_transaction() as transaction:
            self.store.messages.set_flags(transaction, [self.ids[p][u] for p, u in here], add, remove)
        for place, uid in here:
            before, words = self.model[place][uid]
            self.model[place][uid] = ((before | add) & ~remove, words)

    @rule(place=places, gone=st.sets(uids, max_size=6))
    def remove(self, place: int, gone: set[int]) -> None:
        with self.store.cache_transaction() as transaction:
            removed = self.store.messages.remove(transaction, self.folder_ids[place], gone)
        assert removed == len(gone & self.model[place].keys())
        self._forget(place, gone)

    @rule(place=places)
    def clear(self, place: int) -> None:
        with self.store.cache_transaction() as transaction:
            self.store.messages.clear(transaction, self.folder_ids[place])
        self._forget(place, set(self.model[place]))

    @rule(place=places, uid=uids, raw=bodies)
    def put_body(self, place: int, uid: int, raw: bytes) -> None:
        id_ = self.ids[place].get(uid, 10**6)
        with self.store.cache_transaction() as transaction:
            self.store.bodies.put_raw(transaction, id_, raw, "", False)
        if uid in self.ids[place]:
            self.bodies[id_] = raw

    @rule(place=places, uid=uids)
    def fail(self, place: int, uid: int) -> None:
        """A transaction that breaks leaves no trace."""
        try:
            with self.store.cache_transaction() as transaction:
                self.store.messages.remove(transaction, self.folder_ids[place], [uid])
                self.store.messages.clear(transaction, self.folder_ids[1 - place])
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = Store.open(Path(self.directory.name))

    @invariant()
    def store_equals_model(self) -> None:
        for folder_id, known, ids in zip(self.folder_ids, self.model, self.ids, strict=True):
            assert list(self.store.messages.uids(folder_id)) == sorted(known)
            assert self.store.messages.flags(folder_id, 1, 12) == known
            folder = self.store.folders.get(folder_id)
            assert folder is not None
            assert folder.message_count == len(known)
            assert folder.unread_count == sum(not flag & Flag.SEEN for flag, _ in known.values())
            newest_first = sorted(ids.values(), key=lambda id_: (self.dates[id_], id_), reverse=True)
            assert list(self.store.messages.ids(MessageQuery((folder_id,)))) == newest_first
            unread = [ids[uid] for uid, (flag, _) in known.items() if not flag & Flag.SEEN]
            assert sorted(self.store.messages.ids(MessageQuery((folder_id,), unread=True))) == sorted(unread)
        assert self.store.bodies.total_bytes() == sum(map(len, self.bodies.values()))

    def teardown(self) -> None:
        assert self.store.check() == []
        for id_, raw in self.bodies.items():
            assert self.store.bodies.get(id_).raw == raw
        self.store.close()
        self.directory.cleanup()

    def _forget(self, place: int, gone: Set[int]) -> None:
        for uid in gone & self.model[place].keys():
            del self.model[place][uid]
            self.bodies.pop(self.ids[place].pop(uid), None)


StoreMachine.TestCase.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestStore = StoreMachine.TestCase
