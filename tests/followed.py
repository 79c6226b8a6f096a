"""A sealed text whose follow-up the tests look at: twelve clauses of a meeting, the people around it, and what they do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain import agreed_text
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.following import Owner, State
from rvc_portal.domain.vocabulary import OwnerKind, Role, SeatKind
from rvc_portal.models.account import Account
from rvc_portal.models.clause import Clause
from rvc_portal.models.meeting import Meeting
from rvc_portal.models.seat import Member
from rvc_portal.queries import accounts as people
from rvc_portal.queries import conclusions as texts
from rvc_portal.queries import follow_up as query
from rvc_portal.services import accounts, clause_owners, conclusions, follow_up
from tests.web.browsing import PASSWORD

NOW = datetime(2015, 9, 1, 10, tzinfo=UTC)
OFFICE, GROUP, ALL = (Owner(kind) for kind in (OwnerKind.SECRETARIAT, OwnerKind.STEERING, OwnerKind.MEMBERS))


def text(clauses: int, parts: int = 2) -> str:
    """A text of so many clauses, the third with sub-clauses."""
    lines = ["What we agreed", "", "We agree:"]
    for number in range(1, clauses + 1):
        lines.append(f"{number}. Clause number {number} asks for something that takes a while.")
        if number == 3:
            lines += [f"{letter}) its part {letter};" for letter in "abcdefgh"[:parts]]
    return "\n".join(lines) + "\n"


@dataclass
class Followed:
    """The meeting of 2015 with a sealed text, somebody of the Secretariat, a coordinator, and the focal points of two cities."""

    session: Session
    officer: Account
    coordinator: Account
    kanazawa: Account
    dublin: Account
    cities: dict[str, Member]
    meeting: Meeting = field(init=False)

    def actor(self, account: Account, now: datetime = NOW) -> Actor:
        return people.actor_of(self.session, account, now)

    def clause(self, name: str) -> Clause:
        found = query.named(self.session, self.meeting, name)
        assert found is not None, name
        return found.clause

    def city(self, name: str) -> Owner:
        return Owner(OwnerKind.MEMBER, self.cities[name].id)

    def owned(self, name: str, *owners: Owner, due_on: date | None = None) -> Clause:
        clause, by = self.clause(name), self.actor(self.officer)
        clause_owners.set_owners(self.session, clause, owners, actor=by, now=NOW)
        clause_owners.set_due(self.session, clause, due_on, actor=by, now=NOW)
        return clause

    def at(self, name: str) -> query.Followed:
        found = query.named(self.session, self.meeting, name)
        assert found is not None, name
        return found

    def set(self, name: str, state: State, by: Account | None = None, seen: int | None = None) -> None:
        follow_up.set_state(
            self.session, self.clause(name), state, seen=self.at(name).number if seen is None else seen,
            actor=self.actor(by or self.officer), now=NOW,
        )  # fmt: skip

    def note(
        self, name: str, words: str = "Done.", evidence: Sequence[str] = (), *, public: bool = True, by: Account | None = None
    ) -> UUID:  # fmt: skip
        row = follow_up.write(
            self.session, self.clause(name), words, language="en", public=public, evidence=evidence,
            actor=self.actor(by or self.officer), now=NOW,
        )  # fmt: skip
        return row.id


def followed(session: Session, clauses: int = 4) -> Followed:
    """The meeting of 2015, sealed with so many clauses, and those who have a say."""
    place = {"region": "asia_pacific", "latitude": None, "longitude": None, "verified": True}
    cities = {
        "Kanazawa": Member(city="Kanazawa", country="JP", field="crafts", year=2009, **place),
        "Dublin": Member(city="Dublin", country="IE", field="literature", year=2010, **place),
    }
    session.add_all(cities.values())
    session.flush()
    made = Followed(
        session, _person(session, "officer"), _person(session, "coordinator"), _person(session, "kanazawa"),
        _person(session, "dublin"), cities,
    )  # fmt: skip
    accounts.grant_role(session, made.officer, Role.SECRETARIAT, now=NOW)
    _sits(session, made.coordinator, SeatKind.COORDINATOR, "Literature", field="literature")
    own = cities["Kanazawa"]
    _sits(
        session,
        made.kanazawa,
        SeatKind.MEMBER,
        "Kanazawa",
        field="crafts",
        city="Kanazawa",
        country="JP",
        member_id=own.id,
    )
    _sits(session, made.dublin, SeatKind.MEMBER, "Dublin", field="literature", city="Dublin", country="IE")
    made.meeting = agreed(session, made.actor(made.officer), clauses)
    return made


def agreed(session: Session, officer: Actor, clauses: int, edition: int = 9) -> Meeting:
    """A meeting whose text of so many clauses is sealed."""
    for language in ("en", "fr"):
        found = agreed_text.read(text(clauses))
        conclusions.take(session, found, edition=edition, language=language, actor=officer, now=NOW)
    conclusions.seal(session, edition=edition, actor=officer, now=NOW)
    meeting = texts.of_edition(session, edition)
    assert meeting is not None
    return meeting


def _person(session: Session, name: str) -> Account:
    return accounts.create_account(
        session, email=f"{name}@network.example", name=f"{name.title()} Person", now=NOW, password=PASSWORD
    )


def _sits(session: Session, account: Account, kind: SeatKind, name: str, **more: object) -> None:
    seat = accounts.create_seat(session, kind=kind, name=name, **more)  # type: ignore[arg-type]
    accounts.give_seat(session, seat, account, now=NOW)
