"""What the portal keeps as bytes (uploads, rendered documents), stored once under its SHA-256, locally or in S3."""

import contextlib
import errno
import hashlib
import io
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, MemoryStore, ObjectStore, S3Store

from rvc_portal.domain.errors import PortalError
from rvc_portal.gateways import drafts

CHUNK = 1 << 18


class StorageError(PortalError):
    """The storage failed, or holds something else than it was given; the message is one line."""


class Files:
    """A store by content: what is put cannot be changed, only found again under its hash.

    `url`: file:///folder, memory:///, or s3://bucket/prefix?endpoint=https://…&region=… whose remaining settings and
    keys come from the usual AWS_* variables of the environment. `folder`: where that is one.
    """

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)._replace(query="").geturl()
        self.folder: Path | None = None
        try:
            self._store = self._open(url)
        except (BaseError, OSError, ValueError) as error:
            raise StorageError(f"The storage {self.url} cannot be opened: {_line(error)}") from error

    def put(self, content: bytes) -> str:
        """Store `content` unless it is there; its SHA-256. Raises StorageError and leaves nothing half-written."""
        return self.put_file(io.BytesIO(content))

    def put_file(self, content: IO[bytes]) -> str:
        """The same for a file, which is read from its beginning, in pieces."""
        sha256 = digest(content)
        content.seek(0)
        try:
            if self.folder:
                _write(self.folder / _path(sha256), content)
            else:
                obstore.put(self._store, _path(sha256), content, mode="create")
        except AlreadyExistsError:
            pass
        except (BaseError, OSError) as error:
            raise StorageError(f"The storage {self.url} cannot take a file: {_line(error)}") from error
        return sha256

    def get(self, sha256: str) -> bytes:
        """What was stored under the hash. Raises StorageError where it is missing or altered."""
        return b"".join(self.stream(sha256))

    @contextlib.contextmanager
    def opened(self, sha256: str) -> Iterator[IO[bytes]]:
        """The same as a file on the disk that can be read from any place and is gone afterwards."""
        with tempfile.TemporaryFile() as file:
            for chunk in self.stream(sha256):
                file.write(chunk)
            file.seek(0)
            yield file

    def stream(self, sha256: str) -> Iterator[bytes]:
        """The same in pieces; the last one is held back until the whole is known to be unaltered."""
        digest, held = hashlib.sha256(), b""
        for chunk in self._chunks(sha256):
            digest.update(chunk)
            if held:
                yield held
            held = chunk
        if digest.hexdigest() != sha256:
            raise StorageError(f"The file {sha256} in the storage {self.url} has been altered.")
        if held:
            yield held

    def exists(self, sha256: str) -> bool:
        """Whether something is stored under the hash."""
        try:
            obstore.head(self._store, _path(sha256))
        except FileNotFoundError:
            return False
        except (BaseError, OSError) as error:
            raise StorageError(f"The storage {self.url} does not answer: {_line(error)}") from error
        return True

    def _chunks(self, sha256: str) -> Iterator[bytes]:
        try:
            for chunk in obstore.get(self._store, _path(sha256)).stream(min_chunk_size=CHUNK):
                yield bytes(chunk)
        except FileNotFoundError as error:
            raise StorageError(f"The file {sha256} is missing from the storage {self.url}.") from error
        except (BaseError, OSError) as error:
            raise StorageError(f"The storage {self.url} cannot be read: {_line(error)}") from error

    def _open(self, url: str) -> ObjectStore:
        parts = urlsplit(url)
        if parts.scheme == "file":
            self.folder = Path(url.removeprefix("file://"))
            self.folder.mkdir(parents=True, exist_ok=True)
            return LocalStore(self.folder)
        if parts.scheme == "memory":
            return MemoryStore()
        if parts.scheme == "s3" and parts.netloc:
            options: dict[str, Any] = dict(parse_qsl(parts.query))
            local = options.get("endpoint", os.environ.get("AWS_ENDPOINT_URL", "")).startswith("http://")
            prefix = parts.path.strip("/") or None
            return S3Store(parts.netloc, prefix=prefix, client_options={"allow_http": local}, **options)
        raise ValueError("its URL must begin with file://, s3:// or memory://")


def digest(content: IO[bytes]) -> str:
    """The SHA-256 of a file, read from its beginning, in hexadecimal digits."""
    found = hashlib.sha256()
    content.seek(0)
    while chunk := content.read(CHUNK):
        found.update(chunk)
    return found.hexdigest()


def _path(sha256: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise StorageError(f"“{sha256[:80]}” is no SHA-256.")
    return f"{sha256[:2]}/{sha256[2:]}"


def _write(path: Path, content: IO[bytes]) -> None:
    """Write the file whole or not at all, and durably: it is on the disk before a database row speaks of it."""
    if path.exists():
        return
    path.parent.mkdir(exist_ok=True)
    with drafts.draft(path.parent) as made:
        with made.open("xb") as file:
            shutil.copyfileobj(content, file, CHUNK)
            file.flush()
            os.fsync(file.fileno())
        made.rename(path)
    for folder in (path.parent, path.parent.parent):
        _sync(folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems cannot, and are durable anyway
            os.fsync(handle)
    finally:
        os.close(handle)


def _line(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno:
        return "the disk is full" if error.errno in {errno.ENOSPC, errno.EDQUOT} else str(os.strerror(error.errno))
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
