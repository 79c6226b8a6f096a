"""Processes that live and die together: the servers that one command starts."""

import contextlib
import ctypes
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

from rvc_portal.domain.errors import PortalError

PATIENCE_S = 25
"""A worker may finish the document at hand; then it is ended."""
_PR_SET_PDEATHSIG = 1


class ChildDied(PortalError):
    """One of the processes ended by itself; the message names it."""


class Family:
    """Children, each with its own process group, so that none of their children is left behind.

    Use as a context: leaving it ends them all, whatever the reason.
    """

    def __init__(self) -> None:
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._told_to_stop = False

    def __enter__(self) -> "Family":
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def start(self, name: str, command: Sequence[str], environ: Mapping[str, str], niceness: int = 0) -> None:
        """Start a child. `name`: for messages; `niceness`: how far it stands back behind the others for a processor."""

        def begin() -> None:
            _die_with_parent()
            os.nice(niceness)

        self._children[name] = subprocess.Popen(
            command, env=dict(environ), start_new_session=True, preexec_fn=begin, stdin=subprocess.DEVNULL
        )

    def wait(self, until: Callable[[], bool] = lambda: False, at_most_s: float = math.inf) -> bool:
        """Wait for a signal to stop; for `until`, if it comes true before; for so many seconds at most.

        True when `until` came true. Raises ChildDied when a child ends before.
        """
        deadline = time.monotonic() + at_most_s
        while not self._told_to_stop and time.monotonic() < deadline:
            for name, child in self._children.items():
                if (status := child.poll()) is not None and not self._told_to_stop:
                    raise ChildDied(f"{name} ended by itself ({_how(status)}); everything is stopped")
            if until():
                return True
            time.sleep(0.1)
        return False

    @property
    def stopping(self) -> bool:
        """Whether a signal to stop has come."""
        return self._told_to_stop

    def end(self) -> None:
        """Ask every child to end, wait, and then end what is left of each one's group."""
        for child in self._children.values():
            _signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_S
        for child in self._children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, deadline - time.monotonic()))
            _signal_group(child, signal.SIGKILL)
            child.wait()
        self._children.clear()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._told_to_stop = True


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """The group bears the child's number as long as anyone of it lives."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _die_with_parent() -> None:
    """On Linux: should the parent be killed, with no time to end its children, they are asked to end all the same."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _how(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit code {status}"
