from __future__ import annotations

import pytest

from qtmail.domain.events import AccountState, Connection, Problem, Progress
from qtmail.ui.activity.work_sentences import (
    Sentence,
    duration,
    heard_sentence,
    progress_sentence,
    state_sentence,
    summary,
)
from tests.fakes.mail_service import account

PERSONAL, WORK = account(1, "Personal"), account(2, "Work")
HEADERS = Progress(1, "headers", "INBOX", 12_400, 100_000, 8.2)


def test_progress_says_who_how_much_where_and_how_long():
    assert progress_sentence(HEADERS, PERSONAL) == "Personal: 12,400 of 100,000 headers in INBOX, about 8 s"


def test_progress_without_a_known_end_names_no_total():
    assert progress_sentence(Progress(1, "bodies", done=7), PERSONAL) == "Personal: 7 messages"


def test_bytes_are_told_as_sizes():
    assert progress_sentence(Progress(1, "bytes", done=512_000, total=1_048_576), None) == "500 KB of 1.0 MB"


def test_work_under_way_is_said_first():
    states = {2: AccountState(2, Connection.WAITING, problem=Problem(2, "No answer."))}
    sentence = summary([PERSONAL, WORK], states, [HEADERS])
    assert sentence.text.startswith("Personal: 12,400")
    assert (sentence.done, sentence.total, sentence.busy) == (12_400, 100_000, True)


def test_then_a_fault():
    states = {
        1: AccountState(1, Connection.WATCHING),
        2: AccountState(2, Connection.WAITING, problem=Problem(2, "The server does not answer.")),
    }
    assert summary([PERSONAL, WORK], states, []) == Sentence("Work: The server does not answer.")


def test_then_that_all_is_well():
    states = {1: AccountState(1, Connection.WATCHING)}
    assert summary([PERSONAL], states, []).text == "Everything is up to date"
    assert summary([PERSONAL], {}, []).text == "Offline"
    assert summary([], {}, []).text == "No account yet"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (AccountState(1, Connection.SYNCING, activity="Reading folders"), "Reading folders"),
        (AccountState(1, Connection.WAITING, retry_at=1030.0), "Trying again in 30 s"),
        (AccountState(1, Connection.NEEDS_USER, problem=Problem(1, "Wrong password.")), "Wrong password."),
        (AccountState(1, Connection.CONNECTING), "Connecting…"),
    ],
)
def test_the_state_of_an_account_in_words(state: AccountState, expected: str):
    assert state_sentence(state, now=1000.0) == expected


def test_when_the_server_was_last_heard():
    assert heard_sentence(988.0, now=1000.0) == "Last heard from the server 12 s ago"
    assert heard_sentence(None) == "Nothing heard from the server yet"


def test_lengths_of_time_use_their_largest_unit():
    assert [duration(seconds) for seconds in (5, 300, 7200)] == ["5 s", "5 min", "2 h"]
