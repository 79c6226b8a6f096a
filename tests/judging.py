"""Dossiers under judgement: evaluators, the Steering Group and the Direction, on top of what `tests.stories` tells."""

import shutil
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from rvc_portal import settings
from rvc_portal.app import create_app
from rvc_portal.demonstration import cast
from rvc_portal.demonstration.cities import CityFacts
from rvc_portal.demonstration.story import Player
from rvc_portal.domain.scoring import Given
from rvc_portal.domain.vocabulary import Role, SeatKind
from rvc_portal.gateways import one_time_codes
from rvc_portal.models.account import Account
from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment
from rvc_portal.models.job import Job
from rvc_portal.models.second_factor import SecondFactor
from rvc_portal.queries import accounts as people
from rvc_portal.queries import calls, second_factor
from rvc_portal.services import accounts, evaluation, steering
from tests.stories import Tale, town

MEMBERS = (
    ("Heidelberg", "DE"),
    ("Norwich", "GB"),
    ("Dublin", "IE"),
    ("Granada", "ES"),
    ("Prague", "CZ"),
    ("Lyon", "FR"),
)
REASON = "A sound plan with clear partners and money behind it."
QUORUM = 5


def database(
    migrated: Path, folder: pytest.TempPathFactory, now: datetime, tell: Callable[[Any], object],
    make: Callable[[Flask, datetime], "Judging"] | None = None,
) -> Path:  # fmt: skip
    """A database in which `tell` has happened, to be copied for each test of a module: told once, it saves seconds.
    `make`: what is told of, where a plain Judging will not do."""
    of = settings.read({"RVC_DATA": str(folder.mktemp("told"))})
    shutil.copy(migrated, of.data / "portal.db")
    app = create_app(of)
    app.extensions["security"].pwd_context.update(argon2__time_cost=1, argon2__memory_cost=8, argon2__parallelism=1)
    with app.app_context():
        tell((make or Judging)(app, now))
        db.session.remove()
        db.engine.dispose()
    return of.data / "portal.db"


class Judging(Tale):
    """A call with evaluators of literature: two experts, and six members of which Lyon shares a country with the towns."""

    def __init__(self, app: Flask, now: datetime, **terms: object):
        super().__init__(app, now, **terms)
        self._enrolled: set[UUID] = set()
        for dossier_id in self.story.session.scalars(sa.select(Dossier.id)):  # told before, and found in the database
            self.story.cities[dossier_id] = town()

    def told(self) -> UUID:
        """The dossier that stands in the database from the start."""
        return self.story.session.scalars(sa.select(Dossier.id).order_by(Dossier.reference).limit(1)).one()

    def evaluators(self) -> list[Player]:
        """The experts first, then the members; made when first asked for."""
        seats = [(SeatKind.EXPERT, f"Expert {n}", None, None) for n in (1, 2)]
        seats += [(SeatKind.MEMBER, city, country, city) for city, country in MEMBERS]
        return [self._player(kind, name, country, city) for kind, name, country, city in seats]

    def group(self, count: int = QUORUM) -> list[Player]:
        """Members of the Steering Group."""
        return [self._player(SeatKind.COORDINATOR, f"Coordinator {n}", None, None) for n in range(1, count + 1)]

    def direction(self) -> Account:
        """The Director-General, who has a second factor: the role needs one."""
        found = people.by_email(self.story.session, "direction@network.example")
        if found is None:
            found = self._person("direction@network.example", "Mariana Castellanos-Weiß", "en")
            accounts.grant_role(self.story.session, found, Role.DIRECTION, now=self.now - timedelta(days=90))
            self._enrol(found)
        return found

    def code(self, account: Account, at: datetime | None = None) -> str:
        """What the person's app shows next, `at` an instant where the clock goes on by itself; the second factor is set up
        under this application's key when first asked for: a database told before comes from another instance."""
        session, key = self.story.session, self.story.instance.settings.secret_key
        if account.id not in self._enrolled:
            self._enrol(account)
        session.expire_all()
        found = second_factor.of(session, account.id)
        assert found is not None
        assert found.secret is not None
        shown = one_time_codes.code(key, found.secret, at or self.now, found.last_number)
        session.rollback()
        return shown

    def _enrol(self, account: Account) -> None:
        session = self.story.session
        secret = one_time_codes.new_secret(self.story.instance.settings.secret_key, cast.SECRET)
        session.merge(
            SecondFactor(account_id=account.id, secret=secret, pending=None, last_number=None, enrolled_at=self.now)
        )
        self.story.commit()
        self._enrolled.add(account.id)

    def asked(self, dossier_id: UUID, players: Sequence[Player] | None = None) -> dict[str, UUID]:
        """Assign the players (all without a conflict, unless some are named); assignment ids by the seats' names."""
        chosen = players or [p for p in self.evaluators() if p.seat.name != "Lyon"]
        found = self.story.assign(
            self.dossier(dossier_id), [p.seat.id for p in chosen], self.officer(), self.now - timedelta(hours=19)
        )
        return {a.seat.name: a.id for a in found}

    def assignments(self, dossier_id: UUID) -> dict[str, UUID]:
        """The assignments that stand, by the seats' names."""
        query = sa.select(Assignment).where(Assignment.dossier_id == dossier_id, Assignment.ended_at.is_(None))
        return {a.seat.name: a.id for a in self.story.session.scalars(query)}

    def declared(self, assignment_id: UUID) -> Player:
        """Let the seat's holder declare to be free of conflicts."""
        assignment, player = self._of(assignment_id)
        self.story.declare(assignment, player, self.now - timedelta(hours=18))
        return player

    def scored(self, assignment_id: UUID, value: float = 7, reason: str = REASON) -> Player:
        """Declare, and score every criterion."""
        assignment, player = self._of(assignment_id)
        if assignment.declared_at is None:
            self.declared(assignment_id)
        at = self.now - timedelta(hours=17)
        told = calls.definition(self.call)
        evaluation.save_scores(
            self.story.session, assignment, {c.key: Given(value, reason) for c in told.rubric.criteria},
            actor=self.story.actor(player.account, at), now=at,
        )  # fmt: skip
        self.story.commit()
        return player

    def closed(self, assignment_id: UUID, value: float = 7, reason: str = REASON) -> Player:
        """Declare, score, close."""
        player = self.scored(assignment_id, value, reason)
        self.story.close(self._of(assignment_id)[0], player, self.now - timedelta(hours=16))
        return player

    def in_review(self, facts: CityFacts | None = None, lead: Account | None = None) -> UUID:
        """Enough sheets closed, and referred."""
        dossier_id = self.admitted(facts, lead)
        for assignment_id in self.asked(dossier_id).values():
            self.closed(assignment_id)
        self.story.refer(self.dossier(dossier_id), self.officer(), self.now - timedelta(hours=12))
        return dossier_id

    def sitting(self, present: int = QUORUM) -> list[Player]:
        """Open a sitting; so many members take their seats. Returns the whole group."""
        group = self.group()
        self.story.sit(self.call, "Autumn sitting", self.officer(), group[:present], self.now - timedelta(hours=11))
        return group

    def awaiting(self, facts: CityFacts | None = None, lead: Account | None = None) -> UUID:
        """With its opinion; a sitting is opened if there is none."""
        dossier_id = self.in_review(facts, lead)
        group = self.group()
        if not self._sits():
            self.sitting()
        self.story.advise(self.dossier(dossier_id), group[0], True, self.now - timedelta(hours=10))
        return dossier_id

    def on_slate(self, facts: CityFacts | None = None, lead: Account | None = None) -> UUID:
        dossier_id = self.awaiting(facts, lead)
        self.story.put_forward(self.call, self.officer(), self.now - timedelta(hours=9))
        return dossier_id

    def decided(self, designated: bool = True, facts: CityFacts | None = None, lead: Account | None = None) -> UUID:
        """With a decision held, its letters not rendered yet."""
        dossier_id = self.on_slate(facts, lead)
        self.story.decide(self.dossier(dossier_id), self.direction(), designated, self.now - timedelta(hours=8))
        return dossier_id

    def nothing_waits(self) -> None:
        """The worker has nothing to do; what was told is kept."""
        self.story.session.execute(sa.delete(Job))
        self.story.commit()

    def letters_stored(self) -> None:
        """As if the worker had rendered every document, without its half minute of work."""
        self.story.session.execute(
            sa.update(Document)
            .where(Document.content_sha256.is_(None))
            .values(content_sha256="0" * 64, pages=1, size=1000, rendered_at=self.now)
        )
        self.story.commit()

    def _sits(self) -> bool:
        return steering.current_session(self.story.session, self.call.id) is not None

    def _player(self, kind: SeatKind, name: str, country: str | None, city: str | None) -> Player:
        session, email = self.story.session, f"{name.lower().replace(' ', '-')}@network.example"
        found = people.by_email(session, email)
        if found is None:
            found = self._person(email, f"{name}, person", "en")
            field = "literature" if kind in (SeatKind.EXPERT, SeatKind.MEMBER) else None
            seat = accounts.create_seat(session, kind=kind, name=name, field=field, country=country, city=city)
            accounts.give_seat(session, seat, found, now=self.now - timedelta(days=90))
            self.story.commit()
        return Player(found, found.seats_held[0].seat, "en")

    def _of(self, assignment_id: UUID) -> tuple[Assignment, Player]:
        assignment = self.story.session.get_one(Assignment, assignment_id)
        player = next(p for p in self.evaluators() if p.seat.id == assignment.seat_id)
        return assignment, player
