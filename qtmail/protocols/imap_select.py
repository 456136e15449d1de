"""Opening a folder, with as much news as the server can give in the same answer (RFC 9051 section 6.3.2,
RFC 7162)."""

from __future__ import annotations

from qtmail.domain.folder import SyncState, shown_path
from qtmail.domain.message import FlagChange
from qtmail.errors import Layer, ServerRefused
from qtmail.protocols.imap_dialogue import SET_LIMIT, Dialogue, Pending
from qtmail.protocols.imap_items import fetch_items, flag_change
from qtmail.protocols.imap_names import decode_name
from qtmail.protocols.imap_syntax import Untagged, astring, number, parse_code
from qtmail.protocols.imap_updates import parse_vanished
from qtmail.protocols.imap_values import Selected
from qtmail.protocols.uid_set import LAST_UID, UidSet

KNOWN_UIDS_LIMIT = 4000
"""Longer sets of known UIDs are not sent: many servers refuse command lines over 8 KB (RFC 7162 section
4)."""


def select(
    dialogue: Dialogue, wire_name: bytes, state: SyncState | None, known_uids: str, *, trust_vanished: bool
) -> Selected:
    """Open a folder. Raises ServerRefused with layer FOLDER."""
    dialogue.settle()
    dialogue.updates.forget_folder()
    parameters = _parameters(dialogue, state, known_uids, trust_vanished)
    name = shown_path(decode_name(wire_name, utf8=dialogue.utf8))
    pending = dialogue.submit(
        b"SELECT", astring(wire_name, utf8=dialogue.utf8), *parameters, doing=f"open the folder {name}"
    )
    answer = SelectAnswer()
    for untagged in dialogue.answers(pending, line_limit=SET_LIMIT):
        try:
            answer.take(untagged)
        except ValueError:
            answer.incomplete = True
            dialogue.updates.malformed()
    _check(pending)
    return answer.selected(pending, state, asked_resync=any(b"QRESYNC" in part for part in parameters))


def _parameters(
    dialogue: Dialogue, state: SyncState | None, known_uids: str, trust_vanished: bool
) -> list[bytes]:
    resumable = state is not None and state.uid_validity and state.highest_modseq
    if "QRESYNC" in dialogue.enabled and resumable and trust_vanished:
        assert state is not None
        known = f" {known_uids}" if known_uids and len(known_uids) <= KNOWN_UIDS_LIMIT else ""
        return [f"(QRESYNC ({state.uid_validity} {state.highest_modseq}{known}))".encode()]
    return [b"(CONDSTORE)"] if dialogue.offers("CONDSTORE") or dialogue.offers("QRESYNC") else []


def _check(pending: Pending) -> None:
    """Raise ServerRefused, told as a fault of this folder, if the server said NO or BAD."""
    try:
        pending.check()
    except ServerRefused as error:
        error.layer = Layer.FOLDER
        if "unsafe login" in pending.text.lower():  # NetEase, when it does not know the program or the place
            error.advice = (
                "The provider distrusts this program: sign in on its web page and switch IMAP on, then use "
                "an authorisation code (授权码) as the password."
            )
        raise


class SelectAnswer:
    """Collects what the server says while it opens a folder.

    Attributes:
        incomplete: something could not be read, so that the news cannot be relied on to be all.
    """

    def __init__(self) -> None:
        self.incomplete = False
        self._forget()

    def _forget(self) -> None:
        self._exists = 0
        self._numbers: dict[bytes, int] = {}
        self._vanished: list[UidSet] = []
        self._changed: dict[int, FlagChange] = {}

    def take(self, untagged: Untagged) -> None:
        """Raises ValueError for what cannot be read."""
        match untagged.name:
            case b"EXISTS":
                self._exists = untagged.number
            case b"VANISHED":
                self._vanished.append(parse_vanished(untagged.text))
            case b"FETCH":
                change = flag_change(fetch_items(untagged))
                if change.uid:
                    self._changed[change.uid] = change
            case b"OK" | b"NO":
                self._take_code(untagged.text)

    def _take_code(self, text: bytes) -> None:
        code, arguments, _ = parse_code(text)
        match code:
            case b"UIDVALIDITY" | b"UIDNEXT":
                self._numbers[code] = number(arguments.strip(), LAST_UID)
            case b"HIGHESTMODSEQ":
                self._numbers[code] = number(arguments.strip())
            case b"CLOSED":
                # What was said before belongs to the folder that was open (RFC 7162 section 3.2.11).
                self._forget()

    def selected(self, pending: Pending, state: SyncState | None, *, asked_resync: bool) -> Selected:
        uid_validity = self._numbers.get(b"UIDVALIDITY", 0)
        modseq = self._numbers.get(b"HIGHESTMODSEQ")
        same_uids = state is not None and state.uid_validity == uid_validity
        resynced = asked_resync and same_uids and modseq is not None and not self.incomplete
        return Selected(
            uid_validity=uid_validity,
            uid_next=self._numbers.get(b"UIDNEXT"),
            exists=self._exists,
            highest_modseq=modseq or None,
            vanished=UidSet().union(*self._vanished) if resynced else UidSet(),
            changed=list(self._changed.values()) if resynced else [],
            qresync_used=resynced,
        )
