"""Mail from a POP3 server is here exactly once, and leaves the server only when it is safe here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qtmail.domain.account import Account, Pop3Keep
from qtmail.domain.events import Problem, Progress
from qtmail.domain.pop3 import Pop3Wish
from qtmail.engine.accounts import update_account
from qtmail.engine.pop3_plan import DAY_SECONDS, FORGET_SECONDS
from qtmail.errors import ConnectionFailed, QtmailError, Retry, Stopped
from qtmail.process_lock import ProcessLock
from qtmail.store.store import Store
from tests.fakes.memory_pop3 import mail
from tests.fakes.pop3_bench import NOW, Pop3Bench

RECEIVED_AT = 1_706_933_106
"""When `mail` says that it came to its server."""


@pytest.fixture
def pop3(store: Store) -> Pop3Bench:
    return Pop3Bench.make(store)


def sentences(bench: Pop3Bench) -> list[str]:
    return [event.sentence for event in bench.events if isinstance(event, Problem)]


# --- fetching ---


def test_new_mail_is_here_and_shown_and_stays_on_the_server(pop3: Pop3Bench):
    for number in range(3):
        pop3.server.deliver(mail(number))
    report = pop3.check()
    assert sorted(pop3.contents()) == [mail(0), mail(1), mail(2)]
    assert sorted(pop3.shown()) == sorted(message.uid for message in pop3.messages())
    assert len(pop3.server.mails) == 3
    assert report.messages_added == 3 and not report.problems


def test_the_newest_comes_first(pop3: Pop3Bench):
    for number in range(3):
        pop3.server.deliver(mail(number))
    pop3.check()
    assert pop3.contents() == [mail(2), mail(1), mail(0)]


def test_it_is_dated_by_its_arrival_on_the_server(pop3: Pop3Bench):
    pop3.server.deliver(mail(1))
    pop3.server.deliver(mail(2, stamped=False))
    pop3.check()
    assert sorted(message.filed_at for message in pop3.messages()) == [RECEIVED_AT, NOW]


def test_nothing_is_fetched_twice(pop3: Pop3Bench):
    pop3.server.deliver(mail(1))
    pop3.check()
    pop3.server.deliver(mail(2))
    pop3.check()
    pop3.restart()
    pop3.check()
    assert pop3.server.retrieved == [b"uid-1", b"uid-2"]
    assert pop3.server.looked_at == []


@pytest.mark.parametrize("keep", [Pop3Keep.KEEP, Pop3Keep.DELETE, Pop3Keep.UNTIL_DELETED])
def test_another_server_may_call_other_mail_the_same(pop3: Pop3Bench, keep: Pop3Keep):
    pop3.server.deliver(mail(1))
    pop3.check()
    pop3.set_policy(keep)
    assert pop3.account.pop3 is not None
    moved = replace(pop3.account, pop3=replace(pop3.account.pop3, host="pop.elsewhere.example"))
    update_account(pop3.store, moved)
    elsewhere = Pop3Bench(pop3.store, moved)
    elsewhere.server.deliver(mail(2))  # as many bytes, and the same id
    elsewhere.check()
    assert sorted(elsewhere.contents()) == [mail(1), mail(2)]


def test_a_mailbox_that_moved_with_its_mail_is_not_fetched_again(pop3: Pop3Bench):
    pop3.server.deliver(mail(1))
    pop3.check()
    assert pop3.account.pop3 is not None
    moved = replace(pop3.account, pop3=replace(pop3.account.pop3, host="pop.elsewhere.example"))
    update_account(pop3.store, moved)
    Pop3Bench(pop3.store, moved, pop3.server).check()
    assert pop3.contents() == [mail(1)]


def test_a_large_message_is_kept_byte_for_byte(pop3: Pop3Bench):
    raw = mail(1, body=bytes(range(256)) * 20_000)
    pop3.server.deliver(raw)
    pop3.check()
    assert pop3.contents() == [raw]


def test_progress_is_told(pop3: Pop3Bench):
    pop3.server.deliver(mail(1))
    pop3.server.deliver(mail(2))
    pop3.check()
    told = [event for event in pop3.events if isinstance(event, Progress)]
    assert (told[0].what, told[0].done, told[0].total) == ("messages", 1, 2)
    assert told[-1].finished


def test_a_message_that_is_not_given_stops_no_other(pop3: Pop3Bench):
    for number in range(3):
        pop3.server.deliver(mail(number))
    pop3.server.refuses.add(b"uid-2")
    report = pop3.check()
    assert len(pop3.messages()) == 2
    (problem,) = report.problems
    assert "does not give a message" in problem and "cannot read it" in problem
    pop3.server.refuses.clear()
    assert not pop3.check().problems
    assert len(pop3.messages()) == 3


def test_an_empty_answer_is_not_taken_for_the_message(pop3: Pop3Bench):
    pop3.set_policy(Pop3Keep.DELETE)
    pop3.server.deliver(b"", size=500)
    assert pop3.check().problems
    assert pop3.messages() == [] and len(pop3.server.mails) == 1


def test_two_copies_with_the_same_id_are_both_here(pop3: Pop3Bench):
    pop3.server.deliver(mail(1), uidl=b"same")
    pop3.server.deliver(mail(1), uidl=b"same")
    pop3.check()
    pop3.check()
    assert pop3.contents() == [mail(1), mail(1)]


def test_mail_goes_into_the_folders_of_another_account_if_the_user_wants_so(store: Store):
    with store.user_transaction() as tx:
        home = store.accounts.add(tx, Account(0, "Local folders", "", "", None))
    pop3 = Pop3Bench.make(store, deliver_to=home.id)
    pop3.server.deliver(mail(1))
    pop3.check()
    assert [message.account_id for message in store.local_messages.list(home.id)] == [home.id]
    assert len(pop3.shown()) == 1


# --- what stays on the server ---


def test_delete(pop3: Pop3Bench):
    pop3.set_policy(Pop3Keep.DELETE)
    pop3.server.deliver(mail(1))
    report = pop3.check()
    assert pop3.server.mails == [] and pop3.contents() == [mail(1)]
    assert report.messages_removed == 1


def test_keep_for_days_after_it_was_fetched(pop3: Pop3Bench):
    pop3.set_policy(Pop3Keep.DAYS, days=2)
    pop3.server.deliver(mail(1))
    pop3.check()
    pop3.now += 2 * DAY_SECONDS - 1
    pop3.server.deliver(mail(2))
    pop3.check()
    assert len(pop3.server.mails) == 2
    pop3.now += 1
    pop3.check()
    assert pop3.server.uidls == [b"uid-2"]
    assert len(pop3.messages()) == 2


@pytest.mark.parametrize("how", ["put_into_trash", "remove"])
def test_what_is_deleted_here_is_deleted_there(pop3: Pop3Bench, how: str):
    pop3.set_policy(Pop3Keep.UNTIL_DELETED)
    pop3.server.deliver(mail(1))
    pop3.server.deliver(mail(2))
    pop3.check()
    (second, _) = pop3.messages()
    getattr(pop3, how)(second)
    pop3.check()
    assert pop3.server.uidls == [b"uid-1"]


def test_where_nothing_follows_deletions_what_is_deleted_here_stays_and_does_not_come_back(pop3: Pop3Bench):
    pop3.server.deliver(mail(1))
    pop3.check()
    pop3.remove(pop3.messages()[0])
    pop3.check()
    assert pop3.messages() == [] and len(pop3.server.mails) == 1


def test_removing_the_folders_mail_was_delivered_to_deletes_nothing_on_the_server(store: Store):
    with store.user_transaction() as tx:
        home = store.accounts.add(tx, Account(0, "Local folders", "", "", None))
    pop3 = Pop3Bench.make(store, keep=Pop3Keep.UNTIL_DELETED, deliver_to=home.id)
    pop3.server.deliver(mail(1))
    pop3.check()
    with store.user_transaction() as tx:
        store.accounts.remove(tx, home.id)
    pop3.restart()
    pop3.check()
    assert len(pop3.server.mails) == 1


def test_keep_the_newest_by_number(pop3: Pop3Bench):
    pop3.set_policy(Pop3Keep.NEWEST, newest_count=2)
    for number in range(4):
        pop3.server.deliver(mail(number))
    pop3.check()
    assert pop3.server.uidls == [b"uid-3", b"uid-4"]
    assert len(pop3.messages()) == 4


def test_keep_the_newest_by_bytes(pop3: Pop3Bench):
    pop3.set_policy(Pop3Keep.NEWEST, newest_bytes=2 * len(mail(1)))
    for number in range(4):
        pop3.server.deliver(mail(number))
    pop3.check()
    assert pop3.server.uidls == [b"uid-3", b"uid-4"]


# --- lines that break ---


def test_what_came_before_the_line_broke_is_here_and_is_not_fetched_again(pop3: Pop3Bench):
    for number in range(5):
        pop3.server.deliver(mail(number))
    assert pop3.cut(6)  # the list, two messages of two pieces each, and the third announced
    assert len(pop3.messages()) == 2
    pop3.check()
    assert sorted(pop3.contents()) == [mail(number) for number in range(5)]


def test_a_line_that_breaks_before_the_end_has_deleted_nothing(pop3: Pop3Bench):
    pop3.set_policy(Pop3Keep.DELETE)
    pop3.server.deliver(mail(1))
    assert pop3.cut(4)  # all but QUIT
    assert len(pop3.server.mails) == 1
    report = pop3.check()
    assert pop3.server.mails == [] and pop3.contents() == [mail(1)]
    assert pop3.server.retrieved == [b"uid-1"] and report.messages_removed == 1


def test_an_answer_to_quit_that_is_lost_loses_and_doubles_nothing(pop3: Pop3Bench):
    pop3.set_policy(Pop3Keep.DELETE)
    pop3.server.deliver(mail(1))
    pop3.server.lost_quit = True
    assert pop3.cut(4)
    pop3.server.lost_quit = False
    pop3.check()
    assert pop3.server.mails == [] and pop3.contents() == [mail(1)]


def test_a_server_that_refuses_to_delete_is_told_of_and_asked_again(pop3: Pop3Bench):
    pop3.set_policy(Pop3Keep.DELETE)
    pop3.server.deliver(mail(1))
    pop3.server.quit_refusal = "Some deleted messages were not removed."
    report = pop3.check()
    assert report.problems == ("Some deleted messages were not removed.",)
    assert report.messages_removed == 0
    pop3.server.quit_refusal = ""
    pop3.check()
    assert pop3.server.mails == [] and len(pop3.messages()) == 1


def test_a_server_that_deletes_nothing_makes_nothing_come_twice(pop3: Pop3Bench):
    pop3.set_policy(Pop3Keep.DELETE)
    pop3.server.keeps_all = True
    pop3.server.deliver(mail(1))
    for _ in range(3):
        pop3.check()
    assert pop3.contents() == [mail(1)]


def test_stopping_keeps_what_came(pop3: Pop3Bench):
    for number in range(3):
        pop3.server.deliver(mail(number))
    pop3.events = StopAtOnce(pop3)  # type: ignore[assignment]
    with pytest.raises(Stopped):
        pop3.check()
    assert pop3.contents() == [mail(2)]


class StopAtOnce(list[object]):
    """Somebody who ends the program at the first news."""

    def __init__(self, bench: Pop3Bench) -> None:
        super().__init__()
        self._bench = bench

    def append(self, event: object) -> None:
        self._bench.stop.stop()


# --- headers only ---


def test_of_a_large_message_only_the_header_comes_and_no_rule_deletes_it(pop3: Pop3Bench):
    pop3.server.deliver(mail(1, body=b"x" * 1000))
    pop3.server.deliver(mail(2))
    for keep, more in (
        (Pop3Keep.DELETE, {}),
        (Pop3Keep.DAYS, {"days": 0}),
        (Pop3Keep.NEWEST, {"newest_count": 1}),
    ):
        pop3.set_policy(keep, headers_only_over=1000, **more)
        pop3.check()
        pop3.now += DAY_SECONDS
    header, whole = pop3.messages()
    assert pop3.raw(header).endswith(b"\r\n\r\n") and header.server_size == len(pop3.server.mails[0].raw)
    assert pop3.raw(whole) == mail(2)
    assert pop3.server.uidls == [b"uid-1"]


def test_the_rest_comes_when_the_user_asks_for_it(pop3: Pop3Bench):
    raw = mail(1, body=b"x" * 1000)
    pop3.server.deliver(raw)
    pop3.set_policy(Pop3Keep.DELETE, headers_only_over=1000)
    pop3.check()
    (header,) = pop3.messages()
    pop3.flag(header)
    pop3.want(header, Pop3Wish.DOWNLOAD)
    pop3.check()
    (whole,) = pop3.messages()
    assert (whole.uid, whole.server_size) == (header.uid, 0) and whole.flags
    assert pop3.raw(whole) == raw
    assert pop3.server.mails == [], "whole now, it may go"


def test_no_other_message_becomes_the_rest_of_one(pop3: Pop3Bench):
    pop3.server.deliver(mail(1, body=b"x" * 1000), uidl=b"1")
    pop3.set_policy(Pop3Keep.KEEP, headers_only_over=1000)
    pop3.check()
    (header,) = pop3.messages()
    before = pop3.raw(header)
    pop3.want(header, Pop3Wish.DOWNLOAD)
    pop3.server.mails.clear()
    pop3.server.deliver(mail(2, body=b"y" * 1000), uidl=b"1")
    pop3.check()
    assert pop3.raw(pop3.messages()[0]) == before
    assert len(pop3.messages()) == 2


def test_it_is_deleted_unread_when_the_user_wants_so_and_then_here_as_well(pop3: Pop3Bench):
    pop3.server.deliver(mail(1, body=b"x" * 1000))
    pop3.set_policy(Pop3Keep.KEEP, headers_only_over=1000)
    pop3.check()
    (header,) = pop3.messages()
    pop3.want(header, Pop3Wish.DELETE)
    assert pop3.cut(2)
    assert pop3.messages() == [header], "not before the server has done it"
    pop3.check()
    assert pop3.server.mails == [] and pop3.messages() == [] and pop3.shown() == []


def test_the_header_goes_too_where_the_answer_of_the_server_was_lost(pop3: Pop3Bench):
    pop3.server.deliver(mail(1, body=b"x" * 1000))
    pop3.set_policy(Pop3Keep.KEEP, headers_only_over=1000)
    pop3.check()
    pop3.want(pop3.messages()[0], Pop3Wish.DELETE)
    pop3.server.lost_quit = True
    assert pop3.cut(3)
    pop3.server.lost_quit = False
    pop3.check()
    assert pop3.messages() == []


def test_a_header_in_the_trash_deletes_nothing_until_it_is_gone_for_good(pop3: Pop3Bench):
    pop3.server.deliver(mail(1, body=b"x" * 1000))
    pop3.set_policy(Pop3Keep.UNTIL_DELETED, headers_only_over=1000)
    pop3.check()
    (header,) = pop3.messages()
    pop3.put_into_trash(header)
    pop3.check()
    assert len(pop3.server.mails) == 1
    pop3.remove(header)
    pop3.check()
    assert pop3.server.mails == []


def test_a_server_without_top_gives_large_messages_whole(pop3: Pop3Bench):
    raw = mail(1, body=b"x" * 1000)
    pop3.server.without("top").deliver(raw)
    pop3.set_policy(Pop3Keep.KEEP, headers_only_over=1000)
    pop3.check()
    assert pop3.contents() == [raw]


# --- ids that cannot be trusted ---


def test_without_ids_the_header_tells_and_the_user_is_told_once(pop3: Pop3Bench):
    pop3.server.without("uidl").deliver(mail(1))
    pop3.check()
    pop3.server.deliver(mail(2))
    pop3.check()
    assert pop3.contents() == [mail(1), mail(2)]
    assert pop3.server.retrieved == [b"uid-1", b"uid-2"]
    (told,) = sentences(pop3)
    assert "no ids" in told


def test_without_ids_and_headers_all_is_fetched_each_time_and_kept_once(pop3: Pop3Bench):
    pop3.server.without("uidl", "top").deliver(mail(1))
    pop3.check()
    pop3.server.deliver(mail(2))
    pop3.check()
    assert pop3.contents() == [mail(1), mail(2)]
    (told,) = sentences(pop3)
    assert "fetches all" in told
    pop3.set_policy(Pop3Keep.DELETE)
    pop3.check()
    assert pop3.server.mails == [] and len(pop3.messages()) == 2


def test_without_ids_and_headers_what_was_deleted_by_others_is_forgotten_in_the_end(pop3: Pop3Bench):
    pop3.server.without("uidl", "top").deliver(mail(1))
    pop3.check()
    pop3.server.mails.clear()
    pop3.check()
    pop3.now += FORGET_SECONDS
    pop3.check()
    assert pop3.store.pop3_messages.list(pop3.account.id) == []


def test_copies_without_ids_are_all_here(pop3: Pop3Bench):
    pop3.server.without("uidl")
    for _ in range(3):
        pop3.server.deliver(mail(1))
    pop3.check()
    pop3.check()
    assert pop3.contents() == [mail(1)] * 3


@pytest.mark.parametrize("missing", [(), ("top",)])
def test_a_server_that_renames_everything_makes_nothing_come_twice(pop3: Pop3Bench, missing: tuple[str, ...]):
    pop3.server.without(*missing)
    for number in range(5):
        pop3.server.deliver(mail(number))
    pop3.check()
    pop3.server.renumber()
    pop3.server.deliver(mail(9))
    report = pop3.check()
    assert report.messages_added == 1
    assert sorted(pop3.contents()) == [mail(number) for number in (0, 1, 2, 3, 4, 9)]
    pop3.server.retrieved.clear()
    pop3.check()
    assert pop3.server.retrieved == []


def test_a_server_that_begins_to_give_ids_makes_nothing_come_twice(pop3: Pop3Bench):
    pop3.server.without("uidl").deliver(mail(1))
    pop3.check()
    pop3.server.capabilities = Pop3Bench.make(pop3.store).server.capabilities
    pop3.check()
    assert pop3.contents() == [mail(1)]


@pytest.mark.parametrize("size", [None, 222])
def test_an_id_given_to_another_message_loses_and_deletes_nothing(pop3: Pop3Bench, size: int | None):
    pop3.server.deliver(mail(1), uidl=b"1", size=size)
    pop3.check()
    pop3.server.mails.clear()
    pop3.server.deliver(mail(2, body=b"Other"), uidl=b"1", size=size)
    pop3.set_policy(Pop3Keep.DELETE)
    pop3.check()
    assert sorted(pop3.contents()) == [mail(1), mail(2, body=b"Other")]
    assert pop3.server.mails == []


def test_nor_where_size_and_id_are_the_same_and_the_server_gives_no_headers(pop3: Pop3Bench):
    pop3.server.without("top").deliver(mail(1), uidl=b"1")
    pop3.check()
    pop3.server.mails.clear()
    pop3.server.deliver(mail(2), uidl=b"1")
    pop3.set_policy(Pop3Keep.DELETE)
    pop3.check()
    assert sorted(pop3.contents()) == [mail(1), mail(2)]
    assert pop3.server.mails == []


def test_what_cannot_be_looked_at_before_it_is_deleted_stays(pop3: Pop3Bench):
    pop3.server.without("top").deliver(mail(1))
    pop3.check()
    pop3.set_policy(Pop3Keep.DELETE)
    pop3.server.refuses.add(b"uid-1")
    pop3.check()
    assert len(pop3.server.mails) == 1


def test_ids_that_are_mere_numbers_and_move_down(pop3: Pop3Bench):
    """As given by servers whose ids are the numbers of the messages."""
    for number in range(1, 5):
        pop3.server.deliver(mail(number, body=b"x" * number), uidl=b"%d" % number)
    pop3.check()
    del pop3.server.mails[0]
    pop3.server.deliver(mail(5, body=b"x" * 5))
    for number, message in enumerate(pop3.server.mails, 1):
        message.uidl = b"%d" % number
    pop3.check()
    pop3.check()
    assert sorted(pop3.contents()) == sorted(mail(number, body=b"x" * number) for number in range(1, 6))


def test_a_size_that_changes_is_believed_once_the_header_was_seen(pop3: Pop3Bench):
    pop3.server.deliver(mail(1), size=100)
    pop3.check()
    pop3.server.mails[0].size = 200
    pop3.check()
    pop3.check()
    assert pop3.contents() == [mail(1)]
    assert pop3.server.looked_at == [b"uid-1"]


def test_a_mailbox_that_is_empty_for_a_while_is_not_fetched_again(pop3: Pop3Bench):
    for number in range(3):
        pop3.server.deliver(mail(number))
    pop3.check()
    away, pop3.server.mails = pop3.server.mails, []
    pop3.check()
    pop3.server.mails = away
    pop3.check()
    assert len(pop3.messages()) == 3 and len(pop3.server.retrieved) == 3


def test_what_is_gone_for_long_is_forgotten(pop3: Pop3Bench):
    pop3.server.deliver(mail(1))
    pop3.check()
    pop3.server.mails.clear()
    pop3.check()
    pop3.now += FORGET_SECONDS - 1
    pop3.check()
    assert pop3.known(b"uid-1") is not None
    pop3.now += 1
    pop3.check()
    assert pop3.known(b"uid-1") is None and len(pop3.messages()) == 1


def test_what_was_deleted_here_and_put_back_on_the_server_comes_again(pop3: Pop3Bench):
    pop3.set_policy(Pop3Keep.UNTIL_DELETED)
    pop3.server.deliver(mail(1))
    pop3.check()
    away, pop3.server.mails = pop3.server.mails, []
    pop3.check()
    pop3.remove(pop3.messages()[0])
    pop3.server.deliver(away[0].raw)
    pop3.check()
    assert pop3.contents() == [mail(1)] and len(pop3.server.mails) == 1


def test_what_the_user_does_while_the_server_renames_everything_stands(pop3: Pop3Bench):
    pop3.set_policy(Pop3Keep.KEEP, headers_only_over=1000)
    pop3.server.deliver(mail(1, body=b"x" * 1000))
    pop3.server.deliver(mail(2, body=b"x" * 1000))
    pop3.check()
    unwanted, wanted = pop3.messages()

    def delete_one_and_want_the_other() -> None:
        pop3.remove(unwanted)
        pop3.want(wanted, Pop3Wish.DOWNLOAD)

    pop3.server.renumber()
    pop3.server.meanwhile = delete_one_and_want_the_other
    pop3.check()
    pop3.server.meanwhile = lambda: None
    pop3.check()
    assert pop3.contents() == [mail(1, body=b"x" * 1000)]


# --- one at a time, and what is told ---


def test_another_process_is_left_to_finish(pop3: Pop3Bench):
    pop3.server.deliver(mail(1))
    lock = ProcessLock(pop3.store.directory / f"pop3-{pop3.account.id}.lock")
    assert lock.acquire()
    try:
        with pytest.raises(QtmailError) as caught:
            pop3.check()
    finally:
        lock.release()
    assert caught.value.retry is Retry.LATER
    assert pop3.server.sessions == 0
    pop3.check()
    assert len(pop3.messages()) == 1


def test_the_next_process_may_look_after_a_line_broke(pop3: Pop3Bench):
    pop3.server.deliver(mail(1))
    pop3.server.cut_after = 0
    with pytest.raises(ConnectionFailed):
        pop3.check()
    pop3.server.cut_after = None
    pop3.restart()
    pop3.check()
    assert len(pop3.messages()) == 1


def test_many_are_fetched_and_deleted_in_several_sessions(pop3: Pop3Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("qtmail.engine.pop3_check.SESSION_MESSAGES", 2)
    for number in range(5):
        pop3.server.deliver(mail(number))
    pop3.set_policy(Pop3Keep.DELETE)
    report = pop3.check()
    assert pop3.server.mails == [] and pop3.server.sessions == 3
    assert report.messages_added == report.messages_removed == 5


def test_what_a_crash_kept_from_being_shown_is_shown(pop3: Pop3Bench):
    pop3.server.deliver(mail(1))
    pop3.check()
    (folder,) = [one for one in pop3.store.folders.list(pop3.account.id) if one.message_count]
    with pop3.store.cache_transaction() as tx:
        pop3.store.messages.remove(tx, folder.id, pop3.shown())
    assert pop3.shown() == []
    pop3.restart()
    pop3.check()
    assert len(pop3.shown()) == 1
