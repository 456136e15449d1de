"""The server's side of SCRAM (RFC 5802 section 3), for tests: what it is given it checks, and it can lie."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from dataclasses import dataclass

SALT = b"a salt of 16 by."
NONCE = "the-server's-part"


@dataclass
class ScramServer:
    """One exchange.

    Attributes:
        hash_name: "sha1" or "sha256".
        password: what the server knows; the user's name is not looked at.
        binding: what this end knows of the line; None: it has no channel binding.
        offers_plus: it told the client so, with a -PLUS mechanism.
        iterations: how many it asks for.
        signature: what it sends in place of its own.
        nonce: what it makes of the client's.
    """

    hash_name: str = "sha256"
    password: str = "secret"
    binding: bytes | None = None
    offers_plus: bool = False
    iterations: int = 4096
    signature: bytes | None = None
    nonce: str | None = None

    def first(self, client_first: bytes) -> bytes:
        """The answer to the client's first message."""
        self._header, _, self._bare = self._split(client_first)
        client_nonce = dict(part.split("=", 1) for part in self._bare.split(","))["r"]
        self._nonce = self.nonce if self.nonce is not None else client_nonce + NONCE
        self._first = f"r={self._nonce},s={b64encode(SALT).decode()},i={self.iterations}"
        return self._first.encode()

    def final(self, client_final: bytes) -> bytes:
        """The answer to the client's proof: "v=…", or "e=…" if it is wrong."""
        without_proof, _, proof = client_final.decode().rpartition(",p=")
        attributes = dict(part.split("=", 1) for part in without_proof.split(","))
        if error := self._binding_error(b64decode(attributes["c"])):
            return f"e={error}".encode()
        salted = hashlib.pbkdf2_hmac(self.hash_name, self.password.encode(), SALT, self.iterations)
        client_key = hmac.new(salted, b"Client Key", self.hash_name).digest()
        message = f"{self._bare},{self._first},{without_proof}".encode()
        stored_key = hashlib.new(self.hash_name, client_key).digest()
        mask = hmac.new(stored_key, message, self.hash_name).digest()
        shown = bytes(a ^ b for a, b in zip(b64decode(proof), mask, strict=True))
        if shown != client_key or attributes["r"] != self._nonce:
            return b"e=invalid-proof"
        server_key = hmac.new(salted, b"Server Key", self.hash_name).digest()
        signature = hmac.new(server_key, message, self.hash_name).digest()
        return b"v=" + b64encode(self.signature if self.signature is not None else signature)

    def _split(self, client_first: bytes) -> tuple[str, str, str]:
        flag, authorisation, bare = client_first.decode().split(",", 2)
        return f"{flag},{authorisation},", authorisation, bare

    def _binding_error(self, said: bytes) -> str:
        """RFC 5802 section 6: what a server has to notice."""
        header = self._header.encode()
        if header.startswith(b"y") and self.offers_plus:
            return "server-does-support-channel-binding"
        bound = header.startswith(b"p=")
        expected = header + (self.binding or b"" if bound else b"")
        return "" if said == expected else "channel-bindings-dont-match"
