"""Folder names for people, and what a folder is for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.domain.folder import SpecialUse
from qtmail.protocols.imap_names import decode_name, encode_name, is_inbox, use_by_attributes, use_by_name


@pytest.mark.parametrize(
    ("wire_name", "name"),
    [
        (b"INBOX", "INBOX"),
        (b"&XfJT0ZAB-", "已发送"),
        (b"Entw&APw-rfe", "Entwürfe"),
        (b"A &- B", "A & B"),
        (b"&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-", "Отправленные"),
        (b"&2D3eAA-", "\U0001f600"),
        (b"a&b", "a&b"),
        (b"&!!!-", "&!!!-"),
        (b"&AA-", "&AA-"),
        (b"&", "&"),
        (b"100% &", "100% &"),
        ("Café".encode(), "Café"),
        (b"Caf\xe9", "Café"),
        (b"bell\x07", "bell\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_decoding_never_fails(wire_name: bytes, name: str):
    assert decode_name(wire_name, utf8=False) == name


def test_an_ampersand_is_just_that_in_utf8():
    assert decode_name("&APw- 邮件".encode(), utf8=True) == "&APw- 邮件"
    assert encode_name("Tom & 邮件", utf8=True) == "Tom & 邮件".encode()


@given(st.text(alphabet=st.characters(min_codepoint=0x20, exclude_categories=["Cs"])))
def test_names_survive_the_way_through_utf7(name: str):
    assert decode_name(encode_name(name, utf8=False), utf8=False) == name


@given(st.binary())
def test_any_bytes_can_be_shown(wire_name: bytes):
    decode_name(wire_name, utf8=False)
    decode_name(wire_name, utf8=True)


def test_inbox_in_any_case():
    assert is_inbox(b"Inbox")
    assert not is_inbox(b"INBOX.Sent")


@pytest.mark.parametrize(
    ("attributes", "use"),
    [
        ({b"\\HASNOCHILDREN", b"\\TRASH"}, SpecialUse.TRASH),
        ({b"\\SPAM"}, SpecialUse.JUNK),
        ({b"\\ALL"}, SpecialUse.ALL),
        ({b"\\MARKED"}, None),
        (set(), None),
    ],
)
def test_use_by_attributes(attributes: set[bytes], use: SpecialUse | None):
    assert use_by_attributes(frozenset(attributes)) is use


@pytest.mark.parametrize(
    ("path", "use"),
    [
        ("Sent", SpecialUse.SENT),
        ("SENT ITEMS", SpecialUse.SENT),
        ("Sent Messages", SpecialUse.SENT),
        ("已发送", SpecialUse.SENT),
        ("已发送邮件", SpecialUse.SENT),
        ("Gesendet", SpecialUse.SENT),
        ("INBOX/Envoyés", SpecialUse.SENT),
        ("草稿箱", SpecialUse.DRAFTS),
        ("Entwürfe", SpecialUse.DRAFTS),
        ("垃圾邮件", SpecialUse.JUNK),
        ("Junk E-mail", SpecialUse.JUNK),
        ("已删除邮件", SpecialUse.TRASH),
        ("Корзина", SpecialUse.TRASH),
        ("[Gmail]/Trash", SpecialUse.TRASH),
        ("[Gmail]/All Mail", SpecialUse.ALL),
        ("归档", SpecialUse.ARCHIVE),
        ("Projects/Trash", None),
        ("All Mail", None),
        ("Sent to the printer", None),
        ("", None),
    ],
)
def test_use_by_name(path: str, use: SpecialUse | None):
    assert use_by_name(path, "/") is use


def test_use_by_name_in_a_flat_name_space():
    assert use_by_name("Sent", "") is SpecialUse.SENT
    assert use_by_name("INBOX.Sent", "") is None
