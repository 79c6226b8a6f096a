"""A worker as a process of its own, and a mail server that takes its time."""

import asyncio
import contextlib
import email.policy
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import Envelope

RVC = str(Path(sys.executable).parent / "rvc")
CONTEXT = {
    "name": "A", "path": "/", "city": "Kraków", "reference": "LIT-2015-001", "call": "Call", "reason": "", "act": "",
    "transition": "submit",
}  # fmt: skip


class SlowInbox:
    """Holds every message back while `held`, and says when one has come."""

    def __init__(self) -> None:
        self.held, self.came = True, threading.Event()
        self.taken: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        self.came.set()
        while self.held:
            await asyncio.sleep(0.02)
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken.append(str(message_from_bytes(content, policy=email.policy.default)["Message-ID"]))
        return "250 OK"


@contextlib.contextmanager
def worker(environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [RVC, "worker"], env={**os.environ, **environ}, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
