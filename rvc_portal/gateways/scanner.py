"""Uploads looked through by ClamAV's daemon, where one is named; its protocol is clamd(8), INSTREAM."""

import contextlib
import socket
import struct
from typing import IO
from urllib.parse import urlsplit

from rvc_portal.domain.errors import PortalError

CHUNK = 64 * 1024
PATIENCE_S = 8
"""Shorter than others wait for the database: somebody's transaction is open meanwhile."""


class ScannerError(PortalError):
    """The scanner does not answer, or not as it should. What could not be scanned is not taken in."""


class Scanner:
    """The daemon at `url`: tcp://host:port or unix:///path; "" for none."""

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def is_set(self) -> bool:
        return bool(self.url)

    def scan(self, content: IO[bytes]) -> str | None:
        """The name of what was found in `content`, a file that is read from its beginning; None for nothing, or where no
        scanner is set. Raises ScannerError."""
        if not self.is_set:
            return None
        content.seek(0)
        try:
            with self._connect() as daemon:
                daemon.sendall(b"zINSTREAM\0")
                while piece := content.read(CHUNK):
                    daemon.sendall(struct.pack("!L", len(piece)) + piece)
                daemon.sendall(struct.pack("!L", 0))
                said = _all(daemon).rstrip(b"\0\n").decode("utf-8", "replace")
        except OSError as error:
            raise ScannerError(f"the scanner {self.url} cannot be reached: {error}") from error
        return self._found(said)

    def _found(self, said: str) -> str | None:
        if said == "stream: OK":
            return None
        if said.startswith("stream: ") and said.endswith(" FOUND"):
            return said.removeprefix("stream: ").removesuffix(" FOUND")
        raise ScannerError(f"the scanner {self.url} says: {said or 'nothing'}")

    def _connect(self) -> socket.socket:
        parts = urlsplit(self.url)
        if parts.scheme == "tcp" and parts.hostname and parts.port:
            return socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE_S)
        if parts.scheme != "unix":
            raise ScannerError(f"{self.url!r} is no address of a scanner: tcp://host:port or unix:///path")
        daemon = socket.socket(socket.AF_UNIX)
        daemon.settimeout(PATIENCE_S)
        try:
            daemon.connect(parts.path)
        except OSError:
            daemon.close()
            raise
        return daemon


def _all(daemon: socket.socket) -> bytes:
    said = b""
    with contextlib.suppress(ConnectionResetError):  # it hangs up on what is too large, after saying so
        while piece := daemon.recv(4096):
            said += piece
    return said
