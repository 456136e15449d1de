"""Every package for Linux but the .deb, made of the real program: where a user would have it, it works."""

from __future__ import annotations

import ctypes
import re
import shutil
import sys
import tarfile
import venv
from pathlib import Path

import pytest

from installers.freeze import frozen_program
from installers.linux.appimage import build_appimage
from installers.linux.rpm import build_rpm
from installers.linux.targz import build_targz
from installers.packaging import VERSION, call
from installers.smoke import smoke_test
from installers.wheel import build_wheel
from tests.fakes.rpm_root import RpmRoot
from tests.unit.installers.tools import needs

pytestmark = [
    pytest.mark.proof,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(sys.platform != "linux", reason="these are packages for Linux"),
]


@pytest.fixture(scope="module")
def frozen() -> Path:
    return frozen_program()


def test_the_plain_archive_works_where_it_is_unpacked(frozen: Path, tmp_path: Path) -> None:
    with tarfile.open(build_targz(frozen, tmp_path)) as archive:
        archive.extractall(tmp_path, filter="tar")
    smoke_test(tmp_path / f"qtmail-{VERSION}" / "qtmail")


@needs("rpm", "rpmbuild")
def test_the_rpm_works_leaves_nothing_and_asks_for_libraries_that_there_are(
    frozen: Path, tmp_path: Path
) -> None:
    if not RpmRoot.possible():
        pytest.skip("this user may not change the root of a program")
    package = build_rpm(frozen, tmp_path)
    required = call("rpm", "-qp", "--requires", package).splitlines()
    libraries = {name.partition("(")[0] for name in required if ".so" in name}
    assert "libc.so.6" in libraries
    for name in libraries:
        ctypes.CDLL(name)  # raises OSError if the loader does not find it
    root = RpmRoot(tmp_path / "root")
    root.change("--install", package)
    smoke_test(root.directory / "usr/bin/qtmail")
    root.change("--erase", "qtmail")
    assert not [name for name in root.files() if "qtmail" in name or (root.directory / name[1:]).is_file()]


@needs("mksquashfs", "unsquashfs", "appstreamcli", "desktop-file-validate")
def test_the_image_of_the_appimage_works(frozen: Path, tmp_path: Path) -> None:
    runtime = Path(shutil.which("true") or "")  # in place of the real one, which would mount the image
    appimage = build_appimage(frozen, tmp_path, runtime=runtime)
    mounted = tmp_path / "mounted"
    offset = str(runtime.stat().st_size)
    call("unsquashfs", "-quiet", "-no-progress", "-offset", offset, "-dest", mounted, appimage)
    smoke_test(mounted / "AppRun")


def test_the_wheel_works_in_an_environment_of_its_own(tmp_path: Path) -> None:
    directory = tmp_path / "environment"
    venv.create(directory, symlinks=True)
    packages = next(directory.glob("lib/python*/site-packages"))
    # The libraries are those that are here already; a .pth file is where a Python looks for more.
    here = next(path for path in sys.path if re.search(r"site-packages$", path))
    packages.joinpath("here.pth").write_text(f"{here}\n")
    wheel = build_wheel(tmp_path)
    python = directory / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps")
    call(*pip, "--ignore-installed", wheel)
    ask = "import qtmail; print(qtmail.__file__)"
    where = call(python, "-c", ask, cwd=tmp_path, extra={"PYTHONPATH": ""})
    assert Path(where.strip()).is_relative_to(packages)
    smoke_test(directory / "bin" / "qtmail")
