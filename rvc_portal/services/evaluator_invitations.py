"""Evaluators are invited by mail: the Secretariat asks, the person accepts, or declines with a reason, by a button on the
page that the mail's code opens. What is accepted becomes a seat with its entry in the register."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, STREAM_OF_SEAT, Role, SeatKind, Stream
from rvc_portal.gateways import network
from rvc_portal.language import LANGUAGES
from rvc_portal.models.account import Account
from rvc_portal.models.base import new_code
from rvc_portal.models.evaluator import Evaluator, EvaluatorInvitation
from rvc_portal.models.seat import Seat
from rvc_portal.queries import accounts as people
from rvc_portal.queries import evaluator_invitations as query
from rvc_portal.queries.team import digest
from rvc_portal.services import accounts, evaluators, journal, mailing
from rvc_portal.services.evaluators import Problems

ACCEPTED, DECLINED = "accepted", "declined"
SEAT_OF_STREAM = {stream: kind for kind, stream in STREAM_OF_SEAT.items()}


@dataclass(frozen=True)
class Wanted:
    """Whom to invite to what: to act for the seat `seat`, or for a new one of `stream`; `language`: of the mail;
    `languages`: in which the person reads; `maximum_load`: files at a time."""

    email: str
    name: str
    language: str
    seat: Seat | None = None
    stream: str = ""
    fields: tuple[str, ...] = ()
    country: str = ""
    city: str = ""
    organisation: str = ""
    languages: tuple[str, ...] = ()
    maximum_load: int | None = None


def invite(session: Session, wanted: Wanted, *, actor: Actor, now: datetime) -> tuple[EvaluatorInvitation, str]:
    """Ask a person by mail; return the invitation and the code that the mail carries. Raises Refused without the role,
    InvalidInput, by field of the form."""
    _secretariat(actor)
    seat, email = wanted.seat, wanted.email.strip()
    wrong = _wrong_address(session, email, now) | _wrong_person(wanted)
    wrong |= {} if seat is not None else _wrong_seat(session, wanted)
    if wrong:
        raise InvalidInput(wrong)
    code = new_code()
    made = EvaluatorInvitation(
        email=email, name=wanted.name.strip(), language=wanted.language, seat_id=seat.id if seat else None, seat=seat,
        stream=STREAM_OF_SEAT[SeatKind(seat.kind)] if seat else wanted.stream,
        fields=list(seat.fields if seat else wanted.fields),
        country=(seat.country if seat else wanted.country) or None,
        city=(seat.city if seat else wanted.city.strip()) or None,
        organisation=wanted.organisation.strip(), languages=list(wanted.languages), maximum_load=wanted.maximum_load,
        code_sha256=digest(code), asked_by=actor.person, asked_at=now, sent_at=now, expires_at=_end(now), reason="",
    )  # fmt: skip
    session.add(made)
    session.flush()
    _note(session, made, "invite_evaluator", actor.account_id, now, seat=str(seat.id) if seat else None)
    _send(session, made, code, actor, now)
    return made, code


def invite_again(session: Session, invitation_id: UUID, *, actor: Actor, now: datetime) -> str:
    """Send the mail once more, with a new code and a new term; the code before it opens nothing any more. Returns the
    new code. Raises Refused without the role, NotFound for an invitation that was answered or withdrawn."""
    found = _waiting(session, invitation_id, actor)
    code = new_code()
    found.code_sha256, found.sent_at, found.expires_at = digest(code), now, _end(now)
    _note(session, found, "invite_evaluator_again", actor.account_id, now)
    _send(session, found, code, actor, now)
    return code


def withdraw(session: Session, invitation_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take an invitation back; its link opens nothing any more. Raises as `invite_again` does."""
    found = _waiting(session, invitation_id, actor)
    found.withdrawn_at = now
    _note(session, found, "withdraw_evaluator_invitation", actor.account_id, now)


def open_invitation(session: Session, code: str, now: datetime) -> EvaluatorInvitation:
    """The invitation that the code opens, answered or not. Raises NotFound for a code that is wrong, replaced, withdrawn
    or too old."""
    found = query.by_code(session, code)
    if found is None or found.state(now) in ("withdrawn", "lapsed"):
        raise NotFound
    return found


def accept(session: Session, code: str, *, account: Account, now: datetime) -> Seat:
    """Become an evaluator with the account whose address was invited; return the seat. Raises NotFound; Refused for
    another's account, an invitation that was answered, or a person who is an evaluator already."""
    found = _held(session, code, now)
    if account.email.lower() != found.email.lower():
        said = N_("The invitation went to %(email)s: sign in with the account of that address.")
        raise Refused([Refusal(said, {"email": found.email})])
    held = query.acts_for(session, account, now)
    if held is not None:
        raise Refused([Refusal(N_("You are an evaluator already: %(seat)s."), {"seat": held.name})])
    seat = found.seat or _new_seat(session, found, account.name)
    accounts.give_seat(session, seat, account, now=now)
    if session.get(Evaluator, seat.id) is None:
        evaluators.enter(
            session, seat, languages=found.languages, maximum_load=found.maximum_load, organisation=found.organisation,
            account_id=account.id, now=now,
        )  # fmt: skip
    found.seat_id = seat.id
    _answer(session, found, ACCEPTED, "", account.id, now)
    return seat


def accept_as_new(
    session: Session, code: str, *, name: str, password: str, language: str, now: datetime
) -> tuple[Account, Seat]:
    """Become an evaluator with an account made for it: the mail's code has shown that the address is the person's own.
    Raises InvalidInput for an empty name or an address that has a confirmed account, and as `accept` does."""
    found = _held(session, code, now)
    if not name.strip():
        raise InvalidInput({"name": (Refusal(N_("Write your name.")),)})
    account = accounts.create_account(
        session, email=found.email, name=name, now=now, language=language, password=password
    )
    return account, accept(session, code, account=account, now=now)


def decline(session: Session, code: str, *, reason: str, account: Account | None, now: datetime) -> None:
    """Say no, with a reason; whoever has the mail may, signed in or not. Raises NotFound, InvalidInput without a reason,
    Refused for an invitation that was answered."""
    found = _held(session, code, now)
    if not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("Say why, in a few words."), target="reason"),)})
    own = account is not None and account.email.lower() == found.email.lower()
    _answer(session, found, DECLINED, reason.strip(), account.id if account and own else None, now)


def _secretariat(actor: Actor) -> None:
    if not actor.has(Role.SECRETARIAT):
        raise Refused([Refusal(N_("Your role does not allow this."))])


def _end(now: datetime) -> datetime:
    return now + timedelta(days=network.days("evaluator_invitation"))


def _wrong_address(session: Session, email: str, now: datetime) -> Problems:
    if not mailing.is_address(email):
        return {"email": (Refusal(N_("Give an e-mail address, such as name@example.org.")),)}
    account = people.by_email(session, email)
    held = query.acts_for(session, account, now) if account else None
    if account is not None and not account.active:
        return {"email": (Refusal(N_("The account with this address is closed.")),)}
    if held is not None:
        said = N_("The person with this address is an evaluator already: %(seat)s.")
        return {"email": (Refusal(said, {"seat": held.name}),)}
    if query.unanswered(session, email) is not None:
        said = N_("This person is invited already: send the invitation again, or withdraw it first.")
        return {"email": (Refusal(said),)}
    return {}


def _wrong_person(wanted: Wanted) -> Problems:
    wrong = evaluators.wrong_particulars(wanted.languages, wanted.maximum_load, wanted.fields, wanted.country)
    if not wanted.name.strip():
        wrong["name"] = (Refusal(N_("Write the name of the person.")),)
    if wanted.language not in LANGUAGES:
        wrong["language"] = (Refusal(N_("Choose the language of the mail.")),)
    return wrong


def _wrong_seat(session: Session, wanted: Wanted) -> Problems:
    """What a new seat lacks: an expert has a country and fields, a member city a name and one field."""
    wrong: Problems = {}
    if wanted.stream not in tuple(Stream):
        return {"stream": (Refusal(N_("Choose experts or member cities.")),)}
    if not wanted.country:
        wrong["country"] = (Refusal(N_("Choose a country: the rules of conflict need it.")),)
    if not wanted.fields:
        wrong["fields"] = (Refusal(N_("Choose at least one creative field.")),)
    if wanted.stream == Stream.MEMBERS and len(wanted.fields) > 1:
        wrong["fields"] = (Refusal(N_("A member city evaluates in its own field alone: choose one.")),)
    if wanted.stream == Stream.MEMBERS and not wanted.city.strip():
        wrong["city"] = (Refusal(N_("Name the city.")),)
    if wrong or wanted.stream != Stream.MEMBERS:
        return wrong
    there = query.member_seat(session, city=wanted.city.strip(), country=wanted.country, field=wanted.fields[0])
    said = N_("%(seat)s has a seat in this field already: invite somebody from its page in the register.")
    return {"city": (Refusal(said, {"seat": there.name}),)} if there else {}


def _waiting(session: Session, invitation_id: UUID, actor: Actor) -> EvaluatorInvitation:
    _secretariat(actor)
    found = query.held(session, invitation_id)
    if found is None or found.answer is not None or found.withdrawn_at is not None:
        raise NotFound
    return found


def _held(session: Session, code: str, now: datetime) -> EvaluatorInvitation:
    """An invitation that nobody has answered, with its row held."""
    query.held(session, open_invitation(session, code, now).id)
    found = open_invitation(session, code, now)  # it may have been answered, withdrawn or sent anew while this waited
    if found.answered_at is not None:
        raise Refused([Refusal(N_("This invitation was answered on %(instant)s."), {"instant": found.answered_at})])
    return found


def _new_seat(session: Session, found: EvaluatorInvitation, name: str) -> Seat:
    """The seat that the invitation speaks of; a member city's may have been made meanwhile."""
    own, *more = found.fields
    kind = SEAT_OF_STREAM[Stream(found.stream)]
    if kind is SeatKind.MEMBER:
        there = query.member_seat(session, city=found.city or "", country=found.country or "", field=own)
        if there is not None:
            return there
    seat = accounts.create_seat(
        session, kind=kind, name=name if kind is SeatKind.EXPERT else found.city or name, field=own,
        country=found.country, city=found.city,
    )  # fmt: skip
    seat.expertise = more
    session.flush()
    return seat


def _answer(
    session: Session, found: EvaluatorInvitation, answer: str, reason: str, account_id: UUID | None, now: datetime
) -> None:
    found.answer, found.reason, found.answered_at, found.answered_by = answer, reason, now, account_id
    session.flush()
    act = "accept_evaluator_invitation" if answer == ACCEPTED else "decline_evaluator_invitation"
    seat = str(found.seat_id) if found.seat_id else None
    journal.append(session, found.id, act, actor_id=account_id, now=now, reason=reason, payload={"seat": seat})
    asker = found.asker
    if asker.active:
        context = {
            "name": asker.name, "person": found.name, "email": found.email, "answer": answer, "reason": reason,
            "path": f"/evaluators/{seat}" if answer == ACCEPTED else "/evaluators/invitations",
        }  # fmt: skip
        mailing.queue_mail(session, asker, asker.language, "evaluator_answer", context, now=now)


def _note(
    session: Session, found: EvaluatorInvitation, act: str, actor_id: UUID | None, now: datetime, **payload: Any
) -> None:  # fmt: skip
    """An invitation has a chain of its own: it belongs to no call and to no file."""
    journal.append(session, found.id, act, actor_id=actor_id, now=now, payload=payload)


def _send(session: Session, found: EvaluatorInvitation, code: str, actor: Actor, now: datetime) -> None:
    context = {
        "name": found.name, "asker": actor.name, "stream": found.stream, "city": found.city or "",
        "until": found.expires_at.isoformat(), "path": f"/evaluator-invitations/{code}",
    }  # fmt: skip
    mailing.queue_mail(session, found.email, found.language, "evaluator_invitation", context, now=now)
