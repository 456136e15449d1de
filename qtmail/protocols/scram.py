"""SCRAM (RFC 5802, RFC 7677): proving that one knows a password without saying it, and the server likewise.

    client                                          server
    first:   gs2 header, user name, nonce    →
                                             ←      nonce + its own, salt, iterations
    final:   gs2 header + binding, proof     →
                                             ←      its signature, or e=what is wrong

The gs2 header says whether the exchange is bound to the TLS connection it runs over (channel binding):
"p=type" binds it; "y" says that this side could and thinks that the server cannot, so that a server that can
notices when somebody took the -PLUS mechanisms out of its offer; "n" says that this side cannot.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import stringprep
import unicodedata
from base64 import b64decode, b64encode
from enum import StrEnum

from qtmail.protocols.imap_syntax import words

FEWEST_ITERATIONS = 4096
"""RFC 7677 section 4. With fewer, one who pretends to be the server could guess passwords from the proof."""
MOST_ITERATIONS = 5_000_000
"""A few seconds of computing, and eight times what is recommended today; more would only block us."""

_HASHES = {"SCRAM-SHA-1": "sha1", "SCRAM-SHA-256": "sha256"}
_NONCE_BYTES = 24


class ScramFault(StrEnum):
    """Why this side broke an exchange off, or does not believe its end."""

    UNREADABLE = "the server's answer makes no sense"
    NONCE = "the server's answer does not belong to this sign-in"
    TOO_FEW_ITERATIONS = f"the server asks for fewer than {FEWEST_ITERATIONS} iterations"
    TOO_MANY_ITERATIONS = f"the server asks for more than {MOST_ITERATIONS} iterations"
    SIGNATURE = "the server's signature is wrong"


class ScramError(Exception):
    """The exchange cannot go on."""

    def __init__(self, fault: ScramFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class ScramExchange:
    """The client's side of one exchange, without the protocol around it.

    Attributes:
        verified: the server has proved that it knows the password.
        server_error: what the server said is wrong (RFC 5802 section 7, server-error-value), or "".
    """

    def __init__(
        self,
        mechanism: str,
        user: str,
        password: str,
        *,
        gs2_header: bytes,
        binding: bytes = b"",
        nonce: str = "",
    ) -> None:
        """`mechanism`: "SCRAM-SHA-1" or "SCRAM-SHA-256"; `nonce`: given in tests only.

        Raises ValueError for a user name or password that SASLprep forbids.
        """
        self._hash = _HASHES[mechanism]
        self._gs2_header = gs2_header
        self._binding = binding
        self._nonce = (nonce or secrets.token_urlsafe(_NONCE_BYTES)).encode()
        self._bare = b"n=" + _user_name(user) + b",r=" + self._nonce
        self._password = prepared(password).encode()
        self._signature = b""
        self.verified = False
        self.server_error = ""

    def first(self) -> bytes:
        """The first message."""
        return self._gs2_header + self._bare

    def final(self, server_first: bytes) -> bytes:
        """The proof, in answer to the server's first message. Raises ScramError."""
        nonce, salt, iterations = self._read_server_first(server_first)
        without_proof = b"c=" + b64encode(self._gs2_header + self._binding) + b",r=" + nonce
        exchanged = b",".join((self._bare, server_first, without_proof))
        salted = hashlib.pbkdf2_hmac(self._hash, self._password, salt, iterations)
        client_key = self._hmac(salted, b"Client Key")
        stored_key = hashlib.new(self._hash, client_key).digest()
        proof = _xor(client_key, self._hmac(stored_key, exchanged))
        self._signature = self._hmac(self._hmac(salted, b"Server Key"), exchanged)
        return without_proof + b",p=" + b64encode(proof)

    def verify(self, server_final: bytes) -> None:
        """Check the server's last message. Raises ScramError if it proves nothing; what the server itself
        says is wrong goes into `server_error` instead.
        """
        attributes = _attributes(server_final)
        if error := attributes.get(b"e"):
            self.server_error = words(error)
            return
        if not hmac.compare_digest(_decoded(attributes.get(b"v", b"")), self._signature):
            raise ScramError(ScramFault.SIGNATURE)
        self.verified = True

    def _read_server_first(self, message: bytes) -> tuple[bytes, bytes, int]:
        """Nonce, salt and iterations."""
        if not message.startswith(b"r="):  # an extension ("m=") that must be understood is not
            raise ScramError(ScramFault.UNREADABLE)
        attributes = _attributes(message)
        nonce, salt, iterations = (attributes.get(name, b"") for name in (b"r", b"s", b"i"))
        if not (salt and iterations.isdigit() and len(iterations) < 20):
            raise ScramError(ScramFault.UNREADABLE)
        if not nonce.startswith(self._nonce) or nonce == self._nonce:
            raise ScramError(ScramFault.NONCE)
        if int(iterations) < FEWEST_ITERATIONS:
            raise ScramError(ScramFault.TOO_FEW_ITERATIONS)
        if int(iterations) > MOST_ITERATIONS:
            raise ScramError(ScramFault.TOO_MANY_ITERATIONS)
        return nonce, _decoded(salt), int(iterations)

    def _hmac(self, key: bytes, message: bytes) -> bytes:
        return hmac.digest(key, message, self._hash)


def _attributes(message: bytes) -> dict[bytes, bytes]:
    """The "a=value" pairs of a message, by their letter."""
    pairs = [attribute.partition(b"=") for attribute in message.split(b",")]
    return {name: value for name, _, value in pairs}


def _decoded(value: bytes) -> bytes:
    try:
        return b64decode(value, validate=True)
    except ValueError as error:
        raise ScramError(ScramFault.UNREADABLE) from error


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _user_name(user: str) -> bytes:
    """A user name as it stands in a message: commas and equals signs would end it."""
    return prepared(user).encode().replace(b"=", b"=3D").replace(b",", b"=2C")


# -- SASLprep (RFC 4013) -------------------------------------------------------------------------------

_PROHIBITED = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def prepared(text: str) -> str:
    """A user name or password in the one form that both sides compute with (SASLprep, as a query: letters
    younger than Unicode 3.2 stay as they are).

    Raises ValueError for what it forbids: control and private characters, mixed directions, nothing at all.
    """
    spaced = "".join(
        " " if stringprep.in_table_c12(letter) else letter
        for letter in text
        if not stringprep.in_table_b1(letter)
    )
    normal = unicodedata.ucd_3_2_0.normalize("NFKC", spaced)
    if not normal:
        raise ValueError("nothing is left")
    if any(forbids(letter) for letter in normal for forbids in _PROHIBITED):
        raise ValueError("a character is not allowed")
    _check_directions(normal)
    return normal


def _check_directions(text: str) -> None:
    """RFC 3454 section 6: right-to-left text begins and ends so, and has nothing else in it."""
    right = [stringprep.in_table_d1(letter) for letter in text]
    if any(right):
        if any(map(stringprep.in_table_d2, text)):
            raise ValueError("letters of both directions")
        if not (right[0] and right[-1]):
            raise ValueError("right-to-left text with another end")
