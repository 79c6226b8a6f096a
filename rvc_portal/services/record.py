"""The record of a sitting: written by the sitting itself, corrected by those who were there, approved, sealed."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.definition import LANGUAGES
from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Doc, Role
from rvc_portal.models.base import new_id
from rvc_portal.models.call import Call
from rvc_portal.models.steering import AgendaItem, Attendance, Correction, SteeringSession
from rvc_portal.queries import calls
from rvc_portal.queries import deliberation as query
from rvc_portal.services import journal, rights, variants
from rvc_portal.services.contexts.session import record
from rvc_portal.services.transitions import lock_call


def save_text(session: Session, sitting: SteeringSession, texts: Mapping[str, str], *, seen: int, actor: Actor) -> None:
    """Keep what people write of the sitting as a whole, by language. `seen`: the revision that the person edited. Raises
    Refused for who was not there, or once the record is approved; Overtaken where somebody else saved meanwhile."""
    _hold(session, sitting)
    _check_may_write(session, sitting, actor)
    if sitting.approved_at is not None:
        raise Refused([Refusal(N_("The record is approved: nothing is changed in it any more."))])
    if sitting.text_revision != seen:
        raise Overtaken([Refusal(N_("Somebody else saved this text meanwhile: compare it with yours."))])
    sitting.text_en, sitting.text_fr = (texts.get(language, "").strip() for language in LANGUAGES)
    sitting.text_revision += 1
    session.flush()


def correct(
    session: Session, sitting: SteeringSession, item: AgendaItem | None, *, text: str, language: str, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Ask for a correction, in one's own words: it stands in the record as asked. Raises Refused for who was not there,
    before the sitting is closed and after the time for it; InvalidInput without words."""
    _hold(session, sitting)
    seat_id = _seat_that_was_there(session, sitting, actor)
    if sitting.closed_at is None or sitting.correct_until_at is None:
        raise Refused([Refusal(N_("The sitting is not closed yet."))])
    if now >= sitting.correct_until_at or sitting.approved_at:
        raise Refused(
            [Refusal(N_("The record was open to correction until %(instant)s."), {"instant": sitting.correct_until_at})]
        )
    if not text.strip():
        raise InvalidInput({"text": (Refusal(N_("Write what is to be corrected.")),)})
    if language not in LANGUAGES:
        raise InvalidInput({"language": (Refusal(N_("Choose a language.")),)})
    session.add(
        Correction(id=new_id(), session_id=sitting.id, item_id=item.id if item else None, seat_id=seat_id,
                   text=text.strip(), language=language, account_id=actor.person, at=now)
    )  # fmt: skip
    session.flush()


def approve(session: Session, sitting: SteeringSession, *, actor: Actor, now: datetime) -> None:
    """Approve the record once the time for corrections is over; nothing is written into it afterwards, so that every text
    has to be there. Raises Refused for who was not there, too early, and while a text is missing; safe to repeat."""
    _hold(session, sitting)
    _seat_that_was_there(session, sitting, actor)
    refusals = list(refusals_of_approval(session, sitting, now))
    if refusals:
        raise Refused(refusals)
    if sitting.approved_at is None:
        sitting.approved_at, sitting.approved_by = now, actor.person
        _journal(session, sitting, "approve_record", actor, now)


def seal(session: Session, sitting: SteeringSession, *, actor: Actor, now: datetime) -> None:
    """Issue the record in every language of the call: whole, and for each reader to whom items are closed a version in
    which they are. Raises Refused before it is approved, for who approved it, and while a text is missing in a language of the
    call."""
    rights.require_on_call(actor, sitting.call_id, Role.SECRETARIAT, Role.STEERING)
    call = session.get_one(Call, sitting.call_id)
    lock_call(session, call)
    _hold(session, sitting)
    refusals = list(refusals_of_seal(session, sitting))
    if refusals:
        raise Refused(refusals)
    if sitting.approved_by == actor.person:
        raise Refused([Refusal(N_("Somebody else seals the record than who approved it."))])
    sitting.sealed_at = now
    _journal(session, sitting, "seal_record", actor, now)  # before the documents, which print it
    for variant, shut in variants.needed(session, sitting).items():
        draft = record(session, sitting, shut)
        for language in calls.definition(call).publish_languages:
            variants.write(
                session,
                sitting,
                Doc.SESSION_RECORD,
                draft,
                act="seal_record",
                variant=variant,
                language=language,
                now=now,
            )


def refusals_of_approval(
    session: Session, sitting: SteeringSession, now: datetime, but: Iterable[UUID] = ()
) -> Iterator[Refusal]:
    """What stands against approving the record now; `but`: items that whoever asks may not know of."""
    if sitting.correct_until_at is None or now < sitting.correct_until_at:
        yield from _too_early(sitting)
    yield from _texts_missing(session, sitting, but)


def refusals_of_seal(session: Session, sitting: SteeringSession, but: Iterable[UUID] = ()) -> Iterator[Refusal]:
    """The same against sealing it."""
    if sitting.sealed_at is not None:
        yield Refusal(N_("The record is sealed."))
    if sitting.approved_at is None:
        yield Refusal(N_("The record is not approved yet."))
    yield from _texts_missing(session, sitting, but)


def _texts_missing(session: Session, sitting: SteeringSession, but: Iterable[UUID]) -> Iterator[Refusal]:
    languages = calls.definition(session.get_one(Call, sitting.call_id)).publish_languages
    texts = [(sitting.text_en, sitting.text_fr)]
    opinions, shut = query.opinions(session, sitting), set(but)
    known = [opinions.get(i.dossier_id) for i in query.items(session, sitting) if i.id not in shut]
    texts += [(o.text_en, o.text_fr) for o in known if o]
    for language in languages:
        if not all(text[LANGUAGES.index(language)] for text in texts):
            yield Refusal(N_("A text of the record is missing in this language: %(language)s."), {"language": language})


def _too_early(sitting: SteeringSession) -> Iterator[Refusal]:
    if sitting.correct_until_at is None:
        yield Refusal(N_("The sitting is not closed yet."))
    else:
        yield Refusal(N_("The record is open to correction until %(instant)s."), {"instant": sitting.correct_until_at})


def _check_may_write(session: Session, sitting: SteeringSession, actor: Actor) -> None:
    if not actor.has_on_call(Role.SECRETARIAT, sitting.call_id, whole=True):
        _seat_that_was_there(session, sitting, actor)


def _seat_that_was_there(session: Session, sitting: SteeringSession, actor: Actor) -> UUID:
    """A seat of the person that came to the sitting. Raises NotFound for who has no seat, Refused for who did not come."""
    if not actor.steering_seats:
        raise NotFound
    for seat in actor.steering_seats:
        if session.get(Attendance, (sitting.id, seat.id)):
            return seat.id
    raise Refused([Refusal(N_("Only who was present may do this."))])


def _hold(session: Session, sitting: SteeringSession) -> None:
    session.flush()
    session.refresh(sitting, with_for_update={"key_share": True})


def _journal(session: Session, sitting: SteeringSession, act: str, actor: Actor, now: datetime) -> None:
    journal.append(
        session, sitting.call_id, act, actor_id=actor.account_id, now=now, payload={"session": str(sitting.id)}
    )
