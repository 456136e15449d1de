"""What the window asks about accounts, with real workers and servers in memory: changes that come faster than
they are made, and what becomes of what an account signs in with.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
import trustme

from qtmail.domain.account import (
    Account,
    BodyPolicy,
    FolderPolicy,
    Pop3Keep,
    Pop3Policy,
    Security,
    ServerSettings,
)
from qtmail.domain.account_settings import ClearPermission, Exemption
from qtmail.domain.composition import Composition
from qtmail.domain.diagnosis import Verdict
from qtmail.domain.events import Connection, Problem
from qtmail.domain.folder import FolderSettings, SpecialUse
from qtmail.domain.message import MessageQuery
from qtmail.domain.oauth import Permission
from qtmail.domain.outgoing import NewOutboxItem, OutboxState
from qtmail.domain.removal import Removal
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.engine.local_mail import local_account
from qtmail.engine.queueing import queue
from qtmail.engine.stopping import StopToken
from qtmail.errors import StoreFailed
from qtmail.protocols.certificates import fingerprint
from qtmail.workers.loaded import LoadedMessage
from tests.fakes.authorization_server import CLIENT_ID, REFRESH, AuthorizationServer
from tests.fakes.local_bench import deliver, kept, shown
from tests.fakes.memory_backend import PASSWORD
from tests.fakes.memory_imap import MemorySession, plain_message
from tests.fakes.smtp_server import PATIENCE, SmtpServer
from tests.unit.workers.service_desk import ServiceDesk, new_account

WORKERS = ["sync-1", "watch-1"]
OTHER_HOST = "imap.new.example"
NOWHERE = "https://localhost:1"
"""A provider that cannot be reached."""


@pytest.fixture
def ann(office: ServiceDesk) -> Account:
    """An account that is in step, its password in the keyring."""
    office.server("ann", "One", "Two")
    return office.add(new_account())


def on_host(account: Account, host: str, user: str = "") -> Account:
    return replace(account, imap=replace(account.server, host=host, user=user or account.server.user))


# -- changes


def test_an_account_goes_on_with_its_new_settings(office: ServiceDesk, ann: Account) -> None:
    office.server("bob", "For Bob")
    office.credentials.session(on_host(ann, "imap.example.org", "bob"), PASSWORD)
    office.service.update_account(on_host(ann, "imap.example.org", "bob"))
    office.until(lambda: office.watching(ann) and office.subjects(ann) == {"For Bob"})
    assert office.threads() == WORKERS


def test_of_two_changes_in_a_row_the_last_one_counts(office: ServiceDesk, ann: Account) -> None:
    for user in ("bob", "eva"):
        office.server(user, f"For {user}")
        office.credentials.session(on_host(ann, "imap.example.org", user), PASSWORD)
        office.service.update_account(on_host(ann, "imap.example.org", user))
    office.until(lambda: office.watching(ann) and office.subjects(ann) == {"For eva"})
    office.settled()
    assert office.threads() == WORKERS
    stored = office.account(ann)
    assert stored is not None
    assert stored.server.user == "eva"


def test_a_change_that_is_refused_is_said_and_the_account_goes_on(office: ServiceDesk, ann: Account) -> None:
    office.server("bob")
    office.add(new_account("bob"))
    office.service.update_account(replace(ann, name="New", address="bob@example.org"))
    office.until(lambda: "already an account for bob@example.org" in office.sentences())
    office.until(lambda: office.watching(ann))
    assert office.account(ann) == ann


def test_a_refused_change_after_a_good_one_leaves_the_good_one(office: ServiceDesk, ann: Account) -> None:
    office.server("bob")
    office.add(new_account("bob"))
    renamed = replace(ann, name="Renamed")
    office.service.update_account(renamed)
    office.service.update_account(replace(renamed, address="bob@example.org"))
    office.until(lambda: office.problems and office.watching(ann))
    assert office.account(ann) == renamed
    assert len(office.threads()) == 4


def test_a_keyring_that_fails_does_not_bring_old_settings_back(
    office: ServiceDesk, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = on_host(ann, OTHER_HOST, "bob")
    office.server("bob", "For Bob")
    office.credentials.session(moved, PASSWORD)
    monkeypatch.setattr(office.keyring, "delete_password", locked)
    office.service.update_account(moved)
    office.until(lambda: office.problems)
    office.until(lambda: office.watching(ann) and office.subjects(ann) == {"For Bob"})


def locked(*_: object) -> None:
    raise OSError("the collection is locked")


def test_a_keyring_that_waits_for_its_user_holds_up_one_account_only(
    office: ServiceDesk, ann: Account
) -> None:
    office.server("bob", "For Bob")
    bob = office.add(new_account("bob"), remember=False)
    with office.keyring.waiting():
        office.service.update_account(on_host(ann, OTHER_HOST))
        office.until(office.keyring.asked.is_set)
        office.hosts.servers["bob"].inbox.deliver(b"Subject: Just in\r\n\r\n")
        office.service.sync_now(bob.id)
        office.until(lambda: "Just in" in office.subjects(bob))
        office.service.arrange_accounts([bob.id, ann.id])  # neither are other changes held up
        office.until(lambda: [one.id for one in office.service.accounts()] == [bob.id, ann.id])
        office.service.update_account(replace(bob, name="Renamed"))
        office.until(lambda: office.account(bob) == replace(bob, name="Renamed") and office.watching(bob))
        assert office.service.states().keys() == {bob.id}
    office.until(lambda: office.watching(ann))


@pytest.mark.parametrize("wishes", [[False, True], [True, False, True], [False, False, True, True]])
def test_an_account_switched_off_and_on_again_works(
    office: ServiceDesk, ann: Account, wishes: list[bool]
) -> None:
    for wish in wishes:
        office.service.set_enabled(ann.id, wish)
    office.settled()
    office.until(lambda: office.watching(ann))
    assert office.threads() == WORKERS
    assert office.account(ann) == ann


@pytest.mark.parametrize("wishes", [[False], [True, False], [False, True, False]])
def test_an_account_that_is_switched_off_asks_no_server_and_shows_its_mail(
    office: ServiceDesk, ann: Account, wishes: list[bool]
) -> None:
    for wish in wishes:
        office.service.set_enabled(ann.id, wish)
    office.settled()
    attempts = office.hosts.attempts
    office.service.sync_now()
    office.until(lambda: office.threads() == [])
    assert office.service.states() == {}
    assert office.subjects(ann) == {"One", "Two"}
    assert office.hosts.attempts == attempts
    stored = office.account(ann)
    assert stored is not None
    assert not stored.enabled


def test_a_change_of_an_account_that_is_gone_starts_nothing(office: ServiceDesk, ann: Account) -> None:
    office.service.remove_account(ann.id)
    office.until(lambda: office.service.accounts() == [])
    office.service.update_account(replace(ann, name="New"))
    office.service.set_enabled(ann.id, True)
    office.settled()
    assert (office.service.accounts(), office.threads(), office.service.states()) == ([], [], {})


def removing(office: ServiceDesk, ann: Account) -> None:
    office.service.remove_account(ann.id)


def renaming(office: ServiceDesk, ann: Account) -> None:
    office.service.update_account(replace(ann, name="New"))


def waking(office: ServiceDesk, ann: Account) -> None:
    office.service.set_enabled(ann.id, True)


Ask = Callable[[ServiceDesk, Account], None]


@pytest.mark.parametrize("steps", [(renaming, removing), (removing, renaming), (waking, removing, waking)])
def test_an_account_that_is_removed_while_it_is_changed_is_gone(
    office: ServiceDesk, ann: Account, steps: tuple[Ask, ...]
) -> None:
    for step in steps:
        step(office, ann)
    office.until(lambda: office.service.accounts() == [])
    office.settled()
    office.until(lambda: office.threads() == [])
    assert office.service.states() == {}
    assert office.store.folders.list() == []
    assert office.secrets() == {}
    assert office.service.protocol_log(ann.id) == []


def test_an_account_that_is_removed_while_its_password_is_being_kept_is_never_started(
    office: ServiceDesk,
) -> None:
    with office.keyring.waiting():
        office.service.add_account(new_account(), PASSWORD, remember=True)
        office.until(office.keyring.asked.is_set)
        (ann,) = office.service.accounts()
        office.service.remove_account(ann.id)
        office.until(lambda: office.service.accounts() == [])
    office.settled()
    assert (office.hosts.attempts, office.threads(), office.secrets()) == (0, [], {})


def test_an_account_is_not_removed_while_mail_of_it_waits(
    office: ServiceDesk, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def waits(*_: object, **__: object) -> None:
        raise StoreFailed("The disk is full.")

    monkeypatch.setattr("qtmail.workers.account_requests.forget_account", waits)
    office.service.remove_account(ann.id)
    office.until(lambda: "The disk is full." in office.sentences())
    office.until(lambda: office.watching(ann))
    assert office.account(ann) == ann
    assert PASSWORD in office.secrets().values()


def test_what_a_removal_would_mean_is_told(office: ServiceDesk, ann: Account) -> None:
    identity = office.store.identities.list(ann.id)[0].id
    with office.store.user_transaction() as tx:
        office.store.drafts.add(tx, Composition(subject="Mine", identity_id=identity), 0)
    told: list[Removal] = []
    office.service.removal(ann.id, told.append)
    office.until(lambda: told)
    assert told == [Removal(ann, local_messages=0, unsent=0, drafts=1)]


def test_mail_of_a_removed_account_that_is_only_here_stays_if_the_user_says_so(office: ServiceDesk) -> None:
    pop3 = ServerSettings("127.0.0.1", 1, Security.TLS, "eva")
    eva = replace(new_account("eva"), imap=None, pop3=pop3, enabled=False)
    office.service.add_account(eva, None, remember=False)
    office.until(lambda: office.service.states())
    (stored,) = office.service.accounts()
    deliver(office.store, stored, "one")
    office.service.remove_account(stored.id, keep_mail=True)
    office.until(lambda: [one.id for one in office.service.accounts()] not in ([], [stored.id]))
    (local,) = office.service.accounts()
    assert set(kept(office.store, local)["Eva/Inbox"]) == {"one"}


def test_accounts_are_shown_in_the_order_the_user_wants(office: ServiceDesk, ann: Account) -> None:
    office.server("bob")
    bob = office.add(new_account("bob"))
    office.service.arrange_accounts([bob.id, ann.id])
    office.until(lambda: [one.id for one in office.service.accounts()] == [bob.id, ann.id])


def test_offline_no_server_is_asked_and_local_mail_is_shown(office: ServiceDesk) -> None:
    local = local_account(office.store)
    deliver(office.store, local, "one", show=False)
    with office.store.user_transaction() as tx:
        office.store.accounts.add(tx, new_account())
    office.service.offline = True
    office.service.start()
    office.until(lambda: shown(office.store, local) == kept(office.store, local))
    assert office.hosts.attempts == 0


def test_a_problem_of_one_account_is_its_own(office: ServiceDesk, ann: Account) -> None:
    office.server("bob")
    bob = office.add(new_account("bob"), "wrong")
    assert office.stands(bob, Connection.NEEDS_USER)
    assert office.watching(ann)
    state = office.service.states()[bob.id]
    assert state.problem is not None
    assert "refused" in state.problem.sentence
    assert office.service.states()[ann.id].problem is None


# -- signing in


def test_a_password_that_comes_with_a_change_is_not_lost(office: ServiceDesk, ann: Account) -> None:
    moved = on_host(ann, OTHER_HOST, "bob")
    office.server("bob", "For Bob")
    office.service.update_account(moved)
    office.service.supply_password(ann.id, PASSWORD, remember=True)
    office.until(lambda: office.watching(ann) and office.subjects(ann) == {"For Bob"})
    assert office.secrets() == {f"qtmail imap {OTHER_HOST}:993\nbob": PASSWORD}


def test_a_permission_that_comes_with_a_change_is_not_lost(office: ServiceDesk, ann: Account) -> None:
    office.service.update_account(replace(ann, sign_in=SignIn(SignInMethod.OAUTH, NOWHERE, "id")))
    office.service.keep_permission(ann.id, Permission("refresh-me"), remember=True)
    office.settled()
    office.until(lambda: office.stands(ann, Connection.WAITING))
    permission = json.loads(office.secrets()[f"qtmail oauth {NOWHERE}\nann"])
    assert permission["refresh_token"] == "refresh-me"


def test_a_password_for_an_account_that_rests_is_there_when_it_wakes(office: ServiceDesk) -> None:
    office.server("ann", "One")
    ann = office.add(new_account(), "wrong")
    office.service.set_enabled(ann.id, False)
    office.service.supply_password(ann.id, PASSWORD, remember=False)
    office.settled()
    office.service.set_enabled(ann.id, True)
    office.until(lambda: office.watching(ann))


def test_a_password_for_sending_is_kept_for_the_server_mail_is_handed_in_to(office: ServiceDesk) -> None:
    office.server("ann")
    smtp = ServerSettings("127.0.0.1", 1, Security.TLS, "outgoing")
    ann = office.add(replace(new_account(), smtp=smtp))
    office.service.supply_password(ann.id, "for sending", remember=True, sending=True)
    office.until(lambda: office.secrets().get("qtmail smtp 127.0.0.1:1\noutgoing") == "for sending")


def test_a_certificate_is_trusted_for_the_server_of_the_problem(
    office: ServiceDesk, ann: Account, authority: trustme.CA
) -> None:
    pem = authority.issue_cert("imap.example.org").cert_chain_pems[0].bytes().decode()
    attempts = office.hosts.attempts
    office.service.trust_certificate(Problem(ann.id, "Who is that?", certificate=pem))
    trusted = partial(office.store.accounts.trusted, "imap.example.org", 993)
    office.until(lambda: trusted() == {fingerprint(pem)})
    office.service.trust_certificate(Problem(99, "Nobody's", certificate=pem))
    office.service.trust_certificate(Problem(ann.id, "No certificate"))
    office.settled()
    assert trusted() == {fingerprint(pem)}
    assert office.hosts.attempts == attempts


def test_a_clear_line_is_allowed_for_the_server_of_the_problem(office: ServiceDesk) -> None:
    office.server("ann")
    smtp = ServerSettings("127.0.0.1", 1, Security.NONE, "ann")
    ann = office.add(replace(new_account(), smtp=smtp))
    office.service.allow_clear_password(Problem(ann.id, "In clear?", sending=True))
    office.until(lambda: office.store.accounts.clear_allowed("127.0.0.1", 1))
    assert not office.store.accounts.clear_allowed("imap.example.org", 993)


# -- what is known of accounts to sign in with


def test_a_password_moves_with_its_account(office: ServiceDesk, ann: Account) -> None:
    office.service.update_account(on_host(ann, OTHER_HOST))
    office.until(lambda: office.watching(ann))
    assert office.secrets() == {f"qtmail imap {OTHER_HOST}:993\nann": PASSWORD}


def test_a_password_that_two_accounts_share_stays_for_the_other(office: ServiceDesk, ann: Account) -> None:
    second = office.add(replace(new_account(address="ann.second@example.org"), name="Second"))
    office.service.update_account(on_host(second, OTHER_HOST))
    office.until(lambda: office.watching(second))
    assert office.credentials.get(ann) == PASSWORD
    third = office.add(replace(new_account(address="ann.third@example.org"), name="Third"))
    office.service.remove_account(third.id)
    office.until(lambda: office.account(third) is None)
    office.settled()
    assert office.credentials.get(ann) == PASSWORD
    office.service.remove_account(ann.id)
    office.until(lambda: list(office.secrets()) == [f"qtmail imap {OTHER_HOST}:993\nann"])


@pytest.fixture
def permitted(office: ServiceDesk, ann: Account) -> Account:
    """The account, signed in at a provider."""
    office.service.update_account(replace(ann, sign_in=SignIn(SignInMethod.OAUTH, NOWHERE, "id")))
    office.service.keep_permission(ann.id, Permission("refresh-me"), remember=True)
    office.until(lambda: f"qtmail oauth {NOWHERE}\nann" in office.secrets())
    account = office.account(ann)
    assert account is not None
    return account


def test_the_permission_of_a_provider_that_was_left_is_forgotten(
    office: ServiceDesk, permitted: Account
) -> None:
    office.service.update_account(
        replace(permitted, sign_in=SignIn(SignInMethod.OAUTH, f"{NOWHERE}/other", "id"))
    )
    office.until(lambda: f"qtmail oauth {NOWHERE}\nann" not in office.secrets())


@pytest.mark.parametrize("leaves", [True, False], ids=["left", "removed"])
def test_a_permission_that_two_accounts_share_stays_for_the_other(
    office: ServiceDesk, permitted: Account, leaves: bool
) -> None:
    twin = replace(permitted, id=0, address="ann.second@example.org", name="Second")
    second = office.add(twin)
    if leaves:
        office.service.update_account(replace(second, sign_in=SignIn()))
        office.until(lambda: office.account(second) == replace(second, sign_in=SignIn()))
    else:
        office.service.remove_account(second.id)
        office.until(lambda: office.account(second) is None)
    office.settled()
    assert "refresh-me" in (office.credentials.get(permitted, "oauth") or "")


def test_a_renewed_permission_that_cannot_be_kept_is_said_once(
    office: ServiceDesk,
    ann: Account,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority.cert_pem.write_to_path(str(office.store.directory / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(office.store.directory / "ca.pem"))
    with AuthorizationServer(authority) as provider:
        provider.seconds = 1
        sign_in = SignIn(SignInMethod.OAUTH, provider.issuer, CLIENT_ID)
        office.service.update_account(replace(ann, sign_in=sign_in))
        office.service.keep_permission(ann.id, Permission(provider.issue()), remember=True)
        office.until(lambda: any("oauth" in place for place in office.secrets()))
        monkeypatch.setattr(office.keyring, "set_password", locked)

        def said() -> bool:
            office.service.sync_now()  # as often as it takes: a token is good for a second
            return "sign in to “Ann” again at the next start" in office.sentences()

        office.until(said)
        renewed = provider.count(REFRESH)

        def renewed_again() -> bool:
            office.service.sync_now()
            return provider.count(REFRESH) > renewed + 1

        office.until(renewed_again)
    assert sum("next start" in problem.sentence for problem in office.problems) == 1


# -- folders, and what is allowed


def test_folders_have_rules_and_purposes_of_their_own(office: ServiceDesk, ann: Account) -> None:
    office.service.set_folder_policy(ann.id, b"Other", FolderPolicy(BodyPolicy.ALL, 60))
    office.service.choose_special_folder(ann.id, SpecialUse.SENT, b"Other")
    told: list[list[FolderSettings]] = []

    def shown_so() -> bool:
        office.service.folder_settings(ann.id, told.append)
        office.settled()
        chosen = {one.folder.path: one.chosen_for for one in told[-1] if one.chosen_for}
        uses = {one.folder.path: one.folder.special_use for one in told[-1]}
        return chosen == {"Other": SpecialUse.SENT} and uses["Other"] is SpecialUse.SENT

    office.until(shown_so)
    office.until(lambda: office.watching(ann))
    assert shown_so()  # also after the server was asked
    policies = {one.folder.path: one.policy for one in told[-1]}
    assert policies["Other"] == FolderPolicy(BodyPolicy.ALL, 60)
    assert policies["Archive"] == FolderPolicy()
    assert [one.folder.path for one in told[-1]] == ["Archive", "INBOX", "Other", "Sent"]
    office.service.choose_special_folder(ann.id, SpecialUse.SENT, b"")
    office.until(lambda: uses_of(office, ann)["Sent"] is SpecialUse.SENT)
    assert uses_of(office, ann)["Other"] is None


def uses_of(office: ServiceDesk, account: Account) -> dict[str, SpecialUse | None]:
    return {folder.path: folder.special_use for folder in office.store.folders.list(account.id)}


def test_a_folder_is_for_one_purpose(office: ServiceDesk, ann: Account) -> None:
    office.service.choose_special_folder(ann.id, SpecialUse.SENT, b"Other")
    office.service.choose_special_folder(ann.id, SpecialUse.ARCHIVE, b"Other")
    office.until(lambda: uses_of(office, ann)["Other"] is SpecialUse.ARCHIVE)
    office.service.sync_now()
    office.until(lambda: uses_of(office, ann)["Sent"] is SpecialUse.SENT)


def test_what_the_user_allowed_a_server_is_told_and_can_be_taken_back(
    office: ServiceDesk, ann: Account
) -> None:
    ours, other = ClearPermission("imap.example.org", 993), ClearPermission("imap.other.example", 993)
    for one in (ours, other):
        office.service.allow_clear_password_at(one.host, one.port, lambda: None)
    told: list[list[Exemption]] = []
    office.settled()
    office.service.exemptions(ann.id, told.append)
    office.until(lambda: told)
    assert told == [[ours]]
    office.service.withdraw(ours)
    office.until(lambda: office.store.accounts.exemptions() == (other,))


def test_the_local_folders_are_made_once(office: ServiceDesk) -> None:
    told: list[int] = []
    office.service.local_folders(told.append)
    office.service.local_folders(told.append)
    office.until(lambda: len(told) == 2)
    assert {account.id for account in office.service.accounts()} == set(told)
    office.until(lambda: len(office.store.folders.list(told[0])) == 6)


def test_what_a_rule_would_delete_on_the_server_is_told(office: ServiceDesk) -> None:
    pop3 = ServerSettings("127.0.0.1", 1, Security.TLS, "eva")
    office.service.add_account(replace(new_account("eva"), imap=None, pop3=pop3), None, remember=False)
    office.until(lambda: office.service.accounts())
    (eva,) = office.service.accounts()
    told: list[int | None] = []
    office.service.server_deletions(eva.id, Pop3Policy(Pop3Keep.DELETE), told.append)
    office.until(lambda: told)
    assert told == [0]


def test_a_check_says_how_far_each_server_was_reached(office: ServiceDesk) -> None:
    imap = ServerSettings("127.0.0.1", 1, Security.TLS, "ann")
    office.service.add_account(replace(new_account(), imap=imap, enabled=False), PASSWORD, remember=False)
    office.until(lambda: office.service.accounts())
    told: list[list[Verdict]] = []
    office.service.check_connection(1, told.append)
    office.until(lambda: told)
    assert not all(verdict.ok for verdict in told[0])
    office.service.check_connection(99, told.append)
    office.until(lambda: "no longer there" in office.sentences())
    assert len(told) == 1


# -- what is under way


def test_who_waits_for_a_message_is_told_when_its_account_is_changed(
    office: ServiceDesk, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetching = threading.Event()
    answer = MemorySession._answer

    def stall(session: MemorySession, call: str) -> None:
        if call.startswith("BODY"):
            fetching.set()
            while not session._aborted:
                threading.Event().wait(0.01)
        answer(session, call)

    monkeypatch.setattr(MemorySession, "_answer", stall)
    told: list[LoadedMessage] = []
    office.bridge.message_loaded.connect(told.append)
    (folder, *_) = (one for one in office.store.folders.list(ann.id) if one.message_count)
    office.service.load_message(office.store.messages.ids(MessageQuery((folder.id,)))[0])
    office.until(fetching.is_set)
    office.service.update_account(replace(ann, name="Renamed"))
    office.until(lambda: told and told[-1].problem is not None)
    office.until(lambda: office.watching(ann))


def state_of(office: ServiceDesk, item_id: int) -> OutboxState | None:
    item = office.store.outbox.get(item_id)
    return item.state if item is not None else None


class Deliberating(SmtpServer):
    """Takes its time over the answer to a whole message."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.let_go = threading.Event(), threading.Event()

    def __enter__(self) -> Deliberating:
        super().__enter__()
        return self

    def answer(self, *steps: str) -> str | None:
        if "end" in steps:
            self.asked.set()
            self.let_go.wait(PATIENCE)
        return super().answer(*steps)


@pytest.mark.parametrize("change", [renaming, removing])
def test_a_message_that_was_handed_over_is_not_given_up_because_its_account_is_changed(
    office: ServiceDesk, change: Ask
) -> None:
    with Deliberating() as server:
        smtp = ServerSettings("127.0.0.1", server.port, Security.NONE, "")
        office.service.add_account(replace(new_account(), imap=None, smtp=smtp), None, remember=False)
        office.until(lambda: office.service.states())
        (ann,) = office.service.accounts()
        new = NewOutboxItem(ann.id, 0, "1@x", "Plans", ann.address, ("bob@example.org",), 0)
        item = queue(office.store, new, [plain_message(1)], stop=StopToken())
        office.service.send_now(ann.id)
        office.until(server.asked.is_set)
        change(office, ann)
        office.settled()
        server.let_go.set()
        office.until(lambda: state_of(office, item.id) is OutboxState.FILED)
        assert len(server.accepted) == 1
        office.until(lambda: office.threads() == ["outbox-1"])
