"""Sign-ins of more than one step, for transcripts of all protocols."""

from __future__ import annotations

from base64 import b64decode, b64encode

from tests.fakes.imap_server import Answer, Step, transcript
from tests.fakes.scram_server import ScramServer


def base64(text: str | bytes) -> str:
    """As it stands on a line."""
    return b64encode(text.encode() if isinstance(text, str) else text).decode()


def scram(server: ScramServer, command: str, *, asks: str, end: str) -> list[Step]:
    """A whole SCRAM exchange.

    Args:
        command: what the client says before its first message ("q1 AUTHENTICATE SCRAM-SHA-256 "), or "".
        asks: what a challenge begins with ("+", "334").
        end: what follows it, as a transcript.
    """

    def first(said: str) -> str:
        assert said.startswith(command), said
        return f"{asks} {base64(server.first(b64decode(said.removeprefix(command))))}"

    def final(said: str) -> str:
        return f"{asks} {base64(server.final(b64decode(said)))}"

    return [Answer(first), Answer(final), *transcript(end)]
