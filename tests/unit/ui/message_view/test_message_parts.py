"""Parts are asked for once and handed to everybody who waits."""

from __future__ import annotations

from qtmail.domain.message import Envelope
from qtmail.mime.message import Attachment, ParsedMessage, Part
from qtmail.ui.message_view.message_parts import MessageParts
from qtmail.ui.message_view.message_resources import DOCUMENT_PATH, MessageResources
from tests.fakes.reading import PIXEL, NotingFetcher


def partial_message() -> ParsedMessage:
    picture = Attachment("2", "a.gif", "image/gif", 42, "logo", True, None)
    text = Part("1", "text/plain", {}, content=b"text")
    root = Part("", "multipart/mixed", {}, children=(text, Part("2", "image/gif", {}, size=42)))
    return ParsedMessage(Envelope(), (), root, "text", None, (picture,), (), (), "", True, None)


def test_a_missing_part_is_wanted_once() -> None:
    parts = MessageParts(partial_message())
    wanted: list[str] = []
    got: list[bytes | None] = []
    parts.wanted.connect(wanted.append)
    parts.request("2", got.append)
    parts.request("2", got.append)
    assert (wanted, got) == (["2"], [])
    parts.supply("2", PIXEL)
    assert got == [PIXEL, PIXEL]
    parts.request("2", got.append)
    assert (wanted, len(got)) == (["2"], 3)


def test_a_failed_part_may_be_asked_for_again() -> None:
    parts = MessageParts(partial_message())
    wanted: list[str] = []
    got: list[bytes | None] = []
    parts.wanted.connect(wanted.append)
    parts.request("2", got.append)
    parts.fail("2")
    parts.request("2", got.append)
    assert (wanted, got) == (["2", "2"], [None])


def test_parts_that_are_here_or_unknown_are_answered_at_once() -> None:
    parts = MessageParts(partial_message())
    got: list[bytes | None] = []
    parts.request("1", got.append)
    parts.request("9", got.append)
    assert got == [b"text", None]


def path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def test_resources_serve_parts_and_allowed_pictures() -> None:
    fetcher = NotingFetcher()
    parts = MessageParts(partial_message())
    resources = MessageResources(parts, fetcher)
    answers: list[tuple[bytes | None, str]] = []
    resources.request(path(resources.part_url("2")), lambda *answer: answers.append(answer))
    parts.supply("2", PIXEL)
    remote = resources.remote_url("https://example.com/a.gif")
    assert resources.remote_url("https://example.com/a.gif") == remote
    resources.request(path(remote), lambda *answer: answers.append(answer))
    assert answers == [(PIXEL, "image/gif"), (PIXEL, "image/gif")]
    assert fetcher.urls == ["https://example.com/a.gif"]


def test_resources_have_nothing_else() -> None:
    fetcher = NotingFetcher()
    resources = MessageResources(MessageParts(partial_message()), fetcher)
    answers: list[bytes | None] = []
    for wrong in (
        "/remote/0",
        "/remote/-1",
        "/remote/https://example.com/",
        "/part/9",
        "/other",
        DOCUMENT_PATH,
    ):
        resources.request(wrong, lambda content, _type: answers.append(content))
    assert answers == [None] * 6
    assert fetcher.urls == []


def test_every_display_has_an_address_of_its_own() -> None:
    parts = MessageParts(partial_message())
    assert MessageResources(parts).token != MessageResources(parts).token
