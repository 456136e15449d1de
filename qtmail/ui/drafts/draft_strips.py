"""Strips about drafts: one that was discarded, and those that were open when the program ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from qtmail.domain.composition import Draft
from qtmail.models.drafts import DraftsModel
from qtmail.ui.drafts.draft_texts import draft_subject
from qtmail.ui.drafts.recover_dialog import RecoverDialog
from qtmail.ui.shared.notice_strip import NoticeArea
from qtmail.ui.shared.passing_notice import show_passing_notice
from qtmail.ui.shared.subjects import short_subject

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService

_UNDO_MS = 30_000
_RECOVER = "recover"


class DraftStrips(QObject):
    """Offers to bring drafts back.

    Signals:
        draft_wanted: a draft that was discarded is to be opened again; carries the `Draft`.
        recovered: a draft that was open when the program ended is to be opened; carries the `Draft`.
        failed: it could not be brought back; carries the `QtmailError`.
    """

    draft_wanted = Signal(object)
    recovered = Signal(object)
    failed = Signal(object)

    def __init__(
        self, service: ComposeService, model: DraftsModel, area: NoticeArea, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._model = model
        self._area = area

    def note_discarded(self, draft_id: int) -> None:
        """The user threw a draft away, and may think better of it."""
        draft = self._model.find(draft_id)
        words = self.tr("The message was discarded.")
        if draft is not None:
            words = self.tr("“{subject}” was discarded.").format(
                subject=short_subject(draft_subject(draft.composition))
            )
        key = f"discarded/{draft_id}"

        def undo() -> None:
            self._area.remove(key)
            self._service.restore(draft_id, self._reopen, self.failed.emit)

        show_passing_notice(self._area, key, words, milliseconds=_UNDO_MS, actions=[(self.tr("Undo"), undo)])

    def offer_recovery(self) -> None:
        """Ask for the drafts that were open when the program ended without warning, and offer them."""
        self._service.recoverable(self._offer)

    def _offer(self, drafts: list[Draft]) -> None:
        if not drafts:
            return
        count = len(drafts)
        words = (
            self.tr("A message you were writing was saved.")
            if count == 1
            else self.tr("{count:,} messages you were writing were saved.").format(count=count)
        )
        actions = [
            (self.tr("Open"), lambda: self._recover(drafts)),
            (self.tr("Later"), lambda: self._leave(drafts)),
        ]
        self._area.show_notice(_RECOVER, words, actions=actions, closable=False)

    def _recover(self, drafts: list[Draft]) -> None:
        if len(drafts) == 1:
            self._area.remove(_RECOVER)
            self._open(drafts)
            return
        dialog = RecoverDialog(drafts, self._area.window())
        dialog.chosen.connect(lambda chosen: self._recover_some(chosen, drafts))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _recover_some(self, chosen: list[Draft], drafts: list[Draft]) -> None:
        self._leave([draft for draft in drafts if draft not in chosen])
        self._open(chosen)

    def _leave(self, drafts: Sequence[Draft]) -> None:
        """They are ordinary drafts from now on."""
        self._area.remove(_RECOVER)
        for draft in drafts:
            self._service.close(draft.id)

    def _open(self, drafts: Sequence[Draft]) -> None:
        for draft in drafts:
            self._service.open(draft.id, self.recovered.emit, self.failed.emit)

    def _reopen(self, draft: Draft) -> None:
        self._service.open(draft.id, self.draft_wanted.emit, self.failed.emit)
