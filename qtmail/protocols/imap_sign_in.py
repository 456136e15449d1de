"""Signing in (RFC 9051 sections 6.2.2 and 6.2.3) and what follows it in the same breath: ID, ENABLE,
NAMESPACE."""

from __future__ import annotations

from qtmail import __version__
from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.sign_in import Secret
from qtmail.errors import Retry, SignInFailed
from qtmail.protocols import sasl
from qtmail.protocols.imap_dialogue import Dialogue, Pending
from qtmail.protocols.imap_refusals import sign_in_refused
from qtmail.protocols.imap_syntax import MalformedError, Untagged, Value, astring
from qtmail.protocols.imap_values import Namespace, Namespaces
from qtmail.protocols.quirks import Quirks
from qtmail.protocols.sign_in import about_secret, discreet, line_to, mechanisms_for


@discreet
def sign_in(
    dialogue: Dialogue,
    settings: ServerSettings,
    secret: Secret,
    quirks: Quirks,
    *,
    allow_clear_password: bool,
) -> None:
    """Prove who the user is with the strongest mechanism that both know; the LOGIN command, which needs a
    single round trip, stands for the mechanism of this name.

    Raises SignInFailed with the server's words in `detail`, and ClearPasswordRefused or TlsFailed rather than
    send a password in clear text.
    """
    offered = {name.removeprefix("AUTH=") for name in dialogue.capabilities if name.startswith("AUTH=")}
    line = line_to(settings, dialogue.stream, offered, allow_clear_password=allow_clear_password)
    if dialogue.offers("LOGINDISABLED"):
        if not offered:
            raise _login_disabled(settings)
    else:
        offered.add(sasl.Login.name)
    dialogue.capabilities_told = False  # a server may offer other things to those who signed in
    for mechanism in mechanisms_for(settings, line, offered, secret):
        pending = _try(dialogue, mechanism, settings, secret)
        mechanism.check(settings.host, accepted=not pending.refused)
        if not pending.refused:
            return
        fault = sign_in_refused(pending, settings, quirks)
        if mechanism.judged or fault.retry is Retry.LATER:
            break
    raise about_secret(fault, settings, secret, mechanism.server_error)


def _try(dialogue: Dialogue, mechanism: sasl.Mechanism, settings: ServerSettings, secret: Secret) -> Pending:
    """One attempt, up to the server's answer."""
    if isinstance(mechanism, sasl.Login) and isinstance(secret, str) and not dialogue.offers("LOGINDISABLED"):
        mechanism.judged = True  # the command carries all there is to judge
        pending = _login(dialogue, settings.user, secret)
    else:
        pending = _authenticate(dialogue, mechanism)
    _finish(dialogue, pending)
    return pending


def _authenticate(dialogue: Dialogue, mechanism: sasl.Mechanism) -> Pending:
    """AUTHENTICATE, and the challenges it brings (RFC 9051 section 6.2.2)."""
    command = b"AUTHENTICATE " + mechanism.name.encode()
    unsaid = mechanism.answer(b"") if mechanism.client_first else None
    if unsaid is not None and dialogue.offers("SASL-IR"):  # RFC 4959: saves a round trip
        pending = dialogue.submit(
            command, sasl.encode(unsaid) or b"=", doing="sign in", shown=command + b" ***"
        )
        unsaid = None
    else:
        pending = dialogue.submit(command, doing="sign in")
    while dialogue.await_continuation(pending):
        response = unsaid if unsaid is not None else mechanism.answer(sasl.decode(dialogue.challenge))
        unsaid = None
        if response is None:
            dialogue.send_line(b"*")  # breaks off; the server answers BAD
            break
        dialogue.send_line(sasl.encode(response), shown=b"***")
    return pending


def _login(dialogue: Dialogue, user_name: str, password: str) -> Pending:
    user = user_name.encode("utf-8", "surrogateescape")
    secret = password.encode("utf-8", "surrogateescape")
    shown = b"LOGIN %s ***" % user
    return dialogue.submit(b"LOGIN", astring(user), astring(secret), doing="sign in", shown=shown)


def _finish(dialogue: Dialogue, pending: Pending) -> None:
    for untagged in dialogue.answers(pending):
        dialogue.updates.note(untagged)


def _login_disabled(settings: ServerSettings) -> SignInFailed:
    if settings.security is Security.NONE:
        return SignInFailed(
            f"{settings.host} takes no password over a line that is not encrypted.",
            advice="Choose TLS or STARTTLS in the account's settings.",
        )
    return SignInFailed(f"{settings.host} offers no way of signing in that qtmail knows.")


def introduce(dialogue: Dialogue, quirks: Quirks) -> tuple[Namespaces, dict[str, str]]:
    """Say who we are and switch on what the server offers, in one round trip; returns its name spaces and
    its ID.

    Where the answer to the sign-in did not list the capabilities, they are asked for along with the rest,
    and a second round trip follows only if they bring something new. A server that refuses any of it is
    used without.
    """
    asked: set[bytes] = set()
    found: list[Untagged] = []
    commands = _introduction(dialogue, quirks)
    if not dialogue.capabilities_told:
        commands.insert(0, b"CAPABILITY")
    while commands:
        pendings = [dialogue.submit(command, doing="introduce itself") for command in commands]
        for pending in pendings:
            found.extend(dialogue.answers(pending))
        asked |= {command.split(b" ", 1)[0] for command in commands}
        commands = [c for c in _introduction(dialogue, quirks) if c.split(b" ", 1)[0] not in asked]
    namespaces, server_id = Namespaces(), {}
    for untagged in found:
        try:
            if untagged.name == b"NAMESPACE":
                namespaces = parse_namespaces(untagged.values())
            elif untagged.name == b"ID":
                server_id = parse_id(untagged.values())
            elif untagged.name == b"ENABLED":
                dialogue.enabled |= frozenset(untagged.text.decode("ascii", "replace").upper().split())
            else:
                dialogue.updates.note(untagged)
        except MalformedError:
            dialogue.updates.malformed()
    return namespaces, server_id


def _introduction(dialogue: Dialogue, quirks: Quirks) -> list[bytes]:
    commands = []
    if dialogue.offers("ID"):  # RFC 2971; without it NetEase refuses to open any folder
        commands.append(b'ID ("name" "qtmail" "version" "%s" "vendor" "qtmail")' % __version__.encode())
    if dialogue.offers("ENABLE") and (wanted := _to_enable(dialogue, quirks)):
        commands.append(b"ENABLE " + b" ".join(wanted))
    if dialogue.offers("NAMESPACE"):
        commands.append(b"NAMESPACE")
    return commands


def _to_enable(dialogue: Dialogue, quirks: Quirks) -> list[bytes]:
    wanted = []
    if dialogue.offers("QRESYNC") and quirks.trust_vanished:
        wanted.append(b"QRESYNC")
    elif dialogue.offers("CONDSTORE"):
        wanted.append(b"CONDSTORE")
    if dialogue.offers("UTF8=ACCEPT"):
        wanted.append(b"UTF8=ACCEPT")
    return wanted


def parse_namespaces(values: list[Value]) -> Namespaces:
    """The three lists of a NAMESPACE response; what is missing or malformed is left out."""
    lists = [_namespaces(value) for value in values[:3]]
    lists += [()] * (3 - len(lists))
    return Namespaces(*lists)


def _namespaces(value: Value) -> tuple[Namespace, ...]:
    found = []
    for item in value if isinstance(value, list) else []:
        match item:
            case [bytes() as prefix, bytes() as delimiter, *_]:
                found.append(Namespace(prefix, delimiter.decode("latin-1")))
            case [bytes() as prefix, *_]:
                found.append(Namespace(prefix, ""))
    return tuple(found)


def parse_id(values: list[Value]) -> dict[str, str]:
    """The pairs of an ID response (RFC 2971 section 3.2), names in lower case."""
    pairs = values[0] if values and isinstance(values[0], list) else []
    texts = [item.decode("utf-8", "replace") if isinstance(item, bytes) else "" for item in pairs]
    return {name.lower(): text for name, text in zip(texts[::2], texts[1::2], strict=False) if name}
