"""A worker killed in the middle of a publication leaves nothing of it; the next one does it whole, once. On both databases."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from rvc_portal import jobs
from rvc_portal.domain.vocabulary import JobKind, JobStatus
from rvc_portal.models.base import db
from rvc_portal.models.job import Job, Mail
from rvc_portal.models.seat import Member
from rvc_portal.services import publication
from rvc_portal.settings import Settings
from tests import scenes
from tests.engines.test_spine import OnEither, at_stage, shelf  # noqa: F401
from tests.scenes import DECLINED, DESIGNATED, SOON, Scene
from tests.servers import wait_for

HANGS = """
import sys, time
from datetime import datetime
from pathlib import Path
from rvc_portal import jobs
from rvc_portal.app import create_app
from rvc_portal.services import transitions

mark, at, told = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), []
whole = transitions.notifications.tell

def hangs_at_the_second(*args, **kwargs):
    told.append(1)
    if len(told) == 2:
        mark.touch()
        time.sleep(600)
    return whole(*args, **kwargs)

transitions.notifications.tell = hangs_at_the_second
app = create_app()
app.config["CLOCK"] = lambda: at
jobs.do_next(app)
"""


@pytest.mark.timeout(280)
def test_a_worker_killed_in_the_middle_has_published_nothing(
    at_stage: OnEither, either_database: Settings, tmp_path: Path,  # noqa: F811
) -> None:  # fmt: skip
    app = at_stage("decided")
    with app.app_context():
        scene = Scene(app)
        scene.pretend_rendered()
        db.session.execute(sa.update(Job).values(status=JobStatus.DONE))
        officer = scene.actor(scene.officer, scenes.DECIDED)
        publication.plan(scene.session, scene.call, due_at=scenes.PUBLISHED, actor=officer, now=scenes.DECIDED + SOON)
        scene.commit()
        before = len(scene.session.scalars(sa.select(Mail.id)).all())
    mark = tmp_path / "in the middle"
    environ = os.environ | {
        "RVC_DATA": str(either_database.data), "RVC_DATABASE_URL": either_database.database_url,
        "RVC_SECRET_KEY": either_database.secret_key,
    }  # fmt: skip
    command = [sys.executable, "-c", HANGS, str(mark), scenes.PUBLISHED.isoformat()]
    process = subprocess.Popen(command, env=environ, start_new_session=True)
    try:
        wait_for(lambda: mark.exists() or process.poll() is not None, 120)
        assert mark.exists()
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    with app.app_context():
        scene = Scene(app)
        wait_for(lambda: scene.session.rollback() or scene.call.status == "open")
        assert {d.state for d in scene.both()} == {"awaiting_decision"}
        assert len(scene.session.scalars(sa.select(Mail.id)).all()) == before
        assert scene.session.scalars(sa.select(Member)).all() == []
        assert scene.session.scalars(sa.select(Job.status).where(Job.kind == JobKind.PUBLISH)).one() == "running"
        scene.session.rollback()
    app.config["CLOCK"] = lambda: scenes.PUBLISHED + timedelta(hours=1)  # the lease of the dead ran out
    jobs.do_next(app)
    with app.app_context():
        scene = Scene(app)
        assert {d.lead_city: d.state for d in scene.both()} == {DESIGNATED: "designated", DECLINED: "declined"}
        told = Counter(m.to_address for m in scene.session.scalars(sa.select(Mail)) if m.created_at > scenes.PUBLISHED)
        assert set(told.values()) == {1}
        assert scene.session.scalars(sa.select(Member.city)).all() == [DESIGNATED]
        assert scene.session.scalars(sa.select(Job.status).where(Job.kind == JobKind.PUBLISH)).one() == "done"
