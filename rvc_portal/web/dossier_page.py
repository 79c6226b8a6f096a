"""What the page of a dossier shows to the person who asks: state, timeline, acts, documents, history.

Everything here passes the rules of reading (`domain.policy`): a city's page is the same, byte for byte, whatever
happens to its file between admission and publication.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _

from rvc_portal.domain.blindness import Names
from rvc_portal.domain.policy import Reader
from rvc_portal.domain.timeline import stations
from rvc_portal.domain.vocabulary import Permission, Role, Signing, Stage
from rvc_portal.domain.workflow import Offer, Transition
from rvc_portal.models.base import db
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import blindness, calls, desk, documents, dossiers, feedback, history, replies
from rvc_portal.queries.deadlines import of_dossier as deadline_of
from rvc_portal.services import deadlines, transitions
from rvc_portal.web import labels
from rvc_portal.web.access import may
from rvc_portal.web.session import actor, now

Context = dict[str, Any]
Told = Sequence[tuple[JournalEntry, str | None]]

PARTS = ("part_state", "part_timeline", "part_next", "part_actions", "part_documents", "part_history")

PAGES = {
    "submit": "submit", "resubmit": "submit", "return": "return", "advise": "opinion", "defer": "opinion",
    "decide": "decision", "extend": "deadline", "admit_late": "deadline", "readmit": "deadline",
}  # fmt: skip
"""Transitions that have a page of their own, below the dossier's address."""

GIVE_TIME = ("extend", "admit_late", "readmit")
"""One page gives a file time; which of these it is depends on where the file stands."""

BROUGHT_ALONG = {"advise", "defer", "close_sheet"}
"""Acts whose guards judge what the page brings along: before that there is nothing to refuse."""


def reader() -> Reader:
    """The person before the dossier of this request."""
    return documents.reader(db.session(), actor(), g.dossier, g.roles)


def evaluators_told() -> Names:
    """How the person is told of the evaluators of the dossier of this request; read once."""
    if "evaluators_told" not in g:
        g.evaluators_told = blindness.names(db.session, g.dossier, actor(), g.roles, _)
    names: Names = g.evaluators_told
    return names


def inside() -> bool:
    """Whether the person sees the true state."""
    return may(Permission.SEE_INSIDE)


def page(**more: Any) -> Context:
    """All that the page needs. `more`: what a form that was wrong adds (`typed`, `wrong`)."""
    to = reader()
    journal = dossiers.history(db.session, g.dossier.id)
    return {
        **head(),
        "timeline": _timeline(journal),
        "until": _until(),
        "next_step": labels.next_step(g.procedure, g.dossier.state, inside=inside()),
        "links": list(_links()),
        "acts": list(_acts()),
        "version": None if _hidden() else g.dossier.version,
        **document_list(to),
        "complete": url_for("dossier.complete", dossier_id=g.dossier.id) if may(Permission.READ) else None,
        "history": _history(to, journal),
        "feedback": _feedback(),
        "typed": {},
        "wrong": {},
    } | more


def _feedback() -> Sequence[Context]:
    """What the city was told by criterion, for everybody who reads its file once the outcome is out."""
    if g.procedure.states[g.dossier.state].stage is not Stage.PUBLICATION or not may(Permission.READ):
        return []
    language = labels.reader_language()
    found = feedback.told(db.session(), g.dossier)
    return [{"label": line.criterion.label.of(language), "texts": line.texts} for line in found]


def head() -> Context:
    """What stands at the head of every page of the dossier: names, field, state."""
    dossier, told = g.dossier, calls.definition(g.dossier.call)
    lead = dossier.parties[0]
    return {
        "dossier": dossier,
        "lead": lead,
        "call_title": labels.call_title(dossier.call),
        "zone": told.timezone,
        "field_label": field_label(dossier.call, dossier.field),
        "state_key": labels.state_key(g.procedure, dossier.state, inside=inside()),
        "state_label": labels.state(g.procedure, dossier.state, inside=inside()),
    }


def contents(sections: Sequence[Context]) -> list[Context]:
    """The list of sections beside the file; the pieces come last."""
    parts = [(labels.wording(s["title"] or {}), f"#section-{s['number']}", s["number"]) for s in sections]
    parts.append((_("Pieces"), "#pieces", len(parts) + 1))
    return [{"label": label, "url": url, "current": False, "number": number} for label, url, number in parts]


def field_label(call: Any, key: str | None) -> str:
    """The creative field in the reader's language, as the call words it."""
    if not key:
        return ""
    label = calls.definition(call).creative_field(key).label
    return labels.wording({"en": label.en, "fr": label.fr})


def document_list(to: Reader) -> Context:
    """The documents that this person may have, and whether one is still being made."""
    found = documents.of_dossier(db.session, g.dossier, to, evaluators_told())
    return {"documents": [document_item(shown) for shown in found], "preparing": documents.preparing(found)}


def document_item(shown: documents.Shown) -> Context:
    """One document as the list's macro wants it."""
    row = shown.document
    label = labels.document(row.kind)
    return {
        "label": f"{label} – {shown.seat}" if shown.seat else label,
        "status": _document_status(shown),
        "url": url_for("documents.download", document_id=row.id),
        "pages": row.pages,
        "size": row.stored_size,
        "sha256": row.stored_sha256,
        "signing": Signing.SIGNED if row.file_sha256 else row.signing,
        "at": row.issued_at,
        "language": row.language,
        "language_name": labels.language(row.language),
        **(_work(shown) if not row.ready else {}),
    }


def _work(shown: documents.Shown) -> Context:
    """How far the worker is with it; why it failed, and the address that has it tried again by this person."""
    by_reader = g.get("actor") is not None and not shown.kept_back
    return {
        "page": shown.page,
        "reason": labels.job_reason(shown.error) if shown.failed else None,
        "retry": url_for("documents.retry", document_id=shown.document.id) if shown.failed and by_reader else None,
    }


def _document_status(shown: documents.Shown) -> str:
    if not shown.document.ready:
        return "failed" if shown.failed else "preparing" if shown.work.startswith(("running", "page")) else "queued"
    if shown.document.superseded_at is not None:
        return "set_aside" if shown.set_aside else "superseded"
    return "held" if shown.document.held else "ready"


def _hidden() -> bool:
    """Whether the file stands in a state that this person may not tell from others."""
    return not inside() and g.procedure.states[g.dossier.state].city_label is not None


def _timeline(journal: Told) -> list[Context]:
    zone = calls.definition(g.dossier.call).timezone
    found = stations(g.procedure, _moves(journal), inside=inside())
    return [
        {"label": _(s.label), "status": s.status, "at": s.at, "zone": zone,
         "until": _until() if s.status == "current" else None}
        for s in found
    ]  # fmt: skip


def _moves(journal: Told) -> list[tuple[str, datetime]]:
    """The states that the dossier went through, as far as this person may know them."""
    table = g.procedure.transitions
    found = [(g.procedure.initial, g.dossier.created_at)]
    for entry, _name in journal:
        moved = entry.payload.get("from") != entry.payload.get("to") and entry.transition in table
        if moved and (inside() or table[entry.transition].told_to_city):
            found.append((entry.payload["to"], entry.at))
    if not _hidden() and found[-1][0] != g.dossier.state:
        found.append((g.dossier.state, g.dossier.state_since_at))
    return found


def _until() -> datetime | None:
    """When the present step is to be done, after the call's calendar; None for a file that came to its end."""
    state = g.procedure.states[g.dossier.state]
    if state.final:
        return None
    if g.dossier.state in ("draft", "returned"):
        return deadline_of(g.dossier).shown
    window = calls.definition(g.dossier.call).windows.get("publication" if _hidden() else state.stage)
    return window.closes_at if window else None


def _links() -> Iterable[Context]:
    """Pages of the dossier that these rights open."""
    base = url_for("dossier.show", dossier_id=g.dossier.id)
    ways = (
        (Permission.WRITE, "sections", _("Go on with the form"), "pen"),
        (Permission.READ, "file", _("Read the file"), "document"),
        *_latest_receipt(),
        (Permission.TEAM, "team", _("Team"), "people"),
        (Permission.SCREEN, "screening", _("Screening checklist"), "check"),
        (Permission.ASSIGN, "evaluators", _("Evaluators"), "people"),
        (Permission.SEE_RESULTS, "evaluation", _("Scores and reasons"), "flag"),
        (Permission.WRITE_FEEDBACK, "feedback", _("Feedback to the city"), "pen"),
        (Permission.READ_DISCUSSION, "discussion", _("Discussion"), "people"),
        *_answer_on_facts(),
    )
    for permission, path, label, icon in ways:
        if may(permission):
            yield {"label": label, "url": f"{base}/{path}", "icon": icon}
    if Role.EVALUATOR in g.roles:
        for assignment_id, seat in desk.assignments_of(db.session, actor(), g.dossier.id):
            label = _("Evaluation sheet – %(seat)s", seat=seat)
            yield {"label": label, "url": f"/assignments/{assignment_id}", "icon": "pen"}


def _answer_on_facts() -> Iterable[tuple[Permission, str, str, str]]:
    """The ways to what the city checks and answers, where its call has that."""
    if replies.rules(g.dossier.call) and Role.SECRETARIAT in g.roles:
        yield Permission.SEE_RESULTS, "passages", _("Passages for the city to check"), "pen"
    if replies.may_read(g.dossier, g.roles):
        yield Permission.READ, "reply", _("Facts to check"), "check"


def _latest_receipt() -> Iterable[tuple[Permission, str, str, str]]:
    """The way to the receipt of the latest filing, where one was filed."""
    filing = dossiers.latest_filing(db.session(), g.dossier.id) if may(Permission.READ_FILINGS) else None
    if filing is not None:
        yield Permission.READ_FILINGS, f"filings/{filing.number}", _("Receipt"), "submitted"


def _acts() -> Iterable[Context]:
    """The acts that the table offers, one button each; what stands against it in words."""
    language = labels.reader_language()
    found = transitions.offered(db.session, g.dossier, g.roles, now=now(), language=language)
    seen: set[str] = set()
    for offer in found:
        if offer.transition.name in GIVE_TIME and offer.transition.name != deadlines.act_of(g.dossier):
            continue
        act = _act(offer)
        if act["url"] not in seen and offer.transition.name != "close_sheet":  # its page is the sheet's
            seen.add(act["url"])
            yield act
    if _hidden() and Role.LEAD in g.roles and "withdraw" not in {o.transition.name for o in found}:
        # A button that vanished would tell the city that its file has moved on.
        yield _act(Offer(g.procedure.transitions["withdraw"], ()))


def _act(offer: Offer) -> Context:
    transition = offer.transition
    base = url_for("dossier.show", dossier_id=g.dossier.id)
    own_page = PAGES.get(transition.name) if transition.has_page else None
    zone = calls.definition(g.dossier.call).timezone
    against = [] if transition.name in BROUGHT_ALONG else offer.refusals
    return {
        "name": transition.name,
        "label": _opinion_label(transition),
        "url": f"{base}/{own_page}"
        if own_page
        else url_for("dossier.act", dossier_id=g.dossier.id, name=transition.name),
        "own_page": own_page is not None,
        "needs_reason": transition.needs_reason,
        "refusals": [labels.refusal(r, zone) for r in against if r.target not in ("questions", "outcome", "until")],
        "kind": "danger"
        if transition.name in ("withdraw", "dismiss")
        else "secondary"
        if transition.name in ("reopen", *GIVE_TIME)
        else "primary",
    }


def _opinion_label(transition: Transition) -> str:
    return (
        str(_("Opinion of the Steering Group"))
        if PAGES.get(transition.name) == "opinion"
        else labels.transition(transition)
    )


def _history(to: Reader, journal: Told) -> list[Context]:
    """The acts in words, the latest first."""
    zone = calls.definition(g.dossier.call).timezone
    return [_entry(act, zone) for act in history.acts(db.session(), g.dossier, journal, to, evaluators_told())]


def _entry(act: history.Act, zone: str) -> Context:
    label = _capital(labels.message(*act.label, zone))
    if act.until is not None:
        label = _("%(act)s: until %(moment)s", act=label, moment=labels.until(act.until, zone))
    return {
        "at": act.at,
        "who": labels.role(act.who) if isinstance(act.who, Role) else act.who,
        "label": label,
        "reason": act.reason,
        "state": _named_state(act.reached) if act.reached else None,
    }


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _named_state(key: str) -> tuple[str, str]:
    sees = inside()
    return labels.state_key(g.procedure, key, inside=sees), labels.state(g.procedure, key, inside=sees)
