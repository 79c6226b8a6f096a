"""What is kept of a document proves itself: a record, a column or a file that a hand altered is found and named."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.models.document import Document
from rvc_portal.services import evidence, rendering
from tests import scenes
from tests.scenes import Scene, SceneAt


def receipt(scene: Scene) -> Document:
    found = scene.session.scalars(sa.select(Document).where(Document.dossier_id == scene.dossier().id)).all()
    return next(d for d in found if d.kind == "RECEIPT")


def rendered(scene: Scene, renderer: str | None = None) -> Document:
    """The receipt, made and stored."""
    made = receipt(scene)
    source = rendering.frozen(scene.session, made.id)
    assert source is not None
    stored = rendering.make(scene.story.instance.files, source)
    stored = dataclasses.replace(stored, renderer=renderer or stored.renderer)
    rendering.record(scene.session, made.id, stored, scenes.FILED)
    scene.session.expire_all()
    return made


def found(scene: Scene, *, everything: bool = False) -> dict[str, evidence.Finding]:
    """What is found, by the document's id; whole documents that were never made are left out."""
    every = evidence.check(scene.session, scene.story.instance.files, everything)
    return {f.document[-37:].strip("()"): f for f in every if f.faults or f.how != evidence.NOT_YET}


def test_what_nobody_touched_is_made_again_or_said_to_be_anothers(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    assert found(scene) == {}
    made = rendered(scene)
    (finding,) = found(scene).values()
    assert finding == evidence.Finding(f"{made.context['document']['reference']} ({made.id})", evidence.MADE, ())
    scene.session.execute(sa.update(Document).where(Document.id == made.id).values(renderer="another"))
    assert found(scene)[str(made.id)].how == evidence.OTHER_RENDERER


def change(**values: object) -> Callable[[Session, Document], None]:
    def hand(session: Session, made: Document) -> None:
        session.execute(sa.update(Document).where(Document.id == made.id).values(**values))

    return hand


def another_city(session: Session, made: Document) -> None:
    context = json.loads(json.dumps(made.context))
    context["dossier"]["city"] = "Elsewhere"
    change(context=context)(session, made)


def another_city_hashed_anew(session: Session, made: Document) -> None:
    another_city(session, made)
    session.expire_all()
    sha256 = evidence.context_sha256(made.kind, made.language, made.context, made.images)
    change(context_sha256=sha256)(session, made)


def no_json(session: Session, made: Document) -> None:
    session.execute(sa.text("UPDATE document SET context = '{no' WHERE id = :id"), {"id": made.id.hex})


HANDS: dict[str, tuple[Callable[[Session, Document], None], str]] = {
    "context": (another_city, "its context does not have the hash"),
    "context and hash": (another_city_hashed_anew, "made again from its record it has other bytes"),
    "no context": (no_json, "its record cannot be read"),
    "hash of the context": (change(context_sha256="0" * 64), "its context does not have the hash"),
    "language": (change(language="es"), "its context does not have the hash"),
    "images": (change(images={"a": "0" * 64}), "its context does not have the hash"),
    "kind": (change(kind="DOSSIER"), "its kind is not"),
    "instant": (change(issued_at=scenes.CHECKED), "its instant is not"),
    "hash of the file": (change(content_sha256="0" * 64), "is missing from the storage"),
    "size": (change(size=12), "bytes, but 12 were noted"),
    "pages": (change(pages=9), "pages, but 9 were noted"),
}


@pytest.mark.parametrize("hand", HANDS)
def test_a_record_that_a_hand_altered_is_found(hand: str, scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    made = rendered(scene)
    name, (alter, said) = str(made.id), HANDS[hand]
    alter(scene.session, made)
    scene.session.expire_all()
    findings = found(scene)
    assert set(findings) == {name}
    assert said in "\n".join(findings[name].faults)


def test_another_dossiers_document_is_found(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    made = receipt(scene)
    other = scene.dossier(scenes.DECLINED)
    scene.session.execute(sa.update(Document).where(Document.id == made.id).values(dossier_id=other.id))
    assert found(scene)[str(made.id)].faults == ("its dossier is not the one in its context",)


def stored_file(scene: Scene, made: Document) -> Path:
    folder, sha256 = scene.app.extensions["rvc"].settings.storage_url.removeprefix("file://"), str(made.content_sha256)
    return Path(folder) / sha256[:2] / sha256[2:]


def test_a_file_that_a_hand_altered_or_took_away_is_found(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    made = rendered(scene, renderer="another")
    path = stored_file(scene, made)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert "has been altered" in found(scene)[str(made.id)].faults[0]
    path.unlink()
    assert "is missing" in found(scene)[str(made.id)].faults[0]


@pytest.mark.parametrize(
    ("signature", "faults"),
    [(b"with a signature", ()), (None, ("its signed file does not begin with its content",))],
    ids=["whole", "foreign"],
)
def test_a_signed_file_begins_with_its_content(
    scene_at: SceneAt, signature: bytes | None, faults: tuple[str, ...]
) -> None:
    scene = scene_at("submitted")
    made, files = rendered(scene), scene.app.extensions["rvc"].files
    assert made.content_sha256 is not None
    file = files.get(made.content_sha256) + signature if signature else b"%PDF-1.7 another"
    made.file_sha256, made.file_size = files.put(file), len(file)
    scene.session.flush()
    assert found(scene)[str(made.id)].faults == faults


def test_a_superseded_document_that_stands_again_is_found(scene_at: SceneAt) -> None:
    from tests.services.test_documents import resubmitted

    scene = scene_at("submitted")
    resubmitted(scene)
    assert found(scene, everything=True) == {}
    query = sa.select(Document).where(Document.kind == "DOSSIER", Document.superseded_at.is_not(None))
    (old,) = scene.session.scalars(query)
    old.superseded_at = None
    scene.session.flush()
    (finding,) = found(scene).values()
    assert finding.faults == (
        f"{old.context['document']['reference']}, which it supersedes, is missing or stands as if it were in force",
    )


def counted(scene: Scene, *, everything: bool) -> int:
    return sum(1 for _ in evidence.check(scene.session, scene.story.instance.files, everything))


def test_those_that_were_superseded_are_looked_at_when_asked_for(scene_at: SceneAt) -> None:
    scene: Any = scene_at("submitted")
    every = counted(scene, everything=True)
    assert every == counted(scene, everything=False)
    receipt(scene).superseded_at = scenes.CHECKED
    scene.session.flush()
    assert counted(scene, everything=False) == every - 1
    assert counted(scene, everything=True) == every
