"""Plays an attached sound; importing this module loads QtMultimedia, so import it late.

Raises ImportError where the system lacks a library QtMultimedia needs: whoever imports it opens the sound
elsewhere.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSize, Qt, QTemporaryFile, QUrl, Signal
from PySide6.QtGui import QPalette
from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from qtmail.ui.icons import IconName, icon


class MediaPlayer(QWidget):
    """Play and pause, where it is, how long it is.

    Signals:
        failed(sentence): the sound cannot be played.
    """

    failed = Signal(str)

    def __init__(self, content: bytes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = QMediaPlayer(self)
        self._player.setAudioOutput(QAudioOutput(self))
        # A file and not a QBuffer: the thread that decodes would ask Python for each read of a device made
        # here, and wait for ever for the GUI thread, which holds the interpreter while it waits for that
        # thread to end.
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
        self._player.setSource(QUrl.fromLocalFile(self._file.fileName()))

    def stop(self) -> None:
        """Be silent and let go of the content; must come before the widget goes, which the player still
        tells.
        """
        self._player.disconnect(self)
        self._player.stop()
        self._player.setSource(QUrl())

    def toggle(self) -> None:
        """Play, or pause."""
        if self._player.playbackState() == QMediaPlayer.PlaybackState.PlayingState:
            self._player.pause()
        else:
            self._player.play()

    def _connect(self) -> None:
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
