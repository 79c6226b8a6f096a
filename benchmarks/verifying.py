"""The public page of a document, asked for by a stranger, beside the reference page."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

from benchmarks import bulk
from benchmarks.figures import Figure, medians
from benchmarks.instances import REFERENCE, Instance, instance, statements
from benchmarks.visits import ask, visitor
from rvc_portal.domain import codes
from rvc_portal.domain.vocabulary import Doc
from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from tests import servers

FILES, TIMES = 200, 60
FIGURES = ("verify_over_reference", "verify_replaced_over_reference", "verify_queries", "verify_ms")


def measure(folder: Path) -> Iterator[Figure]:
    """On SQLite and on PostgreSQL; the plain names are the worse of the two."""
    found = {"sqlite": _on_one("sqlite", folder / "verifying-sqlite", None)}
    with servers.postgresql() as server:
        database = servers.create_database(server, "verifying")
        found["postgresql"] = _on_one("postgresql", folder / "verifying-postgresql", database)
    for figures in found.values():
        yield from figures.values()
    for name in ("verify_over_reference", "verify_replaced_over_reference"):
        worst = max((figures[name] for figures in found.values()), key=lambda figure: figure.value)
        yield Figure(name, worst.value, worst.unit, worst.limit)


def _on_one(engine: str, folder: Path, database: str | None) -> dict[str, Figure]:
    with instance(folder, FILES, database) as one:
        standing, replaced = (_asker(one, code) for code in _issued(one))
        reference = visitor(one.app, one.filled.secretariat, REFERENCE)
        taken = medians({"reference": reference, "verify": standing, "verify_replaced": replaced}, TIMES)
        with statements(one.app) as seen:
            replaced()
    over = {f"{name}_over_reference": taken[name] / taken["reference"] for name in ("verify", "verify_replaced")}
    return {name: Figure(f"{name}_{engine}", value, "times", 1.5) for name, value in over.items()} | {
        "verify_queries": Figure(f"verify_queries_{engine}", len(seen), "queries"),
        "verify_ms": Figure(f"verify_ms_{engine}", taken["verify"] * 1000, "ms"),
    }


def _asker(one: Instance, code: str) -> Callable[[], None]:
    """A function that opens the document's page as somebody without an account."""
    path = f"/verify/{codes.printed(code)}"

    def verify() -> None:
        status, _ = ask(one.app, path, "")
        if not status.startswith("200"):
            raise RuntimeError(f"{path} answers {status}")

    return verify


def _issued(one: Instance) -> tuple[str, str]:
    """Two dossiers as documents for each file, the first replaced by the second; the codes of one that stands, and of one that
    was replaced, whose page says the most."""
    with one.app.app_context():
        session, at = db.session(), datetime.now(UTC)
        if not session.scalar(sa.select(sa.func.count()).where(Document.kind == Doc.DOSSIER)):
            for dossier in session.scalars(sa.select(Dossier).order_by(Dossier.reference)):
                session.add_all([_document(dossier, 1, at - timedelta(days=9), at), _document(dossier, 2, at, None)])
        session.commit()
        code = sa.select(Document.code).where(Document.kind == Doc.DOSSIER).order_by(Document.code).limit(1)
        stands = session.scalars(code.where(Document.superseded_at.is_(None))).one()
        return stands, session.scalars(code.where(Document.superseded_at.is_not(None))).one()


def _document(dossier: Dossier, number: int, at: datetime, superseded_at: datetime | None) -> Document:
    """With as much in its frozen context as a real one has: the page reads its header out of it."""
    context = {
        "document": {"reference": f"{dossier.reference}/{Doc.DOSSIER}/{number}"},
        "call": {"title": {"en": "Call for candidacies", "fr": "Appel à candidatures"}, "timezone": "Europe/Paris"},
        "dossier": {"city": dossier.lead_city},
        "demonstration": False,
        "sections": [{"number": str(place), "said": bulk.SENTENCE * 12} for place in range(bulk.ANSWERS)],
    }
    return Document(
        kind=Doc.DOSSIER, call_id=dossier.call_id, dossier_id=dossier.id, language=dossier.language, issued_at=at,
        context=context, content_sha256=uuid4().hex * 2, pages=60, size=500_000, renderer="none", rendered_at=at,
        superseded_at=superseded_at,
    )  # fmt: skip
