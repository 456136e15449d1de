"""Keeps a copy of each draft in the server's Drafts folder, so that it can be gone on with anywhere.

A new copy is appended first and the old one expunged then: for a moment there are two, never none. Which copy
is whose is told by a header field of ours (DRAFT_FIELD: a key for the draft, and its revision). So when the
line was lost during an APPEND, the next run finds out by looking, instead of appending a second time:

    changed, and quiet for 15 s or closed ──> look for copies nobody noted, unless the last answer came
        ├─ one of this revision: that is the copy
        └─ none: APPEND ──proved──> noted as the copy, the one before is obsolete ──> UID EXPUNGE
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby

from qtmail.domain.account import Account
from qtmail.domain.composition import Composition, Draft, ServerCopy
from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import Flag
from qtmail.engine.queueing import draft_bytes
from qtmail.engine.reporting import Listener, problem_of
from qtmail.engine.sent_folder import find_copies
from qtmail.engine.special_folder import SpecialFolder
from qtmail.errors import QtmailError
from qtmail.log import logger
from qtmail.mime.parser import parse
from qtmail.mime.reopening import DRAFT_FIELD, draft_mark
from qtmail.protocols.imap import ImapSession
from qtmail.store.store import Store

log = logger("drafts")

QUIET_SECONDS = 15
"""An open draft is mirrored once nothing has been changed in it for so long."""
LARGEST = 25 * 1024 * 1024
"""Bytes of a message up to which a draft is mirrored: it is made in memory, and sent again at each change."""
PUT_OFF_SECONDS = 600
"""How long to wait after the server, or an attachment, kept a draft from being mirrored."""
KEPT_SECONDS = 7 * 24 * 3600
"""How long a closed draft with its versions stays here beside its copy on the server."""

MakeMessage = Callable[[Store, Draft], bytes]


def can_be_mirrored(composition: Composition) -> bool:
    """Whether a draft is copied to the server: not one that is too large, nor a message sent on unchanged,
    which is not in the draft's own text.
    """
    content = sum(attachment.size for attachment in composition.attachments) * 78 // 57  # as base64 lines
    quoted = len(composition.quote.html) if composition.quote else 0
    return composition.resent is None and content + len(composition.body) + quoted <= LARGEST


def draft_key(draft: Draft) -> str:
    """What tells the copies of this draft from those of any other, made here or on another computer."""
    name = f"{draft.id} {draft.created_at} {draft.composition.message_id}"
    return hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=12).hexdigest()


class DraftMirror:
    """Mirrors the drafts of one account, over one session at a time."""

    def __init__(
        self,
        store: Store,
        account: Account,
        listener: Listener,
        *,
        make: MakeMessage = draft_bytes,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`clock`: seconds since the epoch."""
        self._store = store
        self._account = account
        self._listener = listener
        self._make = make
        self._clock = clock
        self._folder = SpecialFolder(store, account.id, SpecialUse.DRAFTS, "Drafts")
        self._settled: set[int] = set()  # drafts of which every copy on the server is noted
        self._unsettled: dict[int, Draft] = {}  # an APPEND began, and its end is not known
        self._put_off: dict[int, float] = {}
        self._remove_at = 0.0
        self._told: set[int] = set()

    def run(self, session: ImapSession) -> int:
        """Mirror what is due and remove what is obsolete; returns how many drafts were mirrored.

        Raises ConnectionFailed or ProtocolViolation when the session is lost; the next run looks first.
        """
        for orphan in self._due(self._orphans()):
            self._attempt(session, orphan, self._note_copies)
        mirrored = sum(self._attempt(session, draft, self._mirror) for draft in self._due(self._waiting()))
        for draft in self._to_leave():
            self._attempt(session, draft, self._leave)
        self._remove_obsolete(session)
        return mirrored

    def next_time(self) -> int | None:
        """Seconds since the epoch when `run` has something to do next, which may be past; None: nothing."""
        times = [self._time_for(draft) for draft in (*self._waiting(), *self._orphans())]
        if self._store.drafts.obsolete_copies(self._account.id):
            times.append(self._remove_at)
        return int(min(times)) if times else None

    # -- what is due -------------------------------------------------------------------------------

    def _waiting(self) -> list[Draft]:
        changed = self._store.drafts.to_mirror(self._account.id)
        return [draft for draft in changed if can_be_mirrored(draft.composition)]

    def _time_for(self, draft: Draft) -> float:
        quiet = draft.saved_at + QUIET_SECONDS if draft.is_open else 0
        return max(quiet, self._put_off.get(draft.id, 0.0))

    def _due(self, drafts: list[Draft]) -> list[Draft]:
        now = self._clock()
        return [draft for draft in drafts if self._time_for(draft) <= now]

    def _attempt(
        self, session: ImapSession, draft: Draft, work: Callable[[ImapSession, Draft], bool]
    ) -> bool:
        """Do something with one draft; what concerns it alone keeps no other, and is told once."""
        try:
            done = work(session, draft)
        except QtmailError as error:
            if session.closed:
                raise
            log.warning("draft %d not mirrored: %s (%s)", draft.id, error, error.detail)
            self._put_off[draft.id] = self._clock() + PUT_OFF_SECONDS
            self._folder.forget()
            self._tell(draft, error)
            return False
        if done:
            self._told.discard(draft.id)
        return done

    def _tell(self, draft: Draft, error: QtmailError) -> None:
        if draft.id not in self._told:
            self._told.add(draft.id)
            subject = draft.composition.subject
            name = f"The draft “{subject}”" if subject else "A draft without a subject"
            sentence = f"{name} is kept on this computer only: {error.sentence}"
            self._listener(replace(problem_of(error, self._account.id), sentence=sentence))

    # -- mirroring ---------------------------------------------------------------------------------

    def _mirror(self, session: ImapSession, draft: Draft) -> bool:
        folder = self._folder.wire_name(session)
        if draft.id not in self._settled and self._take_stock(session, folder, draft) == draft.revision:
            return True
        key = draft_key(draft)
        raw = f"{DRAFT_FIELD}: {key} {draft.revision}\r\n".encode() + self._make(self._store, draft)
        self._settled.discard(draft.id)
        self._unsettled[draft.id] = draft
        where = session.append(folder, [raw], len(raw), Flag.DRAFT | Flag.SEEN, draft.saved_at)
        if where is None:
            proved = self._take_stock(session, folder, draft) == draft.revision
            if not proved:  # it said OK and does not find it: asking again and again would make many copies
                self._unsettled.pop(draft.id, None)
                self._put_off[draft.id] = self._clock() + KEPT_SECONDS
            return proved
        self._note(draft, draft.revision, ServerCopy(self._account.id, folder, where.uid_validity, where.uid))
        self._settle(draft)
        return True

    def _take_stock(self, session: ImapSession, folder: bytes, draft: Draft) -> int:
        """Note every copy of a draft that is on the server; returns the revision of the newest, or 0.

        Of a draft that is no longer here all copies become obsolete.
        """
        copies = self._copies(session, folder, draft)
        known = self._store.drafts.copy_of(draft.id)
        obsolete = {copy for _, copy in self._store.drafts.obsolete_copies(self._account.id)}
        newest = max((revision for revision, copy in copies if copy == known), default=0)
        for revision, copy in copies:
            if copy == known or copy in obsolete:
                continue
            if revision <= newest:
                session.expunge(folder, [copy.uid])  # an older one that nobody noted
                continue
            self._note(draft, revision, copy)
            newest = revision
        self._settle(draft)
        return newest

    def _note_copies(self, session: ImapSession, draft: Draft) -> bool:
        return bool(self._take_stock(session, self._folder.wire_name(session), draft))

    def _copies(self, session: ImapSession, folder: bytes, draft: Draft) -> list[tuple[int, ServerCopy]]:
        """The copies of a draft in a folder of the server with their revisions, oldest first."""
        found = find_copies(session, folder, draft.composition.message_id)
        validity = session.ensure_selected(folder).uid_validity
        copies = []
        for uid in found:
            _, header = session.fetch_structure(uid)
            mark = draft_mark(parse(header))
            if mark is not None and mark[0] == draft_key(draft):
                copies.append((mark[1], ServerCopy(self._account.id, folder, validity, uid)))
        return sorted(copies, key=lambda copy: (copy[0], copy[1].uid))

    def _note(self, draft: Draft, revision: int, copy: ServerCopy) -> None:
        with self._store.user_transaction() as tx:
            self._store.drafts.mirrored(tx, draft.id, revision, copy)

    def _settle(self, draft: Draft) -> None:
        self._settled.add(draft.id)
        self._unsettled.pop(draft.id, None)

    # -- removing ----------------------------------------------------------------------------------

    def _orphans(self) -> list[Draft]:
        """Drafts that were sent or dropped while nobody knew whether their last copy had arrived."""
        return [draft for draft in self._unsettled.values() if self._store.drafts.get(draft.id) is None]

    def _remove_obsolete(self, session: ImapSession) -> None:
        """Expunge the copies that were replaced, and those of drafts that were sent or dropped."""
        if self._remove_at > self._clock():
            return
        obsolete = self._store.drafts.obsolete_copies(self._account.id)
        for folder, group in groupby(sorted(obsolete, key=_folder_of), key=_folder_of):
            copies = list(group)
            try:
                validity = session.ensure_selected(folder).uid_validity
                uids = [copy.uid for _, copy in copies if copy.uid_validity == validity]
                session.expunge(folder, uids)
            except QtmailError as error:
                if session.closed:
                    raise
                log.warning("old drafts stay in %r: %s (%s)", folder, error, error.detail)
                self._remove_at = self._clock() + PUT_OFF_SECONDS
                continue
            if len(uids) < len(copies):
                self._settled.clear()  # renumbered: what is there is found by its mark
            with self._store.user_transaction() as tx:
                for copy_id, _ in copies:
                    self._store.drafts.copy_gone(tx, copy_id)

    # -- leaving a draft to the server -------------------------------------------------------------

    def _to_leave(self) -> list[Draft]:
        """Drafts that nobody has touched here for long and the server holds.

        Not those that know more than their message says: what they answer, and when they are to be sent.
        """
        now = self._clock()
        return [
            draft
            for draft in self._store.drafts.unsent()
            if not draft.is_open
            and draft.mirrored_revision == draft.revision
            and max(draft.saved_at + KEPT_SECONDS, self._put_off.get(draft.id, 0.0)) <= now
            and draft.composition.origin is None
            and draft.composition.send_at is None
        ]

    def _leave(self, session: ImapSession, draft: Draft) -> bool:
        """Drop a draft here if its copy is proved to be on the server still."""
        copy = self._store.drafts.copy_of(draft.id)
        if copy is None or copy.account_id != self._account.id:
            return False
        if (draft.revision, copy) not in self._copies(session, copy.folder, draft):
            self._put_off[draft.id] = self._clock() + KEPT_SECONDS  # another program removed it
            return False
        with self._store.user_transaction() as tx:
            if self._store.drafts.get(draft.id) == draft:  # nobody has opened it meanwhile
                self._store.drafts.leave_to_server(tx, draft.id)
        return True


def _folder_of(obsolete: tuple[int, ServerCopy]) -> bytes:
    return obsolete[1].folder
