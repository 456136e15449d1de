"""How commands print: JSON or a table on standard output, people's text on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence

from qtmail.errors import PasswordNeeded, QtmailError

WITHOUT_STORE = (
    "“qtmail vault create” makes a file for passwords; “qtmail account password ACCOUNT” then puts it there."
)


def say(text: str) -> None:
    """A sentence for the person at the terminal."""
    print(text, file=sys.stderr)


def told(error: QtmailError) -> str:
    """What went wrong, and what can be done about it on the command line."""
    if isinstance(error, PasswordNeeded):
        way = "Keep it with “qtmail account password ACCOUNT”, or give it with --password-stdin."
        return f"{error.sentence} {way}"
    return str(error)


def print_json(value: object) -> None:
    """One JSON object on one line."""
    print(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def print_rows(rows: Iterable[Mapping[str, object]], columns: Sequence[str], *, as_json: bool) -> None:
    """Rows as JSON lines, or as a table with the columns named."""
    if as_json:
        for row in rows:
            print_json(row)
        return
    texts = [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(map(len, cells)) for cells in zip(columns, *texts, strict=True)] if texts else []
    for text in texts:
        print("  ".join(cell.ljust(width) for cell, width in zip(text, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    if value is None:
        return ""
    return str(value).replace("\n", " ")
