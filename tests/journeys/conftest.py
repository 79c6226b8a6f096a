"""A portal of its own on the loopback, and a browser: what every journey needs."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from rvc_portal.queries import accounts as people
from rvc_portal.settings import Settings
from tests.conftest import MakeApp
from tests.servers import Portal
from tests.stories import PASSWORD, Tale


@dataclass
class Site:
    """A running portal: its address, its application, and the tale of what is in it."""

    url: str
    app: Flask
    tale: Tale

    def told(self, ask: Callable[[Tale], Any]) -> Any:
        """What `ask` finds out or does in the database; afterwards the test holds no lock that would stop the portal."""
        self.tale.story.session.expire_all()
        try:
            found = ask(self.tale)
            self.tale.story.session.commit()
            return found
        finally:
            self.tale.story.session.rollback()


@pytest.fixture
def site(make_app: MakeApp, sqlite: Settings) -> Iterator[Site]:
    """The portal on a free port with a fresh database, inside an application context of the test's own."""
    app = make_app(sqlite)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with app.app_context():
            yield Site(f"http://127.0.0.1:{server.port}", app, Tale(app, datetime.now(UTC)))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def portal(site: Site) -> Iterator[Portal]:
    """The same folder served as in the field: by processes of its own, which can be killed."""
    served = Portal(site.app.extensions["rvc"].settings.data)
    served.start()
    yield served
    served.kill()


def _shown_now(tale: Any, email: str) -> str:
    return str(tale.code(people.by_email(tale.story.session, email), datetime.now(UTC)))


Open = Callable[..., Page]

TALK = re.compile(r"status of (400|401|409|422|429)|Status Error Code (400|401)|net::ERR_")
"""What a browser reports of an answer that scripts deal with: a refusal, another text, a session or a line that ended."""


@pytest.fixture
def open_page(chromium: Browser, site: Site) -> Iterator[Open]:
    """Opens a browser of somebody's own, signed in where an address is given; what its console reports fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(email: str | None = None, *, javascript: bool = True, width: int = 1280) -> Page:
        context = chromium.new_context(
            base_url=site.url, java_script_enabled=javascript, viewport={"width": width, "height": 900}
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda line: faults.append(line.text) if line.type == "error" and not TALK.search(line.text) else None,
        )
        if email:
            page.goto("/sign-in")
            page.fill("#email", email)
            page.fill("#password", PASSWORD)
            page.click("main form button[type=submit]")
            page.wait_for_url(lambda url: not url.endswith("/sign-in"))
            if "/second-factor/sign-in" in page.url:
                page.fill("#code", site.told(lambda tale: _shown_now(tale, email)))
                page.click("main form button[type=submit]")
                page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []
