"""Settings files of strangers: what is taken from them, and what is not."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.domain.account import Security
from qtmail.domain.discovery import FoundSettings, ServerKind, SoughtAddress, Source
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.errors import ProtocolViolation
from qtmail.protocols.autoconfig import (
    MAX_BYTES,
    MAX_SENTENCE,
    MAX_SERVERS,
    address_in_ispdb,
    addresses_of_file,
    read_settings,
)

EVA = SoughtAddress("Eva+List@Example.org", "Eva+List", "example.org")


def incoming(
    *,
    kind: str = "imap",
    host: str = "imap.example.org",
    port: str = "993",
    security: str = "SSL",
    user: str = "%EMAILADDRESS%",
    ways: tuple[str, ...] = ("password-cleartext",),
) -> str:
    authentication = "".join(f"<authentication>{way}</authentication>" for way in ways)
    return (
        f'<incomingServer type="{kind}"><hostname>{host}</hostname><port>{port}</port>'
        f"<socketType>{security}</socketType><username>{user}</username>{authentication}</incomingServer>"
    )


def outgoing(**options: str | tuple[str, ...]) -> str:
    element = incoming(**{"kind": "smtp", "host": "smtp.example.org", "port": "465", **options})  # type: ignore[arg-type]
    return element.replace("incomingServer", "outgoingServer")


def file(*servers: str, name: str = "Example Mail", inside: str = "", after: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<clientConfig version="1.1"><emailProvider id="example.org">'
        f"<domain>example.org</domain><displayName>{name}</displayName>{''.join(servers)}{inside}"
        f"</emailProvider>{after}</clientConfig>"
    ).encode()


def read(*servers: str, **options: str) -> FoundSettings:
    found = read_settings(file(*servers, **options), EVA, Source.AUTOCONFIG)
    assert found is not None
    return found


# -- where the files are ---------------------------------------------------------------------------


def test_the_domains_own_files():
    assert addresses_of_file(EVA) == (
        "https://autoconfig.example.org/mail/config-v1.1.xml?emailaddress=Eva%2BList@example.org",
        "https://example.org/.well-known/autoconfig/mail/config-v1.1.xml",
    )


def test_an_address_cannot_change_the_question():
    evil = SoughtAddress("a&b=c#d@example.org", "a&b=c#d", "example.org")
    assert addresses_of_file(evil)[0].endswith("?emailaddress=a%26b%3Dc%23d@example.org")


def test_the_list_is_told_the_domain_alone():
    assert address_in_ispdb("example.org") == "https://autoconfig.thunderbird.net/v1.1/example.org"


# -- servers ---------------------------------------------------------------------------------------


def test_servers_with_the_address_filled_in():
    found = read(incoming(user="%EMAILLOCALPART%"), outgoing(user="%EMAILDOMAIN%/%EMAILADDRESS%"))
    assert found.source is Source.AUTOCONFIG
    assert found.provider == "Example Mail"
    assert [(server.kind, str(server.settings), server.settings.user) for server in found.servers] == [
        (ServerKind.IMAP, "imap.example.org:993/tls", "Eva+List"),
        (ServerKind.SMTP, "smtp.example.org:465/tls", "example.org/Eva+List@Example.org"),
    ]


def test_what_is_filled_in_is_not_read_for_places_again():
    tricky = SoughtAddress("%EMAILDOMAIN%@example.org", "%EMAILDOMAIN%", "example.org")
    found = read_settings(file(incoming(user="%EMAILLOCALPART%")), tricky, Source.AUTOCONFIG)
    assert found is not None
    assert found.servers[0].settings.user == "%EMAILDOMAIN%"


def test_a_host_may_depend_on_the_domain():
    assert read(incoming(host="imap.%EMAILDOMAIN%")).servers[0].settings.host == "imap.example.org"


def test_without_a_user_name_it_is_the_address():
    assert read(incoming(user="")).servers[0].settings.user == "Eva+List@Example.org"


def test_the_order_of_the_file_is_kept():
    found = read(incoming(host="b.example.org"), incoming(host="a.example.org"), incoming(kind="pop3"))
    assert [server.settings.host for server in found.of_kind(ServerKind.IMAP)] == [
        "b.example.org",
        "a.example.org",
    ]


def test_clear_text_comes_last_whatever_the_file_prefers():
    found = read(
        incoming(security="plain", port="143"), incoming(security="STARTTLS", port="143"), incoming()
    )
    assert [server.settings.security for server in found.servers] == [
        Security.STARTTLS,
        Security.TLS,
        Security.NONE,
    ]
    assert [server.encrypted for server in found.servers] == [True, True, False]


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "ews"},
        {"kind": ""},
        {"host": ""},
        {"host": "localhost"},
        {"host": "-x.example.org"},
        {"host": "imap.example.org/../x"},
        {"host": "a b.example.org"},
        {"host": "x" * 300 + ".org"},
        {"port": "0"},
        {"port": "65536"},
        {"port": "-1"},
        {"port": "９９３"},
        {"port": "99999999999999999999"},
        {"security": "SSLv2"},
        {"security": ""},
        {"user": "eva name"},
        {"user": "x" * 400},
        {"ways": ("NTLM",)},
        {"ways": ("GSSAPI",)},
    ],
)
def test_a_server_that_makes_no_sense_is_left_out(options: dict[str, str]):
    found = read(incoming(**options), outgoing())  # type: ignore[arg-type]
    assert [server.kind for server in found.servers] == [ServerKind.SMTP]


def test_a_file_without_usable_servers_is_no_find():
    assert read_settings(file(incoming(kind="exchange")), EVA, Source.ISPDB) is None


def test_a_file_with_servers_without_end_is_cut_short():
    assert len(read(*[incoming() for _ in range(MAX_SERVERS + 5)]).servers) == MAX_SERVERS


# -- signing in ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ways", "methods"),
    [
        (("password-cleartext",), (SignInMethod.PASSWORD,)),
        (("password-encrypted", "password-cleartext"), (SignInMethod.PASSWORD,)),
        (("secure",), (SignInMethod.PASSWORD,)),
        (("OAuth2", "password-cleartext"), (SignInMethod.OAUTH, SignInMethod.PASSWORD)),
        (("NTLM", "password-cleartext"), (SignInMethod.PASSWORD,)),
        (("TLS-client-cert",), (SignInMethod.CERTIFICATE,)),
        ((), ()),
    ],
)
def test_ways_to_sign_in(ways: tuple[str, ...], methods: tuple[SignInMethod, ...]):
    assert read(incoming(ways=ways)).servers[0].methods == methods


def test_a_server_that_takes_mail_without_sign_in_has_no_user():
    found = read(incoming(), outgoing(ways=("client-IP-address",)))
    assert found.of_kind(ServerKind.SMTP)[0].settings.user == ""


def test_reading_mail_without_sign_in_makes_no_sense():
    assert read(incoming(ways=("none",)), outgoing()).of_kind(ServerKind.IMAP) == ()


def oauth(issuer: str) -> str:
    return (
        f"<oAuth2><issuer>{issuer}</issuer><scope>mail</scope>"
        "<authURL>https://evil.example/auth</authURL><tokenURL>https://evil.example/token</tokenURL></oAuth2>"
    )


@pytest.mark.parametrize(
    ("ways", "issuer", "sign_in"),
    [
        (("OAuth2", "password-cleartext"), "accounts.google.com", SignIn()),
        (("OAuth2",), "https://accounts.google.com/", SignIn()),
        (("password-cleartext", "OAuth2"), "accounts.google.com", SignIn()),
        (("OAuth2", "password-cleartext"), "login.example.org", SignIn()),
        (("OAuth2",), "login.example.org", SignIn(SignInMethod.OAUTH, "https://login.example.org")),
        (("OAuth2", "password-cleartext"), "", SignIn()),
        (("TLS-client-cert",), "", SignIn(SignInMethod.CERTIFICATE)),
    ],
)
def test_how_to_sign_in(ways: tuple[str, ...], issuer: str, sign_in: SignIn):
    assert read(incoming(ways=ways), after=oauth(issuer)).sign_in == sign_in


@pytest.mark.parametrize(
    ("issuer", "host", "provider"),
    [
        ("accounts.google.com", "imap.gmail.com", "google"),
        ("https://accounts.google.com", "imap.gmail.com", "google"),
        ("login.microsoftonline.com", "outlook.office365.com", "microsoft"),
        ("accounts.google.com", "outlook.office365.com", ""),
        ("accounts.google.com", "imap.gmail.com.evil.example", ""),
    ],
)
def test_a_known_issuer_signs_in_to_its_own_servers_only(issuer: str, host: str, provider: str):
    found = read(incoming(host=host, ways=("OAuth2", "password-cleartext")), after=oauth(issuer))
    assert found.sign_in.provider == provider


def test_one_foreign_server_among_them_is_enough_to_doubt():
    ways = ("OAuth2", "password-cleartext")
    servers = (incoming(host="imap.gmail.com", ways=ways), outgoing(host="smtp.evil.example", ways=ways))
    assert read(*servers, after=oauth("accounts.google.com")).sign_in == SignIn()


def test_the_files_own_addresses_for_tokens_are_not_taken():
    assert "evil" not in repr(read(incoming(ways=("OAuth2",)), after=oauth("login.example.org")))


# -- words -----------------------------------------------------------------------------------------


def test_advice_begins_with_what_must_be_done_first():
    found = read(
        incoming(),
        inside='<documentation url="https://example.org/help"><descr lang="en">How to</descr></documentation>'
        '<enable visiturl="https://example.org/on"><instruction>Switch IMAP on</instruction></enable>',
    )
    assert [(said.sentence, said.url) for said in found.advice] == [
        ("Switch IMAP on", "https://example.org/on"),
        ("How to", "https://example.org/help"),
    ]


def test_advice_beside_the_provider_counts_too():
    after = "<enable visiturl='https://example.org/on'><instruction>Switch IMAP on</instruction></enable>"
    assert read(incoming(), after=after).advice[0].sentence == "Switch IMAP on"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ('<descr lang="de">Anleitung</descr><descr lang="en">How to</descr>', "How to"),
        ('<descr lang="de">Anleitung</descr><descr lang="fr">Aide</descr>', "Anleitung"),
        ("<descr>plain</descr>", "plain"),
    ],
)
def test_advice_is_in_english_if_it_can_be(words: str, shown: str):
    found = read(incoming(), inside=f'<documentation url="https://example.org/">{words}</documentation>')
    assert [said.sentence for said in found.advice] == [shown]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "https://", "http://[", ""])
def test_an_address_that_is_no_web_page_is_left_out(url: str):
    found = read(incoming(), inside=f'<documentation url="{url}"><descr>How to</descr></documentation>')
    assert found.advice[0].url == ""


def test_a_strangers_words_stay_on_their_line():
    found = read(
        incoming(),
        name="Good\n\u202eBank  Ltd",
        inside=f"<enable><instruction>{'x' * 9999}</instruction></enable>",
    )
    assert found.provider == "Good Bank Ltd"
    assert len(found.advice[0].sentence) == MAX_SENTENCE


def test_without_a_name_the_provider_is_the_domain():
    assert read(incoming(), name="").provider == "example.org"


# -- hostile files ---------------------------------------------------------------------------------

LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE clientConfig [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<clientConfig><emailProvider><displayName>&b;</displayName></emailProvider></clientConfig>"""
OUTSIDE = b"""<?xml version="1.0"?>
<!DOCTYPE clientConfig SYSTEM "http://127.0.0.1/x.dtd"><clientConfig><emailProvider/></clientConfig>"""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not found",
        b"<!DOCTYPE html><html><body>Welcome to our hotel</body></html>",
        b"<html><head></head></html>",
        b"<clientConfig/>",
        b"<clientConfig><emailProvider>",
        b"<clientConfig>&nbsp;<emailProvider/></clientConfig>",
        b'<?xml version="1.0" encoding="nonsense"?><clientConfig><emailProvider/></clientConfig>',
        b'<?xml version="1.0" encoding="gb2312"?><clientConfig><emailProvider/></clientConfig>',
        b"\xff\xfe\x00",
        LAUGHS,
        OUTSIDE,
        b"<clientConfig>" + b" " * MAX_BYTES + b"</clientConfig>",
        b"<a>" * 20000,
    ],
)
def test_what_is_no_settings_file_is_refused(content: bytes):
    with pytest.raises(ProtocolViolation):
        read_settings(content, EVA, Source.AUTOCONFIG)


def test_a_file_nested_without_end_is_read_without_harm():
    deep = "<x>" * 15000 + "</x>" * 15000
    assert read(incoming(), inside=deep).servers


@given(st.data())
def test_whatever_becomes_of_a_file_it_is_read_or_refused(data: st.DataObject):
    whole = file(
        incoming(ways=("OAuth2",)), outgoing(), inside="<enable><instruction>x</instruction></enable>"
    )
    begin = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(begin, min(len(whole), begin + 40)))
    content = whole[:begin] + data.draw(st.binary(max_size=20)) + whole[end:]
    with contextlib.suppress(ProtocolViolation):
        found = read_settings(content, EVA, Source.AUTOCONFIG)
        assert found is None or found.servers


def test_other_encodings_are_read():
    content = file(incoming(), name="Müller").decode().replace("UTF-8", "ISO-8859-1").encode("latin-1")
    found = read_settings(content, EVA, Source.AUTOCONFIG)
    assert found is not None
    assert found.provider == "Müller"
