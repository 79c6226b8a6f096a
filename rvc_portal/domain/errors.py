"""What can go wrong in the terms of the trade; the floors above turn these into pages, mails and exit codes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Refusal:
    """Why an act is not possible now: a message id with its parameters, translated where it is shown.

    `target` names what to mend (a question's key, a piece's key), so that a page can link to it.
    """

    message: str
    params: Mapping[str, object] = field(default_factory=dict)
    target: str | None = None


class PortalError(Exception):
    """Anything the portal itself refuses."""


class Refused(PortalError):
    """An act that its table or its guards do not allow; carries every reason at once."""

    def __init__(self, refusals: Iterable[Refusal]):
        self.refusals = tuple(refusals)
        super().__init__("; ".join(r.message % dict(r.params) if r.params else r.message for r in self.refusals))


class Overtaken(Refused):
    """Somebody else acted first: the one refusal says what was done meanwhile, `entry` points at the act."""


class NotFound(PortalError):
    """No such thing, or none that this person may know of; the two are never told apart."""


class InvalidInput(PortalError):
    """Fields of a form that cannot be taken: {field name: (Refusal, …)}."""

    def __init__(self, problems: Mapping[str, tuple[Refusal, ...]]):
        self.problems = dict(problems)
        super().__init__(", ".join(self.problems))
