"""How a user proves who they are (SASL, RFC 4422): one class a mechanism, for every protocol with AUTH.

A mechanism knows nothing of the protocol around it: it turns the server's challenges into responses. Which
one is used follows from what the user signs in with and from the line:

* A password: SCRAM first, which shows it to nobody and makes the server prove that it knows it. Then, on
  an encrypted line, PLAIN: there CRAM-MD5 protects nothing more, costs a round trip, leaves open how letters
  beyond ASCII are coded, and some servers that keep only hashes of passwords offer it and can never verify
  it. On a clear line CRAM-MD5; what shows the password only where the user allowed that.
* An access token: OAUTHBEARER, else XOAUTH2, on the same terms as a password that is shown.
* A client certificate: EXTERNAL.

A refusal ends the sign-in once it may be the password that was refused (`Mechanism.judged`): servers lock
accounts after a few wrong ones, so a mistyped one costs one attempt. Before that the next mechanism is
tried: a server that keeps only hashes of passwords may offer SCRAM to everybody and turn each user away at
the first message. Nobody can force a password out by refusing: the list holds only what the line may carry.
"""

from __future__ import annotations

import hmac
import json
from abc import ABC, abstractmethod
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from qtmail.domain.sign_in import AccessToken, ClientCertificate, Secret
from qtmail.errors import SignInFailed
from qtmail.protocols.channel_binding import ChannelBinding
from qtmail.protocols.imap_syntax import words
from qtmail.protocols.scram import ScramError, ScramExchange, ScramFault


@dataclass(frozen=True, slots=True)
class Line:
    """What matters of a line for a sign-in.

    Attributes:
        encrypted: nobody on the way can read it.
        binding: what ties a sign-in to this line, where it is known.
        may_show: a password may go over it as it is: it is encrypted, never leaves this computer, or the
            user allowed it.
    """

    encrypted: bool
    binding: ChannelBinding | None = None
    may_show: bool = False

    def carries(self, mechanism: Mechanism) -> bool:
        return self.encrypted or self.may_show or not mechanism.shows_secret


class Mechanism(ABC):
    """One sign-in with one mechanism; made anew for each attempt.

    Attributes:
        name: as registered with IANA.
        client_first: the first response can go with the command; where it does not, an empty challenge asks
            for it.
        shows_secret: whoever reads the line learns the password or token.
        judged: the server has seen what depends on the secret, so a refusal is about that.
        server_error: what the server said within the exchange is wrong, or "".
    """

    name: str
    client_first: bool = False
    shows_secret: bool = True

    def __init__(self, user: str, secret: str) -> None:
        self._user = user.encode("utf-8", "surrogateescape")
        self._secret = secret.encode("utf-8", "surrogateescape")
        self._answered = 0
        self.judged = False
        self.server_error = ""

    def __repr__(self) -> str:
        return f"<{self.name} for {self._user.decode('utf-8', 'replace')}>"

    def answer(self, challenge: bytes) -> bytes | None:
        """The response to a challenge, or None to break off: the server asks what makes no sense."""
        self._answered += 1
        return self._response(self._answered, challenge)

    def suits(self) -> bool:
        """Whether it can carry this user name and secret."""
        return True

    def check(self, host: str, *, accepted: bool) -> None:  # noqa: B027 (most have nothing to check)
        """To be called when the server has ended the exchange, before its answer is believed.

        Raises SignInFailed if this side broke off for a reason of its own, or if a server that accepted has
        not proved who it is.
        """

    @abstractmethod
    def _response(self, number: int, challenge: bytes) -> bytes | None:
        """The response to the `number`th challenge, from 1."""


class Plain(Mechanism):
    """User name and password in one response (RFC 4616)."""

    name = "PLAIN"
    client_first = True

    def suits(self) -> bool:
        return b"\0" not in self._user + self._secret

    def _response(self, number: int, challenge: bytes) -> bytes | None:
        self.judged = True
        return b"\0" + self._user + b"\0" + self._secret if number == 1 else None


class Login(Mechanism):
    """User name, then password; never standardised, and for some servers the only one.

    What the challenges say differs from server to server, so only their number counts.
    """

    name = "LOGIN"

    def _response(self, number: int, challenge: bytes) -> bytes | None:
        self.judged = number > 1
        return {1: self._user, 2: self._secret}.get(number)


class CramMd5(Mechanism):
    """A keyed hash of the server's challenge (RFC 2195)."""

    name = "CRAM-MD5"
    shows_secret = False

    def _response(self, number: int, challenge: bytes) -> bytes | None:
        if number > 1 or not challenge:
            return None
        self.judged = True
        return self._user + b" " + hmac.new(self._secret, challenge, "md5").hexdigest().encode()


class Scram(Mechanism):
    """SCRAM-SHA-1 and -256, with and without channel binding (RFC 5802, RFC 7677)."""

    client_first = True
    shows_secret = False

    def __init__(
        self, name: str, user: str, password: str, *, binding: ChannelBinding | None, header: bytes = b"n,,"
    ) -> None:
        """With a `binding` it is the -PLUS variant of `name`; else `header` tells why it is not."""
        super().__init__(user, password)
        self.name = f"{name}-PLUS" if binding else name
        self._fault: ScramFault | None = None
        try:
            self._exchange: ScramExchange | None = ScramExchange(
                name,
                user,
                password,
                gs2_header=b"p=%s,," % binding.kind.encode() if binding else header,
                binding=binding.data if binding else b"",
            )
        except ValueError:
            self._exchange = None

    def suits(self) -> bool:
        return self._exchange is not None

    def check(self, host: str, *, accepted: bool) -> None:
        if self._fault is ScramFault.SIGNATURE or (accepted and not self._verified):
            raise SignInFailed(
                f"{host} could not prove that it knows the password.",
                advice="Somebody may be pretending to be the server. The password was not sent; do not enter "
                "it again before the server's owner has explained this.",
                detail=self._fault or "the server accepted without a signature",
            )
        if self.server_error in _BETWEEN:
            raise SignInFailed(
                f"{host} sees another encrypted connection than this computer does.",
                advice="Somebody may be between the two. The password was not sent. Try another network; if "
                "it goes on, tell the provider.",
                detail=self.server_error,
            )
        if self._fault is not None:
            raise SignInFailed(
                f"{host} asked something while signing in that qtmail cannot accept.",
                advice="The password was not sent. Tell the provider.",
                detail=self._fault,
            )

    @property
    def _verified(self) -> bool:
        return self._exchange is not None and self._exchange.verified

    def _response(self, number: int, challenge: bytes) -> bytes | None:
        assert self._exchange is not None, "only a mechanism that suits is used"
        try:
            match number:
                case 1:
                    return self._exchange.first()
                case 2:
                    return self._proof(self._exchange, challenge)
                case 3:
                    return self._last(self._exchange, challenge)
        except ScramError as error:
            self._fault = error.fault
        return None

    def _proof(self, exchange: ScramExchange, challenge: bytes) -> bytes:
        proof = exchange.final(challenge)
        self.judged = True
        return proof

    def _last(self, exchange: ScramExchange, challenge: bytes) -> bytes:
        exchange.verify(challenge)
        self.server_error = exchange.server_error
        if self.server_error in _NO_BINDING:
            self.judged = False
        return b""


_BETWEEN = {"channel-bindings-dont-match", "server-does-support-channel-binding"}
_NO_BINDING = {"unsupported-channel-binding-type", "channel-binding-not-supported"}


class _Bearer(Mechanism):
    """An access token, in fields that end with ^A."""

    client_first = True

    def suits(self) -> bool:
        return b"\1" not in self._user + self._secret


class OAuthBearer(_Bearer):
    """An access token (RFC 7628)."""

    name = "OAUTHBEARER"

    def _response(self, number: int, challenge: bytes) -> bytes | None:
        self.judged = True
        if number == 1:
            user = self._user.replace(b"=", b"=3D").replace(b",", b"=2C")
            return b"n,a=%s,\1auth=Bearer %s\1\1" % (user, self._secret)
        self.server_error = _token_error(challenge)
        return b"\1" if number == 2 else None  # section 3.2.3: then the server says that it refuses


class XOAuth2(_Bearer):
    """The same before it became a standard; Outlook knows only this one."""

    name = "XOAUTH2"

    def _response(self, number: int, challenge: bytes) -> bytes | None:
        self.judged = True
        if number == 1:
            return b"user=%s\1auth=Bearer %s\1\1" % (self._user, self._secret)
        self.server_error = _token_error(challenge)
        return b"" if number == 2 else None


class External(Mechanism):
    """The certificate this side showed in the TLS handshake (RFC 4422 appendix A); the user name says whose
    mail it opens."""

    name = "EXTERNAL"
    client_first = True
    shows_secret = False

    def _response(self, number: int, challenge: bytes) -> bytes | None:
        self.judged = True
        return self._user if number == 1 else None


def _token_error(challenge: bytes) -> str:
    """What a server says is wrong with a token, of its JSON (RFC 7628 section 3.2.2), or what it said."""
    try:
        told = json.loads(challenge)
    except (ValueError, RecursionError):
        return words(challenge)
    if not isinstance(told, dict):
        return words(challenge)
    said = ", ".join(f"{name}: {told[name]}" for name in ("status", "error", "scope") if name in told)
    return words(said.encode("utf-8", "replace"))


def choose(offered: Iterable[str], line: Line, user: str, secret: Secret) -> list[Mechanism]:
    """The mechanisms to try, best first: those a server offers (names in upper case), that suit the user and
    secret, and that the line may carry."""
    names = frozenset(offered)
    known = [mechanism for mechanism in _known(names, line, user, secret) if mechanism.name in names]
    return [mechanism for mechanism in known if mechanism.suits() and line.carries(mechanism)]


def _known(offered: frozenset[str], line: Line, user: str, secret: Secret) -> list[Mechanism]:
    match secret:
        case ClientCertificate():
            return [External(user, "")] if line.encrypted else []
        case AccessToken(value):
            return [OAuthBearer(user, value), XOAuth2(user, value)]
    scram = _scram(offered, line, user, secret)
    plain, login, cram = Plain(user, secret), Login(user, secret), CramMd5(user, secret)
    return [*scram, plain, login, cram] if line.encrypted else [*scram, cram, plain, login]


def _scram(offered: frozenset[str], line: Line, user: str, password: str) -> list[Mechanism]:
    """Each hash with channel binding, then without: what the server may refuse is the kind of binding."""
    could_bind = line.binding is not None and not any(name.endswith("-PLUS") for name in offered)
    header = b"y,," if could_bind else b"n,,"
    found: list[Mechanism] = []
    for name in ("SCRAM-SHA-256", "SCRAM-SHA-1"):
        if line.binding is not None:
            found.append(Scram(name, user, password, binding=line.binding))
        found.append(Scram(name, user, password, binding=None, header=header))
    return found


def encode(response: bytes) -> bytes:
    """A response as it is written on a line (base64); an empty one that goes with the command is "="."""
    return b64encode(response)


def decode(challenge: bytes) -> bytes:
    """A challenge as it was read from a line; what is not base64, as old servers write it, stays as it is."""
    try:
        return b64decode(challenge, validate=True)
    except ValueError:
        return challenge
