"""Documents as records: issued with their act, superseded and never overwritten, the same record the same bytes."""

import hashlib
import io
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from rvc_portal import jobs
from rvc_portal.domain.blindness import Names
from rvc_portal.domain.procedures.candidacy import CANDIDACY
from rvc_portal.domain.vocabulary import JobKind, JobStatus
from rvc_portal.gateways import files
from rvc_portal.models.document import Document
from rvc_portal.models.job import Job
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import documents as query
from rvc_portal.queries import dossiers
from rvc_portal.services import queue, rendering, screening, submission
from tests import scenes
from tests.scenes import SOON, Scene, SceneAt


def of_kind(scene: Scene, kind: str) -> list[Document]:
    return [d for d in scene.documents(scene.dossier()) if d.kind == kind]


def resubmitted(scene: Scene) -> None:
    screening.return_file(
        scene.session, scene.dossier(), questions=["reasons"], reason="Say more.", actor=scene.actor(scene.officer),
        now=scenes.CHECKED,
    )  # fmt: skip
    now = scenes.CHECKED + SOON
    submission.submit(scene.session, scene.dossier(), actor=scene.actor(scene.lead(), now), now=now)
    scene.commit()


def shown(scene: Scene) -> list[query.Shown]:
    actor = scene.actor(scene.lead(), scenes.PUBLISHED)
    to = query.reader(scene.session, actor, scene.dossier(), dossiers.roles(scene.session, actor, scene.dossier()))
    return query.of_dossier(scene.session, scene.dossier(), to, Names(shown=True, say=str))


def test_every_document_is_issued_by_an_act_of_the_journal(scene_at: SceneAt) -> None:
    scene = scene_at("published")
    acts = {
        (e.chain, e.transition, e.at.isoformat()) for e in scene.session.scalars(sa.select(JournalEntry))
    }  # fmt: skip
    found = scene.documents()
    assert len(found) > 20
    for document in found:
        facts = document.context["document"]
        issued_by = facts["transition"]
        chain = document.dossier_id or document.call_id
        of_acts = {(act, at) for c, act, at in acts if c == chain}
        assert (issued_by, document.issued_at.isoformat()) in of_acts, document.kind
        of_a_call = {
            "open": {"CALL_TEXT", "BLANK_FORM"}, "issue_papers": {"SESSION_PAPERS"},
            "publish": {"DESIGNATION_LIST", "CALL_REPORT"},
        }  # fmt: skip
        issues = CANDIDACY.transitions[issued_by].issues if document.dossier_id else of_a_call[issued_by]
        assert document.kind in issues


def test_every_act_issues_what_its_table_says(scene_at: SceneAt) -> None:
    scene = scene_at("published")
    for dossier in scene.both():
        acts = scene.session.scalars(sa.select(JournalEntry.transition).where(JournalEntry.chain == dossier.id)).all()
        wanted = sorted(
            kind for act in acts if act in CANDIDACY.transitions for kind in CANDIDACY.transitions[act].issues
        )
        assert sorted(d.kind for d in scene.documents(dossier)) == wanted


def test_a_newer_document_supersedes_and_does_not_overwrite(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    scene.pretend_rendered()
    (before,) = of_kind(scene, "DOSSIER")
    kept = (before.id, before.content_sha256, dict(before.context), before.issued_at)
    resubmitted(scene)
    scene.session.expire_all()
    old, new = of_kind(scene, "DOSSIER")
    assert (old.id, old.content_sha256, old.context, old.issued_at) == kept
    assert (old.superseded_at, new.superseded_at) == (scenes.CHECKED + SOON, None)
    assert old.context["document"]["reference"].endswith("/1")
    assert new.context["document"]["reference"].endswith("/2")
    assert new.context["document"]["supersedes"] == old.context["document"]["reference"]
    assert scene.story.instance.files.get(str(old.content_sha256)), "its file is still there"
    listed = [s.document.id for s in shown(scene) if s.document.kind == "DOSSIER"]
    assert listed == [new.id, old.id], "the one that stands comes first"


def test_references_are_never_given_twice(scene_at: SceneAt) -> None:
    scene = scene_at("published")
    references = [d.context["document"]["reference"] + d.language for d in scene.documents()]
    assert len(references) == len(set(references))


def test_what_is_printed_is_what_was_so_when_it_was_issued(scene_at: SceneAt) -> None:
    """The context is frozen: a name that changes later changes no document."""
    scene = scene_at("submitted")
    (receipt,) = of_kind(scene, "RECEIPT")
    before = rendering.frozen(scene.session, receipt.id)
    dossier = scene.dossier()
    dossier.lead_city = dossier.parties[0].city = "Elsewhere"
    scene.lead().name = "Somebody else"
    scene.commit()
    scene.session.expire_all()
    assert rendering.frozen(scene.session, receipt.id) == before
    assert "Elsewhere" not in str(before)


def test_a_job_is_written_with_each_document(scene_at: SceneAt) -> None:
    scene = scene_at("published")
    wanted = {j.subject_id for j in scene.session.scalars(sa.select(Job).where(Job.kind == JobKind.RENDER))}
    assert {d.id for d in scene.documents()} == wanted


def test_a_receipt_goes_before_everything_else(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    first = queue.claim(scene.session, scenes.PUBLISHED)
    assert first is not None
    assert scene.session.get_one(Document, first.subject_id).kind == "RECEIPT"


def test_the_same_record_gives_the_same_bytes(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    (receipt,) = of_kind(scene, "RECEIPT")
    source = rendering.frozen(scene.session, receipt.id)
    assert source is not None
    store = scene.story.instance.files
    first, second = rendering.make(store, source), rendering.make(store, source)
    assert first == second
    assert hashlib.sha256(store.get(first.sha256)).hexdigest() == first.sha256
    rendering.record(scene.session, receipt.id, first, scenes.FILED + SOON)
    scene.commit()
    rendering.record(scene.session, receipt.id, rendering.Stored("0" * 64, 9, 9, "x"), scenes.CHECKED)
    scene.commit()
    scene.session.refresh(receipt)
    assert (receipt.content_sha256, receipt.rendered_at) == (first.sha256, scenes.FILED + SOON), "recorded once"
    assert rendering.frozen(scene.session, receipt.id) is None, "and rendered no more"


# --- what hurts ---


class Clock:
    def __init__(self, at: Any):
        self.at = at

    def __call__(self) -> Any:
        return self.at


def test_a_full_disk_puts_the_job_back_and_the_page_says_being_prepared(
    scene_at: SceneAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = scene_at("submitted")
    app, clock = scene.app, Clock(scenes.FILED + SOON)
    app.config["CLOCK"] = clock
    (receipt,) = of_kind(scene, "RECEIPT")
    made = rendering.make
    receipt_id = receipt.id
    others = sa.update(Job).where(Job.subject_id != receipt_id).values(status=JobStatus.DONE)
    scene.session.execute(others)  # so that this one is next
    scene.commit()

    def full(path: object, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_write", full)
    with pytest.raises(files.StorageError, match="the disk is full"):
        jobs.do_next(app)
    scene.session.expire_all()
    job = scene.session.scalars(sa.select(Job).where(Job.subject_id == receipt_id)).one()
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 1)
    assert "the disk is full" in str(job.error)
    assert not scene.session.get_one(Document, receipt_id).ready
    found = next(s for s in shown(scene) if s.document.id == receipt_id)
    assert query.preparing([found])
    assert not found.failed
    scene.commit()

    monkeypatch.undo()
    assert rendering.make is made
    clock.at += queue.FIRST_DELAY + timedelta(seconds=1)
    jobs.do_next(app)
    scene.session.expire_all()
    document = scene.session.get_one(Document, receipt_id)
    assert document.ready
    assert scene.story.instance.files.get(str(document.content_sha256)).startswith(b"%PDF")
    assert scene.session.get_one(Job, job.id).status == JobStatus.DONE


def test_a_full_disk_leaves_nothing_of_a_piece(scene_at: SceneAt, monkeypatch: pytest.MonkeyPatch) -> None:
    from rvc_portal.services import pieces
    from tests.services.test_transitions import rows

    scene = scene_at("written")
    dossier, lead = scene.dossier(), scene.actor(scene.lead())
    first = dossiers.attachments(scene.session, dossier.id)[0]
    pieces.remove(scene.session, dossier, first.id, actor=lead, now=scenes.SIGNED)
    scene.commit()
    before = rows(scene.session)

    def full(path: object, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_write", full)
    content = scenes.letter(55) if first.name.endswith("pdf") else scenes.photo(6)
    with pytest.raises(files.StorageError, match="the disk is full"):
        pieces.add(
            scene.session, scene.story.instance.files, dossier, first.piece, name=first.name,
            content=io.BytesIO(content), actor=lead, now=scenes.SIGNED,
        )  # fmt: skip
    scene.commit()
    assert rows(scene.session) == before
