"""Opening a folder: plain, with CONDSTORE, and resynchronised in the same answer."""

from __future__ import annotations

import pytest

from qtmail.domain.folder import SyncState
from qtmail.domain.message import Flag, FlagChange
from qtmail.errors import Layer, ProtocolViolation, ServerRefused
from qtmail.protocols.quirks import Quirks
from qtmail.protocols.uid_set import UidSet
from tests.fakes.imap_server import ScriptedServer
from tests.wire.sessions import ready, signed_in

QRESYNC = "IMAP4rev1 ENABLE CONDSTORE QRESYNC"
ENABLE = """
    C: q2 ENABLE QRESYNC
    S: * ENABLED QRESYNC
    S: q2 OK done
"""
STATE = SyncState(uid_validity=42, uid_next=100, highest_modseq=900, remote_count=50, complete=True)


def test_a_plain_server():
    rest = """
        C: q2 SELECT "INBOX"
        S: * FLAGS (\\Seen \\Deleted)
        S: * 17 EXISTS
        S: * 2 RECENT
        S: * OK [UNSEEN 8] first unseen
        S: * OK [UIDVALIDITY 3857529045] fine
        S: * OK [UIDNEXT 4392] fine
        S: * OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] limited
        S: q2 OK [READ-WRITE] done
    """
    with ScriptedServer(signed_in("IMAP4rev1", rest)) as server, ready(server) as session:
        selected = session.select(b"INBOX")
    assert (selected.uid_validity, selected.uid_next, selected.exists) == (3857529045, 4392, 17)
    assert selected.highest_modseq is None
    assert not selected.qresync_used


def test_condstore_when_there_is_no_state_yet():
    rest = """
        C: q2 SELECT "a \\"b\\"" (CONDSTORE)
        S: * 0 EXISTS
        S: * OK [HIGHESTMODSEQ 715194045007] fine
        S: * OK [PERMANENTFLAGS ()] none
        S: q2 OK [READ-ONLY] done
    """
    with ScriptedServer(signed_in("IMAP4rev1 CONDSTORE", rest)) as server, ready(server) as session:
        selected = session.select(b'a "b"')
    assert selected.highest_modseq == 715194045007


@pytest.mark.parametrize("code", ["NOMODSEQ", "HIGHESTMODSEQ 0"])
def test_a_folder_without_modseqs(code: str):
    rest = f"""
        C: q2 SELECT "INBOX" (CONDSTORE)
        S: * 1 EXISTS
        S: * OK [{code}] sorry
        S: q2 OK done
    """
    with ScriptedServer(signed_in("IMAP4rev1 CONDSTORE", rest)) as server, ready(server) as session:
        assert session.select(b"INBOX", STATE).highest_modseq is None


def test_qresync_brings_all_news_in_one_round_trip():
    rest = f"""
        {ENABLE}
        C: q3 SELECT "INBOX" (QRESYNC (42 900 1:40,60))
        S: * OK [CLOSED] previous folder
        S: * 51 EXISTS
        S: * OK [UIDVALIDITY 42] fine
        S: * OK [UIDNEXT 102] fine
        S: * OK [HIGHESTMODSEQ 905] fine
        S: * VANISHED (EARLIER) 41,43:44
        S: * VANISHED (EARLIER) 60
        S: * 49 FETCH (UID 100 FLAGS (\\Seen Work) MODSEQ (903))
        S: * 50 FETCH (MODSEQ (904) UID 101 FLAGS ())
        S: q3 OK [READ-WRITE] done
    """
    with ScriptedServer(signed_in(QRESYNC, rest)) as server, ready(server) as session:
        before = session.counters
        selected = session.select(b"INBOX", STATE, known_uids="1:40,60")
        assert (session.counters - before).round_trips == 1
        assert not session.take_updates()
    assert selected.qresync_used
    assert selected.vanished == UidSet.parse("41,43:44,60")
    assert selected.changed == [
        FlagChange(100, Flag.SEEN, frozenset({"Work"}), 903),
        FlagChange(101, Flag.NONE, frozenset(), 904),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        "S: * OK [UIDVALIDITY 43] changed",
        "S: * OK [UIDVALIDITY 42] same",
    ],
    ids=["other uid validity", "no modseq"],
)
def test_qresync_that_did_not_happen(answer: str):
    rest = f"""
        {ENABLE}
        C: q3 SELECT "INBOX" (QRESYNC (42 900))
        S: * 3 EXISTS
        {answer}
        S: * VANISHED (EARLIER) 1:99
        S: q3 OK done
    """
    with ScriptedServer(signed_in(QRESYNC, rest)) as server, ready(server) as session:
        selected = session.select(b"INBOX", STATE)
    assert not selected.qresync_used
    assert not selected.vanished


@pytest.mark.parametrize("line", ["VANISHED (EARLIER) x", "VANISHED", "7 FETCH (UID 9 FLAGS"])
def test_news_that_cannot_be_read_in_full_is_not_relied_on(line: str):
    rest = f"""
        {ENABLE}
        C: q3 SELECT "INBOX" (QRESYNC (42 900))
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 42] fine
        S: * OK [HIGHESTMODSEQ 905] fine
        S: * VANISHED (EARLIER) 1:2
        S: * {line}
        S: q3 OK done
    """
    with ScriptedServer(signed_in(QRESYNC, rest)) as server, ready(server) as session:
        selected = session.select(b"INBOX", STATE)
        assert not selected.qresync_used
        assert not selected.vanished
        assert session.take_updates().malformed == 1


def test_a_server_whose_vanished_cannot_be_believed_is_not_asked():
    rest = """
        C: q2 ENABLE CONDSTORE
        S: * ENABLED CONDSTORE
        S: q2 OK done
        C: q3 SELECT "INBOX" (CONDSTORE)
        S: * 3 EXISTS
        S: q3 OK done
    """
    with (
        ScriptedServer(signed_in(QRESYNC, rest)) as server,
        ready(server, quirks=Quirks(trust_vanished=False)) as session,
    ):
        assert not session.select(b"INBOX", STATE).qresync_used
        assert not session.supports_qresync


def test_news_of_the_folder_left_behind_is_forgotten():
    rest = f"""
        {ENABLE}
        C: q3 NOOP
        S: * 9 EXISTS
        S: * 3 FETCH (UID 3 FLAGS (\\Seen))
        S: q3 OK done
        C: q4 SELECT "Other" (CONDSTORE)
        S: * 10 EXISTS
        S: * VANISHED 5
        S: * OK [CLOSED] left INBOX
        S: * 2 EXISTS
        S: * OK [UIDVALIDITY 1] fine
        S: q4 OK done
    """
    with ScriptedServer(signed_in(QRESYNC, rest)) as server, ready(server) as session:
        session.noop()
        selected = session.select(b"Other")
        assert selected.exists == 2
        assert not selected.vanished
        assert not session.take_updates()


def test_a_folder_that_cannot_be_opened():
    rest = """
        C: q2 SELECT "Gone"
        S: q2 NO [NONEXISTENT] Unknown Mailbox: Gone
        C: q3 NOOP
        S: q3 OK still here
    """
    with ScriptedServer(signed_in("IMAP4rev1", rest)) as server, ready(server) as session:
        with pytest.raises(ServerRefused, match="open the folder Gone: Unknown Mailbox: Gone") as failure:
            session.select(b"Gone")
        assert failure.value.layer is Layer.FOLDER
        session.noop()


def test_netease_unsafe_login():
    rest = """
        C: q2 SELECT "INBOX"
        S: q2 NO SELECT Unsafe Login. Please contact kefu@188.com for help
    """
    with (
        ScriptedServer(signed_in("IMAP4rev1", rest)) as server,
        ready(server) as session,
        pytest.raises(ServerRefused) as failure,
    ):
        session.select(b"INBOX")
    assert "授权码" in failure.value.advice


# -- all UIDs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "uids"),
    [
        ('S: * ESEARCH (TAG "q2") UID ALL 5,1:3,9', [1, 2, 3, 5, 9]),
        ('S: * ESEARCH (TAG "q2") UID', []),
        ("S: * ESEARCH UID ALL 7 MODSEQ 12", [7]),
        ("S: * SEARCH 3 1 2", [1, 2, 3]),
        ("S: * SEARCH", []),
    ],
)
def test_all_uids(answer: str, uids: list[int]):
    rest = f"""
        C: q2 UID SEARCH RETURN (ALL) ALL
        {answer}
        S: * 12 EXISTS
        S: q2 OK done
    """
    with ScriptedServer(signed_in("IMAP4rev1 ESEARCH", rest)) as server, ready(server) as session:
        assert list(session.search_all_uids()) == uids
        assert session.take_updates().exists == 12


def test_all_uids_of_a_plain_server():
    rest = """
        C: q2 UID SEARCH ALL
        S: * SEARCH 2 4
        S: * SEARCH 6 (MODSEQ 917162500)
        S: q2 OK done
    """
    with ScriptedServer(signed_in("IMAP4rev1", rest)) as server, ready(server) as session:
        assert list(session.search_all_uids()) == [2, 4, 6]


@pytest.mark.parametrize(
    "answer",
    [
        "S: * 3 EXISTS",
        "S: * SEARCH 1 two 3",
        "S: * SEARCH 1 4294967296",
        "S: * ESEARCH UID ALL",
        "S: * ESEARCH UID ALL 1:*",
        "S: * ESEARCH UID ALL 1:2:3",
    ],
)
def test_a_missing_or_broken_list_is_never_an_empty_folder(answer: str):
    rest = f"""
        C: q2 UID SEARCH ALL
        {answer}
        S: q2 OK done
    """
    with (
        ScriptedServer(signed_in("IMAP4rev1", rest)) as server,
        ready(server) as session,
        pytest.raises(ProtocolViolation),
    ):
        session.search_all_uids()
