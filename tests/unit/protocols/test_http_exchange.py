from __future__ import annotations

import pytest

from qtmail.protocols.http_exchange import port_of, web_address


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("https://example.org", "example.org", 443, ""),
        (" http://example.org/a b?c=ü ", "example.org", 80, "/a%20b"),
        ("https://example.org:8443/%2F", "example.org", 8443, "/%2F"),
        ("https://bücher.example/", "xn--bcher-kva.example", 443, "/"),
        ("https://[::1]:1/x", "::1", 1, "/x"),
    ],
)
def test_an_address_is_made_fit_for_a_request(url: str, host: str, port: int, path: str) -> None:
    parts = web_address(url)
    assert (parts.hostname, port_of(parts), parts.path) == (host, port, path)
    assert parts.query in ("", "c=%C3%BC")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "https://",
        "https:///x",
        "https://u:p@example.org/",
        "https://example.org:x/",
        "https://example.org:99999/",
        "https://[x/",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        web_address(url)


def test_a_line_break_cannot_get_into_a_request() -> None:
    parts = web_address("https://example.org/a\r\nX-Evil: 1?b\r\nc")
    assert not set("\r\n ") & set(parts.geturl())
