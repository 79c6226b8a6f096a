"""What is said about a dossier after the sheets: threads begun, messages written and withdrawn.

None of it is an act of the journal: a chain has one kind of reader, a thread has its own. The rows are only ever added to;
a message is withdrawn by an instant beside it.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from rvc_portal.domain import discussion as rules
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.definition import LANGUAGES
from rvc_portal.domain.discussion import LONGEST_TEXT, LONGEST_TITLE, Audience
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Permission, Role
from rvc_portal.models.base import new_id
from rvc_portal.models.discussion import Thread, ThreadMessage
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries import calls
from rvc_portal.queries import discussion as query
from rvc_portal.queries.discussion import Standing
from rvc_portal.services import mailing, rights
from rvc_portal.services.transitions import lock


def begin(
    session: Session, dossier: Dossier, *, title: str, audience: str, text: str, language: str, actor: Actor,
    now: datetime,
) -> Thread:  # fmt: skip
    """Begin a thread with its first message. Raises InvalidInput (`title`, `audience`, `text`), Refused where the
    discussion takes nothing (more), NotFound for a dossier that is not theirs to know of."""
    to = _standing(session, dossier, actor)
    wrong = {
        "title": _unfit(title, LONGEST_TITLE, N_("Give the thread a title.")),
        "audience": () if audience in to.writes else (Refusal(N_("Choose who reads this thread.")),),
        "text": _unfit(text, LONGEST_TEXT, N_("Write what you want to say.")),
    }
    _check(wrong)
    thread = Thread(
        id=new_id(), dossier_id=dossier.id, title=title.strip(), language=_language(language, actor),
        audience=Audience(audience), begun_at=now, begun_by=actor.person,
    )  # fmt: skip
    session.add(thread)
    _say(session, dossier, thread, to, text, language, actor, now)
    return thread


def answer(
    session: Session, dossier: Dossier, thread: Thread, *, text: str, language: str, actor: Actor, now: datetime
) -> ThreadMessage:
    """Add a message to a thread. Raises NotFound for a thread that the person does not read, Refused where it takes no
    more, InvalidInput (`text`)."""
    to = _standing(session, dossier, actor)
    _require(actor, dossier, thread, to)
    _check({"text": _unfit(text, LONGEST_TEXT, N_("Write what you want to say."))})
    return _say(session, dossier, thread, to, text, language, actor, now)


def withdraw(session: Session, dossier: Dossier, message: ThreadMessage, *, actor: Actor, now: datetime) -> None:
    """The author takes a message back: that it stood there stays told, what it said does not. Raises NotFound for
    another's, Refused where the thread is closed."""
    to = _standing(session, dossier, actor)
    _require(actor, dossier, message.thread, to)
    if message.author_id != actor.account_id:
        raise NotFound
    message.withdrawn_at = message.withdrawn_at or now


def _standing(session: Session, dossier: Dossier, actor: Actor) -> Standing:
    held = rights.require(session, actor, dossier, Permission.READ_DISCUSSION)
    lock(session, dossier, None)
    to = query.standing(session, actor, dossier, held)
    if to.waits or not to.roles:
        raise Refused([Refusal(N_("The discussion opens to you once your own sheet is closed."))])
    if not to.writes:
        raise Refused(
            [Refusal(N_("The evaluation of this file is over: its discussion can be read, and takes no more."))]
        )
    return to


def _require(actor: Actor, dossier: Dossier, thread: Thread, to: Standing) -> None:
    if thread.dossier_id != dossier.id or not query.reads(actor, thread, to):
        raise NotFound
    if thread.audience not in to.writes:
        raise Refused([Refusal(N_("The file is before the Steering Group: only threads that it reads go on."))])


def _unfit(text: str, longest: int, wanting: str) -> tuple[Refusal, ...]:
    if not text.strip():
        return (Refusal(wanting),)
    over = len(text.strip()) > longest
    return (Refusal(N_("Use at most %(max)d characters."), {"max": longest}),) if over else ()


def _check(wrong: dict[str, tuple[Refusal, ...]]) -> None:
    found = {name: refusals for name, refusals in wrong.items() if refusals}
    if found:
        raise InvalidInput(found)


def _language(given: str, actor: Actor) -> str:
    return given if given in LANGUAGES else actor.language


def _say(
    session: Session, dossier: Dossier, thread: Thread, to: Standing, text: str, language: str, actor: Actor,
    now: datetime,
) -> ThreadMessage:  # fmt: skip
    role = rules.speaks_as(to.roles)
    seat = query.own_seat(session, actor, dossier.id) if role is Role.EVALUATOR else None
    message = ThreadMessage(
        id=new_id(), thread=thread, author_id=actor.person, role=role, seat_id=seat, text=text.strip(),
        language=_language(language, actor), at=now,
    )  # fmt: skip
    session.add(message)
    session.flush()
    _tell(session, dossier, thread, actor, now)
    return message


def _tell(session: Session, dossier: Dossier, thread: Thread, actor: Actor, now: datetime) -> None:
    """One mail to each reader but the author: that something was said, not what, nor by whom."""
    told = calls.definition(dossier.call)
    for account in query.listeners(session, dossier, thread, now):
        if account.id == actor.account_id:
            continue
        context = {
            "name": account.name, "city": dossier.lead_city, "reference": dossier.reference,
            "call": told.title.of(account.language), "path": f"/dossiers/{dossier.id}/discussion#thread-{thread.id}",
            "demonstration": dossier.call.demonstration,
        }  # fmt: skip
        mailing.queue_mail(session, account, account.language, "discussion", context, now=now)
