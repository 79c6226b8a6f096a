"""The annual meetings of the Network, and what each agreed. Public as soon as the text is sealed."""

from typing import Any

from flask import Blueprint, Response, g, url_for

from rvc_portal.domain.errors import NotFound
from rvc_portal.domain.vocabulary import Doc, Role
from rvc_portal.language import LANGUAGES
from rvc_portal.models.base import db
from rvc_portal.models.clause import Clause
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import conclusions as query
from rvc_portal.queries import documents
from rvc_portal.queries.conclusions import Conclusions
from rvc_portal.queries.floor import may_follow
from rvc_portal.web import labels
from rvc_portal.web.access import public
from rvc_portal.web.dossier_page import document_item
from rvc_portal.web.htmx import page

bp = Blueprint("meetings", __name__)


@bp.get("/meetings")
@public
def index() -> Response:
    """Every meeting, the latest first."""
    return page("meetings/index.html", rows=[_row(m) for m in query.meetings(db.session())])


@bp.get("/meetings/<int:edition>")
@public
def show(edition: int) -> Response:
    """One meeting: its conclusions in both languages, clause beside clause, and their documents."""
    meeting = query.of_edition(db.session(), edition)
    if meeting is None:
        raise NotFound
    there = query.of(db.session(), meeting) if _may_read(meeting) else Conclusions()
    return page(
        "meetings/show.html", meeting=meeting, row=_row(meeting), languages=_in_order(there),
        head={kind: _texts(piece) for kind, piece in there.head.items()},
        clauses=[{**_numbered(str(number), clause), "parts": [
            _numbered(f"{number}{letter}", part, letter) for letter, part in zip(query.LETTERS, parts, strict=False)
        ]} for number, (clause, parts) in enumerate(there.clauses, start=1)],
        documents=[document_item(s) for s in documents.of_network(db.session(), g.actor, Doc.CONCLUSIONS, meeting.id)],
        follows=g.actor is not None and may_follow(g.actor),
    )  # fmt: skip


def _may_read(meeting: Meeting) -> bool:
    """A text that is still at work is the Secretariat's and the Steering Group's."""
    return meeting.sealed_at is not None or (
        g.actor is not None and any(g.actor.has(role) for role in (Role.SECRETARIAT, Role.STEERING))
    )


def _row(meeting: Meeting) -> dict[str, Any]:
    return {
        "edition": meeting.edition, "year": meeting.year, "sealed_at": meeting.sealed_at, "last": meeting.ends_on,
        "hosts": [(host.city, labels.country(host.country)) for host in meeting.hosts],
        "url": url_for(".show", edition=meeting.edition),
    }  # fmt: skip


def _in_order(there: Conclusions) -> list[tuple[str, str]]:
    """The languages in which there is a text, the reader's first: code and name."""
    written = [code for code in LANGUAGES if code in there.languages()]
    written.sort(key=lambda code: code != labels.reader_language())
    return [(code, labels.language(code)) for code in written]


def _numbered(name: str, clause: Clause, mark: str | None = None) -> dict[str, Any]:
    return {"anchor": f"clause-{name}", "mark": f"{mark})" if mark else f"{name}.", "texts": _texts(clause)}


def _texts(clause: Clause) -> dict[str, str]:
    return {code: clause.text(code) for code in LANGUAGES}
