"""The second factor: set up with a first code, asked for again before what weighs, recovered, taken away by others."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.demonstration import cast
from rvc_portal.domain.vocabulary import Role
from rvc_portal.gateways import network, one_time_codes
from rvc_portal.models.decision import Decision
from rvc_portal.models.job import Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.second_factor import RecoveryCode, SecondFactor
from tests.judging import database
from tests.stories import PASSWORD
from tests.web.browsing import START, soup

OWN = "/second-factor"
REASONS = {"reason_en": "A strong and honest plan.", "reason_fr": "Un plan solide et honnête."}
FRESH = timedelta(minutes=network.minutes("second_factor"))


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, lambda tale: tale.on_slate())


@pytest.fixture
def key(app):
    return app.extensions["rvc"].settings.secret_key


def begun(browser, rows, tale):
    """A secret of the Direction's that waits, none being in use; what an app would hold: the page's own letters."""
    tale.direction()
    tale.story.session.rollback()
    rows.change("DELETE FROM second_factor")
    browser.sign_in(tale.direction())
    assert browser.post(f"{OWN}/begin").headers["Location"] == f"{OWN}/enrol"
    return soup(browser.get(f"{OWN}/enrol"))


def app_code(page, clock, key):
    readable = page.select_one("p.ident").text
    return one_time_codes.code(key, one_time_codes.new_secret(key, readable), clock.at)


def decide(browser, tale, code="", outcome="designate"):
    return browser.post(f"/dossiers/{tale.told()}/decision", {"outcome": outcome, "code": code, **REASONS})


def test_it_is_set_up_with_its_first_code_and_the_password(tale, browser, rows, clock, key):
    page = begun(browser, rows, tale)
    assert page.select_one(".one-time-secret svg title")
    code = app_code(page, clock, key)
    wrong = browser.post(f"{OWN}/enrol", {"code": code, "password": "not it"})
    assert wrong.status_code == 422
    assert soup(wrong).select_one(".error-summary a")["href"] == "#password"
    assert browser.post(f"{OWN}/enrol", {"code": "000000", "password": PASSWORD}).status_code == 422
    assert rows.one(sa.select(SecondFactor)).secret is None
    answer = browser.post(f"{OWN}/enrol", {"code": code, "password": PASSWORD})
    codes = [li.text for li in soup(answer).select(".recovery-codes li")]
    assert len(set(codes)) == 10
    kept = rows.one(sa.select(SecondFactor))
    assert (kept.pending, kept.enrolled_at) == (None, START)
    stored = kept.secret + "".join(row.digest for row in rows.all(sa.select(RecoveryCode)))
    assert not any(code.replace("-", "") in stored or code in stored for code in codes)
    assert page.select_one("p.ident").text.replace(" ", "") not in stored
    assert rows.one(sa.select(Mail).where(Mail.template == "second_factor")).to_address == tale.direction().email
    assert not any(code in browser.get(OWN).text for code in codes)
    assert rows.one(sa.select(JournalEntry).where(JournalEntry.transition == "enrol_second_factor"))


def test_an_act_that_asks_for_one_says_so_to_who_has_none_and_keeps_what_was_typed(tale, browser, rows):
    browser.sign_in(tale.officer())
    tale.direction()
    url = f"{OWN}/people/{tale.direction().id}"
    assert "You have no second factor yet" in browser.get(url).text
    answer = browser.post(url, {"reason": "Téléphone perdu"})
    assert answer.status_code == 422
    assert "Set up your second factor first." in answer.text
    assert "Téléphone perdu" in answer.text
    assert rows.one(sa.select(SecondFactor)).account_id == tale.direction().id


def test_it_is_asked_again_after_a_while_and_not_before(tale, browser, rows, clock):
    code = tale.code(tale.direction())
    browser.sign_in(tale.direction())
    assert decide(browser, tale, code).status_code == 303
    clock.forward(FRESH - timedelta(seconds=1))
    assert soup(browser.get(f"/dossiers/{tale.told()}/decision")).select_one("#code") is None
    assert decide(browser, tale, outcome="decline").status_code == 303
    clock.forward(timedelta(seconds=1))
    assert soup(browser.get(f"/dossiers/{tale.told()}/decision")).select_one("#code")
    answer = decide(browser, tale)
    assert answer.status_code == 422
    assert soup(answer).select_one(".error-summary a")["href"] == "#code"
    assert len(rows.all(sa.select(Decision))) == 2


def test_another_browser_of_the_same_person_is_asked_of_its_own(tale, browser, another_browser):
    browser.sign_in(tale.direction())
    assert decide(browser, tale, tale.code(tale.direction())).status_code == 303
    another_browser.sign_in(tale.direction())
    assert decide(another_browser, tale).status_code == 422


def test_a_code_is_taken_once_even_where_the_act_was_refused(tale, browser, another_browser, rows):
    code = tale.code(tale.direction())
    browser.sign_in(tale.direction())
    answer = browser.post(
        f"/dossiers/{tale.told()}/decision", {"outcome": "designate", "version": 99, "code": code, **REASONS}
    )
    assert answer.status_code == 409
    another_browser.sign_in(tale.direction())
    again = decide(another_browser, tale, code)
    assert again.status_code == 422
    assert "was used already" in again.text
    assert rows.all(sa.select(Decision)) == []


@pytest.mark.parametrize(("late", "status"), [(-31, 422), (-29, 303), (29, 303), (61, 422)])
def test_a_clock_may_be_half_a_minute_wrong(tale, browser, clock, late, status):
    """START begins a half minute: a code of the one before and of the one after is taken, and no other."""
    code = tale.code(tale.direction())
    clock.forward(timedelta(seconds=late))
    browser.sign_in(tale.direction())
    assert decide(browser, tale, code).status_code == status


def test_wrong_codes_are_counted_and_what_was_typed_stays(tale, browser, rows, clock):
    right = tale.code(tale.direction())
    browser.sign_in(tale.direction())
    wrong = "111111" if right != "111111" else "222222"
    told = [decide(browser, tale, wrong).text for _ in range(5)]
    assert all("This code is not right" in text for text in told)
    assert ["4 attempts are left" in text for text in told] == [True, False, False, False, False]
    assert "1 attempt is left" in told[3]
    assert "That was the last attempt: no code is taken for up to 15 minutes." in told[4]
    answer = decide(browser, tale, right)
    assert "ask the Secretariat" in answer.text
    assert answer.status_code == 422
    assert "Too many wrong codes. Try again in 15 minutes." in answer.text
    assert REASONS["reason_en"] in answer.text
    assert rows.all(sa.select(Decision)) == []
    clock.forward(timedelta(minutes=15))
    tale.now = clock.at
    assert decide(browser, tale, tale.code(tale.direction())).status_code == 303


def test_a_page_says_until_when_what_was_shown_holds(tale, browser, clock):
    code = tale.code(tale.direction())
    browser.sign_in(tale.direction())
    url = f"/dossiers/{tale.told()}/decision"
    assert "in this browser it holds until" not in browser.get(url).text
    decide(browser, tale, code)
    form = browser.get(OWN).text
    until = f"{clock.at + FRESH:%Y-%m-%dT%H:%M}"
    assert "in this browser it holds until" in form
    assert until in form
    clock.forward(FRESH)
    assert "in this browser it holds until" not in browser.get(OWN).text


def enrolled_with_codes(browser, rows, tale, clock, key):
    page = begun(browser, rows, tale)
    answer = browser.post(f"{OWN}/enrol", {"code": app_code(page, clock, key), "password": PASSWORD})
    return [li.text for li in soup(answer).select(".recovery-codes li")]


def test_a_recovery_code_stands_in_once(tale, browser, rows, clock, key):
    first, second, *_ = enrolled_with_codes(browser, rows, tale, clock, key)
    assert decide(browser, tale, first.lower().replace("-", " ")).status_code == 303
    told = rows.all(sa.select(Mail).where(Mail.template == "second_factor"))
    assert [(m.context["act"], m.context["left"]) for m in told][-1] == ("use_recovery_code", 9)
    clock.forward(FRESH)
    assert decide(browser, tale, first).status_code == 422
    assert decide(browser, tale, second).status_code == 303


def test_new_recovery_codes_void_the_old_ones(tale, browser, rows, clock, key):
    old = enrolled_with_codes(browser, rows, tale, clock, key)
    assert browser.post(f"{OWN}/codes").status_code == 422
    new = [li.text for li in soup(browser.post(f"{OWN}/codes", {"code": old[0]})).select(".recovery-codes li")]
    assert len(new) == 10
    assert not set(new) & set(old)
    clock.forward(FRESH)
    assert decide(browser, tale, old[1]).status_code == 422
    assert decide(browser, tale, new[1]).status_code == 303


def test_another_app_takes_over_only_with_its_first_code(tale, browser, rows, clock, key):
    code = tale.code(tale.direction())
    browser.sign_in(tale.direction())
    assert browser.post(f"{OWN}/begin").status_code == 422
    assert browser.post(f"{OWN}/begin", {"code": code}).headers["Location"] == f"{OWN}/enrol"
    page, before = soup(browser.get(f"{OWN}/enrol")), rows.one(sa.select(SecondFactor)).secret
    clock.forward(FRESH)
    tale.now = clock.at
    assert decide(browser, tale, tale.code(tale.direction())).status_code == 303
    browser.post(f"{OWN}/enrol", {"code": app_code(page, clock, key), "password": PASSWORD})
    assert rows.one(sa.select(SecondFactor)).secret != before


def test_a_lost_one_is_taken_away_by_somebody_else_with_a_reason(tale, browser, another_browser, rows):
    tale.code(tale.direction())
    another_browser.sign_in(tale.direction())
    browser.sign_in(tale.officer())
    url = f"{OWN}/people/{tale.direction().id}"
    assert tale.direction().name in browser.get(f"{OWN}/people").text
    assert browser.post(url, {"reason": "Telephone lost"}).status_code == 422
    code = tale.code(tale.officer())
    assert browser.post(url, {"reason": " ", "code": code}).status_code == 422
    assert browser.post(url, {"reason": "Telephone lost", "code": code}).headers["Location"] == f"{OWN}/people"
    assert [f.account_id for f in rows.all(sa.select(SecondFactor))] == [tale.officer().id]
    entry = rows.one(sa.select(JournalEntry).where(JournalEntry.transition == "reset_second_factor"))
    assert (entry.chain, entry.actor_id, entry.reason) == (tale.direction().id, tale.officer().id, "Telephone lost")
    mail = [m for m in rows.all(sa.select(Mail)) if m.context.get("act") == "reset_second_factor"]
    assert [m.to_address for m in mail] == [tale.direction().email]
    assert "/sign-in" in another_browser.get(OWN).headers["Location"]  # every browser of theirs is out


def test_nobody_takes_away_their_own(tale, browser, rows):
    code = tale.code(tale.officer())
    browser.sign_in(tale.officer())
    answer = browser.post(f"{OWN}/people/{tale.officer().id}", {"reason": "Mine", "code": code})
    assert answer.status_code == 409
    assert rows.one(sa.select(SecondFactor)).account_id == tale.officer().id


def test_the_direction_resets_nobody(tale, browser):
    browser.sign_in(tale.direction())
    assert browser.get(f"{OWN}/people").status_code == 403


def test_anybody_may_have_one_and_is_helped_like_everybody_else(tale, browser, another_browser, rows):
    browser.sign_in(tale.officer())
    url = f"{OWN}/people/{tale.lead().id}"
    assert browser.get(url).status_code == 404
    tale.code(tale.lead())
    code = tale.code(tale.officer())
    assert browser.post(url, {"reason": "Telephone lost", "code": code}).status_code == 303
    another_browser.sign_in(tale.lead())
    assert "You have no second factor yet" in another_browser.get(OWN).text


def test_its_owner_removes_it_where_no_role_needs_it(tale, browser, another_browser, rows):
    code = tale.code(tale.officer())
    browser.sign_in(tale.officer())
    assert browser.post(f"{OWN}/remove").status_code == 422
    assert browser.post(f"{OWN}/remove", {"code": code}).headers["Location"] == OWN
    mail = rows.all(sa.select(Mail).where(Mail.template == "second_factor"))
    assert [(m.to_address, m.context["act"]) for m in mail] == [(tale.officer().email, "remove_second_factor")]
    assert rows.all(sa.select(RecoveryCode)) == []
    answer = browser.post(f"{OWN}/remove")
    assert "Set up your second factor first." in answer.text
    code = tale.code(tale.direction())
    another_browser.sign_in(tale.direction())
    answer = another_browser.post(f"{OWN}/remove", {"code": code})
    assert answer.status_code == 409
    assert "Your role needs a second factor" in answer.text


def test_the_code_is_told_in_a_demonstration_alone(app, tale, browser):
    tale.code(tale.direction())
    browser.sign_in(tale.direction())
    url = f"/dossiers/{tale.told()}/decision"
    assert "Demonstration: the code is" not in browser.get(url).text
    settings = app.extensions["rvc"].settings
    object.__setattr__(settings, "demonstration", True)
    hint = soup(browser.get(url)).select_one("#code-hint").text
    code = "".join(c for c in hint.partition("the code is")[2] if c.isdigit())
    assert decide(browser, tale, code).status_code == 303


def test_the_secret_of_demonstrations_is_one_that_apps_take():
    assert (
        one_time_codes.setup("k", one_time_codes.new_secret("k", cast.SECRET), "a@b.example").readable.replace(" ", "")
        == cast.SECRET
    )


def test_the_administrator_has_the_pages(make_account, browser):
    browser.sign_in(make_account("admin@network.example", Role.ADMIN))
    assert browser.get(OWN).status_code == 200
    assert browser.get(f"{OWN}/people").status_code == 200
