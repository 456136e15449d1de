"""Content-Type and Content-Disposition, and the names of files in them (RFC 2045, RFC 2183, RFC 2231).

A name beyond ASCII is written three times, because no one way is read by all:

* `filename*=` by RFC 2231, which Thunderbird, Apple Mail and everything recent reads;
* `filename=` with RFC 2047 words in quotes, which no standard allows and Outlook, Exchange, Gmail and QQ Mail
  write themselves; older ones of them read nothing else, and show `untitled` or `ATT00001.bin`;
* `name=` of the Content-Type in the same way, the only place where very old programs look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from qtmail.mime.header_writer import LINE, FieldLines, clean_text, quoted_string
from qtmail.mime.parameters import clean_file_name
from qtmail.mime.word_encoder import encoded_words

MAX_PLAIN_NAME = 200
"""Characters of an ASCII name that is written as it is. It makes a line longer than 78, which all read;
quoted strings that are broken, many do not."""

_TYPE = re.compile(r"[A-Za-z0-9][\w.+!#$&^-]{0,126}/[A-Za-z0-9][\w.+!#$&^-]{0,126}", re.ASCII)
_ATTRIBUTE_CHARACTERS = "!#$&+^`{|}"
"""What RFC 2231 allows in an extended value beside letters, digits and `_.-~`."""
_UNFIT = str.maketrans({"/": "_", "\\": "_", '"': "'"})


def sendable_type(content_type: str) -> str:
    """A type in lower case as it may stand in a header; application/octet-stream for what is none, and for
    a multipart, whose structure would be read as the message's."""
    usable = _TYPE.fullmatch(content_type) and not content_type.lower().startswith("multipart/")
    return content_type.lower() if usable else "application/octet-stream"


def sendable_name(filename: str) -> str:
    """A file name that no receiving system trips over: without folders, quotes, control characters and
    characters that turn the direction of writing; "" where nothing remains. What looks like an encoded word
    is broken up, for readers would decode it.
    """
    return clean_file_name(clean_text(filename.translate(_UNFIT).replace("=?", "=_")))


def type_field(content_type: str, *, filename: str = "", **parameters: str) -> bytes:
    """Content-Type. The values of `parameters` are printable ASCII."""
    field = FieldLines("Content-Type")
    pieces = [content_type, *(_parameter(name, value) for name, value in parameters.items())]
    _add_all(field, [[piece] for piece in pieces] + ([_words("name", filename)] if filename else []))
    return field.finish()


def disposition_field(disposition: str, filename: str) -> bytes:
    """Content-Disposition with the name a recipient is to see."""
    field = FieldLines("Content-Disposition")
    parameters: list[list[str]] = [[disposition]]
    if filename:
        parameters.append(_words("filename", filename))
        if not _is_plain(filename):
            parameters += [[piece] for piece in _extended("filename", filename)]
    _add_all(field, parameters)
    return field.finish()


def _add_all(field: FieldLines, parameters: list[list[str]]) -> None:
    """Add what semicolons divide."""
    for number, pieces in enumerate(parameters, 1):
        for piece in pieces[:-1]:
            field.add(piece)
        field.add(pieces[-1] + (";" if number < len(parameters) else ""))


_TOKEN = re.compile(r"[A-Za-z0-9._+-]+")


def _parameter(name: str, value: str) -> str:
    return f"{name}={value}" if _TOKEN.fullmatch(value) else f"{name}={quoted_string(value)}"


def _is_plain(filename: str) -> bool:
    return filename.isascii() and len(filename) <= MAX_PLAIN_NAME


def _words(name: str, filename: str) -> list[str]:
    """A parameter in quotes: the name as it is, or as encoded words."""
    if _is_plain(filename):
        return [f'{name}="{filename}"']
    pieces = list(encoded_words(filename, LINE - 2 - len(f'{name}="";')))
    pieces[0] = f'{name}="{pieces[0]}'
    pieces[-1] += '"'
    return pieces


def _extended(name: str, value: str) -> Iterator[str]:
    """RFC 2231 sections 3 and 4: percent escapes, in numbered pieces where one line is too short. Pieces hold
    whole characters, for some programs decode each by itself."""
    whole = f"{name}*=utf-8''{quote(value, safe=_ATTRIBUTE_CHARACTERS)}"
    if len(whole) <= LINE - 2:
        yield whole
        return
    number, piece = 0, f"{name}*0*=utf-8''"
    for char in value:
        escaped = quote(char, safe=_ATTRIBUTE_CHARACTERS)
        if len(piece) + len(escaped) > LINE - 2:
            yield piece
            number += 1
            piece = f"{name}*{number}*="
        piece += escaped
    yield piece
