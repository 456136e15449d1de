"""mailto: addresses (RFC 6068), as web pages and other programs hand them over. None of it is trusted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from qtmail.domain.address import Address
from qtmail.domain.composition import Composition
from qtmail.mime.headers import message_id, parse_addresses
from qtmail.mime.rawtext import clean_line
from qtmail.mime.simple_html import fragment

MAX_LENGTH = 512 * 1024
"""Characters of an address that are read."""
MAX_RECIPIENTS = 500
"""In each of To, Cc and Bcc."""
MAX_SUBJECT = 2000

_SCHEME = re.compile(r"\s*mailto:(?://)?", re.IGNORECASE)
_AMPERSAND = re.compile(r"&(?:amp;)?", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n?|\n|\x0b|\x0c|\x85|\u2028|\u2029")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")


def composition_from_mailto(url: str, *, rich: bool = True) -> Composition:
    """The message that a mailto: address describes. Never raises.

    Of the header fields it may name, To, Cc, Bcc, Subject, Body, In-Reply-To and Reply-To are taken over;
    all others, files to attach above all, are left out (RFC 6068 section 7). No value can hold a line end but
    the body.
    """
    path, _, query = _SCHEME.sub("", url[:MAX_LENGTH], count=1).partition("#")[0].partition("?")
    fields = list(_fields(query))

    def first(name: str) -> str:
        return next((value for found, value in fields if found == name), "")

    def people(name: str, *more: str) -> tuple[Address, ...]:
        values = [*more, *(value for found, value in fields if found == name)]
        return tuple(dict.fromkeys(person for value in values for person in _addresses(value)))

    body = _CONTROLS.sub("", _LINE_END.sub("\n", unquote(first("body"))))
    return Composition(
        to=people("to", path)[:MAX_RECIPIENTS],
        cc=people("cc")[:MAX_RECIPIENTS],
        bcc=people("bcc")[:MAX_RECIPIENTS],
        reply_to=people("reply-to")[:MAX_RECIPIENTS],
        subject=_one_line(first("subject"))[:MAX_SUBJECT],
        rich=rich,
        body=fragment(body) if rich else body,
        in_reply_to=message_id(_one_line(first("in-reply-to")).encode()),
    )


def _fields(query: str) -> Iterator[tuple[str, str]]:
    """(name in lower case, value still percent-encoded). Pages often write `&amp;` where they mean `&`."""
    for pair in _AMPERSAND.split(query):
        name, _, value = pair.partition("=")
        if value:
            yield unquote(name).strip().lower(), value


def _addresses(value: str) -> Iterator[Address]:
    """Commas that part addresses are written as they are; those of an address are percent-encoded."""
    for piece in value.split(",", MAX_RECIPIENTS)[:MAX_RECIPIENTS]:
        yield from (person for person in parse_addresses(_one_line(piece)) if person.address)


def _one_line(value: str) -> str:
    """A value decoded, up to its first line end: what follows one was meant to be a header field."""
    return clean_line(_CONTROLS.sub(" ", _LINE_END.split(unquote(value).lstrip("\r\n"), maxsplit=1)[0]))
