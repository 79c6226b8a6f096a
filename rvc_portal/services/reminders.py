"""Reminders of late sheets: one mail a person about all of them, sent once however often the button is pressed."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import NotFound, Refusal, Refused
from rvc_portal.domain.progress import LEFT_OUT, NOBODY
from rvc_portal.domain.vocabulary import N_
from rvc_portal.models.call import Call
from rvc_portal.models.evaluation import Assignment
from rvc_portal.models.reminder import Reminder
from rvc_portal.queries import progress
from rvc_portal.queries.progress import Left, Line
from rvc_portal.services import journal, mailing
from rvc_portal.services.assignments import by_person, letter
from rvc_portal.services.transitions import lock_call

TEMPLATE = "reminder"


def send(
    session: Session, call: Call, sending: UUID, ids: Collection[UUID], *, actor: Actor, now: datetime
) -> Reminder:
    """Write to everybody who acts for these assignments, one mail a person. Those that are closed, ended or withdrawn by now
    are left out. `sending` names the click: the same one again returns what it sent, and sends nothing. Raises Refused where
    nobody is chosen or nobody is left, NotFound for a sending of another call."""
    lock_call(session, call)
    known = session.get(Reminder, sending)
    if known is not None:
        if known.call_id != call.id:
            raise NotFound
        return known
    lines, left = progress.chosen(session, actor, call, ids, now)
    holders = progress.holders(session, call, lines, now)
    left += [Left(line.id, line.seat, line.city, NOBODY) for line in lines if not holders[line.id]]
    reached = [line for line in lines if holders[line.id]]
    if not reached:
        raise Refused([Refusal(N_("Nobody is chosen whom a reminder could be sent to.")), *map(why, left)])
    letters = by_person(holders, reached)
    for account, theirs in letters:
        mailing.queue_mail(
            session, account.email, language=account.language, template=TEMPLATE, context=letter(call, account, theirs),
            now=now,
        )  # fmt: skip
    return _record(session, call, sending, reached, left, len(letters), actor, now)


def why(left: Left) -> Refusal:
    """Why one of those chosen is left out, in words."""
    params = {"seat": left.seat, "city": left.city, "why": LEFT_OUT[left.why]}
    return Refusal(N_("%(seat)s, %(city)s: %(why)s"), params)


def _record(
    session: Session, call: Call, sending: UUID, reached: list[Line], left: list[Left], mails: int, actor: Actor,
    now: datetime,
) -> Reminder:  # fmt: skip
    made = Reminder(
        id=sending, call_id=call.id, at=now, by=actor.person, sent=[str(line.id) for line in reached],
        left_out=[{"assignment": str(one.id), "why": one.why} for one in left], mails=mails,
    )  # fmt: skip
    session.add(made)
    ids = [line.id for line in reached]
    for start in range(0, len(ids), progress.AT_ONCE):
        some = Assignment.id.in_(ids[start : start + progress.AT_ONCE])
        session.execute(sa.update(Assignment).where(some).values(reminded_at=now))
    payload = {"reminder": str(sending), "sheets": len(reached), "mails": mails}
    journal.append(session, call.id, "remind", actor_id=actor.account_id, now=now, payload=payload)
    return made
