"""Files and other contents as attachments of a draft."""

from __future__ import annotations

import mimetypes
import stat
from collections.abc import Iterator
from pathlib import Path

from qtmail.domain.composition import DraftAttachment, FileSource
from qtmail.engine.queueing import PIECE_BYTES
from qtmail.errors import FileFailed, Retry


def attach_file(path: Path) -> DraftAttachment:
    """A file as an attachment: looked at, not read. Raises FileFailed."""
    try:
        status = path.stat()
        # Before it is opened: opening a pipe would wait for whoever writes into it.
        if not stat.S_ISREG(status.st_mode):
            raise FileFailed(f"“{path.name}” is not a file.", advice="Pack a folder into an archive first.")
        with path.open("rb"):
            pass
    except (OSError, ValueError) as error:
        raise FileFailed(
            f"“{path.name}” cannot be attached.",
            advice="Check that the file is there and that you may read it.",
            detail=str(error),
            retry=Retry.ASK_USER,
        ) from error
    source = FileSource(str(path.absolute()), status.st_mtime_ns)
    return DraftAttachment(path.name, content_type_of(path.name), status.st_size, source)


def content_type_of(filename: str) -> str:
    """The type of a file by its name."""
    kind, encoding = mimetypes.guess_type(filename)
    # A compressed file is not of the type of what it holds.
    return kind if kind is not None and encoding is None else "application/octet-stream"


def in_pieces(content: bytes) -> Iterator[bytes]:
    """In steps of one transaction each: 200 MB at once would keep other writers waiting."""
    return (content[start : start + PIECE_BYTES] for start in range(0, len(content), PIECE_BYTES))
