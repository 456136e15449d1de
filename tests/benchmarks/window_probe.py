"""Runs qtmail's window as its users start it, and measures it from inside.

The program itself knows nothing of this. Its event loop is entered through a wrapper that first sets up the
probe, which looks at the widgets from outside: the table of messages, the tree of folders, the web view. The
last line on standard output is a JSON object with what was measured, in seconds and bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer
from PySide6.QtWidgets import QAbstractItemView, QApplication, QTableView, QTreeView, QWidget

from qtmail.__main__ import main as run_qtmail
from qtmail.domain.events import Connection

POLL = 2
"""Milliseconds between two looks at the window."""
TIME_LIMIT = 180.0
HEARTBEAT = 5
"""Milliseconds between two beats of the timer that tells how long the event loop was blocked."""
REST = 20
"""Seconds over which the cost of doing nothing is measured."""
SETTLED_BYTES = 1_000_000
SETTLE_INTERVAL = 700
"""Memory has settled when two samples so many milliseconds apart differ by less than SETTLED_BYTES."""


class Probe(QObject):
    """Steps through one measurement, one condition after the other, and then quits the program."""

    def __init__(self, started: float) -> None:
        super().__init__()
        self.started = started
        self.figures: dict[str, float] = {}
        self._deadline = time.monotonic() + TIME_LIMIT
        self._condition: Callable[[], bool] = lambda: False
        self._then: Callable[[], None] = lambda: None
        self._timer = QTimer(self, interval=POLL, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._look)

    def when(self, condition: Callable[[], bool], then: Callable[[], None]) -> None:
        """Call `then` once `condition()` holds; it may name the next condition."""
        self._condition, self._then = condition, then
        self._timer.start()

    def after_paint(self, view: QAbstractItemView, then: Callable[[], None]) -> None:
        """Call `then` when the view has painted itself once more."""
        PaintWatch(view.viewport(), then)
        view.viewport().update()

    def finish(self) -> None:
        """Print the figures and end the program."""
        print(json.dumps(self.figures), flush=True)
        QApplication.quit()

    def _look(self) -> None:
        if time.monotonic() > self._deadline:
            print("the window did not come to the expected state in time", file=sys.stderr)
            QApplication.exit(1)
        elif self._condition():
            self._timer.stop()
            self._then()


class PaintWatch(QObject):
    """Waits for one paint event of a widget, and calls back when the event loop is free again after it."""

    def __init__(self, widget: QWidget, painted: Callable[[], None]) -> None:
        super().__init__(widget)
        self._painted = painted
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._painted)
        return False


class Heartbeat(QObject):
    """Notes how late a timer fires: for so long the event loop was blocked."""

    def __init__(self) -> None:
        super().__init__()
        self.delays: list[float] = []
        self._timer = QTimer(self, interval=HEARTBEAT, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self._last = time.perf_counter()
        self._timer.start()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.delays.append(max(0.0, now - self._last - HEARTBEAT / 1000))
        self._last = now


def measure_start(probe: Probe, arguments: argparse.Namespace) -> None:
    """Process start to the painted list; memory then; memory once the first HTML message is shown."""

    def listed() -> None:
        probe.after_paint(message_table(), painted)

    def painted() -> None:
        probe.figures["painted"] = time.monotonic() - probe.started
        settled(probe, "memory", show_html)

    def show_html() -> None:
        table = message_table()
        table.setCurrentIndex(table.model().index(first_row(table), 0))
        probe.when(web_view_loaded, lambda: settled(probe, "memory_html", probe.finish))

    probe.when(lambda: rows() > 0, listed)


def measure_open(probe: Probe, arguments: argparse.Namespace) -> None:
    """From choosing a folder to its first rows on the screen, and to all its rows in the model."""

    def choose() -> None:
        tree, index = folder(arguments.folder)
        began = time.perf_counter()
        tree.setCurrentIndex(index)
        probe.when(lambda: rows() > 0, lambda: probe.after_paint(message_table(), lambda: painted(began)))

    def painted(began: float) -> None:
        probe.figures["painted"] = time.perf_counter() - began
        probe.when(lambda: rows() >= arguments.messages, lambda: complete(began))

    def complete(began: float) -> None:
        probe.figures["complete"] = time.perf_counter() - began
        probe.finish()

    probe.when(lambda: has_folder(arguments.folder) and rows() == 0, choose)


def measure_sync(probe: Probe, arguments: argparse.Namespace) -> None:
    """How long the event loop is blocked while the first sync fills the list that is looked at."""
    heartbeat = Heartbeat()
    heartbeat.setParent(probe)

    def report() -> None:
        delays = sorted(heartbeat.delays)
        probe.figures["longest"] = delays[-1]
        probe.figures["p99"] = delays[int(len(delays) * 0.99)]
        probe.figures["seconds"] = time.monotonic() - probe.started
        probe.finish()

    def shown() -> None:
        heartbeat.start()
        probe.when(lambda: rows() >= arguments.messages, report)

    probe.when(lambda: bool(message_tables()), shown)


def measure_queue(probe: Probe, arguments: argparse.Namespace) -> None:
    """From the click on *Send* in a composer with large files to the message's place in the outbox."""
    heartbeat = Heartbeat()
    heartbeat.setParent(probe)
    queued: list[float] = []

    def write() -> None:
        main = main_window()
        main.composers.sent.connect(lambda _item: queued.append(time.perf_counter()))
        main.writing.write_to("mailto:ann@example.org?subject=Pictures&body=Here%20they%20are.")
        probe.when(lambda: bool(main.composers.windows()), attach)

    def attach() -> None:
        composer = main_window().composers.windows()[0]
        files = sorted(arguments.attach.glob("*.bin"))
        composer.form.attachments.add_files(files)
        attached = composer.form.attachments
        probe.when(
            lambda: len(attached.all) == len(files) and attached.pending == 0,
            lambda: QTimer.singleShot(SETTLE_INTERVAL, lambda: send(composer)),
        )

    def send(composer: Any) -> None:
        heartbeat.start()
        began = time.perf_counter()
        composer.actions_["send"].trigger()
        probe.when(lambda: bool(queued), lambda: report(began))

    def report(began: float) -> None:
        probe.figures["seconds"] = queued[0] - began
        probe.figures["longest"] = max(heartbeat.delays)
        probe.finish()

    probe.when(lambda: bool(message_tables()), write)


def measure_accounts(probe: Probe, arguments: argparse.Namespace) -> None:
    """Many accounts: until all stand in the window, until all are in step, and what they cost at rest."""
    process = psutil.Process()
    connections: list[int] = []

    watch = QTimer(probe, interval=HEARTBEAT * 20)

    def count_connections() -> None:
        connections.append(sum(bool(one.raddr) for one in process.net_connections("tcp")))

    def trees() -> list[QTreeView]:
        """Those with a row for each account."""
        found = (tree for window in QApplication.topLevelWidgets() for tree in window.findChildren(QTreeView))
        return [tree for tree in found if tree.model().rowCount() > arguments.messages]

    def shown() -> None:
        probe.after_paint(trees()[0], painted)

    def painted() -> None:
        probe.figures["painted"] = time.monotonic() - probe.started
        watch.start()
        probe.when(all_in_step, in_step)

    def all_in_step() -> bool:
        states = main_window()._service.states().values()
        return len(states) >= arguments.messages and all(
            state.connection is Connection.WATCHING for state in states
        )

    def in_step() -> None:
        probe.figures["in_step"] = time.monotonic() - probe.started
        settled(probe, "memory", at_rest)

    def at_rest() -> None:
        watch.stop()
        began, spent = time.monotonic(), time.process_time()
        QTimer.singleShot(REST * 1000, lambda: report(began, spent))

    def report(began: float, spent: float) -> None:
        probe.figures["idle_share"] = (time.process_time() - spent) / (time.monotonic() - began)
        probe.figures["connections"] = max(connections)
        probe.figures["threads"] = process.num_threads()
        probe.finish()

    watch.timeout.connect(count_connections)
    probe.when(lambda: bool(trees()), shown)


TASKS = {
    "start": measure_start,
    "open": measure_open,
    "sync": measure_sync,
    "queue": measure_queue,
    "accounts": measure_accounts,
}


def main_window() -> Any:
    return next(window for window in QApplication.topLevelWidgets() if hasattr(window, "composers"))


def message_tables() -> list[QTableView]:
    """The visible tables of the main window; one shows the messages."""
    return [
        table
        for window in QApplication.topLevelWidgets()
        for table in window.findChildren(QTableView)
        if table.isVisible() and table.model() is not None
    ]


def message_table() -> QTableView:
    return message_tables()[0]


def rows() -> int:
    """How many rows the list of messages has now."""
    tables = message_tables()
    return tables[0].model().rowCount() if tables else 0


def first_row(table: QTableView) -> int:
    """The first row with a message: day headings cannot be selected."""
    model = table.model()
    selectable = Qt.ItemFlag.ItemIsSelectable
    return next(row for row in range(model.rowCount()) if model.flags(model.index(row, 0)) & selectable)


def folder(name: str) -> tuple[QTreeView, QModelIndex]:
    """The folder of this name in the folder pane.

    Raises:
        LookupError: it is not there.
    """
    for window in QApplication.topLevelWidgets():
        for tree in window.findChildren(QTreeView):
            model = tree.model()
            recursive = Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
            found = model.match(model.index(0, 0), Qt.ItemDataRole.DisplayRole, name, 1, recursive)
            if found:
                return tree, found[0]
    raise LookupError(name)


def has_folder(name: str) -> bool:
    try:
        folder(name)
    except LookupError:
        return False
    return True


def web_view_loaded() -> bool:
    """Whether a web view shows a document; the program loads the module with the first HTML message."""
    if "PySide6.QtWebEngineWidgets" not in sys.modules:
        return False
    view_type = sys.modules["PySide6.QtWebEngineWidgets"].QWebEngineView
    views = [view for window in QApplication.topLevelWidgets() for view in window.findChildren(view_type)]
    return any(
        view.isVisible() and not view.page().isLoading() and not view.url().isEmpty() for view in views
    )


def memory() -> float:
    """Proportional set size of this process and all its descendants, in bytes."""
    return float(sum(map(_proportional_set_size, _family(os.getpid()))))


def _family(pid: int) -> Iterator[int]:
    yield pid
    for children in Path("/proc", str(pid), "task").glob("*/children"):
        for child in children.read_text().split():
            yield from _family(int(child))


def _proportional_set_size(pid: int) -> int:
    lines = Path("/proc", str(pid), "smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def settled(probe: Probe, name: str, then: Callable[[], None]) -> None:
    """Note memory under this name when it has stopped changing, then go on."""

    def compare(before: float) -> None:
        now = memory()
        if abs(now - before) < SETTLED_BYTES:
            probe.figures[name] = now
            then()
        else:
            QTimer.singleShot(SETTLE_INTERVAL, lambda: compare(now))

    QTimer.singleShot(SETTLE_INTERVAL, lambda: compare(memory()))


def main() -> int:
    """Start the program with the probe in it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=list(TASKS))
    parser.add_argument("--profile", type=Path, required=True)
    parser.add_argument(
        "--started", type=float, required=True, help="time.monotonic() before the process was made"
    )
    parser.add_argument("--folder", default="INBOX")
    parser.add_argument("--messages", type=int, default=0)
    parser.add_argument("--attach", type=Path, help="a directory with files to attach")
    parser.add_argument("--offline", action="store_true")
    arguments = parser.parse_args()
    run_event_loop = QApplication.exec
    probes: list[Probe] = []

    def probed_event_loop(*_: object) -> int:
        probe = Probe(arguments.started)
        probes.append(probe)
        TASKS[arguments.task](probe, arguments)
        return run_event_loop()

    QApplication.exec = probed_event_loop  # type: ignore[method-assign]
    options = ["--profile", str(arguments.profile)] + (["--offline"] if arguments.offline else [])
    return run_qtmail(options)


if __name__ == "__main__":
    sys.exit(main())
