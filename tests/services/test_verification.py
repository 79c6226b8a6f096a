"""Receipts checked: ours or not, unchanged or not, current or superseded; and what becomes of a filing that somebody alters."""

import hashlib
import io
from datetime import timedelta

import pikepdf
import pytest
import sqlalchemy as sa

from rvc_portal.domain.vocabulary import JobKind
from rvc_portal.gateways import mail as gateway
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Filing
from rvc_portal.models.job import Job, Mail
from rvc_portal.services import mailing, queue, rendering, screening, submission, verification
from rvc_portal.services.verification import Verdict
from tests import scenes
from tests.scenes import DESIGNATED, Scene, SceneAt


def receipt(scene: Scene, number: int = 1) -> bytes:
    """The PDF of the receipt, rendered and recorded as the worker does."""
    row = next(
        d for d in scene.documents(scene.dossier()) if d.kind == "RECEIPT" and d.context["filing"]["version"] == number
    )
    source = rendering.frozen(scene.session, row.id)
    if source is not None:
        stored = rendering.make(scene.story.instance.files, source)
        rendering.record(scene.session, row.id, stored, scenes.FILED)
        scene.commit()
        scene.session.expire_all()
    assert row.content_sha256
    return scene.story.instance.files.get(row.content_sha256)


def filed_again(scene: Scene) -> None:
    """Returned and submitted once more, as it was."""
    officer = scene.actor(scene.officer, scenes.CHECKED)
    screening.return_file(
        scene.session, scene.dossier(), questions=["reasons"], reason="Say more.", actor=officer, now=scenes.CHECKED
    )
    lead = scene.actor(scene.lead(), scenes.CHECKED)
    submission.submit(scene.session, scene.dossier(), actor=lead, now=scenes.CHECKED + timedelta(hours=1))
    scene.commit()


def altered(content: bytes) -> bytes:
    """The same receipt with one more word of information in it."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as opened:
        opened.docinfo["/Subject"] = "Another city"
        opened.save(out)
    return out.getvalue()


def test_a_receipt_is_valid_and_says_what_stands_at_its_head(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    found = verification.verify(scene.session, receipt(scene))
    filing = scene.session.scalars(sa.select(Filing).where(Filing.dossier_id == scene.dossier().id)).one()
    assert (found.verdict, found.holds, found.reasons) == (Verdict.CURRENT, True, ())
    head = found.header
    assert head is not None
    assert (head.reference, head.city, head.number) == (scene.dossier().reference, DESIGNATED, 1)
    assert (head.sha256, head.received_at, head.filed_at) == (filing.sha256, filing.received_at, filing.filed_at)
    assert head.later is None
    assert head.demonstration


def test_a_superseded_receipt_is_valid_and_says_by_what(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    first = receipt(scene)
    filed_again(scene)
    found = verification.verify(scene.session, first)
    assert (found.verdict, found.holds) == (Verdict.SUPERSEDED, True)
    assert found.header is not None
    assert found.header.later == (2, scenes.CHECKED + timedelta(hours=1))
    assert verification.verify(scene.session, receipt(scene, 2)).verdict == Verdict.CURRENT


def test_an_altered_copy_names_the_receipt_that_it_was(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    found = verification.verify(scene.session, altered(receipt(scene)))
    assert (found.verdict, found.holds) == (Verdict.ALTERED_COPY, False)
    assert found.header is not None
    assert found.reasons[0].params["receipt"] == found.header.receipt == f"{scene.dossier().reference}/RECEIPT/1"


def test_one_flipped_byte_is_found_wherever_it_is(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    content = receipt(scene)
    for place in range(20, len(content), len(content) // 12):
        flipped = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        assert not verification.verify(scene.session, flipped).holds


REWRITINGS = {
    "the content": "UPDATE filing SET content = replace(content, 'Nottingham', 'Nottinghem')",
    "the content and its hash": "UPDATE filing SET content = content || ' ', sha256 = :other",
    "the hash": "UPDATE filing SET sha256 = :other",
    "the time": "UPDATE filing SET received_at = '2015-05-31 10:00:00.000000'",
    "the number": "UPDATE filing SET number = 7",
    "the journal's words": "UPDATE journal_entry SET payload = replace(payload, :sha256, :other)",
    "the journal's time": "UPDATE journal_entry SET at = '2015-05-31 10:00:00.000000' WHERE transition = 'submit'",
}


@pytest.mark.parametrize("what", REWRITINGS)
def test_a_filing_altered_in_the_database_fails(what: str, scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    content = receipt(scene)
    sha256 = scene.session.scalars(sa.select(Filing.sha256).where(Filing.dossier_id == scene.dossier().id)).one()
    given = {"other": "0" * 64, "sha256": sha256}
    statement = REWRITINGS[what]
    done = scene.session.execute(sa.text(statement), {k: v for k, v in given.items() if f":{k}" in statement})
    assert done.rowcount
    scene.commit()
    scene.session.expire_all()
    found = verification.verify(scene.session, content)
    assert (found.verdict, found.holds) == (Verdict.FILING_ALTERED, False)
    assert found.reasons


def test_a_record_rewritten_as_a_whole_is_given_away_by_the_hash_in_the_receipt_itself(scene_at: SceneAt) -> None:
    """Content, hash and frozen receipt agree again; the file that the city holds does not."""
    scene = scene_at("submitted")
    content = receipt(scene)
    other = "x"
    other_sha = hashlib.sha256(other.encode()).hexdigest()
    row = next(d for d in scene.documents(scene.dossier()) if d.kind == "RECEIPT")
    scene.session.execute(sa.update(Filing).values(content=other, sha256=other_sha))
    told = {**row.context, "filing": {**row.context["filing"], "content_sha256": other_sha}}
    scene.session.execute(sa.update(Document).where(Document.id == row.id).values(context=told))
    scene.session.expire_all()
    found = verification.verify(scene.session, content)
    assert found.verdict == Verdict.FILING_ALTERED
    assert len(found.reasons) == 2  # the fingerprint, and the journal


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (b"", Verdict.NO_PDF), (b"GIF89a", Verdict.NO_PDF), (b"%PDF-1.7 and then nothing", Verdict.NO_PDF),
        (b"%PDF-1.7" + bytes(verification.LARGEST), Verdict.TOO_BIG), (scenes.letter(1), Verdict.UNKNOWN),
    ],
    ids=["nothing", "a picture", "broken", "too big", "another PDF"],
)  # fmt: skip
def test_what_is_no_receipt_is_told_why(content: bytes, verdict: Verdict, scene_at: SceneAt) -> None:
    found = verification.verify(scene_at("submitted").session, content)
    assert (found.verdict, found.header, found.holds) == (verdict, None, False)
    assert found.reasons[0].message


def test_another_document_of_the_file_is_no_receipt(scene_at: SceneAt) -> None:
    """Ours, and known by its bytes, but it proves no filing."""
    scene = scene_at("checked")
    officer = scene.actor(scene.officer, scenes.CHECKED)
    screening.dismiss(scene.session, scene.dossier(), reason="No.", actor=officer, now=scenes.CHECKED)
    row = next(d for d in scene.documents(scene.dossier()) if d.kind == "INELIGIBILITY_NOTICE")
    source = rendering.frozen(scene.session, row.id)
    assert source is not None
    stored = rendering.make(scene.story.instance.files, source)
    rendering.record(scene.session, row.id, stored, scenes.CHECKED)
    found = verification.verify(scene.session, scene.story.instance.files.get(stored.sha256))
    assert found.verdict == Verdict.UNKNOWN


def test_a_hash_finds_its_filing_however_it_is_typed(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    content = receipt(scene)
    filing = scene.session.scalars(sa.select(Filing).where(Filing.dossier_id == scene.dossier().id)).one()
    spaced = " ".join(filing.sha256[n : n + 16] for n in range(0, 64, 16)).upper() + "\n"
    for typed in (filing.sha256, spaced, hashlib.sha256(content).hexdigest()):
        found = verification.verify_hash(scene.session, typed)
        assert found.verdict == Verdict.CURRENT
        assert found.header is not None
        assert found.header.sha256 == filing.sha256
    assert verification.verify_hash(scene.session, "0" * 64).verdict == Verdict.UNKNOWN
    for typed in ("", "0" * 63, "g" * 64, "٣" * 64):
        assert verification.verify_hash(scene.session, typed).verdict == Verdict.NO_HASH


# --- the mail that carries it ---


def mails(scene: Scene) -> list[Mail]:
    query = sa.select(Mail).where(Mail.template == "receipt").order_by(Mail.to_address)
    return [m for m in scene.session.scalars(query) if m.context["city"] == DESIGNATED]


def mail_jobs(scene: Scene) -> list[Job]:
    ids = [m.id for m in mails(scene)]
    return list(scene.session.scalars(sa.select(Job).where(Job.kind == JobKind.MAIL, Job.subject_id.in_(ids))))


def test_the_mail_waits_for_the_receipt_and_goes_once(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    assert [m.to_address for m in mails(scene)] == ["editor@nottingham.example", "lead@nottingham.example"]
    assert mail_jobs(scene) == []
    receipt(scene)
    assert len(mail_jobs(scene)) == 2
    row = next(d for d in scene.documents(scene.dossier()) if d.kind == "RECEIPT")
    rendering.record(scene.session, row.id, rendering.Stored("0" * 64, 1, 1, "none"), scenes.FILED)  # a second worker
    assert len(mail_jobs(scene)) == 2


def test_the_mail_says_all_of_it_and_carries_the_receipt(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    content = receipt(scene)
    filing = scene.session.scalars(sa.select(Filing).where(Filing.dossier_id == scene.dossier().id)).one()
    message = mailing.unsent(scene.session, mails(scene)[1].id, "https://portal.example", scene.story.instance.files)
    assert message is not None
    said = " ".join(message.body.split())
    for fact in (
        scene.dossier().reference, filing.sha256, "1 June 2015, 12:00:00 (Europe/Paris), 10:00:00 UTC",
        f"https://portal.example/dossiers/{filing.dossier_id}/filings/1", scene.lead().name,
    ):  # fmt: skip
        assert fact in said
    stated = next(d for d in scene.documents(scene.dossier()) if d.kind == "RECEIPT").context["pieces"]
    for file in (file for piece in stated for file in piece["files"]):
        assert file["sha256"] in said
        assert file["name"] in said
    composed = gateway.compose(message, "Portal <portal@network.example>")
    assert composed.as_bytes() == gateway.compose(message, "Portal <portal@network.example>").as_bytes()
    (enclosed,) = composed.iter_attachments()
    assert (enclosed.get_content(), enclosed.get_content_type()) == (content, "application/pdf")
    assert verification.verify(scene.session, enclosed.get_content()).holds


def test_a_receipt_that_cannot_be_made_does_not_keep_the_mail_back(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    mailing.let_go_lost(scene.session, scenes.FILED)
    assert mail_jobs(scene) == []
    row = next(d for d in scene.documents(scene.dossier()) if d.kind == "RECEIPT")
    job = scene.session.scalars(sa.select(Job).where(Job.subject_id == row.id)).one()
    job.attempts = queue.ATTEMPTS
    queue.fail(scene.session, job.id, scenes.FILED, "the disk is full")
    for _ in range(2):
        mailing.let_go_lost(scene.session, scenes.FILED)
        assert len(mail_jobs(scene)) == 2
    message = mailing.unsent(scene.session, mails(scene)[0].id, "", scene.story.instance.files)
    assert message is not None
    assert message.enclosures == ()
