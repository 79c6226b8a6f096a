"""A meeting whose text is amended: a draft of three clauses in both languages, member cities with their focal points, and the
Secretariat that runs the floor. Told inside the caller's application context."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain import agreed_text
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.vocabulary import Role, SeatKind
from rvc_portal.models.account import Account
from rvc_portal.models.amendment import Amendment
from rvc_portal.models.base import new_id
from rvc_portal.models.clause import Clause
from rvc_portal.models.meeting import Delegate, Meeting
from rvc_portal.models.seat import Member
from rvc_portal.queries import accounts as people
from rvc_portal.queries import conclusions as query
from rvc_portal.services import accounts, amending, conclusions
from rvc_portal.services import floor as acts
from tests.web.browsing import PASSWORD

EDITION = 10
FRENCH = """Conclusions d’Östersund

Nous, les villes membres, convenons de ce qui suit.

1. Le réseau se réunit une fois par an.
2. Chaque ville présente un rapport tous les deux ans.
3. Le Secrétariat est chargé :
a) de tenir le registre ;
b) de publier les conclusions.
"""
ENGLISH = """Conclusions of Östersund

We, the member cities, agree on what follows.

1. The network meets once a year.
2. Each city reports every two years.
3. The Secretariat is to:
a) keep the register;
b) publish the conclusions.
"""
CITIES = ("Norwich", "Dublin", "Granada", "Lyon", "Prague", "Heidelberg", "Reykjavík")


@dataclass
class Assembly:
    """The meeting with who takes part in it; `cities` by name, the first `registered` of them have a delegate."""

    session: Session
    now: datetime
    meeting: Meeting
    officer: Account
    members: dict[str, Member] = field(default_factory=dict)
    persons: dict[str, Account] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """The city's focal point, or ("officer") the Secretariat."""
        account = self.officer if name == "officer" else self.persons[name]
        return people.actor_of(self.session, account, self.now)

    def piece(self, name: str) -> Clause:
        return dict(query.of(self.session, self.meeting).named())[name]

    def propose(self, city: str, piece: str, reason: str = "It is clearer.", **texts: str) -> Amendment:
        """Propose `en` or `fr`, or both."""
        clause = self.piece(piece)
        given = {code: texts.get(code, clause.text(code)) for code in ("en", "fr")}
        return amending.propose(
            self.session, self.meeting, clause.id, given, reason=reason, language="en", member_id=None,
            actor=self.actor(city), now=self.now,
        )  # fmt: skip

    def second(self, city: str, row: Amendment) -> None:
        amending.second(self.session, self.meeting, row.id, member_id=None, actor=self.actor(city), now=self.now)

    def begin(self, *present: str) -> None:
        """Open the floor; these cities are there."""
        acts.begin(self.session, self.meeting, actor=self.actor("officer"), now=self.now)
        for city in present:
            self.arrive(city)

    def arrive(self, city: str) -> None:
        acts.arrive(self.session, self.meeting, member_id=None, actor=self.actor(city), now=self.now)

    def leave(self, city: str) -> None:
        acts.leave(self.session, self.meeting, member_id=None, actor=self.actor(city), now=self.now)

    def take(self, piece: str, row: Amendment | None = None) -> None:
        """Go to the clause, and to an amendment on it."""
        officer = self.actor("officer")
        acts.take_clause(self.session, self.meeting, self.piece(piece).id, actor=officer)
        if row is not None:
            acts.take_amendment(self.session, self.meeting, row.id, actor=officer)

    def decide(self, row: Amendment, *, adopted: bool) -> None:
        acts.decide(
            self.session, self.meeting, row.id, adopted=adopted, actor=self.actor("officer"), now=self.now
        )  # fmt: skip

    def open_vote(self) -> None:
        acts.put_to_vote(self.session, self.meeting, actor=self.actor("officer"), now=self.now)

    def vote(self, city: str, choice: str) -> None:
        acts.cast(self.session, self.meeting, acts.Choice(choice), member_id=None, actor=self.actor(city), now=self.now)

    def close_vote(self) -> None:
        acts.close_vote(self.session, self.meeting, actor=self.actor("officer"), now=self.now)

    def adopt(self, piece: str) -> None:
        acts.adopt(
            self.session, self.meeting, self.piece(piece).id, actor=self.actor("officer"), now=self.now
        )  # fmt: skip


def draft(session: Session, actor: Actor, now: datetime, edition: int = EDITION) -> Meeting:
    """The text in both languages, not adopted yet."""
    for language, text in (("fr", FRENCH), ("en", ENGLISH)):
        taken = conclusions.take(
            session, agreed_text.read(text), edition=edition, language=language, actor=actor, now=now
        )
    for piece in query.of(session, taken.meeting).pieces():
        piece.adopted_at = None
    session.flush()
    return taken.meeting


def assemble(
    session: Session, now: datetime, cities: tuple[str, ...] = CITIES, registered: int | None = None
) -> Assembly:  # fmt: skip
    """The meeting, the Secretariat, and a focal point for each city; `registered`: how many have a delegate, all if None."""
    before = now - timedelta(days=30)
    officer = people.by_email(session, "officer@network.example") or _person(session, "officer@network.example", before)
    accounts.grant_role(session, officer, Role.SECRETARIAT, now=before)
    meeting = draft(session, people.actor_of(session, officer, now), before)
    found = Assembly(session, now, meeting, officer)
    for number, city in enumerate(cities):
        member = Member(
            id=new_id(), city=city, country="GB", field="literature", year=2012, region="europe_north_america",
            latitude=50.0, longitude=8.0, verified=True,
        )  # fmt: skip
        session.add(member)
        session.flush()
        found.members[city] = member
        found.persons[city] = _focal_point(session, member, before)
        if registered is None or number < registered:
            register(session, meeting, member.id, officer, before)
    session.flush()
    return found


def register(session: Session, meeting: Meeting, member_id: UUID, by: Account, at: datetime) -> None:
    """The city names a delegate."""
    session.add(Delegate(meeting_id=meeting.id, member_id=member_id, name="Ana Ruiz", named_at=at, named_by=by.id))
    session.flush()


def _focal_point(session: Session, member: Member, at: datetime) -> Account:
    account = _person(session, address(member.city), at)
    seat = accounts.create_seat(
        session, kind=SeatKind.MEMBER, name=member.city, field=member.field, country=member.country, city=member.city,
        member_id=member.id,
    )  # fmt: skip
    accounts.give_seat(session, seat, account, now=at)
    return account


def address(city: str) -> str:
    """Of its focal point."""
    return f"focal@{city.lower().replace('í', 'i')}.example"


def _person(session: Session, email: str, at: datetime) -> Account:
    return accounts.create_account(session, email=email, name=email.partition("@")[2], now=at, password=PASSWORD)
