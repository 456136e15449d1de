"""The plain archive: one folder that runs wherever it is unpacked, and leaves nothing when it is deleted."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

from installers.packaging import NAME, ROOT, VERSION, build_time, machine

_COMPRESSION = 6
"""Of gzip: 9 takes four times as long and saves less than one part in a hundred."""
_READ_ME = f"""\
{NAME} {VERSION} runs where it lies: start ./{NAME}, or have a look with ./{NAME} --demo first.
To remove it, delete this folder, and ~/.local/share/{NAME} as well if your mail and settings shall go, too.
"""


def build_targz(frozen: Path, output: Path) -> Path:
    """Pack the frozen program into `output`. The same input gives the same bytes (`build_time`).

    Returns:
        The archive.
    """
    output.mkdir(parents=True, exist_ok=True)
    archive = output / f"{NAME}-{VERSION}-linux-{machine()}.tar.gz"
    folder = f"{NAME}-{VERSION}"
    # Not tarfile's own "w:gz", because that writes the present time and the file's name into the header.
    with (
        archive.open("wb") as file,
        gzip.GzipFile("", "wb", _COMPRESSION, file, mtime=build_time()) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as tar,
    ):
        tar.add(frozen, folder, filter=_anonymous)
        tar.add(ROOT / "LICENSE", f"{folder}/LICENSE", filter=_anonymous)
        _add_text(tar, f"{folder}/README", _READ_ME)
    return archive


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    data = text.encode()
    member = tarfile.TarInfo(name)
    member.size = len(data)
    tar.addfile(_anonymous(member), io.BytesIO(data))


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Nothing of the machine that packed it: root's, all of one age, and readable by everybody."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mtime = build_time()
    if not member.issym():
        member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member
