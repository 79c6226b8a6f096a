"""The board of the slate: composed with reasons, undone and redone, weighed, and one variant put forward."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from rvc_portal.documents import pdf
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.decision import Slate, SlateChange, SlateEntry, SlateVariant
from rvc_portal.models.document import Document
from rvc_portal.models.steering import Motion, Opinion
from rvc_portal.services import accounts
from tests.judging import database
from tests.stories import PASSWORD, redefine, town
from tests.web.browsing import START, soup

SECOND = "Aubervilliers-les-Bains"


def tell(tale):
    tale.awaiting()
    tale.awaiting(town(SECOND, country="BE"), tale.lead("second@ville.example"))


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, tell)


@pytest.fixture
def url(tale):
    return f"/calls/{tale.call.key}/slate"


@pytest.fixture
def board(tale, browser, url):
    """The Secretariat's browser before a first variant; the address of the variant's acts."""
    browser.sign_in(tale.officer())
    assert "There is no variant yet" in browser.get(url).text
    location = browser.post(url, {"name": "First", "like": ""}).headers["Location"]
    return f"{url}/{location.partition('variant=')[2]}"


def version(browser, url):
    return soup(browser.get(url)).select_one("#part-board input[name=version]")["value"]


def move(browser, url, board, dossier_id, proposed, reason="A field that its region lacks.", **more):
    sent = {
        "version": version(browser, url),
        "dossier": dossier_id,
        "proposed": "1" if proposed else "0",
        "reason": reason,
    }
    return browser.post(f"{board}/move", {**sent, **more}, **({"htmx": True} if more.pop("htmx", False) else {}))


def proposals(browser, url):
    rows = soup(browser.get(url)).select("#lines tbody tr")
    return {r.select_one("th a").text: r.select_one("td[data-label=Proposal]").text.strip() for r in rows}


def test_a_file_is_taken_out_and_in_with_a_reason_and_figures_follow(tale, browser, url, board):
    city = tale.dossier(tale.told()).lead_city
    assert set(proposals(browser, url).values()) == {"Designate"}
    assert move(browser, url, board, tale.told(), False, reason=" ").status_code == 422
    assert move(browser, url, board, tale.told(), False, reason="One of two of its country").status_code == 303
    assert proposals(browser, url)[city] == "Do not designateOne of two of its country"
    assert proposals(browser, url)[SECOND] == "Designate"
    stats = soup(browser.get(url)).select_one("#part-board").text
    assert "out of 2" in stats


def test_htmx_swaps_the_board_alone(tale, browser, url, board):
    sent = {"version": version(browser, url), "dossier": tale.told(), "proposed": "0", "reason": "Kept for later"}
    answer = browser.post(f"{board}/move", sent, htmx=True)
    assert {tag["id"] for tag in soup(answer).select("[data-hx-swap-oob]")} >= {"part-board", "part-cut", "part-errors"}
    assert "Kept for later" in answer.text


def test_every_change_is_undone_and_redone_and_survives(tale, browser, rows, url, board):
    first, second = [d.id for d in sorted((tale.dossier(i) for i in _ids(tale)), key=lambda d: d.reference)]
    move(browser, url, board, first, False, "One")
    move(browser, url, board, second, False, "Two")
    states = [proposals(browser, url)]
    for _ in range(2):
        assert browser.post(f"{board}/undo", {"version": version(browser, url)}).status_code == 303
        states.append(proposals(browser, url))
    assert set(states[2].values()) == {"Designate"}
    assert browser.post(f"{board}/undo", {"version": version(browser, url)}).status_code == 409
    for expected in (states[1], states[0]):
        assert browser.post(f"{board}/redo", {"version": version(browser, url)}).status_code == 303
        assert proposals(browser, url) == expected
    assert browser.post(f"{board}/redo", {"version": version(browser, url)}).status_code == 409
    browser.post(f"{board}/undo", {"version": version(browser, url)})
    move(browser, url, board, second, False, "Three")  # another change takes the place of what was undone
    assert browser.post(f"{board}/redo", {"version": version(browser, url)}).status_code == 409
    assert len(rows.all(sa.select(SlateChange))) == 3


def _ids(tale):
    from rvc_portal.models.dossier import Dossier

    return tale.story.session.scalars(sa.select(Dossier.id)).all()


def second_officer(tale):
    account = tale.lead("second@network.example", "Jonas Weber")
    accounts.grant_role(tale.story.session, account, Role.SECRETARIAT, now=START - timedelta(days=1))
    tale.story.commit()
    return account


def test_two_at_once_are_told_of_each_other(tale, browser, another_browser, url, board):
    another_browser.sign_in(second_officer(tale), PASSWORD)
    seen = version(another_browser, url)
    move(browser, url, board, tale.told(), False)
    answer = another_browser.post(
        f"{board}/move", {"version": seen, "dossier": tale.told(), "proposed": "0", "reason": "Mine"}
    )
    assert answer.status_code == 409
    assert tale.officer().name in answer.text
    assert another_browser.post(f"{board}/undo", {"version": seen}).status_code == 409
    assert another_browser.post(f"{board}/undo", {"version": version(another_browser, url)}).status_code == 303


def test_a_line_moves_what_stands_on_its_other_side(tale, browser, rows, url, board):
    assert (
        browser.post(f"{board}/cut", {"version": version(browser, url), "by": "mean", "value": "9,0"}).status_code
        == 303
    )
    assert {text.partition("Line")[0] for text in proposals(browser, url).values()} == {"Do not designate"}
    assert (
        browser.post(f"{board}/cut", {"version": version(browser, url), "by": "rank", "value": "1"}).status_code == 303
    )
    assert len(rows.all(sa.select(SlateChange))) == 2
    browser.post(f"{board}/cut", {"version": version(browser, url), "by": "rank", "value": "1"})
    assert len(rows.all(sa.select(SlateChange))) == 2  # nothing to move: no change
    for wrong in ("", "x", "-1", "1e999"):
        answer = browser.post(f"{board}/cut", {"version": version(browser, url), "by": "rank", "value": wrong})
        assert answer.status_code == 422, wrong


def test_balance_warns_and_forbids_nothing(tale, browser, rows, url, board):
    redefine(tale.call, targets={"designations": {"most": 1}, "first_time_countries": {"least": 3}})
    tale.story.commit()
    text = soup(browser.get(url)).select_one("#part-board .notice").text
    assert "Designations: 2; wanted are at most 1" in text
    assert "Countries without a member until now: 2; wanted are at least 3" in text
    assert browser.post(f"{board}/choose", {"version": version(browser, url)}).status_code == 303
    assert len(rows.all(sa.select(Slate))) == 1


def test_a_variant_begins_from_another_and_keeps_apart(tale, browser, rows, url, board):
    move(browser, url, board, tale.told(), False)
    other = browser.post(url, {"name": "Second", "like": board.rpartition("/")[2]}).headers["Location"]
    city = tale.dossier(tale.told()).lead_city
    assert proposals(browser, other)[city].startswith("Do not designate")
    browser.post(f"{url}/{other.partition('variant=')[2]}/undo", {"version": version(browser, other)})
    assert proposals(browser, other)[city] == "Designate"
    assert proposals(browser, f"{url}?variant={board.rpartition('/')[2]}")[city].startswith("Do not designate")
    assert browser.post(url, {"name": "Second", "like": ""}).status_code == 422
    assert browser.post(url, {"name": " ", "like": ""}).status_code == 422
    assert len(rows.all(sa.select(SlateVariant))) == 2


def test_the_chosen_variant_is_frozen_and_printed_with_the_others(tale, browser, another_browser, rows, url, board):
    move(browser, url, board, tale.told(), False, "One of two of its country")
    other = browser.post(url, {"name": "As advised", "like": ""}).headers["Location"]
    seen = version(browser, f"{url}?variant={board.rpartition('/')[2]}")
    assert browser.post(f"{board}/choose", {"version": seen}).status_code == 303
    entries = {e.dossier_id: (e.proposed, e.reason) for e in rows.all(sa.select(SlateEntry))}
    assert entries[tale.told()] == (False, "One of two of its country")
    assert sorted(proposed for proposed, _reason in entries.values()) == [False, True]
    papers = rows.all(sa.select(Document).where(Document.kind == "SLATE").options(sa.orm.undefer(Document.context)))
    assert {p.language for p in papers} == {"en", "fr"}
    assert {(v["name"], v["chosen"], v["proposed"]) for v in papers[0].context["variants"]} == {
        ("First", True, 1),
        ("As advised", False, 2),
    }
    browser.post(f"{url}/{other.partition('variant=')[2]}/move", {})  # whatever happens to the board later
    another_browser.sign_in(tale.direction())
    page = another_browser.get(f"/calls/{tale.call.key}/decisions").text
    assert "One of two of its country" in page
    assert another_browser.get(f"/documents/{papers[0].id}.pdf").status_code == 409  # theirs, and being prepared
    assert another_browser.get(url).status_code == 403


def test_what_was_put_forward_stays_as_it_was(tale, browser, rows, url, board):
    """A file that comes later, a mean and an opinion that change: rows, figures and paper of the variant stay."""
    where = f"{url}?variant={board.rpartition('/')[2]}"
    assert browser.post(f"{board}/choose", {"version": version(browser, url)}).status_code == 303
    before, page = proposals(browser, where), soup(browser.get(where)).select_one("#part-board")
    assert "Put forward on" in page.text
    assert page.select("form") == [], "nothing is moved, undone or put forward again"
    third = tale.awaiting(town("Vieux-Port-des-Brumes", country="CA"), tale.lead("third@ville.example"))
    tale.dossier(tale.told()).mean_overall = 1.0
    tale.story.commit()
    assert proposals(browser, where) == before
    page = soup(browser.get(where)).select_one("#part-board").text
    assert "out of 2" in page
    assert "1 file has come before the Direction since" in page
    for act, sent in (("move", {"dossier": third, "proposed": "0", "reason": "Late"}), ("undo", {}), ("choose", {})):
        answer = browser.post(f"{board}/{act}", {"version": version_of(rows, board), **sent})
        assert answer.status_code == 409, act
        assert "stays as it was then" in answer.text
    another = browser.post(url, {"name": "With the third", "like": board.rpartition("/")[2]}).headers["Location"]
    assert len(proposals(browser, another)) == 3
    chosen = f"{url}/{another.partition('variant=')[2]}"
    assert browser.post(f"{chosen}/choose", {"version": version(browser, another)}).status_code == 303
    kept = sa.select(Document).where(Document.kind == "SLATE", Document.superseded_at.is_(None))
    paper = rows.all(kept.options(sa.orm.undefer(Document.context)))[0].context
    assert {(v["name"], v["proposed"]) for v in paper["variants"]} == {("First", 2), ("With the third", 3)}


def version_of(rows, board):
    return rows.all(sa.select(SlateVariant.version).where(SlateVariant.id == UUID(board.rpartition("/")[2])))[0]


def test_conditions_are_told_on_board_and_paper(tale, browser, rows, url, board):
    opinion = tale.story.session.scalars(sa.select(Opinion).where(Opinion.dossier_id == tale.told())).one()
    item = tale.story.session.get_one(Motion, opinion.motion_id)
    item.kind = "conditions"
    tale.story.commit()
    text = soup(browser.get(url)).select_one("#lines").text
    assert "Favourable, with conditions" in text
    assert set(proposals(browser, url).values()) == {"Designate"}, "it recommends a designation all the same"
    assert browser.post(f"{board}/choose", {"version": version(browser, url)}).status_code == 303
    paper = rows.all(
        sa.select(Document).where(Document.kind == "SLATE").options(sa.orm.undefer(Document.context))
    )[0].context  # fmt: skip
    assert sorted(file["opinion"] for file in paper["files"]) == ["conditions", "favourable"]
    assert "Favourable opinion, with conditions" in re.sub(r"\s+", " ", pdf.page_html("SLATE", paper, "en"))


def test_a_conflict_keeps_a_file_from_board_figures_and_paper(tale, browser, another_browser, rows, url, board):
    move(browser, url, board, tale.told(), False)
    officer, city = second_officer(tale), tale.dossier(tale.told()).lead_city
    tale.story.session.add(
        Conflict(dossier_id=tale.told(), account_id=officer.id, rule="declared", reason="Kin", since_at=START)
    )
    tale.story.commit()
    another_browser.sign_in(officer, PASSWORD)
    page = another_browser.get(url).text
    assert city not in page
    assert "out of 1" in page
    seen = version(another_browser, url)
    sent = {"version": seen, "dossier": tale.told(), "proposed": "1", "reason": "Mine"}
    assert another_browser.post(f"{board}/move", sent).status_code == 404
    assert another_browser.post(f"{board}/undo", {"version": seen}).status_code == 409
    assert another_browser.post(f"{board}/choose", {"version": seen}).status_code == 409
    assert browser.post(f"{board}/choose", {"version": version(browser, url)}).status_code == 303
    paper = rows.all(sa.select(Document.id).where(Document.kind == "SLATE"))[0]
    assert another_browser.get(f"/documents/{paper}.pdf").status_code == 404


@pytest.mark.parametrize("who", ["lead@ville.example", "coordinator-1@network.example", "direction@network.example"])
def test_the_board_is_the_secretariats(tale, browser, url, who):
    tale.direction()
    browser.sign_in(who)
    assert browser.get(url).status_code == 403


def test_what_is_not_there_is_not_found(tale, browser, url, board):
    for path in (f"{url}?variant=x", f"{url}?variant={tale.told()}"):
        assert browser.get(path).status_code == 404
    sent = {"version": "1", "dossier": "x", "proposed": "1", "reason": "r"}
    assert browser.post(f"{board}/move", sent).status_code == 404
