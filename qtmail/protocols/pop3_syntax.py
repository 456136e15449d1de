"""The grammar of POP3: replies and their codes (RFC 1939 section 3, RFC 2449 sections 3 and 8), what CAPA
tells, and the two lists of messages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from qtmail.protocols.imap_syntax import words
from qtmail.protocols.pop3_values import Listed, Pop3Capabilities, Pop3Reply

MOST_MESSAGES = 2**31 - 1
"""The largest number of a message that is believed."""

_REPLY = re.compile(rb"(\+OK|-ERR)(?![A-Z])[ \t]*(.*)", re.DOTALL | re.IGNORECASE)
_CHALLENGE = re.compile(rb"\+(?!OK(?![A-Z]))", re.IGNORECASE)
_CODE = re.compile(r"\[([A-Za-z0-9/_.-]{1,64})\] ?")
_ENTRY = re.compile(rb"[ \t]*(\d{1,10})(?:[ \t]+(.*))?", re.DOTALL)
_SIZE = re.compile(rb"(\d{1,18})(?:[ \t].*)?", re.DOTALL)
_TWO_NUMBERS = re.compile(r"(\d{1,10})\s+(\d{1,18})\b")

# A message id as RFC 822 has it, in its plainest form. What is looser lets a server that pretends to be the
# right one choose bytes from whose digests it can tell the password, letter by letter (CVE-2007-1558).
_ATOM = rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_TIMESTAMP = re.compile(rb"<%(atom)s(?:\.%(atom)s)*@%(atom)s(?:\.%(atom)s)*>" % {b"atom": _ATOM})


def parse_reply(line: bytes) -> Pop3Reply | None:
    """Take the first line of an answer apart; None if it is none."""
    match = _REPLY.fullmatch(line)
    if match is None:
        return None
    positive, text = match[1].upper() == b"+OK", words(match[2])
    code = None if positive else _CODE.match(text)
    if code is None:
        return Pop3Reply(positive, "", text)
    return Pop3Reply(False, code[1].upper(), text[code.end() :].strip())


def parse_challenge(line: bytes) -> bytes | None:
    """What the server asks within AUTH (`+ ` and base64, RFC 5034 section 4), or None if this is no
    question."""
    return line[1:].strip() if _CHALLENGE.match(line) else None


def parse_timestamp(greeting: bytes) -> bytes:
    """The time stamp that APOP needs, with its brackets (RFC 1939 section 7), or b"" if there is none that
    can be trusted."""
    begin, end = greeting.find(b"<"), greeting.rfind(b">")
    stamp = greeting[begin : end + 1] if begin >= 0 else b""
    return stamp if _TIMESTAMP.fullmatch(stamp) else b""


def parse_capabilities(lines: Iterable[bytes]) -> Pop3Capabilities:
    """What an answer to CAPA tells; what is unknown or malformed is passed over."""
    offered: dict[str, str] = {}
    for line in lines:
        keyword, _, value = words(line).partition(" ")
        offered[keyword.upper()] = f"{offered.get(keyword.upper(), '')} {value}".strip()
    delay, expire = offered.get("LOGIN-DELAY", "").upper(), offered.get("EXPIRE", "").upper()
    utf8 = "UTF8" in offered
    return Pop3Capabilities(
        told=True,
        stls="STLS" in offered,
        uidl="UIDL" in offered,
        top="TOP" in offered,
        user="USER" in offered,
        mechanisms=tuple(dict.fromkeys(offered.get("SASL", "").upper().split())),
        pipelining="PIPELINING" in offered,
        resp_codes="RESP-CODES" in offered,
        auth_resp_code="AUTH-RESP-CODE" in offered,
        login_delay=_first_number(delay),
        expire=_first_number(expire),
        per_user="USER" in delay.split() or "USER" in expire.split(),
        utf8=utf8,
    )


def _first_number(value: str) -> int | None:
    match = re.match(r"\d{1,9}(?= |$)", value, re.ASCII)
    return int(match[0]) if match else None


def parse_two_numbers(text: str) -> tuple[int, int] | None:
    """How many messages there are, and their bytes, as an answer to STAT says it; None if it does not."""
    match = re.match(_TWO_NUMBERS, text)
    return (int(match[1]), int(match[2])) if match else None


def parse_listing(sizes: Sequence[bytes], uidls: Sequence[bytes]) -> tuple[list[Listed], int]:
    """The messages that the lines of LIST and UIDL name, by number, and how many of these lines were not
    believed.

    What LIST does not name is not there. Of a number that comes twice the first line counts. A size that is
    none makes it unknown, not the message.
    """
    size_of, wrong_sizes = _by_number(sizes)
    uidl_of, wrong_uidls = _by_number(uidls)
    found = []
    wrong = wrong_sizes + wrong_uidls + len(uidl_of.keys() - size_of.keys())
    for number in sorted(size_of):
        size = _SIZE.fullmatch(size_of[number])
        wrong += size is None
        found.append(Listed(number, int(size[1]) if size else 0, _uidl(uidl_of.get(number, b""))))
    return found, wrong


def _uidl(said: bytes) -> bytes | None:
    """A unique id, None where there is none. It has no blanks (RFC 1939 section 7); should it have some, it
    gets others in their place, so that it cannot pass for what qtmail itself calls a message."""
    return b"_".join(said.split()) or None


def _by_number(lines: Iterable[bytes]) -> tuple[dict[int, bytes], int]:
    """What stands behind each message's number, and how many lines have none, or one that came before."""
    found: dict[int, bytes] = {}
    wrong = 0
    for line in lines:
        match = _ENTRY.fullmatch(line)
        number = int(match[1]) if match else 0
        if match is None or not 1 <= number <= MOST_MESSAGES or number in found:
            wrong += 1
            continue
        found[number] = (match[2] or b"").strip(b" \t")
    return found, wrong
