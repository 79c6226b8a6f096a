"""From the slate to the publication: what is held shows nowhere, and one act makes it so, whole or not at all."""

from typing import Any

import pytest
import sqlalchemy as sa

from rvc_portal.domain.errors import NotFound, Refused
from rvc_portal.domain.policy import may_read_act
from rvc_portal.domain.vocabulary import DecisionOutcome, JobKind, Role
from rvc_portal.models.decision import Decision
from rvc_portal.models.document import Document
from rvc_portal.models.job import Job, Mail
from rvc_portal.queries import documents as query
from rvc_portal.queries import dossiers
from rvc_portal.services import decision, documents, rendering, transitions
from tests import scenes
from tests.scenes import CITIES, DECLINED, DESIGNATED, SOON, Scene, SceneAt
from tests.services.test_transitions import rows

LETTERS = {"DESIGNATION_LETTER", "CERTIFICATE", "DECISION_LETTER"}
OUTCOMES = {DESIGNATED: {"DESIGNATION_LETTER", "CERTIFICATE"}, DECLINED: {"DECISION_LETTER"}}


def decide(scene: Scene, outcome: DecisionOutcome, name: str = DESIGNATED, now=scenes.DECIDED) -> None:
    decision.decide(
        scene.session, scene.dossier(name), outcome=outcome, reasons={"en": "Because.", "fr": "Parce que."},
        actor=scene.actor(scene.direction, now), now=now,
    )  # fmt: skip
    scene.commit()


def publish(scene: Scene, now=scenes.PUBLISHED) -> None:
    decision.publish(scene.session, scene.call, actor=scene.actor(scene.officer, now), now=now)


def history_told(scene: Scene, account: Any, name: str) -> set[str]:
    dossier, actor = scene.dossier(name), scene.actor(account, scenes.PUBLISHED)
    to = query.reader(scene.session, actor, dossier, dossiers.roles(scene.session, actor, dossier))
    entries = dossiers.history(scene.session, dossier.id)
    return {e.transition for e, _ in entries if may_read_act(to, e.transition, e.actor_id)}


# --- held ---


def test_a_decision_leaves_the_file_where_it_was(scene_at: SceneAt) -> None:
    scene = scene_at("slate")
    version = scene.dossier().version
    decide(scene, DecisionOutcome.DESIGNATE)
    assert (scene.dossier().state, scene.dossier().version) == ("awaiting_decision", version)


def test_the_city_sees_nothing_of_what_is_held(scene_at: SceneAt) -> None:
    """Not by its documents, its history, its buttons, nor by a mail."""
    before, after = scene_at("slate"), scene_at("decided")
    for name in CITIES:
        team = [after.lead(name)] + (
            [after.member(Role.EDITOR), after.member(Role.READER)] if name == DESIGNATED else []
        )
        for account in team:
            seen = scenes.readable(after, account, after.dossier(name))
            assert seen == {"DOSSIER", "RECEIPT"}
            assert history_told(after, account, name) & {"decide", "advise", "refer", "reopen", "close_sheet"} == set()
            assert "submit" in history_told(after, account, name)
            for document in after.documents(after.dossier(name)):
                found = query.readable(after.session, after.actor(account, scenes.PUBLISHED), document.id)
                assert (found is None) == (document.kind not in seen)
        roles = frozenset({Role.LEAD})
        told = [
            [
                (o.transition.name, o.refusals)
                for o in transitions.offered(
                    s.session, s.dossier(name), roles, now=scenes.DECIDED + SOON, language="en"
                )
            ]
            for s in (before, after)
        ]
        assert told[0] == told[1]


def test_a_decision_queues_no_mail_and_only_renders(scene_at: SceneAt) -> None:
    scene = scene_at("slate")
    mails = scene.session.scalars(sa.select(Mail.id)).all()
    jobs = set(scene.session.scalars(sa.select(Job.id)))
    decide(scene, DecisionOutcome.DESIGNATE)
    assert scene.session.scalars(sa.select(Mail.id)).all() == mails
    new = [j for j in scene.session.scalars(sa.select(Job)) if j.id not in jobs]
    assert {j.kind for j in new} == {JobKind.RENDER}
    assert len(new) == len(OUTCOMES[DESIGNATED])


def test_who_knows_a_decision_before_its_day(scene_at: SceneAt) -> None:
    scene = scene_at("decided")
    dossier = scene.dossier()
    judge = scene.assignments(dossier)[0][1]
    knows = {
        "officer": scene.officer, "direction": scene.direction, "chair": scene.chair().account, "judge": judge.account,
        "lead": scene.lead(), "another lead": scene.lead(DECLINED),
    }  # fmt: skip
    found = {who: bool(scenes.readable(scene, a, dossier) & LETTERS) for who, a in knows.items()}
    assert {who for who, sees in found.items() if sees} == {"officer", "direction"}
    found = {who: "decide" in history_told(scene, a, DESIGNATED) for who, a in knows.items()}
    assert {who for who, sees in found.items() if sees} == {"officer", "direction"}


def test_deciding_anew_replaces_the_letters(scene_at: SceneAt) -> None:
    scene = scene_at("slate")
    decide(scene, DecisionOutcome.DESIGNATE)
    scene.pretend_rendered()
    old = {d.id for d in scene.documents(scene.dossier()) if d.held}
    decide(scene, DecisionOutcome.DECLINE, now=scenes.DECIDED + SOON)
    held = [d for d in scene.documents(scene.dossier()) if d.held]
    assert {d.id for d in held if d.superseded_at} == old
    assert {d.kind for d in held if not d.superseded_at} == OUTCOMES[DECLINED]
    standing = scene.session.scalars(sa.select(Decision).where(Decision.superseded_at.is_(None))).all()
    assert [d.outcome for d in standing] == ["decline"]
    decide(scene, DecisionOutcome.DECLINE, DECLINED)
    scene.pretend_rendered()
    publish(scene)
    assert scene.dossier().state == "declined"
    assert scenes.readable(scene, scene.lead(), scene.dossier()) & LETTERS == OUTCOMES[DECLINED]
    superseded = [d for d in scene.documents(scene.dossier()) if d.id in old]
    assert all(d.held and d.superseded_at for d in superseded), "letters of the first decision stay held for ever"


def test_deciding_the_same_anew_holds_the_newer_letter(scene_at: SceneAt) -> None:
    scene = scene_at("decided")
    scene.pretend_rendered()
    decide(scene, DecisionOutcome.DESIGNATE, now=scenes.DECIDED + SOON)
    with pytest.raises(Refused, match="not ready yet"):
        publish(scene)  # the letter that is ready is the one that was replaced
    scene.session.rollback()
    scene.pretend_rendered()
    newer = {d.id for d in scene.documents(scene.dossier()) if d.kind in LETTERS and not d.superseded_at}
    publish(scene)
    released = [d for d in scene.documents(scene.dossier()) if d.kind in LETTERS and not d.held]
    assert {d.id for d in released} == newer
    assert {d.issued_at for d in released} == {scenes.PUBLISHED}, "when it was drafted is nobody's to know"


def test_only_the_direction_decides(scene_at: SceneAt) -> None:
    scene = scene_at("slate")
    for account in (
        scene.officer,
        scene.chair().account,
        scene.lead(),
        scene.assignments(scene.dossier())[0][1].account,
    ):
        with pytest.raises((NotFound, Refused)):
            decision.decide(
                scene.session, scene.dossier(), outcome=DecisionOutcome.DESIGNATE, reasons={"en": "x", "fr": "x"},
                actor=scene.actor(account, scenes.DECIDED), now=scenes.DECIDED,
            )  # fmt: skip
    assert scene.session.scalars(sa.select(Decision)).all() == []


# --- publication ---


def test_publication_refuses_with_every_reason(scene_at: SceneAt) -> None:
    """One file undecided, the other's letters not stored: both are said, and nothing has changed."""
    scene = scene_at("slate")
    decide(scene, DecisionOutcome.DESIGNATE)
    before = rows(scene.session)
    with pytest.raises(Refused) as refused:
        publish(scene)
    said = {(r.message.split(" ")[0], r.params.get("kind"), r.params.get("city")) for r in refused.value.refusals}
    assert ("%(reference)s:", "DESIGNATION_LETTER", None) in said
    assert ("%(reference)s:", "CERTIFICATE", None) in said
    assert ("%(reference)s,", None, DECLINED) in said
    assert len(refused.value.refusals) == 3
    scene.commit()
    assert rows(scene.session) == before


def test_a_file_still_under_way_holds_the_publication_up(scene_at: SceneAt) -> None:
    scene = scene_at("sitting")
    with pytest.raises(Refused) as refused:
        publish(scene)
    assert {r.params["city"] for r in refused.value.refusals} == set(CITIES)


def test_publication_makes_everything_so(scene_at: SceneAt) -> None:
    scene = scene_at("decided")
    scene.pretend_rendered()
    publish(scene)
    scene.commit()
    assert {d.lead_city: d.state for d in scene.both()} == {DESIGNATED: "designated", DECLINED: "declined"}
    assert (scene.call.status, scene.call.published_at) == ("published", scenes.PUBLISHED)
    for name in CITIES:
        assert scenes.readable(scene, scene.lead(name), scene.dossier(name)) & LETTERS == OUTCOMES[name]
        assert "decide" not in history_told(scene, scene.lead(name), name)
    lists = [d for d in scene.documents() if d.kind == "DESIGNATION_LIST"]
    assert sorted(d.language for d in lists) == ["en", "fr"]
    mails = scene.session.scalars(sa.select(Mail).where(Mail.created_at == scenes.PUBLISHED)).all()
    assert {m.to_address for m in mails} == {
        scene.lead().email, scene.lead(DECLINED).email, scene.member(Role.EDITOR).email,
    }  # fmt: skip
    waiting = {j.subject_id for j in scene.session.scalars(sa.select(Job).where(Job.kind == JobKind.MAIL))}
    assert {m.id for m in mails} <= waiting
    assert scene.session.scalars(sa.select(Document).where(Document.held, Document.superseded_at.is_(None))).all() == []
    assert all(d.published_at == scenes.PUBLISHED for d in scene.session.scalars(sa.select(Decision)))


def test_the_list_names_those_designated_and_no_other(scene_at: SceneAt) -> None:
    scene = scene_at("published")
    for document in [d for d in scene.documents() if d.kind == "DESIGNATION_LIST"]:
        told = str(document.context)
        assert DESIGNATED in told
        assert DECLINED not in told
        assert "Anvers" not in told


def test_publishing_twice_is_refused(scene_at: SceneAt) -> None:
    scene = scene_at("published")
    before = rows(scene.session)
    with pytest.raises(Refused, match="was published on"):
        publish(scene, scenes.PUBLISHED + SOON)
    scene.commit()
    assert rows(scene.session) == before


@pytest.mark.parametrize("where", ["second file", "list", "last mail"])
def test_a_publication_that_breaks_off_has_not_begun(
    where: str, scene_at: SceneAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = scene_at("decided")
    scene.pretend_rendered()
    before = rows(scene.session)
    _break(where, monkeypatch)
    with pytest.raises(OSError, match="the power is gone"):
        publish(scene)
    changed = rows(scene.session) != before
    scene.session.rollback()
    assert changed, "it broke off before it had begun"
    assert rows(scene.session) == before
    monkeypatch.undo()
    publish(scene)
    scene.commit()
    assert scene.dossier().state == "designated"


def _break(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise OSError("the power is gone")

    if where == "list":
        monkeypatch.setattr(documents, "write", fails)
        return
    module, name = (transitions.notifications, "tell") if where == "last mail" else (decision, "fire")
    whole, calls = getattr(module, name), []

    def breaks_off_at_the_second(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        return fails() if len(calls) == 2 else whole(*args, **kwargs)

    monkeypatch.setattr(module, name, breaks_off_at_the_second)


def test_a_letter_that_was_prepared_is_the_one_released(scene_at: SceneAt) -> None:
    """Publication renders nothing anew: what the Direction could read is what the city gets."""
    scene = scene_at("decided")
    scene.pretend_rendered()
    held = {d.id: d.content_sha256 for d in scene.documents() if d.held}
    assert len(held) == 3
    publish(scene)
    released = {d.id: d.content_sha256 for d in scene.documents() if d.kind in LETTERS}
    assert released == held


def test_a_new_slate_replaces_the_old_one(scene_at: SceneAt) -> None:
    from rvc_portal.models.decision import Slate

    scene = scene_at("slate")
    decision.put_forward(scene.session, scene.call, actor=scene.actor(scene.officer), now=scenes.SLATED + SOON)
    scene.commit()
    slates = scene.session.scalars(sa.select(Slate).order_by(Slate.put_forward_at)).all()
    assert [s.superseded_at for s in slates] == [scenes.SLATED + SOON, None]
    assert [len(s.entries) for s in slates] == [2, 2]


def test_an_unrendered_letter_is_not_taken_for_stored(scene_at: SceneAt) -> None:
    scene = scene_at("decided")
    letter = next(d for d in scene.documents(scene.dossier()) if d.kind == "CERTIFICATE")
    assert rendering.frozen(scene.session, letter.id) is not None
    assert not letter.ready
    with pytest.raises(Refused, match="CERTIFICATE is not ready"):
        publish(scene)
