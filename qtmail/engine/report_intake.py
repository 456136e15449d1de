"""Ties delivery reports and read receipts that come into the inbox to the messages they speak of.

A report is only information, and anybody can write one: it changes what is shown of a recipient, and nothing
else. Reading the same report again changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.folder import Folder, SpecialUse
from qtmail.domain.outgoing import DeliveryStatus, OutboxItem
from qtmail.engine.bodies import read_body
from qtmail.engine.local_mail import home_of
from qtmail.engine.local_reading import find_body
from qtmail.engine.outbox_sender import envelope_id
from qtmail.log import logger
from qtmail.mime.reports import DeliveryReport, ReadReceipt, ReportedRecipient, read_report
from qtmail.store.store import Store

log = logger("reports")

_LIKELY = re.compile(
    rb"^Content-Type:\s*multipart/report\b|"
    rb"^From:(?:[^\r\n]|\r\n[ \t])*(?:mailer-daemon|mail-daemon|postmaster|mdaemon|microsoftexchange)",
    re.IGNORECASE | re.MULTILINE,
)
"""The headers of reports. Few others have them, and those are looked into in vain."""
_ENVELOPE_ID = re.compile(r"qtmail-(\d{1,18})-")


class ReportIntake:
    """Reads the reports among an account's new mail."""

    def __init__(self, store: Store, account_id: int) -> None:
        self._store = store
        self._account_id = account_id

    def follow(self) -> Callable[[], None]:
        """Look at everything in the inbox whose content comes to be here, on the thread that stores it.

        Returns a function that ends it.
        """
        return self._store.subscribe(self._changed)

    def look_at(self, folder: Folder, message_ids: Iterable[int]) -> int:
        """Note what the reports among these messages say, as far as their content is here.

        Returns how many of them told something new. Messages of other folders are passed over.
        """
        if folder.special_use is not SpecialUse.INBOX or folder.account_id not in self._inboxes():
            return 0
        headers = self._store.messages.headers(message_ids)
        return sum(self._read(id_) for id_, header in headers.items() if _LIKELY.search(header))

    def _changed(self, change: StoreChange) -> None:
        if ChangeKind.BODIES not in change.kinds:
            return
        for folder_id in change.folder_ids:
            folder = self._store.folders.get(folder_id)
            if folder is not None:
                self.look_at(folder, change.message_ids)

    def _inboxes(self) -> set[int]:
        """The accounts in whose inboxes its mail arrives."""
        account = self._store.accounts.get(self._account_id)
        return {self._account_id} if account is None else {account.id, home_of(self._store, account).id}

    def _read(self, message_id: int) -> bool:
        message = read_body(find_body(self._store, message_id))
        match read_report(message) if message is not None else None:
            case DeliveryReport() as report:
                told = report.recipients
                items = self._items(report.original_message_id, report.envelope_id)
            case ReadReceipt(original, reader, True, text):
                told = (ReportedRecipient(reader.address, DeliveryStatus.READ, text),)
                items = self._items(original, "")
            case _:
                return False
        news = [self._note(item, one) for item in items for one in told]
        if any(news):
            log.info("a report on item %d was noted", items[0].id)
        return any(news)

    def _items(self, original: str, envelope: str) -> list[OutboxItem]:
        """What was sent from this account that a report speaks of."""
        items = self._store.outbox.find_message_id(original) if original else []
        match = _ENVELOPE_ID.match(envelope)
        named = self._store.outbox.get(int(match[1])) if match and not items else None
        if named is not None and envelope_id(named) == envelope:
            items = [named]
        return [item for item in items if item.account_id == self._account_id]

    def _note(self, item: OutboxItem, told: ReportedRecipient) -> bool:
        """Note it with the recipient that is meant: where there was one only, whatever the report calls it,
        because many an address is forwarded to another.
        """
        known = {one.address.casefold(): one.address for one in item.recipients}
        address = known.get(told.address.casefold())
        if address is None and len(known) == 1:
            (address,) = known.values()
        if address is None:
            return False
        with self._store.user_transaction() as tx:
            return self._store.outbox.report(tx, item.id, address, told.status, told.text)
