"""Bundles: what somebody chose is frozen as rows, the worker makes ready what is not, and the link stays.

Of a ZIP nothing is stored but its two lists: the rest is in storage already, and the bytes follow from the rows
(`gateways.archive`). A workbook of answers is stored as a file.
"""

import hashlib
import io
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import rfc8785
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.documents.catalogue import KINDS
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, JobKind, JobStatus
from rvc_portal.gateways import archive, tablefiles
from rvc_portal.gateways.archive import Archive, Member
from rvc_portal.gateways.files import Files
from rvc_portal.language import translations
from rvc_portal.models.account import Account
from rvc_portal.models.base import new_id
from rvc_portal.models.bundle import Bundle, BundleItem, StoredFile
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.job import Job
from rvc_portal.queries import accounts, answer_tables, board, bundles, calls, catalogue
from rvc_portal.queries.answer_tables import Filed
from rvc_portal.queries.bundles import LIVE, STORED, XLSX, ZIP
from rvc_portal.queries.catalogue import Filters
from rvc_portal.services import answer_tables as tables
from rvc_portal.services import queue

MOST_FILES = 20_000
"""In one bundle: their list is held in memory while it is sent, a few hundred bytes each."""
PRIORITY = 6
"""After everything that is laid out: a bundle waits for that."""
PORTION = 50
"""Files read in one go, that is between two looks whether the bundle is still wanted."""
PAUSE = timedelta(seconds=5)
"""Until the worker looks again whether another one has laid out what was missing."""
MANIFEST, SUMS = "MANIFEST.csv", "SHA256SUMS"
MANIFEST_HEAD = (
    "name", "kind", "title", "reference", "city", "country", "call", "language", "issued_at", "status", "size",
    "sha256", "crc32",
)  # fmt: skip

Go = Callable[[float], bool]


class Unwanted(Exception):
    """Nobody waits for this bundle any more."""


@dataclass(frozen=True)
class Measured:
    """A file of the storage as a ZIP must know it."""

    sha256: str
    size: int
    crc32: int


@dataclass(frozen=True)
class Sealed:
    """What a ready bundle is: its files in order, of which those with an id are documents, and the whole."""

    items: Sequence[tuple[UUID | None, Member]]
    sha256: str
    size: int


def order_documents(
    session: Session, chosen: Filters, query: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Bundle:
    """Freeze the documents that the filters leave, out of those that this person may read, and have them made ready.
    `query`: the filters as they stand in the address. Raises InvalidInput where there is none, or too many."""
    within = catalogue.reach(session, actor)
    _check(catalogue.total(catalogue.counts(session, within, chosen), chosen), N_("No document is chosen."))
    found = list(catalogue.everything(session, within, chosen))
    bundle = _begin(session, ZIP, {"query": dict(query), "count": len(found)}, actor=actor, now=now)
    found.sort(key=lambda line: (line.reference or "", line.document.issued_at, line.document.id))
    session.execute(sa.insert(BundleItem), [
        {"bundle_id": bundle.id, "position": position, "document_id": line.document.id, "status": line.status}
        for position, line in enumerate(found)
    ])  # fmt: skip
    _lay_out(session, bundle, now)
    _enqueue(session, bundle, now)
    return bundle


def order_answers(
    session: Session, call: Call, files: board.Filters, query: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Bundle:
    """Have the answers of the call's files that the filters leave written into a workbook. Raises InvalidInput where this
    person may read those of none."""
    found = answer_tables.ids(session, answer_tables.readable(actor, files))
    _check(len(found), N_("There is no file whose answers you may read."))
    chosen = {"query": dict(query), "count": len(found), "call": call.key}
    bundle = _begin(session, XLSX, chosen, actor=actor, now=now)
    session.execute(sa.insert(BundleItem), [
        {"bundle_id": bundle.id, "position": position, "dossier_id": dossier_id}
        for position, dossier_id in enumerate(found)
    ])  # fmt: skip
    _enqueue(session, bundle, now)
    return bundle


def cancel(session: Session, bundle: Bundle, *, now: datetime) -> None:
    """Want it no more; one that is ready stays."""
    wanted = sa.and_(Bundle.id == bundle.id, Bundle.ready_at.is_(None), Bundle.cancelled_at.is_(None))
    session.execute(sa.update(Bundle).where(wanted).values(cancelled_at=now))
    session.refresh(bundle)


def try_again(session: Session, bundle: Bundle, *, now: datetime) -> None:
    """Have the worker begin once more, where it gave up: the documents first, then the bundle."""
    if bundles.is_waiting(bundle) and not bundles.is_worked_on(session, bundle):
        _lay_out(session, bundle, now)
        _enqueue(session, bundle, now)


def check(session: Session, bundle: Bundle, *, actor: Actor) -> None:
    """Whether the bundle may be given out. Raises Refused before it is ready, and where something in it is not this
    person's to read any more: a conflict, a role that ended, a letter taken back."""
    if bundle.ready_at is None:
        raise Refused([Refusal(N_("This bundle is not ready yet."))])
    if not bundles.still_readable(session, actor, bundle):
        told = N_(
            "Something in this bundle is not open to you any more. Make a new one: it holds what you may read now."
        )
        raise Refused([Refusal(told)])


def packed(session: Session, bundle: Bundle) -> Archive:
    """The ZIP, to be streamed from any byte."""
    return Archive(bundles.files(session, bundle.id))


# --- the worker's part ---


def pending(session: Session, bundle_id: UUID) -> tuple[str, list[str]] | None:
    """The form, and the hashes of the documents that are laid out and were never measured; None where nothing is to be done
    any more."""
    bundle = session.get_one(Bundle, bundle_id)
    if not bundles.is_waiting(bundle):
        return None
    query = (
        sa.select(STORED)
        .select_from(Document)
        .join(BundleItem, BundleItem.document_id == Document.id)
        .outerjoin(StoredFile, StoredFile.sha256 == STORED)
        .where(BundleItem.bundle_id == bundle_id, STORED.is_not(None), StoredFile.sha256.is_(None))
        .order_by(BundleItem.position)
    )
    return bundle.form, list(session.scalars(query))


def measure(files: Files, sha256: str) -> Measured:
    """Read a stored file through; no database. Raises gateways.files.StorageError."""
    size = crc32 = 0
    for chunk in files.stream(sha256):
        size, crc32 = size + len(chunk), zlib.crc32(chunk, crc32)
    return Measured(sha256, size, crc32)


def measured(session: Session, bundle_id: UUID, found: Iterable[Measured], now: datetime) -> bool:
    """Keep what was measured, note how far the bundle is, and say whether anybody wants it still."""
    for one in found:
        if session.get(StoredFile, one.sha256) is None:
            session.add(StoredFile(sha256=one.sha256, size=one.size, crc32=one.crc32))
    session.flush()
    known = (
        sa.select(sa.func.count())
        .select_from(BundleItem)
        .join(Document, Document.id == BundleItem.document_id)
        .join(StoredFile, StoredFile.sha256 == STORED)
        .where(BundleItem.bundle_id == bundle_id)
    )
    count = session.get_one(Bundle, bundle_id).chosen["count"]
    return go_on(session, bundle_id, (session.scalar(known) or 0) / count, now)


def go_on(session: Session, bundle_id: UUID, progress: float, now: datetime) -> bool:
    """Note how far it is, keep the job for another lease, and say whether anybody wants it still."""
    queue.prolong(session, JobKind.BUNDLE, bundle_id, now)
    wanted = sa.and_(Bundle.id == bundle_id, Bundle.cancelled_at.is_(None))
    changed = session.execute(sa.update(Bundle).where(wanted).values(progress=progress))
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def come_back(session: Session, bundle_id: UUID, now: datetime) -> None:
    """Look again a little later where a worker still lays a document out, at once where the last one was laid out meanwhile.
    Where the worker gave up all that is missing, so does the bundle."""
    laying_out = any(job.status in LIVE for job in _rendering(session, bundle_id))
    if laying_out or session.scalar(_missing(bundle_id).limit(1)) is None:
        due = now + PAUSE if laying_out else now
        queue.enqueue(session, JobKind.BUNDLE, bundle_id, now=now, priority=PRIORITY, not_before=due)


def listed(session: Session, bundle_id: UUID) -> tuple[list[dict[str, Any]], datetime, bool]:
    """All that the lists of a ZIP tell of its documents that are measured, in the order of the bundle; when it was ordered;
    whether these are all."""
    bundle = session.get_one(Bundle, bundle_id)
    translate = translations(bundle.language).gettext
    query = (
        sa.select(Document, Dossier.reference, Dossier.lead_city, Dossier.lead_country, Call.key, BundleItem.status,
                  StoredFile.sha256, StoredFile.size, StoredFile.crc32)
        .join(BundleItem, BundleItem.document_id == Document.id)
        .join(StoredFile, StoredFile.sha256 == STORED)
        .outerjoin(Dossier, Dossier.id == Document.dossier_id)
        .outerjoin(Call, Call.id == Document.call_id)
        .where(BundleItem.bundle_id == bundle_id)
        .order_by(BundleItem.position)
    )  # fmt: skip
    found = [
        {
            "id": d.id, "kind": d.kind, "title": translate(KINDS[d.kind].title), "reference": reference or "",
            "city": city or "", "country": country or "", "call": key or "", "language": d.language,
            "issued_at": d.issued_at, "status": status, "size": size, "sha256": sha256, "crc32": crc32,
        }
        for d, reference, city, country, key, status, sha256, size, crc32 in session.execute(query)
    ]  # fmt: skip
    return found, bundle.made_at, len(found) == bundle.chosen["count"]


def seal(files: Files, found: Sequence[Mapping[str, Any]], at: datetime) -> Sealed:
    """Name the documents, write the two lists and put them into storage; no database. The same documents and the same
    instant give the same bytes. Raises gateways.files.StorageError."""
    names = archive.names([
        (MANIFEST,),
        (SUMS,),
        *((f"{d['reference']} {d['city']}" if d["reference"] else d["call"] or "network",
           f"{d['title']}-{d['language']}-{d['sha256'][:8]}.pdf") for d in found),
    ])[2:]  # fmt: skip
    documents: list[tuple[UUID | None, Member]] = [
        (d["id"], Member(name, d["sha256"], d["size"], d["crc32"], d["issued_at"]))
        for d, name in zip(found, names, strict=True)
    ]
    manifest = _kept(files, MANIFEST, _manifest(found, names), at)
    sums = "".join(f"{m.sha256}  {m.name}\n" for m in (manifest, *(m for _, m in documents)))
    items = [(None, manifest), (None, _kept(files, SUMS, sums.encode(), at)), *documents]
    told: list[Any] = [[m.name, m.sha256, m.size, m.crc32, m.at.isoformat()] for _, m in items]
    return Sealed(items, hashlib.sha256(rfc8785.dumps(told)).hexdigest(), Archive(m for _, m in items).length)


def write_answers(session: Session, files: Files, bundle_id: UUID, go: Go) -> Sealed:
    """Write the workbook and put it into storage. `go` is told how far it is, from 0 to 1. Raises Unwanted when it says no,
    gateways.files.StorageError."""
    bundle = session.get_one(Bundle, bundle_id)
    call = calls.by_key(session, bundle.chosen["call"])
    assert call is not None
    account = session.get_one(Account, bundle.account_id)
    actor = accounts.actor_of(session, account, bundle.made_at)
    chosen = sa.select(BundleItem.dossier_id).where(BundleItem.bundle_id == bundle_id)
    conditions = [*answer_tables.readable(actor, board.Filters(call_id=call.id)), Dossier.id.in_(chosen)]
    told, language = calls.definition(call), bundle.language
    with tempfile.TemporaryFile() as file:
        rows = (
            row
            for portion in _told(answer_tables.portions(session, conditions), bundle.chosen["count"], go)
            for row in tables.rows(portion, told, language)
        )
        title = translations(language).gettext("Dossiers")
        tablefiles.write(file, title, tables.head(told, language), rows, large=True, cut=tables.cut(language))
        size = file.seek(0, io.SEEK_END)
        return Sealed((), files.put_file(file), size)


def record(session: Session, bundle_id: UUID, sealed: Sealed, now: datetime) -> None:
    """Note that the bundle is ready, with its files in their order, unless it was cancelled or another worker did."""
    wanted = sa.and_(Bundle.id == bundle_id, Bundle.ready_at.is_(None), Bundle.cancelled_at.is_(None))
    values = {
        "ready_at": now,
        "progress": 1.0,
        "sha256": sealed.sha256,
        "size": sealed.size,
        "files": len(sealed.items),
    }
    if not session.execute(sa.update(Bundle).where(wanted).values(values)).rowcount:  # type: ignore[attr-defined]
        return
    if sealed.items:
        session.execute(sa.delete(BundleItem).where(BundleItem.bundle_id == bundle_id))
        session.execute(sa.insert(BundleItem), [
            {"bundle_id": bundle_id, "position": position, "document_id": document_id, "name": m.name,
             "sha256": m.sha256, "size": m.size, "crc32": m.crc32, "at": m.at}
            for position, (document_id, m) in enumerate(sealed.items)
        ])  # fmt: skip


def _told(portions: Iterable[list[Filed]], count: int, go: Go) -> Iterator[list[Filed]]:
    done = 0
    for portion in portions:
        if not go(done / count):
            raise Unwanted
        yield portion
        done += len(portion)


def _check(count: int, none: str) -> None:
    if not count:
        raise InvalidInput({"chosen": (Refusal(none, target="chosen"),)})
    if count > MOST_FILES:
        told = N_("A bundle holds at most %(most)s documents; %(count)s are chosen. Choose fewer kinds or files.")
        refusal = Refusal(told, {"most": MOST_FILES, "count": count}, target="chosen")
        raise InvalidInput({"chosen": (refusal,)})


def _begin(session: Session, form: str, chosen: Mapping[str, Any], *, actor: Actor, now: datetime) -> Bundle:
    bundle = Bundle(
        id=new_id(), account_id=actor.person, form=form, language=actor.language, chosen=dict(chosen), made_at=now,
        progress=0.0, files=0,
    )  # fmt: skip
    session.add(bundle)
    session.flush()
    return bundle


def _lay_out(session: Session, bundle: Bundle, now: datetime) -> None:
    """See to it that a worker lays out what is missing, and does so before it comes to the bundle."""
    found = {job.subject_id: job for job in _rendering(session, bundle.id)}
    for document_id in session.scalars(_missing(bundle.id)):
        if document_id not in found:
            queue.enqueue(session, JobKind.RENDER, document_id, now=now)
        elif found[document_id].status == JobStatus.FAILED:
            queue.retry(session, found[document_id].id, now)


def _rendering(session: Session, bundle_id: UUID) -> Sequence[Job]:
    """The jobs that lay out and sign what is missing, the latest last."""
    kinds = (JobKind.RENDER, JobKind.SIGN)
    jobs = sa.select(Job).where(Job.kind.in_(kinds), Job.subject_id.in_(_missing(bundle_id)))
    return session.scalars(jobs.order_by(Job.queued_at, Job.id)).all()


def _missing(bundle_id: UUID) -> sa.Select[UUID]:
    """The documents that cannot be handed out yet."""
    query = sa.select(Document.id).join(BundleItem, BundleItem.document_id == Document.id)
    return query.where(BundleItem.bundle_id == bundle_id, STORED.is_(None))


def _enqueue(session: Session, bundle: Bundle, now: datetime) -> None:
    queue.enqueue(session, JobKind.BUNDLE, bundle.id, now=now, priority=PRIORITY)


def _kept(files: Files, name: str, content: bytes, at: datetime) -> Member:
    return Member(name, files.put(content), len(content), zlib.crc32(content), at)


def _manifest(found: Sequence[Mapping[str, Any]], names: Sequence[str]) -> bytes:
    lines = [tablefiles.MARK, tablefiles.csv_line(MANIFEST_HEAD)]
    for one, name in zip(found, names, strict=True):
        told = {
            **one,
            "name": name,
            "issued_at": f"{one['issued_at']:%Y-%m-%dT%H:%M:%SZ}",
            "crc32": f"{one['crc32']:08x}",
        }
        lines.append(tablefiles.csv_line([told[column] for column in MANIFEST_HEAD]))
    return "".join(lines).encode()
