"""A line between a browser and the portal that can be cut, mended and slowed down: real sockets, no flag in a program."""

import contextlib
import socket
import threading
import time
from types import TracebackType

CHUNK = 16 * 1024


class Proxy:
    """Passes every connection to `target_port` on to it, while it is used as a context. Listens on `port`."""

    def __init__(self, target_port: int):
        self.target_port = target_port
        self._delay_s = 0.0
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._listener: socket.socket | None = None
        self.port = 0

    def __enter__(self) -> "Proxy":
        self.mend()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.cut()

    def cut(self) -> None:
        """Drop every connection as it is, in the middle of whatever it carries, and refuse new ones."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            listener.close()
        with self._guard:
            doomed, self._open = self._open, set()
        for one in doomed:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def mend(self) -> None:
        """Take connections again, on the same port."""
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
            self.port = self._listener.getsockname()[1]
            threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def delay(self, seconds: float) -> None:
        """From now on hold back each piece of what passes for so long."""
        self._delay_s = seconds

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target_port))
            except OSError:
                near.close()  # nobody at the other end: told as a portal that is down tells it
                continue
            with self._guard:
                self._open |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=[one, other], daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := one.recv(CHUNK):
                if self._delay_s:
                    time.sleep(self._delay_s)
                other.sendall(piece)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            with self._guard:
                self._open.discard(end)
            end.close()
