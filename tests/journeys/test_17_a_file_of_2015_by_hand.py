"""One file of the 2015 round is evaluated by hand in a browser, from the requests to the referral: sheet by sheet with the
scores and reasons that `rvc replay` gives. What comes out is what the replay has."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from benchmarks.visits import cookie
from rvc_portal.demonstration import verdicts
from rvc_portal.demonstration.cities import city
from rvc_portal.demonstration.story import Player, free_seats
from rvc_portal.domain.vocabulary import Doc
from rvc_portal.models.account import Account
from rvc_portal.models.base import db
from rvc_portal.services import accounts
from tests import scenes
from tests.scenes import DESIGNATED, Scene, SceneAt, scene_at, shelf  # noqa: F401

HOUR = timedelta(hours=1)
Scores = dict[str, verdicts.Score]

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def replayed(scene_at: SceneAt) -> "Outcome":  # noqa: F811
    """What comes out when the services do it, as `rvc replay` does."""
    scene = by_services(scene_at("in_evaluation"))
    found = outcome(scene)
    db.session.remove()
    db.engine.dispose()  # the next scene takes the place of this database
    return found


@pytest.fixture
def by_hand(replayed: "Outcome", scene_at: SceneAt) -> Scene:  # noqa: F811
    """The round with its files admitted; the portal's clock stands in the weeks of its evaluation."""
    scene = scene_at("in_evaluation")
    scene.story.app.config["CLOCK"] = lambda: scenes.SCORED
    return scene


@pytest.fixture
def url(by_hand: Scene) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, by_hand.story.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()
    thread.join()


def signed_in(scene: Scene, account: Account) -> str:
    """The cookie of a browser in which the person is signed in."""
    return cookie(scene.story.app, accounts.start_session(db.session(), account, scenes.SCORED - HOUR).id.hex)


def page_of(chromium: Browser, url: str, sent: str) -> Page:
    """A browser with this cookie."""
    name, _, value = sent.partition("=")
    context = chromium.new_context(base_url=url, java_script_enabled=False)
    context.add_cookies([{"name": name, "value": value, "url": url}])
    page = context.new_page()
    page.set_default_timeout(20_000)
    return page


def ask_everybody(page: Page, dossier_id: object) -> int:
    """The Secretariat asks all whom no conflict bars; how many that are."""
    page.goto(f"/dossiers/{dossier_id}/evaluators")
    boxes = page.locator("input[name=seat]").all()
    for box in boxes:
        box.check()
    page.locator("button[form=free], #free button").last.click()
    page.locator(".seat-row--asked").nth(len(boxes) - 1).wait_for()
    return len(boxes)


def scores(scene: Scene, player: Player) -> Scores:
    """What the player gives in the replay, by criterion."""
    chance = scene.story.chance("scores", DESIGNATED, player.seat.name)
    return verdicts.scores_for(scenes.told(), city(DESIGNATED), True, player.language, chance)


def judge(page: Page, given: Scores) -> None:
    """The evaluator declares, scores each criterion, and closes."""
    page.goto("/desk")
    page.locator("a[href^='/assignments/']").first.click()
    page.locator("input[value=free]").check()
    page.locator("main form button[type=submit]").last.click()
    for key, score in given.items():
        page.locator(f"#criterion-{key} .score input[value='{score.value}']").check(force=True)
        page.locator(f"#criterion-{key} textarea").fill(score.reason)
    page.locator("form.work .actions button[type=submit]").last.click()
    page.locator("#part-progress a.button--primary").click()
    page.locator("main form button[type=submit]").last.click()
    page.locator(".flash, .notice").first.wait_for()


def everybody(scene: Scene) -> list[Player]:
    """All whom no conflict bars: of Literature's evaluators, those from the same country are."""
    return free_seats(scene.dossier(), scene.players())


def by_services(scene: Scene) -> Scene:
    """The same as `rvc replay` does it."""
    dossier, players = scene.dossier(), everybody(scene)
    scene.story.assign(dossier, [p.seat.id for p in players], scene.officer, scenes.ASSIGNED)
    for player in players:
        assignment = scene.story.assignment(dossier, player)
        scene.story.declare(assignment, player, scenes.DECLARED)
        scene.story.score(assignment, player, True, scenes.SCORED)
        scene.story.close(assignment, player, scenes.CLOSED)
    scene.story.refer(dossier, scene.officer, scenes.REFERRED)
    return scene


Outcome = dict[str, object]


def outcome(scene: Scene) -> Outcome:
    """The file's figures, and what its evaluation report says of them."""
    dossier = scene.dossier(DESIGNATED)
    report = next(d for d in scene.documents(dossier) if d.kind == Doc.EVALUATION_REPORT).context
    figures = ("mean_overall", "mean_experts", "mean_members", "spread", "closed_sheets")
    return {
        **{name: getattr(dossier, name) for name in figures},
        **{part: report[part] for part in ("criteria", "streams", "mean", "spread", "method")},
        "sheets": sorted(str(sheet["scores"]) for sheet in report["sheets"]),
    }


def test_by_hand_as_in_the_replay(by_hand: Scene, replayed: Outcome, chromium: Browser, url: str) -> None:
    dossier_id = by_hand.dossier(DESIGNATED).id
    desk = signed_in(by_hand, by_hand.officer)
    judges = [(signed_in(by_hand, p.account), scores(by_hand, p)) for p in everybody(by_hand)]
    by_hand.commit()  # the test holds no lock that would stop the portal
    officer = page_of(chromium, url, desk)
    assert ask_everybody(officer, dossier_id) == len(judges)
    for sent, given in judges:
        page = page_of(chromium, url, sent)
        judge(page, given)
        page.context.close()
    officer.goto(f"/dossiers/{dossier_id}")
    officer.get_by_role("button", name="Refer to the Steering Group").click()
    officer.locator(".state[data-state=in_review]").first.wait_for()
    by_hand.session.expire_all()
    assert outcome(by_hand) == replayed
