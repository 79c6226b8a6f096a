"""Context of FOLLOW_UP: what became of what a meeting agreed, as anybody may read it."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from rvc_portal.domain import following
from rvc_portal.domain.following import LAUNCHED, STATES, Owner
from rvc_portal.domain.vocabulary import N_, OWNERS, OwnerKind
from rvc_portal.gateways import network
from rvc_portal.language import LANGUAGES
from rvc_portal.models.follow_up import ClauseNote
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import calls
from rvc_portal.queries import follow_up as query
from rvc_portal.queries.follow_up import Cited, Followed, Launched
from rvc_portal.services.contexts.composition import of_network
from rvc_portal.services.contexts.parts import Context, Draft, both, iso, message, said


def follow_up(session: Session, meeting: Meeting, now: datetime) -> Draft:
    """The clauses as they stand, with the notes that are for everybody and the evidence that anybody may have."""
    found, today = query.of_meeting(session, meeting), now.astimezone(ZoneInfo(network.timezone())).date()
    ids = [f.clause.id for f in found]
    texts, notes, launched = (
        query.wordings(session, ids),
        query.notes(session, ids, inside=False),
        query.launched(session, ids),
    )
    evidence = query.evidence(session, None, (n for several in notes.values() for n in several))
    figures = query.figures(found, today)
    context = {
        **of_network(session),
        "edition": meeting.edition,
        "year": meeting.year,
        "hosts": [{"city": host.city, "country_iso2": host.country} for host in meeting.hosts],
        "as_of": iso(now),
        "total": figures.total,
        "settled": figures.settled,
        "late": figures.late,
        "by_state": [{"label": message((STATES[s], {})), "count": n} for s, n in figures.states.items()],
        "by_owner": [
            {"label": message((OWNERS[k] if k else N_("Nobody yet"), {})), "settled": done, "pending": left}
            for k, (done, left) in figures.owners.items()
        ],
        "clauses": [
            {
                **_clause(f, texts.get(f.clause.id, {}), today),
                "launched": [_launched(it, now) for it in launched.get(f.clause.id, ())],
                "notes": [_note(n, evidence) for n in notes.get(f.clause.id, ())],
            }
            for f in found
        ],
    }
    return Draft(context)


def _clause(followed: Followed, text: Mapping[str, str], today: date) -> Context:
    last = followed.latest
    return {
        "name": followed.name,
        "level": 2 if followed.clause.parent_id else 1,
        "text": {language: text.get(language, "") for language in LANGUAGES},
        "owners": [_named(o) for o in followed.owners],
        "due_on": followed.due_on.isoformat() if followed.due_on and followed.counts else None,
        "late": followed.counts and following.is_late(followed.state, followed.due_on, today),
        "state": str(followed.state),
        "state_label": message((STATES[followed.state], {})),
        "since": iso(last.set_at) if last else None,
        "by": _named(_owner(last.owner, last.member_id, last.member.city if last.member else None)) if last else None,
    }


def _note(note: ClauseNote, evidence: Mapping[UUID, list[Cited]]) -> Context:
    return {
        "text": said(note.text, note.language),
        "by": _named(_owner(note.owner, note.member_id, note.member.city if note.member else None)),
        "written_at": iso(note.written_at),
        "evidence": [
            {"kind": c.document.kind if c.document else None, "code": c.document.code if c.document else None, "url": c.url}
            for c in evidence.get(note.id, ())
        ],
    }  # fmt: skip


def _launched(it: Launched, now: datetime) -> Context:
    status, day = it.status(now, network.timezone())
    meeting = it.meeting or (it.task.meeting if it.task else None)
    return {
        "kind": it.kind,
        "title": both(calls.definition(it.call).title) if it.call else None,
        "year": meeting.year if meeting else None,
        "city": ", ".join(host.city for host in meeting.hosts) if meeting else None,
        "status": LAUNCHED[status],
        "day": day.isoformat() if day else None,
    }


def _owner(kind: str, member_id: UUID | None, city: str | None) -> Owner:
    return Owner(OwnerKind(kind), member_id, city)


def _named(owner: Owner) -> Context:
    """A city by its name, any other as it is called."""
    return dict.fromkeys(LANGUAGES, owner.city) if owner.city else message((OWNERS[owner.kind], {}))
