"""What the pages of a city at work show: its sections, its pieces, the mayor's sign-off, and what still stands between
the file and its submission."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from rvc_portal.domain import team
from rvc_portal.domain.call import MAYOR, CallDefinition, SignOff
from rvc_portal.domain.errors import NotFound, Refusal
from rvc_portal.domain.form import Form, Question, Section
from rvc_portal.domain.vocabulary import N_, Permission, Role
from rvc_portal.models.base import db
from rvc_portal.queries import calls, deadlines, dossiers, presence
from rvc_portal.queries import submission as query
from rvc_portal.queries.facts import sign_off_states
from rvc_portal.services import transitions
from rvc_portal.services.contexts import answers as printed
from rvc_portal.web import dossier_page, labels, places_page
from rvc_portal.web.access import may
from rvc_portal.web.forms.submission import Asked, Correction, asked, hangs, wording
from rvc_portal.web.session import arrived_at, now
from rvc_portal.web.two_texts import two_texts

Context = dict[str, Any]

STATES = {
    "not_started": N_("Not started"),
    "in_progress": N_("In progress"),
    "complete": N_("Complete"),
    "to_correct": N_("To be corrected"),
}
SIGN_OFFS = {
    "none": N_("Not asked for yet"),
    "asked": N_("Asked for, not answered yet"),
    "given": N_("Signed off"),
    "refused": N_("Declined"),
    "outdated": N_("The file was changed since: a new sign-off is needed"),
}
ENDORSEMENTS = SIGN_OFFS | {
    "given": N_("Endorsed"),
    "refused": N_("Endorsement declined"),
    "outdated": N_("The file was changed since: a new endorsement is needed"),
}


@dataclass(frozen=True)
class Obstacle:
    """What stands against submission, and where it is put right."""

    text: str
    url: str | None


def definition() -> CallDefinition:
    """The call's definition of this request's dossier."""
    return calls.definition(g.dossier.call)


def section(number: str) -> Section:
    """The section with this number. Raises NotFound."""
    for found in definition().form.sections:
        if found.number == number:
            return found
    raise NotFound


def section_url(found: Section, question: str | None = None, **more: Any) -> str:
    """The address of a section, or of one question in it."""
    anchor = f"ask-{question}" if question else None
    return url_for("submission.section", dossier_id=g.dossier.id, number=found.number, _anchor=anchor, **more)


def frame(values: Mapping[str, Any], current: Section | None = None) -> Context:
    """What every page of the work has: head, the list of sections, the return that is being answered."""
    told = definition()
    standing = query.sections(told, values, _named())
    returned = query.returned(db.session(), g.dossier)
    return {
        **dossier_page.head(),
        "standing": standing,
        "contents": [_item(s, current) for s in standing],
        "section_states": STATES,
        "returned": returned,
        "corrections": _corrections(returned, values) if returned else {},
        "deadline": deadlines.of_dossier(g.dossier),
        "too_late": too_late(),
        "my_parts": [part_label(key) for key in parts_named()],
        "section_url": section_url,
        "wording": wording,
    }


def section_page(
    found: Section, *, check: str = "", typed: Mapping[str, Any] | None = None, rows: tuple[str, int] | None = None,
    reasons: Sequence[str] = (), overtaken: Collection[str] = (),
) -> Context:  # fmt: skip
    """One section with its questions. `check`: "wrong" sums up what is wrong, "all" what is missing too; `typed`:
    values that could not be kept; `rows`: a question and how many rows it shall show; `reasons`: sentences on top;
    `overtaken`: keys of questions that somebody else answered meanwhile."""
    kept = dossiers.answers(db.session(), g.dossier.id)
    authors = dossiers.authors(db.session(), g.dossier.id)
    values = {key: answer.value for key, answer in kept.items()}
    form, language = definition().form, g.dossier.language
    framed = frame(values, found)
    questions: list[Asked] = []
    for q in found.questions:
        hanging = hangs(form, q, values, {a.question.key for a in questions if a.is_field})
        is_open = _is_open(q)
        if hanging and not hanging.holds and not is_open:
            continue  # to be read, not to be filled in: what is not asked is no part of it
        questions.append(
            asked(
                form, q, kept.get(q.key), printed.question(form, q, values.get(q.key), language), is_open=is_open,
                value=(typed or {}).get(q.key), rows=rows[1] if rows and rows[0] == q.key else 0,
                lacking=check == "all", author=authors.get(q.key), hangs=hanging,
                texts=two_texts(q, kept[q.key], (typed or {})[q.key]) if q.key in overtaken else None,
                correction=framed["corrections"].get(q.key),
            )
        )  # fmt: skip
    place = form.sections.index(found)
    return {
        **framed,
        "section": found,
        "questions": questions,
        "phrase": wording(form.nothing_relevant),
        "writing": any(a.open for a in questions),
        "colleagues": colleagues(),
        "revisions": {q.key: kept[q.key].revision for q in found.questions if q.key in kept},
        "summary": [(None, reason) for reason in reasons] + (_summary(questions) if check else []),
        "previous": form.sections[place - 1] if place else None,
        "next": form.sections[place + 1] if place + 1 < len(form.sections) else None,
        "check": check,
    }


@dataclass(frozen=True)
class Colleague:
    """Somebody else at work on this dossier, and on which section."""

    name: str
    section: Section


def colleagues() -> list[Colleague]:
    """Everybody else who has a section of this request's dossier open."""
    found = presence.colleagues(db.session(), g.dossier.id, g.actor.account_id, now())
    by_key = {s.key: s for s in definition().form.sections}
    return [Colleague(c.name, by_key[c.section]) for c in found if c.section in by_key]


def task_list(**more: Any) -> Context:
    """Everything that is to be done before the file can be submitted."""
    values = dossiers.values(db.session(), g.dossier.id)
    context = frame(values)
    parts = [(s.done, s.asked) for s in context["standing"]]
    return {
        **context,
        "pieces": query.pieces(db.session(), g.dossier),
        "done": sum(done for done, _all in parts),
        "asked": sum(asked for _done, asked in parts),
        "sign_offs": sign_offs(values),
        "obstacles": obstacles(),
        **places_page.of_country(g.dossier.call, g.dossier.lead_country or "", g.dossier.field or ""),
        "is_lead": Role.LEAD in g.roles,
        "errors": [],
    } | more


def sign_offs(
    values: Mapping[str, Any], *, kind: str = "", wrong: Mapping[str, list[str]] | None = None,
    typed: Mapping[str, str] | None = None,
) -> list[Context]:  # fmt: skip
    """Every sign-off of the call: where it stands, who was asked when, whom to ask next. `kind`, `wrong`, `typed`: the
    request that could not be sent, what is wrong with it and what it said."""
    rows, standing = dossiers.sign_offs(db.session(), g.dossier.id), sign_off_standing()
    found = []
    for wanted in definition().sign_offs:
        requests = [row for row in rows if row.kind == wanted.key]
        state = standing[wanted.key]
        mine = wanted.key == kind
        found.append(
            {
                "key": wanted.key, "label": wording(wanted.label), "hint": wording(wanted.ask_hint),
                "mayor": wanted.key == MAYOR, "required": wanted.required, "state": state,
                "state_label": sign_off_label(wanted.key, state), "latest": requests[0] if requests else None,
                "earlier": requests[1:], "wrong": wrong if mine and wrong else {},
                "typed": typed if mine and typed else _whom(wanted, values),
            }
        )  # fmt: skip
    return found


def sign_off_standing() -> dict[str, str]:
    """Where each sign-off of the work in hand stands."""
    return sign_off_states(db.session(), g.dossier)


def obstacles() -> list[Obstacle]:
    """What stands against submission, questions by section: for whoever works at the file, lead or not."""
    form, wrong = definition().form, {r.target for r in refusals() if about_answer(r)}
    counts = {s.key: sum(q.key in wrong for q in s.questions) for s in form.sections}
    return [_in_section(form, key, count) for key, count in counts.items() if count] + other_obstacles()


def other_obstacles() -> list[Obstacle]:
    """What stands against submission apart from answers: the calendar, pieces, the sign-off, a limit."""
    told = definition()
    rest = [r for r in refusals() if not about_answer(r)]
    return [Obstacle(labels.refusal(r, told.timezone), _where(r, told)) for r in rest]


def refusals() -> tuple[Refusal, ...]:
    """Everything that the table holds against submitting now, as the lead would hear it."""
    if "submit_refusals" not in g:
        language = labels.reader_language()
        offers = transitions.offered(db.session(), g.dossier, frozenset({Role.LEAD}), now=now(), language=language)
        found = [o for o in offers if o.transition.name in ("submit", "resubmit")]
        g.submit_refusals = found[0].refusals if found else ()
    kept: tuple[Refusal, ...] = g.submit_refusals
    return kept


def about_answer(refusal: Refusal) -> bool:
    """Whether a refusal speaks of an answer, and not of a piece, the calendar or a limit."""
    return "question" in refusal.params


def sign_off_label(kind: str, state: str) -> str:
    """Where a sign-off stands, in words."""
    return str(_((SIGN_OFFS if kind == MAYOR else ENDORSEMENTS)[state]))


def question_label(question: Question) -> str:
    """A question by number and words."""
    return f"{question.number} {wording(question.label)}"


def _in_section(form: Form, key: str, count: int) -> Obstacle:
    found = form.section(key)
    text = ngettext(
        "Section %(number)s, %(title)s: one question to complete",
        "Section %(number)s, %(title)s: %(num)s questions to complete",
        count, number=found.number, title=wording(found.title),
    )  # fmt: skip
    return Obstacle(text, section_url(found, check="all"))


def _where(refusal: Refusal, told: CallDefinition) -> str | None:
    if refusal.target in {p.key for p in told.pieces}:
        return _piece_url(str(refusal.target))
    if (refusal.target or "").startswith("sign-off"):
        return url_for("submission.sections", dossier_id=g.dossier.id, _anchor=refusal.target)
    return None


def too_late() -> bool:
    """Whether the file's time is over while it has not lapsed yet: it is read and printed, and nothing is saved."""
    return may(Permission.WRITE) and deadlines.of_dossier(g.dossier).is_past(arrived_at())


def may_change(key: str) -> bool:
    """Whether this person may change the question or piece at all; a returned file may still keep it shut."""
    return may(Permission.WRITE) and team.covers(parts_named(), definition().form, key)


def parts_named() -> Sequence[str]:
    """The parts of the file that this person was invited to change; empty for all."""
    if "parts_named" not in g:
        limited = Role.EDITOR in g.roles
        g.parts_named = dossiers.parts_of(db.session(), g.actor, g.dossier) if limited else ()
    kept: Sequence[str] = g.parts_named
    return kept


def part_label(key: str) -> str:
    """A part of the file in words."""
    if key == team.PIECES:
        return str(_("Pieces"))
    found = definition().form.section(key)
    return f"{found.number}. {wording(found.title)}"


def _is_open(question: Question) -> bool:
    return may_change(question.key) and not too_late() and query.is_open(g.dossier, question.key)


def _corrections(returned: query.Returned, values: Mapping[str, Any]) -> dict[str, Correction]:
    """What the return names, in the order of the form, pieces last: why, and whether it was changed since."""
    told, changed = definition(), query.changed_since(db.session(), g.dossier, values)
    labels_of = {q.key: (question_label(q), section_url(s, q.key)) for s in told.form.sections for q in s.questions}
    labels_of |= {p.key: (wording(p.label), _piece_url(p.key)) for p in told.pieces}
    return {
        key: Correction(key, label, url, returned.notes.get(key, ""), returned.language, key in changed)
        for key, (label, url) in labels_of.items()
        if key in returned.questions
    }


def _piece_url(key: str) -> str:
    return url_for("pieces.index", dossier_id=g.dossier.id, _anchor=f"piece-{key}")


def _named() -> Sequence[str]:
    return g.dossier.questions_named if g.dossier.state == "returned" else ()


def _item(standing: query.SectionStanding, current: Section | None) -> Context:
    return {
        "label": wording(standing.section.title),
        "url": section_url(standing.section),
        "current": current is not None and standing.section.key == current.key,
        "done": standing.state == "complete",
        "number": standing.section.number,
    }


def _summary(questions: Sequence[Asked]) -> list[tuple[str, str]]:
    return [
        (name, question_label(a.question) + _(": ") + sentence)
        for a in questions
        if a.open
        for name, sentences in a.errors.items()
        for sentence in sentences
    ]


def _whom(asked: SignOff, values: Mapping[str, Any]) -> dict[str, str]:
    """Whom to ask as the file names them, to begin with."""
    names = (_answer(values, path) for path in asked.name_from)
    return {"name": " ".join(n for n in names if n), "email": _answer(values, asked.email_from)}


def _answer(values: Mapping[str, Any], path: str) -> str:
    """The text at `question` or `question.part`; nothing where there is none."""
    key, _dot, part = path.partition(".")
    value = values.get(key)
    found = value.get(part) if isinstance(value, dict) else None if part else value
    return found.strip() if isinstance(found, str) else ""
