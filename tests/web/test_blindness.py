"""Blind modes: every page, export, document and mail of a round, read as each person in it, tells no name that the call
hides from them, and tells those it does not hide."""

import itertools
import json
from io import BytesIO

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from rvc_portal.domain.vocabulary import SeatKind
from rvc_portal.gateways.mail import Message
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation
from rvc_portal.models.job import Mail
from rvc_portal.models.steering import SteeringSession
from rvc_portal.services import accounts, evaluation, mailing
from tests.judging import Judging, database
from tests.stories import town
from tests.web.browsing import START

NAMES = ("Quixotia", "Zembla", "Ruritania", "Laputa", "Brobdingnag", "Erewhon", "Lilliput", "Utopia")
TWO_HATS, OPEN_SHEET, TIED = "Erewhon", "Lilliput", "Utopia"
"""A member that also sits in the Steering Group; one whose sheet is still open; one kept away as of the same country."""
PEOPLE = {
    "lead": "lead@ville.example",
    "secretariat": "officer@network.example",
    "direction": "direction@network.example",
    "steering": "coordinator-1@network.example",
    "steering who evaluates": "erewhon@network.example",
    "evaluator": "quixotia@network.example",
    "evaluator with an open sheet": "lilliput@network.example",
}
OWN = {"steering who evaluates": "Erewhon", "evaluator": "Quixotia", "evaluator with an open sheet": "Lilliput"}
READ_NAMES = set(PEOPLE) - {"lead"}
"""Who comes upon other evaluators' names where the call hides none."""
HIDDEN_FROM = {
    "open": set(),
    "evaluators": {"evaluator", "evaluator with an open sheet", "steering who evaluates"},
    "cities": {"lead", "steering", "steering who evaluates"},
    "evaluators_and_cities": {
        "lead", "steering", "steering who evaluates", "evaluator", "evaluator with an open sheet",
    },
}  # fmt: skip


class Round(Judging):
    """A round whose evaluators bear names that nothing else bears."""

    def evaluators(self):
        kinds = [SeatKind.EXPERT] * 2 + [SeatKind.MEMBER] * 6
        return [
            self._player(kind, name, "FR" if name == TIED else "GB", None if kind is SeatKind.EXPERT else name)
            for kind, name in zip(kinds, NAMES, strict=True)
        ]

    def play(self):
        players = {p.seat.name: p for p in self.evaluators()}
        group = self.group()
        session = self.story.session
        seat = accounts.create_seat(
            session, kind=SeatKind.DEPUTY, name="Deputy", field=None, country=None, city=None
        )  # fmt: skip
        players[TWO_HATS].account.name = "Somebody with two hats"
        accounts.give_seat(session, seat, players[TWO_HATS].account, now=self.now.replace(month=1))
        self.story.commit()
        reviewed = self._judged(town("Revue-les-Bains"))
        self.story.refer(self.dossier(reviewed), self.officer(), START)
        officer = self.story.actor(self.officer(), START)
        tied = self.assignments(reviewed)["Laputa"]
        sheet = session.scalars(sa.select(Evaluation.id).where(Evaluation.assignment_id == tied)).one()
        evaluation.conflict_found(
            session, self.dossier(reviewed), sheet, reason="Cousin of the mayor of Laputa", actor=officer, now=START
        )
        assert len(group) == 5
        self.awaiting(town("Attente-le-Haut"))
        session.commit()
        evaluated = self._judged(town("Évaluée-la-Ville"), but=OPEN_SHEET)
        self.scored(self.assignments(evaluated)[OPEN_SHEET])
        self.direction()

    def asked(self, dossier_id, players=None):
        return super().asked(dossier_id, players or [p for p in self.evaluators() if p.seat.name != TIED])

    def _judged(self, facts, but=None):
        dossier_id = self.admitted(facts)
        for name, assignment_id in self.asked(dossier_id).items():
            if name != but:
                self.closed(assignment_id)
        return dossier_id


@pytest.fixture(scope="module", params=HIDDEN_FROM)
def mode(request):
    return request.param


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory, mode):
    def make(app, now):
        return Round(app, now, blind=mode, peer_sheets=True)

    return database(migrated, tmp_path_factory, START, Round.play, make)


def _arguments(tale):
    """What the addresses of the portal are made of."""
    session = tale.story.session
    ids = {
        "dossier_id": session.scalars(sa.select(Dossier.id)).all(),
        "assignment_id": session.scalars(sa.select(Assignment.id)).all(),
        "document_id": session.scalars(sa.select(Document.id)).all(),
        "sitting_id": session.scalars(sa.select(SteeringSession.id)).all(),
        "seat_id": [p.seat.id for p in tale.evaluators()],
        "filing": [1],
        "number": [1],
        "key": [tale.call.key],
    }
    return {name: [str(value) for value in values] for name, values in ids.items()}


def _addresses(app, arguments):
    for rule in app.url_map.iter_rules():
        fits = "GET" in (rule.methods or ()) and not rule.build_only and set(rule.arguments) <= set(arguments)
        if fits and rule.endpoint != "static":
            names = sorted(rule.arguments)
            for values in itertools.product(*(arguments[name] for name in names)):
                with app.test_request_context():
                    yield app.url_for(rule.endpoint, **dict(zip(names, values, strict=True)))
    yield "/dossiers?q=" + NAMES[0]


def _read(tale, browser, email):
    """All that a person reads: pages and exports with their headers, documents, mails."""
    session, told = tale.story.session, []
    for address in _addresses(tale.story.app, _arguments(tale)):
        if address.startswith("/documents/"):
            continue
        answer = browser.client.get(address, buffered=True)
        if answer.status_code == 200:
            told.append(f"{address}\n{answer.headers}\n{_text(answer)}")
    for document in session.scalars(sa.select(Document)):
        answer = browser.client.get(f"/documents/{document.id}.pdf")
        answer.close()
        if answer.status_code != 404:  # what it says is made of this alone
            told.append(json.dumps(document.context, ensure_ascii=False))
    for mail in session.scalars(sa.select(Mail).where(Mail.to_address == email)):
        message: Message = mailing.message(mail, "https://portal.example")
        told.append(f"{message.subject}\n{message.body}")
    return told


def _text(answer):
    if answer.mimetype.endswith("spreadsheetml.sheet"):
        book = load_workbook(BytesIO(answer.data))
        return "\n".join(str(cell.value) for sheet in book for row in sheet.rows for cell in row)
    return answer.data.decode(errors="replace")


@pytest.mark.parametrize("who", PEOPLE)
def test_names_are_told_to_whom_the_call_tells_them_and_to_nobody_else(tale, browser, mode, who):
    assert browser.sign_in(PEOPLE[who]).status_code in (302, 303)  # the Direction shows a second factor, too
    told = _read(tale, browser, PEOPLE[who])
    assert len(told) > 5
    others = [name for name in NAMES if name != OWN.get(who)]
    found = {name: [one[:200] for one in told if name in one] for name in others}
    if who in HIDDEN_FROM[mode]:
        assert {name: places for name, places in found.items() if places} == {}
    else:
        assert any(found.values()) is (who in READ_NAMES)
