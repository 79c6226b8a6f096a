"""What a meeting agreed comes in whole or not at all, in one language after the other, and is closed for ever once sealed."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import agreed_text
from rvc_portal.domain.actor import Actor, Grant
from rvc_portal.domain.errors import Refused
from rvc_portal.domain.vocabulary import Doc, Role
from rvc_portal.models.clause import ClauseText
from rvc_portal.models.document import Document
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import conclusions as query
from rvc_portal.services import conclusions, journal

NOW = dt.datetime(2026, 11, 26, 10, tzinfo=dt.UTC)
OFFICER = Actor(account_id=None, name="officer", grants=(Grant(Role.SECRETARIAT),))
FRENCH = """Accords de Kanazawa

Nous disons :
1. Le premier.
2. Le deuxième :
a) une partie ;
b) une autre.
"""
ENGLISH = """Agreed in Kanazawa

We say:
1. The first.
2. The second:
a) one part;
b) another.
"""


def take(session: Session, text: str, language: str, edition: int = 9, actor: Actor = OFFICER):
    found = agreed_text.read(text)
    return conclusions.take(session, found, edition=edition, language=language, actor=actor, now=NOW)


def acts(session: Session) -> list[str]:
    return list(session.scalars(sa.select(JournalEntry.transition).where(JournalEntry.chain == journal.NETWORK)))


def refused(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.message % dict(r.params) for r in refusal.value.refusals]


def test_the_meeting_is_made_from_what_the_network_knows_of_it(session: Session) -> None:
    taken = take(session, FRENCH, "fr")
    assert (taken.created, taken.written, taken.same) == (True, 6, 0)
    meeting = query.of_edition(session, 9)
    assert meeting is not None
    assert (meeting.year, [(h.city, h.country) for h in meeting.hosts]) == (2015, [("Kanazawa", "JP")])


def test_two_cities_may_be_the_hosts(session: Session) -> None:
    assert [h.city for h in take(session, FRENCH, "fr", edition=12).meeting.hosts] == ["Krakow", "Katowice"]


def test_both_languages_stand_side_by_side_clause_by_clause(session: Session) -> None:
    meeting = take(session, FRENCH, "fr").meeting
    assert take(session, ENGLISH, "en").written == 6
    session.expire_all()
    read = [(name, piece.text("fr"), piece.text("en")) for name, piece in query.of(session, meeting).named()]
    assert read == [
        ("title", "Accords de Kanazawa", "Agreed in Kanazawa"), ("preamble", "Nous disons :", "We say:"),
        ("1", "Le premier.", "The first."), ("2", "Le deuxième :", "The second:"),
        ("2a", "une partie ;", "one part;"), ("2b", "une autre.", "another."),
    ]  # fmt: skip


def test_twice_is_the_same_as_once(session: Session) -> None:
    take(session, FRENCH, "fr")
    before = session.scalars(sa.select(ClauseText.id).order_by(ClauseText.id)).all()
    taken = take(session, FRENCH, "fr")
    assert (taken.created, taken.written, taken.same) == (False, 0, 6)
    assert session.scalars(sa.select(ClauseText.id).order_by(ClauseText.id)).all() == before
    assert acts(session) == ["import_conclusions"]


def test_what_reads_differently_becomes_a_revision_and_the_earlier_one_stays(session: Session) -> None:
    meeting = take(session, FRENCH, "fr").meeting
    assert take(session, FRENCH.replace("Le premier", "Le tout premier"), "fr").written == 1
    (clause, _), *_rest = query.of(session, meeting).clauses
    assert [(t.revision, t.text) for t in clause.texts] == [(1, "Le premier."), (2, "Le tout premier.")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ENGLISH + "3. A third.\n", ["3 clauses in en, 2 in fr."]),
        (ENGLISH.replace("b) another.\n", ""), ["Clause 2: 1 sub-clauses in en, 2 in fr."]),
    ],
)
def test_another_number_of_clauses_is_refused_and_nothing_is_taken(
    session: Session, text: str, said: list[str]
) -> None:
    meeting = take(session, FRENCH, "fr").meeting
    with pytest.raises(Refused) as refusal:
        take(session, text, "en")
    assert refused(refusal) == said
    assert query.of(session, meeting).languages() == ("fr",)


def test_who_may_not_a_meeting_nobody_knows_and_a_foreign_language_are_refused(session: Session) -> None:
    member = Actor(account_id=None, name="city", grants=(Grant(Role.STEERING),))
    with pytest.raises(Refused, match="Your role does not allow this"):
        take(session, FRENCH, "fr", actor=member)
    with pytest.raises(Refused, match="knows no annual meeting 99"):
        take(session, FRENCH, "fr", edition=99)
    with pytest.raises(Refused, match="“de” is no language"):
        take(session, FRENCH, "de")
    assert session.scalar(sa.select(sa.func.count()).select_from(Meeting)) == 0


def test_sealing_waits_for_both_languages_and_names_what_is_missing(session: Session) -> None:
    take(session, FRENCH, "fr")
    with pytest.raises(Refused) as refusal:
        conclusions.seal(session, edition=9, actor=OFFICER, now=NOW)
    assert refused(refusal) == [
        "The title is not written in this language: en.", "The preamble is not written in this language: en.",
        *(f"Clause {name} is not written in this language: en." for name in ("1", "2", "2a", "2b")),
    ]  # fmt: skip


def test_what_is_sealed_is_issued_in_both_languages_and_never_changes(session: Session) -> None:
    meeting = take(session, FRENCH, "fr").meeting
    take(session, ENGLISH, "en")
    conclusions.seal(session, edition=9, actor=OFFICER, now=NOW)
    issued = session.scalars(sa.select(Document).where(Document.subject_id == meeting.id)).all()
    own = {d.language: d.context["clauses"][0]["text"]["text"] for d in issued if d.kind == Doc.CONCLUSIONS}
    assert own == {"en": "The first.", "fr": "Le premier."}
    both = [d.context["clauses"][1]["parts"][0] for d in issued if d.kind == Doc.CONCLUSIONS_BILINGUAL]
    assert both == [{"fr": "une partie ;", "en": "one part;"}]
    assert all(d.context["sealed_at"] for d in issued)
    assert acts(session)[-1] == "seal_conclusions"
    for act in (
        lambda: take(session, FRENCH.replace("premier", "dernier"), "fr"),
        lambda: conclusions.seal(session, edition=9, actor=OFFICER, now=NOW),
    ):
        with pytest.raises(Refused, match="were sealed on"):
            act()
