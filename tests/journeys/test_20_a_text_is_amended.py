"""Eight browsers, the Secretariat's and seven cities', take a text clause by clause: five amendments, one of them rejected by a
vote by name, one adopted so, one by consensus in one language, one withdrawn, one adopted in both languages. Every screen
follows; the clauses are adopted one by one, and the sealed PDFs hold the amended words."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.meetings import CITIES, EDITION, address, assemble
from tests.servers import wait_for
from tests.stories import OFFICER, PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

URL = f"/meetings/{EDITION}"
PATIENCE_MS = 30_000
VOTES = {"A": "In favour", "N": "Against", "B": "Abstain"}


@dataclass(frozen=True)
class Proposed:
    """An amendment: who proposes it, the piece of the text, the words that are new."""

    city: str
    piece: str
    en: str
    fr: str | None = None


REJECTED = Proposed("Norwich", "1", "The network meets every month.", "Le réseau se réunit chaque mois.")
BY_VOTE = Proposed("Dublin", "1", "The network meets twice a year.", "Le réseau se réunit deux fois par an.")
BY_CONSENSUS = Proposed("Granada", "2", "Each city reports every four years.")
WITHDRAWN = Proposed("Lyon", "2", "No city reports.", "Aucune ville ne présente de rapport.")
IN_BOTH = Proposed(
    "Prague", "3b", "publish the conclusions within a month.", "de publier les conclusions dans le mois."
)
IN_LINE = "Chaque ville présente un rapport tous les quatre ans."


@dataclass
class Hall:
    """The eight screens, all at the floor; the Secretariat's is `chair`."""

    chair: Page
    cities: dict[str, Page]
    site: Any

    @property
    def screens(self) -> list[Page]:
        return [self.chair, *self.cities.values()]

    def press(self, name: str, exact: bool = True) -> None:
        self.chair.get_by_role("button", name=name, exact=exact).click()

    def all_show(self, text: str, where: str = "#floor-hand") -> None:
        for page in self.screens:
            expect(page.locator(where)).to_contain_text(text, timeout=PATIENCE_MS)

    def go(self, piece: str, name: str) -> None:
        """To a clause, by the line of the text."""
        self.chair.locator(
            "#floor-lines tr", has=self.chair.get_by_role("rowheader", name=name, exact=True)
        ).get_by_role("button").click()
        self.all_show(f"At hand: {name}")

    def take(self, proposed: Proposed) -> None:
        self.press(f"Take this amendment – {proposed.city}, United Kingdom")
        self.all_show(proposed.en.split()[-1].rstrip("."), "#floor-taken")

    def vote(self, letters: str) -> None:
        self.press("Put the amendment to the vote")
        for page, letter in zip(self.cities.values(), letters, strict=True):
            ballot = page.locator(".live-ballot")
            ballot.wait_for(timeout=PATIENCE_MS)
            ballot.get_by_role("button", name=VOTES[letter]).click()
            expect(page.locator("#floor-vote")).to_contain_text(f": {VOTES[letter]}.", timeout=PATIENCE_MS)
        expect(self.chair.locator("#floor-vote")).to_contain_text("Votes so far: 7 of 7.", timeout=PATIENCE_MS)
        self.press("Close the vote")

    def adopt(self, name: str) -> None:
        self.press("Adopt the clause")
        for page in self.screens:
            line = page.locator("#floor-lines tr", has=page.get_by_role("rowheader", name=name, exact=True))
            expect(line).to_contain_text("text adopted", timeout=PATIENCE_MS)


def signed_in(page: Page, email: str) -> Page:
    page.goto("/sign-in")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url("**/desk")
    return page


@pytest.fixture
def hall(site, portal, chromium):
    """A text in both languages that is to be agreed, seven registered cities; everybody is signed in."""

    def tell(tale):
        tale.officer()
        assemble(tale.story.session, datetime.now(UTC))

    site.told(tell)
    contexts, pages = [], {}
    for who in ("officer", *CITIES):
        contexts.append(chromium.new_context(base_url=portal.url, viewport={"width": 1280, "height": 900}))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE_MS)
        pages[who] = signed_in(page, OFFICER if who == "officer" else address(who))
    yield Hall(pages.pop("officer"), pages, site)
    for context in contexts:
        context.close()


def propose(hall: Hall, given: Proposed) -> None:
    page = hall.cities[given.city]
    page.goto(f"{URL}/amendments")
    page.locator(f"#clause-{given.piece}").get_by_role("link", name="Propose an amendment").click()
    page.fill("#text_en", given.en)
    if given.fr:
        page.fill("#text_fr", given.fr)
    page.fill("#reason", "It is clearer.")
    page.get_by_role("button", name="Propose it").click()
    page.get_by_text("The amendment is proposed").wait_for()


def test_five_amendments_to_the_sealed_text(hall):
    for given in (REJECTED, BY_VOTE, BY_CONSENSUS, WITHDRAWN, IN_BOTH):
        propose(hall, given)
    hall.cities["Heidelberg"].goto(f"{URL}/amendments")
    hall.cities["Heidelberg"].get_by_role("button", name="Second it – Granada, United Kingdom").click()
    hall.cities["Heidelberg"].get_by_text("Your city seconds the amendment.").wait_for()
    _come_in(hall)
    for name in ("Title", "Preamble"):
        hall.go(name, name)
        hall.adopt(name)
    _clause_1_by_vote(hall)
    _clause_2_by_consensus(hall)
    hall.go("3", "Clause 3")
    hall.take(IN_BOTH)
    hall.press("Adopt by consensus")
    hall.all_show("adopted by consensus")
    hall.adopt("Clause 3")
    _sealed(hall)


def _come_in(hall):
    for page in hall.screens:
        page.goto(f"{URL}/floor")
    hall.press("Open the floor")
    for city, page in hall.cities.items():
        page.get_by_role("button", name=f"Check in: {city}, United Kingdom").click()
    hall.all_show("Cities present: 7 of 7 registered. The quorum of 4 is reached.", "#floor-head")


def _clause_1_by_vote(hall):
    hall.go("1", "Clause 1")
    hall.take(REJECTED)
    hall.vote("ANNANBN")
    hall.all_show("rejected by vote")
    hall.all_show("2 in favour, 4 against, 1 abstaining")
    hall.take(BY_VOTE)
    hall.vote("AAAANNB")
    hall.all_show("adopted by vote")
    for page in hall.screens:  # the clause reads as it was amended
        expect(page.locator("#floor-hand .amending__texts").first).to_contain_text(BY_VOTE.en, timeout=PATIENCE_MS)
    hall.adopt("Clause 1")


def _clause_2_by_consensus(hall):
    hall.go("2", "Clause 2")
    hall.take(WITHDRAWN)
    hall.cities["Lyon"].get_by_role("button", name="Withdraw the amendment").click()
    hall.all_show("withdrawn by its city")
    hall.take(BY_CONSENSUS)
    hall.press("Adopt by consensus")
    hall.all_show("To be brought into line: French")
    hall.chair.get_by_role("link", name="Bring it into line").click()
    form = hall.chair.locator("#clause-2 details.deed")
    form.locator("summary").click()
    form.locator("textarea").fill(IN_LINE)
    form.get_by_role("button", name="Save the text").click()
    hall.chair.get_by_text("Both languages of the clause are in line.").wait_for()
    hall.chair.goto(f"{URL}/floor")
    hall.adopt("Clause 2")


def _sealed(hall):
    hall.chair.goto(f"{URL}/draft")
    hall.chair.get_by_role("link", name="Seal the text").click()
    hall.chair.get_by_role("button", name="Seal the text for ever").click()
    hall.chair.get_by_text("The text is sealed; its documents are being made.").wait_for()
    for page in hall.cities.values():
        expect(page.locator("#floor-head")).to_contain_text("This text is sealed", timeout=PATIENCE_MS)
    texts = _pdfs(hall.chair)
    for amended in ((BY_VOTE.en, BY_CONSENSUS.en, IN_BOTH.en), (BY_VOTE.fr, IN_LINE, IN_BOTH.fr)):
        assert any(all(words in text for words in amended) for text in texts)
    for words in (REJECTED.en, REJECTED.fr, WITHDRAWN.en, WITHDRAWN.fr):
        assert not any(words in text for text in texts)


def _pdfs(page: Page) -> list[str]:
    """What the three documents say that the page of the meeting gives, lines joined: one for each language, one with both."""

    def ready() -> bool:
        page.goto(URL)
        return page.locator("#papers a.document__name").count() == 3

    wait_for(ready, step=1)
    links = [str(one.get_attribute("href")) for one in page.locator("#papers a.document__name").all()]
    return [_words(pypdfium2.PdfDocument(page.request.get(link).body())) for link in links]


def _words(document: pypdfium2.PdfDocument) -> str:
    return " ".join(" ".join(p.get_textpage().get_text_range().split()) for p in document)
