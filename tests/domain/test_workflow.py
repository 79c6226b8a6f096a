"""The table: what it allows, to whom, and what it says when it does not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain.facts import Attempt, CallFacts, DossierFacts, OpinionFacts, SheetFacts, SignOffFacts
from rvc_portal.domain.procedures.candidacy import CANDIDACY, S
from rvc_portal.domain.vocabulary import (
    APPLICANTS,
    CallStatus,
    DecisionOutcome,
    Doc,
    OpinionOutcome,
    Permission,
    Role,
)
from rvc_portal.domain.workflow import offers, refusals

CLOSES = datetime(2015, 7, 15, 22, tzinfo=UTC)
BEFORE, AFTER = CLOSES - timedelta(seconds=1), CLOSES
CALL = CallFacts(
    CallStatus.OPEN, datetime(2015, 3, 2, 8, tzinfo=UTC), CLOSES, quorum=5, minimum_sheets={"experts": 2, "members": 5}
)


def facts(state: str, **more: object) -> DossierFacts:
    return DossierFacts(state=state, version=1, call=CALL, **more)  # type: ignore[arg-type]


def attempt(*roles: Role, now: datetime = BEFORE, **more: object) -> Attempt:
    return Attempt(now=now, roles=frozenset(roles), **more)  # type: ignore[arg-type]


def said(name: str, about: DossierFacts, tried: Attempt) -> list[str]:
    return [r.message % dict(r.params) for r in refusals(CANDIDACY, name, about, tried)]


# --- the table as the Network wants it: from, to, by, what it issues ---

EXPECTED = {
    "submit": ({"draft"}, "submitted", {"lead"}, {Doc.DOSSIER, Doc.RECEIPT}),
    "return": ({"submitted"}, "returned", {"secretariat"}, {Doc.RETURN_LETTER}),
    "resubmit": ({"returned"}, "submitted", {"lead"}, {Doc.DOSSIER, Doc.RECEIPT}),
    "dismiss": ({"submitted", "returned"}, "dismissed", {"secretariat"}, {Doc.INELIGIBILITY_NOTICE}),
    "admit": ({"submitted"}, "in_evaluation", {"secretariat"}, {Doc.SCREENING_NOTE}),
    "close_sheet": ({"in_evaluation"}, None, {"evaluator"}, {Doc.EVALUATION_SHEET}),
    "refer": ({"in_evaluation"}, "in_review", {"secretariat"}, {Doc.EVALUATION_REPORT}),
    "reopen": ({"in_review"}, "in_evaluation", {"secretariat", "steering"}, set()),
    "advise": ({"in_review"}, "awaiting_decision", {"steering"}, {Doc.STEERING_OPINION}),
    "defer": ({"in_review"}, None, {"steering"}, set()),
    "decide": ({"awaiting_decision"}, None, {"direction"}, set()),
    "designate": ({"awaiting_decision"}, "designated", {"publication"}, {Doc.DESIGNATION_LETTER, Doc.CERTIFICATE}),
    "decline": ({"awaiting_decision"}, "declined", {"publication"}, {Doc.DECISION_LETTER}),
    "withdraw": (
        {"draft", "submitted", "returned", "in_evaluation", "in_review", "awaiting_decision"}, "withdrawn",
        {"lead"}, {Doc.WITHDRAWAL_NOTE},
    ),
    "lapse": ({"draft", "returned"}, "lapsed", {"clock"}, set()),
    "extend": ({"draft", "returned"}, None, {"secretariat"}, set()),
    "admit_late": ({"lapsed"}, "draft", {"secretariat"}, set()),
    "readmit": ({"lapsed"}, "returned", {"secretariat"}, set()),
}  # fmt: skip


def test_the_table_is_the_agreed_one() -> None:
    told = {t.name: (set(t.sources), t.target, set(t.actors), set(t.issues)) for t in CANDIDACY.transitions.values()}
    assert told == EXPECTED


LATE = {"admit_late", "readmit"}
"""The recorded acts that alone undo an end: the one that a clock brought about."""


def test_nothing_leads_out_of_a_final_state_and_something_out_of_every_other() -> None:
    assert {name for name, t in CANDIDACY.transitions.items() if S.LAPSED in t.sources} == LATE
    for key, state in CANDIDACY.states.items():
        leads_on = [t for t in CANDIDACY.by_source[key] if t.target and t.name not in LATE]
        assert bool(leads_on) is not state.final, key


def test_no_button_designates() -> None:
    """Only publication and the clock carry these; nobody who signs in has those roles."""
    for name, role in (("designate", Role.PUBLICATION), ("decline", Role.PUBLICATION), ("lapse", Role.CLOCK)):
        assert CANDIDACY.transitions[name].actors == {role}


# --- rights ---


def test_the_secretariat_knows_of_a_draft_but_cannot_read_it() -> None:
    rights = CANDIDACY.states[S.DRAFT].rights[Role.SECRETARIAT]
    assert rights == {Permission.KNOW, Permission.GIVE_TIME, Permission.TEAM}


@pytest.mark.parametrize("role", sorted(APPLICANTS))
def test_a_city_never_sees_scores_opinions_or_the_true_state(role: Role) -> None:
    inside = {Permission.SEE_RESULTS, Permission.SEE_INSIDE, Permission.ADVISE, Permission.DECIDE, Permission.EVALUATE}
    for state in CANDIDACY.states.values():
        assert not inside & state.rights.get(role, frozenset()), state.key


def test_a_city_sees_one_label_from_admission_to_publication() -> None:
    labels = {CANDIDACY.states[s].city_label for s in (S.IN_EVALUATION, S.IN_REVIEW, S.AWAITING_DECISION)}
    assert labels == {"Under examination"}


def test_only_a_city_writes_and_only_before_screening_or_after_a_return() -> None:
    writing = {(key, role) for key, s in CANDIDACY.states.items() for role, held in s.rights.items() if "write" in held}
    assert writing == {(s, r) for s in (S.DRAFT, S.RETURNED) for r in (Role.LEAD, Role.EDITOR)}


# --- guards ---


def signed(mayor: str, commission: str = "given", *, required: bool = True) -> dict[str, SignOffFacts]:
    return {
        "mayor": SignOffFacts("The mayor's sign-off", True, mayor),
        "commission": SignOffFacts("Endorsement", required, commission),
    }


def ready(**more: object) -> DossierFacts:
    return facts(S.DRAFT, sign_offs=signed("given"), **more)


def test_a_complete_file_is_taken_until_the_last_instant_and_not_at_it() -> None:
    assert said("submit", ready(), attempt(Role.LEAD, now=CLOSES - timedelta(microseconds=1))) == []
    assert said("submit", ready(), attempt(Role.LEAD, now=AFTER)) == [f"The call closed on {CLOSES}."]


def test_a_file_with_time_of_its_own_is_taken_until_then_and_is_told_so() -> None:
    own = CLOSES + timedelta(days=2)
    given = ready(extended_until=own)
    assert said("submit", given, attempt(Role.LEAD, now=own - timedelta(microseconds=1))) == []
    assert said("submit", given, attempt(Role.LEAD, now=own)) == [f"The time given to this file ended on {own}."]
    assert said("lapse", given, attempt(Role.CLOCK, now=AFTER)) == ["The window is still open."]


def test_time_is_given_with_a_reason_ahead_and_before_publication() -> None:
    about, until = facts(S.DRAFT), CLOSES + timedelta(days=1)
    assert said("extend", about, attempt(Role.SECRETARIAT, until=until, reason="x")) == []
    assert said("extend", about, attempt(Role.SECRETARIAT, until=BEFORE)) == [
        "Give an instant that lies ahead.", "Give the reason.",
    ]  # fmt: skip
    published = CallFacts(CallStatus.PUBLISHED, CALL.opens_at, CALL.closes_at)
    over = DossierFacts(state=S.LAPSED, version=1, call=published)
    assert said("admit_late", over, attempt(Role.SECRETARIAT, until=until, reason="x")) == ["The call is not open."]


@pytest.mark.parametrize(("filed", "way", "other"), [(False, "admit_late", "readmit"), (True, "readmit", "admit_late")])
def test_a_late_file_comes_back_to_where_it_lapsed_from(filed: bool, way: str, other: str) -> None:
    about = facts(S.LAPSED, filed=filed)
    tried = attempt(Role.SECRETARIAT, now=AFTER, until=AFTER + timedelta(days=1), reason="x")
    assert said(way, about, tried) == []
    assert len(said(other, about, tried)) == 1


def test_an_editor_may_write_but_not_submit() -> None:
    assert said("submit", ready(), attempt(Role.EDITOR)) == ["Your role does not allow this."]


def test_every_reason_is_told_at_once() -> None:
    from rvc_portal.domain.errors import Refusal

    lacking = facts(S.DRAFT, sign_offs=signed("none"), incomplete=(Refusal("one"), Refusal("two")))
    assert len(said("submit", lacking, attempt(Role.LEAD, now=AFTER))) == 4


@pytest.mark.parametrize("state", ["none", "asked", "refused", "outdated"])
def test_without_a_sign_off_of_this_very_content_nothing_is_filed(state: str) -> None:
    assert len(said("submit", facts(S.DRAFT, sign_offs=signed(state)), attempt(Role.LEAD))) == 1


@pytest.mark.parametrize("state", ["none", "asked", "refused", "outdated"])
def test_only_a_required_sign_off_bars_and_each_with_its_own_name(state: str) -> None:
    free = facts(S.DRAFT, sign_offs=signed("given", state, required=False))
    assert said("submit", free, attempt(Role.LEAD)) == []
    barred = facts(S.DRAFT, sign_offs=signed("asked", state))
    mayor, commission = said("submit", barred, attempt(Role.LEAD))
    assert mayor.startswith("The mayor ")
    assert commission.startswith("Endorsement: ")


@given(limit=st.integers(1, 5), filed=st.integers(0, 8))
def test_the_country_limit_leaves_exactly_its_places(limit: int, filed: int) -> None:
    call = CallFacts(CALL.status, CALL.opens_at, CALL.closes_at, country_limit=limit)
    about = DossierFacts(state=S.DRAFT, version=1, call=call, sign_offs=signed("given"), filed_in_country=filed)
    assert bool(refusals(CANDIDACY, "submit", about, attempt(Role.LEAD))) is (filed >= limit)


@given(limit=st.integers(1, 3), in_field=st.integers(0, 4), elsewhere=st.integers(0, 4))
def test_the_field_limit_looks_at_the_field_alone(limit: int, in_field: int, elsewhere: int) -> None:
    call = CallFacts(CALL.status, CALL.opens_at, CALL.closes_at, field_limit=limit)
    about = DossierFacts(
        state=S.DRAFT, version=1, call=call, sign_offs=signed("given"), creative_field="music",
        filed_in_country=in_field + elsewhere, filed_in_field=in_field,
    )  # fmt: skip
    found = refusals(CANDIDACY, "submit", about, attempt(Role.LEAD))
    assert [refusal.target for refusal in found] == ["creative_field"] * (in_field >= limit)


def test_a_return_names_questions_and_a_reason() -> None:
    assert len(said("return", facts(S.SUBMITTED), attempt(Role.SECRETARIAT))) == 2
    assert said("return", facts(S.SUBMITTED), attempt(Role.SECRETARIAT, reason="  ", questions=("a",))) == [
        "Give the reason."
    ]
    assert said("return", facts(S.SUBMITTED), attempt(Role.SECRETARIAT, reason="x", questions=("a",))) == []


def test_admission_wants_every_item_seen_and_in_order() -> None:
    about = facts(S.SUBMITTED, unchecked=("the letter",), failed=("the photos",))
    assert said("admit", about, attempt(Role.SECRETARIAT)) == [
        "To be checked: the letter.",
        "Not in order: the photos.",
    ]


SHEET = SheetFacts(closed=False, declared=True, conflicted=False)


@pytest.mark.parametrize(
    ("sheet", "reasons"),
    [
        (SHEET, 0),
        (None, 1),
        (SheetFacts(closed=False, declared=False, conflicted=False), 1),
        (SheetFacts(closed=True, declared=True, conflicted=False), 1),
        (SheetFacts(closed=False, declared=True, conflicted=True), 1),
        (SheetFacts(closed=False, declared=True, conflicted=False, lacking=("a", "b")), 2),
    ],
)
def test_a_sheet_closes_declared_free_whole_and_once(sheet: SheetFacts | None, reasons: int) -> None:
    tried = attempt(Role.EVALUATOR, sheet=sheet)
    assert len(refusals(CANDIDACY, "close_sheet", facts(S.IN_EVALUATION), tried)) == reasons


@given(experts=st.integers(0, 4), members=st.integers(0, 8))
def test_referral_wants_the_minimum_of_each_stream(experts: int, members: int) -> None:
    about = facts(S.IN_EVALUATION, closed_sheets={"experts": experts, "members": members})
    wanting = (experts < 2) + (members < 5)
    assert len(refusals(CANDIDACY, "refer", about, attempt(Role.SECRETARIAT))) == wanting


def test_an_opinion_wants_a_quorum_declarations_and_both_languages() -> None:
    opinion = OpinionFacts(OpinionOutcome.FAVOURABLE, voting=4, undeclared=("Music",), text_lacking=("fr",))
    assert len(said("advise", facts(S.IN_REVIEW), attempt(Role.STEERING, opinion=opinion))) == 3
    elsewhere = OpinionFacts(OpinionOutcome.FAVOURABLE, voting=5, seated=False)
    assert said("advise", facts(S.IN_REVIEW), attempt(Role.STEERING, opinion=elsewhere)) == [
        "Take your seat at the sitting first."
    ]
    fit = OpinionFacts(OpinionOutcome.FAVOURABLE, voting=5)
    assert said("advise", facts(S.IN_REVIEW), attempt(Role.STEERING, opinion=fit)) == []


def test_a_decision_is_taken_on_the_slate_and_published_with_its_documents() -> None:
    tried = attempt(Role.DIRECTION, reason="x", outcome=DecisionOutcome.DESIGNATE)
    assert len(said("decide", facts(S.AWAITING_DECISION), tried)) == 1
    assert said("decide", facts(S.AWAITING_DECISION, on_slate=True), tried) == []
    held = facts(S.AWAITING_DECISION, held=DecisionOutcome.DESIGNATE, documents_missing=("CERTIFICATE",))
    assert said("designate", held, attempt(Role.PUBLICATION)) == ["A document is not ready yet: CERTIFICATE."]
    declined = facts(S.AWAITING_DECISION, held=DecisionOutcome.DECLINE)
    assert said("designate", declined, attempt(Role.PUBLICATION)) == ["No such decision is held for this file."]


def test_a_draft_lapses_when_the_call_closes_a_returned_file_when_its_period_ends() -> None:
    assert said("lapse", facts(S.DRAFT), attempt(Role.CLOCK, now=BEFORE)) == ["The window is still open."]
    assert said("lapse", facts(S.DRAFT), attempt(Role.CLOCK, now=AFTER)) == []
    later = AFTER + timedelta(days=14)
    returned = facts(S.RETURNED, correct_until=later)
    assert said("lapse", returned, attempt(Role.CLOCK, now=AFTER)) == ["The window is still open."]
    assert said("lapse", returned, attempt(Role.CLOCK, now=later)) == []


@given(state=st.sampled_from(sorted(CANDIDACY.states)), roles=st.frozensets(st.sampled_from(list(Role))))
def test_what_is_offered_is_what_the_roles_carry_from_here(state: str, roles: frozenset[Role]) -> None:
    found = {o.transition.name for o in offers(CANDIDACY, facts(state), Attempt(now=BEFORE, roles=roles))}
    assert found == {name for name, (sources, _, by, _) in EXPECTED.items() if state in sources and by & roles}
