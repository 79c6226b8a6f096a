"""An evaluator's sheet: what it takes to close it, and what of it counts."""

import pytest
import sqlalchemy as sa

from rvc_portal.demonstration.story import Player
from rvc_portal.domain.errors import InvalidInput, Refused
from rvc_portal.domain.scoring import Given
from rvc_portal.domain.vocabulary import Doc
from rvc_portal.models.document import Document
from rvc_portal.models.evaluation import Assignment
from rvc_portal.queries import evaluation as query
from rvc_portal.queries import results as results_query
from rvc_portal.services import evaluation
from tests import scenes
from tests.scenes import Scene, SceneAt

REASON = "A sound plan with partners and money behind each project."
CANNOT = Given(None, "The file says nothing at all that would let me judge this.", cannot_judge=True)


def save(scene: Scene, assignment: Assignment, player: Player, *given: Given) -> None:
    keys = [c.key for c in scenes.told().rubric.criteria]
    actor = scene.story.actor(player.account, scenes.SCORED)
    evaluation.save_scores(
        scene.session, assignment, dict(zip(keys, given, strict=False)), actor=actor, now=scenes.SCORED
    )
    scene.commit()


def document(scene: Scene, kind: Doc) -> dict[str, object]:
    found = scene.session.scalars(
        sa.select(Document).where(Document.kind == kind, Document.superseded_at.is_(None)).order_by(Document.id.desc())
    ).first()
    assert found is not None
    return found.context


def test_a_criterion_that_cannot_be_judged_leaves_the_mean_to_the_others(scene_at: SceneAt) -> None:
    scene = scene_at("scored")
    assignment, player = scene.assignments(scene.dossier())[0]
    first, second, third, *rest = scenes.told().rubric.criteria
    save(scene, assignment, player, Given(9, REASON), CANNOT, Given(6, REASON), *[CANNOT] * len(rest))
    scene.story.close(assignment, player, scenes.CLOSED)
    assert assignment.evaluation is not None
    wanted = (9 * first.weight + 6 * third.weight) / (first.weight + third.weight)
    assert assignment.evaluation.mean == pytest.approx(wanted)
    (entry,) = [
        e for e in results_query.entries_of_field(scene.session, scene.call, "literature")
        if e.reference == scene.dossier().reference
    ]  # fmt: skip
    assert dict(entry.sheets[0].scores) == {first.key: 9, third.key: 6}
    found = query.results(scene.session, scene.dossier(), scenes.told().rubric)
    assert {c.criterion.key: c.mean for c in found.criteria}[second.key] is None
    context = document(scene, Doc.EVALUATION_SHEET)
    assert {c["key"]: c["score"] for c in context["criteria"]}[second.key] is None  # type: ignore[attr-defined]


def test_a_sheet_that_judges_nothing_is_not_closed(scene_at: SceneAt) -> None:
    scene = scene_at("scored")
    assignment, player = scene.assignments(scene.dossier())[0]
    save(scene, assignment, player, *[CANNOT] * len(scenes.told().rubric.criteria))
    with pytest.raises(Refused) as refused:
        scene.story.close(assignment, player, scenes.CLOSED)
    assert [r.message for r in refused.value.refusals] == [
        "The sheet judges nothing, so it has no mean. Score a criterion, or ask the Secretariat to take you off the file."
    ]


@pytest.mark.parametrize("reason", ["", " \n\t ", "Too short."])
def test_not_judging_wants_its_reason_as_well(scene_at: SceneAt, reason: str) -> None:
    scene = scene_at("scored")
    assignment, player = scene.assignments(scene.dossier())[0]
    save(scene, assignment, player, Given(None, reason, cannot_judge=True))
    with pytest.raises(Refused) as refused:
        scene.story.close(assignment, player, scenes.CLOSED)
    label = scenes.told().rubric.criteria[0].label.of(player.language)
    assert [r.params["criterion"] for r in refused.value.refusals] == [label]


def test_a_score_and_not_judging_at_once_is_refused(scene_at: SceneAt) -> None:
    scene = scene_at("scored")
    assignment, player = scene.assignments(scene.dossier())[0]
    with pytest.raises(InvalidInput):
        save(scene, assignment, player, Given(5, REASON, cannot_judge=True))
