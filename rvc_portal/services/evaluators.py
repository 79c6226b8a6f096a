"""The register of evaluators: what the Secretariat knows of each evaluating seat."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import EVALUATING_SEATS, N_, Role, SeatKind
from rvc_portal.models.evaluator import Evaluator
from rvc_portal.models.seat import Seat


def change(
    session: Session, seat: Seat, *, languages: Sequence[str], maximum_load: int | None, past_work: str, actor: Actor,
    now: datetime,
) -> Evaluator:  # fmt: skip
    """Write the seat's entry. `languages`: codes in which it reads; `maximum_load`: dossiers at a time, None without
    limit. Raises Refused without the role, NotFound for a seat that evaluates nothing, InvalidInput for a load below one."""
    if not actor.has(Role.SECRETARIAT):
        raise Refused([Refusal(N_("Your role does not allow this."))])
    if SeatKind(seat.kind) not in EVALUATING_SEATS:
        raise NotFound
    if maximum_load is not None and maximum_load < 1:
        raise InvalidInput({"maximum_load": (Refusal(N_("Give 1 or more, or nothing for no limit.")),)})
    entry = session.get(Evaluator, seat.id)
    if entry is None:
        entry = Evaluator(seat_id=seat.id)
        session.add(entry)
    entry.languages, entry.maximum_load, entry.past_work = list(languages), maximum_load, past_work.strip()
    entry.changed_at, entry.changed_by = now, actor.person
    session.flush()
    return entry
