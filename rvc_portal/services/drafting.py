"""A text is drafted: its pieces written, added, moved, split, merged and taken out, and commented on by the member cities.

Two people may be at work. A text that somebody else has revised meanwhile, and an order that somebody else has changed, are
not written over: the act is refused with what was done, and nothing is lost.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain import outline as rules
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refusal, Refused
from rvc_portal.domain.outline import Outline, Place
from rvc_portal.domain.vocabulary import N_, DraftAct
from rvc_portal.language import LANGUAGES
from rvc_portal.models.base import new_id
from rvc_portal.models.clause import Clause, ClauseText
from rvc_portal.models.drafting import ClauseComment, DraftChange
from rvc_portal.models.meeting import Meeting
from rvc_portal.models.seat import Member
from rvc_portal.queries import conclusions as texts
from rvc_portal.queries import drafting as query
from rvc_portal.queries import floor, members
from rvc_portal.queries.conclusions import CLAUSE, PREAMBLE, TITLE, Conclusions
from rvc_portal.services import clause_links, clause_owners, conclusions, network_acts

LONGEST = 20_000
"""Letters of one text of a clause."""

ADOPTED = {
    CLAUSE: N_("Clause %(name)s is adopted: drafting does not change it any more."),
    TITLE: N_("The title is adopted: drafting does not change it any more."),
    PREAMBLE: N_("The preamble is adopted: drafting does not change it any more."),
}
CHANGED = {
    DraftAct.BEGIN: N_("%(person)s began the draft on %(instant)s."),
    DraftAct.ADD: N_("%(person)s added clause %(after)s on %(instant)s."),
    DraftAct.REMOVE: N_("%(person)s removed what was clause %(before)s, on %(instant)s."),
    DraftAct.RESTORE: N_("%(person)s brought back a clause as %(after)s, on %(instant)s."),
    DraftAct.MOVE: N_("%(person)s moved clause %(before)s, which is %(after)s since, on %(instant)s."),
    DraftAct.SPLIT: N_("%(person)s split clause %(before)s on %(instant)s; its second half became %(after)s."),
    DraftAct.MERGE: N_("%(person)s made clause %(before)s a part of %(after)s on %(instant)s."),
}
"""What somebody did to the order, in a sentence."""

Texts = Mapping[str, str]
"""What somebody wrote, by language."""
Seen = Mapping[str, int]
"""Which revision of each language they had before them; 0: none."""


@dataclass(frozen=True)
class Clash:
    """One text that two people wrote: what stands now, and what was typed meanwhile."""

    language: str
    theirs: ClauseText
    typed: str


class Revised(Overtaken):
    """Somebody else has revised a text since it was opened; `clashes`: both versions of each."""

    def __init__(self, clashes: list[Clash]) -> None:
        self.clashes = tuple(clashes)
        message = N_("This text was revised while you were writing, on %(instant)s: %(language)s.")
        super().__init__(Refusal(message, {"instant": c.theirs.written_at, "language": c.language}) for c in clashes)


def begin(session: Session, meeting: Meeting, *, copied: bool, actor: Actor, now: datetime) -> None:
    """Begin the draft of a meeting: empty, or with the text of the last meeting before it that has one. Raises Refused where
    there is a text already, or no earlier one to copy."""
    _hold(session, meeting, actor)
    if texts.of(session, meeting).pieces():
        raise Refused([Refusal(N_("The draft of this meeting has begun already."))])
    source = query.before(session, meeting) if copied else None
    if copied and source is None:
        raise Refused([Refusal(N_("No earlier meeting has a text that could be copied."))])
    if source is None:
        for kind in (TITLE, PREAMBLE):
            conclusions.new_piece(session, meeting, kind, 0)
    else:
        _copy(session, texts.of(session, source), meeting, actor, now)
    _record(session, meeting, DraftAct.BEGIN, None, None, None, actor, now)
    payload = {"meeting": str(meeting.id), "edition": meeting.edition, "from": source.edition if source else None}
    network_acts.note(session, "begin_draft", actor=actor, now=now, payload=payload)


def save(
    session: Session, clause: Clause, typed: Texts, seen: Seen, *, actor: Actor, now: datetime
) -> list[str]:  # fmt: skip
    """Write what changed of the piece's texts, each as a revision of its own; return their languages. Raises Refused for a
    piece that is adopted or removed, Revised where somebody else has revised one of the texts, and then writes none."""
    _hold(session, clause.meeting, actor)
    _require_open(session, clause)
    changed = _changed(clause, typed, seen)
    for language, text in changed.items():
        conclusions.write(session, clause, language, text, actor, now)
    if changed:
        clause.meeting.changed()
    session.flush()
    return list(changed)


def add(
    session: Session, meeting: Meeting, typed: Texts, *, under: Clause | None, after: Clause | None, actor: Actor,
    now: datetime,
) -> Clause:  # fmt: skip
    """A new clause behind `after`, or as the last one; as a sub-clause of `under`. Raises Refused for a sub-clause of a clause
    that is adopted or removed."""
    _hold(session, meeting, actor)
    if under is not None:
        _require_open(session, under)
    clause = conclusions.new_piece(session, meeting, CLAUSE, 0, under)
    for language, text in _written(typed).items():
        conclusions.write(session, clause, language, text, actor, now)

    def added(outline: Outline[UUID]) -> Outline[UUID]:
        known = dict(rules.places(outline))
        last = Place(under.id if under else None, len(known))
        behind = known.get(after.id) if after else None
        fits = behind is not None and behind.under == last.under
        return rules.add(outline, clause.id, Place(last.under, behind.index + 1) if fits and behind else last)

    _reorder(session, meeting, DraftAct.ADD, clause, added, actor, now)
    return clause


def move(
    session: Session, clause: Clause, place: Place[UUID], *, seen: int, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """Take the clause to a place, with its sub-clauses. `seen`: the change of the order that the person saw last. Raises
    Overtaken with what was changed since, Refused for a place where it cannot stand."""
    meeting = _at_order(session, clause, seen, actor)
    if place.under is not None:
        above = query.piece(session, meeting, place.under)
        if above is None:
            raise NotFound
        _require_open(session, above)
    _reorder(session, meeting, DraftAct.MOVE, clause, lambda o: rules.move(o, clause.id, place), actor, now)


def remove(session: Session, clause: Clause, *, seen: int, actor: Actor, now: datetime) -> None:
    """Take the clause out of the text, with its sub-clauses; all that was written stays in the record. Raises Refused while an
    amendment on it is open."""
    meeting = _at_order(session, clause, seen, actor)
    _require_undisputed(session, clause)
    _reorder(session, meeting, DraftAct.REMOVE, clause, lambda o: rules.remove(o, clause.id), actor, now)


def restore(session: Session, clause: Clause, *, actor: Actor, now: datetime) -> None:
    """Bring a removed clause back as the last one, with the sub-clauses that went along with it."""
    meeting = clause.meeting
    _hold(session, meeting, actor)
    since = clause.removed_at
    if since is None:
        raise Refused([Refusal(N_("This clause was not removed."))])
    along = [c for c in meeting.clauses if c.parent_id == clause.id and c.removed_at == since]
    for one in (clause, *along):
        one.removed_at = None
    clause.parent_id = None
    parts = tuple(c.id for c in along)
    _reorder(
        session, meeting, DraftAct.RESTORE, clause,
        lambda o: (*rules.remove(o, clause.id), rules.Entry(clause.id, parts)), actor, now,
    )  # fmt: skip


def split(
    session: Session, clause: Clause, typed: Texts, seen: Seen, *, actor: Actor, now: datetime
) -> Clause:  # fmt: skip
    """Part the clause where a line break stands in each of its texts; return the new clause, which takes the second half and
    the sub-clauses. Raises InvalidInput by language for a text without a break or with other words, Revised as `save`."""
    _hold(session, clause.meeting, actor)
    _require_clause(session, clause)
    written = [language for language in LANGUAGES if clause.text(language)]
    found = {language: rules.halves(typed.get(language, ""), clause.text(language)) for language in written}
    if not all(found.values()):
        _changed(clause, {k: v for k, v in typed.items() if not found.get(k)}, seen, parted=True)
    lacking = [language for language, pair in found.items() if pair is None]
    if lacking or not written:
        message = N_("Break the line where the second half begins, and change nothing else.")
        raise InvalidInput({language: (Refusal(message),) for language in lacking or LANGUAGES})
    new = conclusions.new_piece(session, clause.meeting, CLAUSE, 0)
    for language, pair in found.items():
        for piece, text in zip((clause, new), pair or (), strict=True):
            conclusions.write(session, piece, language, text, actor, now)
    _reorder(
        session, clause.meeting, DraftAct.SPLIT, new, lambda o: rules.split(o, clause.id, new.id), actor, now, clause
    )
    return new


def merge(session: Session, clause: Clause, *, seen: int, actor: Actor, now: datetime) -> None:
    """Make the next clause a part of this one: its texts behind this one's, its sub-clauses, owners and comments too. Raises
    Refused where there is no next one, or one that is adopted."""
    meeting = _at_order(session, clause, seen, actor)
    there = texts.of(session, meeting)
    order = query.outline(there)
    rules.merge(order, clause.id)
    following = next(piece for piece in there.pieces() if piece.id == rules.next_of(order, clause.id))
    _require_open(session, following)
    _require_undisputed(session, following)
    for language in LANGUAGES:
        if text := following.text(language):
            conclusions.write(session, clause, language, rules.joined(clause.text(language), text), actor, now)
    for comments in query.comments(session, following):
        for comment in (comments[0], *comments[1]):
            comment.clause_id = clause.id
    clause_owners.hand_over(session, following, clause)
    clause_links.hand_over(session, following, clause)
    _reorder(
        session, meeting, DraftAct.MERGE, clause, lambda o: rules.merge(o, clause.id), actor, now, following
    )  # fmt: skip


def comment(
    session: Session, clause: Clause, text: str, language: str, *, member: Member | None = None,
    answer_to: ClauseComment | None = None, actor: Actor, now: datetime,
) -> ClauseComment:  # fmt: skip
    """Say something of a clause, or answer: for a member city (`member`), or as one who drafts. Raises NotFound for somebody
    who may neither, Refused once the clause is adopted or removed, InvalidInput for an empty text."""
    if (member is None and not query.writes(actor)) or (
        member is not None and member.id not in {m.id for m in members.own_cities(session, actor)}
    ):
        raise NotFound
    conclusions.require_open(clause.meeting)
    _require_open(session, clause)
    if not text.strip():
        raise InvalidInput({"text": (Refusal(N_("Write what you want to say.")),)})
    if len(text) > LONGEST:
        raise InvalidInput({"text": (Refusal(N_("At most %(most)s letters."), {"most": LONGEST}),)})
    found = ClauseComment(
        id=new_id(), clause_id=clause.id, member_id=member.id if member else None, text=text.strip(),
        language=language, written_at=now, written_by=actor.person,
        answer_to=(answer_to.answer_to or answer_to.id) if answer_to else None,
    )  # fmt: skip
    session.add(found)
    session.flush()
    return found


def resolve(session: Session, found: ClauseComment, *, actor: Actor, now: datetime) -> None:
    """Say that a comment is dealt with; safe to repeat."""
    require_drafter(actor)
    conclusions.require_open(found.clause.meeting)
    if found.resolved_at is None:
        found.resolved_at, found.resolved_by = now, actor.person
    session.flush()


def require_drafter(actor: Actor) -> None:
    """Raises Refused for whoever does not draft."""
    if not query.writes(actor):
        raise Refused([Refusal(N_("Your role does not allow this."))])


def sentence(change: DraftChange) -> Refusal:
    """What somebody did to the order, as a sentence to be translated."""
    params = {"person": change.person.name, "instant": change.made_at, "before": change.before, "after": change.after}
    return Refusal(CHANGED[DraftAct(change.act)], params)


def _copy(session: Session, source: Conclusions, meeting: Meeting, actor: Actor, now: datetime) -> None:
    """The texts of an earlier meeting as first revisions; what was owed or launched then is not this meeting's."""

    def copied(piece: Clause, position: int, above: Clause | None = None) -> Clause:
        made = conclusions.new_piece(session, meeting, piece.kind, position, above)
        for language in LANGUAGES:
            if text := piece.text(language):
                conclusions.write(session, made, language, text, actor, now)
        return made

    for kind in (TITLE, PREAMBLE):
        if kind in source.head:
            copied(source.head[kind], 0)
        else:
            conclusions.new_piece(session, meeting, kind, 0)
    for position, (clause, parts) in enumerate(source.clauses):
        above = copied(clause, position)
        for index, part in enumerate(parts):
            copied(part, index, above)


def _hold(session: Session, meeting: Meeting, actor: Actor) -> None:
    """One act on a draft at a time, on what stands now. Raises Refused for who does not draft, and for a sealed text."""
    require_drafter(actor)
    network_acts.hold(session)
    session.expire_all()  # what was read before the lock may have been overtaken
    conclusions.require_open(meeting)


def _at_order(session: Session, clause: Clause, seen: int, actor: Actor) -> Meeting:
    """The same for an act on the order, which the person saw as it was after the change `seen`."""
    _hold(session, clause.meeting, actor)
    since = query.changes(session, clause.meeting, seen)
    if since:
        raise Overtaken([sentence(change) for change in reversed(since)])
    _require_clause(session, clause)
    return clause.meeting


def _require_clause(session: Session, clause: Clause) -> None:
    if clause.kind != CLAUSE:
        raise Refused([Refusal(N_("The title and the preamble stay where they are."))])
    _require_open(session, clause)


def _require_open(session: Session, clause: Clause) -> None:
    """Raises Refused, in words, for a piece that is adopted or removed."""
    if clause.removed_at is not None:
        params = {"instant": clause.removed_at}
        raise Refused([Refusal(N_("This clause was removed on %(instant)s; bring it back first."), params)])
    if clause.adopted_at is not None:
        name = query.name_of(texts.of(session, clause.meeting), clause) or clause.kind
        raise Refused([conclusions.about(clause, name, ADOPTED)])


def _require_undisputed(session: Session, clause: Clause) -> None:
    """What a city proposes on a clause would go unheard if the clause went."""
    if count := floor.open_on(session, clause):
        raise Refused([Refusal(floor.UNDECIDED, {"count": count})])


def _written(typed: Texts) -> dict[str, str]:
    """What was typed, as a clause is kept. Raises InvalidInput for a text that is too long, NotFound for a language that the
    Network does not write in."""
    if set(typed) - set(LANGUAGES):
        raise NotFound
    found = {language: rules.whole(text) for language, text in typed.items()}
    long = [language for language, text in found.items() if len(text) > LONGEST]
    if long:
        raise InvalidInput({k: (Refusal(N_("At most %(most)s letters."), {"most": LONGEST}),) for k in long})
    return {language: text for language, text in found.items() if text}


def _changed(clause: Clause, typed: Texts, seen: Seen, *, parted: bool = False) -> dict[str, str]:
    """The texts that read otherwise than they stand. Raises Revised for those that somebody else has revised: all where a text
    is to be `parted`, else those that the person has changed, too."""
    written = _written(typed)
    found, clashes = {}, []
    for language in typed:
        text, revisions = written.get(language, ""), [t for t in clause.texts if t.language == language]
        latest = revisions[-1] if revisions else None
        if text == (latest.text if latest else "") and not parted:
            continue
        if latest is None or latest.revision == seen.get(language, 0):
            found[language] = text
        elif parted or text != next((t.text for t in revisions if t.revision == seen.get(language, 0)), ""):
            clashes.append(Clash(language, latest, typed[language]))
    if clashes:
        raise Revised(clashes)
    return found


def _reorder(
    session: Session, meeting: Meeting, act: DraftAct, clause: Clause,
    change: Callable[[Outline[UUID]], Outline[UUID]], actor: Actor, now: datetime, other: Clause | None = None,
) -> None:  # fmt: skip
    """Give every piece the place that the changed order has for it, and record the act on the clause. `other`: what was split,
    or what was merged into the clause."""
    session.flush()
    there = texts.of(session, meeting)
    before = query.outline(there)
    pieces = {piece.id: piece for piece in there.pieces()}
    if act is DraftAct.ADD or act is DraftAct.SPLIT:
        before = rules.remove(before, clause.id)  # it stands somewhere so that it could be written
    after = change(before)
    for key, place in rules.places(after):
        pieces[key].parent_id, pieces[key].position = place.under, place.index
    for key in {k for k, _ in rules.places(before)} - {k for k, _ in rules.places(after)}:
        pieces[key].removed_at = now
    called, since = rules.names(before), rules.names(after)
    told = called.get((other or clause).id)
    _record(
        session,
        meeting,
        act,
        clause.id,
        told if act is not DraftAct.RESTORE else None,
        since.get(clause.id),
        actor,
        now,
    )


def _record(
    session: Session, meeting: Meeting, act: DraftAct, clause_id: UUID | None, before: str | None, after: str | None,
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    number = query.last_change(session, meeting) + 1
    session.add(
        DraftChange(
            id=new_id(), meeting_id=meeting.id, number=number, act=act, clause_id=clause_id, before=before, after=after,
            made_at=now, made_by=actor.person,
        )
    )  # fmt: skip
    meeting.changed()
    session.flush()
