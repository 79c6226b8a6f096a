"""What pages tell of the follow-up of a clause: its state, its owners, its notes and what it has launched."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext as _

from rvc_portal.domain import codes, following
from rvc_portal.domain.following import LAUNCHED, STATES, Figures, Owner, State
from rvc_portal.domain.vocabulary import OWNERS, LinkKind, OwnerKind
from rvc_portal.gateways import network
from rvc_portal.models.base import db
from rvc_portal.models.follow_up import ClauseNote, ClauseState
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import calls, members
from rvc_portal.queries import follow_up as query
from rvc_portal.queries.follow_up import Cited, Followed, Launched
from rvc_portal.web import labels
from rvc_portal.web.forms.base import Option
from rvc_portal.web.session import now

NOBODY = "nobody"
"""The owner of what nobody owns, in an address."""


def today() -> date:
    """The day it is where the Network's dates are meant."""
    return now().astimezone(ZoneInfo(network.timezone())).date()


def state(key: State) -> tuple[str, str]:
    """Key and name of a state, as `ui.state` draws it."""
    return f"clause_{key}", _(STATES[key])


def owner(one: Owner) -> str:
    """A city by its name, any other as it is called."""
    return one.city or _(OWNERS[one.kind])


def who(row: ClauseState | ClauseNote) -> str:
    """In whose name something was said."""
    return owner(Owner(OwnerKind(row.owner), row.member_id, row.member.city if row.member else None))


def row(followed: Followed, texts: Mapping[UUID, Mapping[str, str]]) -> dict[str, Any]:
    """A clause in a list. `text`: its beginning, in the reader's language where it is written in that."""
    said = texts.get(followed.clause.id, {})
    language = labels.reader_language() if said.get(labels.reader_language()) else next(iter(said), "en")
    return {
        "id": followed.clause.id, "name": followed.name, "part": followed.clause.parent_id is not None,
        "text": following.short(said.get(language, ""), 180), "language": language,
        "owners": [owner(o) for o in followed.owners], "inherited": followed.inherited, "due_on": followed.due_on,
        "late": followed.counts and following.is_late(followed.state, followed.due_on, today()),
        "state": state(followed.state), "parts": followed.parts,
        "since": followed.latest.set_at if followed.latest else None,
        "by": who(followed.latest) if followed.latest else None,
        "year": followed.clause.meeting.year,
        "url": url_for("follow_up.clause", edition=followed.clause.meeting.edition, clause_name=followed.name),
    }  # fmt: skip


def note(one: ClauseNote, cited: Iterable[Cited]) -> dict[str, Any]:
    """A note as a reader sees it, with the evidence that this reader may know of."""
    return {
        "id": one.id, "text": one.text, "language": one.language, "public": one.public, "at": one.written_at,
        "by": who(one), "person": one.account.name, "written_by": one.written_by,
        "evidence": [_evidence(c) for c in cited],
    }  # fmt: skip


def launched(it: Launched, *, inside: bool) -> dict[str, Any]:
    """What a clause has launched, and how it stands; the words of a task are for those inside."""
    status, day = it.status(now(), network.timezone())
    return {
        "kind": it.kind, "target_id": it.target_id, "title": title(it, inside=inside), "url": _address(it),
        "status": labels.message(LAUNCHED[status], {"day": day} if day else {}), "late": status == "late",
    }  # fmt: skip


def meeting_title(meeting: Meeting) -> str:
    """What a meeting is called: by its year and its host cities."""
    cities = ", ".join(host.city for host in meeting.hosts)
    return _("Annual meeting of %(year)s, %(city)s", year=meeting.year, city=cities)


def title(it: Launched, *, inside: bool) -> str:
    """What a call, a meeting or a task is called."""
    if it.call is not None:
        return labels.wording({"en": calls.definition(it.call).title.en, "fr": calls.definition(it.call).title.fr})
    if it.meeting is not None:
        return meeting_title(it.meeting)
    assert it.task is not None
    if not inside:
        return _("A task in preparing the annual meeting of %(year)s", year=it.task.meeting.year)
    text = following.short(it.task.text, 90)
    return _("Task for the annual meeting of %(year)s: %(text)s", year=it.task.meeting.year, text=text)


def figures(found: Figures) -> dict[str, Any]:
    """Figures with their names; `bars`: the picture's rows, two for each owner."""
    most = max((max(pair) for pair in found.owners.values()), default=1) or 1
    names = {kind: _(OWNERS[kind]) if kind else _("Nobody yet") for kind in found.owners}
    return {
        "total": found.total, "settled": found.settled, "late": found.late, "most": most,
        "states": [(*state(key), count) for key, count in found.states.items()],
        "bars": [
            {"label": names[kind], "value": value, "text": str(value), "series": series, "series_label": told}
            for kind, pair in found.owners.items()
            for series, (value, told) in enumerate(
                zip(pair, (_("nothing more is expected"), _("still expected")), strict=True), start=1
            )
        ],
    }  # fmt: skip


def targets(meeting: Meeting) -> dict[str, list[Option]]:
    """What a clause of the meeting may be linked to, by kind."""
    names = {LinkKind.CALL: _("Calls"), LinkKind.MEETING: _("Annual meetings"), LinkKind.TASK: _("Tasks")}
    return {
        names[kind]: [Option(f"{kind}:{it.target_id}", title(it, inside=True)) for it in every]
        for kind, every in query.offered(db.session(), meeting).items()
        if every
    }


def cities() -> list[tuple[str, str]]:
    """Every member city to choose from: its id, and its name with country and field."""
    named = {str(f["key"]): labels.wording(f["label"]) for f in network.fields()}  # type: ignore[arg-type]
    return [
        (str(m.id), f"{m.city}, {labels.country(m.country)} – {named.get(m.field, m.field)}")
        for m in members.members(db.session())
    ]


def _evidence(cited: Cited) -> dict[str, Any]:
    if cited.document is not None:
        found = cited.document
        return {
            "label": labels.document(found.kind), "code": codes.printed(found.code),
            "url": url_for("documents.download", document_id=found.id),
        }  # fmt: skip
    if cited.dossier is not None:
        found_dossier = cited.dossier
        label = f"{found_dossier.lead_city}, {found_dossier.reference}"
        return {"label": label, "code": None, "url": url_for("dossier.show", dossier_id=found_dossier.id)}
    return {"label": cited.url, "code": None, "url": cited.url}


def _address(it: Launched) -> str | None:
    if it.call is not None:
        return url_for("calls.show", key=it.call.key)
    return url_for("meetings.show", edition=it.meeting.edition) if it.meeting else None
