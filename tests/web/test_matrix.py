"""Every route × every role × own and other's object, in each state: what the access declarations and the table say holds.

Requests that must be refused are sent, by every method of the route; those that are allowed are sent where they change
nothing (GET). What each page does when it is allowed is for the tests of that page. The critical cells are written out
by hand below, so that a mistake in the table itself is seen as well.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from rvc_portal.domain.procedures.candidacy import CANDIDACY
from rvc_portal.domain.vocabulary import Permission, Role
from rvc_portal.models.account import Account
from rvc_portal.models.agenda import MeetingItem, MeetingPaper, MeetingPlan
from rvc_portal.models.ballot import Ballot
from rvc_portal.models.base import db
from rvc_portal.models.clause import Clause
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Attachment, Dossier, Membership
from rvc_portal.models.evaluation import Assignment
from rvc_portal.models.job import Job
from rvc_portal.models.mandate import CoOption, Mandate
from rvc_portal.models.meeting import Delegate, Meeting, MeetingTask
from rvc_portal.models.pack import Pack, Upload
from rvc_portal.models.proposal import Proposal
from rvc_portal.models.reminder import Reminder
from rvc_portal.models.seat import Member, SeatHolder
from rvc_portal.models.steering import SteeringSession
from rvc_portal.queries import calls
from rvc_portal.queries.proposals import usual_terms
from rvc_portal.services import accounts, offline, proposals, reminders
from rvc_portal.web.access import access_of
from tests.judging import Judging, database
from tests.stories import PASSWORD, town
from tests.web.browsing import START, Browser

STATES = ("draft", "submitted", "in_evaluation", "in_review", "awaiting_decision")
EVALUATED = STATES[2:]
STRANGER = "stranger@ville.example"

PEOPLE: Mapping[str, tuple[str | None, Mapping[str, frozenset[Role]]]] = {
    "nobody": (None, {}),
    "lead": ("lead@ville.example", dict.fromkeys(STATES, frozenset({Role.LEAD}))),
    "editor of a section": ("editor@ville.example", {"draft": frozenset({Role.EDITOR})}),
    "reader": ("reader@ville.example", {"draft": frozenset({Role.READER})}),
    "former member": ("former@ville.example", {}),
    "another city": (STRANGER, {}),
    "secretariat": ("officer@network.example", dict.fromkeys(STATES, frozenset({Role.SECRETARIAT}))),
    "evaluator": ("norwich@network.example", dict.fromkeys(EVALUATED, frozenset({Role.EVALUATOR}))),
    "evaluator asked": ("granada@network.example", {}),
    "evaluator with a conflict": ("lyon@network.example", {}),
    "steering": ("coordinator-1@network.example", dict.fromkeys(STATES, frozenset({Role.STEERING}))),
    "steering, recused": (
        "coordinator-2@network.example",
        {s: frozenset({Role.STEERING}) for s in STATES if s != "in_review"},
    ),
    "direction": ("direction@network.example", dict.fromkeys(STATES, frozenset({Role.DIRECTION}))),
    "administrator": ("admin@network.example", {}),
}
"""Who asks: the address, and the roles on the dossier in each state, by hand."""

ROLES_ANYWHERE: Mapping[str, frozenset[Role]] = {
    "nobody": frozenset(),
    "lead": frozenset({Role.LEAD}),
    "editor of a section": frozenset({Role.LEAD}),
    "reader": frozenset({Role.LEAD}),
    "former member": frozenset(),
    "another city": frozenset({Role.LEAD}),
    "secretariat": frozenset({Role.SECRETARIAT}),
    "evaluator": frozenset({Role.EVALUATOR}),
    "evaluator asked": frozenset({Role.EVALUATOR}),
    "evaluator with a conflict": frozenset({Role.EVALUATOR}),
    "steering": frozenset({Role.STEERING}),
    "steering, recused": frozenset({Role.STEERING}),
    "direction": frozenset({Role.DIRECTION}),
    "administrator": frozenset({Role.ADMIN}),
}


def tell(tale: Judging) -> None:
    """One dossier of the lead in each state, one draft of a stranger, and everybody who might look."""
    players = {p.seat.name: p for p in tale.evaluators()}
    group = tale.group()
    tale.direction()
    session = tale.story.session
    accounts.grant_role(session, tale.lead("admin@network.example", "Admin"), Role.ADMIN, now=START)
    _team(tale, tale.draft())
    tale.submitted(town("Submitted-sur-Mer"))
    evaluated = tale.admitted(town("Évaluée-la-Ville"))
    asked = tale.asked(evaluated)
    tale.declared(asked["Norwich"])
    reviewed = tale.in_review(town("Revue-les-Bains"))
    tale.awaiting(town("Attente-le-Haut"))
    tale.draft(town("Étrangère"), tale.lead(STRANGER))
    for dossier in session.scalars(sa.select(Dossier)):  # Granada was asked, and has declared nothing, wherever it is
        session.execute(
            sa.update(Assignment)
            .where(Assignment.dossier_id == dossier.id, Assignment.seat_id == players["Granada"].seat.id)
            .values(declared_at=None)
        )
    officer = tale.story.actor(tale.officer(), START)
    terms = usual_terms(calls.definition(tale.call), ["literature"], 1)
    proposals.order(session, tale.call, terms, actor=officer, now=START)
    reminders.send(session, tale.call, UUID(int=1), list(asked.values()), actor=officer, now=START)
    norwich = tale.story.actor(players["Norwich"].account, START)
    pack = offline.order(session, tale.call, [asked["Norwich"]], actor=norwich, now=START)
    offline.take_in(session, tale.call, offline.workbook(pack), actor=norwich, now=START)
    _composition(tale, group[0].seat.id)
    session.add(Conflict(dossier_id=reviewed, seat_id=group[1].seat.id, rule="declared", reason="Kin", since_at=START))
    tale.story.commit()


def _composition(tale: Judging, seat_id: UUID) -> None:
    """A city with a mandate, its co-option under vote, and an election."""
    session, by = tale.story.session, tale.officer().id
    place = {"latitude": 45.0, "longitude": 4.0, "verified": True}
    city = Member(city="Norwich", country="GB", field="literature", year=2012, region="europe_north_america", **place)
    session.add(city)
    session.flush()
    session.add_all([
        Mandate(
            kind="coordinator", field="literature", seat_id=seat_id, member_id=city.id, from_at=START, due_year=2028,
            until_at=START + timedelta(days=700), origin="recorded", begun_at=START, begun_by=by,
        ),
        CoOption(
            member_id=city.id, region="africa", reason="-", language="en", proposed_at=START, proposed_by=by,
            proposed_for="literature",
        ),
        Ballot(
            field="literature", kind="deputy", opens_at=START, closes_at=START + timedelta(days=7), tie_rule="lot",
            term_from_at=START + timedelta(days=8), announced_at=START, announced_by=by,
        ),
    ])  # fmt: skip
    _meeting(session, city.id, by)


def _meeting(session, member_id: UUID, by: UUID) -> None:
    """A meeting with one of everything that its preparation has; the paper has no file."""
    days = {"starts_on": date(2015, 5, 25), "ends_on": date(2015, 5, 28)}
    meeting = Meeting(edition=9, year=2015, clauses=[Clause(kind="clause", position=0)], **days)
    session.add(meeting)
    session.flush()
    item = MeetingItem(
        meeting_id=meeting.id, day=date(2015, 5, 25), starts=time(9), ends=time(10), title_en="A", title_fr="B",
        kind="workshop", field="literature", changed_at=START,
    )  # fmt: skip
    paper = MeetingPaper(
        meeting_id=meeting.id,
        title="A",
        language="en",
        readers="group",
        url="https://a.example",
        added_at=START,
        added_by=by,
    )
    session.add_all([
        MeetingPlan(meeting_id=meeting.id, zone="Asia/Tokyo", published_at=START), item, paper,
        Delegate(meeting_id=meeting.id, member_id=member_id, name="A", named_at=START, named_by=by),
        MeetingTask(meeting_id=meeting.id, text="A", language="en", owner="secretariat", due_on=date(2015, 5, 1)),
    ])  # fmt: skip


def _team(tale: Judging, dossier_id: UUID) -> None:
    """An editor of the first section, a reader, and somebody who has left."""
    more = {"editor": {"sections": ["city"]}, "reader": {}, "former": {"ended_at": START}}
    for who, what in more.items():
        person = tale.lead(f"{who}@ville.example", who.title())
        role = Role.READER if who == "former" else Role(who)
        tale.story.session.add(
            Membership(dossier_id=dossier_id, account_id=person.id, role=role, since_at=tale.now, **what)
        )  # fmt: skip


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, tell)


@dataclass(frozen=True)
class World:
    """What the addresses are made of."""

    key: str
    dossiers: Mapping[str, UUID]
    ids: Mapping[str, str]


@pytest.fixture
def world(app, clock):
    with app.app_context():
        tale = Judging(app, START)
        session = tale.story.session
        dossiers = {
            d.state: d.id for d in session.scalars(sa.select(Dossier)) if d.memberships[0].account.email != STRANGER
        }
        assert sorted(dossiers) == sorted(STATES)
        norwich = next(p for p in tale.evaluators() if p.seat.name == "Norwich")
        mine = sa.select(Assignment.id).where(
            Assignment.seat_id == norwich.seat.id, Assignment.dossier_id == dossiers["in_evaluation"]
        )
        return World(
            key=tale.call.key,
            dossiers=dossiers,
            ids={
                "assignment_id": str(session.scalars(mine).one()),
                "sitting_id": str(session.scalars(sa.select(SteeringSession.id)).one()), "item_id": str(uuid4()),
                "seat_id": str(norwich.seat.id), "file_id": str(dossiers["in_evaluation"]),
                "reminder_id": str(session.scalars(sa.select(Reminder.id)).one()),
                "account_id": str(tale.direction().id),
                "variant_id": str(uuid4()),
                "member_id": str(session.scalars(sa.select(Member.id)).first()),
                "clause_id": str(session.scalars(sa.select(Clause.id)).one()), "comment_id": str(uuid4()),
                "clause_name": "1", "note_id": str(uuid4()),
                "edition": str(session.scalars(sa.select(Meeting.edition)).one()),
                "slot_id": str(session.scalars(sa.select(MeetingItem.id)).one()),
                "paper_id": str(session.scalars(sa.select(MeetingPaper.id)).one()),
                "delegate_id": str(session.scalars(sa.select(Delegate.id)).one()),
                "task_id": str(session.scalars(sa.select(MeetingTask.id)).one()),
                "mandate_id": str(session.scalars(sa.select(Mandate.id)).one()),
                "ballot_id": str(session.scalars(sa.select(Ballot.id)).one()),
                "co_option_id": str(session.scalars(sa.select(CoOption.id)).one()),
                "proposal_id": str(session.scalars(sa.select(Proposal.id)).one()),
                "pack_id": str(session.scalars(sa.select(Pack.id)).one()),
                "bundle_id": str(uuid4()),
                "upload_id": str(session.scalars(sa.select(Upload.id)).one()),
                "document_id": str(_document(session, dossiers["awaiting_decision"], "EVALUATION_REPORT")),
                "sheet_id": str(uuid4()), "holder_id": str(session.scalars(_of_seat(norwich.seat.id)).one()),
                "document_code": "0" * 12,
                "filled_id": str(uuid4()),
                "attachment_id": str(uuid4()), "invitation_id": str(uuid4()), "membership_id": str(uuid4()),
                "thread_id": str(uuid4()), "message_id": str(uuid4()),
                "invitation_code": "0" * 32,
                "piece_id": str(session.scalars(sa.select(Attachment.id).limit(1)).one()),
                "criterion": "assets", "number": "1", "filing": "1", "name": "refer", "code": "0" * 32, "token": "0",
                "confirmation_token": "0",
                "evaluator_code": "0" * 32,
                "filename": "app.js",
                "job_id": str(session.scalars(sa.select(Job.id).limit(1)).one()),
            },
        )  # fmt: skip


def _of_seat(seat_id: UUID) -> sa.Select[UUID]:
    return sa.select(SeatHolder.id).where(SeatHolder.seat_id == seat_id)


def _document(session, dossier_id: UUID, kind: str) -> UUID:
    query = sa.select(Document.id).where(Document.dossier_id == dossier_id, Document.kind == kind)
    return session.scalars(query).one()


def routes(app, world: World, endpoint_kind: str) -> Iterator[tuple[object, str, list[str]]]:
    """Every rule whose access is of one kind, with an address of it and its methods."""
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if (
            rule.build_only
            or rule.endpoint == "static"
            or (found := access_of(app, rule.endpoint)) is None
            or found.kind != endpoint_kind
        ):
            continue
        values = {"key": world.key, **world.ids, "dossier_id": "{dossier}"}
        address = str(rule)
        for name in rule.arguments:
            converter = address[address.index("<") : address.index(">") + 1]
            name = converter.strip("<>").rpartition(":")[2]
            address = address.replace(converter, values[name], 1)
        methods = rule.methods or set()
        yield found, address, [m for m in ("GET", "POST") if m in methods]


def send(browser: Browser, method: str, address: str) -> int:
    """The status; a way to the sign-in page counts as 401. One token serves all forms of a session."""
    if method == "GET":
        answer = browser.client.get(address, buffered=True)
    else:
        if not hasattr(browser, "matrix_token"):
            browser.matrix_token = browser.token()
        answer = browser.client.post(address, data={"csrf_token": browser.matrix_token}, buffered=True)
    if answer.status_code in (302, 303) and "/sign-in" in answer.headers.get("Location", ""):
        return 401
    return int(answer.status_code)


def enter(browser: Browser, who: str) -> Browser:
    email, _roles = PEOPLE[who]
    if email is not None:
        assert browser.sign_in(email).status_code in (302, 303)
    return browser


def by_table(who: str, state: str, wanted: tuple[Permission, ...]) -> int:
    """The status that the table gives: 401, 404, 403, or 200 for allowed."""
    email, roles = PEOPLE[who]
    if email is None:
        return 401
    held = roles.get(state, frozenset())
    if not CANDIDACY.allows(state, held, Permission.KNOW):
        return 404
    return 200 if any(CANDIDACY.allows(state, held, p) for p in wanted) else 403


@pytest.mark.parametrize("who", PEOPLE)
def test_every_route_of_a_dossier(app, browser, world, who):
    enter(browser, who)
    wrong = []
    for access, pattern, methods in routes(app, world, "permission"):
        for state, dossier_id in world.dossiers.items():
            address = pattern.replace("{dossier}", str(dossier_id))
            expected = by_table(who, state, access.any_of)
            for method in methods:
                if expected == 200 and (method == "POST" or not pattern.endswith(PLAIN)):
                    continue
                got = send(browser, method, address)
                fine = got not in (401, 403, 404) if expected == 200 else got == expected
                if not fine:
                    wrong.append((method, pattern, state, f"expected {expected}, got {got}"))
    assert wrong == []


PLAIN = (
    "{dossier}", "/team", "/documents", "/evaluation", "/evaluators", "/opinion", "/decision", "/screening", "/file",
    "/deadline", "/discussion", "/feedback", "/blank-form",
)  # fmt: skip
"""The pages that are opened where they are allowed: those that need no more than the dossier."""


@pytest.mark.parametrize("who", PEOPLE)
def test_every_route_of_a_role(app, browser, world, who):
    enter(browser, who)
    wrong = []
    for access, address, methods in routes(app, world, "role"):
        opened = bool(ROLES_ANYWHERE[who] & set(access.any_of))
        for method in methods:
            if opened and method == "POST":
                continue
            got = send(browser, method, address)
            expected = 401 if who == "nobody" else 200 if opened else 403
            if address.startswith("/assignments/") and opened:
                expected = 200 if who == "evaluator" else 404
                if address.endswith(("/documents", "/sheets")):
                    expected = 404  # the sheet is not closed
            if address.startswith("/offline/") and opened:  # ones own, and the PDF is not laid out yet
                expected = 200 if who == "evaluator" and not address.endswith(".pdf") else 404
            if address == "/board/answers.csv" and opened:
                expected = 422  # no call is chosen
            if address.startswith("/evaluators/me/") and opened:
                expected = 200 if who == "evaluator" else 404
            if address.startswith("/meetings/9/delegates/") and opened:  # of the own city, and the Secretariat has all
                named = address.rpartition("delegates/")[2] != "new"
                expected = 200 if who == "secretariat" or (who == "evaluator" and named) else 404
            fine = got in (200, 303) if expected == 200 else got == expected
            if not fine:
                wrong.append((method, address, f"expected {expected}, got {got}"))
    assert wrong == []


@pytest.mark.parametrize("who", PEOPLE)
def test_every_route_of_the_signed_in_and_of_everybody(app, browser, world, who):
    enter(browser, who)
    for kind in ("signed_in", "enrolling", "newcomer", "public"):
        for _access, address, methods in routes(app, world, kind):
            if (
                "GET" not in methods
                or "{dossier}" in address
                or address in ("/sign-in", "/sign-out", "/second-factor/sign-in")
            ):
                continue
            got = send(browser, "GET", address)
            if kind != "public" and who == "nobody":
                assert got == 401, address
            elif not address.startswith(("/documents/", "/mail")):
                assert got not in (401, 403), address


def test_who_has_not_confirmed_the_address_gets_no_further(app, browser, world):
    """Whatever it asks for, by every method; only the own account and what is anybody's stay open."""
    with app.app_context():
        newcomer = accounts.register(
            db.session(), None, email="newcomer@ville.example", name="New", language="en",
            password=accounts.hashed(PASSWORD), now=START,
        )  # fmt: skip
        db.session.add(
            Membership(dossier_id=world.dossiers["draft"], account_id=newcomer.id, role=Role.EDITOR, since_at=START)
        )  # not even with a part in the file
        db.session.commit()
    assert browser.sign_in("newcomer@ville.example").status_code in (302, 303)
    token, wrong, tried = browser.token(), [], 0
    for kind in ("permission", "role", "signed_in", "enrolling"):
        for _access, pattern, methods in routes(app, world, kind):
            address = pattern.replace("{dossier}", str(world.dossiers["draft"]))
            for method in methods:
                answer = browser.client.open(address, method=method, data={"csrf_token": token})
                tried += 1
                if (answer.status_code, answer.headers.get("Location", "").partition("?")[0]) != (303, "/confirm"):
                    wrong.append((method, address, answer.status_code))
    assert wrong == []
    assert tried > 70
    assert browser.client.post(f"/invitations/{'0' * 32}", data={"csrf_token": token}).location == "/confirm"
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize("who", [w for w in PEOPLE if w != "nobody"])
def test_a_dossier_that_is_not_there_looks_like_one_out_of_sight(browser, world, who):
    enter(browser, who)
    missing = browser.client.get(f"/dossiers/{uuid4()}")
    assert missing.status_code == 404
    if who in ("another city", "former member", "evaluator asked", "evaluator with a conflict", "administrator"):
        hidden = browser.client.get(f"/dossiers/{world.dossiers['in_review']}")
        assert hidden.status_code == 404
        assert len(hidden.data) == len(missing.data)


CRITICAL = """
who                        state              GET /             /file  /evaluation  /evaluators  /opinion  /decision  /screening
nobody                     draft              401               401    401          401          401       401        401
lead                       draft              200               200    403          403          403       403        403
lead                       in_evaluation      200               200    403          403          403       403        403
lead                       in_review          200               200    403          403          403       403        403
lead                       awaiting_decision  200               200    403          403          403       403        403
editor-of-a-section        draft              200               200    403          403          403       403        403
reader                     draft              200               200    403          403          403       403        403
former-member              draft              404               404    404          404          404       404        404
another-city               draft              404               404    404          404          404       404        404
another-city               awaiting_decision  404               404    404          404          404       404        404
secretariat                draft              200               403    403          403          403       403        403
secretariat                submitted          200               200    403          403          403       403        200
secretariat                in_evaluation      200               200    200          200          403       403        403
secretariat                in_review          200               200    200          403          403       403        403
secretariat                awaiting_decision  200               200    200          403          403       403        403
evaluator                  submitted          404               404    404          404          404       404        404
evaluator                  in_evaluation      200               200    403          403          403       403        403
evaluator                  awaiting_decision  200               200    403          403          403       403        403
evaluator-asked            in_evaluation      404               404    404          404          404       404        404
evaluator-with-a-conflict  in_evaluation      404               404    404          404          404       404        404
steering                   submitted          404               404    404          404          404       404        404
steering                   in_evaluation      404               404    404          404          404       404        404
steering                   in_review          200               200    200          403          303       403        403
steering                   awaiting_decision  200               200    200          403          403       403        403
steering,-recused          in_review          404               404    404          404          404       404        404
direction                  draft              404               404    404          404          404       404        404
direction                  in_review          404               404    404          404          404       404        404
direction                  awaiting_decision  200               200    200          403          403       200        403
administrator              in_review          404               404    404          404          404       404        404
"""


def critical() -> Iterator[tuple[str, str, tuple[int, ...]]]:
    for line in CRITICAL.strip().splitlines()[1:]:
        who, state, *statuses = line.split()
        yield who.replace("-", " "), state, tuple(int(s) for s in statuses)


@pytest.mark.parametrize("who", list(dict.fromkeys(who for who, _state, _statuses in critical())))
def test_the_critical_cells(browser, world, who):
    enter(browser, who)
    pages = ("", "/file", "/evaluation", "/evaluators", "/opinion", "/decision", "/screening")
    for name, state, statuses in critical():
        if name == who:
            base = f"/dossiers/{world.dossiers[state]}"
            assert (state, tuple(send(browser, "GET", base + page) for page in pages)) == (state, statuses)


@pytest.mark.parametrize(
    ("who", "status"),
    [("nobody", 401), ("lead", 404), ("another city", 404), ("evaluator", 404), ("evaluator asked", 404),
     ("administrator", 404), ("secretariat", 409), ("steering", 409), ("direction", 409)],
)  # fmt: skip
def test_a_report_is_for_those_who_see_results(browser, world, who, status):
    """409: theirs, and still being prepared."""
    assert send(enter(browser, who), "GET", f"/documents/{world.ids['document_id']}.pdf") == status


FILED = ("filings/1", "filings/1.json", "filings/compare")


@pytest.mark.parametrize("who", PEOPLE)
def test_a_filing_is_for_its_city_and_for_the_secretariat(browser, world, who):
    """Whoever evaluates, reviews or decides reads the file as filed last, and nothing of how it came about."""
    enter(browser, who)
    states = {"lead": STATES[1:], "secretariat": STATES[1:]}.get(who, ())
    for state in STATES:
        for path in FILED:
            got = send(browser, "GET", f"/dossiers/{world.dossiers[state]}/{path}")
            if state in states:
                assert got == 200, (state, path)
            elif who == "lead" or (state == "draft" and who in ("editor of a section", "reader")):
                # nothing was filed, and the page that compares says so
                assert got == (200 if path == "filings/compare" else 404)
            else:
                assert got in (401, 403, 404), (state, path)


WRITES = ("sections/1", "submit", "pieces/checklist", "sign-off")


@pytest.mark.parametrize("who", [w for w in PEOPLE if w not in ("lead", "editor of a section", "nobody")])
def test_nobody_but_the_city_writes_its_file(browser, world, who):
    enter(browser, who)
    for state, dossier_id in world.dossiers.items():
        for path in WRITES:
            got = send(browser, "POST", f"/dossiers/{dossier_id}/{path}")
            assert got in (403, 404, 409), (state, path, got)


TEAM = """
who                  draft  in_review  awaiting_decision
nobody               401    401        401
lead                 200    200        200
editor-of-a-section  200    404        404
reader               200    404        404
former-member        404    404        404
another-city         404    404        404
secretariat          200    200        200
evaluator            404    403        403
steering             404    403        403
direction            404    404        403
administrator        404    404        404
"""


@pytest.mark.parametrize("line", TEAM.strip().splitlines()[1:], ids=lambda line: line.split()[0])
def test_who_sees_the_team(browser, world, line):
    who, *statuses = line.split()
    enter(browser, who.replace("-", " "))
    states = ("draft", "in_review", "awaiting_decision")
    got = [send(browser, "GET", f"/dossiers/{world.dossiers[state]}/team") for state in states]
    assert got == [int(status) for status in statuses]


@pytest.mark.parametrize("who", ["editor of a section", "reader", "secretariat"])
def test_nobody_but_the_lead_changes_the_team(app, browser, world, who):
    enter(browser, who)
    token = browser.token()
    with app.app_context():
        theirs = sa.select(Membership.id).where(Membership.dossier_id == world.dossiers["draft"])
        members = list(db.session.scalars(theirs.where(Membership.role != "lead", Membership.ended_at.is_(None))))
    base = f"/dossiers/{world.dossiers['draft']}/team"
    sent = {"csrf_token": token, "role": "reader", "language": "en", "email": "x@y.example", "reason": "So."}
    for member in members:
        for path in (
            "invitations",
            f"members/{member}",
            *(f"members/{member}/{a}" for a in ("end", "lead", "appoint")),
        ):
            answer = browser.client.post(f"{base}/{path}", data=sent)
            assert answer.status_code == 409, path


@pytest.mark.parametrize(("path", "status"), [("sections/1", 303), ("sections/5", 409), ("pieces/photos", 409)])
def test_an_editor_of_a_section_writes_there_and_nowhere_else(browser, world, path, status):
    enter(browser, "editor of a section")
    question = {"sections/1": "city_name", "sections/5": "reasons"}.get(path)
    sent = (
        {"asked": question, "seen": f"{question}:1", question: "5"}
        if question
        else {"file": (io.BytesIO(b"%PDF"), "a.pdf")}
    )
    assert browser.post(f"/dossiers/{world.dossiers['draft']}/{path}", sent).status_code == status


def test_every_person_of_the_matrix_is_there(app, world):
    with app.app_context():
        known = set(db.session.scalars(sa.select(Account.email)))
    assert {email for email, _roles in PEOPLE.values() if email} <= known
    assert set(PEOPLE) == set(ROLES_ANYWHERE)
