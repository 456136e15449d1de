"""An IMAP server in memory, and sessions on it that offer what `ImapSession` offers.

For testing the engine: what it does with any sequence of remote changes, faults and lies, without a wire. The
wire itself is tested with transcripts and with real servers.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from qtmail.domain.folder import FolderStatus, RemoteFolder, SpecialUse, SyncState
from qtmail.domain.message import Flag, FlagChange, PartStructure, RemoteMessage
from qtmail.errors import ConnectionFailed, ServerRefused, Stopped
from qtmail.protocols.imap_values import Counters, Selected, Updates
from qtmail.protocols.uid_set import UidSet, parse_uid_set
from qtmail.protocols.wake import Wake


def plain_message(number: int, subject: str = "") -> bytes:
    """A small message; `number` makes its Message-ID and date its own."""
    return (
        f"From: Ann <ann@example.org>\r\nTo: Bob <bob@example.org>\r\n"
        f"Subject: {subject or f'Message {number}'}\r\nMessage-ID: <{number}@example.org>\r\n"
        f"Date: Sat, 21 Nov 2026 10:{number // 60 % 60:02}:{number % 60:02} +0000\r\n"
        f"\r\nText of message {number}.\r\n"
    ).encode()


@dataclass
class MemoryMessage:
    uid: int
    raw: bytes
    flags: Flag = Flag.NONE
    keywords: frozenset[str] = frozenset()
    modseq: int = 1
    structure: PartStructure | None = None
    """What BODYSTRUCTURE tells, where it is not one part of plain text."""
    internal_date: str = ""
    """When it came, as IMAP writes dates ("21-Nov-2026 10:00:00 +0000"); "": some time that day."""

    @property
    def header(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"

    @property
    def change(self) -> FlagChange:
        return FlagChange(self.uid, self.flags, self.keywords, self.modseq)


@dataclass
class MemoryFolder:
    name: bytes
    special_use: SpecialUse | None = None
    uid_validity: int = 1
    uid_next: int = 1
    modseq: int = 1
    messages: dict[int, MemoryMessage] = field(default_factory=dict)
    expunged: dict[int, int] = field(default_factory=dict)

    def deliver(self, raw: bytes, flags: Flag = Flag.NONE) -> int:
        uid = self.uid_next
        self.uid_next += 1
        self.modseq += 1
        self.messages[uid] = MemoryMessage(uid, raw, flags, modseq=self.modseq)
        return uid

    def set_flags(self, uid: int, flags: Flag) -> None:
        self.modseq += 1
        self.messages[uid].flags = flags
        self.messages[uid].modseq = self.modseq

    def expunge(self, uid: int) -> None:
        self.modseq += 1
        del self.messages[uid]
        self.expunged[uid] = self.modseq

    def renumber(self) -> None:
        """What a restored or rebuilt folder looks like: other UIDs under another UIDVALIDITY."""
        self.uid_validity += 1
        self.expunged.clear()
        messages = [replace(message, uid=number) for number, message in enumerate(self.messages.values(), 1)]
        self.messages = {message.uid: message for message in messages}
        self.uid_next = len(messages) + 1


@dataclass
class MemoryServer:
    """Folders, what the server offers, and how it misbehaves.

    Attributes:
        condstore, qresync: the extensions offered.
        list_status: whether LIST tells STATUS in the same round.
        calls: what sessions asked for, in order.
        fail_after: the number of further answers (FETCH windows count one each) before the line drops; None:
        never.
        empty_searches: how many of the next UID SEARCHes wrongly find nothing.
        hidden_folders: names that the next LIST leaves out.
        refuse_store: whether STORE is refused.
    """

    folders: dict[bytes, MemoryFolder] = field(
        default_factory=lambda: {b"INBOX": MemoryFolder(b"INBOX", SpecialUse.INBOX)}
    )
    condstore: bool = True
    qresync: bool = True
    list_status: bool = True
    calls: list[str] = field(default_factory=list)
    fail_after: int | None = None
    empty_searches: int = 0
    hidden_folders: list[set[bytes]] = field(default_factory=list)
    refuse_store: bool = False

    @property
    def inbox(self) -> MemoryFolder:
        return self.folders[b"INBOX"]

    def session(self) -> MemorySession:
        return MemorySession(self)


class MemorySession:
    """The part of `ImapSession` that the engine uses."""

    supports_idle = True

    def __init__(self, server: MemoryServer) -> None:
        self._server = server
        self._folder: MemoryFolder | None = None
        self._selected: Selected | None = None
        self.last_heard = 0.0
        self.window = 3
        self.chunk = 16
        self.during_fetch: list[object] = []
        self._updates = Updates()
        self._aborted = False
        self.closed = False

    # -- state

    @property
    def counters(self) -> Counters:
        return Counters(0, 0, len(self._server.calls))

    @property
    def selected_folder(self) -> bytes | None:
        return self._folder.name if self._folder else None

    def take_updates(self) -> Updates:
        updates, self._updates = self._updates, Updates()
        return updates

    def announce(self, updates: Updates) -> None:
        self._updates = updates

    def skipped_size(self, uid: int) -> int | None:
        return None

    def abort(self) -> None:
        self._aborted = True

    def logout(self) -> None:
        self.close()

    def close(self) -> None:
        self._folder = None
        self.closed = True

    # -- commands

    def list_folders(self) -> list[RemoteFolder]:
        self._answer("LIST")
        hidden = self._server.hidden_folders.pop(0) if self._server.hidden_folders else set()
        return [self._remote(folder) for folder in self._server.folders.values() if folder.name not in hidden]

    def select(self, wire_name: bytes, state: SyncState | None = None, *, known_uids: str = "") -> Selected:
        self._answer(f"SELECT {wire_name.decode()}")
        folder = self._server.folders.get(wire_name)
        if folder is None:
            raise ServerRefused("There is no such folder.")
        self._folder = folder
        vanished: list[int] = []
        changed: list[FlagChange] = []
        usable = (
            self._server.qresync
            and state is not None
            and state.highest_modseq is not None
            and state.uid_validity == folder.uid_validity
        )
        if usable and state is not None and state.highest_modseq is not None:
            vanished = [uid for uid, modseq in folder.expunged.items() if modseq > state.highest_modseq]
            changed = [m.change for m in folder.messages.values() if m.modseq > state.highest_modseq]
        self._selected = Selected(
            folder.uid_validity,
            folder.uid_next,
            len(folder.messages),
            folder.modseq if self._server.condstore or self._server.qresync else None,
            UidSet.of(vanished),
            changed,
            usable,
        )
        return self._selected

    def ensure_selected(self, wire_name: bytes) -> Selected:
        if self._folder is None or self._folder.name != wire_name or self._selected is None:
            return self.select(wire_name)
        return self._selected

    def search_all_uids(self) -> array[int]:
        self._answer("SEARCH")
        if self._server.empty_searches:
            self._server.empty_searches -= 1
            return array("I")
        return array("I", sorted(self._current.messages))

    def fetch_headers(self, uid_sets: Iterable[str]) -> Iterator[list[RemoteMessage]]:
        for uid_set in uid_sets:
            self._answer(f"FETCH {uid_set}")
            yield [
                RemoteMessage(
                    m.uid, m.flags, m.keywords, m.modseq, 1_700_000_000 + m.uid, len(m.raw), m.header
                )
                for m in self._among(uid_set)
            ]

    def fetch_flags(self, uid_set: str, *, changed_since: int | None = None) -> list[FlagChange]:
        self._answer(f"FLAGS {uid_set}")
        return [m.change for m in self._among(uid_set) if changed_since is None or m.modseq > changed_since]

    def fetch_messages(self, uids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        for uid in uids:
            self._answer(f"BODY {uid}")
            if uid in self._current.messages:
                yield uid, self._current.messages[uid].raw

    def fetch_structure(self, uid: int) -> tuple[PartStructure, bytes]:
        self._answer(f"STRUCTURE {uid}")
        message = self._current.messages[uid]
        body = message.raw.partition(b"\r\n\r\n")[2]
        text = PartStructure("1", "text/plain", (("charset", "utf-8"),), size=len(body))
        return message.structure or text, message.header

    def fetch_parts(self, uid: int, sections: Sequence[str]) -> dict[str, bytes]:
        self._answer(f"PARTS {uid}")
        return {section: self._current.messages[uid].raw.partition(b"\r\n\r\n")[2] for section in sections}

    def fetch_part_chunks(self, uid: int, section: str, size: int) -> Iterator[bytes]:
        self._answer(f"PART {uid} {section}".rstrip())
        raw = self._current.messages[uid].raw
        data = raw.partition(b"\r\n\r\n")[2] if section else raw
        for start in range(0, len(data), self.chunk):
            yield data[start : start + self.chunk]

    def store_flags(self, uids: Sequence[int], add: Flag, remove: Flag) -> None:
        self._answer(f"STORE {','.join(map(str, uids))}")
        if self._server.refuse_store:
            raise ServerRefused("The folder is read-only.")
        for uid in uids:
            if uid in self._current.messages:
                message = self._current.messages[uid]
                self._current.set_flags(uid, (message.flags | add) & ~remove)

    def noop(self) -> None:
        self._answer("NOOP")

    def idle(self, wake: Wake, limit: float = 60.0) -> None:
        """Rest until woken, or for `limit` seconds; nothing is announced but by a test."""
        self._answer("IDLE")
        deadline = time.monotonic() + limit
        while not wake.wait(0.01) and time.monotonic() < deadline:
            self._check_usable()

    # -- inside

    @property
    def _current(self) -> MemoryFolder:
        assert self._folder is not None, "no folder is selected"
        return self._folder

    def _check_usable(self) -> None:
        if self._aborted:
            self.close()
            raise Stopped

    def _answer(self, call: str) -> None:
        server = self._server
        self._check_usable()
        if server.fail_after is not None:
            if server.fail_after == 0:
                self.close()
                raise ConnectionFailed("The line dropped.")
            server.fail_after -= 1
        server.calls.append(call)

    def _among(self, uid_set: str) -> list[MemoryMessage]:
        ranges = list(parse_uid_set(uid_set))
        return [
            m for m in self._current.messages.values() if any(low <= m.uid <= high for low, high in ranges)
        ]

    def _remote(self, folder: MemoryFolder) -> RemoteFolder:
        status = FolderStatus(
            len(folder.messages),
            sum(1 for m in folder.messages.values() if not m.flags & Flag.SEEN),
            folder.uid_next,
            folder.uid_validity,
            folder.modseq if self._server.condstore else None,
        )
        return RemoteFolder(
            folder.name,
            folder.name.decode(),
            "/",
            folder.special_use,
            status=status if self._server.list_status else None,
        )
