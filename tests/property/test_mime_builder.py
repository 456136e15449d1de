"""What is built reads back as it was meant, by the standard library and by our own reader, whatever was
typed."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qtmail.domain.address import Address
from qtmail.errors import MessageUnsendable
from qtmail.mime.builder import build
from qtmail.mime.flow import flow
from qtmail.mime.header_writer import clean_text
from qtmail.mime.message import ParsedMessage
from qtmail.mime.outgoing import OutgoingMessage, OutgoingPart
from qtmail.mime.parameter_writer import sendable_name
from qtmail.mime.parser import parse
from qtmail.mime.recode import to_seven_bit
from qtmail.mime.sendable import address_fault, header_address, header_addresses, needs_smtputf8
from qtmail.mime.text import quote_levels, unflow
from qtmail.mime.transfer import decode_transfer
from qtmail.mime.transfer_writer import base64_lines, encode_text, with_crlf

thorough = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])

SYNTAX = st.sampled_from(
    [
        *("\r\n", "\n", "\r", "\0", "\x1b$B", "\x85", "\u2028", "\u202e", "\ud800", "Bcc: x@y.z", "\ufeff"),
        *("=?utf-8?Q?x?=", "=?", "?=", "From ", ">From ", "> ", ">> ", "-- ", "--", "--=_", ".", " ", "  "),
        *('"', "\\", "/", ";", ",", ":", "<", ">", "@", "(", ")", "=", "'", "%E4%BD", "*0*=", "\t", "\u3000"),
        *("é", "会议", "😀", "a" * 80, "word " * 20, "会" * 90, "a" * 1200),
    ]
)
texts = st.lists(SYNTAX | st.text(max_size=8), max_size=12).map("".join)
lines = st.lists(texts, max_size=5).map("\n".join)
atoms = st.from_regex(r"[a-z0-9!#$%&*+/=?^_`{|}~-][a-z0-9'!-]{0,9}(\.[a-z0-9-]{1,5})?", fullmatch=True)
labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True) | st.sampled_from(
    ["bücher", "例子", "пример", "xn--fsqu00a"]
)
domains = st.lists(labels, min_size=1, max_size=3).map(".".join)
local_parts = atoms | st.sampled_from(["用户", "jörg", '"john doe"', "a..b", ".a", "𠮷"])
addresses = st.builds("{}@{}".format, local_parts, domains).filter(lambda text: not address_fault(text))
people = st.builds(Address, texts, addresses)
ids = st.builds("{}@{}".format, atoms, st.from_regex(r"[a-z0-9-]{1,80}(\.[a-z]{1,9})?", fullmatch=True))
dates = st.datetimes(
    datetime(1970, 1, 1),
    datetime(2200, 1, 1),
    timezones=st.timedeltas(timedelta(hours=-14), timedelta(hours=14)).map(timezone),
)


@st.composite
def parts(draw: st.DrawFn) -> OutgoingPart:
    content = draw(st.binary(max_size=200) | st.sampled_from([b"", b"\xff" * 500, b"\r\n--=_\r\n" * 9]))
    cut = draw(st.integers(0, len(content)))
    types = ["application/pdf", "text/plain", "message/x", "multipart/mixed", "x\r\ny: z"]

    def pieces() -> Iterator[bytes]:
        yield content[:cut]
        yield content[cut:]

    return OutgoingPart(draw(texts), draw(st.sampled_from(types)), len(content), open=pieces)


messages = st.builds(
    OutgoingMessage,
    from_=people,
    to=st.lists(people, max_size=6).map(tuple),
    cc=st.lists(people, max_size=2).map(tuple),
    bcc=st.lists(people, max_size=2).map(tuple),
    reply_to=st.lists(people, max_size=2).map(tuple),
    subject=texts,
    date=dates,
    message_id=ids,
    in_reply_to=ids | st.just(""),
    references=st.lists(ids, max_size=6).map(tuple),
    text=lines,
    html=st.none() | lines,
    attachments=st.lists(parts(), max_size=2).map(tuple),
    extra=st.lists(st.tuples(st.sampled_from(["X-Note", "Organization"]), texts), max_size=2).map(tuple),
    flowed=st.booleans(),
)


def built(message: OutgoingMessage, **options: bool) -> bytes:
    return b"".join(build(message, **options))


def header_of(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[0] + b"\r\n"


def field_names(raw: bytes) -> list[str]:
    return [
        line.partition(b":")[0].decode() for line in header_of(raw).split(b"\r\n") if line[:1] not in b" "
    ]


def expected_people(people: tuple[Address, ...]) -> list[tuple[str, str]]:
    """As (name, address) where names that only repeat the address are left out."""
    return [(_name(one), header_address(one.address)) for one in people]


def _name(person: Address) -> str:
    name = clean_text(person.name)
    return "" if name == person.address else name


def without_quotes(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Our reader takes quotes off names, for many programs put them there."""
    return [(" ".join(name.replace('"', " ").split()), address) for name, address in pairs]


@thorough
@given(messages, st.booleans(), st.booleans())
def test_every_line_is_fit_to_travel(message: OutgoingMessage, draft: bool, eight_bit: bool) -> None:
    raw = built(message, include_bcc=draft, eight_bit=eight_bit)
    assert raw.endswith(b"\r\n")
    assert re.search(rb"\r(?!\n)|(?<!\r)\n|\0", raw) is None
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert header_of(raw).isascii() or needs_smtputf8(header_addresses(message))
    assert eight_bit or raw.partition(b"\r\n\r\n")[2].isascii()


@thorough
@given(messages, st.booleans())
def test_no_field_comes_from_what_was_typed(message: OutgoingMessage, draft: bool) -> None:
    names = field_names(built(message, include_bcc=draft))
    allowed = ["Date", "From", "Subject", "Message-ID", "MIME-Version", "Content-Type"]
    if len(message.attachments) == 0 and message.html is None:
        allowed.append("Content-Transfer-Encoding")
    optional = {
        "Reply-To": message.reply_to,
        "To": message.to or (not draft and not message.cc and message.bcc),
        "Cc": message.cc,
        "Bcc": draft and message.bcc,
        "In-Reply-To": message.in_reply_to,
        "References": message.references,
    }
    allowed += [name for name, present in optional.items() if present]
    allowed += [name for name, value in message.extra if clean_text(value)]
    if message.html is not None and not message.text.strip() and not message.attachments:
        allowed.append("Content-Transfer-Encoding")
    assert sorted(names) == sorted(allowed)


@thorough
@given(messages)
def test_the_standard_library_reads_it_back(message: OutgoingMessage) -> None:
    raw = built(message)
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    assert [part.defects for part in parsed.walk() if part.defects] == []
    if needs_smtputf8(header_addresses(message)):
        return  # it reads raw UTF-8 in headers as unknown bytes
    assert parsed["Subject"] == clean_text(message.subject)
    assert abs(parsed["Date"].datetime - message.date) < timedelta(seconds=1)
    assert parsed["Message-ID"] == f"<{message.message_id}>"
    assert (parsed["References"] or "").split() == [f"<{one}>" for one in message.references]
    for name, people in (("From", (message.from_,)), ("Cc", message.cc), ("Reply-To", message.reply_to)):
        read = parsed[name].addresses if parsed[name] else ()
        assert [f"{one.username}@{one.domain}" for one in read] == [
            address.replace('"', "") for _, address in expected_people(people)
        ]
        assert names_in(raw, name) == [person for person, _ in expected_people(people)]
    for name in ("Subject", "From", "To", "Cc", "Reply-To", "Date", "Message-ID", "References"):
        assert not getattr(parsed[name], "defects", ())


def names_in(raw: bytes, field: str) -> list[str]:
    """The display names of a field by the older API: in some versions of Python the newer one leaves white
    space between encoded words."""
    value = email.message_from_bytes(raw)[field]
    return [str(make_header(decode_header(name))) for name, _ in getaddresses([value])] if value else []


@thorough
@given(messages)
def test_our_reader_reads_it_back(message: OutgoingMessage) -> None:
    parsed = parse(built(message, include_bcc=True))
    envelope = parsed.envelope
    assert parsed.problems == ()
    assert envelope.subject == clean_text(message.subject)
    assert envelope.message_id == message.message_id
    assert (envelope.in_reply_to, envelope.references) == (message.in_reply_to, message.references)
    for read, people in (
        (envelope.from_, (message.from_,)),
        *((envelope.to, message.to), (envelope.cc, message.cc), (envelope.bcc, message.bcc)),
        (envelope.reply_to, message.reply_to),
    ):
        pairs = [(one.name, one.address) for one in read]
        assert without_quotes(pairs) == without_quotes(expected_people(people))


@thorough
@given(messages, st.booleans())
def test_texts_and_files_come_back(message: OutgoingMessage, eight_bit: bool) -> None:
    raw = built(message, eight_bit=eight_bit)
    assert texts_of(parse(raw)) == expected_texts(message)
    for content, files in (files_of(parse(raw)), library_files_of(raw)):
        assert content == [b"".join(part.open()) for part in message.attachments]
        assert files == [sendable_name(part.filename) for part in message.attachments]


@thorough
@given(messages)
def test_seven_bits_carry_the_same_message(message: OutgoingMessage) -> None:
    if needs_smtputf8(header_addresses(message)):
        return
    raw = built(message, eight_bit=True)
    recoded = to_seven_bit([raw])
    assert recoded.isascii()
    assert max(len(line) for line in recoded.split(b"\r\n")) <= 998
    assert parse(recoded).envelope == parse(raw).envelope
    assert texts_of(parse(recoded)) == texts_of(parse(raw))
    assert files_of(parse(recoded)) == files_of(parse(raw))
    assert to_seven_bit([recoded]) == recoded


@thorough
@given(messages, messages)
def test_a_message_travels_in_a_message(outer: OutgoingMessage, inner: OutgoingMessage) -> None:
    original = built(inner, eight_bit=True)
    part = OutgoingPart("m.eml", "message/rfc822", len(original), open=lambda: iter([original]))
    parsed = parse(built(replace(outer, attachments=(part,))))
    attached = next(one for one in parsed.root.walk() if one.content_type == "message/rfc822")
    assert attached.content is not None
    inside = parse(attached.content)
    assert inside.envelope.subject == clean_text(inner.subject)
    assert texts_of(inside) == expected_texts(inner)


@thorough
@given(messages, st.binary(max_size=300) | texts.map(lambda text: text.encode("utf-8", "replace")))
def test_whatever_is_attached_as_a_message_travels(message: OutgoingMessage, content: bytes) -> None:
    """Also what is no message at all, or half of one."""
    part = OutgoingPart("m.eml", "message/rfc822", len(content), open=lambda: iter([content]))
    raw = built(replace(message, attachments=(part,)))
    assert raw.partition(b"\r\n\r\n")[2].isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    (file,) = (one for one in parse(raw).root.walk() if one.disposition == "attachment")
    if file.content_type == "application/octet-stream" or content.isascii():
        assert file.content in (content, with_crlf(content))


@thorough
@given(lines)
def test_flowed_text_flows_back(text: str) -> None:
    text = cleaned(text)
    flowed = flow(text)
    assert by_quote(unflow(flowed)) == by_quote(text)
    assert by_quote(flow(unflow(flowed))) == by_quote(flowed)


@thorough
@given(st.binary(max_size=400) | lines.map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_survive_their_transfer(data: bytes) -> None:
    text = with_crlf(data)
    encoding, body = encode_text(text)
    assert decode_transfer(body, encoding, []) == text
    assert all(len(line) <= 76 for line in body.split(b"\r\n")) or encoding == "7bit"
    assert re.search(rb"^(From |--)", body, re.MULTILINE) is None or encoding == "7bit"
    assert decode_transfer(b"".join(base64_lines([data])), "base64", []) == data


@thorough
@given(texts)
def test_an_address_is_refused_or_harmless(text: str) -> None:
    if address_fault(text):
        with pytest.raises(MessageUnsendable):
            header_address(text)
    else:
        assert re.fullmatch(r"[^\s<>(),;:\\]+|\".*\"@[^\s<>(),;:\\]+", header_address(text))


def cleaned(text: str) -> str:
    """A text as it is sent: without what no reader shows."""
    text = re.sub("[\ud800-\udfff]", "\ufffd", re.sub("\r\n|\r", "\n", text))
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text).removeprefix("\ufeff")


def by_quote(text: str) -> list[tuple[int, str]]:
    """What a text says, whatever the blanks around quote marks, at line ends and at its own end."""
    lines = [line if line.endswith("-- ") else line.rstrip(" ") for line in text.split("\n")]
    levels = [
        (level, words if words == "-- " else words.rstrip(" "))
        for level, words in quote_levels("\n".join(lines))
    ]
    while levels and levels[-1] == (0, ""):
        levels.pop()
    return levels


def _unless_signature(words: str) -> str:
    return words if words == "-- " else words.rstrip(" ")


def texts_of(parsed: ParsedMessage) -> list[str]:
    """The texts of a message: the plain one by quote levels, the HTML as it is."""
    found = []
    for part in parsed.root.walk():
        if part.content_type in ("text/plain", "text/html") and part.disposition != "attachment":
            content = (part.content or b"").decode().replace("\r\n", "\n").removesuffix("\n")
            flowed = part.parameters.get("format") == "flowed"
            found.append(repr(by_quote(unflow(content))) if flowed else content)
    return found


def expected_texts(message: OutgoingMessage) -> list[str]:
    plain = cleaned(message.text).removesuffix("\n")
    expected = [repr(by_quote(plain)) if message.flowed else plain]
    if message.html is None:
        return expected
    html = cleaned(message.html).removesuffix("\n")
    return [*expected, html] if message.text.strip() else [html]


def files_of(parsed: ParsedMessage) -> tuple[list[object], list[str]]:
    found = [part for part in parsed.root.walk() if part.disposition == "attachment"]
    return [part.content for part in found], [part.filename for part in found]


def library_files_of(raw: bytes) -> tuple[list[object], list[str]]:
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    found = [part for part in parsed.walk() if part.get_content_disposition() == "attachment"]
    names = [part["Content-Disposition"].params.get("filename", "") for part in found]
    return [part.get_payload(decode=True) for part in found], names
