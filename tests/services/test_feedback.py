"""Feedback to a city: who writes it and when, what is sealed with the opinion, what reaches the letters and publication."""

import pytest
import sqlalchemy as sa

from rvc_portal.demonstration import verdicts
from rvc_portal.demonstration.cities import city
from rvc_portal.domain.deliberation import MotionKind
from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refused
from rvc_portal.domain.feedback import TEXTS, FeedbackRules
from rvc_portal.domain.vocabulary import DecisionOutcome
from rvc_portal.models.account import Account
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.document import Document
from rvc_portal.models.feedback import Feedback
from rvc_portal.queries import feedback as query
from rvc_portal.services import decision, feedback
from tests import scenes
from tests.scenes import DECLINED, DESIGNATED, SOON, Scene, SceneAt

GOOD = {"strengths_en": "A living scene.", "strengths_fr": "Une scène vivante."}
THIN = {"weaknesses_en": "A thin budget.", "weaknesses_fr": "Un budget mince."}


def write(
    scene: Scene, texts, account: Account | None = None, name=DECLINED, seen=None, sure=False, now=scenes.SAT
) -> int:
    made = feedback.save(
        scene.session, scene.dossier(name), {key: dict.fromkeys(TEXTS, "") | given for key, given in texts.items()},
        seen=seen or {}, sure=sure, actor=scene.actor(account or scene.chair().account, now), now=now,
    )  # fmt: skip
    scene.commit()
    return made


def whole(scene: Scene, name: str) -> None:
    found = verdicts.feedback_for(scenes.told(), city(name), scene.story.chance("test", name))
    write(scene, found, name=name)


def advise(scene: Scene, name: str) -> None:
    scene.story.advise(scene.dossier(name), scene.chair(), name == DESIGNATED, scenes.ADVISED)


def decide(scene: Scene, name: str, now=scenes.DECIDED) -> None:
    scene.story.decide(scene.dossier(name), scene.direction, name == DESIGNATED, now)


def standing(scene: Scene, name: str, kind: str) -> Document:
    return next(d for d in scene.documents(scene.dossier(name)) if d.kind == kind and d.superseded_at is None)


# --- who and when ---


def test_the_group_and_the_secretariat_write_and_nobody_else(scene_at: SceneAt) -> None:
    scene = scene_at("sitting")
    assert write(scene, {"assets": GOOD}) == 1
    assert write(scene, {"local_plan": THIN}, scene.officer) == 1
    judge = scene.assignments(scene.dossier(DECLINED))[0][1].account
    for account in (scene.lead(DECLINED), judge, scene.direction, scene.lead()):
        with pytest.raises((Refused, NotFound)):
            write(scene, {"cooperation": GOOD}, account)
    assert {row.criterion for row in scene.session.scalars(sa.select(Feedback))} == {"assets", "local_plan"}


def test_who_is_recused_neither_writes_nor_learns_of_it(scene_at: SceneAt) -> None:
    scene = scene_at("sitting")
    scene.session.add(
        Conflict(dossier_id=scene.dossier(DECLINED).id, seat_id=scene.chair().seat.id, rule="declared", reason="Kin",
                 since_at=scenes.SAT)
    )  # fmt: skip
    scene.commit()
    with pytest.raises(NotFound):
        write(scene, {"assets": GOOD})


@pytest.mark.parametrize("stage", ["closed", "published"])
def test_outside_review_and_decision_nothing_is_written(stage: str, scene_at: SceneAt) -> None:
    scene = scene_at(stage)
    for account in (scene.officer, scene.chair().account):
        with pytest.raises((Refused, NotFound)):
            write(scene, {"assets": GOOD}, account)


def test_two_at_once_are_told_of_each_other(scene_at: SceneAt) -> None:
    scene = scene_at("sitting")
    write(scene, {"assets": GOOD})
    with pytest.raises(Overtaken, match="meanwhile"):
        write(scene, {"assets": THIN, "local_plan": THIN}, scene.officer, seen={"assets": 0})
    scene.session.rollback()
    assert query.lines(scene.session, scene.dossier(DECLINED))[1].revision == 0, "all of it, or nothing"
    assert write(scene, {"assets": GOOD, "local_plan": THIN}, scene.officer) == 1, "the same text is no change"
    assert write(scene, {"assets": THIN}, scene.officer, seen={"assets": 1}) == 1


# --- words ---


def test_no_evaluators_name_is_kept(scene_at: SceneAt) -> None:
    scene = scene_at("sitting")
    expert = next(p for _, p in scene.assignments(scene.dossier(DECLINED)) if p.seat.kind == "expert")
    with pytest.raises(InvalidInput) as wrong:
        write(scene, {"assets": GOOD | {"strengths_fr": f"Comme l’écrit {expert.seat.name}."}}, sure=True)
    assert set(wrong.value.problems) == {"assets-strengths_fr"}


def test_an_evaluators_city_is_kept_once_somebody_has_looked(scene_at: SceneAt) -> None:
    scene = scene_at("sitting")
    member = next(p for _, p in scene.assignments(scene.dossier(DECLINED)) if p.seat.kind == "member")
    texts = {"cooperation": {"strengths_en": f"A tie with {member.seat.city}.", "strengths_fr": "Un lien."}}
    with pytest.raises(InvalidInput) as wrong:
        write(scene, texts)
    assert set(wrong.value.problems) == {"cooperation-strengths_en", "sure"}
    scene.session.rollback()
    assert write(scene, texts, sure=True) == 1


def test_a_draft_begins_from_the_reasons_without_names_and_keeps_nothing(scene_at: SceneAt) -> None:
    scene = scene_at("sitting")
    dossier = scene.dossier(DECLINED)
    typed = {"assets": dict(GOOD), "local_plan": dict.fromkeys(TEXTS, "")}
    found = feedback.drafted(scene.session, dossier, typed)
    assert found["assets"] == GOOD, "what was typed stands"
    said = [line for text in found["local_plan"].values() for line in text.splitlines()]
    reasons = [" ".join(reason.split()) for _, reason in query.reasons(scene.session, dossier)["local_plan"]]
    assert said
    assert [line for line in said if not any(line in reason for reason in reasons)] == []
    who = query.evaluators(scene.session, dossier)
    assert who.names
    assert who.cities
    assert not [n for n in (*who.names, *who.cities) if any(n in line for line in said)]
    assert scene.session.scalars(sa.select(Feedback)).all() == []


# --- sealing ---


def test_what_is_whole_is_sealed_with_the_opinion_and_stands_in_it(scene_at: SceneAt) -> None:
    scene = scene_at("sitting")
    write(scene, {"assets": GOOD, "local_plan": {"weaknesses_en": "Only in English."}})
    advise(scene, DECLINED)
    told = standing(scene, DECLINED, "STEERING_OPINION").context["feedback"]
    assert [(it["label"]["en"], it["strengths"], it["weaknesses"]) for it in told] == [
        ("Assets in the field", {"en": "A living scene.", "fr": "Une scène vivante."}, None)
    ]
    with pytest.raises(Refused, match="sealed with the opinion"):
        write(scene, {"assets": THIN}, seen={"assets": 1}, now=scenes.ADVISED + SOON)


def test_a_deferred_opinion_seals_nothing(scene_at: SceneAt) -> None:
    scene = scene_at("sitting")
    write(scene, {"assets": GOOD})
    scene.story.advise(scene.dossier(DECLINED), scene.chair(), True, scenes.ADVISED, MotionKind.DEFER)
    assert query.sealed(scene.session, scene.dossier(DECLINED)) == []
    write(scene, {"local_plan": THIN}, now=scenes.ADVISED + SOON)
    assert query.sealed(scene.session, scene.dossier(DECLINED)) == [], "the opinion is still to come"
    assert not [d for d in scene.documents(scene.dossier(DECLINED)) if d.kind == "STEERING_OPINION"]


def test_what_lacked_is_added_to_opinion_and_held_letter_until_publication(scene_at: SceneAt) -> None:
    scene = scene_at("decided")
    scene.pretend_rendered()
    held, given = standing(scene, DECLINED, "DECISION_LETTER"), standing(scene, DECLINED, "STEERING_OPINION")
    assert held.context["feedback"] == []
    write(scene, {"feasibility": {"weaknesses_en": "Only in English."}}, now=scenes.DECIDED + SOON)
    assert standing(scene, DECLINED, "DECISION_LETTER").id == held.id, "half a criterion is not told"
    write(scene, {"feasibility": THIN}, seen={"feasibility": 1}, now=scenes.DECIDED + 2 * SOON)
    letter, opinion = standing(scene, DECLINED, "DECISION_LETTER"), standing(scene, DECLINED, "STEERING_OPINION")
    assert letter.held
    assert (letter.context["feedback"][0]["weaknesses"], opinion.context["feedback"][0]["weaknesses"]) == (
        {"en": None, "fr": "Un budget mince."}, {"en": "A thin budget.", "fr": "Un budget mince."},
    )  # fmt: skip
    assert opinion.context["held_on"] == given.context["held_on"]
    assert (given.context["document"]["transition"], opinion.context["document"]["transition"]) == (
        "advise",
        "feedback",
    )
    assert opinion.context["document"]["journal"]["number"] > given.context["document"]["journal"]["number"]
    with pytest.raises(Refused, match="DECISION_LETTER is not ready"):
        publish(scene)


def publish(scene: Scene) -> None:
    decision.publish(scene.session, scene.call, actor=scene.actor(scene.officer), now=scenes.PUBLISHED)


@pytest.mark.parametrize("required", [False, True])
def test_missing_feedback_stops_publication_only_where_the_call_says_so(required: bool, scene_at: SceneAt) -> None:
    scene = scene_at("decided")
    whole(scene, DESIGNATED)
    scene.redefine(feedback=FeedbackRules(required=required))
    scene.pretend_rendered()
    if not required:
        publish(scene)
        return
    with pytest.raises(Refused) as refused:
        publish(scene)
    assert {r.params["reference"] for r in refused.value.refusals} == {scene.dossier(DECLINED).reference}
    assert len(refused.value.refusals) == len(scenes.told().rubric.criteria)
    scene.session.rollback()
    whole(scene, DECLINED)
    scene.redefine(feedback=FeedbackRules(required=True))
    scene.pretend_rendered()
    publish(scene)


def test_both_letters_tell_it_in_the_same_way(scene_at: SceneAt) -> None:
    scene = scene_at("sitting")
    for name in (DESIGNATED, DECLINED):
        write(scene, {"assets": GOOD, "local_plan": THIN}, name=name)
        advise(scene, name)
    scene.story.put_forward(scene.call, scene.officer, scenes.SLATED)
    for name in (DESIGNATED, DECLINED):
        decide(scene, name)
    told = [
        standing(scene, name, kind)
        for name, kind in ((DESIGNATED, "DESIGNATION_LETTER"), (DECLINED, "DECISION_LETTER"))
    ]
    said = [
        [(it["label"]["en"], *(part and part[letter.language] for part in (it["strengths"], it["weaknesses"])))
         for it in letter.context["feedback"]]
        for letter in told
    ]  # fmt: skip
    languages = [letter.language for letter in told]
    assert said == [
        [("Assets in the field", GOOD[f"strengths_{x}"], None), ("Local plan", None, THIN[f"weaknesses_{x}"])]
        for x in languages
    ]


def test_the_city_reads_it_only_once_it_is_published(scene_at: SceneAt) -> None:
    scene = scene_at("decided")
    whole(scene, DECLINED)
    assert query.told(scene.session, scene.dossier(DECLINED)) == []
    scene.pretend_rendered()
    publish(scene)
    assert [line.criterion.key for line in query.told(scene.session, scene.dossier(DECLINED))] == [
        c.key for c in scenes.told().rubric.criteria
    ]


def test_the_decision_stands_where_it_was_taken_anew(scene_at: SceneAt) -> None:
    """Letters of an outcome that was given up are not brought back by new feedback."""
    scene = scene_at("decided")
    decision.decide(
        scene.session, scene.dossier(DECLINED), outcome=DecisionOutcome.DESIGNATE, reasons={"en": "x", "fr": "y"},
        actor=scene.actor(scene.direction, scenes.DECIDED + SOON), now=scenes.DECIDED + SOON,
    )  # fmt: skip
    whole(scene, DECLINED)
    kinds = {d.kind for d in scene.documents(scene.dossier(DECLINED)) if d.held and d.superseded_at is None}
    assert kinds == {"DESIGNATION_LETTER", "CERTIFICATE"}
