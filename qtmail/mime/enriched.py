"""text/enriched (RFC 1896) and its ancestor text/richtext (RFC 1341) as plain text."""

from __future__ import annotations

import re

_COMMAND = re.compile(r"<(<|/?[A-Za-z0-9-]{1,60}>)")
_PARAMETER = re.compile(r"<param>.*?(?:</param>|\Z)", re.IGNORECASE | re.DOTALL)
_NEWLINES = re.compile(r"\n+")
_RICH_BREAKS = {"nl": "\n", "/paragraph": "\n\n", "np": "\n\n", "lt": "<", "/heading": "\n", "/footing": "\n"}


def enriched_to_text(text: str) -> str:
    """RFC 1896: one line end is a space, n line ends are n-1; `<<` is a less-than sign; commands are dropped.

    Inside <nofill> line ends are kept as they are.
    """
    text = _PARAMETER.sub("", text)
    out: list[str] = []
    unfilled = 0
    position = 0
    for match in _COMMAND.finditer(text):
        out.append(_fill(text[position : match.start()], unfilled))
        position = match.end()
        command = match[1].lower()
        if command == "<":
            out.append("<")
        elif command == "nofill>":
            unfilled += 1
        elif command == "/nofill>":
            unfilled = max(0, unfilled - 1)
    out.append(_fill(text[position:], unfilled))
    return "".join(out)


def _fill(text: str, unfilled: int) -> str:
    if unfilled:
        return text
    return _NEWLINES.sub(lambda match: "\n" * (len(match[0]) - 1) or " ", text)


def richtext_to_text(text: str) -> str:
    """RFC 1341 section 7.1.3: white space is one space; `<nl>` ends a line; `<lt>` is a less-than sign."""
    text = re.sub(r"<comment>.*?(?:</comment>|\Z)", "", text, flags=re.IGNORECASE | re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"<(/?[A-Za-z0-9-]{1,60})>", lambda match: _RICH_BREAKS.get(match[1].lower(), ""), text)
    return "\n".join(line.strip() for line in text.split("\n"))
