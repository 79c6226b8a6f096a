"""The page of one evaluator: asked for, and no longer asked for, files from there."""

import pytest
import sqlalchemy as sa

from rvc_portal.models.evaluation import Assignment
from rvc_portal.services import accounts
from tests.judging import database
from tests.stories import town
from tests.web.browsing import START, soup

OTHER = "Aubervilliers-les-Bains"


def admitted(tale):
    tale.evaluators()
    tale.admitted()
    tale.admitted(town(OTHER), tale.lead("aubervilliers@ville.example"))
    tale.submitted(town("Not-yet-admitted"), tale.lead("not-yet@ville.example"))
    tale.officer()


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, admitted)


@pytest.fixture
def secretariat(tale, browser):
    browser.sign_in(tale.officer())
    return browser


def seat_url(tale, name):
    seat = next(p.seat for p in tale.evaluators() if p.seat.name == name)
    return f"/calls/{tale.call.key}/evaluators/{seat.id}"


def standing(page):
    return {row.select_one("th").text.strip(): row["class"][1] for row in page.select("#before tbody tr")}


def test_an_evaluator_is_asked_for_files_and_no_longer(tale, secretariat, rows):
    url = seat_url(tale, "Norwich")
    page = soup(secretariat.get(url))
    assert set(standing(page).values()) == {"seat-row--free"}
    assert len(standing(page)) == 2
    files = [box["value"] for box in page.select("input[name=file][type=checkbox]")]
    assert secretariat.post(url, {"file": files}).headers["Location"] == url
    assert {str(a.dossier_id) for a in rows.all(sa.select(Assignment))} == set(files)
    again = secretariat.post(f"{url}/unassign", {"file": files[0]}, htmx=True)
    assert again.text.lstrip().startswith('<div id="part-files"')
    assert sorted(standing(soup(again)).values()) == ["seat-row--asked", "seat-row--free"]
    ended = rows.one(sa.select(Assignment).where(Assignment.ended_at.is_not(None)))
    assert str(ended.dossier_id) == files[0]


def test_a_conflict_bars_and_is_refused_by_name(tale, secretariat, rows):
    url = seat_url(tale, "Lyon")
    page = soup(secretariat.get(url))
    assert set(standing(page).values()) == {"seat-row--conflict"}
    assert "same country" in page.select_one("#before").text
    answer = secretariat.post(url, {"file": str(tale.told())})
    assert answer.status_code == 409
    assert "Lyon has a conflict of interest (same country)." in answer.text
    assert rows.all(sa.select(Assignment)) == []


def test_nothing_ticked_is_said(tale, secretariat):
    answer = secretariat.post(seat_url(tale, "Norwich"), {"file": "nonsense"}, htmx=True)
    assert answer.status_code == 422
    assert "Tick at least one file." in answer.text


def test_a_seat_that_does_not_judge_and_a_file_that_is_not_there(tale, secretariat):
    coordinator = tale.group(1)[0].seat.id
    base = f"/calls/{tale.call.key}/evaluators"
    assert secretariat.get(f"{base}/{coordinator}").status_code == 404
    url = seat_url(tale, "Norwich")
    assert secretariat.post(url, {"file": str(coordinator)}).status_code == 404
    assert secretariat.post(f"{url}/unassign", {"file": str(coordinator)}).status_code == 404
    assert secretariat.post(f"{url}/unassign", {"file": str(tale.told())}).status_code == 404


def test_only_files_of_the_field_are_offered(tale, secretariat):
    seat = accounts.create_seat(tale.story.session, kind="expert", name="Musician", field="music")
    tale.story.commit()
    page = secretariat.get(f"/calls/{tale.call.key}/evaluators/{seat.id}")
    assert "No file of this field is in evaluation." in page.text
    answer = secretariat.post(f"/calls/{tale.call.key}/evaluators/{seat.id}", {"file": str(tale.told())})
    assert "No such evaluator in this field." in answer.text


def test_the_page_asks_the_database_no_more_for_more_files(tale, secretariat, statements):
    url = seat_url(tale, "Norwich")
    tale.story.commit()

    def cost():
        statements.clear()
        assert secretariat.get(url).status_code == 200
        return len(statements)

    few = cost()
    tale.admitted(town("Beaumont"), tale.lead("beaumont@ville.example"))
    assert cost() == few <= 15
