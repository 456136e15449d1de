"""Whether a link leads where it says it leads.

A pure judgement on the text people see and the address behind it: no look-ups, no lists of bad sites. It
answers with the host that would really be visited and every reason for doubt; the window says these in words.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import SplitResult, unquote, urlsplit

from qtmail.ui.message_view.links import link_texts


class LinkKind(Enum):
    """What following a link means."""

    WEB = auto()
    MAIL = auto()
    """`mailto:` (RFC 6068): the program answers it itself."""
    REFUSED = auto()
    """Any other scheme: never followed."""


class Doubt(Enum):
    """Why a web link may not be what it seems."""

    OTHER_HOST = auto()
    """The text names another site than the link leads to."""
    USER_INFO = auto()
    """`http://bank.example@evil.example`: what stands before the @ is not the site."""
    IP_ADDRESS = auto()
    """The site has no name, only a number."""
    LOOK_ALIKE = auto()
    """The name is written with letters of another script that look like Latin ones."""
    HIDDEN_CHARACTERS = auto()
    """Invisible or direction-changing characters in the text or the address."""


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """What is to be known before a link is followed.

    Attributes:
        url: the address to hand to the browser.
        host: the host that would be visited, in readable form; "" for MAIL and REFUSED.
        claimed_host: the host the text names, where that is another one.
    """

    kind: LinkKind
    url: str
    host: str = ""
    claimed_host: str = ""
    doubts: frozenset[Doubt] = frozenset()

    @property
    def suspicious(self) -> bool:
        return bool(self.doubts)


def check_link(target: str, text: str = "") -> LinkCheck:
    """Judge a link by its address `target` and the `text` it is shown with ("" where that is not known)."""
    url = _as_browsers_read_it(target)
    scheme = url.partition(":")[0].lower()
    if scheme == "mailto":
        return LinkCheck(LinkKind.MAIL, url)
    parts = _split(url)
    if scheme not in ("http", "https") or parts is None or not parts.hostname:
        return LinkCheck(LinkKind.REFUSED, url)
    host = readable_host(parts.hostname)
    claimed = _claimed_host(text)
    if claimed and site_of(claimed) == site_of(host):
        claimed = ""
    return LinkCheck(LinkKind.WEB, url, host, claimed, _doubts(parts, host, claimed, target + text))


def check_link_in(html: str, target: str) -> LinkCheck:
    """Judge a link by all the texts under which `html` shows it: the most doubtful of them counts."""
    wanted = _comparable(target)
    texts = [text for address, text in link_texts(html) if _comparable(address) == wanted]
    checks = [check_link(target, text) for text in texts] or [check_link(target)]
    return max(checks, key=lambda check: len(check.doubts))


def readable_host(host: str) -> str:
    """`host` in lower case with its `xn--` labels decoded (RFC 5891 section 5.4), where they can be."""
    return ".".join(_readable_label(label) for label in host.lower().rstrip(".").split("."))


def site_of(host: str) -> str:
    """The part of a host name that someone registered: `mail.example.co.uk` → `example.co.uk`.

    An approximation by the usual second-level names: enough to tell "another page of that site" from
    "another site".
    """
    labels = host.lower().removeprefix("www.").split(".")
    country_with_sublevel = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SUBLEVELS
    return ".".join(labels[-3:] if country_with_sublevel else labels[-2:])


_SUBLEVELS = frozenset({"ac", "co", "com", "edu", "gov", "ne", "net", "or", "org"})

_IGNORED = re.compile(r"[\t\r\n]")
_HIDDEN = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_NUMBER_HOST = re.compile(r"(0x[0-9a-f]+|[0-9]+)(\.(0x[0-9a-f]+|[0-9]+)){0,3}\.?", re.IGNORECASE)

# A host name in running text: a dot at least, and a last label of letters. After "@" it is a mail address.
_HOST_IN_TEXT = re.compile(
    r"(?<![@\w.-])(?:https?://)?((?:[\w-]+\.)+[^\W\d_]{2,24})(?![\w@-])", re.IGNORECASE
)

# File names and abbreviations that read like hosts only when nothing says "web" about them.
_FILE_SUFFIX = re.compile(
    r"docx?|exe|gif|html?|jpe?g|js|json|md|od[tsp]|pdf|php|png|pptx?|py|rar|svg|txt|xlsx?|xml|zip"
)

# Letters of other scripts that are drawn as Latin ones are in common fonts.
_CONFUSABLE = frozenset("аеорсухіјѕһӏԁԛԝьгвкмнтзпиԍцɡαβγεικνορτυχω")

_MIXES = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "IDEOGRAPHIC"},
    {"LATIN", "CJK", "HANGUL"},
)
"""Scripts one label may mix: East Asian names carry Latin letters (UTS 39, highly restrictive)."""


def _as_browsers_read_it(target: str) -> str:
    """The address as a browser takes it (WHATWG URL): trimmed, no line breaks, backslashes as slashes."""
    url = _IGNORED.sub("", target.strip())
    head, mark, tail = url.partition("?")
    return head.replace("\\", "/") + mark + tail


def _comparable(target: str) -> str:
    """The address in one spelling of many: browsers encode, lower and complete what HTML says."""
    parts = _split(_as_browsers_read_it(target))
    if parts is None:
        return target
    host = readable_host(parts.hostname or "")
    return unquote(parts._replace(netloc=host, path=parts.path or "/").geturl())


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        return None
    return parts


def _doubts(parts: SplitResult, host: str, claimed: str, everything: str) -> frozenset[Doubt]:
    found = {
        Doubt.OTHER_HOST: bool(claimed),
        Doubt.USER_INFO: "@" in parts.netloc,
        Doubt.IP_ADDRESS: _is_number(host),
        Doubt.LOOK_ALIKE: _looks_like_another(host),
        Doubt.HIDDEN_CHARACTERS: bool(_HIDDEN.search(everything)),
    }
    return frozenset(doubt for doubt, present in found.items() if present)


def _is_number(host: str) -> bool:
    if _NUMBER_HOST.fullmatch(host):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _claimed_host(text: str) -> str:
    """The first host name that `text` shows, or ""."""
    for found in _HOST_IN_TEXT.finditer(_HIDDEN.sub("", text)):
        host = found.group(1)
        if "://" in found.group(0) or host.lower().startswith("www."):
            return readable_host(host)
        if not _FILE_SUFFIX.fullmatch(host.rsplit(".", 1)[-1].lower()):
            return readable_host(host)
    return ""


def _readable_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _looks_like_another(host: str) -> bool:
    labels = host.split(".")
    latin_top_level = labels[-1].isascii()
    return any(_label_deceives(label, latin_top_level) for label in labels if not label.isascii())


def _label_deceives(label: str, latin_top_level: bool) -> bool:
    scripts = {_script(character) for character in label if character.isalpha()}
    if len(scripts) > 1 and not any(scripts <= mix for mix in _MIXES):
        return True
    letters = [character for character in label if character.isalpha()]
    return latin_top_level and "LATIN" not in scripts and all(letter in _CONFUSABLE for letter in letters)


def _script(character: str) -> str:
    """The script of a letter, by the first word of its Unicode name ("LATIN SMALL LETTER A")."""
    return unicodedata.name(character, "UNKNOWN").split(" ", 1)[0].split("-", 1)[0]
