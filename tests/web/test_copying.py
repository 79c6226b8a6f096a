"""Answers copied from one's own earlier file: who may, what fits, what is kept, what the journal says."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.models.dossier import Answer, Attachment, Membership
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import calls, dossiers
from tests.stories import LONG_NAME, Tale, town
from tests.web.browsing import START, soup


@pytest.fixture
def earlier_call(app, clock):
    with app.app_context():
        yield Tale(app, START - timedelta(days=730))


@pytest.fixture
def tale(earlier_call, app):
    return Tale(app, START)


def kept(tale, dossier_id):
    tale.story.session.rollback()
    tale.story.session.expire_all()
    return dict(dossiers.values(tale.story.session, dossier_id))


def form_of(page):
    fields = page.select("#copy-form input[type=hidden]")
    return {
        "source": page.select_one("#copy-form input[name=source]")["value"],
        "seen": [field["value"] for field in fields if field["name"] == "seen"],
        "take": [box["value"] for box in page.select("#copy-form input[name=take]") if box.has_attr("checked")],
    }


def test_two_years_later_a_city_copies_what_fits(earlier_call, tale, browser):
    earlier_id = earlier_call.draft(share=1.0)
    dossier_id = tale.draft()
    before = kept(tale, dossier_id)
    browser.sign_in(tale.lead())
    home = f"/dossiers/{dossier_id}"
    assert soup(browser.get(f"{home}/sections")).select_one(f"a[href='{home}/copy']")
    (link,) = soup(browser.get(f"{home}/copy")).select(".checklist__text a[href*=source]")
    assert LONG_NAME in link.text
    page = soup(browser.get(link["href"]))
    ticked = form_of(page)
    form = calls.definition(tale.call).form
    acts = {q.key for q in form.questions() if q.type in ("declaration", "signature")}
    assert len(ticked["take"]) > 30
    assert not acts & set(ticked["take"])
    assert "to be given anew in each call" in page.text
    # The years of the budget are those of the earlier call: taken whole, and marked.
    assert "To be put right after copying: This must be" in page.select_one("#offer-plan_budget").text
    answer = browser.post(f"{home}/copy", ticked)
    assert answer.status_code == 303
    earlier, after = kept(tale, earlier_id), kept(tale, dossier_id)
    assert after == before | {key: earlier[key] for key in ticked["take"]}
    page = browser.get(answer.headers["Location"])
    assert f"{len(ticked['take'])} answers are copied." in page.text
    query = sa.select(JournalEntry).where(JournalEntry.chain == dossier_id, JournalEntry.transition == "copy")
    entry = tale.story.session.scalars(query).one()
    assert entry.payload["source"] == entry.reason == earlier_call.dossier(earlier_id).reference
    assert entry.payload["questions"] == sorted(ticked["take"])
    history = browser.get(home).text
    assert "Copied answers from an earlier file" in history
    # Once more there is no answer left to take.
    assert not soup(browser.get(link["href"])).select("#copy-form input[name=take]")


def test_pieces_are_taken_over_as_far_as_there_is_room(earlier_call, tale, browser):
    earlier_id, dossier_id = earlier_call.draft(share=1.0), tale.draft()
    session = tale.story.session
    given = [(a.piece, a.sha256) for a in dossiers.attachments(session, earlier_id)]
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}/copy"
    page = soup(browser.get(f"{url}?source={earlier_id}"))
    boxes = [box["value"] for box in page.select("#copy-form input[name=piece]")]
    assert len(boxes) == len(given)
    # A letter of an earlier year is not filed again by oversight.
    assert not page.select("#copy-form input[name=piece][checked]")
    answer = browser.post(url, {"source": str(earlier_id), "piece": [*boxes, "nonsense", str(dossier_id)]})
    assert answer.status_code == 303
    assert f"{len(given)} pieces are copied." in browser.get(answer.headers["Location"]).text
    session.expire_all()
    assert sorted((a.piece, a.sha256) for a in dossiers.attachments(session, dossier_id)) == sorted(given)
    query = sa.select(JournalEntry).where(JournalEntry.chain == dossier_id, JournalEntry.transition == "copy_pieces")
    assert session.scalars(query).one().payload["pieces"] == sorted({piece for piece, _sha256 in given})
    assert "Copied pieces from an earlier file" in browser.get(f"/dossiers/{dossier_id}").text
    assert not soup(browser.get(f"{url}?source={earlier_id}")).select("#copy-form input[name=piece]")
    # Without room a file is offered, and says so.
    session.query(Attachment).filter_by(dossier_id=dossier_id).update({"sha256": "0" * 64})
    session.commit()
    assert "There is no room for it" in browser.get(f"{url}?source={earlier_id}").text


def test_a_piece_that_the_call_does_not_take_stops_the_whole_copy(earlier_call, tale, browser, monkeypatch):
    earlier_id, dossier_id = earlier_call.draft(share=1.0), tale.draft()
    before = kept(tale, dossier_id)
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}/copy"
    page = soup(browser.get(f"{url}?source={earlier_id}"))
    boxes = [box["value"] for box in page.select("#copy-form input[name=piece]")]
    told = calls.definition(tale.call)
    stricter = replace(told, pieces=tuple(replace(p, max_bytes=10) for p in told.pieces))
    monkeypatch.setitem(calls._parsed, tale.call.definition_sha256, stricter)
    answer = browser.post(url, {**form_of(page), "piece": boxes})
    assert answer.status_code == 422
    assert "List of the pieces in the file: " in soup(answer).select_one(".error-summary").text
    assert kept(tale, dossier_id) == before
    assert not dossiers.attachments(tale.story.session, dossier_id)


def test_what_the_draft_says_is_replaced_only_where_that_is_ticked(earlier_call, tale, browser):
    earlier_id, dossier_id = earlier_call.draft(share=1.0), tale.draft()
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}"
    browser.post(f"{url}/sections/5", {"asked": ["reasons"], "reasons": "Ours, written this year."})
    page = soup(browser.get(f"{url}/copy?source={earlier_id}"))
    assert not page.select_one("#take-reasons").has_attr("checked")
    assert "another answer already" in page.select_one("#offer-reasons").text
    assert "Ours, written this year." in page.select_one("#offer-reasons").text
    ticked = form_of(page)
    browser.post(f"{url}/copy", {**ticked, "take": ["expected_impact"]})
    assert kept(tale, dossier_id)["reasons"] == "Ours, written this year."
    browser.post(f"{url}/copy", {**ticked, "take": ["reasons"]})
    assert kept(tale, dossier_id)["reasons"] == kept(tale, earlier_id)["reasons"]
    query = sa.select(Answer.revision).where(Answer.dossier_id == dossier_id, Answer.key == "reasons")
    assert tale.story.session.scalars(query).one() == 2


def test_a_colleague_who_wrote_meanwhile_is_not_written_over(earlier_call, tale, browser, another_browser):
    earlier_id, dossier_id = earlier_call.draft(share=1.0), tale.draft()
    colleague = tale.lead("editor@ville.example", "Bruno Martin")
    tale.story.session.add(Membership(dossier_id=dossier_id, account_id=colleague.id, role="editor", since_at=START))
    tale.story.commit()
    browser.sign_in(tale.lead())
    another_browser.sign_in(colleague)
    url = f"/dossiers/{dossier_id}"
    another_browser.post(f"{url}/sections/5", {"asked": ["reasons"], "reasons": "First."})
    ticked = form_of(soup(browser.get(f"{url}/copy?source={earlier_id}")))
    another_browser.post(f"{url}/sections/5", {"asked": ["reasons"], "reasons": "Second.", "seen": "reasons:1"})
    answer = browser.post(f"{url}/copy", {**ticked, "take": ["reasons", "expected_impact"]})
    assert answer.status_code == 409
    assert "Bruno Martin" in soup(answer).select_one(".error-summary").text
    assert kept(tale, dossier_id)["reasons"] == "Second."
    assert "expected_impact" not in kept(tale, dossier_id)


def test_only_ones_own_earlier_files_are_offered(earlier_call, tale, browser):
    dossier_id = tale.draft()
    stranger = earlier_call.draft(town("Étrangère"), earlier_call.lead("stranger@ville.example"), share=1.0)
    sibling = tale.draft(town("Voisine"), tale.lead())  # of the same call, still at work
    left = earlier_call.draft(town("Quittée"), earlier_call.lead(), share=1.0)
    tale.story.session.query(Membership).filter_by(dossier_id=left).update({"ended_at": START})
    tale.story.commit()
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}/copy"
    assert "There is no earlier file to copy from" in browser.get(url).text
    before = kept(tale, dossier_id)
    for source in (stranger, sibling, left, dossier_id, "nonsense"):
        assert browser.get(f"{url}?source={source}").status_code == 404
        assert browser.post(url, {"source": str(source), "take": ["reasons"]}).status_code == 404
    assert browser.post(url, {"take": ["reasons"]}).status_code == 404
    assert kept(tale, dossier_id) == before


def test_a_withdrawn_file_of_the_same_call_is_an_earlier_one(tale, browser):
    first = tale.draft(share=1.0)
    tale.story.withdraw(tale.dossier(first), tale.lead(), START - timedelta(days=1))
    dossier_id = tale.draft(town("Encore"))
    browser.sign_in(tale.lead())
    page = soup(browser.get(f"/dossiers/{dossier_id}/copy?source={first}"))
    assert not page.select_one("#take-city_name").has_attr("checked")
    assert page.select_one("#take-reasons").has_attr("checked")


def test_nothing_ticked_copies_nothing_and_says_so(earlier_call, tale, browser):
    earlier_id, dossier_id = earlier_call.draft(share=1.0), tale.draft()
    before = kept(tale, dossier_id)
    browser.sign_in(tale.lead())
    answer = browser.post(f"/dossiers/{dossier_id}/copy", {"source": str(earlier_id)})
    assert answer.status_code == 422
    assert "Nothing is ticked" in answer.text
    odd = browser.post(
        f"/dossiers/{dossier_id}/copy", {"source": str(earlier_id), "take": ["signature", "nowhere", "\0"]}
    )
    assert odd.status_code == 422
    assert kept(tale, dossier_id) == before


def test_a_returned_file_takes_no_copies(earlier_call, tale, browser):
    earlier_id, dossier_id = earlier_call.draft(share=1.0), tale.returned()
    before = kept(tale, dossier_id)
    browser.sign_in(tale.lead())
    assert browser.get(f"/dossiers/{dossier_id}/copy").status_code == 302
    answer = browser.post(f"/dossiers/{dossier_id}/copy", {"source": str(earlier_id), "take": ["reasons"]})
    assert answer.status_code == 409
    assert kept(tale, dossier_id) == before
