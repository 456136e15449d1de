"""Charset labels, labels that lie, and unlabelled text."""

from __future__ import annotations

import pytest

from qtmail.mime.charset import decode
from qtmail.mime.charset_guess import guess
from qtmail.mime.charset_labels import codec_for
from qtmail.mime.headers import decode_header


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("gb2312", "gb18030"), ("GBK", "gb18030"), ("x-gbk", "gb18030"), ("cp936", "gb18030"),
        ("ISO-8859-1", "cp1252"), ("latin1", "cp1252"), ("us-ascii", "ascii"), ("UTF8", "utf-8"),
        ("utf-8*en", "utf-8"), ("ks_c_5601-1987", "cp949"), ("Shift_JIS", "cp932"), ("x-sjis", "cp932"),
        ("csISO2022JP", "iso2022_jp"), ("x-euc-jp", "euc_jp"), ("x-x-big5", "cp950"), ("win-1251", "cp1251"),
        ("windows-874", "cp874"), ("iso-8859-8-i", "cp1255"), ("x-mac-cyrillic", "mac-cyrillic"),
        ("ANSI_X3.4-1968", "ascii"), ("cp-850", "cp850"), ("IBM866", "cp866"), ("hz-gb-2312", "hz"),
        ("csISOLatin2", "iso8859-2"), ("ISO_8859-1:1987", "cp1252"), ("cswindows1251", "cp1251"),
        ("3Diso-8859-1", "cp1252"), ("utf-8, us-ascii", "utf-8"), ("x-mac-greek", "mac-greek"),
        ("rot13", None), ("idna", None), ("base64", None), ("x-unknown", None), ("", None),
    ],
)  # fmt: skip
def test_labels(label: str, codec: str | None) -> None:
    assert codec_for(label) == codec


SHORT = {
    "gbk": ["会议通知", "你好", "发票", "测试", "请查收附件", "通知", "王小明", "订单已发货"],
    "big5": ["會議通知", "你好", "發票", "請查收附件", "密碼重設", "陳小明"],
    "cp932": ["こんにちは", "テスト", "会議のお知らせ", "ご注文ありがとうございます", "山田太郎"],
    "euc_jp": ["こんにちは", "テスト", "会議のお知らせ", "ご注文ありがとうございます"],
    "cp949": ["안녕하세요", "테스트", "회의 안내", "김철수", "견적서"],
    "cp1251": ["Привет", "Тест", "Приглашение на встречу", "Иван Петров", "Re: Договор", "отчёт"],
    "koi8-r": ["Привет", "Тест", "Приглашение на встречу", "Иван Петров", "Re: Договор", "отчёт"],
    "cp1252": ["Café", "Müller", "Größe", "Åse Ødegård", "naïve", "señor Peña", "50€", "À bientôt", "é"],
    "cp1250": ["Zażółć gęślą", "Łódź", "Příliš žluťoučký", "Dzień dobry"],
    "cp1254": ["şifre değişikliği", "Türkçe"],
    "cp1253": ["Καλημέρα", "Ελληνικά"],
    "cp1255": ["שלום עולם", "בדיקה"],
    "cp1256": ["مرحبا", "اختبار الرسالة"],
    "cp874": ["ทดสอบระบบ"],
    "utf-8": ["Café", "通知", "Привет", "£5"],
}


@pytest.mark.parametrize(("codec", "text"), [(codec, text) for codec in SHORT for text in SHORT[codec]])
def test_short_unlabelled_header(codec: str, text: str) -> None:
    assert decode_header(text.encode(codec)) == text


def test_hint_decides_where_statistics_cannot() -> None:
    data = "請求書".encode("euc_jp")
    assert guess(data, "euc-jp") == "euc_jp"


@pytest.mark.parametrize(
    ("text", "codec", "label", "problem"),
    [
        (
            "各位同事，请准时参加。",
            "gbk",
            "utf-8",
            "The text is labelled as UTF-8 but seems to be in GB18030.",
        ),
        ("各位同事，请准时参加。", "utf-8", "gbk", "The text is labelled as gbk but is in UTF-8."),
        ("Grüße – schöne", "utf-8", "iso-8859-1", "The text is labelled as iso-8859-1 but is in UTF-8."),
        (
            "尊敬的客户，您好",
            "gbk",
            "iso-8859-1",
            "The text is labelled as iso-8859-1 but seems to be in GB18030.",
        ),
        ("您好，請查收附件謝謝", "big5", "gb2312", ""),
        ("Ünïcödé", "cp1252", "us-ascii", "ASCII"),
        ("Hello, world", "ascii", "utf-16", "The text is labelled as UTF-16 but is not."),
        ("Привет, мир", "koi8-r", "x-no-such", "The charset “x-no-such” is unknown; it was guessed."),
        ("Grüße", "cp1252", "iso-8859-1", ""),
        ("plain", "ascii", "x-no-such", ""),
    ],
)
def test_lying_labels(text: str, codec: str, label: str, problem: str) -> None:
    problems: list[str] = []
    if codec == "big5":  # both readings are valid: the label is believed
        assert decode(text.encode(codec), label, problems)
        return
    assert decode(text.encode(codec), label, problems) == text
    assert problem in " ".join(problems)


@pytest.mark.parametrize(
    ("data", "label", "text"),
    [
        ("\ufeffHi 你".encode("utf-16"), "utf-16", "\ufeffHi 你"),
        ("Hi 你".encode("utf-16-le"), "utf-16", "Hi 你"),
        ("Hi 你".encode("utf-16-be"), "utf-16", "Hi 你"),
        ("Hi 你".encode("utf-16-le"), "utf-16be", "Hi 你"),
        (b"\xef\xbb\xbfHi", "gbk", "Hi"),
        (b"caf\xe9 \x81", "iso-8859-1", "café \x81"),
        ("日本語".encode("iso2022_jp"), None, "日本語"),
        ("안녕".encode("iso2022_kr"), "iso-2022-kr", "안녕"),
        ("你好啊朋友们".encode()[:-1], "utf-8", "你好啊朋友\ufffd"),
        (b"", "utf-8", ""),
    ],
)
def test_decoding(data: bytes, label: str | None, text: str) -> None:
    assert decode(data, label).removeprefix("\ufeff") == text.removeprefix("\ufeff")
