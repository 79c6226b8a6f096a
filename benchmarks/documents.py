"""A city's complete dossier of 60 pages as PDF: what the portal adds to bare WeasyPrint on the same page, that it is laid out once,
what its signature costs."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.orm import undefer

from benchmarks.figures import Figure, cpu_seconds, medians
from benchmarks.visits import visitor
from rvc_portal import jobs, settings
from rvc_portal.app import create_app
from rvc_portal.demonstration import cast, round2015
from rvc_portal.demonstration.cities import cities
from rvc_portal.demonstration.story import Story
from rvc_portal.documents import finisher, pdf
from rvc_portal.documents.attachments import Attached
from rvc_portal.domain.vocabulary import Doc, JobKind, Signing
from rvc_portal.gateways import authority
from rvc_portal.gateways.files import Files
from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from rvc_portal.models.job import Job
from rvc_portal.queries import accounts as people
from rvc_portal.services import accounts, calls, complete_dossier, queue, rendering
from rvc_portal.settings import MIGRATIONS

KIND, PAGES = Doc.COMPLETE_DOSSIER, 58
"""What is measured, and how many pages it has at least: each time its answers are said once more, it gains some twenty."""
LONG_TEXT = 300
"""Letters from which a text of a dossier is an answer in prose, and no name or label."""
TIMES = 5
FIGURES = (
    "pdf_over_weasyprint", "dossier_pages_per_cpu_second", "weasyprint_pages_per_cpu_second", "signing_over_pdf",
    "signing_ms", "pdf_second_download_renders", "pdf_portal_ms", "pdf_weasyprint_ms", "pdf_pages",
)  # fmt: skip


def measure(folder: Path) -> Iterator[Figure]:
    """On one dossier of the 2015 round, filed through the services, with its photographs and three times as much to say."""
    app = create_app(settings.read({"RVC_DATA": str(folder / "pdf")}))
    document_id, lead = long_dossier(app)
    yield from _compare(app, document_id)
    yield Figure("pdf_second_download_renders", _renders_of_downloads(app, document_id, lead), "renders", 0)
    with app.app_context():
        db.engine.dispose()


def long_dossier(app: Flask) -> tuple[UUID, str]:
    """Have a city file in an empty database, and lengthen what its document says until it has so many pages; the document,
    rendered once, and the address of the city's lead."""
    with app.app_context():
        upgrade(str(MIGRATIONS))
        document_id, lead = _filed(app)
    jobs.drain(app)
    with app.app_context():
        document = db.session.get_one(Document, document_id, options=[undefer(Document.context)])
        files: Files = app.extensions["rvc"].files
        plain = document.context
        for times in itertools.count(2):
            document.context = lengthened(plain, times)
            if _bare(*_page(files, rendering.source_of(document, None))) >= PAGES:
                break
        forget(app, [document_id])
    jobs.drain(app)
    return document_id, lead


def lengthened(context: Any, times: int) -> Any:
    """The same with every answer in prose, every row of a table and every item of a list so many times."""
    if isinstance(context, str):
        return "\n\n".join([context] * times) if len(context) > LONG_TEXT else context
    if isinstance(context, list):
        return [lengthened(part, times) for part in context]
    if isinstance(context, dict):
        return {
            key: lengthened(part, times) * (times if key in ("rows", "items") else 1) if isinstance(part, list)
            else lengthened(part, times)
            for key, part in context.items()
        }  # fmt: skip
    return context


def _filed(app: Flask) -> tuple[UUID, str]:
    story, told = Story(app, 2015), round2015.definition()
    at = told.filing.opens_at
    call = calls.open_call(story.session, told, actor=cast.nobody(), now=at, demonstration=True)
    city = next(iter(cities().values()))
    lead = cast.lead_of(story.session, city, at)
    story.commit()
    dossier = story.file(call, city, lead, at, told.filing.closes_at.replace(day=10))
    document = complete_dossier.order(
        story.session, story.instance.files, dossier, actor=story.actor(lead, at), now=at
    )  # fmt: skip
    story.session.commit()
    return document.id, lead.email


def _page(files: Files, source: rendering.Frozen) -> tuple[str, dict[str, bytes], list[Attached]]:
    """What is laid out: the page and its pictures, and the files that travel in it."""
    images = {key: files.get(sha256) for key, sha256 in source.images.items()}
    page = pdf.page_html(source.kind, source.context, source.language)
    return page, images, rendering.attached_to(files, source.context)


def _compare(app: Flask, document_id: UUID) -> Iterator[Figure]:
    """By the processor's time: what else the machine does meanwhile falls on neither."""
    with app.app_context():
        row = db.session.get_one(Document, document_id, options=[undefer(Document.context)])
        page = _page(app.extensions["rvc"].files, rendering.source_of(row, None))
    runs = {"portal": _portal(app, document_id), "bare": lambda: _bare(*page)}
    taken = medians(runs, TIMES, warm_up=1, clock=cpu_seconds)
    pages = _bare(*page)
    yield Figure("pdf_over_weasyprint", taken["portal"] / taken["bare"], "times", 1.05)
    yield Figure("dossier_pages_per_cpu_second", pages / taken["portal"], "pages/s", 10, "min")
    yield Figure("weasyprint_pages_per_cpu_second", pages / taken["bare"], "pages/s", None, "min")
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

    return medians({"signed": sign}, TIMES, warm_up=1, clock=cpu_seconds)["signed"]


def _portal(app: Flask, document_id: UUID) -> Callable[[], None]:
    """All of a worker's part: claim the job, read the record, lay out, store the file, write down what was stored."""

    def run() -> None:
        with app.app_context():
            forget(app, [document_id])
        jobs.drain(app)

    return run


def forget(app: Flask, document_ids: list[UUID]) -> None:
    """Make the documents ones that were issued and not rendered yet, their files gone from the storage. Commits."""
    db.session.execute(sa.delete(Job))
    for document_id in document_ids:
        document = db.session.get_one(Document, document_id)
        if document.content_sha256 is not None:
            folder = app.extensions["rvc"].settings.data / "files"
            (folder / document.content_sha256[:2] / document.content_sha256[2:]).unlink(missing_ok=True)
        document.content_sha256 = None
        queue.enqueue(db.session(), JobKind.RENDER, document_id, now=datetime.now(UTC))
    db.session.commit()


def _bare(html: str, images: dict[str, bytes], attached: list[Attached]) -> int:
    """What anybody would write who has the page, its pictures, the sheet and fonts, read before, and the finisher with the
    files that travel in it; the number of pages."""
    from weasyprint import HTML

    fonts, sheet = pdf.style()
    options = {"pdf_variant": pdf.VARIANT, "dpi": pdf.RESOLUTION, "custom_metadata": True}
    page = HTML(string=html, base_url="rvc:", url_fetcher=pdf.fetcher(images))
    document = page.render(font_config=fonts, stylesheets=[sheet], **options)
    document.write_pdf(finisher=partial(finisher.finish, attached=attached), **options)
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
