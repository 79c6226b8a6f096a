"""What sheets add up to: kept when they change, set aside with a conflict, put on paper by the Secretariat, made again by
the command."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from rvc_portal.domain.errors import InvalidInput, NotFound, Refused
from rvc_portal.domain.results import Bootstrap, Disagreement, ResultRules
from rvc_portal.domain.vocabulary import Doc, JobKind
from rvc_portal.models.account import Account
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation, Score
from rvc_portal.models.job import Job
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.ranking import Ranking
from rvc_portal.models.seat import Seat
from rvc_portal.queries import documents as document_query
from rvc_portal.queries import rankings
from rvc_portal.queries import results as query
from rvc_portal.services import conflicts, evaluation, journal, results, submission, synthesis
from tests import scenes
from tests.scenes import DECLINED, DESIGNATED, SOON, Scene, SceneAt

LITERATURE = "literature"
SEEN = scenes.REFERRED + SOON


def orders(scene: Scene) -> list[Job]:
    return list(scene.session.scalars(sa.select(Job).where(Job.kind == JobKind.RANK, Job.status == "queued")))


def rank(scene: Scene) -> Ranking:
    """Do what the worker does, without its documents."""
    for job in orders(scene):
        wanted = results.source(scene.session, job.subject_id)
        if wanted is not None:
            made = query.compute(wanted.call, wanted.entries)
            results.record(scene.session, job.subject_id, made, wanted, scenes.REFERRED)
        job.status = "done"
    scene.commit()
    return scene.session.scalars(sa.select(Ranking)).one()


def kept(scene: Scene) -> dict[str, tuple[int, float]]:
    """Rank and raw mean by reference, as they are kept."""
    found = query.read(scene.session.scalars(sa.select(Ranking)).one())
    assert found is not None
    return {line.reference: (line.rank, line.raw) for line in found.lines}


def closed_seat(scene: Scene, dossier: Dossier) -> Seat:
    """A member's seat with a closed sheet on the dossier."""
    found = scene.session.scalars(
        sa.select(Seat).join(Assignment).join(Evaluation)
        .where(Assignment.dossier_id == dossier.id, Evaluation.counting(), Seat.kind == "member")
        .order_by(Seat.name)
    )  # fmt: skip
    return found.first()  # type: ignore[return-value]


def declare(scene: Scene, dossier: Dossier, seat: Seat) -> None:
    conflicts.declare(
        scene.session, dossier, seat.id, actor_id=scene.officer.id, reason="A brother.", now=scenes.REFERRED
    )
    scene.commit()


def test_closed_sheets_are_ranked_once_after_the_commit(scene_at: SceneAt) -> None:
    scene = scene_at("scored")
    first, second, *_ = scene.assignments(scene.dossier())
    for assignment, player in (first, second):
        scene.story.close(assignment, player, scenes.CLOSED)
    assert len(orders(scene)) == 1
    assert rank(scene).stale is False
    assert kept(scene) == {scene.dossier().reference: (1, round(scene.dossier().mean_overall or 0, 6))}


def test_what_is_kept_is_what_the_sheets_say(scene_at: SceneAt) -> None:
    scene = scene_at("closed")
    rank(scene)
    by_mean = sorted(scene.both(), key=lambda d: -(d.mean_overall or 0))
    assert kept(scene) == {d.reference: (n, round(d.mean_overall or 0, 6)) for n, d in enumerate(by_mean, 1)}


def test_a_sheet_closed_while_the_ranking_is_made_is_not_lost(scene_at: SceneAt) -> None:
    scene = scene_at("scored")
    one, other, *_ = scene.assignments(scene.dossier())
    scene.story.close(*one, scenes.CLOSED)
    (job,) = orders(scene)
    wanted = results.source(scene.session, job.subject_id)
    assert wanted is not None
    scene.story.close(*other, scenes.CLOSED)
    results.record(scene.session, job.subject_id, query.compute(wanted.call, wanted.entries), wanted, scenes.CLOSED)
    assert len(orders(scene)) == 2
    assert rank(scene).stale is False
    assert rankings.recomputed(scene.session, scene.call)[0].is_kept


def test_a_job_that_comes_twice_changes_nothing(scene_at: SceneAt) -> None:
    scene = scene_at("closed")
    before = rank(scene).content
    assert results.source(scene.session, query.ranking_id(scene.call.id, LITERATURE)) is None
    assert rank(scene).content == before
    assert results.source(scene.session, UUID(int=1)) is None


def test_a_conflict_found_after_closing_sets_the_sheet_aside(scene_at: SceneAt) -> None:
    scene = scene_at("in_review")
    dossier = scene.dossier()
    seat, before, count = closed_seat(scene, dossier), dossier.mean_members, dossier.closed_sheets
    report = next(d for d in scene.documents(dossier) if d.kind == Doc.EVALUATION_REPORT)
    rank(scene)
    declare(scene, dossier, seat)
    assert (dossier.closed_sheets, dossier.mean_members != before) == (count - 1, True)
    acts = scene.session.scalars(
        sa.select(JournalEntry).where(JournalEntry.chain == dossier.id).order_by(JournalEntry.id.desc()).limit(2)
    ).all()
    assert [a.transition for a in acts] == ["set_aside", "conflict"]
    assert acts[0].payload["seat"] == str(seat.id)
    assert journal.first_broken(scene.session, dossier.id) is None
    sheet = scene.session.scalars(
        sa.select(Evaluation).join(Assignment).where(Assignment.seat_id == seat.id, Evaluation.dossier_id == dossier.id)
    ).one()
    assert (sheet.closed_at is not None, sheet.set_aside_at, sheet.assignment.ended_at) == (
        True, scenes.REFERRED, scenes.REFERRED,
    )  # fmt: skip
    assert report.superseded_at == scenes.REFERRED
    renewed = [d for d in scene.documents(dossier) if d.kind == Doc.EVALUATION_REPORT and d.superseded_at is None]
    (context,) = [d.context for d in renewed]
    assert seat.name not in [s["evaluator"] for s in context["sheets"]]
    assert seat.name in [s["evaluator"] for s in context["set_aside"]]
    assert (context["referred_at"], context["document"]["supersedes"]) == (
        report.context["referred_at"], report.context["document"]["reference"],
    )  # fmt: skip
    rank(scene)
    assert kept(scene)[dossier.reference][1] == round(dossier.mean_overall or 0, 6)


def test_a_conflict_found_by_rule_does_the_same(scene_at: SceneAt) -> None:
    """A member city turns out to lie in the country of the file."""
    scene = scene_at("closed")
    dossier = scene.dossier()
    seat, count = closed_seat(scene, dossier), dossier.closed_sheets
    seat.country = dossier.lead_country
    conflicts.refresh(scene.session, dossier, now=scenes.REFERRED)
    assert dossier.closed_sheets == count - 1
    assert (
        scene.session.scalars(sa.select(JournalEntry).where(JournalEntry.transition == "set_aside")).one().actor_id
        is None
    )
    conflicts.refresh(scene.session, dossier, now=scenes.SAT)
    assert dossier.closed_sheets == count - 1


def test_the_secretariat_sets_a_sheet_aside_with_a_reason(scene_at: SceneAt) -> None:
    scene = scene_at("in_review")
    dossier, count = scene.dossier(), scene.dossier().closed_sheets
    assignment, _ = scene.assignments(dossier)[0]
    assert assignment.evaluation is not None

    def found(account: Account, of: Dossier = dossier, reason: str = "A cousin.") -> None:
        evaluation.conflict_found(
            scene.session, of, assignment.evaluation.id, reason=reason, actor=scene.actor(account, SEEN), now=SEEN
        )

    with pytest.raises(InvalidInput):
        found(scene.officer, reason="  ")
    with pytest.raises(NotFound):
        found(scene.officer, of=scene.dossier(DECLINED))
    with pytest.raises(Refused):
        found(scene.chair().account)
    with pytest.raises(Refused):
        found(scene.lead())
    assert dossier.closed_sheets == count
    found(scene.officer)
    assert dossier.closed_sheets == count - 1
    with pytest.raises(NotFound):
        found(scene.officer)


def test_an_evaluator_may_own_up_after_closing(scene_at: SceneAt) -> None:
    scene = scene_at("closed")
    dossier, count = scene.dossier(), scene.dossier().closed_sheets
    assignment, player = next((a, p) for a, p in scene.assignments(dossier) if p.seat.kind == "expert")
    evaluation.declare(
        scene.session, assignment, free=False, reason="I wrote part of it.", now=scenes.REFERRED,
        actor=scene.actor(player.account, scenes.REFERRED),
    )  # fmt: skip
    assert dossier.closed_sheets == count - 1


def test_too_few_sheets_are_left_to_refer_the_file(scene_at: SceneAt) -> None:
    """Two experts are the least: with one of them set aside the file waits for another."""
    scene = scene_at("closed")
    dossier = scene.dossier()
    expert = next(p for _, p in scene.assignments(dossier) if p.seat.kind == "expert")
    declare(scene, dossier, expert.seat)
    with pytest.raises(Refused, match=r"Closed sheets, .*: 1 of at least 2"):
        evaluation.refer(scene.session, dossier, actor=scene.actor(scene.officer, scenes.REFERRED), now=scenes.REFERRED)


def test_a_dossier_withdrawn_in_mid_evaluation_leaves_the_ranking(scene_at: SceneAt) -> None:
    scene = scene_at("closed")
    rank(scene)
    gone, left = scene.dossier(), scene.dossier(DECLINED)
    lead = scene.actor(scene.lead(), scenes.REFERRED)
    submission.withdraw(scene.session, gone, actor=lead, now=scenes.REFERRED, reason="Elections.")
    scene.commit()
    seen = query.of_field(scene.session, scene.actor(scene.officer, scenes.REFERRED), scene.call, LITERATURE)
    assert [(p.reference, p.line.rank if p.line else None) for p in seen.places] == [(left.reference, 1)]
    rank(scene)
    assert kept(scene) == {left.reference: (1, round(left.mean_overall or 0, 6))}


# --- who sees what ---


def test_whoever_is_barred_sees_a_ranking_without_the_dossier(scene_at: SceneAt) -> None:
    """Whatever its scores are, every figure of the others is the same to that person."""
    scene = scene_at("closed")
    rank(scene)
    hidden, officer = scene.dossier(), scene.officer
    scene.session.add(
        Conflict(dossier_id=hidden.id, account_id=officer.id, rule="declared", reason="", since_at=scenes.CLOSED)
    )
    scene.commit()
    seen = query.of_field(scene.session, scene.actor(officer, SEEN), scene.call, LITERATURE)
    assert [p.city for p in seen.places] == [DECLINED]
    assert [(p.line.rank, p.line.rank_high) for p in seen.places if p.line] == [(1, 1)]
    scene.session.execute(
        sa.update(Score).where(Score.evaluation_id.in_(sa.select(Evaluation.id).where(Evaluation.dossier_id == hidden.id)))
        .values(value=1)
    )  # fmt: skip
    assert query.of_field(scene.session, scene.actor(officer, SEEN), scene.call, LITERATURE) == seen
    both = query.of_field(scene.session, scene.actor(scene.second_officer, SEEN), scene.call, LITERATURE)
    assert {p.city for p in both.places} == {DESIGNATED, DECLINED}


def test_a_barred_officer_does_not_learn_that_something_changed(scene_at: SceneAt) -> None:
    scene = scene_at("closed")
    hidden = scene.dossier()
    scene.session.add(
        Conflict(dossier_id=hidden.id, account_id=scene.officer.id, rule="declared", reason="", since_at=scenes.CLOSED)
    )
    scene.commit()
    told = [
        query.of_field(scene.session, scene.actor(who, SEEN), scene.call, LITERATURE).stale
        for who in (scene.officer, scene.second_officer)
    ]
    assert told == [False, False]  # nothing was kept yet: the figures are made when they are asked for
    rank(scene)
    declare(scene, hidden, closed_seat(scene, hidden))
    told = [
        query.of_field(scene.session, scene.actor(who, SEEN), scene.call, LITERATURE).stale
        for who in (scene.officer, scene.second_officer)
    ]
    assert told == [False, True]


# --- on paper ---


def issue(scene: Scene) -> list[Document]:
    made = synthesis.issue(
        scene.session, scene.call, LITERATURE, actor=scene.actor(scene.officer, scenes.REFERRED), now=scenes.REFERRED
    )
    scene.commit()
    return made


def test_the_synthesis_is_issued_in_the_languages_of_the_call(scene_at: SceneAt) -> None:
    scene = scene_at("closed")
    scene.redefine(results=ResultRules(disagreement=(Disagreement("range", 1),), bootstrap=Bootstrap(200, 7, 90)))
    first = issue(scene)
    assert [(d.kind, d.language, d.field) for d in first] == [
        (Doc.FIELD_SYNTHESIS, "en", LITERATURE), (Doc.FIELD_SYNTHESIS, "fr", LITERATURE),
    ]  # fmt: skip
    context = first[0].context
    assert [d["city"] for d in context["dossiers"]] == [
        d.lead_city for d in sorted(scene.both(), key=lambda d: -(d.mean_overall or 0))
    ]
    assert (context["seed"], context["samples"], context["level"]) == (7, 200, 90)
    assert all(d["disagreement"] for d in context["dossiers"])
    assert sum(len(d["given"]) for d in context["dossiers"]) == context["sheets"] == 14
    act = scene.session.scalars(
        sa.select(JournalEntry).where(JournalEntry.chain == scene.call.id, JournalEntry.transition == "synthesise")
    ).one()
    assert act.payload == {"field": LITERATURE, "inputs_sha256": context["inputs_sha256"]}
    again = issue(scene)
    assert [d.superseded_at for d in first] == [scenes.REFERRED] * 2
    assert again[0].context["dossiers"] == context["dossiers"]


def test_only_the_secretariat_has_the_synthesis_and_nobody_with_a_conflict(scene_at: SceneAt) -> None:
    scene = scene_at("closed")
    document = issue(scene)[0]

    def reads(account: object) -> bool:
        actor = scene.actor(account, SEEN)  # type: ignore[arg-type]
        listed = document_query.of_field(scene.session, actor, scene.call, LITERATURE)
        found = document_query.readable_inside(scene.session, actor, document.id)
        assert bool(listed) == (found is not None)
        assert document_query.readable(scene.session, actor, document.id) is None
        assert document_query.public(scene.session, actor, document.id) is None
        return found is not None

    assert document_query.public(scene.session, None, document.id) is None
    evaluator, member = scene.players()[0].account, scene.chair().account
    found = [reads(a) for a in (scene.officer, scene.second_officer, scene.direction, scene.lead(), evaluator, member)]
    assert found == [True, True, False, False, False, False]
    scene.session.add(
        Conflict(dossier_id=scene.dossier().id, account_id=scene.officer.id, rule="declared", reason="", since_at=SEEN)
    )
    scene.commit()
    assert (reads(scene.officer), reads(scene.second_officer)) == (False, True)
    with pytest.raises(Refused, match="conflict of interest"):
        issue(scene)


def test_no_synthesis_of_nothing_and_none_without_the_role(scene_at: SceneAt) -> None:
    scene = scene_at("scored")
    with pytest.raises(Refused, match="No sheet of this field"):
        issue(scene)
    actor = scene.actor(scene.direction, scenes.REFERRED)
    with pytest.raises(Refused, match="role"):
        synthesis.issue(scene.session, scene.call, LITERATURE, actor=actor, now=scenes.REFERRED)


def test_the_report_says_how_its_figures_come_about_and_nothing_of_other_files(scene_at: SceneAt) -> None:
    scene = scene_at("in_review")
    report = next(d for d in scene.documents(scene.dossier()) if d.kind == Doc.EVALUATION_REPORT)
    context = report.context
    assert context["interval"]["low"] <= context["mean"] <= context["interval"]["high"]
    rank(scene)
    found = query.read(scene.session.scalars(sa.select(Ranking)).one())
    assert found is not None
    line = next(x for x in found.lines if x.reference == scene.dossier().reference)
    assert (line.low, line.high) == (context["interval"]["low"], context["interval"]["high"])
    assert "seed" in " ".join(m["message"].lower() for m in context["method"])
    assert scene.dossier(DECLINED).reference not in json.dumps(context)


# --- by the command ---


def test_recomputing_gives_the_same_bytes_and_tells_when_something_was_changed(scene_at: SceneAt) -> None:
    scene = scene_at("closed")
    (before,) = rankings.recomputed(scene.session, scene.call)
    assert not before.is_kept  # the worker has not been at it
    rank(scene)
    found = rankings.recomputed(scene.session, scene.call)
    assert found[0].is_kept
    query._rank.cache_clear()
    assert rankings.printed(rankings.recomputed(scene.session, scene.call)) == rankings.printed(found)
    told = json.loads(rankings.printed(found))[0]
    assert (told["parameters"]["bootstrap"]["seed"], len(told["inputs"]), len(told["results"]["lines"])) == (1, 2, 2)
    assert rankings.recomputed(scene.session, scene.call, "music") == []
    scene.dossier().mean_overall = 9.9
    scene.session.flush()
    assert not rankings.recomputed(scene.session, scene.call)[0].is_kept
    scene.session.rollback()
    score = scene.session.scalars(sa.select(Score).limit(1)).one()
    score.value = 1 if score.value != 1 else 2
    scene.session.flush()
    assert not rankings.recomputed(scene.session, scene.call)[0].is_kept


def test_rows_in_another_order_are_the_same_inputs(scene_at: SceneAt) -> None:
    """The sheets are written anew under other ids: what the ranking is made of has the same fingerprint."""
    scene = scene_at("closed")
    before = query.fingerprint(query.entries_of_field(scene.session, scene.call, LITERATURE))
    for score in scene.session.scalars(sa.select(Score)).all():
        scene.session.delete(score)
        scene.session.flush()
        sa.orm.make_transient(score)
        score.at += timedelta(seconds=1)
        scene.session.add(score)
        scene.session.flush()
    assert query.fingerprint(query.entries_of_field(scene.session, scene.call, LITERATURE)) == before
