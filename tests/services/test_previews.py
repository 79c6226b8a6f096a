"""Previews: ordered with the file, made by the worker after all else, carried along when a file is copied."""

import io
import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa
from PIL import Image

from rvc_portal import jobs
from rvc_portal.domain.vocabulary import JobKind, JobStatus
from rvc_portal.gateways import previews as drawing
from rvc_portal.gateways.files import StorageError
from rvc_portal.models.dossier import Attachment
from rvc_portal.models.job import Job, Mail
from rvc_portal.queries import dossiers, previews
from rvc_portal.services import copying, mailing, pieces
from tests import scenes
from tests.gateways.test_uploads import DOCX
from tests.scenes import Scene, SceneAt
from tests.services.test_pieces import allow
from tests.stories import Tale
from tests.web.browsing import START

NOW = scenes.WRITTEN


@pytest.fixture
def scene(scene_at: SceneAt) -> Scene:
    """Two drafts, with nothing left to do."""
    found = scene_at("drafts")
    found.app.config["CLOCK"] = lambda: NOW
    found.session.execute(sa.delete(Job))
    found.commit()
    return found


def add(scene: Scene, content: bytes, key: str = "mayor_letter") -> Attachment:
    taken = pieces.add(
        scene.session, scene.story.instance.files, scene.dossier(), key, name="a file", content=io.BytesIO(content),
        actor=scene.actor(scene.lead()), now=NOW,
    )  # fmt: skip
    scene.commit()
    return taken


def work(scene: Scene) -> int:
    """Be the worker until nothing is left; how many jobs that were."""
    scene.commit()
    return jobs.drain(scene.app)


def only_job(scene: Scene) -> Job:
    scene.session.expire_all()
    return scene.session.scalars(sa.select(Job).where(Job.kind == JobKind.PREVIEW)).one()


@pytest.mark.parametrize(("key", "content"), [("mayor_letter", scenes.letter(1)), ("photos", scenes.photo(1))])
def test_the_worker_draws_what_was_taken_in(scene: Scene, key: str, content: bytes) -> None:
    taken = add(scene, content, key)
    assert taken.preview_sha256 is None
    assert previews.being_made(scene.session, [taken], NOW) == {taken.id}
    work(scene)
    assert only_job(scene).status == JobStatus.DONE
    assert taken.preview_sha256 is not None
    assert previews.being_made(scene.session, [taken], NOW) == frozenset()
    small = Image.open(io.BytesIO(scene.story.instance.files.get(taken.preview_sha256)))
    assert max(small.size) == drawing.LONGEST_SIDE


def test_nothing_is_drawn_of_an_office_file(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    allow(scene, monkeypatch, "mayor_letter", formats=("docx",))
    taken = add(scene, DOCX)
    assert work(scene) == 0
    assert previews.being_made(scene.session, [taken], NOW) == frozenset()


def test_whatever_else_there_is_to_do_goes_first(scene: Scene) -> None:
    taken = add(scene, scenes.letter(1))
    mail = mailing.queue_mail(
        scene.session, "a@b.example", "en", "reset_password", {"name": "A", "path": "/x"}, now=NOW
    )
    scene.commit()
    assert jobs.do_next(scene.app)
    scene.session.expire_all()
    assert scene.session.get_one(Mail, mail.id).sent_at is not None
    assert taken.preview_sha256 is None


def test_a_file_without_a_picture_is_noted_once_and_not_tried_again(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    taken = add(scene, scenes.letter(1))
    taken.sha256 = scene.story.instance.files.put(b"%PDF-1.7 nothing that could be drawn")
    scene.commit()
    with caplog.at_level(logging.WARNING):
        assert work(scene) == 1
    assert f"no preview of {taken.sha256}" in caplog.text
    assert only_job(scene).status == JobStatus.DONE
    assert taken.preview_sha256 is None
    assert previews.being_made(scene.session, [taken], NOW) == frozenset()


def test_a_storage_that_fails_is_tried_again(scene: Scene) -> None:
    taken = add(scene, scenes.letter(1))
    taken.sha256 = "0" * 64
    scene.commit()
    with pytest.raises(StorageError):
        work(scene)
    assert (only_job(scene).status, only_job(scene).not_before_at > NOW) == (JobStatus.QUEUED, True)


def test_a_file_that_is_gone_ends_its_job(scene: Scene) -> None:
    scene.session.delete(add(scene, scenes.letter(1)))
    scene.commit()
    work(scene)
    assert only_job(scene).status == JobStatus.DONE


def test_nobody_waits_for_ever(scene: Scene) -> None:
    taken = add(scene, scenes.letter(1))
    assert previews.being_made(scene.session, [taken], NOW + previews.WAIT) == frozenset()


def test_a_copied_file_brings_its_preview(app) -> None:  # type: ignore[no-untyped-def]
    with app.app_context():
        earlier, tale = Tale(app, START - timedelta(days=730)), Tale(app, START)
        session = tale.story.session
        source, dossier = earlier.draft(share=1.0), tale.draft()
        tale.story.commit()
        jobs.drain(app)
        session.execute(sa.delete(Job))
        session.expire_all()
        given = dossiers.attachments(session, source)[0]
        assert given.preview_sha256 is not None
        (taken,) = copying.copy_pieces(
            session, tale.story.instance.files, tale.dossier(dossier), source, {given.id},
            actor=tale.story.actor(tale.lead(), START), now=START,
        )  # fmt: skip
        assert (taken.sha256, taken.preview_sha256) == (given.sha256, given.preview_sha256)
        assert session.scalars(sa.select(Job)).all() == []
