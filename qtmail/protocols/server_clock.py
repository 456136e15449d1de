"""What time it is for a server, as far as its greeting tells.

No mail protocol asks for the time, but many greetings carry it: Sendmail and Exchange write the date into
SMTP's, and a POP3 server that knows APOP a time stamp (RFC 1939 section 7).
"""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

_DATE = re.compile(
    rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? {1,2}\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}"
)
_STAMP = re.compile(rb"<[^<>@\s]*?\.(\d{10})(?:\.[^<>@\s]*)?@[^<>\s]+>")
_EARLIEST, _LATEST = 1_600_000_000, 4_000_000_000
"""A number outside of these is no time, but a process id or a counter."""


def time_in_greeting(greeting: bytes) -> float | None:
    """Seconds since the epoch when the server greeted, by its own clock; None where it did not say."""
    if found := _DATE.search(greeting):
        try:
            when = parsedate_to_datetime(found[0].decode("ascii"))
        except ValueError:
            return None
        return when.astimezone(UTC).timestamp()
    stamp = _STAMP.search(greeting)
    seconds = int(stamp[1]) if stamp else 0
    return float(seconds) if _EARLIEST < seconds < _LATEST else None
