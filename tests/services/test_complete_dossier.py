"""The complete dossier holds exactly what its reader may see, is theirs alone, and only as long as what it holds is."""

import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pikepdf
import pytest
import sqlalchemy as sa
from pypdf import PdfReader
from sqlalchemy.orm import undefer

from rvc_portal.domain.errors import NotFound, Refused
from rvc_portal.domain.vocabulary import Doc, Permission
from rvc_portal.models.account import Account
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.document import Document, DocumentPart
from rvc_portal.models.dossier import Attachment, Dossier
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import catalogue, documents, dossiers
from rvc_portal.services import complete_dossier, evidence, journal, rendering
from tests import scenes
from tests.scenes import DECLINED, DESIGNATED, Scene, SceneAt

NOW = scenes.PUBLISHED


def order(scene: Scene, account: Account, name: str = DESIGNATED, now: datetime = NOW) -> Document:
    files = scene.story.instance.files
    made = complete_dossier.order(
        scene.session, files, scene.dossier(name), actor=scene.actor(account, now), now=now
    )  # fmt: skip
    scene.commit()
    scene.session.refresh(made, ["context"])
    return made


def readers(scene: Scene, dossier: Dossier) -> list[Account]:
    """Everybody who may read the file."""
    return [
        account
        for account in scene.session.scalars(sa.select(Account).order_by(Account.email))
        if dossiers.allows(
            dossier, dossiers.roles(scene.session, scene.actor(account, NOW), dossier), Permission.READ
        )
    ]  # fmt: skip


def told(scene: Scene, account: Account, document: Document) -> bool:
    """Whether the person can have the document, by the download; the list of all documents agrees."""
    actor = scene.actor(account, NOW)
    one = documents.readable(scene.session, actor, document.id) is not None
    within = catalogue.reach(scene.session, actor)
    listed = {line.document.id for line in catalogue.everything(scene.session, within, catalogue.Filters())}
    assert one == (document.id in listed), account.email
    return one


def rendered(scene: Scene, made: Document) -> bytes:
    source = rendering.frozen(scene.session, made.id)
    assert source is not None
    stored = rendering.make(scene.story.instance.files, source)
    rendering.record(scene.session, made.id, stored, NOW)
    scene.session.expire_all()
    return scene.story.instance.files.get(stored.sha256)


def text(content: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)


def kinds(made: Document) -> set[str]:
    return {part["kind"] for part in made.context["parts"]}


def words(context: Any) -> Iterable[str]:
    """Every text within."""
    if isinstance(context, dict):
        for value in context.values():
            yield from words(value)
    elif isinstance(context, list):
        for value in context:
            yield from words(value)
    elif isinstance(context, str):
        yield context


@pytest.mark.parametrize("stage", ["written", "submitted", "closed", "decided", "published"])
def test_it_holds_what_each_reader_may_have_and_is_nobody_elses(stage: str, scene_at: SceneAt) -> None:
    scene = scene_at(stage)
    dossier = scene.dossier()
    people = readers(scene, dossier)
    assert people
    made = {}
    for account in people:
        actor = scene.actor(account, NOW)
        may = {
            d.id for d in scene.documents(dossier)
            if d.account_id is None and d.superseded_at is None and documents.readable(scene.session, actor, d.id)
        }  # fmt: skip
        made[account.id] = order(scene, account)
        parts = set(
            scene.session.scalars(
                sa.select(DocumentPart.part_id).where(DocumentPart.document_id == made[account.id].id)
            )
        )
        assert parts == may, account.email
        assert len(made[account.id].context["parts"]) == max(len(may), 1), "what is not filed, its city has in hand"
    for account in scene.session.scalars(sa.select(Account)):
        for whose, document in made.items():
            assert told(scene, account, document) == (account.id == whose), account.email


def test_a_city_is_told_of_no_score_and_of_no_decision_before_it_may(scene_at: SceneAt) -> None:
    scene = scene_at("decided")
    of_city, of_office = order(scene, scene.lead()), order(scene, scene.officer)
    assert kinds(of_city) == {"DOSSIER", "RECEIPT"}
    assert {"EVALUATION_REPORT", "EVALUATION_SHEET", "STEERING_OPINION", "CERTIFICATE"} <= kinds(of_office)
    inside = {act["label"]["message"] for act in of_office.context["history"]}
    outside = {act["label"]["message"] for act in of_city.context["history"]}
    assert outside < inside
    table = dossiers.procedure_of(scene.dossier()).transitions
    assert {table[name].past for name in ("close_sheet", "refer", "advise", "decide")} & outside == set()
    assert of_city.context["state"] != of_office.context["state"]
    assert all(part["held"] for part in of_office.context["parts"] if part["chapter"] == "decision")


def test_a_citys_own_is_the_same_whatever_happens_inside(scene_at: SceneAt) -> None:
    """What is asked for before and after is one document: nothing was made anew, so nothing was told."""
    scene = scene_at("in_evaluation")
    first = order(scene, scene.lead(), now=scenes.ASSIGNED)
    scenes.play(scene, "decided", after="in_evaluation")
    assert order(scene, scene.lead()).id == first.id


def test_an_evaluator_finds_the_file_and_their_own_sheet(scene_at: SceneAt) -> None:
    scene = scene_at("closed")
    own, player = scene.assignments(scene.dossier())[0]
    made = order(scene, player.account)
    assert kinds(made) == {"DOSSIER", "EVALUATION_SHEET"}
    assert [p["seat"] for p in made.context["parts"] if p["kind"] == "EVALUATION_SHEET"] == [player.seat.name]
    others = {p.seat.name for a, p in scene.assignments(scene.dossier()) if a.id != own.id}
    assert not others & set(words(made.context["history"]))


def test_who_is_kept_from_a_file_gets_none_of_it(scene_at: SceneAt) -> None:
    scene = scene_at("in_review")
    member = scene.chair().account
    made = order(scene, member)
    assert told(scene, member, made)
    scene.session.add(
        Conflict(dossier_id=scene.dossier().id, account_id=member.id, rule="declared", since_at=NOW)
    )  # fmt: skip
    scene.commit()
    with pytest.raises(NotFound):
        order(scene, member)
    assert not told(scene, member, made)
    assert order(scene, member, DECLINED)


def test_it_goes_when_one_document_in_it_is_not_its_readers_any_more(scene_at: SceneAt) -> None:
    """The Secretariat goes on reading the file; a letter that was taken back is nobody's, and so is what holds it."""
    scene = scene_at("in_review")
    made = order(scene, scene.officer)
    letter = next(d for d in scene.documents(scene.dossier()) if d.kind == Doc.SCREENING_NOTE)
    assert told(scene, scene.officer, made)
    letter.held, letter.superseded_at = True, NOW
    scene.commit()
    assert not told(scene, scene.officer, made)
    assert Doc.SCREENING_NOTE not in kinds(order(scene, scene.officer))


@pytest.mark.parametrize("who", ["another city", "an evaluator who is not asked"])
def test_who_may_not_read_the_file_orders_nothing(who: str, scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    account = scene.lead(DECLINED) if who == "another city" else scene.players()[0].account
    before = len(scene.documents())
    with pytest.raises((NotFound, Refused)):
        order(scene, account)
    scene.session.rollback()
    assert len(scene.documents()) == before


def test_the_act_stands_in_the_journal_first_and_is_not_told_to_others(scene_at: SceneAt) -> None:
    scene = scene_at("closed")
    _, player = scene.assignments(scene.dossier())[0]
    of_evaluator, of_office = order(scene, player.account), order(scene, scene.officer)
    entries = scene.session.scalars(
        sa.select(JournalEntry).where(
            JournalEntry.chain == scene.dossier().id, JournalEntry.transition == complete_dossier.ACT
        ).order_by(JournalEntry.id)
    ).all()  # fmt: skip
    assert [entry.actor_id for entry in entries] == [player.account.id, scene.officer.id]
    assert "journal" not in of_evaluator.context["document"], "the head would tell that others evaluate"
    assert of_office.context["document"]["journal"]["hash"] == entries[-1].hash
    assert journal.first_broken(scene.session, scene.dossier().id) is None
    acts = {act["label"]["message"] for act in of_office.context["history"]}
    assert "asked for the complete dossier" not in acts, "who reads a file is no history of it"


def test_what_would_say_the_same_is_not_made_anew_and_what_is_new_takes_its_place(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    first = order(scene, scene.officer)
    assert order(scene, scene.officer, now=NOW.replace(hour=20)).id == first.id
    french = scene.second_officer
    assert order(scene, french).id != first.id
    scene.dossier().state = "in_evaluation"
    scene.commit()
    second = order(scene, scene.officer, now=NOW.replace(hour=21))
    assert second.id != first.id
    scene.session.refresh(first)
    assert first.superseded_at is not None
    assert second.context["document"]["supersedes"] == first.context["document"]["reference"]
    assert told(scene, scene.officer, first)


@pytest.mark.parametrize("mode", ["evaluators", "cities", "evaluators_and_cities"])
def test_a_blind_call_names_no_evaluator_to_whom_it_hides_them(mode: str, scene_at: SceneAt) -> None:
    scene = scene_at("assigned")
    scene.redefine(blind=mode)
    for number, (assignment, _) in enumerate(scene.assignments(scene.dossier()), 11):
        assignment.number = number
    scene.commit()
    scenes.play(scene, "decided", after="assigned")
    judges = scene.assignments(scene.dossier())
    names = {name for _, p in judges for name in (p.seat.name, p.account.name)}
    hidden_from = {
        "evaluators": [judges[0][1].account],
        "cities": [scene.lead(), scene.chair().account],
        "evaluators_and_cities": [judges[0][1].account, scene.lead(), scene.chair().account],
    }[mode]
    for account in hidden_from:
        made = order(scene, account)
        own = {p.account.name for _, p in judges if p.account.id == account.id}
        own |= {p.seat.name for _, p in judges if p.account.id == account.id}
        said = [line for line in words({**made.context, "document": {}, "reader": ""}) if len(line) < 400]
        assert not [line for line in said for name in names - own if name == line or f"{name}," in line], mode


def test_pieces_travel_in_it_and_what_was_lost_is_said(scene_at: SceneAt, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = scene_at("submitted")
    files = scene.story.instance.files
    given = scene.session.scalars(sa.select(Attachment).where(Attachment.dossier_id == scene.dossier().id)).all()
    pdfs = [a for a in given if a.content_type == "application/pdf"]
    content = rendered(scene, order(scene, scene.officer))
    file = pikepdf.open(io.BytesIO(content))
    inside = {a.get_file().read_bytes() for a in file.attachments.values()}
    assert inside == {files.get(a.sha256) for a in pdfs}
    printed = text(content)
    assert all(a.sha256 in printed for a in given)
    lost = pdfs[0].sha256
    exists = files.exists
    monkeypatch.setattr(files, "exists", lambda sha256: sha256 != lost and exists(sha256))
    made = order(scene, scene.second_officer)
    assert lost not in {a["sha256"] for a in made.context["attached"]}
    listed = [f for piece in made.context["pieces"] for f in piece["files"] if f["sha256"] == lost]
    assert {f["not_attached"] for f in listed} == {"lost"}


def test_the_pdf_says_what_the_documents_say_and_is_made_again_to_the_same_bytes(scene_at: SceneAt) -> None:
    scene = scene_at("published")
    made = order(scene, scene.officer)
    content = rendered(scene, made)
    printed = text(content)
    for document in scene.session.scalars(
        sa.select(Document).where(Document.dossier_id == scene.dossier().id, Document.superseded_at.is_(None))
        .options(undefer(Document.context))
    ):  # fmt: skip
        for reason in reasons(document.context):
            assert "".join(reason.split())[:60] in printed, document.kind
    faults = [
        f for f in evidence.check(scene.session, scene.story.instance.files, everything=True) if str(made.id) in f.document
    ]  # fmt: skip
    assert [(f.how, f.faults) for f in faults] == [(evidence.MADE, ())]


def reasons(context: dict[str, Any]) -> Iterable[str]:
    """What people wrote in a sheet or a letter."""
    for criterion in context.get("criteria", []):
        if "reason" in criterion:
            yield criterion["reason"]["text"]
    if isinstance(context.get("reason"), dict) and context["reason"].get("text"):
        yield context["reason"]["text"]


def test_a_city_at_work_has_its_answers_as_they_stand(scene_at: SceneAt) -> None:
    scene = scene_at("written")
    made = order(scene, scene.lead())
    (part,) = made.context["parts"]
    assert (part["kind"], part["reference"]) == ("DOSSIER", None)
    assert part["context"]["filing"] is None
    assert any(f["attached_as"] for piece in made.context["pieces"] for f in piece["files"])
    assert "journal" not in made.context["document"], "whether there is a head would tell whether something happened"
