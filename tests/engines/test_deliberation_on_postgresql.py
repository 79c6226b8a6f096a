"""What the services of a sitting promise, on PostgreSQL: the very tests of tests/services, on a database of the other engine."""

import pytest

from tests.engines.sittings import on_postgresql, played_postgresql, scene_on_postgresql  # noqa: F401
from tests.services.test_deliberation import *  # noqa: F403
from tests.services.test_deliberation import SceneAt

pytestmark = pytest.mark.postgres


@pytest.fixture
def scene_at(scene_on_postgresql: SceneAt) -> SceneAt:  # noqa: F811
    return scene_on_postgresql
