"""Encoded words (RFC 2047), written as strictly as `encoded_words` reads tolerantly."""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterator
from string import ascii_letters, digits

MAX_WORD = 75
"""Columns of one encoded word (RFC 2047 section 2)."""

_FRAME = len("=?utf-8?B??=")
_SHORTEST = _FRAME + 12
"""Columns that take a whole character in either encoding; with less room a word goes to the next line."""
_SAFE_IN_Q = frozenset(ascii_letters + digits + "!*+-/ ")
"""What Q leaves as it is even inside a phrase (section 5, rule 3); the space becomes an underscore."""


def encoded_words(text: str, room: int = MAX_WORD) -> Iterator[str]:
    """`text`, which has no lone surrogates, as UTF-8 words, of which each holds whole characters.

    B or Q, whichever is shorter. `room`: columns left for the first of them.
    """
    q_costs = [_q_cost(char) for char in text]
    b_costs = [len(char.encode()) for char in text]
    if sum(q_costs) <= -(-sum(b_costs) // 3) * 4:
        letter, costs, encode, capacity = "Q", q_costs, _q_payload, _q_capacity
    else:
        letter, costs, encode, capacity = "B", b_costs, _b_payload, _b_capacity
    for piece in _pieces(text, costs, room if room >= _SHORTEST else MAX_WORD, capacity):
        yield f"=?utf-8?{letter}?{encode(piece)}?="


def _pieces(text: str, costs: list[int], room: int, capacity: Callable[[int], int]) -> Iterator[str]:
    """Cut `text` so that each piece costs no more than what its word can hold."""
    start = used = 0
    limit = capacity(min(room, MAX_WORD))
    for index, cost in enumerate(costs):
        if used + cost > limit:
            yield text[start:index]
            start, used, limit = index, 0, capacity(MAX_WORD)
        used += cost
    yield text[start:]


def _q_cost(char: str) -> int:
    return 1 if char in _SAFE_IN_Q else 3 * len(char.encode())


def _q_capacity(columns: int) -> int:
    return columns - _FRAME


def _b_capacity(columns: int) -> int:
    """Bytes that base64 brings into that many columns."""
    return (columns - _FRAME) // 4 * 3


def _q_payload(text: str) -> str:
    out = (char if char in _SAFE_IN_Q else "".join(f"={byte:02X}" for byte in char.encode()) for char in text)
    return "".join(out).replace(" ", "_")


def _b_payload(text: str) -> str:
    return binascii.b2a_base64(text.encode(), newline=False).decode("ascii")
