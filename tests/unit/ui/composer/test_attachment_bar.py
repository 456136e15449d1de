"""Cards of what is attached, and the list behind them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from qtmail.domain.composition import DraftAttachment, FileSource
from qtmail.ui.composer.attachment_bar import CARD_SIZE, DraftAttachmentBar
from qtmail.ui.composer.attachment_list import AttachmentList
from qtmail.ui.shared.immediate import Immediate
from qtmail.ui.shared.theme import Theme
from tests.fakes.compose_service import FakeComposeService


@pytest.fixture
def attachments(qapp, service: FakeComposeService) -> AttachmentList:
    return AttachmentList(service, Immediate(), 1, ())  # type: ignore[arg-type]


@pytest.fixture
def bar(theme: Theme, attachments: AttachmentList, qtbot: QtBot) -> DraftAttachmentBar:
    bar = DraftAttachmentBar(theme, attachments)
    qtbot.addWidget(bar)
    bar.resize(600, 200)
    return bar


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Three files of 1000, 2000 and 3000 bytes."""
    paths = [tmp_path / name for name in ("a.txt", "b.pdf", "合同.docx")]
    for number, path in enumerate(paths, 1):
        path.write_bytes(b"x" * 1000 * number)
    return paths


def names(bar: DraftAttachmentBar) -> list[str]:
    return [card.attachment.filename for card in bar.cards()]


def test_nothing_attached_shows_nothing(bar: DraftAttachmentBar):
    assert bar.isHidden()


def test_each_file_has_a_card(bar: DraftAttachmentBar, attachments: AttachmentList, files: list[Path]):
    attachments.add_files(files)
    assert names(bar) == ["a.txt", "b.pdf", "合同.docx"]
    assert bar.summary() == "3 attachments · 6 KB"
    assert not bar.isHidden() and bar.sizeHint().height() > CARD_SIZE.height()


def test_files_that_are_still_looked_at_are_told(
    bar: DraftAttachmentBar, attachments: AttachmentList, service: FakeComposeService, files: list[Path]
):
    service.holding = True
    attachments.add_files(files)
    assert "Adding…" in bar.summary() and not bar.isHidden()
    service.release()
    assert "Adding…" not in bar.summary()


def test_a_card_is_removed_by_its_button_and_by_key(
    bar: DraftAttachmentBar, attachments: AttachmentList, files: list[Path], qtbot: QtBot
):
    attachments.add_files(files)
    bar.cards()[0].findChildren(QToolButton)[0].click()
    assert names(bar) == ["b.pdf", "合同.docx"]
    qtbot.keyClick(bar.cards()[1], Qt.Key.Key_Delete)
    assert names(bar) == ["b.pdf"]


def test_the_same_file_attached_twice_is_removed_once(
    bar: DraftAttachmentBar, attachments: AttachmentList, files: list[Path]
):
    attachments.add_files([files[0], files[0]])
    bar.cards()[0].findChildren(QToolButton)[0].click()
    assert names(bar) == ["a.txt"]


def test_the_size_on_the_wire_counts(bar: DraftAttachmentBar, attachments: AttachmentList, files: list[Path]):
    attachments.add_files(files)
    assert attachments.wire_size == 8211  # 6,000 bytes in base64, with line ends
    verdicts = []
    for limit in (8211, 8210, None):
        bar.set_limit(limit)
        verdicts.append(bar.too_large)
        assert ("this one would have 8 KB" in bar.summary()) is bar.too_large
    assert verdicts == [False, True, False]


def test_a_file_that_comes_back_is_fine_again(
    bar: DraftAttachmentBar, attachments: AttachmentList, files: list[Path]
):
    attachments.add_files(files[:1])
    content = files[0].read_bytes()
    files[0].unlink()
    attachments.look_again()
    assert bar.cards()[0].missing
    files[0].write_bytes(content + b"more")
    attachments.look_again()
    assert not bar.cards()[0].missing
    assert attachments.all[0].size == len(content) + 4


def test_looking_again_changes_nothing_where_nothing_changed(
    attachments: AttachmentList, files: list[Path], qtbot: QtBot
):
    attachments.add_files(files)
    with qtbot.assertNotEmitted(attachments.changed):
        attachments.look_again()


def test_a_picture_is_kept_as_png(attachments: AttachmentList, service: FakeComposeService):
    kept: list[DraftAttachment] = []
    attachments.add_picture(QImage(5, 4, QImage.Format.Format_RGB32), inline=True, done=kept.append)
    (picture,) = kept
    assert picture.content_type == "image/png" and picture.inline
    (content,) = service.contents.values()
    assert QImage.fromData(content).width() == 5
    assert attachments.cards == ()


def test_a_picture_file_stays_a_file(attachments: AttachmentList, files: list[Path]):
    kept: list[DraftAttachment] = []
    attachments.add_picture_file(files[0], "pic@a.example", kept.append)
    assert kept[0].content_id == "pic@a.example" and isinstance(kept[0].source, FileSource)


def test_pictures_are_detached_from_the_text(attachments: AttachmentList, files: list[Path]):
    attachments.add_picture_file(files[0], "one@a.example", lambda _: None)
    attachments.add_picture_file(files[1], "two@a.example", lambda _: None)
    attachments.detach({"one@a.example"})
    assert [one.filename for one in attachments.cards] == ["a.txt"]


def test_a_picture_shows_on_its_card(bar: DraftAttachmentBar, attachments: AttachmentList, tmp_path: Path):
    picture = QImage(300, 200, QImage.Format.Format_RGB32)
    picture.fill(QColor("#00ff00"))
    picture.save(str(tmp_path / "green.png"))
    attachments.add_files([tmp_path / "green.png"])
    (card,) = bar.cards()
    shown = card.thumbnail().toImage()
    assert shown.pixelColor(shown.width() // 2, shown.height() // 2) == QColor("#00ff00")


def test_a_picture_that_cannot_be_read_has_an_icon(
    bar: DraftAttachmentBar, attachments: AttachmentList, tmp_path: Path
):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    attachments.add_files([tmp_path / "broken.png"])
    (card,) = bar.cards()
    assert not card.thumbnail().isNull()


def test_nothing_is_counted_before_the_first_file_is_there(
    bar: DraftAttachmentBar, attachments: AttachmentList, service: FakeComposeService, files: list[Path]
):
    service.holding = True
    attachments.add_files(files[:1])
    assert bar.summary() == "Adding…"
