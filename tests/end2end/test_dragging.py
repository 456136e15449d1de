"""Messages are dragged onto a folder, on a screen with a pointer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from qtmail.engine.local_mail import LocalMail
from qtmail.engine.own_folders import create_folder
from qtmail.store.store import Store
from tests.end2end.program import ROOT
from tests.end2end.xvfb import Xvfb
from tests.fakes.local_bench import add_account, deliver, kept


def test_two_messages_are_dragged_onto_a_folder(tmp_path: Path, xvfb_display: Xvfb) -> None:
    profile = tmp_path / "profile"
    with Store.open(profile) as store:
        account = add_account(store)
        LocalMail(store, account).ensure_folders()
        deliver(store, account, "stays", "one", "two")
        folder = create_folder(store, account.id, "旅行")

    command = [sys.executable, "-m", "tests.end2end.dragging", str(profile), folder.path]
    environment = os.environ | xvfb_display.environment | {"PYTHONIOENCODING": "utf-8"}
    run = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=90
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "旅行"
    with Store.open(profile) as store:
        assert {path: set(messages) for path, messages in kept(store, account).items()} == {
            "Inbox": {"stays"},
            "旅行": {"one", "two"},
        }
