"""The whole 2015 round by `rvc replay`, in a process of its own: pages for each CPU second, and its peak memory."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure

FIGURES = ("replay_pages_per_cpu_second", "replay_peak_mb", "replay_pages", "replay_documents", "replay_wall_s")


def measure(folder: Path) -> Iterator[Figure]:
    """Once. The process renders every document as a worker does, so its peak is the worker's."""
    out = folder / "replay-out"
    command = [sys.executable, "-c", "from rvc_portal.app import main; main()", "replay", "--out", str(out)]
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=os.environ | {"RVC_DATA": str(folder / "replay")})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"rvc replay ended with {process.returncode}")
    documents = json.loads((out / "manifest.json").read_text("utf-8"))["documents"]
    pages = sum(document["pages"] for document in documents)
    yield Figure("replay_pages_per_cpu_second", pages / (usage.ru_utime + usage.ru_stime), "pages/s", None, "min")
    yield Figure("replay_peak_mb", usage.ru_maxrss / 1024, "MB", 600)
    yield Figure("replay_pages", pages, "pages")
    yield Figure("replay_documents", len(documents), "documents")
    yield Figure("replay_wall_s", time.perf_counter() - begun, "s")
