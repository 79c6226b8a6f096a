"""The demonstration's data: the finished 2015 round, the running call, and who can sign in to look at them."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from rvc_portal.demonstration import amendments, calendar, composition, drafting, follow_up, meeting, round2015, running
from rvc_portal.demonstration import cast as people
from rvc_portal.demonstration.cities import cities
from rvc_portal.demonstration.story import Story
from rvc_portal.domain.vocabulary import JobKind
from rvc_portal.models.base import db
from rvc_portal.models.job import Job
from rvc_portal.queries import calls
from rvc_portal.services import members, previews
from rvc_portal.settings import DATA_FILES

PASSWORD = "creative-cities"  # noqa: S105  the demonstration says it aloud
SEED = 2015
STEPS = 60
"""About how many documents are rendered before the demonstration can be looked at; the worker does the others."""

SignIns = list[tuple[str, str, str]]


def prepare(app: Flask, *, now: datetime, progress: Callable[[int, int], None]) -> SignIns:
    """Fill an empty instance; leave one that holds the round as it is. Return (role, address, password).

    An earlier start may have been cut off half way: its mark makes this one begin again.
    """
    mark = app.extensions["rvc"].settings.data / "demonstration.unfinished"
    with app.app_context():
        if mark.exists():
            _empty()
        if calls.by_key(db.session(), round2015.definition().key) is None:
            mark.touch()
            _fill(app, now.replace(microsecond=0), progress)
            mark.unlink()
        db.session.rollback()
        progress(1, 1)
    return sign_ins()


def _empty() -> None:
    for table in reversed(db.metadata.sorted_tables):
        db.session.execute(table.delete())
    db.session.commit()


def sign_ins() -> SignIns:
    """One way in for each role."""
    towns = {t.state: t.facts for t in reversed(running.towns())}
    addresses = [
        ("Secretariat", people.OFFICER),
        ("Director-General", people.DIRECTION),
        ("applicant city, draft", f"lead@{towns['draft'].slug}.example"),
        ("applicant city, returned", f"lead@{towns['returned'].slug}.example"),
        (
            "designated city, 2015",
            f"lead@{next(iter(c for c in cities().values() if round2015.designated(c))).slug}.example",
        ),
        ("evaluator, member city", "evaluator@iowa-city.example"),
        ("evaluator, expert", "expert1@portal.example"),
        ("Steering Group", "coordinator-literature@portal.example"),
    ]
    return [(role, address, PASSWORD) for role, address in addresses]


def _fill(app: Flask, now: datetime, progress: Callable[[int, int], None]) -> None:
    done = 0

    def on_job() -> None:
        nonlocal done
        done += 1
        progress(min(done, STEPS), STEPS)

    story = Story(app, SEED, on_job, renders=False)
    members.load(db.session(), (DATA_FILES / "members-2015.csv").read_bytes(), now)
    story.commit()
    cast = people.assemble(db.session(), round2015.definition().filing.opens_at, PASSWORD)
    round2015.play(story, cast, PASSWORD)
    running.play(story, cast, now, PASSWORD)
    for person in (cast.officer, cast.direction):
        people.enrol(story.session, person, app.extensions["rvc"].settings.secret_key, now)
    composition.play(story, cast, now)
    meeting.play(story, cast, now)
    calendar.play(story, cast, now)
    drafting.play(story, cast, now)
    amendments.play(story, cast, now)
    follow_up.play(story, cast, now)
    _set_back(story.session)
    story.commit()


def _set_back(session: Session) -> None:
    """What is left to the worker comes after everything that a visitor will ask for."""
    waiting = (Job.done_at.is_(None), Job.kind.in_([JobKind.RENDER, JobKind.PACK]))
    session.execute(sa.update(Job).where(*waiting).values(priority=previews.PRIORITY - 1))
