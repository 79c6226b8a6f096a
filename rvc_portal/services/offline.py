"""Work away from the portal: files and sheets to take along, made by the worker, and the workbook that comes back, looked at
before anything of it is saved."""

import hashlib
import io
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import rfc8785
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.documents import pdf
from rvc_portal.domain import scorebook
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refusal, Refused
from rvc_portal.domain.scorebook import TWICE, YES, Filled, Line
from rvc_portal.domain.scoring import LONGEST_REASON, Given
from rvc_portal.domain.vocabulary import N_, Doc, JobKind
from rvc_portal.gateways import scorebooks, tables
from rvc_portal.gateways.files import Files
from rvc_portal.gateways.scorebooks import Words
from rvc_portal.language import translations
from rvc_portal.models.account import Account
from rvc_portal.models.base import new_id
from rvc_portal.models.call import Call
from rvc_portal.models.evaluation import Assignment
from rvc_portal.models.pack import Pack, Upload
from rvc_portal.queries import accounts, calls
from rvc_portal.queries import offline as query
from rvc_portal.queries.offline import Effect
from rvc_portal.services import evaluation, queue
from rvc_portal.services.contexts import offline as contexts
from rvc_portal.services.transitions import lock

MOST_FILES = 8
"""Files in one pack: the worker holds every page that it lays out, some 2 MB each, and a file has some 25 of them."""
KEPT = timedelta(days=14)
"""For so long a pack can be fetched."""
USUAL_PAGES = 30
PRIORITY = 6
"""After receipts and letters: it takes the worker longer than any of them."""
SHOWN_AT_MOST = 0.95
"""What is laid out must still be written."""

Go = Callable[[float], bool]


@dataclass(frozen=True)
class Source:
    """What a pack's PDF is made of; `pages`: a guess how many it will have."""

    context: dict[str, Any]
    language: str
    pages: int


@dataclass(frozen=True)
class Stored:
    """A PDF made and stored; `size` in bytes."""

    sha256: str
    pages: int
    size: int


def order(session: Session, call: Call, assignment_ids: Collection[UUID], *, actor: Actor, now: datetime) -> Pack:
    """Have the files of these assignments packed. Raises InvalidInput where none or too many are named, NotFound for one that
    is not open to the person."""
    chosen = [a for a in query.open_sheets(session, actor, call) if a.id in assignment_ids]
    if not assignment_ids:
        raise InvalidInput({"file": (Refusal(N_("Tick at least one file."), target="file"),)})
    if len(assignment_ids) > MOST_FILES:
        told = N_("A pack holds at most %(most)s files; %(count)s are ticked. Make several packs.")
        refusal = Refusal(told, {"most": MOST_FILES, "count": len(assignment_ids)}, target="file")
        raise InvalidInput({"file": (refusal,)})
    if len(chosen) != len(set(assignment_ids)):
        raise NotFound
    pack = Pack(
        id=new_id(), call_id=call.id, call=call, account_id=actor.person, language=actor.language, made_at=now,
        until_at=now + KEPT, files=len({a.dossier_id for a in chosen}), progress=0.0,
        content={"lines": [line.to_json() for line in _lines(chosen, actor.language)]},
    )  # fmt: skip
    session.add(pack)
    session.flush()
    queue.enqueue(session, JobKind.PACK, pack.id, now=now, priority=PRIORITY)
    return pack


def source(session: Session, pack_id: UUID, now: datetime) -> Source | None:
    """What to lay out; None where it was made before, and where a file of it is not open to its evaluator any more."""
    pack = session.get_one(Pack, pack_id)
    account = session.get_one(Account, pack.account_id)
    actor = accounts.actor_of(session, account, now)
    if pack.sha256 is not None or not query.still_readable(session, actor, pack):
        return None
    wanted = {line.assignment for line in query.lines(pack)}
    files = {a.dossier_id: a.dossier for a in query.declared(session, actor, pack.call) if a.id in wanted}
    pages = query.pages_printed(session, files) or USUAL_PAGES * len(files)
    return Source(contexts.pack(session, pack, account.name, files.values()), pack.language, pages)


def make(files: Files, wanted: Source, go: Go) -> Stored:
    """Lay out and store; no database. `go` is told how far it is, from 0 to 1. Raises documents.pdf.DocumentError,
    gateways.files.StorageError."""

    def on_page(number: int) -> None:
        go(min(number / wanted.pages, SHOWN_AT_MOST))

    rendered = pdf.render(Doc.PACK, wanted.context, wanted.language, on_page=on_page)
    return Stored(files.put(rendered.content), rendered.pages, len(rendered.content))


def go_on(session: Session, pack_id: UUID, progress: float, now: datetime) -> bool:
    """Note how far it is, never less than before, and keep the job for another lease. Always wanted."""
    behind = sa.and_(Pack.id == pack_id, Pack.progress < progress)
    session.execute(sa.update(Pack).where(behind).values(progress=progress))
    queue.prolong(session, JobKind.PACK, pack_id, now)
    return True


def record(session: Session, pack_id: UUID, stored: Stored) -> None:
    """Note what was stored, unless another worker did."""
    values = {"sha256": stored.sha256, "pages": stored.pages, "size": stored.size, "progress": 1.0}
    session.execute(sa.update(Pack).where(Pack.id == pack_id, Pack.sha256.is_(None)).values(values))


def check(session: Session, pack: Pack, *, actor: Actor, now: datetime) -> None:
    """Whether the pack may be given out. Raises NotFound for another's, Refused after its end and where one of its files is
    not this person's to read any more: a conflict, a file withdrawn, an assignment that ended."""
    if pack.account_id != actor.account_id:
        raise NotFound
    if pack.until_at <= now:
        raise Refused([Refusal(N_("This pack could be fetched until %(instant)s."), {"instant": pack.until_at})])
    if not query.still_readable(session, actor, pack):
        raise Refused([Refusal(N_("A file of this pack is not open to you any more. Make a new pack of the others."))])


def workbook(pack: Pack) -> bytes:
    """The sheets of the pack as an XLSX, as they stood when it was made; the same bytes each time."""
    told, language = calls.definition(pack.call), pack.language
    criteria = {c.key: c for c in told.rubric.criteria}
    rows, last = [], None
    for number, line in enumerate(query.lines(pack)):
        criterion = criteria[line.criterion]
        rows.append(
            scorebooks.Row(
                scorebook.key_of(pack.id, number), line.city, line.reference, line.criterion_label,
                criterion.guidance.of(language), criterion.weight, line.given, first=line.assignment != last,
            )
        )  # fmt: skip
        last = line.assignment
    scale = (told.rubric.scale_minimum, told.rubric.scale_maximum)
    return scorebooks.write(rows, _words(told, language, pack), scale, language, pack.made_at)


def take_in(session: Session, call: Call, content: bytes, *, actor: Actor, now: datetime) -> Upload:
    """Keep the rows of a workbook that came back, to be looked at; no sheet is touched. Raises InvalidInput for what is no
    such workbook, and where none of its rows is the person's own."""
    (_number, head), *rest = tables.cells(io.BytesIO(content), scorebook.is_head)
    rows = scorebook.read(rest, scorebook.columns(head), calls.definition(call).rubric)
    if not rows:
        raise _no_book(N_("The workbook names its columns and nothing else."))
    found = query.effects(session, actor, call, rows)
    if all(e.line is None for e in found):  # nothing of it is this person's: say why, and keep nothing
        raise _no_book(found[0].wrong[0][1].message)
    upload = Upload(
        id=new_id(), call_id=call.id, call=call, account_id=actor.person, uploaded_at=now,
        sha256=hashlib.sha256(content).hexdigest(), content={"rows": [_kept(e).to_json() for e in found]},
    )  # fmt: skip
    session.add(upload)
    session.flush()
    return upload


def preview(session: Session, upload: Upload, *, actor: Actor) -> tuple[list[Effect], str]:
    """What each row would do now, and the fingerprint of it that saving asks for."""
    rows = [Filled.from_json(kept) for kept in upload.content["rows"]]
    found = query.effects(session, actor, upload.call, rows)
    return found, _fingerprint(found)


def save(session: Session, upload: Upload, seen: str, *, actor: Actor, now: datetime) -> int:
    """Save the rows that change something, as drafts, and say how many. All or nothing. `seen`: the fingerprint of
    the preview that the person has looked at. Raises Overtaken when it is not how things stand now, Refused and InvalidInput
    as services.evaluation.save_scores does."""
    dossiers = {a.dossier for a in query.declared(session, actor, upload.call)}
    for dossier in sorted(dossiers, key=lambda d: d.id):
        lock(session, dossier, None)  # in one order, whoever else does: nobody waits in a circle
    found, stands = preview(session, upload, actor=actor)
    if upload.saved_at is not None:
        raise Refused([Refusal(N_("This workbook was saved already, on %(instant)s."), {"instant": upload.saved_at})])
    if stands != seen:
        raise Overtaken(
            [Refusal(N_("Something changed since you looked. Look at the rows again before you save them."))]
        )
    sheets: dict[UUID, dict[str, Given]] = {}
    for effect in found:
        if effect.fate == "change" and effect.line and effect.filled.given:
            sheets.setdefault(effect.line.assignment, {})[effect.line.criterion] = effect.filled.given
    own = {a.id: a for a in query.declared(session, actor, upload.call)}
    for assignment_id, scores in sheets.items():
        evaluation.save_scores(session, own[assignment_id], scores, actor=actor, now=now)
    upload.saved_at = now
    return sum(map(len, sheets.values()))


def _lines(chosen: Sequence[Assignment], language: str) -> list[Line]:
    """Every criterion of every sheet. Who judges a file in two seats tells the sheets apart by these."""
    twice = {a.dossier_id for a in chosen if sum(b.dossier_id == a.dossier_id for b in chosen) > 1}
    return [
        Line(
            a.id, a.dossier.lead_city,
            f"{a.dossier.reference} · {a.seat.name}" if a.dossier_id in twice else a.dossier.reference,
            criterion.key, criterion.label.of(language), query.standing(a, criterion.key),
        )
        for a in chosen
        for criterion in calls.definition(a.dossier.call).rubric.criteria
    ]  # fmt: skip


def _kept(effect: Effect) -> Filled:
    """The row as it is kept: without its texts where it is refused as somebody else's or as one of several."""
    several = any(refusal.message == TWICE for _address, refusal in effect.wrong)
    return replace(effect.filled, given=None) if effect.line is None or several else effect.filled


def _fingerprint(found: Sequence[Effect]) -> str:
    told = [
        [e.filled.number, e.fate, _plain(e.now), _plain(e.filled.given), [[where, r.message] for where, r in e.wrong]]
        for e in found
    ]
    return hashlib.sha256(rfc8785.dumps(told)).hexdigest()


def _plain(given: Given | None) -> dict[str, Any] | None:
    return asdict(given) if given else None


def _no_book(message: str) -> InvalidInput:
    return InvalidInput({"file": (Refusal(message, target="file"),)})


def _words(told: CallDefinition, language: str, pack: Pack) -> Words:
    """What the workbook says, in its language."""

    def worded(text: str, **params: object) -> str:
        return str(translations(language).gettext(text)) % params

    scale = {"low": told.rubric.scale_minimum, "high": told.rubric.scale_maximum}
    return Words(
        sheet=worded(N_("Sheets")),
        guide_sheet=worded(N_("How to fill it in")),
        title=worded(N_("Sheets to fill in away from the portal")),
        subtitle=told.title.of(language),
        guide=[
            (worded(heading), worded(text, **scale, most=LONGEST_REASON, words=told.rubric.least_words))
            for heading, text in GUIDE
        ],
        yes=YES[language],
        error_title=worded(N_("This cannot be taken")),
        score_error=worded(scorebook.OFF, **scale),
        cannot_judge_error=worded(N_("Choose “%(yes)s” from the list, or leave the cell empty."), yes=YES[language]),
        reason_error=worded(N_("A reason has at most %(most)s characters."), most=LONGEST_REASON),
        footer=f"{told.title.of(language)} · {pack.id.hex[:8].upper()}",
    )


GUIDE: Sequence[tuple[str, str]] = (
    (
        N_("What is filled in"),
        N_(
            "The three columns with a pale yellow ground on the sheet before this one: score, cannot judge, reason. "
            "Everything else is protected, without a password, so that rows stay what they are."
        ),
    ),
    (
        N_("Score"),
        N_("A whole number from %(low)s to %(high)s."),
    ),
    (
        N_("Cannot judge"),
        N_(
            "Choose it in the place of a score where the file does not let you judge a criterion. The others then "
            "weigh more, in proportion."
        ),
    ),
    (
        N_("Reason"),
        N_(
            "In your own words, at least %(words)s of them when you close the sheet and at most %(most)s characters. "
            "Alt and Enter begin a new line. It is needed with “cannot judge” as well."
        ),
    ),
    (
        N_("No formulas"),
        N_(
            "A formula is never calculated, and merged cells have no one meaning: such a row, or such a file, is "
            "refused."
        ),
    ),
    (
        N_("Rows"),
        N_(
            "You may leave rows as they are and delete those you do not need. What you do not touch stays as it is on"
            " the portal."
        ),
    ),
    (
        N_("Sending it back"),
        N_(
            "Save the workbook as XLSX and upload it on the page from which you took it. You see row by row what "
            "would change before anything is saved, and it is saved as a draft: sheets are closed on the portal "
            "alone."
        ),
    ),
    (
        N_("Changed meanwhile"),
        N_(
            "A line that you change here and on the portal differently is refused, so that nothing is overwritten "
            "unseen."
        ),
    ),
    (
        N_("Confidential"),
        N_("This workbook is yours alone. Nobody else can upload it. Delete it when your sheets are closed."),
    ),
)
"""The sheet of instructions: headings and texts."""
