"""One prefix, whatever was in front."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.mime.subjects import forward_subject, reply_subject

REPLY_PREFIXES = [
    *("Re: ", "RE:", "re : ", "Re[2]: ", "RE(3): ", "Aw: ", "AW: AW: ", "Antw: ", "SV: ", "VS: "),
    *("回复：", "回复: ", "答复：", "回覆：", "RE：", "Re：回复：", "Odp: ", "Ynt: ", "Rép : ", "Ответ: "),
]
FORWARD_PREFIXES = ["Fwd: ", "FW: ", "Fw:", "WG: ", "TR: ", "RV: ", "转发：", "转发: ", "轉寄: ", "Fwd: FW: "]


@pytest.mark.parametrize("prefix", REPLY_PREFIXES)
def test_answers_begin_with_one_re(prefix: str) -> None:
    assert reply_subject(f"{prefix}Lunch") == "Re: Lunch"


@pytest.mark.parametrize("prefix", FORWARD_PREFIXES)
def test_forwards_begin_with_one_fwd(prefix: str) -> None:
    assert forward_subject(f"{prefix}Lunch") == "Fwd: Lunch"


@pytest.mark.parametrize(
    ("subject", "answer", "forward"),
    [
        ("", "Re:", "Fwd:"),
        ("Lunch", "Re: Lunch", "Fwd: Lunch"),
        ("Fwd: Lunch", "Re: Fwd: Lunch", "Fwd: Lunch"),
        ("Re: Lunch", "Re: Lunch", "Fwd: Re: Lunch"),
        ("Re: Fwd: Re: Lunch", "Re: Fwd: Re: Lunch", "Fwd: Re: Fwd: Re: Lunch"),
        ("[list] Lunch", "Re: [list] Lunch", "Fwd: [list] Lunch"),
        ("[list] Re: Lunch", "Re: [list] Lunch", "Fwd: [list] Re: Lunch"),
        ("Re: [list] AW: [list] Lunch", "Re: [list] Lunch", "Fwd: Re: [list] AW: [list] Lunch"),
        ("Regarding: x", "Re: Regarding: x", "Fwd: Regarding: x"),
        ("Read this: x", "Re: Read this: x", "Fwd: Read this: x"),
        ("转发：回复：午餐", "Re: 转发：回复：午餐", "Fwd: 回复：午餐"),
        ("re", "Re: re", "Fwd: re"),
        ("Re: " * 50_000 + "x", "Re: x", "Fwd: " + "Re: " * 50_000 + "x"),
        ("[2024] report", "Re: [2024] report", "Fwd: [2024] report"),
    ],
)
def test_the_rest_of_the_subject_stays(subject: str, answer: str, forward: str) -> None:
    assert reply_subject(subject) == answer
    assert forward_subject(subject) == forward


@given(st.lists(st.sampled_from(REPLY_PREFIXES), max_size=5), st.text())
def test_prefixes_never_add_up(prefixes: list[str], subject: str) -> None:
    answered = reply_subject("".join(prefixes) + subject)
    assert reply_subject(answered) == answered
    assert answered.startswith("Re:")
    assert answered == reply_subject(subject)
