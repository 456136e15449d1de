"""What a composer asks about once before a message goes out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from qtmail.domain.address import Address
from qtmail.domain.composition import Composition, QuoteKind
from qtmail.mime.html_text import html_to_text
from qtmail.mime.quoting import without_signature

MANY_RECIPIENTS = 20
"""So many may see each other's addresses without a question."""

_ATTACHMENT_WORDS = re.compile(
    r"\b(?:attach(?:ed|ing|ments?)?|enclosed|enclosures?|"
    r"anbei|anhang|anhänge|angehängte?[nrs]?|beigefügte?[nrs]?|im anhang|"
    r"ci-jointe?s?|pi[èe]ces? jointes?|en pj|"
    r"adjunt[oa]s?|adjuntamos|anexad[oa]s?|anexos?)\b"
    r"|附件|附檔|附上|附于|附於|附在|见附|見附|随附|隨附|随信附|添付|첨부",
    re.IGNORECASE,
)
_PUBLIC_DOMAINS = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com",
    "aol.com", "icloud.com", "me.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "orange.fr", "free.fr",
    "laposte.net", "proton.me", "protonmail.com", "qq.com", "foxmail.com", "163.com", "126.com", "yeah.net",
    "sina.com", "sina.cn", "sohu.com", "139.com", "189.cn", "aliyun.com", "yandex.ru", "mail.ru",
    "naver.com",
})  # fmt: skip
"""Domains whose users have nothing to do with each other."""


class Reminder(StrEnum):
    """Something that is perhaps not as the writer wants it."""

    MISSING_ATTACHMENT = "missing attachment"
    """The text speaks of an attachment, and there is none."""
    EMPTY_SUBJECT = "empty subject"
    MANY_RECIPIENTS = "many recipients"
    """Very many can see each other's addresses in To and Cc."""
    OUTSIDERS = "outsiders"
    """Somebody outside of the writer's organisation gets an answer to what was said inside."""


def reminders(
    composition: Composition, *, sender: str = "", correspondents: Iterable[Address] = ()
) -> tuple[Reminder, ...]:
    """What to ask about, in the order of the enumeration.

    Args:
        sender: the address of the identity that writes.
        correspondents: everybody the original was from and to; without them nobody is taken for an outsider.
    """
    found = (
        (Reminder.MISSING_ATTACHMENT, not composition.attachments and _speaks_of_attachment(composition)),
        (Reminder.EMPTY_SUBJECT, not composition.subject.strip()),
        (Reminder.MANY_RECIPIENTS, len(composition.to + composition.cc) > MANY_RECIPIENTS),
        (Reminder.OUTSIDERS, bool(outsiders(composition, sender, correspondents))),
    )
    return tuple(reminder for reminder, applies in found if applies)


def outsiders(
    composition: Composition, sender: str, correspondents: Iterable[Address]
) -> tuple[Address, ...]:
    """The recipients outside of the sender's domain, where all of the original's people are inside."""
    domain = _domain(sender)
    inside = [_domain(person.address) for person in correspondents if person.address]
    if not domain or domain in _PUBLIC_DOMAINS or not inside or any(one != domain for one in inside):
        return ()
    return tuple(one for one in composition.recipients if one.address and _domain(one.address) != domain)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].casefold()


def _speaks_of_attachment(composition: Composition) -> bool:
    """Whether the writer's own words do: not a quote, not a signature, not the subject of the original."""
    body = html_to_text(composition.body) if composition.rich else composition.body
    own = "\n".join(line for line in without_signature(body).split("\n") if not line.startswith(">"))
    answers = composition.in_reply_to or (composition.quote and composition.quote.kind is QuoteKind.FORWARD)
    return _ATTACHMENT_WORDS.search(own if answers else f"{composition.subject}\n{own}") is not None
