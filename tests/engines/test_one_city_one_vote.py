"""Two persons of one city vote in the same instant, through the web, on both databases: one vote is counted. What the
databases keep beside the rows tells nobody who voted for whom."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.domain.vocabulary import SeatKind
from rvc_portal.models.ballot import Ballot, Candidate, Voter
from rvc_portal.models.base import db
from rvc_portal.models.seat import Member
from rvc_portal.queries import accounts as people
from rvc_portal.queries import ballots as query
from rvc_portal.services import accounts, ballots
from rvc_portal.settings import Settings
from tests.conftest import MakeApp
from tests.stories import Tale
from tests.web.browsing import START, Browser, Clock

PATIENCE_S = 60
PLACE = {"field": "literature", "region": "europe_north_america", "latitude": 50.0, "longitude": 8.0, "verified": True}


def test_two_hands_of_one_city_vote_once(either_database: Settings, make_app: MakeApp) -> None:
    app = make_app(either_database)
    app.config["CLOCK"] = Clock()
    with app.app_context():
        tale, session = Tale(app, START), db.session
        city = Member(city="Heidelberg", country="DE", year=2014, **PLACE)
        session.add(city)
        seat = accounts.create_seat(
            session(), kind=SeatKind.MEMBER, name="Heidelberg", field="literature", country="DE", city="Heidelberg"
        )
        people = [tale.lead(f"{n}@heidelberg.example", f"Person {n}") for n in range(4)]
        for person in people:
            accounts.give_seat(session(), seat, person, now=START - timedelta(days=1))
        ballot = Ballot(
            field="literature", kind="coordinator", opens_at=START - timedelta(days=1), tie_rule="lot",
            closes_at=START + timedelta(days=1), term_from_at=START + timedelta(days=2), announced_at=START,
            announced_by=people[0].id,
        )  # fmt: skip
        session.add(ballot)
        session.flush()
        session.add(Candidate(ballot_id=ballot.id, member_id=city.id, language="en"))
        ids, emails = (ballot.id, city.id), [p.email for p in people]
        session.commit()
        session.remove()

    browsers = [Browser(app.test_client()) for _ in emails]
    for browser, email in zip(browsers, emails, strict=True):
        browser.sign_in(email)
    tokens = [browser.token() for browser in browsers]
    together = threading.Barrier(len(browsers))

    def press(browser: Browser, token: str) -> int:
        together.wait(PATIENCE_S)
        sent = {"csrf_token": token, "member": str(ids[1]), "choice": str(ids[1])}
        return browser.client.post(f"/elections/{ids[0]}/vote", data=sent, buffered=True).status_code

    with ThreadPoolExecutor(len(browsers)) as pool:
        pressed = [pool.submit(press, *pair) for pair in zip(browsers, tokens, strict=True)]
        assert sorted(p.result(PATIENCE_S) for p in pressed) == [303, 409, 409, 409]
    with app.app_context():
        found = db.session.get_one(Ballot, ids[0])
        assert query.sums(db.session(), found) == ({ids[1]: 1}, 0)
        assert len(db.session.scalars(sa.select(Voter)).all()) == 1
        db.session.rollback()


def test_no_row_says_who_voted_for_whom(either_database: Settings, make_app: MakeApp) -> None:
    """PostgreSQL writes beside each row which transaction it is of, SQLite numbers rows as they come."""
    app = make_app(either_database)
    with app.app_context():
        tale, session = Tale(app, START), db.session()
        cities = [Member(city=f"City {n}", country="DE", year=2014, **PLACE) for n in range(3)]
        session.add_all(cities)
        officer, person = people.actor_of(session, tale.officer(), START), tale.lead("person@cities.example", "Person")
        for city in cities:
            seat = accounts.create_seat(
                session, kind=SeatKind.MEMBER, name=city.city, field="literature", country="DE", city=city.city
            )
            accounts.give_seat(session, seat, person, now=START - timedelta(days=1))
        ballot = Ballot(
            field="literature", kind="coordinator", opens_at=START - timedelta(days=1), tie_rule="lot",
            closes_at=START + timedelta(days=1), term_from_at=START + timedelta(days=2), announced_at=START,
            announced_by=person.id,
        )  # fmt: skip
        session.add(ballot)
        session.flush()
        session.add_all(Candidate(ballot_id=ballot.id, member_id=city.id, language="en") for city in cities[:2])
        session.commit()
        actor = people.actor_of(session, person, START)
        for voter, choice in zip(cities, (cities[0].id, cities[1].id, None), strict=True):
            ballots.vote(session, ballot, voter, choice, actor=actor, now=START)
            session.commit()
        ballots.count(session, ballot, actor=officer, now=ballot.closes_at)
        session.commit()
        if session.get_bind().dialect.name == "sqlite":
            with pytest.raises(sa.exc.OperationalError, match="no such column: rowid"):
                session.execute(sa.text("SELECT rowid FROM ballot_voter"))
        else:
            written = {
                table: set(session.scalars(sa.text(f"SELECT xmin::text FROM {table}")))
                for table in ("ballot_voter", "candidate", "ballot")
            }
            assert len(written["ballot_voter"]) == 3
            assert written["candidate"] == written["ballot"]
            assert not written["candidate"] & written["ballot_voter"]
        assert query.counted(session, ballot) == ({cities[0].id: 1, cities[1].id: 1}, 1)
        session.rollback()
