"""Plays an attached sound; importing this module loads QtMultimedia, so import it late.

Raises ImportError where the system lacks a library QtMultimedia needs: whoever imports it opens the sound
elsewhere.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSize, Qt, QTemporaryFile, QUrl, Signal
from PySide6.QtGui import QPalette
from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from qtmail.ui.shared.icons import IconName, icon


class MediaPlayer(QWidget):
    """Play and pause, where it is, how long it is.

    Signals:
        failed(sentence): the sound cannot be played.
    """

    failed = Signal(str)

    # The player is told by signals and not by calls, because PySide lets go of the interpreter only for
    # signals. The player waits for the decoder's threads, and one of these may just then be waiting for the
    # interpreter: every virtual call of an object made in Python needs it.
    _started = Signal()
    _paused = Signal()
    _stopped = Signal()
    _source_set = Signal(QUrl)

    def __init__(self, content: bytes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = QMediaPlayer(self)
        self._player.setAudioOutput(QAudioOutput(self))
        # A file and not a QBuffer: the decoder's thread would need the interpreter for each read of a device
        # made here.
        self._file = QTemporaryFile(self)
        self._file.open()
        self._file.write(QByteArray(content))
        self._file.close()
        self._button = QToolButton()
        self._button.setIconSize(QSize(22, 22))
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName(self.tr("Position"))
        self._time = QLabel(_clock(0))
        self._time.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        layout = QHBoxLayout(self)
        layout.addWidget(self._button)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._time)
        self._connect()
        self._show_state(self._player.playbackState())
        self._source_set.emit(QUrl.fromLocalFile(self._file.fileName()))

    def stop(self) -> None:
        """Be silent and let go of the content; must come before the widget goes, which the player still
        tells.
        """
        self._player.disconnect(self)
        self._stopped.emit()
        self._source_set.emit(QUrl())

    def toggle(self) -> None:
        """Play, or pause."""
        playing = self._player.playbackState() == QMediaPlayer.PlaybackState.PlayingState
        (self._paused if playing else self._started).emit()

    def _connect(self) -> None:
        self._started.connect(self._player.play)
        self._paused.connect(self._player.pause)
        self._stopped.connect(self._player.stop)
        self._source_set.connect(self._player.setSource)
        self._button.clicked.connect(self.toggle)
        self._slider.sliderMoved.connect(self._player.setPosition)
        self._player.durationChanged.connect(lambda length: self._slider.setRange(0, length))
        self._player.positionChanged.connect(self._show_position)
        self._player.playbackStateChanged.connect(self._show_state)
        self._player.errorOccurred.connect(
            lambda _error, text: self.failed.emit(
                self.tr("This sound cannot be played here: {0}").format(text)
            )
        )

    def _show_position(self, milliseconds: int) -> None:
        if not self._slider.isSliderDown():
            self._slider.setValue(milliseconds)
        self._time.setText(f"{_clock(milliseconds)} / {_clock(self._player.duration())}")

    def _show_state(self, state: QMediaPlayer.PlaybackState) -> None:
        playing = state == QMediaPlayer.PlaybackState.PlayingState
        self._button.setIcon(icon(IconName.PAUSE if playing else IconName.PLAY))
        text = self.tr("Pause") if playing else self.tr("Play")
        self._button.setToolTip(text)
        self._button.setAccessibleName(text)


def _clock(milliseconds: int) -> str:
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes}:{seconds:02}"
