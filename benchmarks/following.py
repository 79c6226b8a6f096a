"""How soon the screens of a sitting follow its chair: eight members ask as their pages do, twice a second, while the chair goes
from item to item. Against `rvc serve` as it is.

From the moment in which the chair's act is sent to the one in which the changed part has arrived on the slowest screen; putting
it in takes a browser some milliseconds more.
"""

import http.client
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from urllib.parse import urlencode
from uuid import UUID

from flask import Flask
from flask_migrate import upgrade

from benchmarks.figures import Figure
from benchmarks.serving import served
from benchmarks.visits import cookie, token
from rvc_portal import settings
from rvc_portal.app import create_app
from rvc_portal.models.base import db
from rvc_portal.services import accounts
from rvc_portal.settings import MIGRATIONS, STATIC
from tests import servers
from tests.judging import Judging
from tests.stories import town

FIGURES = ("sitting_follow_s", "sitting_follow_median_s")
LIMIT_S = 2.0
SCREENS, ITEMS, ROUNDS, PAUSE_S = 8, 12, 2, 1.5


@dataclass
class Screen:
    """One member's page. `seen`: when each state of the sitting, by the item at hand, arrived."""

    cookie: str
    seen: dict[str, float] = field(default_factory=dict)
    item: str = ""


@dataclass(frozen=True)
class Sitting:
    path: str
    items: list[UUID]
    cookies: list[str]
    token: str


def measure(folder: Path) -> Iterator[Figure]:
    """On SQLite and on PostgreSQL; the plain names are the worse of the two."""
    found = {"sqlite": _on_one(folder / "following-sqlite", None)}
    with servers.postgresql() as server:
        found["postgresql"] = _on_one(folder / "following-postgresql", servers.create_database(server, "following"))
    for engine, taken in found.items():
        yield Figure(f"sitting_follow_s_{engine}", max(taken), "s", LIMIT_S)
    yield Figure("sitting_follow_s", max(map(max, found.values())), "s", LIMIT_S)
    yield Figure("sitting_follow_median_s", max(map(median, found.values())), "s")


def _on_one(folder: Path, database: str | None) -> list[float]:
    """For each act of the chair the seconds to the slowest screen."""
    environ = {"RVC_DATA": str(folder), "RVC_SECRET_KEY": "benchmark"}
    if database:
        environ["RVC_DATABASE_URL"] = database
    app = create_app(settings.read(environ))
    with app.app_context():
        upgrade(str(MIGRATIONS))
        sitting = _prepare(app)
        db.engine.dispose()
    with served(environ) as port:
        return _follow(port, sitting)


def _prepare(app: Flask) -> Sitting:
    """Twelve files in review, a group of eight that sits, the first of them in the chair."""
    tale = Judging(app, datetime.now(UTC))
    group = tale.group(SCREENS)
    for number in range(1, ITEMS + 1):
        tale.in_review(town(f"Ville-{number:02}-sur-la-Rivière"), tale.lead(f"lead-{number}@ville.example"))
    sat = tale.story.convene(
        tale.call, "Autumn sitting", "Paris", tale.officer(), group, group[0], tale.now - timedelta(hours=2)
    )
    sign_ins = [accounts.start_session(db.session(), player.account, tale.now) for player in group]
    db.session.commit()
    path = f"/calls/{tale.call.key}/steering/sittings/{sat.id}"
    cookies = [cookie(app, sign_in.id.hex) for sign_in in sign_ins]
    return Sitting(path, [item.id for item in tale.story.agenda(sat)], cookies, token(app))


def _follow(port: int, sitting: Sitting) -> list[float]:
    screens, over = [Screen(one) for one in sitting.cookies], threading.Event()
    threads = [threading.Thread(target=_ask, args=(port, sitting.path, screen, over)) for screen in screens]
    for thread in threads:
        thread.start()
    try:
        servers.wait_for(lambda: all(screen.item for screen in screens))
        return [_go(port, sitting, item, screens) for item in sitting.items * ROUNDS]
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _go(port: int, sitting: Sitting, item: UUID, screens: list[Screen]) -> float:
    """The chair goes to the item. Raises TimeoutError for a screen that never follows."""
    for screen in screens:
        screen.seen.pop(str(item), None)
    acted = time.monotonic()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": sitting.cookies[0]}
        sent = urlencode({"csrf_token": sitting.token})
        connection.request("POST", f"{sitting.path}/items/{item}/take-up", sent, form)
        if connection.getresponse().status >= http.HTTPStatus.BAD_REQUEST:
            raise RuntimeError("the chair could not go to an item")
    servers.wait_for(lambda: all(str(item) in screen.seen for screen in screens))
    slowest = max(screen.seen[str(item)] for screen in screens) - acted
    time.sleep(PAUSE_S)
    return slowest


def _ask(port: int, path: str, screen: Screen, over: threading.Event) -> None:
    """As the page does: again and again, with the state it has."""
    tag, every = "", _every_s()
    time.sleep(random.Random(screen.cookie).uniform(0, every))  # pages were not opened at one instant
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        while not over.is_set():
            connection.request("GET", f"{path}/live", headers={"Cookie": screen.cookie, "If-None-Match": tag})
            answer = connection.getresponse()
            body = answer.read().decode()
            if answer.status == http.HTTPStatus.OK:
                tag, found = (
                    answer.headers["ETag"],
                    re.search(r'id="sitting-item"[^>]*data-part="([0-9a-f-]{36})', body),
                )
                screen.item = found[1] if found else "none"
                screen.seen[screen.item] = time.monotonic()
            time.sleep(every)


def _every_s() -> float:
    """How long the page waits between two questions, as its script says."""
    script = (STATIC / "live.js").read_text(encoding="utf-8")
    found = re.search(r"EVERY = (\d+)", script)
    assert found is not None
    return int(found[1]) / 1000
