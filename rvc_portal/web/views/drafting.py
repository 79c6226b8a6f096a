"""The text of an annual meeting on its way: drafted by the Secretariat and the Steering Group, commented on by the member cities,
sealed by the Secretariat, and corrected by errata afterwards. To others a draft does not exist."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Role
from rvc_portal.gateways import network
from rvc_portal.models.base import db
from rvc_portal.models.clause import Clause
from rvc_portal.models.drafting import ClauseComment
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import conclusions as texts
from rvc_portal.queries import drafting as query
from rvc_portal.queries import members
from rvc_portal.services import adoption, clause_links, clause_owners, conclusions, drafting, errata
from rvc_portal.services.errata import Correction
from rvc_portal.web import draft_page, labels, meeting_page
from rvc_portal.web.access import requires_role, signed_in
from rvc_portal.web.forms import drafting as forms
from rvc_portal.web.forms import follow_up as clause_forms
from rvc_portal.web.forms.base import PortalForm, problems, uuid_in
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("drafting", __name__, url_prefix="/meetings/<int:edition>")

SHOW, PIECE, REVISIONS, SEAL, ERRATA = (
    f"drafting/{name}.html" for name in ("show", "piece", "revisions", "seal", "errata")
)
ONE = "/draft/<uuid:clause_id>"


@bp.get("/draft")
@signed_in
def show(edition: int) -> Response:
    """The whole draft, with what is said of it."""
    return page(SHOW, **draft_page.draft(_read(edition)))


@bp.post("/draft/begin")
@requires_role(*query.DRAFTERS)
def begin(edition: int) -> Response:
    """Begin the draft: empty, or (`copied`) with the text of the last meeting."""
    copied = forms.OrderForm().to.data == "copy"
    drafting.begin(db.session(), meeting_page.of(edition), copied=copied, actor=actor(), now=now())
    return done(url_for(".show", edition=edition), message=_("The draft has begun."))


@bp.post("/draft/add")
@requires_role(*query.DRAFTERS)
def add(edition: int) -> Response:
    """Add a clause or a sub-clause."""
    meeting, form = meeting_page.of(edition), forms.AddForm()
    if not form.validate_on_submit():
        return form_error(SHOW, **draft_page.draft(meeting, form))
    how, _mark, which = (form.where.data or "").partition(":")
    beside = _clause(meeting, uuid_in(which)) if how else None
    try:
        made = drafting.add(
            db.session(), meeting, form.typed, under=beside if how == "under" else None,
            after=beside if how == "after" else None, actor=actor(), now=now(),
        )  # fmt: skip
    except Refused as refused:
        db.session.rollback()  # the place that was made for it
        _take(form, refused)
        return form_error(SHOW, status=409, **draft_page.draft(meeting_page.of(edition), form))
    return _back(meeting, made, _("The clause is added."))


@bp.get(ONE)
@signed_in
def piece(edition: int, clause_id: UUID) -> Response:
    """One piece of the text: both languages, its place, comments, owners."""
    meeting = _read(edition)
    return page(PIECE, **draft_page.piece(meeting, _clause(meeting, clause_id)))


@bp.get(f"{ONE}/revisions")
@signed_in
def revisions(edition: int, clause_id: UUID) -> Response:
    """Every revision of a piece, word by word."""
    meeting = _read(edition)
    return page(REVISIONS, **draft_page.revisions(meeting, _clause(meeting, clause_id)))


@bp.post(ONE)
@requires_role(*query.DRAFTERS)
def save(edition: int, clause_id: UUID) -> Response:
    """Save both languages; where somebody else was faster, show both versions and save none."""
    meeting, clause, form = *_found(edition, clause_id), forms.TextsForm()
    if not form.validate_on_submit():
        return form_error(PIECE, **draft_page.piece(meeting, clause, texts=form))
    try:
        changed = drafting.save(db.session(), clause, form.typed, form.seen, actor=actor(), now=now())
    except drafting.Revised as revised:
        return _revised(meeting, clause, revised, texts=form)
    except Refused as refused:
        return _refused(meeting, clause, refused, texts=form)
    return _back(meeting, clause, _("The text is saved.") if changed else _("Nothing was changed."))


@bp.post(f"{ONE}/split")
@requires_role(*query.DRAFTERS)
def split(edition: int, clause_id: UUID) -> Response:
    """Part the text where its lines are broken."""
    meeting, clause, form = *_found(edition, clause_id), forms.TextsForm(prefix="split-")
    try:
        drafting.split(db.session(), clause, form.typed, form.seen, actor=actor(), now=now())
    except InvalidInput as error:
        form.take(error)
        return form_error(PIECE, **draft_page.piece(meeting, clause, split=form))
    except drafting.Revised as revised:
        return _revised(meeting, clause, revised, split=form)
    except Refused as refused:
        return _refused(meeting, clause, refused, split=form)
    return _back(meeting, clause, _("The clause is split; the numbers follow."))


@bp.post(f"{ONE}/merge")
@requires_role(*query.DRAFTERS)
def merge(edition: int, clause_id: UUID) -> Response:
    """Make the next one a part of this one."""
    meeting, clause = _found(edition, clause_id)
    drafting.merge(db.session(), clause, seen=_seen(), actor=actor(), now=now())
    return _back(meeting, clause, _("Both are one clause now; the numbers follow."))


@bp.post(f"{ONE}/place")
@requires_role(*query.DRAFTERS)
def move(edition: int, clause_id: UUID) -> Response:
    """Take it to another place."""
    meeting, clause, form = *_found(edition, clause_id), forms.OrderForm()
    if form.place is None:
        raise InvalidInput({"to": (Refusal(N_("Choose a place.")),)})
    drafting.move(db.session(), clause, form.place, seen=form.seen.data or 0, actor=actor(), now=now())
    return _back(meeting, clause, _("The clause is moved; the numbers follow."))


@bp.post(f"{ONE}/remove")
@requires_role(*query.DRAFTERS)
def remove(edition: int, clause_id: UUID) -> Response:
    """Take it out of the text; it stays in the record."""
    meeting, clause = _found(edition, clause_id)
    drafting.remove(db.session(), clause, seen=_seen(), actor=actor(), now=now())
    return done(url_for(".show", edition=meeting.edition), message=_("The clause is removed; it can be brought back."))


@bp.post(f"{ONE}/restore")
@requires_role(*query.DRAFTERS)
def restore(edition: int, clause_id: UUID) -> Response:
    """Bring a removed one back."""
    meeting, clause = _found(edition, clause_id)
    drafting.restore(db.session(), clause, actor=actor(), now=now())
    return _back(meeting, clause, _("The clause is back, as the last one."))


@bp.post(f"{ONE}/comments")
@signed_in
def comment(edition: int, clause_id: UUID) -> Response:
    """Say something of a piece, or answer."""
    meeting = _read(edition)
    clause, form = _clause(meeting, clause_id), forms.CommentForm()
    form.offer()
    answered = _comment(clause, uuid_in(form.answer_to.data)) if form.answer_to.data else None
    if not form.validate_on_submit():
        given = {"answering": answered.id if answered else None}
        return form_error(PIECE, **draft_page.piece(meeting, clause, comment=form, **given))
    try:
        drafting.comment(
            db.session(), clause, form.text.data or "", form.language.data, member=_for_city(form), answer_to=answered,
            actor=actor(), now=now(),
        )  # fmt: skip
    except Refused as refused:
        return _refused(meeting, clause, refused, comment=form)
    return done(_url(meeting, clause) + "#comments", message=_("Your comment is there for all who draft."))


@bp.post(f"{ONE}/comments/<uuid:comment_id>/resolve")
@requires_role(*query.DRAFTERS)
def resolve(edition: int, clause_id: UUID, comment_id: UUID) -> Response:
    """A comment is dealt with."""
    meeting, clause = _found(edition, clause_id)
    drafting.resolve(db.session(), _comment(clause, comment_id), actor=actor(), now=now())
    return done(_url(meeting, clause) + "#comments", message=_("The comment is dealt with."))


@bp.post(f"{ONE}/owners")
@requires_role(*query.DRAFTERS)
def owners(edition: int, clause_id: UUID) -> Response:
    """Who sees to it, and by when."""
    meeting, clause, form = *_found(edition, clause_id), clause_forms.OwnersForm()
    if form.validate_on_submit():
        try:
            clause_owners.set_due(db.session(), clause, form.due_on.data, actor=actor(), now=now())
            clause_owners.set_owners(db.session(), clause, form.chosen(), actor=actor(), now=now())
        except InvalidInput as error:
            return _wrong(edition, clause_id, "owners", form, error)
        return done(_url(meeting, clause) + "#owners", message=_("Owners and day are saved."))
    return form_error(PIECE, **draft_page.piece(meeting, clause, owners=form))


@bp.post(f"{ONE}/links")
@requires_role(*query.DRAFTERS)
def link(edition: int, clause_id: UUID) -> Response:
    """Name what it launches."""
    meeting, clause, form = *_found(edition, clause_id), clause_forms.LinkForm()
    if form.validate_on_submit():
        try:
            clause_links.link(db.session(), clause, *form.chosen(), actor=actor(), now=now())
        except InvalidInput as error:
            return _wrong(edition, clause_id, "link", form, error)
        return done(_url(meeting, clause) + "#launches", message=_("The link is saved."))
    return form_error(PIECE, **draft_page.piece(meeting, clause, link=form))


@bp.post(f"{ONE}/links/remove")
@requires_role(*query.DRAFTERS)
def unlink(edition: int, clause_id: UUID) -> Response:
    """Take a link back."""
    meeting, clause, form = *_found(edition, clause_id), clause_forms.LinkForm()
    clause_links.unlink(db.session(), clause, *form.chosen(), actor=actor(), now=now())
    return done(_url(meeting, clause) + "#launches", message=_("The link is taken back."))


@bp.post(f"{ONE}/adopt")
@requires_role(Role.SECRETARIAT)
def adopt(edition: int, clause_id: UUID) -> Response:
    """The meeting has adopted it."""
    meeting, clause = _found(edition, clause_id)
    adoption.adopt(db.session(), clause, actor=actor(), now=now())
    return _back(meeting, clause, _("The adoption is recorded."))


@bp.post(f"{ONE}/reopen")
@requires_role(Role.SECRETARIAT)
def reopen(edition: int, clause_id: UUID) -> Response:
    """Take an adoption back."""
    meeting, clause, form = *_found(edition, clause_id), forms.ReopenForm()
    if not form.validate_on_submit():
        return form_error(PIECE, **draft_page.piece(meeting, clause, reopening=form))
    adoption.reopen(db.session(), clause, reason=form.reason.data or "", actor=actor(), now=now())
    return done(_url(meeting, clause), message=_("The adoption is taken back; the text can be changed again."))


@bp.route("/draft/seal", methods=["GET", "POST"])
@requires_role(Role.SECRETARIAT)
def seal(edition: int) -> Response:
    """Close the text for ever: what stands in the way, or the last question before it."""
    meeting, form = meeting_page.of(edition), forms.OrderForm()
    if form.is_submitted():
        conclusions.seal(db.session(), edition=edition, actor=actor(), now=now())
        message = _("The text is sealed; its documents are being made.")
        return done(url_for("meetings.show", edition=edition), message=message)
    there = texts.of(db.session(), meeting)
    gaps = [(gap.target, labels.refusal(gap)) for gap in conclusions.gaps(there)]
    return page(SEAL, meeting=meeting, gaps=gaps, clauses=len(there.clauses))


@bp.get("/errata")
@requires_role(Role.SECRETARIAT)
def list_errata(edition: int) -> Response:
    """What was corrected of the sealed text, and the form for one more."""
    return page(ERRATA, **draft_page.errata(meeting_page.of(edition), forms.ErratumForm(formdata=None)))


@bp.post("/errata")
@requires_role(Role.SECRETARIAT)
def correct(edition: int) -> Response:
    """Issue an erratum."""
    meeting, form = meeting_page.of(edition), forms.ErratumForm()
    context = draft_page.errata(meeting, form)
    if form.validate_on_submit():
        wanted = Correction(
            form.language.data, form.reads.data or "", form.should_read.data or "", form.reason.data or "",
            form.reason_language.data,
        )  # fmt: skip
        try:
            errata.issue(db.session(), _clause(meeting, uuid_in(form.piece.data)), wanted, actor=actor(), now=now())
        except InvalidInput as error:
            form.take(error)
        else:
            url = url_for("meetings.show", edition=edition) + "#papers"
            return done(url, message=_("The erratum is issued; its documents are being made."))
    return form_error(ERRATA, **context | {"errors": problems(form)})


def _read(edition: int) -> Meeting:
    """The meeting, for whoever may see its draft. Raises NotFound for others."""
    if not texts.takes_part(actor()):
        raise NotFound
    return meeting_page.of(edition)


def _clause(meeting: Meeting, clause_id: UUID | None) -> Clause:
    found = query.piece(db.session(), meeting, clause_id) if clause_id else None
    if found is None:
        raise NotFound
    return found


def _found(edition: int, clause_id: UUID) -> tuple[Meeting, Clause]:
    meeting = meeting_page.of(edition)
    return meeting, _clause(meeting, clause_id)


def _comment(clause: Clause, comment_id: UUID | None) -> ClauseComment:
    found = query.comment(db.session(), clause, comment_id) if comment_id else None
    if found is None:
        raise NotFound
    return found


def _for_city(form: forms.CommentForm) -> Any:
    """The city for which somebody comments: the one that was named, else the only one; None for who drafts."""
    own = members.own_cities(db.session(), actor())
    named = next((c for c in own if str(c.id) == form.member.data), None)
    return named or (None if query.writes(actor()) or not own else own[0])


def _seen() -> int:
    return forms.OrderForm().seen.data or 0


def _url(meeting: Meeting, clause: Clause) -> str:
    return url_for(".piece", edition=meeting.edition, clause_id=clause.id)


def _back(meeting: Meeting, clause: Clause, message: str) -> Response:
    """To the piece's place in the whole draft."""
    name = query.name_of(texts.of(db.session(), meeting), clause)
    return done(url_for(".show", edition=meeting.edition) + f"#clause-{name}", message=message)


def _take(form: PortalForm, refused: Refused) -> None:
    """What was refused, above the form: whoever typed it keeps it."""
    form.form_errors.extend(labels.refusal(refusal, network.timezone()) for refusal in refused.refusals)


def _refused(meeting: Meeting, clause: Clause, refused: Refused, **given: PortalForm) -> Response:
    """The piece as it stands, with why nothing was saved and what was typed."""
    _take(next(iter(given.values())), refused)
    return form_error(PIECE, status=409, **draft_page.piece(meeting, clause, **given))


def _revised(meeting: Meeting, clause: Clause, revised: drafting.Revised, **given: Any) -> Response:
    """The piece again with both versions of what somebody else has revised; what was typed stands in the form, and would take
    the place of theirs."""
    form = next(iter(given.values()))
    for clash in revised.clashes:
        form[f"seen_{clash.language}"].data = clash.theirs.revision
    return form_error(PIECE, status=409, **draft_page.piece(meeting, clause, clashes=revised.clashes, **given))


def _wrong(edition: int, clause_id: UUID, which: str, form: PortalForm, error: InvalidInput) -> Response:
    """The page again with what is wrong; nothing of what was refused is shown as if it were so."""
    db.session.rollback()
    form.take(error)
    meeting, clause = _found(edition, clause_id)
    return form_error(PIECE, **draft_page.piece(meeting, clause, **{which: form}))
