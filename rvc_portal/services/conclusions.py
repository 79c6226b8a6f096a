"""The text that an annual meeting agreed, read in from a file: all of it, or nothing and every fault with its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from rvc_portal.documents import pdf
from rvc_portal.documents.pdf import Rendered
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.agreed_text import AgreedText
from rvc_portal.domain.composition import Meeting as Known
from rvc_portal.domain.errors import Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Doc
from rvc_portal.gateways import network
from rvc_portal.language import LANGUAGES
from rvc_portal.models.base import new_id
from rvc_portal.models.clause import Clause, ClauseText
from rvc_portal.models.document import Document
from rvc_portal.models.meeting import Meeting, MeetingHost
from rvc_portal.queries import conclusions as query
from rvc_portal.queries.conclusions import CLAUSE, PREAMBLE, TITLE, Conclusions
from rvc_portal.services import documents, network_acts
from rvc_portal.services.contexts.conclusions import IN_COLUMNS, bilingual
from rvc_portal.services.contexts.conclusions import conclusions as draft_of
from rvc_portal.services.contexts.parts import iso

FRAME = IN_COLUMNS[0]
"""What the frame of the text in two columns speaks."""
NOT_ADOPTED = {
    CLAUSE: N_("Clause %(name)s is not adopted."),
    TITLE: N_("The title is not adopted."),
    PREAMBLE: N_("The preamble is not adopted."),
}
NOT_WRITTEN = {
    CLAUSE: N_("Clause %(name)s is not written in this language: %(language)s."),
    TITLE: N_("The title is not written in this language: %(language)s."),
    PREAMBLE: N_("The preamble is not written in this language: %(language)s."),
}


@dataclass(frozen=True)
class Imported:
    """What became of a text: `written` pieces (title, preamble, clauses, sub-clauses) that are new or read differently now,
    `same` that read as before. `created`: whether the meeting was not there."""

    meeting: Meeting
    created: bool
    written: int
    same: int


def take(
    session: Session, text: AgreedText, *, edition: int, language: str, actor: Actor, now: datetime
) -> Imported:  # fmt: skip
    """Write the text as the conclusions of the meeting in the language: as its first one, or clause by clause beside the other
    language. Twice is the same as once. Raises Refused without the role, for a meeting that nobody knows, for another
    language than the Network's, or where the clauses are not those of the text that is there."""
    network_acts.require_secretariat(actor)
    if language not in LANGUAGES:
        raise Refused([Refusal(N_("“%(language)s” is no language of the Network."), {"language": language})])
    network_acts.hold(session)
    meeting, created = _meeting(session, edition)
    require_open(meeting)
    there = query.of(session, meeting)
    if there.clauses:
        _require_shape(text, there, language)
    else:
        there = _lay_out(session, meeting, text, there.head, now)
    pieces = list(zip(_texts(text), there.pieces(), strict=True))
    changed = [(wording, piece) for wording, piece in pieces if wording and piece.text(language) != wording]
    for wording, piece in changed:
        write(session, piece, language, wording, actor, now)
    if changed:
        payload = {"meeting": str(meeting.id), "edition": edition, "language": language, "written": len(changed)}
        network_acts.note(session, "import_conclusions", actor=actor, now=now, payload=payload)
    session.flush()
    return Imported(meeting, created, len(changed), len(pieces) - len(changed))


def seal(session: Session, *, edition: int, actor: Actor, now: datetime) -> list[Document]:
    """Close the text for ever and issue CONCLUSIONS in each of the Network's languages, and in both side by side. Raises Refused
    without the role, for a text that is sealed, or with every gap: a piece that is not adopted, or not written in one of the
    languages."""
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    session.expire_all()  # what was read before the lock may have been overtaken
    meeting = _known(session, edition)
    require_open(meeting)
    there = query.of(session, meeting)
    found = gaps(there)
    if found:
        raise Refused(found)
    meeting.sealed_at = now
    meeting.changed()
    session.flush()
    payload = {"meeting": str(meeting.id), "edition": edition, "clauses": len(there.clauses)}
    network_acts.note(session, "seal_conclusions", actor=actor, now=now, payload=payload)
    issued = [(Doc.CONCLUSIONS, language, draft_of(session, meeting, language)) for language in LANGUAGES]
    issued.append((Doc.CONCLUSIONS_BILINGUAL, FRAME, bilingual(session, meeting)))
    return [
        documents.write(
            session, kind, draft, now=now, transition="seal_conclusions", call_id=None, subject_id=meeting.id,
            language=language, subject=subject_of(meeting),
        )
        for kind, language, draft in issued
    ]  # fmt: skip


def print_now(session: Session, *, edition: int, language: str | None, now: datetime) -> Rendered:
    """The text as a PDF as it reads now, of which no record is kept; without a language, in both side by side. Raises Refused
    for a meeting without a text in the language."""
    meeting = _known(session, edition)
    wanted = (language,) if language else LANGUAGES
    lacking = [one for one in wanted if one not in query.of(session, meeting).languages()]
    if lacking:
        params = {"edition": edition, "language": lacking[0]}
        raise Refused([Refusal(N_("Meeting %(edition)s has no conclusions in “%(language)s”."), params)])
    kind = Doc.CONCLUSIONS if language else Doc.CONCLUSIONS_BILINGUAL
    draft = draft_of(session, meeting, language) if language else bilingual(session, meeting)
    facts = {
        "kind": str(kind), "reference": f"{subject_of(meeting)}/{kind}", "issued_at": iso(now),
        "transition": None, "verify_url": None, "supersedes": None,
    }  # fmt: skip
    return pdf.render(kind, {**draft.context, "document": facts}, language or FRAME)


def _known(session: Session, edition: int) -> Meeting:
    meeting = query.of_edition(session, edition)
    if meeting is None:
        raise Refused([Refusal(N_("There is no text of meeting %(edition)s yet."), {"edition": edition})])
    return meeting


def subject_of(meeting: Meeting) -> str:
    """How references of its documents begin."""
    return f"{network_acts.NAME}/{meeting.year}"


def require_open(meeting: Meeting) -> None:
    """Raises Refused for a text that is sealed."""
    if meeting.sealed_at is not None:
        params = {"edition": meeting.edition, "instant": meeting.sealed_at}
        raise Refused([Refusal(N_("The conclusions of meeting %(edition)s were sealed on %(instant)s."), params)])


def gaps(there: Conclusions) -> list[Refusal]:
    """What stands between the text and its seal, clause by clause; a title or a preamble may be left out in all languages."""
    if not there.clauses:
        return [Refusal(N_("There is no clause."))]
    needed = [(name, piece) for name, piece in there.named() if piece.kind == CLAUSE or piece.texts]
    open_ = {piece.id for _, piece in needed if piece.adopted_at is None}
    found = [
        about(piece, name, NOT_ADOPTED) for name, piece in needed if piece.id in open_ and piece.parent_id not in open_
    ]
    for language in LANGUAGES:
        empty = [(name, piece) for name, piece in needed if not piece.text(language)]
        found += [about(piece, name, NOT_WRITTEN, language=language) for name, piece in empty]
    return found


def about(piece: Clause, name: str, messages: Mapping[str, str], **params: object) -> Refusal:
    """A refusal that names the piece: `messages` by its kind."""
    named = {"name": name} if piece.kind == CLAUSE else {}
    return Refusal(messages[piece.kind], {**named, **params}, target=f"clause-{name}")


def _meeting(session: Session, edition: int) -> tuple[Meeting, bool]:
    """The meeting of this number, made from what the Network knows of it where it is not there yet."""
    there = query.of_edition(session, edition)
    if there is not None:
        return there, False
    known = next((m for m in network.meetings() if m.edition == edition), None)
    if known is None:
        raise Refused([Refusal(N_("The Network knows no annual meeting %(edition)s."), {"edition": edition})])
    meeting = _of(known, edition)
    session.add(meeting)
    session.flush()
    return meeting, True


def _of(known: Known, edition: int) -> Meeting:
    hosts = [
        MeetingHost(id=new_id(), position=position, city=host.city, country=host.country)
        for position, host in enumerate(known.hosts)
    ]
    return Meeting(id=new_id(), edition=edition, year=known.year, ends_on=known.day, hosts=hosts)


def _require_shape(text: AgreedText, there: Conclusions, language: str) -> None:
    """Raises Refused with every clause that has no counterpart."""
    given = tuple(len(clause.parts) for clause in text.clauses)
    found = list(_differences(given, there.shape(), language, "/".join(there.languages())))
    if found:
        raise Refused(found)


def _differences(given: tuple[int, ...], there: tuple[int, ...], language: str, others: str) -> Iterator[Refusal]:
    params: dict[str, object] = {"language": language, "others": others}
    if len(given) != len(there):
        counts = {"given": len(given), "there": len(there)}
        yield Refusal(
            N_("%(given)s clauses in %(language)s, %(there)s in %(others)s."),
            params | counts,
        )
    for number, (mine, other) in enumerate(zip(given, there, strict=False), start=1):
        if mine != other:
            message = N_("Clause %(number)s: %(given)s sub-clauses in %(language)s, %(there)s in %(others)s.")
            yield Refusal(message, params | {"number": number, "given": mine, "there": other})


def _lay_out(
    session: Session, meeting: Meeting, text: AgreedText, begun: Mapping[str, Clause], now: datetime
) -> Conclusions:  # fmt: skip
    """Places for every piece of the text, without words yet; `begun`: those of a draft that has no clause. What is read in has
    been adopted."""
    head = {kind: begun.get(kind) or new_piece(session, meeting, kind, 0) for kind in (TITLE, PREAMBLE)}
    made: list[tuple[Clause, tuple[Clause, ...]]] = []
    for position, clause in enumerate(text.clauses):
        place = new_piece(session, meeting, CLAUSE, position)
        made.append((place, tuple(new_piece(session, meeting, CLAUSE, i, place) for i in range(len(clause.parts)))))
    there = Conclusions(head, tuple(made))
    for piece in there.pieces():
        piece.adopted_at = now
    return there


def _texts(text: AgreedText) -> Iterator[str]:
    yield text.title
    yield text.preamble
    for clause in text.clauses:
        yield clause.text
        yield from (part.text for part in clause.parts)


def new_piece(session: Session, meeting: Meeting, kind: str, position: int, parent: Clause | None = None) -> Clause:
    """A place in the text, without words yet."""
    clause = Clause(
        id=new_id(),
        meeting_id=meeting.id,
        parent_id=parent.id if parent else None,
        kind=kind,
        position=position,
        texts=[],
    )
    session.add(clause)
    session.flush()
    return clause


def write(session: Session, piece: Clause, language: str, text: str, actor: Actor, now: datetime) -> None:
    """Add a revision to a piece."""
    revision = 1 + max((t.revision for t in piece.texts if t.language == language), default=0)
    piece.texts.append(
        ClauseText(
            id=new_id(), language=language, revision=revision, text=text, written_at=now, written_by=actor.account_id
        )
    )
