"""Sanitising, display and the style cleaner: what may stay and what must not."""

from __future__ import annotations

import re

import pytest

from qtmail.mime.css import clean_declarations, clean_stylesheet
from qtmail.mime.html import display_html, sanitise, sanitise_message
from qtmail.mime.parser import parse

HEADER = b"From: a@example.org\r\nMIME-Version: 1.0\r\n"
HARMFUL = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java\nscript:alert(1)">x</a>',
    '<a href="data:text/html,x">x</a>',
    '<img src="data:image/svg+xml,x">',
    '<img src="file:///etc/passwd">',
    '<img src="\\\\server\\share\\x.png">',
    '<iframe src="http://evil.example/"></iframe>',
    '<object data="http://evil.example/"></object>',
    '<form action="http://evil.example/"><input type=image src="http://evil.example/"></form>',
    '<link rel=preconnect href="http://evil.example/">',
    '<meta http-equiv=refresh content="0;url=http://evil.example/">',
    '<base href="http://evil.example/">',
    '<svg><image href="http://evil.example/"/></svg>',
    '<style>@import "http://evil.example/";</style>',
    "<style>@font-face{font-family:x;src:url(http://evil.example/)}</style>",
    '<style>p{background:image-set("http://evil.example/" 1x)}</style>',
    "<style>p{background:u\\72l(http://evil.example/)}</style>",
    '<style>a[x="url(http://evil.example/)"]{color:red}</style>',
    '<p style="background:\\75rl(http://evil.example/)">x</p>',
    '<p style="width:expression(alert(1))">x</p>',
    '<p style="behavior:url(http://evil.example/)">x</p>',
    "<p style=\"filter:progid:x.AlphaImageLoader(src='http://evil.example/')\">x</p>",
    '<p style="--x:url(http://evil.example/);background:var(--x)">x</p>',
    '<p style="position:fixed">x</p>',
    '<p style="position:/**/STICKY">x</p>',
    '<a ping="http://evil.example/" href="https://ok.example/">x</a>',
    '<q cite="http://evil.example/">x</q>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
]
REMOTE = [
    '<img src="http://t.example/1">',
    '<img src="//t.example/2">',
    '<img srcset="http://t.example/3 1x">',
    '<picture><source srcset="http://t.example/4"></picture>',
    '<table background="http://t.example/5"><tr><td>x</td></tr></table>',
    '<body background="http://t.example/6">x</body>',
    "<style>p{background:url(http://t.example/7)}</style>",
    "<style>@media screen{p{background:url('http://t.example/8')}}</style>",
    '<p style="background: URL( &quot;http://t.example/9&quot; )">x</p>',
    '<p style="b:u/**/rl(http://t.example/10)">x</p>',
    '<p style="list-style-image:url(http://t.example/11)">x</p>',
    '<video poster="http://t.example/12"></video>',
]


def html_message(html: str) -> bytes:
    return HEADER + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html.encode()


def shown(html: str, **options: object) -> str:
    allow = options.get("allow")
    return display_html(
        parse(html_message(html)),
        part_url=lambda section: f"mail:/part/{section}",
        allow_remote=allow if callable(allow) else None,
        dark=bool(options.get("dark")),
    )


@pytest.mark.parametrize("html", HARMFUL)
def test_harmful_markup_is_gone(html: str) -> None:
    clean = sanitise(html)
    assert "evil.example" not in clean
    for sign in ("script", "onerror", "fixed", "sticky", "data:", "file:", "server", "expression", "<input"):
        assert sign not in clean.lower()


@pytest.mark.parametrize("html", REMOTE)
def test_remote_content_is_listed_and_not_displayed(html: str) -> None:
    message = parse(html_message(html))
    assert len(message.remote_urls) == 1
    assert "t.example" in message.remote_urls[0]
    assert "t.example" not in shown(html)


def test_allowed_remote_content_is_mapped() -> None:
    html = '<img src="http://t.example/a"><p style="background:url(http://t.example/b)">x</p>'
    document = shown(html, allow=lambda url: "mail:/remote/" + url[-1])
    assert 'src="mail:/remote/a"' in document
    assert "mail:/remote/b" in document
    assert "t.example" not in document


def test_newsletter_looks_survive() -> None:
    html = (
        "<style>.card{padding:8px} @media (max-width:600px){.card{width:100%!important}}</style>"
        '<body bgcolor="#eeeeee"><table width="600" cellpadding="0" border="0"><tr>'
        '<td bgcolor="#fff" align="center" style="font-family:\'Segoe UI\',sans-serif;color:#333">'
        '<font face="Arial" size="2" color="#ff0000">Hi</font></td></tr></table></body>'
    )
    clean = sanitise(html)
    for piece in (
        ".card{padding:8px}", "@media (max-width:600px){.card{width:100%!important}", 'bgcolor="#eeeeee"',
        'width="600"', 'align="center"', "font-family:'Segoe UI',sans-serif", '<font face="Arial" size="2"',
    ):  # fmt: skip
        assert piece in clean


def test_sanitising_twice_changes_nothing() -> None:
    for html in (*HARMFUL, *REMOTE):
        once = sanitise(html)
        assert sanitise(once) == once


def test_inline_images_are_served_as_parts() -> None:
    raw = (
        HEADER + b"Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
        b'<img src="cid:a@b"><img src="cid:missing"><img src="pic/x.gif">\r\n'
        b"--b\r\nContent-Type: image/png\r\nContent-ID: <a@b>\r\n\r\nP\r\n"
        b"--b\r\nContent-Type: image/gif\r\nContent-Location: pic/x.gif\r\n\r\nG\r\n--b--\r\n"
    )
    document = display_html(parse(raw), part_url=lambda s: f"mail:/{s}", allow_remote=None, dark=False)
    assert re.findall(r'<img src="([^"]*)"', document) == ["mail:/2", "mail:/3"]


def test_document_is_sealed_by_its_policy() -> None:
    document = shown("<p>x</p>")
    assert document.startswith("<!DOCTYPE html>")
    policy = "default-src 'none'; img-src mail: data:; media-src mail:; style-src 'unsafe-inline'"
    assert policy in document.replace("&#x27;", "'")


def test_messages_with_own_colours_stay_on_white_paper_in_the_dark() -> None:
    assert "color-scheme: dark" in shown("<p>plain</p>", dark=True)
    assert "color-scheme: light" in shown('<p style="color:#333">designed</p>', dark=True)


def test_plain_text_is_displayed_with_quotes() -> None:
    raw = HEADER + b"\r\n> old <b>\r\nnew\r\n"
    document = display_html(parse(raw), part_url=lambda s: f"mail:/{s}", allow_remote=None, dark=True)
    assert '<blockquote class="level-1">' in document
    assert "old &lt;b&gt;" in document


def test_remote_addresses_are_listed_once_in_order() -> None:
    result = sanitise_message('<img src="http://b/"><img src="http://a/"><img src="http://b/">')
    assert result.remote == ["http://b/", "http://a/"]


def test_absurd_nesting_becomes_text() -> None:
    assert "deep" in sanitise("<div>" * 5000 + "deep")


@pytest.mark.parametrize(
    ("css", "clean"),
    [
        ("color:red;font-size:12px", "color:red;font-size:12px"),
        ("background:url(cid:a)", 'background:url("cid:a")'),
        ("color:red;position:fixed;top:0", "color:red;top:0"),
        ('content:"a;b";color:expression(x)', 'content:"a;b"'),
        ("color:red;background:url(x", "color:red"),
        ('content:"', ""),
    ],
)
def test_declarations(css: str, clean: str) -> None:
    assert clean_declarations(css, lambda address: address) == clean


def test_style_sheet_keeps_what_it_understands() -> None:
    css = '<!-- p{color:red} @charset "x"; @supports (x){b{c:d}} td[class="a b"]{width:1px} a{b:c}}i{j:k} -->'
    assert clean_stylesheet(css, lambda address: address).split("\n") == [
        "p{color:red}", 'td[class="a b"]{width:1px}', "a{b:c}", "i{j:k}", "",
    ]  # fmt: skip
