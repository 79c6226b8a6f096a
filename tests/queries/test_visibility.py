"""One predicate of sight stands under everything: a conflict takes a file away whole, a state opens it to whom it should."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from rvc_portal.domain.vocabulary import Permission, Role, SeatKind
from rvc_portal.models.account import Account
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries import board, desk, dossiers, filed
from rvc_portal.queries import documents as document_query
from rvc_portal.queries.visibility import visible
from rvc_portal.services import accounts, conflicts, evaluation
from tests import scenes
from tests.scenes import CITIES, DECLINED, DESIGNATED, Scene, SceneAt, known, readable

NOW = scenes.PUBLISHED


def one_by_one(scene: Scene, account: Account) -> set[str]:
    """The cities whose files the person can open by their ids."""
    actor = scene.actor(account, NOW)
    return {d.lead_city for d in scene.both() if dossiers.find(scene.session, actor, d.id)}


def on_the_board(scene: Scene, account: Account) -> set[str]:
    actor, filters = scene.actor(account, NOW), board.Filters()
    counted = board.counts(scene.session, actor, filters)
    found = board.lines(scene.session, actor, filters)
    assert counted.total(None) == len(found)
    assert [line.id for line in found] == [line.id for line in board.everything(scene.session, actor, filters)]
    return {line.city for line in found}


def counted_on_the_desk(scene: Scene, account: Account) -> int:
    return sum(sum(states.values()) for states in desk.counts(scene.session, scene.actor(account, NOW)).values())


def sees(scene: Scene, account: Account) -> set[str]:
    """What the person knows of; every way of asking must say the same."""
    found = known(scene, account, NOW)
    assert one_by_one(scene, account) == found
    assert on_the_board(scene, account) == found
    assert counted_on_the_desk(scene, account) == len(found)
    return found


def bar(scene: Scene, *, seat: UUID | None = None, account: UUID | None = None) -> Conflict:
    conflict = Conflict(
        dossier_id=scene.dossier().id, seat_id=seat, account_id=account, rule="declared", since_at=scenes.ASSIGNED
    )
    scene.session.add(conflict)
    scene.commit()
    return conflict


# --- states ---


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("drafts", {"officer", "lead"}),
        ("submitted", {"officer", "lead"}),
        ("in_evaluation", {"officer", "lead"}),
        ("assigned", {"officer", "lead"}),
        ("declared", {"officer", "lead", "judge"}),
        ("in_review", {"officer", "lead", "judge", "chair"}),
        ("awaiting", {"officer", "lead", "judge", "chair", "direction"}),
        ("decided", {"officer", "lead", "judge", "chair", "direction"}),
        ("published", {"officer", "lead", "judge", "chair", "direction"}),
    ],
)
def test_who_knows_of_a_file_at_each_stage(stage: str, expected: set[str], scene_at: SceneAt) -> None:
    scene = scene_at(stage)
    people = {
        "officer": scene.officer, "lead": scene.lead(), "judge": scene.player("Dublin").account,
        "chair": scene.chair().account, "direction": scene.direction, "other lead": scene.lead(DECLINED),
        "barred": scene.player("Norwich").account,
    }  # fmt: skip
    assert {who for who, account in people.items() if DESIGNATED in sees(scene, account)} == expected


@pytest.mark.parametrize("stage", ["drafts", "submitted", "in_evaluation", "declared", "decided", "published"])
def test_a_stranger_knows_of_nothing(stage: str, scene_at: SceneAt) -> None:
    scene = scene_at(stage)
    stranger = accounts.create_account(scene.session, email="stranger@x.example", name="Stranger", now=scenes.OPENED)
    assert sees(scene, stranger) == set()


@pytest.mark.parametrize("stage", ["written", "signed"])
def test_the_secretariat_knows_that_a_draft_is_there_and_reads_none_of_it(stage: str, scene_at: SceneAt) -> None:
    scene = scene_at(stage)
    officer = scene.actor(scene.officer, NOW)
    assert sees(scene, scene.officer) == set(CITIES)
    for permission in set(Permission) - {Permission.KNOW, Permission.GIVE_TIME, Permission.TEAM}:
        query = sa.select(sa.func.count()).select_from(Dossier).where(visible(officer, permission))
        assert scene.session.scalar(query) == 0, permission
    dossier = scene.dossier()
    assert readable(scene, scene.officer, dossier) == set()
    shown = filed.content(scene.session, dossier, as_filed=True)
    assert (shown.answers, shown.pieces) == ({}, {})
    piece = dossiers.attachments(scene.session, dossier.id)[0]
    assert filed.piece(scene.session, dossier, piece.id, as_filed=True) is None


def test_an_assignment_without_a_declaration_opens_nothing(scene_at: SceneAt) -> None:
    scene = scene_at("assigned")
    assignment, player = scene.assignments(scene.dossier())[0]
    assert sees(scene, player.account) == set()
    assert readable(scene, player.account, scene.dossier()) == set()
    (task, *_) = desk.tasks(scene.session, scene.actor(player.account, NOW))
    assert (task.status, task.reference) == ("declare", None)
    evaluation.declare(
        scene.session, assignment, free=True, reason="", actor=scene.actor(player.account, NOW), now=scenes.DECLARED
    )
    scene.commit()
    assert sees(scene, player.account) == {DESIGNATED}
    assert "DOSSIER" in readable(scene, player.account, scene.dossier())


def test_evaluators_do_not_see_each_others_scores(scene_at: SceneAt) -> None:
    scene = scene_at("closed")
    assignment, player = scene.assignments(scene.dossier())[0]
    actor = scene.actor(player.account, NOW)
    query = sa.select(sa.func.count()).select_from(Dossier).where(visible(actor, Permission.SEE_RESULTS))
    assert scene.session.scalar(query) == 0
    lines = board.lines(scene.session, actor, board.Filters())
    assert {(line.mean, line.sheets) for line in lines} == {(None, None)}
    mine = [
        d for d in scene.documents(scene.dossier())
        if d.kind == "EVALUATION_SHEET" and document_query.readable(scene.session, actor, d.id)
    ]  # fmt: skip
    assert assignment.evaluation is not None
    assert [d.evaluation_id for d in mine] == [assignment.evaluation.id]


# --- conflicts, role by role ---


def test_a_declared_conflict_hides_the_file_from_an_evaluator(scene_at: SceneAt) -> None:
    scene = scene_at("declared")
    assignment, player = scene.assignments(scene.dossier())[0]
    other = known(scene, player.account) - {DESIGNATED}
    evaluation.declare(
        scene.session, assignment, free=False, reason="A cousin.", actor=scene.actor(player.account, NOW), now=NOW
    )
    scene.commit()
    assert sees(scene, player.account) == other
    assert readable(scene, player.account, scene.dossier()) == set()
    assert DESIGNATED not in {t.city for t in desk.tasks(scene.session, scene.actor(player.account, NOW))}


def test_it_hides_it_from_a_member_of_the_steering_group(scene_at: SceneAt) -> None:
    scene = scene_at("sitting")
    chair = scene.chair()
    assert sees(scene, chair.account) == set(CITIES)
    bar(scene, seat=chair.seat.id)
    assert sees(scene, chair.account) == {DECLINED}
    assert readable(scene, chair.account, scene.dossier()) == set()


@pytest.mark.parametrize("stage", ["drafts", "submitted", "closed", "awaiting", "published"])
def test_it_hides_it_from_the_secretariat(stage: str, scene_at: SceneAt) -> None:
    scene = scene_at(stage)
    bar(scene, account=scene.officer.id)
    assert sees(scene, scene.officer) == {DECLINED}
    assert sees(scene, scene.second_officer) == set(CITIES)
    assert readable(scene, scene.officer, scene.dossier()) == set()


def test_it_hides_it_in_every_role_that_a_person_has(scene_at: SceneAt) -> None:
    """An officer who also acts for a member city and for a seat of the Steering Group: one conflict, no way left."""
    scene = scene_at("awaiting")
    officer = scene.officer
    extra = accounts.create_seat(scene.session, kind=SeatKind.HOST, name="Host of 2016")
    accounts.give_seat(scene.session, extra, officer, now=scenes.OPENED)
    judge = next(p for _, p in scene.assignments(scene.dossier()))
    accounts.give_seat(scene.session, judge.seat, officer, now=scenes.OPENED)
    accounts.grant_role(scene.session, officer, Role.DIRECTION, now=scenes.OPENED)
    assert sees(scene, officer) == set(CITIES)
    conflict = bar(scene, seat=extra.id)
    assert sees(scene, officer) == {DECLINED}
    assert dossiers.roles(scene.session, scene.actor(officer, NOW), scene.dossier()) == frozenset()
    conflict.dismissed_at, conflict.dismissed_by = NOW, scene.second_officer.id
    scene.commit()
    assert sees(scene, officer) == set(CITIES)


def test_a_conflict_leaves_a_person_their_own_citys_file(scene_at: SceneAt) -> None:
    scene = scene_at("closed")
    lead = scene.lead()
    accounts.grant_role(scene.session, lead, Role.SECRETARIAT, now=scenes.OPENED)
    assert sees(scene, lead) == set(CITIES)
    assert readable(scene, lead, scene.dossier()) > {"EVALUATION_SHEET"}
    bar(scene, account=lead.id)
    assert sees(scene, lead) == set(CITIES)  # the other one by the office still
    assert readable(scene, lead, scene.dossier()) == {"DOSSIER", "RECEIPT"}
    assert dossiers.roles(scene.session, scene.actor(lead, NOW), scene.dossier()) == {Role.LEAD}


def test_by_rule_the_seats_of_the_country_never_see_it(scene_at: SceneAt) -> None:
    scene = scene_at("published")
    barred = conflicts.seats_barred(scene.session, scene.dossier().id)
    names = {p.seat.name for p in scene.players() if p.seat.id in barred}
    assert names == {"Norwich", "Edinburgh"}
    for name in names:
        assert DESIGNATED not in sees(scene, scene.player(name).account)


# --- scopes and time ---


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"country": "GB"}, {DESIGNATED}), ({"city": DECLINED}, {DECLINED}), ({"field": "literature"}, set(CITIES)),
        ({"field": "music"}, set()), ({"country": "GB", "city": DECLINED}, set()),
    ],
)  # fmt: skip
def test_a_role_reaches_as_far_as_its_scope(scope: dict[str, str], expected: set[str], scene_at: SceneAt) -> None:
    from rvc_portal.domain.actor import Scope

    scene = scene_at("submitted")
    person = accounts.create_account(scene.session, email="part@x.example", name="Part", now=scenes.OPENED)
    accounts.grant_role(scene.session, person, Role.SECRETARIAT, now=scenes.OPENED, scope=Scope(**scope))
    assert sees(scene, person) == expected


def test_who_left_the_team_sees_nothing_any_more(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    editor = scene.member(Role.EDITOR)
    assert sees(scene, editor) == {DESIGNATED}
    for membership in dossiers.members(scene.session, scene.dossier().id):
        if membership.account_id == editor.id:
            membership.ended_at = scenes.CHECKED
    scene.commit()
    assert sees(scene, editor) == set()
    assert readable(scene, editor, scene.dossier()) == set()


def test_a_mean_that_may_not_be_seen_does_not_show_in_the_order(scene_at: SceneAt) -> None:
    """An evaluator of both files: the board puts them by reference, whatever their means."""
    scene = scene_at("closed")
    account = scene.player("Dublin").account
    for better, worse in (CITIES, reversed(CITIES)):
        scene.dossier(better).mean_overall, scene.dossier(worse).mean_overall = 9.0, 2.0
        scene.commit()
        actor = scene.actor(account, NOW)
        filters = board.Filters(sort="mean")
        lines = board.lines(scene.session, actor, filters)
        assert [line.reference for line in lines] == sorted(d.reference for d in scene.both())
