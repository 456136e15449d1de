"""Servers, sources and ways to sign in as people say them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.discovery import FoundServer, Source
from qtmail.domain.oauth import KNOWN_PROVIDERS
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.errors import Layer


def security_words(security: Security) -> str:
    return {
        Security.TLS: _words("encrypted (TLS)"),
        Security.STARTTLS: _words("encrypted (STARTTLS)"),
        Security.NONE: _words("NOT encrypted"),
    }[security]


def server_words(server: ServerSettings) -> str:
    """ "imap.example.org, encrypted (TLS), port 993, user ann@example.org" """
    return _words("{host}, {security}, port {port}, user {user}").format(
        host=server.host, security=security_words(server.security), port=server.port, user=server.user
    )


def found_words(server: FoundServer, domain: str) -> str:
    """The same after what it speaks, and where the server comes from if that is not where the others do."""
    words = f"{server.kind.upper()}: {server_words(server.settings)}"
    return f"{words} ({source_words(server.source, domain).rstrip('.')})" if server.source else words


def source_words(source: Source, domain: str) -> str:
    """Where settings come from, as the end of "These settings …"."""
    return {
        Source.PROVIDER_LIST: _words("From qtmail's list of mail providers."),
        Source.AUTOCONFIG: _words("Published by {domain}."),
        Source.ISPDB: _words("From the list that Thunderbird's makers keep."),
        Source.DNS: _words("From the name servers of {domain}."),
        Source.GUESS: _words("Guessed; these servers answered."),
        Source.MANUAL: _words("Typed by you."),
    }[source].format(domain=domain)


def search_words(source: Source, domain: str) -> str:
    """What is being asked while a source is looked at."""
    return {
        Source.PROVIDER_LIST: _words("qtmail's list of mail providers"),
        Source.AUTOCONFIG: _words("What {domain} publishes"),
        Source.ISPDB: _words("The list that Thunderbird's makers keep"),
        Source.DNS: _words("The name servers of {domain}"),
        Source.GUESS: _words("Usual server names of {domain}"),
        Source.MANUAL: "",
    }[source].format(domain=domain)


def oauth_title(provider: str) -> str:
    """What to call an OAuth provider: its name, or the host of its address."""
    known = KNOWN_PROVIDERS.get(provider)
    return known.title if known is not None else provider.removeprefix("https://").partition("/")[0]


def sign_in_words(sign_in: SignIn, *, app_password: bool) -> str:
    if sign_in.method is SignInMethod.OAUTH:
        return _words("in your browser, at {provider}").format(provider=oauth_title(sign_in.provider))
    return method_words(sign_in.method, app_password=app_password)


def method_words(method: SignInMethod, *, app_password: bool = False) -> str:
    if method is SignInMethod.PASSWORD and app_password:
        return _words("with an app password or authorisation code")
    return {
        SignInMethod.PASSWORD: _words("with your password"),
        SignInMethod.OAUTH: _words("in your browser"),
        SignInMethod.CERTIFICATE: _words("with a certificate of your own"),
    }[method]


def fault_words(layer: Layer, server: str) -> str:
    """What did not work at `server`, in a sentence; what it said stands elsewhere."""
    words = {
        Layer.NAME_LOOKUP: _words("{server} was not found under its name."),
        Layer.CONNECTION: _words("There is no connection to {server}."),
        Layer.TLS: _words("The line to {server} could not be encrypted safely."),
        Layer.GREETING: _words("{server} does not answer as a mail server does."),
        Layer.CAPABILITY: _words("{server} lacks something that is needed."),
        Layer.SIGN_IN: _words("{server} did not let you in."),
        Layer.FOLDER: _words("The folders on {server} cannot be opened."),
        Layer.QUOTA: _words("The mailbox on {server} is full."),
        Layer.CLOCK: _words("This computer's clock is wrong."),
    }.get(layer, _words("{server} did not do what was asked."))
    return words.format(server=server or _words("This computer"))


def _words(text: str) -> str:
    return QCoreApplication.translate("Assistant", text)
