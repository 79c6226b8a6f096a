"""Writing on a poor line: what is typed is what is kept, whatever happens on the way."""

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from rvc_portal.models.dossier import Answer, Dossier, Invitation
from rvc_portal.queries import calls, dossiers
from rvc_portal.web.throttle import PER_PAIR
from tests.chromium import FLAGS, PATH
from tests.proxy import Proxy
from tests.stories import PASSWORD, end_sessions, join

pytestmark = [pytest.mark.browser]

SECTION, QUESTION = "5", "reasons"
FIELD, STATUS = f"#{QUESTION}", f"#status-{QUESTION}"


def saved(page: Page, key: str = QUESTION) -> None:
    expect(page.locator(f"#status-{key}[data-state=saved] time")).to_be_visible(timeout=20_000)


def kept(site, dossier_id, key=QUESTION):
    return site.told(lambda tale: dossiers.values(tale.story.session, dossier_id).get(key))


@pytest.fixture
def dossier_id(site):
    return site.told(lambda tale: tale.draft())


@pytest.fixture
def section(site, open_page, dossier_id):
    """Opens the section as somebody of the team."""

    def opened(email="lead@ville.example", number=SECTION, **how):
        page = open_page(email, **how)
        page.goto(f"/dossiers/{dossier_id}/sections/{number}")
        return page

    return opened


def test_a_pause_in_typing_saves(site, section, dossier_id):
    page = section()
    page.locator(FIELD).press_sequentially("La ville lit. ", delay=5)
    saved(page)
    page.locator(FIELD).press_sequentially("Elle écrit.", delay=5)
    page.keyboard.press("Tab")
    saved(page)
    assert kept(site, dossier_id) == "La ville lit. Elle écrit."
    revision = site.told(lambda tale: tale.story.session.get_one(Answer, (dossier_id, QUESTION)).revision)
    assert page.locator(STATUS).get_attribute("data-revision") == str(revision)


@pytest.mark.parametrize(
    ("way", "outcome"),
    [
        ("keep", "The river has three bridges."),
        ("take", "The river has two bridges."),
        ("merge", "The river has two three bridges, or more."),
    ],
)
def test_two_people_on_one_field(site, section, dossier_id, way, outcome):
    colleague = site.told(lambda tale: join(tale, dossier_id))
    mine, theirs = section(), section(colleague)
    expect(theirs.locator("#part-colleagues")).to_contain_text("Amélie Saint-Jean")
    theirs.fill(FIELD, "The river has two bridges.")
    saved(theirs)
    mine.fill(FIELD, "The river has three bridges.")
    panel = mine.locator(f"{STATUS}[data-state=conflict]")
    expect(panel).to_contain_text("Benoît Tremblay")
    assert panel.locator("del").text_content() == "[removed: two]"
    assert panel.locator("ins").text_content() == "[added: three]"
    assert kept(site, dossier_id) == "The river has two bridges."
    if way == "merge":
        panel.locator("[data-merge]").click()
        mine.keyboard.press("Backspace")
        mine.keyboard.type(", or more.")
        assert kept(site, dossier_id) == "The river has two bridges."
        way = "keep"
    panel.locator(f"[name={way}]").click()
    saved(mine)
    assert kept(site, dossier_id) == mine.locator(FIELD).input_value() == outcome
    if way == "take":  # and it can be taken back
        mine.locator(f"{STATUS} [data-put-back]").click()
        saved(mine)
        assert kept(site, dossier_id) == mine.locator(FIELD).input_value() == "The river has three bridges."


def test_two_tabs_of_one_person(site, section, dossier_id):
    one = section()
    other = one.context.new_page()
    other.goto(one.url)
    one.locator(FIELD).fill("In the first tab.")
    saved(one)
    other.locator(FIELD).fill("In the second.")
    panel = other.locator(f"{STATUS}[data-state=conflict]")
    expect(panel).to_contain_text("In the first tab.")
    assert kept(site, dossier_id) == "In the first tab."
    other.locator("button[name=save]").click()  # no way round the choice
    expect(panel).to_be_focused()
    panel.locator("[name=take]").click()
    saved(other)
    assert other.locator(FIELD).input_value() == kept(site, dossier_id) == "In the first tab."


def test_what_others_save_appears_where_nobody_writes(site, section, dossier_id):
    colleague = site.told(lambda tale: join(tale, dossier_id))
    mine, theirs = section(), section(colleague)
    theirs.fill(FIELD, "Written by a colleague.")
    saved(theirs)
    expect(mine.locator(FIELD)).to_have_value("Written by a colleague.", timeout=40_000)
    expect(mine.locator(STATUS)).to_contain_text("Benoît Tremblay")


@pytest.fixture
def proxy(site):
    with Proxy(int(site.url.rpartition(":")[2])) as line:
        yield line


@pytest.fixture
def far(section, proxy):
    """The section at the other end of a line that can be cut."""
    page = section()
    page.goto(f"http://127.0.0.1:{proxy.port}/" + page.url.split("/", 3)[3])
    return page


def test_the_line_is_cut_in_mid_sentence(site, far, proxy, dossier_id):
    far.locator(FIELD).press_sequentially("La ville lit depuis ", delay=5)
    saved(far)
    proxy.cut()
    far.locator(FIELD).press_sequentially("six siècles, et ", delay=5)
    expect(far.locator(f"{STATUS}[data-state=offline]")).to_be_visible()
    expect(far.locator("[data-saving]")).to_contain_text("5.1")
    far.locator(FIELD).press_sequentially("elle écrit.", delay=5)
    assert kept(site, dossier_id) == "La ville lit depuis"
    proxy.mend()
    saved(far)
    assert kept(site, dossier_id) == "La ville lit depuis six siècles, et elle écrit."


def test_saves_arrive_in_order_on_a_slow_line(site, far, proxy, dossier_id):
    proxy.delay(1.5)
    sentence = "Un mot après l'autre, sans attendre la réponse du portail."
    far.locator(FIELD).press_sequentially(sentence, delay=90)
    proxy.delay(0)
    saved(far)
    assert kept(site, dossier_id) == sentence


def test_the_session_ends_in_mid_sentence(site, section, dossier_id):
    page = section()
    page.locator(FIELD).press_sequentially("Avant la nuit, ", delay=5)
    saved(page)
    site.app.config["CLOCK"] = lambda: datetime.now(UTC) + timedelta(hours=13)  # the laptop was shut for a night
    page.locator(FIELD).press_sequentially("après la nuit.", delay=5)
    dialog = page.locator("#sign-in-again[open]")
    dialog.locator("[name=email]").fill("lead@ville.example")
    dialog.locator("[name=password]").fill("not this one")
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_contain_text("not right")
    dialog.locator("[name=email]").fill("lead@ville.example")
    dialog.locator("[name=password]").fill(PASSWORD)
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_be_hidden()
    saved(page)
    assert kept(site, dossier_id) == "Avant la nuit, après la nuit."


def test_somebody_else_who_signs_in_saves_nothing_of_mine(site, section, dossier_id):
    page, other = section(), site.told(lambda tale: join(tale, dossier_id))
    site.told(lambda tale: end_sessions(tale))
    page.locator(FIELD).fill("Mine alone.")
    dialog = page.locator("#sign-in-again[open]")
    dialog.locator("[name=email]").fill(other)
    dialog.locator("[name=password]").fill(PASSWORD)
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_contain_text("somebody else")
    assert kept(site, dossier_id) is None
    assert page.locator(FIELD).input_value() == "Mine alone."
    dialog.locator("[data-sign-in] > button").click()  # they are signed out, and the form is there again
    enter(dialog, "lead@ville.example")
    expect(dialog).to_be_hidden()
    saved(page)
    assert kept(site, dossier_id) == "Mine alone."


def enter(dialog, email, password=PASSWORD):
    dialog.locator("[name=email]").fill(email)
    dialog.locator("[name=password]").fill(password)
    dialog.locator("button[type=submit]").click()


def test_the_dialog_says_that_there_were_too_many_attempts_and_lets_one_try_again(site, section, dossier_id):
    page = section()
    site.told(lambda tale: end_sessions(tale))
    page.locator(FIELD).fill("Patience.")
    dialog = page.locator("#sign-in-again[open]")
    for _ in range(PER_PAIR.attempts):
        enter(dialog, "lead@ville.example", "not this one")
        expect(dialog.locator("[name=password]")).to_have_value("")
        expect(dialog).to_contain_text("not right")
    enter(dialog, "lead@ville.example")
    expect(dialog).to_contain_text("Try again in")
    site.app.config["CLOCK"] = lambda: datetime.now(UTC) + PER_PAIR.within + timedelta(minutes=1)
    dialog.locator("[data-sign-in] > button").click()
    enter(dialog, "lead@ville.example")
    saved(page)
    assert kept(site, dossier_id) == "Patience."


@pytest.mark.parametrize("form", ["by htmx", "by the browser"])
def test_a_form_that_does_not_save_itself_asks_for_the_sign_in_and_is_sent(site, open_page, dossier_id, form):
    page = open_page("lead@ville.example")
    page.goto(f"/dossiers/{dossier_id}/team" if form == "by htmx" else "/account")
    name, email = "Anne-Charlotte de La Rochefoucauld", "anne@ville.example"
    page.fill("main [name=name]", name)
    if form == "by htmx":
        page.fill("main [name=email]", email)
        page.check("main [name=role][value=reader] >> nth=0")
        page.check("main [name=language][value=fr] >> nth=0")
    page.context.clear_cookies()
    page.click("main form:has([name=name]) button[type=submit]")
    dialog = page.locator("#sign-in-again[open]")
    enter(dialog, "lead@ville.example")
    expect(page.locator("#messages .notice--good, .notice--good").first).to_be_visible()
    told = site.told(lambda tale: (tale.lead().name, tale.story.session.query(Invitation).count()))
    assert told == (("Amélie Saint-Jean", 1) if form == "by htmx" else (name, 0))


def test_without_a_script_only_what_was_touched_is_sent(site, section, dossier_id):
    """Two windows of a page that saves whole: what one never touched stays as the other has written it."""
    one, other = section(javascript=False), section(javascript=False)
    one.locator("#expected_impact").fill("Written by one.")
    one.click("button[name=save]")
    other.locator(FIELD).fill("Written by the other.")
    other.click("button[name=save]")
    assert other.locator(".two-texts").count() == 0
    assert (kept(site, dossier_id), kept(site, dossier_id, "expected_impact")) == (
        "Written by the other.",
        "Written by one.",
    )


def test_the_token_expires_in_mid_sentence(site, section, dossier_id):
    page = section()
    page.locator(FIELD).press_sequentially("Un jeton ", delay=5)
    saved(page)
    elsewhere = (
        page.context.new_page()
    )  # signs out and in again: the first page keeps a token of a session that is gone
    elsewhere.goto("/account")
    elsewhere.locator("details.person summary").click()
    elsewhere.locator("form[action$='/sign-out'] button").click()
    elsewhere.goto("/sign-in")
    elsewhere.fill("#email", "lead@ville.example")
    elsewhere.fill("#password", PASSWORD)
    elsewhere.click("main form button[type=submit]")
    elsewhere.wait_for_url("**/desk")
    page.locator(FIELD).press_sequentially("expiré.", delay=5)
    saved(page)
    assert kept(site, dossier_id) == "Un jeton expiré."
    expect(page.locator("#sign-in-again")).to_be_hidden()


def test_the_server_is_killed_and_comes_back(site, section, portal, dossier_id):
    page = section()
    page.goto(portal.url + "/" + page.url.split("/", 3)[3])
    page.locator(FIELD).press_sequentially("Avant la chute, ", delay=5)
    saved(page)
    portal.kill()
    page.locator(FIELD).press_sequentially("pendant, ", delay=5)
    expect(page.locator(f"{STATUS}[data-state=offline]")).to_be_visible()
    portal.start()
    page.locator(FIELD).press_sequentially("après.", delay=5)
    saved(page)
    assert kept(site, dossier_id) == "Avant la chute, pendant, après."


def test_the_browser_is_killed_before_anything_is_saved(site, chromium, proxy, dossier_id, tmp_path):
    def browse():
        context = chromium.browser_type.launch_persistent_context(
            tmp_path / "profile", executable_path=PATH, args=FLAGS, base_url=f"http://127.0.0.1:{proxy.port}"
        )
        return context.pages[0]

    page = browse()
    page.goto("/sign-in")
    page.fill("#email", "lead@ville.example")
    page.fill("#password", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url("**/desk")
    here = f"/dossiers/{dossier_id}/sections/{SECTION}"
    page.goto(here)
    page.wait_for_load_state("networkidle")
    proxy.cut()
    page.locator(FIELD).press_sequentially("Ce que personne n'a encore.", delay=5)
    expect(page.locator(f"{STATUS}[data-state=offline]")).to_be_visible()
    kill_browser(tmp_path / "profile")
    proxy.mend()
    assert kept(site, dossier_id) is None
    page = browse()
    page.goto(here)
    if "/sign-in" in page.url:  # the cookie of the session went with the browser
        page.fill("#email", "lead@ville.example")
        page.fill("#password", PASSWORD)
        page.click("main form button[type=submit]")
        page.goto(here)
    expect(page.locator(FIELD)).to_have_value("Ce que personne n'a encore.")
    saved(page)
    assert kept(site, dossier_id) == "Ce que personne n'a encore."
    page.context.close()


def test_other_pages_tell_of_text_that_is_not_saved(site, far, proxy, dossier_id):
    proxy.cut()
    far.locator(FIELD).fill("Seulement ici.")
    expect(far.locator(f"{STATUS}[data-state=offline]")).to_be_visible()
    proxy.mend()
    site.told(
        lambda tale: tale.story.session.execute(sa.update(Dossier).values(state="submitted"))
    )  # no save can succeed
    other = far.context.new_page()
    far.close()
    site.told(lambda tale: tale.story.session.execute(sa.update(Dossier).values(state="draft")))
    other.goto(f"http://127.0.0.1:{proxy.port}/dossiers/{dossier_id}/submit")
    notice = other.locator("#unsaved")
    expect(notice.get_by_role("link", name="Question 5.1")).to_be_visible()
    notice.get_by_role("link").click()
    saved(other)
    assert kept(site, dossier_id) == "Seulement ici."
    other.goto(f"http://127.0.0.1:{proxy.port}/dossiers/{dossier_id}/submit")
    other.wait_for_load_state("networkidle")
    expect(notice).to_be_hidden()


def test_the_form_can_be_filled_by_keyboard_alone(site, section, dossier_id):
    """Every field of every section is reached by Tab, none is a trap, and what is typed on the way is kept."""
    page = section(number="1")
    for section_ in site.told(lambda tale: calls.definition(tale.call).form.sections):
        page.goto(f"/dossiers/{dossier_id}/sections/{section_.number}")
        fields = page.locator("#answers :is(input:not([type=hidden], [type=radio]), textarea, select):visible")
        wanted = set(fields.evaluate_all("fields => fields.map(f => f.id)"))
        page.locator("#main").focus()
        reached: set[str] = set()
        for _ in range(len(wanted) * 3 + 60):
            page.keyboard.press("Tab")
            here = page.evaluate("[document.activeElement.id, document.activeElement.name || '']")
            reached.add(here[0])
            if here[1] == "then":
                break
        else:
            pytest.fail(f"section {section_.number}: the button that saves is never reached")
        assert wanted <= reached, section_.number
    page.goto(f"/dossiers/{dossier_id}/sections/5")
    page.locator("#main").focus()
    while page.evaluate("document.activeElement.id") != QUESTION:
        page.keyboard.press("Tab")
    page.keyboard.type("Au clavier.")
    while page.evaluate("document.activeElement.name") != "then":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sections/6")
    assert kept(site, dossier_id) == "Au clavier."


@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_of_the_form_pass_axe(site, section, dossier_id, width):
    colleague = site.told(lambda tale: join(tale, dossier_id))
    page, theirs = section(width=width), section(colleague)
    found = {}
    for path in ("sections", *(f"sections/{n}" for n in range(1, 12)), "pieces", "submit"):
        page.goto(f"/dossiers/{dossier_id}/{path}")
        found[path] = violations(page)
    theirs.fill(FIELD, "Theirs.")
    saved(theirs)
    page.goto(f"/dossiers/{dossier_id}/sections/{SECTION}")
    page.evaluate("document.querySelector('input[name=seen]').value = 'reasons:0'")
    page.fill(FIELD, "Mine.")
    theirs.fill(FIELD, "Theirs again.")
    page.locator(f"{STATUS}[data-state=conflict], {STATUS}[data-state=saved]").wait_for()
    theirs.wait_for_timeout(1500)
    conflict = page if page.locator("[data-state=conflict]").count() else theirs
    expect(conflict.locator("[data-state=conflict]")).to_be_visible()
    found["conflict"] = violations(conflict)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def violations(page: Page) -> list[str]:
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in Axe().run(page).response["violations"]]


def test_rows_come_back_as_they_were(site, section, dossier_id):
    """A table with a row added and one removed, left without a line and opened again."""
    page = section(number="6")
    rows = "#prep_partners [data-repeat-items] tr"
    page.click("#prep_partners [name='prep_partners.add']")
    for index in range(4):
        page.locator(f"[name='prep_partners.{index}.partner']").fill(f"Partenaire {index}")
    page.locator(rows).nth(1).locator("[data-repeat-remove]").click()
    saved(page, "prep_partners")
    names = [row["partner"] for row in kept(site, dossier_id, "prep_partners")]
    assert names == ["Partenaire 0", "Partenaire 2", "Partenaire 3"]
    page.reload()
    assert [page.locator(f"[name='prep_partners.{n}.partner']").input_value() for n in range(3)] == names


def test_too_long_is_kept_and_marked(site, section, dossier_id):
    page, text = section(), " ".join(["mot"] * 10_000)
    page.fill(FIELD, text)
    expect(page.locator(STATUS)).to_contain_text("10,000 words of 150")
    assert kept(site, dossier_id) == text


def kill_browser(profile: Path) -> None:
    for process in psutil.process_iter(["cmdline"]):
        if any(str(profile) in part for part in process.info["cmdline"] or ()):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
