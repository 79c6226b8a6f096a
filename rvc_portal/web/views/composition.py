"""The composition of the Steering Group: anybody reads it, the Secretariat writes it, coordinators co-opt."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain import composition as rules
from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.vocabulary import Doc, Role, SeatKind
from rvc_portal.gateways import network
from rvc_portal.models.base import db
from rvc_portal.models.mandate import CoOption, Mandate
from rvc_portal.models.seat import Member
from rvc_portal.queries import composition as query
from rvc_portal.queries import documents, members
from rvc_portal.services import co_options, mandates
from rvc_portal.services.co_options import Choice
from rvc_portal.web import labels
from rvc_portal.web.access import public, requires_role
from rvc_portal.web.dossier_page import document_item
from rvc_portal.web.forms import composition as forms
from rvc_portal.web.forms.base import Option, PortalForm, problems
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("composition", __name__)

SHOW, MANAGE, END, CO_OPTIONS, PROPOSAL = (
    f"composition/{name}.html" for name in ("show", "manage", "end", "co_options", "proposal")
)


@bp.get("/steering-group")
@public
def show() -> Response:
    """Who sits, today or on the day `on` of the address."""
    return page(SHOW, **_show(forms.AwayForm(formdata=None)))


@bp.get("/steering-group/mandates")
@requires_role(Role.SECRETARIAT)
def manage() -> Response:
    """Every mandate there was, and the form for a new one."""
    form = forms.MandateForm(formdata=None)
    return page(MANAGE, **_manage(form))


@bp.post("/steering-group/mandates")
@requires_role(Role.SECRETARIAT)
def record() -> Response:
    """Record a mandate."""
    form = forms.MandateForm()
    if form.validate_on_submit() and (member := _chosen(form)):
        try:
            kind = _kind(form)
            mandates.record(
                db.session(),
                member,
                kind,
                form.start.data or now().date(),
                last=form.last.data,
                actor=actor(),
                now=now(),
            )
        except InvalidInput as error:
            form.take(error)
        else:
            return done(url_for(".manage"), message=_("The mandate is recorded, and the composition issued anew."))
    return form_error(MANAGE, **_manage(form))


@bp.route("/steering-group/mandates/<uuid:mandate_id>/end", methods=["GET", "POST"])
@requires_role(Role.SECRETARIAT)
def end(mandate_id: UUID) -> Response:
    """End a mandate before its time."""
    found, form = _mandate(mandate_id), forms.ReasonForm()
    if form.validate_on_submit():
        mandates.end(db.session(), found, reason=form.reason.data or "", actor=actor(), now=now())
        return done(url_for(".manage"), message=_("The mandate has ended."))
    status = 422 if form.is_submitted() else 200
    return page(END, status=status, form=form, errors=problems(form), mandate=_row(found))


@bp.post("/steering-group/mandates/<uuid:mandate_id>/away")
@requires_role(Role.STEERING, Role.SECRETARIAT)
def away(mandate_id: UUID) -> Response:
    """Say to be away: the deputy sits."""
    found, form = _mandate(mandate_id), forms.AwayForm()
    if form.validate_on_submit():
        first, last = form.away_first.data, form.away_last.data
        try:
            mandates.say_away(db.session(), found, first, last, actor=actor(), now=now())
        except InvalidInput as error:
            form.take(error)
        else:
            return done(url_for(".show"), message=_("Your absence is noted: the deputy sits on these days."))
    return form_error(SHOW, **_show(form, found.id))


@bp.post("/steering-group/mandates/<uuid:mandate_id>/back")
@requires_role(Role.STEERING, Role.SECRETARIAT)
def back(mandate_id: UUID) -> Response:
    """Take back the `absence` that was announced."""
    asked = request.form.get("absence", type=UUID)
    found = query.absence(db.session(), mandate_id, asked) if asked else None
    if found is None:
        raise NotFound
    mandates.take_back(db.session(), found, actor=actor(), now=now())
    return done(url_for(".show"), message=_("Your absence is taken back: you are expected again."))


@bp.get("/steering-group/co-options")
@requires_role(Role.STEERING, Role.SECRETARIAT)
def co_option_list() -> Response:
    """The regions that are missing, the cities that could come, and the proposals."""
    return page(CO_OPTIONS, "results", **_co_options())


@bp.route("/steering-group/co-options/propose", methods=["GET", "POST"])
@requires_role(Role.STEERING)
def propose() -> Response:
    """Propose a city for co-option."""
    form = forms.CoOptionForm(language=labels.reader_language(), member=request.args.get("member"))
    if form.validate_on_submit() and (member := _chosen(form)):
        try:
            co_options.propose(
                db.session(), member, reason=form.reason.data or "", language=form.language.data or "en",
                actor=actor(), now=now(),
            )  # fmt: skip
        except InvalidInput as error:
            form.take(error)
        else:
            return done(url_for(".co_option_list"), message=_("The city is proposed; the coordinators can vote."))
    offered = query.available(db.session(), rules.missing(query.balance(query.table(db.session(), now()))), now())
    form.member.choices = [Option(str(m.id), _city_and_field(m)) for m in offered]
    status = 422 if form.is_submitted() else 200
    return page(PROPOSAL, status=status, form=form, errors=problems(form))


@bp.post("/steering-group/co-options/<uuid:co_option_id>/vote")
@requires_role(Role.STEERING)
def vote(co_option_id: UUID) -> Response:
    """Vote by name on a co-option."""
    found, form = query.co_option(db.session(), co_option_id), forms.ChoiceForm()
    if found is None:
        raise NotFound
    if not form.validate_on_submit():
        return form_error(CO_OPTIONS, **_co_options(form, found.id))
    co_options.vote(db.session(), found, Choice(form.choice.data), actor=actor(), now=now())
    return done(url_for(".co_option_list"), message=_("The vote of your field is on record."))


def _show(form: forms.AwayForm, asked_for: UUID | None = None) -> dict[str, Any]:
    day = _asked_day()
    at = rules.instant(day, network.timezone()) + timedelta(hours=12) if day else now()
    rows = {m.id: m for m in query.mandates(db.session())}
    places = query.table(db.session(), at)
    counted = query.balance(places)
    acting = query.persons(db.session(), [m.seat_id for m in rows.values()], at)
    own = query.mine(db.session(), g.actor, now()) if g.actor else []
    return {
        "at": at, "day": day.isoformat() if day else "", "zone": network.timezone(),
        "places": [_place(p, rows, acting) for p in places],
        "counted": [(label, counted[key]) for key, label in _labels(network.regions()).items()],
        "missing": [_labels(network.regions())[key] for key in rules.missing(counted)],
        "renewals": _renewals(places, rows),
        "documents": [document_item(s) for s in documents.of_network(
            db.session(), g.actor, Doc.STEERING_COMPOSITION) if s.document.superseded_at is None],
        "own": [_row(m) | {"absences": _absences(m)} for m in own if m.kind in rules.OF_A_FIELD],
        "form": form, "asked_for": asked_for, "errors": problems(form),
        "writes": bool(g.actor and g.actor.has(Role.SECRETARIAT)),
        "steers": bool(g.actor and (g.actor.has(Role.SECRETARIAT) or g.actor.has(Role.STEERING))),
        "votes": bool(g.actor and (g.actor.has(Role.EVALUATOR) or g.actor.has(Role.SECRETARIAT))),
    }  # fmt: skip


def _asked_day() -> date | None:
    try:
        day = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return None
    return day if forms.EARLIEST <= day <= forms.LATEST else None


def _place(place: rules.Place, rows: dict[UUID, Mandate], acting: dict[UUID, list[str]]) -> dict[str, Any]:
    known = bool(g.actor)  # names of persons are for those who have signed in
    holders = [rows[t.id] for t in (place.holder, place.deputy) if t]
    return {
        "field": place.field,
        "label": _labels(network.fields()).get(place.field or "", labels.seat(holders[0].kind)),
        "holder": _row(rows[place.holder.id]) if place.holder else None,
        "deputy": _row(rows[place.deputy.id]) if place.deputy else None,
        "sits": place.sits.city if place.sits else None,
        "stands_in": place.stands_in,
        "away_until": place.away.until_at if place.away else None,
        "persons": acting.get(rows[place.sits.id].seat_id, []) if known and place.sits else [],
    }


def _row(mandate: Mandate) -> dict[str, Any]:
    return {
        "id": mandate.id,
        "seat_id": mandate.seat_id,
        "city": mandate.member.city,
        "country": labels.country(mandate.member.country),
        "region": _labels(network.regions()).get(mandate.member.region, mandate.member.region),
        "kind": labels.seat(mandate.kind),
        "coordinates": mandate.kind == SeatKind.COORDINATOR,
        "field": mandate.field,
        "field_label": _labels(network.fields()).get(mandate.field or "", ""),
        "from_at": mandate.from_at,
        "last": mandate.until_at - timedelta(seconds=1),
        "due": _meeting(mandate.due_year),
        "ended": mandate.ended_reason,
        "runs": mandate.until_at > now(),
    }


def _absences(mandate: Mandate) -> list[dict[str, Any]]:
    """What the city has said of days to come, and who sits then in its stead."""
    return [
        {"id": a.id, "from_at": a.from_at, "until_at": a.until_at, "said_at": a.said_at,
         "last": a.until_at - timedelta(seconds=1), "runs": a.from_at <= now(),
         "sits": _stands_in(mandate, max(a.from_at, now()))}
        for a in query.announced(db.session(), mandate.id, now())
    ]  # fmt: skip


def _stands_in(mandate: Mandate, at: datetime) -> str | None:
    """The city of the deputy who sits for a coordinator at the instant; None where nobody does, and for a deputy."""
    place = next((p for p in query.table(db.session(), at) if p.holder and p.holder.id == mandate.id), None)
    return place.sits.city if place and place.stands_in and place.sits else None


def _renewals(places: list[rules.Place], rows: dict[UUID, Mandate]) -> list[tuple[str, int]]:
    """How many of the mandates at the table are due for renewal at which meeting, the next one first."""
    terms = [t for p in places for t in (p.holder, p.deputy) if t]
    years = [rows[t.id].due_year for t in terms]
    return [(_meeting(year), years.count(year)) for year in sorted(set(years))]


def _meeting(year: int) -> str:
    found = next((m for m in network.meetings() if m.year == year), None)
    if found and found.hosts:
        return str(_("annual meeting of %(year)s, %(hosts)s", year=year, hosts=", ".join(h.city for h in found.hosts)))
    return str(_("annual meeting of %(year)s", year=year))


def _manage(form: forms.MandateForm) -> dict[str, Any]:
    form.offer()
    rows = [_row(m) for m in query.mandates(db.session())]
    form.member.choices = [Option(str(m.id), _city_and_field(m)) for m in members.members(db.session())]
    return {
        "form": form, "errors": problems(form), "zone": network.timezone(),
        "running": [row for row in rows if row["runs"]], "earlier": [row for row in rows if not row["runs"]],
    }  # fmt: skip


def _co_options(form: forms.ChoiceForm | None = None, asked_for: UUID | None = None) -> dict[str, Any]:
    fields, regions = _labels(network.fields()), _labels(network.regions())
    counted = query.balance(query.table(db.session(), now()))
    missing = rules.missing(counted)
    region = request.args.get("region") if request.args.get("region") in missing else None
    field = request.args.get("field") if request.args.get("field") in fields else None
    mine = query.voting_place(db.session(), actor(), now())
    every = query.available(db.session(), missing, now())
    found = [m for m in every if m.region in ([region] if region else missing) and field in (None, m.field)]
    sitting = len(co_options.seats_that_vote(db.session(), now()))
    return {
        "counted": [(label, counted[key]) for key, label in regions.items()],
        "missing": [(key, regions[key]) for key in missing], "region": region, "field": field,
        "fields": {key: label for key, label in fields.items() if key in {field, *(m.field for m in every)}},
        "rows": [_candidate(m, fields, regions) for m in found], "base": url_for(".co_option_list"),
        "proposals": [_proposal(c, fields, regions, mine[0].field if mine else None) for c in query.co_options(db.session())],
        "votes_for": mine[0].field if mine else None, "sitting": sitting,
        "needed": rules.majority(sitting, network.steering().co_option_percent),
        "form": form or forms.ChoiceForm(formdata=None), "asked_for": asked_for,
        "errors": problems(form) if form else [], "zone": network.timezone(),
    }  # fmt: skip


def _candidate(member: Member, fields: dict[str, str], regions: dict[str, str]) -> dict[str, Any]:
    return {
        "id": member.id, "city": member.city, "country": labels.country(member.country), "field": member.field,
        "field_label": fields.get(member.field, member.field), "year": member.year,
        "region": regions.get(member.region, member.region),
    }  # fmt: skip


def _proposal(found: CoOption, fields: dict[str, str], regions: dict[str, str], mine: str | None) -> dict[str, Any]:
    return {
        **_candidate(found.member, fields, regions),
        "id": found.id, "reason": found.reason, "language": found.language, "at": found.proposed_at,
        "by": fields.get(found.proposed_for, found.proposed_for), "outcome": found.outcome,
        "votes": [(fields[v.field], v.mandate.member.city, forms.CHOICES[Choice(v.choice)]) for v in found.votes],
        "mine": found.outcome is None and mine is not None and mine not in {v.field for v in found.votes},
        "documents": [
            document_item(s) for s in documents.of_network(db.session(), g.actor, Doc.CO_OPTION, found.id)
        ] if found.outcome else [],
    }  # fmt: skip


def _chosen(form: PortalForm) -> Member | None:
    """The member city that the form names; an unknown one is noted as wrong."""
    found = next((m for m in members.members(db.session()) if str(m.id) == form["member"].data), None)
    if found is None:
        form["member"].errors = [_("Choose a city.")]
    return found


def _kind(form: forms.MandateForm) -> SeatKind:
    """The kind of seat that the form names. Raises InvalidInput for none of the Steering Group's."""
    refusal = rules.unknown_kind(form.kind.data or "")
    if refusal:
        raise InvalidInput({"kind": (refusal,)})
    return SeatKind(form.kind.data)


def _mandate(mandate_id: UUID) -> Mandate:
    found = query.mandate(db.session(), mandate_id)
    if found is None:
        raise NotFound
    return found


def _city_and_field(member: Member) -> str:
    return (
        f"{member.city}, {labels.country(member.country)} – {_labels(network.fields()).get(member.field, member.field)}"
    )


def _labels(entries: list[dict[str, object]]) -> dict[str, str]:
    return {str(e["key"]): labels.wording(e["label"]) for e in entries}  # type: ignore[arg-type]
