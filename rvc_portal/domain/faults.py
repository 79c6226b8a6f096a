"""What is wrong with a file that is taken whole or not at all: every fault at once, each with its line."""

from collections.abc import Iterable
from dataclasses import dataclass

from rvc_portal.domain.errors import PortalError, Refusal


@dataclass(frozen=True)
class Fault:
    """What is wrong on one line, counted from 1; None: of the file as a whole."""

    line: int | None
    refusal: Refusal

    def __str__(self) -> str:
        text = self.refusal.message % dict(self.refusal.params) if self.refusal.params else self.refusal.message
        return f"{self.line}: {text}" if self.line else text


class BadFile(PortalError):
    """The file cannot be taken; its text has one line per fault, which begins with the number of its line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))
