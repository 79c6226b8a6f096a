"""Who may read which document and which act."""

from uuid import UUID

import pytest

from rvc_portal.domain.policy import (
    OF_A_FIELD,
    OF_A_PERSON,
    OF_A_SITTING,
    OF_A_WHOLE_CALL,
    OF_THE_NETWORK,
    Reader,
    document_readers,
    may_read_act,
    may_read_document,
    may_read_own,
    public_documents,
)
from rvc_portal.domain.procedures.candidacy import CANDIDACY
from rvc_portal.domain.vocabulary import CallStatus, Doc, Role

ME, OTHER = UUID(int=1), UUID(int=2)
MY_SEAT, OTHER_SEAT = UUID(int=3), UUID(int=4)
OF_A_CALL = (Doc.DESIGNATION_LIST, Doc.CALL_TEXT, Doc.BLANK_FORM)
NOT_OF_A_DOSSIER = {*OF_A_CALL, *OF_A_FIELD, *OF_A_WHOLE_CALL, *OF_A_PERSON, *OF_THE_NETWORK, *OF_A_SITTING}
OF_A_DOSSIER = [kind for kind in Doc if kind not in NOT_OF_A_DOSSIER]


def reader(state: str, *roles: Role) -> Reader:
    return Reader(CANDIDACY, state, frozenset(roles), ME, frozenset({MY_SEAT}))


@pytest.mark.parametrize("kind", OF_A_DOSSIER)
def test_every_kind_has_readers(kind: Doc) -> None:
    assert document_readers(kind)


@pytest.mark.parametrize("status", CallStatus)
def test_no_document_that_tells_of_scores_is_public(status: CallStatus) -> None:
    assert not {*OF_A_FIELD, *OF_A_WHOLE_CALL, *OF_A_SITTING} & public_documents(status)


@pytest.mark.parametrize("status", CallStatus)
@pytest.mark.parametrize("kind", sorted(OF_A_PERSON))
def test_what_is_made_for_one_person_is_nobody_elses(kind: Doc, status: CallStatus) -> None:
    assert not document_readers(kind)
    assert kind not in public_documents(status)


@pytest.mark.parametrize("state", CANDIDACY.states)
@pytest.mark.parametrize(
    "kind", [Doc.SCREENING_NOTE, Doc.EVALUATION_SHEET, Doc.EVALUATION_REPORT, Doc.STEERING_OPINION]
)
def test_a_city_never_reads_what_was_written_about_it(state: str, kind: Doc) -> None:
    assert not may_read_document(reader(state, Role.LEAD), kind, held=False, seat=OTHER_SEAT)


@pytest.mark.parametrize("kind", [Doc.DESIGNATION_LETTER, Doc.CERTIFICATE, Doc.DECISION_LETTER])
def test_a_held_letter_is_the_staffs_alone(kind: Doc) -> None:
    readers = {role for role in Role if may_read_document(reader("awaiting_decision", role), kind, held=True)}
    assert readers == {Role.SECRETARIAT, Role.DIRECTION}


def test_a_published_letter_is_the_citys() -> None:
    assert may_read_document(reader("designated", Role.LEAD), Doc.CERTIFICATE, held=False)
    assert not may_read_document(reader("designated", Role.LEAD), Doc.CERTIFICATE, held=True)


def test_an_evaluator_reads_the_dossier_and_the_own_sheet() -> None:
    evaluator = reader("in_evaluation", Role.EVALUATOR)
    assert may_read_document(evaluator, Doc.DOSSIER, held=False)
    assert may_read_document(evaluator, Doc.EVALUATION_SHEET, held=False, seat=MY_SEAT)
    assert not may_read_document(evaluator, Doc.EVALUATION_SHEET, held=False, seat=OTHER_SEAT)
    assert not may_read_document(evaluator, Doc.EVALUATION_REPORT, held=False)
    assert not may_read_document(evaluator, Doc.RECEIPT, held=False)


def test_a_conflict_takes_the_own_sheet_away() -> None:
    assert not may_read_document(reader("in_evaluation"), Doc.EVALUATION_SHEET, held=False, seat=MY_SEAT)


def test_the_secretariat_reads_no_draft() -> None:
    assert not may_read_document(reader("draft", Role.SECRETARIAT), Doc.DOSSIER, held=False)
    assert may_read_document(reader("withdrawn", Role.SECRETARIAT), Doc.WITHDRAWAL_NOTE, held=False)
    assert not may_read_document(reader("withdrawn", Role.SECRETARIAT), Doc.DOSSIER, held=False)


def test_what_was_made_for_one_person_is_theirs_while_they_may_read_the_file() -> None:
    assert may_read_own(reader("submitted", Role.SECRETARIAT), ME)
    assert not may_read_own(reader("submitted", Role.SECRETARIAT), OTHER)
    assert not may_read_own(reader("submitted", Role.SECRETARIAT), None)
    assert not may_read_own(reader("submitted"), ME)
    assert not may_read_own(Reader(CANDIDACY, "submitted", frozenset({Role.SECRETARIAT})), None)


@pytest.mark.parametrize("role", [Role.LEAD, Role.EVALUATOR, Role.STEERING, Role.DIRECTION])
def test_who_has_a_dossier_made_is_told_to_them_and_to_the_secretariat(role: Role) -> None:
    for state in ("in_evaluation", "in_review", "designated"):
        assert not may_read_act(reader(state, role), "order_dossier", OTHER)
        assert may_read_act(reader(state, role), "order_dossier", ME)
        assert may_read_act(reader(state, Role.SECRETARIAT), "order_dossier", OTHER)


HIDDEN = ["assign", "declare", "conflict", "unassign", "close_sheet", "refer", "reopen", "advise", "defer", "decide"]


@pytest.mark.parametrize("act", HIDDEN)
@pytest.mark.parametrize("state", CANDIDACY.states)
def test_a_city_is_not_told(state: str, act: str) -> None:
    assert not may_read_act(reader(state, Role.LEAD), act, OTHER)


@pytest.mark.parametrize("act", ["open", "submit", "return", "admit", "sign_off", "withdraw", "designate"])
def test_a_city_is_told(act: str) -> None:
    assert may_read_act(reader("in_review", Role.READER), act, OTHER)


def test_a_decision_is_told_to_who_may_hold_it() -> None:
    assert may_read_act(reader("awaiting_decision", Role.DIRECTION), "decide", OTHER)
    assert may_read_act(reader("awaiting_decision", Role.SECRETARIAT), "decide", OTHER)
    assert not may_read_act(reader("awaiting_decision", Role.STEERING), "decide", OTHER)
    assert may_read_act(reader("designated", Role.STEERING), "decide", OTHER)


def test_an_evaluator_does_not_learn_who_else_evaluates() -> None:
    evaluator = reader("in_evaluation", Role.EVALUATOR)
    assert not may_read_act(evaluator, "close_sheet", OTHER)
    assert may_read_act(evaluator, "close_sheet", ME)
    assert may_read_act(evaluator, "admit", OTHER)
    assert not may_read_act(reader("in_review", Role.EVALUATOR), "refer", OTHER)
