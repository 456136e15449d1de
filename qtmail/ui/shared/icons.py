"""The icons of the program: glyphs of the Phosphor font that QtAwesome ships, tinted by the palette.

QtAwesome supplies the font and the table of glyph names, but its Python package is not imported: that costs
160 ms at start-up, because its Qt wrapper copies every name of Qt. Reading its two files takes 8 ms.

An icon holds no pixels. It is drawn when it is painted, at the size and device pixel ratio asked for, in the
colour the application palette has at that moment, so that a change from light to dark needs no new icons.
Qt's own pixmap cache keeps what was drawn.
"""

from __future__ import annotations

import json
from enum import StrEnum
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
    QPixmapCache,
)

from qtmail.paths import resource

APPLICATION_ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


class IconName(StrEnum):
    """What an icon stands for; the value is the name of its Phosphor glyph."""

    # What the user does with messages
    NEW_MESSAGE = "note-pencil"
    REPLY = "arrow-bend-up-left"
    REPLY_ALL = "arrow-bend-double-up-left"
    FORWARD = "arrow-bend-up-right"
    SEND = "paper-plane-tilt"
    SEND_LATER = "clock"
    ARCHIVE = "archive"
    DELETE = "trash"
    JUNK = "fire"
    NOT_JUNK = "thumbs-up"
    FLAG = "flag"
    FLAG_FILLED = "flag-fill"
    MARK_READ = "envelope-open"
    MARK_UNREAD = "envelope-simple"
    MOVE = "folder-notch-open"
    UNDO = "arrow-counter-clockwise"
    SYNC = "arrows-clockwise"

    # What the user does with the message on screen
    SEARCH = "magnifying-glass"
    FIND = "file-search"
    PRINT = "printer"
    SAVE = "download-simple"
    OPEN = "arrow-square-out"
    SOURCE = "code"
    COPY = "copy"
    LINK = "link-simple"
    ZOOM_IN = "magnifying-glass-plus"
    ZOOM_OUT = "magnifying-glass-minus"
    SHOW_IMAGES = "image"
    PLAY = "play-fill"
    PAUSE = "pause-fill"

    # Writing
    ATTACH = "paperclip"
    BOLD = "text-bolder"
    ITALIC = "text-italic"
    UNDERLINE = "text-underline"
    LIST_BULLETS = "list-bullets"
    LIST_NUMBERS = "list-numbers"
    QUOTE = "quotes"
    CLEAR_FORMAT = "eraser"
    TEXT_COLOR = "palette"
    STRIKE = "text-strikethrough"
    CODE = "code-simple"
    TEMPLATE = "article"
    SAVE_DRAFT = "floppy-disk"

    # The window
    MORE = "dots-three"
    REST = "caret-double-right"
    SETTINGS = "gear-six"
    ADD_ACCOUNT = "user-plus"
    REMOVE = "minus"
    EDIT = "pencil-simple"
    CLOSE = "x"
    BACK = "arrow-left"
    NEXT = "arrow-right"
    EXPAND = "caret-down"
    EXPANDED = "caret-up"
    COLLAPSED = "caret-right"
    VIEW_CARDS = "rows"
    VIEW_COLUMNS = "table"
    SORT_ASCENDING = "sort-ascending"
    SORT_DESCENDING = "sort-descending"
    FILTER = "funnel-simple"
    ACTIVITY = "activity"
    LIGHT_MODE = "sun"
    DARK_MODE = "moon"
    QUIT = "sign-out"

    # Folders
    INBOX = "tray"
    ALL_INBOXES = "stack"
    UNREAD = "envelope-simple-open"
    DRAFTS = "file-dotted"
    SENT = "paper-plane-right"
    OUTBOX = "upload-simple"
    TRASH = "trash-simple"
    ALL_MAIL = "envelope"
    FOLDER = "folder-simple"
    FOLDER_OPEN = "folder-open"
    NEW_FOLDER = "folder-plus"
    LOCAL_DRAFTS = "note"

    # Marks in lists and headers
    MARK_UNREAD_DOT = "circle-fill"
    MARK_REPLIED = "arrow-u-up-left"
    MARK_FORWARDED = "arrow-u-up-right"
    MARK_ON_SERVER = "cloud-arrow-down"
    ENCRYPTED = "lock-simple"
    NOT_ENCRYPTED = "lock-simple-open"
    TRUSTED = "shield-check"
    SUSPICIOUS = "shield-warning"

    # States
    INFO = "info"
    WARNING = "warning"
    ERROR = "warning-circle"
    SUCCESS = "check-circle"
    CHECK = "check"
    OFFLINE = "cloud-slash"
    WORKING = "spinner-gap"
    NO_MESSAGES = "envelope-simple-thin"
    NO_SELECTION = "envelope-open-thin"

    # Kinds of attachment
    FILE = "file"
    FILE_TEXT = "file-text"
    FILE_PDF = "file-pdf"
    FILE_IMAGE = "image-square"
    FILE_AUDIO = "music-note"
    FILE_VIDEO = "film-strip"
    FILE_ARCHIVE = "package"
    FILE_TABLE = "grid-four"
    FILE_SLIDES = "presentation"
    FILE_CODE = "brackets-curly"
    FILE_CALENDAR = "calendar-blank"
    FILE_CONTACT = "identification-card"
    FILE_MESSAGE = "envelope-open-light"
    FILE_KEY = "key"
    FILE_SIGNATURE = "fingerprint-simple"


_EXACT_TYPES = {
    "application/pdf": IconName.FILE_PDF,
    "application/json": IconName.FILE_CODE,
    "application/xml": IconName.FILE_CODE,
    "application/pgp-keys": IconName.FILE_KEY,
    "application/pgp-signature": IconName.FILE_SIGNATURE,
    "application/pkcs7-signature": IconName.FILE_SIGNATURE,
    "application/x-pkcs7-signature": IconName.FILE_SIGNATURE,
    "text/calendar": IconName.FILE_CALENDAR,
    "text/csv": IconName.FILE_TABLE,
    "text/html": IconName.FILE_CODE,
    "text/vcard": IconName.FILE_CONTACT,
    "text/x-vcard": IconName.FILE_CONTACT,
}
_FAMILIES = {
    "image": IconName.FILE_IMAGE,
    "audio": IconName.FILE_AUDIO,
    "video": IconName.FILE_VIDEO,
    "text": IconName.FILE_TEXT,
    "message": IconName.FILE_MESSAGE,
}
_WORDS = {
    "zip": IconName.FILE_ARCHIVE,
    "compressed": IconName.FILE_ARCHIVE,
    "x-tar": IconName.FILE_ARCHIVE,
    "rar": IconName.FILE_ARCHIVE,
    "spreadsheet": IconName.FILE_TABLE,
    "excel": IconName.FILE_TABLE,
    "presentation": IconName.FILE_SLIDES,
    "powerpoint": IconName.FILE_SLIDES,
    "word": IconName.FILE_TEXT,
    "opendocument.text": IconName.FILE_TEXT,
}


def icon_for_type(content_type: str) -> IconName:
    """The icon of an attachment of this MIME type, in lower case."""
    if exact := _EXACT_TYPES.get(content_type):
        return exact
    if family := _FAMILIES.get(content_type.partition("/")[0]):
        return family
    return next((name for word, name in _WORDS.items() if word in content_type), IconName.FILE)


def icon(name: IconName, color: QColor | None = None) -> QIcon:
    """The icon, in the palette's button text colour or the one given; cheap, so nothing need keep it."""
    return QIcon(GlyphEngine(name, color))


def application_icon() -> QIcon:
    """The envelope of qtmail, in every size drawn for it."""
    result = QIcon()
    for size in APPLICATION_ICON_SIZES:
        result.addFile(str(resource("icons", f"qtmail-{size}.png")), QSize(size, size))
    return result


class GlyphEngine(QIconEngine):
    """Draws one glyph in any size: dimmed when disabled, in the accent colour when its button is checked."""

    def __init__(self, name: IconName, color: QColor | None = None) -> None:
        super().__init__()
        self._name = name
        self._color = color
        self._family, glyphs = _glyph_font()
        self._glyph = glyphs[name]

    def clone(self) -> QIconEngine:
        return GlyphEngine(self._name, self._color)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatio()
        pixmap = self.pixmap(rect.size() * ratio, mode, state)
        painter.drawPixmap(rect, pixmap)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """The glyph in `size` device pixels."""
        color = self._tint(mode, state)
        key = f"qtmail:{self._name}:{color.rgba():08x}:{size.width()}x{size.height()}"
        cached = QPixmap()
        if not QPixmapCache.find(key, cached):
            cached = self._draw(size, color)
            QPixmapCache.insert(key, cached)
        return cached

    def _tint(self, mode: QIcon.Mode, state: QIcon.State) -> QColor:
        palette = QGuiApplication.palette()
        if mode == QIcon.Mode.Disabled:
            return palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
        if self._color is not None:
            return self._color
        checked = state == QIcon.State.On
        return palette.color(QPalette.ColorRole.Accent if checked else QPalette.ColorRole.ButtonText)

    def _draw(self, size: QSize, color: QColor) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        font = QFont(self._family)
        font.setPixelSize(max(1, min(size.width(), size.height())))
        painter = QPainter(pixmap)
        painter.setFont(font)
        painter.setPen(color)
        painter.drawText(QRect(QPoint(0, 0), size), Qt.AlignmentFlag.AlignCenter, self._glyph)
        painter.end()
        return pixmap


@lru_cache(maxsize=1)
def _glyph_font() -> tuple[str, dict[str, str]]:
    """The family name of the icon font, now known to Qt, and its characters by glyph name."""
    spec = find_spec("qtawesome")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("QtAwesome, which brings the icon font, is not installed.")
    fonts = Path(spec.origin).parent / "fonts"
    font_id = QFontDatabase.addApplicationFont(str(next(fonts.glob("phosphor-[0-9]*.ttf"))))
    charmap = json.loads(next(fonts.glob("phosphor-charmap-*.json")).read_text("ascii"))
    characters = {name: chr(int(code, 16)) for name, code in charmap.items()}
    return QFontDatabase.applicationFontFamilies(font_id)[0], characters
