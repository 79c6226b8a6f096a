"""The annual meetings of the Network, and what each agreed. Public as soon as the text is sealed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from rvc_portal.domain import codes
from rvc_portal.domain.vocabulary import Doc, Role
from rvc_portal.gateways import network
from rvc_portal.language import LANGUAGES
from rvc_portal.models.base import db
from rvc_portal.models.clause import Clause
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import conclusions as query
from rvc_portal.queries import documents, drafting, follow_up, members
from rvc_portal.queries.conclusions import Conclusions
from rvc_portal.queries.follow_up import Followed
from rvc_portal.web import follow_up_page, labels, meeting_page
from rvc_portal.web.access import public
from rvc_portal.web.dossier_page import document_item
from rvc_portal.web.htmx import page

bp = Blueprint("meetings", __name__)


@bp.get("/meetings")
@public
def index() -> Response:
    """Every meeting, the latest first."""
    found = query.meetings(db.session())
    followed = follow_up.of_meetings(db.session())
    hosts = members.of_hosts(db.session(), (host for meeting in found for host in meeting.hosts))
    return page(
        "meetings/index.html",
        rows=[
            _row(m, hosts) | {"figures": _figures(f for f in followed if f.clause.meeting_id == m.id)} for m in found
        ],
        writes=g.actor is not None and g.actor.has(Role.SECRETARIAT),
    )


@bp.get("/meetings/<int:edition>")
@public
def show(edition: int) -> Response:
    """One meeting: its conclusions in both languages, clause beside clause, and their documents."""
    meeting = meeting_page.of(edition)
    there = query.of(db.session(), meeting) if _may_read(meeting) else Conclusions()
    followed = {f.clause.id: f for f in follow_up.of_meeting(db.session(), meeting)}
    return page(
        "meetings/show.html", meeting=meeting, row=_row(meeting, members.of_hosts(db.session(), meeting.hosts)),
        tabs=meeting_page.tabs(meeting, "meetings.show"), languages=_in_order(there),
        head={kind: _texts(piece) for kind, piece in there.head.items()},
        clauses=[{**_numbered(str(number), clause, followed), "parts": [
            _numbered(f"{number}{letter}", part, followed, letter)
            for letter, part in zip(query.LETTERS, parts, strict=False)
        ]} for number, (clause, parts) in enumerate(there.clauses, start=1)],
        figures=_figures(followed.values()), documents=list(_texts_issued(meeting)), opens_with=_opens_with(meeting),
        errata=_errata(meeting) if meeting.sealed_at else [], corrects=bool(g.actor and g.actor.has(Role.SECRETARIAT)),
        zone=network.timezone(),
    )  # fmt: skip


def _documents(kind: Doc, meeting: Meeting) -> list[dict[str, Any]]:
    """The meeting's documents of a kind, each with the code by which anybody checks a copy of it."""
    found = documents.of_network(db.session(), g.actor, kind, meeting.id)
    return [_coded(s) for s in found]


def _coded(shown: Any) -> dict[str, Any]:
    return document_item(shown) | {"code": codes.printed(shown.document.code)}


def _opens_with(meeting: Meeting) -> dict[str, Any] | None:
    """What became of the conclusions of the meeting before, where they are sealed."""
    before = query.before(db.session(), meeting)
    if before is None or before.sealed_at is None:
        return None
    return {
        "year": before.year, "url": url_for("follow_up.index", edition=before.edition),
        "documents": [d for d in _documents(Doc.FOLLOW_UP, before) if d["status"] != "superseded"],
    }  # fmt: skip


def _figures(found: Iterable[Followed]) -> dict[str, Any] | None:
    """How the follow-up stands, None where there is nothing to follow."""
    figures = follow_up.figures(found, follow_up_page.today())
    return follow_up_page.figures(figures) if figures.total else None


def _may_read(meeting: Meeting) -> bool:
    """A text that is still at work is the Secretariat's and the Steering Group's."""
    return meeting.sealed_at is not None or (g.actor is not None and drafting.writes(g.actor))


def _texts_issued(meeting: Meeting) -> Iterator[dict[str, Any]]:
    """The text in each language, and in both side by side, which belongs to none."""
    yield from _documents(Doc.CONCLUSIONS, meeting)
    for item in _documents(Doc.CONCLUSIONS_BILINGUAL, meeting):
        yield {**item, "language": None, "language_name": None}


def _errata(meeting: Meeting) -> list[dict[str, Any]]:
    """The documents of its errata, the latest first."""
    numbers = {erratum.id: erratum.number for erratum in drafting.errata(db.session(), meeting)}
    found = documents.of_network(db.session(), g.actor, Doc.ERRATUM) if numbers else []
    return [
        {**_coded(s), "label": _("Erratum no. %(number)s", number=numbers[s.document.subject_id])}
        for s in found if s.document.subject_id in numbers
    ]  # fmt: skip


def _row(meeting: Meeting, hosts: Mapping[UUID, UUID]) -> dict[str, Any]:
    """`hosts`: which member city a host is, by the host's id, where that is known."""
    return {
        "edition": meeting.edition, "year": meeting.year, "sealed_at": meeting.sealed_at,
        "first": meeting.starts_on, "last": meeting.ends_on,
        "hosts": [
            (host.city, labels.country(host.country), _member(hosts.get(host.id))) for host in meeting.hosts
        ],
        "url": url_for(".show", edition=meeting.edition),
        "follow_up": url_for("follow_up.index", edition=meeting.edition),
    }  # fmt: skip


def _member(member_id: UUID | None) -> str | None:
    return url_for("members.show", member_id=member_id) if member_id else None


def _in_order(there: Conclusions) -> list[tuple[str, str]]:
    """The languages in which there is a text, the reader's first: code and name."""
    written = [code for code in LANGUAGES if code in there.languages()]
    written.sort(key=lambda code: code != labels.reader_language())
    return [(code, labels.language(code)) for code in written]


def _numbered(
    name: str, clause: Clause, followed: Mapping[UUID, Followed], mark: str | None = None
) -> dict[str, Any]:  # fmt: skip
    """A clause with its address; `followed`: where it stands, where its text is sealed."""
    return {
        "anchor": f"clause-{name}", "name": name, "mark": f"{mark})" if mark else f"{name}.", "texts": _texts(clause),
        "followed": follow_up_page.row(followed[clause.id], {}) if clause.id in followed else None,
    }  # fmt: skip


def _texts(clause: Clause) -> dict[str, str]:
    return {code: clause.text(code) for code in LANGUAGES}
