"""Where a file lies in the Network: its region and field among the members and the other files, as one person may see them."""

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import slate as rules
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.slate import Figures, File
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.seat import Member
from rvc_portal.queries import slate


@dataclass(frozen=True)
class Surroundings:
    """`members`, `files`: those of the dossier's field, the dossier itself apart. `figures`: of the whole call, its files
    counted as proposed where the opinion recommends them. `new_countries`: of the files, those without a member.
    `by_region`: how many members and other files of the field lie in each, by the region's key."""

    here: File
    members: tuple[Member, ...]
    files: tuple[File, ...]
    figures: Figures
    new_countries: tuple[str, ...]
    by_region: dict[str, tuple[int, int]]


def of(session: Session, actor: Actor, call: Call, dossier: Dossier) -> Surroundings:
    """The surroundings of a dossier whose results this person may see, made of such dossiers alone. Two queries."""
    seen = slate.under_examination(session, call, actor)
    here = next(file for file in seen if file.id == dossier.id)
    files = tuple(f for f in seen if f.field == dossier.field and f.id != dossier.id)
    everybody = session.scalars(sa.select(Member).order_by(Member.city, Member.country)).all()
    members = tuple(member for member in everybody if member.field == dossier.field)
    recommended = {id_ for id_, proposed in rules.proposed_by_opinion(seen).items() if proposed}
    today = [rules.Membership(m.country, m.region, m.field) for m in everybody]
    figures, applied = slate.balance(call, seen, recommended, today)
    of_members, of_files = Counter(m.region for m in members), Counter(f.region for f in files)
    regions = {row.key: (of_members[row.key], of_files[row.key]) for row in figures.regions}
    return Surroundings(here, members, files, figures, applied, regions)
