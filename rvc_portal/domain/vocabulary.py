"""The nouns of the Network, as closed lists that every floor shares.

Whatever differs from call to call (fields, dates, limits, countries) is data and never stands here.
"""

from enum import StrEnum


def N_(message: str) -> str:
    """Mark a message for the catalogues without translating it yet; return it unchanged."""
    return message


class Role(StrEnum):
    """In what capacity somebody acts on one dossier. CLOCK and PUBLICATION are acts without a person's button."""

    LEAD = "lead"
    EDITOR = "editor"
    READER = "reader"
    SECRETARIAT = "secretariat"
    EVALUATOR = "evaluator"
    STEERING = "steering"
    DIRECTION = "direction"
    ADMIN = "admin"
    CLOCK = "clock"
    PUBLICATION = "publication"


APPLICANTS = frozenset({Role.LEAD, Role.EDITOR, Role.READER})
"""The roles that a city's own people hold in their dossier."""


ROLES = {
    Role.LEAD: N_("Lead of the dossier"),
    Role.EDITOR: N_("Editor of the dossier"),
    Role.READER: N_("Reader of the dossier"),
    Role.SECRETARIAT: N_("Secretariat"),
    Role.EVALUATOR: N_("Evaluator"),
    Role.STEERING: N_("Steering Group"),
    Role.DIRECTION: N_("Director-General"),
    Role.ADMIN: N_("Administrator"),
    Role.CLOCK: N_("The calendar of the call"),
    Role.PUBLICATION: N_("Publication of the call"),
}
"""What each is called."""


class Permission(StrEnum):
    """What a role may do with a dossier in a given state; the procedure's table grants them."""

    KNOW = "know"  # that it exists: city, country, field
    READ = "read"  # the answers, pieces and documents
    READ_FILINGS = "read_filings"  # every filing with its receipt, and what changed between two
    WRITE = "write"  # answers, pieces, sign-off
    TEAM = "team"  # who works at it for the city; the lead changes the team
    SCREEN = "screen"
    GIVE_TIME = "give_time"  # a closing instant for this file alone
    REPLY = "reply"  # to answer on the facts in an evaluation, where the call lets cities do so
    ASSIGN = "assign"
    EVALUATE = "evaluate"
    SEE_RESULTS = "see_results"  # evaluators' scores
    SUPERVISE = "supervise"  # how far its evaluation is, with city and field; the file itself stays closed
    READ_DISCUSSION = "read_discussion"  # what evaluators say to each other, as far as its audience goes
    DISCUSS = "discuss"
    ADVISE = "advise"
    WRITE_FEEDBACK = "write_feedback"  # strengths and weaknesses for the city, part of the opinion
    DECIDE = "decide"
    SEE_INSIDE = "see_inside"  # the true state, while cities see one label


class Stage(StrEnum):
    """The stations of the timeline, in order."""

    FILING = "filing"
    SCREENING = "screening"
    EVALUATION = "evaluation"
    REVIEW = "review"
    DECISION = "decision"
    PUBLICATION = "publication"


class Doc(StrEnum):
    """Kinds of documents (PDF)."""

    DOSSIER = "DOSSIER"
    RECEIPT = "RECEIPT"
    RETURN_LETTER = "RETURN_LETTER"
    INELIGIBILITY_NOTICE = "INELIGIBILITY_NOTICE"
    SCREENING_NOTE = "SCREENING_NOTE"
    EVALUATION_SHEET = "EVALUATION_SHEET"
    EVALUATION_REPORT = "EVALUATION_REPORT"
    STEERING_OPINION = "STEERING_OPINION"
    CITY_REPLY = "CITY_REPLY"
    SESSION_PAPERS = "SESSION_PAPERS"
    SESSION_RECORD = "SESSION_RECORD"
    DESIGNATION_LETTER = "DESIGNATION_LETTER"
    CERTIFICATE = "CERTIFICATE"
    DECISION_LETTER = "DECISION_LETTER"
    WITHDRAWAL_NOTE = "WITHDRAWAL_NOTE"
    DESIGNATION_LIST = "DESIGNATION_LIST"
    CALL_TEXT = "CALL_TEXT"
    BLANK_FORM = "BLANK_FORM"
    FIELD_SYNTHESIS = "FIELD_SYNTHESIS"
    CALL_REPORT = "CALL_REPORT"
    PACK = "PACK"
    SLATE = "SLATE"
    STEERING_COMPOSITION = "STEERING_COMPOSITION"
    BALLOT_RESULT = "BALLOT_RESULT"
    CO_OPTION = "CO_OPTION"
    COMPLETE_DOSSIER = "COMPLETE_DOSSIER"
    CONCLUSIONS = "CONCLUSIONS"
    AGENDA = "AGENDA"
    PARTICIPANTS = "PARTICIPANTS"
    WORKSHOP_REPORT = "WORKSHOP_REPORT"
    NETWORK_CALENDAR = "NETWORK_CALENDAR"
    CONCLUSIONS_BILINGUAL = "CONCLUSIONS_BILINGUAL"
    ERRATUM = "ERRATUM"
    FOLLOW_UP = "FOLLOW_UP"


class OwnerKind(StrEnum):
    """Who sees to a clause of what a meeting agreed, or to a task."""

    SECRETARIAT = "secretariat"
    STEERING = "steering"
    MEMBER = "member"  # one member city
    MEMBERS = "members"  # all of them


OWNERS = {
    OwnerKind.SECRETARIAT: N_("Secretariat"),
    OwnerKind.STEERING: N_("Steering Group"),
    OwnerKind.MEMBER: N_("One member city"),
    OwnerKind.MEMBERS: N_("All member cities"),
}
"""What they are called; one member city is called by its name where that is known."""
BODIES = {kind: label for kind, label in OWNERS.items() if kind is not OwnerKind.MEMBER}
"""Those of them that are no single city."""


class DraftAct(StrEnum):
    """What becomes of the order of a text that is drafted."""

    BEGIN = "begin"
    ADD = "add"
    REMOVE = "remove"
    RESTORE = "restore"
    MOVE = "move"
    SPLIT = "split"
    MERGE = "merge"


class LinkKind(StrEnum):
    """What a clause may launch."""

    CALL = "call"
    MEETING = "meeting"
    TASK = "task"  # of a meeting's preparation


class SeatKind(StrEnum):
    """Who sits, and in which body."""

    MEMBER = "member"  # a member city, evaluating for its sub-network
    EXPERT = "expert"
    COORDINATOR = "coordinator"
    DEPUTY = "deputy"
    HOST = "host"
    CO_OPTED = "co_opted"


EVALUATING_SEATS = frozenset({SeatKind.MEMBER, SeatKind.EXPERT})
STEERING_SEATS = frozenset({SeatKind.COORDINATOR, SeatKind.DEPUTY, SeatKind.HOST, SeatKind.CO_OPTED})


class Stream(StrEnum):
    """A college of evaluators."""

    EXPERTS = "experts"
    MEMBERS = "members"


STREAM_OF_SEAT = {SeatKind.EXPERT: Stream.EXPERTS, SeatKind.MEMBER: Stream.MEMBERS}


class OpinionOutcome(StrEnum):
    """What the Steering Group advises; DEFER leaves the dossier in review."""

    FAVOURABLE = "favourable"
    UNFAVOURABLE = "unfavourable"
    DEFER = "defer"


class DecisionOutcome(StrEnum):
    """What the Director-General decides; the values are the transitions that publication fires."""

    DESIGNATE = "designate"
    DECLINE = "decline"


class JobKind(StrEnum):
    """Work done after the commit that caused it."""

    RENDER = "render"
    SIGN = "sign"
    MAIL = "mail"
    PREVIEW = "preview"
    MATCH = "match"
    ASK = "ask"
    RANK = "rank"
    PACK = "pack"
    PUBLISH = "publish"
    BUNDLE = "bundle"


class Signing(StrEnum):
    """How far the office's signature on a document is."""

    WAITING = "waiting"
    SIGNED = "signed"
    FAILED = "failed"


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class CallStatus(StrEnum):
    """A call is prepared, opened (form and rubric freeze), and published once, for all its dossiers."""

    DRAFT = "draft"
    OPEN = "open"
    PUBLISHED = "published"
