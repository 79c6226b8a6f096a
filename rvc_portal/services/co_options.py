"""Co-option: the coordinators bring in a city of a region that nobody at the table comes from, by a vote by name."""

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from rvc_portal.domain import composition
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Doc, SeatKind
from rvc_portal.gateways import network
from rvc_portal.models.base import new_id
from rvc_portal.models.mandate import CoOption, CoOptionVote, Mandate
from rvc_portal.models.seat import Member
from rvc_portal.queries import composition as query
from rvc_portal.services import mandates, network_acts
from rvc_portal.services.contexts import composition as contexts


class Choice(StrEnum):
    """A vote by name."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


ADOPTED, LOST = "adopted", "lost"


def propose(
    session: Session, member: Member, *, reason: str, language: str, actor: Actor, now: datetime
) -> CoOption:  # fmt: skip
    """A coordinator proposes a city. Raises Refused to whom does not sit for a field, InvalidInput for a city whose region
    is not missing, that sits already or is proposed already, and without a reason."""
    place, _ = _voting(session, actor, now)
    network_acts.hold(session)
    counted = query.balance(query.table(session, now))
    if member.region not in composition.missing(counted):
        raise InvalidInput({"member": (Refusal(N_("The region of %(city)s is not missing."), {"city": member.city}),)})
    if any(c.member_id == member.id and c.outcome is None for c in query.co_options(session)):
        raise InvalidInput({"member": (Refusal(N_("%(city)s is proposed already."), {"city": member.city}),)})
    if not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("Say why this city is to be co-opted.")),)})
    row = CoOption(
        id=new_id(), member_id=member.id, region=member.region, reason=reason.strip(), language=language,
        proposed_at=now, proposed_by=actor.person, proposed_for=place.field,
    )  # fmt: skip
    session.add(row)
    session.flush()
    payload = {"co_option": str(row.id), "member": str(member.id), "region": member.region}
    network_acts.note(session, "propose_co_option", actor=actor, now=now, reason=row.reason, payload=payload)
    return row


def vote(session: Session, co_option: CoOption, choice: Choice, *, actor: Actor, now: datetime) -> None:
    """A field votes by whoever sits for it, once. As soon as the votes still to come change nothing, the co-option is
    adopted or lost: the mandate begins and the document is issued. Raises Refused."""
    place, mandate = _voting(session, actor, now)
    network_acts.hold(session)
    session.refresh(co_option)
    if co_option.outcome:
        raise Refused([Refusal(N_("The vote on this co-option is over."))])
    if any(v.field == place.field for v in co_option.votes):
        raise Refused([Refusal(N_("Your field has voted already; a vote is not changed."))])
    co_option.votes.append(
        CoOptionVote(
            field=str(place.field), mandate_id=mandate.id, account_id=actor.person, choice=choice, voted_at=now
        )
    )
    session.flush()
    payload = {"co_option": str(co_option.id), "field": place.field, "choice": str(choice)}
    network_acts.note(session, "vote_co_option", actor=actor, now=now, payload=payload)
    _settle(session, co_option, actor, now)


def seats_that_vote(session: Session, now: datetime) -> list[composition.Place]:
    """The fields' places that somebody takes now."""
    return [p for p in query.table(session, now) if p.field and p.sits]


def _settle(session: Session, co_option: CoOption, actor: Actor, now: datetime) -> None:
    sitting = {p.field for p in seats_that_vote(session, now)} | {v.field for v in co_option.votes}
    in_favour = sum(v.choice == Choice.FOR for v in co_option.votes)
    percent = network.steering().co_option_percent
    adopted = composition.settled(in_favour, len(co_option.votes), len(sitting), percent)
    if adopted is None:
        return
    co_option.decided_at, co_option.outcome = now, ADOPTED if adopted else LOST
    payload = {"co_option": str(co_option.id), "outcome": co_option.outcome}
    network_acts.note(session, "settle_co_option", actor=actor, now=now, payload=payload)
    if adopted:
        start = now.astimezone(ZoneInfo(network.timezone())).date()
        mandates.begin(session, co_option.member, SeatKind.CO_OPTED, start, origin="co_option", actor=actor, now=now)
    draft = contexts.co_option(session, co_option, sitting=len(sitting), percent=percent)
    network_acts.issue(session, Doc.CO_OPTION, draft, now=now, act="settle_co_option", subject_id=co_option.id)
    if adopted:
        mandates.publish(session, now=now, act="settle_co_option")


def _voting(session: Session, actor: Actor, now: datetime) -> tuple[composition.Place, Mandate]:
    found = query.voting_place(session, actor, now)
    if found is None:
        raise Refused([Refusal(N_("Co-option is an act of those who sit for a creative field today."))])
    return found
