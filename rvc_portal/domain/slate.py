"""The slate as figures: what a proposal comes to against the membership, the files before it and the call's targets. Balance
warns; it forbids nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from uuid import UUID

from rvc_portal.domain.definition import Reader
from rvc_portal.domain.deliberation import MotionKind
from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.vocabulary import N_, OpinionOutcome


@dataclass(frozen=True)
class Target:
    """At least and at most so many; None: any number."""

    least: int | None = None
    most: int | None = None

    def __bool__(self) -> bool:
        return self.least is not None or self.most is not None


ANY = Target()


@dataclass(frozen=True)
class Targets:
    """What the slate of a call should come to. `per_country`: designations of one country; `first_time_countries`:
    countries without a member until now; regions and fields by their keys."""

    designations: Target = ANY
    per_country: Target = ANY
    first_time_countries: Target = ANY
    regions: Mapping[str, Target] = field(default_factory=dict)
    fields: Mapping[str, Target] = field(default_factory=dict)


NO_TARGETS = Targets()
ADVISED = frozenset({OpinionOutcome.FAVOURABLE, MotionKind.CONDITIONS})
"""Opinions that recommend a designation."""
DESIGNATIONS, FIRST_TIME = N_("Designations"), N_("Countries without a member until now")


@dataclass(frozen=True)
class File:
    """A file before the Direction. `opinion`: the Steering Group's as lists tell it, "" without one; `mean`: of its sheets."""

    id: UUID
    reference: str
    city: str
    country: str | None
    region: str | None
    field: str | None
    mean: float | None
    opinion: str


@dataclass(frozen=True)
class Membership:
    """A member city of the Network."""

    country: str
    region: str
    field: str


@dataclass(frozen=True)
class Move:
    """A file goes into the proposal or out of it, for a reason."""

    dossier_id: UUID
    proposed: bool
    reason: str


@dataclass(frozen=True)
class Row:
    """One region, or one field: members today, files before the Direction, files proposed."""

    key: str
    members: int
    files: int
    proposed: int
    target: Target = ANY

    @property
    def after(self) -> int:
        return self.members + self.proposed


@dataclass(frozen=True)
class Figures:
    """What a proposal comes to. `countries`: of the proposed cities; `first_time`: those of them without a member yet."""

    files: int
    proposed: int
    members: int
    countries: int
    first_time: tuple[str, ...]
    regions: tuple[Row, ...]
    fields: tuple[Row, ...]
    by_country: Mapping[str, int]


def proposed_by_opinion(files: Iterable[File]) -> dict[UUID, bool]:
    """Where a variant begins: as the Steering Group advised."""
    return {file.id: file.opinion in ADVISED for file in files}


def figures(
    files: Sequence[File], proposed: Set[UUID], members: Sequence[Membership], *, regions: Sequence[str],
    fields: Sequence[str], targets: Targets = NO_TARGETS,
) -> Figures:  # fmt: skip
    """What the proposal comes to; rows in the order of `regions` and `fields`."""
    chosen = [file for file in files if file.id in proposed]
    by_country = Counter(file.country for file in chosen if file.country)
    known = {member.country for member in members}
    return Figures(
        files=len(files),
        proposed=len(chosen),
        members=len(members),
        countries=len(by_country),
        first_time=tuple(sorted(by_country.keys() - known)),
        regions=_rows(regions, [m.region for m in members], [f.region for f in files], [f.region for f in chosen],
                      targets.regions),
        fields=_rows(fields, [m.field for m in members], [f.field for f in files], [f.field for f in chosen],
                     targets.fields),
        by_country=dict(sorted(by_country.items())),
    )  # fmt: skip


def warnings(found: Figures, targets: Targets) -> list[Refusal]:
    """Where the proposal misses a target of the call, and which regions go without. `what` is a message id, or the key of a
    country, a region or a field, to be named by who shows it."""
    told = [
        *_missed(DESIGNATIONS, found.proposed, targets.designations),
        *_missed(FIRST_TIME, len(found.first_time), targets.first_time_countries),
    ]
    for country, count in found.by_country.items():
        told += _missed(country, count, targets.per_country)
    for row in found.regions:
        told += _missed(row.key, row.proposed, row.target)
        if row.files and not row.proposed and not row.target.least:
            told.append(Refusal(N_("%(what)s: none of %(files)s is proposed"), {"what": row.key, "files": row.files}))
    for row in found.fields:
        told += _missed(row.key, row.proposed, row.target)
    return told


def cut_by_rank(files: Sequence[File], places: int) -> list[bool]:
    """Whether each file is among the first `places` by its mean; equal means stand or fall together."""
    means = sorted((file.mean for file in files if file.mean is not None), reverse=True)
    if not means or places < 1:
        return [False] * len(files)
    return cut_by_mean(files, means[min(places, len(means)) - 1])


def cut_by_mean(files: Sequence[File], least: float) -> list[bool]:
    """Whether each file has a mean of at least so much."""
    return [file.mean is not None and file.mean >= least for file in files]


def read_targets(place: Reader, fields: tuple[str, ...], regions: tuple[str, ...]) -> Targets:
    """The targets written at `place`; none where nothing is."""
    if place.data is None:
        return NO_TARGETS
    place.only("designations", "per_country", "first_time_countries", "regions", "fields")
    return Targets(
        designations=_target(place.at("designations")),
        per_country=_target(place.at("per_country")),
        first_time_countries=_target(place.at("first_time_countries")),
        regions=_by_key(place.at("regions"), regions),
        fields=_by_key(place.at("fields"), fields),
    )


def _by_key(place: Reader, known: tuple[str, ...]) -> dict[str, Target]:
    if place.data is None:
        return {}
    place.only(*known)
    found = {key: _target(place.at(key)) for key in known}
    return {key: target for key, target in found.items() if target}


def _target(place: Reader) -> Target:
    if place.data is None:
        return ANY
    place.only("least", "most")
    return Target(place.limit("least", minimum=0), place.limit("most", minimum=0))


def _rows(
    keys: Sequence[str], members: Iterable[str | None], files: Iterable[str | None], chosen: Iterable[str | None],
    targets: Mapping[str, Target],
) -> tuple[Row, ...]:  # fmt: skip
    of_members, of_files, of_chosen = Counter(members), Counter(files), Counter(chosen)
    return tuple(Row(key, of_members[key], of_files[key], of_chosen[key], targets.get(key, ANY)) for key in keys)


def _missed(what: str, have: int, target: Target) -> Iterator[Refusal]:
    told = {"what": what, "have": have}
    if target.least is not None and have < target.least:
        yield Refusal(N_("%(what)s: %(have)s; wanted are at least %(least)s"), {**told, "least": target.least})
    if target.most is not None and have > target.most:
        yield Refusal(N_("%(what)s: %(have)s; wanted are at most %(most)s"), {**told, "most": target.most})
