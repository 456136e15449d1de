"""What can be a host, and what lies under a domain."""

from __future__ import annotations

import pytest

from qtmail.protocols.host_names import is_host_name, within


@pytest.mark.parametrize("text", ["a.de", "IMAP.Example.org", "xn--bcher-kva.example", "mx-1.example.net"])
def test_names_of_hosts(text: str):
    assert is_host_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost",
        ".example.org",
        "a..b",
        "example.org.",
        "-a.example.org",
        "a b.org",
        "a/b.org",
        "a_b.example.org",
        "bücher.de",
        "a.org\n",
        "x" * 64 + ".org",
        ".".join(["abcdefgh"] * 40),
    ],
)
def test_what_cannot_be_one(text: str):
    assert not is_host_name(text)


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("example.org", True),
        ("a.b.example.org", True),
        ("badexample.org", False),
        ("example.org.evil.net", False),
    ],
)
def test_within_a_domain(host: str, inside: bool):
    assert within(host, "example.org") is inside
