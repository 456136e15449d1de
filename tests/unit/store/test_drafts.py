from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.domain.account import Account
from qtmail.domain.composition import Composition, Draft, DraftAttachment, ServerCopy, StoredSource
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.errors import StoreFailed
from qtmail.store.draft_versions import VERSION_SECONDS, VERSIONS_KEPT
from qtmail.store.store import Store
from tests.unit.store.compositions import FULL
from tests.unit.store.values import add_account

NOW = 1_000_000
THIS_RUN = "run-1"


def add(store: Store, composition: Composition = FULL, *, run: str = THIS_RUN) -> Draft:
    with store.user_transaction() as tx:
        return store.drafts.add(tx, composition, NOW, run=run)


def save(store: Store, draft: Draft, composition: Composition, now: int) -> int:
    with store.user_transaction() as tx:
        return store.drafts.save(tx, draft.id, composition, now)


def copy_of(account: Account, uid: int) -> ServerCopy:
    return ServerCopy(account.id, b"Drafts", 7, uid)


def test_all_of_a_draft_outlives_the_program(profile: Path) -> None:
    with Store.open(profile) as store:
        draft = add(store)
    with Store.open(profile) as store:
        assert store.drafts.get(draft.id) == draft == Draft(1, FULL, 1, NOW, NOW, is_open=True)


def test_saving_counts_revisions_and_tells(store: Store, changes: list[StoreChange]) -> None:
    draft = add(store)
    longer = replace(FULL, body="<p>more</p>")
    assert save(store, draft, longer, NOW + 2) == 2
    assert store.drafts.get(draft.id) == replace(draft, composition=longer, revision=2, saved_at=NOW + 2)
    assert [change.kinds for change in changes] == [{ChangeKind.DRAFTS}] * 2


def test_a_draft_that_is_gone_says_so(store: Store) -> None:
    draft = add(store)
    with store.user_transaction() as tx:
        store.drafts.drop(tx, [draft.id])
    assert save(store, draft, FULL, NOW) == 0
    assert store.drafts.get(draft.id) is None


def test_those_left_open_by_another_run_can_be_recovered(store: Store) -> None:
    lost, mine, closed = add(store, run="died"), add(store), add(store, run="")
    assert [draft.id for draft in store.drafts.recoverable(THIS_RUN)] == [lost.id]
    with store.user_transaction() as tx:
        store.drafts.set_open(tx, lost.id, THIS_RUN)
    assert store.drafts.recoverable(THIS_RUN) == []
    assert {draft.id for draft in store.drafts.unsent()} == {lost.id, mine.id, closed.id}


def test_a_discarded_one_can_be_brought_back_until_it_is_dropped(store: Store) -> None:
    draft = add(store)
    with store.user_transaction() as tx:
        store.drafts.discard(tx, draft.id, NOW + 5)
    assert store.drafts.unsent() == []
    assert (store.drafts.discarded(NOW + 5), store.drafts.discarded(NOW + 6)) == ([], [draft.id])
    with store.user_transaction() as tx:
        store.drafts.restore(tx, draft.id)
    assert [one.id for one in store.drafts.unsent()] == [draft.id]


# -- versions


def typed(length: int) -> Composition:
    return Composition(body="x" * length)


def test_a_minute_of_typing_is_few_versions_and_the_last_is_what_was_saved_last(store: Store) -> None:
    draft = add(store, typed(1000))
    for second in range(2, 62, 2):
        save(store, draft, typed(1000 + second), NOW + second)
    versions = store.drafts.versions(draft.id)
    assert versions[0].composition == typed(1060)
    assert 3 <= len(versions) <= 60 // VERSION_SECONDS + 3
    assert versions[-1].composition == typed(1000)


def test_what_was_cut_to_less_than_half_does_not_replace_what_was_there(store: Store) -> None:
    draft = add(store, typed(1))
    save(store, draft, typed(5000), NOW + 2)
    save(store, draft, typed(5002), NOW + 4)
    save(store, draft, typed(0), NOW + 6)
    save(store, draft, typed(1), NOW + 8)
    assert typed(5002) in [version.composition for version in store.drafts.versions(draft.id)]


def test_old_versions_go(store: Store) -> None:
    draft = add(store, typed(1))
    for number in range(1, VERSIONS_KEPT + 10):
        save(store, draft, typed(number), NOW + number * VERSION_SECONDS * 2)
    assert len(store.drafts.versions(draft.id)) == VERSIONS_KEPT


# -- what belongs to a draft


def test_its_contents_go_with_it(store: Store) -> None:
    draft = add(store)
    with store.user_transaction() as tx:
        blob_id = store.blobs.begin(tx, NOW)
        store.blobs.append(tx, blob_id, b"pasted")
        store.blobs.finish(tx, blob_id)
        store.drafts.own_blob(tx, draft.id, blob_id)
    assert store.blobs.content(blob_id) == b"pasted"
    with store.user_transaction() as tx:
        store.drafts.drop(tx, [draft.id])
    with pytest.raises(StoreFailed):
        store.blobs.content(blob_id)


# -- copies on servers


def test_a_new_copy_makes_the_one_before_obsolete(store: Store, account: Account) -> None:
    draft = add(store)
    for revision, uid in ((1, 11), (2, 12)):
        with store.user_transaction() as tx:
            store.drafts.mirrored(tx, draft.id, revision, copy_of(account, uid))
    assert store.drafts.copy_of(draft.id) == copy_of(account, 12)
    ((number, obsolete),) = store.drafts.obsolete_copies(account.id)
    assert obsolete == copy_of(account, 11)
    with store.user_transaction() as tx:
        store.drafts.copy_gone(tx, number)
    assert store.drafts.obsolete_copies(account.id) == []
    assert store.drafts.find_copy(copy_of(account, 12)) == store.drafts.get(draft.id)
    assert store.drafts.find_copy(copy_of(account, 11)) is None


def test_the_copy_of_a_dropped_draft_is_obsolete(store: Store, account: Account) -> None:
    draft = add(store)
    with store.user_transaction() as tx:
        store.drafts.mirrored(tx, draft.id, 1, copy_of(account, 11))
        store.drafts.drop(tx, [draft.id])
    assert [copy for _, copy in store.drafts.obsolete_copies(account.id)] == [copy_of(account, 11)]


def test_a_copy_made_after_its_draft_was_dropped_is_obsolete_at_once(store: Store, account: Account) -> None:
    draft = add(store)
    with store.user_transaction() as tx:
        store.drafts.drop(tx, [draft.id])
        store.drafts.mirrored(tx, draft.id, 1, copy_of(account, 11))
    assert [copy for _, copy in store.drafts.obsolete_copies(account.id)] == [copy_of(account, 11)]


def test_a_draft_left_to_the_server_keeps_its_copy(store: Store, account: Account) -> None:
    draft = add(store)
    with store.user_transaction() as tx:
        store.drafts.mirrored(tx, draft.id, 1, copy_of(account, 11))
        store.drafts.leave_to_server(tx, draft.id)
    assert store.drafts.obsolete_copies(account.id) == []
    assert store.drafts.get(draft.id) is None


def test_drafts_are_mirrored_by_the_account_of_their_identity(store: Store, account: Account) -> None:
    other = add_account(store)
    (mine,) = store.identities.list(account.id)
    (theirs,) = store.identities.list(other.id)
    first = add(store, Composition(identity_id=mine.id))
    second = add(store, Composition(identity_id=theirs.id))
    nobodys = add(store, Composition())
    assert [draft.id for draft in store.drafts.to_mirror(account.id)] == [first.id, nobodys.id]
    assert [draft.id for draft in store.drafts.to_mirror(other.id)] == [second.id]
    with store.user_transaction() as tx:
        store.drafts.mirrored(tx, second.id, 1, copy_of(other, 1))
    assert store.drafts.to_mirror(other.id) == []
    save(store, second, Composition(identity_id=theirs.id, body="more"), NOW + 2)
    assert [draft.id for draft in store.drafts.to_mirror(other.id)] == [second.id]


def test_a_draft_whose_identity_was_removed_is_mirrored_by_the_first_account(
    store: Store, account: Account
) -> None:
    other = add_account(store)
    (theirs,) = store.identities.list(other.id)
    draft = add(store, Composition(identity_id=theirs.id))
    with store.user_transaction() as tx:
        store.accounts.remove(tx, other.id)
    assert [one.id for one in store.drafts.to_mirror(account.id)] == [draft.id]


def test_the_copy_of_a_discarded_draft_is_still_known_as_its_copy(store: Store, account: Account) -> None:
    draft = add(store)
    with store.user_transaction() as tx:
        store.drafts.mirrored(tx, draft.id, 1, copy_of(account, 11))
        store.drafts.discard(tx, draft.id, NOW)
    found = store.drafts.find_copy(copy_of(account, 11))
    assert found is not None and found.id == draft.id


# -- coming back


def test_one_that_is_saved_again_is_not_discarded_any_more(store: Store) -> None:
    draft = add(store)
    with store.user_transaction() as tx:
        store.drafts.discard(tx, draft.id, NOW)
    save(store, draft, FULL, NOW + 2)
    assert [one.id for one in store.drafts.unsent()] == [draft.id]


def test_one_that_is_gone_can_be_added_under_its_number_and_no_other_gets_it(store: Store) -> None:
    gone = add(store)
    with store.user_transaction() as tx:
        store.drafts.drop(tx, [gone.id])
    assert add(store).id != gone.id
    with store.user_transaction() as tx:
        again = store.drafts.add(tx, FULL, NOW + 9, run=THIS_RUN, draft_id=gone.id)
    assert again == replace(gone, created_at=NOW + 9, saved_at=NOW + 9)
    assert store.drafts.get(gone.id) == again


# -- contents


def paste(store: Store, draft: Draft, content: bytes = b"pasted") -> DraftAttachment:
    with store.user_transaction() as tx:
        blob_id = store.blobs.begin(tx, NOW)
        store.blobs.append(tx, blob_id, content)
        store.blobs.finish(tx, blob_id)
        store.drafts.own_blob(tx, draft.id, blob_id)
    return DraftAttachment("p.png", "image/png", len(content), StoredSource(blob_id))


def is_kept(store: Store, attachment: DraftAttachment) -> bool:
    assert isinstance(attachment.source, StoredSource)
    try:
        return store.blobs.size(attachment.source.blob_id) == attachment.size
    except StoreFailed:
        return False


def with_files(*attachments: DraftAttachment) -> Composition:
    return Composition(body="x" * 1000, attachments=attachments)


def test_what_is_taken_out_goes_unless_a_version_names_it(store: Store) -> None:
    draft = add(store, with_files())
    brief, long_there = paste(store, draft), paste(store, draft)
    save(store, draft, with_files(long_there), NOW + 2 * VERSION_SECONDS)
    save(store, draft, with_files(long_there), NOW + 4 * VERSION_SECONDS)
    save(store, draft, with_files(long_there, brief), NOW + 4 * VERSION_SECONDS + 2)
    save(store, draft, with_files(), NOW + 4 * VERSION_SECONDS + 4)
    assert not is_kept(store, brief)
    assert is_kept(store, long_there)


def test_what_nothing_names_yet_goes_only_when_no_composer_can_name_it(store: Store) -> None:
    draft = add(store, with_files())
    pasted, named = paste(store, draft), paste(store, draft)
    save(store, draft, with_files(named), NOW + 2)
    assert is_kept(store, pasted)
    with store.user_transaction() as tx:
        store.drafts.drop_unused_blobs(tx, draft.id)
    assert (is_kept(store, pasted), is_kept(store, named)) == (False, True)


def test_what_is_named_again_before_it_was_swept_is_kept(store: Store) -> None:
    draft = add(store, with_files())
    pasted = paste(store, draft)
    save(store, draft, with_files(pasted), NOW + 1)
    save(store, draft, with_files(), NOW + 2)
    assert not is_kept(store, pasted)
    save(store, draft, with_files(pasted), NOW + 3)
    assert is_kept(store, pasted)


def test_a_message_that_is_sent_on_unchanged_keeps_its_content(store: Store) -> None:
    draft = add(store, Composition())
    original = paste(store, draft)
    assert isinstance(original.source, StoredSource)
    save(store, draft, Composition(resent=original.source), NOW + 2)
    with store.user_transaction() as tx:
        store.drafts.drop_unused_blobs(tx, draft.id)
    assert is_kept(store, original)
