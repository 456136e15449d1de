"""Message files as they come: what is handed in says the same, and can be sent."""

from __future__ import annotations

import email
import email.policy
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qtmail.errors import MessageUnsendable
from qtmail.mime.parser import parse
from qtmail.mime.submission import MAX_LINE, Submission, read_submission

NOW = datetime(2026, 5, 3, 12, 5, tzinfo=UTC)
PLAIN = (
    b"From: Ann <ann@example.org>\nTo: bob@example.org\nSubject: Plans\n"
    b"Date: Sun, 3 May 2026 14:05:00 +0200\nMessage-ID: <plans@example.org>\n\nYes.\n"
)
FROM = b"From: ann@example.org\n"


def read(raw: bytes, *recipients: str) -> Submission:
    return read_submission(raw, date=NOW, recipients=recipients)


def refused(raw: bytes) -> MessageUnsendable:
    with pytest.raises(MessageUnsendable) as fault:
        read(raw)
    return fault.value


def header(submission: Submission) -> bytes:
    return submission.content.partition(b"\r\n\r\n")[0] + b"\r\n"


def body(submission: Submission) -> bytes:
    return submission.content.partition(b"\r\n\r\n")[2]


# -- lines -----------------------------------------------------------------------------------------


def test_a_sound_message_stays_as_it_is() -> None:
    submission = read(PLAIN)
    assert submission.content == PLAIN.replace(b"\n", b"\r\n")
    assert (submission.sender, submission.recipients) == ("ann@example.org", ("bob@example.org",))
    assert (submission.message_id, submission.subject) == ("plans@example.org", "Plans")
    assert not submission.needs_smtputf8


@pytest.mark.parametrize("end", [b"\r\n", b"\r", b"\r\r\n"])
def test_all_line_ends_become_those_of_the_protocol(end: bytes) -> None:
    assert read(PLAIN.replace(b"\n", end)) == read(PLAIN)


def test_mixed_line_ends_do_not_move_the_end_of_the_header() -> None:
    mixed = PLAIN.replace(b"Plans\n", b"Plans\r\n").replace(b".org>\nTo", b".org>\rTo")
    assert read(mixed) == read(PLAIN)


def test_lone_returns_and_dots_in_the_body_are_lines() -> None:
    assert body(read(PLAIN + b"a\rb\n.\n..\r\n.")) == b"Yes.\r\na\r\nb\r\n.\r\n..\r\n.\r\n"


def test_a_line_may_be_as_long_as_servers_take_and_no_longer() -> None:
    assert body(read(PLAIN + b"x" * MAX_LINE)) == b"Yes.\r\n" + b"x" * MAX_LINE + b"\r\n"
    for raw in (PLAIN + b"x" * (MAX_LINE + 1), FROM + b"To: bob@example.org\nX-Y: " + b"x" * MAX_LINE):
        assert "longer than 998" in refused(raw).sentence


@pytest.mark.parametrize("raw", [PLAIN.partition(b"\n\n")[0], PLAIN.partition(b"\n\n")[0] + b"\n"])
def test_a_message_may_have_no_body(raw: bytes) -> None:
    assert read(raw).content == PLAIN.partition(b"Yes.")[0].replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\n\n",
        b"\nYes.\n",
        b"Yes.\n",
        b"Dear Bob,\n\nYes.\n",
        b"%PDF-1.7\n\xff\xfe",
        b": x\n\n",
        b"\xe4: x\n",
    ],
)
def test_what_is_no_message_is_told(raw: bytes) -> None:
    assert "not a mail message" in refused(raw).sentence


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_refused(encoding: str) -> None:
    assert refused(PLAIN.decode().encode(encoding)).sentence


def test_a_nul_is_refused() -> None:
    assert "NUL" in refused(PLAIN + b"\0").sentence


def test_a_byte_order_mark_is_no_part_of_the_first_field() -> None:
    assert read(b"\xef\xbb\xbf" + PLAIN) == read(PLAIN)


def test_the_separator_of_an_mbox_goes() -> None:
    assert read(b"From ann@example.org Sun May  3 14:05:00 2026\n" + PLAIN) == read(PLAIN)


def test_an_mbox_with_several_messages_is_not_sent_as_one() -> None:
    one = b"From ann@example.org Sun May  3 14:05:00 2026\n" + PLAIN + b"\n"
    assert "several messages" in refused(one + one).sentence


def test_a_text_that_quotes_an_mbox_is_a_text() -> None:
    text = b"\nFrom here on, in 2026\nAnn:\n"
    assert body(read(PLAIN + text)).endswith(text.replace(b"\n", b"\r\n"))


# -- the header ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [b"Bcc", b"BCC", b"bcc ", b"Resent-Bcc"])
@pytest.mark.parametrize("value", [b"", b" eva@example.org", b" eva@example.org,\n\tx@example.org\n more"])
def test_blind_recipients_are_never_in_what_is_sent(name: bytes, value: bytes) -> None:
    raw = b"%s:%s\n%s" % (name, value, PLAIN)
    submission = read(raw, "bob@example.org")
    assert submission.content == read(PLAIN).content


def test_blind_recipients_get_it() -> None:
    raw = b"Bcc: eva@example.org, x@example.org\n" + PLAIN
    assert read(raw).recipients == ("eva@example.org", "x@example.org", "bob@example.org")


@pytest.mark.parametrize("date", [b"", b"Date:\n", b"Date: \n"])
@pytest.mark.parametrize("id_", [b"", b"Message-ID:\n", b"Message-ID: <>\n", b"Message-ID: <two words>\n"])
def test_what_is_missing_is_added(date: bytes, id_: bytes) -> None:
    submission = read(FROM + b"To: bob@example.org\n" + date + id_ + b"\nYes.\n")
    message = email.message_from_bytes(submission.content, policy=email.policy.default)
    assert message.get_all("Message-ID") == [f"<{submission.message_id}>"]
    assert submission.message_id.endswith("@example.org")
    (value,) = message.get_all("Date") or []
    assert value.datetime == NOW


def test_there_is_one_date_and_one_message_id() -> None:
    doubled = b"Date: Mon, 4 May 2026 14:05:00 +0200\nMessage-ID: <other@example.org>\n"
    submission = read(PLAIN.replace(b"\n\n", b"\n" + doubled + b"\n"))
    assert submission == read(PLAIN)


@pytest.mark.parametrize(
    ("value", "id_"),
    [(b"a@b", "a@b"), (b"\n <a@b>", "a@b"), (b"<a@b> (by hand)", "a@b"), (b"<a(b>", "a(b")],
)
def test_a_message_id_that_others_could_name_is_kept(value: bytes, id_: str) -> None:
    submission = read(FROM + b"To: bob@example.org\nMessage-ID: " + value + b"\n\nYes.\n")
    assert submission.message_id == id_
    assert header(submission).lower().count(b"message-id:") == 1


def test_folds_stay_but_those_that_look_like_the_end_of_the_header() -> None:
    raw = FROM + b"To: bob@example.org,\n\teva@example.org\nSubject: One\n \n two\n\t\n\nYes.\n"
    submission = read(raw)
    assert submission.recipients == ("bob@example.org", "eva@example.org")
    assert b"Subject: One\r\n two\r\n" in header(submission)
    assert body(submission) == b"Yes.\r\n"


def test_raw_utf_8_in_the_header_asks_for_smtputf8_and_other_bytes_are_refused() -> None:
    raw = FROM + "To: bob@example.org\nSubject: Grüße\n\nJa.\n".encode()
    submission = read(raw)
    assert submission.needs_smtputf8
    assert submission.subject == "Grüße"
    assert "neither ASCII nor UTF-8" in refused(raw.replace("ü".encode(), b"\xfc")).sentence


# -- the envelope ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "recipients"),
    [
        (b"=?utf-8?Q?M=C3=BCller=2C_Jo?= <jo@example.org>", ("jo@example.org",)),
        (b'"Mouse, M." <m@example.org>, x@example.org', ("m@example.org", "x@example.org")),
        (
            b"Friends: a@example.org, B <b@example.org>;, c@example.org",
            ("a@example.org", "b@example.org", "c@example.org"),
        ),
        (b"a@EXAMPLE.org, a@example.org", ("a@example.org",)),
        ("bob@bücher.example".encode(), ("bob@xn--bcher-kva.example",)),
        (b"bob@example.org (at home)", ("bob@example.org",)),
    ],
)
def test_recipients_are_read_from_the_header(to: bytes, recipients: tuple[str, ...]) -> None:
    assert read(FROM + b"To: " + to + b"\n\nYes.\n").recipients == recipients


def test_recipients_that_are_named_elsewhere_come_before_the_header() -> None:
    assert read(PLAIN, "x@example.org").recipients == ("x@example.org",)


def test_duplicate_fields_all_count() -> None:
    raw = FROM + b"To: a@example.org\nTo: b@example.org\nCC: c@example.org\n\nYes.\n"
    assert read(raw).recipients == ("a@example.org", "b@example.org", "c@example.org")


@pytest.mark.parametrize("to", [b"", b"To: undisclosed-recipients:;\n", b"Bcc:\n", b"To: ,\n"])
def test_a_message_for_nobody_is_refused(to: bytes) -> None:
    fault = refused(FROM + to + b"\nYes.\n")
    assert "nobody" in fault.sentence and fault.advice


@pytest.mark.parametrize("to", [b"bob", b"a@example.org, bob", b"<@>"])
def test_nobody_is_left_out_in_silence(to: bytes) -> None:
    assert refused(FROM + b"To: " + to + b"\n\nYes.\n").sentence


def test_more_recipients_than_can_be_read_are_refused() -> None:
    many = b",\n ".join(b"a%d@example.org" % number for number in range(20_000))
    assert "more recipients" in refused(FROM + b"To: " + many + b"\n\nYes.\n").sentence


def test_a_message_from_nobody_is_refused() -> None:
    assert "who it is from" in refused(b"To: bob@example.org\n\nYes.\n").sentence


def test_who_hands_it_in_for_another_is_the_sender() -> None:
    submission = read(b"Sender: secretary@example.org\n" + PLAIN)
    assert submission.sender == "secretary@example.org"


LATEST = b"Resent-From: eva@example.org\nResent-To: x@example.org\n"
EARLIER = b"Resent-From: bob@example.org\nResent-To: ann@example.org, old@example.org\n"


@pytest.mark.parametrize("between", [b"", b"Received: from here by there\n"])
def test_what_is_sent_on_goes_to_whom_it_is_sent_on_and_to_nobody_before(between: bytes) -> None:
    submission = read(LATEST + between + EARLIER + b"Bcc: hidden@example.org\n" + PLAIN)
    assert (submission.sender, submission.recipients) == ("eva@example.org", ("x@example.org",))


def test_what_is_sent_on_to_nobody_does_not_go_to_the_recipients_of_the_original() -> None:
    assert "nobody" in refused(b"Resent-From: eva@example.org\n" + PLAIN).sentence


# -- size, and anything at all ---------------------------------------------------------------------


def test_a_large_message_is_read_in_time_that_grows_with_its_size() -> None:
    def seconds(count: int) -> float:
        raw = PLAIN + (b"x" * 76 + b"\n") * count
        began = time.perf_counter()
        assert len(read(raw).content) > 76 * count
        return time.perf_counter() - began

    seconds(1000)
    assert seconds(400_000) < 40 * max(seconds(40_000), 0.01)


def test_a_header_of_many_folds_is_read_in_time_that_grows_with_its_size() -> None:
    folds = b"\n <reference@example.org>" * 300_000
    raw = PLAIN.replace(b"Subject", b"References:" + folds + b"\nSubject")
    assert read(raw).content.count(b"\r\n <reference") == 300_000


parts = st.sampled_from(
    [
        *(
            b"\r\n",
            b"\n",
            b"\r",
            b"\n\n",
            b" ",
            b"\t",
            b":",
            b"\n ",
            b".",
            b"\n.\n",
            b"\0",
            b"\xff",
            b"\xc3\xa4",
        ),
        *(
            b"From: ann@example.org\n",
            b"To: Bob <bob@example.org>\n",
            b"Bcc: hidden@example.org\n",
            b"Bcc:",
            b"bcc :",
        ),
        *(
            b"Date: Sun, 3 May 2026 14:05:00 +0200\n",
            b"Date:\n",
            b"Message-ID: <a@b>\n",
            b"Message-ID: x y\n",
        ),
        *(
            b"Resent-To: x@example.org\n",
            b"Resent-From: eva@example.org\n",
            b"Resent-Bcc: hidden@example.org\n",
        ),
        *(
            b"Subject: =?utf-8?Q?=C3=A4?=\n",
            b"From ann Sun May 3 2026\n",
            b"To: friends: a@b.cd;\n",
            b"\nYes.\n",
        ),
    ]
)
files = st.lists(parts | st.binary(max_size=5), max_size=14).map(b"".join)


@settings(max_examples=300, deadline=timedelta(seconds=5), suppress_health_check=[HealthCheck.too_slow])
@given(files)
def test_whatever_the_file_it_is_refused_in_words_or_sound(raw: bytes) -> None:
    check(FROM + b"To: bob@example.org\n" + raw)
    check(raw)


def check(raw: bytes) -> None:
    try:
        submission = read(raw)
    except MessageUnsendable as fault:
        assert fault.sentence
        return
    content = submission.content
    bare = content.replace(b"\r\n", b"")
    assert b"\r" not in bare and b"\n" not in bare and b"\0" not in bare
    assert max(map(len, content.split(b"\r\n"))) <= MAX_LINE
    assert submission.sender and submission.recipients
    message = email.message_from_bytes(content, policy=email.policy.compat32)
    assert not message.defects
    names = [name.lower().strip() for name in message.keys()]  # noqa: SIM118 - each as often as it is there
    assert not {"bcc", "resent-bcc"} & set(names)
    assert (names.count("date"), names.count("message-id")) == (1, 1)
    assert submission.message_id in str(message["message-id"])
    assert parse(content).envelope.subject == submission.subject
    again = read_submission(content, date=NOW, recipients=submission.recipients)
    assert again == submission, "what is fit to be sent stays as it is"
