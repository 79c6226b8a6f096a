"""Files that are being written, under a hidden name beside the place they are to have."""

import contextlib
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

LEFT_S = 24 * 3600
"""Whoever wrote a draft of this age was killed at it."""


@contextlib.contextmanager
def draft(folder: Path) -> Iterator[Path]:
    """A name for a file in the making, which is gone at the end unless it was given another."""
    path = folder / f".{secrets.token_hex(8)}"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def forget(folder: Path) -> int:
    """Take away the drafts in a folder, and in those beneath, that a killed process left; how many."""
    before, left = time.time() - LEFT_S, 0
    for path in folder.rglob(".*"):
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < before:
                path.unlink()
                left += 1
    return left
