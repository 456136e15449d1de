"""A conservative cleaner for the CSS of mail: what it does not understand, it drops.

It keeps plain declarations and `@media` blocks. It drops escapes (which can disguise any word), `@import`,
`@font-face` and every other at-rule, `expression()`, `behavior`, bindings, `position: fixed`, custom
properties, and functions that load something other than through `url()`. Every `url()` goes through a
function of the caller's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

MAX_LENGTH = 400_000
"""Characters of style sheet that are read; what is longer is cut."""

Rewrite = Callable[[str], str | None]
"""Maps the address of something to load to the one to use instead; None: it is left out."""

_SUSPICIOUS = re.compile(
    r"[\\<>@{}]|/\*|url|expression|behavio|binding|position|script|image|src|--|element|attr", re.I
)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_DECLARATION = re.compile(r"""(?:[^;"'()]++|"[^"]*"|'[^']*'|\((?:[^()"']++|"[^"]*"|'[^']*')*+\)|["'()])+""")
_URL = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^"'()\s]*))\s*\)""", re.IGNORECASE)
_FORBIDDEN = re.compile(
    r"[\\<>@{}]|expression\s*\(|(?:java|vb|live)script|progid:|(?:image-set|image|src|element|attr|paint|cross-fade)\s*\(",
    re.I,
)
_NAME = re.compile(r"\s*(-?[a-zA-Z][a-zA-Z-]*)\s*$")
_TOKEN = re.compile(r"""[^{};"']++|"[^"\n]*"|'[^'\n]*'|[{};"']""")
_MEDIA = re.compile(r"@media\b[^\\<@;{}]*$", re.IGNORECASE)
_SELECTOR = re.compile(
    # Outside quotation marks and brackets nothing that could begin a string; inside, only plain words.
    r"""(?:[^\\<@;{}()"']|\([^\\<@;{}()"']*\)|"[\w .:#-]*"|'[\w .:#-]*')++$"""
)


def clean_declarations(css: str, rewrite: Rewrite) -> str:
    """The harmless declarations of a `style` attribute."""
    if _SUSPICIOUS.search(css) is None and _balanced(css):
        return css
    css = _COMMENT.sub("", css)
    kept = (_clean_declaration(match[0], rewrite) for match in _DECLARATION.finditer(css))
    return ";".join(declaration for declaration in kept if declaration)


def _clean_declaration(declaration: str, rewrite: Rewrite) -> str:
    name, colon, value = declaration.partition(":")
    match = _NAME.match(name)
    if not colon or match is None:
        return ""
    name = match[1].lower()
    if name in ("behavior", "behaviour") or "binding" in name:
        return ""
    if name == "position" and re.search(r"fixed|sticky", value, re.IGNORECASE):
        return ""
    addresses: list[str] = []

    def put_aside(match: re.Match[str]) -> str:
        address = rewrite(match[1] or match[2] or match[3] or "")
        addresses.append("none" if address is None else f'url("{_quoted(address)}")')
        return f"\0{len(addresses) - 1}\0"

    value = _URL.sub(put_aside, value.replace("\0", ""))
    if _FORBIDDEN.search(value) or re.search(r"url\s*\(", value, re.IGNORECASE) or not _balanced(value):
        return ""
    value = re.sub("\0(\\d+)\0", lambda match: addresses[int(match[1])], value)
    return f"{name}:{value.strip()}"


def _quoted(address: str) -> str:
    """An address that cannot leave its quotation marks."""
    return re.sub(r"""[\s"'\\<>(){}]""", lambda match: f"%{ord(match[0]):02X}", address)


def _balanced(value: str) -> bool:
    return value.count("(") == value.count(")") and value.count('"') % 2 == 0 and value.count("'") % 2 == 0


def clean_stylesheet(css: str, rewrite: Rewrite) -> str:
    """The harmless rules of a `<style>` element; never holds a `<`."""
    return _Stylesheet(rewrite).clean(_COMMENT.sub("", css[:MAX_LENGTH]))


class _Stylesheet:
    """Walks over the tokens of a style sheet; blocks within @media are the only nesting that is kept."""

    def __init__(self, rewrite: Rewrite) -> None:
        self.rewrite = rewrite
        self.out: list[str] = []
        self.in_media = False

    def clean(self, css: str) -> str:
        prelude: list[str] = []
        tokens = _TOKEN.finditer(css)
        for match in tokens:
            token = match[0]
            if token == "{":
                self._open("".join(prelude).strip(), tokens)
                prelude = []
            elif token == "}":
                if self.in_media:
                    self.out.append("}\n")
                    self.in_media = False
                prelude = []
            elif token == ";":
                prelude = []
            else:
                prelude.append(token)
        if self.in_media:
            self.out.append("}\n")
        return "".join(self.out)

    def _open(self, prelude: str, tokens: Iterator[re.Match[str]]) -> None:
        if _MEDIA.match(prelude) and not self.in_media:
            self.out.append(f"{prelude}{{")
            self.in_media = True
            return
        block, nested = _read_block(tokens)
        if nested or not _SELECTOR.match(prelude):
            return
        declarations = clean_declarations(block, self.rewrite)
        if declarations:
            self.out.append(f"{prelude}{{{declarations}}}\n")


def _read_block(tokens: Iterator[re.Match[str]]) -> tuple[str, bool]:
    """The text up to the brace that closes the block, and whether it had blocks inside."""
    depth, nested = 1, False
    pieces: list[str] = []
    for match in tokens:
        token = match[0]
        if token == "{":
            depth, nested = depth + 1, True
        elif token == "}":
            depth -= 1
            if depth == 0:
                break
        pieces.append(token)
    return "".join(pieces), nested
