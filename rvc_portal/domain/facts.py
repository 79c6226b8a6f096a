"""What rules see: frozen pictures of a dossier and of an attempted act, built by `queries.facts`, free of the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from rvc_portal.domain import deadlines
from rvc_portal.domain.deadlines import Deadline
from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.vocabulary import CallStatus, DecisionOutcome, OpinionOutcome, Role


@dataclass(frozen=True)
class CallFacts:
    """A call at one instant; instants are aware UTC datetimes."""

    status: CallStatus
    opens_at: datetime
    closes_at: datetime
    grace: timedelta = deadlines.NO_GRACE
    evaluation_closes_at: datetime | None = None
    country_limit: int | None = None
    field_limit: int | None = None  # files of one country in one field
    quorum: int = 0
    minimum_sheets: Mapping[str, int] = field(default_factory=dict)  # by stream


@dataclass(frozen=True)
class SheetFacts:
    """One evaluator's sheet: criteria still without a score or a reason, by label; `judged`: whether any score weighs."""

    closed: bool
    declared: bool
    conflicted: bool
    lacking: tuple[str, ...] = ()
    judged: bool = True


@dataclass(frozen=True)
class OpinionFacts:
    """The Steering Group at work on one dossier: seats present and not recused, and those yet to declare."""

    outcome: OpinionOutcome
    voting: int
    seated: bool = True  # whoever records it has taken a seat at the sitting
    undeclared: tuple[str | Mapping[str, str], ...] = ()
    text_lacking: tuple[str, ...] = ()  # languages in which the text is still empty


@dataclass(frozen=True)
class SignOffFacts:
    """One of the call's sign-offs: its name in the reader's language, and where it stands."""

    label: str
    required: bool
    state: str  # none | asked | given | refused | outdated


@dataclass(frozen=True)
class DossierFacts:
    """A dossier at one instant, as far as any guard asks."""

    state: str
    version: int
    call: CallFacts
    country: str | None = None
    incomplete: tuple[Refusal, ...] = ()  # unanswered or wrong answers, missing pieces
    sign_offs: Mapping[str, SignOffFacts] = field(default_factory=dict)  # by their keys in the call
    creative_field: str | None = None
    filed_in_country: int = 0  # other dossiers of the same country that already hold a place
    filed_in_field: int = 0  # those of them in the same creative field
    extended_until: datetime | None = None  # given to this city alone
    correct_until: datetime | None = None
    filed: bool = False  # whether it was ever submitted
    unchecked: tuple[str, ...] = ()  # screening items without a verdict
    failed: tuple[str, ...] = ()  # screening items found wanting
    closed_sheets: Mapping[str, int] = field(default_factory=dict)  # by stream
    on_slate: bool = False
    held: DecisionOutcome | None = None
    documents_missing: tuple[str, ...] = ()  # held kinds that are not stored yet

    @property
    def deadline(self) -> Deadline:
        """Until when it is taken as a draft."""
        return deadlines.of_filing(self.call.closes_at, self.call.grace, self.extended_until)


@dataclass(frozen=True)
class Attempt:
    """Somebody trying something now, with what they bring along."""

    now: datetime
    roles: frozenset[Role]
    account_id: UUID | None = None
    reason: str = ""
    questions: tuple[str, ...] = ()  # keys of the questions or pieces a city is asked to correct
    sheet: SheetFacts | None = None
    opinion: OpinionFacts | None = None
    until: datetime | None = None  # the closing instant that a city is to be given
    outcome: DecisionOutcome | None = None
