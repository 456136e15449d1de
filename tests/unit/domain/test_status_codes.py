"""Status codes in plain words."""

from __future__ import annotations

import pytest

from qtmail.domain.status_codes import status_words


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("5.1.1", "There is no such mailbox at the recipient's server."),
        ("4.2.2", "The recipient's mailbox is full."),
        ("5.2.2", "The recipient's mailbox is full."),
        ("5.3.4", "The message is too big for the mail server."),
        ("5.7.8", "The user name or password is not right."),
        ("5.7.26", "The message failed several checks of where it comes from."),
        ("5.1.10", "That domain takes no mail at all."),
        ("5.01.001", "There is no such mailbox at the recipient's server."),
        ("2.1.5", "The server took it."),
    ],
)
def test_registered_codes_need_no_words_of_the_server(code: str, words: str):
    assert status_words(code, "Requested action not taken") == words


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("5.7.1", "The server does not allow this message."),
        ("5.7.0", "The server refuses this for reasons of security."),
        ("5.7.509", "The server refuses this for reasons of security."),
        ("4.4.99", "Something is wrong with the network or the way to the recipient."),
        ("5.0.0", "The server refuses this."),
        ("4.9.9", "The server refuses this for now."),
        ("550", "The mailbox does not exist or does not take this message."),
        ("421", "The server refuses this for now."),
        ("599", "The server refuses this."),
        ("250", "The server took it."),
        ("", "The server refuses this."),
        ("nonsense", "The server refuses this."),
        ("9.9.9", "The server refuses this."),
    ],
)
def test_codes_that_say_little_are_followed_by_what_the_server_says(code: str, sentence: str):
    assert status_words(code) == sentence
    quoted = status_words(code, "Relay\n   access denied")
    assert quoted == f"{sentence} It said: “Relay access denied”"


def test_a_long_speech_is_cut():
    assert len(status_words("5.7.1", "x" * 10_000)) < 400
