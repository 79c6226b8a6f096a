"""What the services of a sitting promise, on PostgreSQL: the very tests of tests/services, on a database of the other engine."""

from collections.abc import Iterator

import pytest

from rvc_portal.models.base import db
from tests.engines.sittings import STAGE, Copied, on_postgresql, played_postgresql  # noqa: F401
from tests.scenes import Scene
from tests.services.test_deliberation import *  # noqa: F403
from tests.services.test_deliberation import SceneAt

pytestmark = pytest.mark.postgres


@pytest.fixture
def scene_at(on_postgresql: Copied) -> Iterator[SceneAt]:  # noqa: F811
    app = on_postgresql()

    def give(stage: str) -> Scene:
        assert stage == STAGE
        assert db.engine.dialect.name == "postgresql"
        return Scene(app)

    with app.app_context():
        yield give
        db.session.rollback()
