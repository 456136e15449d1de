"""What the options of `qtmail account add` mean."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

from qtmail.cli.arguments import SECURITIES
from qtmail.domain.account import (
    Account,
    BodyPolicy,
    Pop3Keep,
    Pop3Policy,
    Security,
    ServerSettings,
    SyncPolicy,
)
from qtmail.domain.oauth import KNOWN_PROVIDERS
from qtmail.domain.ports import IMAP_PORTS, POP3_PORTS, SMTP_PORTS
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.errors import UsageError

_SERVER = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+)(?::(?P<port>\d{1,5}))?(?:/(?P<security>\w+))?"
)
_KEEP = re.compile(
    r"(?P<mode>delete|keep|until-deleted|days:(?P<days>\d{1,4})|newest:(?P<most>\d{1,9})(?P<mb>MB)?)"
)


def read_account(arguments: argparse.Namespace) -> Account:
    """The account that the options describe. Raises UsageError."""
    address: str = arguments.email.strip()
    local, _, domain = address.rpartition("@")
    if not local or not domain or any(c.isspace() for c in address):
        raise UsageError(f"“{address}” is not a mail address.")
    user = arguments.user or address
    imap = pop3 = None
    if arguments.pop3 and arguments.imap:
        raise UsageError("Mail comes by IMAP or by POP3, not by both.", advice="Give --imap or --pop3.")
    if arguments.pop3:
        pop3 = parse_server(arguments.pop3, user, POP3_PORTS)
    elif arguments.keep or arguments.headers_only_over or arguments.apop:
        raise UsageError("--keep, --headers-only-over and --apop are for POP3.", advice="Give --pop3, too.")
    elif not arguments.no_imap:
        imap = parse_server(arguments.imap or f"imap.{domain}", user, IMAP_PORTS)
    elif not arguments.smtp:
        raise UsageError("An account needs a server.", advice="Give --smtp with --no-imap.")
    return Account(
        id=0,
        name=arguments.name or address,
        address=address,
        full_name=arguments.full_name,
        imap=imap,
        smtp=parse_server(arguments.smtp, user, SMTP_PORTS) if arguments.smtp else None,
        sync=SyncPolicy(bodies=BodyPolicy(arguments.bodies)),
        pop3=pop3,
        pop3_policy=_pop3_policy(arguments),
        sign_in=_sign_in(arguments),
    )


def parse_server(text: str, user: str, ports: Mapping[Security, int]) -> ServerSettings:
    """Read `HOST[:PORT][/SECURITY]`. Raises UsageError."""
    found = _SERVER.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"“{text}” is not a server.", advice="Write HOST:PORT/tls, /starttls or /none.")
    name = (found["security"] or "").lower() or _usual_security(found["port"], ports)
    if name not in SECURITIES:
        raise UsageError(
            f"“{found['security']}” is not a kind of security.", advice="Choose tls, starttls or none."
        )
    security = Security(name)
    port = int(found["port"] or ports[security])
    if not 0 < port < 65536:
        raise UsageError(f"{port} is not a port.", advice="Ports are 1 to 65535.")
    return ServerSettings(found["host"].strip("[]"), port, security, user)


def parse_keep(text: str) -> Pop3Policy:
    """Read `delete`, `keep`, `days:N`, `until-deleted`, `newest:N` or `newest:NMB`. Raises UsageError."""
    found = _KEEP.fullmatch(text.strip())
    if found is None:
        raise UsageError(
            f"“{text}” does not say what stays on the server.",
            advice="Choose delete, keep, days:14, until-deleted, newest:500 or newest:200MB.",
        )
    if found["days"]:
        return Pop3Policy(Pop3Keep.DAYS, days=int(found["days"]))
    if found["most"]:
        most = int(found["most"])
        if found["mb"]:
            return Pop3Policy(Pop3Keep.NEWEST, newest_bytes=most * 2**20)
        return Pop3Policy(Pop3Keep.NEWEST, newest_count=most)
    return Pop3Policy(Pop3Keep(found["mode"]))


def _usual_security(port: str | None, ports: Mapping[Security, int]) -> str:
    """TLS, unless the port given is the one where STARTTLS is usual; never clear text by itself."""
    return "starttls" if port == str(ports[Security.STARTTLS]) else "tls"


def _pop3_policy(arguments: argparse.Namespace) -> Pop3Policy:
    policy = parse_keep(arguments.keep) if arguments.keep else Pop3Policy()
    over = arguments.headers_only_over * 2**20
    if over < 0:
        raise UsageError("A size is not below nothing.", advice="Give --headers-only-over in MB.")
    return Pop3Policy(
        policy.keep,
        policy.days,
        policy.newest_count,
        policy.newest_bytes,
        headers_only_over=over,
        apop=arguments.apop,
    )


def _sign_in(arguments: argparse.Namespace) -> SignIn:
    if arguments.certificate is not None:
        file: Path = arguments.certificate
        return SignIn(SignInMethod.CERTIFICATE, certificate_file=str(file.absolute()))
    provider: str = arguments.oauth
    if not provider:
        return SignIn()
    if provider not in KNOWN_PROVIDERS and not provider.lower().startswith("https://"):
        raise UsageError(
            f"“{provider}” is no provider that qtmail knows.",
            advice=f"Choose {', '.join(KNOWN_PROVIDERS)} or the https:// address of its issuer.",
        )
    return SignIn(SignInMethod.OAUTH, provider=provider, client_id=arguments.client_id)
