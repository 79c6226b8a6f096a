"""An applicant's answer saved by itself: how it stands to a bare page, what it asks of the database, what a section weighs."""

import itertools
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask

from benchmarks.figures import Figure, medians, on_engines
from benchmarks.instances import REFERENCE, Instance, instance, statements
from benchmarks.visits import ask, cookie, token, visitor
from rvc_portal.models.account import Account
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Answer, Dossier
from rvc_portal.queries import accounts as people
from rvc_portal.services import accounts
from tests import servers

FIGURES = ("autosave_over_reference", "autosave_queries", "autosave_ms", "section_weight_kb")
FILES, TIMES = 200, 60
KEY = "reasons"
LINKS = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def measure(folder: Path) -> Iterator[Figure]:
    """On SQLite and on PostgreSQL; the plain names are the worse of the two."""
    found = {"sqlite": _on_one("sqlite", folder / "answering-sqlite", None)}
    with servers.postgresql() as server:
        database = servers.create_database(server, "answering")
        found["postgresql"] = _on_one("postgresql", folder / "answering-postgresql", database)
    limits = {"autosave_over_reference": 2, "autosave_queries": 8, "section_weight_kb": 60}
    yield from on_engines(found, limits)


def _on_one(engine: str, folder: Path, database: str | None) -> dict[str, Figure]:
    with instance(folder, FILES, database) as one:
        dossier_id, sign_in = _draft(one)
        reference, save = visitor(one.app, sign_in, REFERENCE), _saver(one.app, sign_in, dossier_id)
        taken = medians({"reference": reference, "save": save}, TIMES)
        with statements(one.app) as seen:
            save()
        return {
            "autosave_over_reference": Figure(
                f"autosave_over_reference_{engine}", taken["save"] / taken["reference"], "times", 2
            ),
            "autosave_queries": Figure(f"autosave_queries_{engine}", len(seen), "queries", 8),
            "autosave_ms": Figure(f"autosave_ms_{engine}", taken["save"] * 1000, "ms"),
            "section_weight_kb": Figure(
                f"section_weight_kb_{engine}", _heaviest(one.app, sign_in, dossier_id) / 1000, "kB", 60
            ),
        }


def _draft(one: Instance) -> tuple[UUID, str]:
    """Make one of the files a draft again, and sign its lead in."""
    with one.app.app_context():
        session = db.session()
        dossier = session.scalars(sa.select(Dossier).order_by(Dossier.reference).limit(1)).one()
        dossier.state = "draft"
        dossier.call.closes_at = dossier.call.closes_at.replace(year=dossier.call.closes_at.year + 100)
        lead = people.by_email(session, "lead@ville.example")
        assert isinstance(lead, Account)
        sign_in = accounts.start_session(session, lead, datetime.now(UTC))
        found = dossier.id, sign_in.id.hex
        session.commit()
        return found


def _saver(app: Flask, sign_in: str, dossier_id: UUID) -> Callable[[], None]:
    """A function that saves another text each time, as a page does while somebody types."""
    sent, said, tab = cookie(app, sign_in), itertools.count(1), uuid4().hex
    with app.app_context():
        standing = db.session().get_one(Answer, (dossier_id, KEY)).revision
        db.session.rollback()

    def save() -> None:
        number = next(said)
        text = f"Version {number}: " + "the city reads, writes and translates. " * 20
        form = {KEY: text, "base": standing, "tab": tab, "seq": number, "csrf_token": token(app)}
        status = ask(app, f"/dossiers/{dossier_id}/answers/{KEY}", sent, urlencode(form).encode())[0]
        if not status.startswith("200"):
            raise RuntimeError(f"an answer is answered {status}")

    return save


def _heaviest(app: Flask, sign_in: str, dossier_id: UUID) -> int:
    """Bytes over the wire of the heaviest section, with every style and script of its page."""
    sent = cookie(app, sign_in)
    weights = []
    for number in itertools.count(1):
        status, page, plain = _weigh(app, f"/dossiers/{dossier_id}/sections/{number}", sent)
        if not status.startswith("200"):
            return max(weights)
        parts = dict.fromkeys(LINKS.findall(plain))
        weights.append(page + sum(_weigh(app, part, sent)[1] for part in parts))
    raise AssertionError


def _weigh(app: Flask, path: str, sent: str) -> tuple[str, int, str]:
    """Status, bytes as compressed for a browser, and the text itself."""
    status, body = ask(app, path, sent, encodings="br, gzip")
    return status, len(body), ask(app, path, sent)[1].decode("utf-8", "replace")
