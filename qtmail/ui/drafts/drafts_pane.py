"""The drafts on this computer in the place of the message list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from qtmail.domain.composition import Composition, Draft, DraftVersion
from qtmail.models.drafts import DraftsModel
from qtmail.ui.drafts.draft_preview import DraftPreview
from qtmail.ui.drafts.draft_texts import draft_beginning, draft_recipients, draft_subject, saved_at
from qtmail.ui.drafts.versions_dialog import VersionsDialog
from qtmail.ui.shared.entry_list import Entry, EntryList
from qtmail.ui.shared.entry_place import EntryPlace
from qtmail.ui.shared.icons import IconName
from qtmail.ui.shared.pane_title import PaneTitle
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService


class DraftsPane(EntryPlace):
    """The list of drafts; `preview` is shown beside or below it.

    Enter opens the draft that is chosen, Delete discards it.

    Signals:
        draft_wanted: a draft is to be opened; carries the `Draft`.
        discarded(int): a draft was thrown away.
        failed: what was asked for did not work; carries the `QtmailError`.
    """

    draft_wanted = Signal(object)
    discarded = Signal(int)
    failed = Signal(object)

    def __init__(
        self, service: ComposeService, model: DraftsModel, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._service = service
        self._model = model
        self.list = EntryList(model, _entry, theme)
        self.list.setAccessibleName(self.tr("Drafts on this computer"))
        self.preview = DraftPreview(theme)
        self.lay_out(PaneTitle(self.tr("Drafts on this computer")), self.list)
        self.empty.show_state(
            IconName.LOCAL_DRAFTS,
            self.tr("No drafts on this computer"),
            self.tr("What you write is kept here until it is sent, or saved on your server."),
        )
        self._connect()
        self._follow()

    def current_draft(self) -> Draft | None:
        value = self.list.current_value()
        return value if isinstance(value, Draft) else None

    def open_current(self) -> None:
        draft = self.current_draft()
        if draft is not None:
            self._service.open(draft.id, self.draft_wanted.emit, self.failed.emit)

    def discard_current(self) -> None:
        """Throw the draft away; one that is open is discarded in its window."""
        draft = self.current_draft()
        if draft is not None and not draft.is_open:
            self.discarded.emit(draft.id)
            self._service.discard(draft.id)

    def show_versions(self) -> None:
        draft = self.current_draft()
        if draft is not None:
            self._service.versions(draft.id, lambda versions: self._choose_version(draft, versions))

    def _choose_version(self, draft: Draft, versions: list[DraftVersion]) -> None:
        dialog = VersionsDialog(draft, versions, self)
        dialog.restored.connect(lambda composition: self._restore(draft, composition))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _restore(self, draft: Draft, composition: Composition) -> None:
        self._service.save(draft.id, composition, self._restored, self.failed.emit)

    def _restored(self, draft: Draft) -> None:
        self._service.open(draft.id, self.draft_wanted.emit, self.failed.emit)

    def _follow(self) -> None:
        """The drafts are others now."""
        self.show_count(self._model.rowCount())
        self._show_current()

    def _show_current(self) -> None:
        self.preview.show_draft(self.current_draft())

    def _show_menu(self, place: QPoint) -> None:
        draft = self.current_draft()
        if draft is None:
            return
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction(self.tr("Open"), self.open_current)
        menu.addAction(self.tr("Earlier versions…"), self.show_versions)
        menu.addSeparator()
        menu.addAction(self.tr("Discard"), self.discard_current).setEnabled(not draft.is_open)
        menu.popup(place)

    def _connect(self) -> None:
        self._model.followed.connect(self._follow)
        self.list.current_changed.connect(self._show_current)
        self.list.opened.connect(self.open_current)
        self.list.removal_wanted.connect(self.discard_current)
        self.list.menu_requested.connect(self._show_menu)
        self.preview.open_wanted.connect(self.open_current)
        self.preview.versions_wanted.connect(self.show_versions)
        self.preview.discard_wanted.connect(self.discard_current)


def _entry(draft: Draft) -> Entry:
    composition = draft.composition
    return Entry(
        draft_recipients(composition),
        saved_at(draft.saved_at),
        draft_subject(composition),
        "",
        draft_beginning(composition),
        sign=IconName.EDIT if draft.is_open else None,
    )
