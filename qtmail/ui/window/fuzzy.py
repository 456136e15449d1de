"""Finding a command by a few letters of it: "mr" or "mark re" for "Mark as read"."""

from __future__ import annotations

_PREFIX, _INITIALS, _WORD, _WITHIN, _SCATTERED = range(5)


def rank(query: str, text: str) -> tuple[int, int] | None:
    """How well a query fits a text, less is better; None when it does not.

    In this order: the text begins so; the letters are the initials of its words; a word begins so; it
    occurs within; all letters occur in this order. Among equals the earlier place is better, or the closer
    letters.
    """
    wanted, candidate = query.casefold().strip(), text.casefold()
    if candidate.startswith(wanted):
        return _PREFIX, len(candidate)
    letters = wanted.replace(" ", "")
    starts = [at for at, letter in enumerate(candidate) if letter.isalnum() and _begins_word(candidate, at)]
    initials = "".join(candidate[at] for at in starts)
    if _spread(letters, initials) is not None:
        return _INITIALS, initials.find(letters) if letters in initials else len(initials)
    at = candidate.find(wanted)
    if at >= 0:
        return (_WORD if at in starts else _WITHIN), at
    spread = _spread(letters, candidate)
    return None if spread is None else (_SCATTERED, spread)


def _begins_word(text: str, at: int) -> bool:
    return at == 0 or not text[at - 1].isalnum()


def _spread(letters: str, text: str) -> int | None:
    """Over how many characters the letters are spread in the text, in their order; None if they are not all
    there.
    """
    first = at = -1
    for letter in letters:
        at = text.find(letter, at + 1)
        if at < 0:
            return None
        if first < 0:
            first = at
    return at - first
