"""Every message of the corpus against the values a person wrote down for it.

A JSON file holds some or all of the keys of `inspect`; `html_contains` and `html_lacks` list pieces of
markup.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qtmail.mime.headers import envelope_from_header
from qtmail.mime.inspect import inspect
from qtmail.mime.parser import parse

CORPUS = Path(__file__).parents[2] / "corpus"
MESSAGES = sorted([*CORPUS.glob("*.eml"), *CORPUS.glob("broken/*.eml")])


def expected(path: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return values


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_message_reads_as_a_person_would(path: Path) -> None:
    found = inspect(path.read_bytes())
    wanted = expected(path)
    html = str(found["html"] or "")
    for piece in wanted.pop("html_contains", []):
        assert piece in html
    for piece in wanted.pop("html_lacks", []):
        assert piece not in html
    assert {key: found[key] for key in wanted} == wanted


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_list_and_reader_agree(path: Path) -> None:
    """The envelope the message list shows (the fast way) is the one the reader shows."""
    raw = path.read_bytes()
    header = raw.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n"
    listed, read = envelope_from_header(header), parse(raw).envelope
    assert (listed.subject, listed.from_, listed.to) == (read.subject, read.from_, read.to)


def test_result_is_json() -> None:
    for path in MESSAGES:
        json.dumps(inspect(path.read_bytes()))


def test_corpus_is_complete() -> None:
    assert len(MESSAGES) >= 60
    assert all(path.with_suffix(".json").exists() for path in MESSAGES)
