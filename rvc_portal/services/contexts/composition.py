"""Contexts of the Network's own documents: the composition of the Steering Group, an election, a co-option.

The Network stands in the place of a call: its name is the title, its zone the one in which instants are shown.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import composition as rules
from rvc_portal.domain.ballot import Result
from rvc_portal.domain.composition import Term
from rvc_portal.gateways import network
from rvc_portal.models.ballot import Ballot
from rvc_portal.models.call import Call
from rvc_portal.models.mandate import CoOption
from rvc_portal.models.seat import Member
from rvc_portal.queries import ballots as ballot_query
from rvc_portal.queries import composition as query
from rvc_portal.services.contexts.parts import Context, Draft, iso, issuer

NAME = {"en": "Creative Cities Network", "fr": "Réseau des villes créatives"}


def of_network(session: Session) -> Context:
    """The parts that every document of the Network has. It is one of a demonstration where all calls are."""
    facts = {"key": "network", "title": NAME, "timezone": network.timezone()}
    shown = session.scalar(sa.select(sa.func.count()).select_from(Call).where(Call.demonstration)) or 0
    return {"issuer": issuer(), "call": facts, "demonstration": shown > 0}


def composition(session: Session, now: datetime) -> Draft:
    """STEERING_COMPOSITION: the table as it stands."""
    rows = {m.id: m for m in query.mandates(session)}
    places = query.table(session, now)
    counted = query.balance(places)
    labels = _labels(network.regions())
    context = {
        **of_network(session),
        "as_of": iso(now),
        "fields": [
            {"field": p.field, "field_label": _labels(network.fields())[p.field],
             "coordinator": _holder(p.holder, rows), "deputy": _holder(p.deputy, rows)}
            for p in places if p.field
        ],
        "others": [
            {"kind": str(p.holder.kind), **(_holder(p.holder, rows) or {})} for p in places if not p.field and p.holder
        ],
        "by_region": [{"label": labels[key], "count": count} for key, count in counted.items()],
        "missing": [labels[key] for key in rules.missing(counted)],
    }  # fmt: skip
    return Draft(context)


def ballot_result(session: Session, ballot: Ballot, result: Result) -> Draft:
    """BALLOT_RESULT: turnout, who voted, the votes of each candidate, how a tie was broken."""
    votes, none = ballot_query.counted(session, ballot)
    standing = ballot_query.candidates(session, ballot)
    electorate, voters = ballot_query.electorate(session, ballot.field), ballot_query.voters(session, ballot)
    later = ballot_query.later_round(session, ballot)
    context = {
        **of_network(session),
        "ballot": str(ballot.id),
        "field": ballot.field,
        "field_label": _labels(network.fields())[ballot.field],
        "kind_of_seat": ballot.kind,
        "round": ballot.round,
        "opens_at": iso(ballot.opens_at), "closes_at": iso(ballot.closes_at),
        "tie_rule": ballot.tie_rule,
        "outcome": str(result.outcome),
        "elected": result.elected,
        "equal": list(result.equal), "seed": result.seed,
        "term_from": iso(ballot.term_from_at),
        "second_round_until": iso(later.closes_at) if later else None,
        "candidates": [{**_city(c.member), "votes": votes[c.member_id]} for c in standing],
        "none_of_them": none,
        "members": len(electorate),
        "voters": [_city(m) for m in voters],
    }  # fmt: skip
    return Draft(context)


def co_option(session: Session, found: CoOption, *, sitting: int, percent: int) -> Draft:
    """CO_OPTION: the city, the region that was missing, the reason, and the votes by name."""
    fields = _labels(network.fields())
    context = {
        **of_network(session),
        "city": _city(found.member),
        "city_field": fields[found.member.field],
        "region": _labels(network.regions())[found.region],
        "reason": {"text": found.reason, "language": found.language},
        "proposed_for": fields[found.proposed_for],
        "proposed_at": iso(found.proposed_at), "decided_at": iso(found.decided_at or found.proposed_at),
        "adopted": found.outcome == "adopted",
        "sitting": sitting, "needed": rules.majority(sitting, percent),
        "votes": [
            {"field": v.field, "field_label": fields[v.field], "city": v.mandate.member.city, "choice": v.choice}
            for v in sorted(found.votes, key=lambda v: v.field)
        ],
    }  # fmt: skip
    return Draft(context)


def _labels(entries: list[dict[str, object]]) -> dict[Any, Any]:
    return {entry["key"]: entry["label"] for entry in entries}


def _city(member: Member) -> Context:
    return {"city": member.city, "country_iso2": member.country}


def _holder(term: Term | None, rows: Mapping[UUID, Any]) -> Context | None:
    if term is None:
        return None
    row = rows[term.id]
    return {
        **_city(row.member), "from_on": iso(row.from_at), "until_at": iso(row.until_at), "due_year": row.due_year,
    }  # fmt: skip
