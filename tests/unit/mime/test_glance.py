"""A glance must see what the reader sees: the same first words, the same paper clip."""

from pathlib import Path

import pytest

from qtmail.demo.samples import load_samples
from qtmail.mime.glance import glance
from qtmail.mime.parser import parse

CORPUS = sorted((Path(__file__).parents[2] / "corpus").rglob("*.eml"))
MESSAGES = [pytest.param(path.read_bytes(), id=path.stem) for path in CORPUS] + [
    pytest.param(sample.message, id=f"sample-{number}") for number, sample in enumerate(load_samples())
]


def letters(text: str) -> str:
    """The first words, without what a rough reading of HTML may set otherwise."""
    return "".join(character for character in text if character.isalnum())[:25]


@pytest.mark.parametrize("raw", MESSAGES)
def test_it_agrees_with_the_reader(raw):
    seen, read = glance(raw), parse(raw)
    assert seen.has_attachment == any(not attachment.inline for attachment in read.attachments)
    shorter = min(len(letters(seen.preview)), len(letters(read.preview)))
    assert letters(seen.preview)[:shorter] == letters(read.preview)[:shorter]
    assert bool(seen.preview) == bool(read.preview)


def test_a_long_text_is_cut_between_characters():
    text = "字" * 20_000
    raw = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode()
    for shift in range(3):
        assert glance(raw.replace(b"\r\n\r\n", b"\r\n\r\n" + b"x" * shift)).preview.endswith("字" * 150)


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n", b"\0", b"Subject: only", b"Content-Type: multipart/mixed\r\n\r\n"]
)
def test_nothing_is_too_odd(raw):
    assert glance(raw).preview == parse(raw).preview
