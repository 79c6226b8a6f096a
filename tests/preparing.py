"""A meeting to prepare: the Secretariat's officer, member cities with their focal points, a coordinator."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.agenda import Kind, Slot
from rvc_portal.domain.vocabulary import Role, SeatKind
from rvc_portal.models.account import Account
from rvc_portal.models.agenda import MeetingItem
from rvc_portal.models.meeting import Meeting
from rvc_portal.models.seat import Member
from rvc_portal.queries import accounts as people
from rvc_portal.services import accounts, agenda, mandates, preparation
from rvc_portal.services.agenda import Point
from rvc_portal.services.preparation import Terms

TOKYO = ZoneInfo("Asia/Tokyo")
FIRST, LAST, CLOSING = date(2026, 6, 10), date(2026, 6, 12), date(2026, 5, 1)
EDITION = 14
CITIES = (("Kanazawa", "JP", "crafts"), ("Norwich", "GB", "literature"), ("Aswan", "EG", "crafts"))
HOST, LITERATURE, OTHER = (city for city, _, _ in CITIES)


class Preparing:
    """The people and the cities, in one database; `at`: when all begins. Each focal point is `focal@<city>.example`."""

    def __init__(self, session: Session, at: datetime, password: str | None = None):
        self.session, self.at, self.password = session, at, password
        self.members = {city: self._member(city, country, field) for city, country, field in CITIES}
        officer = self.account("officer@network.example", "The officer")
        accounts.grant_role(session, officer, Role.SECRETARIAT, now=at)
        self.officer = self.actor(officer)

    def account(self, email: str, name: str) -> Account:
        return accounts.create_account(self.session, email=email, name=name, now=self.at, password=self.password)

    def actor(self, account: Account, at: datetime | None = None) -> Actor:
        return people.actor_of(self.session, account, at or self.at)

    def focal(self, city: str) -> Actor:
        """Who acts for the city."""
        account = people.by_email(self.session, f"focal@{city.lower()}.example")
        assert account is not None
        return self.actor(account)

    def terms(self, **more: object) -> Terms:
        told = {
            "edition": EDITION, "hosts": (self.members[HOST].id,), "starts_on": FIRST, "ends_on": LAST,
            "zone": "Asia/Tokyo", "delegates_until": CLOSING,
        }  # fmt: skip
        return Terms(**{**told, **more})  # type: ignore[arg-type]

    def meeting(self, **more: object) -> Meeting:
        return preparation.make(self.session, self.terms(**more), actor=self.officer, now=self.at)

    def add(self, meeting: Meeting, **more: object) -> MeetingItem:
        return agenda.add(self.session, meeting, point(**more), actor=self.officer, now=self.at)

    def coordinates(self, city: str, start: date = date(2026, 1, 1)) -> None:
        """Let the city hold the coordinator's seat of its field from the day on."""
        mandates.record(
            self.session, self.members[city], SeatKind.COORDINATOR, start, actor=self.officer, now=self.at
        )  # fmt: skip

    def _member(self, city: str, country: str, field: str) -> Member:
        region = {"JP": "asia_pacific", "GB": "europe_north_america", "EG": "arab_states"}[country]
        member = Member(city=city, country=country, field=field, year=2010, region=region, verified=True)
        self.session.add(member)
        self.session.flush()
        seat = accounts.create_seat(
            self.session, kind=SeatKind.MEMBER, name=city, field=field, country=country, city=city, member_id=member.id
        )
        focal = self.account(f"focal@{city.lower()}.example", f"Focal point of {city}")
        accounts.give_seat(self.session, seat, focal, now=self.at - timedelta(days=365))
        return member


def point(
    day: date = FIRST, starts: str = "09:00", ends: str = "10:00", hall: str = "Hall A", title: str = "Opening",
    kind: Kind = Kind.PLENARY, field: str | None = None,
) -> Point:  # fmt: skip
    slot = Slot(day, time.fromisoformat(starts), time.fromisoformat(ends), hall, title)
    return Point(slot, f"{title} (fr)", kind, field)
