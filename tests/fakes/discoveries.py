"""What a search for servers may come to, for tests of the windows that show it."""

from __future__ import annotations

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.discovery import Discovery, FoundServer, FoundSettings, ServerKind, Source
from qtmail.domain.sign_in import SignIn, SignInMethod

ADDRESS = "ann@berg.example"

_PORTS = {
    (ServerKind.IMAP, Security.TLS): 993,
    (ServerKind.IMAP, Security.NONE): 143,
    (ServerKind.POP3, Security.TLS): 995,
    (ServerKind.SMTP, Security.TLS): 465,
}


def found_server(
    kind: ServerKind,
    host: str,
    *,
    security: Security = Security.TLS,
    methods: tuple[SignInMethod, ...] = (SignInMethod.PASSWORD,),
    foreign: bool = False,
    source: Source | None = None,
    user: str = ADDRESS,
) -> FoundServer:
    settings = ServerSettings(host, _PORTS[kind, security], security, user)
    return FoundServer(kind, settings, methods, foreign, source)


IMAP = found_server(ServerKind.IMAP, "imap.berg.example")
POP3 = found_server(ServerKind.POP3, "pop.berg.example")
SMTP = found_server(ServerKind.SMTP, "smtp.berg.example")

GOOGLE = FoundSettings(
    Source.PROVIDER_LIST,
    "Gmail",
    (
        found_server(
            ServerKind.IMAP,
            "imap.gmail.com",
            methods=(SignInMethod.OAUTH, SignInMethod.PASSWORD),
            user="ann@gmail.com",
        ),
        found_server(ServerKind.SMTP, "smtp.gmail.com", user="ann@gmail.com"),
    ),
    SignIn(SignInMethod.OAUTH, "google"),
)


def berg(*servers: FoundServer, source: Source = Source.AUTOCONFIG) -> FoundSettings:
    """What berg.example publishes: IMAP, POP3 and SMTP, or these servers."""
    return FoundSettings(source, "Berg Mail", servers or (IMAP, POP3, SMTP))


def discovery(*settings: FoundSettings, address: str = ADDRESS) -> Discovery:
    return Discovery(address, settings, ())
