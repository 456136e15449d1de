"""Messages for servers that take seven bits only."""

from __future__ import annotations

from pathlib import Path

import pytest

from qtmail.domain.address import Address
from qtmail.errors import MessageUnsendable
from qtmail.mime.message import ParsedMessage
from qtmail.mime.parser import parse
from qtmail.mime.recode import attached_to_seven_bit, to_seven_bit
from qtmail.mime.transfer_writer import fits_lines, with_crlf

CORPUS = Path(__file__).parents[2] / "corpus"


def message(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(("From: Ann <ann@example.org>", *lines, "")).encode(encoding)


def test_what_is_sound_stays_byte_for_byte() -> None:
    raw = message("Subject:  odd   spacing", "MIME-Version: 1.0", "", "text  ", "--x", "")
    assert to_seven_bit([raw[:7], raw[7:]]) == raw


def test_text_is_encoded_and_its_header_says_so() -> None:
    raw = message(
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        "你好",
    )
    assert to_seven_bit([raw]).decode("ascii") == (
        "From: Ann <ann@example.org>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "\r\n"
        "5L2g5aW9DQo=\r\n"
    )


def test_only_the_parts_that_must_change_do() -> None:
    raw = message(
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed; boundary=x",
        "Content-Transfer-Encoding: 8bit",
        *("", "--x", "Content-Type:   text/plain", "", "plain ", "--x"),
        *("Content-Type: text/html; charset=utf-8", "", "<p>Some words, and é</p>", "--x--"),
    )
    recoded = to_seven_bit([raw])
    assert b"--x\r\nContent-Type:   text/plain\r\n\r\nplain \r\n--x\r\n" in recoded
    assert b"<p>Some words, and =C3=A9</p>" in recoded
    assert b"8bit" not in recoded
    assert parse(recoded).html == parse(raw).html


def test_raw_headers_become_encoded_words() -> None:
    raw = message(
        "To: 李雷 <li@example.cn>, ann@example.org",
        "Subject: 会议通知",
        "X-Remark: 更大",
        'Content-Disposition: attachment; filename="会议.txt"',
        'Content-Type: text/plain; charset=gbk; name="会议.txt"',
        *("", "会议内容已经更新，请大家查看"),
        encoding="gbk",
    )
    before, after = parse(raw), parse(to_seven_bit([raw]))
    assert after.envelope == before.envelope
    assert after.envelope.to[0] == Address("李雷", "li@example.cn")
    assert after.text == before.text
    assert after.root.filename == before.root.filename == "会议.txt"


def test_lines_that_are_too_long_are_broken() -> None:
    ids = " ".join(f"<{'x' * 60}{number}@example.org>" for number in range(40))
    raw = message(f"References: {ids}", f"X-Blob: {'y ' * 600}", "MIME-Version: 1.0", "", "z" * 3000)
    recoded = to_seven_bit([raw])
    assert fits_lines(recoded)
    assert parse(recoded).envelope.references == parse(raw).envelope.references
    assert parse(recoded).text == parse(raw).text
    assert dict(parse(recoded).headers)["X-Blob"] == ("y " * 600).strip()


def test_a_message_without_mime_becomes_one() -> None:
    recoded = to_seven_bit([message("", "naïve text that is longer than a word")])
    assert b"MIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nna=C3=AFve" in recoded


def test_binary_content_becomes_base64() -> None:
    raw = b"From: a@b.c\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\xff"
    assert parse(to_seven_bit([raw])).attachments[0].content == b"\x89PNG\r\n\x1a\xff"


def test_line_ends_become_what_the_protocol_wants() -> None:
    assert to_seven_bit([b"From: a@b.c\n\nunix\nmac\rend"]) == b"From: a@b.c\r\n\r\nunix\r\nmac\r\nend"


def sealed(kind: str) -> bytes:
    return message(
        f"Content-Type: multipart/{kind}; boundary=x",
        *("", "--x", "Content-Type: text/plain; charset=utf-8", "", "é", "--x", "", "signature", "--x--"),
    )


@pytest.mark.parametrize("kind", ["signed", "encrypted"])
def test_signatures_are_never_broken(kind: str) -> None:
    with pytest.raises(MessageUnsendable, match="would break the signature"):
        to_seven_bit([sealed(kind)])
    sound = sealed(kind).replace("é".encode(), b"=C3=A9")
    assert to_seven_bit([sound]) == sound


def test_a_header_is_mended_around_a_sound_signature() -> None:
    sound = sealed("signed").replace("é".encode(), b"=C3=A9")
    recoded = to_seven_bit(["Subject: 会议\r\n".encode(), sound])
    assert parse(recoded).envelope.subject == "会议"
    assert recoded.endswith(sound)


def test_a_header_without_a_body() -> None:
    assert parse(to_seven_bit(["Subject: 会议\r\nFrom: a@b.c\r\n".encode()])).envelope.subject == "会议"


@pytest.mark.parametrize(
    "raw",
    [
        *(b"\xff\xff", b"no field\r\n\r\n\xff", b"A: b\r\nContent-Type: multipart/mixed\r\n\r\n\xff"),
        b"A: b\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\nno part \xff",
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(80))
        + b"\xff",
    ],
)
def test_what_cannot_be_understood_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(MessageUnsendable) as caught:
        to_seven_bit([raw])
    assert caught.value.advice


def test_addresses_that_need_smtputf8() -> None:
    """A message that is sent cannot do without them; one that is only shown can."""
    raw = message("To: 用户 <用户@例子.中国>, ann@example.org", "", "text")
    with pytest.raises(MessageUnsendable):
        to_seven_bit([raw])
    shown = parse(attached_to_seven_bit(raw)).envelope.to
    assert shown == (Address("用户 <用户@例子.中国>", ""), Address("", "ann@example.org"))


def contents(parsed: ParsedMessage) -> list[tuple[str, str, bytes | None]]:
    return [
        (one.filename, one.content_type, one.content)
        for one in parsed.attachments
        if one.content_type != "message/rfc822"
    ]


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.eml")), ids=lambda path: path.stem)
def test_mail_of_all_kinds_reads_the_same(path: Path) -> None:
    raw = with_crlf(path.read_bytes())
    try:
        recoded = attached_to_seven_bit(raw)
    except MessageUnsendable:
        return
    assert recoded.isascii()
    assert fits_lines(recoded)
    before, after = parse(raw), parse(recoded)
    assert (after.text, after.html, contents(after)) == (before.text, before.html, contents(before))
    assert after.envelope.subject == before.envelope.subject
