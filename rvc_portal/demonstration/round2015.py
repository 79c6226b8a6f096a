"""The 2015 Literature round, whole: fourteen files, of which one is withdrawn and one dismissed; nine designations."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from rvc_portal.demonstration.cast import Cast, lead_of, nobody, round_2015
from rvc_portal.demonstration.cities import CityFacts, cities
from rvc_portal.demonstration.story import Player, Story, free_seats
from rvc_portal.domain.call import CallDefinition
from rvc_portal.gateways import callfile
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment
from rvc_portal.models.steering import SteeringSession
from rvc_portal.services import calls
from rvc_portal.settings import DATA_FILES

CALL_FILE = DATA_FILES / "candidacy-2015.yaml"
RETURNED = WHOLE = "Ljubljana"
DESIGNATED = "designated"


def definition() -> CallDefinition:
    """The call of 2015, as its file says."""
    return callfile.load(CALL_FILE)


def play(story: Story, cast: Cast, password: str | None = None) -> Call:
    """Play the round from the call to the designation and return the call."""
    told = definition()
    day = _Calendar(told)
    call = calls.open_call(story.session, told, actor=nobody(), now=day("filing", 0), demonstration=True)
    story.commit()
    files = _file_all(story, call, day, password)
    story.do_jobs()
    admitted = _screen_all(story, files, cast, day, password)
    story.do_jobs()
    _evaluate_all(story, admitted, cast, day)
    story.do_jobs()
    sitting = _review_all(story, call, cast, day)
    _decide_all(story, call, admitted, cast, day, sitting)
    story.publish(call, cast.officer, day("publication", 0, 10))
    return call


def take_whole(story: Story, call: Call, cast: Cast) -> None:
    """Once all is published, the Secretariat and the city itself ask for the complete dossier of one city."""
    at = _Calendar(definition())("publication", 0, 11)
    dossier = story.session.scalars(
        sa.select(Dossier).where(Dossier.call_id == call.id, Dossier.lead_city == WHOLE)
    ).one()
    for account in (cast.officer, lead_of(story.session, story.cities[dossier.id], at)):
        story.take_whole(dossier, account, at)


class _Calendar:
    """Instants within the call's windows: so many days after one opened, at an hour of the call's zone."""

    def __init__(self, told: CallDefinition):
        self.told = told

    def __call__(self, window: str, days: float, hour: float = 9) -> datetime:
        opens = self.told.windows[window].opens_at.astimezone(ZoneInfo(self.told.timezone))
        midnight = opens.replace(hour=0, minute=0, second=0)
        return (midnight + timedelta(days=days, hours=hour)).astimezone(UTC)

    def before_close(self, window: str, minutes: float) -> datetime:
        return self.told.windows[window].closes_at - timedelta(minutes=minutes)


def designated(city: CityFacts) -> bool:
    """How the real round ended for the city."""
    return any(r.city == city.name and r.outcome == DESIGNATED for r in round_2015())


def _file_all(story: Story, call: Call, day: _Calendar, password: str | None) -> list[Dossier]:
    """Every city files, most of them in the last days, one with three minutes to go."""
    files = []
    for number, city in enumerate(cities().values()):
        chance = story.chance("filing", city.name)
        opened = day("filing", 10 + 4 * number, chance.uniform(8, 18)).replace(microsecond=0)
        minutes = 3 if number == 0 else chance.uniform(10, 60 * 24 * 12)
        filed = day.before_close("filing", minutes).replace(microsecond=0)
        lead = lead_of(story.session, city, opened, password)
        story.commit()
        files.append(story.file(call, city, lead, opened, filed))
    return files


def _screen_all(story: Story, files: list[Dossier], cast: Cast, day: _Calendar, password: str | None) -> list[Dossier]:
    """One file comes back corrected, one of the invented towns is dismissed, the other withdraws; twelve are admitted."""
    towns = [d for d in files if story.cities[d.id].invented]
    withdrawn, dismissed = towns
    story.dismiss(dismissed, cast.officer, day("screening", 6, 15))
    admitted = [d for d in files if d is not dismissed]
    for number, dossier in enumerate(admitted):
        if story.cities[dossier.id].name == RETURNED:
            lead = lead_of(story.session, story.cities[dossier.id], day("screening", 0), password)
            story.return_file(dossier, cast.officer, day("screening", 5, 11))
            story.do_jobs()
            story.correct(dossier, lead, day("screening", 14, 16))
        at = day("screening", 18 + number, 10.5)
        story.screen(dossier, cast.officer, at)
        story.admit(dossier, cast.officer, at + timedelta(minutes=15))
    lead = lead_of(story.session, story.cities[withdrawn.id], day("screening", 0), password)
    story.withdraw(withdrawn, lead, day("screening", 40, 14))
    return [d for d in admitted if d is not withdrawn]


def _evaluate_all(story: Story, admitted: list[Dossier], cast: Cast, day: _Calendar) -> None:
    """Every evaluator judges every file that no conflict keeps from them; then the files go to the Steering Group."""
    acts: list[tuple[datetime, Act]] = []
    for number, dossier in enumerate(admitted):
        free = free_seats(dossier, cast.evaluators)
        at = day("evaluation", 0.0, 10) + timedelta(minutes=4 * number)
        found = story.assign(dossier, [p.seat.id for p in free], cast.officer, at)
        by_seat = {p.seat.id: p for p in free}
        for assignment in found:
            acts += _evaluation(story, assignment, by_seat[assignment.seat_id], dossier, day)
    for _, act in sorted(
        acts, key=lambda timed: timed[0]
    ):  # a journal tells things in the order in which they happened
        act()
    for number, dossier in enumerate(admitted):
        story.refer(dossier, cast.officer, day("evaluation", 84, 9 + number / 4))


Act = Callable[[], None]


def _evaluation(
    story: Story, assignment: Assignment, player: Player, dossier: Dossier, day: _Calendar
) -> list[tuple[datetime, Act]]:
    """What one evaluator does about one file, each act with its instant."""
    city = story.cities[dossier.id]
    chance = story.chance("pace", city.name, player.seat.name)
    begun = day("evaluation", chance.randrange(3, 50), chance.uniform(8, 19)).replace(microsecond=0)
    closed = (begun + timedelta(days=chance.randrange(1, 25), hours=chance.uniform(0, 3))).replace(microsecond=0)
    scored = begun + timedelta(hours=2)
    return [
        (begun, partial(story.declare, assignment, player, begun)),
        (scored, partial(story.score, assignment, player, designated(city), scored)),
        (closed, partial(story.close, assignment, player, closed)),
    ]


def _review_all(story: Story, call: Call, cast: Cast, day: _Calendar) -> SteeringSession:
    """Every file comes before the group at one sitting, and is voted on by name."""
    opens = day("evaluation", 86, 9.5)
    chair = next(p for p in cast.group if p.seat.field == "literature")
    sitting = story.convene(call, "Steering Group, autumn 2015", "Paris", cast.officer, cast.group, chair, opens)
    for number, item in enumerate(story.agenda(sitting)):
        at = opens + timedelta(minutes=30 + 20 * number)
        story.feedback(item.dossier, chair, at - timedelta(minutes=5))
        story.put(sitting, item, cast.group, chair, designated(story.cities[item.dossier_id]), at)
        story.conclude(sitting, item, chair, at + timedelta(minutes=15))
    story.rise(call, cast.officer, opens + timedelta(hours=6))
    return sitting


def _decide_all(
    story: Story, call: Call, admitted: list[Dossier], cast: Cast, day: _Calendar, sitting: SteeringSession
) -> None:
    """The slate, the record of the sitting sealed meanwhile, and every decision."""
    story.put_forward(call, cast.officer, day("decision", 1, 12))
    story.seal(sitting, cast.group[0], cast.officer, day("decision", 4, 9))
    for number, dossier in enumerate(admitted):
        at = day("decision", 7, 10) + timedelta(minutes=5 * number)
        story.decide(dossier, cast.direction, designated(story.cities[dossier.id]), at)
