"""Elections of coordinators and deputies: announced, stood for, voted, counted.

Who voted is recorded; what was voted is added to a sum and stands nowhere else (ADR 33).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import ballot as rules
from rvc_portal.domain import composition
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.ballot import Outcome, Phase, Result, TieRule
from rvc_portal.domain.composition import OF_A_FIELD
from rvc_portal.domain.errors import InvalidInput, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Doc, SeatKind
from rvc_portal.gateways import network
from rvc_portal.models.ballot import Ballot, Candidate, Voter
from rvc_portal.models.base import new_id
from rvc_portal.models.seat import Member
from rvc_portal.queries import ballots as query
from rvc_portal.services import mandates, network_acts
from rvc_portal.services.contexts import composition as contexts


@dataclass(frozen=True)
class Terms:
    """What the Secretariat announces. The days are whole, in the Network's zone; `closes_on` is the last one."""

    field: str
    kind: SeatKind
    opens_on: date
    closes_on: date
    term_from: date
    tie_rule: TieRule


def announce(session: Session, terms: Terms, *, actor: Actor, now: datetime) -> Ballot:
    """Announce an election; the members of the field may stand until it opens. Raises Refused without the role,
    InvalidInput for a window in which nobody could vote and while another election to the same seat is under way."""
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    zone = network.timezone()
    opens, closes = composition.instant(terms.opens_on, zone), composition.instant(terms.closes_on, zone, end=True)
    problem = _unknown(terms) or rules.window_problem(opens, closes, now) or _under_way(session, terms, now)
    if problem:
        raise InvalidInput({problem.target or "field": (problem,)})
    if terms.term_from < terms.closes_on:
        raise InvalidInput({"term_from": (Refusal(N_("The mandate would begin before the vote is over.")),)})
    row = Ballot(
        id=new_id(), field=terms.field, kind=terms.kind, opens_at=opens, closes_at=closes, tie_rule=terms.tie_rule,
        term_from_at=composition.instant(terms.term_from, zone), announced_at=now, announced_by=actor.person,
    )  # fmt: skip
    session.add(row)
    session.flush()
    payload = {"ballot": str(row.id), "field": terms.field, "kind": str(terms.kind)}
    network_acts.note(session, "announce_ballot", actor=actor, now=now, payload=payload)
    return row


def stand(
    session: Session, ballot: Ballot, member: Member, *, statement: str, language: str, actor: Actor, now: datetime
) -> Candidate:  # fmt: skip
    """A member city of the field stands, proposed by itself or by the Secretariat. Raises Refused to anybody else and
    once the vote has opened, InvalidInput for a city of another field or one that stands already."""
    if member.id not in {m.id for m in query.own_cities(session, actor, ballot.field)}:
        network_acts.require_secretariat(actor)
    _lock(session, ballot)
    if phase(ballot, now) is not Phase.CANDIDACIES:
        raise Refused([Refusal(N_("Cities could stand until %(instant)s."), {"instant": ballot.opens_at})])
    if member.field != ballot.field:
        raise InvalidInput(
            {
                "member": (
                    Refusal(
                        N_("This city is no member of the field."),
                    ),
                )
            }
        )
    if session.get(Candidate, (ballot.id, member.id)) is not None:
        raise InvalidInput({"member": (Refusal(N_("%(city)s stands already."), {"city": member.city}),)})
    row = Candidate(ballot_id=ballot.id, member_id=member.id, statement=statement.strip(), language=language)
    session.add(row)
    session.flush()
    network_acts.hold(session)
    payload = {"ballot": str(ballot.id), "member": str(member.id)}
    network_acts.note(session, "stand", actor=actor, now=now, payload=payload)
    return row


def vote(
    session: Session, ballot: Ballot, member: Member, choice: UUID | None, *, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """The city votes for a candidate (None: for none of them), once and for good. Raises Refused to a person who does not
    act for the city, outside the window, without candidates and for a city that has voted, InvalidInput for an unknown
    choice. Nothing of the choice is kept but the sum: no row, no journal."""
    if member.id not in {m.id for m in query.own_cities(session, actor, ballot.field)}:
        raise Refused([Refusal(N_("Only a person who acts for a member city of the field can vote for it."))])
    _lock(session, ballot)
    refusal = rules.shut(phase(ballot, now), ballot.opens_at, ballot.closes_at)
    standing = {c.member_id for c in query.candidates(session, ballot)}
    if refusal is None and not standing:
        refusal = Refusal(N_("Nobody stands in this election: there is nothing to vote on."))
    if refusal is None and session.get(Voter, (ballot.id, member.id)) is not None:
        refusal = Refusal(N_("%(city)s has voted already; a vote is not changed."), {"city": member.city})
    if refusal:
        raise Refused([refusal])
    if choice is not None and choice not in standing:
        raise InvalidInput({"choice": (Refusal(N_("Choose one of the candidates, or none of them.")),)})
    session.add(Voter(ballot_id=ballot.id, member_id=member.id, account_id=actor.person))
    session.flush()
    _add(session, ballot, choice)


def count(session: Session, ballot: Ballot, *, actor: Actor, now: datetime) -> Result:
    """Count after the window, seal the result with its document, and begin the mandate or open the second round. Raises
    Refused without the role, before the window has closed and twice; InvalidInput where the mandate would overlap another
    one, and then nothing is counted."""
    network_acts.require_secretariat(actor)
    _lock(session, ballot)
    found = phase(ballot, now)
    if found is not Phase.TO_COUNT:
        raise Refused([_not_to_be_counted(ballot, found)])
    network_acts.hold(session)
    by_member, none = query.sums(session, ballot)
    _write_anew(session, ballot)
    cities = {c.member_id: c.member for c in query.candidates(session, ballot)}
    result = rules.count(
        str(ballot.id), {name(cities[key]): votes for key, votes in by_member.items()}, none,
        [name(m) for m in query.voters(session, ballot)], TieRule(ballot.tie_rule),
    )  # fmt: skip
    elected = next((m for m in cities.values() if name(m) == result.elected), None)
    ballot.counted_at, ballot.outcome, ballot.seed = now, result.outcome, result.seed
    ballot.elected_id = elected.id if elected else None
    payload = {"ballot": str(ballot.id), "outcome": str(result.outcome), "elected": result.elected}
    network_acts.note(session, "count_ballot", actor=actor, now=now, payload=payload)
    if elected:
        start = ballot.term_from_at.astimezone(ZoneInfo(network.timezone())).date()
        mandates.begin(session, elected, SeatKind(ballot.kind), start, origin="election", actor=actor, now=now)
    elif result.outcome is Outcome.SECOND_ROUND:
        _second_round(session, ballot, [c for c in cities.values() if name(c) in result.equal], actor, now)
    draft = contexts.ballot_result(session, ballot, result)
    network_acts.issue(session, Doc.BALLOT_RESULT, draft, now=now, act="count_ballot", subject_id=ballot.id)
    if elected:
        mandates.publish(session, now=now, act="count_ballot")
    return result


def cancel(session: Session, ballot: Ballot, *, reason: str, actor: Actor, now: datetime) -> None:
    """Call an election off before it is counted; the sums are wiped. Raises Refused, InvalidInput without a reason."""
    network_acts.require_secretariat(actor)
    _lock(session, ballot)
    if phase(ballot, now) in (Phase.COUNTED, Phase.CANCELLED):
        raise Refused([Refusal(N_("This election is over."))])
    if not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("Give the reason: it stands in the journal.")),)})
    ballot.cancelled_at, ballot.cancelled_reason, ballot.none_of_them = now, reason.strip(), 0
    session.execute(sa.update(Candidate).where(Candidate.ballot_id == ballot.id).values(votes=0))
    network_acts.hold(session)
    payload = {"ballot": str(ballot.id)}
    network_acts.note(session, "cancel_ballot", actor=actor, now=now, reason=reason.strip(), payload=payload)


def obstacles(session: Session, ballot: Ballot) -> tuple[Refusal | None, list[Refusal]]:
    """What the mandate of whoever is elected would overlap, as far as it is known before the count: the one that still runs
    on the seat, and those of cities that stand. The count refuses what nobody has mended by then."""
    start = ballot.term_from_at.astimezone(ZoneInfo(network.timezone())).date()
    of_seat = mandates.held_at(session, SeatKind(ballot.kind), ballot.field, ballot.term_from_at)
    planned = [mandates.plan(c.member, SeatKind(ballot.kind), start)[0] for c in query.candidates(session, ballot)]
    found = (mandates.obstacle(session, term) for term in planned)
    return of_seat, [refusal for refusal in found if refusal and refusal != of_seat]


def phase(ballot: Ballot, now: datetime) -> Phase:
    """Where the election stands at the instant."""
    return rules.phase(
        ballot.opens_at, ballot.closes_at, now, counted=ballot.counted_at is not None,
        cancelled=ballot.cancelled_at is not None,
    )  # fmt: skip


def name(member: Member) -> str:
    """What stands for a city in a count: its name and country, which no two members of a field share."""
    return f"{member.city}, {member.country}"


def _lock(session: Session, ballot: Ballot) -> None:
    """Hold the election's row: of two votes for one city at once the second finds the first."""
    session.flush()
    session.refresh(ballot, with_for_update={"key_share": True})


def _add(session: Session, ballot: Ballot, choice: UUID | None) -> None:
    change = (
        sa.update(Ballot).where(Ballot.id == ballot.id).values(none_of_them=Ballot.none_of_them + 1)
        if choice is None
        else sa.update(Candidate)
        .where(Candidate.ballot_id == ballot.id, Candidate.member_id == choice)
        .values(votes=Candidate.votes + 1)
    )
    session.execute(change.execution_options(synchronize_session=False))


def _write_anew(session: Session, ballot: Ballot) -> None:
    """PostgreSQL keeps beside each row which transaction wrote it, and so beside a candidate's sum which city voted for it
    last: the count becomes the writer of all of them."""
    anew = sa.update(Candidate).where(Candidate.ballot_id == ballot.id).values(votes=Candidate.votes)
    session.execute(anew.execution_options(synchronize_session=False))


def _second_round(session: Session, earlier: Ballot, equal: Sequence[Member], actor: Actor, now: datetime) -> None:
    """Between those who are equal, from now on for as many days as the Network says; a tie again is broken by lot."""
    days = timedelta(days=network.steering().second_round_days)
    today = now.astimezone(ZoneInfo(network.timezone())).date()
    closes = composition.instant(today + days, network.timezone(), end=True)
    row = Ballot(
        id=new_id(), field=earlier.field, kind=earlier.kind, round=earlier.round + 1, earlier_id=earlier.id,
        opens_at=now, closes_at=closes, tie_rule=TieRule.LOT, term_from_at=max(earlier.term_from_at, closes),
        announced_at=now, announced_by=actor.person,
    )  # fmt: skip
    session.add(row)
    session.flush()
    for before in query.candidates(session, earlier):
        if before.member_id in {m.id for m in equal}:
            session.add(
                Candidate(
                    ballot_id=row.id, member_id=before.member_id, statement=before.statement, language=before.language
                )
            )
    session.flush()
    payload = {"ballot": str(row.id), "earlier": str(earlier.id)}
    network_acts.note(session, "announce_ballot", actor=actor, now=now, payload=payload)


def _unknown(terms: Terms) -> Refusal | None:
    if terms.kind not in OF_A_FIELD:
        return Refusal(N_("A field elects its coordinator and its deputy."), target="kind")
    if terms.field not in {f["key"] for f in network.fields()}:
        return Refusal(N_("“%(field)s” is no creative field"), {"field": terms.field}, target="field")
    return None


def _under_way(session: Session, terms: Terms, now: datetime) -> Refusal | None:
    same = sa.select(Ballot).where(Ballot.field == terms.field, Ballot.kind == terms.kind)
    for other in session.scalars(same):
        if phase(other, now) not in (Phase.COUNTED, Phase.CANCELLED):
            told = {"instant": other.closes_at}
            return Refusal(N_("An election to this seat is under way until %(instant)s."), told, target="field")
    return None


def _not_to_be_counted(ballot: Ballot, found: Phase) -> Refusal:
    if found is Phase.COUNTED:
        return Refusal(N_("This election was counted on %(instant)s."), {"instant": ballot.counted_at})
    if found is Phase.CANCELLED:
        return Refusal(N_("This election was called off."))
    return Refusal(N_("Nobody counts before the vote closes, on %(instant)s."), {"instant": ballot.closes_at})
