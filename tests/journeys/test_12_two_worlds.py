"""Norwich never learns of Nottingham's scores: the same round in two worlds, in which the others judge Nottingham otherwise.

The evaluator works in a browser; afterwards every address of the portal is asked for as three people of the seat of
Norwich: the evaluator, one who works for the Secretariat too, and one who sits on the Steering Group. Whatever the two
worlds answer is the same, byte for byte and by the number of queries, and so is every mail. To whom nothing is
hidden, the worlds differ: the comparison can fail.
"""

import shutil
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from benchmarks.visits import cookie
from rvc_portal import jobs
from rvc_portal.demonstration.cities import city
from rvc_portal.domain.vocabulary import Role, SeatKind
from rvc_portal.models.account import Account
from rvc_portal.models.base import db, seeded_ids
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment
from rvc_portal.models.seat import Seat
from rvc_portal.services import accounts, discussion, evaluation, reminders
from tests.judging import REASON
from tests.stories import PASSWORD, redefine
from tests.worlds import World, differences, world

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1800)]

HIDDEN, SEEN, OTHER = "Nottingham", "Óbidos", "Ljubljana"
EVALUATOR, OFFICER, MEMBER = (
    "norwich@network.example",
    "norwich-office@network.example",
    "norwich-group@network.example",
)
FREE = "officer@network.example"
"""Of the Secretariat, and of no city: nothing is hidden."""
SEARCHES = [
    f"/board{ending}?{query}"
    for ending in ("", ".csv", ".xlsx")
    for query in (
        f"q={HIDDEN}",
        "q=GB",
        "state=in_review",
        "sort=mean",
        "sort=mean&dir=asc",
        "sort=spread",
        "country=GB",
    )
]
HARSH, KIND = {"Dublin": 2, "Heidelberg": 3, "Granada": 1}, {"Dublin": 9, "Heidelberg": 8, "Granada": 10}


@dataclass(frozen=True)
class Told:
    """What was heard in one world, by whom, until the end."""

    heard: dict[str, dict[str, list[object]]]
    mails: dict[str, list[object]]


@pytest.fixture(scope="module")
def beginning(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three files in evaluation, everybody asked; Norwich has three holders, all signed in."""
    folder = tmp_path_factory.mktemp("worlds") / "beginning"
    folder.mkdir()
    shutil.copy(migrated, folder / "portal.db")
    with world(folder) as made:
        tale = made.tale
        redefine(tale.call, peer_sheets=True)
        tale.officer(), tale.direction(), tale.group()
        players = tale.evaluators()
        for name in (HIDDEN, SEEN, OTHER):
            facts = replace(city(name), language="en")
            dossier_id = tale.admitted(facts, tale.lead(f"lead@{facts.slug}.example"))
            tale.asked(dossier_id, [p for p in players if name != HIDDEN or p.seat.name != "Norwich"])
        for email in (OFFICER, MEMBER):
            _joins_norwich(made, email)
        jobs.drain(made.app)
    return folder


def _joins_norwich(made: World, email: str) -> None:
    """Another holder of the seat of Norwich, with a part of its own in the portal."""
    tale, session, since = made.tale, db.session(), made.tale.now - timedelta(days=60)
    person = tale.lead(email, f"{email.partition('@')[0]}, person")
    seat = session.scalars(sa.select(Seat).where(Seat.name == "Norwich", Seat.kind == SeatKind.MEMBER)).one()
    accounts.give_seat(session, seat, person, now=since)
    if email == OFFICER:
        accounts.grant_role(session, person, Role.SECRETARIAT, now=since)
    else:
        chair = session.scalars(sa.select(Seat).where(Seat.name == "Coordinator 1")).one()
        accounts.give_seat(session, chair, person, now=since)
    session.commit()


@pytest.fixture(scope="module")
def two(beginning: Path, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> list[Told]:
    """The round, told in both worlds."""
    return [_tell(beginning, tmp_path_factory.mktemp("world"), scores, chromium) for scores in (HARSH, KIND)]


def _tell(beginning: Path, folder: Path, scores: dict[str, int], chromium: Browser) -> Told:
    """The tale in a copy of the beginning, where the others give Nottingham these scores."""
    shutil.copytree(beginning, folder / "world")
    heard: dict[str, dict[str, list[object]]] = {}
    with world(folder / "world") as made, seeded_ids(12):
        cookies = {email: _signed_in(made, email) for email in (EVALUATOR, OFFICER, MEMBER, FREE)}
        made.listen()
        _others_judge(made, scores)
        with made.served() as url:
            _evaluator_at_work(chromium, made, url)
        heard["browser"] = made.silenced()
        for stage, goes_on in (("evaluated", _nothing_more), ("referred", _refer), ("published", _publish)):
            goes_on(made)
            jobs.drain(made.app)
            for email in (EVALUATOR, OFFICER, MEMBER):
                made.walk(cookies[email], *SEARCHES)
                heard[f"{email}, {stage}"] = made.silenced()
        for email, sent in cookies.items():
            made.walk(sent, *SEARCHES, parts=email != FREE)
            heard[f"{email}, parts"] = made.silenced()
        mails = {email: made.mails(email) for email in (EVALUATOR, OFFICER, MEMBER)}
    return Told(heard, mails)


def _signed_in(made: World, email: str) -> str:
    account = db.session.scalars(sa.select(Account).where(Account.email == email)).one()
    session = accounts.start_session(db.session(), account, made.tale.now)
    db.session.commit()
    return cookie(made.app, session.id.hex)


def _others_judge(made: World, scores: dict[str, int]) -> None:
    """Everybody but Norwich and one expert closes every sheet; what differs is what they say of Nottingham."""
    tale = made.tale
    for dossier_id in _files(made):
        hidden = tale.dossier(dossier_id).lead_city == HIDDEN
        for name, assignment_id in sorted(tale.assignments(dossier_id).items()):
            value = scores.get(name, max(scores.values())) if hidden else 6
            reason = f"{REASON} {'Remarkable. ' * value}" if hidden else REASON
            if name == "Expert 2":
                tale.scored(assignment_id, value, reason)  # a draft, too, is nobody else's
            elif name != "Norwich":
                tale.closed(assignment_id, value, reason)
        if hidden:
            _discuss(made, dossier_id, max(scores.values()))
    _remind(made)
    db.session.rollback()
    jobs.drain(made.app)


def _discuss(made: World, dossier_id: UUID, value: int) -> None:
    """Two who have closed their sheets speak of the file."""
    tale = made.tale
    dossier, people = tale.dossier(dossier_id), {p.seat.name: p.account for p in tale.evaluators()}
    thread = discussion.begin(
        db.session(), dossier, title=f"Is {value} too much?", audience="internal", language="en",
        text="I see it otherwise. " * value, actor=tale.story.actor(people["Dublin"], tale.now), now=tale.now,
    )  # fmt: skip
    discussion.answer(
        db.session(), dossier, thread, language="en", text=f"I gave {value}.",
        actor=tale.story.actor(people["Heidelberg"], tale.now), now=tale.now,
    )  # fmt: skip
    db.session.commit()


def _remind(made: World) -> None:
    """The Secretariat reminds everybody whose sheet is open."""
    tale = made.tale
    waiting = sorted(i for dossier_id in _files(made) for i in tale.assignments(dossier_id).values())
    officer = tale.story.actor(tale.officer(), tale.now)
    reminders.send(db.session(), tale.call, UUID(int=7), waiting, actor=officer, now=tale.now)
    db.session.commit()


def _files(made: World) -> list[UUID]:
    return sorted(db.session.scalars(sa.select(Dossier.id)))


def _evaluator_at_work(chromium: Browser, made: World, url: str) -> None:
    """Looks about, looks for Nottingham, and judges the first of the files."""
    context = chromium.new_context(base_url=url, java_script_enabled=False)  # what a script sends hangs on the machine
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto("/sign-in")
    page.fill("#email", EVALUATOR)
    page.fill("#password", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url("**/desk")
    assert HIDDEN not in page.inner_text("main")
    for path in [f"/dossiers/{dossier_id}" for dossier_id in _files(made)]:
        page.goto(path)
    db.session.rollback()
    page.goto("/desk")
    page.locator("a[href^='/assignments/']").first.click()
    page.get_by_label("I have no conflict of interest", exact=False).check()
    page.get_by_role("button", name="Declare").click()
    page.locator(".criterion").first.wait_for()
    score_all(page)
    page.get_by_role("link", name="Review and close the sheet").click()
    page.get_by_role("button", name="Close the sheet for good").click()
    page.get_by_text("Your sheet is closed.").wait_for()
    page.goto("/desk")
    context.close()


def score_all(page: Page) -> None:
    """Give every criterion a score and a reason."""
    for criterion in page.locator(".criterion").all():
        criterion.locator(".score input[value='7']").check(force=True)
        criterion.locator("textarea").fill(REASON)
    page.get_by_role("button", name="Save the sheet").click()
    page.get_by_text("Your sheet is saved.").wait_for()


def _nothing_more(made: World) -> None:
    """As it stands after the evaluator's day."""


def _refer(made: World) -> None:
    """Nottingham goes to the Steering Group, the others wait."""
    tale = made.tale
    hidden = next(i for i in _files(made) if tale.dossier(i).lead_city == HIDDEN)
    draft = db.session.get_one(Assignment, tale.assignments(hidden)["Expert 2"])
    evaluation.close_sheet(
        db.session(), draft, actor=tale.story.actor(tale.evaluators()[1].account, tale.now), now=tale.now
    )
    db.session.commit()
    tale.story.refer(tale.dossier(hidden), tale.officer(), tale.now - timedelta(hours=12))


def _publish(made: World) -> None:
    """The rest of the round, to its publication."""
    tale = made.tale
    for dossier_id in _files(made):
        for assignment in db.session.scalars(sa.select(Assignment).where(Assignment.dossier_id == dossier_id)).all():
            if assignment.evaluation is None or assignment.evaluation.closed_at is None:
                tale.closed(assignment.id, 6)
        if tale.dossier(dossier_id).state == "in_evaluation":
            tale.story.refer(tale.dossier(dossier_id), tale.officer(), tale.now - timedelta(hours=11))
    group = tale.sitting()
    for dossier_id in _files(made):
        tale.story.advise(tale.dossier(dossier_id), group[1], True, tale.now - timedelta(hours=10))
    tale.story.put_forward(tale.call, tale.officer(), tale.now - timedelta(hours=9))
    for dossier_id in _files(made):
        tale.story.decide(tale.dossier(dossier_id), tale.direction(), True, tale.now - timedelta(hours=8))
    tale.story.renders = True
    tale.story.publish(tale.call, tale.officer(), tale.now - timedelta(hours=7))


STAGES = ("evaluated", "referred", "published", "parts")
WALKS = [f"{email}, {stage}" for email in (EVALUATOR, OFFICER, MEMBER) for stage in STAGES]


@pytest.mark.parametrize("who", ["browser", *WALKS])
def test_the_worlds_answer_alike(two: list[Told], who: str) -> None:
    one, other = (told.heard[who] for told in two)
    assert len(one) > 10
    assert differences(one, other) == []


@pytest.mark.parametrize("email", [EVALUATOR, OFFICER, MEMBER])
def test_the_mails_are_alike(two: list[Told], email: str) -> None:
    one, other = (told.mails[email] for told in two)
    assert one == other
    assert len(one) > 0 or email != EVALUATOR
    assert not any(HIDDEN in text for subject, text, _ in one)


def test_they_differ_for_whom_nothing_is_hidden(two: list[Told]) -> None:
    """The Secretariat of no city sees other figures in pages, documents and exports: the comparison finds what differs."""
    one, other = (told.heard[f"{FREE}, parts"] for told in two)
    found = differences(one, other)
    assert any(line.startswith("GET /board.csv") for line in found)
    assert any(".pdf" in line for line in found)
    assert any("/evaluation?" in line for line in found)
