"""Owners are written to about their clauses: once before the day by which they are due, once when it has passed."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from rvc_portal.domain import following
from rvc_portal.domain.following import Due, Owner
from rvc_portal.domain.vocabulary import OwnerKind
from rvc_portal.gateways import network
from rvc_portal.models.account import Account
from rvc_portal.models.follow_up import ClauseReminder
from rvc_portal.queries import follow_up as query
from rvc_portal.queries.follow_up import Followed
from rvc_portal.services import mailing

TEMPLATE = "clauses_due"
NOBODYS = (Owner(OwnerKind.SECRETARIAT),)
"""Who hears of a clause that nobody owns."""


def remind(session: Session, now: datetime) -> int:
    """Write to the owners of every clause whose day comes near or has passed, one mail a person about all of theirs. Returns how
    many mails that makes. Safe to repeat: each clause is told of once before its day and once after it."""
    found = _due(session, now)
    if not found:
        return 0
    people = query.owners_people(session, now)
    texts = query.wordings(session, [f.clause.id for f, _ in found])
    letters: dict[UUID, tuple[Account, list[tuple[Followed, Due]]]] = {}
    for item in found:
        followed, kind = item
        for account in {a.id: a for o in followed.owners or NOBODYS for a in people.get(o, ())}.values():
            letters.setdefault(account.id, (account, []))[1].append(item)
        session.add(ClauseReminder(clause_id=followed.clause.id, kind=kind, due_on=followed.due_on, sent_at=now))
    for account, theirs in letters.values():
        context = {"name": account.name, "path": "/desk", "clauses": [_told(*one, texts) for one in theirs]}
        mailing.queue_mail(session, account, account.language, TEMPLATE, context, now=now)
    return len(letters)


def _due(session: Session, now: datetime) -> list[tuple[Followed, Due]]:
    """What is to be told of now and was not."""
    today = now.astimezone(ZoneInfo(network.timezone())).date()
    before, after = network.days("clause_due_before"), network.days("clause_due_after")
    told = query.reminded(session)
    found = [
        (f, kind)
        for f in query.of_meetings(session)
        if f.counts
        and (kind := following.to_remind(f.state, f.due_on, today, days_before=before, days_after=after))
        and (f.clause.id, str(kind), f.due_on) not in told
    ]
    return sorted(found, key=lambda one: (str(one[0].due_on), one[0].clause.meeting.edition, one[0].clause.position))


def _told(followed: Followed, kind: Due, texts: dict[UUID, dict[str, str]]) -> dict[str, object]:
    said = texts.get(followed.clause.id, {})
    return {
        "clause": followed.name,
        "year": followed.clause.meeting.year,
        "text": {language: following.short(text) for language, text in said.items()},
        "due_on": str(followed.due_on),
        "late": kind is Due.PASSED,
        "path": f"/meetings/{followed.clause.meeting.edition}/follow-up/{followed.name}",
    }
