"""Content-Type and Content-Disposition, and the file names in them."""

from __future__ import annotations

import pytest

from qtmail.mime.parameters import MAX_PARAMETERS, clean_file_name, file_name, parse_structured


@pytest.mark.parametrize(
    ("value", "main", "parameters"),
    [
        ("text/plain; charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ('TEXT/HTML; Charset="UTF-8"; format=flowed', "text/html", {"charset": "UTF-8", "format": "flowed"}),
        ("text/plain charset=gbk", "text/plain", {"charset": "gbk"}),
        ("text/plain;;; charset = gbk ;", "text/plain", {"charset": "gbk"}),
        ('multipart/mixed; boundary="a;b=c"', "multipart/mixed", {"boundary": "a;b=c"}),
        ('application/pdf; name="a b.pdf" size=3', "application/pdf", {"name": "a b.pdf", "size": "3"}),
        ('application/pdf; name="no end', "application/pdf", {"name": "no end"}),
        ('application/pdf; name="q\\"q\\\\"', "application/pdf", {"name": 'q"q\\'}),
        ('application/pdf; name="say "hi".pdf"; x=1', "application/pdf", {"name": 'say "hi".pdf', "x": "1"}),
        ("application/pdf; name=a b (c).pdf; x=1", "application/pdf", {"name": "a b (c).pdf", "x": "1"}),
        ("text/plain; garbage; charset=x", "text/plain", {"charset": "x"}),
        ("text/plain; charset=a; charset=b", "text/plain", {"charset": "a"}),
        ("application / pdf; name=x", "application/pdf", {"name": "x"}),
        ("text/ charset=x", "text/", {"charset": "x"}),
        ('"text/plain"', "text/plain", {}),
        ("; name=x", "", {"name": "x"}),
        ("name=x", "", {"name": "x"}),
        ("", "", {}),
    ],
)
def test_structure(value: str, main: str, parameters: dict[str, str]) -> None:
    assert parse_structured(value.encode()) == (main, parameters)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ('filename="a.txt"', "a.txt"),
        ("filename*=UTF-8''%E4%BD%A0.txt; filename=\"x.txt\"", "你.txt"),
        ("filename=x.txt; filename*=gb18030''%C4%E3.txt", "你.txt"),
        ("filename*=utf-8'zh'%E4%BD%A0.txt", "你.txt"),
        ("filename*=utf-8'%E4%BD%A0.txt", "你.txt"),
        ("filename*=%E4%BD%A0.txt", "你.txt"),
        ("filename*=UTF-8''\"%E4%BD%A0.txt\"", "你.txt"),
        ("filename*1*=%A0.txt; filename*0*=utf-8''%E4%BD", "你.txt"),
        ("filename*0*=utf-8''%E4%BD%A0; filename*1=\" b\"; filename*2*=%E5%A5%BD.txt", "你 b好.txt"),
        ('filename*0="=?utf-8?B?5L2g"; filename*1="5aW9?=.txt"', "你好.txt"),
        ("filename*10=c; filename*2=b; filename*1=a", "abc"),
        ('filename="=?utf-8?B?5L2g5aW9?= =?utf-8?B?LnR4dA==?="', "你好.txt"),
        ("filename==?utf-8?Q?a=3Bb=2Etxt?=", "a;b.txt"),
        ('filename="%E4%BD%A0.txt"', "你.txt"),
        ('filename="100%25.txt"', "100%25.txt"),
        ('name="only name.txt"', "only name.txt"),
        ('filename=""', ""),
    ],
)
def test_file_names(value: str, name: str) -> None:
    assert file_name(parse_structured("attachment; " + value)[1], {}) == name


def test_content_type_name_is_the_fallback() -> None:
    assert file_name({}, {"name": "a.txt"}) == "a.txt"
    assert file_name({"filename": "b.txt"}, {"name": "a.txt"}) == "b.txt"


@pytest.mark.parametrize("codec", ["utf-8", "gbk", "big5"])
def test_raw_names(codec: str) -> None:
    value = 'attachment; filename="年度報告.doc"'.encode(codec)
    assert file_name(parse_structured(value, codec)[1], {}) == "年度報告.doc"


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.doc", "a.doc"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\r\nb\0.txt", "a b.txt"),
        ("folder/", "folder"),
        ("..", ""),
        (" . ", ""),
        (".bashrc", ".bashrc"),
        ("x" * 5000, "x" * 1000),
    ],
)
def test_names_are_safe(name: str, clean: str) -> None:
    assert clean_file_name(name) == clean


def test_parameters_are_counted() -> None:
    value = "text/plain" + "".join(f"; p{number}=x" for number in range(5000))
    assert len(parse_structured(value)[1]) == MAX_PARAMETERS
