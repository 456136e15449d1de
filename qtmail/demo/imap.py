"""The demo's mailboxes, kept in memory and served over IMAP by pymap."""

from __future__ import annotations

import asyncio
import socket
import ssl
from argparse import Namespace
from datetime import UTC, datetime

from proxyprotocol.noop import ProxyProtocolNoop
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet
from pymap.concurrent import Subsystem
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import ObjectId
from pymap.parsing.specials.flag import Flag, Wildcard
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext


class DemoMailbox(MailboxData):
    """A folder that keeps keywords ($Forwarded, tags) as real servers do; pymap's keeps system flags only."""

    @property
    def permanent_flags(self) -> frozenset[Flag]:
        return super().permanent_flags | {Wildcard}


class DemoMailboxSet(MailboxSet):
    """The folders of the one demo user."""

    def __init__(self) -> None:
        super().__init__()
        self._inbox = DemoMailbox(self._content_cache, self._thread_cache)

    def names(self) -> frozenset[str]:
        """Every folder but the inbox."""
        return frozenset(self._set)

    async def add_mailbox(self, name: str) -> ObjectId:
        if name in self._set:
            raise ValueError(name)
        mailbox = self._set[name] = DemoMailbox(self._content_cache, self._thread_cache)
        self._subscribed[name] = True
        return mailbox.mailbox_id


class DemoConfig(Config):
    """pymap's settings for one user, on the loopback interface only, where clear text harms nobody."""

    def __init__(self, user: str, password: str) -> None:
        super().__init__(
            Namespace(passlib_cfg=None, proxy_protocol=None),
            host="127.0.0.1",
            port=0,
            demo_data=False,
            demo_user=user,
            demo_password=password,
            # Without TLS pymap offers sign-in at once; an empty context keeps it from reading $CERT_FILE.
            tls_enabled=False,
            ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
            # The password is made anew for every run: hashing it would only cost time and a thread pool.
            hash_context=Cleartext(),
            cpu_subsystem=Subsystem.for_asyncio(),
        )

    @property
    def greeting(self) -> bytes:
        """pymap's own asks the resolver for this computer's name: slow, and it may leave the machine."""
        return b"qtmail demo server ready"


class DemoMailboxes:
    """What the demo user has on the server; used on the server's event loop only."""

    def __init__(self, user: str, password: str) -> None:
        self._config = DemoConfig(user, password)
        self._login = Login(self._config)
        self._login.users_dict[user] = UserMetadata(self._config, user, password=password)
        self._mailboxes = DemoMailboxSet()
        self._config.set_cache[user] = (self._mailboxes, FilterSet())

    async def serve(self, listener: socket.socket) -> asyncio.Server:
        """Answer IMAP clients that connect to `listener`."""
        self._config.apply_context()
        reader = ProxyProtocolReader(ProxyProtocolNoop())
        return await asyncio.start_server(
            reader.get_callback(IMAPServer(self._login, self._config)), sock=listener
        )

    async def append(
        self, message: bytes, folder: str, flags: frozenset[str], when: datetime | None, *, recent: bool
    ) -> None:
        """Put a message into a folder, which is made if it does not exist; watching clients are told."""
        if folder != "INBOX" and folder not in self._mailboxes.names():
            await self._mailboxes.add_mailbox(folder)
        mailbox = await self._mailboxes.get_mailbox(folder)
        append = AppendMessage(message, when or datetime.now(UTC), frozenset(map(Flag, flags)))
        await mailbox.append(append, recent=recent)
