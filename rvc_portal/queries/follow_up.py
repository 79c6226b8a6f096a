"""What became of what the meetings agreed: each clause with its owners, its day, its state, its notes and what it launched."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from rvc_portal.domain import following
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.following import Counted, Figures, Owner, Standing, State
from rvc_portal.domain.vocabulary import STEERING_SEATS, LinkKind, OwnerKind, Role
from rvc_portal.models.account import Account, RoleGrant
from rvc_portal.models.base import in_force
from rvc_portal.models.call import Call
from rvc_portal.models.clause import Clause, ClauseLink, ClauseOwner, ClauseText
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.follow_up import ClauseNote, ClauseReminder, ClauseState
from rvc_portal.models.meeting import Meeting, MeetingTask
from rvc_portal.models.seat import Member, Seat, SeatHolder
from rvc_portal.queries import calls, catalogue, members
from rvc_portal.queries.conclusions import CLAUSE, LETTERS
from rvc_portal.queries.visibility import visible

_ANYBODY = Actor(account_id=None)


@dataclass(frozen=True)
class Followed:
    """A clause or a sub-clause as it stands. `name`: "3" or "3a"; `owners`, `due_on`: its own, else those of the clause above;
    `inherited`: that they are; `latest`: since when it is in its state and who said so, None where nobody said anything or
    the state follows from the sub-clauses, of which there are `parts`."""

    clause: Clause
    name: str
    owners: tuple[Owner, ...]
    inherited: bool
    due_on: date | None
    state: State
    latest: ClauseState | None
    parts: int

    @property
    def counts(self) -> bool:
        """Whether figures count it: its sub-clauses stand for a clause that has some."""
        return self.parts == 0

    @property
    def number(self) -> int:
        """Of its latest state; 0 before the first."""
        return self.latest.number if self.latest else 0


@dataclass(frozen=True)
class Cited:
    """A piece of evidence that the reader may know of: one of the three."""

    document: Document | None = None
    dossier: Dossier | None = None
    url: str | None = None


@dataclass(frozen=True)
class Launched:
    """What a clause is linked to, as it stands now: one of the three."""

    kind: LinkKind
    target_id: UUID
    call: Call | None = None
    meeting: Meeting | None = None
    task: MeetingTask | None = None

    def status(self, now: datetime, zone: str) -> tuple[str, date | None]:
        """How it stands, as following.LAUNCHED names it, and the day in the zone that tells it."""
        today = now.astimezone(ZoneInfo(zone)).date()
        if self.call is not None:
            last = (self.call.closes_at - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()
            if self.call.published_at is not None:
                return "published", self.call.published_at.astimezone(ZoneInfo(zone)).date()
            return ("open" if now < self.call.closes_at else "closed"), last
        if self.meeting is not None:
            day = self.meeting.starts_on or self.meeting.ends_on
            return ("not_fixed" if day is None else "held" if (self.meeting.ends_on or day) < today else "planned"), day
        assert self.task is not None
        if self.task.done_at is not None:
            return "completed", self.task.done_at.astimezone(ZoneInfo(zone)).date()
        return ("late" if self.task.due_on < today else "awaited"), self.task.due_on


def standing(session: Session, actor: Actor | None) -> Standing:
    """What gives the person a say. At most one query."""
    if actor is None:
        return Standing()
    cities = tuple(member.id for member in members.own_cities(session, actor))
    return Standing(actor.has(Role.SECRETARIAT), actor.has(Role.STEERING), cities)


def reads_inside(who: Standing, actor: Actor | None) -> bool:
    """Whether the person reads the notes that are not for everybody: who has a say, and the Direction."""
    return who.inside or (actor is not None and actor.has(Role.DIRECTION))


def of_meetings(session: Session, meeting_ids: Collection[UUID] | None = None) -> list[Followed]:
    """Every clause of the sealed texts (of these meetings), each followed by its sub-clauses, the latest meeting first. Three
    queries."""
    query = (
        sa.select(Clause)
        .join(Meeting, Meeting.id == Clause.meeting_id)
        .where(Clause.kind == CLAUSE, Clause.removed_at.is_(None), Meeting.sealed_at.is_not(None))
        .options(joinedload(Clause.meeting))
        .order_by(Meeting.edition.desc(), Clause.position, Clause.id)
    )
    if meeting_ids is not None:
        query = query.where(Meeting.id.in_(list(meeting_ids)))
    clauses = session.scalars(query).all()
    ids = sa.select(Clause.id).where(Clause.kind == CLAUSE)
    if meeting_ids is not None:
        ids = ids.where(Clause.meeting_id.in_(list(meeting_ids)))
    return list(_in_order(clauses, _owners(session, ids), _latest(session, ids)))


def of_meeting(session: Session, meeting: Meeting) -> list[Followed]:
    """The clauses of one meeting. Three queries."""
    return of_meetings(session, [meeting.id])


def named(session: Session, meeting: Meeting, name: str) -> Followed | None:
    """The clause or sub-clause of this name. Three queries."""
    return next((f for f in of_meeting(session, meeting) if f.name == name), None)


def figures(found: Iterable[Followed], today: date) -> Figures:
    """How many clauses stand where."""
    return following.figures((Counted(f.state, f.due_on, f.owners) for f in found if f.counts), today)


def mine(session: Session, who: Standing, today: date) -> list[Followed]:
    """What the person is to see to, of all meetings, what is late first, then by day. Three queries."""
    found = [
        f for f in of_meetings(session)
        if f.counts and f.state not in following.SETTLED and following.owns(who, f.owners)
    ]  # fmt: skip
    return sorted(found, key=lambda f: (f.due_on is None, f.due_on or today, -f.clause.meeting.edition))


def wordings(session: Session, clause_ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """What these clauses say, by language. One query."""
    query = sa.select(ClauseText.clause_id, ClauseText.language, ClauseText.text)
    query = query.where(ClauseText.clause_id.in_(list(clause_ids))).order_by(ClauseText.revision)
    found: dict[UUID, dict[str, str]] = {}
    for clause_id, language, text in session.execute(query):
        found.setdefault(clause_id, {})[language] = text
    return found


def history(session: Session, clause_id: UUID) -> Sequence[ClauseState]:
    """The states of a clause, the latest first."""
    query = sa.select(ClauseState).where(ClauseState.clause_id == clause_id)
    told = query.options(joinedload(ClauseState.account), joinedload(ClauseState.member))
    return session.scalars(told.order_by(ClauseState.number.desc())).all()


def notes(session: Session, clause_ids: Collection[UUID], *, inside: bool) -> dict[UUID, list[ClauseNote]]:
    """The notes of these clauses that stand, by clause, the earliest first; without `inside`, those for everybody. Two
    queries."""
    query = sa.select(ClauseNote).where(ClauseNote.clause_id.in_(list(clause_ids)), ClauseNote.withdrawn_at.is_(None))
    if not inside:
        query = query.where(ClauseNote.public)
    told = query.options(
        joinedload(ClauseNote.member), joinedload(ClauseNote.account), selectinload(ClauseNote.evidence)
    )
    found: dict[UUID, list[ClauseNote]] = {}
    for note in session.scalars(told.order_by(ClauseNote.written_at, ClauseNote.id)):
        found.setdefault(note.clause_id, []).append(note)
    return found


def note(session: Session, note_id: UUID) -> ClauseNote | None:
    """One note that stands."""
    query = sa.select(ClauseNote).where(ClauseNote.id == note_id, ClauseNote.withdrawn_at.is_(None))
    return session.scalar(query)


def evidence(session: Session, actor: Actor | None, of: Iterable[ClauseNote]) -> dict[UUID, list[Cited]]:
    """What these notes point at, by note, as far as the person may know of it. At most six queries, however many there are."""
    every = list(of)
    pieces = [piece for one in every for piece in one.evidence]
    documents = readable(session, actor, Document.id.in_([p.document_id for p in pieces if p.document_id]))
    dossiers = known(session, actor, Dossier.id.in_([p.dossier_id for p in pieces if p.dossier_id]))
    by_document, by_dossier = {d.id: d for d in documents}, {d.id: d for d in dossiers}
    found: dict[UUID, list[Cited]] = {}
    for piece in pieces:
        told = Cited(by_document.get(piece.document_id), by_dossier.get(piece.dossier_id), piece.url)  # type: ignore[arg-type]
        if told != Cited():
            found.setdefault(piece.note_id, []).append(told)
    return found


def readable(session: Session, actor: Actor | None, which: sa.ColumnElement[bool]) -> list[Document]:
    """Of these documents those that the person (None: anybody) may read. Five queries."""
    rows = catalogue.joined(sa.select(Document)).where(catalogue.reach(session, actor or _ANYBODY), which)
    return list(session.scalars(rows))


def known(session: Session, actor: Actor | None, which: sa.ColumnElement[bool]) -> list[Dossier]:
    """Of these dossiers those that the person may know of."""
    if actor is None:
        return []
    return list(session.scalars(sa.select(Dossier).where(visible(actor), which)))


def launched(session: Session, clause_ids: Collection[UUID]) -> dict[UUID, list[Launched]]:
    """What these clauses are linked to, by clause, in the order of the linking; what is gone or not announced is left out.
    At most five queries."""
    query = sa.select(ClauseLink).where(ClauseLink.clause_id.in_(list(clause_ids)))
    links = session.scalars(query.order_by(ClauseLink.linked_at, ClauseLink.target_id)).all()
    found = {(link.kind, link.target_id) for link in links}
    there = {(it.kind, it.target_id): it for it in _targets(session, found)}
    by_clause: dict[UUID, list[Launched]] = {}
    for link in links:
        if (LinkKind(link.kind), link.target_id) in there:
            by_clause.setdefault(link.clause_id, []).append(there[LinkKind(link.kind), link.target_id])
    return by_clause


def target(session: Session, kind: LinkKind, target_id: UUID) -> Launched | None:
    """The call, meeting or task that a clause can be linked to."""
    return next(_targets(session, {(kind, target_id)}), None)


def offered(session: Session, meeting: Meeting) -> dict[LinkKind, list[Launched]]:
    """What a clause of the meeting can be linked to: calls that are announced, other meetings, tasks of any meeting. Four
    queries."""
    meetings = sa.select(Meeting).where(Meeting.id != meeting.id).options(selectinload(Meeting.hosts))
    tasks = sa.select(MeetingTask).options(joinedload(MeetingTask.meeting))
    announced = calls.announced(session, None)
    found = session.scalars(meetings.order_by(Meeting.edition.desc()))
    return {
        LinkKind.CALL: [Launched(LinkKind.CALL, call.id, call=call) for call in announced],
        LinkKind.MEETING: [Launched(LinkKind.MEETING, m.id, meeting=m) for m in found],
        LinkKind.TASK: [
            Launched(LinkKind.TASK, t.id, task=t) for t in session.scalars(tasks.order_by(MeetingTask.due_on.desc()))
        ],
    }  # fmt: skip


def owners_people(session: Session, now: datetime) -> dict[Owner, list[Account]]:
    """Who is written to for each owner there can be, by address: a city's are those who act for its seat. Three queries."""
    officers = sa.select(Account).join(RoleGrant, RoleGrant.account_id == Account.id)
    officers = officers.where(RoleGrant.role == Role.SECRETARIAT, in_force(RoleGrant, now), Account.active)
    holders = sa.select(Account).join(SeatHolder, SeatHolder.account_id == Account.id).join(Seat)
    holders = holders.where(in_force(SeatHolder, now), Account.active)
    group = holders.where(Seat.kind.in_(sorted(STEERING_SEATS)))
    cities = holders.join(Member, members.of_persons_seats()).add_columns(Member.id).order_by(Account.email)
    found: dict[Owner, list[Account]] = {
        Owner(OwnerKind.SECRETARIAT): _by_address(session.scalars(officers)),
        Owner(OwnerKind.STEERING): _by_address(session.scalars(group)),
    }
    everybody = []
    for account, member_id in session.execute(cities):
        found.setdefault(Owner(OwnerKind.MEMBER, member_id), []).append(account)
        everybody.append(account)
    found[Owner(OwnerKind.MEMBERS)] = _by_address(everybody)
    return found


def reminded(session: Session) -> set[tuple[UUID, str, date]]:
    """Which reminders were sent: clause, kind, day."""
    query = sa.select(ClauseReminder.clause_id, ClauseReminder.kind, ClauseReminder.due_on)
    return {(clause_id, kind, due_on) for clause_id, kind, due_on in session.execute(query)}


def _by_address(accounts: Iterable[Account]) -> list[Account]:
    return sorted({a.id: a for a in accounts}.values(), key=lambda a: a.email)


def _targets(session: Session, wanted: Collection[tuple[str, UUID]]) -> Iterator[Launched]:
    ids = {kind: [target_id for k, target_id in wanted if k == kind] for kind in LinkKind}
    for call in session.scalars(sa.select(Call).where(Call.id.in_(ids[LinkKind.CALL]))):
        if calls.may_know(None, call):
            yield Launched(LinkKind.CALL, call.id, call=call)
    meetings = sa.select(Meeting).where(Meeting.id.in_(ids[LinkKind.MEETING])).options(selectinload(Meeting.hosts))
    for meeting in session.scalars(meetings):
        yield Launched(LinkKind.MEETING, meeting.id, meeting=meeting)
    tasks = sa.select(MeetingTask).where(MeetingTask.id.in_(ids[LinkKind.TASK]))
    for task in session.scalars(tasks.options(joinedload(MeetingTask.meeting))):
        yield Launched(LinkKind.TASK, task.id, task=task)


def _owners(session: Session, clause_ids: sa.Select[UUID]) -> dict[UUID, tuple[Owner, ...]]:
    query = sa.select(ClauseOwner.clause_id, ClauseOwner.owner, Member.id, Member.city)
    query = query.outerjoin(Member, Member.id == ClauseOwner.member_id).where(ClauseOwner.clause_id.in_(clause_ids))
    found: dict[UUID, tuple[Owner, ...]] = {}
    for clause_id, kind, member_id, city in session.execute(query.order_by(Member.city)):
        found[clause_id] = (*found.get(clause_id, ()), Owner(OwnerKind(kind), member_id, city))
    order = list(OwnerKind)
    return {key: tuple(sorted(owners, key=lambda o: order.index(o.kind))) for key, owners in found.items()}


def _latest(session: Session, clause_ids: sa.Select[UUID]) -> dict[UUID, ClauseState]:
    query = sa.select(ClauseState).where(ClauseState.clause_id.in_(clause_ids)).order_by(ClauseState.number)
    told = query.options(joinedload(ClauseState.account), joinedload(ClauseState.member))
    return {row.clause_id: row for row in session.scalars(told)}


def _in_order(
    clauses: Sequence[Clause], owners: Mapping[UUID, tuple[Owner, ...]], latest: Mapping[UUID, ClauseState]
) -> Iterator[Followed]:
    below: dict[UUID, list[Clause]] = {}
    for clause in clauses:
        if clause.parent_id:
            below.setdefault(clause.parent_id, []).append(clause)
    numbers: Counter[UUID] = Counter()
    for clause in clauses:
        if clause.parent_id:
            continue
        numbers[clause.meeting_id] += 1
        name, parts = str(numbers[clause.meeting_id]), below.get(clause.id, [])
        made = [_followed(p, f"{name}{x}", owners, latest, above=clause) for p, x in zip(parts, LETTERS, strict=False)]
        whole = _followed(clause, name, owners, latest)
        yield replace(whole, state=following.of_parts([p.state for p in made]), parts=len(made)) if made else whole
        yield from made


def _followed(
    clause: Clause, name: str, owners: Mapping[UUID, tuple[Owner, ...]], latest: Mapping[UUID, ClauseState], *,
    above: Clause | None = None,
) -> Followed:  # fmt: skip
    own, last = owners.get(clause.id, ()), latest.get(clause.id)
    inherits = not own and above is not None
    return Followed(
        clause=clause,
        name=name,
        owners=owners.get(above.id, ()) if inherits and above else own,
        inherited=inherits,
        due_on=clause.due_on or (above.due_on if above else None),
        state=State(last.state) if last else State.OPEN,
        latest=last,
        parts=0,
    )
