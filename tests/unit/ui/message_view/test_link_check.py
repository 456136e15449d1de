"""Links are judged by where they lead, not by what they say."""

from __future__ import annotations

import pytest

from qtmail.ui.message_view.link_check import Doubt, LinkKind, check_link, readable_host, site_of


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("https://example.com/offer", "See the offer"),
        ("https://example.com/offer", "https://www.example.com/offer"),
        ("https://mail.example.co.uk/", "example.co.uk"),
        ("https://example.com/a/report.pdf", "report.pdf"),
        ("https://example.com/", "someone@other.example"),
        ("https://example.com/", "e.g. this, i.e. that"),
        ("https://例子.中国/", "点这里"),
        ("https://xn--fsqu00a.xn--fiqs8s/", "例子.中国"),
        ("https://bücher.example/", "bücher.example"),
        ("https://почта.рф/", "Почта"),
        ("https://example.com:8443/x", "example.com"),
    ],
)
def test_honest_links_raise_no_doubt(target: str, text: str) -> None:
    check = check_link(target, text)
    assert check.kind is LinkKind.WEB
    assert check.doubts == frozenset()


@pytest.mark.parametrize(
    ("target", "text", "doubt"),
    [
        ("https://evil.example/login", "https://www.bank.com/login", Doubt.OTHER_HOST),
        ("https://bank.com.evil.example/", "bank.com", Doubt.OTHER_HOST),
        ("https://evil.example/", "Go to www.bank.com now", Doubt.OTHER_HOST),
        ("https://evil.co.uk/", "bank.co.uk", Doubt.OTHER_HOST),
        ("http://bank.com@evil.example/", "Sign in", Doubt.USER_INFO),
        ("http://bank.com%2f@evil.example/", "Sign in", Doubt.USER_INFO),
        ("http://203.0.113.9/", "Sign in", Doubt.IP_ADDRESS),
        ("http://3405803785/", "Sign in", Doubt.IP_ADDRESS),
        ("http://0xcb.0x0.0x71.0x9/", "Sign in", Doubt.IP_ADDRESS),
        ("http://[2001:db8::1]/", "Sign in", Doubt.IP_ADDRESS),
        ("https://xn--80ak6aa92e.com/", "Sign in", Doubt.LOOK_ALIKE),
        ("https://pаypal.com/", "Sign in", Doubt.LOOK_ALIKE),
        ("https://example.com/\u202egpj.exe", "picture", Doubt.HIDDEN_CHARACTERS),
        ("https://example.com/", "exam\u200bple.com", Doubt.HIDDEN_CHARACTERS),
    ],
)
def test_deceptions_are_doubted(target: str, text: str, doubt: Doubt) -> None:
    check = check_link(target, text)
    assert check.kind is LinkKind.WEB
    assert doubt in check.doubts
    assert check.suspicious


def test_the_true_host_is_told() -> None:
    check = check_link("http://www.bank.com@evil.example/x", "www.bank.com")
    assert check.host == "evil.example"
    assert check.claimed_host == "www.bank.com"


def test_backslashes_count_as_slashes_like_in_a_browser() -> None:
    check = check_link("https://evil.example\\@bank.com/", "bank.com")
    assert check.host == "evil.example"
    assert Doubt.OTHER_HOST in check.doubts
    assert check.url == "https://evil.example/@bank.com/"


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "ftp://example.com/",
        "smb://server/share",
        "qtmail-message://m1/document",
        "http://",
        "http://[broken/",
        "http://host:port/",
        "relative/path",
        "",
    ],
)
def test_everything_else_is_refused(target: str) -> None:
    assert check_link(target, "text").kind is LinkKind.REFUSED


def test_mail_links_are_for_the_program_itself() -> None:
    assert check_link("mailto:a@example.com?subject=x").kind is LinkKind.MAIL


def test_readable_host_decodes_punycode_and_survives_rubbish() -> None:
    assert readable_host("XN--FSQU00A.xn--fiqs8s") == "例子.中国"
    assert readable_host("xn--\u20ac.com") == "xn--\u20ac.com"
    assert readable_host("xn--99999999.com.") == "xn--99999999.com"


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("example.com", "example.com"),
        ("a.b.example.com", "example.com"),
        ("a.example.com.cn", "example.com.cn"),
        ("www.example.co.uk", "example.co.uk"),
        ("localhost", "localhost"),
    ],
)
def test_site_of(host: str, site: str) -> None:
    assert site_of(host) == site
