"""Contexts of what is issued of an annual meeting: its agenda, its participants, the reports of its workshops."""

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy.orm import Session

from rvc_portal.domain.agenda import Readers
from rvc_portal.gateways import network
from rvc_portal.models.agenda import MeetingItem, MeetingPaper, MeetingPlan
from rvc_portal.models.meeting import Delegate, Meeting
from rvc_portal.models.seat import Member
from rvc_portal.queries import agenda as query
from rvc_portal.queries.agenda import Chair
from rvc_portal.services.contexts.composition import of_network
from rvc_portal.services.contexts.parts import Context, Draft


def agenda(session: Session, meeting: Meeting, plan: MeetingPlan) -> Draft:
    """AGENDA: the points day by day, with the papers that anybody may read."""
    items = query.items(session, meeting)
    chairs = query.chairs(session, items, plan.zone)
    papers = [p for p in query.papers(session, meeting, None, plan) if p.readers == Readers.ANYBODY]
    context = {
        **_of_meeting(session, meeting, plan.zone),
        "days": [
            {"day": day.isoformat(), "points": [_item(item, chairs.get(item.id), papers) for item in rows]}
            for day, rows in groupby(items, key=lambda item: item.day)
        ],
        "papers": [_paper(p) for p in papers if p.item_id is None],
    }
    return Draft(context)


def participants(session: Session, meeting: Meeting, coming: Sequence[Delegate]) -> Draft:
    """PARTICIPANTS: who comes, city by city."""
    cities = [(member, list(rows)) for member, rows in groupby(coming, key=lambda d: d.member)]
    context = {
        **_of_meeting(session, meeting, query.zone_of(query.plan(session, meeting))),
        "cities": [
            {
                **_city(member),
                "field_label": _fields()[member.field],
                "delegates": [{"name": d.name, "title": d.title or None, "mayor": d.mayor} for d in rows],
            }
            for member, rows in cities
        ],
        "delegates": len(coming),
        "countries": len({member.country for member, _ in cities}),
        "mayors": sum(d.mayor for d in coming),
    }
    return Draft(context)


def workshop_report(session: Session, meeting: Meeting, item: MeetingItem) -> Draft:
    """WORKSHOP_REPORT: what was reported of one workshop, as written."""
    plan = query.plan(session, meeting)
    report, zone = item.report, query.zone_of(plan)
    assert report is not None
    assert item.field is not None
    chair = query.chairs(session, [item], zone).get(item.id)
    context = {
        **_of_meeting(session, meeting, zone),
        **_times(item),
        "day": item.day.isoformat(),
        "title": _title(item),
        "field": item.field,
        "field_label": _fields()[item.field],
        "chair": _chair(chair),
        "text": {"en": report.text_en or None, "fr": report.text_fr or None},
    }
    return Draft(context)


def _of_meeting(session: Session, meeting: Meeting, zone: str) -> Context:
    assert meeting.starts_on is not None
    assert meeting.ends_on is not None
    return {
        **of_network(session),
        "edition": meeting.edition,
        "year": meeting.year,
        "hosts": [{"city": host.city, "country_iso2": host.country} for host in meeting.hosts],
        "first": meeting.starts_on.isoformat(),
        "last": meeting.ends_on.isoformat(),
        "zone": zone,
    }


def _item(item: MeetingItem, chair: Chair | None, papers: Sequence[MeetingPaper]) -> Context:
    return {
        **_times(item),
        "kind": item.kind,
        "title": _title(item),
        "field": item.field,
        "field_label": _fields()[item.field] if item.field else None,
        "chair": _chair(chair),
        "papers": [_paper(p) for p in papers if p.item_id == item.id],
    }


def _times(item: MeetingItem) -> Context:
    return {"starts": f"{item.starts:%H:%M}", "ends": f"{item.ends:%H:%M}", "hall": item.hall or None}


def _title(item: MeetingItem) -> Context:
    return {"en": item.title_en, "fr": item.title_fr}


def _chair(chair: Chair | None) -> Context | None:
    return {**_city(chair.member), "persons": [p.name for p in chair.persons]} if chair else None


def _city(member: Member) -> Context:
    return {"city": member.city, "country_iso2": member.country}


def _paper(paper: MeetingPaper) -> Context:
    return {"title": paper.title, "language": paper.language, "url": paper.url, "name": paper.name}


def _fields() -> dict[str, object]:
    return {str(f["key"]): f["label"] for f in network.fields()}
