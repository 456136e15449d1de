from __future__ import annotations

from qtmail.ui.message_list.tag_chips import chips_of


def test_words_of_people_are_tags_and_marks_of_programs_are_not():
    keywords = {"Travel", "旅行", "$Forwarded", "$label2", "NonJunk", "$MDNSent"}
    assert chips_of(keywords) == ["Travel", "Work", "旅行"]
