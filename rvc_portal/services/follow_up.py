"""What became of a clause: its state, notes with evidence, and FOLLOW_UP, with which the next meeting opens."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from rvc_portal.domain import codes, following
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refusal, Refused
from rvc_portal.domain.following import STATES, Owner, State
from rvc_portal.domain.problems import is_link
from rvc_portal.domain.vocabulary import N_, Doc
from rvc_portal.language import LANGUAGES
from rvc_portal.models.base import new_id
from rvc_portal.models.clause import Clause
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.follow_up import ClauseNote, ClauseState, Evidence
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import follow_up as query
from rvc_portal.queries.follow_up import Followed
from rvc_portal.services import clause_acts, documents, network_acts
from rvc_portal.services.contexts.follow_up import follow_up

MOST_EVIDENCE = 20
"""Pieces that one note may point at."""

ACT = "issue_follow_up"


def set_state(
    session: Session, clause: Clause, state: State, *, seen: int, actor: Actor, now: datetime
) -> ClauseState:  # fmt: skip
    """The clause stands here from now on. `seen`: the number of the state that the person saw, 0 where there was none. Raises
    Refused for a person who owns nothing of it, for one with sub-clauses and for the state it is in, Overtaken where somebody
    set it meanwhile."""
    found, owner = _hold(session, clause, actor)
    refusal = _against(found, state, seen)
    if refusal:
        raise refusal
    row = ClauseState(
        id=new_id(), clause_id=clause.id, number=found.number + 1, state=state, set_at=now, set_by=actor.person,
        owner=owner.kind, member_id=owner.member_id,
    )  # fmt: skip
    session.add(row)
    clause_acts.note(
        session, clause, "set_clause_state", {"state": str(state), "number": row.number}, actor=actor, now=now
    )
    return row


def write(
    session: Session, clause: Clause, text: str, *, language: str, public: bool, evidence: Sequence[str], actor: Actor,
    now: datetime,
) -> ClauseNote:  # fmt: skip
    """Note what was done. `evidence`: codes of documents of the portal, references of dossiers, addresses of the web. Raises
    Refused for a person who owns nothing of the clause, InvalidInput without a text and for each piece of evidence that is
    none, or that the person may not read."""
    _, owner = _hold(session, clause, actor)
    if not text.strip():
        raise InvalidInput({"text": (Refusal(N_("Say what was done.")),)})
    pieces = _evidence(session, evidence, actor)
    row = ClauseNote(
        id=new_id(), clause_id=clause.id, text=text.strip(), language=language if language in LANGUAGES else LANGUAGES[0],
        public=public, written_at=now, written_by=actor.person, owner=owner.kind, member_id=owner.member_id,
        evidence=pieces,
    )  # fmt: skip
    session.add(row)
    told = {"note": str(row.id), "public": public, "evidence": len(pieces)}
    clause_acts.note(session, clause, "write_clause_note", told, actor=actor, now=now)
    return row


def take_back(session: Session, clause: Clause, note: ClauseNote, *, actor: Actor, now: datetime) -> None:
    """Nobody reads the note any more. Raises NotFound for a note of another clause, Refused to anybody but who wrote it and the
    Secretariat."""
    if note.clause_id != clause.id:
        raise NotFound
    if note.written_by != actor.account_id:
        network_acts.require_secretariat(actor)
    network_acts.hold(session)
    session.refresh(note)
    if note.withdrawn_at is not None:
        raise Refused([Refusal(N_("This note is taken back already."))])
    note.withdrawn_at = now
    clause_acts.note(session, clause, "take_back_clause_note", {"note": str(note.id)}, actor=actor, now=now)


def issue(session: Session, meeting: Meeting, *, actor: Actor, now: datetime) -> list[Document]:
    """Issue FOLLOW_UP in each of the Network's languages as everything stands now; the one before is superseded. Raises Refused
    without the role, and for a meeting whose text is not sealed."""
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    _require_sealed(meeting)
    network_acts.note(session, ACT, actor=actor, now=now, payload={"meeting": str(meeting.id)})
    draft = follow_up(session, meeting, now)
    return [
        documents.write(
            session, Doc.FOLLOW_UP, draft, now=now, transition=ACT, call_id=None, subject_id=meeting.id,
            language=language, subject=f"{network_acts.NAME}/{meeting.year}",
        )
        for language in LANGUAGES
    ]  # fmt: skip


def _hold(session: Session, clause: Clause, actor: Actor) -> tuple[Followed, Owner]:
    """The clause as it stands until the commit, and in whose name the person speaks."""
    network_acts.hold(session)
    _require_sealed(clause.meeting)
    found = next((f for f in query.of_meeting(session, clause.meeting) if f.clause.id == clause.id), None)
    if found is None:
        raise NotFound
    owner = following.speaks_as(query.standing(session, actor), found.owners)
    if owner is None:
        raise Refused([Refusal(N_("Clause %(name)s is not yours to follow up: its owners and the Secretariat do."),
                               {"name": found.name})])  # fmt: skip
    return found, owner


def _against(found: Followed, state: State, seen: int) -> Refused | None:
    if not found.counts:
        told = {"name": found.name}
        return Refused([Refusal(N_("The state of clause %(name)s follows from its sub-clauses: set theirs."), told)])
    told = {"name": found.name, "state": STATES[found.state]}
    if found.latest and found.number != seen:
        more = {"who": found.latest.account.name, "instant": found.latest.set_at}
        overtaken = N_("Meanwhile, on %(instant)s, %(who)s set clause %(name)s to “%(state)s”.")
        return Overtaken([Refusal(overtaken, told | more, "state")])
    if state is found.state:
        return Refused([Refusal(N_("Clause %(name)s stands at “%(state)s” already."), told, "state")])
    return None


def _require_sealed(meeting: Meeting) -> None:
    if meeting.sealed_at is None:
        raise Refused([Refusal(N_("There is nothing to follow up before the text is sealed."))])


def _evidence(session: Session, lines: Sequence[str], actor: Actor) -> list[Evidence]:
    """Raises InvalidInput with every line that is no evidence."""
    given = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if len(given) > MOST_EVIDENCE:
        raise InvalidInput(
            {"evidence": (Refusal(N_("Give at most %(most)s pieces of evidence."), {"most": MOST_EVIDENCE}),)}
        )
    found = list(_pieces(session, given, actor))
    wrong = [
        Refusal(
            N_("“%(line)s” is no web address, no code of a document and no reference of a dossier that you may read."),
            {"line": following.short(line, 80)},
        )
        for line, piece in zip(given, found, strict=True)
        if piece is None
    ]
    if wrong:
        raise InvalidInput({"evidence": tuple(wrong)})
    return [Evidence(position=position, **piece) for position, piece in enumerate(found) if piece is not None]


def _pieces(session: Session, lines: Sequence[str], actor: Actor) -> Iterator[dict[str, object] | None]:
    """What each line points at, None for nothing that the person may cite."""
    typed = {line: code for line in lines if (code := codes.read(line))}
    documents_ = {d.code: d.id for d in query.readable(session, actor, Document.code.in_(list(typed.values())))}
    dossiers = {d.reference: d.id for d in query.known(session, actor, Dossier.reference.in_(list(lines)))}
    for line in lines:
        if is_link(line):
            yield {"url": line}
        elif typed.get(line) in documents_:
            yield {"document_id": documents_[typed[line]]}
        elif line in dossiers:
            yield {"dossier_id": dossiers[line]}
        else:
            yield None
