"""Work in a thread of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def apart(work: Callable[P, R]) -> Callable[P, R]:
    """The function, done in a thread of its own: pyHanko runs an event loop for each signature, and a thread in which one is
    running already cannot run another."""

    @wraps(work)
    def done(*args: P.args, **named: P.kwargs) -> R:
        with ThreadPoolExecutor(max_workers=1) as pool:
            return pool.submit(work, *args, **named).result()

    return done
