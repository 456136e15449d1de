"""Which addresses mail can be sent to, and how they look on the wire."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qtmail.domain.address import Address
from qtmail.errors import MessageUnsendable
from qtmail.mime.outgoing import OutgoingMessage
from qtmail.mime.sendable import (
    address_fault,
    envelope_addresses,
    header_address,
    header_addresses,
    needs_smtputf8,
    new_message_id,
    wire_address,
)


@pytest.mark.parametrize(
    "address",
    [
        *("ann@example.org", "o'brien+lists@mail.example.co.uk", "root@localhost", "x@sub_domain.example"),
        *('"john doe"@example.org', '"a@b"@example.org', "a..b@docomo.ne.jp", "a.@docomo.ne.jp"),
        *("用户@例子.中国", "ann@bücher.de", "ann@例子。中国", "ann@😀.la", "𠮷@example.jp"),
        *("ann@[192.0.2.1]", "ann@[IPv6:2001:db8::1]", f"{'a' * 64}@example.org"),
    ],
)
def test_sound_addresses(address: str) -> None:
    assert address_fault(address) == ""


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("", "The address is missing."),
        ("ann", "The address has no @."),
        ("@example.org", "Nothing stands before the @."),
        ("ann@", "Nothing stands after the @."),
        ("ann@@example.org", "The address has more than one @."),
        ("ann@home@example.org", "The address has more than one @."),
        ("ann lee@example.org", "The address has a space in it."),
        ("ann@exam ple.org", "The address has a space in it."),
        ("ann@example.org\r\nBcc: x@y.z", "The address has a line break or a control character in it."),
        ("ann@example.org\0", "The address has a line break or a control character in it."),
        ("ann\u2028@example.org", "The address has a line break or a control character in it."),
        ("ann\u200b@example.org", "The address has an invisible or unknown character in it."),
        ("ann@example\u202e.org", "The address has an invisible or unknown character in it."),
        ("\ud800@example.org", "The address has an invisible or unknown character in it."),
        ("ann,bob@example.org", "An address cannot have a “,” in it."),
        ("ann@example.org,bob@example.org", "The address has more than one @."),
        ("ann@example.org;", "An address cannot have a “;” in it."),
        ("<ann@example.org>", "An address cannot have a “<” in it."),
        ("ann@example..org", "Something is missing before or after a dot in the domain."),
        ("ann@.org", "Something is missing before or after a dot in the domain."),
        ("ann@example.org.", "Something is missing before or after a dot in the domain."),
        ("ann@-example.org", "“-example.org” cannot be a domain."),
        ("ann@exa!mple.org", "“exa!mple.org” cannot be a domain."),
        ("ann@[example]", "What stands in brackets after the @ is no IP address."),
        (f"{'a' * 65}@example.org", "The part before the @ is longer than 64 bytes."),
        (f"{'用' * 22}@example.org", "The part before the @ is longer than 64 bytes."),
        (f"ann@{'a' * 250}.org", "The address is longer than 254 bytes."),
        (f"ann@{'é.' * 60}org", f"“{'é.' * 60}org” cannot be a domain."),
        (f"ann@{'a' * 64}.org", f"“{'a' * 64}.org” cannot be a domain."),
    ],
)
def test_faults_in_words(address: str, fault: str) -> None:
    assert address_fault(address) == fault
    with pytest.raises(MessageUnsendable) as caught:
        wire_address(address)
    assert caught.value.detail == fault
    assert "\n" not in str(caught.value)
    assert str(caught.value).encode()


@pytest.mark.parametrize(
    ("address", "wire", "header"),
    [
        ("Ann@Example.ORG", "Ann@example.org", "Ann@example.org"),
        ("ann@Bücher.de", "ann@xn--bcher-kva.de", "ann@xn--bcher-kva.de"),
        ("ann@straße.de", "ann@xn--strae-oqa.de", "ann@xn--strae-oqa.de"),
        ("ann@例子。中国", "ann@xn--fsqu00a.xn--fiqs8s", "ann@xn--fsqu00a.xn--fiqs8s"),
        ("ann@😀.la", "ann@xn--e28h.la", "ann@xn--e28h.la"),
        ("用户@例子。中国", "用户@xn--fsqu00a.xn--fiqs8s", "用户@例子.中国"),
        ("a..b@docomo.ne.jp", '"a..b"@docomo.ne.jp', '"a..b"@docomo.ne.jp'),
        ("ann@[IPv6:2001:DB8::1]", "ann@[IPv6:2001:DB8::1]", "ann@[IPv6:2001:DB8::1]"),
    ],
)
def test_on_the_wire_and_in_a_header(address: str, wire: str, header: str) -> None:
    assert wire_address(address) == wire
    assert header_address(address) == header


def test_only_local_parts_need_smtputf8() -> None:
    assert not needs_smtputf8(["ann@example.org", "ann@例子.中国"])
    assert needs_smtputf8(["ann@example.org", "用户@example.org"])


def letter(*to: str, sender: str = "me@bücher.de", reply_to: str = "") -> OutgoingMessage:
    return OutgoingMessage(
        from_=Address("Me", sender),
        to=tuple(Address("", one) for one in to),
        cc=(Address("undisclosed-recipients", ""),),
        bcc=(Address("", "hidden@example.org"),),
        reply_to=(Address("", reply_to),) if reply_to else (),
        date=datetime.now(UTC),
        message_id="1@example.org",
    )


def test_the_envelope_names_each_recipient_once_and_no_group() -> None:
    sender, recipients = envelope_addresses(letter("ann@例子.cn", "ann@xn--fsqu00a.CN", "Ann@例子.cn"))
    assert sender == "me@xn--bcher-kva.de"
    assert recipients == ("ann@xn--fsqu00a.cn", "Ann@xn--fsqu00a.cn", "hidden@example.org")


def test_a_recipient_that_is_none_stops_the_message() -> None:
    with pytest.raises(MessageUnsendable, match="“nobody” is not an address"):
        envelope_addresses(letter("nobody"))


def test_a_reply_address_alone_can_need_smtputf8() -> None:
    assert needs_smtputf8(header_addresses(letter("ann@example.org", reply_to="用户@example.org")))


def test_message_ids_are_unique_and_tell_the_domain_only() -> None:
    ids = {new_message_id("ann@例子.中国") for _ in range(100)}
    assert len(ids) == 100
    assert {one.rpartition("@")[2] for one in ids} == {"xn--fsqu00a.xn--fiqs8s"}
    assert "ann" not in "".join(ids)


@pytest.mark.parametrize("address", ["", "ann", "ann@", "ann@a b", "ann@x>\r\ny: z"])
def test_message_ids_are_sound_without_a_sound_address(address: str) -> None:
    assert new_message_id(address).endswith("@qtmail.invalid")
