"""The reader never raises and never hangs, whatever the bytes."""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qtmail.mime.dates import parse_date
from qtmail.mime.headers import decode_header, envelope_from_header, parse_addresses
from qtmail.mime.html import display_html, html_to_text, sanitise
from qtmail.mime.inspect import inspect
from qtmail.mime.parameters import file_name, parse_structured
from qtmail.mime.parser import parse
from qtmail.mime.text import text_to_html, unflow

CORPUS = Path(__file__).parents[1] / "corpus"
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

SYNTAX = st.sampled_from(
    [
        *(
            b"=?",
            b"?=",
            b"?Q?",
            b"?B?",
            b"utf-8",
            b"gb2312",
            b"<",
            b">",
            b'"',
            b"\\",
            b"(",
            b")",
            b",",
            b";",
            b":",
            b"@",
        ),
        *(
            b"a",
            b"=",
            b"%E4",
            b"*0*=",
            b"filename",
            b"\xc4\xe3",
            "你".encode(),
            b"\x1b$B",
            b"\0",
            b" ",
            b"\r\n ",
            b"\n",
        ),
        *(
            b"--b",
            b"--b--",
            b"Content-Type: ",
            b"multipart/mixed; boundary=b",
            b"message/rfc822",
            b"text/html",
            b"\n\n",
        ),
        *(
            b"Content-Transfer-Encoding: base64\n",
            b"begin 644 x\n",
            b"\nend\n",
            b"<p style='",
            b"url(",
            b"<td>",
        ),
    ]
)
pieces = st.lists(SYNTAX | st.binary(max_size=6), max_size=40).map(b"".join)


@cache
def corpus() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(CORPUS.glob("**/*.eml")))


@st.composite
def damaged_messages(draw: st.DrawFn) -> bytes:
    """A message of the corpus with pieces cut, doubled, overwritten or put in."""
    raw = draw(st.sampled_from(corpus()))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(raw)))
        end = draw(st.integers(start, min(len(raw), start + 200)))
        match draw(st.sampled_from(["cut", "double", "overwrite", "insert"])):
            case "cut":
                raw = raw[:start] + raw[end:]
            case "double":
                raw = raw[:end] + raw[start:]
            case "overwrite":
                raw = raw[:start] + draw(st.binary(max_size=20)) + raw[end:]
            case "insert":
                raw = raw[:start] + draw(pieces) + raw[start:]
    return raw


def check(raw: bytes) -> None:
    """What must hold for every message."""
    found = inspect(raw)
    json.dumps(found, ensure_ascii=False).encode("utf-8", "surrogatepass")
    message = parse(raw)
    assert len(message.preview) <= 200
    assert "\n" not in message.preview
    assert "\0" not in message.text
    assert all(item.filename and "/" not in item.filename for item in message.attachments)
    assert all(item.content is not None and item.size == len(item.content) for item in message.attachments)
    sections = [item.section for item in message.attachments]
    assert len(sections) == len(set(sections))
    assert len(message.problems) == len(set(message.problems))
    display_html(message, part_url=lambda section: f"mail:{section}", allow_remote=None, dark=True)


@quick
@given(st.binary(max_size=500))
def test_random_bytes(raw: bytes) -> None:
    check(raw)


@quick
@given(pieces)
def test_pieces_of_syntax(raw: bytes) -> None:
    check(raw)


@quick
@given(damaged_messages())
def test_damaged_messages(raw: bytes) -> None:
    check(raw)


@quick
@given(damaged_messages())
def test_the_list_reads_every_header(raw: bytes) -> None:
    envelope_from_header(raw)
    envelope_from_header(raw[:200])


@quick
@given(pieces)
def test_field_values(value: bytes) -> None:
    assert "\n" not in decode_header(value)
    for person in parse_addresses(value):
        assert person.name or person.address
        assert "\n" not in person.name + person.address
    parse_date(value)
    _, parameters = parse_structured(value)
    assert "/" not in file_name(parameters, parameters)


@quick
@given(st.text(max_size=300))
def test_text_loses_nothing(text: str) -> None:
    """Escaping and linking keep every visible character, and unflow keeps every word."""
    assert "<script" not in text_to_html(text).lower()
    assert "".join(unflow(text).split()).replace(">", "") == "".join(text.split()).replace(">", "")


@quick
@given(pieces)
def test_markup_is_cleaned_once_and_for_all(raw: bytes) -> None:
    html = raw.decode("utf-8", "replace")
    clean = sanitise(html)
    assert sanitise(clean) == clean
    html_to_text(html)


@quick
@given(st.text(max_size=60), st.sampled_from(["utf-8", "gb18030"]), st.sampled_from(["B", "Q"]))
def test_well_formed_words_come_back(text: str, charset: str, encoding: str) -> None:
    text = " ".join(text.split()).replace("\ufffd", "")
    text = "".join(char for char in text if char.isprintable() and not "\ud800" <= char <= "\udfff")
    if charset == "gb18030" and all(char < "\u0800" for char in text):
        return
    data = text.encode(charset)
    payload = base64.b64encode(data).decode() if encoding == "B" else "".join(f"={byte:02X}" for byte in data)
    assert decode_header(f"=?{charset}?{encoding}?{payload}?=".encode()) == " ".join(text.split())
