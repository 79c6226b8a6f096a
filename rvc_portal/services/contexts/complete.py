"""Context of the complete dossier: the very documents and acts that its reader may see, in one order.

Nothing is worded anew: a document's part is the context that it was issued with, so what is kept from a reader there is kept from
them here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.policy import ORDERS, Reader
from rvc_portal.domain.vocabulary import APPLICANTS, ROLES, Doc, Role
from rvc_portal.gateways.files import Files
from rvc_portal.language import translations
from rvc_portal.models.dossier import Attachment, Dossier
from rvc_portal.queries import blindness, calls, documents, dossiers, filed, history
from rvc_portal.queries.documents import Shown
from rvc_portal.services.contexts import filing
from rvc_portal.services.contexts.parts import (
    Context,
    Draft,
    Occasion,
    dossier_facts,
    iso,
    list_of_pieces,
    message,
    of_call,
    said,
)

ORDER = {
    kind: (chapter, place)
    for chapter, kinds in {
        "application": (Doc.DOSSIER, Doc.RECEIPT),
        "screening": (Doc.RETURN_LETTER, Doc.INELIGIBILITY_NOTICE, Doc.SCREENING_NOTE),
        "evaluation": (Doc.EVALUATION_REPORT, Doc.EVALUATION_SHEET, Doc.CITY_REPLY),
        "opinion": (Doc.STEERING_OPINION,),
        "decision": (Doc.DESIGNATION_LETTER, Doc.DECISION_LETTER, Doc.CERTIFICATE, Doc.WITHDRAWAL_NOTE),
    }.items()
    for place, kind in enumerate(kinds)
}
"""In which chapter a document of a dossier stands, and where in it; the chapters in their order."""

_CHAPTERS = list(dict.fromkeys(chapter for chapter, _ in ORDER.values()))

PDF = "application/pdf"
ATTACHED_AT_MOST = 40_000_000
"""Bytes of pieces in one document: with its pages it is to be no larger than what can be checked on the public page."""


@dataclass(frozen=True)
class Complete:
    """What the document is made of, and which documents it holds whole."""

    draft: Draft
    parts: tuple[UUID, ...]


def complete(
    session: Session, files: Files, dossier: Dossier, roles: frozenset[Role], *, actor: Actor, now: datetime
) -> Complete:
    """COMPLETE_DOSSIER: all that this person may see of the dossier now, in the language that they read."""
    to = documents.reader(session, actor, dossier, roles)
    names = blindness.names(session, dossier, actor, roles, translations(actor.language).gettext)
    told = calls.definition(dossier.call)
    shown = [s for s in documents.of_dossier(session, dossier, to, names) if s.document.kind != Doc.COMPLETE_DOSSIER]
    whole = sorted((s for s in shown if _stands(s)), key=_place)
    parts, images = _parts(session, whole)
    at_work = bool(roles & APPLICANTS) and not any(s.document.kind == Doc.DOSSIER for s in whole)
    if at_work:  # a city reads what it has in hand
        draft = filing.dossier(Occasion(session, dossier, now, "", actor))
        parts = [_part(Doc.DOSSIER, dossier.language, draft.context), *parts]
        images |= draft.images
    given = filed.content(session, dossier, as_filed=not at_work).pieces
    enclosed = _Enclosing(files, given)
    journal = dossiers.history(session, dossier.id)
    acts = history.acts(session, dossier, [row for row in journal if row[0].transition not in ORDERS], to, names)
    context = {
        **of_call(dossier.call),
        "dossier": dossier_facts(dossier, told),
        "reader": actor.name,
        "state": _state(to, dossier.state),
        "parts": parts,
        "pieces": [
            {**piece, "files": [enclosed.told(file) for file in piece["files"]]}
            for piece in list_of_pieces(told, dossier, given)
        ],
        "documents": [_listed(s, number) for s, number in _numbered(shown, whole, 2 if at_work else 1)],
        "history": [_act(act, to) for act in reversed(acts)],
        "attached": list(enclosed.attached()),
    }
    images |= {sha256: sha256 for sha256 in enclosed.pictures}
    return Complete(Draft(context, images), tuple(s.document.id for s in whole))


def _stands(found: Shown) -> bool:
    return found.document.superseded_at is None and not found.set_aside


def _place(found: Shown) -> tuple[int, int]:
    chapter, place = ORDER[Doc(found.document.kind)]
    return _CHAPTERS.index(chapter), place


def _parts(session: Session, whole: Sequence[Shown]) -> tuple[list[Context], dict[str, str]]:
    """What the documents are made of, and their pictures."""
    contexts = documents.contexts(session, [s.document.id for s in whole])
    images: dict[str, str] = {}
    for found in whole:
        images |= found.document.images
    return [
        _part(
            Doc(s.document.kind), s.document.language, contexts[s.document.id], seat=s.seat, held=s.document.held,
            reference=contexts[s.document.id]["document"]["reference"], issued_at=iso(s.document.issued_at),
        )
        for s in whole
    ], images  # fmt: skip


def _part(
    kind: Doc, language: str, context: Context, *, seat: str | None = None, held: bool = False,
    reference: str | None = None, issued_at: str | None = None,
) -> Context:  # fmt: skip
    return {
        "chapter": ORDER[kind][0], "kind": str(kind), "language": language, "seat": seat, "held": held,
        "reference": reference, "issued_at": issued_at, "context": context,
    }  # fmt: skip


def _numbered(shown: Sequence[Shown], whole: Sequence[Shown], first: int) -> Iterator[tuple[Shown, int | None]]:
    """Every document with the number of its part: those that stand first, in the order of the parts."""
    yield from ((s, number) for number, s in enumerate(whole, first))
    yield from ((s, None) for s in shown if not _stands(s))


def _listed(found: Shown, part: int | None) -> Context:
    row = found.document
    return {
        "kind": row.kind, "seat": found.seat, "issued_at": iso(row.issued_at), "pages": row.pages,
        "sha256": row.content_sha256, "part": part,
        "status": "set_aside" if found.set_aside else "superseded" if row.superseded_at else "held" if row.held else "stands",
    }  # fmt: skip


def _state(to: Reader, key: str) -> Context:
    """The state as the person is told of it."""
    state = to.procedure.states[key]
    return message((state.label if to.judges else state.city_label or state.label, {}))


def _act(act: history.Act, to: Reader) -> Context:
    office = act.who if isinstance(act.who, Role) else None
    return {
        "at": iso(act.at),
        "who": None if office else act.who,
        "office": message((ROLES[office], {})) if office else None,
        "label": message(act.label),
        "until": iso(act.until) if act.until else None,
        "reason": said(act.reason or "", None),
        "state": _state(to, act.reached) if act.reached else None,
    }


class _Enclosing:
    """Which of the city's files travel in the document: its PDFs, in their order, as long as there is room and they are
    there."""

    def __init__(self, files: Files, given: Mapping[str, Sequence[Attachment]]) -> None:
        self._rows = [row for rows in given.values() for row in rows]
        self._lost = {row.sha256 for row in self._rows if not files.exists(row.sha256)}
        self._names: dict[str, str] = {}
        room = ATTACHED_AT_MOST
        for row in self._rows:
            if (
                self._why_not(row.sha256, row.content_type) is None
                and row.sha256 not in self._names
                and row.size <= room
            ):
                room -= row.size
                self._names[row.sha256] = f"{len(self._names) + 1:02}-{row.name}"
        self.pictures = {r.sha256 for r in self._rows if r.content_type == "image/jpeg"} - self._lost

    def told(self, file: Context) -> Context:
        """A file of the list with the name under which it is attached, or why it is not."""
        sha256 = file["sha256"]
        name = self._names.get(sha256)
        why = self._why_not(sha256, file["media_type"]) or "too_big"
        picture = {} if sha256 in self.pictures else {"image": None, "caption": None}
        return {**file, **picture, "attached_as": name, "not_attached": None if name else why}

    def attached(self) -> Iterable[Context]:
        """What is attached, each once, by whose bytes it is known."""
        rows = {row.sha256: row for row in reversed(self._rows)}
        for sha256, name in self._names.items():
            row = rows[sha256]
            yield {
                "name": name, "description": f"{row.name} – SHA-256 {sha256}", "media_type": PDF, "size": row.size,
                "sha256": sha256, "at": iso(row.at),
            }  # fmt: skip

    def _why_not(self, sha256: str, media_type: str) -> str | None:
        return "lost" if sha256 in self._lost else None if media_type == PDF else "no_pdf"
