"""What the doctor found, as one text to send to those who can help, without secrets and without names."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator, Sequence

from qtmail import __version__
from qtmail.domain.account import Account
from qtmail.domain.diagnosis import Verdict
from qtmail.engine.discretion import Discretion
from qtmail.log import LogLine

LOG_LINES = 100
"""How much of the conversation with the servers goes with it."""


def report_head(toolkit: str = "") -> str:
    """What runs where; `toolkit`: the versions of Qt and PySide6, where there is a window."""
    return "\n".join(
        line
        for line in (
            f"qtmail {__version__}",
            f"Python {platform.python_version()} ({platform.python_implementation()})",
            toolkit,
            platform.platform(),
            time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        )
        if line
    )


def report_text(
    account: Account | None, verdicts: Sequence[Verdict], log: Sequence[LogLine] = (), *, toolkit: str = ""
) -> str:
    """The report of one check.

    Args:
        account: what was checked; None: this computer.
        log: the conversation with its servers, of which the last lines are told.
        toolkit: the versions of Qt and PySide6, where there is a window.
    """
    return f"{report_head(toolkit)}\n\n{report_section(account, verdicts, log)}"


def report_section(account: Account | None, verdicts: Sequence[Verdict], log: Sequence[LogLine] = ()) -> str:
    """The part of a report that is about one account, or with None about this computer."""
    discretion = Discretion(account, log)
    lines = list(_title(account))
    for verdict in verdicts:
        lines += _paragraph(verdict, discretion)
    if log:
        lines += ["", "The last lines of the conversation:"]
        lines += [
            f"{_clock(line.when)} {line.direction} {discretion.line(line)}" for line in log[-LOG_LINES:]
        ]
    return "\n".join(lines) + "\n"


def _title(account: Account | None) -> Iterator[str]:
    if account is None:
        yield "This computer"
        return
    yield f"Account {Discretion(account).text(account.address)}, signs in with: {account.sign_in.method}"
    for kind, server in (("IMAP", account.imap), ("POP3", account.pop3), ("SMTP", account.smtp)):
        if server is not None:
            yield f"{kind} {server}"


def _paragraph(verdict: Verdict, discretion: Discretion) -> Iterator[str]:
    mark = "note" if verdict.remark else "ok" if verdict.ok else "FAILED"
    where = f"{verdict.server} {verdict.layer}".strip()
    yield f"[{mark}] {where} ({verdict.seconds * 1000:,.0f} ms): {discretion.text(verdict.sentence)}"
    if not verdict.ok:
        for more in filter(None, (verdict.advice, verdict.detail)):
            yield f"    {discretion.text(more)}"


def _clock(when: float) -> str:
    return time.strftime("%H:%M:%S", time.gmtime(when))
