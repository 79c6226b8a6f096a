"""An evaluator takes files and sheets along, fills in the workbook elsewhere, and brings it back."""

import io

import openpyxl
import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from rvc_portal import jobs
from rvc_portal.domain.scorebook import HEADS
from rvc_portal.domain.vocabulary import JobKind
from rvc_portal.models.base import db
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.evaluation import Assignment, Evaluation, Score
from rvc_portal.models.job import Job
from rvc_portal.models.pack import Pack, Upload
from tests.judging import REASON, database
from tests.stories import town
from tests.web.browsing import START, soup

OTHER = "Aubervilliers-les-Bains-sur-la-Grande-Rivière"
NORWICH = "norwich@network.example"
COLUMNS = {key: n for n, key in enumerate(HEADS, start=1)}
BETTER = "Sound, and better argued than it looks: partners, places and money are named one by one."


def two_files(tale):
    tale.evaluators()
    for facts, lead in ((None, None), (town(OTHER), tale.lead("aubervilliers@ville.example"))):
        tale.declared(tale.asked(tale.admitted(facts, lead))["Norwich"])


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, two_files)


@pytest.fixture
def url(tale):
    return f"/calls/{tale.call.key}/offline"


@pytest.fixture
def evaluator(browser):
    browser.sign_in(NORWICH)
    return browser


def ticks(browser, url):
    return [box["value"] for box in soup(browser.get(url)).select("input[name=file][type=checkbox]")]


def packed(browser, url, files=None):
    """Order a pack of the files (all that are offered, unless some are named); its address."""
    answer = browser.post(url, {"file": files or ticks(browser, url)})
    assert answer.status_code == 303
    return answer.headers["Location"]


def worked(app):
    """Let the worker do what it has for packs, and leave the documents of the story: their pictures are in no storage."""
    with app.app_context():
        db.session.execute(sa.delete(Job).where(Job.kind != JobKind.PACK))
        db.session.commit()
    return jobs.drain(app)


def book(browser, pack):
    return openpyxl.load_workbook(io.BytesIO(browser.client.get(f"{pack}.xlsx").data))


def bytes_of(found):
    out = io.BytesIO()
    found.save(out)
    return out.getvalue()


def fill(found, row, **values):
    for key, value in values.items():
        found.worksheets[0].cell(row, COLUMNS[key]).value = value


def uploaded(browser, url, content, name="sheets.xlsx"):
    return browser.post(
        f"{url}/workbook", {"workbook": (io.BytesIO(content), name)}, content_type="multipart/form-data"
    )


def previewed(browser, url, found):
    answer = uploaded(browser, url, bytes_of(found))
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def saved(browser, preview):
    form = soup(browser.get(preview)).select_one("form#save")
    return browser.post(preview, {"seen": form.select_one("[name=seen]")["value"]})


def reasons(page):
    return {row.select_one("th").text.strip(): row.select_one("td:last-child").text.strip()
            for row in page.select("#refused-rows tbody tr")}  # fmt: skip


def scores(rows):
    """Everything that any sheet says, by city and criterion."""
    query = sa.select(Score).join(Evaluation).join(Assignment)
    return {(s.evaluation_id, s.criterion): (s.value, s.cannot_judge, s.reason) for s in rows.all(query)}


def norwich(tale):
    seat = next(p.seat for p in tale.evaluators() if p.seat.name == "Norwich")
    return tale.story.session.scalars(sa.select(Assignment).where(Assignment.seat_id == seat.id)).all()


# --- the whole story ---


def test_from_the_desk_to_the_saved_scores(app, tale, evaluator, rows, url):
    desk = soup(evaluator.get("/desk"))
    assert url in [a["href"] for a in desk.select("#evaluator a")]
    sheet = evaluator.get(f"/assignments/{norwich(tale)[0].id}")
    assert url in sheet.text
    pack = packed(evaluator, url)
    assert evaluator.client.get(f"{pack}.pdf").status_code == 404
    waiting = soup(evaluator.get(pack))
    assert waiting.select_one("#part-progress")["data-hx-get"] == pack
    assert worked(app) >= 1
    assert evaluator.get(pack, htmx=True).headers["HX-Redirect"] == pack
    answer = evaluator.client.get(f"{pack}.pdf")
    assert answer.mimetype == "application/pdf"
    pdf = PdfReader(io.BytesIO(answer.data))
    _first, *rest = [item for item in pdf.outline if not isinstance(item, list)]
    assert [item.title for item in rest] == sorted([OTHER, town().name])
    text = "".join("".join(page.extract_text().split()) for page in pdf.pages)
    assert all("".join(d.reference.split()) in text for d in (a.dossier for a in norwich(tale)))

    found = book(evaluator, pack)
    sheet = found.worksheets[0]
    assert sheet.max_row == 1 + 2 * 5
    assert [cell.value for cell in sheet[1]] == [names["en"] for names in HEADS.values()]
    fill(found, 2, score=8, reason=BETTER)
    fill(found, 3, cannot_judge="yes", reason="The file names no partner abroad at all, so that nothing can be told.")
    fill(found, 7, score="4", reason="Thin.\nVery thin.")
    before = scores(rows)
    preview = previewed(evaluator, url, found)
    page = soup(evaluator.get(preview))
    assert scores(rows) == before == {}, "nothing is saved before the person says so"
    figures = [value.text.strip() for value in page.select(".stat__value")]
    assert figures == ["3", "7", "0"]
    changed = page.select("#changed-rows tbody tr")
    assert [row.select_one("th").text.strip() for row in changed] == ["2", "3", "7"]
    assert "8" in changed[0].text
    assert BETTER in changed[0].select("ins")[-1].text
    assert saved(evaluator, preview).status_code == 303
    assert sorted(scores(rows).values(), key=str) == sorted([
        (8, False, BETTER),
        (None, True, "The file names no partner abroad at all, so that nothing can be told."),
        (4, False, "Thin.\nVery thin."),
    ], key=str)  # fmt: skip
    assert all(e.closed_at is None for e in rows.all(sa.select(Evaluation)))
    assert "No row changes anything" in evaluator.get(preview).text

    again = book(evaluator, packed(evaluator, url))
    assert again.worksheets[0].cell(2, COLUMNS["score"]).value == 8
    fill(again, 2, score=9)
    page = soup(evaluator.get(previewed(evaluator, url, again)))
    (row,) = page.select("#changed-rows tbody tr")
    assert [row.select_one("del").text, row.select_one("ins").text] == ["[removed: 8]", "[added: 9]"]


def test_the_workbook_is_protected_validated_and_says_how(evaluator, url):
    found = book(evaluator, packed(evaluator, url))
    sheet, guide = found.worksheets
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    unlocked = {key for key, n in COLUMNS.items() if not sheet.cell(2, n).protection.locked}
    assert unlocked == {"score", "cannot_judge", "reason"}
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    assert {where: rule.type for where, rule in rules.items()} == {"G2": "whole", "H2": "list", "I2": "textLength"}
    assert (rules["G2"].formula1, rules["G2"].formula2) == ("1", "10")
    assert all(str(rule.sqref).endswith("11") for rule in rules.values())
    assert sheet.column_dimensions["A"].hidden
    assert sheet.print_title_rows
    assert "whole number from 1 to 10" in " ".join(str(cell.value) for row in guide.iter_rows() for cell in row)


def test_the_workbook_speaks_the_evaluators_language_and_comes_back(tale, evaluator, url, rows):
    tale.story.session.execute(sa.text("UPDATE account SET language = 'fr'"))
    tale.story.commit()
    found = book(evaluator, packed(evaluator, url))
    assert [cell.value for cell in found.worksheets[0][1]] == [names["fr"] for names in HEADS.values()]
    assert "nombre entier de 1 à 10" in " ".join(str(c.value) for row in found.worksheets[1].iter_rows() for c in row)
    fill(found, 2, cannot_judge="oui", reason="Rien à en dire.")
    assert saved(evaluator, previewed(evaluator, url, found)).status_code == 303
    assert list(scores(rows).values()) == [(None, True, "Rien à en dire.")]


def test_the_same_pack_gives_the_same_bytes(evaluator, url):
    pack = packed(evaluator, url)
    assert evaluator.client.get(f"{pack}.xlsx").data == evaluator.client.get(f"{pack}.xlsx").data


# --- what is refused, cell by cell ---


@pytest.mark.parametrize(
    ("values", "cell", "reason"),
    [
        ({"score": "=5+5"}, "G2", "A formula stands here."),
        ({"reason": "=A1"}, "I2", "A formula stands here."),
        ({"score": 3.5}, "G2", "“3.5” is no whole number. Choose a score from 1 to 10."),
        ({"score": 11}, "G2", "Choose a score from 1 to 10."),
        ({"score": 0}, "G2", "Choose a score from 1 to 10."),
        ({"score": -3}, "G2", "“-3” is no whole number."),
        ({"score": "eight"}, "G2", "“eight” is no whole number."),
        ({"score": True}, "G2", "“True” is no whole number."),
        ({"score": START.replace(tzinfo=None)}, "G2", "A date stands here"),
        ({"cannot_judge": "perhaps"}, "H2", "“perhaps” says nothing here."),
        ({"score": 5, "cannot_judge": "yes"}, "H2", "not both"),
        ({"score": 5, "reason": "   \n "}, "I2", "nothing but spaces"),
        ({"score": 5, "reason": "x" * 20_001}, "I2", "20,001 characters; at most 20,000"),
        ({"key": None}, "Row 2", "hidden key was changed or removed"),
        ({"key": "=A3"}, "Row 2", "hidden key was changed or removed"),
        ({"criterion": "Feasibility"}, "Row 2", "cells were moved between rows"),
        ({"reference": "2099-001"}, "Row 2", "cells were moved between rows"),
    ],
)  # fmt: skip
def test_a_row_that_breaks_a_rule_is_refused_by_its_cell_and_the_others_are_not(
    evaluator, rows, url, values, cell, reason
):
    found = book(evaluator, packed(evaluator, url))
    fill(found, 2, **values)
    fill(found, 3, score=6)
    preview = previewed(evaluator, url, found)
    page = soup(evaluator.get(preview))
    (told,) = reasons(page).items()
    assert told[0] == cell
    assert reason in told[1]
    assert saved(evaluator, preview).status_code == 303
    assert list(scores(rows).values()) == [(6, False, "")]


def test_a_line_that_stands_twice_is_refused_both_times(evaluator, url):
    found = book(evaluator, packed(evaluator, url))
    sheet = found.worksheets[0]
    sheet.append([cell.value for cell in sheet[2]])
    fill(found, 2, score=3)
    fill(found, 12, score=4)
    page = soup(evaluator.get(previewed(evaluator, url, found)))
    assert list(reasons(page)) == ["Row 2", "Row 12"]
    assert "twice" in page.text


def test_what_was_changed_on_line_since_is_not_overwritten(tale, evaluator, rows, url):
    found = book(evaluator, packed(evaluator, url))
    first = norwich(tale)[0] if norwich(tale)[0].dossier.lead_city == OTHER else norwich(tale)[1]
    tale.scored(first.id, 7, REASON)
    online = scores(rows)
    fill(found, 2, score=3, reason="I thought otherwise on the train.")
    fill(found, 3, score=7, reason=REASON)
    preview = previewed(evaluator, url, found)
    page = soup(evaluator.get(preview))
    assert [v.text.strip() for v in page.select(".stat__value")] == ["0", "6", "3", "1"]
    assert "changed on line after the workbook was made" in reasons(page)["Row 2"]
    assert page.select_one("form#save") is None
    assert scores(rows) == online


def test_saving_asks_again_when_something_changed_since_the_preview(tale, evaluator, rows, url):
    found = book(evaluator, packed(evaluator, url))
    fill(found, 2, score=3)
    preview = previewed(evaluator, url, found)
    seen = soup(evaluator.get(preview)).select_one("[name=seen]")["value"]
    for assignment in norwich(tale):
        tale.scored(assignment.id, 7)
    online = scores(rows)
    answer = evaluator.post(preview, {"seen": seen})
    assert answer.status_code == 409
    assert "Something changed since you looked." in answer.text
    assert scores(rows) == online
    assert rows.one(sa.select(Upload)).saved_at is None


def test_a_workbook_is_saved_once(evaluator, rows, url):
    found = book(evaluator, packed(evaluator, url))
    fill(found, 2, score=3)
    preview = previewed(evaluator, url, found)
    seen = soup(evaluator.get(preview)).select_one("[name=seen]")["value"]
    assert evaluator.post(preview, {"seen": seen}).status_code == 303
    again = evaluator.post(preview, {"seen": seen})
    assert again.status_code == 409
    assert "saved already" in again.text


# --- whole files that are refused ---


def zipped(entries, base):
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(base)) as good, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in good.namelist():
            made.writestr(name, good.read(name))
        for name, content in entries.items():
            made.writestr(name, content)
    return out.getvalue()


def renamed(found):
    found.worksheets[0].cell(1, COLUMNS["score"]).value = "Points"


def merged(found):
    found.worksheets[0].merge_cells("G2:G3")


def without_key(found):
    found.worksheets[0].delete_cols(1)


def doubled(found):
    found.worksheets[0].cell(1, COLUMNS["guidance"]).value = "Score"


def emptied(found):
    found.worksheets[0].delete_rows(2, 100)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (renamed, "not found: Score / Note."),
        (merged, "Cells are merged (G2:G3)"),
        (without_key, "No sheet of this file is one of the portal"),
        (doubled, "A column stands in the first row twice (G1)"),
        (emptied, "names its columns and nothing else"),
    ],
)
def test_a_workbook_of_another_shape_is_refused(evaluator, rows, url, change, reason):
    found = book(evaluator, packed(evaluator, url))
    change(found)
    answer = uploaded(evaluator, url, bytes_of(found))
    assert answer.status_code == 422
    assert reason in answer.text
    assert rows.all(sa.select(Upload)) == []


def test_what_is_no_workbook_is_refused(evaluator, rows, url):
    good = evaluator.client.get(f"{packed(evaluator, url)}.xlsx").data
    for content, reason in (
        (b"", "The file is empty."),
        (b"Key,Score\n1,2\n", "This is no XLSX file, whatever its name says."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "protected by a password"),
        (b"PK\x03\x04 and no more", "damaged"),
        (zipped({"xl/vbaProject.bin": b"Sub"}, good), "holds macros"),
        (zipped({"xl/media/zeros.bin": bytes(65 * 1024 * 1024)}, good), "too large"),
        (good[: len(good) // 2], "damaged"),
    ):
        answer = uploaded(evaluator, url, content)
        assert (answer.status_code, reason in answer.text) == (422, True), reason
    assert "Choose a file." in evaluator.post(f"{url}/workbook", {}).text
    assert rows.all(sa.select(Upload)) == []


# --- whose it is ---


def test_anothers_workbook_and_one_of_nowhere_are_refused(tale, evaluator, another_browser, rows, url):
    for assignment in tale.assignments(tale.told()).values():
        if tale.story.session.get_one(Assignment, assignment).seat.name == "Granada":
            tale.declared(assignment)
    another_browser.sign_in("granada@network.example")
    theirs = book(another_browser, packed(another_browser, url))
    fill(theirs, 2, score=1)
    answer = uploaded(evaluator, url, bytes_of(theirs))
    assert answer.status_code == 422
    assert "This was made for another person." in answer.text
    mine = book(evaluator, packed(evaluator, url))
    strange = book(evaluator, packed(evaluator, url))
    for row in range(2, 12):
        fill(strange, row, key=f"{'0' * 32}-{row - 2}")
    answer = uploaded(evaluator, url, bytes_of(strange))
    assert answer.status_code == 422
    assert "This was not made by this portal." in answer.text
    for column in range(1, 10):  # somebody else's row among one's own
        mine.worksheets[0].cell(12, column).value = theirs.worksheets[0].cell(2, column).value
    page = soup(evaluator.get(previewed(evaluator, url, mine)))
    assert reasons(page) == {"Row 12": "This was made for another person."}
    assert tale.dossier(tale.told()).lead_city not in page.select_one("#refused-rows").text
    assert scores(rows) == {}


def test_packs_and_previews_are_ones_own(evaluator, another_browser, url):
    pack = packed(evaluator, url)
    found = book(evaluator, pack)
    fill(found, 2, score=3)
    preview = previewed(evaluator, url, found)
    another_browser.sign_in("granada@network.example")
    for path in (pack, f"{pack}.pdf", f"{pack}.xlsx", preview):
        assert another_browser.get(path).status_code == 404
    assert another_browser.post(preview, {"seen": "0"}).status_code == 404
    assert "No file to take along" in another_browser.get(url).text


def test_a_pack_holds_what_is_open_and_nothing_else(app, tale, evaluator, url):
    """Not before the declaration, not with a conflict, not when closed, not another's; not by asking for it either."""
    session = tale.story.session
    closed = tale.admitted(town("Closed-la-Fiche"), tale.lead("closed@ville.example"))
    tale.closed(tale.asked(closed)["Norwich"])
    undeclared = tale.asked(tale.admitted(town("Undeclared"), tale.lead("undeclared@ville.example")))
    tied = tale.asked(tale.admitted(town("Tied"), tale.lead("tied@ville.example")))["Norwich"]
    tale.declared(tied)
    conflict = Conflict(
        dossier_id=session.get_one(Assignment, tied).dossier_id, rule="declared", reason="Kin", since_at=START,
        seat_id=session.get_one(Assignment, tied).seat_id,
    )  # fmt: skip
    session.add(conflict)
    tale.story.commit()
    page = soup(evaluator.get(url))
    assert len(page.select("input[name=file][type=checkbox]")) == 2
    for hidden in ("Closed-la-Fiche", "Undeclared", "Tied"):
        assert hidden not in page.text
    others = [a.id for a in session.scalars(sa.select(Assignment)) if a.seat.name == "Granada"]
    for forbidden in (tied, undeclared["Norwich"], others[0], "nonsense"):
        assert evaluator.post(url, {"file": [str(forbidden)]}).status_code == 404
    assert session.scalars(sa.select(Pack)).all() == []
    pack = packed(evaluator, url)
    assert worked(app) >= 1
    pdf = PdfReader(io.BytesIO(evaluator.client.get(f"{pack}.pdf").data))
    text = "".join(page.extract_text() for page in pdf.pages)
    cells = [str(cell.value) for row in book(evaluator, pack).worksheets[0].iter_rows() for cell in row]
    for hidden in ("Closed-la-Fiche", "Undeclared", "Tied"):
        assert hidden not in text
        assert hidden not in cells


def test_a_conflict_takes_the_pack_away_and_the_workbook_is_refused(app, tale, evaluator, rows, url):
    pack = packed(evaluator, url)
    found = book(evaluator, pack)
    for row in range(2, 12):
        fill(found, row, score=5)
    preview = previewed(evaluator, url, found)
    tied = next(a for a in norwich(tale) if a.dossier.lead_city == OTHER)
    evaluator.post(f"/assignments/{tied.id}/declaration", {"declaration": "tied", "reason": "My sister works there."})
    assert worked(app) >= 1, "the worker lays out nothing that was taken away"
    assert rows.one(sa.select(Pack)).sha256 is None
    for path in (f"{pack}.pdf", f"{pack}.xlsx"):
        assert evaluator.get(path).status_code == 409
    page = evaluator.get(pack)
    assert "This pack cannot be fetched any more." in page.text
    shown = soup(evaluator.get(preview))
    assert set(reasons(shown).values()) == {"This file is not open to you any more."}
    assert OTHER not in shown.text
    assert saved(evaluator, preview).status_code == 303
    kept = rows.all(sa.select(Score))
    assert len(kept) == 5
    assert {e.dossier_id for e in rows.all(sa.select(Evaluation))} == {a.dossier_id for a in norwich(tale)} - {
        tied.dossier_id
    }


def test_a_closed_sheet_stands(tale, evaluator, rows, url):
    found = book(evaluator, packed(evaluator, url))
    for row in range(2, 12):
        fill(found, row, score=5)
    closed = next(a for a in norwich(tale) if a.dossier.lead_city == OTHER)
    tale.closed(closed.id)
    before = scores(rows)
    preview = previewed(evaluator, url, found)
    page = soup(evaluator.get(preview))
    assert set(reasons(page).values()) == {"The sheet is closed: it stands as it is."}
    assert saved(evaluator, preview).status_code == 303
    assert {k: v for k, v in scores(rows).items() if k in before} == before
    assert len(scores(rows)) == 10


def test_when_the_evaluation_is_over_nothing_is_offered_or_saved(tale, evaluator, rows, url):
    found = book(evaluator, packed(evaluator, url))
    fill(found, 2, score=5)
    preview = previewed(evaluator, url, found)
    seen = soup(evaluator.get(preview)).select_one("[name=seen]")["value"]
    tale.story.session.execute(sa.text("UPDATE dossier SET state = 'in_review'"))
    tale.story.commit()
    assert ticks(evaluator, url) == []
    assert "The sheet is closed: it stands as it is." in evaluator.get(preview).text
    assert evaluator.post(preview, {"seen": seen}).status_code == 409
    assert scores(rows) == {}


def test_a_pack_has_an_end_and_its_workbook_is_still_taken_back(evaluator, clock, url):
    pack = packed(evaluator, url)
    found = book(evaluator, pack)
    clock.at = clock.at.replace(month=clock.at.month + 1)
    evaluator.sign_in(NORWICH)
    for path in (f"{pack}.pdf", f"{pack}.xlsx"):
        answer = evaluator.get(path)
        assert answer.status_code == 409
        assert "could be fetched until" in answer.text
    assert "This pack has ended." in evaluator.get(pack).text
    fill(found, 2, score=3)
    assert "What would change" in evaluator.get(previewed(evaluator, url, found)).text


def test_none_and_too_many_files_are_refused(evaluator, url, monkeypatch):
    answer = evaluator.post(url, {})
    assert answer.status_code == 422
    assert "Tick at least one file." in answer.text
    monkeypatch.setattr("rvc_portal.services.offline.MOST_FILES", 1)
    both = [box["value"] for box in soup(evaluator.get(url)).select("input[name=file]")]
    answer = evaluator.post(url, {"file": both})
    assert answer.status_code == 422
    assert "A pack holds at most 1 files; 2 are ticked." in answer.text


def test_the_page_asks_the_database_no_more_for_more_files(tale, evaluator, statements, url):
    def cost():
        statements.clear()
        assert evaluator.get(url).status_code == 200
        return len(statements)

    tale.story.commit()
    few = cost()
    tale.declared(tale.asked(tale.admitted(town("Beaumont"), tale.lead("beaumont@ville.example")))["Norwich"])
    assert cost() == few <= 15
