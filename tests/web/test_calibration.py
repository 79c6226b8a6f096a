"""Calibration: the same files for all, shut others, the spread, and the Secretariat's opening."""

import pytest
import sqlalchemy as sa

from rvc_portal.domain.errors import Refused
from rvc_portal.models.calibration import CalibrationFile, CalibrationOpening
from rvc_portal.models.evaluation import Assignment
from rvc_portal.models.journal import JournalEntry
from rvc_portal.services import evaluation
from tests.judging import REASON, Judging, database
from tests.stories import town
from tests.web.browsing import START, Browser, soup

OTHER = "Autre-la-Ville"


class Calibrated(Judging):
    def __init__(self, app, now):
        super().__init__(app, now, calibration_files=1, blind="evaluators")


def admitted(tale):
    """Two files in evaluation; Norwich and Dublin are asked for the second before anything is marked."""
    tale.admitted()
    other = tale.admitted(town(OTHER), tale.lead("autre@ville.example"))
    players = {p.seat.name: p for p in tale.evaluators()}
    tale.asked(other, [players["Norwich"], players["Dublin"]])
    tale.officer()


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, admitted, Calibrated)


@pytest.fixture
def enter(app):
    def entered(name):
        browser = Browser(app.test_client())
        assert browser.sign_in(f"{name.lower()}@network.example").status_code == 302
        return browser

    return entered


@pytest.fixture
def files(tale):
    """The calibration file and the other one."""
    first = tale.told()
    query = sa.select(Assignment.dossier_id).where(Assignment.dossier_id != first)
    return first, tale.story.session.scalars(query).first()


def mark(enter, dossier_id):
    return enter("officer").post(f"/dossiers/{dossier_id}/calibration/mark")


def open_rest(tale, enter):
    return enter("officer").post(f"/calls/{tale.call.key}/calibration", {"field": "literature"})


def test_all_but_those_with_a_conflict_are_asked_for_a_marked_file(tale, enter, files, rows):
    assert mark(enter, files[0]).status_code == 303
    asked = tale.assignments(files[0])
    assert set(asked) == {p.seat.name for p in tale.evaluators()} - {"Lyon"}
    assert rows.one(sa.select(CalibrationFile)).dossier_id == files[0]
    again = mark(enter, files[1])
    assert again.status_code == 409
    assert "This field has its 1 calibration files already." in again.text
    page = soup(enter("officer").get(f"/calls/{tale.call.key}/calibration"))
    assert "0 / 7" in page.select_one("#calibration tbody tr").text


def test_the_others_stay_shut_on_the_page_and_in_the_service(tale, enter, files, rows):
    mark(enter, files[0])
    other = tale.assignments(files[1])["Norwich"]
    page = soup(enter("Norwich").get(f"/assignments/{other}"))
    assert page.h1.text == "First the calibration files"
    own = tale.assignments(files[0])["Norwich"]
    assert [a["href"] for a in page.select("#first a")] == [f"/assignments/{own}"]
    refused = enter("Norwich").post(f"/assignments/{other}/declaration", {"answer": "free", "declaration": "free"})
    assert refused.status_code in (409, 422)
    norwich = next(p for p in tale.evaluators() if p.seat.name == "Norwich")
    assignment = tale.story.session.get_one(Assignment, other)
    person = tale.story.actor(norwich.account, START)
    acts = {
        "declare": lambda: evaluation.declare(
            tale.story.session, assignment, free=True, reason="", actor=person, now=START
        ),
        "close": lambda: evaluation.close_sheet(tale.story.session, assignment, actor=person, now=START),
    }
    for name, act in acts.items():
        with pytest.raises(Refused, match="First the calibration files"):
            act()
        assert name
    evaluation.declare(tale.story.session, assignment, free=False, reason="Kin", actor=person, now=START)
    assert assignment.ended_at is not None  # to step aside is open at any time


def test_a_sheet_begun_before_the_mark_takes_no_more(tale, enter, files):
    other = tale.assignments(files[1])["Norwich"]
    tale.story.session.get_one(Assignment, other).declared_at = START
    tale.story.commit()
    mark(enter, files[0])
    norwich = next(p for p in tale.evaluators() if p.seat.name == "Norwich")
    with pytest.raises(Refused, match="First the calibration files"):
        evaluation.save_scores(
            tale.story.session, tale.story.session.get_one(Assignment, other), {"assets": (4, REASON)},
            actor=tale.story.actor(norwich.account, START), now=START,
        )  # fmt: skip


def test_the_rest_opens_to_whom_has_closed_and_it_is_journaled(tale, enter, files, rows):
    early = open_rest(tale, enter)
    assert early.status_code == 409
    assert "Calibration files marked: 0 of 1." in early.text
    mark(enter, files[0])
    tale.closed(tale.assignments(files[0])["Norwich"])
    other = tale.assignments(files[1])
    shut = soup(enter("Norwich").get(f"/assignments/{other['Norwich']}"))
    assert "as soon as the Secretariat opens" in shut.text
    assert open_rest(tale, enter).status_code == 303
    assert rows.one(sa.select(CalibrationOpening)).field == "literature"
    acts = rows.all(sa.select(JournalEntry.transition).where(JournalEntry.chain == tale.call.id))
    assert acts[-2:] == ["mark_calibration", "open_after_calibration"]
    assert open_rest(tale, enter).status_code == 409
    assert soup(enter("Norwich").get(f"/assignments/{other['Norwich']}")).h1.text != "First the calibration files"
    assert soup(enter("Dublin").get(f"/assignments/{other['Dublin']}")).h1.text == "First the calibration files"


def test_the_spread_is_shown_once_the_own_sheet_is_closed(tale, enter, files):
    mark(enter, files[0])
    asked = tale.assignments(files[0])
    for name, value in (("Norwich", 2), ("Granada", 5), ("Prague", 8)):
        tale.closed(asked[name], value)
    tale.declared(asked["Dublin"])
    url = f"/dossiers/{files[0]}/calibration"
    page = soup(enter("Norwich").get(url))
    row = [cell.text for cell in page.select_one("#spread-table tbody tr").select("td")]
    assert row == ["3", "2", "5.00", "8", "3.00"]
    assert "Granada" not in page.text
    assert len(page.select_one(".chart tbody tr").select("circle")) == 3
    assert enter("officer").get(url).status_code == 200
    waits = soup(enter("Dublin").get(url))
    assert waits.select("#spread-table") == []
    assert "once your own sheet is closed" in waits.text
    assert enter("officer").get(f"/dossiers/{files[1]}/calibration").status_code == 404
