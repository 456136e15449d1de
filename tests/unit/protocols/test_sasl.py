"""Mechanisms by themselves: what they answer, in which order they are tried, and that they tell nothing."""

from __future__ import annotations

import pytest

from qtmail.protocols import sasl


def names(mechanisms: list[sasl.Mechanism]) -> list[str]:
    return [mechanism.name for mechanism in mechanisms]


def test_plain_as_in_the_standard():
    """The example of RFC 4616 section 4."""
    mechanism = sasl.Plain("tim", "tanstaaftanstaaf")
    assert mechanism.answer(b"") == b"\0tim\0tanstaaftanstaaf"
    assert mechanism.answer(b"") is None


def test_login_answers_twice():
    mechanism = sasl.Login("tim", "secret")
    assert [mechanism.answer(b"?") for _ in range(3)] == [b"tim", b"secret", None]


def test_cram_md5_as_in_the_standard():
    """The example of RFC 2195 section 2."""
    mechanism = sasl.CramMd5("tim", "tanstaaftanstaaf")
    challenge = b"<1896.697170952@postoffice.reston.mci.net>"
    assert mechanism.answer(challenge) == b"tim b913a602c7eda7a495b4e6e7334d3890"
    assert mechanism.answer(challenge) is None
    assert sasl.CramMd5("tim", "secret").answer(b"") is None


@pytest.mark.parametrize("mechanism", [sasl.Plain, sasl.Login])
def test_names_and_passwords_beyond_ascii_go_as_utf_8(mechanism: type[sasl.Mechanism]):
    asked = mechanism("丽", "pässwörd")
    said = [asked.answer(b"") or b"" for _ in range(2)]
    assert "丽".encode() in b"".join(said)
    assert "pässwörd".encode() in b"".join(said)


@pytest.mark.parametrize("mechanism", [sasl.Plain, sasl.Login, sasl.CramMd5])
def test_no_secret_is_shown(mechanism: type[sasl.Mechanism]):
    asked = mechanism("eva", "secret")
    assert "secret" not in repr(asked) + str(asked)
    assert "eva" in repr(asked)


def test_the_order_follows_from_the_line():
    offered = {"CRAM-MD5", "GSSAPI", "LOGIN", "PLAIN"}
    assert names(sasl.choose(offered, sasl.ON_ENCRYPTED_LINES, "eva", "x")) == ["PLAIN", "LOGIN", "CRAM-MD5"]
    assert names(sasl.choose(offered, sasl.ON_CLEAR_LINES, "eva", "x")) == ["CRAM-MD5", "PLAIN", "LOGIN"]


def test_only_what_is_offered_and_suits():
    assert names(sasl.choose({"LOGIN"}, sasl.ON_ENCRYPTED_LINES, "eva", "x")) == ["LOGIN"]
    assert names(sasl.choose({"PLAIN", "LOGIN"}, sasl.ON_ENCRYPTED_LINES, "eva", "a\0b")) == ["LOGIN"]
    assert sasl.choose({"GSSAPI"}, sasl.ON_ENCRYPTED_LINES, "eva", "x") == []


def test_only_cram_md5_hides_the_password():
    assert [one.name for one in sasl.ON_CLEAR_LINES if not one.shows_password] == ["CRAM-MD5"]


def test_lines_are_base64_and_what_is_not_stays():
    assert sasl.encode(b"\0eva\0secret") == b"AGV2YQBzZWNyZXQ="
    assert sasl.decode(b"VXNlcm5hbWU6") == b"Username:"
    assert sasl.decode(b"Username:") == b"Username:"
    assert sasl.decode(b"") == b""
