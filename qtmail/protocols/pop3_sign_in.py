"""Signing in to a POP3 server (AUTH of RFC 5034, APOP, USER and PASS), and what it means when it refuses."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from typing import NamedTuple

from qtmail.domain.account import ServerSettings
from qtmail.domain.sign_in import Secret
from qtmail.errors import ConnectionFailed, Layer, QtmailError, Retry, SignInFailed
from qtmail.protocols.imap_syntax import sentence_end
from qtmail.protocols.pop3_dialogue import Pop3Dialogue
from qtmail.protocols.pop3_syntax import parse_challenge
from qtmail.protocols.pop3_values import Pop3Refused, Pop3Reply
from qtmail.protocols.quirks import Quirks
from qtmail.protocols.sasl import Line, Mechanism, choose, decode, encode
from qtmail.protocols.sign_in import about_secret, discreet, line_to, mechanisms_for
from qtmail.protocols.sign_in_hints import hint_in

_COMMAND_LIMIT = 253
"""Bytes of an AUTH command without its line end (RFC 2449 section 4); a longer first response waits to be
asked for."""


@discreet
def sign_in(
    dialogue: Pop3Dialogue,
    settings: ServerSettings,
    secret: Secret,
    quirks: Quirks,
    *,
    allow_clear_password: bool,
    apop: bool,
) -> None:
    """Prove who the user is: APOP where `apop` asks for it and the server can, else the strongest mechanism
    of AUTH that both know, else USER and PASS.

    Raises:
        SignInFailed: the user name or password is wrong, or there is no way; the server's words in `detail`.
            TokenRefused where it refused a token, ClearPasswordRefused where nothing was sent.
        TlsFailed: the line is not encrypted although it should be; nothing was sent.
        Pop3Refused: the server refuses for a reason that has nothing to do with the password.
    """
    offered = dialogue.capabilities.mechanisms
    line = line_to(settings, dialogue.stream, offered, allow_clear_password=allow_clear_password)
    attempt = _SignIn(dialogue, settings, secret, quirks, line)
    if apop and isinstance(secret, str):
        if dialogue.timestamp:
            return attempt.by_apop(secret)
        dialogue.log.note("the greeting has no time stamp that APOP can use")
    attempt.by_strongest()


class _SignIn:
    def __init__(
        self, dialogue: Pop3Dialogue, settings: ServerSettings, secret: Secret, quirks: Quirks, line: Line
    ) -> None:
        self._dialogue = dialogue
        self._settings = settings
        self._secret = secret
        self._quirks = quirks
        self._line = line

    def by_apop(self, password: str) -> None:
        """A digest of the greeting's time stamp and the password (RFC 1939 section 7)."""
        digest = hashlib.md5(self._dialogue.timestamp + _wire(password)).hexdigest().encode()
        user = self._argument(self._settings.user)
        self._check(self._dialogue.ask(b"APOP %s %s" % (user, digest), shown=b"APOP %s ***" % user))

    def by_strongest(self) -> None:
        """What AUTH has, best first, as long as the server turns it away unseen; then USER and PASS."""
        fault: QtmailError | None = None
        for mechanism in self._mechanisms():
            reply = self._authenticate(mechanism)
            mechanism.check(self._settings.host, accepted=reply.positive)
            if reply.positive:
                return
            fault = self._refusal(reply, mechanism.server_error)
            if mechanism.judged or not isinstance(fault, SignInFailed):
                raise fault
        if isinstance(self._secret, str) and self._knows_user_and_pass() and self._may_show():
            return self._check(self._user_and_password(self._secret))
        assert fault is not None, "mechanisms_for gives some, or raises"
        raise fault

    def _mechanisms(self) -> list[Mechanism]:
        """Those of AUTH to try; none only if USER and PASS will do."""
        told, settings, secret = self._dialogue.capabilities, self._settings, self._secret
        if not isinstance(secret, str) or not self._knows_user_and_pass():
            if isinstance(secret, str) and not told.mechanisms:
                raise _needs_tls(settings.host)
            return mechanisms_for(settings, self._line, told.mechanisms, secret)
        if self._may_show():
            return choose(told.mechanisms, self._line, settings.user, secret)
        # USER and PASS are to the line what PLAIN is: with nothing better, the password is not sent.
        return mechanisms_for(settings, self._line, (*told.mechanisms, "PLAIN"), secret)

    def _knows_user_and_pass(self) -> bool:
        """Whether the server names them, or no way at all, as some do over an encrypted line."""
        told = self._dialogue.capabilities
        return told.user or (not told.mechanisms and self._line.encrypted)

    def _may_show(self) -> bool:
        return self._line.encrypted or self._line.may_show

    # -- the ways ----------------------------------------------------------------------------------

    def _user_and_password(self, password: str) -> Pop3Reply:
        """Both in one burst where the server takes commands ahead."""
        dialogue = self._dialogue
        user, secret = self._argument(self._settings.user), self._argument(password)
        ahead = dialogue.capabilities.pipelining
        dialogue.submit(b"USER " + user)
        if ahead:
            dialogue.submit(b"PASS " + secret, shown=b"PASS ***")
        reply = dialogue.reply()
        if not ahead:
            return dialogue.ask(b"PASS " + secret, shown=b"PASS ***") if reply.positive else reply
        if reply.positive:
            return dialogue.reply()
        with suppress(ConnectionFailed):  # it may hang up at once; what it said before counts
            dialogue.reply()
        return reply

    def _argument(self, text: str) -> bytes:
        """A name or password as it is written in a command, where nothing can be quoted."""
        argument = _wire(text)
        if not argument or re.search(rb"[\r\n\0]", argument):
            raise SignInFailed(
                f"The user name or password for {self._settings.host} is empty or contains a line end.",
                advice="Enter it again.",
            )
        return argument

    def _authenticate(self, mechanism: Mechanism) -> Pop3Reply:
        """AUTH, and the challenges it brings, up to the reply that ends it (RFC 5034 section 4)."""
        dialogue = self._dialogue
        command = f"AUTH {mechanism.name}".encode()
        unsaid = mechanism.answer(b"") if mechanism.client_first else None
        with_first = command + b" " + (encode(unsaid or b"") or b"=")
        if unsaid is not None and len(with_first) <= _COMMAND_LIMIT:
            dialogue.submit(with_first, shown=command + b" ***")
            unsaid = None
        else:
            dialogue.submit(command)
        while (challenge := parse_challenge(said := dialogue.line())) is not None:
            response = unsaid if unsaid is not None else mechanism.answer(decode(challenge))
            unsaid = None
            if response is None:
                return dialogue.ask(b"*")  # breaks off; the server answers -ERR
            dialogue.submit(encode(response), shown=b"***")
        return dialogue.understood(said)

    # -- the verdict -------------------------------------------------------------------------------

    def _check(self, reply: Pop3Reply) -> None:
        if not reply.positive:
            raise self._refusal(reply)

    def _refusal(self, reply: Pop3Reply, said: str = "") -> QtmailError:
        """The fault for -ERR, by its code, else by the server's words; `said`: what it said within AUTH."""
        meaning = _meaning(reply, codes_promised=self._dialogue.capabilities.auth_resp_code)
        host, user, words = self._settings.host, self._settings.user, sentence_end(reply.text)
        sentence = meaning.sentence.format(host=host, user=user, words=words)
        hint = hint_in(str(reply)) if meaning.retry is Retry.ASK_USER else ""
        if meaning.about_password:
            advice = hint or self._quirks.sign_in_advice or meaning.advice
            fault = SignInFailed(sentence, advice=advice, detail=str(reply))
            return about_secret(fault, self._settings, self._secret, said)
        delay = self._dialogue.capabilities.login_delay if reply.about("LOGIN-DELAY") else None
        return Pop3Refused(
            sentence,
            code=reply.code,
            retry_after=delay,
            advice=hint or meaning.advice,
            detail=str(reply),
            layer=Layer.SIGN_IN,
            retry=meaning.retry,
        )


def _needs_tls(host: str) -> SignInFailed:
    return SignInFailed(
        f"{host} takes no password over a line that is not encrypted.",
        advice="Choose TLS or STARTTLS in the account's settings.",
    )


def _wire(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


class _Meaning(NamedTuple):
    """`{host}`, `{user}` and `{words}` stand for the server, the user name, and what the server said."""

    sentence: str
    advice: str
    retry: Retry = Retry.ASK_USER
    about_password: bool = False


_REFUSED = _Meaning(
    "{host} did not accept the user name {user} or the password.",
    "Check both. Some providers want an app password, made on their web page, instead of the usual one.",
    about_password=True,
)
_SOMEHOW_REFUSED = _Meaning(
    "{host} did not let {user} sign in: {words}",
    "It does not say that the password is wrong. Check user name and server in the account's settings.",
    about_password=True,
)
_IN_USE = _Meaning(
    "The mailbox of {user} is in use by another session, and {host} allows only one.",
    "Close other programs that use this account, or wait a little.",
    Retry.LATER,
)
_BUSY = _Meaning(
    "{host} cannot check passwords at the moment.",
    "Your password may well be right: try again later.",
    Retry.LATER,
)
_BY_CODE: dict[str, _Meaning] = {
    "AUTH": _REFUSED,
    "IN-USE": _IN_USE,
    "LOGIN-DELAY": _Meaning(
        "{host} wants more time to pass between two looks for mail.",
        "Mail will be asked for again later; a longer interval can be chosen in the account's settings.",
        Retry.LATER,
    ),
    "SYS/PERM": _Meaning(
        "{host} does not open the mailbox of {user}: {words}",
        "If that is nothing you can change on the provider's web page, tell the provider.",
    ),
    "SYS": _BUSY,
}
"""RFC 2449 section 8.1, RFC 3206 section 4."""

_LOCKED = re.compile(
    r"(mail ?(box|drop)|pop3?) (is |lock )?(already )?(locked|busy|in use)|already (locked|in use)",
    re.IGNORECASE,
)
_TEMPORARY = re.compile(r"temporar(y|ily)|try (again )?later|server (is )?busy", re.IGNORECASE)
"""What servers without codes say."""


def _meaning(reply: Pop3Reply, *, codes_promised: bool) -> _Meaning:
    """By the code, else by the server's words; `codes_promised`: where the password is wrong there is one
    (RFC 3206 section 6)."""
    for code, meaning in _BY_CODE.items():
        if reply.about(code):
            return meaning
    if _LOCKED.search(reply.text):
        return _IN_USE
    if _TEMPORARY.search(reply.text):
        return _BUSY
    return _SOMEHOW_REFUSED if codes_promised else _REFUSED
