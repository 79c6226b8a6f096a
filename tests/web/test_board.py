"""The board: what is seen, filters, order, pages, exports; and as many queries for three rows as for one."""

import csv
import io
import time
from dataclasses import replace
from uuid import UUID

import openpyxl
import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries.board import PER_PAGE
from rvc_portal.web.sheets import csv_text, xlsx_bytes
from tests.stories import OFFICER, Tale, town
from tests.web.browsing import START, Browser


@pytest.fixture
def cities(app: Flask):
    """Makes drafts of cities and then sets what the board shows: (name, state, mean)."""

    def make(*rows: tuple[str, str, float | None]) -> None:
        with app.app_context():
            tale = Tale(app, START)
            tale.officer()
            for name, state, mean in rows:
                dossier_id = tale.draft(replace(town(), name=name))
                values = {"state": state, "mean_overall": mean}
                db.session.execute(sa.update(Dossier).where(Dossier.id == dossier_id).values(**values))
            db.session.commit()

    return make


def listed(browser: Browser, query: str = "") -> list[str]:
    page = BeautifulSoup(browser.get(f"/board{query}").text, "html.parser")
    return [cell.text for cell in page.select("#board tbody th")]


THREE = (("Aarau", "in_evaluation", 6.0), ("Bonn", "in_evaluation", 9.0), ("Caen", "in_review", 7.0))


def test_the_best_mean_comes_first_and_no_mean_last(cities, browser):
    cities(("Without", "submitted", None), *THREE)
    browser.sign_in(OFFICER)
    assert listed(browser) == ["Bonn", "Caen", "Aarau", "Without"]
    assert listed(browser, "?sort=mean&dir=asc") == ["Aarau", "Caen", "Bonn", "Without"]


def test_a_hidden_mean_shows_neither_as_figure_nor_by_its_place(cities, browser):
    cities(*THREE, ("Zug", "withdrawn", 9.9))
    browser.sign_in(OFFICER)
    assert listed(browser) == ["Bonn", "Caen", "Aarau", "Zug"]
    assert "9.90" not in browser.get("/board").text
    assert "9.9" not in browser.get("/board.csv").text


def test_filters_and_search(cities, browser):
    cities(*THREE, ("Éze", "submitted", None))
    browser.sign_in(OFFICER)
    assert listed(browser, "?state=in_review") == ["Caen"]
    assert listed(browser, "?q=aa") == ["Aarau"]
    assert listed(browser, "?q=éz") == ["Éze"]
    assert listed(browser, "?q=%25") == []
    assert listed(browser, "?q=a%00a") == ["Aarau"]  # PostgreSQL takes no such character
    assert listed(browser, "?country=DE") == []
    assert listed(browser, "?sort=city&dir=desc&field=literature")[-1] == "Aarau"
    assert listed(browser, "?sort=state")[0] == "Éze"


def test_what_is_no_filter_is_said(cities, browser):
    cities(*THREE)
    browser.sign_in(OFFICER)
    answer = browser.get("/board?state=nonsense&sort=colour&page=0&call=x")
    assert answer.status_code == 422
    assert len(BeautifulSoup(answer.text, "html.parser").select(".error-summary li")) == 4
    assert browser.get("/board?page=99999").status_code == 200


def test_pages_hold_every_dossier_once(app, cities, browser):
    cities(("First", "in_evaluation", 5.0))
    with app.app_context():
        one = dict(db.session.execute(sa.select(Dossier.__table__)).one()._mapping)
        many = [
            one
            | {
                "id": UUID(int=i + 1),
                "reference": f"X-{i:04d}",
                "lead_city": f"City {i}",
                "mean_overall": i if i % 2 else None,
            }
            for i in range(PER_PAGE + 20)
        ]
        db.session.execute(sa.insert(Dossier.__table__), many)
        db.session.commit()
    browser.sign_in(OFFICER)
    pages = [listed(browser), listed(browser, "?page=2")]
    assert [len(page) for page in pages] == [PER_PAGE, 21]
    assert len({*pages[0], *pages[1]}) == PER_PAGE + 21


def test_only_those_who_run_the_call_have_the_board(browser, make_account):
    make_account("city@ville.example")
    browser.sign_in("city@ville.example")
    for path in ("/board", "/board.csv", "/board.xlsx"):
        assert browser.get(path).status_code == 403


def test_the_direction_sees_what_awaits_it(cities, browser, make_account):
    cities(*THREE, ("Dole", "awaiting_decision", 8.0))
    make_account("dg@network.example", Role.DIRECTION)
    browser.sign_in("dg@network.example")
    assert listed(browser) == ["Dole"]


def test_no_more_queries_for_three_than_for_one(cities, browser, statements):
    cities(THREE[0])
    browser.sign_in(OFFICER)
    counted = []
    for more in ((), THREE[1:]):
        cities(*more)
        browser.get("/board")
        statements.clear()
        browser.get("/board")
        counted.append(len([s for s in statements if s.lstrip().startswith("SELECT")]))
    assert counted[0] == counted[1] <= 8


def test_htmx_gets_the_list_alone(cities, browser):
    cities(*THREE)
    browser.sign_in(OFFICER)
    text = browser.get("/board", htmx=True).text
    assert text.lstrip().startswith('<div id="results"')


FORMULAS = ["=1+1", "+1", "-1", "@sum", "\tx", "\rx"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_nothing_written_becomes_a_formula(formula):
    line = list(csv.reader(io.StringIO(csv_text(["City"], [[formula]])[1:], newline="")))[1]
    assert line == ["'" + formula]
    cell = openpyxl.load_workbook(io.BytesIO(xlsx_bytes("T", ["City"], [[formula]]))).active["A2"]
    assert cell.data_type == "s"


def test_numbers_stay_numbers():
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes("T", ["Mean"], [[7.5], [None]])))
    assert book.active["A2"].value == 7.5
    assert csv_text(["Mean"], [[-7.5], [None]]).splitlines()[1:] == ["-7.5", '""']


def test_the_same_table_is_the_same_workbook():
    one = xlsx_bytes("T", ["City"], [["Bonn"]])
    time.sleep(1.1)  # the finest time that a workbook writes is a second
    assert xlsx_bytes("T", ["City"], [["Bonn"]]) == one


def test_the_export_has_the_filtered_list(cities, browser):
    cities(*THREE, ("=HYPERLINK(1)", "submitted", None))
    browser.sign_in(OFFICER)
    answer = browser.client.get("/board.csv?state=submitted")
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert [row[1] for row in rows[1:]] == ["'=HYPERLINK(1)"]
    book = openpyxl.load_workbook(io.BytesIO(browser.client.get("/board.xlsx").data))
    assert book.active.max_row == 5
