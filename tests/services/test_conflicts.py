"""Conflicts of interest: the five of 2015 by rule, what people declare, and what either takes away."""

import pytest
import sqlalchemy as sa

from rvc_portal.demonstration.cast import lead_of
from rvc_portal.demonstration.cities import cities
from rvc_portal.domain.errors import InvalidInput, NotFound, Refused
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.job import Mail
from rvc_portal.models.seat import Seat
from rvc_portal.services import conflicts, deliberation, evaluation
from tests import scenes
from tests.scenes import DECLINED, DESIGNATED, SOON, Scene, SceneAt

OF_2015 = {
    ("Edinburgh", "Nottingham"), ("Norwich", "Nottingham"), ("Granada", "Barcelona"), ("Granada", "Salamanca"),
    ("Iowa City", "Seattle"),
}  # fmt: skip


def pairs(scene: Scene) -> set[tuple[str, str]]:
    query = sa.select(Seat.name, Dossier.lead_city).select_from(Conflict)
    query = query.join(Seat, Seat.id == Conflict.seat_id).join(Dossier, Dossier.id == Conflict.dossier_id)
    return {(seat, city) for seat, city in scene.session.execute(query)}


def test_the_rules_find_the_five_of_2015_and_no_other(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    for city in cities().values():
        if city.name not in scenes.CITIES and not city.invented:
            lead = lead_of(scene.session, city, scenes.OPENED)
            scene.story.open_dossier(scene.call, city, lead, scenes.OPENED)
    for dossier in scene.session.scalars(sa.select(Dossier)).all():
        conflicts.refresh(scene.session, dossier, now=scenes.FILED)
    assert len(scene.session.scalars(sa.select(Dossier)).all()) == 12
    assert pairs(scene) == OF_2015


def test_looking_again_finds_nothing_new(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    assert pairs(scene) == {("Edinburgh", "Nottingham"), ("Norwich", "Nottingham")}
    assert conflicts.refresh(scene.session, scene.dossier(), now=scenes.CHECKED) == []


def test_a_dismissed_conflict_does_not_come_back(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    found = scene.session.scalars(sa.select(Conflict)).first()
    assert found is not None
    found.dismissed_at, found.dismissed_reason = scenes.CHECKED, "Another Norwich."
    scene.session.flush()
    assert conflicts.refresh(scene.session, scene.dossier(), now=scenes.CHECKED) == []
    assert found.seat_id not in conflicts.seats_barred(scene.session, scene.dossier().id)


def test_a_seat_with_a_conflict_is_not_assigned_and_nobody_with_it(scene_at: SceneAt) -> None:
    scene = scene_at("in_evaluation")
    wanted = [scene.player("Norwich").seat.id, scene.player("Dublin").seat.id, scene.player("Edinburgh").seat.id]
    with pytest.raises(Refused) as refused:
        evaluation.assign(
            scene.session, scene.dossier(), wanted, actor=scene.actor(scene.officer, scenes.ASSIGNED), now=scenes.ASSIGNED
        )  # fmt: skip
    assert {r.params["seat"] for r in refused.value.refusals} == {"Norwich", "Edinburgh"}
    assert scene.assignments(scene.dossier()) == []
    assert scene.session.scalars(sa.select(Mail).where(Mail.template == "assign")).all() == []


def test_a_seat_of_the_steering_group_evaluates_nothing(scene_at: SceneAt) -> None:
    scene = scene_at("in_evaluation")
    with pytest.raises(Refused, match="No such evaluator"):
        evaluation.assign(
            scene.session, scene.dossier(), [scene.chair().seat.id], actor=scene.actor(scene.officer), now=scenes.ASSIGNED
        )  # fmt: skip


def test_a_declared_conflict_ends_the_assignment(scene_at: SceneAt) -> None:
    scene = scene_at("assigned")
    dossier = scene.dossier()
    assignment, player = scene.assignments(dossier)[0]
    actor = scene.actor(player.account, scenes.DECLARED)
    with pytest.raises(InvalidInput):
        evaluation.declare(scene.session, assignment, free=False, reason="", actor=actor, now=scenes.DECLARED)
    assert assignment.ended_at is None
    evaluation.declare(
        scene.session, assignment, free=False, reason="I advised the bid.", actor=actor, now=scenes.DECLARED
    )
    scene.commit()
    scene.session.refresh(assignment)
    assert assignment.ended_at == scenes.DECLARED
    assert conflicts.seats_barred(scene.session, dossier.id)[player.seat.id] == "declared"
    with pytest.raises(Refused, match="has ended"):
        evaluation.declare(scene.session, assignment, free=True, reason="", actor=actor, now=scenes.DECLARED + SOON)
    with pytest.raises(Refused, match="conflict of interest"):
        evaluation.assign(
            scene.session, dossier, [player.seat.id], actor=scene.actor(scene.officer), now=scenes.DECLARED + SOON
        )


def test_a_conflict_declared_after_the_scores_closes_no_sheet(scene_at: SceneAt) -> None:
    scene = scene_at("scored")
    dossier = scene.dossier()
    assignment, player = scene.assignments(dossier)[0]
    actor = scene.actor(player.account, scenes.CLOSED)
    evaluation.declare(scene.session, assignment, free=False, reason="A cousin.", actor=actor, now=scenes.SCORED + SOON)
    scene.commit()
    for act in (
        lambda: evaluation.close_sheet(scene.session, assignment, actor=actor, now=scenes.CLOSED),
        lambda: evaluation.save_scores(scene.session, assignment, {}, actor=actor, now=scenes.CLOSED),
    ):
        with pytest.raises((Refused, NotFound)):
            act()
    assert dossier.closed_sheets == 0


def test_nobody_declares_or_scores_for_anothers_seat(scene_at: SceneAt) -> None:
    scene = scene_at("declared")
    (assignment, _), (_, other) = scene.assignments(scene.dossier())[:2]
    intruder = scene.actor(other.account, scenes.SCORED)
    with pytest.raises(NotFound):
        evaluation.declare(scene.session, assignment, free=False, reason="Ha.", actor=intruder, now=scenes.SCORED)
    with pytest.raises(NotFound):
        evaluation.save_scores(scene.session, assignment, {}, actor=intruder, now=scenes.SCORED)
    with pytest.raises(NotFound):
        evaluation.close_sheet(scene.session, assignment, actor=intruder, now=scenes.SCORED)


def test_who_is_recused_does_not_count_for_the_quorum(scene_at: SceneAt) -> None:
    scene = scene_at("in_review")
    quorum = scenes.told().quorum
    present = scene.players(False)[:quorum]
    dossier, other = scene.both()
    sitting = scene.story.sit(scene.call, "A sitting", scene.officer, present, scenes.SAT)
    deliberation.attend(
        scene.session, sitting, present[-1].seat.id, conflicted={dossier.id: "Our twin town."},
        actor=scene.actor(present[-1].account), now=scenes.SAT,
    )  # fmt: skip
    scene.story.advise(other, present[0], True, scenes.ADVISED)
    with pytest.raises(Refused, match=f"{quorum - 1} seats of {quorum}"):
        scene.story.advise(dossier, present[0], True, scenes.ADVISED)
    assert (dossier.state, other.state) == ("in_review", "awaiting_decision")


def test_who_is_recused_does_not_advise_either(scene_at: SceneAt) -> None:
    scene = scene_at("sitting")
    chair = scene.chair()
    conflicts.declare(
        scene.session, scene.dossier(), chair.seat.id, actor_id=chair.account.id, reason="A friend.", now=scenes.SAT
    )
    scene.story.advise(scene.dossier(DECLINED), chair, False, scenes.ADVISED)
    with pytest.raises(Refused, match="Only who has the chair"):
        scene.story.advise(scene.dossier(), chair, True, scenes.ADVISED)
    assert scene.dossier(DECLINED).state == "awaiting_decision"
    assert scene.dossier(DESIGNATED).state == "in_review"
