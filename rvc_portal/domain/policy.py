"""Who may read what a dossier has brought forth: its documents and the acts of its journal.

One predicate stands under the list on the page and under the download alike. It asks for the roles that a person holds
on the dossier and for what these roles may do in its present state, so that a conflict, a state or a scope that takes
rights away takes the documents away, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from rvc_portal.domain.vocabulary import APPLICANTS, CallStatus, Doc, Permission, Role
from rvc_portal.domain.workflow import Procedure

P, R = Permission, Role

_CITY: dict[Role, Permission] = dict.fromkeys(sorted(APPLICANTS), P.READ)
_STAFF = {R.SECRETARIAT: P.READ, R.STEERING: P.READ, R.DIRECTION: P.READ}
_INSIDE = {R.SECRETARIAT: P.SEE_INSIDE, R.STEERING: P.SEE_INSIDE, R.DIRECTION: P.SEE_INSIDE}
_RESULTS = {R.SECRETARIAT: P.SEE_RESULTS, R.STEERING: P.SEE_RESULTS, R.DIRECTION: P.SEE_RESULTS}

_READERS: Mapping[Doc, Mapping[Role, Permission]] = {
    Doc.DOSSIER: {**_CITY, **_STAFF, R.EVALUATOR: P.READ},
    Doc.RECEIPT: {**_CITY, R.SECRETARIAT: P.READ},
    Doc.RETURN_LETTER: {**_CITY, **_STAFF},
    Doc.INELIGIBILITY_NOTICE: {**_CITY, R.SECRETARIAT: P.READ},
    # A file withdrawn as a draft stays unread by the Secretariat; the note that it was withdrawn does not.
    Doc.WITHDRAWAL_NOTE: {**_CITY, R.SECRETARIAT: P.SEE_INSIDE},
    Doc.SCREENING_NOTE: _INSIDE,
    # Of a file withdrawn in mid-evaluation the Secretariat keeps the sheets, which count no more.
    Doc.EVALUATION_SHEET: {**_RESULTS, R.SECRETARIAT: P.SEE_INSIDE},
    Doc.EVALUATION_REPORT: _RESULTS,
    Doc.STEERING_OPINION: _RESULTS,
    Doc.CITY_REPLY: {**_CITY, **_RESULTS},
    Doc.DESIGNATION_LETTER: {**_CITY, **_STAFF},
    Doc.CERTIFICATE: {**_CITY, **_STAFF},
    Doc.DECISION_LETTER: {**_CITY, **_STAFF},
}

_HELD = frozenset({R.SECRETARIAT, R.DIRECTION})
"""Who knows a decision before it is published."""

TO_TAKE_ALONG, RESULTS = frozenset({Doc.CALL_TEXT, Doc.BLANK_FORM}), frozenset({Doc.DESIGNATION_LIST})
"""Documents of a call that anybody may have who may know of it: as soon as it opens, and once it is published."""

OF_A_FIELD: Mapping[Doc, frozenset[Role]] = {Doc.FIELD_SYNTHESIS: frozenset({R.SECRETARIAT})}
"""Documents of a field of a call: who may have them, over the whole call and without a conflict in the field."""

OF_A_WHOLE_CALL: Mapping[Doc, frozenset[Role]] = {
    Doc.CALL_REPORT: frozenset({R.SECRETARIAT, R.STEERING, R.DIRECTION}),
    Doc.SLATE: frozenset({R.SECRETARIAT, R.DIRECTION}),
}
"""Documents of a call that tell what its files scored or what was advised on them: who may have them, over the whole call and
without a conflict with any of its files."""

OF_A_PERSON = frozenset({Doc.PACK, Doc.COMPLETE_DOSSIER})
"""Made for one person and given to nobody else. A pack is no row of the documents that are issued, kept and verified; a
complete dossier is one, and stays its reader's as long as all that it holds does."""

OF_THE_NETWORK: Mapping[Doc, frozenset[Role] | None] = {
    Doc.STEERING_COMPOSITION: None,
    Doc.BALLOT_RESULT: frozenset({R.SECRETARIAT, R.STEERING, R.DIRECTION, R.EVALUATOR}),
    Doc.CO_OPTION: frozenset({R.SECRETARIAT, R.STEERING, R.DIRECTION}),
    Doc.CONCLUSIONS: None,
    Doc.AGENDA: None,  # it is issued when it is published
    Doc.PARTICIPANTS: frozenset({R.SECRETARIAT, R.STEERING, R.DIRECTION, R.EVALUATOR}),
    Doc.WORKSHOP_REPORT: frozenset({R.SECRETARIAT, R.STEERING, R.DIRECTION, R.EVALUATOR}),
    Doc.NETWORK_CALENDAR: None,
    Doc.CONCLUSIONS_BILINGUAL: None,
    Doc.ERRATUM: None,
    Doc.FOLLOW_UP: None,
}
"""Documents of the Network itself: who may have them; None: anybody."""

OF_A_SITTING: Mapping[Doc, frozenset[Role]] = {
    Doc.SESSION_PAPERS: frozenset({R.SECRETARIAT, R.STEERING}),
    Doc.SESSION_RECORD: frozenset({R.SECRETARIAT, R.STEERING, R.DIRECTION}),
}
"""Documents of a sitting: who may have them, each the version in which what is closed to the person is closed."""

TEAM_ACTS = frozenset({
    "invite", "invite_again", "revoke_invitation", "join_team", "change_member", "end_membership", "leave_team",
    "hand_over", "appoint_lead",
})  # fmt: skip
"""Acts on a city's team."""

_CITY_ACTS = (
    frozenset({"reply", "open", "copy", "copy_pieces", "bring_in", "ask_sign_off", "sign_off", "decline_sign_off"})
    | TEAM_ACTS
)
"""Acts of a city's own side that are no transitions."""

WHO_JUDGES = frozenset({
    "assign", "unassign", "declare", "conflict", "person_conflict", "dismiss_conflict", "close_sheet", "set_aside",
    "extend_sheet", "passages", "reply", "ask_reopening", "reopen_sheet", "decline_reopening",
    "ask_evaluator", "give_evaluator", "decline_evaluator",
})  # fmt: skip
"""Acts that tell who evaluates, or what is made of the sheets."""

PRIVATE_REASONS = frozenset({"conflict", "person_conflict", "dismiss_conflict"})
"""Acts whose reason says what ties a person to a city: the Secretariat's to read, and who wrote it, whoever reads the act."""
ORDERS = frozenset({"order_dossier"})
"""What people have made for themselves: it tells who reads a file, and whose evaluator somebody is."""


@dataclass(frozen=True)
class Reader:
    """A person before one dossier: its table, its state, and the roles the person holds on it."""

    procedure: Procedure
    state: str
    roles: frozenset[Role]
    account_id: UUID | None = None
    seats: frozenset[UUID] = frozenset()
    judging: bool = False  # a sheet of the person's own is still to be closed

    def may(self, permission: Permission) -> bool:
        """Whether one of the roles holds the permission in the dossier's state."""
        return self.procedure.allows(self.state, self.roles, permission)

    @property
    def judges(self) -> bool:
        """Whether the person looks at the dossier from inside, not only as the city does."""
        return self.may(P.SEE_INSIDE)


def public_documents(status: str) -> frozenset[Doc]:
    """The kinds of a call's own documents that anybody may have, as it stands."""
    return TO_TAKE_ALONG | RESULTS if status == CallStatus.PUBLISHED else TO_TAKE_ALONG


def document_readers(kind: Doc) -> Mapping[Role, Permission]:
    """Which roles may read a kind of document of a dossier, each with the permission it needs in the present state."""
    return _READERS.get(kind, {})


def may_read_held(role: Role) -> bool:
    """Whether the role reads what waits for publication."""
    return role in _HELD


def may_read_own(reader: Reader, account_id: UUID | None) -> bool:
    """Whether what was made of the dossier for one person is this one's to read, as far as its parts are."""
    return account_id is not None and account_id == reader.account_id and reader.may(P.READ)


def may_read_document(reader: Reader, kind: Doc, *, held: bool, seat: UUID | None = None) -> bool:
    """Whether the document is this person's to read. `held`: it waits for publication. `seat`: whose sheet it is."""
    if kind is Doc.EVALUATION_SHEET and seat in reader.seats and R.EVALUATOR in reader.roles:
        return reader.may(P.READ)
    if reader.judging and kind in (Doc.EVALUATION_SHEET, Doc.EVALUATION_REPORT):
        return False
    return any(
        role in reader.roles and reader.procedure.allows(reader.state, (role,), needed)
        for role, needed in document_readers(kind).items()
        if not held or may_read_held(role)
    )


def may_read_act(reader: Reader, act: str, actor_id: UUID | None) -> bool:
    """Whether an act of the journal, named as it stands there, is told to this person."""
    transition = reader.procedure.transitions.get(act)
    if act in ORDERS:
        return actor_id == reader.account_id or R.SECRETARIAT in reader.roles
    if reader.roles & APPLICANTS and not reader.judges:
        return act in _CITY_ACTS or (transition is not None and transition.told_to_city)
    if actor_id is not None and actor_id == reader.account_id:
        return True
    if act == "decide":  # the act carries its reason, and with it the outcome
        return reader.may(P.SEE_RESULTS) and (bool(reader.roles & _HELD) or reader.procedure.states[reader.state].final)
    if transition is not None and transition.told_to_city:
        return True
    if act in WHO_JUDGES or not reader.may(P.READ):
        return reader.may(P.SEE_RESULTS) or R.SECRETARIAT in reader.roles
    return reader.judges
