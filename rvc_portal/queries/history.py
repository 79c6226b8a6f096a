"""Reads of a dossier's journal in words: the acts that a person is told of, each by whom, as the rules of reading have it.

The page and the complete dossier tell them alike: as messages of the portal, which each words in its language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain.asking import Said
from rvc_portal.domain.blindness import Names
from rvc_portal.domain.policy import PRIVATE_REASONS, WHO_JUDGES, Reader, may_read_act
from rvc_portal.domain.vocabulary import APPLICANTS, N_, Role
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import blindness, calls, desk

OTHER_ACTS = {
    "open": N_("opened the file"),
    "ask_sign_off": N_("asked for the mayor's sign-off"),
    "sign_off": N_("gave the mayor's sign-off"),
    "decline_sign_off": N_("declined to sign off"),
    "copy": N_("copied answers from an earlier file"),
    "copy_pieces": N_("copied pieces from an earlier file"),
    "bring_in": N_("brought in answers from a form filled in away from the portal"),
    "invite": N_("invited a person to the team"),
    "invite_again": N_("sent an invitation to the team again"),
    "revoke_invitation": N_("withdrew an invitation to the team"),
    "join_team": N_("joined the team"),
    "change_member": N_("changed the rights of a member of the team"),
    "end_membership": N_("took a member out of the team"),
    "leave_team": N_("left the team"),
    "hand_over": N_("handed the lead of the file over"),
    "appoint_lead": N_("named a new lead of the file"),
    "assign": N_("asked for an evaluation: %(seat)s"),
    "unassign": N_("withdrew the request for an evaluation: %(seat)s"),
    "feedback": N_("wrote feedback to the city"),
    "passages": N_("chose passages for the city to check"),
    "reply": N_("answered on facts in the examination"),
    "extend_sheet": N_("gave an evaluator more time: %(seat)s"),
    "declare": N_("declared to be free of conflicts of interest: %(seat)s"),
    "conflict": N_("Conflict of interest: %(seat)s"),
    "person_conflict": N_("Conflict of interest of a person, by their yearly declaration"),
    "dismiss_conflict": N_("set a warning aside: %(seat)s"),
    "vote": N_("A vote was closed at a sitting of the Steering Group"),
    "dissent": N_("put a dissent on record, or took it back"),
    "set_aside": N_("A closed sheet was set aside: %(seat)s"),
    "ask_reopening": N_("asked to open a closed sheet again: %(seat)s"),
    "reopen_sheet": N_("opened a closed sheet again: %(seat)s"),
    "decline_reopening": N_("declined to open a closed sheet again: %(seat)s"),
    "ask_evaluator": N_("asked for one more evaluator, for the seat: %(seat)s"),
    "give_evaluator": N_("asked one more evaluator, as the Steering Group wished"),
    "decline_evaluator": N_("declined to ask one more evaluator"),
    "order_dossier": N_("asked for the complete dossier"),
}
"""Acts of the journal that are no transitions of the table."""

OTHER_SIGN_OFFS = {
    "ask_sign_off": N_("asked for this: %(sign_off)s"),
    "sign_off": N_("Given: %(sign_off)s"),
    "decline_sign_off": N_("Declined: %(sign_off)s"),
}
"""The same acts where they are not about the mayor's sign-off."""

Journal = Sequence[tuple[JournalEntry, str | None]]


@dataclass(frozen=True)
class Act:
    """One act as a person is told of it. `who`: a name, or the office that acted, or None where nobody did; `label`: what was
    done; `until`: the instant that it set; `reached`: the state that it led to; `seats`: of the evaluators it is about."""

    at: datetime
    who: str | Role | None
    label: Said
    until: datetime | None
    reason: str | None
    reached: str | None
    seats: frozenset[str] = frozenset()


def acts(session: Session, dossier: Dossier, journal: Journal, to: Reader, names: Names) -> list[Act]:
    """Those of the journal's acts (`dossiers.history`) that this person is told of, the latest first; the evaluators as
    `names` tells of them. Two queries at most."""
    entries = [(entry, who) for entry, who in journal if may_read_act(to, entry.transition, entry.actor_id)]
    ids = {UUID(entry.payload["seat"]) for entry, _name in entries if entry.payload.get("seat")}
    seats = desk.seat_names(session, ids, names) if ids else {}
    hidden = blindness.hidden_actors(session, dossier, names)
    telling, found = _Telling(dossier, to, names, seats, hidden), list[Act]()
    for entry, name in reversed(entries):
        one = telling.act(entry, name)
        if found and entry.payload.get("seat") and replace(found[-1], seats=one.seats) == one:
            one = replace(
                one, seats=found.pop().seats | one.seats
            )  # a whole college asked at once is one act to a reader
        found.append(one)
    return [_with_seats(act) for act in found]


def _with_seats(act: Act) -> Act:
    message, params = act.label
    if "%(seat)s" not in message:
        return act
    return replace(act, label=(message, {**params, "seat": ", ".join(sorted(act.seats)) or "–"}))


@dataclass(frozen=True)
class _Telling:
    """How one person is told of one dossier's acts. `seats`: names by id; `hidden`: who is not to be named, and how instead."""

    dossier: Dossier
    to: Reader
    names: Names
    seats: Mapping[str, str]
    hidden: Mapping[UUID, str]

    def act(self, entry: JournalEntry, name: str | None) -> Act:
        state, until, seat = entry.payload.get("to"), entry.payload.get("until"), entry.payload.get("seat")
        return Act(
            entry.at,
            self._who(entry, self._named(entry, name)),
            self._label(entry),
            datetime.fromisoformat(until) if until else None,
            entry.reason or None if self._reason_told(entry) else None,
            str(state) if state is not None and state != entry.payload.get("from") else None,
            frozenset({self.seats[seat]} if seat and seat in self.seats else ()),
        )

    def _label(self, entry: JournalEntry) -> Said:
        transition = self.to.procedure.transitions.get(entry.transition)
        if transition:
            return transition.past, {}
        kind = entry.payload.get("sign_off")
        if kind is None:
            return OTHER_ACTS.get(entry.transition, entry.transition), {}
        asked = calls.definition(self.dossier.call).sign_offs
        label = next(({"en": s.label.en, "fr": s.label.fr} for s in asked if s.key == kind), kind)
        return OTHER_SIGN_OFFS[entry.transition], {"sign_off": label}

    def _named(self, entry: JournalEntry, name: str | None) -> str | None:
        """Who acted: a person who evaluates is named by the redaction, but for what they did in another role."""
        transition = self.to.procedure.transitions.get(entry.transition)
        evaluates = transition is None or transition.by is Role.EVALUATOR
        return self.hidden.get(entry.actor_id, name) if entry.actor_id and evaluates else name

    def _reason_told(self, entry: JournalEntry) -> bool:
        """What ties an evaluator to the city would name the evaluator; and what ties anybody is not for all who read the file."""
        if entry.actor_id == self.to.account_id:
            return True
        if entry.transition in PRIVATE_REASONS:
            return Role.SECRETARIAT in self.to.roles
        return self.names.shown or entry.transition not in WHO_JUDGES

    def _who(self, entry: JournalEntry, name: str | None) -> str | Role | None:
        """A city reads the office of those who handle its file, not their names."""
        transition = self.to.procedure.transitions.get(entry.transition)
        if entry.transition == "appoint_lead" and not self.to.judges:
            return Role.SECRETARIAT
        if entry.actor_id is None:
            outside = transition is not None and transition.by in (Role.CLOCK, Role.PUBLICATION)
            return transition.by if transition and outside else None
        if transition is not None and not transition.actors & APPLICANTS and not self.to.judges:
            return transition.by
        return name or "–"
