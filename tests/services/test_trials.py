"""A test call: played like any other, seen by the Secretariat alone, and thrown away without a trace."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.domain.errors import Refused
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.account import RoleGrant
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.job import Mail
from rvc_portal.queries import board, dossiers, home, visibility
from rvc_portal.queries import calls as query
from rvc_portal.services import accounts, calls, deadlines, evaluation, journal, submission
from rvc_portal.settings import Settings
from tests.conftest import MakeApp, table_counts
from tests.stories import Tale, town
from tests.web.browsing import START

HOUR = timedelta(hours=1)


@pytest.fixture
def tale(either_database: Settings, make_app: MakeApp):
    app = make_app(either_database)
    with app.app_context():
        found = Tale(app, START)
        found.submitted()
        found.draft(town("Une autre ville"), found.lead("other@ville.example"))
        found.officer()
        found.story.commit()
        yield found


def open_test(tale: Tale, now: datetime = START) -> Call:
    officer = tale.story.actor(tale.officer(), now)
    made = calls.open_test(tale.story.session, query.definition(tale.call), actor=officer, now=now)
    tale.story.commit()
    return made


def play(tale: Tale, call: Call) -> list[Dossier]:
    """What can be played in a test, by one officer, as the city and as the Secretariat: two files to different ends."""
    session, officer = tale.story.session, tale.officer()
    made = []
    for number, name in enumerate(("Essai", "Épreuve")):
        dossier = tale.story.open_dossier(call, town(name), officer, START)
        tale.story.write(dossier, officer, START + HOUR, 1.0)
        tale.story.sign_off(dossier, officer, START + 2 * HOUR)
        made.append(dossier)
        if number == 0:
            tale.story.submit(dossier, officer, START + 3 * HOUR)
            tale.story.return_file(dossier, officer, START + 4 * HOUR)
            actor = tale.story.actor(officer, START + 5 * HOUR)
            until = dossier.correct_until_at + HOUR
            deadlines.give_time(session, dossier, until=until, reason="Try.", actor=actor, now=START + 5 * HOUR)
            tale.story.sign_off(dossier, officer, START + 6 * HOUR)
            tale.story.submit(dossier, officer, START + 7 * HOUR)
            tale.story.screen(dossier, officer, START + 8 * HOUR)
            tale.story.admit(dossier, officer, START + 9 * HOUR)
        else:
            actor = tale.story.actor(officer, START + 5 * HOUR)
            submission.withdraw(session, dossier, actor=actor, now=START + 5 * HOUR, reason="Enough.")
        tale.story.commit()
    return made


def test_a_test_thrown_away_leaves_every_table_as_it_was(tale: Tale) -> None:
    session = tale.story.session
    before = table_counts(session)
    call = open_test(tale)
    first, second = play(tale, call)
    during = table_counts(session)
    grown = {name for name, count in during.items() if count > before[name]}
    assert {
        "call", "dossier", "party", "membership", "answer", "attachment", "filing", "sign_off", "document",
        "journal_entry", "job", "mail", "screening_check",
    } <= grown  # fmt: skip
    assert (first.state, second.state) == ("in_evaluation", "withdrawn")
    calls.discard(session, call, actor=tale.story.actor(tale.officer(), START))
    tale.story.commit()
    assert table_counts(session) == before
    for chain in [tale.call.id, *session.scalars(sa.select(Dossier.id))]:
        assert journal.first_broken(session, chain) is None


def test_only_a_test_is_thrown_away_and_only_by_the_secretariat(tale: Tale) -> None:
    session = tale.story.session
    before = table_counts(session)
    with pytest.raises(Refused, match="Only a test"):
        calls.discard(session, tale.call, actor=tale.story.actor(tale.officer(), START))
    test = open_test(tale)
    with pytest.raises(Refused, match="role"):
        calls.discard(session, test, actor=tale.story.actor(tale.lead(), START))
    calls.discard(session, test, actor=tale.story.actor(tale.officer(), START))
    assert table_counts(session) == before


def test_one_of_two_tests_goes_and_the_other_stays(tale: Tale) -> None:
    session, officer = tale.story.session, tale.officer()
    one, other = open_test(tale), open_test(tale)
    assert [c.key for c in (one, other)] == [f"{tale.call.key}-test-{n}" for n in (1, 2)]
    tale.story.open_dossier(other, town("Reste"), officer, START)
    tale.story.commit()
    between = table_counts(session)
    tale.story.open_dossier(one, town("Part"), officer, START)
    tale.story.commit()
    calls.discard(session, one, actor=tale.story.actor(officer, START))
    left = table_counts(session)
    assert {k: between[k] - left[k] for k in left if between[k] != left[k]} == {
        "call": 1, "journal_entry": 1, "document": 4, "job": 4,
    }  # fmt: skip
    assert session.scalar(sa.select(Dossier.lead_city).where(Dossier.call_id == other.id)) == "Reste"


def test_the_copy_asks_what_the_call_asks_and_can_be_filed_in_today(tale: Tale) -> None:
    told = query.definition(tale.call)
    later = told.filing.closes_at + timedelta(days=400)
    for now in (START, later, told.filing.opens_at - timedelta(days=30)):
        copy = query.definition(open_test(tale, now))
        assert (copy.form, copy.pieces, copy.rubric) == (told.form, told.pieces, told.rubric)
        assert copy.filing.contains(now)
        assert copy.filing.closes_at - copy.filing.opens_at in [
            told.filing.closes_at - told.filing.opens_at + timedelta(hours=h) for h in (-1, 0, 1)
        ]
    assert query.definition(open_test(tale)).windows == told.windows


def test_nobody_else_learns_of_a_test(tale: Tale) -> None:
    session = tale.story.session
    test = open_test(tale)
    first, second = play(tale, test)
    direction = tale._person("direction@network.example", "D", "en")
    accounts.grant_role(session, direction, Role.DIRECTION, now=START)
    tale.story.commit()
    late = START + timedelta(days=1)
    officer, others = tale.story.actor(tale.officer(), late), [tale.lead(), direction]
    hidden = {first.id, second.id}

    def seen(actor) -> set:
        return set(session.scalars(sa.select(Dossier.id).where(visibility.visible(actor))))

    assert hidden <= seen(officer)
    assert query.known(session, officer, test.key) is test
    assert query.known(session, None, test.key) is None
    assert test.key not in {c.key for c in home.calls(session, late)}
    for account in others:
        actor = tale.story.actor(account, late)
        assert not hidden & seen(actor)
        assert query.known(session, actor, test.key) is None
        assert test not in query.announced(session, actor)
        assert dossiers.find(session, actor, first.id) is None


def test_the_board_counts_the_real_unless_a_test_is_asked_for(tale: Tale) -> None:
    session, officer = tale.story.session, tale.story.actor(tale.officer(), START)
    before = board.counts(session, officer, board.Filters()).by_state
    test = open_test(tale)
    play(tale, test)
    assert board.counts(session, officer, board.Filters(without=(test.id,))).by_state == before
    assert board.counts(session, officer, board.Filters(call_id=test.id, without=(test.id,))).by_state == {
        "in_evaluation": 1, "withdrawn": 1,
    }  # fmt: skip


def test_files_of_a_test_are_marked_and_take_no_number_of_the_calls(tale: Tale) -> None:
    session = tale.story.session
    first, _second = play(tale, open_test(tale))
    assert first.reference.startswith("TEST-LIT-")
    issued = session.scalars(sa.select(Document).where(Document.dossier_id == first.id)).all()
    assert {d.kind for d in issued} >= {"DOSSIER", "RECEIPT", "RETURN_LETTER", "SCREENING_NOTE"}
    assert all(d.context["test"] is True for d in issued)
    real = session.scalars(sa.select(Document).where(Document.call_id == tale.call.id)).all()
    assert not [d for d in real if "test" in d.context]
    sent = [m for m in session.scalars(sa.select(Mail)) if m.context.get("reference") == first.reference]
    assert sent
    assert all(m.context["test"] for m in sent)


def test_a_test_asks_no_evaluator(tale: Tale) -> None:
    session = tale.story.session
    first, _second = play(tale, open_test(tale))
    with pytest.raises(Refused, match="asks no evaluators"):
        evaluation.assign(session, first, [], actor=tale.story.actor(tale.officer(), START), now=START)


def test_a_grant_for_a_test_goes_with_it(tale: Tale) -> None:
    session = tale.story.session
    test = open_test(tale)
    before = session.scalar(sa.select(sa.func.count()).select_from(RoleGrant))
    session.add(RoleGrant(account_id=tale.lead().id, role=Role.SECRETARIAT, call_id=test.id, from_at=START))
    tale.story.commit()
    calls.discard(session, test, actor=tale.story.actor(tale.officer(), START))
    assert session.scalar(sa.select(sa.func.count()).select_from(RoleGrant)) == before
