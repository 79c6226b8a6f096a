"""Every page of the portal, found from its routes: the demonstration has an example for each, or a test fails.

A visit is one page as one person sees it. Which objects a route can show is tried out: the route is asked, in this
process, with the objects of the demonstration, as each person in turn.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from flask_security.recoverable import generate_reset_password_token

from benchmarks.visits import cookie
from rvc_portal import jobs, settings
from rvc_portal.app import create_app
from rvc_portal.demonstration import cast, demo
from rvc_portal.documents import pdf
from rvc_portal.domain.vocabulary import EVALUATING_SEATS, Doc, JobKind, Role, SeatKind
from rvc_portal.models.account import Account
from rvc_portal.models.agenda import MeetingItem, MeetingPaper
from rvc_portal.models.ballot import Ballot
from rvc_portal.models.base import db
from rvc_portal.models.bundle import Bundle
from rvc_portal.models.call import Call
from rvc_portal.models.clause import Clause
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier, Membership
from rvc_portal.models.evaluation import Assignment, Evaluation
from rvc_portal.models.filled_form import FilledForm
from rvc_portal.models.job import Job, Mail
from rvc_portal.models.mandate import Mandate
from rvc_portal.models.meeting import Delegate, Meeting, MeetingTask
from rvc_portal.models.pack import Pack, Upload
from rvc_portal.models.proposal import Proposal
from rvc_portal.models.reminder import Reminder
from rvc_portal.models.seat import Member, Seat, SeatHolder
from rvc_portal.models.steering import SteeringSession
from rvc_portal.queries import accounts as people
from rvc_portal.queries import board, calls
from rvc_portal.queries.catalogue import Filters
from rvc_portal.services import accounts, bundles, mailing, registration
from rvc_portal.settings import MIGRATIONS

NO_PAGES = frozenset(
    {
        "static",
        "home.health",
        "account.session_state",
        "board.as_csv",
        "board.as_xlsx",
        "progress.as_csv",
        "progress.as_xlsx",
        "supervision.as_csv",
        "evaluators.as_csv",
        "evaluators.as_xlsx",
        "proposals.template",
        "bundles.answers",
        "bundles.fetch",
        "bundles.fetch_answers",
        "offline.files",
        "offline.sheets",
        "documents.download",
        "dossier.piece",
        "floor.live",
        "sign_off.piece",
        "filings.canonical",
        "pieces.earlier",
        "pieces.figure",
        "dossier.preview",
        "sign_off.preview",
        "sittings.live",
        "agenda.as_ical",
        "agenda.paper",
        "delegates.as_csv",
        "calendar.as_ical",
        "steering.opinion",  # leads to the sitting that has the file on its agenda
    }
)
"""Routes that answer with a file or to a script, not with a page."""
FOR_EVERYBODY = frozenset({"desk.index", "account.profile", "board.index", "dossier.show", "follow_up.clause"})
"""Pages that differ by person so much that each person's is worth a look."""
WITH_EVERY = {
    "dossier.show": "dossier_id",
    "evaluation.sheet": "assignment_id",
    "submission.section": "number",
    "proposals.show": "proposal_id",
    "ballots.show": "ballot_id",
    "sittings.show": "sitting_id",
    "bundles.show": "bundle_id",
    "agenda.show": "edition",
    "workshops.index": "edition",
    "delegates.index": "edition",
    "meeting_tasks.index": "edition",
    "drafting.piece": "clause_id",
    "drafting.show": "edition",
    "drafting.seal": "edition",
    "meetings.show": "edition",
    "follow_up.index": "edition",
}
"""Pages that differ so much by one of their objects that each of these is worth a look."""
OF_THE_CITY = ("submission.", "pieces.")
"""Pages that look different to a city at work on its file: it is asked first."""


@dataclass(frozen=True)
class Person:
    """Who looks: a role of the demonstration, and the Cookie header of its browser; nobody has none."""

    name: str
    email: str | None = None
    cookie: str | None = None


@dataclass(frozen=True)
class Visit:
    """One page to look at. `name`: what it is, in letters that a file's name may have."""

    name: str
    endpoint: str
    url: str
    person: Person


NOBODY = Person("nobody")


def demonstration(folder: Path, *, drawn: bool) -> Flask:
    """The demonstration's application on a database in `folder`; without `drawn`, its documents are empty files."""
    environ = {"RVC_DATA": str(folder), "RVC_DEMONSTRATION": "1", "RVC_SECRET_KEY": "pages"}
    app = create_app(settings.read(environ))
    app.extensions["security"].pwd_context.update(argon2__time_cost=1, argon2__memory_cost=8, argon2__parallelism=1)
    with app.app_context():
        upgrade(str(MIGRATIONS))
    with _as_it_is() if drawn else _undrawn():
        demo.prepare(app, now=datetime.now(UTC), progress=lambda done, of: None)
    with app.app_context():
        _register_somebody()
        _send_some(app)
        _bundle_some(app)
        _call_a_sitting()
        _fill_in_a_form()
    return app


def persons(app: Flask) -> list[Person]:
    """Nobody, each role of the demonstration, signed in, and somebody who still owes the code of a second factor."""
    found = [NOBODY]
    with app.app_context():
        for role, email, _ in demo.sign_ins():
            account = people.by_email(db.session(), email)
            assert account is not None, email
            session = accounts.start_session(db.session(), account, datetime.now(UTC))
            found.append(Person(_plain(role), email, cookie(app, session.id.hex)))
        officer = people.by_email(db.session(), cast.OFFICER)
        assert officer is not None
        half = accounts.start_session(db.session(), officer, datetime.now(UTC), complete=False)
        found.append(Person("half-signed-in", None, cookie(app, half.id.hex)))
        db.session.commit()
    return found


def visits(app: Flask, everybody: Sequence[Person]) -> Iterator[Visit]:
    """A visit to each page, by the first person that may see it; some by everybody or with every object. Raises
    LookupError, at the end, naming the routes that the demonstration has no example for."""
    with app.app_context():
        objects = _objects(everybody)
        db.session.rollback()
    client = app.test_client(use_cookies=False)
    missing = []
    for endpoint, arguments in sorted(_pages(app).items()):
        found = False
        for visit in _tried(app, client, endpoint, arguments, objects, everybody):
            found = True
            yield visit
        if not found:
            missing.append(endpoint)
    if missing:
        raise LookupError(f"no example for: {', '.join(missing)}")


def speak(app: Flask, language: str) -> None:
    """Let every account read the portal in this language."""
    with app.app_context():
        db.session.execute(sa.update(Account).values(language=language))
        db.session.commit()


def _pages(app: Flask) -> dict[str, frozenset[str]]:
    """The arguments of each route that shows a page, by endpoint."""
    rules = [r for r in app.url_map.iter_rules() if not r.build_only and "GET" in (r.methods or ())]
    return {r.endpoint: frozenset(r.arguments) for r in rules if r.endpoint not in NO_PAGES}


def _tried(
    app: Flask, client: FlaskClient, endpoint: str, arguments: frozenset[str],
    objects: Mapping[str, Mapping[str, Any]], everybody: Sequence[Person],
) -> Iterator[Visit]:  # fmt: skip
    """What can be seen: one page of the route, or one for each object or person where that is worth it."""
    each = WITH_EVERY.get(endpoint)
    others = sorted(arguments - {each})
    first = [p for p in everybody if p.name.startswith("applicant")] if endpoint.startswith(OF_THE_CITY) else []
    for fixed in objects[each].items() if each else [None]:
        choices = list(itertools.product(*(objects[name].items() for name in others)))
        for who, chosen in itertools.product([first, everybody] if first else [everybody], choices):
            named = list(zip(others, chosen, strict=True)) + ([(each, fixed)] if each and fixed else [])
            with app.test_request_context():
                url = app.url_for(endpoint, **{name: value for name, (_, value) in named})
            seeing = _seeing(app, client, url, who)
            wanted = list(seeing) if endpoint in FOR_EVERYBODY else list(itertools.islice(seeing, 1))
            for person in wanted:
                label = "-".join(_plain(part) for part in (endpoint, *(label for _, (label, _) in named), person.name))
                yield Visit(label, endpoint, url, person)
            if wanted:
                break


def _seeing(app: Flask, client: FlaskClient, url: str, everybody: Sequence[Person]) -> Iterator[Person]:
    """Who gets a page at this address."""
    for person in everybody:
        headers = {"Cookie": person.cookie} if person.cookie else {}
        answer = client.get(url, headers=headers)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            yield person


def _objects(everybody: Sequence[Person]) -> dict[str, dict[str, Any]]:
    """Values for each argument of a route, by a label: a dossier in each state, each kind of sheet, and so on."""
    session = db.session()
    made = session.scalars(sa.select(Call).order_by(Call.opens_at.desc())).all()
    states = session.execute(sa.select(Dossier.state, Dossier.id).order_by(_belongs_to(everybody), Dossier.reference))
    by_state = dict(states.all())
    sections = calls.definition(made[0]).form.sections
    shown = dict(sorted(by_state.items()))
    holder = session.scalars(_acting(SeatKind.COORDINATOR)).first()
    assert holder is not None
    closed = sa.select(Evaluation.id).where(
        Evaluation.closed_at.is_not(None), Evaluation.dossier_id.in_(shown.values())
    )
    return {
        "key": {_plain(call.key): call.key for call in made},
        "dossier_id": shown,
        "file_id": {"file": by_state["in_evaluation"]},
        "sheet_id": {"sheet": session.scalars(closed.order_by(Evaluation.closed_at).limit(1)).one()},
        "filing": {"filing-1": 1},
        "number": {f"section-{section.number}": section.number for section in sections},
        "assignment_id": _assignments(everybody),
        "seat_id": {
            "seat": session.scalars(_at_work(by_state["in_evaluation"])).first(),
            "own": session.scalars(_own_seats(everybody)).first(),
            "coordinator": holder.seat_id,
        },
        "account_id": {"direction": session.scalar(sa.select(Account.id).where(Account.email == cast.DIRECTION))},
        "member_id": {
            "new": session.scalars(sa.select(Member.id).order_by(Member.dossier_id.is_(None), Member.city)).first()
        },
        "edition": {f"meeting-{edition}": edition for edition in session.scalars(sa.select(Meeting.edition))},
        "clause_id": _clauses(),
        "clause_name": {"clause": "3a"},
        "holder_id": {"coordinator": holder.id},
        "slot_id": {
            "workshop": session.scalars(sa.select(MeetingItem.id).where(MeetingItem.field == "literature")).first()
        },
        "paper_id": {"paper": session.scalars(sa.select(MeetingPaper.id)).first()},
        "delegate_id": {"delegate": session.scalars(sa.select(Delegate.id)).first()},
        "task_id": {"task": session.scalars(sa.select(MeetingTask.id)).first()},
        "mandate_id": {"mandate": session.scalars(sa.select(Mandate.id).order_by(Mandate.until_at.desc())).first()},
        "ballot_id": {
            f"{b.kind}-{'counted' if b.counted_at else 'open'}": b.id for b in session.scalars(sa.select(Ballot))
        },
        "proposal_id": {
            f"{p.source}-{'cancelled' if p.cancelled_at else 'ready'}": p.id
            for p in session.scalars(sa.select(Proposal))
        },
        "bundle_id": {
            f"{b.form}-{'ready' if b.ready_at else 'running'}": b.id for b in session.scalars(sa.select(Bundle))
        },
        "filled_id": {"filled": session.scalars(sa.select(FilledForm.id)).first()},
        "reminder_id": {"sent": session.scalars(sa.select(Reminder.id)).first()},
        "pack_id": {"pack": session.scalars(sa.select(Pack.id)).first()},
        "upload_id": {"upload": session.scalars(sa.select(Upload.id)).first()},
        "code": {"code": _code(session.scalars(sa.select(Mail).where(Mail.template == "sign_off")).all()[-1])},
        "invitation_code": {
            "invitation": _code(session.scalars(sa.select(Mail).where(Mail.template == "team_invitation")).all()[-1])
        },
        "evaluator_code": {
            "invitation": _code(
                session.scalars(
                    sa.select(Mail).where(Mail.template == "evaluator_invitation").order_by(Mail.created_at)
                ).all()[-1]
            )
        },
        "document_code": {
            "document": session.scalars(sa.select(Document.code).where(Document.held.is_(False))).first()
        },
        "token": {"token": generate_reset_password_token(_account(everybody))},
        "confirmation_token": {
            "confirmation": _code(session.scalars(sa.select(Mail).where(Mail.template == "confirm")).all()[-1])
        },
        "name": {"mail": _mail_name()},
        "sitting_id": {
            "closed" if s.closed_at else "open" if s.opened_at else "planned": s.id
            for s in session.scalars(sa.select(SteeringSession))
        },
    }


def _clauses() -> dict[str, UUID]:
    """Of the text that is drafted, the clause that was written or changed last, and one that is adopted."""
    draft = sa.select(Clause).join(Meeting, Meeting.id == Clause.meeting_id).where(
        Meeting.sealed_at.is_(None), Clause.kind == "clause", Clause.parent_id.is_(None), Clause.removed_at.is_(None)
    )  # fmt: skip
    rows = db.session.scalars(draft.order_by(Clause.position)).all()
    adopted = next(clause for clause in rows if clause.adopted_at)
    return {"commented": rows[0].id, "adopted": adopted.id}


def _acting(kind: SeatKind) -> sa.Select[SeatHolder]:
    """Who acts for seats of this kind longest."""
    return sa.select(SeatHolder).join(Seat).where(Seat.kind == kind).order_by(SeatHolder.until_at.desc(), SeatHolder.id)


def _at_work(dossier_id: UUID) -> sa.Select[UUID]:
    """The seats whose sheet on the dossier is still awaited."""
    query = sa.select(Assignment.seat_id).outerjoin(Evaluation, Evaluation.assignment_id == Assignment.id)
    here = query.where(Assignment.dossier_id == dossier_id, Assignment.ended_at.is_(None))
    return here.where(Evaluation.closed_at.is_(None)).order_by(Assignment.seat_id)


def _own_seats(everybody: Sequence[Person]) -> sa.Select[Any]:
    """The evaluating seats of those who look, an expert's first."""
    query = sa.select(Seat.id).join(SeatHolder).join(Account, Account.id == SeatHolder.account_id)
    theirs = query.where(Account.email.in_([p.email for p in everybody if p.email]), Seat.kind.in_(EVALUATING_SEATS))
    return theirs.order_by(Seat.kind, Seat.name)


def _belongs_to(everybody: Sequence[Person]) -> sa.ColumnElement[int]:
    """1 for the dossiers of the demonstration's own cities, so that they come last and stand for their state."""
    addresses = [p.email for p in everybody if p.email]
    theirs = sa.select(Membership.dossier_id).join(Account).where(Account.email.in_(addresses))
    return sa.case((Dossier.id.in_(theirs), 1), else_=0)


def _assignments(everybody: Sequence[Person]) -> dict[str, UUID]:
    """The demonstration's evaluators' own: one not declared yet, one sheet under way, one closed."""
    query = (
        sa.select(Assignment.id, Assignment.declared_at, Evaluation.closed_at)
        .outerjoin(Evaluation, Evaluation.assignment_id == Assignment.id)
        .join(SeatHolder, SeatHolder.seat_id == Assignment.seat_id)
        .join(Account, Account.id == SeatHolder.account_id)
        .where(Account.email.in_([p.email for p in everybody if p.email]), Assignment.ended_at.is_(None))
        .order_by(Assignment.assigned_at, Assignment.id)
    )
    found = {}
    for assignment, declared, closed in db.session.execute(query):
        found["closed" if closed else "declared" if declared else "undeclared"] = assignment
    return found


def _account(everybody: Sequence[Person]) -> Account:
    account = people.by_email(db.session(), next(p.email for p in everybody if p.email))
    assert account is not None
    return account


def _code(mail: Mail) -> str:
    return str(mail.context["path"]).rsplit("/", 1)[-1]


def _mail_name() -> str:
    from flask import current_app

    folder = current_app.extensions["rvc"].settings.mail_folder
    return str(sorted(folder.iterdir())[-1].name)


def _register_somebody() -> None:
    """Somebody who has not confirmed the address yet."""
    registration.register(
        db.session(), email="anne-charlotte.de-la-rochefoucauld@saint-jean-pied-de-port.example", language="fr",
        name="Anne-Charlotte de La Rochefoucauld", password="a river and two bridges", now=datetime.now(UTC),
    )  # fmt: skip
    db.session.commit()


def _bundle_some(app: Flask) -> None:
    """The Secretariat's: letters that are ready, and answers that the worker is still to write."""
    session, now = db.session(), datetime.now(UTC)
    officer = people.by_email(session, cast.OFFICER)
    assert officer is not None
    actor = people.actor_of(session, officer, now)
    bundles.order_documents(session, Filters(kinds=(Doc.RECEIPT, Doc.CERTIFICATE)), {}, actor=actor, now=now)
    session.execute(sa.update(Job).where(Job.kind == JobKind.BUNDLE).values(priority=0))
    session.commit()
    jobs.do_next(app)
    call = session.scalars(sa.select(Call).where(Call.published_at.is_not(None))).first()
    assert call is not None
    bundles.order_answers(session, call, board.Filters(call_id=call.id), {}, actor=actor, now=now)
    session.commit()


def _call_a_sitting() -> None:
    """A sitting of the running call that has not begun."""
    running = db.session.scalars(sa.select(Call).where(Call.published_at.is_(None), Call.demonstration)).first()
    assert running is not None
    starts_at = datetime.now(UTC) + timedelta(days=14)
    db.session.add(SteeringSession(call_id=running.id, title="Third sitting", starts_at=starts_at, place="Paris"))
    db.session.commit()


def _fill_in_a_form() -> None:
    """A form that a city of the demonstration brought back: one answer of another wording, one far too long, one new."""
    addresses = [email for _, email, _ in demo.sign_ins()]
    mine = sa.select(Membership).join(Account).join(Dossier, Dossier.id == Membership.dossier_id)
    membership = db.session.scalars(
        mine.where(Account.email.in_(addresses), Dossier.state == "draft", Membership.role == Role.LEAD)
    ).first()
    assert membership is not None
    said = {"reasons": ["Because the river makes readers."], "expected_impact": ["long " * 200]}
    said |= {"urls.3": ["www.ville.example"], "mayor.email": ["cabinet@saint-jean-pied-de-port-sur-la-riviere.example"]}
    db.session.add(
        FilledForm(
            dossier_id=membership.dossier_id, account_id=membership.account_id, content=said, sha256="0" * 64,
            name="formulaire-de-candidature-rempli-par-la-direction-de-la-culture-version-finale.pdf",
            uploaded_at=datetime.now(UTC),
        )
    )  # fmt: skip
    db.session.commit()


def _send_some(app: Flask) -> None:
    """A few mails for the page that shows them; the others wait for a worker, as they would."""
    instance = app.extensions["rvc"]
    by_template = {m.template: m.id for m in db.session.scalars(sa.select(Mail).order_by(Mail.created_at))}
    for mail_id in by_template.values():
        message = mailing.unsent(db.session(), mail_id, instance.settings.base_url, instance.files)
        if message is not None:
            instance.mailer.send(message)
    db.session.rollback()


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield


@contextmanager
def _undrawn() -> Iterator[None]:
    """Leave out the slow part of the demonstration: its letters, which no page shows."""
    draw: Callable[..., pdf.Rendered] = pdf.render

    def empty(kind: str, context: dict[str, Any], *more: object, **named: object) -> pdf.Rendered:
        content = f"%PDF-1.7 {context['document']['reference']}".encode()
        return pdf.Rendered(content, 1, sha256(content).hexdigest(), ())

    pdf.render = empty
    try:
        yield
    finally:
        pdf.render = draw


def _plain(text: str) -> str:
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in text.lower()).split())
