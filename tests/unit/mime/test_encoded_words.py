"""RFC 2047 as it is met in the wild."""

from __future__ import annotations

import base64

import pytest

from qtmail.mime.headers import decode_header


def word(text: str, codec: str, label: str | None = None) -> str:
    return f"=?{label or codec}?B?{base64.b64encode(text.encode(codec)).decode()}?="


HELLO = base64.b64encode("你好，世界".encode()).decode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (f"=?utf-8?B?{HELLO}?=", "你好，世界"),
        (f"=?UTF-8?b?{HELLO}?=", "你好，世界"),
        (f"=?utf8?B?{HELLO}?=", "你好，世界"),
        (f"=?utf-8*zh-CN?B?{HELLO}?=", "你好，世界"),
        (f"=? utf-8 ?B?{HELLO}?=", "你好，世界"),
        (f"=??B?{HELLO}?=", "你好，世界"),
        (f"=?x-foo?B?{HELLO}?=", "你好，世界"),
        (f"=?windows-1251?B?{HELLO}?=", "你好，世界"),
        ("=?utf-8?Q?=E4=BD?= =?UTF-8?q?=A0=E5=A5=BD?=", "你好"),
        ("=?utf-8?B?5L2g?==?utf-8?B?5aW9?=", "你好"),
        ("=?utf-8?B?5L2g?=\t=?utf-8?B?5aW9?=", "你好"),
        ("=?utf-8?B?5L2g?= 和 =?utf-8?B?5aW9?=", "你 和 好"),
        (f"=?utf-8?B?{HELLO[:7]}?= =?utf-8?B?{HELLO[7:]}?=", "你好，世界"),
        (f"=?utf-8?B?{HELLO[:8]}\r\n {HELLO[8:]}?=", "你好，世界"),
        ("=?utf-8?Q?=E4=BD\r\n =A0=E5=A5=BD?=", "你好"),
        ("=?utf-8?B?5L2g5aW9YQ?=", "你好a"),
        ("=?utf-8?B?5L2g!5aW9?=", "你好"),
        ("=?iso-8859-1?Q?Caf=E9 du monde?= x", "Café du monde x"),
        ("=?utf-8?Q?a_b=20c?=", "a b c"),
        ("=?utf-8?Q?=E5=A5=BD??=", "好?"),
        ("=?utf-8?Q?what?=E4=BD=A0?=", "what?你"),
        ("=?utf-8?q?abc=?=", "abc="),
        ("Re:=?utf-8?B?5L2g?=(2)", "Re:你(2)"),
        ('"=?utf-8?B?5L2g?="', '"你"'),
        ("=?utf-8?Q?a?= =?iso-8859-1?Q?=E9?=", "aé"),
        ("=?iso-8859-1?Q?=93x=94_=80?=", "“x” €"),
        ("=?utf-8?Q?=3D=3Futf-8=3FB=3F5L2g=3F=3D?=", "=?utf-8?B?5L2g?="),
        ("1 =? 2 ?= 3", "1 =? 2 ?= 3"),
        ("=?utf-8?B?5L2g", "=?utf-8?B?5L2g"),
        ("=?unicode-1-1-utf-7?Q?Hi_+T2BZfQ-?=", "Hi 你好"),
        ("=?cp-850?Q?=82t=82?=", "été"),
        (word("囍㎡镕", "gb18030", "gb2312"), "囍㎡镕"),
        (word("会议通知", "gbk", "us-ascii"), "会议通知"),
        (word("关于会议的通知", "gbk", "utf-8"), "关于会议的通知"),
        (word("你好", "gbk", "x-gbk"), "你好"),
        (word("你好", "hz", "hz-gb-2312"), "你好"),
        (word("똠방각하", "cp949", "ks_c_5601-1987"), "똠방각하"),
        (word("①㈱髙島屋", "cp932", "shift_jis"), "①㈱髙島屋"),
        (word("許功蓋", "big5"), "許功蓋"),
        (word("你好", "utf-16-le", "utf-16"), "你好"),
        (word("Привет №5", "cp1251", "windows-1251"), "Привет №5"),
    ],
)
def test_decoding(value: str, text: str) -> None:
    assert decode_header(value.encode()) == text


def test_iso_2022_jp_state_runs_across_words() -> None:
    data = "日本語の長い件名".encode("iso2022_jp")
    first, second = (base64.b64encode(piece).decode() for piece in (data[:9], data[9:]))
    value = f"=?iso-2022-jp?B?{first}?=\r\n =?iso-2022-jp?B?{second}?="
    assert decode_header(value.encode()) == "日本語の長い件名"


def test_iso_2022_jp_with_nec_characters_and_half_width_kana() -> None:
    data = b"\x1b$B-!-j\x1b(I6E\x1b(B!"
    assert decode_header(b"=?ISO-2022-JP?B?" + base64.b64encode(data) + b"?=") == "①㈱ｶﾅ!"


def test_raw_text_beside_words_of_another_charset() -> None:
    value = "测试邮件".encode("gbk") + b" =?utf-8?B?" + HELLO.encode() + b"?= end"
    assert decode_header(value) == "测试邮件 你好，世界 end"


def test_unknown_charset_is_reported() -> None:
    problems: list[str] = []
    decode_header(b"=?x-foo?B?5L2g?=", problems=problems)
    assert problems == ["The charset “x-foo” is unknown; it was guessed."]


def test_control_characters_and_line_ends_never_reach_a_line() -> None:
    assert decode_header(b"=?utf-8?Q?a=0D=0ABcc:=20x=00?=\r\n\tb") == "a Bcc: x b"


@pytest.mark.parametrize("label", ["utf-8", "GB2312", "iso-8859-1", "utf-16", "us-ascii", "x-foo"])
@pytest.mark.parametrize(
    "data",
    [
        *("你好".encode(), "你好".encode("gbk"), b"\xef\xbb\xbfa", b"plain", b"\xff\xfea\0", b"\xe4\xbd"),
        *(b"\x1b$B$3\x1b(B", b"caf\xe9"),
    ],
)
def test_a_word_alone_reads_as_it_does_beside_others(label: str, data: bytes) -> None:
    """The quick way for a text that is one word in clean base64 agrees with the general one."""
    alone = f"=?{label}?B?{base64.b64encode(data).decode()}?="
    assert decode_header(f"{alone} .".encode()) == decode_header(alone.encode()) + " ."
