"""Host names as strangers write them: in files, and in DNS."""

from __future__ import annotations

import re

_HOST = re.compile(r"(?=.{4,253}\Z)(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+", re.IGNORECASE)
_ADDRESS = re.compile(r".*\.(\d+|0x[\da-f]*)", re.IGNORECASE)
"""What the system takes for an IPv4 address, in whatever way it is written."""


def is_host_name(text: str) -> bool:
    """Whether `text` can be the full name of a host (RFC 1123 section 2.1), its international labels as
    A-labels.

    An IP address is none: no stranger has to send us to one, and least of all to one of this computer, where
    passwords may go in clear text.
    """
    return bool(_HOST.fullmatch(text)) and not _ADDRESS.fullmatch(text)


def within(host: str, domain: str) -> bool:
    """Whether a host lies under a domain; both in lower case."""
    return host == domain or host.endswith(f".{domain}")
