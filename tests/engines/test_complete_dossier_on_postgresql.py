"""Whose a complete dossier is, asked one by one and of all documents at once, on PostgreSQL: the tests of tests/services."""

import pytest

from tests.engines.sittings import on_postgresql, played_postgresql, scene_on_postgresql  # noqa: F401
from tests.scenes import SceneAt
from tests.services.test_complete_dossier import (  # noqa: F401
    test_it_goes_when_one_document_in_it_is_not_its_readers_any_more,
    test_who_is_kept_from_a_file_gets_none_of_it,
)

pytestmark = pytest.mark.postgres


@pytest.fixture
def scene_at(scene_on_postgresql: SceneAt) -> SceneAt:  # noqa: F811
    return scene_on_postgresql
