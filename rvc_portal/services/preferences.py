"""Evaluators say what they would gladly judge, where the call asks; proposals of evaluators weigh it."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal
from rvc_portal.domain.vocabulary import N_
from rvc_portal.models.call import Call
from rvc_portal.models.preference import Preference
from rvc_portal.queries import preferences as query
from rvc_portal.queries.assignments import Pair

LIKINGS = (-1, 0, 1)


def state(session: Session, call: Call, likings: Mapping[Pair, int], *, actor: Actor, now: datetime) -> int:
    """Keep what the person's seats would gladly judge (1), rather not (-1), or what is all the same to them (0); how many
    answers that changes. A file that they are not asked about is passed over: it may have moved on meanwhile. Raises
    NotFound where the call does not ask, InvalidInput for any other number."""
    if not query.asks(call):
        raise NotFound
    if any(liking not in LIKINGS for liking in likings.values()):
        raise InvalidInput({"likings": (Refusal(N_("Choose one of the three answers.")),)})
    before = {choice.pair: choice.liking for choice in query.choices(session, actor, call, now)}
    changed = {pair: likings[pair] for pair in before if pair in likings and likings[pair] != before[pair]}
    for (dossier_id, seat_id), liking in changed.items():
        one = sa.and_(Preference.dossier_id == dossier_id, Preference.seat_id == seat_id)
        session.execute(sa.delete(Preference).where(one))
        if liking:
            session.add(Preference(dossier_id=dossier_id, seat_id=seat_id, liking=liking, at=now, by=actor.person))
    session.flush()
    return len(changed)
