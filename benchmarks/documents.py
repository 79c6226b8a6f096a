"""A city's dossier as PDF: what the portal adds to bare WeasyPrint on the same page, and that it is laid out once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from benchmarks.figures import Figure, medians
from benchmarks.visits import visitor
from rvc_portal import jobs, settings
from rvc_portal.app import create_app
from rvc_portal.demonstration import cast, round2015
from rvc_portal.demonstration.cities import cities
from rvc_portal.demonstration.story import Story
from rvc_portal.documents import finisher, pdf
from rvc_portal.domain.vocabulary import Doc, JobKind, Signing
from rvc_portal.gateways import authority
from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from rvc_portal.models.job import Job
from rvc_portal.queries import accounts as people
from rvc_portal.services import accounts, calls, queue, rendering
from rvc_portal.settings import MIGRATIONS

TIMES = 5
FIGURES = (
    "pdf_over_weasyprint", "signing_over_pdf", "signing_ms", "pdf_second_download_renders",
    "pdf_portal_ms", "pdf_weasyprint_ms", "pdf_pages",
)  # fmt: skip


def measure(folder: Path) -> Iterator[Figure]:
    """On one dossier of the 2015 round, filed through the services, with its photographs."""
    app = create_app(settings.read({"RVC_DATA": str(folder / "pdf")}))
    with app.app_context():
        upgrade(str(MIGRATIONS))
        document_id, lead = _filed(app)
    jobs.drain(app)
    yield from _compare(app, document_id)
    yield Figure("pdf_second_download_renders", _renders_of_downloads(app, document_id, lead), "renders", 0)
    with app.app_context():
        db.engine.dispose()


def _filed(app: Flask) -> tuple[UUID, str]:
    story, told = Story(app, 2015), round2015.definition()
    at = told.filing.opens_at
    call = calls.open_call(story.session, told, actor=cast.nobody(), now=at, demonstration=True)
    city = next(iter(cities().values()))
    lead = cast.lead_of(story.session, city, at)
    story.commit()
    dossier = story.file(call, city, lead, at, told.filing.closes_at.replace(day=10))
    query = sa.select(Document.id).where(Document.dossier_id == dossier.id, Document.kind == Doc.DOSSIER)
    return story.session.scalars(query).one(), lead.email


def _compare(app: Flask, document_id: UUID) -> Iterator[Figure]:
    with app.app_context():
        _forget(app, document_id)
        source = rendering.frozen(db.session(), document_id)
    assert source is not None
    files = app.extensions["rvc"].files
    images = {key: files.get(sha256) for key, sha256 in source.images.items()}
    html = pdf.page_html(source.kind, source.context, source.language)
    runs = {"portal": _portal(app, document_id), "bare": lambda: _bare(html, images)}
    taken = medians(runs, TIMES, warm_up=1)
    pages = _bare(html, images)
    yield Figure("pdf_over_weasyprint", taken["portal"] / taken["bare"], "times", 1.10)
    yield Figure("pdf_portal_ms", taken["portal"] * 1000, "ms")
    yield Figure("pdf_weasyprint_ms", taken["bare"] * 1000, "ms")
    yield Figure("pdf_pages", pages, "pages")
    signed = _signing(app, document_id)
    yield Figure("signing_over_pdf", signed / taken["portal"], "of it", 0.10)
    yield Figure("signing_ms", signed * 1000, "ms")


def _signing(app: Flask, document_id: UUID) -> float:
    """Seconds of all of a worker's part in signing: claim the job, read the file, sign, store, write down, commit."""
    of = app.extensions["rvc"].settings
    authority.init(of.keys.folder, "Network of Cities", datetime.now(UTC))

    def sign() -> None:
        with app.app_context():
            document = db.session.get_one(Document, document_id)
            document.file_sha256, document.signing = None, Signing.WAITING
            db.session.execute(sa.delete(Job))
            queue.enqueue(db.session(), JobKind.SIGN, document_id, now=datetime.now(UTC))
            db.session.commit()
        jobs.drain(app)

    return medians({"signed": sign}, TIMES, warm_up=1)["signed"]


def _portal(app: Flask, document_id: UUID) -> Callable[[], None]:
    """All of a worker's part: claim the job, read the record, lay out, store the file, write down what was stored."""

    def run() -> None:
        with app.app_context():
            _forget(app, document_id)
        jobs.drain(app)

    return run


def _forget(app: Flask, document_id: UUID) -> None:
    """Make the document one that was issued and not rendered yet, its file gone from the storage."""
    document = db.session.get_one(Document, document_id)
    if document.content_sha256 is not None:
        folder = app.extensions["rvc"].settings.data / "files"
        (folder / document.content_sha256[:2] / document.content_sha256[2:]).unlink()
    document.content_sha256 = None
    db.session.execute(sa.delete(Job))
    queue.enqueue(db.session(), JobKind.RENDER, document_id, now=datetime.now(UTC))
    db.session.commit()


def _bare(html: str, images: dict[str, bytes]) -> int:
    """What anybody would write who has the page, its pictures and the finisher; the number of pages."""
    from weasyprint import HTML

    options = {"pdf_variant": pdf.VARIANT, "dpi": pdf.RESOLUTION}
    document = HTML(string=html, base_url="rvc:", url_fetcher=pdf.fetcher(images)).render(**options)
    document.write_pdf(finisher=finisher.finish, **options)
    return len(document.pages)


def _renders_of_downloads(app: Flask, document_id: UUID, lead: str) -> int:
    """How often a rendered document is laid out again when its city downloads it twice."""
    with app.app_context():
        account = people.by_email(db.session(), lead)
        assert account is not None
        sign_in = accounts.start_session(db.session(), account, datetime.now(UTC)).id.hex
        db.session.commit()
    download = visitor(app, sign_in, f"/documents/{document_id}.pdf")
    with _counted() as seen:
        if not download() == download() != b"":
            raise RuntimeError("two downloads of one document differ")
    return len(seen)


@contextmanager
def _counted() -> Iterator[list[str]]:
    """The kinds of documents that are laid out meanwhile."""
    seen: list[str] = []
    lay_out = pdf.render

    def counting(kind: str, *more: object, **named: object) -> pdf.Rendered:
        seen.append(kind)
        return lay_out(kind, *more, **named)  # type: ignore[arg-type]

    pdf.render = counting
    try:
        yield seen
    finally:
        pdf.render = lay_out
