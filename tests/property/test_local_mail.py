"""Whatever is done to mail on this computer, and wherever it is interrupted: nothing is lost, nothing
doubled, and the cache shows what is there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from qtmail.domain.account import Account
from qtmail.domain.folder import Folder, SpecialUse
from qtmail.domain.message import Flag
from qtmail.domain.moves import Moved
from qtmail.engine import moving, own_folders
from qtmail.engine.accounts import forget_account, sweep
from qtmail.engine.folder_names import NameRefused
from qtmail.engine.local_mail import ALL_USES, LocalMail, local_account
from qtmail.engine.replay_queue import record_flags
from qtmail.errors import UsageError
from qtmail.store.store import Store
from tests.fakes.local_bench import add_account, deliver, dying, id_of, kept, letter, shown

DEATHS = st.sampled_from([None, None, None, 0, 0, 1, 2])
"""At which transaction on the cache the program dies; None: it does not."""
PATHS = st.sampled_from(["Work", "work", "Work/A", "工作", "工作/会议", "Inbox/New", "Trash/Old", "A/B/C"])
FLAGS = st.sampled_from([Flag.SEEN, Flag.FLAGGED, Flag.ANSWERED])


class Mail(RuleBasedStateMachine):
    """Two accounts and the local folders; `subjects` are the messages that must be somewhere."""

    @initialize()
    def begin(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.store = self.open()
        add_account(self.store, "Ann")
        add_account(self.store, "Bob/王")
        local_account(self.store)
        self.subjects: set[str] = set()
        self.flags: dict[str, Flag] = {}
        self.last: Moved | None = None
        self.delivered = 0
        self.start_again()

    def open(self) -> Store:
        return Store.open(Path(self.directory.name) / "profile")

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.start_again()
            self.what_is_there_is_shown()
            assert self.store.check() == []
            self.store.close()
            self.directory.cleanup()

    # -- what happens

    @rule()
    def start_again(self) -> None:
        sweep(self.store)
        for account in self.store.accounts.list():
            LocalMail(self.store, account).show()
        self.agrees = True

    @rule()
    def the_cache_is_lost(self) -> None:
        self.store.close()
        for file in Path(self.directory.name).glob("profile/cache.db*"):
            file.unlink()
        self.store = self.open()
        self.start_again()

    @rule(data=st.data(), count=st.integers(1, 4), use=st.sampled_from(ALL_USES), death=DEATHS)
    def mail_comes(self, data: st.DataObject, count: int, use: SpecialUse, death: int | None) -> None:
        account = data.draw(st.sampled_from(self.store.accounts.list()))
        new = [f"m{self.delivered + number}" for number in range(count)]
        self.delivered += count
        self.subjects.update(new)
        self.flags.update(dict.fromkeys(new, Flag.NONE))
        self.do(death, lambda: deliver(self.store, account, *new, folder=use))

    @rule(data=st.data(), death=DEATHS)
    @precondition(lambda self: self.subjects and self.agrees)
    def some_are_moved(self, data: st.DataObject, death: int | None) -> None:
        ids, folder = self.some(data), data.draw(st.sampled_from(self.folders()))
        self.move(death, lambda: moving.move(self.store, ids, folder.id))

    @rule(data=st.data(), death=DEATHS)
    @precondition(lambda self: self.subjects and self.agrees)
    def some_are_archived(self, data: st.DataObject, death: int | None) -> None:
        ids = self.some(data)
        self.move(death, lambda: moving.archive(self.store, ids))

    @rule(data=st.data(), death=DEATHS)
    @precondition(lambda self: self.subjects and self.agrees)
    def some_are_deleted(self, data: st.DataObject, death: int | None) -> None:
        ids = self.some(data)
        trashed = {subject for folders in self.there().values() for subject in folders.get("Trash", ())}
        gone = {subject for subject in trashed if id_of(self.store, subject) in ids}
        self.subjects -= gone
        self.move(death, lambda: moving.delete(self.store, ids))

    @rule(data=st.data(), death=DEATHS)
    def the_trash_is_emptied(self, data: st.DataObject, death: int | None) -> None:
        account = data.draw(st.sampled_from(self.store.accounts.list()))
        self.subjects -= set(kept(self.store, account).get("Trash", ()))
        self.do(death, lambda: moving.empty_trash(self.store, account.id))

    @rule(death=DEATHS)
    @precondition(lambda self: self.last)
    def it_is_undone(self, death: int | None) -> None:
        assert self.last is not None
        last, self.last = self.last, None
        self.do(death, lambda: moving.undo(self.store, last))

    @rule(data=st.data(), flag=FLAGS, death=DEATHS)
    @precondition(lambda self: self.subjects and self.agrees)
    def some_are_marked(self, data: st.DataObject, flag: Flag, death: int | None) -> None:
        subjects = self.some_subjects(data)
        ids = [id_of(self.store, subject) for subject in subjects]
        self.flags.update({subject: self.flags[subject] | flag for subject in subjects})
        self.do(death, lambda: record_flags(self.store, ids, flag, Flag.NONE))

    @rule(data=st.data(), path=PATHS, death=DEATHS)
    def a_folder_is_made(self, data: st.DataObject, path: str, death: int | None) -> None:
        account = data.draw(st.sampled_from(self.store.accounts.list()))
        self.do(death, lambda: own_folders.create_folder(self.store, account.id, path))

    @rule(data=st.data(), path=PATHS, death=DEATHS)
    @precondition(lambda self: self.agrees)
    def a_folder_is_renamed(self, data: st.DataObject, path: str, death: int | None) -> None:
        folder = data.draw(st.sampled_from(self.folders()))
        before = self.there()
        self.do(death, lambda: own_folders.rename_folder(self.store, folder.id, path))
        assert [sorted(map(sorted, folders.values())) for folders in self.there().values()] == [
            sorted(map(sorted, folders.values())) for folders in before.values()
        ]

    @rule(data=st.data(), death=DEATHS)
    @precondition(lambda self: self.agrees)
    def a_folder_is_removed(self, data: st.DataObject, death: int | None) -> None:
        folder = data.draw(st.sampled_from(self.folders()))
        self.do(death, lambda: own_folders.remove_folder(self.store, folder.id))

    @rule(data=st.data(), death=DEATHS)
    def an_account_goes_and_its_mail_stays(self, data: st.DataObject, death: int | None) -> None:
        account = data.draw(st.sampled_from(self.store.accounts.list()))
        if account.address:
            self.do(death, lambda: forget_account(self.store, account.id, keep_mail=True))
            assert account not in self.store.accounts.list()
            self.add_another(account)

    @rule(data=st.data(), death=DEATHS)
    def an_account_goes_with_its_mail(self, data: st.DataObject, death: int | None) -> None:
        account = data.draw(st.sampled_from(self.store.accounts.list()))
        for subjects in kept(self.store, account).values():
            self.subjects -= set(subjects)
        self.do(death, lambda: forget_account(self.store, account.id, keep_mail=False))
        self.add_another(account)

    @rule(data=st.data(), death=DEATHS)
    @precondition(lambda self: self.subjects and self.agrees)
    def the_rest_of_one_comes(self, data: st.DataObject, death: int | None) -> None:
        (account_id, subject) = data.draw(st.sampled_from(self.owners()))
        account = self.store.accounts.get(account_id)
        assert account is not None
        mail, row = LocalMail(self.store, account), id_of(self.store, subject)
        uid = self.store.local_view.uids([row])[row]
        blob = mail.store_pieces([letter(subject, "All"), b" of it."])

        def complete() -> None:
            with self.store.user_transaction() as tx:
                message = mail.complete(tx, uid, blob)
            assert message is not None
            mail.shown([message])

        self.do(death, complete)

    # -- what must hold

    @invariant()
    def nothing_is_lost_and_nothing_doubled(self) -> None:
        if not hasattr(self, "store"):
            return
        all_ = [
            (subject, flags)
            for folders in self.there().values()
            for messages in folders.values()
            for subject, flags in messages.items()
        ]
        assert sorted(subject for subject, _ in all_) == sorted(self.subjects)
        assert all(self.flags[subject] == flags for subject, flags in all_)

    @invariant()
    def what_is_there_is_shown(self) -> None:
        if not hasattr(self, "store") or not self.agrees:
            return
        for account in self.store.accounts.list():
            assert shown(self.store, account) == kept(self.store, account)
            listed = {(one.wire_name, one.path) for one in self.store.local_folders.list(account.id)}
            assert {(one.wire_name, one.path) for one in self.store.folders.list(account.id)} == listed
            for message in self.store.local_messages.list(account.id):
                (place,) = self.store.local_view.places([message.uid])
                row = self.store.messages.get(place.id)
                assert row is not None
                assert row.size == self.store.blobs.size(message.blob_id)
        assert self.store.folders.wrong_counts() == ()

    # -- steps

    def do(self, death: int | None, work: Callable[[], object]) -> None:
        """Do something that may be refused, or be the last thing this run of the program does."""
        death_or_not: AbstractContextManager[None]
        death_or_not = nullcontext() if death is None else dying(self.store, after=death)
        done = False
        try:
            with death_or_not:
                work()
                done = True
        except (NameRefused, UsageError):
            done = True
        if not done:
            self.agrees = False

    def move(self, death: int | None, work: Callable[[], Moved]) -> None:
        def noted() -> None:
            self.last = work()

        self.do(death, noted)

    def add_another(self, account: Account) -> None:
        """In place of one that was removed; under another address."""
        if account.address:
            with self.store.user_transaction() as tx:
                added = self.store.accounts.add(tx, replace(account, address=f"x{account.address}"))
        else:
            added = local_account(self.store)
        if self.agrees:
            LocalMail(self.store, added).show()

    def there(self) -> dict[int, dict[str, dict[str, Flag]]]:
        return {account.id: kept(self.store, account) for account in self.store.accounts.list()}

    def owners(self) -> list[tuple[int, str]]:
        return [
            (account_id, subject)
            for account_id, folders in self.there().items()
            for messages in folders.values()
            for subject in messages
        ]

    def folders(self) -> list[Folder]:
        return [one for account in self.store.accounts.list() for one in self.store.folders.list(account.id)]

    def some_subjects(self, data: st.DataObject) -> list[str]:
        return data.draw(
            st.lists(st.sampled_from(sorted(self.subjects)), min_size=1, max_size=6, unique=True)
        )

    def some(self, data: st.DataObject) -> list[int]:
        return [id_of(self.store, subject) for subject in self.some_subjects(data)]


TestLocalMail = Mail.TestCase
TestLocalMail.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
