"""How hard a passphrase is to guess. Whoever gets a file that it locks can try as often as he likes."""

from __future__ import annotations

import math
from enum import IntEnum
from itertools import pairwise

from qtmail.errors import UsageError

LEAST_LENGTH = 8
"""Characters below which a passphrase is not taken."""
LONGEST = 1024
"""Characters; a book need not be typed in."""

_FAIR, _STRONG = 45.0, 70.0
"""Bits; the key is derived slowly (Argon2id), so that each guess costs a tenth of a second."""
_KINDS = (
    (str.islower, 26),
    (str.isupper, 26),
    (str.isdigit, 10),
    (str.isspace, 1),
)


class Strength(IntEnum):
    """In the order of the work that guessing takes."""

    EMPTY = 0
    TOO_SHORT = 1
    WEAK = 2
    FAIR = 3
    STRONG = 4

    @property
    def taken(self) -> bool:
        """Whether it may lock a file at all."""
        return self > Strength.TOO_SHORT


def strength(passphrase: str) -> Strength:
    if not passphrase:
        return Strength.EMPTY
    if len(passphrase) < LEAST_LENGTH:
        return Strength.TOO_SHORT
    bits = guessing_bits(passphrase)
    if bits < _FAIR:
        return Strength.WEAK
    return Strength.FAIR if bits < _STRONG else Strength.STRONG


def guessing_bits(passphrase: str) -> float:
    """A rough upper bound of the work to guess it, in bits: its length, without what merely repeats or
    counts on, times the information of one character of the kinds in use.
    """
    pool = sum(size for is_kind, size in _KINDS if any(is_kind(one) for one in passphrase))
    if any(ord(one) > 0x2E7F for one in passphrase):
        pool += 3000  # the Chinese characters in common use
    if any(one.isascii() and not one.isalnum() and not one.isspace() for one in passphrase):
        pool += 32
    steps = [ord(after) - ord(before) for before, after in pairwise(passphrase)]
    new = 1 + sum(step not in (-1, 0, 1) for step in steps)
    return min(new, 2 * len(set(passphrase))) * math.log2(max(pool, 2))


def check_passphrase(passphrase: str) -> None:
    """Raise UsageError where it may not lock a file."""
    if not strength(passphrase).taken:
        raise UsageError(
            f"This password is too short: {LEAST_LENGTH} characters at least.",
            advice="Several words are easy to remember and hard to guess.",
        )
    if len(passphrase) > LONGEST:
        raise UsageError(f"This password is too long: {LONGEST} characters at most.")
