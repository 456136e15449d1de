"""The settings files that providers publish for mail programs, in the form that Thunderbird introduced.

A file comes from a stranger. It is read without entities or a document type, what it says is taken only where
it makes sense, and its words are shown as plain text. Of its `oAuth2` element only the issuer counts: the
addresses that tokens are asked from are those this program knows of the issuer, or those the issuer publishes
itself (RFC 8414), and never those of a third party's file.

The format: https://benbucksch.github.io/autoconfig-spec/draft-autoconfig.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.discovery import (
    FoundServer,
    FoundSettings,
    ProviderAdvice,
    ServerKind,
    SoughtAddress,
    Source,
)
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.domain.token_audience import may_see_tokens
from qtmail.errors import ProtocolViolation
from qtmail.protocols.host_names import is_host_name

MAX_BYTES = 128 * 1024
"""Of a whole file; the largest that are known have 10 KB."""
MAX_SERVERS = 20
MAX_ADVICE = 5
MAX_SENTENCE = 500
"""Characters of one text for the user."""
MAX_NAME = 80

_ISPDB = "https://autoconfig.thunderbird.net/v1.1/"
_SECURITY = {"SSL": Security.TLS, "STARTTLS": Security.STARTTLS, "plain": Security.NONE}
_KINDS = {"imap": ServerKind.IMAP, "pop3": ServerKind.POP3, "smtp": ServerKind.SMTP}
_METHODS = {
    "password-cleartext": SignInMethod.PASSWORD,
    "plain": SignInMethod.PASSWORD,  # so it was called before 2010
    "password-encrypted": SignInMethod.PASSWORD,
    "secure": SignInMethod.PASSWORD,
    "OAuth2": SignInMethod.OAUTH,
    "TLS-client-cert": SignInMethod.CERTIFICATE,
}
_WITHOUT_SIGN_IN = {"none", "client-IP-address", "smtp-after-pop"}
_ISSUERS = {
    "accounts.google.com": "google",
    "login.microsoftonline.com": "microsoft",
    "login.yahoo.com": "yahoo",
    "login.aol.com": "aol",
}
_USER = re.compile(r"\S{1,320}")
_ISSUER = re.compile(r"(https://)?([^/]+)(/[\x21-\x7e]*)?")


def addresses_of_file(address: SoughtAddress) -> tuple[str, str]:
    """Where the provider of an address would publish a file, under its own domain; the better place first.

    The first may make a file for each user and is therefore told the address; by the same rule as a mail
    sent to it, this tells the provider nothing that it does not know. The other is a file for all.
    """
    who = quote(f"{address.local}@{address.domain}", safe="@")
    return (
        f"https://autoconfig.{address.domain}/mail/config-v1.1.xml?emailaddress={who}",
        f"https://{address.domain}/.well-known/autoconfig/mail/config-v1.1.xml",
    )


def address_in_ispdb(domain: str) -> str:
    """Where Thunderbird's makers keep what they know of a domain: they are told the domain and nobody's
    address."""
    return _ISPDB + quote(domain, safe="")


def read_settings(content: bytes, address: SoughtAddress, source: Source) -> FoundSettings | None:
    """What a file says, with the address filled in; None if it names no server that this program can use.

    Servers that would have the password sent in clear text come last of their kind.

    Raises ProtocolViolation if `content` is not such a file.
    """
    root = _parse(content)
    provider = root.find("emailProvider")
    if root.tag != "clientConfig" or provider is None:
        raise _not_a_file(f"begins with <{root.tag[:40]}>")
    servers = [server for element in _server_elements(provider) if (server := _server(element, address))]
    if not servers:
        return None
    servers.sort(key=lambda server: not server.encrypted)  # stable: else the order of the file
    name = _filled_in(provider.findtext("displayName", ""), address)
    return FoundSettings(
        source,
        _shown(name)[:MAX_NAME] or address.domain,
        tuple(servers),
        _sign_in(servers, root.findtext("oAuth2/issuer", "").strip()),
        tuple(_advice(root, provider))[:MAX_ADVICE],
    )


# -- XML -------------------------------------------------------------------------------------------


def _parse(content: bytes) -> Element:
    """The root element. A document type is refused: it is where entities are declared that grow without
    bounds or read other files."""
    if len(content) > MAX_BYTES:
        raise _not_a_file("larger than any such file")
    builder = TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(content, True)
        return builder.close()
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two for unknown encodings
        raise _not_a_file(str(error)) from error


def _refuse_document_type(*_declared: object) -> None:
    raise _not_a_file("declares a document type")


def _not_a_file(detail: str) -> ProtocolViolation:
    return ProtocolViolation("What the web server gave out is not a file with mail settings.", detail=detail)


# -- servers ---------------------------------------------------------------------------------------


def _server_elements(provider: Element) -> list[Element]:
    elements = provider.findall("incomingServer") + provider.findall("outgoingServer")
    return elements[:MAX_SERVERS]


def _server(element: Element, address: SoughtAddress) -> FoundServer | None:
    """The server, or None where it is of a kind this program does not know or makes no sense."""
    kind = _KINDS.get(element.get("type", ""))
    security = _SECURITY.get(_text(element, "socketType"))
    host = _filled_in(_text(element, "hostname"), address).lower()
    port = _text(element, "port")
    ways = [(authentication.text or "").strip() for authentication in element.findall("authentication")]
    methods = tuple(dict.fromkeys(_METHODS[way] for way in ways if way in _METHODS))
    without = kind is ServerKind.SMTP and not methods and not _WITHOUT_SIGN_IN.isdisjoint(ways)
    user = "" if without else _filled_in(_text(element, "username") or "%EMAILADDRESS%", address)
    makes_sense = is_host_name(host) and re.fullmatch(r"[0-9]{1,5}", port) and 0 < int(port) < 65536
    if kind is None or security is None or not makes_sense:
        return None
    sensible_user = _USER.fullmatch(user) and user.isprintable()
    if not (without or (sensible_user and (methods or not ways))):
        return None
    return FoundServer(kind, ServerSettings(host, int(port), security, user), methods)


def _text(element: Element, name: str) -> str:
    return element.findtext(name, "").strip()


def _filled_in(text: str, address: SoughtAddress) -> str:
    values = {"EMAILADDRESS": address.typed, "EMAILLOCALPART": address.local, "EMAILDOMAIN": address.domain}
    return re.sub(r"%(EMAILADDRESS|EMAILLOCALPART|EMAILDOMAIN)%", lambda found: values[found[1]], text)


def _sign_in(servers: list[FoundServer], issuer: str) -> SignIn:
    """OAuth where the first server prefers it and we know its issuer, or where there is no other way; never
    to have the tokens of a provider we know shown to servers that are not the provider's.
    """
    methods = next((server.methods for server in servers if server.methods), ())
    url = _as_url(issuer)
    known = _ISSUERS.get(url.removeprefix("https://").rstrip("/"), "")
    theirs = all(may_see_tokens(server.settings.host, known) for server in servers)
    if SignInMethod.OAUTH in methods and url and theirs:
        if known and methods[0] is SignInMethod.OAUTH:
            return SignIn(SignInMethod.OAUTH, provider=known)
        if SignInMethod.PASSWORD not in methods:
            return SignIn(SignInMethod.OAUTH, provider=known or url)
    return SignIn(SignInMethod.CERTIFICATE) if methods == (SignInMethod.CERTIFICATE,) else SignIn()


def _as_url(issuer: str) -> str:
    """The issuer as RFC 8414 section 2 has it, "" where it names no host."""
    found = _ISSUER.fullmatch(issuer)
    return f"https://{found[2]}{found[3] or ''}" if found and is_host_name(found[2]) else ""


# -- words -----------------------------------------------------------------------------------------


def _advice(root: Element, provider: Element) -> Iterator[ProviderAdvice]:
    """What must be done first (`enable`, which some write beside the provider), then where to read more."""
    for name, words, link in (("enable", "instruction", "visiturl"), ("documentation", "descr", "url")):
        for element in provider.findall(name) + root.findall(name):
            if sentence := _shown(_in_english(element.findall(words)))[:MAX_SENTENCE]:
                yield ProviderAdvice(sentence, _web_page(element.get(link, "")))


def _in_english(elements: list[Element]) -> str:
    """The text in the language this program speaks by itself, else the first one."""
    texts = {element.get("lang", "en"): element.text or "" for element in reversed(elements)}
    return texts.get("en") or next(reversed(texts.values()), "")


def _web_page(url: str) -> str:
    """The address of a page that may be opened in a browser, or ""."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    is_one = parts.scheme in ("http", "https") and parts.hostname
    # A user name in it could pass for the host to whoever reads it.
    return parts.geturl() if is_one and "@" not in parts.netloc and url.isprintable() else ""


def _shown(text: str) -> str:
    """A stranger's text as one line without anything that could change how what is around it looks."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
