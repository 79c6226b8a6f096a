"""The candidacy procedure: how a city's file becomes a designation or does not.

The table of the workflow document, the rights tests, the desks, the buttons and the timeline are all read from here.
"""

from collections.abc import Iterator
from enum import StrEnum

from rvc_portal.domain import deadlines
from rvc_portal.domain.call import MAYOR
from rvc_portal.domain.deliberation import against_quorum
from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.facts import Attempt, DossierFacts
from rvc_portal.domain.vocabulary import (
    APPLICANTS,
    N_,
    CallStatus,
    DecisionOutcome,
    Doc,
    Permission,
    Role,
    Stage,
)
from rvc_portal.domain.workflow import Procedure, State, Transition


class S(StrEnum):
    """States of a candidacy."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    IN_EVALUATION = "in_evaluation"
    IN_REVIEW = "in_review"
    AWAITING_DECISION = "awaiting_decision"
    DESIGNATED = "designated"
    DECLINED = "declined"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


# --- guards: each yields what stands against the act -------------------------------------------------


def call_open(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """Submission falls within the file's time; the closing instant itself is too late."""
    if facts.call.status is not CallStatus.OPEN or attempt.now < facts.call.opens_at:
        yield Refusal(N_("The call is not open."))
    elif facts.deadline.is_past(attempt.now):
        yield facts.deadline.refusal()


def complete(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """Every question answered within its limits and every piece there."""
    yield from facts.incomplete


def signed_off(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """Everybody whose sign-off the call requires has given it, on the very content that is filed."""
    mayor = {
        "none": N_("The mayor's sign-off has not been requested yet."),
        "asked": N_("The mayor has not signed off yet."),
        "refused": N_("The mayor declined to sign off."),
        "outdated": N_("The file was changed after the mayor's sign-off: a new one is needed."),
    }
    others = {
        "none": N_("%(sign_off)s: it has not been requested yet."),
        "asked": N_("%(sign_off)s: it has not been given yet."),
        "refused": N_("%(sign_off)s: it was declined."),
        "outdated": N_("%(sign_off)s: the file was changed after it, a new one is needed."),
    }
    for key, found in facts.sign_offs.items():
        if not found.required or found.state == "given":
            continue
        if key == MAYOR:
            yield Refusal(mayor[found.state], target=f"sign-off-{key}")
        else:
            yield Refusal(others[found.state], {"sign_off": found.label}, target=f"sign-off-{key}")


def within_country_limit(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """The call's limit of files per country, where it has one."""
    limit = facts.call.country_limit
    if limit is not None and facts.filed_in_country >= limit:
        yield Refusal(N_("All places of this country are taken (%(limit)s)."), {"limit": limit}, target="country")


def within_field_limit(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """The call's limit of files per country in one creative field, where it has one."""
    limit = facts.call.field_limit
    if limit is not None and facts.creative_field is not None and facts.filed_in_field >= limit:
        yield Refusal(
            N_("All places of this country in this creative field are taken (%(limit)s)."), {"limit": limit},
            target="creative_field",
        )  # fmt: skip


def within_correction(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """A returned file comes back within the period its letter gave."""
    if facts.correct_until is not None:
        deadline = deadlines.of_correction(facts.correct_until)
        if deadline.is_past(attempt.now):
            yield deadline.refusal()


def questions_named(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """A return says what is to be corrected."""
    if not attempt.questions:
        yield Refusal(N_("Name the questions or pieces to be corrected."), target="questions")


def checklist_complete(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """Every item of the screening has been looked at and found in order."""
    for item in facts.unchecked:
        yield Refusal(N_("To be checked: %(item)s."), {"item": item}, target="screening")
    for item in facts.failed:
        yield Refusal(N_("Not in order: %(item)s."), {"item": item}, target="screening")


def sheet_complete(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """No conflict, declared so, every criterion judged or said to be beyond judging, with its reason, and not closed before."""
    sheet = attempt.sheet
    if sheet is None or not sheet.declared:
        yield Refusal(N_("Declare first that you have no conflict of interest."))
        return
    if sheet.conflicted:
        yield Refusal(N_("A conflict of interest was found: this file is no longer yours to judge."))
    if sheet.closed:
        yield Refusal(N_("This sheet is closed already."))
    for criterion in sheet.lacking:
        yield Refusal(N_("Score and reason missing: %(criterion)s."), {"criterion": criterion}, target=criterion)
    if not sheet.lacking and not sheet.judged:
        yield Refusal(
            N_(
                "The sheet judges nothing, so it has no mean. Score a criterion, or ask the Secretariat to take you off the file."
            )
        )


def enough_sheets(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """Each stream has the closed sheets that the call asks for."""
    for stream, minimum in facts.call.minimum_sheets.items():
        closed = facts.closed_sheets.get(stream, 0)
        if closed < minimum:
            yield Refusal(
                N_("Closed sheets, %(stream)s: %(closed)s of at least %(minimum)s."),
                {"stream": stream, "closed": closed, "minimum": minimum},
            )


def quorate(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """Enough seats present that are not recused from this file."""
    yield from against_quorum(attempt.opinion.voting if attempt.opinion else 0, facts.call.quorum)


def conflicts_declared(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """Whoever records the opinion sits, and every seat that is present has declared its interests."""
    if attempt.opinion and not attempt.opinion.seated:
        yield Refusal(N_("Take your seat at the sitting first."))
    for seat in attempt.opinion.undeclared if attempt.opinion else ():
        yield Refusal(N_("Declaration of interests missing: %(seat)s."), {"seat": seat})


def opinion_worded(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """The opinion is written in every language the call asks for."""
    for language in attempt.opinion.text_lacking if attempt.opinion else ():
        yield Refusal(N_("The text is missing in this language: %(language)s."), {"language": language})


def on_slate(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """The Director-General decides on what has been put forward."""
    if not facts.on_slate:
        yield Refusal(N_("The file is not on the slate put forward for decision."))


def outcome_given(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    if attempt.outcome is None:
        yield Refusal(N_("Choose a decision."), target="outcome")


def _held(outcome: DecisionOutcome, facts: DossierFacts) -> Iterator[Refusal]:
    if facts.held is not outcome:
        yield Refusal(N_("No such decision is held for this file."))
    for kind in facts.documents_missing:
        yield Refusal(N_("A document is not ready yet: %(kind)s."), {"kind": kind})


def designation_held(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """A decision to designate is held and its letter and certificate are stored."""
    yield from _held(DecisionOutcome.DESIGNATE, facts)


def refusal_held(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """A decision to decline is held and its letter is stored."""
    yield from _held(DecisionOutcome.DECLINE, facts)


def window_closed(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """A draft lapses when the call has closed, a returned file when its period for corrections has."""
    if facts.state != S.RETURNED:
        deadline = facts.deadline
    elif facts.correct_until is not None:
        deadline = deadlines.of_correction(facts.correct_until)
    else:
        deadline = None
    if deadline is None or not deadline.is_past(attempt.now):
        yield Refusal(N_("The window is still open."))


def call_unpublished(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """A call whose result is out takes nothing more."""
    if facts.call.status is not CallStatus.OPEN:
        yield Refusal(N_("The call is not open."))


def time_ahead(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    """Whoever is given time is told until when, and has some of it left."""
    if attempt.until is None or attempt.until <= attempt.now:
        yield Refusal(N_("Give an instant that lies ahead."), target="until")


def lapsed_as_draft(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    if facts.filed:
        yield Refusal(N_("This file was submitted and returned before it lapsed: it comes back to be corrected."))


def lapsed_when_returned(facts: DossierFacts, attempt: Attempt) -> Iterator[Refusal]:
    if not facts.filed:
        yield Refusal(N_("This file was never submitted: it comes back as a draft."))


# --- rights: who may do what in which state ----------------------------------------------------------

P, R = Permission, Role

_LOOK = frozenset({P.KNOW, P.READ})
_OWN = _LOOK | {P.READ_FILINGS}
_INSIDE = _LOOK | {P.SEE_INSIDE}
_RESULTS = _INSIDE | {P.SEE_RESULTS}
_SCREENS = _INSIDE | {P.READ_FILINGS}
_FOLLOWS = _RESULTS | {P.READ_FILINGS}
_LISTENS = frozenset({P.READ_DISCUSSION})
_SUPERVISES = frozenset({P.SUPERVISE})
_TALKS = _LISTENS | {P.DISCUSS}
_CITY_WRITES = {R.LEAD: _OWN | {P.WRITE}, R.EDITOR: _OWN | {P.WRITE}, R.READER: _OWN}
_CITY_READS = {R.LEAD: _OWN, R.EDITOR: _OWN, R.READER: _OWN}
_CITY_ANSWERS = {
    R.LEAD: _OWN | {P.REPLY},
    R.EDITOR: _OWN | {P.REPLY},
    R.READER: _OWN,
}  # where the call has a window for it
_SEES_TEAM = APPLICANTS | {R.SECRETARIAT}  # in every state: people change while a file is examined, too
_UNDER_EXAMINATION = N_("Under examination")


def _state(
    key: S, label: str, stage: Stage, rights: dict[Role, frozenset[Permission]], city_label: str | None = None,
    next_step: str | None = None,
) -> State:  # fmt: skip
    rights = {role: held | {P.TEAM} if role in _SEES_TEAM else held for role, held in rights.items()}
    return State(key, label, stage, rights, city_label=city_label, final=next_step is None, next_step=next_step)


STATES = (
    _state(
        S.DRAFT, N_("Draft"), Stage.FILING,
        {**_CITY_WRITES, R.SECRETARIAT: frozenset({P.KNOW, P.GIVE_TIME})},
        next_step=N_("The city completes its file and submits it."),
    ),
    _state(
        S.SUBMITTED, N_("Submitted"), Stage.SCREENING,
        {**_CITY_READS, R.SECRETARIAT: _SCREENS | {P.SCREEN}},
        next_step=N_("The Secretariat checks that the file is in order."),
    ),
    _state(
        S.RETURNED, N_("Returned for correction"), Stage.SCREENING,
        {**_CITY_WRITES, R.SECRETARIAT: _SCREENS | {P.GIVE_TIME}},
        next_step=N_("The city corrects the questions named and submits again."),
    ),
    _state(
        S.IN_EVALUATION, N_("In evaluation"), Stage.EVALUATION,
        {
            **_CITY_ANSWERS, R.SECRETARIAT: _FOLLOWS | _TALKS | {P.ASSIGN}, R.EVALUATOR: _INSIDE | _TALKS | {P.EVALUATE},
            R.STEERING: _SUPERVISES,
        },
        _UNDER_EXAMINATION, N_("Experts and member cities of the field evaluate the file."),
    ),
    _state(
        S.IN_REVIEW, N_("In review"), Stage.REVIEW,
        {
            **_CITY_ANSWERS, R.SECRETARIAT: _FOLLOWS | _TALKS | {P.WRITE_FEEDBACK}, R.EVALUATOR: _LOOK | _TALKS,
            R.STEERING: _RESULTS | _TALKS | _SUPERVISES | {P.ADVISE, P.WRITE_FEEDBACK},
        },
        _UNDER_EXAMINATION, N_("The Steering Group reviews the evaluations and gives its opinion."),
    ),
    _state(
        S.AWAITING_DECISION, N_("Awaiting decision"), Stage.DECISION,
        {
            **_CITY_ANSWERS, R.SECRETARIAT: _FOLLOWS | _LISTENS | {P.WRITE_FEEDBACK}, R.EVALUATOR: _LOOK | _LISTENS,
            R.STEERING: _RESULTS | _LISTENS | _SUPERVISES | {P.WRITE_FEEDBACK}, R.DIRECTION: _RESULTS | {P.DECIDE},
        },
        _UNDER_EXAMINATION, N_("The Director-General decides; the decision is held until the call is published."),
    ),
    *(
        _state(key, label, Stage.PUBLICATION,
               {**_CITY_READS, R.SECRETARIAT: _FOLLOWS | _LISTENS, R.EVALUATOR: _LOOK | _LISTENS,
                R.STEERING: _RESULTS | _LISTENS | _SUPERVISES, R.DIRECTION: _RESULTS})
        for key, label in ((S.DESIGNATED, N_("Designated")), (S.DECLINED, N_("Not designated")))
    ),
    _state(S.DISMISSED, N_("Not eligible"), Stage.SCREENING, {**_CITY_READS, R.SECRETARIAT: _SCREENS}),
    _state(S.WITHDRAWN, N_("Withdrawn"), Stage.FILING, {**_CITY_READS, R.SECRETARIAT: frozenset({P.KNOW, P.SEE_INSIDE})}),
    _state(S.LAPSED, N_("Lapsed"), Stage.FILING,
           {**_CITY_READS, R.SECRETARIAT: _SCREENS | {P.GIVE_TIME}}),
)  # fmt: skip


# --- the table ---------------------------------------------------------------------------------------


def _row(name: str, sources: set[S], target: S | None, by: Role, label: str, past: str, **more) -> Transition:  # type: ignore[no-untyped-def]
    return Transition(name, frozenset(str(s) for s in sources), target, by, label, past, **more)


TRANSITIONS = (
    _row("submit", {S.DRAFT}, S.SUBMITTED, R.LEAD, N_("Submit the file"), N_("submitted the file"),
         only_if=(call_open, complete, signed_off, within_country_limit, within_field_limit), issues=(Doc.DOSSIER, Doc.RECEIPT), has_page=True),
    _row("return", {S.SUBMITTED}, S.RETURNED, R.SECRETARIAT, N_("Return for correction"), N_("returned the file for correction"),
         only_if=(questions_named,), needs_reason=True, issues=(Doc.RETURN_LETTER,), has_page=True),
    _row("resubmit", {S.RETURNED}, S.SUBMITTED, R.LEAD, N_("Submit the corrected file"), N_("submitted the corrected file"),
         only_if=(within_correction, complete, signed_off, within_country_limit, within_field_limit), issues=(Doc.DOSSIER, Doc.RECEIPT), has_page=True),
    _row("dismiss", {S.SUBMITTED, S.RETURNED}, S.DISMISSED, R.SECRETARIAT, N_("Declare not eligible"),
         N_("declared the file not eligible"), needs_reason=True, issues=(Doc.INELIGIBILITY_NOTICE,)),
    _row("admit", {S.SUBMITTED}, S.IN_EVALUATION, R.SECRETARIAT, N_("Admit to evaluation"), N_("admitted the file to evaluation"),
         only_if=(checklist_complete,), issues=(Doc.SCREENING_NOTE,)),
    _row("close_sheet", {S.IN_EVALUATION}, None, R.EVALUATOR, N_("Close the sheet"), N_("closed an evaluation sheet"),
         only_if=(sheet_complete,), issues=(Doc.EVALUATION_SHEET,), told_to_city=False, has_page=True),
    _row("refer", {S.IN_EVALUATION}, S.IN_REVIEW, R.SECRETARIAT, N_("Refer to the Steering Group"),
         N_("referred the file to the Steering Group"), only_if=(enough_sheets,), issues=(Doc.EVALUATION_REPORT,), told_to_city=False),
    _row("reopen", {S.IN_REVIEW}, S.IN_EVALUATION, R.SECRETARIAT, N_("Reopen the evaluation"), N_("reopened the evaluation"),
         also_by=frozenset({R.STEERING}), needs_reason=True, told_to_city=False),
    _row("advise", {S.IN_REVIEW}, S.AWAITING_DECISION, R.STEERING, N_("Record the opinion"), N_("gave its opinion"),
         only_if=(quorate, conflicts_declared, opinion_worded), issues=(Doc.STEERING_OPINION,), told_to_city=False, has_page=True),
    _row("defer", {S.IN_REVIEW}, None, R.STEERING, N_("Defer the opinion"), N_("deferred its opinion"),
         only_if=(quorate, conflicts_declared), needs_reason=True, told_to_city=False, has_page=True),
    _row("decide", {S.AWAITING_DECISION}, None, R.DIRECTION, N_("Decide"), N_("took a decision, held until publication"),
         only_if=(on_slate, outcome_given), needs_reason=True, told_to_city=False, has_page=True),
    _row("designate", {S.AWAITING_DECISION}, S.DESIGNATED, R.PUBLICATION, N_("Designate"), N_("designated the city"),
         only_if=(designation_held,), issues=(Doc.DESIGNATION_LETTER, Doc.CERTIFICATE)),
    _row("decline", {S.AWAITING_DECISION}, S.DECLINED, R.PUBLICATION, N_("Decline"), N_("did not designate the city"),
         only_if=(refusal_held,), issues=(Doc.DECISION_LETTER,)),
    _row("withdraw", {S.DRAFT, S.SUBMITTED, S.RETURNED, S.IN_EVALUATION, S.IN_REVIEW, S.AWAITING_DECISION}, S.WITHDRAWN, R.LEAD,
         N_("Withdraw the file"), N_("withdrew the file"), needs_reason=True, issues=(Doc.WITHDRAWAL_NOTE,)),
    _row("lapse", {S.DRAFT, S.RETURNED}, S.LAPSED, R.CLOCK, N_("Lapse"), N_("The window closed and the file lapsed"),
         only_if=(window_closed,)),
    _row("extend", {S.DRAFT, S.RETURNED}, None, R.SECRETARIAT, N_("Give this city more time"), N_("gave the city more time"),
         only_if=(call_unpublished, time_ahead), needs_reason=True, has_page=True),
    _row("admit_late", {S.LAPSED}, S.DRAFT, R.SECRETARIAT, N_("Admit the file late"), N_("admitted the file late"),
         only_if=(call_unpublished, lapsed_as_draft, time_ahead), needs_reason=True, has_page=True),
    _row("readmit", {S.LAPSED}, S.RETURNED, R.SECRETARIAT, N_("Admit the correction late"), N_("admitted the correction late"),
         only_if=(call_unpublished, lapsed_when_returned, time_ahead), needs_reason=True, has_page=True),
)  # fmt: skip

CANDIDACY = Procedure(
    key="candidacy",
    label=N_("Candidacy"),
    initial=S.DRAFT,
    states={s.key: s for s in STATES},
    transitions={t.name: t for t in TRANSITIONS},
)
