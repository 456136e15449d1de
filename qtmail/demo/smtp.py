"""The demo's way out, which leads nowhere: only mail to the demo user is delivered, for other mail a note."""

from __future__ import annotations

import asyncio
import email.policy
import hmac
import logging
import socket
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import formatdate, make_msgid
from functools import partial

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from qtmail.domain.address import Address

MAX_MESSAGE_BYTES = 50 * 1024 * 1024

Deliver = Callable[[bytes], Awaitable[None]]


class DemoSubmission:
    """Takes mail from the signed-in demo user (RFC 6409) and hands what is for them to `deliver`."""

    def __init__(self, owner: Address, password: str, deliver: Deliver) -> None:
        self._owner = owner
        self._password = password
        self._deliver = deliver

    async def serve(self, listener: socket.socket) -> asyncio.Server:
        """Answer SMTP clients that connect to `listener`."""
        # aiosmtpd warns at each sign-in of something in itself, on the terminal of whoever tries the demo.
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        loop = asyncio.get_running_loop()
        protocol = partial(
            SMTP,
            self,
            hostname="localhost",
            ident="qtmail demo",
            data_size_limit=MAX_MESSAGE_BYTES,
            enable_SMTPUTF8=True,
            authenticator=self.authenticate,
            auth_require_tls=False,
            loop=loop,
        )
        return await loop.create_server(protocol, sock=listener)

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: object
    ) -> AuthResult:
        match login:
            case LoginPassword(login=user, password=password):
                right = hmac.compare_digest(user, self._owner.address.encode())
                right &= hmac.compare_digest(password, self._password.encode())
                return AuthResult(success=right, handled=False)
        return AuthResult(success=False, handled=False)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """aiosmtpd's own refusal of strangers would warn at every connection that there is no TLS."""
        if not session.authenticated:
            return "530 5.7.0 Sign in first"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Go on"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd calls this with each complete message."""
        content = envelope.content
        assert isinstance(content, bytes)
        recipients = {recipient.casefold(): recipient for recipient in envelope.rcpt_tos}
        if recipients.pop(self._owner.address.casefold(), None):
            trace = f"Return-Path: <{envelope.mail_from}>\r\n"
            trace += f"Received: by localhost (qtmail demo);\r\n\t{formatdate(localtime=True)}\r\n"
            await self._deliver(trace.encode("utf-8") + content)
        if recipients:
            await self._deliver(self._note(content, list(recipients.values())))
        return "250 2.0.0 Accepted by the demo"

    def _note(self, content: bytes, recipients: list[str]) -> bytes:
        """What tells the demo user that mail to other people went nowhere."""
        header = BytesHeaderParser(policy=email.policy.SMTP).parsebytes(content)
        note = EmailMessage(policy=email.policy.SMTP)
        note["From"] = "qtmail demo <postmaster@example.org>"
        note["To"] = str(self._owner)
        note["Date"] = formatdate(localtime=True)
        note["Subject"] = "The demo kept your message / 演示不会真的寄信"
        note["Message-ID"] = make_msgid(domain="example.org")
        note["Auto-Submitted"] = "auto-replied"
        if message_id := header["Message-ID"]:
            note["In-Reply-To"] = note["References"] = str(message_id)
        names = ", ".join(recipients)
        note.set_content(
            f"Your message to {names} was accepted, but this is the demo mailbox: nothing\n"
            "leaves your computer, so nobody will receive it. Mail that you send to yourself arrives.\n\n"
            f"您寄给 {names} 的邮件已被接收，但这里是演示信箱：任何内容都不会离开您的电脑，\n"
            "对方不会收到。寄给自己的邮件会照常送达。\n"
        )
        return note.as_bytes()
