"""The index behind completion: who is known, how likely each is meant, and who fits what was typed.

How likely an address is meant is one number that needs no upkeep as time passes: the time of its last use,
counted in months, plus the logarithm of how often it was used. An address used twice as often ranks with one
used a month later. Having been written to counts far more than having written, and machines count least.

The index is one byte string, a line for each address, the likeliest first. Each beginning of a word in a line
has a mark before it, so that a search for the mark and what was typed (`bytes.find`, at C speed) meets the
best answers first and stops when it has enough. What changed since the string was built is looked at apart,
until it is worth building it anew.
"""

from __future__ import annotations

import math
import re
import threading
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate, chain, islice

from qtmail.domain.outgoing import Suggestion
from qtmail.mime.name_matching import fits_anywhere, fold, typed_words, word_tails

MONTH = 30 * 86400
SENT_MONTHS = 12
"""An address written to ranks as one heard from a year later."""
MACHINE_MONTHS = 24
"""An address nobody answers ranks as one heard from two years earlier."""
MOST_USES = 1024
"""More uses than this count no further."""

CHANGES_KEPT_APART = 256
LINES_AT_ONCE = 500
"""Made between two chances for a search: a few milliseconds."""
SAMPLE = 200_000
"""Bytes of the index by which it is judged which of several words is rarest."""

_NAME, _DOMAIN, _END = b"\x1f", b"\x1e", b"\n"
_NOWHERE = b"\x1d"
"""Occurs in no line: neither this nor the marks are letters, and all white space is taken out."""
_MACHINE = re.compile(
    r"(?:^|[._+-])(?:no-?_?repl(?:y|ies)|do-?_?not-?_?reply|mailer-daemon|postmaster|bounces?|notifications?|"
    r"notify|newsletters?|news|alerts?|updates?|marketing|mailings?|list-?serv|majordomo)(?:[._+@-]|$)"
    r"|-(?:request|bounces|owner|return|confirm)@|^owner-|^(?:reply|unsubscribe)[+_-]|[0-9a-f]{16}"
    r"|@(?:[^@]*\.)?(?:lists?|groups|bounces?)\.",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Uses:
    """How often an address was used and when last, in seconds since the epoch."""

    count: int = 0
    last: int = 0

    def add(self, count: int, last: int) -> None:
        self.count += count
        self.last = max(self.last, last)

    @property
    def months(self) -> float:
        """What one address is compared with another by."""
        return self.last / MONTH + math.log2(min(self.count, MOST_USES)) if self.count else -math.inf


@dataclass(slots=True)
class _Correspondent:
    """One address and all that is known of it.

    Attributes:
        named: when `name` was used; a later name replaces it, and one the user wrote is replaced by no other.
        here: messages queued from here; filed: those in Sent folders, which mostly are the same ones.
        line: its line in the index; b"" when it has to be made anew.
        handicap: months by which having heard from it counts less.
    """

    address: str
    name: str = ""
    named: float = 0
    here: _Uses = field(default_factory=_Uses)
    filed: _Uses = field(default_factory=_Uses)
    heard: _Uses = field(default_factory=_Uses)
    forgotten: bool = False
    line: bytes = b""
    handicap: int = 0

    def __post_init__(self) -> None:
        self.handicap = MACHINE_MONTHS if _MACHINE.search(self.address) else 0

    @property
    def score(self) -> float:
        written = max(self.here.months, self.filed.months)
        return max(self.heard.months - self.handicap, written + SENT_MONTHS)

    def call(self, name: str, when: float) -> None:
        if name and when >= self.named and name.casefold() != self.address.casefold():
            self.name, self.named, self.line = name, when, b""

    def suggestion(self) -> Suggestion:
        return Suggestion(self.name, self.address, self.score)


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The built index.

    Attributes:
        lines: one for each address, the likeliest first.
        starts: where each begins, and where the last ends.
        order: whose each is.
    """

    lines: bytes = b""
    starts: array[int] = field(default_factory=lambda: array("Q"))
    order: tuple[_Correspondent, ...] = ()


class CorrespondentIndex:
    """All known addresses in memory, for any number of threads.

    Attributes:
        examined: how many lines the last search looked at one by one.
    """

    def __init__(self) -> None:
        self.examined = 0
        self._lock = threading.Lock()
        self._known: dict[str, _Correspondent] = {}
        self._changed: dict[str, _Correspondent] = {}
        self._taken_up: dict[str, _Correspondent] = {}
        """Changes that go into the snapshot that is being built."""
        self._building = threading.Lock()
        self._snapshot = _Snapshot()

    def __len__(self) -> int:
        return len(self._known)

    def note_heard(self, address: str, name: str, count: int, last: int) -> None:
        """Mail came from an address: `count` messages, the last at `last` (seconds since the epoch)."""
        with self._lock:
            person = self._person(address)
            person.heard.add(count, last)
            person.call(name, last)

    def note_filed(self, address: str, name: str, when: int) -> None:
        """A message to an address lies in a Sent folder."""
        with self._lock:
            person = self._person(address)
            person.filed.add(1, when)
            # A name the user wrote outranks what the other calls himself, whenever that was.
            person.call(name, _written(when))

    def note_sent(self, address: str, name: str, count: int, last: int) -> None:
        """The user wrote to an address from here, which also brings it back if it was forgotten."""
        with self._lock:
            person = self._person(address)
            person.here.add(count, last)
            person.call(name, _written(last))
            person.forgotten = False

    def forget(self, address: str) -> None:
        with self._lock:
            self._person(address).forgotten = True

    def build(self, *, at_least: int = 1) -> None:
        """Put the index in order again, if `at_least` addresses changed. Searches go on meanwhile."""
        with self._building:
            with self._lock:
                if len(self._changed) < at_least:
                    return
                self._taken_up, self._changed = self._changed, {}
                people = [(person.score, person) for person in self._known.values()]
            people.sort(key=lambda scored: -scored[0])
            snapshot = self._snapshot_of([person for _, person in people])
            with self._lock:
                self._snapshot, self._taken_up = snapshot, {}

    def _snapshot_of(self, order: list[_Correspondent]) -> _Snapshot:
        lines: list[bytes] = []
        for first in range(0, len(order), LINES_AT_ONCE):
            with self._lock:
                lines += map(_line_of, order[first : first + LINES_AT_ONCE])
        starts = array("Q", [0, *accumulate(map(len, lines))])
        return _Snapshot(b"".join(lines), starts, tuple(order))

    def search(self, typed: str, limit: int) -> list[Suggestion]:
        """The likeliest addresses that fit each word typed, best first.

        Those whose name or local part fits come before those of which only the domain does.
        """
        needles = [_Needle(word) for word in typed_words(typed)]
        if not needles:
            return []
        self.examined = 0
        with self._lock:
            snapshot = self._snapshot
            apart = islice(chain(self._changed.values(), self._taken_up.values()), 2 * CHANGES_KEPT_APART)
            people = {id(one): one for one in apart if not one.forgotten and _fits(_line_of(one), needles)}
        # One that changed may also stand in the snapshot, as it was: it is one and the same object.
        people |= {id(one): one for one in islice(self._matches(snapshot, needles), limit)}
        ranked = sorted(people.values(), key=lambda one: (_by_domain(one, needles), -one.score))
        return [person.suggestion() for person in ranked[:limit]]

    def _matches(self, snapshot: _Snapshot, needles: list[_Needle]) -> Iterator[_Correspondent]:
        """The addresses of the snapshot that fit, best first; those of which only the domain does last."""
        # The rarest word is looked for, the others are then compared.
        lines, starts = snapshot.lines, snapshot.starts
        rarest = min(needles, key=lambda needle: needle.count(lines)) if needles[1:] else needles[0]
        others = [needle for needle in needles if needle is not rarest]
        found: set[int] = set()
        for wanted in (rarest.in_name, rarest.in_domain):
            at = lines.find(wanted)
            while at >= 0:
                number = bisect_right(starts, at) - 1
                end = starts[number + 1]
                self.examined += 1
                person = snapshot.order[number]
                others_fit = not others or _fits(lines[starts[number] : end], others)
                if others_fit and number not in found and not person.forgotten:
                    found.add(number)
                    yield person
                at = lines.find(wanted, end)

    def _person(self, address: str) -> _Correspondent:
        """The correspondent, made when new, marked as changed. Called with the lock held."""
        key = address.casefold()
        person = self._known.get(key)
        if person is None:
            person = self._known[key] = _Correspondent(address)
        self._changed[key] = person
        return person


class _Needle:
    """A word typed, as it is looked for in the lines."""

    def __init__(self, word: str) -> None:
        encoded = word.removeprefix("@").encode("utf-8", "replace")
        anywhere = fits_anywhere(word)
        self.in_name = _NOWHERE if word.startswith("@") else encoded if anywhere else _NAME + encoded
        self.in_domain = _NOWHERE if anywhere else _DOMAIN + encoded

    def count(self, lines: bytes) -> int:
        """How often it occurs in the beginning of the lines."""
        return lines.count(self.in_name, 0, SAMPLE) + lines.count(self.in_domain, 0, SAMPLE)

    def fits(self, line: bytes) -> bool:
        return self.in_name in line or self.in_domain in line


def _written(when: int) -> float:
    """The rank of a name that the user wrote: above all names in mail that came."""
    return float(when) + 1e11


def _line_of(person: _Correspondent) -> bytes:
    if not person.line:
        person.line = _line(person.name, person.address)
    return person.line


def _line(name: str, address: str) -> bytes:
    """For each word of a name and an address, the last label left out: a mark and what follows."""
    local, _, domain = "".join(fold(address).split()).rpartition("@")
    tails = [tail for chunk in fold(name).split() for tail in word_tails(chunk)]
    tails += [f"{tail}@{domain}" for tail in word_tails(local)]
    domains = [tail for tail in word_tails(domain) if "." in tail]
    marked = [_NAME + tail.encode("utf-8", "replace") for tail in tails]
    marked += [_DOMAIN + tail.encode("utf-8", "replace") for tail in domains]
    return b"".join(marked) + _END


def _fits(line: bytes, needles: list[_Needle]) -> bool:
    return all(needle.fits(line) for needle in needles)


def _by_domain(person: _Correspondent, needles: list[_Needle]) -> bool:
    """Whether nothing typed fits the name or the local part."""
    return not any(needle.in_name in person.line for needle in needles)
