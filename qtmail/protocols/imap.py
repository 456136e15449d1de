"""One IMAP session: everything qtmail asks of an IMAP server (RFC 3501, RFC 9051 and the extensions they
offer).

    ImapSession          this file: the verbs
      Door               imap_connect: address → greeted, encrypted line
      sign_in, introduce imap_sign_in: password, ID, ENABLE, NAMESPACE
      list_folders       imap_folders      select   imap_select      search_all_uids  imap_search
      fetch_*            imap_fetch (many messages, by imap_pipeline), imap_parts (one), imap_structure
      idle               imap_idle    append, expunge, create_folder   imap_append
    Dialogue             imap_dialogue: tags, pipelining, literals, unsolicited responses (imap_updates)
      Stream             stream: bytes, time limits, abort

imapclient's own connection is not used below: it waits for each answer before it sends the next command,
decodes 3,500 messages a second, buffers clear text across STARTTLS and reads literals of any size into
memory. Its codec for folder names is (imap_names).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from types import TracebackType

from qtmail.domain.account import ServerSettings
from qtmail.domain.diagnosis import Quota
from qtmail.domain.folder import RemoteFolder, SpecialUse, SyncState
from qtmail.domain.message import FLAG_NAMES, Flag, FlagChange, PartStructure, RemoteMessage
from qtmail.domain.sign_in import ClientCertificate, Secret
from qtmail.errors import QtmailError, Stopped
from qtmail.log import ProtocolLog
from qtmail.protocols import (
    imap_append,
    imap_fetch,
    imap_folders,
    imap_idle,
    imap_parts,
    imap_quota,
    imap_search,
    imap_select,
    imap_sign_in,
)
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.imap_connect import Door
from qtmail.protocols.imap_dialogue import Dialogue
from qtmail.protocols.imap_values import AppendedUid, Namespaces, Selected, Updates
from qtmail.protocols.quirks import Quirks, quirks_for
from qtmail.protocols.session import Session
from qtmail.protocols.uid_set import format_uid_set
from qtmail.protocols.wake import Wake

IDLE_SECONDS = 9 * 60.0
"""How long one IDLE lasts: many routers forget a silent line after 10 minutes, servers after 30 (RFC
2177)."""
DEFAULT_TIMEOUT = 30.0
"""Seconds without a byte after which the line counts as broken."""
STORE_SIZE = 1000
"""UIDs in one STORE."""


class ImapSession(Session[Dialogue]):
    """One connection to one server, once, from greeting to logout. Used by one thread; `abort` by any.

    Every method may raise ConnectionFailed (the line broke, timed out, or the server said BYE),
    ProtocolViolation (the server makes no sense), ServerRefused (NO or BAD to this one request; the session
    can go on) and Stopped (after `abort`). After all but ServerRefused, `closed` tells whether the session
    can still be used. The owner closes it (`logout`, `close`, or a `with` block).

    Attributes:
        namespaces, server_id: what the server told after the sign-in; empty where it does not say.
        selected_folder: the wire name of the folder that is open, or None.
    """

    _door: Door

    def __init__(
        self,
        settings: ServerSettings,
        *,
        trust: TlsTrust,
        log: ProtocolLog,
        timeout: float = DEFAULT_TIMEOUT,
        allow_clear_password: bool = False,
        client_certificate: ClientCertificate | None = None,
        quirks: Quirks | None = None,
    ) -> None:
        """`allow_clear_password`: the user agreed that everybody on the way may read it.

        `client_certificate`: shown to the server where it asks for one, while the line is encrypted.
        """
        super().__init__()
        self.settings = settings
        self.namespaces = Namespaces()
        self.server_id: dict[str, str] = {}
        self.selected_folder: bytes | None = None
        self._selected: Selected | None = None
        self._quirks = quirks if quirks is not None else quirks_for(settings.host)
        self._allow_clear_password = allow_clear_password
        self._door = Door(settings, trust, log, timeout, self._stop, client_certificate)

    # -- what is known of it -----------------------------------------------------------------------

    @property
    def capabilities(self) -> frozenset[str]:
        """What the server says it can do, in upper case."""
        return self._opened.capabilities if self._opened else frozenset()

    @property
    def supports_idle(self) -> bool:
        return "IDLE" in self.capabilities

    @property
    def supports_condstore(self) -> bool:
        return not self.capabilities.isdisjoint({"CONDSTORE", "QRESYNC"})

    @property
    def supports_qresync(self) -> bool:
        """True if QRESYNC is on and this server's VANISHED can be believed."""
        return self._opened is not None and "QRESYNC" in self._opened.enabled and self._quirks.trust_vanished

    # -- beginning ---------------------------------------------------------------------------------

    def connect(self) -> None:
        """Open the line, encrypted as the settings demand, and read the greeting.

        Raises ConnectionFailed (layers NAME_LOOKUP, CONNECTION, GREETING), TlsFailed with the server's
        certificate, ProtocolViolation with layer GREETING if something else than an IMAP server answers,
        Stopped.
        """
        self._opened = self._door.open()

    def sign_in(self, secret: Secret) -> None:
        """Sign in, and learn in one more round trip who the server is and what it can do.

        Raises SignInFailed with the server's words in `detail` (TokenRefused where it refused a token,
        ClearPasswordRefused where nothing was sent), TlsFailed.
        """
        dialogue = self._ready()
        if not self._door.preauthenticated:
            imap_sign_in.sign_in(
                dialogue,
                self.settings,
                secret,
                self._quirks,
                allow_clear_password=self._allow_clear_password,
            )
        self.namespaces, self.server_id = imap_sign_in.introduce(dialogue, self._quirks)

    # -- folders -----------------------------------------------------------------------------------

    def list_folders(self) -> list[RemoteFolder]:
        """Every folder of every name space, with what it is for and its status."""
        return imap_folders.list_folders(self._ready(), self.namespaces)

    def select(self, wire_name: bytes, state: SyncState | None = None, *, known_uids: str = "") -> Selected:
        """Open a folder; with the state of an earlier sync, and QRESYNC, the answer brings all that changed
        since.

        With `known_uids` (a UID set) the server tells only about these messages, which can be far shorter
        after many expunges; new ones are then found by `uid_next`. Raises ServerRefused with layer FOLDER.
        """
        # A SELECT that fails leaves no folder selected (RFC 9051 section 6.3.2).
        self.selected_folder = None
        self._selected = imap_select.select(
            self._ready(), wire_name, state, known_uids, trust_vanished=self._quirks.trust_vanished
        )
        self.selected_folder = wire_name
        return self._selected

    def ensure_selected(self, wire_name: bytes) -> Selected:
        """Open a folder unless it is the one that is open; what SELECT said when it was opened."""
        if self._selected is not None and self.selected_folder == wire_name:
            return self._selected
        return self.select(wire_name)

    def create_folder(self, path: str, special_use: SpecialUse | None = None) -> bytes:
        """Make a folder of the user's own and subscribe to it; returns its wire name.

        One that is there already is as good. Raises ServerRefused with layer FOLDER.
        """
        return imap_append.create_folder(self._ready(), path, self.namespaces, special_use)

    # -- messages ----------------------------------------------------------------------------------

    def quota(self, wire_name: bytes) -> Quota | None:
        """How full the mailbox is that a folder belongs to; None where there is no limit, or none told."""
        return imap_quota.quota(self._ready(), wire_name)

    def search_all_uids(self) -> array[int]:
        """The UIDs of all messages in the folder, ascending. Never empty by mistake: a missing answer
        raises."""
        return imap_search.search_all_uids(self._ready(), self._selected.exists if self._selected else 0)

    def search_header(self, wire_name: bytes, name: str, value: str) -> list[int]:
        """The UIDs of the messages in a folder whose header field `name` holds `value`, ascending; the
        folder is opened if it is not open."""
        self.ensure_selected(wire_name)
        return list(imap_search.search_header(self._ready(), name, value))

    def fetch_headers(self, uid_sets: Iterable[str]) -> Iterator[list[RemoteMessage]]:
        """The messages of the UID sets (some 1,000 UIDs each) as they come, in lists of about that size.

        The next set is always asked for before one is read to its end. A set the server refuses does not
        stop the others; ServerRefused is raised at the end.
        """
        dialogue = self._ready()
        return imap_fetch.fetch_headers(dialogue, uid_sets, modseq=self.supports_condstore)

    def fetch_flags(self, uid_set: str, *, changed_since: int | None = None) -> list[FlagChange]:
        """The flags of these messages; with `changed_since` (CONDSTORE) only where they changed after it."""
        return imap_fetch.fetch_flags(self._ready(), uid_set, changed_since)

    def fetch_messages(self, uids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Whole messages with their UIDs, as they come. Messages that are gone are left out."""
        return imap_fetch.fetch_messages(self._ready(), uids)

    def fetch_structure(self, uid: int) -> tuple[PartStructure, bytes]:
        """A message's tree of parts and its whole header. Raises ServerRefused with layer MESSAGE if it is
        gone."""
        return imap_parts.fetch_structure(self._ready(), uid)

    def fetch_parts(self, uid: int, sections: Sequence[str]) -> dict[str, bytes]:
        """Parts in transfer encoding, by section ("1.2", "2.MIME"). Raises ServerRefused if the message is
        gone."""
        return imap_parts.fetch_parts(self._ready(), uid, sections)

    def fetch_part_chunks(self, uid: int, section: str, size: int) -> Iterator[bytes]:
        """A large part in transfer encoding, in pieces of 256 KB; `size` as BODYSTRUCTURE told it."""
        return imap_parts.fetch_part_chunks(self._ready(), uid, section, size)

    def store_flags(self, uids: Sequence[int], add: Flag, remove: Flag) -> None:
        """Set and clear flags on messages (RFC 9051 section 6.4.6). Raises ServerRefused if any part was
        refused."""
        dialogue = self._ready()
        pendings = []
        for sign, flags in (("+", add), ("-", remove)):
            names = " ".join(name for flag, name in FLAG_NAMES.items() if flag & flags)
            for start in range(0, len(uids) if names else 0, STORE_SIZE):
                uid_set = format_uid_set(uids[start : start + STORE_SIZE])
                command = f"UID STORE {uid_set} {sign}FLAGS.SILENT ({names})".encode()
                pendings.append(dialogue.submit(command, doing="change flags"))
        dialogue.settle()
        for pending in pendings:
            pending.check()

    def append(
        self, wire_name: bytes, message: Iterable[bytes], size: int, flags: Flag, when: int | None = None
    ) -> AppendedUid | None:
        """Store a message of `size` bytes, given in pieces, in a folder; returns where it went, where the
        server tells.

        `when` is its INTERNALDATE in seconds since the epoch. Raises FolderMissing, and ServerRefused in
        words; after ConnectionFailed nobody knows whether it was stored.
        """
        return imap_append.append(self._ready(), wire_name, message, size, flags, when)

    def expunge(self, wire_name: bytes, uids: Sequence[int]) -> bool:
        """Remove exactly these messages from a folder, which is opened if it is not open.

        Returns False where the server can only mark them as deleted (no UIDPLUS).
        """
        self.ensure_selected(wire_name)
        return imap_append.expunge(self._ready(), uids)

    # -- staying in touch --------------------------------------------------------------------------

    def noop(self) -> None:
        """Give the server an opportunity to tell news (`take_updates`)."""
        dialogue = self._ready()
        dialogue.complete(dialogue.submit(b"NOOP", doing="tell what is new"))

    def idle(self, wake: Wake, limit: float = IDLE_SECONDS) -> None:
        """Wait until `wake` is set, something changed in the folder, or `limit` seconds passed. Needs
        `supports_idle`."""
        imap_idle.idle(self._ready(), wake, limit)

    def take_updates(self) -> Updates:
        """What the server said of its own accord since the last call, or since the folder was opened."""
        return self._ready(settle=False).updates.take()

    def skipped_size(self, uid: int) -> int | None:
        """How many bytes the server announced for a message that was larger than the limit and therefore
        left out of an answer since `take_updates` was last called; None if it was not."""
        return self._ready(settle=False).updates.skipped_size(uid)

    # -- the end -----------------------------------------------------------------------------------

    def logout(self) -> None:
        """Say goodbye and close; a server that is not there any more is not waited for."""
        if not self.closed:
            with suppress(QtmailError, Stopped):
                dialogue = self._ready()
                dialogue.closing = True
                dialogue.stream.set_timeout(2.0)
                dialogue.complete(dialogue.submit(b"LOGOUT", doing="say goodbye"))
        self.close()

    def __enter__(self) -> ImapSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.logout() if error is None else self.close()

    def _ready(self, *, settle: bool = True) -> Dialogue:
        """The dialogue, with the answers to commands that were given up read away."""
        if self._opened is None:
            raise RuntimeError("connect() first")
        if settle:
            self._opened.settle()
        return self._opened
