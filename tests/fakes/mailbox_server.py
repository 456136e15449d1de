"""An IMAP server on a loopback port that serves folders in memory: honestly, until a test tells it not to.

`ScriptedServer` plays a transcript of one conversation; this one understands what it is asked, so that whole
syncs over several sessions can run against it. Its faults are three: it can cut a line after any number of
bytes sent, or heard, and whatever it is about to send passes through `tamper`, which may change, delay or
replace it.

    with MailboxServer() as server:
        server.inbox.deliver(plain_message(1))
        server.tamper = lambda command, answer: [b"* 1 EXPUNGE\\r\\n", *answer]
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import ssl
import threading
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import ClassVar, NamedTuple

from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import FLAG_NAMES, Flag
from qtmail.protocols.uid_set import UidSet, format_uid_set, parse_uid_set
from tests.fakes.memory_imap import MemoryFolder, MemoryMessage

PATIENCE = 10.0
"""Seconds to wait for the threads at the end."""
ANNOUNCE_SECONDS = 0.02
"""How soon news is announced to a client in IDLE."""

PLAIN = "IMAP4rev1 IDLE"
"""A server of the old days: LOGIN, and everything compared one by one."""
CONDSTORE = f"{PLAIN} AUTH=PLAIN LITERAL- ESEARCH CONDSTORE ENABLE NAMESPACE"
QRESYNC = f"{CONDSTORE} SASL-IR LITERAL+ ID QRESYNC LIST-EXTENDED LIST-STATUS SPECIAL-USE UIDPLUS"

_FLAGS = {name.upper(): flag for flag, name in FLAG_NAMES.items()}
_ITEM = re.compile(rb"BODY\.PEEK\[([^\]]*)\](?:<(\d+)\.(\d+)>)?|([A-Z0-9.]+)")


class Command(NamedTuple):
    """What a client said.

    Attributes:
        verb: the command in upper case, "UID FETCH" for both words; "" stands for the greeting.
        arguments: the rest; what came as a literal is written as a quoted string.
    """

    tag: bytes
    verb: str
    arguments: bytes

    def done(self, status: bytes = b"OK done") -> bytes:
        """The tagged answer."""
        return b"%s %s\r\n" % (self.tag, status)


Tamper = Callable[[Command, list[bytes]], Iterable[bytes]]


class Hangup(Exception):
    """Raised by `tamper`: the server closes the line."""


class Silence(Exception):
    """Raised by `tamper`: the server says nothing more until the client leaves."""


def honest(_command: Command, answer: list[bytes]) -> Iterable[bytes]:
    return answer


class MailboxServer:
    """Serves its folders to any number of clients at once, each on a thread of its own.

    Attributes:
        port: where it listens.
        folders: what there is, by wire name; change them while clients are on the line only under `lock`.
        capabilities: what it offers and does, words separated by spaces.
        password: the password of every user.
        cut_after: how many bytes each connection gets, the greeting included, before it is cut; None: all.
        deaf_after: how many bytes of each connection are heard before it is cut; None: all.
        refusal: what APPEND is answered with instead of being carried out ("NO [OVERQUOTA] full"), or b"".
        tamper: sees every answer, the tagged line last, before it is sent, and gives what is sent instead.
        commands: the verbs clients used, in order.
        sent: the bytes each connection got, in the order in which they were made.
        heard: how many bytes each connection said.
    """

    def __init__(self, capabilities: str = QRESYNC, *, context: ssl.SSLContext | None = None) -> None:
        self.folders = {b"INBOX": MemoryFolder(b"INBOX", SpecialUse.INBOX)}
        self.capabilities = capabilities
        self.password = "secret"
        self.cut_after: int | None = None
        self.deaf_after: int | None = None
        self.refusal = b""
        self.tamper: Tamper = honest
        self.commands: list[str] = []
        self.sent: list[bytearray] = []
        self.heard: list[int] = []
        self.lock = threading.RLock()
        self._context = context
        self._leaving = threading.Event()
        self._lines: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name="mailbox server", daemon=True)

    @property
    def inbox(self) -> MemoryFolder:
        return self.folders[b"INBOX"]

    def hang_up(self) -> None:
        """Cut all lines that are open."""
        with self.lock:
            for line in self._lines:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> MailboxServer:
        self._accepting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        with contextlib.suppress(OSError):  # wakes accept(), which closing does not do on every system
            socket.create_connection(("127.0.0.1", self.port), PATIENCE).close()
        self._accepting.join(PATIENCE)
        self.hang_up()
        for thread in self._threads:
            thread.join(PATIENCE)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            line, _ = self._listener.accept()
            if self._leaving.is_set():
                line.close()
                return
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            self._threads.append(threading.Thread(target=self._serve, args=(line,), daemon=True))
            self._threads[-1].start()

    def _serve(self, line: socket.socket) -> None:
        with line, contextlib.suppress(OSError, EOFError, Hangup):
            if self._context is not None:
                line = self._context.wrap_socket(line, server_side=True)
            with line:
                self._converse(line)

    def _converse(self, line: socket.socket) -> None:
        with self.lock:
            self._lines.add(line)
            self.sent.append(sent := bytearray())
            self.heard.append(0)
            number = len(self.heard) - 1
        try:
            _Client(self, line, sent, number).serve()
        finally:
            with self.lock:
                self._lines.discard(line)


class _Client:
    """One connection, from the greeting to the end."""

    def __init__(self, server: MailboxServer, line: socket.socket, sent: bytearray, number: int) -> None:
        self._server = server
        self._line = line
        self._sent = sent
        self._number = number
        self._input = b""
        self._enabled: set[str] = set()
        self._folder: MemoryFolder | None = None
        self._seen: list[int] = []  # the UIDs this client knows of, by sequence number
        self._modseq = 0
        self._leaving = False

    def serve(self) -> None:
        greeting = b"* OK [CAPABILITY %s] ready\r\n" % self._server.capabilities.encode()
        self._answer(Command(b"*", "", b""), [greeting])
        while not self._leaving:
            command = self._command()
            self._server.commands.append(command.verb)
            handler = self._HANDLERS.get(command.verb, _Client._unknown)
            with self._server.lock:
                answer = list(handler(self, command))
            self._answer(command, answer)

    # -- the line ----------------------------------------------------------------------------------

    def _answer(self, command: Command, answer: list[bytes]) -> None:
        try:
            for piece in self._server.tamper(command, answer):
                self._send(piece)
        except Silence:
            while self._line.recv(65536):
                pass
            raise Hangup from None

    def _send(self, data: bytes) -> None:
        allowed = self._server.cut_after
        if allowed is not None:
            data = data[: max(0, allowed - len(self._sent))]
        if len(self._sent) < 1 << 20:
            self._sent += data
        self._line.sendall(data)
        if allowed is not None and len(self._sent) >= allowed:
            raise Hangup

    def _receive(self) -> None:
        heard = self._server.heard
        allowed = self._server.deaf_after
        most = 65536 if allowed is None else min(65536, allowed - heard[self._number])
        if most <= 0:
            raise Hangup
        data = self._line.recv(most)
        if not data:
            raise EOFError
        heard[self._number] += len(data)
        self._input += data

    def _text(self) -> bytes:
        while b"\r\n" not in self._input:
            self._receive()
        text, _, self._input = self._input.partition(b"\r\n")
        return text

    def _command(self) -> Command:
        text = self._text()
        while literal := re.search(rb"\{(\d+)(\+?)\}$", text):
            if not literal[2]:
                self._send(b"+ go on\r\n")
            size = int(literal[1])
            while len(self._input) < size:
                self._receive()
            data, self._input = self._input[:size], self._input[size:]
            text = text[: literal.start()] + _quoted(data) + self._text()
        tag, _, rest = text.partition(b" ")
        words = rest.split(b" ", 2)
        count = 2 if words[0].upper() == b"UID" else 1
        return Command(tag, b" ".join(words[:count]).upper().decode(), b" ".join(words[count:]))

    # -- who is there ------------------------------------------------------------------------------

    def _offers(self, capability: str) -> bool:
        return capability in self._server.capabilities.split()

    def _capability(self, command: Command) -> Iterator[bytes]:
        yield b"* CAPABILITY %s\r\n" % self._server.capabilities.encode()
        yield command.done()

    def _authenticate(self, command: Command) -> Iterator[bytes]:
        _, _, response = command.arguments.partition(b" ")
        if not response:
            self._send(b"+ \r\n")
            response = self._text()
        yield self._admit(command, b64decode(response).split(b"\0")[-1])

    def _login(self, command: Command) -> Iterator[bytes]:
        yield self._admit(command, _strings(command.arguments)[1])

    def _admit(self, command: Command, password: bytes) -> bytes:
        if password.decode() != self._server.password:
            return command.done(b"NO [AUTHENTICATIONFAILED] Invalid credentials")
        return command.done(b"OK [CAPABILITY %s] welcome" % self._server.capabilities.encode())

    def _enable(self, command: Command) -> Iterator[bytes]:
        self._enabled |= {word for word in command.arguments.decode().split() if self._offers(word)}
        yield b"* ENABLED %s\r\n" % command.arguments
        yield command.done()

    def _namespace(self, command: Command) -> Iterator[bytes]:
        yield b'* NAMESPACE (("" "/")) NIL NIL\r\n'
        yield command.done()

    def _id(self, command: Command) -> Iterator[bytes]:
        yield b'* ID ("name" "mailbox server")\r\n'
        yield command.done()

    # -- folders -----------------------------------------------------------------------------------

    def _list(self, command: Command) -> Iterator[bytes]:
        for folder in self._server.folders.values():
            use = folder.special_use
            attributes = rb"\Subscribed"
            if self._offers("SPECIAL-USE") and use not in (None, SpecialUse.INBOX):
                attributes += rb" \%s" % str(use).capitalize().encode()
            name = _quoted(folder.name)
            yield b'* %s (%s) "/" %s\r\n' % (command.verb.encode(), attributes, name)
            if b"STATUS" in command.arguments:
                yield self._status_of(folder)
        yield command.done()

    def _status(self, command: Command) -> Iterator[bytes]:
        folder = self._server.folders.get(_strings(command.arguments)[0])
        if folder is None:
            yield command.done(b"NO [NONEXISTENT] There is no such folder")
            return
        yield self._status_of(folder)
        yield command.done()

    def _status_of(self, folder: MemoryFolder) -> bytes:
        numbers = {
            b"MESSAGES": len(folder.messages),
            b"UNSEEN": sum(not message.flags & Flag.SEEN for message in folder.messages.values()),
            b"UIDNEXT": folder.uid_next,
            b"UIDVALIDITY": folder.uid_validity,
        }
        if self._offers("CONDSTORE"):
            numbers[b"HIGHESTMODSEQ"] = folder.modseq
        told = b" ".join(b"%s %d" % pair for pair in numbers.items())
        return b"* STATUS %s (%s)\r\n" % (_quoted(folder.name), told)

    def _create(self, command: Command) -> Iterator[bytes]:
        name = _strings(command.arguments)[0]
        if name in self._server.folders:
            yield command.done(b"NO [ALREADYEXISTS] There is such a folder")
            return
        use = re.search(rb"\(USE \(\\(\w+)\)\)", command.arguments)
        if use and not self._offers("CREATE-SPECIAL-USE"):
            yield command.done(b"BAD What?")
            return
        special_use = SpecialUse(use[1].decode().lower()) if use else None
        self._server.folders[name] = MemoryFolder(name, special_use)
        yield command.done()

    def _subscribe(self, command: Command) -> Iterator[bytes]:
        yield command.done()

    def _select(self, command: Command) -> Iterator[bytes]:
        folder = self._server.folders.get(_strings(command.arguments)[0])
        if self._folder is not None and "QRESYNC" in self._enabled:
            yield b"* OK [CLOSED] done\r\n"
        self._folder = folder
        if folder is None:
            yield command.done(b"NO [NONEXISTENT] There is no such folder")
            return
        self._seen = sorted(folder.messages)
        self._modseq = folder.modseq
        yield b"* %d EXISTS\r\n" % len(self._seen)
        yield b"* OK [UIDVALIDITY %d] fixed\r\n" % folder.uid_validity
        yield b"* OK [UIDNEXT %d] next\r\n" % folder.uid_next
        yield rb"* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] all" + b"\r\n"
        if self._offers("CONDSTORE"):
            yield b"* OK [HIGHESTMODSEQ %d] counted\r\n" % folder.modseq
        resync = re.search(rb"\(QRESYNC \((\d+) (\d+)", command.arguments)
        if resync and int(resync[1]) == folder.uid_validity:
            yield from self._changes_since(folder, int(resync[2]))
        yield command.done(b"OK [READ-WRITE] open")

    def _changes_since(self, folder: MemoryFolder, modseq: int) -> Iterator[bytes]:
        if gone := [uid for uid, when in folder.expunged.items() if when > modseq]:
            yield b"* VANISHED (EARLIER) %s\r\n" % format_uid_set(gone).encode()
        for message in folder.messages.values():
            if message.modseq > modseq:
                yield self._fetched(message, [b"UID", b"FLAGS", b"MODSEQ"])

    # -- messages ----------------------------------------------------------------------------------

    def _append(self, command: Command) -> Iterator[bytes]:
        asked = re.fullmatch(
            rb'("(?:[^"\\]|\\.)*"|\S+)(?: \(([^)]*)\))?(?: "([^"]*)")? ("(?:[^"\\]|\\.)*")',
            command.arguments,
            re.DOTALL,
        )
        if asked is None:
            yield command.done(b"BAD What?")
            return
        folder = self._server.folders.get(_strings(asked[1])[0])
        raw = re.sub(rb"\\(.)", rb"\1", asked[4][1:-1], flags=re.DOTALL)
        if self._server.refusal:
            yield command.done(self._server.refusal)
            return
        if folder is None:
            yield command.done(b"NO [TRYCREATE] There is no such folder")
            return
        uid = folder.deliver(raw, Flag(sum(map(_flag, (asked[2] or b"").split()))))
        folder.messages[uid].internal_date = (asked[3] or b"").decode()
        if folder is self._folder:
            yield from self._news()
        code = b"[APPENDUID %d %d] " % (folder.uid_validity, uid) if self._offers("UIDPLUS") else b""
        yield command.done(b"OK %sstored" % code)

    def _expunge(self, command: Command) -> Iterator[bytes]:
        if self._folder is None or not self._offers("UIDPLUS"):
            yield command.done(b"BAD What?")
            return
        for message in list(self._among(command.arguments)):
            if message.flags & Flag.DELETED:
                self._folder.expunge(message.uid)
        yield from self._news()
        yield command.done()

    def _search(self, command: Command) -> Iterator[bytes]:
        uids = self._seen
        header = re.search(rb'HEADER ("(?:[^"\\]|\\.)*") ("(?:[^"\\]|\\.)*")$', command.arguments)
        if header and self._folder is not None:
            name, value = _strings(header[0])[1:]
            uids = [uid for uid in uids if _has(self._folder.messages.get(uid), name, value)]
        if command.arguments.startswith(b"RETURN"):
            told = b" ALL %s" % format_uid_set(uids).encode() if uids else b""
            yield b'* ESEARCH (TAG "%s") UID%s\r\n' % (command.tag, told)
        else:
            yield b"* SEARCH%s\r\n" % b"".join(b" %d" % uid for uid in uids)
        yield command.done()

    def _fetch(self, command: Command) -> Iterator[bytes]:
        asked = re.fullmatch(rb"(\S+) \((.*?)\)(?: \(CHANGEDSINCE (\d+)\))?", command.arguments)
        if asked is None:
            yield command.done(b"BAD What?")
            return
        items = [item[0] for item in _ITEM.finditer(asked[2])]
        for message in self._among(asked[1]):
            if message.modseq > int(asked[3] or 0):
                yield self._fetched(message, items)
        yield command.done()

    def _fetched(self, message: MemoryMessage, items: list[bytes]) -> bytes:
        told = b" ".join(_item(message, item) for item in items)
        return b"* %d FETCH (%s)\r\n" % (self._seen.index(message.uid) + 1, told)

    def _store(self, command: Command) -> Iterator[bytes]:
        asked = re.fullmatch(rb"(\S+) ([+-])FLAGS\.SILENT \((.*)\)", command.arguments)
        if asked is None or self._folder is None:
            yield command.done(b"BAD What?")
            return
        changed = Flag(sum(map(_flag, asked[3].split())))
        for message in self._among(asked[1]):
            flags = message.flags | changed if asked[2] == b"+" else message.flags & ~changed
            self._folder.set_flags(message.uid, flags)
        self._modseq = self._folder.modseq
        yield command.done()

    def _among(self, uid_set: bytes) -> Iterator[MemoryMessage]:
        if self._folder is None:
            return
        last = b"%d" % max(self._seen, default=0)  # which is what * stands for (RFC 9051 section 9)
        ranges = UidSet(tuple(sorted(parse_uid_set(last if uid_set == b"*" else uid_set))))
        for uid in self._seen:
            if uid in ranges and uid in self._folder.messages:
                yield self._folder.messages[uid]

    # -- news --------------------------------------------------------------------------------------

    def _noop(self, command: Command) -> Iterator[bytes]:
        yield from self._news()
        yield command.done()

    def _idle(self, command: Command) -> Iterator[bytes]:
        self._answer(Command(command.tag, "IDLE", b"begin"), [b"+ idling\r\n"])
        while True:
            self._server.lock.release()
            try:
                ready, _, _ = select.select([self._line], [], [], ANNOUNCE_SECONDS)
            finally:
                self._server.lock.acquire()
            for news in self._news():
                self._send(news)
            if ready:
                break
        self._text()
        yield command.done()

    def _news(self) -> Iterator[bytes]:
        """What changed in the folder since this client was last told."""
        folder = self._folder
        if folder is None or folder.modseq == self._modseq:
            return
        gone = [uid for uid in self._seen if uid not in folder.messages]
        if gone and "QRESYNC" in self._enabled:
            yield b"* VANISHED %s\r\n" % format_uid_set(gone).encode()
        elif gone:
            for uid in reversed(gone):
                yield b"* %d EXPUNGE\r\n" % (self._seen.index(uid) + 1)
        known, self._seen = set(self._seen), sorted(folder.messages)
        if set(self._seen) - known:
            yield b"* %d EXISTS\r\n" % len(self._seen)
        since, self._modseq = self._modseq, folder.modseq
        for message in folder.messages.values():
            if message.uid in known and message.modseq > since:
                yield self._fetched(message, [b"UID", b"FLAGS"])

    def _logout(self, command: Command) -> Iterator[bytes]:
        self._leaving = True
        yield b"* BYE see you\r\n"
        yield command.done()

    def _unknown(self, command: Command) -> Iterator[bytes]:
        yield command.done(b"BAD What?")

    _HANDLERS: ClassVar[dict[str, Callable[[_Client, Command], Iterator[bytes]]]] = {
        "CAPABILITY": _capability,
        "AUTHENTICATE": _authenticate,
        "LOGIN": _login,
        "ENABLE": _enable,
        "NAMESPACE": _namespace,
        "ID": _id,
        "LIST": _list,
        "LSUB": _list,
        "CREATE": _create,
        "SUBSCRIBE": _subscribe,
        "APPEND": _append,
        "UID EXPUNGE": _expunge,
        "STATUS": _status,
        "SELECT": _select,
        "UID SEARCH": _search,
        "UID FETCH": _fetch,
        "UID STORE": _store,
        "NOOP": _noop,
        "IDLE": _idle,
        "LOGOUT": _logout,
    }


def _quoted(text: bytes) -> bytes:
    return b'"' + text.replace(b"\\", rb"\\").replace(b'"', rb"\"") + b'"'


def _strings(arguments: bytes) -> list[bytes]:
    """The quoted strings, and words outside of parentheses, of a command."""
    found = re.findall(rb'"((?:[^"\\]|\\.)*)"|([^ "()]+)', arguments, re.DOTALL)
    return [re.sub(rb"\\(.)", rb"\1", quoted, flags=re.DOTALL) or word for quoted, word in found]


def _flag(name: bytes) -> Flag:
    return _FLAGS.get(name.decode().upper(), Flag.NONE)


def _has(message: MemoryMessage | None, name: bytes, value: bytes) -> bool:
    """Whether a header field of this name holds the value somewhere."""
    if message is None:
        return False
    fields = re.findall(rb"(?im)^%s:((?:.|\r\n[ \t])*)" % re.escape(name), message.header)
    return any(value.lower() in field.replace(b"\r\n", b"").lower() for field in fields)


def _item(message: MemoryMessage, item: bytes) -> bytes:
    """One attribute of a message, with its name."""
    asked = _ITEM.fullmatch(item)
    assert asked is not None
    match item:
        case b"UID":
            return b"UID %d" % message.uid
        case b"MODSEQ":
            return b"MODSEQ (%d)" % message.modseq
        case b"FLAGS":
            names = [name for flag, name in FLAG_NAMES.items() if flag & message.flags]
            return b"FLAGS (%s)" % " ".join([*names, *sorted(message.keywords)]).encode()
        case b"INTERNALDATE":
            usual = f"21-Nov-2026 10:{message.uid % 60:02}:00 +0000"
            return f'INTERNALDATE "{message.internal_date or usual}"'.encode()
        case b"RFC822.SIZE":
            return b"RFC822.SIZE %d" % len(message.raw)
        case b"BODYSTRUCTURE":
            size = len(_section(message, b"1"))
            return b'BODYSTRUCTURE ("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "8BIT" %d 1)' % size
        case _:
            data = _section(message, asked[1])
            origin = b""
            if asked[2]:
                data = data[int(asked[2]) :][: int(asked[3])]
                origin = b"<%s>" % asked[2]
            return b"BODY[%s]%s {%d}\r\n%s" % (asked[1], origin, len(data), data)


def _section(message: MemoryMessage, section: bytes) -> bytes:
    header, _, body = message.raw.partition(b"\r\n\r\n")
    if not section:
        return message.raw
    if section == b"HEADER":
        return header + b"\r\n\r\n"
    if section.startswith(b"HEADER.FIELDS"):
        wanted = section.partition(b"(")[2].rstrip(b")").upper().split()
        fields = re.findall(rb"([^:\r\n]+):((?:.|\r\n[ \t])*)", header)
        return b"".join(b"%s:%s\r\n" % field for field in fields if field[0].upper() in wanted) + b"\r\n"
    return body
