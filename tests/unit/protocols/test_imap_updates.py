"""What a server says of its own accord, noted and handed over once."""

from __future__ import annotations

import pytest

from qtmail.domain.message import Flag, FlagChange
from qtmail.protocols.imap_syntax import Response, parse_untagged
from qtmail.protocols.imap_updates import UpdatesNote, parse_vanished
from qtmail.protocols.imap_values import Updates


def noted(*lines: bytes) -> UpdatesNote:
    note = UpdatesNote()
    for line in lines:
        untagged = parse_untagged(Response(line))
        assert untagged is not None
        note.note(untagged)
    return note


def test_the_last_word_on_a_message_counts():
    note = noted(b"* 1 FETCH (UID 5 FLAGS (\\Seen))", b"* 1 FETCH (UID 5 FLAGS (\\Flagged) MODSEQ (7))")
    assert note.waiting
    assert note.take().changed == [FlagChange(5, Flag.FLAGGED, frozenset(), 7)]
    assert note.take() == Updates()


def test_leaving_a_folder_keeps_only_what_is_not_about_it():
    note = noted(b"* 5 EXISTS", b"* 2 EXPUNGE", b"* VANISHED 1:3", b"* OK [ALERT] Read me")
    note.forget_folder()
    assert not note.waiting
    assert note.take() == Updates(alerts=["Read me"])


def test_what_says_nothing_of_interest_passes():
    note = noted(
        b"* 3 RECENT", b"* FLAGS (\\Seen)", b"* LIST () NIL x", b"* 1 FETCH (UID 3)", b"* OK [UIDNEXT 5] x"
    )
    assert not note.waiting
    assert note.take() == Updates()


@pytest.mark.parametrize("line", [b"* VANISHED", b"* VANISHED x", b"* 1 FETCH", b"* 1 FETCH (FLAGS"])
def test_what_cannot_be_read_is_counted(line: bytes):
    assert noted(line).take() == Updates(malformed=1)


@pytest.mark.parametrize("text", [b"1:2,9", b"(EARLIER) 1:2,9", b" (earlier)  1:2,9 "])
def test_vanished(text: bytes):
    assert list(parse_vanished(text)) == [1, 2, 9]


@pytest.mark.parametrize("text", [b"", b"(EARLIER)", b"(EARLIER) ", b"(LATER) 1", b"1 2"])
def test_vanished_that_cannot_be_believed(text: bytes):
    with pytest.raises(ValueError, match=r"VANISHED|not a UID"):
        parse_vanished(text)
