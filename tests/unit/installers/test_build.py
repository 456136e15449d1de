"""The driver makes what it is asked for, tells what cannot be made here, and writes checksums."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from installers import build
from installers.build import Target, main, tree_size, write_checksums
from installers.packaging import BuildFailed

HERE = sys.platform
ELSEWHERE = "win32" if HERE != "win32" else "linux"


def _pack(frozen: Path, output: Path) -> Path:
    package = output / "qtmail.pack"
    package.write_text(f"packed from {frozen.name}")
    return package


def _fail(frozen: Path, output: Path) -> Path:
    raise BuildFailed("The packer is broken.")


@pytest.fixture
def frozen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A frozen program that need not be frozen or tried; packages made of it are quick."""
    tree = tmp_path / "frozen"
    tree.mkdir()
    targets = {
        "freeze": Target((), HERE),
        "pack": Target((_pack,), HERE),
        "broken": Target((_fail,), HERE, unasked=False),
        "foreign": Target((_pack,), ELSEWHERE),
        "toolless": Target((_fail,), HERE, ("no-such-packer-anywhere",)),
        "unnamed": Target((_fail,), HERE, variable="QTMAIL_TEST_NO_SUCH_VARIABLE"),
    }
    monkeypatch.setattr(build, "TARGETS", targets)
    return tree


def test_a_package_is_made_of_the_tree_that_was_named(frozen: Path, tmp_path: Path) -> None:
    assert main(["pack", "--frozen", str(frozen), "--output", str(tmp_path / "dist")]) == 0
    assert (tmp_path / "dist/qtmail.pack").read_text() == "packed from frozen"


def test_name_size_and_time_are_told(
    frozen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["pack", "--frozen", str(frozen), "--output", str(tmp_path)])
    assert capsys.readouterr().out == "qtmail.pack: 0.0 MB, 0 s\n"


def test_unasked_is_made_what_can_be_made_here(frozen: Path, tmp_path: Path) -> None:
    assert main(["--frozen", str(frozen), "--output", str(tmp_path / "dist")]) == 0
    assert {path.name for path in (tmp_path / "dist").iterdir()} == {"qtmail.pack", "SHA256SUMS"}


def test_without_a_tree_the_program_is_frozen_and_tried_first(
    frozen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(program: Path) -> None:
        raise BuildFailed(f"{program.parent.name} does not work")

    monkeypatch.setattr(build, "frozen_program", lambda: frozen)
    monkeypatch.setattr(build, "smoke_test", broken)
    assert main(["pack", "--output", str(tmp_path / "dist")]) == 1
    assert not (tmp_path / "dist").exists()
    monkeypatch.setattr(build, "smoke_test", lambda program: None)
    assert main(["pack", "--output", str(tmp_path / "dist")]) == 0


def test_a_failure_is_told_in_its_own_words(
    frozen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["broken", "--frozen", str(frozen), "--output", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "The packer is broken.\n"


def test_what_takes_another_system_is_refused_before_anything_is_made(
    frozen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pack", "foreign", "--output", str(tmp_path / "dist")]) == 1
    assert "“foreign” can be made only on" in capsys.readouterr().err
    assert not (tmp_path / "dist").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="this is Windows")
def test_a_tree_from_windows_is_packed_anywhere(frozen: Path, tmp_path: Path) -> None:
    assert main(["foreign", "--frozen", str(frozen), "--output", str(tmp_path)]) == 0


def test_an_unknown_target_is_wrong_usage(frozen: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["tape"])
    assert ended.value.code == 2


def test_checksums_are_those_of_all_packages_there(tmp_path: Path) -> None:
    (tmp_path / "b.deb").write_bytes(b"deb")
    (tmp_path / "a.whl").write_bytes(b"wheel")
    write_checksums(tmp_path)
    path = write_checksums(tmp_path)
    wheel, deb = (hashlib.sha256(content).hexdigest() for content in (b"wheel", b"deb"))
    assert path.read_text() == f"{wheel}  a.whl\n{deb}  b.deb\n"


def test_a_file_with_several_names_counts_once(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/one").write_bytes(b"x" * 1000)
    (tmp_path / "other").symlink_to("lib/one")
    assert tree_size(tmp_path) == 1000
