"""Answers that a page sends by itself while somebody writes: each alone, kept at once, or told plainly why not."""

from flask import Blueprint, Response, g, request

from rvc_portal.domain.errors import NotFound, Overtaken, Refused
from rvc_portal.domain.form import Question
from rvc_portal.domain.saving import Sent
from rvc_portal.domain.values import cleaned
from rvc_portal.domain.vocabulary import Permission
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Answer
from rvc_portal.queries import presence as query
from rvc_portal.services import presence, submission
from rvc_portal.web import filing_page, labels
from rvc_portal.web.access import requires
from rvc_portal.web.forms import submission as forms
from rvc_portal.web.htmx import page
from rvc_portal.web.session import actor, arrived_at, now
from rvc_portal.web.two_texts import two_texts

bp = Blueprint("answering", __name__, url_prefix="/dossiers/<uuid:dossier_id>")

STATUS = "submission/answer_status.html"
LONGEST_TAB = 36


@bp.post("/answers/<key>")
@requires(Permission.READ)
def save(key: str) -> Response:
    """Keep one answer. The reply stands under the question: when it was kept (200), the two texts where somebody else
    wrote meanwhile (409), or why nothing can be kept any more (409)."""
    question = _question(key)
    value = forms.typed(filing_page.definition().form, question, request.form, g.dossier.language)
    sent = Sent(
        value, base=_number("base"), tab=cleaned(request.form.get("tab", ""))[:LONGEST_TAB] or None, seq=_number("seq")
    )
    try:
        standing = submission.save_answer(
            db.session(), g.dossier, key, sent, actor=actor(), now=now(), received_at=arrived_at()
        )
    except Overtaken:
        overtaken = db.session().get_one(Answer, (g.dossier.id, key))
        return page(STATUS, status=409, question=question, texts=two_texts(question, overtaken, value), zone=_zone())
    except Refused as error:
        return page(STATUS, status=409, question=question, refused=[labels.refusal(r, _zone()) for r in error.refusals])
    return page(STATUS, question=question, asked=_shown(question, standing), zone=_zone())


@bp.post("/presence")
@requires(Permission.WRITE)
def present() -> Response:
    """Say that somebody has a section before them, and hear who else is there and what they have changed."""
    section = filing_page.section(request.form.get("section", ""))
    presence.be_present(db.session(), g.dossier, section.key, actor=actor(), now=now())
    keys = [question.key for question in section.questions]
    return page(
        "submission/colleagues.html", colleagues=filing_page.colleagues(), section=section,
        revisions=query.revisions(db.session(), g.dossier.id, keys),
    )  # fmt: skip


def _shown(question: Question, standing: Answer) -> forms.Asked:
    return forms.asked(filing_page.definition().form, question, standing, {}, is_open=True)


def _question(key: str) -> Question:
    try:
        return filing_page.definition().form.question(key)
    except KeyError:
        raise NotFound from None


def _number(name: str) -> int:
    """What the page counts; nothing that is no number, and none that no database keeps."""
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _zone() -> str:
    return filing_page.definition().timezone
