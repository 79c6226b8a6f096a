"""Publication at a set time: planned, cancelled, done once by the worker, told where it cannot be done."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from rvc_portal import jobs
from rvc_portal.domain.errors import InvalidInput, NotFound, Refused
from rvc_portal.domain.vocabulary import DecisionOutcome, JobKind, JobStatus
from rvc_portal.models.account import RoleGrant
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.decision import PlannedPublication
from rvc_portal.models.document import Document
from rvc_portal.models.job import Job, Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.services import decision, mailing, publication, submission
from tests import scenes
from tests.scenes import DECLINED, DESIGNATED, SOON, Scene, SceneAt

LETTERS = {"DESIGNATION_LETTER", "DECISION_LETTER", "CERTIFICATE"}
PLANNED, DUE = scenes.DECIDED + SOON, scenes.PUBLISHED


def plan(scene: Scene, due_at: datetime = DUE, now: datetime = PLANNED) -> PlannedPublication:
    made = publication.plan(scene.session, scene.call, due_at=due_at, actor=scene.actor(scene.officer, now), now=now)
    scene.commit()
    return made


@pytest.fixture
def ready(scene_at: SceneAt) -> Scene:
    """Everything decided, every letter stored, nothing else to do."""
    scene = scene_at("decided")
    scene.pretend_rendered()
    scene.session.execute(sa.update(Job).values(status=JobStatus.DONE))
    scene.commit()
    return scene


def work(scene: Scene, at: datetime) -> int:
    """What the worker does at this instant, its mails and PDFs left aside."""
    scene.app.config["CLOCK"] = lambda: at
    scene.session.execute(
        sa.update(Job).where(Job.kind != JobKind.PUBLISH, Job.status == JobStatus.QUEUED).values(status=JobStatus.DONE)
    )
    scene.commit()
    done = 0
    while jobs.do_next(scene.app):
        done += 1
        scene.session.execute(sa.update(Job).where(Job.kind != JobKind.PUBLISH).values(status=JobStatus.DONE))
        scene.commit()
    scene.session.expire_all()
    return done


def states(scene: Scene) -> dict[str, str]:
    return {d.lead_city: d.state for d in scene.both()}


def test_it_is_done_at_its_time_and_not_before(ready: Scene) -> None:
    plan(ready)
    assert work(ready, DUE - timedelta(seconds=1)) == 0
    assert ready.call.status == "open"
    assert work(ready, DUE) == 1
    assert (ready.call.status, ready.call.published_at) == ("published", DUE)
    assert states(ready) == {DESIGNATED: "designated", DECLINED: "declined"}
    by = ready.session.scalars(sa.select(JournalEntry).where(JournalEntry.transition == "publish")).one()
    assert by.actor_id == ready.officer.id


def test_a_worker_that_starts_late_publishes_once(ready: Scene) -> None:
    made = plan(ready)
    late = DUE + timedelta(days=3)
    assert work(ready, late) == 1
    assert ready.call.published_at == late
    mails = len(ready.session.scalars(sa.select(Mail)).all())
    publication.carry_out(ready.session, made.id, late + SOON)  # the same job once more
    ready.commit()
    assert len(ready.session.scalars(sa.select(Mail)).all()) == mails
    assert ready.call.published_at == late


def paris_day(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(ZoneInfo("Europe/Paris")).date().isoformat()


def told_days(scene: Scene) -> set[str]:
    """The day of publication in every letter and certificate that stands."""
    found = [d.context for dossier in scene.both() for d in scene.documents(dossier) if d.superseded_at is None]
    days = [c.get("published_on") or c.get("designated_on") for c in found]
    dated = [paris_day(c["document"]["issued_at"]) for c, day in zip(found, days, strict=True) if day]
    assert dated == [day for day in days if day], "the letter's own date is that day"
    return set(dated)


def test_letters_tell_the_day_that_is_planned_and_none_else(ready: Scene) -> None:
    by_calendar, later = told_days(ready), DUE + timedelta(days=4)
    assert by_calendar == {"2015-12-11"}
    plan(ready, DUE + timedelta(hours=2))
    assert decision.refusals_of_publication(ready.session, ready.call, actor=ready.actor(ready.officer, PLANNED)) == ()
    publication.cancel(ready.session, ready.call, actor=ready.actor(ready.officer, PLANNED), now=PLANNED + SOON)
    plan(ready, later, PLANNED + SOON)
    assert told_days(ready) == {"2015-12-15"}
    work(ready, later)
    assert ready.call.status == "open", "the letters of that day are not rendered yet: it waits for them"
    ready.pretend_rendered()
    work(ready, later + publication.AGAIN)
    assert ready.call.status == "published"
    assert told_days(ready) == {"2015-12-15"}


def test_a_letter_of_another_day_is_not_let_go(ready: Scene) -> None:
    """Published by hand two days before the calendar says so: who reads the letter reads the true day."""
    early = DUE - timedelta(days=2)
    decision.publish(ready.session, ready.call, actor=ready.actor(ready.officer, early), now=early)
    ready.commit()
    assert told_days(ready) == {"2015-12-09"}
    letters = [d for dossier in ready.both() for d in ready.documents(dossier) if d.kind in LETTERS]
    assert {d.context["document"]["reference"].rpartition("/")[2] for d in letters if d.superseded_at is None} == {"1"}
    assert all(d.held for d in letters if d.superseded_at), "what said another day was told to nobody"


def test_a_cancelled_one_is_not_done(ready: Scene) -> None:
    plan(ready)
    publication.cancel(ready.session, ready.call, actor=ready.actor(ready.officer, PLANNED), now=PLANNED + SOON)
    ready.commit()
    assert work(ready, DUE) == 1
    assert ready.call.status == "open"
    with pytest.raises(Refused, match="No publication is planned"):
        publication.cancel(ready.session, ready.call, actor=ready.actor(ready.officer, DUE), now=DUE)
    plan(ready, DUE + timedelta(days=1), DUE)
    ready.pretend_rendered()  # the letters that tell the new day
    assert work(ready, DUE + timedelta(days=1)) == 1
    assert ready.call.status == "published"


def test_there_is_one_plan_and_it_lies_ahead(ready: Scene) -> None:
    with pytest.raises(InvalidInput):
        plan(ready, PLANNED)
    plan(ready)
    with pytest.raises(Refused, match="planned for"):
        plan(ready, DUE + SOON)
    with pytest.raises(Refused, match="role"):
        publication.plan(
            ready.session, ready.call, due_at=DUE, actor=ready.actor(ready.direction, PLANNED), now=PLANNED
        )


def test_what_was_published_by_hand_is_not_published_again(ready: Scene) -> None:
    made = plan(ready)
    decision.publish(ready.session, ready.call, actor=ready.actor(ready.officer, PLANNED), now=PLANNED + SOON)
    ready.commit()
    assert work(ready, DUE) == 1
    assert ready.call.published_at == PLANNED + SOON
    assert made.done_at is None
    with pytest.raises(Refused, match="was published"):
        plan(ready, DUE + SOON, DUE)


def undecided(scene: Scene) -> None:
    decision._replace_held(scene.session, scene.dossier(DECLINED), PLANNED)
    scene.commit()


def test_the_secretariat_is_told_why_it_could_not_be_done(ready: Scene) -> None:
    """Everybody of it, each as much as they may know."""
    undecided(ready)
    made = plan(ready)
    ready.session.add(
        Conflict(
            dossier_id=ready.dossier(DECLINED).id, account_id=ready.second_officer.id, rule="declared", reason="Kin",
            since_at=PLANNED,
        )
    )  # fmt: skip
    ready.commit()
    assert work(ready, DUE) == 1
    assert ready.call.status == "open"
    assert states(ready) == dict.fromkeys((DESIGNATED, DECLINED), "awaiting_decision")
    assert made.failed_at == DUE
    mails = {m.to_address: m for m in ready.session.scalars(sa.select(Mail).where(Mail.created_at == DUE))}
    assert set(mails) == {ready.officer.email, ready.second_officer.email}
    told = {who: mailing.message(mail, "https://portal.example").body for who, mail in mails.items()}
    assert f"{DECLINED}, has no decision yet." in told[ready.officer.email]
    assert DECLINED not in told[ready.second_officer.email]
    assert "keeps from you" in told[ready.second_officer.email]
    assert work(ready, DUE + timedelta(hours=2)) == 0  # told once, and not tried again by itself


def test_who_lost_the_role_publishes_nothing(ready: Scene) -> None:
    plan(ready)
    ready.session.execute(
        sa.update(RoleGrant).where(RoleGrant.account_id == ready.officer.id).values(until_at=PLANNED + SOON)
    )
    ready.commit()
    assert work(ready, DUE) == 1
    assert ready.call.status == "open"
    (mail,) = ready.session.scalars(sa.select(Mail).where(Mail.created_at == DUE))
    assert mail.to_address == ready.second_officer.email


def _letter(scene: Scene) -> Document:
    return next(d for d in scene.documents(scene.dossier()) if d.kind == "CERTIFICATE")


def test_letters_still_being_prepared_are_waited_for(ready: Scene) -> None:
    letter = _letter(ready)
    kept, letter.content_sha256 = letter.content_sha256, None
    plan(ready)
    assert work(ready, DUE) == 1
    assert (ready.call.status, ready.session.scalar(sa.select(PlannedPublication.failed_at))) == ("open", None)
    _letter(ready).content_sha256 = kept
    ready.commit()
    assert work(ready, DUE + timedelta(seconds=59)) == 0
    assert work(ready, DUE + timedelta(seconds=60)) == 1
    assert ready.call.status == "published"


def test_a_letter_that_never_comes_is_told_in_the_readers_language(ready: Scene) -> None:
    _letter(ready).content_sha256 = None
    ready.officer.language = "fr"
    plan(ready)
    late = DUE + publication.PATIENCE
    assert work(ready, late) == 1
    mails = {m.to_address: m for m in ready.session.scalars(sa.select(Mail).where(Mail.created_at == late))}
    assert "Certificat de désignation" in mailing.message(mails[ready.officer.email], "https://portal.example").body


def withdraw(scene: Scene, name: str) -> None:
    submission.withdraw(
        scene.session, scene.dossier(name), actor=scene.actor(scene.lead(name), PLANNED), now=PLANNED, reason="Not now."
    )
    scene.commit()


def test_a_file_withdrawn_after_its_decision_is_not_published(ready: Scene) -> None:
    withdraw(ready, DESIGNATED)
    plan(ready)
    assert work(ready, DUE) == 1
    assert states(ready) == {DESIGNATED: "withdrawn", DECLINED: "declined"}
    assert scenes.readable(ready, ready.lead(), ready.dossier()) & {"DESIGNATION_LETTER", "CERTIFICATE"} == set()
    for document in ready.documents():
        if document.kind == "DESIGNATION_LIST":
            assert DESIGNATED not in str(document.context)


def test_a_withdrawn_file_cannot_be_decided(scene_at: SceneAt) -> None:
    scene = scene_at("slate")
    withdraw(scene, DESIGNATED)
    for account, refusal in ((scene.direction, Refused), (scene.lead(DECLINED), NotFound)):
        with pytest.raises(refusal) as found:
            decision.decide(
                scene.session, scene.dossier(), outcome=DecisionOutcome.DESIGNATE, reasons={"en": "x", "fr": "y"},
                actor=scene.actor(account, DUE), now=DUE,
            )  # fmt: skip
        assert ("withdrew its file" in str(found.value)) == (account is scene.direction)
