"""Identities, templates, and what is known of the accounts behind them."""

from __future__ import annotations

from qtmail.domain.account import Account
from qtmail.domain.identity import Identity, Template
from qtmail.store.facts import Fact
from qtmail.workers.compose_requests import ComposeRequests


class IdentityRequests(ComposeRequests):
    """Who writes, and what is written often."""

    def identities(self) -> list[Identity]:
        return self._store.identities.list()

    def templates(self) -> list[Template]:
        return self._store.templates.list()

    def account(self, account_id: int) -> Account | None:
        return self._store.accounts.get(account_id)

    def size_limit(self, account_id: int) -> int | None:
        """The largest message the account's server takes, in bytes, as last heard; None: not known."""
        return int(self._store.facts.get(account_id, Fact.SMTP_SIZE_LIMIT) or 0) or None

    def save_identity(self, identity: Identity) -> None:
        """Store an identity; one with id 0 is new."""

        def save() -> None:
            with self._store.user_transaction() as tx:
                if identity.id:
                    self._store.identities.update(tx, identity)
                else:
                    self._store.identities.add(tx, identity)

        self._saves.submit(save, self._nothing, self._say)

    def remove_identity(self, identity_id: int) -> None:
        """Drop an identity; the last one of an account stays."""

        def remove() -> None:
            with self._store.user_transaction() as tx:
                identity = self._store.identities.get(identity_id)
                if identity is not None and len(self._store.identities.list(identity.account_id)) > 1:
                    self._store.identities.remove(tx, identity_id)

        self._saves.submit(remove, self._nothing, self._say)

    def save_template(self, template: Template) -> None:
        """Store a template; one with id 0 is new."""

        def save() -> None:
            with self._store.user_transaction() as tx:
                if template.id:
                    self._store.templates.update(tx, template)
                else:
                    self._store.templates.add(tx, template)

        self._saves.submit(save, self._nothing, self._say)

    def remove_template(self, template_id: int) -> None:
        def remove() -> None:
            with self._store.user_transaction() as tx:
                self._store.templates.remove(tx, template_id)

        self._saves.submit(remove, self._nothing, self._say)
