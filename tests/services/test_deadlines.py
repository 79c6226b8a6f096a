"""Time for one city, what is saved when it is over, and who is told."""

import io
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from rvc_portal.domain.errors import InvalidInput, Overtaken, Refused
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.dossier import Attachment, Filing
from rvc_portal.models.job import Mail
from rvc_portal.queries import calls as call_query
from rvc_portal.queries import deadlines as query
from rvc_portal.queries import dossiers, filed
from rvc_portal.services import deadlines, journal, pieces, screening, sign_off, submission
from tests import scenes
from tests.scenes import DECLINED, DESIGNATED, SOON, Scene, SceneAt

INSTANT = timedelta(microseconds=1)
TWO_DAYS = timedelta(days=2)


def give(scene: Scene, until, now, who=None, **more: Any):
    actor = scene.actor(who or scene.officer, now)
    given = {"reason": "The line of the city was cut.", **more}
    return deadlines.give_time(scene.session, scene.dossier(), until=until, actor=actor, now=now, **given)


def save(scene: Scene, now, text: str = "New.", name: str = DESIGNATED):
    return submission.save_answers(
        scene.session, scene.dossier(name), {"reasons": text}, actor=scene.actor(scene.lead(name), now), now=now
    )


def submit(scene: Scene, now, name: str = DESIGNATED, **more: Any):
    return submission.submit(
        scene.session, scene.dossier(name), actor=scene.actor(scene.lead(name), now), now=now, **more
    )


def send_back(scene: Scene) -> None:
    screening.return_file(
        scene.session, scene.dossier(), questions=["reasons"], reason="Say more.",
        actor=scene.actor(scene.officer, scenes.CHECKED), now=scenes.CHECKED,
    )  # fmt: skip
    scene.commit()


def mails(scene: Scene, transition: str) -> list[Mail]:
    return [m for m in scene.session.scalars(sa.select(Mail)).all() if m.context.get("transition") == transition]


def tolerate(scene: Scene, monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    """The call as it would be with a grace period in its file."""
    from dataclasses import replace

    told = replace(call_query.definition(scene.call), grace_minutes=minutes)
    monkeypatch.setitem(call_query._parsed, scene.call.definition_sha256, told)


# --- after the deadline nothing is saved, and nothing saved is lost ---


def test_nothing_is_saved_from_the_closing_instant_on(scene_at: SceneAt) -> None:
    scene = scene_at("written")
    closes, dossier = scene.call.closes_at, scene.dossier()
    assert save(scene, closes - INSTANT, "In time.") == ["reasons"]
    lead = scene.actor(scene.lead(), closes)
    files, piece = scene.story.instance.files, scenes.told().pieces[0]
    present = dossiers.attachments(scene.session, dossier.id)
    late = [
        lambda: save(scene, closes),
        lambda: pieces.remove(scene.session, dossier, present[0].id, actor=lead, now=closes),
        lambda: pieces.add(
            scene.session, files, dossier, piece.key, name="x.pdf", content=io.BytesIO(b"%PDF"), actor=lead, now=closes
        ),
        lambda: sign_off.ask(scene.session, dossier, name="M", email="m@x.example", actor=lead, now=closes),
    ]
    for act in late:
        with pytest.raises(Refused, match="The call closed on"):
            act()
    content = filed.content(scene.session, dossier, as_filed=False)
    assert content.answers["reasons"] == "In time."
    assert {a.id for found in content.pieces.values() for a in found} == {a.id for a in present}


def test_what_arrived_in_time_is_saved_however_long_it_waited(scene_at: SceneAt) -> None:
    scene = scene_at("written")
    closes = scene.call.closes_at
    lead = scene.actor(scene.lead(), closes)
    changed = submission.save_answers(
        scene.session, scene.dossier(), {"reasons": "On its way."}, actor=lead, now=closes + SOON,
        received_at=closes - INSTANT,
    )  # fmt: skip
    assert changed == ["reasons"]


def test_the_mayors_word_is_late_as_well(scene_at: SceneAt) -> None:
    scene = scene_at("written")
    closes = scene.call.closes_at
    code = sign_off.ask(
        scene.session, scene.dossier(), name="M", email="m@x.example", actor=scene.actor(scene.lead()),
        now=scenes.WRITTEN,
    )  # fmt: skip
    with pytest.raises(Refused, match="closed on"):
        sign_off.answer(scene.session, code, given=True, reason="", now=closes)
    assert sign_off.answer(scene.session, code, given=True, reason="", now=closes - INSTANT).given


def test_a_returned_file_is_written_within_its_own_period(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    send_back(scene)
    until = scene.dossier().correct_until_at
    assert save(scene, until - INSTANT) == ["reasons"]
    with pytest.raises(Refused, match="period for corrections ended"):
        save(scene, until, "Late.")


def test_a_lapsed_draft_is_still_read_by_its_city(scene_at: SceneAt) -> None:
    scene = scene_at("written")
    before = dict(dossiers.values(scene.session, scene.dossier().id))
    submission.lapse_due(scene.session, scene.call.closes_at + SOON)
    assert scene.dossier().state == "lapsed"
    assert filed.content(scene.session, scene.dossier(), as_filed=False).answers == before


# --- the call's grace ---


def test_grace_takes_what_comes_a_little_late_and_lets_nothing_lapse(
    scene_at: SceneAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = scene_at("signed")
    tolerate(scene, monkeypatch, 10)
    closes, end = scene.call.closes_at, scene.call.closes_at + timedelta(minutes=10)
    assert query.of_dossier(scene.dossier()).shown == closes
    assert submission.lapse_due(scene.session, end + submission.STILL_ON_ITS_WAY - INSTANT) == 0
    with pytest.raises(Refused, match="closed on"):
        submit(scene, end, DECLINED)
    submit(scene, end - INSTANT)
    assert scene.dossier().state == "submitted"
    assert submission.lapse_due(scene.session, end + submission.STILL_ON_ITS_WAY) == 1
    assert scene.dossier(DECLINED).state == "lapsed"


# --- an extension ---


def test_an_extension_moves_the_deadline_of_one_city_alone(scene_at: SceneAt) -> None:
    scene = scene_at("signed")
    closes = scene.call.closes_at
    until = closes + TWO_DAYS
    entry = give(scene, until, closes - SOON)
    scene.commit()
    assert (entry.transition, entry.actor_id, entry.reason) == (
        "extend", scene.officer.id, "The line of the city was cut.",
    )  # fmt: skip
    assert entry.payload["until"] == until.isoformat()
    assert journal.first_broken(scene.session, scene.dossier().id) is None
    assert scene.dossier().state == "draft"
    assert query.of_dossier(scene.dossier()).shown == until
    assert query.of_dossier(scene.dossier(DECLINED)).shown == closes
    assert submission.lapse_due(scene.session, closes + SOON) == 1
    assert {d.lead_city: d.state for d in scene.both()} == {DESIGNATED: "draft", DECLINED: "lapsed"}
    with pytest.raises(Refused, match="time given to this file ended"):
        submit(scene, until)
    submit(scene, until - INSTANT)
    assert scene.dossier().state == "submitted"


def test_the_writers_of_the_city_are_told_until_when_and_why(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    until = scene.call.closes_at + TWO_DAYS
    give(scene, until, scene.call.closes_at - SOON)
    found = mails(scene, "extend")
    assert {m.to_address for m in found} == {scene.lead().email, scene.member(Role.EDITOR).email}
    for mail in found:
        assert (mail.context["until"], mail.context["reason"]) == (until.isoformat(), "The line of the city was cut.")


def test_a_returned_file_gets_a_longer_period(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    send_back(scene)
    first = scene.dossier().correct_until_at
    give(scene, first + TWO_DAYS, first - SOON)
    assert scene.dossier().state == "returned"
    assert save(scene, first + SOON) == ["reasons"]
    assert submission.lapse_due(scene.session, first + SOON) == 0


def test_an_extension_only_lengthens(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    closes = scene.call.closes_at
    with pytest.raises(InvalidInput) as wrong:
        give(scene, closes, closes - SOON)
    assert list(wrong.value.problems) == ["until"]
    assert scene.dossier().extended_until_at is None


@pytest.mark.parametrize("reason", ["", "  "])
def test_no_time_without_a_reason(reason: str, scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    with pytest.raises(Refused, match="Give the reason"):
        give(scene, scene.call.closes_at + TWO_DAYS, scenes.WRITTEN, reason=reason)
    scene.session.expire_all()
    assert scene.dossier().extended_until_at is None
    assert mails(scene, "extend") == []


@pytest.mark.parametrize("stage", ["submitted", "in_evaluation", "published"])
def test_no_time_for_a_file_that_waits_for_none(stage: str, scene_at: SceneAt) -> None:
    scene = scene_at(stage)
    with pytest.raises(Refused):
        give(scene, scenes.PUBLISHED + TWO_DAYS, scenes.PUBLISHED)


@pytest.mark.parametrize("who", ["lead", "direction"])
def test_only_the_secretariat_gives_time(who: str, scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    with pytest.raises(Refused, match="role"):
        give(
            scene,
            scene.call.closes_at + TWO_DAYS,
            scenes.WRITTEN,
            {"lead": scene.lead(), "direction": scene.direction}[who],
        )


# --- a late admission ---


def test_a_late_admission_brings_a_draft_back_as_it_was(scene_at: SceneAt) -> None:
    scene = scene_at("signed")
    closes = scene.call.closes_at
    before = dict(dossiers.values(scene.session, scene.dossier().id))
    submission.lapse_due(scene.session, closes + SOON)
    scene.commit()
    until = closes + TWO_DAYS
    entry = give(scene, until, closes + 2 * SOON)
    assert (entry.transition, entry.payload["to"]) == ("admit_late", "draft")
    assert scene.dossier().state == "draft"
    assert dict(dossiers.values(scene.session, scene.dossier().id)) == before
    assert len(mails(scene, "admit_late")) == 2
    submit(scene, until - INSTANT)
    assert scene.dossier().state == "submitted"


def test_a_late_correction_comes_back_to_the_questions_named(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    send_back(scene)
    lapsed_at = scene.dossier().correct_until_at + SOON
    submission.lapse_due(scene.session, lapsed_at)
    scene.commit()
    until = lapsed_at + TWO_DAYS
    assert give(scene, until, lapsed_at + SOON).transition == "readmit"
    assert (scene.dossier().state, scene.dossier().questions_named) == ("returned", ["reasons"])
    assert save(scene, until - INSTANT) == ["reasons"]
    assert submission.lapse_due(scene.session, until + SOON) == 1


def test_a_late_admission_lapses_again_at_its_own_instant(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    closes = scene.call.closes_at
    submission.lapse_due(scene.session, closes + SOON)
    until = closes + TWO_DAYS
    give(scene, until, closes + SOON)
    assert submission.lapse_due(scene.session, until) == 0
    assert submission.lapse_due(scene.session, until + submission.STILL_ON_ITS_WAY) == 1


def test_two_secretaries_admit_late_once(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    closes = scene.call.closes_at
    submission.lapse_due(scene.session, closes + SOON)
    scene.commit()
    version = scene.dossier().version
    give(scene, closes + TWO_DAYS, closes + SOON, seen_version=version)
    with pytest.raises(Overtaken):
        give(scene, closes + 2 * TWO_DAYS, closes + SOON, scene.second_officer, seen_version=version)
    assert scene.dossier().extended_until_at == closes + TWO_DAYS


def test_nothing_else_than_the_time_changes(scene_at: SceneAt) -> None:
    scene = scene_at("signed")
    count = [sa.select(sa.func.count()).select_from(t) for t in (Filing, Attachment)]
    before = [scene.session.scalar(c) for c in count]
    give(scene, scene.call.closes_at + TWO_DAYS, scenes.WRITTEN)
    assert [scene.session.scalar(c) for c in count] == before
