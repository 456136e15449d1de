"""An OAuth 2.0 authorization server on loopback: strict where it checks, and made to fail where a test says.

It speaks HTTPS under the name localhost, with a certificate of the test's own authority. It has metadata
(RFC 8414), a page on which the user agrees at once, tokens with PKCE (RFC 7636), refresh tokens that may
change at every use (one used twice takes the whole sign-in down), and device codes (RFC 8628).
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import http.server
import json
import secrets
import ssl
import threading
import urllib.parse
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import trustme

CLIENT_ID = "test-client"
MAIL = "mail"

METADATA = "metadata"
PAGE = "page"
CODE = "code"
REFRESH = "refresh"
DEVICE = "device"
DEVICE_TOKEN = "device-token"


@dataclass(frozen=True)
class Reply:
    """What the server says.

    Attributes:
        says: a JSON object, or bytes as they are.
        silent: say nothing until the server ends.
        cut: close the line instead of answering.
    """

    status: int = 200
    says: dict[str, Any] | bytes = field(default_factory=dict)
    content_type: str = "application/json"
    silent: bool = False
    cut: bool = False


def error(code: str, status: int = 400, **more: Any) -> Reply:
    return Reply(status, {"error": code, **more})


HTML = Reply(200, b"<html><body>Welcome to the hotel. Please sign in.</body></html>", "text/html")
EMPTY = Reply(200, b"")
SILENT = Reply(silent=True)
CUT = Reply(cut=True)
BROKEN = Reply(503, b"<html>Service Unavailable</html>", "text/html")


@dataclass
class Grant:
    """One user's permission.

    Attributes:
        current: the only refresh token that is good.
    """

    current: str = ""
    revoked: bool = False


class AuthorizationServer(http.server.ThreadingHTTPServer):
    """Use it in a `with`.

    Attributes:
        instead: for a step, what to say the next times instead of what is right.
        always: the same, every time.
        answer: changes the parameters the browser brings back.
        token: members that every token answer gets in addition; None takes one out.
        rotates: whether a refresh token changes at every use.
        seconds: how long access tokens are good.
        asked: the steps there were, in order, with what was sent.
        secrets: everything that must not be seen anywhere.
        pages: what the browser was shown in the end, as (status, text).
        holds: for a step, what the server waits for before it answers.
    """

    daemon_threads = True
    block_on_close = True

    def __init__(self, authority: trustme.CA) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(self._tls)
        self.issuer = f"https://localhost:{self.server_port}"
        self.instead: dict[str, deque[Reply]] = defaultdict(deque)
        self.always: dict[str, Reply] = {}
        self.answer: Callable[[dict[str, str]], dict[str, str]] = lambda parameters: parameters
        self.token: dict[str, Any] = {}
        self.rotates = True
        self.seconds = 3600
        self.client_secret = ""
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.secrets: list[str] = []
        self.pages: list[tuple[int, str]] = []
        self.ended = threading.Event()
        self.holds: dict[str, threading.Event] = {}
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._codes: dict[str, dict[str, str]] = {}
        self._grants: dict[str, Grant] = {}
        self._access: dict[str, Grant] = {}
        self._browsers: list[threading.Thread] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> AuthorizationServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        for browser in self._browsers:
            browser.join(30)
        self.shutdown()
        self._thread.join()
        self.server_close()

    def get_request(self) -> tuple[ssl.SSLSocket, Any]:
        connected, address = self.socket.accept()
        connected.settimeout(30)
        secure = self._tls.wrap_socket(connected, server_side=True, do_handshake_on_connect=False)
        return secure, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Quiet: clients that distrust the certificate or give up are what tests are about."""

    # -- what a test does --------------------------------------------------------------------------

    def browse(self, url: str) -> None:
        """Play the user's browser: open the page, agree, and follow the redirect."""
        browser = threading.Thread(target=self._browse, args=(url,))
        self._browsers.append(browser)
        browser.start()

    def accepts(self, access_token: str) -> bool:
        """Whether a mail server would let this token in."""
        grant = self._access.get(access_token)
        return grant is not None and not grant.revoked

    def revoke_access_tokens(self) -> None:
        """Take back all access tokens; the refresh tokens stay good."""
        self._access.clear()

    def revoke(self) -> None:
        """The user withdraws the permission on the provider's page."""
        for grant in {id(grant): grant for grant in self._grants.values()}.values():
            grant.revoked = True

    def issue(self) -> str:
        """A refresh token as from an earlier sign-in."""
        return self._new_refresh_token(Grant())

    def count(self, step: str) -> int:
        return sum(asked == step for asked, _ in self.asked)

    # -- what it says ------------------------------------------------------------------------------

    def reply(self, step: str, fields: dict[str, str]) -> Reply:
        with self._lock:
            self.asked.append((step, fields))
            self.secrets += [fields[name] for name in ("code_verifier", "state") if name in fields]
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            if step in self.holds:
                self.holds[step].wait(30)
            if step in self.always:
                return self.always[step]
            if self.instead[step]:
                return self.instead[step].popleft()
            with self._lock:
                return self._right(step, fields)
        finally:
            with self._lock:
                self._at_once -= 1

    def redirect(self, fields: dict[str, str]) -> str:
        """Where the browser is sent to after the user agreed."""
        code = self._secret("code")
        with self._lock:
            self.asked.append((PAGE, fields))
            self.secrets.append(fields["state"])
            self._codes[code] = fields
        parameters = self.answer({"code": code, "state": fields["state"], "iss": self.issuer})
        return f"{fields['redirect_uri']}/?{urllib.parse.urlencode(parameters)}"

    def _right(self, step: str, fields: dict[str, str]) -> Reply:
        if step != METADATA and fields.get("client_id") != CLIENT_ID:
            return error("invalid_client", 401)
        if self.client_secret and step != METADATA and fields.get("client_secret") != self.client_secret:
            return error("invalid_client", 401)
        match step:
            case "metadata":
                return Reply(says=self.metadata())
            case "code":
                return self._for_code(fields)
            case "refresh":
                return self._for_refresh_token(fields["refresh_token"])
            case "device":
                return self._device()
            case "device-token":
                return self._tokens(Grant())
        return error("unsupported_grant_type")

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "device_authorization_endpoint": f"{self.issuer}/device",
            "scopes_supported": [MAIL, "offline_access", "profile"],
            "code_challenge_methods_supported": ["S256"],
        }

    def _for_code(self, fields: dict[str, str]) -> Reply:
        asked = self._codes.pop(fields["code"], None)
        if asked is None or asked["redirect_uri"] != fields["redirect_uri"]:
            return error("invalid_grant")
        digest = hashlib.sha256(fields["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked["code_challenge_method"] != "S256" or asked["code_challenge"] != challenge:
            return error("invalid_grant")
        return self._tokens(Grant())

    def _for_refresh_token(self, refresh_token: str) -> Reply:
        grant = self._grants.get(refresh_token)
        if grant is None or grant.revoked:
            return error("invalid_grant", error_description=f"no good: {refresh_token}")
        if grant.current != refresh_token:
            grant.revoked = True  # used twice: one of the two users is a thief
            return error("invalid_grant", error_description=f"used before: {refresh_token}")
        return self._tokens(grant)

    def _device(self) -> Reply:
        says = {
            "device_code": self._secret("device"),
            "user_code": "ABCD-EFGH",
            "verification_uri": f"{self.issuer}/activate",
            "expires_in": 60,
            "interval": 0.01,
        }
        return Reply(says=says)

    def _tokens(self, grant: Grant) -> Reply:
        says: dict[str, Any] = {
            "access_token": self._secret("access"),
            "token_type": "Bearer",
            "expires_in": self.seconds,
            "scope": f"{MAIL} offline_access",
        }
        self._access[says["access_token"]] = grant
        if self.rotates or not grant.current:
            says["refresh_token"] = self._new_refresh_token(grant)
        says = {name: value for name, value in {**says, **self.token}.items() if value is not None}
        return Reply(says=says)

    def _new_refresh_token(self, grant: Grant) -> str:
        grant.current = self._secret("refresh")
        self._grants[grant.current] = grant
        return grant.current

    def _secret(self, kind: str) -> str:
        secret = f"{kind}-{secrets.token_urlsafe(24)}"
        self.secrets.append(secret)
        return secret

    def _browse(self, url: str) -> None:
        parts = urllib.parse.urlsplit(url)
        parameters = dict(urllib.parse.parse_qsl(parts.query))
        assert parameters["response_type"] == "code"
        assert parameters["client_id"] == CLIENT_ID
        self.visit(self.redirect(parameters))

    def visit(self, url: str) -> None:
        """Open a page of this computer, as a browser does."""
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        try:
            connection.request("GET", f"{parts.path}?{parts.query}")
            response = connection.getresponse()
            self.pages.append((response.status, response.read().decode()))
        except OSError:
            self.pages.append((0, "nobody there"))
        finally:
            connection.close()


class _Handler(http.server.BaseHTTPRequestHandler):
    def setup(self) -> None:
        cast("ssl.SSLSocket", self.request).do_handshake()
        super().setup()

    def do_GET(self) -> None:
        if self.path == "/.well-known/oauth-authorization-server":
            self._send(self._server.reply(METADATA, {}))
        else:
            self._send(Reply(404, b"not found", "text/plain"))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fields = dict(urllib.parse.parse_qsl(body))
        steps = {
            "authorization_code": CODE,
            "refresh_token": REFRESH,
            "urn:ietf:params:oauth:grant-type:device_code": DEVICE_TOKEN,
        }
        step = DEVICE if self.path == "/device" else steps[fields["grant_type"]]
        self._send(self._server.reply(step, fields))

    @property
    def _server(self) -> AuthorizationServer:
        return cast("AuthorizationServer", self.server)

    def _send(self, reply: Reply) -> None:
        self.close_connection = True
        if reply.silent:
            self._server.ended.wait(30)
        if reply.silent or reply.cut:
            return
        body = reply.says if isinstance(reply.says, bytes) else json.dumps(reply.says).encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""
