"""Bundles as a browser sees them: chosen, made ready by the worker, fetched whole and in parts, refused when not theirs any
more; and for several readers page, list, manifest and ZIP agree."""

import csv
import hashlib
import io
import zipfile
from datetime import timedelta
from uuid import UUID

import openpyxl
import pytest
import sqlalchemy as sa

from rvc_portal import jobs
from rvc_portal.domain.vocabulary import JobKind
from rvc_portal.gateways import one_time_codes
from rvc_portal.models.account import Account
from rvc_portal.models.base import db
from rvc_portal.models.bundle import Bundle, BundleItem, StoredFile
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier, Filing
from rvc_portal.models.job import Job
from rvc_portal.models.second_factor import SecondFactor
from rvc_portal.services import accounts, rendering
from tests import scenes
from tests.scenes import scene_at, shelf  # noqa: F401
from tests.stories import PASSWORD
from tests.web.browsing import Browser, Clock, soup

NOW = scenes.PUBLISHED + timedelta(days=1)
ANYBODY = {"CALL_TEXT", "BLANK_FORM", "DESIGNATION_LIST"}


@pytest.fixture
def scene(scene_at):  # noqa: F811
    """The published round, every document with a few bytes in the place of its PDF."""
    found = scene_at("published")
    found.pretend_rendered()
    found.session.execute(sa.delete(Job))
    secret = accounts.hashed(PASSWORD)
    for account in found.session.scalars(sa.select(Account)):
        account.password = secret
        account.language = "en"
        account.confirmed_at = account.confirmed_at or scenes.OPENED
    key = one_time_codes.new_secret(found.app.extensions["rvc"].settings.secret_key)  # the role needs a second factor
    found.session.add(SecondFactor(account_id=found.direction.id, secret=key, enrolled_at=scenes.OPENED))
    found.commit()
    found.app.config["CLOCK"] = Clock(NOW)
    return found


@pytest.fixture
def reader(scene):
    """Gives a browser in which this account is signed in."""

    def give(account: Account) -> Browser:
        browser = Browser(scene.app.test_client())
        assert browser.sign_in(account.email).status_code in (302, 303)
        return browser

    return give


def chosen(browser, query="", **changes):
    """The form of a new bundle as the page fills it in, sent; the answer."""
    form = soup(browser.get(f"/bundles/new{query}")).select_one("form[action='/bundles']")
    sent = {}
    for box in form.select("input"):
        if box.get("type") in ("hidden", None) or box.has_attr("checked"):
            sent.setdefault(box["name"], []).append(box["value"])
    sent.pop("csrf_token")
    return browser.post("/bundles", {**sent, **changes})


def made(scene, browser, query="", **changes):
    """A bundle made ready; its address."""
    answer = chosen(browser, query, **changes)
    assert answer.status_code == 303, answer.text
    jobs.drain(scene.app)
    return answer.headers["Location"]


def bundle_id(address):
    return UUID(address.rpartition("/")[2])


def unzipped(browser, address):
    answer = browser.client.get(f"{address}.zip")
    assert answer.status_code == 200
    found = zipfile.ZipFile(io.BytesIO(answer.data))
    assert found.testzip() is None
    return found


def manifest(found):
    return list(csv.DictReader(io.StringIO(found.read("MANIFEST.csv").decode("utf-8-sig"))))


def listed(browser, query=""):
    """The addresses on the page of all documents."""
    links, number = [], 1
    while page := soup(browser.get(f"/documents?page={number}&{query}")).select("#documents th a"):
        links += [a["href"] for a in page]
        number += 1
    return links


# --- what is in it ---


def test_page_list_manifest_and_zip_hold_the_same_for_every_reader(scene, reader):
    dossier = scene.dossier()
    people = {
        "officer": scene.officer, "lead": scene.lead(), "chair": scene.chair().account, "direction": scene.direction,
        "judge": scene.judges(dossier)[0].account, "other city": scene.lead(scenes.DECLINED),
    }  # fmt: skip
    held = {}
    for who, account in people.items():
        browser = reader(account)
        links = listed(browser, "status=current")
        on_the_page = {
            a["href"] for a in soup(browser.get(f"/dossiers/{dossier.id}")).select(".document--ready .document__name")
        } if who != "other city" else set()  # fmt: skip
        found = unzipped(browser, made(scene, browser))
        lines = manifest(found)
        assert [line["name"] for line in lines] == found.namelist()[2:]
        contents = [browser.client.get(link).data for link in links]
        assert sorted(contents) == sorted(found.read(name) for name in found.namelist()[2:]), who
        assert on_the_page <= set(links), who
        of_dossier = [line for line in lines if line["reference"] == dossier.reference]
        assert len(of_dossier) == len(on_the_page), who
        held[who] = {line["kind"] for line in of_dossier}
    assert held["lead"] >= {"DOSSIER", "RECEIPT", "DESIGNATION_LETTER", "CERTIFICATE"}
    assert not held["lead"] & {"EVALUATION_SHEET", "EVALUATION_REPORT", "STEERING_OPINION", "SCREENING_NOTE"}
    assert held["officer"] >= {"EVALUATION_SHEET", "STEERING_OPINION"}
    assert held["judge"] == {"DOSSIER", "EVALUATION_SHEET"}
    assert held["other city"] == set()


def test_the_manifest_and_the_sums_tell_the_truth(scene, reader):
    found = unzipped(browser := reader(scene.officer), made(scene, browser))
    assert found.namelist()[:2] == ["MANIFEST.csv", "SHA256SUMS"]
    sums = dict(reversed(line.split("  ", 1)) for line in found.read("SHA256SUMS").decode().splitlines())
    for line in manifest(found):
        content = found.read(line["name"])
        assert hashlib.sha256(content).hexdigest() == line["sha256"] == sums[line["name"]]
        assert (str(len(content)), f"{found.getinfo(line['name']).CRC:08x}") == (line["size"], line["crc32"])
    assert sums["MANIFEST.csv"] == hashlib.sha256(found.read("MANIFEST.csv")).hexdigest()
    assert len(sums) == len(found.namelist()) - 1


def test_a_recused_officers_bundle_leaves_the_file_out_in_silence(scene, reader):
    scene.session.add(
        Conflict(dossier_id=scene.dossier().id, account_id=scene.officer.id, rule="declared", since_at=NOW)
    )
    scene.commit()
    browser = reader(scene.officer)
    page = browser.get("/bundles/new").text
    assert scenes.DESIGNATED not in page
    found = unzipped(browser, made(scene, browser))
    assert {line["city"] for line in manifest(found)} == {scenes.DECLINED, ""}
    assert scene.dossier().reference not in "".join(found.namelist())


def test_kinds_and_files_are_chosen(scene, reader):
    browser, one = reader(scene.officer), scene.dossier(scenes.DECLINED)
    found = unzipped(browser, made(scene, browser, kind=["RECEIPT", "DOSSIER"], dossier=[str(one.id)]))
    assert {(line["kind"], line["city"]) for line in manifest(found)} == {
        ("RECEIPT", scenes.DECLINED), ("DOSSIER", scenes.DECLINED),
    }  # fmt: skip
    found = unzipped(browser, made(scene, browser, "?state=designated&kind=CERTIFICATE"))
    assert [(line["kind"], line["city"]) for line in manifest(found)] == [("CERTIFICATE", scenes.DESIGNATED)]


def test_another_citys_file_that_is_ticked_by_hand_stays_out(scene, reader):
    browser = reader(scene.lead())
    answer = chosen(browser, dossier=[str(scene.dossier(scenes.DECLINED).id)], kind=["DOSSIER"])
    assert answer.status_code == 422
    assert "No document is chosen." in answer.text


def test_nothing_ticked_is_said_and_what_was_ticked_stays(scene, reader):
    browser = reader(scene.officer)
    answer = chosen(browser, kind=[], dossier=[str(scene.dossier().id)])
    assert answer.status_code == 422
    page = soup(answer)
    assert "No document is chosen." in page.select_one(".error-summary").text
    assert [box["value"] for box in page.select("input[name=dossier][checked]")] == [str(scene.dossier().id)]
    assert browser.get("/bundles/new?kind=NONSENSE&from=soon&language=xx").status_code == 422


def test_names_are_of_the_reader_and_safe(scene, reader):
    scene.session.execute(
        sa.update(Dossier).where(Dossier.lead_city == scenes.DESIGNATED).values(lead_city="Aux: *.*/Żółć")
    )
    scene.commit()
    found = unzipped(browser := reader(scene.officer), made(scene, browser))
    folders = {name.split("/")[0] for name in found.namelist() if "/" in name}
    assert any(folder.endswith(" Aux- -.--Żółć") for folder in folders)


# --- the link ---


def test_it_goes_on_where_it_stopped(scene, reader):
    browser = reader(scene.officer)
    url = f"{made(scene, browser)}.zip"
    whole = browser.client.get(url)
    etag, content = whole.headers["ETag"], whole.data
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert int(whole.headers["Content-Length"]) == len(content)

    def asked(**headers):
        return browser.client.get(url, headers={k.replace("_", "-"): v for k, v in headers.items()})

    part = asked(Range="bytes=1000-")
    assert (part.status_code, part.data) == (206, content[1000:])
    assert part.headers["Content-Range"] == f"bytes 1000-{len(content) - 1}/{len(content)}"
    assert asked(Range="bytes=10-19", If_Range=etag).data == content[10:20]
    assert asked(Range="bytes=-7").data == content[-7:]
    assert asked(Range=f"bytes=5-{len(content) * 2}").data == content[5:]
    for ignored in ({"Range": "bytes=10-19", "If_Range": '"another"'}, {"Range": "bytes=0-1,4-5"}, {"Range": "lines=1-2"},
                    {"Range": "bytes=7-3"}, {"Range": "bytes=10-19", "If_Range": f"W/{etag}"}):  # fmt: skip
        answer = asked(**ignored)
        assert (answer.status_code, answer.data) == (200, content), ignored
    beyond = asked(Range=f"bytes={len(content)}-")
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(content)}")
    assert asked(If_None_Match=etag).status_code == 304
    head = browser.client.head(url)
    assert (head.status_code, head.headers["Content-Length"], head.data) == (200, str(len(content)), b"")


def test_what_is_replaced_later_stays_in_it_as_it_was(scene, reader):
    browser = reader(scene.officer)
    address = made(scene, browser)
    before = browser.client.get(f"{address}.zip").data
    papers = Document.kind == "SESSION_PAPERS"
    scene.session.execute(sa.update(Document).where(sa.not_(papers)).values(superseded_at=NOW))
    scene.commit()
    assert browser.client.get(f"{address}.zip").data == before
    scene.session.execute(sa.update(Document).where(papers).values(superseded_at=NOW))  # taken away: nobody reads them
    scene.commit()
    refused = browser.client.get(f"{address}.zip")
    assert refused.status_code == 409
    assert "not open to you any more" in refused.text


@pytest.mark.parametrize("why", ["conflict", "role"])
def test_what_is_not_open_any_more_is_refused_in_words(scene, reader, why):
    officer = scene.officer
    browser = reader(officer)
    address = made(scene, browser)
    if why == "conflict":
        scene.session.add(Conflict(dossier_id=scene.dossier().id, account_id=officer.id, rule="declared", since_at=NOW))
    else:
        scene.session.execute(sa.text("UPDATE role_grant SET until_at = :at"), {"at": "2015-01-01 00:00:00"})
    scene.commit()
    answer = browser.get(f"{address}.zip")
    assert answer.status_code == 409
    assert "not open to you any more" in answer.text
    assert scenes.DESIGNATED not in answer.text
    page = browser.get(address)
    assert "cannot be fetched any more" in page.text
    assert not soup(page).select("a[href$='.zip']")


def test_a_bundle_is_its_owners_alone(scene, reader):
    address = made(scene, reader(scene.officer))
    other = reader(scene.second_officer)
    for path in (address, f"{address}.zip", f"{address}.xlsx"):
        assert other.get(path).status_code == 404
    assert other.post(f"{address}/cancel").status_code == 404
    assert other.post(f"{address}/again").status_code == 404


# --- the worker ---


def test_only_what_is_missing_is_laid_out_and_a_link_waits(scene, reader, monkeypatch):
    browser = reader(scene.officer)
    missing = scene.session.scalars(sa.select(Document).where(Document.kind == "DOSSIER").order_by(Document.id)).first()
    missing.content_sha256 = missing.size = missing.pages = missing.rendered_at = None
    scene.commit()
    laid_out = []

    def make(files, source, on_page=None):
        laid_out.append(source.kind)
        content = b"%PDF-1.7 made now"
        return rendering.Stored(files.put(content), 1, len(content), "none")

    monkeypatch.setattr(rendering, "make", make)
    address = chosen(browser, kind=["DOSSIER", "RECEIPT"]).headers["Location"]
    page = browser.get(address)
    assert soup(page).select_one("progress, [role=progressbar], meter")
    refused = browser.get(f"{address}.zip")
    assert (refused.status_code, "not ready yet" in refused.text) == (409, True)
    scene.session.rollback()  # the test's own context, in which an error page begins a transaction
    jobs.drain(scene.app)
    assert laid_out == ["DOSSIER"]
    assert browser.get(address, htmx=True).headers["HX-Redirect"].endswith(address)
    found = unzipped(browser, address)
    assert b"%PDF-1.7 made now" in [found.read(name) for name in found.namelist()]
    again = made(scene, browser, kind=["DOSSIER", "RECEIPT"])
    assert laid_out == ["DOSSIER"]
    assert unzipped(browser, again).namelist() == found.namelist()


def test_a_file_is_measured_once(scene, reader, monkeypatch):
    browser = reader(scene.officer)
    made(scene, browser)
    measured = scene.session.scalar(sa.select(sa.func.count()).select_from(StoredFile))
    assert measured > 10
    monkeypatch.setattr("rvc_portal.services.bundles.measure", lambda *_: pytest.fail("measured again"))
    unzipped(browser, made(scene, browser))


def test_who_cancels_gets_none(scene, reader):
    browser = reader(scene.officer)
    address = chosen(browser).headers["Location"]
    assert browser.post(f"{address}/cancel").status_code == 303
    jobs.drain(scene.app)
    assert "was cancelled" in browser.get(address).text
    assert browser.get(f"{address}.zip").status_code == 409
    ready = made(scene, browser)
    browser.post(f"{ready}/cancel")
    unzipped(browser, ready)


def test_what_cannot_be_laid_out_is_told_and_tried_again(scene, reader, monkeypatch):
    browser = reader(scene.officer)
    address = chosen(browser).headers["Location"]
    missing = scene.session.scalars(sa.select(Document).where(Document.kind == "DOSSIER")).first()
    kept, missing.content_sha256 = missing.content_sha256, None
    scene.session.execute(sa.delete(Job))
    scene.session.add(
        Job(kind=JobKind.RENDER, subject_id=missing.id, status="failed", queued_at=NOW, not_before_at=NOW)
    )
    scene.session.add(Job(kind=JobKind.BUNDLE, subject_id=bundle_id(address), queued_at=NOW, not_before_at=NOW))
    scene.commit()
    jobs.drain(scene.app)
    assert "could not be made ready" in browser.get(address).text
    assert browser.get(f"{address}.zip").status_code == 409
    scene.session.rollback()
    monkeypatch.setattr(rendering, "make", lambda files, source, on_page=None: rendering.Stored(kept, 1, 10, "none"))
    assert browser.post(f"{address}/again").status_code == 303
    jobs.drain(scene.app)
    unzipped(browser, address)


def test_a_worker_that_dies_loses_one_portion_and_the_bundle_is_made_once(scene, reader, monkeypatch):
    browser = reader(scene.officer)
    address = chosen(browser).headers["Location"]
    worker = jobs.Jobs(scene.app, scene.app.extensions["rvc"])
    first, second = (worker._bundle(bundle_id(address)) for _ in range(2))
    for record in (first, second):
        record(scene.session, NOW)
        scene.commit()
    files = scene.session.scalar(sa.select(Bundle.files))
    assert scene.session.scalar(sa.select(sa.func.count()).select_from(BundleItem)) == files
    unzipped(browser, address)


# --- answers ---


def test_the_table_of_answers_holds_what_the_reader_may_read(scene, reader):
    browser, key = reader(scene.officer), scene.call.key
    sent = browser.client.get(f"/board/answers.csv?call={key}")
    assert sent.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(sent.data.decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == [d.lead_city for d in sorted(scene.both(), key=lambda d: d.reference)]
    told = [q.label.en for s in scenes.told().form.sections for q in s.questions]
    assert [name.split(" ", 1)[1] for name in rows[0][7:]] == told
    city = scene.session.scalars(sa.select(Filing).where(Filing.dossier_id == scene.dossier().id)).first()
    assert any(cell and cell in city.content for cell in rows[1][7:])
    address = browser.post("/bundles/answers", {"call": key}).headers["Location"]
    jobs.drain(scene.app)
    book = openpyxl.load_workbook(io.BytesIO(browser.client.get(f"{address}.xlsx").data))
    cells = [["" if c is None else str(c) for c in row] for row in book.active.iter_rows(values_only=True)]
    assert [[c.replace("\r\n", "\n") for c in row] for row in cells] == [
        [c.removeprefix("'") for c in row] for row in rows
    ]


def test_a_recused_officer_and_a_filter_leave_files_out(scene, reader):
    scene.session.add(
        Conflict(dossier_id=scene.dossier().id, account_id=scene.officer.id, rule="declared", since_at=NOW)
    )
    scene.commit()
    browser, key = reader(scene.officer), scene.call.key
    assert scenes.DESIGNATED not in browser.client.get(f"/board/answers.csv?call={key}").text
    address = browser.post("/bundles/answers", {"call": key}).headers["Location"]
    jobs.drain(scene.app)
    book = openpyxl.load_workbook(io.BytesIO(browser.client.get(f"{address}.xlsx").data))
    assert [row[1].value for row in book.active.iter_rows(min_row=2)] == [scenes.DECLINED]
    assert browser.post("/bundles/answers", {"call": key, "state": "draft"}).status_code == 422


def test_answers_of_two_calls_do_not_fit_in_one_table(scene, reader):
    browser = reader(scene.officer)
    answer = browser.get("/board/answers.csv")
    assert (answer.status_code, "Choose a call first" in answer.text) == (422, True)
    assert browser.post("/bundles/answers").status_code == 422
    city = reader(scene.lead())
    assert city.get(f"/board/answers.csv?call={scene.call.key}").status_code == 403


def test_a_workbook_is_refused_once_a_file_is_closed_to_the_reader(scene, reader):
    officer = scene.officer
    browser = reader(officer)
    address = browser.post("/bundles/answers", {"call": scene.call.key}).headers["Location"]
    jobs.drain(scene.app)
    assert browser.client.get(f"{address}.xlsx").status_code == 200
    scene.session.add(Conflict(dossier_id=scene.dossier().id, account_id=officer.id, rule="declared", since_at=NOW))
    scene.commit()
    assert browser.get(f"{address}.xlsx").status_code == 409


# --- the page of all documents ---


def test_filters_stand_in_the_address(scene, reader):
    browser = reader(scene.officer)

    def left(query):
        return [row.text for row in soup(browser.get(f"/documents?{query}")).select("#documents tbody tr")]

    assert 0 < len(left("kind=RECEIPT")) == sum("Receipt" in row for row in left("kind=RECEIPT"))
    assert len(left(f"q={scenes.DECLINED[:4]}&kind=DECISION_LETTER")) == 1
    assert left("from=2015-06-01&to=2015-06-01") != []
    assert left("from=2030-01-01") == []
    assert left("status=held") == []
    assert left("language=fr&kind=CALL_TEXT") != []
    before = scene.session.scalars(sa.select(Document).where(Document.kind == "RECEIPT")).first()
    before.superseded_at = NOW
    scene.commit()
    standing, every = left("kind=RECEIPT"), left("kind=RECEIPT&status=any")
    assert len(every) == len(standing) + 1
    assert left("kind=RECEIPT&status=superseded") == [row for row in every if row not in standing]
    told = soup(browser.get("/documents")).select_one("select[name=kind] option[value=RECEIPT]").text
    assert told.endswith(f"({len(standing)})")
    bundle = soup(browser.get("/documents?kind=RECEIPT&status=any")).select_one("a[href^='/bundles/new']")["href"]
    assert "status=any" in bundle
    page = soup(browser.get("/documents?kind=RECEIPT&from=2015-06-01"))
    assert page.select_one("select[name=kind] option[selected]")["value"] == "RECEIPT"
    assert page.select_one("input[name=from]")["value"] == "2015-06-01"
    assert "kind=RECEIPT&from=2015-06-01" in page.select_one("a[href^='/bundles/new']")["href"]
    assert browser.get("/documents?status=lost&to=yesterday&page=0").status_code == 422
    assert browser.get("/documents?page=999").status_code == 200


def test_as_many_queries_for_three_documents_as_for_one(scene, reader):
    browser = reader(scene.officer)
    seen = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda c, cur, statement, *_: seen.append(statement))
    counted = {}
    for kind in ("CERTIFICATE", "EVALUATION_SHEET"):
        seen.clear()
        page = soup(browser.get(f"/documents?kind={kind}"))
        counted[len(page.select("#documents tbody tr"))] = len(seen)
    assert len(counted) == 2
    assert len(set(counted.values())) == 1
    assert set(counted.values()).pop() <= 14


def test_a_city_and_an_evaluator_see_theirs(scene, reader):
    lead = soup(reader(scene.lead()).get("/documents"))
    assert {a.text for a in lead.select("td[data-label=City] a")} == {scenes.DESIGNATED}
    judge = scene.judges(scene.dossier())[0].account
    rows = soup(reader(judge).get("/documents")).select("#documents tbody tr")
    assert {row.th.text.split(" · ")[0] for row in rows} >= {"Candidacy dossier", "Evaluation sheet"}
    assert Browser(scene.app.test_client()).get("/documents").status_code in (302, 303)
