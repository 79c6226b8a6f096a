"""`rvc replay`: play the 2015 round in an instance and write out every PDF of it, with a manifest."""

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from rvc_portal.demonstration import round2015
from rvc_portal.demonstration.cast import assemble
from rvc_portal.demonstration.story import Story
from rvc_portal.domain.errors import Refusal, Refused
from rvc_portal.domain.vocabulary import EVALUATING_SEATS, N_, SeatKind
from rvc_portal.models.base import db, seeded_ids
from rvc_portal.models.call import Call
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation
from rvc_portal.models.seat import Seat
from rvc_portal.queries import calls

Manifest = dict[str, Any]
JOBS_EXPECTED = 610
"""About how many documents and mails a round makes: what the progress bar is measured against."""


def is_played(app: Flask) -> bool:
    """Whether the instance holds the round's call already, played to the end or not."""
    with app.app_context():
        return calls.by_key(db.session(), round2015.definition().key) is not None


def play(
    app: Flask, out: Path, *, seed: int, signed: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Manifest:  # fmt: skip
    """Play the round with this seed and write its documents and `manifest.json` to the folder `out`; return the manifest.
    `signed`: a folder for the same files as the office signed them.

    Raises Refused when the instance holds the call already, OSError when `out` cannot be written. The manifest is
    written last: where there is one, everything it lists is there.
    """
    out.mkdir(parents=True, exist_ok=True)
    with app.app_context(), seeded_ids(seed):
        if is_played(app):
            raise Refused([Refusal(N_("This instance holds the 2015 call already: name an empty one by RVC_DATA."))])
        story = Story(app, seed, _counting(progress))
        cast = assemble(story.session, round2015.definition().filing.opens_at)
        call = round2015.play(story, cast)
        round2015.take_whole(story, call, cast)
        manifest = write_out(app, call, out, seed)
        if signed:
            _write_signed(app, call, signed)
        db.session.rollback()
        progress(1, 1)
    return manifest


def _counting(progress: Callable[[int, int], None]) -> Callable[[], None]:
    """Told of each job, tells how many of those expected are done."""
    done = 0

    def on_job() -> None:
        nonlocal done
        done += 1
        progress(done, max(done, JOBS_EXPECTED))

    return on_job


def write_out(app: Flask, call: Call, out: Path, seed: int) -> Manifest:
    """Write every document of the call to `out` and the manifest beside them."""
    documents = [_written(app, out, *row) for row in _documents(call)]
    documents.sort(key=lambda d: str(d["file"]))
    manifest = {"seed": seed, "documents": documents, "conflicts": _conflicts(call)}
    temporary = out / "manifest.json.part"
    temporary.write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    temporary.replace(out / "manifest.json")
    return manifest


def _write_signed(app: Flask, call: Call, out: Path) -> None:
    """Write the file of every document of the call that the office signed to `out`, under the names that the content has."""
    for document, dossier, seat in _documents(call):
        if document.file_sha256:
            path = out / _path(document, dossier, seat)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(app.extensions["rvc"].files.get(document.file_sha256))


def _documents(call: Call) -> list[tuple[Document, Dossier | None, Seat | None]]:
    query = (
        sa.select(Document, Dossier, Seat)
        .outerjoin(Dossier, Dossier.id == Document.dossier_id)
        .outerjoin(Evaluation, Evaluation.id == Document.evaluation_id)
        .outerjoin(Assignment, Assignment.id == Evaluation.assignment_id)
        .outerjoin(Seat, Seat.id == Assignment.seat_id)
        .where(Document.call_id == call.id)
        .options(sa.orm.undefer(Document.context))
        .order_by(Document.issued_at, Document.id)
    )
    return [(document, dossier, seat) for document, dossier, seat in db.session.execute(query)]


def _written(
    app: Flask, out: Path, document: Document, dossier: Dossier | None, seat: Seat | None
) -> dict[str, object]:
    assert document.content_sha256 is not None, document.kind
    path = _path(document, dossier, seat)
    (out / path).parent.mkdir(exist_ok=True)
    (out / path).write_bytes(app.extensions["rvc"].files.get(document.content_sha256))
    return {
        "kind": document.kind,
        "city": dossier.lead_city if dossier else None,
        "author_city": seat.city if seat and seat.kind == SeatKind.MEMBER else None,
        "language": document.language,
        "pages": document.pages,
        "sha256": document.content_sha256,
        "file": path.as_posix(),
    }


def _path(document: Document, dossier: Dossier | None, seat: Seat | None) -> Path:
    """Where the document stands in the folder: whose, what, by whom, in which language, which version."""
    number = document.context["document"]["reference"].rsplit("/", 1)[-1]
    whose = _ascii(f"{dossier.reference}-{dossier.lead_city}") if dossier else "call"
    mark = document.variant or (document.account_id.hex if document.account_id else "")
    author = f"-{_ascii(seat.name)}" if seat else f"-{mark[:8]}" if mark else ""
    return Path(whose) / f"{document.kind.lower().replace('_', '-')}{author}-{document.language}-{number}.pdf"


def _conflicts(call: Call) -> list[dict[str, str | None]]:
    query = (
        sa.select(Seat.city, Dossier.lead_city, Conflict.rule)
        .join(Conflict, Conflict.seat_id == Seat.id)
        .join(Dossier, Dossier.id == Conflict.dossier_id)
        .where(Dossier.call_id == call.id, Seat.kind.in_(sorted(EVALUATING_SEATS)))
        .order_by(Seat.city, Dossier.lead_city, Conflict.rule)
    )
    return [{"author_city": a, "city": c, "rule": rule} for a, c, rule in db.session.execute(query)]


def _ascii(text: str) -> str:
    """A part of a file's name: plain letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split()).lower()
