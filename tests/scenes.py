"""The 2015 round with two cities, brought to a stage through the services, for tests of the spine.

A stage is played once per run and kept as an SQLite file; each test that asks for it gets a copy. Nothing is rendered.
"""

import io
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

import pikepdf
import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image
from sqlalchemy.orm import Session

from rvc_portal import settings
from rvc_portal.app import create_app
from rvc_portal.demonstration import cast as casting
from rvc_portal.demonstration import round2015
from rvc_portal.demonstration.answers import answers_for
from rvc_portal.demonstration.cities import city
from rvc_portal.demonstration.story import Player, Story, free_seats
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.blindness import Names
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.vocabulary import EVALUATING_SEATS, Role
from rvc_portal.models.account import Account
from rvc_portal.models.base import db
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier, Membership
from rvc_portal.models.evaluation import Assignment
from rvc_portal.models.seat import Seat, SeatHolder
from rvc_portal.queries import accounts as people
from rvc_portal.queries import calls as call_query
from rvc_portal.queries import dossiers
from rvc_portal.services import accounts, calls, rendering, submission
from rvc_portal.services import pieces as taking_in
from rvc_portal.settings import Settings
from tests.stories import redefine

CITIES = ("Nottingham", "Antwerp")
"""The first is designated and shares its country with two evaluating members; the second is declined."""
DESIGNATED, DECLINED = CITIES
SEED = 7
SECOND_OFFICER = "second@portal.example"


def day(month: int, number: int, hour: int = 10) -> datetime:
    """An instant of 2015."""
    return datetime(2015, month, number, hour, tzinfo=UTC)


OPENED, WRITTEN, SIGNED, FILED = day(5, 1), day(5, 10), day(5, 20), day(6, 1)
CHECKED, ADMITTED, ASSIGNED, DECLARED, SCORED, CLOSED = (
    day(8, 1), day(8, 2), day(9, 5), day(9, 10), day(9, 12), day(9, 20),
)  # fmt: skip
REFERRED, SAT, ADVISED, SLATED, DECIDED, PUBLISHED = (
    day(11, 20), day(11, 25), day(11, 26), day(12, 1), day(12, 5), day(12, 11),
)  # fmt: skip


@cache
def told() -> CallDefinition:
    return round2015.definition()


@cache
def photo(number: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1200, 800), (40 * number % 256, 80, 120)).save(out, "JPEG", quality=20)
    return out.getvalue()


@cache
def letter(number: int) -> bytes:
    made, out = pikepdf.new(), io.BytesIO()
    made.add_blank_page(page_size=(595, 842 + number))
    made.save(out, deterministic_id=True)
    return out.getvalue()


class Scene:
    """One instance with the round in it, inside its application context."""

    def __init__(self, app: Flask):
        self.app = app
        self.story = Story(app, SEED, renders=False)
        self.story.cities = {
            d.id: city(d.lead_city) for d in self.session.scalars(sa.select(Dossier)) if d.lead_city in CITIES
        }

    # --- who and what ---

    @property
    def session(self) -> Session:
        return db.session()

    @property
    def call(self) -> Call:
        found = call_query.by_key(self.session, told().key)
        assert found is not None
        return found

    def redefine(self, **changes: object) -> None:
        """Let the call be as if it had opened with these parts of its definition."""
        redefine(self.call, **changes)
        self.session.flush()

    def dossier(self, name: str = DESIGNATED) -> Dossier:
        return self.session.scalars(sa.select(Dossier).where(Dossier.lead_city == name)).one()

    def both(self) -> list[Dossier]:
        return [self.dossier(name) for name in CITIES]

    def person(self, email: str) -> Account:
        found = people.by_email(self.session, email)
        assert found is not None, email
        return found

    @property
    def officer(self) -> Account:
        return self.person(casting.OFFICER)

    @property
    def second_officer(self) -> Account:
        return self.person(SECOND_OFFICER)

    @property
    def direction(self) -> Account:
        return self.person(casting.DIRECTION)

    def lead(self, name: str = DESIGNATED) -> Account:
        return self.person(f"lead@{city(name).slug}.example")

    def member(self, role: Role, name: str = DESIGNATED) -> Account:
        """An editor or a reader of the city's team."""
        return self.person(f"{role}@{city(name).slug}.example")

    def actor(self, account: Account, now: datetime = OPENED) -> Actor:
        return self.story.actor(account, now)

    def players(self, evaluating: bool = True) -> list[Player]:
        """Evaluators, or the members of the Steering Group."""
        kind = Seat.kind.in_(sorted(EVALUATING_SEATS))
        query = (
            sa.select(Account, Seat)
            .join(SeatHolder, SeatHolder.account_id == Account.id)
            .join(Seat, Seat.id == SeatHolder.seat_id)
            .where(kind if evaluating else sa.not_(kind))
            .order_by(Seat.kind, Seat.name)
        )
        return [Player(account, seat, account.language) for account, seat in self.session.execute(query)]

    def player(self, name: str) -> Player:
        """The one who acts for the seat with this name."""
        return next(p for p in [*self.players(), *self.players(False)] if p.seat.name == name)

    def chair(self) -> Player:
        return next(p for p in self.players(False) if p.seat.field == "literature")

    def judges(self, dossier: Dossier) -> list[Player]:
        """As few evaluators as the call asks for: two experts, five members; none with a conflict."""
        free = free_seats(dossier, self.players())
        return [p for p in free if p.seat.kind == "expert"][:2] + [p for p in free if p.seat.kind == "member"][:5]

    def assignments(self, dossier: Dossier) -> list[tuple[Assignment, Player]]:
        by_seat = {p.seat.id: p for p in self.players()}
        query = sa.select(Assignment).where(Assignment.dossier_id == dossier.id).order_by(Assignment.id)
        return [(a, by_seat[a.seat_id]) for a in self.session.scalars(query)]

    def documents(self, dossier: Dossier | None = None) -> Sequence[Document]:
        query = sa.select(Document).order_by(Document.issued_at, Document.kind, Document.id)
        return self.session.scalars(query if dossier is None else query.where(Document.dossier_id == dossier.id)).all()

    # --- acts ---

    def commit(self) -> None:
        self.session.commit()

    def join(self, name: str, role: Role) -> Account:
        """One person more in the city's team."""
        email = f"{role}@{city(name).slug}.example"
        account = accounts.create_account(self.session, email=email, name=f"{role} of {name}".title(), now=OPENED)
        self.session.add(
            Membership(dossier_id=self.dossier(name).id, account_id=account.id, role=role, since_at=OPENED)
        )
        self.commit()
        return account

    def write(self, dossier: Dossier, now: datetime = WRITTEN) -> None:
        """Every question and every piece, as the demonstration answers them but with smaller files."""
        facts, lead = city(dossier.lead_city), self.lead(dossier.lead_city)
        values = answers_for(told(), facts, self.story.chance("answers", facts.name), "literature")
        values["city_name"] = facts.name
        submission.save_answers(self.session, dossier, values, actor=self.actor(lead, now), now=now)
        for piece in told().pieces:
            for number in range(piece.count):
                content = photo(number) if piece.formats == ("jpeg",) else letter(number)
                taking_in.add(
                    self.session, self.story.instance.files, dossier, piece.key,
                    name=f"{piece.key}-{number}.{piece.formats[0]}", content=io.BytesIO(content),
                    actor=self.actor(lead, now), now=now,
                )  # fmt: skip
        self.commit()

    def pretend_rendered(self) -> None:
        """Note every document as stored, with a few bytes in the place of its PDF."""
        for document in self.documents():
            if not document.ready:
                content = f"%PDF-1.7 {document.kind} {document.id}".encode()
                stored = rendering.Stored(self.story.instance.files.put(content), 1, len(content), "none")
                rendering.record(self.session, document.id, stored, document.issued_at)
        self.commit()
        self.session.expire_all()


# --- the stages, in order: each is what is done to reach it from the one before ---


def _drafts(scene: Scene) -> None:
    casting.assemble(scene.session, told().filing.opens_at)
    second = accounts.create_account(scene.session, email=SECOND_OFFICER, name="Second Officer", now=OPENED)
    accounts.grant_role(scene.session, second, Role.SECRETARIAT, now=told().filing.opens_at)
    call = calls.open_call(
        scene.session, told(), actor=casting.nobody(), now=told().filing.opens_at, demonstration=True
    )
    for name in CITIES:
        scene.story.open_dossier(call, city(name), casting.lead_of(scene.session, city(name), OPENED), OPENED)
    scene.join(DESIGNATED, Role.EDITOR)
    scene.join(DESIGNATED, Role.READER)


def _written(scene: Scene) -> None:
    for dossier in scene.both():
        scene.write(dossier)


def _signed(scene: Scene) -> None:
    for dossier in scene.both():
        scene.story.sign_off(dossier, scene.lead(dossier.lead_city), SIGNED)


def _submitted(scene: Scene) -> None:
    for dossier in scene.both():
        scene.story.submit(dossier, scene.lead(dossier.lead_city), FILED)


def _checked(scene: Scene) -> None:
    for dossier in scene.both():
        scene.story.screen(dossier, scene.officer, CHECKED)


def _in_evaluation(scene: Scene) -> None:
    for dossier in scene.both():
        scene.story.admit(dossier, scene.officer, ADMITTED)


def _assigned(scene: Scene) -> None:
    for dossier in scene.both():
        scene.story.assign(dossier, [p.seat.id for p in scene.judges(dossier)], scene.officer, ASSIGNED)


def _declared(scene: Scene) -> None:
    for dossier in scene.both():
        for assignment, player in scene.assignments(dossier):
            scene.story.declare(assignment, player, DECLARED)


def _scored(scene: Scene) -> None:
    for dossier in scene.both():
        for assignment, player in scene.assignments(dossier):
            scene.story.score(assignment, player, dossier.lead_city == DESIGNATED, SCORED)


def _closed(scene: Scene) -> None:
    for dossier in scene.both():
        for assignment, player in scene.assignments(dossier):
            scene.story.close(assignment, player, CLOSED)


def _in_review(scene: Scene) -> None:
    for dossier in scene.both():
        scene.story.refer(dossier, scene.officer, REFERRED)


def _sitting(scene: Scene) -> None:
    scene.story.sit(scene.call, "Autumn sitting", scene.officer, scene.players(False), SAT)


def _awaiting(scene: Scene) -> None:
    for dossier in scene.both():
        scene.story.advise(dossier, scene.chair(), dossier.lead_city == DESIGNATED, ADVISED)


def _slate(scene: Scene) -> None:
    scene.story.put_forward(scene.call, scene.officer, SLATED)


def _decided(scene: Scene) -> None:
    for dossier in scene.both():
        scene.story.decide(dossier, scene.direction, dossier.lead_city == DESIGNATED, DECIDED)


def _published(scene: Scene) -> None:
    from rvc_portal.services import decision

    scene.pretend_rendered()
    decision.publish(scene.session, scene.call, actor=scene.actor(scene.officer), now=PUBLISHED)
    scene.commit()


STAGES: dict[str, Callable[[Scene], None]] = {
    "drafts": _drafts,
    "written": _written,
    "signed": _signed,
    "submitted": _submitted,
    "checked": _checked,
    "in_evaluation": _in_evaluation,
    "assigned": _assigned,
    "declared": _declared,
    "scored": _scored,
    "closed": _closed,
    "in_review": _in_review,
    "sitting": _sitting,
    "awaiting": _awaiting,
    "slate": _slate,
    "decided": _decided,
    "published": _published,
}


def play(scene: Scene, until: str, *, after: str | None = None) -> None:
    """Play the stages one by one, from the beginning or from the one that comes after `after`, up to `until`."""
    names = list(STAGES)
    first = names.index(after) + 1 if after else 0
    for name in names[first : names.index(until) + 1]:
        STAGES[name](scene)
        scene.commit()


class Shelf:
    """Databases by stage, each played when first asked for; the uploads of all of them in one store."""

    def __init__(self, migrated: Path, folder: Path):
        self.migrated, self.folder = migrated, folder
        self.kept: list[str] = []

    @property
    def storage_url(self) -> str:
        return f"file://{self.folder / 'files'}"

    def database(self, stage: str) -> Path:
        if stage not in self.kept:
            self._play(stage)
        return self.folder / f"{stage}.db"

    def _play(self, until: str) -> None:
        of = settings.read({"RVC_DATA": str(self.folder / "making"), "RVC_STORAGE_URL": self.storage_url})
        shutil.copy(self.database(self.kept[-1]) if self.kept else self.migrated, of.data / "portal.db")
        app = create_app(of)
        names = list(STAGES)
        with app.app_context():
            for name in names[len(self.kept) : names.index(until) + 1]:
                STAGES[name](Scene(app))
                db.session.commit()
                self._keep(of.data / "portal.db", name)
            db.session.remove()
            db.engine.dispose()
        shutil.rmtree(of.data)

    def _keep(self, source: Path, name: str) -> None:
        made, kept = sqlite3.connect(source), sqlite3.connect(self.folder / f"{name}.db")
        made.backup(kept)
        made.close()
        kept.close()
        self.kept.append(name)


@pytest.fixture(scope="session")
def shelf(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(migrated, tmp_path_factory.mktemp("scenes"))


SceneAt = Callable[[str], Scene]


@pytest.fixture
def scene_at(shelf: Shelf, tmp_path: Path, make_app: Callable[[Settings], Flask]) -> Iterator[SceneAt]:
    """Gives the scene at a stage (see STAGES), on an SQLite database of the test's own."""
    contexts = []

    def give(stage: str) -> Scene:
        of = settings.read({"RVC_DATA": str(tmp_path / stage), "RVC_STORAGE_URL": shelf.storage_url})
        shutil.copy(shelf.database(stage), of.data / "portal.db")
        app = make_app(of)
        contexts.append(app.app_context())
        contexts[-1].push()
        return Scene(app)

    yield give
    for context in reversed(contexts):
        db.session.rollback()
        context.pop()


SOON = timedelta(hours=1)


def ids(found: Sequence[Dossier]) -> set[UUID]:
    return {dossier.id for dossier in found}


def known(scene: Scene, account: Account, now: datetime = PUBLISHED) -> set[str]:
    """The cities of which the person can learn that they have filed."""
    from rvc_portal.queries.visibility import visible

    return set(scene.session.scalars(sa.select(Dossier.lead_city).where(visible(scene.actor(account, now)))))


def readable(scene: Scene, account: Account, dossier: Dossier, now: datetime = PUBLISHED) -> set[str]:
    """The kinds of the dossier's documents that the person may have, by the list; the download and the list of all documents
    agree."""
    from rvc_portal.queries import catalogue
    from rvc_portal.queries import documents as query

    actor = scene.actor(account, now)
    to = query.reader(scene.session, actor, dossier, dossiers.roles(scene.session, actor, dossier))
    listed = {
        s.document.id: s.document.kind for s in query.of_dossier(scene.session, dossier, to, Names(shown=True, say=str))
    }
    downloads = {d.id for d in scene.documents(dossier) if query.readable(scene.session, actor, d.id)}
    superseded = {d.id for d in scene.documents(dossier) if d.held and d.superseded_at}
    assert set(listed) == downloads - superseded
    everywhere = catalogue.everything(scene.session, catalogue.reach(scene.session, actor), catalogue.Filters())
    assert {line.document.id for line in everywhere if line.dossier_id == dossier.id} == set(listed)
    return set(listed.values())
