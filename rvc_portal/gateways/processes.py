"""Processes that live and die together: the servers that one command starts, and a worker that is followed by another."""

import contextlib
import ctypes
import math
import mmap
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from uuid import UUID

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


class Hand:
    """What a process has in its hand, in memory that its parent sees and that outlives it."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, len(UUID(int=0).bytes))

    def hold(self, what: UUID | None) -> None:
        """Take this, or lay down what was there."""
        self._memory[:] = what.bytes if what else bytes(len(self._memory))

    @property
    def holds(self) -> UUID | None:
        """What is in it."""
        kept = UUID(bytes=self._memory[:])
        return kept if kept.int else None


def follow(hand: Hand) -> UUID | None:
    """Go on in a child, and anew in another whenever one is killed with something in its hand: returns there what killed the
    one before. The caller itself ends as the first child does that ends in another way; told to end, it tells its child.

    So a death has a cause: what kills this process as well (a kill from outside, a machine switched off) leaves nobody who
    would call it the work's own fault. Call it while there is one thread. Raises ChildDied where one dies of nothing.
    """
    told: list[int] = []
    killed_by: UUID | None = None
    parent, child = os.getpid(), 0

    def pass_on(number: int, frame: FrameType | None) -> None:
        told.append(number)
        if child:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, number)

    stops = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    while True:
        hand.hold(None)
        child = os.fork()
        if child == 0:
            for number, action in stops.items():
                signal.signal(number, action)
            _die_with_parent(signal.SIGKILL)
            if told or os.getppid() != parent:
                os._exit(1)
            return killed_by
        _, status = os.waitpid(child, 0)
        child, ended = 0, os.waitstatus_to_exitcode(status)
        if ended >= 0 or told:
            sys.exit(max(ended, 0))
        killed_by = hand.holds
        if killed_by is None:
            raise ChildDied(f"the worker ended by itself ({_how(ended)})")


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """The group bears the child's number as long as anyone of it lives."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _die_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """On Linux: should the parent be killed, with no time to end its children, they are asked to end all the same."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def _how(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit code {status}"
