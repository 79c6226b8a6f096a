"""A city at work on its file: opening it, answering, submitting, withdrawing; and the clock that lets files lapse."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import eligibility
from rvc_portal.domain.actor import CLOCK, Actor
from rvc_portal.domain.answers import problems
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.conditions import opened_by
from rvc_portal.domain.errors import InvalidInput, Overtaken, Refusal, Refused
from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.saving import Kept, Sent, Verdict, judge
from rvc_portal.domain.vocabulary import N_, CallStatus, Permission, Role
from rvc_portal.models.account import Account
from rvc_portal.models.base import new_id
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Answer, Dossier, Filing, Membership, Party
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import calls, content, deadlines, dossiers, places
from rvc_portal.services import assignments, conflicts, journal, rights
from rvc_portal.services.transitions import fire, lock, lock_call

STILL_ON_ITS_WAY = timedelta(minutes=5)
"""What arrived in time may wait its turn for so long, in the rush of the last minutes, and still be filed."""

IDENTITY = {"city_name": "city", "country": "country", "creative_field": "field"}
"""Questions whose answers name the file itself, where a form asks them."""


def open_dossier(
    session: Session, call: Call, *, city: str, country: str, field: str | None, language: str, actor: Actor,
    now: datetime, city_local: tuple[str, str] | None = None, eligible: Mapping[str, str] | None = None,
) -> Dossier:  # fmt: skip
    """Open a draft for a city; the person becomes its lead. `city_local` is the name in the city's own script and that
    script's language tag; `eligible` the answers to what the call asks first, by key. Raises InvalidInput for a city,
    country, field or language the call does not know, Refused outside the call's window or without these answers."""
    _check_window(call, now)
    told = calls.definition(call)
    _check_eligible(told, eligible or {})
    _check_identity(told, city=city, country=country, field=field, language=language)
    lock_call(session, call)
    dossier = Dossier(
        id=new_id(), call_id=call.id, call=call, procedure=call.procedure, reference=_reference(session, call, field),
        state=PROCEDURES[call.procedure].initial, field=field, language=language, lead_city=city.strip(),
        lead_country=country, created_at=now, state_since_at=now,
    )  # fmt: skip
    local, local_language = city_local or (None, None)
    dossier.parties.append(
        Party(position=0, role="lead", city=city.strip(), country=country, city_local=local,
              local_language=local_language)
    )  # fmt: skip
    session.add(dossier)
    session.flush()
    session.add(Membership(dossier_id=dossier.id, account_id=actor.person, role=Role.LEAD, since_at=now))
    known = {q.key for q in told.form.questions()}
    for key, value in {"city_name": city.strip(), "country": country, "creative_field": field}.items():
        if key in known and value:
            _put(session, dossier, None, key, Sent(value, 0), actor, now)
    session.flush()
    payload = {"to": dossier.state, **({"eligible": dict(eligible)} if eligible else {})}
    journal.append(session, dossier.id, "open", actor_id=actor.account_id, now=now, payload=payload)
    return dossier


def save_answers(
    session: Session, dossier: Dossier, values: Mapping[str, Any], *, actor: Actor, now: datetime,
    seen: Mapping[str, int] | None = None, received_at: datetime | None = None,
) -> list[str]:  # fmt: skip
    """Keep the values (in the shapes of domain.answers) and return the keys that changed. Right or wrong, all is kept;
    only submission is barred by what is wrong. `received_at`: as for `submit`. `seen`: the revision of each answer (0:
    none) that the person wrote on top of. Raises Refused without the right to write, after the deadline, or for a
    question that a returned file does not open again; Overtaken, with the keys as targets, where another text was
    written meanwhile: then nothing is kept."""
    rights.hold(session, actor, dossier, Permission.WRITE, keys=values)
    rights.check_in_time(dossier, received_at or now)
    _check_open_again(dossier, values)
    before = dossiers.answers(session, dossier.id)
    verdicts = {
        key: judge(_kept(before.get(key)), _sent(before.get(key), value, key, seen)) for key, value in values.items()
    }
    _refuse_overtaken(session, dossier, [before[key] for key, said in verdicts.items() if said is Verdict.CONFLICT])
    changed = [key for key, said in verdicts.items() if said is Verdict.KEEP]
    for key in changed:
        _put(session, dossier, before.get(key), key, Sent(values[key], 0), actor, now)
    if changed:
        _follow_identity(dossier, {key: values[key] for key in changed})
    session.flush()
    return changed


def save_answer(
    session: Session, dossier: Dossier, key: str, sent: Sent, *, actor: Actor, now: datetime,
    received_at: datetime | None = None,
) -> Answer:  # fmt: skip
    """Keep one answer that a page sent by itself, and return what stands then: the text sent, or what the same tab sent
    after it. Raises as `save_answers` does."""
    rights.hold(session, actor, dossier, Permission.WRITE, keys=(key,))
    rights.check_in_time(dossier, received_at or now)
    _check_open_again(dossier, {key: sent.value})
    standing = session.get(Answer, (dossier.id, key), populate_existing=True)
    said = judge(_kept(standing), sent)
    if standing is not None and said is Verdict.CONFLICT:
        _refuse_overtaken(session, dossier, [standing])
    if standing is None or said is Verdict.KEEP:
        standing = _put(session, dossier, standing, key, sent, actor, now)
        _follow_identity(dossier, {key: sent.value})
    session.flush()
    return standing


def submit(
    session: Session, dossier: Dossier, *, actor: Actor, now: datetime, received_at: datetime | None = None,
    seen_version: int | None = None,
) -> JournalEntry:  # fmt: skip
    """File the dossier as it stands, for the first time or after a return. `received_at` is when the request arrived:
    it counts for the deadline, however long the queue. Raises Refused or Overtaken; filed once, however often asked."""
    if places.are_limited(calls.definition(dossier.call)):
        lock_call(session, dossier.call)  # another file of the country may be filed at this moment
    lock(session, dossier, seen_version)
    version = dossier.version
    frozen = content.canonical(content.content(session, dossier))
    latest = dossiers.latest_filing(session, dossier.id)
    filing = Filing(
        dossier_id=dossier.id, number=(latest.number + 1) if latest else 1, content=frozen.decode(),
        sha256=hashlib.sha256(frozen).hexdigest(), received_at=received_at or now, filed_at=now,
        author_id=actor.person,
    )  # fmt: skip
    with session.begin_nested():  # a refused submission leaves no filing behind
        session.add(filing)
        session.flush()
        name = "resubmit" if latest else "submit"
        payload = {"filing": filing.number, "sha256": filing.sha256, "version": version}
        entry = fire(session, dossier, name, actor=actor, now=received_at or now, payload=payload)
        dossier.submitted_at = now
    conflicts.refresh(session, dossier, now=now)
    return entry


def withdraw(
    session: Session, dossier: Dossier, *, actor: Actor, now: datetime, reason: str, seen_version: int | None = None
) -> JournalEntry:
    """Take the file back for good; whoever was to evaluate it is told. Raises Refused or Overtaken."""
    entry = fire(session, dossier, "withdraw", actor=actor, now=now, reason=reason, seen_version=seen_version)
    assignments.withdrawn(session, dossier, now=now)
    return entry


def lapse_due(session: Session, now: datetime) -> int:
    """Let every draft and returned file lapse whose time ended, STILL_ON_ITS_WAY ago; return how many. For the clock's
    job. One that somebody acts on at this moment is left for the next time."""
    closed_by = now - STILL_ON_ITS_WAY
    given = sa.or_(Dossier.extended_until_at.is_(None), Dossier.extended_until_at <= closed_by)
    drafts = sa.and_(Dossier.state == "draft", Call.closes_at <= closed_by, given)
    returned = sa.and_(Dossier.state == "returned", Dossier.correct_until_at <= closed_by)
    query = sa.select(Dossier).join(Call).where(sa.or_(drafts, returned)).order_by(Dossier.id)
    found = session.scalars(query.with_for_update(of=Dossier, key_share=True, skip_locked=True))
    due = [dossier for dossier in found if deadlines.of_dossier(dossier).is_past(closed_by)]  # the call's grace is data
    for dossier in due:
        fire(session, dossier, "lapse", actor=CLOCK, now=now)
    return len(due)


def _check_window(call: Call, now: datetime) -> None:
    if call.status != CallStatus.OPEN or now < call.opens_at:
        raise Refused([Refusal(N_("The call is not open."))])
    deadline = deadlines.of_call(call)
    if deadline.is_past(now):
        raise Refused([deadline.refusal()])


def _check_eligible(told: CallDefinition, answers: Mapping[str, str]) -> None:
    """Nobody begins weeks of writing who would not be taken."""
    if eligibility.wanting(told.eligibility, answers):
        raise Refused([Refusal(N_("Answer first what the call asks before a file is opened."))])
    reasons = [
        {"en": asked.refusal.en, "fr": asked.refusal.fr} for asked in eligibility.against(told.eligibility, answers)
    ]
    if reasons:
        raise Refused(Refusal(N_("The call does not take this candidacy: %(reason)s"), {"reason": r}) for r in reasons)


def _check_identity(told: Any, *, city: str, country: str, field: str | None, language: str) -> None:
    wrong: dict[str, tuple[Refusal, ...]] = {}
    if not city.strip():
        wrong["city"] = (Refusal(N_("Give the city's name.")),)
    if country not in {c.iso2 for c in told.countries}:
        wrong["country"] = (Refusal(N_("Choose the country from the list.")),)
    if told.fields and field not in {f.key for f in told.fields}:
        wrong["field"] = (Refusal(N_("Choose the creative field from the list.")),)
    if language not in told.languages:
        wrong["language"] = (Refusal(N_("Choose one of the call's languages.")),)
    if wrong:
        raise InvalidInput(wrong)


def _check_open_again(dossier: Dossier, values: Mapping[str, Any]) -> None:
    if dossier.state != "returned":
        return
    opened = opened_by(calls.definition(dossier.call).form, dossier.questions_named)
    shut = [key for key in values if key not in opened]
    if shut:
        raise Refused([Refusal(N_("Only the questions named in the return can be changed."), target=shut[0])])


def _kept(answer: Answer | None) -> Kept | None:
    return Kept(answer.revision, answer.value, answer.tab, answer.tab_seq) if answer else None


def _sent(standing: Answer | None, value: Any, key: str, seen: Mapping[str, int] | None) -> Sent:
    """A save of a whole page; one that does not say what it had seen has seen what stands."""
    return Sent(value, seen.get(key, 0) if seen is not None else standing.revision if standing else 0)


def _refuse_overtaken(session: Session, dossier: Dossier, late: Sequence[Answer]) -> None:
    """Not even one's own text from another window is overwritten unseen."""
    if not late:
        return
    form = calls.definition(dossier.call).form
    raise Overtaken(
        Refusal(
            N_("Meanwhile, on %(instant)s, %(who)s changed the answer to question %(number)s."),
            {
                "instant": a.at, "who": session.get_one(Account, a.author_id).name,
                "number": form.question(a.key).number,
            },
            target=a.key,
        )
        for a in late
    )  # fmt: skip


def _put(
    session: Session, dossier: Dossier, answer: Answer | None, key: str, sent: Sent, actor: Actor, now: datetime
) -> Answer:
    if answer is None:
        answer = Answer(dossier_id=dossier.id, key=key, value=sent.value, author_id=actor.person, at=now, revision=1)
        session.add(answer)
    else:
        answer.value, answer.author_id, answer.at = sent.value, actor.person, now
        answer.revision += 1
    answer.tab, answer.tab_seq = sent.tab, sent.seq
    return answer


def _follow_identity(dossier: Dossier, changed: Mapping[str, Any]) -> None:
    naming = {key: what for key, what in IDENTITY.items() if changed.get(key)}
    form = calls.definition(dossier.call).form
    for key, what in naming.items():
        value, lead = changed[key], dossier.parties[0]
        if problems(form.question(key), value):  # what is no country never names a file
            continue
        if what == "city":
            dossier.lead_city = lead.city = value
        elif what == "country":
            dossier.lead_country = lead.country = value
        else:
            dossier.field = value


def _reference(session: Session, call: Call, field: str | None) -> str:
    """Field, year and running number, such as LIT-2015-007; those of a test say so, and take no number from others."""
    prefix = ("TEST-" if call.test else "") + (field or call.procedure)[:3].upper()
    while True:
        reference = f"{prefix}-{call.opens_at.year}-{call.next_number:03d}"
        call.next_number += 1
        if session.scalar(sa.select(Dossier.id).where(Dossier.reference == reference)) is None:
            return reference
