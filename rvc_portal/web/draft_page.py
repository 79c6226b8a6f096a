"""The pages of a draft as their templates want them: the text with who wrote what, places to choose, comments, owners."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _

from rvc_portal.domain import outline as rules
from rvc_portal.domain.difference import difference
from rvc_portal.domain.following import Owner
from rvc_portal.domain.outline import Outline, Place
from rvc_portal.domain.vocabulary import OWNERS, OwnerKind, Role
from rvc_portal.gateways import network
from rvc_portal.language import LANGUAGES
from rvc_portal.models.base import db
from rvc_portal.models.clause import Clause, ClauseOwner, ClauseText
from rvc_portal.models.drafting import ClauseComment
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import conclusions as texts
from rvc_portal.queries import drafting as query
from rvc_portal.queries import follow_up, members
from rvc_portal.queries.conclusions import CLAUSE, PREAMBLE, TITLE, Conclusions
from rvc_portal.services import conclusions, drafting
from rvc_portal.web import follow_up_page, labels, look, meeting_page
from rvc_portal.web.forms import drafting as forms
from rvc_portal.web.forms import follow_up as clause_forms
from rvc_portal.web.forms.base import Option, PortalForm, problems
from rvc_portal.web.session import actor

Context = dict[str, Any]


def draft(meeting: Meeting, adding: forms.AddForm | None = None) -> Context:
    """The whole draft. As many statements however long it is."""
    session = db.session()
    there = texts.of(session, meeting)
    told = _Told(meeting, there)
    order = query.outline(there)
    writes = query.writes(actor()) and meeting.sealed_at is None
    form = adding or forms.AddForm(formdata=None)
    form.where.choices = list(_where(there))
    return {
        "meeting": meeting, "tabs": meeting_page.tabs(meeting, "drafting.show"), "zone": network.timezone(),
        "languages": languages(), "writes": writes,
        "seals": actor().has(Role.SECRETARIAT),
        "begun": bool(there.head or there.clauses), "source": query.before(session, meeting) if not there.head else None,
        "head": [told.piece(kind, there.head[kind]) for kind in (TITLE, PREAMBLE) if kind in there.head],
        "clauses": [
            {**told.piece(str(number), clause, order if writes else ()), "parts": [
                told.piece(f"{number}{letter}", part, order if writes else ())
                for letter, part in zip(texts.LETTERS, parts, strict=False)
            ]} for number, (clause, parts) in enumerate(there.clauses, start=1)
        ],
        "seen": told.seen, "changes": [labels.refusal(drafting.sentence(c), network.timezone()) for c in told.changes],
        "removed": [_texts(clause) | {"url": url_for("drafting.restore", edition=meeting.edition, clause_id=clause.id),
                                      "id": clause.id, "at": clause.removed_at} for clause in query.removed(session, meeting)],
        "gaps": len(conclusions.gaps(there)) if there.clauses else None,
        "form": form, "errors": problems(form), "outcome": _outcome(there),
    }  # fmt: skip


def piece(meeting: Meeting, clause: Clause, **given: Any) -> Context:
    """One piece. `given`: a form as it was sent, by what it is (`texts`, `split`, `comment`, `owners`, `link`, `reopening`), and
    `clashes` (drafting.Clash)."""
    session = db.session()
    there = texts.of(session, meeting)
    order = query.outline(there)
    name = query.name_of(there, clause)
    told = _Told(meeting, there)
    open_ = name is not None and clause.adopted_at is None and meeting.sealed_at is None
    is_clause = clause.kind == CLAUSE
    writes = query.writes(actor())
    return {
        "meeting": meeting, "zone": network.timezone(), "languages": languages(), "clause": clause, "name": name,
        "called": called(clause, name), "row": told.piece(name or "", clause), "is_clause": is_clause,
        "open": open_, "writes": writes, "draws": writes and open_, "chairs": actor().has(Role.SECRETARIAT),
        "seen": told.seen, "url": url_for("drafting.piece", edition=meeting.edition, clause_id=clause.id),
        "texts": given.get("texts") or _filled(clause), "clashes": _clashes(given.get("clashes", ())),
        "kept": [] if open_ else list(_kept(given)),
        "split": given.get("split") or _filled(clause), "splitting": "split" in given,
        "places": list(_places(order, clause.id)) if writes and open_ and is_clause else [],
        "following": _following(there, order, clause) if open_ and is_clause else None,
        "threads": [_thread(*found) for found in query.comments(session, clause)],
        "comment": _comment_form(given.get("comment")), "answering": given.get("answering"),
        "cities": [Option(str(c.id), c.city) for c in members.own_cities(session, actor())],
        "owners": _owners_form(clause, told.owners.get(clause.id, []), given.get("owners")) if writes else None,
        "launched": [
            follow_up_page.launched(found, inside=True)
            for found in follow_up.launched(session, [clause.id]).get(clause.id, ())
        ],
        "link": (given.get("link") or clause_forms.LinkForm(formdata=None)) if writes else None,
        "targets": follow_up_page.targets(meeting) if writes else {},
        "reopening": given.get("reopening") or forms.ReopenForm(formdata=None),
        "errors": [e for form in given.values() if isinstance(form, PortalForm) for e in problems(form)],
    }  # fmt: skip


def revisions(meeting: Meeting, clause: Clause) -> Context:
    """Every revision of a piece in each language, the latest first, each against the one before it."""
    who = query.writers(db.session(), meeting)
    name = query.name_of(texts.of(db.session(), meeting), clause)
    found = []
    for code, label in languages():
        rows = [t for t in clause.texts if t.language == code]
        earlier = ["", *(t.text for t in rows)]
        told = [
            {"number": t.revision, "at": t.written_at, "who": _author(t, who), "runs": difference(was, t.text)}
            for t, was in zip(rows, earlier, strict=False)
        ]  # fmt: skip
        found.append({"code": code, "label": label, "rows": told[::-1]})
    return {
        "meeting": meeting, "clause": clause, "called": called(clause, name), "found": found,
        "zone": network.timezone(),
    }  # fmt: skip


def errata(meeting: Meeting, form: forms.ErratumForm) -> Context:
    """What was corrected, and the form for one more."""
    form.offer()
    named = list(texts.of(db.session(), meeting).named())
    form.piece.choices = [Option(str(clause.id), called(clause, name)) for name, clause in named]
    names = {clause.id: called(clause, name) for name, clause in named}
    return {
        "meeting": meeting, "form": form, "errors": problems(form), "zone": network.timezone(),
        "rows": [{"number": e.number, "place": names[e.clause_id], "at": e.issued_at, "language": e.language,
                  "reads": e.reads, "should_read": e.should_read} for e in query.errata(db.session(), meeting)],
    }  # fmt: skip


def languages() -> list[tuple[str, str]]:
    """The Network's languages, the reader's first: code and name."""
    ordered = sorted(LANGUAGES, key=lambda code: code != labels.reader_language())
    return [(code, labels.language(code).capitalize()) for code in ordered]


def called(clause: Clause, name: str | None) -> str:
    """What a piece is called in a sentence."""
    if clause.kind == TITLE:
        return str(_("Title"))
    if clause.kind == PREAMBLE:
        return str(_("Preamble"))
    return str(_("Clause %(name)s", name=name) if name else _("A clause that was removed"))


class _Told:
    """What is told beside each piece, asked for the whole text at once."""

    def __init__(self, meeting: Meeting, there: Conclusions) -> None:
        session = db.session()
        self.meeting, self.there = meeting, there
        self.who = query.writers(session, meeting)
        self.comments = query.open_comments(session, meeting)
        self.owners = query.owners(session, meeting)
        self.changes = query.changes(session, meeting)
        self.seen = self.changes[0].number if self.changes else 0

    def piece(self, name: str, clause: Clause, order: Outline[UUID] = ()) -> Context:
        last = max(clause.texts, key=lambda t: (t.written_at, t.revision), default=None)
        mark = f"{name[-1]})" if name[-1:].isalpha() else f"{name}."
        return {
            "id": clause.id, "name": name, "anchor": f"clause-{name}", "kind": clause.kind, "called": called(clause, name),
            "mark": mark if clause.kind == CLAUSE else "", **_texts(clause), "adopted_at": clause.adopted_at,
            "comments": self.comments.get(clause.id, 0), "due": look.whole_day(clause.due_on) if clause.due_on else None,
            "owners": [_owner(owner) for owner in self.owners.get(clause.id, [])],
            "last": {"at": last.written_at, "who": _author(last, self.who)} if last else None,
            "url": url_for("drafting.piece", edition=self.meeting.edition, clause_id=clause.id),
            "steps": list(_steps(order, clause.id)) if order and clause.adopted_at is None else [],
        }  # fmt: skip


def _texts(clause: Clause) -> Context:
    return {"texts": {code: clause.text(code) for code in LANGUAGES}}


def _author(text: ClauseText, who: Mapping[UUID, str]) -> str:
    return who[text.written_by] if text.written_by else str(_("read in from a file"))


def _outcome(there: Conclusions) -> Context:
    counted = [clause for clause, _parts in there.clauses]
    return {"clauses": len(counted), "adopted": sum(c.adopted_at is not None for c in counted)}


def _owner(owner: ClauseOwner) -> str:
    kind = OwnerKind(owner.owner)
    return owner.member.city if owner.member else str(_(OWNERS[kind]))


def _steps(order: Outline[UUID], key: UUID) -> Iterator[tuple[str, str, str]]:
    """The next places of a clause: value, what a button says, and an icon."""
    found = [
        (rules.step(order, key, -1), _("Up"), "up"), (rules.step(order, key, 1), _("Down"), "down"),
        (rules.lower(order, key), _("Make it a sub-clause"), "right"),
        (rules.higher(order, key), _("Make it a clause"), "left"),
    ]  # fmt: skip
    for place, label, icon in found:
        if place is not None:
            yield str(forms.place_option(place, label).value), label, icon


def _where(there: Conclusions) -> Iterator[Option]:
    yield Option("", _("As the last clause"))
    for number, (clause, parts) in enumerate(there.clauses, start=1):
        yield Option(f"after:{clause.id}", _("Behind clause %(name)s", name=number))
        if clause.adopted_at is None and len(parts) < len(texts.LETTERS):
            yield Option(f"under:{clause.id}", _("As a sub-clause of clause %(name)s", name=number))


def _places(order: Outline[UUID], key: UUID) -> Iterator[Option]:
    """Every place that a clause may go to, as it would be called there."""
    here = rules.place_of(order, key)
    rest = rules.remove(order, key)
    yield Option("", forms.nothing_chosen())
    for index in range(len(rest) + 1):
        if Place(None, index) != here:
            yield forms.place_option(Place(None, index), _("As clause %(name)s", name=index + 1))
    has_parts = any(entry.key == key and entry.parts for entry in order)
    for number, entry in enumerate(rest if not has_parts else (), start=1):
        for index in range(min(len(entry.parts) + 1, len(texts.LETTERS))):
            if Place(entry.key, index) != here:
                name = f"{number}{texts.LETTERS[index]}"
                yield forms.place_option(Place(entry.key, index), _("As sub-clause %(name)s", name=name))


def _following(there: Conclusions, order: Outline[UUID], clause: Clause) -> str | None:
    """What the next one is called, with which this one can be merged."""
    found = rules.next_of(order, clause.id)
    return rules.names(order)[found] if found else None


def _filled(clause: Clause) -> forms.TextsForm:
    form = forms.TextsForm(formdata=None)
    for code in LANGUAGES:
        form[code].data = clause.text(code)
        form[f"seen_{code}"].data = max((t.revision for t in clause.texts if t.language == code), default=0)
    return form


def _clashes(found: tuple[drafting.Clash, ...]) -> list[Context]:
    return [
        {"language": labels.language(c.language), "code": c.language, "at": c.theirs.written_at, "theirs": c.theirs.text,
         "who": author_of(c.theirs), "runs": difference(c.theirs.text, rules.whole(c.typed))}
        for c in found
    ]  # fmt: skip


def author_of(text: ClauseText) -> str:
    """Who wrote a revision."""
    return _author(text, query.writers(db.session(), text.clause.meeting))


def _kept(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What somebody typed where nothing can be saved any more: what it was, and the text."""
    for form in (given.get("texts"), given.get("split")):
        if form is not None:
            yield from ((name, form[code].data) for code, name in languages() if form[code].data)
    if given.get("comment") is not None:
        yield str(_("Your comment")), given["comment"].text.data or ""


def _thread(found: ClauseComment, answers: list[ClauseComment]) -> Context:
    return {**_said(found), "resolved_at": found.resolved_at, "answers": [_said(answer) for answer in answers]}


def _said(found: ClauseComment) -> Context:
    return {
        "id": found.id, "text": found.text, "language": found.language, "at": found.written_at,
        "who": found.person.name, "city": found.member.city if found.member else None,
    }  # fmt: skip


def _comment_form(given: forms.CommentForm | None) -> forms.CommentForm:
    form = given or forms.CommentForm(formdata=None)
    form.offer()
    return form


def _owners_form(
    clause: Clause, owners: list[ClauseOwner], given: clause_forms.OwnersForm | None
) -> clause_forms.OwnersForm:
    own = [Owner(OwnerKind(o.owner), o.member_id, o.member.city if o.member else None) for o in owners]
    form = given or clause_forms.OwnersForm(
        formdata=None, owners=[str(o.member_id or o.kind) for o in own], due_on=clause.due_on
    )  # fmt: skip
    form.offer(own, follow_up_page.cities())
    return form
