"""What the page of one displayed message may load: its own parts, and remote pictures the user allowed.

The page never reaches the network. What it asks for arrives here as a path under `qtmail-message://TOKEN/`,
is found among the message's parts or fetched by the program as a remote picture, and is answered once,
whenever it has come. Each display has a token of its own, so that nothing of an earlier message (answers
still under way, Chromium's memory cache) can appear in a later one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from urllib.parse import quote, unquote

from qtmail.ui.message_view.message_parts import MessageParts
from qtmail.ui.message_view.remote_content import RemoteFetcher

SCHEME = "qtmail-message"
DOCUMENT_PATH = "/document"

Answer = Callable[[bytes | None, str], None]
"""Called once with the content and its MIME type, or with None and "" where there is nothing to show."""

_PART = "/part/"
_REMOTE = "/remote/"
_tokens = itertools.count(1)


class MessageResources:
    """The parts and the allowed remote pictures of one display of one message.

    Attributes:
        token: the host in every address of this display.
        document_url: where the message's document is.
    """

    def __init__(self, parts: MessageParts, fetcher: RemoteFetcher | None = None) -> None:
        self.token = f"m{next(_tokens)}"
        self.document_url = f"{SCHEME}://{self.token}{DOCUMENT_PATH}"
        self._parts = parts
        self._fetcher = fetcher
        self._remote: dict[str, int] = {}

    def part_url(self, section: str) -> str:
        """The address under which the page finds the part `section`."""
        return f"{SCHEME}://{self.token}{_PART}{quote(section, safe='')}"

    def remote_url(self, url: str) -> str:
        """The address under which the page finds the remote picture `url`, which the user allowed."""
        number = self._remote.setdefault(url, len(self._remote))
        return f"{SCHEME}://{self.token}{_REMOTE}{number}"

    def request(self, path: str, answer: Answer) -> None:
        """Answer with what lies at the `path` of an address made here: at once, or when it has come."""
        if path.startswith(_PART):
            self._request_part(unquote(path.removeprefix(_PART)), answer)
        elif path.startswith(_REMOTE):
            self._request_remote(path.removeprefix(_REMOTE), answer)
        else:
            answer(None, "")

    def _request_part(self, section: str, answer: Answer) -> None:
        content_type = self._parts.content_type(section)
        self._parts.request(section, lambda content: answer(content, content_type))

    def _request_remote(self, number: str, answer: Answer) -> None:
        url = next((url for url, known in self._remote.items() if str(known) == number), None)
        if url is None or self._fetcher is None:
            answer(None, "")
        else:
            self._fetcher.fetch(url, answer)
