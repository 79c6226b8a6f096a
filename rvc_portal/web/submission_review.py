"""The last look before a file is submitted: everything as it will print, with what is wrong beside it."""

from typing import Any

from flask import g
from flask_babel import gettext as _

from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.base import db
from rvc_portal.queries import dossiers
from rvc_portal.queries import submission as query
from rvc_portal.services.contexts import answers as printed
from rvc_portal.web import filing_page, labels


def review() -> dict[str, Any]:
    """The context of the page that submits."""
    told = filing_page.definition()
    values = dossiers.values(db.session(), g.dossier.id)
    where = {q.key: s for s in told.form.sections for q in s.questions}
    wrong: dict[str, list[str]] = {}
    for refusal in filing_page.refusals():
        if filing_page.about_answer(refusal):
            wrong.setdefault(str(refusal.target), []).append(labels.refusal(refusal, told.timezone))
    standing = filing_page.sign_off_standing()
    words, answered, asked = printed.counts(told.form, values)
    return {
        **filing_page.frame(values),
        "sections": printed.sections(told, values, g.dossier.language),
        "pieces": query.pieces(db.session(), g.dossier),
        "wrong": wrong,
        "errors": _errors(wrong, where),
        "where": lambda key: _way(where[key], key),
        "counts": {"words": words, "answered": answered, "asked": asked},
        "sign_offs": [
            (filing_page.wording(s.label), filing_page.sign_off_label(s.key, standing[s.key])) for s in told.sign_offs
        ],
        "is_lead": Role.LEAD in g.roles,
    }


def _way(section: Any, key: str) -> str:
    """To where the answer can be changed; nowhere for one that is shut."""
    return filing_page.section_url(section, key, check="all") if query.is_open(g.dossier, key) else ""


def _errors(wrong: dict[str, list[str]], where: dict[str, Any]) -> list[filing_page.Obstacle]:
    """Questions first, one line each with its first fault, then whatever else stands against submission."""
    form = filing_page.definition().form
    lines = [
        filing_page.Obstacle(
            filing_page.question_label(form.question(key)) + _(": ") + sentences[0],
            filing_page.section_url(where[key], key, check="all"),
        )
        for key, sentences in wrong.items()
    ]
    return lines + filing_page.other_obstacles()
