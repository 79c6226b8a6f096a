"""Two people at once, on both databases: one of them acts, the other is told; nothing is done twice."""

import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask

from rvc_portal.domain.errors import Overtaken, Refused
from rvc_portal.models.base import db
from rvc_portal.models.decision import Decision
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier, Filing
from rvc_portal.models.evaluation import Evaluation
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.seat import Member
from rvc_portal.services import decision, evaluation, journal, results, screening, submission
from rvc_portal.settings import Settings
from tests import scenes
from tests.conftest import MakeApp
from tests.scenes import DECLINED, DESIGNATED, Scene, Shelf, shelf  # noqa: F401

OnEither = Callable[[str], Flask]
Act = Callable[[Scene], object]
PATIENCE_S = 60


@pytest.fixture
def at_stage(either_database: Settings, shelf: Shelf, make_app: MakeApp) -> OnEither:  # noqa: F811
    """An application with the scene at a stage, on SQLite or on PostgreSQL."""

    def give(stage: str) -> Flask:
        app = make_app(either_database)
        with app.app_context():
            if db.engine.dialect.name == "sqlite":
                db.engine.dispose()
                for leftover in either_database.data.glob("portal.db*"):
                    leftover.unlink()
                shutil.copy(shelf.database(stage), either_database.data / "portal.db")
                db.engine.dispose()
            else:
                scenes.play(Scene(app), stage)
            db.session.commit()
        return app

    return give


def at_once(app: Flask, acts: Sequence[Act]) -> list[BaseException | None]:
    """Do all acts at the same time, each in a session of its own; what each of them raised.

    PostgreSQL lets all of them read first; SQLite makes them wait before they read, so there they start together.
    """
    together = threading.Barrier(len(acts))

    def do(act: Act) -> BaseException | None:
        with app.app_context():
            reads_first = db.engine.dialect.name == "postgresql"
            together.wait(PATIENCE_S)
            try:
                scene = Scene(app)
                if reads_first:
                    scene.both()
                    together.wait(PATIENCE_S)
                act(scene)
                db.session.commit()
            except Exception as error:
                db.session.rollback()
                return error
            return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(PATIENCE_S) for future in [pool.submit(do, act) for act in acts]]


def version_seen(app: Flask) -> int:
    with app.app_context():
        return Scene(app).dossier().version


def journal_holds(app: Flask) -> bool:
    session = db.session()
    chains = session.scalars(sa.select(JournalEntry.chain).distinct()).all()
    return all(journal.first_broken(session, chain) is None for chain in chains)


def test_of_two_secretaries_one_acts_and_the_other_is_told(at_stage: OnEither) -> None:
    app = at_stage("checked")
    seen = version_seen(app)

    def admit(scene: Scene) -> object:
        officer = scene.actor(scene.officer, scenes.ADMITTED)
        return screening.admit(scene.session, scene.dossier(), actor=officer, now=scenes.ADMITTED, seen_version=seen)

    def dismiss(scene: Scene) -> object:
        officer = scene.actor(scene.second_officer, scenes.ADMITTED)
        return screening.dismiss(
            scene.session, scene.dossier(), reason="No.", actor=officer, now=scenes.ADMITTED, seen_version=seen
        )

    ends = at_once(app, [admit, dismiss])
    assert [type(end) for end in ends].count(Overtaken) == 1, ends
    assert ends.count(None) == 1
    with app.app_context():
        scene = Scene(app)
        admitted = ends[0] is None
        loser = next(end for end in ends if end is not None)
        assert isinstance(loser, Overtaken)
        assert loser.refusals[0].params["who"] == (scene.officer if admitted else scene.second_officer).name
        dossier = scene.dossier()
        assert (dossier.state, dossier.version) == ("in_evaluation" if admitted else "dismissed", seen + 1)
        moves = [e.transition for e, _ in _history(dossier) if e.payload.get("from") == "submitted"]
        assert moves == ["admit" if admitted else "dismiss"]
        kinds = {d.kind for d in scene.documents(dossier)} & {"SCREENING_NOTE", "INELIGIBILITY_NOTICE"}
        assert kinds == {"SCREENING_NOTE" if admitted else "INELIGIBILITY_NOTICE"}
        assert journal_holds(app)


def _history(dossier: Dossier):
    from rvc_portal.queries import dossiers

    return dossiers.history(db.session(), dossier.id)


def test_a_double_click_files_once(at_stage: OnEither) -> None:
    app = at_stage("signed")

    def submit(scene: Scene) -> object:
        lead = scene.actor(scene.lead(), scenes.FILED)
        return submission.submit(scene.session, scene.dossier(), actor=lead, now=scenes.FILED)

    ends = at_once(app, [submit] * 4)
    assert ends.count(None) == 1, ends
    assert all(isinstance(end, Refused) for end in ends if end is not None)
    with app.app_context():
        dossier = Scene(app).dossier()
        filings = db.session.scalars(sa.select(Filing).where(Filing.dossier_id == dossier.id)).all()
        assert [f.number for f in filings] == [1]
        receipts = sa.select(Document).where(Document.dossier_id == dossier.id, Document.kind == "RECEIPT")
        assert len(db.session.scalars(receipts).all()) == 1
        assert [e.transition for e, _ in _history(dossier)].count("submit") == 1
        assert (dossier.state, dossier.version) == ("submitted", 2)
        assert journal_holds(app)


def test_sheets_closed_at_once_all_count(at_stage: OnEither) -> None:
    app = at_stage("scored")

    def closing(number: int) -> Act:
        def close(scene: Scene) -> object:
            assignment, player = scene.assignments(scene.dossier())[number]
            actor = scene.actor(player.account, scenes.CLOSED)
            return evaluation.close_sheet(scene.session, assignment, actor=actor, now=scenes.CLOSED)

        return close

    ends = at_once(app, [closing(n) for n in range(4)])
    assert ends == [None] * 4
    with app.app_context():
        dossier = Scene(app).dossier()
        kept = (dossier.closed_sheets, dossier.mean_overall, dossier.mean_experts, dossier.mean_members)
        again = results.recompute(db.session(), dossier)
        assert kept[0] == 4
        assert kept[1:] == (again.overall, again.by_stream.get("experts"), again.by_stream.get("members"))
        closed = db.session.scalars(sa.select(Evaluation).where(Evaluation.closed_at.is_not(None))).all()
        assert len(closed) == 4
        assert journal_holds(app)


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("country_limit", "places of this country are taken"),
        ("field_limit", "places of this country in this creative field"),
    ],
)
def test_the_limit_of_a_country_holds_for_two_at_once(at_stage: OnEither, limit: str, said: str) -> None:
    app = at_stage("signed")
    with app.app_context():
        _limit_to_one(Scene(app), limit)

    def submitting(name: str) -> Act:
        def submit(scene: Scene) -> object:
            actor = scene.actor(scene.lead(name), scenes.FILED)
            return submission.submit(scene.session, scene.dossier(name), actor=actor, now=scenes.FILED)

        return submit

    ends = at_once(app, [submitting(DESIGNATED), submitting(DECLINED)])
    assert ends.count(None) == 1, ends
    (refused,) = [end for end in ends if end is not None]
    assert isinstance(refused, Refused)
    assert said in str(refused)
    with app.app_context():
        assert sorted(d.state for d in Scene(app).both()) == ["draft", "submitted"]


def _limit_to_one(scene: Scene, limit: str) -> None:
    """One file for each country (in each field); both cities in the same one, signed off anew."""
    scene.redefine(**{limit: 1})
    other = scene.dossier(DECLINED)
    submission.save_answers(
        scene.session, other, {"country": scene.dossier().lead_country},
        actor=scene.actor(scene.lead(DECLINED), scenes.SIGNED), now=scenes.SIGNED,
    )  # fmt: skip
    for dossier in scene.both():
        scene.story.sign_off(dossier, scene.lead(dossier.lead_city), scenes.SIGNED + scenes.SOON)
    scene.commit()


def test_two_publications_at_once_are_one(at_stage: OnEither) -> None:
    app = at_stage("decided")
    with app.app_context():
        Scene(app).pretend_rendered()

    def publish(scene: Scene) -> object:
        officer = scene.actor(scene.officer, scenes.PUBLISHED)
        return decision.publish(scene.session, scene.call, actor=officer, now=scenes.PUBLISHED)

    ends = at_once(app, [publish, publish])
    assert ends.count(None) == 1, ends
    assert isinstance(next(end for end in ends if end is not None), Refused)
    with app.app_context():
        scene = Scene(app)
        assert sorted(d.state for d in scene.both()) == ["declined", "designated"]
        assert [d.kind for d in scene.documents()].count("DESIGNATION_LIST") == 2
        assert scene.session.scalars(sa.select(Member.city)).all() == [scenes.DESIGNATED]
        assert journal_holds(app)


def test_a_decision_taken_while_the_call_is_published_is_either_in_it_or_refused(at_stage: OnEither) -> None:
    """Never a published file whose decision stands unpublished beside it."""
    app = at_stage("decided")
    with app.app_context():
        Scene(app).pretend_rendered()

    def publish(scene: Scene) -> object:
        officer = scene.actor(scene.officer, scenes.PUBLISHED)
        return decision.publish(scene.session, scene.call, actor=officer, now=scenes.PUBLISHED)

    def decide_anew(scene: Scene) -> object:
        from rvc_portal.domain.vocabulary import DecisionOutcome

        return decision.decide(
            scene.session, scene.dossier(), outcome=DecisionOutcome.DECLINE, reasons={"en": "No.", "fr": "Non."},
            actor=scene.actor(scene.direction, scenes.PUBLISHED), now=scenes.PUBLISHED,
        )  # fmt: skip

    published, decided = at_once(app, [publish, decide_anew])
    assert (published is None) != (decided is None), (published, decided)
    assert isinstance(published or decided, Refused)
    with app.app_context():
        dossier = Scene(app).dossier()
        standing = db.session.scalars(
            sa.select(Decision).where(Decision.dossier_id == dossier.id, Decision.superseded_at.is_(None))
        ).one()
        if published is None:
            assert (dossier.state, standing.outcome) == ("designated", "designate")
            assert standing.published_at == scenes.PUBLISHED
        else:
            assert (dossier.state, standing.outcome) == ("awaiting_decision", "decline")
            assert standing.published_at is None
        assert journal_holds(app)
