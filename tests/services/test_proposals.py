"""What a proposal is worked out from, and what becomes of it, on both engines of the database."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal import jobs
from rvc_portal.domain.errors import Refused
from rvc_portal.domain.matching import Limits, Problem
from rvc_portal.models.evaluation import Assignment
from rvc_portal.models.proposal import Proposal
from rvc_portal.models.seat import Seat
from rvc_portal.queries import calls
from rvc_portal.queries import proposals as query
from rvc_portal.services import accounts, evaluation, evaluators, proposals
from tests.judging import Judging
from tests.web.browsing import START


@pytest.fixture
def tale(judging: Judging) -> Judging:
    judging.evaluators()
    judging.admitted()
    judging.officer()
    judging.nothing_waits()
    return judging


def officer(tale: Judging):
    return tale.story.actor(tale.officer(), START)


def terms(tale: Judging, **changes) -> query.Terms:
    return replace(query.usual_terms(calls.definition(tale.call), ["literature"], 3), **changes)


def problem(tale: Judging, **changes) -> Problem:
    return query.problem(tale.story.session, officer(tale), tale.call, terms(tale, **changes), START)


def names(tale: Judging, found: Problem) -> set[str]:
    seats = {str(p.seat.id): p.seat.name for p in tale.evaluators()}
    return {seats.get(e.key, "another") for e in found.evaluators}


def test_from_the_order_to_the_requests(tale: Judging) -> None:
    session = tale.story.session
    made = proposals.order(session, tale.call, terms(tale), actor=officer(tale), now=START)
    tale.story.commit()
    assert jobs.drain(tale.story.app) == 1
    session.expire_all()
    kept = session.get_one(Proposal, made.id)
    assert kept.inputs_sha256 == Problem.from_json(kept.inputs).sha256
    assert (kept.progress, kept.result["lacking"], kept.done_at) == (1.0, 0, START)
    pairs = [tuple(type(made.id)(key) for key in pair) for pair in kept.result["pairs"]]
    assert proposals.apply(session, tale.call, pairs, actor=officer(tale), now=START) == 7
    assert proposals.apply(session, tale.call, pairs, actor=officer(tale), now=START) == 0


def test_the_problem_knows_what_the_call_and_the_register_say(tale: Judging) -> None:
    found = problem(tale)
    assert names(tale, found) == {p.seat.name for p in tale.evaluators()}
    seats = {p.seat.name: str(p.seat.id) for p in tale.evaluators()}
    assert found.barred == {(str(tale.told()), seats["Lyon"])}
    prague = next(e for e in found.evaluators if e.key == seats["Prague"])
    assert (prague.stream, prague.languages, prague.most) == ("members", ("en",), 20)
    assert prague.region == calls.definition(tale.call).country("CZ").region
    assert found.limits == {"experts": Limits(2), "members": Limits(5)}


def test_the_register_says_what_an_evaluator_reads_and_how_much_at_a_time(tale: Judging) -> None:
    norwich = next(p for p in tale.evaluators() if p.seat.name == "Norwich")
    told = {"languages": ["fr"], "maximum_load": 1, "past_work": ""}
    evaluators.change(tale.story.session, norwich.seat, **told, actor=officer(tale), now=START)
    found = {e.key: e for e in problem(tale, maximum_load=5).evaluators}
    known = found.pop(str(norwich.seat.id))
    assert (known.languages, known.most) == (("fr",), 1)
    assert {e.most for e in found.values()} == {5}
    assert {e.languages for e in found.values()} == {("en",)}


EVERY_FIELD = ("literature", "music", "film", None)
KNOWN = (
    ("expert", "film", (), {"film"}), ("expert", "film", ("literature", "music"), {"film", "literature", "music"}),
    ("expert", None, (), {*EVERY_FIELD}), ("expert", None, ("music",), {"music"}),
    ("member", "film", ("literature",), {"film"}), ("member", None, ("music",), {*EVERY_FIELD}),
    ("coordinator", "film", (), set()),
)  # fmt: skip


def test_an_expert_judges_what_the_register_says_and_a_member_city_its_own_field(tale: Judging) -> None:
    """By the row and by the query alike, on both engines."""
    session = tale.story.session
    for number, (kind, field, more, judged) in enumerate(KNOWN):
        seat = accounts.create_seat(session, kind=kind, name=f"Known {number}", field=field)
        seat.expertise = list(more)
        session.flush()
        assert {f for f in EVERY_FIELD if seat.judges(f)} == judged, KNOWN[number]
        found = {
            f for f in EVERY_FIELD if session.scalar(sa.select(Seat.id).where(Seat.id == seat.id, Seat.judging(f)))
        }
        assert found == judged, KNOWN[number]


def test_expertise_reaches_the_proposal_and_the_request(tale: Judging) -> None:
    film = accounts.create_seat(tale.story.session, kind="expert", name="Film", field="film")
    accounts.give_seat(tale.story.session, film, tale.lead("film@network.example", "Film"), now=START)
    dossier = tale.dossier(tale.told())
    assert str(film.id) not in {e.key for e in problem(tale).evaluators}
    with pytest.raises(Refused, match="No such evaluator"):
        evaluation.assign(tale.story.session, dossier, [film.id], actor=officer(tale), now=START)
    told = {"languages": ["en"], "maximum_load": None, "past_work": "", "fields": ["literature", "film"]}
    evaluators.change(tale.story.session, film, **told, actor=officer(tale), now=START)
    assert (film.field, film.expertise) == ("film", ["literature"])
    known = next(e for e in problem(tale).evaluators if e.key == str(film.id))
    assert set(known.fields) == {"film", "literature"}
    assert query.fates(tale.story.session, officer(tale), tale.call, [(dossier.id, film.id)], START)[
        dossier.id, film.id
    ].status == "open"  # fmt: skip
    assert evaluation.assign(tale.story.session, dossier, [film.id], actor=officer(tale), now=START)


def test_an_expert_who_moves_is_looked_at_anew(tale: Judging) -> None:
    expert = tale.evaluators()[0].seat
    tale.asked(tale.told(), tale.evaluators()[:1])
    country = tale.dossier(tale.told()).lead_country
    told = {"languages": ["en"], "maximum_load": None, "past_work": ""}
    evaluators.change(
        tale.story.session, expert, **told, place=evaluators.Place(country), actor=officer(tale), now=START
    )  # fmt: skip
    tale.story.session.expire_all()
    assert tale.assignments(tale.told()) == {}


def test_a_seat_that_nobody_acts_for_is_asked_by_no_proposal(tale: Judging) -> None:
    accounts.create_seat(tale.story.session, kind="expert", name="Vacant", field="literature")
    left = next(p for p in tale.evaluators() if p.seat.name == "Dublin")
    left.account.seats_held[0].until_at = START - timedelta(days=1)
    tale.story.commit()
    assert names(tale, problem(tale)) == {p.seat.name for p in tale.evaluators()} - {"Dublin"}


def test_what_is_in_hand_counts_once(tale: Judging) -> None:
    """A file of the problem stands as a fixed pair; others, of a field left out, weigh on the evaluator."""
    tale.asked(tale.told(), tale.evaluators()[:1])
    expert = str(tale.evaluators()[0].seat.id)
    found = problem(tale)
    assert found.fixed == {(str(tale.told()), expert)}
    assert next(e.load for e in found.evaluators if e.key == expert) == 0
    other = query.problem(tale.story.session, officer(tale), tale.call, terms(tale, fields=frozenset({"music"})), START)
    assert not other.files
    with pytest.raises(Refused, match="No file of these fields"):
        proposals.order(
            tale.story.session, tale.call, terms(tale, fields=frozenset({"music"})), actor=officer(tale), now=START
        )


def test_a_stream_that_the_call_has_not_is_left_out(tale: Judging) -> None:
    tale.asked(tale.told())
    found = problem(tale, limits={"experts": Limits(2)})
    assert {e.stream for e in found.evaluators} == {"experts"}
    assert len(found.fixed) == 2


def test_nobody_else_proposes(tale: Judging) -> None:
    evaluator = tale.story.actor(tale.evaluators()[0].account, START)
    for act in (
        lambda: proposals.order(tale.story.session, tale.call, terms(tale), actor=evaluator, now=START),
        lambda: proposals.from_file(
            tale.story.session, tale.call, b"reference,evaluator\n", actor=evaluator, now=START
        ),
        lambda: proposals.apply(tale.story.session, tale.call, [], actor=evaluator, now=START),
    ):
        with pytest.raises(Refused, match="role"):
            act()


def test_an_evaluator_who_was_taken_off_may_be_proposed_again(tale: Judging) -> None:
    player = tale.evaluators()[0]
    tale.asked(tale.told(), [player])
    evaluation.unassign(tale.story.session, tale.dossier(tale.told()), player.seat.id, actor=officer(tale), now=START)
    assert problem(tale).fixed == frozenset()
    pair = (tale.told(), player.seat.id)
    assert proposals.apply(tale.story.session, tale.call, [pair], actor=officer(tale), now=START) == 1
    assert tale.story.session.scalars(sa.select(Assignment)).one().ended_at is None
