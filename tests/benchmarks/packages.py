"""What the packaged program takes on the disk and over the line, and how fast it starts."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from installers.build import TARGETS, tree_size
from installers.freeze import console_program, frozen_program
from tests.benchmarks.harness import Result
from tests.benchmarks.window import CACHED, STARTS
from tests.end2end.dovecot import Dovecot
from tests.end2end.program import Program, temporary_home
from tests.end2end.xvfb import Xvfb

WEB_ENGINE = re.compile(
    r"WebEngine|webengine|WebChannel|Positioning|QuickWidgets|/resources/(?:icudtl|v8_context)"
)
"""Files nothing but WebEngine uses."""

WINDOW_LIMIT = 120.0


def sizes() -> Iterator[Result]:
    """The frozen program, each package that can be made here, and the part of WebEngine in both."""
    frozen = frozen_program()
    installed, engine = tree_size(frozen), list(_web_engine(frozen))
    yield Result("frozen program, installed", installed / 1e6, "MB", target=420)
    yield Result("of that WebEngine", sum(path.stat().st_size for path in engine) / 1e6, "MB")
    with temporary_home() as work:
        yield Result("WebEngine in a .tar.gz", _packed_size(engine, work / "engine.tar.gz") / 1e6, "MB")
        for name, target in TARGETS.items():
            if target.unasked and target.can_be_made():
                yield from _built(name, frozen, work)


def _built(name: str, frozen: Path, work: Path) -> Iterator[Result]:
    for build in TARGETS[name].build:
        started = time.monotonic()
        package = build(frozen, work)
        note = f"packed in {time.monotonic() - started:.0f} s"
        yield Result(package.name, package.stat().st_size / 1e6, "MB", note=note)


def _web_engine(frozen: Path) -> Iterator[Path]:
    for path in frozen.rglob("*"):
        if (
            path.is_file()
            and not path.is_symlink()
            and WEB_ENGINE.search(path.relative_to(frozen).as_posix())
        ):
            yield path


def _packed_size(files: Sequence[Path], archive: Path) -> int:
    with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
        for path in files:
            tar.add(path)
    return archive.stat().st_size


def frozen_start() -> Iterator[Result]:
    """From process start to the complete window with a large folder, frozen and run by Python."""
    frozen = [str(console_program(frozen_program()))]
    unfrozen = [sys.executable, "-m", "qtmail"]
    with Dovecot() as server, temporary_home() as home, Xvfb() as screen:
        user = server.add_user("me")
        server.fill(user, "INBOX", CACHED)
        program = Program(server, user, home)
        program.sync("--bodies", "none")
        environment = program.environment | screen.environment
        # In turn, so that both meet the same load.
        runs = [(_start(frozen, environment), _start(unfrozen, environment)) for _ in range(STARTS)]
    figure, peer = (sorted(seconds)[STARTS // 2] for seconds in zip(*runs, strict=True))
    what = f"frozen: window and list shown, {CACHED:,} messages"
    yield Result(what, figure, "s", target=1.5, peer="with Python", peer_figure=peer)


def _start(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Seconds until the window of this program is complete."""
    probe = [sys.executable, "-m", "tests.benchmarks.screen_probe", *command, "--offline"]
    done = subprocess.run(
        probe, env=environment, stdout=subprocess.PIPE, text=True, timeout=WINDOW_LIMIT, check=True
    )
    seconds: float = json.loads(done.stdout.splitlines()[-1])["painted"]
    return seconds
