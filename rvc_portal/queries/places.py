"""The places that a call gives to the files of one country, and who holds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.call import CallDefinition
from rvc_portal.models.dossier import Dossier, Filing

_LEFT = ("withdrawn", "lapsed", "dismissed")  # states that give a country's place back


@dataclass(frozen=True)
class Holder:
    """A file that holds a place: filed, and not left since."""

    dossier_id: UUID
    city: str
    country: str
    field: str | None


@dataclass(frozen=True)
class Places:
    """The places of one country. `limit`, `field_limit`: of the call, None without; `holders`: the files that hold one;
    `told`: whether anybody may know which these are."""

    country: str
    limit: int | None
    field_limit: int | None
    holders: Sequence[Holder]
    told: bool

    @property
    def full(self) -> bool:
        """Whether no further file of the country is taken at present."""
        return self.limit is not None and len(self.holders) >= self.limit

    def in_field(self, field: str | None) -> Sequence[Holder]:
        """Those in one creative field."""
        return [holder for holder in self.holders if holder.field == field]

    def field_full(self, field: str | None) -> bool:
        """Whether no further file of the country in this field is taken at present."""
        return self.field_limit is not None and bool(field) and len(self.in_field(field)) >= self.field_limit


def are_limited(told: CallDefinition) -> bool:
    """Whether the call limits the files of one country at all."""
    return told.country_limit is not None or told.field_limit is not None


def of_country(session: Session, call_id: UUID, told: CallDefinition, country: str, but: UUID | None = None) -> Places:
    """The places of one country; `but`: a file that does not count, being the one that asks. One query."""
    found = holders(session, call_id, country)
    return _places(told, country, [holder for holder in found if holder.dossier_id != but])


def taken(session: Session, call_id: UUID, told: CallDefinition) -> list[Places]:
    """The places of every country of which one is taken, in the order of their codes. One query."""
    by_country: dict[str, list[Holder]] = {}
    for holder in holders(session, call_id):
        by_country.setdefault(holder.country, []).append(holder)
    return [_places(told, country, found) for country, found in sorted(by_country.items())]


def holders(session: Session, call_id: UUID, country: str | None = None) -> list[Holder]:
    """The files of the call (of one country) that have been filed and not left since."""
    filed = sa.exists().where(Filing.dossier_id == Dossier.id)
    query = sa.select(Dossier.id, Dossier.lead_city, Dossier.lead_country, Dossier.field).where(
        Dossier.call_id == call_id, Dossier.lead_country.is_not(None), Dossier.state.not_in(_LEFT), filed
    )
    if country is not None:
        query = query.where(Dossier.lead_country == country)
    found = session.execute(query.order_by(Dossier.lead_city, Dossier.id))
    return [Holder(dossier_id, city, country or "", field) for dossier_id, city, country, field in found]


def _places(told: CallDefinition, country: str, found: Sequence[Holder]) -> Places:
    return Places(country, told.country_limit, told.field_limit, found, told.tell_holders)
