"""Writing into folders: what is said on the wire, what it costs, and every way a server may refuse."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import Flag
from qtmail.errors import ConnectionFailed, Layer, QtmailError, Retry, ServerRefused
from qtmail.protocols.imap_append import FolderMissing
from qtmail.protocols.imap_values import AppendedUid
from tests.fakes.imap_server import ExpectBytes, ScriptedServer, Step, transcript
from tests.fakes.mailbox_bench import START
from tests.wire.sessions import ready, signed_in

MESSAGE = b"Subject: Hi\r\n\r\nHello\r\n"
SIZE = len(MESSAGE)
AT_ONCE = f'C: q2 APPEND "Sent" (\\Seen) "21-Nov-2026 10:00:00 +0000" {{{SIZE}+}}'


def uploaded(capabilities: str, answer: str) -> list[Step]:
    """An upload in one burst, and what the server makes of it."""
    return [
        *signed_in(capabilities, AT_ONCE),
        ExpectBytes(MESSAGE + b"\r\n"),
        *transcript(f"S: {answer}"),
    ]


def append(server: ScriptedServer) -> AppendedUid | None:
    with ready(server) as session:
        return session.append(b"Sent", [MESSAGE[:5], MESSAGE[5:]], SIZE, Flag.SEEN, START)


def test_one_round_trip_where_the_server_takes_it_unasked():
    script = uploaded("IMAP4rev1 LITERAL+ UIDPLUS", "q2 OK [APPENDUID 38505 3955] done")
    with ScriptedServer(script) as server, ready(server) as session:
        before = session.counters.round_trips
        where = session.append(b"Sent", iter([MESSAGE[:5], MESSAGE[5:]]), SIZE, Flag.SEEN, START)
        assert session.counters.round_trips == before + 1
    assert where == AppendedUid(38505, 3955)


def test_two_round_trips_where_it_wants_to_be_asked():
    rest = f"""
        C: q2 APPEND "Sent" {{{SIZE}}}
        S: * 4 EXISTS
        S: + go on
    """
    script = [
        *signed_in("IMAP4rev1", rest),
        ExpectBytes(MESSAGE + b"\r\n"),
        *transcript("S: q2 OK done"),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        before = session.counters.round_trips
        assert session.append(b"Sent", [MESSAGE], SIZE, Flag.NONE) is None
        assert session.counters.round_trips == before + 2
        assert session.take_updates().exists == 4


def test_a_small_message_needs_no_question_with_literal_minus():
    assert_question("IMAP4rev1 LITERAL-", 4096, asked=False)
    assert_question("IMAP4rev1 LITERAL-", 4097, asked=True)


def test_a_large_upload_waits_until_it_is_wanted():
    assert_question("IMAP4rev1 LITERAL+", 256 * 1024, asked=False)
    assert_question("IMAP4rev1 LITERAL+", 256 * 1024 + 1, asked=True)


def assert_question(capabilities: str, size: int, *, asked: bool) -> None:
    sign = "" if asked else "+"
    rest = f'C: q2 APPEND "Sent" {{{size}{sign}}}' + ("\nS: + go on" if asked else "")
    script = [
        *signed_in(capabilities, rest),
        ExpectBytes(b"x" * size + b"\r\n"),
        *transcript("S: q2 OK done"),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        session.append(b"Sent", [b"x" * size], size, Flag.NONE)


@pytest.mark.parametrize("code", ["APPENDUID 1", "APPENDUID 0 0", "APPENDUID x 7", "APPENDUID 1 99999999999"])
def test_an_appenduid_that_makes_no_sense_is_none(code: str):
    with ScriptedServer(uploaded("IMAP4rev1 LITERAL+", f"q2 OK [{code}] done")) as server:
        assert append(server) is None


# -- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "words", "retry"),
    [
        ("NO [OVERQUOTA] Quota exceeded", "no room left", Retry.LATER),
        ("NO Mailbox is full", "no room left", Retry.LATER),
        ("NO [TOOBIG] 10 MB at most", "larger than the server allows", Retry.NEVER),
        ("NO [LIMIT] too many", "Sent on the server is full", Retry.LATER),
        ("NO [NOPERM] no", "does not let this account", Retry.ASK_USER),
        ("NO [UNAVAILABLE] later", "at the moment", Retry.LATER),
        ("NO I do not like it", "refused to store the message in Sent: I do not like it.", Retry.LATER),
        ("BAD What?", "refused to store the message in Sent: What?", Retry.LATER),
    ],
)
def test_a_refusal_in_words(answer: str, words: str, retry: Retry):
    with (
        ScriptedServer(uploaded("IMAP4rev1 LITERAL+", f"q2 {answer}")) as server,
        pytest.raises(ServerRefused, match=words) as refusal,
    ):
        append(server)
    assert refusal.value.retry is retry
    assert refusal.value.layer is Layer.FOLDER
    assert refusal.value.detail == answer


def test_a_refusal_before_the_upload_spares_it_and_the_session_goes_on():
    rest = f"""
        C: q2 APPEND "Gone" {{{SIZE}}}
        S: q2 NO [TRYCREATE] No such folder
        C: q3 NOOP
        S: q3 OK done
    """
    with ScriptedServer(signed_in("IMAP4rev1", rest)) as server, ready(server) as session:
        with pytest.raises(FolderMissing, match="The folder Gone is not on the server"):
            session.append(b"Gone", [MESSAGE], SIZE, Flag.NONE)
        session.noop()


def test_a_message_over_the_limit_is_not_begun():
    with (
        ScriptedServer(signed_in("IMAP4rev1 LITERAL+ APPENDLIMIT=20")) as server,
        pytest.raises(ServerRefused, match="larger than the server allows in Sent"),
    ):
        append(server)


def test_a_limit_of_the_folder_is_asked_for():
    rest = """
        C: q2 STATUS "Sent" (APPENDLIMIT)
        S: * STATUS "Sent" (APPENDLIMIT 20)
        S: q2 OK done
    """
    with (
        ScriptedServer(signed_in("IMAP4rev1 LITERAL+ APPENDLIMIT", rest)) as server,
        pytest.raises(ServerRefused, match="larger than the server allows in Sent"),
    ):
        append(server)


# -- pieces ----------------------------------------------------------------------------------------


def test_a_piece_that_fails_closes_the_line():
    def broken() -> Iterator[bytes]:
        yield MESSAGE[:5]
        raise QtmailError("The disk is gone.")

    script = [*signed_in("IMAP4rev1 LITERAL+", AT_ONCE), ExpectBytes(MESSAGE[:5])]
    with ScriptedServer(script) as server, ready(server) as session:
        with pytest.raises(QtmailError, match="disk"):
            session.append(b"Sent", broken(), SIZE, Flag.SEEN, START)
        assert session.closed


@pytest.mark.parametrize("pieces", [[b"short"], [MESSAGE, b"more"]])
def test_pieces_of_another_length_than_announced_never_end_the_message(pieces: list[bytes]):
    kept = b"".join(pieces)[:SIZE]
    script = [*signed_in("IMAP4rev1 LITERAL+", AT_ONCE), ExpectBytes(kept)]
    with ScriptedServer(script) as server, ready(server) as session:
        with pytest.raises(ValueError, match="bytes off"):
            session.append(b"Sent", pieces, SIZE, Flag.SEEN, START)
        assert session.closed


def test_a_line_lost_in_the_upload():
    script = [*signed_in("IMAP4rev1 LITERAL+", AT_ONCE), *transcript("DROP")]
    with ScriptedServer(script) as server, pytest.raises(ConnectionFailed):
        append(server)


def test_a_large_message_is_never_held_whole():
    piece = b"x" * 64 * 1024
    count = 400
    size = count * len(piece)
    script = [
        *signed_in("IMAP4rev1", f'C: q2 APPEND "Sent" {{{size}}}\nS: + go on'),
        *[ExpectBytes(piece)] * count,
        *transcript("C: \nS: q2 OK done"),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        tracemalloc.start()
        try:
            session.append(b"Sent", (piece for _ in range(count)), size, Flag.NONE)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert size == 25 * 2**20
    assert peak < 2 * 2**20


# -- looking for a header --------------------------------------------------------------------------

SELECT = """
    C~ q2 SELECT "Sent".*
    S: * 3 EXISTS
    S: * OK [UIDVALIDITY 7] fixed
    S: q2 OK open
    C: q3 NOOP
"""


def test_a_header_is_looked_for_after_the_server_took_notice_of_what_came():
    rest = f"""
        {SELECT}
        C: q4 UID SEARCH HEADER "Message-ID" "<a@b>"
        S: * 4 EXISTS
        S: q3 OK done
        S: * SEARCH 9 4
        S: q4 OK done
    """
    with ScriptedServer(signed_in("IMAP4rev1", rest)) as server, ready(server) as session:
        assert session.search_header(b"Sent", "Message-ID", "<a@b>") == [4, 9]


def test_a_header_with_other_than_ascii_names_its_charset():
    rest = f"""
        {SELECT}
        C: q4 UID SEARCH RETURN (ALL) CHARSET UTF-8 HEADER "Message-ID" {{4+}}
        C: <é>
        S: q3 OK done
        S: * ESEARCH (TAG "q4") UID
        S: q4 OK done
    """
    with ScriptedServer(signed_in("IMAP4rev1 ESEARCH LITERAL+", rest)) as server, ready(server) as session:
        assert session.search_header(b"Sent", "Message-ID", "<é>") == []


# -- expunging -------------------------------------------------------------------------------------

OPEN = """
    C~ q2 SELECT "Sent".*
    S: * 3 EXISTS
    S: q2 OK open
"""


def test_exactly_these_messages_are_expunged_in_one_round_trip():
    rest = f"""
        {OPEN}
        C: q3 UID STORE 4,9 +FLAGS.SILENT (\\Deleted)
        C: q4 UID EXPUNGE 4,9
        S: q3 OK done
        S: * 2 EXPUNGE
        S: q4 OK done
    """
    with ScriptedServer(signed_in("IMAP4rev1 UIDPLUS", rest)) as server, ready(server) as session:
        assert session.expunge(b"Sent", [9, 4])
        assert session.take_updates().expunged


def test_without_uidplus_they_are_marked_only():
    rest = f"""
        {OPEN}
        C: q3 UID STORE 4 +FLAGS.SILENT (\\Deleted)
        S: q3 OK done
    """
    with ScriptedServer(signed_in("IMAP4rev1", rest)) as server, ready(server) as session:
        assert not session.expunge(b"Sent", [4])


def test_nothing_to_expunge_says_nothing():
    with ScriptedServer(signed_in("IMAP4rev1 UIDPLUS", OPEN)) as server, ready(server) as session:
        session.expunge(b"Sent", [])


# -- making a folder -------------------------------------------------------------------------------


def test_a_folder_is_made_subscribed_and_named_for_its_purpose():
    rest = """
        C: q2 CREATE "&XfJT0ZAB-" (USE (\\Sent))
        C: q3 SUBSCRIBE "&XfJT0ZAB-"
        S: q2 OK done
        S: q3 NO what is that
    """
    capabilities = "IMAP4rev1 CREATE-SPECIAL-USE"
    with ScriptedServer(signed_in(capabilities, rest)) as server, ready(server) as session:
        assert session.create_folder("已发送", SpecialUse.SENT) == b"&XfJT0ZAB-"


def test_a_folder_that_is_there_is_as_good():
    rest = """
        C: q2 CREATE "Sent"
        C: q3 SUBSCRIBE "Sent"
        S: q2 NO [ALREADYEXISTS] it is there
        S: q3 OK done
    """
    with ScriptedServer(signed_in("IMAP4rev1", rest)) as server, ready(server) as session:
        assert session.create_folder("Sent", SpecialUse.SENT) == b"Sent"


def test_a_folder_goes_into_the_own_name_space():
    steps = transcript("""
        C: q2 NAMESPACE
        S: * NAMESPACE (("INBOX." ".")) NIL NIL
        S: q2 OK done
        C: q3 CREATE "INBOX.Sent"
        C: q4 SUBSCRIBE "INBOX.Sent"
        S: q3 OK done
        S: q4 OK done
    """)
    script = [*signed_in("IMAP4rev1 NAMESPACE"), *steps]
    with ScriptedServer(script) as server, ready(server) as session:
        assert session.create_folder("Sent") == b"INBOX.Sent"


def test_a_folder_that_cannot_be_made():
    rest = """
        C: q2 CREATE "Sent"
        C: q3 SUBSCRIBE "Sent"
        S: q2 NO [CANNOT] no
        S: q3 OK done
    """
    with (
        ScriptedServer(signed_in("IMAP4rev1", rest)) as server,
        ready(server) as session,
        pytest.raises(ServerRefused, match="make the folder Sent") as refusal,
    ):
        session.create_folder("Sent")
    assert refusal.value.layer is Layer.FOLDER
