"""LIST and STATUS in one round trip or several, names in every dress."""

from __future__ import annotations

import pytest

from qtmail.domain.folder import FolderStatus, SpecialUse
from qtmail.errors import ServerRefused
from tests.fakes.imap_server import ScriptedServer, Send, transcript
from tests.wire.sessions import ready, signed_in

EXTENDED = "IMAP4rev1 LIST-EXTENDED LIST-STATUS SPECIAL-USE CONDSTORE"
ONE_COMMAND = (
    'C: q2 LIST "" ("*") RETURN '
    "(SUBSCRIBED STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ) SPECIAL-USE)"
)


def test_everything_in_one_round_trip():
    rest = f"""
        {ONE_COMMAND}
        S: * LIST (\\HasNoChildren \\Subscribed) "/" inbox
        S: * STATUS INBOX (MESSAGES 3 UNSEEN 1 UIDNEXT 8 UIDVALIDITY 42 HIGHESTMODSEQ 99)
        S: * LIST (\\Trash \\subscribed) "/" Weg
        S: * STATUS Weg (MESSAGES 0 UNSEEN nonsense)
        S: * LIST (\\Noselect) "/" "Old stuff"
        S: * LIST (\\NonExistent \\Subscribed) "/" Gone
        S: * LIST (\\Sent) NIL "Sent \\"quoted\\" \\\\"
        S: q2 OK done
    """
    with ScriptedServer(signed_in(EXTENDED, rest)) as server, ready(server) as session:
        before = session.counters.round_trips
        inbox, trash, old, vanished, sent = session.list_folders()
        assert session.counters.round_trips == before + 1
    assert (inbox.wire_name, inbox.path, inbox.special_use) == (b"inbox", "INBOX", SpecialUse.INBOX)
    assert inbox.status == FolderStatus(3, 1, 8, 42, 99)
    assert trash.special_use is SpecialUse.TRASH
    assert trash.subscribed
    assert trash.status == FolderStatus(messages=0)
    assert not old.selectable
    assert not old.subscribed
    assert not vanished.selectable
    assert (sent.path, sent.delimiter, sent.special_use) == ('Sent "quoted" \\', "", SpecialUse.SENT)


def test_names_in_every_dress():
    names = [
        (b"&W1hoYw-", b"&W1hoYw-", "\u5b58\u6863"),
        (b'"Tom &- Jerry"', b"Tom &- Jerry", "Tom & Jerry"),
        (b"{7}\r\nlit\xc3\xa9ra", b"lit\xc3\xa9ra", "litéra"),
        (b"Br&o-ken", b"Br&o-ken", "Br&o-ken"),
        (b"&2D8-", b"&2D8-", "&2D8-"),
        (b"\xb2\xdd\xb8\xe5", b"\xb2\xdd\xb8\xe5", "²Ý¸å"),
        (b"2024", b"2024", "2024"),
        (b"NIL", b"NIL", "NIL"),
        (b'"[Gmail]/All Mail"', b"[Gmail]/All Mail", "[Gmail]/All Mail"),
        (b"[Gmail]/Spam", b"[Gmail]/Spam", "[Gmail]/Spam"),
    ]
    lines = b"".join(b'* LIST () "/" ' + written + b"\r\n" for written, _, _ in names)
    script = [
        *signed_in(EXTENDED),
        *transcript(ONE_COMMAND),
        Send(lines),
        *transcript("S: q2 OK done"),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        folders = session.list_folders()
    assert [(folder.wire_name, folder.path) for folder in folders] == [
        (wire_name, path) for _, wire_name, path in names
    ]
    assert [folder.special_use for folder in folders[-2:]] == [SpecialUse.ALL, SpecialUse.JUNK]


def test_names_are_utf8_once_that_is_enabled():
    rest = """
        C: q2 ENABLE UTF8=ACCEPT
        S: * ENABLED UTF8=ACCEPT
        S: q2 OK done
        C: q3 LIST "" ("*") RETURN (SUBSCRIBED STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY))
        S: * LIST () "/" "草稿箱 & mehr"
        S: q3 OK done
        C: q4 SELECT "草稿箱 & mehr"
        S: q4 NO no
    """
    capabilities = "IMAP4rev1 ENABLE UTF8=ACCEPT LIST-EXTENDED LIST-STATUS"
    with ScriptedServer(signed_in(capabilities, rest)) as server, ready(server) as session:
        (folder,) = session.list_folders()
        assert folder.path == "草稿箱 & mehr"
        with pytest.raises(ServerRefused, match="open the folder 草稿箱 & mehr: no"):
            session.select(folder.wire_name)


PLAIN = """
    C: q2 LIST "" "*"
    C: q3 LSUB "" "*"
"""


def test_a_plain_server_takes_two_round_trips():
    rest = f"""
        {PLAIN}
        S: * LIST () "." INBOX
        S: * LIST (\\Noselect) "." Lists
        S: * LIST () "." &V4NXPpCuTvY-
        S: * LIST () "." Papierkorb
        S: q2 OK done
        S: * LSUB () "." &V4NXPpCuTvY-
        S: q3 OK done
        C: q4 STATUS "INBOX" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)
        C: q5 STATUS "&V4NXPpCuTvY-" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)
        C: q6 STATUS "Papierkorb" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)
        S: * STATUS INBOX (MESSAGES 1 UNSEEN 1 UIDNEXT 2 UIDVALIDITY 7)
        S: q4 OK done
        S: q5 NO cannot be opened
        S: * STATUS "Papierkorb" (UIDNEXT 2)
        S: q6 OK done
    """
    with ScriptedServer(signed_in("IMAP4rev1", rest)) as server, ready(server) as session:
        before = session.counters.round_trips
        inbox, lists, junk, trash = session.list_folders()
        assert session.counters.round_trips == before + 2
    assert (inbox.subscribed, lists.subscribed, junk.subscribed, trash.subscribed) == (
        True,
        False,
        True,
        False,
    )
    assert (junk.special_use, trash.special_use) == (SpecialUse.JUNK, SpecialUse.TRASH)
    assert junk.status is None
    assert trash.status == FolderStatus(uid_next=2)
    assert not lists.selectable


def test_without_subscriptions_every_folder_is_shown():
    rest = f"""
        {PLAIN}
        S: * LIST () "." Work
        S: q2 OK done
        S: q3 BAD what is LSUB?
        C: q4 STATUS "Work" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)
        S: q4 OK done
    """
    with ScriptedServer(signed_in("IMAP4rev1", rest)) as server, ready(server) as session:
        (folder,) = session.list_folders()
    assert folder.subscribed


def test_folders_of_others_are_listed_too_and_once():
    rest = """
        C: q2 NAMESPACE
        S: * NAMESPACE (("INBOX." ".")) (("user." ".")) (("Public Folders/" "/"))
        S: q2 OK done
        C~ q3 LIST "" \\("\\*" "user.\\*" "Public Folders/\\*"\\) RETURN .*
        S: * LIST () "." INBOX
        S: * LIST () "." user.max
        S: * LIST () "." user.max
        S: q3 OK done
    """
    capabilities = "IMAP4rev1 NAMESPACE LIST-EXTENDED LIST-STATUS"
    with ScriptedServer(signed_in(capabilities, rest)) as server, ready(server) as session:
        assert [folder.path for folder in session.list_folders()] == ["INBOX", "user.max"]


def test_a_list_that_is_refused():
    rest = f"""
        {ONE_COMMAND}
        S: q2 NO [SERVERBUG] internal error
    """
    with (
        ScriptedServer(signed_in(EXTENDED, rest)) as server,
        ready(server) as session,
        pytest.raises(ServerRefused, match="list the folders: internal error"),
    ):
        session.list_folders()


def test_a_server_that_does_not_understand_what_it_offers():
    rest = f"""
        {ONE_COMMAND}
        S: q2 BAD syntax error
        C: q3 LIST "" "*"
        C: q4 LSUB "" "*"
        S: * LIST (\\Noselect) "/" Lists
        S: q3 OK done
        S: q4 OK done
    """
    with ScriptedServer(signed_in(EXTENDED, rest)) as server, ready(server) as session:
        assert [folder.path for folder in session.list_folders()] == ["Lists"]


def test_lines_that_make_no_sense_are_left_out_and_counted():
    rest = f"""
        {ONE_COMMAND}
        S: * LIST nonsense
        S: * LIST (\\Marked "/" "unclosed
        S: * LIST () "/" ok
        S: * STATUS
        S: * 5 EXISTS
        S: * LIST () "/" "never closed
        S: q2 OK done
    """
    with ScriptedServer(signed_in(EXTENDED, rest)) as server, ready(server) as session:
        assert [folder.path for folder in session.list_folders()] == ["ok"]
        updates = session.take_updates()
    assert updates.malformed == 4
    assert updates.exists == 5


def test_hundreds_of_status_commands_in_one_burst():
    """More than the buffers on the way can hold: neither side may wait for the other for ever."""
    names = [f"folder-{number:04}-" + "x" * 200 for number in range(2000)]
    listed = "".join(f'* LIST () "/" {name}\r\n' for name in names)
    expected = [
        step
        for number, name in enumerate(names, 4)
        for step in transcript(
            f"""
            C: q{number} STATUS "{name}" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)
            S: * STATUS {name} (MESSAGES 1)
            S: q{number} OK done
            """
        )
    ]
    script = [
        *signed_in(),
        *transcript(PLAIN),
        Send(listed.encode()),
        *transcript(
            """
            S: q2 OK done
            S: q3 OK done
            """
        ),
        *expected,
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        folders = session.list_folders()
    assert all(folder.status == FolderStatus(messages=1) for folder in folders)
