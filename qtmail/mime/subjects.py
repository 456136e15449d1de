"""Subjects of answers: one "Re: " or "Fwd: ", whatever programs in all languages have put in front."""

from __future__ import annotations

import re

_REPLIES = (
    "re|aw|antw|antwort|sv|vs|odp|ynt|res|rép|rif|отв|ответ|回复|回覆|答复|答覆|回信|返信|회신|답장"
)  # fmt: skip
_FORWARDS = (
    "fwd|fw|wg|weiterl|tr|rv|enc|vb|doorst|pd|i̇lt|ilt|пересл|转发|轉寄|轉發|转寄|転送|전달"
)  # fmt: skip
_PREFIX = r"\s*(?:{words})\s*(?:[\[(（*]\s*\d{{1,3}}\s*[\])）]?|\d{{1,2}})?\s*[:：︰﹕]"
_REPLY = re.compile(_PREFIX.format(words=_REPLIES), re.IGNORECASE)
_FORWARD = re.compile(_PREFIX.format(words=_FORWARDS), re.IGNORECASE)
_TAG = re.compile(r"\s*\[[^\[\]]{1,60}\]")
"""The name of a mailing list in front of its subjects."""


def reply_subject(subject: str) -> str:
    """The subject of an answer: `Re: [list] Lunch` for `[list] RE[2]: AW: Lunch`."""
    return _prefixed("Re:", subject, _REPLY)


def forward_subject(subject: str) -> str:
    """The subject of a forward: `Fwd: Re: Lunch` for `转发：Fw: Re: Lunch`."""
    return _prefixed("Fwd:", subject, _FORWARD)


def _prefixed(prefix: str, subject: str, old: re.Pattern[str]) -> str:
    """`subject` behind one `prefix`; the old ones go, in front of list tags and behind them."""
    tags: list[str] = []
    start = 0
    while match := old.match(subject, start) or _TAG.match(subject, start):
        start = match.end()
        if match.re is _TAG:
            tags.append(match[0].strip())
    return " ".join([prefix, *dict.fromkeys(tags), subject[start:].strip()]).rstrip()
