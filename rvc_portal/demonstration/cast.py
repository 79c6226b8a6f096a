"""Who plays: the accounts and seats of the 2015 round. Member cities are real; every person is invented."""

import csv
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy.orm import Session

from rvc_portal.demonstration import verdicts
from rvc_portal.demonstration.cities import CityFacts
from rvc_portal.demonstration.story import Player
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.vocabulary import Role, SeatKind
from rvc_portal.gateways import one_time_codes
from rvc_portal.models.account import Account
from rvc_portal.queries import accounts as people
from rvc_portal.queries import second_factor as query
from rvc_portal.services import accounts, second_factor
from rvc_portal.settings import DATA_FILES

FIELD = "literature"


@dataclass(frozen=True)
class Row:
    """One line of the round: a candidate with its real outcome, or a member that evaluated."""

    part: str
    city: str
    country: str
    outcome: str


@cache
def round_2015() -> tuple[Row, ...]:
    """The real round, as published: twelve candidates, eleven evaluating members."""
    with (DATA_FILES / "literature-round-2015.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Row(r["part"], r["city"], r["iso2"], r["outcome"]) for r in csv.DictReader(file))


@dataclass(frozen=True)
class Cast:
    """The people of a round: the Secretariat's officer, the Direction, the evaluators, the Steering Group."""

    officer: Account
    direction: Account
    members: tuple[Player, ...]
    experts: tuple[Player, ...]
    group: tuple[Player, ...]

    @property
    def evaluators(self) -> tuple[Player, ...]:
        return (*self.members, *self.experts)


SECRET = "DEMONSTRATIONSECRETXXXXX"  # noqa: S105
"""Of the second factors of demonstrations and tests, in base32: anybody can bring it into an app."""
OFFICER, DIRECTION = "secretariat@portal.example", "direction@portal.example"
_GROUP = {
    "Crafts and Folk Art": "crafts", "Design": "design", "Film": "film", "Gastronomy": "gastronomy",
    "Literature": "literature", "Media Arts": "media-arts", "Music": "music",
}  # fmt: skip


def assemble(session: Session, now: datetime, password: str | None = None) -> Cast:
    """Give everybody an account, a role or a seat; with a password, they can sign in. Needs an application context."""
    officer = _account(session, OFFICER, "Inès Lambert-Okafor", now, password)
    accounts.grant_role(session, officer, Role.SECRETARIAT, now=now)
    direction = _account(session, DIRECTION, "Mariana Castellanos-Weiß", now, password)
    accounts.grant_role(session, direction, Role.DIRECTION, now=now)
    return Cast(
        officer,
        direction,
        _members(session, now, password),
        _experts(session, now, password),
        _group(session, now, password),
    )


def enrol(session: Session, account: Account, key: str, now: datetime) -> None:
    """Give the person a second factor with the SECRET that everybody may know."""
    second_factor.begin(session, account, key=key, known=SECRET)
    waiting = query.of(session, account.id)
    assert waiting is not None
    assert waiting.pending is not None
    second_factor.enrol(session, account, one_time_codes.code(key, waiting.pending, now), key=key, now=now)


def lead_of(session: Session, city: CityFacts, now: datetime, password: str | None = None) -> Account:
    """The account of the city's own lead, made when it is first asked for."""
    address = f"lead@{city.slug}.example"
    found = people.by_email(session, address)
    name = f"Candidacy office of {city.name}" if city.language == "en" else f"Bureau de la candidature – {city.city}"
    return found or _account(session, address, name, now, password, city.language)


def nobody() -> Actor:
    """Who opens the call when no person does: the operator at the command line."""
    return Actor(account_id=None, name="operator")


def _account(
    session: Session, email: str, name: str, now: datetime, password: str | None, language: str = "en"
) -> Account:
    return accounts.create_account(session, email=email, name=name, now=now, language=language, password=password)


def _members(session: Session, now: datetime, password: str | None) -> tuple[Player, ...]:
    players = []
    for row in round_2015():
        if row.part != "evaluating member":
            continue
        slug = row.city.lower().replace(" ", "-").replace("ó", "o").replace("í", "i")
        account = _account(session, f"evaluator@{slug}.example", f"Focal point of {row.city}", now, password)
        seat = accounts.create_seat(
            session, kind=SeatKind.MEMBER, name=row.city, field=FIELD, country=row.country, city=row.city
        )
        accounts.give_seat(session, seat, account, now=now)
        players.append(Player(account, seat, "en"))
    return tuple(players)


def _experts(session: Session, now: datetime, password: str | None) -> tuple[Player, ...]:
    players = []
    for number, expert in enumerate(verdicts.experts(), start=1):
        name = f"{expert.first_name} {expert.family_name}"
        account = _account(session, f"expert{number}@portal.example", name, now, password, expert.language)
        seat = accounts.create_seat(session, kind=SeatKind.EXPERT, name=name, field=FIELD)
        accounts.give_seat(session, seat, account, now=now)
        players.append(Player(account, seat, expert.language))
    return tuple(players)


def _group(session: Session, now: datetime, password: str | None) -> tuple[Player, ...]:
    players = []
    for label, slug in _GROUP.items():
        account = _account(session, f"coordinator-{slug}@portal.example", f"Coordinator, {label}", now, password)
        seat = accounts.create_seat(session, kind=SeatKind.COORDINATOR, name=label, field=slug.replace("-", "_"))
        accounts.give_seat(session, seat, account, now=now)
        players.append(Player(account, seat, "en"))
    account = _account(session, "host@portal.example", "Annual meeting office of Östersund", now, password)
    seat = accounts.create_seat(session, kind=SeatKind.HOST, name="Östersund", country="SE", city="Östersund")
    accounts.give_seat(session, seat, account, now=now)
    return (*players, Player(account, seat, "en"))
