"""Whose a complete dossier is, asked one by one and of all documents at once, on PostgreSQL: the tests of tests/services."""

from collections.abc import Iterator

import pytest

from rvc_portal.models.base import db
from tests.engines.sittings import STAGE, Copied, on_postgresql, played_postgresql  # noqa: F401
from tests.scenes import Scene, SceneAt
from tests.services.test_complete_dossier import (  # noqa: F401
    test_it_goes_when_one_document_in_it_is_not_its_readers_any_more,
    test_who_is_kept_from_a_file_gets_none_of_it,
)

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
