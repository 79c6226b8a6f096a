"""The engine's grammar: a procedure is a table of states and transitions, and plain functions that read it.

After Plone's DCWorkflow (states, transitions, guards, permissions per state, worklists), as data.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.facts import Attempt, DossierFacts
from rvc_portal.domain.vocabulary import N_, Doc, Permission, Role, Stage

Guard = Callable[[DossierFacts, Attempt], Iterable[Refusal]]
"""Yields every reason against the transition; nothing means it may go on."""


@dataclass(frozen=True)
class State:
    """One state: its name for insiders, the name a city sees, the station it belongs to, and who may do what."""

    key: str
    label: str
    stage: Stage
    rights: Mapping[Role, frozenset[Permission]]
    city_label: str | None = None
    final: bool = False
    next_step: str | None = None  # one sentence: who acts next


@dataclass(frozen=True)
class Transition:
    """One row of the table. `target` None means an act that leaves the state as it is."""

    name: str
    sources: frozenset[str]
    target: str | None
    by: Role
    label: str
    past: str
    also_by: frozenset[Role] = frozenset()
    only_if: tuple[Guard, ...] = ()
    issues: tuple[Doc, ...] = ()
    needs_reason: bool = False
    told_to_city: bool = True
    has_page: bool = False  # done on a page of its own (a form), not by a plain button

    @property
    def actors(self) -> frozenset[Role]:
        return self.also_by | {self.by}


@dataclass(frozen=True)
class Procedure:
    """A table: states by key, transitions by name, where a dossier begins."""

    key: str
    label: str
    initial: str
    states: Mapping[str, State]
    transitions: Mapping[str, Transition]
    by_source: Mapping[str, tuple[Transition, ...]] = field(init=False)

    def __post_init__(self) -> None:
        rows = {s: tuple(t for t in self.transitions.values() if s in t.sources) for s in self.states}
        object.__setattr__(self, "by_source", rows)

    def allows(self, state: str, roles: Iterable[Role], permission: Permission) -> bool:
        """Whether one of these roles holds the permission in this state."""
        rights = self.states[state].rights
        return any(permission in rights.get(role, frozenset()) for role in roles)

    def states_with(self, role: Role, permission: Permission) -> frozenset[str]:
        """The states in which the role holds the permission."""
        return frozenset(k for k, s in self.states.items() if permission in s.rights.get(role, frozenset()))


def refusals(procedure: Procedure, name: str, facts: DossierFacts, attempt: Attempt) -> tuple[Refusal, ...]:
    """Every reason why `attempt` may not fire the transition now; empty when it may. Raises KeyError if unknown."""
    transition = procedure.transitions[name]
    if facts.state not in transition.sources:
        label = _name(procedure, facts.state, attempt.roles)
        return (Refusal(N_("This is not possible while the file is in the state “%(state)s”."), {"state": label}),)
    if not transition.actors & attempt.roles:
        return (Refusal(N_("Your role does not allow this.")),)
    found = [refusal for guard in transition.only_if for refusal in guard(facts, attempt)]
    if transition.needs_reason and not attempt.reason.strip():
        found.append(Refusal(N_("Give the reason."), target="reason"))
    return tuple(found)


def _name(procedure: Procedure, state: str, roles: Iterable[Role]) -> str:
    """What the state is called before these roles: a refusal must tell a city no more than its page does."""
    found = procedure.states[state]
    inside = procedure.allows(state, roles, Permission.SEE_INSIDE)
    return found.label if inside else found.city_label or found.label


@dataclass(frozen=True)
class Offer:
    """A transition as one person sees it on the dossier's page: a button, or a grey button that says why."""

    transition: Transition
    refusals: tuple[Refusal, ...]


def offers(procedure: Procedure, facts: DossierFacts, attempt: Attempt) -> tuple[Offer, ...]:
    """The transitions that this person's roles carry from this state, each with what stands against it."""
    mine = [t for t in procedure.by_source[facts.state] if t.actors & attempt.roles]
    return tuple(
        Offer(t, tuple(r for r in refusals(procedure, t.name, facts, attempt) if r.target != "reason")) for t in mine
    )
