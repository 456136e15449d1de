"""What is written into columns is read back as it was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qtmail.domain.message import PartStructure
from qtmail.store.values import (
    decode_keywords,
    decode_structure,
    encodable,
    encode_keywords,
    encode_structure,
)

text = st.text(max_size=20)
parameters = st.lists(st.tuples(text, text), max_size=2).map(tuple)
structures = st.recursive(
    st.builds(
        PartStructure, text, text, parameters, text, st.integers(0, 2**40), text, parameters, text, text
    ),
    lambda children: st.builds(
        PartStructure, text, text, parameters, children=st.lists(children, max_size=3).map(tuple)
    ),
    max_leaves=8,
)


@given(structures)
def test_structures(structure: PartStructure) -> None:
    assert decode_structure(encode_structure(structure)) == structure


@given(st.frozensets(st.from_regex(r"[!-~]+", fullmatch=True), max_size=4))
def test_keywords(keywords: frozenset[str]) -> None:
    assert decode_keywords(encode_keywords(keywords)) == keywords


@given(st.text(st.characters()))
def test_text_is_only_changed_where_it_cannot_be_stored(value: str) -> None:
    stored = encodable(value)
    stored.encode("utf-8")
    assert len(stored) == len(value)
    assert all(a == b or 0xD800 <= ord(b) <= 0xDFFF for a, b in zip(stored, value, strict=True))
