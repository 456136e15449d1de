"""Hands what was edited of an account to the services."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qtmail.domain.account import Account
from qtmail.ui.accounts.settings.account_edit import AccountEdit
from qtmail.ui.accounts.settings.server_mail_page import LOCAL_FOLDERS

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService
    from qtmail.workers.mail_service import MailService


def save_edit(edit: AccountEdit, service: MailService, compose: ComposeService) -> None:
    """Store what changed; the account itself last, so that it starts anew with everything in place."""
    account_id = edit.stored.id
    for exemption in edit.withdrawn:
        service.withdraw(exemption)
    _save_identities(edit, compose)
    for wire_name, policy in edit.policies.items():
        service.set_folder_policy(account_id, wire_name, policy)
    for use, wire_name in edit.special.items():
        service.choose_special_folder(account_id, use, wire_name)
    if edit.account == edit.stored:
        return
    if edit.account.pop3_policy.deliver_to == LOCAL_FOLDERS:
        service.local_folders(lambda place: service.update_account(_delivering(edit.account, place)))
    elif edit.account == replace(edit.stored, enabled=edit.account.enabled):
        service.set_enabled(account_id, edit.account.enabled)
    else:
        service.update_account(edit.account)


def _save_identities(edit: AccountEdit, compose: ComposeService) -> None:
    before = {identity.id: identity for identity in edit.stored_identities}
    for identity in edit.identities:
        if before.get(identity.id) != identity:
            compose.save_identity(identity)
    for gone in before.keys() - {identity.id for identity in edit.identities}:
        compose.remove_identity(gone)


def _delivering(account: Account, place: int) -> Account:
    """The account with its new mail put into the folders of the account with this id."""
    return replace(account, pop3_policy=replace(account.pop3_policy, deliver_to=place))
