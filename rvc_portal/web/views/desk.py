"""The desk: what waits for a person, one section for each of their roles, read from the table of the procedure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain import deadlines
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.vocabulary import N_, Role, SeatKind
from rvc_portal.gateways import network
from rvc_portal.models.base import db
from rvc_portal.models.call import Call
from rvc_portal.queries import calls as call_query
from rvc_portal.queries import desk as query
from rvc_portal.queries import follow_up, interests, members, progress, supervision, work
from rvc_portal.web import follow_up_page, labels, meeting_desk, supervision_page
from rvc_portal.web.access import signed_in
from rvc_portal.web.dossier_page import field_label
from rvc_portal.web.forms import desk as forms
from rvc_portal.web.htmx import page
from rvc_portal.web.session import actor, now

bp = Blueprint("desk", __name__)

FILES_UNDER_WATCH = 8
"""How many files in evaluation the Steering Group's desk names for each call; the page of supervision has the rest."""

STATUSES = {
    "declare": N_("to be declared"), "begin": N_("to begin"), "begun": N_("begun"), "closed": N_("closed"),
}  # fmt: skip
SORTS = {"deadline": N_("what ends first"), "city": N_("city"), "call": N_("call"), "status": N_("state")}

Calls = dict[UUID, Call]
Section = dict[str, Any]


@bp.get("/desk")
@signed_in
def index() -> Response:
    """Everything that waits for the person who asks."""
    person = actor()
    known = {call.id: call for call in query.calls_at_work(db.session)}
    sections = [make(person, known) for holds, make in SECTIONS if holds(person)]
    errors = [fault for section in sections for fault in section.get("errors", ())]
    return page("desk/index.html", status=422 if errors else 200, sections=sections, errors=errors, now=now())


def _city(person: Actor, known: Calls) -> Section:
    """A city's own files, and the calls that are open to a new one."""
    rows = [_row(w, known, inside=False) for w in query.mine(db.session, person)]
    return {"kind": "city", "rows": rows, "open_calls": [_open(c) for c in known.values() if _is_open(c)]}


def _secretariat(person: Actor, known: Calls) -> Section:
    counted = query.counts(db.session, person)
    evaluated = query.in_states(db.session, person, ("in_evaluation",))
    minimums = {c.id: call_query.facts(c).minimum_sheets for c in known.values()}
    ready = query.ready_to_refer(db.session, minimums, evaluated) if evaluated else set()
    wished = [
        _row(w, known) | {"url": url_for("supervision.wished", dossier_id=w.id)}
        for w in query.evaluators_wished(db.session(), person)
    ]
    decisions = query.decisions(db.session, person)
    lists = (
        (_("To be screened"), query.in_states(db.session, person, ("submitted",)), _("No file waits to be screened.")),
        (_("Ready to be referred to the Steering Group"), [w for w in evaluated if w.id in ready],
         _("No file has all its sheets yet.")),
        (_("Evaluators who ask to open a closed sheet again"), query.asked_again(db.session(), person),
         _("No evaluator asks.")),
        (_("Decisions awaited"), [w for w in decisions if not w.flag], _("No file awaits a decision.")),
        (_("Decided, held until publication"), [w for w in decisions if w.flag], _("No decision is held.")),
    )  # fmt: skip
    return {
        "kind": "secretariat",
        "stuck": work.stuck(db.session(), person),
        "calls": [_counted(known[key], states) for key, states in counted.items()],
        "lists": [
            *({"title": t, "rows": [_row(w, known) for w in rows], "empty": e} for t, rows, e in lists),
            {
                "title": _("The Steering Group wishes for one more evaluator"),
                "rows": wished,
                "empty": _("No such wish waits for an answer."),
            },
        ],
    }


def _evaluator(person: Actor, known: Calls) -> Section:
    """The person's own queue, what of it is next, and whether the declaration of interests wants renewing."""
    tasks = query.tasks(db.session, person)
    titles = {t.call_id: labels.call_title(known[t.call_id]) for t in tasks}
    fields = {t.field: field_label(known[t.call_id], t.field) for t in tasks if t.field}
    form = forms.queue(
        request.args, calls={known[i].key: i for i in titles}, fields=sorted(fields, key=fields.__getitem__)
    )  # fmt: skip
    busy = {t.call_id for t in tasks if t.status != "closed"}
    at_work = [t for t in tasks if t.call_id in busy]

    def until(task: query.Task) -> datetime | None:
        return _until(task, known)

    order = sorted(tasks, key=lambda task: forms.urgency(task, until))
    return {
        "kind": "evaluator",
        "offline": [
            {"title": titles[i], "url": url_for("offline.index", key=known[i].key)}
            for i in dict.fromkeys(t.call_id for t in tasks if t.status in ("begin", "begun"))
        ],
        "errors": form.errors,
        "form": form,
        "rows": [_task(t, known) for t in form.shown(tasks, until, titles)],
        "next": next((_task(t, known) for t in order if t.status != "closed"), None),
        "total": len(tasks),
        "narrowed": bool(form.chosen),
        "closed_ever": sum(t.status == "closed" for t in tasks),
        "under_way": len(at_work),
        "closed": sum(t.status == "closed" for t in at_work),
        "statuses": [*((key, _(STATUSES[key])) for key in forms.STATUSES), (forms.EVERY, _("all"))],
        "sorts": [(key, _(SORTS[key])) for key in forms.SORTS],
        "fields": list(fields.items()),
        "calls": [(known[i].key, title) for i, title in titles.items()],
        "interests": _interests(person),
        "seats": [{"name": s.name, "url": url_for("evaluators.mine", seat_id=s.id)} for s in person.evaluating_seats],
        "cities": [
            {"name": m.city, "url": url_for("members.show", member_id=m.id)}
            for s in person.evaluating_seats
            if (m := members.of_seat(db.session(), s))
        ],
    }


def _interests(person: Actor) -> dict[str, Any] | None:
    """What to say of the declaration of interests: nothing while it is in force for long."""
    latest = interests.latest(db.session(), person.person)
    if latest is None:
        return {"state": "none", "until": None}
    soon = now() + timedelta(days=network.days("interests_reminder"))
    if latest.expires_at > soon:
        return None
    return {"state": "over" if latest.expires_at <= now() else "soon", "until": latest.expires_at}


def _member(person: Actor, known: Calls) -> Section:
    """What a city that has just joined can do now; nothing for who was a member before."""
    found = members.new(db.session(), person, since=now().year - 1)
    return {
        "kind": "member",
        "rows": [
            {"city": n.member.city, "field": n.member.field, "field_label": _field_name(n.member.field),
             "country": labels.country(n.member.country), "year": n.member.year,
             "page": url_for("members.show", member_id=n.member.id),
             "register": url_for("evaluators.mine", seat_id=n.seat_id),
             "dossier": url_for("dossier.show", dossier_id=n.dossier_id)}
            for n in found
        ],
    }  # fmt: skip


def _field_name(key: str) -> str:
    return next((labels.wording(f["label"]) for f in network.fields() if f["key"] == key), key)  # type: ignore[arg-type]


def _steering(person: Actor, known: Calls) -> Section:
    rows = query.in_states(db.session, person, ("in_review",))
    at_work = {w.call_id for w in rows}
    sittings = query.sittings(db.session)
    at_work |= {s.call_id for s in sittings}
    watched = supervision.files(db.session(), person, [c for c in known.values() if not c.test], now())
    deferred = {f.id for f in watched if f.deferred}
    return {
        "kind": "steering",
        "supervision": list(_supervision(known, [f for f in watched if f.state == "in_evaluation"])),
        "rows": [_row(w, known) | {"deferred": w.id in deferred} for w in rows],
        "calls": [_named(known[i], f"/calls/{known[i].key}/steering") for i in known if i in at_work],
        "sittings": [{"title": s.title, "at": s.opened_at, "zone": _zone(known[s.call_id])} for s in sittings],
    }


def _supervision(known: Calls, watched: Sequence[supervision.File]) -> Iterator[dict[str, Any]]:
    """How the evaluation goes, call by call: in sum, and the files that want looking at first."""
    for call_id, call in known.items():
        found = sorted((f for f in watched if f.call_id == call_id), key=supervision_page.urgency)
        if found:
            yield {
                **_named(call, url_for("supervision.index", key=call.key)),
                "key": call.key,
                "total": len(found),
                "streams": supervision_page.streams(call),
                "sums": supervision_page.sums(call, found),
                "files": supervision_page.rows(call, found[:FILES_UNDER_WATCH]),
            }


def _direction(person: Actor, known: Calls) -> Section:
    waiting = query.decisions(db.session, person)
    slate = query.on_slate(db.session, {w.call_id for w in waiting}) if waiting else set()
    rows = [_row(w, known) | {"on_slate": w.id in slate} for w in waiting]
    return {
        "kind": "direction",
        "rows": rows,
        "undecided": sum(1 for r in rows if r["on_slate"] and not r["flag"]),
        "calls": [
            _named(known[i], f"/calls/{known[i].key}/decisions") for i in known if i in {w.call_id for w in waiting}
        ],
    }


def _follow_up(person: Actor, known: Calls) -> Section:
    """The clauses of the annual meetings that the person is to see to, late ones first."""
    found = follow_up.mine(db.session(), follow_up.standing(db.session(), person), follow_up_page.today())
    shown = found[: query.LONGEST]
    texts = follow_up.wordings(db.session(), [f.clause.id for f in shown])
    return {"kind": "follow_up", "rows": [follow_up_page.row(f, texts) for f in shown], "total": len(found)}


def _may_own_clauses(person: Actor) -> bool:
    cities = any(s.kind is SeatKind.MEMBER for s in person.seats)
    return cities or person.has(Role.SECRETARIAT) or person.has(Role.STEERING)


def _is_applicant(person: Actor) -> bool:
    """Who has a file, or no other part in the portal: anybody may open one for a city."""
    return person.applies or not (person.grants or person.seats)


SECTIONS: Sequence[tuple[Callable[[Actor], bool], Callable[[Actor, Calls], Section]]] = (
    (lambda person: person.has(Role.DIRECTION), _direction),
    (lambda person: person.has(Role.SECRETARIAT), _secretariat),
    (lambda person: person.has(Role.STEERING), _steering),
    (lambda person: any(s.kind is SeatKind.MEMBER for s in person.seats), _member),
    (meeting_desk.concerns, meeting_desk.section),
    (lambda person: person.has(Role.EVALUATOR), _evaluator),
    (_may_own_clauses, _follow_up),
    (_is_applicant, _city),
)


def _row(waiting: query.Waiting, known: Calls, *, inside: bool = True) -> dict[str, Any]:
    call = known[waiting.call_id]
    procedure = PROCEDURES[call.procedure]
    shown = waiting if inside else replace(waiting, sheets=0)
    draft = deadlines.of_filing(call.closes_at, extended_until=waiting.extended_until).shown
    until = {"draft": draft, "returned": waiting.until}.get(waiting.state)
    return {
        "url": url_for("dossier.show", dossier_id=waiting.id),
        "reference": waiting.reference,
        "city": waiting.city,
        "country": labels.country(waiting.country),
        "field": waiting.field,
        "field_label": field_label(call, waiting.field),
        "call": labels.call_title(call),
        "state_key": labels.state_key(procedure, waiting.state, inside=inside),
        "state_label": labels.state(procedure, waiting.state, inside=inside),
        "next_step": labels.next_step(procedure, waiting.state, inside=inside),
        "since": waiting.since if inside else None,
        "sheets": shown.sheets,
        "flag": waiting.flag,
        "until": until,
        "zone": _zone(call),
    }


def _task(task: query.Task, known: Calls) -> dict[str, Any]:
    call = known[task.call_id]
    until = _until(task, known)
    return {
        "url": f"/assignments/{task.id}",
        "call": labels.call_title(call),
        "scored": task.scored,
        "criteria": len(call_query.definition(call).rubric.criteria),
        "reference": task.reference,
        "city": task.city,
        "country": labels.country(task.country),
        "field": task.field,
        "field_label": field_label(call, task.field),
        "seat": task.seat,
        "status": task.status,
        "until": until,
        "days": (until - now()).days if until else None,
        "zone": _zone(call),
        "closed_at": task.closed_at,
    }


def _until(task: query.Task, known: Calls) -> datetime | None:
    """When the sheet is to be closed: by its own term, else by the call's."""
    return task.due_at or progress.term(known[task.call_id])


def _counted(call: Call, states: dict[str, int]) -> dict[str, Any]:
    return {
        **_named(call, url_for("calls.show", key=call.key)),
        "total": sum(states.values()),
        "states": list(_states(call, states)),
        "board": url_for("board.index", call=call.key),
    }


def _states(call: Call, states: dict[str, int]) -> Iterator[dict[str, Any]]:
    procedure = PROCEDURES[call.procedure]
    for key in procedure.states:
        if states.get(key):
            url = url_for("board.index", call=call.key, state=key)
            yield {"key": key, "label": labels.state(procedure, key, inside=True), "count": states[key], "url": url}


def _open(call: Call) -> dict[str, Any]:
    return {**_named(call, f"/calls/{call.key}/apply"), "closes_at": call.closes_at, "zone": _zone(call),
            "about": url_for("calls.show", key=call.key)}  # fmt: skip


def _named(call: Call, url: str) -> dict[str, Any]:
    title = labels.call_title(call)
    return {"title": _("TEST – %(title)s", title=title) if call.test else title, "url": url}


def _is_open(call: Call) -> bool:
    return not call.test and call_query.is_open(call, now())


def _zone(call: Call) -> str:
    return labels.call_zone(call)
