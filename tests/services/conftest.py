"""Scenes and tales for the tests of this floor."""

from collections.abc import Iterator

import pytest

from rvc_portal.settings import Settings
from tests.conftest import MakeApp
from tests.judging import Judging
from tests.scenes import scene_at, shelf  # noqa: F401
from tests.web.browsing import START


@pytest.fixture
def judging(either_database: Settings, make_app: MakeApp) -> Iterator[Judging]:
    """A call in which nothing has happened yet, on each engine; the clock stands."""
    app = make_app(either_database)
    app.config["CLOCK"] = lambda: START
    with app.app_context():
        yield Judging(app, START)
