"""Servers in every kind of trouble, in one table for all protocols: what each says, and what the doctor shall
say of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from qtmail.domain.account import Security
from qtmail.domain.sign_in import AccessToken, Secret
from qtmail.errors import Layer
from tests.fakes.imap_server import Drop, Expect, Flood, Send, Stall, Step, transcript
from tests.wire.sessions import SIGN_IN

IMAP, POP3, SMTP = PROTOCOLS = ("imap", "pop3", "smtp")
TLS, STARTTLS = Security.TLS, Security.STARTTLS


@dataclass(frozen=True)
class Broken:
    """A server, and what the doctor shall say of it.

    Attributes:
        script: what it says, as a transcript or as steps.
        words, advice: parts of the sentence and of the advice.
        host: by what name it is reached; "": by its address.
        certificate: what is wrong with it ("expired"); "": nothing.
        worked: steps that are shown as done before the one that failed.
    """

    name: str
    protocol: str
    script: str | list[Step]
    layer: Layer
    words: str
    advice: str
    security: Security = Security.NONE
    secret: Secret = "secret"
    host: str = ""
    certificate: str = ""
    worked: tuple[Layer, ...] = ()

    def __str__(self) -> str:
        return f"{self.protocol}: {self.name}" + (f" ({self.security})" if self.certificate else "")

    @property
    def steps(self) -> list[Step]:
        return transcript(self.script) if isinstance(self.script, str) else self.script


# -- how the three protocols begin -----------------------------------------------------------------

GREETING = {IMAP: b"* OK IMAP4rev1 ready", POP3: b"+OK ready", SMTP: b"220 mx.example.org ESMTP"}
GREETED = {
    IMAP: "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR] ready",
    POP3: "S: +OK ready\nC: CAPA\nS: +OK\nS: USER\nS: SASL PLAIN XOAUTH2\nS: RESP-CODES\nS: .",
    SMTP: "S: 220 mx.example.org ESMTP\nC: EHLO [127.0.0.1]\nS: 250-mx\nS: 250 AUTH PLAIN XOAUTH2",
}
ASKED = {
    IMAP: f"{GREETED[IMAP]}\nC: q1 {SIGN_IN}",
    POP3: f"{GREETED[POP3]}\nC: AUTH PLAIN AGV2YQBzZWNyZXQ=",
    SMTP: f"{GREETED[SMTP]}\nC: AUTH PLAIN AGV2YQBzZWNyZXQ=",
}
"""The same, and a sign-in that waits for its answer."""
UPGRADE = {
    IMAP: "S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready\nC: q1 STARTTLS",
    POP3: "S: +OK ready\nC: CAPA\nS: +OK\nS: STLS\nS: .\nC: STLS",
    SMTP: "S: 220 mx.example.org ESMTP\nC: EHLO [127.0.0.1]\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS",
}
AGREES = {IMAP: "q1 OK begin", POP3: "+OK begin", SMTP: "220 begin"}
INJECTED = {
    IMAP: b"q1 OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nq2 OK done\r\n",
    POP3: b"+OK begin\r\n+OK\r\nUSER\r\n.\r\n",
    SMTP: b"220 begin\r\n250-mx\r\n250 AUTH PLAIN\r\n",
}
REFUSES = {IMAP: "q1 NO", POP3: "-ERR", SMTP: "535"}
REFUSES_TLS = {IMAP: "q1 NO", POP3: "-ERR", SMTP: "454"}
KIND = {IMAP: "an IMAP server", POP3: "a POP3 server", SMTP: "an SMTP server"}
WEB_PAGE = b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n<html>Please sign in</html>"
HALF_A_HANDSHAKE = b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03"
NO_ENCRYPTION = {
    IMAP: "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready",
    POP3: "S: +OK ready\nC: CAPA\nS: +OK\nS: USER\nS: .",
    SMTP: "S: 220 mx ESMTP\nC: EHLO [127.0.0.1]\nS: 250-mx\nS: 250 AUTH PLAIN",
}
UNKNOWN_WAYS = {
    IMAP: "S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=GSSAPI] ready",
    POP3: "S: +OK ready\nC: CAPA\nS: +OK\nS: SASL GSSAPI\nS: .",
    SMTP: "S: 220 mx ESMTP\nC: EHLO [127.0.0.1]\nS: 250-mx\nS: 250 AUTH GSSAPI",
}


def said(data: bytes) -> list[Step]:
    """Says this, and then nothing more."""
    return [Send(data), Stall()]


def refused(protocol: str, words: str) -> str:
    """Does not take the password."""
    return f"{ASKED[protocol]}\nS: {REFUSES[protocol]} {words}"


# -- getting there, and who answers ----------------------------------------------------------------


def _strangers(protocol: str) -> Iterator[Broken]:
    met = Broken("", protocol, [], Layer.GREETING, "", "Check the server name and the port")
    for other in PROTOCOLS:
        if other != protocol:
            words = f"not {KIND[protocol]} but {KIND[other]}"
            yield replace(met, name=f"meets {other}", script=said(GREETING[other] + b"\r\n"), words=words)
    for name, data, words in (
        ("meets SSH", b"SSH-2.0-OpenSSH_9.2p1\r\n", "but an SSH server"),
        ("meets FTP", b"220 ProFTPD Server ready\r\n", "FTP server"),
        ("captive portal", WEB_PAGE, "sign-in page of a public network"),
        ("8-bit rubbish", b"\xff\xfe\x80\x00\r\n", f"is not {KIND[protocol]}."),
    ):
        yield replace(met, name=name, script=said(data), words=words)
    yield replace(
        met, name="greeting without end", script=[Flood(b"x" * 999)], words=f"not {KIND[protocol]}."
    )


def _dead_lines(protocol: str) -> Iterator[Broken]:
    dead = Broken("", protocol, [Stall()], Layer.GREETING, "did not answer", "choose TLS")
    yield replace(dead, name="silence")
    yield replace(dead, name="hangs up", script=[Drop()], words="closed the connection")
    greeting = Send(GREETING[protocol] + b"\r\n")
    dead = replace(dead, layer=Layer.CAPABILITY, advice="later", worked=(Layer.CONNECTION, Layer.GREETING))
    yield replace(dead, name="dead after the greeting", script=[greeting, Stall()])
    yield replace(dead, name="hangs up after the greeting", script=[greeting, Drop()], words="connection")
    dead = replace(dead, layer=Layer.SIGN_IN, worked=(Layer.GREETING, Layer.CAPABILITY))
    yield replace(dead, name="dead at sign-in", script=f"{ASKED[protocol]}\nSTALL")
    dead = replace(dead, security=TLS, layer=Layer.GREETING, certificate="good", advice="Check the port")
    yield replace(dead, name="dead within TLS", script="TLS\nSTALL", worked=(Layer.CONNECTION, Layer.TLS))


# -- encryption ------------------------------------------------------------------------------------


def _handshakes(protocol: str) -> Iterator[Broken]:
    broken = Broken("", protocol, [Stall()], Layer.TLS, "did not answer", "STARTTLS", TLS)
    yield replace(broken, name="silence where TLS is expected")
    yield replace(broken, name="hangs up on TLS", script=[Drop()], words="closed the connection")
    yield replace(broken, name="dead in the middle of TLS", script=said(HALF_A_HANDSHAKE))
    broken = replace(broken, words="does not speak TLS")
    yield replace(broken, name="clear text where TLS is expected", script=said(GREETING[protocol] + b"\r\n"))
    yield replace(broken, name="captive portal where TLS is expected", script=said(WEB_PAGE))
    yield replace(
        broken,
        name="TLS where clear text is expected",
        script=said(b"\x15\x03\x03\x00\x02\x02\x0a\r\n"),
        layer=Layer.GREETING,
        words="expects TLS from the first byte",
        advice="Choose TLS",
        security=STARTTLS,
    )
    alert = b"\x15\x03\x01\x00\x02\x02"  # the head of a fatal one; its number follows (RFC 8446 section 6)
    yield replace(
        broken,
        name="refuses the version of TLS",
        script=said(alert + bytes([70])),
        words="outdated encryption",
        advice="update",
    )
    yield replace(
        broken,
        name="finds no common cipher",
        script=said(alert + bytes([40])),
        words="no encryption that both accept",
        advice="update",
    )


def _upgrades(protocol: str) -> Iterator[Broken]:
    broken = Broken("", protocol, "", Layer.TLS, "does not offer encryption", "Nothing was sent", STARTTLS)
    yield replace(broken, name="STARTTLS stripped", script=NO_ENCRYPTION[protocol], worked=(Layer.GREETING,))
    yield replace(
        broken,
        name="STARTTLS refused",
        script=f"{UPGRADE[protocol]}\nS: {REFUSES_TLS[protocol]} not today",
        words="refused to begin encryption",
    )
    yield replace(
        broken,
        name="STARTTLS with an injected response",
        script=[*transcript(UPGRADE[protocol]), Send(INJECTED[protocol])],
        words="did not belong before encryption",
        advice="tampering",
    )


def _certificates(protocol: str) -> Iterator[Broken]:
    risk = "Only go on if you know why"
    for certificate, words, advice in (
        ("expired", "has expired", "clock"),
        ("not yet valid", "not valid yet", "clock"),
        ("of another host", "belongs to another name (mail.example.org)", "Check the server name"),
        ("self-signed", "self-signed", risk),
        ("of an unknown issuer", "an authority that this computer does not know", risk),
        ("with a weak key", "too short to be safe", "replace it"),
        ("of an outdated server", "outdated encryption", "update"),
    ):
        for security, script in (
            (TLS, "TLS"),
            (STARTTLS, f"{UPGRADE[protocol]}\nS: {AGREES[protocol]}\nTLS"),
        ):
            yield Broken(
                f"certificate {certificate}",
                protocol,
                script,
                Layer.TLS,
                words,
                advice,
                security,
                host="localhost",
                certificate=certificate,
                worked=(Layer.GREETING,) if security is STARTTLS else (),
            )


# -- signing in ------------------------------------------------------------------------------------


def _sign_ins(protocol: str) -> Iterator[Broken]:
    at_sign_in = Broken(
        "", protocol, "", Layer.SIGN_IN, "did not accept", "", worked=(Layer.GREETING, Layer.CAPABILITY)
    )
    yield replace(
        at_sign_in,
        name="no known way",
        script=UNKNOWN_WAYS[protocol],
        words="offers no way of signing in that qtmail knows",
        advice="Ask the provider",
    )
    refusal, token_refusal = REFUSES[protocol], "eyJzdGF0dXMiOiI0MDEifQ=="
    challenge = "334" if protocol == SMTP else "+"
    command = {IMAP: "q1 AUTHENTICATE", POP3: "AUTH", SMTP: "AUTH"}[protocol]
    yield replace(
        at_sign_in,
        name="token refused",
        script=[
            *transcript(f"{GREETED[protocol]}\nC~ {command} XOAUTH2 .*\nS: {challenge} {token_refusal}"),
            Expect(""),
            Send(f"{refusal} no\r\n".encode()),
        ],
        secret=AccessToken("stale"),
        words="did not accept the permission",
        advice="in the browser",
    )
    for name, words, advice in (
        ("app password wanted (Google)", "Application-specific password required", "app password"),
        ("authorisation code wanted", "请使用授权码登录", "授权码"),
        ("authorisation code wanted (QQ)", "Login Fail. Please enter your authorization code.", "授权码"),
        ("web page wants a visit", "[WEBALERT https://x.example] Web login required.", "web page"),
        ("basic auth disabled (Microsoft)", "basic authentication is disabled", "in the browser"),
    ):
        script = refused(protocol, words)
        yield replace(at_sign_in, name=name, script=script, words="", advice=advice)
    for host, advice in (
        (f"{protocol}.mail.me.com", "app password"),
        (f"{protocol}.mail.yahoo.com", "app password"),
        (f"{protocol}.163.com", "授权码"),
        (f"{protocol}.qq.com", "授权码"),
        ("outlook.office365.com", "in the browser"),
    ):
        host = host.replace("pop3.", "pop.")
        script = refused(protocol, "Authentication failed.")
        yield replace(at_sign_in, name=f"refused at {host}", script=script, host=host, advice=advice)


IMAP_LISTED = f"""
    {ASKED[IMAP]}
    S: q1 OK [CAPABILITY IMAP4rev1 QUOTA] signed in
    C: q2 LIST "" "*"
    C: q3 LSUB "" "*"
    S: * LIST () "/" INBOX
    S: q2 OK done
    S: q3 OK done
    C: q4 STATUS "INBOX" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)
    S: * STATUS INBOX (MESSAGES 3)
    S: q4 OK done
    C: q5 SELECT "INBOX"
"""
IMAP_OPENED = f"""
    {IMAP_LISTED}
    S: * 0 EXISTS
    S: * OK [UIDVALIDITY 1] fixed
    S: q5 OK open
    C: q6 GETQUOTAROOT "INBOX"
"""


def _imap_only() -> Iterator[Broken]:
    greeting = Broken("", IMAP, "", Layer.GREETING, "turned the connection away", "later")
    yield replace(
        greeting, name="BYE at once", script="S: * BYE [UNAVAILABLE] Back at noon", words="Back at noon"
    )
    yield replace(greeting, name="NO at once", script="S: * NO not you")
    for words in ("[LIMIT] Too many", "Too many simultaneous connections. (Failure)"):
        script = f"S: * BYE {words}"
        yield replace(greeting, name=f"BYE {words}", script=script, words="Too many", advice="Close other")
    yield replace(
        greeting,
        name="PREAUTH under STARTTLS",
        script="S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome",
        layer=Layer.TLS,
        words="no sign-in is needed",
        advice="Nothing was sent",
        security=STARTTLS,
    )
    at_sign_in = replace(greeting, layer=Layer.SIGN_IN, worked=(Layer.CAPABILITY,))
    yield replace(
        at_sign_in,
        name="LOGINDISABLED",
        script="S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED] ready",
        words="takes no password over a line that is not encrypted",
        advice="Choose TLS or STARTTLS",
    )
    for name, answer, words, advice in (
        ("wrong password", "NO [AUTHENTICATIONFAILED] no", "the user name eva or the password", "Check both"),
        ("password out of date", "NO [EXPIRED] Change it", "has expired", "Make a new one"),
        ("too many connections", "NO [ALERT] Too many simultaneous connections.", "Too many", "Close other"),
        ("busy", "NO Temporary authentication failure", "cannot check passwords", "may well be right"),
        ("fault of its own", "NO [SERVERBUG] Internal error", "a fault of its own", "later"),
        ("does not understand", "BAD What?", "did not understand", "settings"),
        ("IMAP switched off", "NO [ALERT] IMAP access is disabled", "did not accept", "Switch IMAP on"),
        (
            "IMAP switched off (Google)",
            "NO [ALERT] Your account is not enabled for IMAP use. Please visit your settings page.",
            "did not accept",
            "Switch IMAP on",
        ),
    ):
        script = f"{ASKED[IMAP]}\nS: q1 {answer}"
        yield replace(at_sign_in, name=name, script=script, words=words, advice=advice)
    yield replace(
        at_sign_in, name="BYE at sign-in", script=f"{ASKED[IMAP]}\nS: * BYE Too bad", words="Too bad"
    )
    yield from _imap_folders()


def _imap_folders() -> Iterator[Broken]:
    in_folder = Broken("", IMAP, "", Layer.FOLDER, "", "", worked=(Layer.SIGN_IN,))
    yield replace(
        in_folder,
        name="dead after sign-in",
        script=f"{ASKED[IMAP]}\nS: q1 OK [CAPABILITY IMAP4rev1] in\nSTALL",
        words="did not answer",
        advice="later",
    )
    empty = 'C: q2 LIST "" "*"\nC: q3 LSUB "" "*"\nS: q2 OK done\nS: q3 OK done'
    yield replace(
        in_folder,
        name="no inbox",
        script=f"{ASKED[IMAP]}\nS: q1 OK [CAPABILITY IMAP4rev1] in\n{empty}",
        words="no inbox",
        advice="owner",
    )
    yield replace(
        in_folder,
        name="Unsafe Login (NetEase)",
        script=f"{IMAP_LISTED}\nS: q5 NO SELECT Unsafe Login. Please contact kefu@188.com",
        words="Unsafe Login",
        advice="授权码",
    )
    yield replace(
        in_folder,
        name="refuses the inbox",
        script=f"{IMAP_LISTED}\nS: q5 NO [NOPERM] not yours",
        words="refused to open the folder INBOX: not yours",
        advice="The provider can tell why",
    )
    yield replace(
        in_folder,
        name="over quota",
        script=f'{IMAP_OPENED}\nS: * QUOTA "" (STORAGE 1048576 1048576)\nS: q6 OK done',
        layer=Layer.QUOTA,
        words="The mailbox is full (1.0 GB of 1.0 GB)",
        advice="Delete mail",
        worked=(Layer.SIGN_IN, Layer.FOLDER),
    )


def _pop3_only() -> Iterator[Broken]:
    greeting = Broken("", POP3, "", Layer.GREETING, "turned the connection away", "later")
    yield replace(greeting, name="turns away", script="S: -ERR [SYS/TEMP] Back at noon", words="Back at noon")
    yield replace(
        greeting, name="in use at once", script="S: -ERR [IN-USE] another", advice="Close other programs"
    )
    at_sign_in = replace(greeting, layer=Layer.SIGN_IN, worked=(Layer.CAPABILITY,))
    for name, words, sentence, advice in (
        ("wrong password", "[AUTH] no", "the user name eva or the password", "Check both"),
        ("mailbox locked", "[IN-USE] locked by another session", "in use by another session", "Close other"),
        ("mailbox locked, without a code", "maildrop already locked", "in use by another", "Close other"),
        ("asked too often", "[LOGIN-DELAY] wait", "more time to pass", "asked for again later"),
        ("busy", "[SYS/TEMP] not now", "cannot check passwords", "may well be right"),
        (
            "POP3 switched off (Google)",
            "[SYS/PERM] Your account is not enabled for POP access.",
            "not enabled for POP",
            "Switch POP3 on",
        ),
        ("POP3 switched off", "POP3 is disabled for this user", "did not accept", "Switch POP3 on"),
    ):
        yield replace(at_sign_in, name=name, script=refused(POP3, words), words=sentence, advice=advice)
    yield replace(
        at_sign_in,
        name="no password in clear text",
        script="S: +OK ready\nC: CAPA\nS: +OK\nS: STLS\nS: .",
        words="takes no password over a line that is not encrypted",
        advice="Choose TLS or STARTTLS",
    )
    listed = f"{ASKED[POP3]}\nS: +OK in\nC: LIST"
    yield replace(
        at_sign_in,
        name="does not list the mailbox",
        script=f"{listed}\nS: -ERR no\nC: UIDL\nS: -ERR no\nC: STAT\nS: -ERR the mailbox is damaged",
        layer=Layer.FOLDER,
        words="the mailbox is damaged",
        advice="provider",
        worked=(Layer.SIGN_IN,),
    )


def _smtp_only() -> Iterator[Broken]:
    greeting = Broken("", SMTP, "", Layer.GREETING, "turned the connection away", "later")
    yield replace(greeting, name="421 at once", script="S: 421 4.3.2 too many connections")
    yield replace(
        greeting, name="554 at once", script="S: 554 5.7.1 you are listed", advice="takes no mail from"
    )
    hello = "S: 220 mx.example.org ESMTP\nC: EHLO [127.0.0.1]"
    yield replace(
        greeting,
        name="421 to EHLO",
        script=f"{hello}\nS: 421 4.3.2 closing",
        layer=Layer.CAPABILITY,
        words="does not want to speak with this program",
        worked=(Layer.GREETING,),
    )
    at_sign_in = replace(greeting, layer=Layer.SIGN_IN, worked=(Layer.CAPABILITY,))
    for name, answer, words, advice in (
        ("wrong password", "535 5.7.8 no", "the user name eva or the password", "Check both"),
        ("wants TLS first", "530 5.7.0 Must issue STARTTLS first", "not encrypted", "Choose TLS or STARTTLS"),
        ("busy", "454 4.7.0 Temporary authentication failure", "cannot check", "may well be right"),
        (
            "hangs up on the user",
            "421 4.7.0 too many errors",
            "ended the connection: too many errors",
            "later",
        ),
        (
            "app password wanted (534)",
            "534 5.7.9 Please log in",
            "with this kind of password",
            "app password",
        ),
        ("switched off", "535 5.7.139 SmtpClientAuthentication is disabled", "did not", "(SMTP) on"),
        ("does not understand", "500 What?", "did not understand", "settings"),
    ):
        script = f"{ASKED[SMTP]}\nS: {answer}"
        yield replace(at_sign_in, name=name, script=script, words=words, advice=advice)
    offers_none = "S: 220 mx ESMTP\nC: EHLO [127.0.0.1]\nS: 250 mx"
    yield replace(
        at_sign_in,
        name="relay without a sign-in",
        script=f"TLS\n{offers_none}",
        words="offers no sign-in",
        advice="leave the user name empty",
        security=TLS,
        certificate="good",
    )


BROKEN: list[Broken] = [
    one
    for protocol in PROTOCOLS
    for kinds in (_strangers, _dead_lines, _handshakes, _upgrades, _certificates, _sign_ins)
    for one in kinds(protocol)
] + [*_imap_only(), *_pop3_only(), *_smtp_only()]
