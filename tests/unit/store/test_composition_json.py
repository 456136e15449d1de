from __future__ import annotations

import dataclasses
import json

import pytest

from qtmail.domain.composition import Composition
from qtmail.store.composition_json import decode_composition, encode_composition
from qtmail.store.failures import DamagedValue
from tests.unit.store.compositions import FULL


def test_the_example_says_something_in_every_field() -> None:
    empty = Composition(rich=False)
    for field in dataclasses.fields(Composition):
        assert getattr(FULL, field.name) != getattr(empty, field.name), field.name


def test_everything_comes_back() -> None:
    assert decode_composition(encode_composition(FULL)) == FULL
    assert decode_composition(encode_composition(Composition())) == Composition()


def test_fields_that_an_older_version_did_not_write_have_their_defaults() -> None:
    assert decode_composition('{"subject":"x"}') == Composition(subject="x")


def test_fields_of_a_newer_version_are_ignored() -> None:
    fields = json.loads(encode_composition(FULL)) | {"mood": "sunny"}
    assert decode_composition(json.dumps(fields)) == FULL


def test_lone_surrogates_do_not_cost_the_draft() -> None:
    assert decode_composition(encode_composition(Composition(body="a\ud800b"))).body == "a?b"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"to":[1]}', '{"quote":[]}', '{"attachments":[{}]}'])
def test_what_is_no_composition_means_that_the_file_is_damaged(text: str) -> None:
    with pytest.raises(DamagedValue):
        decode_composition(text)
