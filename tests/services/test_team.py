"""The team of a file: joined by a code, limited to parts, and led by exactly one person whatever happens."""

import io
from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rvc_portal.domain.errors import InvalidInput, NotFound, PortalError, Refused
from rvc_portal.domain.saving import Sent
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.account import Account
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Answer, Invitation, Membership
from rvc_portal.models.job import Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import dossiers
from rvc_portal.queries import team as query
from rvc_portal.services import accounts, journal, mailing, pieces, submission, team
from tests import scenes
from tests.conftest import MakeApp
from tests.scenes import Scene, SceneAt
from tests.stories import Tale
from tests.web.browsing import START

NOW = scenes.WRITTEN
GUEST = "guest@city.example"


def invite(scene: Scene, email: str = GUEST, role: Role = Role.EDITOR, sections=(), now=NOW, by=None):
    return team.invite(
        scene.session, scene.dossier(), email=email, name="Guest", role=role, sections=sections, language="fr",
        actor=scene.actor(by or scene.lead(), now), now=now,
    )  # fmt: skip


def account(scene: Scene, email: str = GUEST) -> Account:
    return accounts.create_account(scene.session, email=email, name=f"Person {email}", now=NOW)


def join(scene: Scene, email: str = GUEST, **more) -> tuple[Account, Membership]:
    _made, code = invite(scene, email, **more)
    person = account(scene, email)
    return person, team.accept(scene.session, code, account=person, now=NOW)


def mails(scene: Scene, template: str) -> list[Mail]:
    return list(scene.session.scalars(sa.select(Mail).where(Mail.template == template).order_by(Mail.created_at)))


def acts(scene: Scene) -> list[str]:
    chain = sa.select(JournalEntry.transition).where(JournalEntry.chain == scene.dossier().id)
    return list(scene.session.scalars(chain.order_by(JournalEntry.id)))


def membership(scene: Scene, person: Account) -> Membership:
    found = query.membership_of(scene.session, scene.dossier().id, person.id)
    assert found is not None
    return found


def section_keys(scene: Scene) -> list[str]:
    return [s.key for s in scenes.told().form.sections]


def first_questions(scene: Scene) -> dict[str, str]:
    """The key of a text question of each section that has one."""
    return {
        s.key: next(q.key for q in s.questions if q.word_limit)
        for s in scenes.told().form.sections
        if any(q.word_limit for q in s.questions)
    }


def test_an_invitation_is_a_mail_with_a_code_and_joining_is_an_act(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    made, code = invite(scene, sections=[section_keys(scene)[1]])
    (mail,) = mails(scene, "team_invitation")
    assert (mail.to_address, mail.language) == (GUEST, "fr")
    assert mail.context["path"] == f"/invitations/{code}"
    assert code not in made.code_sha256
    person = account(scene)
    joined = team.accept(scene.session, code, account=person, now=NOW)
    assert (joined.role, joined.sections) == (Role.EDITOR, [section_keys(scene)[1]])
    assert (made.accepted_at, made.accepted_by) == (NOW, person.id)
    assert acts(scene)[-2:] == ["invite", "join_team"]
    assert journal.first_broken(scene.session, scene.dossier().id) is None
    assert dossiers.roles(scene.session, scene.actor(person, NOW), scene.dossier()) == {Role.EDITOR}
    assert mails(scene, "team")[-1].to_address == scene.lead().email


def test_the_journal_names_nobody(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    join(scene)
    for entry in scene.session.scalars(sa.select(JournalEntry).where(JournalEntry.chain == scene.dossier().id)):
        assert GUEST not in str(entry.payload) + entry.reason
        assert "Guest" not in str(entry.payload) + entry.reason


@pytest.mark.parametrize("who", [Role.EDITOR, Role.READER])
def test_only_the_lead_changes_the_team(scene_at: SceneAt, who: Role) -> None:
    scene = scene_at("drafts")
    member = scene.member(who)
    other = membership(scene, scene.member(Role.READER))
    waiting, _code = invite(scene)
    common = {"actor": scene.actor(member, NOW), "now": NOW}
    tries = [
        lambda: invite(scene, "another@city.example", by=member),
        lambda: team.invite_again(scene.session, scene.dossier(), waiting.id, **common),
        lambda: team.revoke(scene.session, scene.dossier(), waiting.id, **common),
        lambda: team.change(scene.session, scene.dossier(), other.id, role=Role.EDITOR, sections=(), **common),
        lambda: team.end(scene.session, scene.dossier(), other.id, **common),
        lambda: team.hand_over(scene.session, scene.dossier(), other.id, **common),
        lambda: team.appoint(scene.session, scene.dossier(), other.id, reason="Mine.", **common),
    ]
    for attempt in tries:
        with pytest.raises(Refused):
            attempt()


def test_who_has_no_part_in_the_file_finds_none(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    with pytest.raises(NotFound):
        invite(scene, by=account(scene, "stranger@city.example"))


@pytest.mark.parametrize(
    ("more", "field"),
    [({"email": "nowhere"}, "email"), ({"email": "a b@city.example"}, "email"), ({"role": Role.LEAD}, "role"),
     ({"sections": ["no-such"]}, "sections"), ({"email": "editor@nottingham.example"}, "email")],
)  # fmt: skip
def test_bad_invitations_say_what_is_wrong(scene_at: SceneAt, more, field) -> None:
    scene = scene_at("drafts")
    with pytest.raises(InvalidInput) as caught:
        invite(scene, **more)
    assert list(caught.value.problems) == [field]
    assert mails(scene, "team_invitation") == []


def test_nobody_is_invited_twice_at_once(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    invite(scene)
    with pytest.raises(InvalidInput):
        invite(scene, GUEST.upper())


def test_a_code_works_once(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    _made, code = invite(scene)
    team.accept(scene.session, code, account=account(scene), now=NOW)
    with pytest.raises(Refused, match="was accepted on"):
        team.accept(scene.session, code, account=account(scene, "second@city.example"), now=NOW)


def test_a_code_withdrawn_replaced_or_too_old_opens_nothing(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    person, lead = account(scene), scene.actor(scene.lead(), NOW)
    made, old = invite(scene)
    with pytest.raises(NotFound):
        team.accept(scene.session, old, account=person, now=NOW + team.VALID_FOR)
    later = NOW + team.VALID_FOR
    new = team.invite_again(scene.session, scene.dossier(), made.id, actor=lead, now=later)
    with pytest.raises(NotFound):
        team.accept(scene.session, old, account=person, now=later)
    assert team.open_invitation(scene.session, new, later + timedelta(days=13)) is made
    team.revoke(scene.session, scene.dossier(), made.id, actor=lead, now=later)
    with pytest.raises(NotFound):
        team.accept(scene.session, new, account=person, now=later)
    assert len(mails(scene, "team_invitation")) == 2


def test_a_member_does_not_join_again(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    _made, code = invite(scene)
    with pytest.raises(Refused, match="in the team of this file already"):
        team.accept(scene.session, code, account=scene.member(Role.READER), now=NOW)


def test_an_account_made_from_the_mail_has_its_address(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    _made, code = invite(scene, role=Role.READER, sections=[])
    with pytest.raises(InvalidInput):
        team.accept_as_new(scene.session, code, name=" ", password="four plain words", language="fr", now=NOW)
    person, joined = team.accept_as_new(
        scene.session, code, name="Ana Ruiz", password="four plain words", language="fr", now=NOW
    )
    assert (person.email, person.confirmed_at, joined.role) == (GUEST, NOW, Role.READER)


def test_an_editor_of_named_parts_changes_those_alone(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    mine, other = list(first_questions(scene).items())[:2]
    person, _joined = join(scene, sections=[mine[0]])
    actor = scene.actor(person, NOW)
    assert submission.save_answers(scene.session, scene.dossier(), {mine[1]: "Mine."}, actor=actor, now=NOW)
    with pytest.raises(Refused, match="other parts of this file") as caught:
        submission.save_answers(scene.session, scene.dossier(), {mine[1]: "x", other[1]: "y"}, actor=actor, now=NOW)
    assert caught.value.refusals[0].target == other[1]
    with pytest.raises(Refused, match="other parts of this file"):
        submission.save_answer(scene.session, scene.dossier(), other[1], Sent("y", 0), actor=actor, now=NOW)
    kept = scene.session.get(Answer, (scene.dossier().id, mine[1]))
    assert kept is not None
    assert kept.value == "Mine."
    files = scene.story.instance.files
    piece = {"name": "a.pdf", "content": io.BytesIO(scenes.letter(1)), "actor": actor, "now": NOW}
    with pytest.raises(Refused, match="other parts of this file"):
        pieces.add(scene.session, files, scene.dossier(), "mayor_letter", **piece)
    team.change(
        scene.session, scene.dossier(), membership(scene, person).id, role=Role.EDITOR, sections=["pieces"],
        actor=scene.actor(scene.lead(), NOW), now=NOW,
    )  # fmt: skip
    pieces.add(scene.session, files, scene.dossier(), "mayor_letter", **piece)
    with pytest.raises(Refused, match="other parts of this file"):
        submission.save_answers(scene.session, scene.dossier(), {mine[1]: "x"}, actor=actor, now=NOW)


def test_who_has_left_sees_nothing_and_may_be_invited_again(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    person, joined = join(scene)
    team.end(scene.session, scene.dossier(), joined.id, actor=scene.actor(scene.lead(), NOW), now=NOW)
    assert dossiers.find(scene.session, scene.actor(person, NOW), scene.dossier().id) is None
    with pytest.raises(NotFound):
        submission.save_answers(scene.session, scene.dossier(), {"reasons": "x"}, actor=scene.actor(person), now=NOW)
    _made, code = invite(scene)
    again = team.accept(scene.session, code, account=person, now=NOW)
    assert again.id != joined.id
    assert [m.ended_at for m in query.everybody(scene.session, scene.dossier().id) if m.account_id == person.id] == [
        None,
        NOW,
    ]


def test_the_lead_hands_over_and_stays_as_editor(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    before, heir = scene.lead(), scene.member(Role.READER)
    team.hand_over(scene.session, scene.dossier(), membership(scene, heir).id, actor=scene.actor(before, NOW), now=NOW)
    assert query.lead(scene.session, scene.dossier().id).account_id == heir.id
    assert membership(scene, before).role == Role.EDITOR
    assert {m.to_address for m in mails(scene, "team")} == {before.email, heir.email}
    assert acts(scene)[-1] == "hand_over"
    with pytest.raises(Refused):
        submission.submit(scene.session, scene.dossier(), actor=scene.actor(before), now=scenes.FILED)


def test_a_lead_leaves_by_naming_who_leads_next(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    before, heir = scene.lead(), scene.member(Role.EDITOR)
    common = {"actor": scene.actor(before, NOW), "now": NOW}
    with pytest.raises(Refused, match="Name who leads"):
        team.leave(scene.session, scene.dossier(), **common)
    mine = membership(scene, before).id
    with pytest.raises(Refused):
        team.leave(scene.session, scene.dossier(), successor_id=mine, **common)
    with pytest.raises(NotFound):
        team.leave(scene.session, scene.dossier(), successor_id=uuid4(), **common)
    team.leave(scene.session, scene.dossier(), successor_id=membership(scene, heir).id, **common)
    assert query.lead(scene.session, scene.dossier().id).account_id == heir.id
    assert query.membership_of(scene.session, scene.dossier().id, before.id) is None


def test_the_secretariat_names_a_lead_only_where_there_is_none(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    heir = membership(scene, scene.member(Role.EDITOR))
    common = {"actor": scene.actor(scene.officer, NOW), "now": NOW}
    with pytest.raises(Refused, match="The lead is there"):
        team.appoint(scene.session, scene.dossier(), heir.id, reason="Gone.", **common)
    before = scene.lead()
    before.active = False
    with pytest.raises(InvalidInput):
        team.appoint(scene.session, scene.dossier(), heir.id, reason=" ", **common)
    team.appoint(scene.session, scene.dossier(), heir.id, reason="The lead has left the city.", **common)
    assert query.lead(scene.session, scene.dossier().id).id == heir.id
    entry = dossiers.history(scene.session, scene.dossier().id)[-1][0]
    assert (entry.transition, entry.reason) == ("appoint_lead", "The lead has left the city.")


def test_the_database_knows_no_second_lead(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    membership(scene, scene.member(Role.EDITOR)).role = Role.LEAD
    with pytest.raises(sa.exc.IntegrityError):
        scene.session.flush()


PEOPLE = ("lead", "editor", "reader", "officer")
STEPS = st.tuples(
    st.sampled_from(["invite", "change", "end", "leave", "hand_over", "appoint", "close"]),
    st.sampled_from(PEOPLE),
    st.sampled_from(PEOPLE),
    st.sampled_from([Role.EDITOR, Role.READER, Role.LEAD]),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=8))
def test_a_file_has_one_lead_whatever_is_tried(scene_at: SceneAt, steps) -> None:
    scene = scene_at("drafts")
    session, dossier = scene.session, scene.dossier()
    people = {
        "lead": scene.lead(), "editor": scene.member(Role.EDITOR), "reader": scene.member(Role.READER),
        "officer": scene.officer,
    }  # fmt: skip
    try:
        for act, who, whom, role in steps:
            common = {"actor": scene.actor(people[who], NOW), "now": NOW}
            found = query.membership_of(session, dossier.id, people[whom].id)
            target = found.id if found else uuid4()
            with session.begin_nested() as attempt:
                try:
                    if act == "invite":
                        _made, code = invite(scene, people[whom].email, role, by=people[who])
                        team.accept(session, code, account=people[whom], now=NOW)
                    elif act == "change":
                        team.change(session, dossier, target, role=role, sections=(), **common)
                    elif act == "leave":
                        team.leave(session, dossier, successor_id=target, **common)
                    elif act == "appoint":
                        team.appoint(session, dossier, target, reason="So.", **common)
                    elif act == "close":
                        people[whom].active = False
                    else:
                        {"end": team.end, "hand_over": team.hand_over}[act](session, dossier, target, **common)
                except PortalError:
                    attempt.rollback()
            leads = [m for m in dossiers.members(session, dossier.id) if m.role == Role.LEAD]
            assert len(leads) == 1, act
    finally:
        session.rollback()


def test_two_who_press_the_button_at_once_are_one_member(either_database, make_app: MakeApp) -> None:
    app = make_app(either_database)
    with app.app_context():
        tale = Tale(app, START)
        dossier = tale.dossier(tale.draft())
        tale.story.session.refresh(dossier)
        _made, code = team.invite(
            tale.story.session, dossier, email=GUEST, name="", role=Role.READER, sections=(), language="en",
            actor=tale.story.actor(tale.lead(), START), now=START,
        )  # fmt: skip
        racers = [tale.lead(f"racer-{n}@city.example", f"Racer {n}").id for n in range(2)]
        tale.story.commit()
    barrier, said = Barrier(2), []

    def press(account_id) -> None:
        with app.app_context():
            barrier.wait()
            try:
                team.accept(db.session(), code, account=db.session.get_one(Account, account_id), now=START)
                db.session.commit()
                said.append("joined")
            except Refused:
                db.session.rollback()
                said.append("refused")

    threads = [Thread(target=press, args=(racer,)) for racer in racers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["joined", "refused"]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Membership.id))) == 2
        assert db.session.scalar(sa.select(Invitation.accepted_by)) in racers


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_mail_of_the_team_is_worded_in_both_languages(scene_at: SceneAt, language: str) -> None:
    scene = scene_at("drafts")
    session, dossier, lead = scene.session, scene.dossier(), scene.actor(scene.lead(), NOW)
    _made, _code = invite(scene, "reader-to-be@city.example", Role.READER)
    person, joined = join(scene)
    team.change(session, dossier, joined.id, role=Role.READER, sections=(), actor=lead, now=NOW)
    team.end(session, dossier, joined.id, actor=lead, now=NOW)
    team.leave(session, dossier, actor=scene.actor(scene.member(Role.READER), NOW), now=NOW)
    team.hand_over(session, dossier, membership(scene, scene.member(Role.EDITOR)).id, actor=lead, now=NOW)
    scene.member(Role.EDITOR).active = False
    team.appoint(
        session, dossier, membership(scene, scene.lead()).id, reason="Gone.", actor=scene.actor(scene.officer, NOW),
        now=NOW,
    )  # fmt: skip
    found = mails(scene, "team") + mails(scene, "team_invitation")
    assert {m.context["act"] for m in mails(scene, "team")} == {
        "joined", "changed", "ended", "left", "leads", "handed_over", "appointed",
    }  # fmt: skip
    for mail in found:
        mail.language = language
        message = mailing.message(mail, "https://portal.example")
        assert message.subject.startswith(scene.dossier().lead_city)
        assert f"https://portal.example{mail.context['path']}" in message.body
        assert str(scene.dossier().reference) in message.body
    assert person.email == GUEST
