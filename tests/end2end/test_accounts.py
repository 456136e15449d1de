"""Several accounts in the real window, on real servers: found, added, changed, at rest, gone; and the faults
of one that are never another's.
"""

from __future__ import annotations

import subprocess
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

import pytest
import trustme
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QAbstractButton, QPushButton

from qtmail.domain.account import (
    Account,
    BodyPolicy,
    FolderPolicy,
    Pop3Keep,
    Security,
    ServerSettings,
    SyncPolicy,
)
from qtmail.domain.discovery import Discovery, FoundSettings
from qtmail.domain.events import Connection
from qtmail.domain.folder import Folder, SpecialUse
from qtmail.domain.message import MessageQuery
from qtmail.domain.oauth import Permission
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.engine.discovery import Discoverer
from qtmail.errors import ConnectionFailed
from qtmail.models.roles import FolderRole
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.srv_records import DnsResolver
from qtmail.protocols.wake import Wake
from qtmail.protocols.web import WebAnswer, web_get
from qtmail.ui.accounts.assistant.assistant import AccountAssistant
from qtmail.ui.accounts.assistant.page import Page
from qtmail.ui.accounts.sign_in_dialog import SignInDialog
from tests.end2end.desk import Desk
from tests.end2end.dovecot import PASSWORD, Dovecot, User
from tests.end2end.postfix import Postfix
from tests.end2end.processes import program
from tests.end2end.test_sign_in import MECHANISMS, TOKEN_KEY, TOKENS, started, token
from tests.end2end.test_writing import click, raw_messages, tool_button, write
from tests.fakes.authorization_server import CLIENT_ID, REFRESH, AuthorizationServer
from tests.fakes.dns_server import DnsServer
from tests.fakes.memory_imap import plain_message
from tests.fakes.reading import WEB_ENGINE_CHATTER
from tests.fakes.settings_sources import settings_file
from tests.fakes.web_server import WebServer
from tests.unit.workers.test_shutdown import SilentServer

pytestmark = pytest.mark.qt_log_ignore(WEB_ENGINE_CHATTER, extend=True)

MANY = 50
MANY_CLIENTS = """
service imap-login {
  process_limit = 400
  client_limit = 10
}
service imap {
  process_limit = 400
}
"""
MOST_LOGINS = 3


# -- what a person does


def account_on(dovecot: Dovecot, user: User, name: str = "", **values: object) -> Account:
    imap = ServerSettings("localhost", dovecot.imaps_port, Security.TLS, user.name)
    policy = SyncPolicy(bodies=BodyPolicy.NONE)
    account = Account(0, name or user.name, user.address, user.name, imap, sync=policy)
    return replace(account, **values)  # type: ignore[arg-type]


def add(desk: Desk, account: Account, password: str) -> Account:
    """Put an account into the profile; returns it as it is stored."""
    desk.application.service.add_account(account, password, remember=True)
    return stored(desk, account.address)


def stored(desk: Desk, address: str) -> Account:
    def found() -> list[Account]:
        return [one for one in desk.application.service.accounts() if one.address == address]

    desk.wait(found)
    return found()[0]


def connection(desk: Desk, account: Account) -> Connection | None:
    state = desk.application.service.states().get(account.id)
    return state.connection if state is not None else None


def watching(desk: Desk, account: Account) -> bool:
    return connection(desk, account) is Connection.WATCHING


def cached(desk: Desk, account: Account) -> set[str]:
    """The subjects of all mail that is here of an account."""
    store = desk.application.store
    folders = tuple(folder.id for folder in store.folders.list(account.id))
    rows = (store.messages.get(id_) for id_ in store.messages.ids(MessageQuery(folders)))
    return {row.subject for row in rows if row is not None}


def shown_accounts(desk: Desk) -> list[Account]:
    """The accounts in the folder pane, from top to bottom."""
    model = desk.window.folder_pane.tree.model()
    indexes = (model.index(row, 0, QModelIndex()) for row in range(model.rowCount(QModelIndex())))
    nodes = (index.data(FolderRole.NODE) for index in indexes)
    return [node.account for node in nodes if node.kind == "account"]


def strip_button(desk: Desk, text: str) -> QPushButton:
    def found() -> list[QPushButton]:
        buttons = desk.window.problems.findChildren(QPushButton)
        return [button for button in buttons if text in button.text() and button.isVisible()]

    desk.wait(found)
    return found()[0]


def press(desk: Desk, button: QAbstractButton) -> None:
    desk.wait(button.isEnabled)
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def assistant_of(desk: Desk, user: User) -> AccountAssistant:
    """The assistant, with its first page filled in."""
    press(desk, desk.window.welcome.add_button)
    assistant: AccountAssistant = desk.window.findChild(AccountAssistant)
    desk.qtbot.keyClicks(assistant.who.full_name, "Ann")
    desk.qtbot.keyClicks(assistant.who.address, user.address)
    desk.qtbot.keyClicks(assistant.who.password, user.password)
    return assistant


def go_through(desk: Desk, assistant: AccountAssistant, pages: Sequence[Page]) -> None:
    for page in pages:
        desk.wait(lambda page=page: assistant.page is page and assistant.next_button.isEnabled())  # type: ignore[misc]
        press(desk, assistant.next_button)


def add_once_tested(desk: Desk, assistant: AccountAssistant) -> None:
    desk.wait(lambda: assistant.page is assistant.sign_in and assistant.sign_in.trial.passed)
    press(desk, assistant.next_button)


# -- finding and adding


@pytest.fixture
def internet(
    desk: Desk, postfix: Postfix, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """DNS and the web, both on this computer; the domain's own web server publishes its mail servers."""
    with DnsServer() as dns, WebServer(authority.issue_cert("localhost")) as web:
        web.pages[f"/mail/config-v1.1.xml?emailaddress={desk.user.address}"] = settings_file(
            ("imap", "imap.example.net", desk.dovecot.imaps_port, "SSL"),
            ("pop3", "pop.example.net", desk.dovecot.pop3s_port, "SSL"),
            ("smtp", "smtp.example.net", postfix.submissions_port, "SSL"),
        )

        def get(url: str, *, trust: TlsTrust, timeout: float, max_bytes: int, stop: Wake | None) -> WebAnswer:
            here = urlsplit(url)._replace(netloc=f"localhost:{web.server_port}").geturl()
            return web_get(here, trust=trust, timeout=timeout, max_bytes=max_bytes, stop=stop)

        resolver = DnsResolver(["127.0.0.1"], dns.port)
        finder = partial(Finder, resolver=resolver, web=get, probe=nobody_there)
        monkeypatch.setattr("qtmail.engine.discovery.Discoverer", finder)
        yield


class Finder(Discoverer):
    """What it finds is on this computer: only the names are turned."""

    def run(self, address: str, stop: Wake, seconds: float = 15.0) -> Discovery:
        found = super().run(address, stop, seconds)
        return replace(found, settings=tuple(map(here, found.settings)))


def here(found: FoundSettings) -> FoundSettings:
    servers = (replace(one, settings=replace(one.settings, host="localhost")) for one in found.servers)
    return replace(found, servers=tuple(servers))


def nobody_there(*_: object, **__: object) -> tuple[SignInMethod, ...]:
    raise ConnectionFailed("No such server was found.")


def test_an_account_is_found_by_its_address_and_added(desk: Desk, internet: None) -> None:
    desk.dovecot.deliver(desk.user, "INBOX", plain_message(1, "A first letter"))
    assistant = assistant_of(desk, desk.user)
    go_through(desk, assistant, (assistant.who, assistant.settings))
    add_once_tested(desk, assistant)
    account = stored(desk, desk.user.address)
    assert account.imap == ServerSettings(
        "localhost", desk.dovecot.imaps_port, Security.TLS, desk.user.address
    )
    assert account.smtp is not None
    desk.click("A first letter")
    desk.wait(lambda: "Text of message 1." in desk.text())


def test_the_same_address_is_added_with_pop3_instead(desk: Desk, internet: None) -> None:
    for number in (1, 2):
        desk.dovecot.deliver(desk.user, "INBOX", plain_message(number, f"Letter {number}"))
    assistant = assistant_of(desk, desk.user)
    go_through(desk, assistant, (assistant.who,))
    desk.wait(lambda: assistant.page is assistant.settings)
    press(desk, assistant.settings.found.pop3.button)
    go_through(desk, assistant, (assistant.settings,))
    desk.wait(lambda: assistant.page is assistant.pop3)
    policy = assistant.pop3.policy()
    assistant.pop3.show_policy(replace(policy, keep=Pop3Keep.DELETE))
    go_through(desk, assistant, (assistant.pop3,))
    add_once_tested(desk, assistant)
    desk.wait(lambda: sorted(desk.subjects()) == ["Letter 1", "Letter 2"])
    desk.wait(lambda: desk.on_server() == 0)
    desk.click("Letter 2")
    desk.wait(lambda: "Text of message 2." in desk.text())


# -- accounts side by side


def test_the_faults_of_one_account_are_its_own(desk: Desk) -> None:
    silent = SilentServer()
    good, wrong = desk.dovecot.add_user(), desk.dovecot.add_user()
    try:
        desk.dovecot.deliver(good, "INBOX", plain_message(1, "Undisturbed"))
        dead = ServerSettings("127.0.0.1", silent.port, Security.TLS, "dead")
        add(desk, account_on(desk.dovecot, User("dead"), imap=dead), "secret")
        refused = add(desk, account_on(desk.dovecot, wrong, "Wrong"), "not the password")
        working = add(desk, account_on(desk.dovecot, good, "Good"), good.password)
        desk.wait(lambda: watching(desk, working) and cached(desk, working) == {"Undisturbed"})
        desk.wait(lambda: connection(desk, refused) is Connection.NEEDS_USER)
        desk.wait(lambda: "Wrong" in desk.problems())
        assert "Good" not in desk.problems()
        desk.dovecot.deliver(good, "INBOX", plain_message(2, "Just in"))
        desk.wait(lambda: "Just in" in cached(desk, working))
        desk.application.service.remove_account(refused.id)
        desk.wait(lambda: desk.problems() == "")
    finally:
        silent.close()


def test_what_is_changed_of_an_account_is_seen_at_once(desk: Desk) -> None:
    users = [desk.dovecot.add_user() for _ in range(2)]
    first, second = (add(desk, account_on(desk.dovecot, user), user.password) for user in users)
    desk.wait(lambda: shown_accounts(desk) == [first, second])
    service = desk.application.service
    service.arrange_accounts([second.id, first.id])
    desk.wait(lambda: shown_accounts(desk) == [second, first])
    renamed = replace(first, name="Work", color="#aa2222")
    service.update_account(renamed)
    desk.wait(lambda: shown_accounts(desk) == [second, renamed])
    desk.wait(lambda: watching(desk, renamed))


def test_an_account_at_rest_shows_its_mail_and_comes_back(desk: Desk) -> None:
    desk.dovecot.deliver(desk.user, "INBOX", plain_message(1, "From before"))
    account = desk.add_account()
    desk.click("From before")
    desk.wait(lambda: "Text of message 1." in desk.text())
    service = desk.application.service
    service.set_enabled(account.id, False)
    desk.wait(lambda: not service.states())
    desk.dovecot.deliver(desk.user, "INBOX", plain_message(2, "Meanwhile"))
    service.sync_now()
    desk.click("From before")
    assert "Meanwhile" not in desk.subjects()
    service.set_enabled(account.id, True)
    desk.wait(lambda: sorted(desk.subjects()) == ["From before", "Meanwhile"])


def test_the_copy_of_what_is_sent_goes_into_the_folder_the_user_chose(desk: Desk, postfix: Postfix) -> None:
    with desk.dovecot.session(desk.user) as session:
        session.command('CREATE "My letters"')
    account = desk.add_account(smtp_port=postfix.submission_port)
    desk.application.composers.undo_seconds = 0
    desk.wait(lambda: watching(desk, account))
    desk.application.service.choose_special_folder(account.id, SpecialUse.SENT, b"My letters")
    folders = desk.application.store.folders
    desk.wait(lambda: special(folders.list(account.id), SpecialUse.SENT) == "My letters")
    window = write(desk, desk.user.address, "A letter", "Hello.")
    click(desk, tool_button(window, "send"))
    desk.wait(lambda: len(raw_messages(desk, "My letters")) == 1)
    assert raw_messages(desk, "Sent") == []
    desk.wait(lambda: watching(desk, account))
    assert special(folders.list(account.id), SpecialUse.SENT) == "My letters"


def special(folders: Sequence[Folder], use: SpecialUse) -> str | None:
    return next((folder.path for folder in folders if folder.special_use is use), None)


def test_one_folder_keeps_headers_only(desk: Desk) -> None:
    for folder in ("INBOX", "Archive"):
        desk.dovecot.deliver(desk.user, folder, plain_message(1, f"In {folder}"))
    imap = ServerSettings("localhost", 1, Security.TLS, desk.user.name)
    new = account_on(desk.dovecot, desk.user, imap=imap, sync=SyncPolicy(bodies=BodyPolicy.ALL))
    account = add(desk, new, desk.user.password)
    service, store = desk.application.service, desk.application.store
    service.set_folder_policy(account.id, b"Archive", FolderPolicy(bodies=BodyPolicy.NONE))
    service.update_account(replace(account, imap=replace(imap, port=desk.dovecot.imaps_port)))
    desk.wait(lambda: watching(desk, account) and cached(desk, account) == {"In INBOX", "In Archive"})

    def here(path: str) -> bool:
        folder = store.folders.find(account.id, path)
        assert folder is not None
        (message_id,) = store.messages.ids(MessageQuery((folder.id,)))
        return store.bodies.get(message_id).fetched

    desk.wait(lambda: here("INBOX"))
    assert not here("Archive")


def test_mail_that_is_only_here_stays_when_its_account_goes(desk: Desk) -> None:
    desk.dovecot.deliver(desk.user, "INBOX", plain_message(1, "Only here"))
    account = desk.add_pop3_account()
    desk.wait(lambda: desk.subjects() == ["Only here"])
    desk.application.service.remove_account(account.id, keep_mail=True)
    desk.wait(lambda: [one.id for one in shown_accounts(desk)] not in ([], [account.id]))
    (local,) = shown_accounts(desk)
    assert cached(desk, local) == {"Only here"}
    desk.window.folder_pane.open(f"folder/{local.id}/Test/Inbox")
    desk.click("Only here")
    desk.wait(lambda: "Text of message 1." in desk.text())


# -- signing in at a provider


class Provider(AuthorizationServer):
    """Its access tokens are what Dovecot takes: signed, and naming a user.

    Attributes:
        expired: how many of the next tokens are no good any more when they are given out.
    """

    def __init__(self, authority: trustme.CA, user: User) -> None:
        super().__init__(authority)
        self.user = user
        self.expired = 0
        self.seconds = 1  # after half of which a token is too old to be used again

    def _secret(self, kind: str) -> str:
        secret = super()._secret(kind)
        if kind != "access":
            return secret
        self.expired -= 1
        return token(self.user, 1.0 if self.expired >= 0 else 2_000_000_000.0 + len(self.secrets)).value


@pytest.fixture
def mailbox(desk: Desk, authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    """A Dovecot that takes tokens."""
    directory = tmp_path_factory.mktemp("tokens")
    key = directory / "default" / "HS256" / "default"
    key.parent.mkdir(parents=True)
    key.write_bytes(b64encode(TOKEN_KEY))
    tokens_file, ca_file = directory / "tokens.conf", directory / "clients.pem"
    tokens_file.write_text(TOKENS.format(keys=directory))
    authority.cert_pem.write_to_path(ca_file)
    for path in (directory, *directory.parents[:2], key.parent, key.parent.parent):
        path.chmod(0o755)
    with started(authority, extra=MECHANISMS.format(ca_file=ca_file, tokens_file=tokens_file)) as running:
        yield running


@pytest.fixture
def provider(desk: Desk, authority: trustme.CA, mailbox: Dovecot) -> Iterator[Provider]:
    server = Provider(authority, desk.user)
    with server:
        yield server


@pytest.fixture
def permitted(desk: Desk, provider: Provider, mailbox: Dovecot) -> Account:
    """An account that signed in at the provider, with a letter in its inbox."""
    mailbox.deliver(desk.user, "INBOX", plain_message(1, "Behind the token"))
    sign_in = SignIn(SignInMethod.OAUTH, provider.issuer, CLIENT_ID)
    new = account_on(mailbox, desk.user, "Permitted", sign_in=sign_in)
    desk.application.service.add_account(new, Permission(provider.issue()), remember=True)
    account = stored(desk, desk.user.address)
    desk.wait(lambda: watching(desk, account) and "Behind the token" in desk.subjects())
    return account


def connect_anew(desk: Desk, account: Account) -> None:
    """The lines are lost, and come back once the last token is too old."""
    desk.application.service.set_enabled(account.id, False)
    too_old = time.monotonic() + 1.0
    desk.wait(lambda: time.monotonic() > too_old)
    desk.application.service.set_enabled(account.id, True)


def test_a_token_that_expires_is_renewed_without_a_word(
    desk: Desk, permitted: Account, provider: Provider, mailbox: Dovecot
) -> None:
    provider.expired = 1
    renewed = provider.count(REFRESH)
    connect_anew(desk, permitted)
    desk.wait(lambda: provider.count(REFRESH) >= renewed + 2 and watching(desk, permitted))
    mailbox.deliver(desk.user, "INBOX", plain_message(2, "Goes on"))
    desk.wait(lambda: "Goes on" in desk.subjects())
    assert desk.problems() == ""


def test_a_permission_that_is_withdrawn_costs_a_sign_in_and_nothing_else(
    desk: Desk,
    permitted: Account,
    provider: Provider,
    mailbox: Dovecot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []

    def open_link(_desktop: object, url: str) -> bool:
        opened.append(url)
        provider.browse(url)
        return True

    monkeypatch.setattr("qtmail.ui.shared.desktop.SystemDesktop.open_link", open_link)
    provider.revoke()
    connect_anew(desk, permitted)
    again = strip_button(desk, "Sign in again")
    assert "Behind the token" in desk.subjects()
    mailbox.deliver(desk.user, "INBOX", plain_message(2, "Waits outside"))

    press(desk, again)
    dialog = desk.window.findChild(SignInDialog)
    assert dialog is not None
    press(desk, dialog.panel.browser_button)
    desk.wait(lambda: "Waits outside" in desk.subjects() and watching(desk, permitted))
    assert len(opened) == 1
    desk.wait(lambda: desk.problems() == "")
    assert shown_accounts(desk) == [permitted]


# -- fifty


def test_fifty_accounts_come_in_step_on_few_lines_though_one_server_is_dead(
    desk: Desk, authority: trustme.CA
) -> None:
    silent = SilentServer()
    with Dovecot(authority, extra=MANY_CLIENTS) as server:
        users = [server.add_user() for _ in range(MANY)]
        for number, user in enumerate(users):
            server.deliver(user, "INBOX", plain_message(number, f"For {user.name}"))
        accounts = [account_on(server, user) for user in users]
        dead = ServerSettings("127.0.0.1", silent.port, Security.TLS, "dead")
        with desk.application.store.user_transaction() as tx:
            add_one = partial(desk.application.store.accounts.add, tx)
            stuck = add_one(account_on(server, User("dead"), imap=dead))  # and the first to be started
            accounts = [add_one(account) for account in accounts]
        for account in (stuck, *accounts):
            desk.application.credentials.session(account, PASSWORD)
        desk.application.service.start()
        desk.wait(lambda: all(watching(desk, account) for account in accounts))
        desk.wait(lambda: lines_open(server) == dict.fromkeys((user.name for user in users), 2))
        for account, user in zip(accounts, users, strict=True):
            assert cached(desk, account) == {f"For {user.name}"}
        assert max(sign_ins(server, user) for user in users) <= MOST_LOGINS
        server.deliver(users[-1], "INBOX", plain_message(99, "For the last one"))
        desk.wait(lambda: "For the last one" in cached(desk, accounts[-1]))
        assert connection(desk, stuck) is not Connection.WATCHING
        assert silent.connections
        desk.application.service.stop()
        desk.wait(lambda: not lines_open(server))
    silent.close()


def sign_ins(server: Dovecot, user: User) -> int:
    """How often a user signed in since the server started, the test itself included."""
    log = (server.directory / "dovecot.log").read_text()
    return log.count(f"Login: user=<{user.name}>")


def lines_open(server: Dovecot) -> Counter[str]:
    """How many lines each user holds open now, as the server counts."""
    command = [program("doveadm"), "-c", str(server.config_file), "-f", "tab", "who"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return Counter({name: int(count) for name, count, *_ in (line.split("\t") for line in said[1:])})
