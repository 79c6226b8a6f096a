"""A document signed after it was rendered: once, whatever dies when; and what becomes of it where nothing can sign."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal import jobs
from rvc_portal.domain.vocabulary import JobKind, JobStatus, Signing
from rvc_portal.gateways import authority
from rvc_portal.gateways import signing as gateway
from rvc_portal.gateways.signing import Office
from rvc_portal.models.document import Document
from rvc_portal.models.job import Job, Mail
from rvc_portal.services import mailing, queue, signing
from tests import scenes, signatures
from tests.scenes import SOON, Scene, SceneAt

AT = scenes.FILED + SOON


class Clock:
    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> object:
        return self.at


def with_keys(scene: Scene) -> Office:
    office = scene.story.instance.office
    authority.init(scene.story.instance.settings.keys.folder, signatures.ORGANISATION, signatures.now())
    assert office.has_keys
    return office


def rendered(scene: Scene) -> Document:
    """The receipt, rendered by the worker; nothing else is left to do but what that leaves to be done."""
    scene.app.config["CLOCK"] = lambda: AT
    (receipt,) = (d for d in scene.documents(scene.dossier()) if d.kind == "RECEIPT")
    scene.session.execute(sa.update(Job).where(Job.subject_id != receipt.id).values(status=JobStatus.DONE))
    scene.commit()
    assert jobs.do_next(scene.app)
    scene.session.expire_all()
    return receipt


def work(scene: Scene) -> bool:
    scene.commit()
    did = jobs.do_next(scene.app)
    scene.session.expire_all()
    return did


def sign_jobs(scene: Scene, document: Document) -> list[Job]:
    return list(
        scene.session.scalars(sa.select(Job).where(Job.subject_id == document.id, Job.kind == JobKind.SIGN))
    )  # fmt: skip


def mails_under_way(scene: Scene, document: Document) -> int:
    mails = sa.select(Mail.id).where(Mail.document_id == document.id)
    query = sa.select(sa.func.count()).select_from(Job).where(Job.kind == JobKind.MAIL, Job.subject_id.in_(mails))
    return scene.session.scalar(query) or 0


def test_a_document_is_ready_once_it_is_signed_and_its_mail_carries_the_signed_file(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    with_keys(scene)
    receipt = rendered(scene)
    assert receipt.content_sha256
    assert (receipt.ready, receipt.signing) == (False, Signing.WAITING)
    assert scene.session.scalar(sa.select(sa.func.count()).where(Document.id == receipt.id, Document.ready)) == 0
    assert mails_under_way(scene, receipt) == 0
    content = scene.story.instance.files.get(receipt.content_sha256)
    before = receipt.content_sha256
    assert work(scene)
    assert (receipt.ready, receipt.signing, receipt.signature_level) == (True, Signing.SIGNED, "B-B")
    assert receipt.signed_at == AT
    assert receipt.content_sha256 == before, "the content stays what it is"
    signed = scene.story.instance.files.get(str(receipt.file_sha256))
    assert signed.startswith(content)
    assert (receipt.stored_sha256, receipt.stored_size) == (receipt.file_sha256, len(signed))
    mail = scene.session.scalars(sa.select(Mail).where(Mail.document_id == receipt.id)).first()
    assert mail is not None
    assert mails_under_way(scene, receipt) == 2
    message = mailing.unsent(scene.session, mail.id, "https://portal.example", scene.story.instance.files)
    assert message is not None
    assert [e.content for e in message.enclosures] == [signed]


def test_a_worker_that_dies_while_signing_loses_nothing_and_issues_nothing_twice(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    office, files = with_keys(scene), scene.story.instance.files
    receipt = rendered(scene)
    content = signing.unsigned(scene.session, receipt.id)
    assert content == receipt.content_sha256
    claimed = queue.claim(scene.session, AT)
    assert claimed is not None
    assert claimed.kind == JobKind.SIGN
    job_id = claimed.id
    lost = signing.make(files, office, content)  # and here it dies
    scene.commit()
    assert not work(scene), "its lease still runs"
    assert not receipt.ready
    scene.app.config["CLOCK"] = lambda: AT + queue.LEASE + timedelta(seconds=1)
    assert work(scene)
    kept = receipt.file_sha256
    assert receipt.ready
    assert kept != lost.sha256, "no two signatures are equal"
    assert scene.session.get_one(Job, job_id).status == JobStatus.DONE
    signing.record(scene.session, receipt.id, lost, AT)  # it was not dead, only slow
    scene.commit()
    scene.session.expire_all()
    assert receipt.file_sha256 == kept
    assert mails_under_way(scene, receipt) == 2
    assert signing.unsigned(scene.session, receipt.id) is None


def test_without_keys_a_document_is_issued_unsigned(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    receipt = rendered(scene)
    assert (receipt.ready, receipt.signing, receipt.file_sha256) == (True, None, None)
    assert receipt.stored_sha256 == receipt.content_sha256
    assert sign_jobs(scene, receipt) == []
    assert mails_under_way(scene, receipt) == 2


def test_keys_that_cannot_sign_hold_up_nothing_and_it_is_made_good_later(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    with_keys(scene)
    password = scene.story.instance.settings.keys.password_file
    right = password.read_text()
    password.write_text("wrong")
    receipt = rendered(scene)
    assert work(scene)
    assert (receipt.ready, receipt.signing) == (True, Signing.FAILED)
    assert "the password is wrong" in str(receipt.signing_error)
    assert receipt.stored_sha256 == receipt.content_sha256
    (job,) = sign_jobs(scene, receipt)
    assert (job.status, job.attempts) == (JobStatus.FAILED, 1), "it is not tried again by itself"
    assert "the password is wrong" in str(job.error)
    assert mails_under_way(scene, receipt) == 2
    ((count, reason),) = signing.left(scene.session)
    assert (count, reason) == (1, receipt.signing_error)
    password.write_text(right)
    assert signing.ask_again(scene.session, AT) == 1
    assert signing.ask_again(scene.session, AT) == 0, "it is asked for already"
    assert receipt.ready, "it can be had meanwhile"
    while receipt.file_sha256 is None:
        assert work(scene)
    assert (receipt.signing, receipt.signing_error) == (Signing.SIGNED, None)
    assert mails_under_way(scene, receipt) == 2, "no mail goes a second time"
    assert [job.status for job in sign_jobs(scene, receipt)] == [JobStatus.DONE], (
        "what failed is done, and not there twice"
    )
    assert signing.left(scene.session) == []


def test_an_authority_that_stays_silent_is_given_up(scene_at: SceneAt, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = scene_at("submitted")
    with_keys(scene)
    receipt = rendered(scene)

    def silent(*_: object) -> None:
        raise gateway.SigningLater("the time stamp authority does not answer")

    monkeypatch.setattr(Office, "sign", silent)
    clock = Clock()
    scene.app.config["CLOCK"] = clock
    for _ in range(queue.ATTEMPTS):
        with pytest.raises(gateway.SigningLater):
            work(scene)
        assert not receipt.ready
        clock.at += timedelta(hours=2)
    scene.session.expire_all()
    (job,) = sign_jobs(scene, receipt)
    assert job.status == JobStatus.FAILED
    signing.give_up_lost(scene.session, clock.at)
    scene.commit()
    scene.session.expire_all()
    assert (receipt.ready, receipt.signing) == (True, Signing.FAILED)
    assert "does not answer" in str(receipt.signing_error)
    assert mails_under_way(scene, receipt) == 2
