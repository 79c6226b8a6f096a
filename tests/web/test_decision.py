"""The slate, the decisions held, and publication: nothing outside before, everything at once then."""

import re

import pytest
import sqlalchemy as sa

from rvc_portal.domain.actor import Scope
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.call import Call
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.decision import Decision, Slate
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.job import Job
from rvc_portal.services import accounts
from tests.judging import database
from tests.stories import town
from tests.web.browsing import START, soup

REASONS = {"reason_en": "A strong and honest plan.", "reason_fr": "Un plan solide et honnête."}


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, lambda tale: tale.awaiting())


@pytest.fixture
def dossier_id(tale):
    return tale.told()


@pytest.fixture
def url(tale):
    return f"/calls/{tale.call.key}/decisions"


@pytest.fixture
def publication(tale):
    return f"/calls/{tale.call.key}/publication"


def slate(tale):
    tale.story.put_forward(tale.call, tale.officer(), START)


def decide(tale, designated=True):
    slate(tale)
    tale.story.decide(tale.dossier(tale.told()), tale.direction(), designated, START)


def test_the_slate_is_put_forward_by_the_secretariat(tale, browser, another_browser, rows, url):
    another_browser.sign_in(tale.direction())
    assert another_browser.post(f"{url}/slate").status_code == 403
    browser.sign_in(tale.officer())
    assert "not on the slate" in browser.get(url).text
    answer = browser.post(f"{url}/slate", htmx=True)
    assert {tag["id"] for tag in soup(answer).select("[data-hx-swap-oob]")} >= {"part-slate", "part-lines"}
    assert len(rows.all(sa.select(Slate))) == 1
    assert browser.post(f"{url}/slate").headers["Location"] == url


def test_the_direction_decides_and_the_decision_is_held(tale, browser, rows, url, dossier_id):
    slate(tale)
    browser.sign_in(tale.direction())
    page = soup(browser.get(f"/dossiers/{dossier_id}/decision"))
    assert "Favourable" in page.text
    version = page.select_one("input[name=version]")["value"]
    data = {"version": version, "outcome": "designate", "code": tale.code(tale.direction()), **REASONS}
    assert browser.post(f"/dossiers/{dossier_id}/decision", data).headers["Location"] == url
    held = rows.one(sa.select(Decision))
    assert (held.outcome, held.reason_fr, held.published_at) == ("designate", REASONS["reason_fr"], None)
    assert rows.one(sa.select(Dossier)).state == "awaiting_decision"
    letters = rows.all(sa.select(Document).where(Document.held))
    assert {d.kind for d in letters} == {"DESIGNATION_LETTER", "CERTIFICATE"}
    lines = soup(browser.get(url))
    assert "0 of 2 ready" in lines.select_one("#lines").text
    assert lines.select_one("#part-lines").has_attr("data-hx-trigger")
    part = browser.get(url, htmx=True)
    assert part.text.lstrip().startswith('<section class="section" id="part-lines"')


def test_a_decision_can_be_taken_anew(tale, browser, rows, dossier_id):
    decide(tale, designated=True)
    browser.sign_in(tale.direction())
    page = soup(browser.get(f"/dossiers/{dossier_id}/decision"))
    assert page.select_one("input[name=outcome][value=designate]").has_attr("checked")
    browser.post(
        f"/dossiers/{dossier_id}/decision", {"outcome": "decline", "code": tale.code(tale.direction()), **REASONS}
    )
    standing = rows.one(sa.select(Decision).where(Decision.superseded_at.is_(None)))
    assert standing.outcome == "decline"


def test_a_decision_wants_its_reason_in_both_languages(tale, browser, rows, dossier_id):
    slate(tale)
    browser.sign_in(tale.direction())
    answer = browser.post(f"/dossiers/{dossier_id}/decision", {"outcome": "decline", "reason_en": "My words."})
    assert answer.status_code == 422
    page = soup(answer)
    assert [a["href"] for a in page.select(".error-summary a")] == ["#reason_fr"]
    assert "My words." in page.select_one("#reason_en").text
    assert browser.post(f"/dossiers/{dossier_id}/decision", REASONS).status_code == 422
    assert browser.post(f"/dossiers/{dossier_id}/decision", {"outcome": "burn", **REASONS}).status_code == 422
    assert rows.all(sa.select(Decision)) == []


def test_what_is_not_on_the_slate_is_not_decided(tale, browser, rows, dossier_id):
    browser.sign_in(tale.direction())
    sent = {"outcome": "designate", "code": tale.code(tale.direction()), **REASONS}
    answer = browser.post(f"/dossiers/{dossier_id}/decision", sent)
    assert answer.status_code == 409
    assert "The file is not on the slate put forward for decision." in answer.text
    assert REASONS["reason_en"] in answer.text
    assert rows.all(sa.select(Decision)) == []


def test_no_city_learns_of_a_decision(tale, browser, dossier_id):
    slate(tale)
    browser.sign_in(tale.lead())
    before = browser.get(f"/dossiers/{dossier_id}").text
    tale.story.decide(tale.dossier(dossier_id), tale.direction(), True, START)
    after = browser.get(f"/dossiers/{dossier_id}").text
    token = r'name="csrf_token" value="[^"]*"|X-CSRFToken": "[^"]*"'
    assert re.sub(token, "", before) == re.sub(token, "", after)


def test_publication_says_all_that_stands_against_it(tale, browser, rows, publication):
    tale.draft(lead=tale.lead("other@ville.example"))
    decide(tale)
    browser.sign_in(tale.officer())
    page = soup(browser.get(publication))
    reasons = [li.text for li in page.select("#part-publication .notice li")]
    assert len(reasons) == 3
    assert "Draft" in reasons[-1]
    assert sum("not ready yet" in r for r in reasons) == 2
    answer = browser.post(publication, {"when": "now", "sure": "y", "code": tale.code(tale.officer())})
    assert answer.status_code == 409
    assert all(reason in answer.text for reason in reasons)
    assert rows.one(sa.select(Call)).status == "open"


def test_publication_makes_everything_so_at_once(tale, browser, rows, publication):
    decide(tale)
    tale.letters_stored()
    mails = len(rows.all(sa.select(Job).where(Job.kind == "mail")))
    browser.sign_in(tale.officer())
    unsure = browser.post(publication, {"when": "now"})
    assert unsure.status_code == 422
    assert soup(unsure).select_one(".error-summary a")["href"] == "#sure"
    assert rows.one(sa.select(Dossier)).state == "awaiting_decision"
    sent = {"when": "now", "sure": "y", "code": tale.code(tale.officer())}
    assert browser.post(publication, sent).headers["Location"] == publication
    assert rows.one(sa.select(Dossier)).state == "designated"
    assert rows.one(sa.select(Call)).status == "published"
    assert rows.all(sa.select(Document).where(Document.held, Document.superseded_at.is_(None))) == []
    assert {d.language for d in rows.all(sa.select(Document).where(Document.kind == "DESIGNATION_LIST"))} == {
        "en",
        "fr",
    }
    assert len(rows.all(sa.select(Job).where(Job.kind == "mail"))) > mails
    page = soup(browser.get(publication))
    assert len(page.select("#documents .document")) == 2 + 2  # the list and the report of the call, in both languages
    again = browser.post(publication, {"when": "now", "sure": "y"})
    assert again.status_code == 409
    assert "This call was published on" in again.text


def test_publication_names_no_file_that_a_conflict_keeps_away(tale, browser, publication, dossier_id):
    tale.story.session.add(
        Conflict(dossier_id=dossier_id, account_id=tale.officer().id, rule="declared", reason="Kin", since_at=START)
    )
    tale.story.commit()
    browser.sign_in(tale.officer())
    page = browser.get(publication).text
    assert tale.dossier(dossier_id).reference not in page
    assert "a conflict of interest keeps from you" in page
    assert tale.dossier(dossier_id).lead_city not in browser.get(f"/calls/{tale.call.key}/decisions").text


def test_the_decisions_ask_the_database_no_more_for_more_files(tale, browser, statements, url):
    browser.sign_in(tale.officer())

    def cost():
        statements.clear()
        assert browser.get(url).status_code == 200
        return len(statements)

    one = cost()
    tale.awaiting(town("Aubervilliers-les-Bains"), tale.lead("aubervilliers@ville.example"))
    assert cost() == one <= 15


@pytest.mark.parametrize("who", ["lead@ville.example", "norwich@network.example", "coordinator-1@network.example"])
def test_decisions_are_for_the_direction_and_the_secretariat(tale, browser, url, publication, dossier_id, who):
    browser.sign_in(who)
    for path in (url, publication, "/decisions"):
        assert browser.get(path).status_code == 403
    assert browser.get(f"/dossiers/{dossier_id}/decision").status_code == 403
    assert browser.post(publication, {"when": "now", "sure": "y"}).status_code == 403


def test_the_secretariat_looks_on_and_does_not_decide(tale, browser, url, dossier_id):
    slate(tale)
    browser.sign_in(tale.officer())
    assert browser.get("/decisions").headers["Location"] == url
    assert browser.get(f"/dossiers/{dossier_id}/decision").status_code == 403
    assert soup(browser.get(url)).select_one("#lines .table-act") is None


def test_who_holds_a_part_of_the_call_does_not_act_on_the_whole(tale, browser, rows, url, publication):
    """A grant for one field opens the pages, narrowed to it; the slate and publication concern every file."""
    decide(tale)
    tale.letters_stored()
    partial = tale.lead("music@network.example", "Music desk")
    accounts.grant_role(
        tale.story.session, partial, Role.SECRETARIAT, scope=Scope(call_id=tale.call.id, field="music"), now=START
    )
    tale.story.commit()
    browser.sign_in(partial)
    assert tale.dossier(tale.told()).lead_city not in browser.get(url).text
    assert browser.post(f"{url}/slate").status_code == 409
    assert browser.post(publication, {"when": "now", "sure": "y", "code": tale.code(partial)}).status_code == 409
    assert rows.one(sa.select(Call)).status == "open"


def test_a_role_in_another_call_opens_nothing_here(tale, browser, url, publication):
    elsewhere = tale.lead("elsewhere@network.example", "Elsewhere")
    accounts.grant_role(
        tale.story.session, elsewhere, Role.SECRETARIAT, scope=Scope(call_id=_other_call(tale)), now=START
    )
    tale.story.commit()
    browser.sign_in(elsewhere)
    for path in (url, publication, f"/calls/{tale.call.key}/assignments", f"/calls/{tale.call.key}/steering"):
        assert browser.get(path).status_code == 404


def _other_call(tale):
    row = Call(
        key="another", procedure="candidacy", status="open", definition=tale.call.definition,
        definition_sha256=tale.call.definition_sha256, opens_at=START, closes_at=START, created_at=START,
    )  # fmt: skip
    tale.story.session.add(row)
    tale.story.session.flush()
    return row.id
